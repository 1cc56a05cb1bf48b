//! Repairs mojibake, UTF-8 that was encoded twice: `â€™` for `’` (R1.4 of the ingest contract).
//!
//! Only groups that begin with `Â`, `Ã`, `â` or `ð` are repaired. A general repair would break
//! correct text such as „Spaß“.

/// Returns whether a text may contain a group to repair.
pub fn is_suspected(text: &str) -> bool {
    // The first characters are U+00C2, C3, E2 and F0: bytes C3 82, C3 83, C3 A2 and C3 B0.
    let bytes = text.as_bytes();
    memchr::memchr_iter(0xC3, bytes).any(|at| {
        matches!(bytes.get(at + 1), Some(0x82 | 0x83 | 0xA2 | 0xB0))
            && bytes.get(at + 2).is_some_and(|&next| next >= 0x80)
    })
}

/// Repairs a text without code; returns `None` if there is nothing to repair.
pub fn repair_mojibake_text(text: &str) -> Option<String> {
    let mut repaired = repair_once(text)?;
    for _ in 1..PASSES {
        match repair_once(&repaired) {
            Some(again) => repaired = again,
            None => break,
        }
    }
    Some(repaired)
}

/// The number of passes. Text can be encoded twice too often, and then a third time by another
/// program.
const PASSES: usize = 3;

fn repair_once(text: &str) -> Option<String> {
    if !is_suspected(text) {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut repaired = false;
    while let Some(c) = rest.chars().next() {
        let (c, length) = match decode_group(rest) {
            Some(found) => {
                repaired = true;
                found
            }
            None => (c, c.len_utf8()),
        };
        out.push(c);
        rest = &rest[length..];
    }
    repaired.then_some(out)
}

/// Decodes the group at the start of `text`: returns its character, and its length in bytes.
fn decode_group(text: &str) -> Option<(char, usize)> {
    let mut characters = text.chars();
    let count = match characters.next()? {
        'Â' | 'Ã' => 2,
        'â' => 3,
        'ð' => 4,
        _ => return None,
    };
    // A quote or dash after `Â` or `Ã` is correct text, such as “MANHÃ”.
    if count == 2 && matches!(characters.next()?, '‘' | '’' | '“' | '”' | '–' | '—' | '…')
    {
        return None;
    }
    let mut bytes = [0; 4];
    let mut length = 0;
    for (byte, c) in bytes[..count].iter_mut().zip(text.chars()) {
        *byte = encode_windows_1252(c)?;
        length += c.len_utf8();
    }
    let mut decoded = std::str::from_utf8(&bytes[..count]).ok()?.chars();
    let c = match (decoded.next()?, decoded.next()) {
        // A new line separator would add a line that the file does not have.
        ('\u{2028}' | '\u{2029}', None) => ' ',
        (c, None) => c,
        _ => return None,
    };
    Some((c, length))
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
        assert_eq!(
            repair_mojibake_text(text).as_deref().unwrap_or(text),
            expected
        );
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
