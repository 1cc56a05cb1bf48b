//! R9.4: a shortcode of Hugo, or Liquid of Jekyll.
//!
//! pressrun runs no shortcodes, so readers would see them. Code is exempt, because an article about
//! such a program shows them there.

use std::ops::Range;

use super::field::TextMatch;
use super::placeholder_text::skip_to_closing;
use super::setting::{LintBody, TextSetting};
use crate::diagnostic::{Code, Finding};
use crate::post::Post;

/// The maximum number of characters in a shortcode. It keeps an opening mark from starting a search
/// to the end of a long text.
const MOST: usize = 1_000;

/// Reports the first shortcode of the body.
pub(super) fn check_shortcode<'p>(post: &'p Post, body: &LintBody<'p>) -> Option<Finding> {
    let places = find_shortcodes(body.text);
    let found = TextMatch::in_body(post, body, places, |setting| setting != TextSetting::Code)?;
    let fault = "is a shortcode, which pressrun does not run";
    let finding = found.into_finding(Code::Shortcode, fault);
    Some(finding.with_help("replace it with Markdown or HTML; put an example into backticks"))
}

/// Marks that begin a shortcode, and those that end it.
const MARKS: [(&str, &str); 4] = [("{{<", ">}}"), ("{{%", "%}}"), ("{%", "%}"), ("{{", "}}")];

/// Returns the shortcodes of `text`, in order.
fn find_shortcodes(text: &str) -> Vec<Range<usize>> {
    let mut places: Vec<Range<usize>> = Vec::new();
    let mut closings = MARKS.map(|(_, close)| ClosingMarks { close, next: 0..0 });
    for at in memchr::memchr_iter(b'{', text.as_bytes()) {
        if places.last().is_some_and(|last| last.end > at) {
            continue;
        }
        let rest = &text[at..];
        let Some(kind) = MARKS.iter().position(|(open, _)| rest.starts_with(open)) else {
            continue;
        };
        // Most openings of a hostile text have no end, and looking for each would take long.
        if !closings[kind].is_near(text, at) {
            continue;
        }
        if let Some(length) = measure_shortcode(rest, MARKS[kind]) {
            places.push(at..at + length);
        }
    }
    places
}

/// The places of one closing mark, found once each.
struct ClosingMarks {
    close: &'static str,
    /// The range from where the search began to the mark that it found, or to the end of the text.
    next: Range<usize>,
}

impl ClosingMarks {
    /// Returns whether the next mark after `at` may be near enough to end a shortcode. `at` must not
    /// decrease from call to call.
    fn is_near(&mut self, text: &str, at: usize) -> bool {
        if !self.next.contains(&at) {
            let found = memchr::memmem::find(&text.as_bytes()[at..], self.close.as_bytes());
            self.next = at..found.map_or(usize::MAX, |found| at + found);
        }
        // A character has at most four bytes, and an opening mark three.
        self.next.end - at <= MOST * 4 + 3
    }
}

/// Returns the length in bytes of a shortcode at the start of `text`, which has the first of the
/// marks there.
fn measure_shortcode(text: &str, (open, close): (&str, &str)) -> Option<usize> {
    let inner = &text[open.len()..];
    if inner.starts_with('{') {
        return None; // Of three or more braces, the last two begin it.
    }
    let rest = skip_to_closing(inner, close, MOST)?;
    let said = &inner[..inner.len() - rest.len() - close.len()];
    let is_shortcode = !said.trim().is_empty() && (open != "{{" || is_shortcode_in_braces(said));
    is_shortcode.then(|| text.len() - rest.len())
}

/// Returns whether the text between `{{` and `}}` is no placeholder: its first word has a dot in it,
/// or is followed by `|`, or it is a shortcode of Hugo.
pub(super) fn is_shortcode_in_braces(said: &str) -> bool {
    if (said.starts_with('<') && said.ends_with('>'))
        || (said.starts_with('%') && said.ends_with('%'))
    {
        return true;
    }
    // `{{-` is `{{` that removes the white space before it.
    let said = said.strip_prefix('-').unwrap_or(said).trim_start();
    let end = said
        .find(|c: char| c.is_whitespace() || c == '|')
        .unwrap_or(said.len());
    let (word, rest) = said.split_at(end);
    word.contains('.') || rest.trim_start().starts_with('|')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::tests::check_places;

    #[track_caller]
    fn check_text(text: &str, expected: &[&str]) {
        check_places(text, find_shortcodes(text), expected);
    }

    #[test]
    fn shortcodes_and_liquid_are_found() {
        for text in [
            "{{< figure src=\"a.png\" >}}",
            "{{% notice %}}",
            "{% include a.html %}",
            "{%- if a -%}",
            "{{ site.url }}",
            "{{- site.url -}}",
            "{{.Title}}",
            "{{ name | upcase }}",
            "{{name|upcase}}",
        ] {
            check_text(&format!("a {text} b"), &[text]);
        }
    }

    #[test]
    fn other_braces_are_not_attributes() {
        for text in [
            "{{ name }}",
            "{{ your name. }}",
            "{{< a",
            "{% b",
            "{a}",
            "{{}}",
            "{{%%}}",
            "{% %}",
        ] {
            check_text(text, &[]);
        }
    }

    #[test]
    fn code_is_exempt_and_quotes_are_not() {
        let check_body = |body: &str, expected: bool| {
            let post = Post {
                body: body.to_owned(),
                ..Post::default()
            };
            let found = check_shortcode(&post, &LintBody::new(&post.body));
            assert_eq!(found.is_some(), expected, "{body}");
        };
        check_body("`{{< a >}}`\n\n```\n{% b %}\n```", false);
        check_body("> {{< a >}}", true);
    }
}
