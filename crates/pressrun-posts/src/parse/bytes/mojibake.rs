//! Repairs mojibake, UTF-8 that was encoded twice: `â€™` for `’` (R1.4 of the ingest contract).
//!
//! Only groups that begin with `Â`, `Ã`, `â` or `ð` are repaired. A general repair would break
//! correct text such as „Spaß“.

use std::collections::HashSet;
use std::ops::Range;

/// Returns whether a text may contain a group to repair.
pub fn is_suspected(text: &str) -> bool {
    // The first characters are U+00C2, C3, E2 and F0: bytes C3 82, C3 83, C3 A2 and C3 B0.
    let bytes = text.as_bytes();
    memchr::memchr_iter(0xC3, bytes).any(|at| {
        matches!(bytes.get(at + 1), Some(0x82 | 0x83 | 0xA2 | 0xB0))
            && bytes.get(at + 2).is_some_and(|&next| next >= 0x80)
    })
}

/// The characters of a text, outside code, as they are before anything is repaired.
///
/// An article about encodings shows a character and its mojibake side by side. A text that was
/// encoded twice has none of its characters right. So what stands for a character that the same text
/// also has right is no mojibake.
#[derive(Debug, Default)]
pub struct CharacterSurvey {
    /// The characters outside ASCII that are right.
    right: HashSet<char>,
    /// The characters that mojibake stands for.
    meant: HashSet<char>,
}

impl CharacterSurvey {
    /// Adds a piece of the text without code.
    pub fn add(&mut self, text: &str) {
        if !is_suspected(text) {
            self.right.extend(text.chars().filter(|c| !c.is_ascii()));
            return;
        }
        for unit in decode_units(text) {
            if unit.repaired {
                self.meant.insert(unit.character);
            } else if !unit.character.is_ascii() {
                self.right.insert(unit.character);
            }
        }
    }

    /// Returns whether there is something to repair.
    pub fn has_mojibake(&self) -> bool {
        !self.meant.is_subset(&self.right)
    }

    /// Repairs a piece of the text without code; returns `None` if there is nothing to repair.
    pub fn repair(&self, text: &str) -> Option<String> {
        if !is_suspected(text) {
            return None;
        }
        let mut out = String::with_capacity(text.len());
        let mut repaired = false;
        for unit in decode_units(text) {
            if !unit.repaired || self.right.contains(&unit.character) {
                out.push_str(&text[unit.range]);
                continue;
            }
            repaired = true;
            out.push(match unit.character {
                // A new line separator would add a line that the file does not have.
                '\u{2028}' | '\u{2029}' => ' ',
                c => c,
            });
        }
        repaired.then_some(out)
    }
}

/// The number of passes. Text can be encoded twice too often, and then a third time by another
/// program.
const PASSES: usize = 3;

/// A character, and the range of the text that it was decoded from.
struct DecodedUnit {
    character: char,
    range: Range<usize>,
    repaired: bool,
}

/// Returns the characters that a text stands for, with all its groups decoded.
fn decode_units(text: &str) -> Vec<DecodedUnit> {
    let mut units: Vec<DecodedUnit> = text
        .char_indices()
        .map(|(at, character)| DecodedUnit {
            character,
            range: at..at + character.len_utf8(),
            repaired: false,
        })
        .collect();
    for _ in 0..PASSES {
        let before = units.len();
        units = decode_groups(units);
        if units.len() == before {
            break;
        }
    }
    units
}

fn decode_groups(units: Vec<DecodedUnit>) -> Vec<DecodedUnit> {
    let mut decoded = Vec::with_capacity(units.len());
    let mut at = 0;
    while let Some(unit) = units.get(at) {
        let (character, length) = decode_group(&units[at..]).unwrap_or((unit.character, 1));
        decoded.push(DecodedUnit {
            character,
            range: unit.range.start..units[at + length - 1].range.end,
            repaired: unit.repaired || length > 1,
        });
        at += length;
    }
    decoded
}

