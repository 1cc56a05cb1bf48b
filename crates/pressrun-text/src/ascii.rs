//! Transliterates letters of every script to ASCII, so that anyone can type an address.
//!
//! Each character is transliterated by itself, with the romanisation that is usual for its script.
//! Han characters get their Mandarin reading, because one character does not show which language it
//! belongs to.
//!
//! Not here: which characters of the result an address keeps (`pressrun-posts`).

use any_ascii::any_ascii_char;
use unicode_script::{Script, UnicodeScript};

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
    fn han_characters_are_words() {
        check("北京 is 北", "bei jing is bei");
        check("日本の本", "ri ben no ben");
    }
}
