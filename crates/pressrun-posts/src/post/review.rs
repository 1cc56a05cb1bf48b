//! What people said about the text of a post: approvals and rejections, each bound to the text that
//! was read.

use serde::{Deserialize, Serialize};

use super::{Date, ExtraValue, Post, extras_to_json};

/// What a file says about the review of its post.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ReviewRecord {
    /// Whether `pressrun generate` made the post.
    pub generated: bool,
    /// If its reply was cut off, the [`words_hash`](Post::words_hash) of the text that
    /// `pressrun ingest` wrote: another text was completed by a person.
    pub cut_off_at: Option<u128>,
    /// The approval in the front matter of its file.
    pub approved: Option<ReviewMark>,
    /// The rejection in the front matter of its file.
    pub rejected: Option<ReviewMark>,
}

/// An approval or a rejection of a text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ReviewMark {
    /// The [`text_hash`](Post::text_hash) of the text that was read.
    pub hash: u128,
    /// Who read it.
    pub by: String,
    /// The day on which it was read.
    pub on: Option<Date>,
    /// Why it was rejected.
    pub why: Option<String>,
}

/// Hashes what readers see of a post: its title and its other texts, the terms, the cover, and the
/// body. `terms` are the tags and categories as its author wrote them, without those that are
/// derived and before aliases apply, so that the hash is the same in every site.
///
/// Left out is what may change after a person has read the text: dates, whether it is a draft,
/// and its addresses.
pub(crate) fn hash_post_text(post: &Post, terms: &[Vec<String>]) -> u128 {
    let mut hasher = blake3::Hasher::new();
    // The length separates fields, so that moving text from one to the next changes the hash.
    let mut field = |text: &str| {
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    };
    field(&post.title);
    for text in [
        &post.subtitle,
        &post.cover,
        &post.cover_alt,
        &post.disclosure,
    ] {
        field(text.as_deref().unwrap_or_default());
    }
    field(&post.description);
    for list in terms.iter().chain([&post.authors]) {
        field(&list.len().to_string());
        for item in list {
            field(item);
        }
    }
    if !post.extra.is_empty() {
        field(&extras_to_json(&post.extra).to_string());
    }
    field(&post.body);
    shorten_hash(hasher.finalize())
}

/// Returns the first half of a hash: what files say about a text.
pub fn shorten_hash(hash: blake3::Hash) -> u128 {
    let (first, _) = hash.as_bytes().split_at(16);
    u128::from_be_bytes(first.try_into().expect("16 bytes were split off"))
}

/// Returns a hash as front matter and `reviews.toml` write it: 32 hexadecimal digits.
pub fn format_text_hash(hash: u128) -> String {
    format!("{hash:032x}")
}

/// Reads what [`format_text_hash`] wrote.
pub fn parse_text_hash(text: &str) -> Option<u128> {
    let is_hash = text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit());
    is_hash.then(|| u128::from_str_radix(text, 16).ok())?
}

impl ReviewRecord {
    /// Returns whether the text of a post with this record is as it was when it was cut off.
    pub fn is_cut_off(&self, words_hash: u128) -> bool {
        self.cut_off_at == Some(words_hash)
    }
}

impl ReviewMark {
    /// Reads the value of `approved` or `rejected` in front matter, or returns `None` for a value of
    /// another kind, such as `true`.
    pub fn from_extra(value: &ExtraValue) -> Option<Self> {
        let ExtraValue::Map(pairs) = value else {
            return None;
        };
        let text = |key: &str| {
            let (_, value) = pairs.iter().find(|(own, _)| own == key)?;
            match value {
                ExtraValue::Text(text) | ExtraValue::Number(text) => Some(text.as_str()),
                _ => None,
            }
        };
        Some(Self {
            hash: parse_text_hash(text("hash")?)?,
            by: text("by").unwrap_or_default().to_owned(),
            on: text("on").and_then(|day| day.parse().ok()),
            why: text("why").map(str::to_owned),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(title: &str, body: &str) -> Post {
        Post {
            title: title.to_owned(),
            body: body.to_owned(),
            ..Post::default()
        }
    }

    #[test]
    fn hash_covers_what_readers_see() {
        let hash = |post: &Post, tags: &[&str]| {
            let tags: Vec<String> = tags.iter().map(|&tag| tag.to_owned()).collect();
            hash_post_text(post, &[tags])
        };
        let plain = hash(&post("a", "b"), &[]);
        assert_ne!(hash(&post("a", "c"), &[]), plain);
        assert_ne!(hash(&post("ab", ""), &[]), plain);
        assert_ne!(hash(&post("a", "b"), &["t"]), plain);
        let mut other = post("a", "b");
        (other.slug, other.draft) = ("x".to_owned(), true);
        other.date = "2026-01-02".parse().ok();
        assert_eq!(hash(&other, &[]), plain);
        other.cover_alt = Some("A bridge".to_owned());
        assert_ne!(hash(&other, &[]), plain);
    }

    #[test]
    fn hash_is_read_as_it_is_written() {
        for hash in [0, 1, u128::MAX, 0xe5_0000] {
            assert_eq!(parse_text_hash(&format_text_hash(hash)), Some(hash));
        }
        for text in ["", "1", "+0000000000000000000000000000001", "zz"] {
            assert_eq!(parse_text_hash(text), None, "{text}");
        }
    }
}
