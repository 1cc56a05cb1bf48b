//! Reads front matter that its parser rejects, taking each `key: value` line by itself.

use pressrun_text::line::{TextLine, join_lines};

use super::{FrontMatterLanguage, parse_pairs};
use crate::parse::key_value::KeyValue;
use crate::parse::value::strip_quotes;

/// Returns the keys of the lines between the fences, with their values.
///
/// With `may_parse`, what belongs to one key is given to the parser by itself if the rules for lines
/// cannot read it: a list in brackets, a block of text, keys below a key.
pub(super) fn parse_by_line(
    lines: &[TextLine],
    language: FrontMatterLanguage,
    may_parse: bool,
) -> Vec<(String, KeyValue)> {
    let is_key = |line: &TextLine| split_key(&line.text, language).is_some();
    let mut pairs = Vec::new();
    let mut at = lines.iter().position(is_key).unwrap_or(lines.len());
    while let Some(first) = lines.get(at) {
        let more = lines[at + 1..].iter().take_while(|line| !is_key(line));
        let end = at + 1 + more.count();
        if let Some((key, value)) = split_key(&first.text, language) {
            let rest = &lines[at + 1..end];
            let parsed = (may_parse && needs_parser(value.trim(), rest))
                .then(|| parse_pairs(&join_lines(&lines[at..end]), language).ok())
                .flatten();
            match parsed.as_deref() {
                Some([pair]) => pairs.push(pair.clone()),
                _ => pairs.push((key.to_owned(), read_value(value.trim(), rest))),
            }
        }
        at = end;
    }
    pairs
}

/// Returns whether a value is more than a text up to the end of its line, or items below it.
fn needs_parser(value: &str, rest: &[TextLine]) -> bool {
    let is_plain = |line: &TextLine| {
        let text = line.text.trim();
        text.is_empty() || text.starts_with("- ") || text.starts_with('#')
    };
    value.starts_with(['[', '{']) || is_block_mark(value) || !rest.iter().all(is_plain)
}

/// Reads the value of a key: the rest of its line, the items below it, or a text that goes on there.
fn read_value(value: &str, rest: &[TextLine]) -> KeyValue {
    // Only lines with an indent go on with a text. A header of a table in TOML belongs to no key.
    let goes_on = |line: &&TextLine| {
        line.text
            .starts_with(|c: char| c.is_whitespace() || matches!(c, '-' | ']' | '}'))
    };
    let lines = rest.iter().filter(goes_on).map(|line| line.text.trim());
    let is_text = |line: &&str| !line.is_empty() && !line.starts_with('#');
    let own = if is_block_mark(value) { "" } else { value };
    let (items, more): (Vec<&str>, Vec<&str>) = lines
        .filter(is_text)
        .partition(|line| line.starts_with("- "));
    if items.is_empty() {
        let texts: Vec<&str> = [own]
            .into_iter()
            .filter(|own| !own.is_empty())
            .chain(more)
            .collect();
        return read_scalar(&texts.join(" "));
    }
    let items = items.iter().map(|item| item["- ".len()..].trim());
    let own = [own].into_iter().filter(|own| !own.is_empty());
    KeyValue::List(own.chain(items).map(read_scalar).collect())
}

/// Reads a text that may be in quotes, in which others may stand (R10.3).
fn read_scalar(text: &str) -> KeyValue {
    // YAML writes a single quote twice within single quotes.
    let single = text
        .strip_prefix('\'')
        .and_then(|text| text.strip_suffix('\''));
    if let Some(inner) = single.filter(|inner| !inner.replace("''", "").contains('\'')) {
        return KeyValue::of_text(inner.replace("''", "'"));
    }
    let Some(inner) = strip_quotes(text) else {
        return KeyValue::of_bare_scalar(text);
    };
    if text.starts_with('"') {
        KeyValue::of_text(inner.replace("\\\"", "\""))
    } else {
        KeyValue::of_text(inner)
    }
}

/// Returns whether a value only announces a text block on the lines below it.
fn is_block_mark(text: &str) -> bool {
    matches!(text, ">" | "|" | ">-" | "|-" | ">+" | "|+")
}

/// Splits a line into its key and the text after the separator.
pub(super) fn split_key(line: &str, language: FrontMatterLanguage) -> Option<(&str, &str)> {
    let separator = match language {
        FrontMatterLanguage::Yaml => ':',
        FrontMatterLanguage::Toml => '=',
        FrontMatterLanguage::Json => return None,
    };
    let (key, value) = line.split_once(separator)?;
    let name = key.trim_end();
    let name = name
        .trim_start_matches(['"', '\''])
        .trim_end_matches(['"', '\'']);
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ' ');
    let fits = name.starts_with(|c: char| c.is_alphanumeric() || c == '_')
        && name.len() <= MAX_KEY
        && name.chars().all(is_name)
        // `https://…` is an address, not a key.
        && !value.starts_with("//");
    fits.then_some((name, value))
}

/// The maximum length of a key. It is generous, and quickly rules out prose with a colon.
const MAX_KEY: usize = 60;
