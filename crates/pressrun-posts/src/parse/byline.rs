//! Reads bylines: a phrase such as `By`, in any language, and the name of an author (R5.3, R11.4 of
//! the ingest contract).

use std::sync::LazyLock;

use crate::phrases::{PhraseIndex, fold_phrase_text};

static BY_PHRASES: LazyLock<PhraseIndex> =
    LazyLock::new(|| PhraseIndex::new(|language| &language.by));

/// Strips a phrase that stands before the name of an author, in any language.
pub fn strip_by_phrase(text: &str) -> Option<&str> {
    /// The maximum number of words of such a phrase.
    const MOST: usize = 3;
    let text = text.trim();
    // Nearly all texts fail this test. A mark after the first letter may make it another letter.
    let is_plain = text.bytes().take(2).all(|byte| byte.is_ascii());
    if is_plain && !BY_PHRASES.may_start(text) {
        return None;
    }
    let colon = text.find([':', '：']);
    let ends = colon
        .into_iter()
        .chain(text.match_indices(' ').map(|(at, _)| at).take(MOST));
    ends.filter(|&end| end > 0).find_map(|end| {
        let folded = fold_phrase_text(text[..end].trim_end_matches([':', '：']));
        let name = text[end..].trim_start_matches([':', '：', ' ', '\u{a0}', '\u{202f}']);
        BY_PHRASES.has_whole(&folded).then_some(name)
    })
}

/// Returns whether a line without markup is nothing but a byline: a dash or a phrase, and a name.
pub fn is_byline(plain: &str) -> bool {
    let text = plain.trim();
    let name = ["--", "—", "–", "~"]
        .iter()
        .find_map(|dash| text.strip_prefix(dash))
        .or_else(|| strip_by_phrase(text));
    name.is_some_and(|name| is_name(name.trim()))
}

/// Returns whether a text is a name: one to five words that begin with a capital letter, or are
/// among those that stand within names.
fn is_name(text: &str) -> bool {
    const MAX_WORDS: usize = 5;
    const PARTICLES: [&str; 12] = [
        "de", "da", "di", "la", "van", "von", "der", "den", "bin", "al", "y", "e",
    ];
    let words = || text.split_whitespace();
    let is_part = |word: &str| word.starts_with(char::is_uppercase) || PARTICLES.contains(&word);
    (1..=MAX_WORDS).contains(&words().count())
        && words().all(is_part)
        && !text.ends_with(['.', '!', '?'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byline_is_a_dash_or_a_phrase_and_a_name() {
        for line in [
            "— Ida Berg",
            "--Ida",
            "~ Ludwig van der Berg",
            "By Ida Berg",
            "Written by Ida",
            "Von Ida Berg",
            "Par Zoé de la Tour",
            "Автор: Ида Берг",
        ] {
            assert!(is_byline(line), "{line}");
        }
        for line in [
            "— and then it rained",
            "By Ida Berg.",
            "By now Ida",
            "By",
            "—",
            "Ida Berg",
            "By A B C D E F",
        ] {
            assert!(!is_byline(line), "{line}");
        }
    }
}
