//! Classifies single characters (letter, mark, digit) and folds their case.
//!
//! ASCII is decided without a table lookup, because most characters of most texts are ASCII.

use unicode_general_category::{GeneralCategory as Category, get_general_category};
use unicode_script::{Script, UnicodeScript};

/// Returns whether `c` is a letter of any script (general category L).
pub fn is_letter(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphabetic();
    }
    matches!(
        get_general_category(c),
        Category::UppercaseLetter
            | Category::LowercaseLetter
            | Category::TitlecaseLetter
            | Category::ModifierLetter
            | Category::OtherLetter
    )
}

/// Returns whether `c` is a combining mark (general category M).
pub fn is_mark(c: char) -> bool {
    !c.is_ascii()
        && matches!(
            get_general_category(c),
            Category::NonspacingMark | Category::SpacingMark | Category::EnclosingMark
        )
}

/// Returns whether `c` is a decimal digit of any script (general category Nd).
pub fn is_digit(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_digit();
    }
    get_general_category(c) == Category::DecimalNumber
}

/// Returns the value of a decimal digit of any script.
pub fn digit_value(c: char) -> Option<u8> {
    if c.is_ascii() {
        return c.to_digit(10).map(|value| value as u8);
    }
    if !is_digit(c) {
        return None;
    }
    // The ten digits of a script follow each other, and so do the sets of mathematical digits.
    let before = (0..u32::from(c))
        .rev()
        .map_while(char::from_u32)
        .take_while(|&c| is_digit(c));
    Some((before.count() % 10) as u8)
}

/// Returns whether `c` is a letter of the Latin script.
pub fn is_latin(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphabetic();
    }
    c.script() == Script::Latin && is_letter(c)
}

/// Returns whether `c` belongs to a script written without spaces between words.
///
/// The scripts are those of Chinese, Japanese, Thai, Lao, Khmer and Burmese.
pub fn is_unspaced(c: char) -> bool {
    matches!(
        c,
        '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
            | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
            | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{2fa1f}'
    )
}

/// Returns whether `c` is an emoji or part of one: a symbol, skin tone, joiner or selector.
pub fn is_emoji(c: char) -> bool {
    matches!(
        c,
        '\u{200D}' | '\u{20E3}' | '\u{FE0F}' | '\u{1F3FB}'..='\u{1F3FF}'
    ) || (!c.is_ascii() && get_general_category(c) == Category::OtherSymbol)
}

/// Returns the case folding of `c`, so that characters that differ only in case become equal.
///
/// It upper-cases first and then lower-cases, which joins pairs that lower-casing alone keeps
/// apart: `ß` and `ss`, `ς` and `σ`.
pub fn fold_char(c: char) -> impl Iterator<Item = char> {
    // Capital sharp s is upper case already: it would become `ß` below, not `ss`.
    let c = match c {
        '\u{1E9E}' => 'ß',
        c => c,
    };
    // Upper-casing would turn a dotless i into a plain `I`, but it is a different letter.
    let unfolded = (c == 'ı').then_some(c);
    let folded = (c != 'ı').then(|| c.to_uppercase().flat_map(char::to_lowercase));
    unfolded.into_iter().chain(folded.into_iter().flatten())
}

/// Returns a letter as it stands at the start of a title, in all languages but Turkish.
///
/// Not all upper case: `ß` becomes `Ss`, a letter for two such as `ǆ` is large and small, and
/// Georgian has no large letters but in words that have no others.
pub fn title_case(c: char) -> impl Iterator<Item = char> {
    let (known, c) = match c {
        'ǆ' => (Some('ǅ'), None),
        'ǉ' => (Some('ǈ'), None),
        'ǌ' => (Some('ǋ'), None),
        'ǳ' => (Some('ǲ'), None),
        '\u{10D0}'..='\u{10FF}' => (Some(c), None),
        c => (None, Some(c)),
    };
    let mut upper = c.into_iter().flat_map(char::to_uppercase);
    let first = known.or(upper.next());
    first.into_iter().chain(upper.flat_map(char::to_lowercase))
}

/// Appends the case folding of `text` to `out`.
pub fn fold_case_into(text: &str, out: &mut String) {
    out.reserve(text.len());
    for c in text.chars() {
        if c.is_ascii() {
            out.push(c.to_ascii_lowercase());
        } else {
            out.extend(fold_char(c));
        }
    }
}

/// Returns `text` with its case folded.
pub fn fold_case(text: &str) -> String {
    let mut out = String::new();
    fold_case_into(text, &mut out);
    out
}

/// Returns the start of the character that the byte at `at` is in, or the end of a shorter text.
pub fn floor_char_boundary(text: &str, at: usize) -> usize {
    let mut at = text.len().min(at);
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Returns at most `most` bytes from the start of a text, cut between characters.
pub fn cut_to_bytes(text: &str, most: usize) -> &str {
    &text[..floor_char_boundary(text, most)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn title_begins_with_one_large_letter() {
        for (letter, expected) in [
            ('a', "A"),
            ('é', "É"),
            ('ß', "Ss"),
            ('ﬁ', "Fi"),
            ('ǆ', "ǅ"),
            ('ა', "ა"),
            ('д', "Д"),
            ('中', "中"),
        ] {
            assert_eq!(title_case(letter).collect::<String>(), expected);
        }
    }

    #[test]
    fn digits_of_every_script_have_values() {
        for (zero, nine) in [
            ('0', '9'),
            ('٠', '٩'),
            ('०', '९'),
            ('０', '９'),
            ('𝟎', '𝟗'),
            ('𝟶', '𝟿'),
        ] {
            assert_eq!(
                (digit_value(zero), digit_value(nine)),
                (Some(0), Some(9)),
                "{zero}"
            );
        }
        for c in ['a', '²', '五', '½', '௰'] {
            assert_eq!(digit_value(c), None, "{c}");
        }
    }

    #[test]
    fn folding_joins_what_differs_in_case_only() {
        for (a, b) in [
            ("Straße", "STRASSE"),
            ("ΟΔΟΣ", "οδος"),
            ("ÉTÉ", "été"),
            ("ẞ", "SS"),
        ] {
            assert_eq!(fold_case(a), fold_case(b));
        }
        assert_ne!(fold_case("ı"), fold_case("i"));
    }

    #[test]
    fn vowel_signs_are_marks_and_letters_are_not() {
        assert!(is_mark('\u{093F}') && !is_letter('\u{093F}'));
        assert!(is_letter('к') && !is_mark('к') && !is_latin('к') && is_latin('é'));
    }

    #[test]
    fn text_is_cut_between_characters() {
        for (most, expected) in [
            (0, ""),
            (1, "a"),
            (2, "a"),
            (3, "aé"),
            (4, "aéb"),
            (9, "aéb"),
        ] {
            assert_eq!(cut_to_bytes("aéb", most), expected, "{most}");
        }
    }
}
