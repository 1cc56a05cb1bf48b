//! Finds end markers: `-EndOFText-`, `</EndOFText>`, `[EndOFText]` and similar, and the end tokens of
//! models, such as `<|im_end|>` (R5.1 of the ingest contract).

use std::ops::Range;

use pressrun_text::inline_code::InlineCode;
use pressrun_text::line::TextLine;
use pressrun_text::sentences::is_closing;

/// Returns the byte range of the first end marker in the line at `index`, which must be outside
/// fences.
///
/// A marker in inline code does not count, unless the code span is the whole line.
pub fn find_end_marker(lines: &[TextLine], index: usize) -> Option<Range<usize>> {
    find_end_marker_from(lines, index, 0)
}

/// Does the same from the byte `from` on, if the part before it is known to have no marker.
pub fn find_end_marker_from(lines: &[TextLine], index: usize, from: usize) -> Option<Range<usize>> {
    let line = &*lines[index].text;
    let mut candidates = find_marker_candidates(line, from);
    candidates.extend(find_end_tokens(lines, index, from));
    if candidates.is_empty() {
        return None;
    }
    candidates.sort_unstable_by_key(|candidate| candidate.range.start);
    // Finding code spans is expensive, so it is done only if there is a candidate.
    let window = find_neighbour_lines(lines, index);
    let code = InlineCode::find_in(&lines[window.clone()]);
    let code: Vec<_> = code.in_line(index - window.start).cloned().collect();
    candidates
        .into_iter()
        .find_map(|MarkerCandidate { range, is_token }| {
            let span = code.get(code.partition_point(|span| span.end <= range.start));
            match span.filter(|span| span.start < range.end) {
                None => Some(extend_over_marks(line, range)),
                Some(span) => (!is_token && is_whole_line(line, span)).then_some(0..line.len()),
            }
        })
}

/// Returns whether a line is an end marker and nothing else.
pub fn is_marker_line(line: &str) -> bool {
    const MAX_LENGTH: usize = 80;
    let may_be_marker =
        line.len() <= MAX_LENGTH && memchr::memchr3(b'x', b'X', b'<', line.as_bytes()).is_some();
    may_be_marker
        && find_end_marker(&[TextLine::new(line, 1)], 0).is_some_and(|marker| {
            line[..marker.start].trim().is_empty() && line[marker.end..].trim().is_empty()
        })
}

/// Something that reads like an end marker.
#[derive(Debug)]
struct MarkerCandidate {
    range: Range<usize>,
    /// Whether it is an end token of a model.
    is_token: bool,
}

/// The maximum number of lines before and after that are searched for the ends of a code span.
const MAX_NEIGHBOURS: usize = 20;

/// Returns the lines around `index` that can share a code span with it.
fn find_neighbour_lines(lines: &[TextLine], index: usize) -> Range<usize> {
    let apart = |line: &TextLine| line.is_blank() || line.in_fence();
    let first = index.saturating_sub(MAX_NEIGHBOURS);
    let last = lines.len().min(index + MAX_NEIGHBOURS);
    let start = lines[first..index]
        .iter()
        .rposition(apart)
        .map_or(first, |at| first + at + 1);
    let end = lines[index..last]
        .iter()
        .position(apart)
        .map_or(last, |at| index + at);
    start..end
}

/// Returns whether a code span is all of a line. It may have more lines than this one.
fn is_whole_line(line: &str, span: &Range<usize>) -> bool {
    let code = &line[span.clone()];
    if code.len() < 2 || !(code.starts_with('`') && code.ends_with('`')) {
        return false;
    }
    let is_mark = |c: char| c.is_whitespace() || matches!(c, '*' | '_');
    line[..span.start].trim_matches(is_mark).is_empty()
        && line[span.end..].trim_matches(is_mark).is_empty()
}

/// Returns everything from byte `from` on that reads like a marker, but end tokens.
fn find_marker_candidates(line: &str, from: usize) -> Vec<MarkerCandidate> {
    let bytes = line.as_bytes();
    // The only `x` in "end of text" leads to the words.
    memchr::memchr2_iter(b'x', b'X', &bytes[from..])
        .filter_map(|at| {
            let words = match_marker_words(bytes, from + at)?;
            let range =
                match_enclosed_marker(line, &words).or_else(|| match_lone_marker(line, &words))?;
            Some(MarkerCandidate {
                range,
                is_token: false,
            })
        })
        .collect()
}

/// The end tokens of models, in lower case. A post may speak of them, so they end a reply only where
/// a text can end.
const TOKENS: [&str; 10] = [
    "<|endoftext|>",
    "<|im_end|>",
    "<|eot_id|>",
    "<|eom_id|>",
    "<|end|>",
    "<|end_of_text|>",
    "<|return|>",
    "<｜end▁of▁sentence｜>",
    "<end_of_turn>",
    SEQUENCE_END,
];

const SEQUENCE_END: &str = "</s>";

