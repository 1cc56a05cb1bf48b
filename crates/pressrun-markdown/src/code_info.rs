//! Reads the info string of a code block: `rust title="src/main.rs" {1,3-5} linenos`.
//!
//! Generators of sites write these settings in many ways. What is not known means nothing.

use std::ops::RangeInclusive;

use super::escape::replace_unfit;
use super::highlight::parse_language_name;

/// A longer info string, in bytes, is only read for its language.
const MAX_LENGTH: usize = 1000;

/// What the info string of a code block says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct CodeInfo {
    /// The language in lower case; empty if there is none.
    pub(super) language: String,
    pub(super) title: Option<String>,
    /// The number of the first line, if lines have numbers.
    pub(super) first_number: Option<u32>,
    /// The lines that are marked, counted from 1.
    marked: Vec<RangeInclusive<u32>>,
}

impl CodeInfo {
    pub(super) fn parse(info: &str) -> Self {
        let mut code = Self {
            language: replace_unfit(&parse_language_name(info)),
            ..Self::default()
        };
        // Most blocks name only a language.
        if code.language.len() == info.len() || info.len() > MAX_LENGTH {
            return code;
        }
        let mut rest = info;
        let mut is_first = true;
        let mut is_off = false;
        let mut start = None;
        while let Some((word, value, after)) = next_setting(rest) {
            rest = after;
            let mut is_setting = true;
            match (&*word.to_ascii_lowercase(), value) {
                ("title" | "file" | "filename" | "caption" | "name", Some(value)) => {
                    code.title = Some(value.trim().to_owned()).filter(|title| !title.is_empty());
                }
                ("linenos" | "showlinenumbers" | "linenumbers" | "numberlines", value) => {
                    let value = value.unwrap_or_default().trim();
                    is_off = matches!(value, "false" | "off" | "no");
                    start = start.or(Some(value.parse().unwrap_or(1)));
                }
                ("linenostart" | "startfrom" | "startline", Some(value)) => {
                    start = value.trim().parse().ok().or(start);
                }
                ("" | "hl_lines" | "highlight" | "mark" | "emphasize-lines", Some(value)) => {
                    code.marked.extend(parse_ranges(value));
                }
                _ => is_setting = false,
            }
            // What looked like a language is the first setting.
            if std::mem::take(&mut is_first) && is_setting {
                code.language.clear();
            }
        }
        code.first_number = start.filter(|_| !is_off);
        if code.title.is_none() {
            code.title = find_file_name(info);
        }
        code.title = code.title.map(|title| replace_unfit(&title));
        code.marked.sort_by_key(|lines| *lines.start());
        code
    }

    /// Returns whether lines are shown one by one.
    pub(super) fn has_lines(&self) -> bool {
        self.first_number.is_some() || !self.marked.is_empty()
    }

    /// Returns which of this many lines are marked.
    pub(super) fn mark_lines(&self, count: usize) -> Vec<bool> {
        let mut marks = vec![false; count];
        let mut done = 0;
        for lines in &self.marked {
            let start = (*lines.start() as usize).saturating_sub(1).max(done);
            let end = (*lines.end() as usize).min(count);
            if start < end {
                marks[start..end].fill(true);
                done = end;
            }
        }
        marks
    }
}

/// Takes the next word of an info string, with its value if it has one. Lines in braces are a value
/// without a word.
fn next_setting(info: &str) -> Option<(&str, Option<&str>, &str)> {
    let is_between = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '}' | ']' | '.');
    let info = info.trim_start_matches(is_between);
    if let Some(inside) = info.strip_prefix('{') {
        let is_line = |c: char| c.is_ascii_digit() || matches!(c, ',' | '-' | ' ');
        let length = inside.find(|c| !is_line(c)).unwrap_or(inside.len());
        if length > 0
            && let Some(after) = inside[length..].strip_prefix('}')
        {
            return Some(("", Some(&inside[..length]), after));
        }
        return next_setting(inside);
    }
    if info.is_empty() {
        return None;
    }
    let is_end = |c: char| is_between(c) && c != '.' || matches!(c, '{' | '=' | '"' | '\'' | ':');
    let length = info.find(is_end).unwrap_or(info.len());
    let (word, rest) = info.split_at(length);
    let Some(rest) = rest.strip_prefix(['=', ':']) else {
        // A sign that begins no word.
        let skipped = usize::from(length == 0) * info.chars().next().map_or(0, char::len_utf8);
        return Some((word, None, &rest[skipped..]));
    };
    let (value, after) = take_value(rest);
    Some((word, Some(value), after))
}

