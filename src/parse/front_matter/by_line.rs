//! Reads front matter that its parser rejects, taking each `key: value` line by itself.

use super::{Entry, Language};
use crate::parse::value::Value;
use crate::text::line::Line;

/// Returns the entries of the lines between the fences.
pub(super) fn parse(lines: &[Line], language: Language) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut in_block = false;
    for line in lines {
        if let Some((key, value)) = key(&line.text, language) {
            let value = value.trim();
            in_block = is_block_mark(value);
            entries.push(Entry {
                key: key.to_owned(),
                value: Value::Text(if in_block { "" } else { value }.to_owned()),
            });
        } else if let Some(entry) = entries.last_mut() {
            add(entry, line.text.trim(), in_block);
        }
    }
    entries
}

/// Adds a line without a key to the entry above it, as an item or as a line of a text block.
fn add(entry: &mut Entry, line: &str, in_block: bool) {
    match (&mut entry.value, line.strip_prefix("- ")) {
        (Value::Text(text), _) if in_block => {
            text.push_str(if text.is_empty() { "" } else { " " });
            text.push_str(line);
        }
        (Value::List(items), Some(item)) => items.push(item.trim().to_owned()),
        (Value::Text(text), Some(item)) if text.is_empty() => {
            entry.value = Value::List(vec![item.trim().to_owned()]);
        }
        _ => {}
    }
}

/// Returns whether a value only announces a text block on the lines below it.
fn is_block_mark(text: &str) -> bool {
    matches!(text, ">" | "|" | ">-" | "|-" | ">+" | "|+")
}

/// Splits a line into its key and the text after the separator.
pub(super) fn key(line: &str, language: Language) -> Option<(&str, &str)> {
    let separator = match language {
        Language::Yaml => ':',
        Language::Toml => '=',
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