/// Returns the end tokens of a line, from byte `from` on, that end the text.
///
/// Only white space and further tokens follow them on their line. Besides they are alone on it, or
/// follow the end of a sentence, or nothing follows the line.
fn find_end_tokens(lines: &[TextLine], index: usize, from: usize) -> Option<MarkerCandidate> {
    let line = &*lines[index].text;
    let mut start = line.len();
    loop {
        let rest = line[..start].trim_end();
        if !rest.ends_with('>') {
            break;
        }
        let Some(token) = TOKENS.iter().find(|token| ends_ignoring_case(rest, token)) else {
            break;
        };
        start = rest.len() - token.len();
    }
    if start < from || line[start..].trim().is_empty() {
        return None;
    }
    let before = line[..start].trim_end();
    let ends_text = before.is_empty()
        || ends_sentence(before)
        || lines[index + 1..].iter().all(TextLine::is_blank);
    let closes_sequence = line.as_bytes()[start..]
        .get(..SEQUENCE_END.len())
        .is_some_and(|token| token.eq_ignore_ascii_case(SEQUENCE_END.as_bytes()))
        && opens_sequence(lines, index, start);
    (ends_text && !closes_sequence).then_some(MarkerCandidate {
        range: start..line.len(),
        is_token: true,
    })
}

fn ends_ignoring_case(text: &str, end: &str) -> bool {
    text.len() >= end.len()
        && text.as_bytes()[text.len() - end.len()..].eq_ignore_ascii_case(end.as_bytes())
}

/// Returns whether a text ends as a sentence does, emphasis and closing quotes aside.
fn ends_sentence(text: &str) -> bool {
    text.trim_end_matches(|c| is_closing(c) || matches!(c, '*' | '_' | '`' | '~'))
        .ends_with(['.', '!', '?', '…', '。', '！', '？'])
}

/// Returns whether a `<s>` stands before `at` in the same paragraph: then `</s>` is its closing tag.
fn opens_sequence(lines: &[TextLine], index: usize, at: usize) -> bool {
    let opens = |text: &str| text.contains("<s>") || text.contains("<S>");
    let first = index.saturating_sub(MAX_NEIGHBOURS);
    opens(&lines[index].text[..at])
        || lines[first..index]
            .iter()
            .rev()
            .take_while(|line| !line.is_blank() && !line.in_fence())
            .any(|line| opens(&line.text))
}

/// Returns the range of the words "end of text" whose `x` is at `x`. One separator is allowed
/// between words.
fn match_marker_words(bytes: &[u8], x: usize) -> Option<Range<usize>> {
    let end = x + 2;
    let mut start = end;
    // The words are matched backwards, because only the place of the `x` is known.
    for word in [&b"text"[..], b"of", b"end"] {
        if start < end {
            start -= measure_separator(&bytes[..start]);
        }
        let begin = start.checked_sub(word.len())?;
        if !bytes.get(begin..start)?.eq_ignore_ascii_case(word) {
            return None;
        }
        start = begin;
    }
    Some(start..end)
}

/// Returns the number of bytes of the separator of words at the end of `before`.
fn measure_separator(before: &[u8]) -> usize {
    const SEPARATORS: [&str; 5] = [" ", "_", "-", "\u{A0}", "\u{202F}"];
    SEPARATORS
        .iter()
        .find(|separator| before.ends_with(separator.as_bytes()))
        .map_or(0, |separator| separator.len())
}

/// Returns the range of a marker with brackets or hyphens around its words. Spaces inside are
/// allowed.
fn match_enclosed_marker(line: &str, words: &Range<usize>) -> Option<Range<usize>> {
    let before = line[..words.start].trim_end_matches(' ');
    let after = line[words.end..].trim_start_matches(' ');
    // The forms of the left and of the right side, in the same order.
    let left = [
        strip_slash_end(before).strip_suffix('<'),
        strip_slash_end(before).strip_suffix("&lt;"),
        strip_slash_end(before).strip_suffix('['),
        before.strip_suffix('-'),
    ];
    let right = [
        strip_slash_start(after)
            .strip_prefix('>')
            .or_else(|| strip_slash_start(after).strip_prefix("&gt;")),
        strip_slash_start(after)
            .strip_prefix("&gt;")
            .or_else(|| strip_slash_start(after).strip_prefix('>')),
        after.strip_prefix(']'),
        after.strip_prefix('-'),
    ];
    let shape = (0..left.len()).find(|&shape| left[shape].is_some() && right[shape].is_some())?;
    let (mut left, mut right) = (left[shape]?, right[shape]?);
    if shape == HYPHENS {
        left = left.trim_end_matches('-');
        right = right.trim_start_matches('-');
        // `front-end-of-text-file` is one word, not a marker.
        let glued =
            left.ends_with(char::is_alphanumeric) || right.starts_with(char::is_alphanumeric);
        if glued && line[words.clone()].contains('-') {
            return None;
        }
    }
    Some(left.len()..line.len() - right.len())
}

/// The index of the hyphens among the forms in [`match_enclosed_marker`].
const HYPHENS: usize = 3;

fn strip_slash_end(text: &str) -> &str {
    text.strip_suffix('/').unwrap_or(text).trim_end_matches(' ')
}

fn strip_slash_start(text: &str) -> &str {
    text.strip_prefix('/')
        .unwrap_or(text)
        .trim_start_matches(' ')
}

