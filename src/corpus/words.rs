//! How long a text is for a reader.

/// Words read in a minute.
const WORDS_A_MINUTE: u32 = 230;

/// Characters read in a minute in scripts that do without spaces.
const CHARACTERS_A_MINUTE: u32 = 400;

/// The length of a text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// What white space separates, in scripts with spaces.
    words: u32,
    /// Characters of scripts that do without spaces.
    characters: u32,
}

impl Count {
    /// Words and characters together.
    pub fn total(self) -> u32 {
        self.words + self.characters
    }

    /// Minutes that reading takes, at least 1.
    pub fn minutes(self) -> u32 {
        let seconds = (u64::from(self.words) * 60).div_ceil(u64::from(WORDS_A_MINUTE))
            + (u64::from(self.characters) * 60).div_ceil(u64::from(CHARACTERS_A_MINUTE));
        (seconds.div_ceil(60) as u32).max(1)
    }
}

/// Counts the words of a text; marks of Markdown that stand alone do not count.
pub fn count(text: &str) -> Count {
    let mut count = Count::default();
    let mut in_word = false;
    for c in text.chars() {
        if c.is_ascii_whitespace() {
            count.words += u32::from(in_word);
            in_word = false;
        } else if c.is_ascii() {
            in_word |= c.is_ascii_alphanumeric();
        } else if is_unspaced(c) {
            count.characters += 1;
        } else {
            in_word |= c.is_alphanumeric();
        }
    }
    count.words += u32::from(in_word);
    count
}

/// Whether a character is of a script that does without spaces: Chinese, Japanese, Thai, Lao,
/// Khmer, Burmese.
fn is_unspaced(c: char) -> bool {
    matches!(
        c,
        '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
            | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
            | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{2fa1f}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_alone_are_no_words() {
        assert_eq!(count("# One - two *three* |---|").total(), 3);
    }

    #[test]
    fn chinese_counts_characters() {
        assert_eq!(count("静态网站 generator").total(), 5);
    }

    #[test]
    fn reading_takes_at_least_a_minute() {
        assert_eq!(count("short").minutes(), 1);
        assert_eq!(count(&"word ".repeat(231)).minutes(), 2);
    }
}
