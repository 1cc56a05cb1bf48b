//! Transliterates letters of every script to ASCII, so that anyone can type an address.
//!
//! Each character is transliterated by itself, with the romanisation that is usual for its script.
//! Han characters get their Mandarin reading, because one character does not show which language it
//! belongs to. Languages that spell the same letters differently are an [`AsciiSpelling`]: `ü` is
//! `ue` in German and `u` in Turkish, `г` is `h` in Ukrainian and `g` in Russian.
//!
//! Not here: which characters of the result an address keeps (`pressrun-posts`).

use std::borrow::Cow;

use any_ascii::any_ascii_char;
use unicode_normalization::UnicodeNormalization;
use unicode_script::{Script, UnicodeScript};

use super::language::primary_subtag;

/// How a language spells its own letters in ASCII.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum AsciiSpelling {
    /// As [`transliterate_to_ascii`] does, and without accents.
    #[default]
    Common,
    /// Belarusian, as in passports.
    Belarusian,
    /// Bulgarian, by the law of 2009.
    Bulgarian,
    /// Catalan.
    Catalan,
    /// Danish and Norwegian, as where the letters are missing: in addresses of mail, for example.
    Danish,
    /// German.
    German,
    /// Greek, by ELOT 743.
    Greek,
    /// Macedonian, as in passports.
    Macedonian,
    /// Serbian and Bosnian: their Latin letters without marks.
    Serbian,
    /// Ukrainian, by the resolution of 2010.
    Ukrainian,
}

/// Lower-case letters with their spellings. The second one is for the start of a word, if it
/// differs there.
type Letters = &'static [(char, &'static str, Option<&'static str>)];

impl AsciiSpelling {
    /// Returns the spelling of the language with this BCP 47 tag.
    pub fn of_language(tag: &str) -> Self {
        match &*primary_subtag(tag) {
            "be" => Self::Belarusian,
            "bg" => Self::Bulgarian,
            "bs" | "sr" => Self::Serbian,
            "ca" => Self::Catalan,
            "da" | "no" => Self::Danish,
            "de" => Self::German,
            "el" => Self::Greek,
            "mk" => Self::Macedonian,
            "uk" => Self::Ukrainian,
            _ => Self::Common,
        }
    }

    /// Spells the letters of the language, in lower case. Other characters stay, but for their
    /// case.
    pub fn spell(self, text: &str) -> Cow<'_, str> {
        if self == Self::Common || text.is_ascii() {
            return text.into();
        }
        // Decomposed letters are two characters.
        let text: String = text.to_lowercase().nfc().collect();
        match self {
            Self::Catalan => text.replace("l·l", "ll").into(),
            Self::Greek => spell_greek(&text).into(),
            _ => spell_letters(&text, self).into(),
        }
    }

    fn letters(self) -> Letters {
        match self {
            Self::Belarusian => BELARUSIAN,
            Self::Bulgarian => BULGARIAN,
            Self::Danish => &[('å', "aa", None), ('ø', "oe", None)],
            Self::German => &[('ä', "ae", None), ('ö', "oe", None), ('ü', "ue", None)],
            Self::Macedonian => MACEDONIAN,
            Self::Serbian => SERBIAN,
            Self::Ukrainian => UKRAINIAN,
            // These depend on more than one letter.
            Self::Common | Self::Catalan | Self::Greek => &[],
        }
    }
}

const BELARUSIAN: Letters = &[
    ('г', "h", None),
    ('е', "ie", Some("ye")),
    ('ё', "io", Some("yo")),
    ('й', "i", None),
    ('ь', "", None),
    ('ю', "iu", Some("yu")),
    ('я', "ia", Some("ya")),
];

const BULGARIAN: Letters = &[
    ('х', "h", None),
    ('щ', "sht", None),
    ('ъ', "a", None),
    ('ь', "y", None),
];

const MACEDONIAN: Letters = &[
    ('ѓ', "gj", None),
    ('ќ', "kj", None),
    ('х', "h", None),
    ('ц', "c", None),
    ('џ', "dj", None),
];

const SERBIAN: Letters = &[
    ('đ', "dj", None),
    ('ж', "z", None),
    ('х', "h", None),
    ('ц', "c", None),
    ('ч', "c", None),
    ('џ', "dz", None),
    ('ш', "s", None),
];

const UKRAINIAN: Letters = &[
    ('г', "h", None),
    ('є', "ie", Some("ye")),
    ('и', "y", None),
    ('ї', "i", Some("yi")),
    ('й', "i", Some("y")),
    ('ь', "", None),
    ('ю', "iu", Some("yu")),
    ('я', "ia", Some("ya")),
];

