//! Letters of every script in ASCII, for addresses that anybody can type.
//!
//! A letter is transliterated without a look at its neighbours, after the romanisation that is
//! usual for its script. Han characters have their sound in Mandarin, since a character alone does
//! not tell its language.
//!
//! Not here: what of the result belongs into an address (`post::slug`).

use any_ascii::any_ascii_char;
use unicode_script::{Script, UnicodeScript};

/// `text` in ASCII. What has no letters in common with ASCII, such as a hard sign, vanishes.
///
/// Each Han character is a word, so that what it becomes can be read: `bei jing`, not `beijing`
/// for a whole sentence.
pub fn transliterated(text: &str) -> String {
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
        let words: Vec<String> = transliterated(text)
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
