//! Converts outline numerals to headings: `I. Text`, `A. Text` (R14 of the ingest contract).

use pressrun_text::blocks::has_heading;
use pressrun_text::line::TextLine;

use crate::diagnostic::{Code, Finding};

/// Converts outline lines to headings, if the body has no headings and at least two Roman numerals.
pub fn convert_outline(body: &mut [TextLine], findings: &mut Vec<Finding>) {
    let found = find_outline_items(body);
    let romans = found.iter().filter(|item| item.level == 2).count();
    if romans < 2 || has_heading(body) {
        return;
    }
    let line = body[found[0].line].number;
    for item in &found {
        let text = body[item.line].text.trim();
        let marks = if item.level == 2 { "##" } else { "###" };
        let heading = format!("{marks} {}", text[item.text..].trim_start());
        body[item.line].text = heading.into();
    }
    let message = format!("outline numerals became headings: {}", found.len());
    findings.push(Finding::new(Code::OutlineConverted, line, message));
}

/// A line of an outline.
struct OutlineItem {
    line: usize,
    level: u8,
    /// The byte position where its text begins.
    text: usize,
}

fn find_outline_items(body: &[TextLine]) -> Vec<OutlineItem> {
    let mut found = Vec::new();
    let mut roman = 1;
    let mut letter = None;
    for line in 0..body.len() {
        let Some((numeral, text)) = parse_outline_numeral(body, line) else {
            continue;
        };
        // Some letters, such as `C`, are Roman numerals too. Only the next numeral in order counts.
        let level = if ROMAN.get(roman - 1) == Some(&numeral) {
            roman += 1;
            // Letters start again below each Roman numeral.
            letter = Some(b'A');
            2
        } else if letter.is_some_and(|next| numeral.as_bytes() == [next]) {
            letter = letter.filter(|&next| next < b'Z').map(|next| next + 1);
            3
        } else {
            continue;
        };
        found.push(OutlineItem { line, level, text });
    }
    found
}

const ROMAN: [&str; 20] = [
    "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV",
    "XVI", "XVII", "XVIII", "XIX", "XX",
];

const MAX_CHARACTERS: usize = 100;

/// Returns the numeral of a line that stands between blank lines, and where its text begins.
fn parse_outline_numeral<'l>(body: &'l [TextLine], at: usize) -> Option<(&'l str, usize)> {
    let line = &body[at];
    let text = line.text.trim();
    if !text.starts_with(|c: char| c.is_ascii_uppercase()) || line.in_fence() {
        return None;
    }
    let (numeral, rest) = text.split_at(text.bytes().take(6).position(|byte| byte == b'.')?);
    let rest = &rest[1..];
    let alone = |line: Option<&TextLine>| line.is_none_or(TextLine::is_blank);
    let fits = rest.starts_with(char::is_whitespace)
        && numeral.bytes().all(|byte| byte.is_ascii_uppercase())
        && text.chars().count() <= MAX_CHARACTERS
        && !text.ends_with(['.', ';', ','])
        && alone(at.checked_sub(1).map(|before| &body[before]))
        && alone(body.get(at + 1));
    fits.then_some((numeral, numeral.len() + 1))
}

#[cfg(test)]
mod tests {
    use pressrun_text::line::{join_lines, mark_fences};

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let mut lines: Vec<TextLine> = text
            .split('\n')
            .map(|text| TextLine::new(text, 1))
            .collect();
        mark_fences(&mut lines);
        convert_outline(&mut lines, &mut Vec::new());
        assert_eq!(join_lines(&lines), expected);
    }

    #[test]
    fn numerals_in_order_become_headings() {
        check(
            "I. a\n\nA. b\n\nc\n\nB. d\n\nII. e\n\nA. f",
            "## a\n\n### b\n\nc\n\n### d\n\n## e\n\n### f",
        );
    }

    #[test]
    fn any_white_space_follows_a_numeral() {
        check("I.\u{A0}a\n\nII.\u{202F}b", "## a\n\n## b");
    }

    #[test]
    fn lines_out_of_order_stay() {
        check(
            "I. a\n\nB. b\n\nIII. c\n\nII. d\n\nA. e\n\nA. f",
            "## a\n\nB. b\n\nIII. c\n\n## d\n\n### e\n\nA. f",
        );
        check("A. x\n\nI. a\n\nII. b", "A. x\n\n## a\n\n## b");
    }

    #[test]
    fn the_letter_after_h_is_i() {
        let letters: Vec<String> = ('A'..='J').map(|letter| format!("{letter}. x")).collect();
        let text = format!("I. a\n\n{}\n\nII. b", letters.join("\n\n"));
        let expected = format!("## a\n\n{}\n\n## b", ["### x"; 10].join("\n\n"));
        check(&text, &expected);
    }

    #[test]
    fn one_numeral_or_any_heading_is_not_an_outline() {
        check("I. a\n\nA. b", "I. a\n\nA. b");
        check("# x\n\nI. a\n\nII. b", "# x\n\nI. a\n\nII. b");
    }

    #[test]
    fn lines_that_read_like_text_stay() {
        for text in [
            "I. a\nx\n\nII. b",
            "I. a.\n\nII. b",
            "I.a\n\nII. b",
            "```\nI. a\n\nII. b\n```",
        ] {
            check(text, text);
        }
    }
}
