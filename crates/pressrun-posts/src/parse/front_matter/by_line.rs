//! Reads front matter that its parser rejects, taking each `key: value` line by itself.

use pressrun_text::line::TextLine;

use super::{FrontMatterEntry, FrontMatterLanguage};
use crate::parse::value::FieldValue;

/// Returns the entries of the lines between the fences.
pub(super) fn parse_by_line(
    lines: &[TextLine],
    language: FrontMatterLanguage,
) -> Vec<FrontMatterEntry> {
    let mut entries: Vec<FrontMatterEntry> = Vec::new();
    let mut in_block = false;
    for line in lines {
        if let Some((key, value)) = split_key(&line.text, language) {
            let value = value.trim();
            in_block = is_block_mark(value);
            entries.push(FrontMatterEntry {
                key: key.to_owned(),
                value: FieldValue::Text(if in_block { "" } else { value }.to_owned()),
            });
        } else if let Some(entry) = entries.last_mut() {
            add_continuation(entry, line.text.trim(), in_block);
        }
    }
    entries
}

/// Adds a line without a key to the entry above it, as an item or as a line of a text block.
fn add_continuation(entry: &mut FrontMatterEntry, line: &str, in_block: bool) {
    match (&mut entry.value, line.strip_prefix("- ")) {
        (FieldValue::Text(text), _) if in_block => {
            text.push_str(if text.is_empty() { "" } else { " " });
            text.push_str(line);
        }
        (FieldValue::List(items), Some(item)) => items.push(item.trim().to_owned()),
        (FieldValue::Text(text), Some(item)) if text.is_empty() => {
            entry.value = FieldValue::List(vec![item.trim().to_owned()]);
        }
        _ => {}
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
