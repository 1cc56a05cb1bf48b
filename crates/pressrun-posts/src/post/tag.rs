//! Tags, and when two spellings are the same tag (R11.3 of the ingest contract).

use pressrun_text::characters::{fold_case, is_digit, is_letter, is_mark};
use pressrun_text::plural::make_singular;
use unicode_normalization::UnicodeNormalization;

use super::slug::spell_out_names;

/// Returns the key of a tag name: equal for all spellings of one tag.
///
/// It is the letters with their marks and the digits of the name, in the singular, ignoring case.
/// Names of languages such as `C++` are spelt out. A name without letters and digits is its own
/// key.
pub fn tag_key(name: &str) -> String {
    let stem = strip_plural_of_initials(name.trim());
    let mut key = String::with_capacity(stem.len());
    let mut add = |text: &str| {
        let mut on_letter = false;
        for c in text.chars() {
            let is_letter = is_letter(c) || (on_letter && is_mark(c));
            // Without spaces, `web hosting`, `web-hosting` and `webhosting` are one tag.
            if is_letter || is_digit(c) {
                key.push(c);
            }
            on_letter = is_letter;
        }
    };
    let folded = fold_case(stem);
    if folded.is_ascii() {
        add(&spell_out_names(&folded));
    } else {
        add(&spell_out_names(&folded.nfc().collect::<String>()));
    }
    if key.is_empty() {
        return fold_case(name.trim());
    }
    make_singular(&key).into_owned()
}

/// Strips the plural `s` from initials: `APIs` becomes `API`.
pub fn strip_plural_of_initials(name: &str) -> &str {
    let Some(stem) = name.strip_suffix('s') else {
        return name;
    };
    if stem
        .chars()
        .rev()
        .take(2)
        .filter(|c| c.is_uppercase())
        .count()
        == 2
    {
        stem
    } else {
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn same(a: &str, b: &str) {
        assert_eq!(tag_key(a), tag_key(b), "{a} and {b}");
    }

    #[track_caller]
    fn differ(a: &str, b: &str) {
        assert_ne!(tag_key(a), tag_key(b), "{a} and {b}");
    }

    #[test]
    fn case_and_hyphens_do_not_count() {
        same("e-mail", "Email");
        same("Open Source", "open-source");
        same("Node.js", "NodeJS");
    }

    #[test]
    fn plurals_fold() {
        same("Batteries", "battery");
        same("classes", "class");
        same("boxes", "box");
        same("smart locks", "Smart Lock");
        same("APIs", "API");
        same("REST APIs", "rest api");
    }

    #[test]
    fn words_that_only_look_plural_stay() {
        assert_eq!(tag_key("ties"), "tie");
        assert_eq!(tag_key("gas"), "gas");
        assert_eq!(tag_key("Physics"), "physics");
        assert_eq!(tag_key("Analysis"), "analysis");
        assert_eq!(tag_key("bus"), "bus");
        differ("HTTP", "HTTPS");
        differ("window", "Windows");
        differ("new", "news");
    }

    #[test]
    fn letters_with_marks_are_other_letters() {
        differ("Bär", "Bar");
        differ("Café", "cafe");
        same("Cafe\u{301}", "café");
        same("Straße", "STRASSE");
        differ("søk", "sok");
        same("हिंदी", "हिंदी");
        differ("कि", "की");
    }

    #[test]
    fn languages_differ() {
        differ("C", "C++");
        differ("C++", "C#");
        differ(".NET", "Net");
        same("R&D", "r and d");
    }

    #[test]
    fn a_tag_without_letters_is_its_own_key() {
        differ("🎉", "🚀");
        assert_eq!(tag_key(" 🎉 "), "🎉");
    }
}