/// Takes a value: in quotes, in brackets, or up to white space or a comma. Numbers of lines may
/// follow each other with spaces.
fn take_value(rest: &str) -> (&str, &str) {
    for (open, close) in [('"', '"'), ('\'', '\''), ('[', ']'), ('{', '}')] {
        if let Some((value, after)) = rest
            .strip_prefix(open)
            .and_then(|inside| inside.split_once(close))
        {
            return (value, after);
        }
    }
    let is_line = |c: char| c.is_ascii_digit() || matches!(c, '-' | ' ');
    let lines = rest.find(|c| !is_line(c)).unwrap_or(rest.len());
    if lines > 0
        && rest[lines..]
            .chars()
            .next()
            .is_none_or(|c| matches!(c, ',' | '}'))
    {
        return rest.split_at(lines);
    }
    let end = rest.find(|c: char| c.is_whitespace() || matches!(c, ',' | '}' | '{'));
    rest.split_at(end.unwrap_or(rest.len()))
}

/// Reads numbers and ranges of lines, `1,3-5`.
fn parse_ranges(lines: &str) -> Vec<RangeInclusive<u32>> {
    let parts = lines.split(|c: char| !(c.is_ascii_digit() || c == '-'));
    let ranges = parts.filter_map(|part| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let first: u32 = first.parse().ok()?;
        Some(first.max(1)..=last.parse().ok()?)
    });
    ranges.collect()
}

/// Returns the name of a file behind the language: `rust:src/main.rs`.
fn find_file_name(info: &str) -> Option<String> {
    let word = info.split_whitespace().next()?;
    let word = word.split('{').next()?;
    let (_, name) = word.split_once(':')?;
    let is_name = name.contains(['.', '/']) && !name.contains(['=', '"']);
    is_name.then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_as_generators_write_them() {
        let lines = |marks: &[RangeInclusive<u32>]| marks.to_vec();
        for (info, language, title, first_number, marked) in [
            ("rust", "rust", None, None, lines(&[])),
            (
                "rust title=\"src/main.rs\"",
                "rust",
                Some("src/main.rs"),
                None,
                lines(&[]),
            ),
            (
                "js filename='a b.js' {1,3-5}",
                "js",
                Some("a b.js"),
                None,
                lines(&[1..=1, 3..=5]),
            ),
            (
                "rust:src/main.rs",
                "rust",
                Some("src/main.rs"),
                None,
                lines(&[]),
            ),
            (
                "jsx{1,4-6} showLineNumbers",
                "jsx",
                None,
                Some(1),
                lines(&[1..=1, 4..=6]),
            ),
            (
                "go {linenos=true,hl_lines=[2,\"4-6\"],linenostart=199}",
                "go",
                None,
                Some(199),
                lines(&[2..=2, 4..=6]),
            ),
            (
                "go {linenos=table hl_lines=[\"8\",\"15-17\"]}",
                "go",
                None,
                Some(1),
                lines(&[8..=8, 15..=17]),
            ),
            (
                "rust,linenos,linenostart=20,hl_lines=3-4 8,name=mod.rs",
                "rust",
                Some("mod.rs"),
                Some(20),
                lines(&[3..=4, 8..=8]),
            ),
            (
                "py linenums=\"1\" hl_lines=\"2 3-4\"",
                "py",
                None,
                None,
                lines(&[2..=2, 3..=4]),
            ),
            (
                "{.python .numberLines startFrom=\"100\"}",
                "python",
                None,
                Some(100),
                lines(&[]),
            ),
            ("title=\"a\"", "", Some("a"), None, lines(&[])),
            ("{1,3}", "", None, None, lines(&[1..=1, 3..=3])),
            ("rust,ignore,should_panic", "rust", None, None, lines(&[])),
            ("js linenos=false", "js", None, None, lines(&[])),
            ("{r, echo=FALSE}", "r", None, None, lines(&[])),
            ("c++", "c++", None, None, lines(&[])),
            ("", "", None, None, lines(&[])),
        ] {
            let expected = CodeInfo {
                language: language.to_owned(),
                title: title.map(str::to_owned),
                first_number,
                marked,
            };
            assert_eq!(CodeInfo::parse(info), expected, "{info}");
        }
    }

    #[test]
    fn any_info_string_is_harmless() {
        for info in [
            "{",
            "}",
            "=",
            "\"",
            "a=\"",
            "{{{{",
            "rust {99999999999}",
            "rust {5-1,0,4294967295}",
            "é:é=é{é}",
            ".",
            "...",
            ":",
        ] {
            let code = CodeInfo::parse(info);
            assert_eq!(code.mark_lines(3).len(), 3, "{info}");
        }
    }
}
