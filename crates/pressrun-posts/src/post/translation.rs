//! Posts that are translations of each other: they have one key, and each its own language.

use serde::{Deserialize, Serialize};

use super::Post;

/// What shows that other posts are translations of a post, kept without the post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TranslationMark {
    key: String,
    language: Option<String>,
}

impl TranslationMark {
    /// Returns the mark of a post, if it has a key.
    pub(crate) fn from_post<B>(post: &Post<B>) -> Option<Self> {
        Some(Self {
            key: post.translation_key.clone()?,
            language: post.language.clone(),
        })
    }

    /// Returns whether the posts with these marks are translations of each other.
    pub(crate) fn is_of_translation(&self, other: &Self) -> bool {
        self.key == other.key
            && !is_same_language(self.language.as_deref(), other.language.as_deref())
    }
}

impl<B> Post<B> {
    /// Returns whether two posts are translations of each other: they state the same key, and are in
    /// different languages.
    pub fn is_translation_of<C>(&self, other: &Post<C>) -> bool {
        self.translation_key.is_some()
            && self.translation_key == other.translation_key
            && !is_same_language(self.language.as_deref(), other.language.as_deref())
    }
}

/// Returns whether two tags name one language. Case does not count in a tag.
fn is_same_language(a: Option<&str>, b: Option<&str>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
        (a, b) => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(a: (&str, &str), b: (&str, &str), expected: bool) {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let [a, b] = [a, b].map(|(key, language)| -> Post {
            Post {
                translation_key: some(key),
                language: some(language),
                ..Post::default()
            }
        });
        assert_eq!(a.is_translation_of(&b), expected);
        let marks = TranslationMark::from_post(&a).zip(TranslationMark::from_post(&b));
        let is_marked = marks.is_some_and(|(a, b)| a.is_of_translation(&b));
        assert_eq!(is_marked, expected);
    }

    #[test]
    fn translations_have_one_key_and_two_languages() {
        check(("ferry", ""), ("ferry", "de"), true);
        check(("ferry", "pt-BR"), ("ferry", "pt-PT"), true);
        check(("ferry", "de"), ("ferry", "DE"), false);
        check(("ferry", ""), ("ferry", ""), false);
        check(("ferry", ""), ("pier", "de"), false);
        check(("", ""), ("", "de"), false);
    }
}
