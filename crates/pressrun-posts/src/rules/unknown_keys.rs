//! Notes the keys of front matter that nothing reads, once a file, with the known keys that were
//! probably meant.
//!
//! The note keeps its keys in [`Diagnostic::about`], because only a site knows which of them its
//! templates show: [`retain_unused_keys`] drops these.

use std::collections::HashSet;
use std::sync::{Arc, LazyLock};

use crate::diagnostic::{Code, Diagnostic, FilePlace, quote_for_message};
use crate::parse::key::{is_known_key, normalise_key};
use crate::phrases::front_matter_keys;
use crate::post::ExtraValue;

/// The most keys that a note is about.
const MOST_KEYS: usize = 100;

/// The most keys that a note names.
const MOST_NAMED: usize = 20;

/// The unknown keys of the posts of one file.
#[derive(Debug, Default)]
pub struct UnknownKeys {
    keys: Vec<String>,
    /// The line of the first one.
    line: u32,
}

impl UnknownKeys {
    /// Adds the unknown keys of a post. `line` is the line of its first key without a field.
    pub fn add_keys(&mut self, extra: &[(String, ExtraValue)], line: u32) {
        for (key, _) in extra {
            if self.keys.len() == MOST_KEYS {
                return;
            }
            if is_unknown(key) && !self.keys.contains(key) {
                if self.keys.is_empty() {
                    self.line = line;
                }
                self.keys.push(key.clone());
            }
        }
    }

    /// Returns the note about the keys, if there are any.
    pub fn report(self, file: &Arc<str>) -> Option<Diagnostic> {
        let place = FilePlace::line(Arc::clone(file), self.line);
        let keys: Vec<&str> = self.keys.iter().map(String::as_str).collect();
        note_keys(&keys, place)
    }
}

/// Drops from a note the keys that a template shows. Returns `None` if no key is left, and every
/// other diagnostic as it is.
pub fn retain_unused_keys(
    found: Diagnostic,
    is_shown: impl Fn(&str) -> bool,
) -> Option<Diagnostic> {
    let Some(about) = found
        .about
        .as_deref()
        .filter(|_| found.code == Code::CustomField)
    else {
        return Some(found);
    };
    let (shown, unused): (Vec<&str>, Vec<&str>) = about.split('\n').partition(|key| is_shown(key));
    if shown.is_empty() {
        return Some(found);
    }
    note_keys(&unused, found.place)
}

/// Returns whether neither pressrun nor another generator gives a key a meaning.
fn is_unknown(key: &str) -> bool {
    static ELSEWHERE: LazyLock<HashSet<String>> = LazyLock::new(|| {
        let keys = front_matter_keys().elsewhere.iter();
        keys.map(|key| normalise_key(key)).collect()
    });
    let key = normalise_key(key);
    !key.is_empty() && !is_known_key(&key) && !ELSEWHERE.contains(&key)
}

