//! Finds the attribute lists of Kramdown that are alone on a line, and the list that one of them
//! replaces by a table of contents.

use std::ops::Range;

use super::fence::{find_item_text, strip_quote_marks};

/// An attribute list alone on its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributeLine {
    /// Its place in the text.
    pub list: Range<usize>,
    /// The place of the line above it, if that is a list of one item that stands for a table of
    /// contents: `* TOC` above `{:toc}`.
    pub replaced: Option<Range<usize>>,
}

/// Finds the attribute lists in a text. Some of them may be code.
pub fn find_attribute_lines(text: &str) -> Vec<AttributeLine> {
    let mut found = Vec::new();
    if !text.contains("{:") {
        return found;
    }
    let mut at = 0;
    // The last two lines, the nearer one last.
    let mut before = [(0, ""), (0, "")];
    for line in text.split('\n') {
        let (_, inside) = strip_quote_marks(line);
        if let Some(is_toc) = parse_attribute_list(inside) {
            let end = at + line.len();
            let [(_, earlier), (above_at, above)] = before;
            // The items of a longer list are text of the article.
            let is_replaced =
                is_toc && earlier.trim().is_empty() && find_item_text(above).is_some();
            found.push(AttributeLine {
                list: end - inside.trim_start().len()..end,
                replaced: is_replaced.then(|| above_at..above_at + above.len()),
            });
        }
        before = [before[1], (at, line)];
        at += line.len() + 1;
    }
    found
}

/// Returns a text that contains no code without its attribute lists.
pub fn remove_attribute_lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for line in find_attribute_lines(text) {
        let start = line
            .replaced
            .map_or(line.list.start, |replaced| replaced.start);
        out.push_str(&text[done..start.max(done)]);
        done = line.list.end;
    }
    out.push_str(&text[done..]);
    out
}

/// Reads a line that is nothing but an attribute list: `{:toc}`, `{: .class #id key="value"}`.
///
/// Returns whether it stands for a table of contents.
fn parse_attribute_list(line: &str) -> Option<bool> {
    let line = line.trim();
    let mut rest = line.strip_prefix("{:")?.strip_suffix('}')?;
    // The definition of a list of attributes has its name first: `{:name: .class}`.
    let name = measure_word(rest);
    if name > 0 && rest[name..].starts_with(':') {
        rest = &rest[name + 1..];
    }
    let mut is_toc = false;
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return Some(is_toc);
        }
        let attribute = measure_attribute(rest)?;
        is_toc |= &rest[..attribute] == "toc";
        rest = &rest[attribute..];
        if !rest.is_empty() && !rest.starts_with(char::is_whitespace) {
            return None;
        }
    }
}

/// Returns the length of the attribute at the start of a text: `.class`, `#id`, `name`, or `key=`
/// with a value in quotes or without.
fn measure_attribute(text: &str) -> Option<usize> {
    if text.starts_with(['.', '#']) {
        let end = text.find(char::is_whitespace).unwrap_or(text.len());
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '.' | '#' | '-' | '_' | ':');
        return (end > 1 && text[..end].chars().all(is_part)).then_some(end);
    }
    let name = measure_word(text);
    if name == 0 {
        return None;
    }
    let Some(value) = text[name..].strip_prefix('=') else {
        return Some(name);
    };
    let length = match value.chars().next() {
        Some(quote @ ('"' | '\'')) => value[1..].find(quote)? + 2,
        _ => value.find(char::is_whitespace).unwrap_or(value.len()),
    };
    Some(name + 1 + length)
}

fn measure_word(text: &str) -> usize {
    if !text.starts_with(|c: char| c.is_alphabetic() || c == '_') {
        return 0;
    }
    text.find(|c: char| !c.is_alphanumeric() && !matches!(c, '-' | '_'))
        .unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attribute_lists_are_known_by_their_form() {
        for (line, is_list) in [
            ("{:toc}", true),
            ("{: .class #id}", true),
            ("{:.notice--info}", true),
            ("{: target=\"_blank\" rel='a b' width=5}", true),
            ("{:name: .class}", true),
            ("{: toc .x }", true),
            ("{:}", true),
            ("{::comment}", false),
            ("{:ok, value}", false),
            ("{: \"a\"}", false),
            ("{: a=\"b}", false),
            ("a {: .x}", false),
        ] {
            assert_eq!(parse_attribute_list(line).is_some(), is_list, "{line}");
        }
    }

    #[test]
    fn list_above_the_table_of_contents_goes_with_it() {
        for (text, expected) in [
            ("* TOC\n{:toc}\n\na\n{: .b}\nc", "\n\na\n\nc"),
            ("- a\n- b\n{:toc}", "- a\n- b\n"),
            ("> a\n> {:.b}", "> a\n> "),
            ("a {: .b} c", "a {: .b} c"),
        ] {
            assert_eq!(remove_attribute_lines(text), expected, "{text}");
        }
    }
}
