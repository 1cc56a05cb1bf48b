//! The record of a batch, or of another JSON file, that a post came in.

use serde::{Deserialize, Serialize};

/// What a record says about itself.
///
/// A batch names each request, and results come in any order. So the name shows which record is
/// which when a request is asked again or a title is rewritten. Names are not unique in the world:
/// two batches may both have a `request-1`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PostRecord {
    /// Its name: the `custom_id`, `key` or `id`.
    pub id: String,
    /// A hash of what was asked for, if the record or a file of requests says it.
    pub request: Option<u128>,
    /// Whether the reply was cut off, so that another one may take its place.
    pub cut_off: bool,
}

/// The maximum number of bytes of the name of a record. Longer ones are texts.
const MAX_BYTES: usize = 512;

/// The maximum number of characters of a name that every service takes.
const MAX_SAFE: usize = 64;

/// Cleans the name of a record. Returns `None` for a text that is no name.
pub fn clean_record_id(text: &str) -> Option<String> {
    let text = text.trim();
    let is_name = !text.is_empty() && text.len() <= MAX_BYTES && !text.contains(char::is_control);
    is_name.then(|| text.to_owned())
}

/// Returns a name that every service takes as the name of a request: up to 64 of the characters
/// `A-Z a-z 0-9 _ -`. Such a name stays as it is. Another one gets a hash, so that two names stay
/// different.
///
/// Names of records are compared in this form, so a record that was asked for under the name made
/// here is still known.
pub fn make_request_id(id: &str) -> String {
    let is_safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if !id.is_empty() && id.len() <= MAX_SAFE && id.chars().all(is_safe) {
        return id.to_owned();
    }
    let hash = blake3::hash(id.as_bytes()).to_hex();
    let mut safe: String = id
        .chars()
        .take(MAX_SAFE - 17)
        .map(|c| if is_safe(c) { c } else { '-' })
        .collect();
    safe.push('-');
    safe.push_str(&hash[..16]);
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_that_every_service_takes_stays() {
        for id in ["request-1", "a", &"x".repeat(64)] {
            assert_eq!(make_request_id(id), id);
        }
    }

    #[test]
    fn other_names_become_safe_and_stay_different() {
        let long = "x".repeat(65);
        let names = ["", "a b", "a/b", "a.b", "é", "日本", &long];
        let made: Vec<String> = names.iter().map(|id| make_request_id(id)).collect();
        for (at, id) in made.iter().enumerate() {
            assert!(id.len() <= 64 && !id.is_empty(), "{id}");
            assert!(
                id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'),
                "{id}"
            );
            assert!(!made[..at].contains(id), "{id}");
            assert_eq!(make_request_id(id), *id);
        }
    }

    #[test]
    fn text_is_no_name() {
        assert_eq!(clean_record_id(" a 1 ").as_deref(), Some("a 1"));
        for text in ["", " ", "a\nb", &"x".repeat(513)] {
            assert_eq!(clean_record_id(text), None);
        }
    }
}
