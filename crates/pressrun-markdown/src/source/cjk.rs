//! Lets emphasis begin and end beside the letters and punctuation of Chinese, Japanese and Korean.
//!
//! By the rules of `CommonMark`, `*` between punctuation and a letter is on the side of the letter.
//! That presumes spaces between words: in `**注意：**使用` the second `**` would open. Next to such a
//! character, asterisks open before and close behind whatever is not white space. A mark between
//! the asterisks and the punctuation makes the parser see it so.

use super::edits::SourceEdits;

/// A letter to the asterisks, white space to what is emphasised.
const AFTER: &str = "\u{4}\u{b}";
const BEFORE: &str = "\u{b}\u{4}";

/// Marks the asterisks that the parser would not let open or close.
pub(super) fn mark_emphasis(source: &str) -> SourceEdits {
    let mut edits = SourceEdits::default();
    if source.is_ascii() {
        return edits;
    }
    let mut end = 0;
    for start in memchr::memchr_iter(b'*', source.as_bytes()) {
        if start < end {
            continue;
        }
        end = source.len() - source[start..].trim_start_matches('*').len();
        let before = source[..start].chars().rev().find(|&c| !is_selector(c));
        let after = source[end..].chars().next();
        if !before.is_some_and(is_cjk) && !after.is_some_and(is_cjk) {
            continue;
        }
        if before.is_some_and(is_sign) {
            edits.insert(start, BEFORE);
        }
        if after.is_some_and(is_sign) {
            edits.insert(end, AFTER);
        }
    }
    edits
}

/// Returns whether the lines before and after a line break are joined without a space, because the
/// break is between letters or punctuation of Chinese and Japanese. Korean has spaces.
pub(crate) fn joins_lines(before: &str, after: &str) -> bool {
    // Signs of Markdown at the ends of the lines; longer runs are none.
    let is_letter = |c: &char| {
        !c.is_whitespace() && !c.is_control() && !matches!(c, '*' | '_' | '~' | '>' | '[' | ']')
    };
    let last = before.chars().rev().take(MAX_SIGNS).find(is_letter);
    // Most texts end here.
    last.is_some_and(has_no_spaces)
        && after
            .chars()
            .take(MAX_SIGNS)
            .find(is_letter)
            .is_some_and(has_no_spaces)
}

/// How many characters beside a line break are looked at.
const MAX_SIGNS: usize = 40;

fn has_no_spaces(c: char) -> bool {
    is_cjk(c)
        && !matches!(c, '\u{1100}'..='\u{11FF}' | '\u{3130}'..='\u{318F}' | '\u{A960}'..='\u{A97F}' | '\u{AC00}'..='\u{D7FF}')
}

/// Returns whether a character is neither white space nor part of a word.
fn is_sign(c: char) -> bool {
    !c.is_whitespace() && !c.is_alphanumeric()
}

/// Returns whether a character selects a variant of the one before it.
fn is_selector(c: char) -> bool {
    matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

/// Returns whether a character is a letter or punctuation of Chinese, Japanese or Korean.
fn is_cjk(c: char) -> bool {
    matches!(c,
        '\u{1100}'..='\u{11FF}' | '\u{2E80}'..='\u{2FDF}' | '\u{2FF0}'..='\u{2FFF}'
        | '\u{3001}'..='\u{A4CF}' | '\u{A960}'..='\u{A97F}' | '\u{AC00}'..='\u{D7FF}'
        | '\u{F900}'..='\u{FAFF}' | '\u{FE30}'..='\u{FE4F}' | '\u{FF00}'..='\u{FFEF}'
        | '\u{1AFF0}'..='\u{1B16F}' | '\u{20000}'..='\u{3FFFD}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_chinese_and_japanese_are_joined() {
        for (before, after, expected) in [
            ("第一行，", "第二行", true),
            ("**日本**", "  *語*", true),
            ("한국", "어", false),
            ("中文", "Latin", false),
            ("Latin", "中文", false),
        ] {
            assert_eq!(joins_lines(before, after), expected, "{before} {after}");
        }
    }

    #[test]
    fn asterisks_beside_cjk_get_marks_towards_punctuation() {
        for (source, expected) in [
            ("**注意：**使用", "**注意：<**使用"),
            ("说**“你好”**然后", "说**>“你好”<**然后"),
            ("**한국어(괄호)**는", "**한국어(괄호)<**는"),
            ("**“a”**b", "**“a”**b"),
            ("- a\n* “你”", "- a\n* “你”"),
            ("*a*é", "*a*é"),
        ] {
            let marked = mark_emphasis(source).apply_to(source.into());
            let marked = marked.replace(BEFORE, "<").replace(AFTER, ">");
            assert_eq!(marked, expected);
        }
    }
}