/// Spells a text in lower case by the letters of a language.
fn spell_letters(text: &str, spelling: AsciiSpelling) -> String {
    let letters = spelling.letters();
    let mut out = String::with_capacity(text.len() + 8);
    let mut before = None;
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        let found = letters.iter().find(|(letter, ..)| *letter == c);
        match (spelling, found) {
            // Not `zh`, which is another letter.
            (AsciiSpelling::Ukrainian, Some(_)) if c == 'г' && before == Some('з') => {
                out.push_str("gh");
            }
            (AsciiSpelling::Bulgarian, _) if c == 'я' && before == Some('и') => {
                let ends = !rest.clone().next().is_some_and(char::is_alphabetic);
                out.push_str(if ends { "a" } else { "ya" });
            }
            (_, Some((_, inside, Some(first)))) => {
                let is_first = is_word_start(before, spelling);
                out.push_str(if is_first { first } else { inside });
            }
            (_, Some((_, spelt, None))) => out.push_str(spelt),
            (_, None) => out.push(c),
        }
        before = Some(c);
    }
    out
}

/// Returns whether a letter behind this character is spelt as at the start of a word. An apostrophe
/// is part of a Ukrainian word; in Belarusian, vowels and signs have the same effect as a start.
fn is_word_start(before: Option<char>, spelling: AsciiSpelling) -> bool {
    let Some(before) = before else { return true };
    match spelling {
        AsciiSpelling::Belarusian => !before.is_alphabetic() || "аеёіоуўыэюяь".contains(before),
        _ => !before.is_alphabetic() && !matches!(before, '\'' | '’' | 'ʼ'),
    }
}

/// Spells the pairs of Greek letters that stand for one sound. Other letters stay.
fn spell_greek(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before: Option<char> = None;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let second = rest.peek().copied();
        let is_upsilon = matches!(second, Some('υ' | 'ύ'));
        let pair = match c {
            'ο' if is_upsilon => Some("ou"),
            'α' | 'ε' | 'η' if is_upsilon => {
                let third = rest.clone().nth(1);
                // Before a voiceless sound the upsilon is one too.
                let is_voiced = third.is_some_and(|c| {
                    c.is_alphabetic()
                        && !matches!(c, 'θ' | 'κ' | 'ξ' | 'π' | 'σ' | 'ς' | 'τ' | 'φ' | 'χ' | 'ψ')
                });
                Some(match (c, is_voiced) {
                    ('α', true) => "av",
                    ('α', false) => "af",
                    ('ε', true) => "ev",
                    ('ε', false) => "ef",
                    (_, true) => "iv",
                    (_, false) => "if",
                })
            }
            'μ' if second == Some('π') && !before.is_some_and(char::is_alphabetic) => Some("b"),
            'γ' if second == Some('γ') => Some("ng"),
            'γ' if second == Some('ξ') => Some("nx"),
            'γ' if second == Some('χ') => Some("nch"),
            _ => None,
        };
        if let Some(pair) = pair {
            out.push_str(pair);
            before = rest.next();
        } else {
            out.push(c);
            before = Some(c);
        }
    }
    out
}

/// Returns `text` in ASCII.
///
/// Characters that have no equivalent in ASCII, such as the Cyrillic hard sign, are dropped. Each
/// Han character becomes a word of its own, so that the result stays readable: `bei jing`, not one
/// long word for a whole sentence.
pub fn transliterate_to_ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() {
            out.push(c);
        } else if c.script() == Script::Han {
            out.push(' ');
            out.push_str(any_ascii_char(c));
            out.push(' ');
        } else {
            out.push_str(any_ascii_char(c));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let words: Vec<String> = transliterate_to_ascii(text)
            .split_whitespace()
            .map(str::to_lowercase)
            .collect();
        assert_eq!(words.join(" "), expected);
    }

    #[test]
    fn scripts_have_their_usual_romanisation() {
        check("хорошая ёлка", "khoroshaya elka");
        check("Αθήνα", "athina");
        check("हिन्दी", "hindi");
        check("ქართული", "kartuli");
        check("서울", "seoul");
    }

    #[test]
    fn each_language_spells_its_own_letters() {
        for (tag, text, expected) in [
            ("de", "Über Öl, A\u{308}pfel", "ueber oel, aepfel"),
            ("sv", "Räksmörgås", "Raksmorgas"),
            ("da", "Smørrebrød på Ærø", "smoerrebroed paa aeroe"),
            ("nb-NO", "Blåbær", "blaabaer"),
            ("tr", "Üzüm", "Uzum"),
            (
                "uk",
                "Її п'ять згадок, Єгипет, Харків і м’який йод",
                "yii p'iat zghadok, yehypet, kharkiv i m'iakyi yod",
            ),
            ("ru", "Её гитара", "Ee gitara"),
            ("bg", "Щъркел, София, хляб", "shtarkel, sofia, hlyab"),
            ("be", "Мае Яўген", "maye yauhien"),
            ("mk", "Ќуприја џез", "kjuprija djez"),
            ("sr", "Ђурђевак, šuma đak", "djurdjevak, suma djak"),
            (
                "el",
                "Ουρανός, ευχή, αύριο, μπάλα, λάμπα, άγγελος",
                "ouranos, efchi, avrio, bala, lampa, angelos",
            ),
            ("ca", "Col·lecció", "colleccio"),
        ] {
            let spelt = AsciiSpelling::of_language(tag).spell(text);
            assert_eq!(transliterate_to_ascii(&spelt), expected, "{tag}");
        }
    }

    #[test]
    fn han_characters_are_words() {
        check("北京 is 北", "bei jing is bei");
        check("日本の本", "ri ben no ben");
    }
}
