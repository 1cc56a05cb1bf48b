//! Rewrites wiki links, `[[Page]]`, `[[Page|text]]`, `[[Page#Heading]]`, and pictures, `![[a.png]]`.
//!
//! Each becomes a link or picture of Markdown whose address has a mark, so that the writer knows that
//! it is the name of a page. A name has no square brackets and stands on one line.

use std::ops::Range;

use memchr::memmem;

use super::edits::SourceEdits;
use super::marks::BEGIN;
use super::survey::SourceSurvey;

/// A longer link, in bytes, is text.
const MAX_LENGTH: usize = 400;

/// The endings of pictures.
const PICTURES: [&str; 8] = ["avif", "bmp", "gif", "jpeg", "jpg", "png", "svg", "webp"];

/// Turns wiki links into links of Markdown.
pub(super) fn rewrite_wiki_links(source: &str, survey: &SourceSurvey, edits: &mut SourceEdits) {
    let mut done = 0;
    for at in memmem::find_iter(source.as_bytes(), "[[") {
        if at < done || survey.is_code(at) || survey.is_link(at) || survey.is_link(at + 1) {
            continue;
        }
        let Some(link) = read_wiki_link(source, at) else {
            continue;
        };
        done = link.range.end;
        let Range { start, end } = link.range.clone();
        edits.replace(start..end, link.to_markdown());
    }
}

/// Returns whether the rewritten source of a link or picture is that of a wiki link.
pub(crate) fn is_wiki_link(source: &str) -> bool {
    let opening = format!("](<{BEGIN}{BEGIN}");
    memmem::rfind(source.as_bytes(), opening.as_bytes()).is_some()
}

struct WikiLink<'s> {
    range: Range<usize>,
    /// The page, and perhaps a heading behind `#`.
    target: &'s str,
    text: Option<&'s str>,
    is_embedded: bool,
}

fn read_wiki_link(source: &str, at: usize) -> Option<WikiLink<'_>> {
    let inside = &source[at + 2..];
    let length = memchr::memchr3(
        b'[',
        b']',
        b'\n',
        &inside.as_bytes()[..inside.len().min(MAX_LENGTH)],
    )?;
    let after = inside[length..].strip_prefix("]]")?;
    // A link of Markdown whose text is in brackets, or the definition of one.
    if after.starts_with(['(', '[', ':', ']']) {
        return None;
    }
    let before = &source[..at];
    let is_escaped = before.len() - before.trim_end_matches('\\').len();
    if is_escaped % 2 == 1 {
        return None;
    }
    let inside = &inside[..length];
    let (target, text) = match inside.split_once('|') {
        // In a table the bar has a backslash.
        Some((target, text)) => (target.strip_suffix('\\').unwrap_or(target), Some(text)),
        None => (inside, None),
    };
    // `[[ -f file ]]` is a test of a shell.
    if target.starts_with(char::is_whitespace) || target.trim().is_empty() {
        return None;
    }
    let is_embedded = before.ends_with('!') && !before.ends_with("\\!");
    Some(WikiLink {
        range: at - usize::from(is_embedded)..at + 2 + length + 2,
        target: target.trim(),
        text: text.map(str::trim).filter(|text| !text.is_empty()),
        is_embedded,
    })
}

impl WikiLink<'_> {
    fn to_markdown(&self) -> String {
        let ending = self
            .target
            .rsplit_once('.')
            .map(|(_, ending)| ending.to_ascii_lowercase());
        let is_picture = self.is_embedded && ending.is_some_and(|own| PICTURES.contains(&&*own));
        let address = escape_signs(self.target, &['<', '>', '\\', '&']);
        if is_picture {
            // A number is the width, which the picture itself has.
            let is_size = |text: &&str| {
                text.bytes()
                    .all(|byte| byte.is_ascii_digit() || byte == b'x')
            };
            let name = self.target.rsplit('/').next().unwrap_or_default();
            let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
            let alt = self.text.filter(|text| !is_size(text)).unwrap_or(stem);
            return format!("![{}](<{BEGIN}{BEGIN}{address}>)", escape_text(alt));
        }
        let text = match self.text {
            Some(text) => text.to_owned(),
            None => escape_text(&show_heading(self.target)),
        };
        format!("[{text}](<{BEGIN}{BEGIN}{address}>)")
    }
}

/// Returns the text of a link without one: `Page > Heading`. In `C# for All` the sign is a letter.
fn show_heading(target: &str) -> String {
    let target = target.strip_prefix('#').unwrap_or(target);
    let mut pieces = target.split('#');
    let mut shown = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let is_heading = piece.starts_with(|c: char| !c.is_whitespace());
        shown.push_str(if is_heading { " > " } else { "#" });
        shown.push_str(piece);
    }
    shown
}

fn escape_text(text: &str) -> String {
    escape_signs(
        text,
        &[
            '\\', '*', '_', '`', '~', '<', '>', '&', '!', '$', '=', ':', '^',
        ],
    )
}

fn escape_signs(text: &str, signs: &[char]) -> String {
    let mut out = String::with_capacity(text.len() + 4);
    for c in text.chars() {
        if signs.contains(&c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::survey::survey_source;
    use super::*;

    #[test]
    fn wiki_links_become_links_with_a_mark() {
        for (source, expected) in [
            ("a [[B c]] d", "a [B c](<^B c>) d"),
            ("[[B|c *d*]]", "[c *d*](<^B>)"),
            ("|a|\n|-|\n|[[B\\|c]]|", "|a|\n|-|\n|[c](<^B>)|"),
            ("[[B#C]] [[#D]]", "[B \\> C](<^B#C>) [D](<^#D>)"),
            (
                "![[a b.png]] ![[c.PNG|300]]",
                "![a b](<^a b.png>) ![c](<^c.PNG>)",
            ),
            ("![[Note]]", "[Note](<^Note>)"),
            ("[[C# d]]", "[C# d](<^C# d>)"),
            ("[[a_b]]", "[a\\_b](<^a_b>)"),
            ("[[a]](b) `[[c]]` \\[[d]]", "[[a]](b) `[[c]]` \\[[d]]"),
            ("[[a]]\n\n[a]: b", "[[a]]\n\n[a]: b"),
            ("[b [[c]] d](e)", "[b [[c]] d](e)"),
            ("[[ -f x ]] [[]] [[a]", "[[ -f x ]] [[]] [[a]"),
        ] {
            let mut edits = SourceEdits::default();
            rewrite_wiki_links(source, &survey_source(source), &mut edits);
            let rewritten = edits.apply_to(source.into());
            assert_eq!(rewritten.replace("\u{5}\u{5}", "^"), expected);
        }
    }
}
