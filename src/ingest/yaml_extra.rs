//! Writes front matter that no field of a post reads, so that it is read back as it was.
//!
//! Lists and mappings are written in lines, as people write them, and strings as `yaml_text` does.

use std::collections::HashSet;

use pressrun_posts::post::ExtraValue;

use super::yaml_text::yaml_string;

/// The maximum number of bytes of a key that is written before a colon on its line. YAML allows
/// 1,024 characters.
const MAX_SIMPLE_KEY: usize = 500;

/// Adds keys with their values, each line with this indent. A key that was there already is left
/// out: YAML has each key once.
pub(super) fn push_pairs<'e>(
    out: &mut String,
    pairs: impl IntoIterator<Item = &'e (String, ExtraValue)>,
    indent: usize,
) {
    let mut known = HashSet::new();
    for (key, value) in pairs {
        if known.insert(key) {
            push_pair(out, key, value, indent);
        }
    }
}

/// Adds a key with its value.
pub(super) fn push_pair(out: &mut String, key: &str, value: &ExtraValue, indent: usize) {
    push_indent(out, indent);
    let key = yaml_string(key);
    if key.len() > MAX_SIMPLE_KEY {
        out.extend(["? ", &key, "\n"]);
        push_indent(out, indent);
    } else {
        out.push_str(&key);
    }
    out.push(':');
    push_value(out, value, indent);
}

/// Adds a value after its key or the sign of a list item.
fn push_value(out: &mut String, value: &ExtraValue, indent: usize) {
    match value {
        ExtraValue::Null => out.push_str(" null\n"),
        ExtraValue::Bool(is_true) => {
            out.extend([" ", if *is_true { "true" } else { "false" }, "\n"]);
        }
        ExtraValue::Number(digits) => out.extend([" ", digits, "\n"]),
        ExtraValue::Text(text) => out.extend([" ", &*yaml_string(text), "\n"]),
        ExtraValue::List(items) if items.is_empty() => out.push_str(" []\n"),
        ExtraValue::List(items) => {
            out.push('\n');
            for item in items {
                push_indent(out, indent + 2);
                out.push('-');
                push_value(out, item, indent + 2);
            }
        }
        ExtraValue::Map(pairs) if pairs.is_empty() => out.push_str(" {}\n"),
        ExtraValue::Map(pairs) => {
            out.push('\n');
            push_pairs(out, pairs, indent + 2);
        }
    }
}

fn push_indent(out: &mut String, indent: usize) {
    out.extend(std::iter::repeat_n(' ', indent));
}