/// Returns the whole line, if it contains only the words, emphasis marks and a final period.
fn match_lone_marker(line: &str, words: &Range<usize>) -> Option<Range<usize>> {
    let is_mark = |c: char| c.is_whitespace() || matches!(c, '*' | '_' | '`');
    let before = line[..words.start].trim_matches(is_mark);
    let after = line[words.end..].trim_matches(is_mark);
    (before.is_empty() && matches!(after, "" | ".")).then_some(0..line.len())
}

/// Extends the range of a marker by the emphasis marks and backticks that touch it.
fn extend_over_marks(line: &str, range: Range<usize>) -> Range<usize> {
    let is_mark = |c: char| matches!(c, '*' | '_' | '`');
    let before = line[..range.start].trim_end_matches(is_mark);
    let end = line.len() - line[range.end..].trim_start_matches(is_mark).len();
    let marks = &line[before.len()..range.start];
    // Marks on the left only may close emphasis that opened earlier in the line. Then they stay.
    let closes = end == range.end && !marks.is_empty() && before.matches(marks).count() % 2 == 1;
    if closes {
        range.start..end
    } else {
        before.len()..end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks what remains of the line before its marker.
    #[track_caller]
    fn check(line: &str, expected: Option<&str>) {
        let lines = [TextLine::new(line, 1)];
        let before = find_end_marker(&lines, 0).map(|range| &line[..range.start]);
        assert_eq!(before, expected, "{line}");
    }

    #[test]
    fn every_form_of_the_marker_is_one() {
        for line in [
            "-EndOFText-",
            "--EndOFText--",
            "---endoftext---",
            "- EndOFText -",
            "-End Of Text-",
            "-END_OF_TEXT-",
            "-end-of-text-",
            "-End\u{A0}Of\u{202F}Text-",
            "<EndOFText>",
            "</EndOFText>",
            "<EndOFText/>",
            "< / EndOFText >",
            "&lt;EndOFText&gt;",
            "&lt;/endoftext&gt;",
            "&lt;EndOfText/&gt;",
            "[EndOFText]",
            "[/EndOFText]",
            "[ End Of Text ]",
            "<|endoftext|>",
            "<|im_end|>",
            "<|IM_END|>",
            "EndOFText",
            "End of text.",
            "**EndOFText**",
            "**-EndOFText-**",
            "*</EndOFText>*",
            "`-EndOFText-`",
            "**`[EndOFText]`**",
        ] {
            check(line, Some(""));
        }
    }

    #[test]
    fn a_marker_may_stand_in_mid_line() {
        check("The end.</EndOFText>", Some("The end."));
        check("The end. -EndOFText- Bye", Some("The end. "));
        check("The end **-EndOFText-**", Some("The end "));
        check("The **end**-EndOFText-", Some("The **end**"));
    }

    #[test]
    fn end_tokens_count_where_a_text_can_end() {
        for token in TOKENS {
            check(token, Some(""));
            check(&format!("A text. {token}"), Some("A text. "));
            check(&format!("**A text!**{token} "), Some("**A text!**"));
            check(&format!("`{token}`"), None);
            check(&format!("A text.{token} and more"), None);
            // The line is the end of the text.
            check(&format!("a {token}"), Some("a "));
        }
        check("A text.</s><|im_end|>", Some("A text."));
        check("a <|im_end|> <|endoftext|>", Some("a "));
        check("a <s>b.</s>", None);
        let more = |line| find_end_marker(&[TextLine::new(line, 1), TextLine::new("b", 2)], 0);
        assert_eq!(more("They write <|im_end|>"), None);
        assert_eq!(more("They write. <|im_end|>"), Some(12..22));
        assert_eq!(more("<|im_end|>"), Some(0..10));
    }

    #[test]
    fn marker_line_has_nothing_else() {
        for line in [
            "-EndOFText-",
            " **</EndOFText>** ",
            "`[EndOFText]`",
            "<|eot_id|>",
        ] {
            assert!(is_marker_line(line), "{line}");
        }
        for line in [
            "The end. -EndOFText-",
            "-EndOFText- b",
            "`<|eot_id|>`",
            "a",
            "",
        ] {
            assert!(!is_marker_line(line), "{line}");
        }
    }

    #[test]
    fn the_words_alone_count_only_on_a_line_of_their_own() {
        check("The end of text.", None);
        check("End of text is near", None);
        check("front-end-of-text-file", None);
        check("<EndOFText", None);
        check("EndOFTextile", None);
        check("-EndOFTexts-", None);
    }

    #[test]
    fn inline_code_hides_a_marker() {
        check("send `-EndOFText-` at the end", None);
        check(
            "send `-EndOFText-` then -EndOFText-",
            Some("send `-EndOFText-` then "),
        );
        let lines = [
            TextLine::new("see `a", 1),
            TextLine::new("-EndOFText-` b", 2),
        ];
        assert_eq!(find_end_marker(&lines, 1), None);
        let lines = ["see `a", "-EndOFText-", "b`"].map(|line| TextLine::new(line, 1));
        assert_eq!(find_end_marker(&lines, 1), None);
    }
}