fn note_keys(keys: &[&str], place: FilePlace) -> Option<Diagnostic> {
    let first = keys.first()?;
    let named: Vec<String> = keys
        .iter()
        .take(MOST_NAMED)
        .map(|key| quote_for_message(key))
        .collect();
    let more = match keys.len().saturating_sub(MOST_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let message = format!(
        "front matter has keys that nothing reads: {}{more}",
        named.join(", ")
    );
    let suggestions: Vec<String> = keys
        .iter()
        .take(MOST_NAMED)
        .filter_map(|key| {
            let near = find_near_key(key)?;
            Some(format!(
                "did you mean `{near}` instead of {}?",
                quote_for_message(key)
            ))
        })
        .collect();
    let help = if suggestions.is_empty() {
        format!("a template can show them: `{}`", write_extra_path(first))
    } else {
        suggestions.join(" ")
    };
    let note = Diagnostic::new(Code::CustomField, place, message);
    Some(note.with_help(help).about(keys.join("\n")))
}

/// Returns how a template reads a key of front matter.
fn write_extra_path(key: &str) -> String {
    let is_name = key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if is_name {
        return format!("post.extra.{key}");
    }
    let quoted = quote_for_message(key);
    format!("post.extra[\"{}\"]", quoted.trim_matches('`'))
}

/// Returns the known key that a misspelt one most likely stands for.
fn find_near_key(key: &str) -> Option<&'static str> {
    /// The keys of pressrun itself, which are not in the lists of fields.
    const OWN: [&str; 4] = [
        "cover_alt",
        "disclosure",
        "digital_source_type",
        "translation_key",
    ];
    /// A key of more characters is no misspelt one.
    const LONGEST: usize = 40;
    static KNOWN: LazyLock<Vec<(String, &'static str)>> = LazyLock::new(|| {
        let keys = front_matter_keys().iter_field_keys().map(String::as_str);
        keys.chain(OWN)
            .map(|key| (normalise_key(key), key))
            .collect()
    });
    let key = normalise_key(key);
    let length = key.chars().count();
    if length > LONGEST {
        return None;
    }
    let near = KNOWN.iter().filter_map(|(known, shown)| {
        let longer = length.max(known.len());
        // Short words are near each other by chance.
        let allowed = match longer {
            0..=3 => return None,
            4..=9 => 1,
            _ => 2,
        };
        if length.abs_diff(known.len()) > allowed {
            return None;
        }
        let distance = strsim::osa_distance(&key, known);
        (distance <= allowed).then_some((distance, *shown))
    });
    // Of equally near keys the first one, which is the preferred one of its field.
    let (_, shown) = near.min_by_key(|(distance, _)| *distance)?;
    Some(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(keys: &[&str]) -> Option<Diagnostic> {
        let extra: Vec<_> = keys
            .iter()
            .map(|key| ((*key).to_owned(), ExtraValue::Null))
            .collect();
        let mut unknown = UnknownKeys::default();
        unknown.add_keys(&extra, 3);
        unknown.report(&"content/a.md".into())
    }

    #[track_caller]
    fn check(keys: &[&str], expected: Option<(&str, &str)>) {
        let found = note(keys).map(|note| (note.message, note.help.unwrap_or_default()));
        let expected = expected.map(|(names, help)| {
            let message = format!("front matter has keys that nothing reads: {names}");
            (message, help.to_owned())
        });
        assert_eq!(found, expected, "{keys:?}");
    }

    #[test]
    fn misspelt_keys_have_the_key_that_was_meant() {
        check(
            &["tgas", "Descripton", "pub_dat"],
            Some((
                "`tgas`, `Descripton`, `pub_dat`",
                "did you mean `tags` instead of `tgas`? did you mean `description` instead of \
                 `Descripton`? did you mean `pub_date` instead of `pub_dat`?",
            )),
        );
    }

    #[test]
    fn own_keys_are_shown_by_templates() {
        check(
            &["harbour", "colour"],
            Some((
                "`harbour`, `colour`",
                "a template can show them: `post.extra.harbour`",
            )),
        );
        check(
            &["my-key"],
            Some((
                "`my-key`",
                "a template can show them: `post.extra[\"my-key\"]`",
            )),
        );
    }

    #[test]
    fn keys_that_are_known_here_or_elsewhere_are_not_named() {
        check(
            &["layout", "type", "toc", "math", "pin", "summary", "created"],
            None,
        );
        check(
            &["eleventyNavigation", "mathjax", "extra", "Show-ToC", ""],
            None,
        );
    }

    #[test]
    fn keys_that_a_template_shows_are_dropped() {
        let note = note(&["harbour", "tgas"]).unwrap();
        let left = retain_unused_keys(note.clone(), |key| key == "harbour").unwrap();
        assert_eq!(left.about.as_deref(), Some("tgas"));
        assert_eq!(left.place, note.place);
        assert_eq!(retain_unused_keys(note.clone(), |_| true), None);
        assert_eq!(retain_unused_keys(note.clone(), |_| false), Some(note));
        let other = Diagnostic::new(Code::DeadLink, FilePlace::file("a"), "m").about("harbour");
        assert_eq!(retain_unused_keys(other.clone(), |_| true), Some(other));
    }

    #[test]
    fn keys_of_a_file_are_named_once_and_not_all() {
        let keys: Vec<String> = (0..150).map(|number| format!("key{number}")).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let note = note(&[&keys[..], &["key0"]].concat()).unwrap();
        assert!(
            note.message.ends_with("`key19` and 80 more"),
            "{}",
            note.message
        );
    }
}