/// Decodes the group at the start of `units`: returns its character, and the number of its units.
fn decode_group(units: &[DecodedUnit]) -> Option<(char, usize)> {
    let count = match units.first()?.character {
        'Â' | 'Ã' => 2,
        'â' => 3,
        'ð' => 4,
        _ => return None,
    };
    // A quote or dash after `Â` or `Ã` is correct text, such as “MANHÃ”.
    let second = units.get(1)?.character;
    if count == 2 && matches!(second, '‘' | '’' | '“' | '”' | '–' | '—' | '…') {
        return None;
    }
    let mut bytes = [0; 4];
    for (byte, unit) in bytes[..count].iter_mut().zip(units.get(..count)?) {
        *byte = encode_windows_1252(unit.character)?;
    }
    let mut decoded = std::str::from_utf8(&bytes[..count]).ok()?.chars();
    match (decoded.next()?, decoded.next()) {
        (c, None) => Some((c, count)),
        _ => None,
    }
}

/// The characters of the bytes 80 to 9F in Windows-1252. Five bytes are not used.
const SPECIAL: [Option<char>; 32] = {
    let mut table = [None; 32];
    let used = [
        (0, '€'),
        (2, '‚'),
        (3, 'ƒ'),
        (4, '„'),
        (5, '…'),
        (6, '†'),
        (7, '‡'),
        (8, 'ˆ'),
        (9, '‰'),
        (10, 'Š'),
        (11, '‹'),
        (12, 'Œ'),
        (14, 'Ž'),
        (17, '‘'),
        (18, '’'),
        (19, '“'),
        (20, '”'),
        (21, '•'),
        (22, '–'),
        (23, '—'),
        (24, '˜'),
        (25, '™'),
        (26, 'š'),
        (27, '›'),
        (28, 'œ'),
        (30, 'ž'),
        (31, 'Ÿ'),
    ];
    let mut at = 0;
    // Constants cannot use `for`.
    while at < used.len() {
        table[used[at].0] = Some(used[at].1);
        at += 1;
    }
    table
};

/// Returns the character of a byte in Windows-1252, or `None` for the five unused bytes.
pub fn decode_windows_1252(byte: u8) -> Option<char> {
    match byte {
        0x80..=0x9F => SPECIAL[usize::from(byte - 0x80)],
        byte => Some(byte as char),
    }
}

/// Returns the byte of a character in Windows-1252. A C1 control character is its own byte.
fn encode_windows_1252(c: char) -> Option<u8> {
    match u8::try_from(u32::from(c)) {
        Ok(byte) => Some(byte),
        Err(_) => SPECIAL
            .iter()
            .position(|&known| known == Some(c))
            .map(|at| at as u8 + 0x80),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let mut survey = CharacterSurvey::default();
        survey.add(text);
        let repaired = survey.repair(text);
        assert_eq!(repaired.is_some(), survey.has_mojibake(), "{text}");
        assert_eq!(repaired.as_deref().unwrap_or(text), expected);
    }

    #[test]
    fn groups_become_the_character_they_encode() {
        check(
            "Itâ€™s â€œnewâ€\u{9d} â€“ cafÃ© Â£5 ðŸ˜€",
            "It’s “new” – café £5 😀",
        );
        check("Ã\u{A0}", "à");
        check("aÂ\u{A0}b", "a\u{A0}b");
    }

    #[test]
    fn a_group_of_c1_controls_counts() {
        check("â\u{80}\u{99}", "’");
    }

    #[test]
    fn text_encoded_three_times_is_repaired() {
        check("Ã¢â‚¬â„¢", "’");
        check("ÃƒÂ©", "é");
    }

    #[test]
    fn character_that_the_text_also_has_right_is_not_repaired() {
        check("café becomes cafÃ©", "café becomes cafÃ©");
        check(
            "café becomes cafÃ© and cafÃƒÂ©",
            "café becomes cafÃ© and cafÃƒÂ©",
        );
        check(
            "café becomes cafÃ©; itâ€™s odd",
            "café becomes cafÃ©; it’s odd",
        );
        check("a\u{A0}bÂ\u{A0}c", "a\u{A0}bÂ\u{A0}c");
    }

    #[test]
    fn honest_text_stays() {
        for text in [
            "„Spaß“",
            "château",
            "SÃO PAULO",
            "Ã – x",
            "Ã—",
            "Â…",
            "garðar",
            "â",
            "À la",
        ] {
            check(text, text);
        }
    }
}
