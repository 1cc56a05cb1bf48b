//! Finds end markers: `-EndOFText-`, `</EndOFText>`, `[EndOFText]` and similar (R5.1 of the ingest
//! contract).

use std::ops::Range;

use pressrun_text::inline_code::InlineCode;
use pressrun_text::line::TextLine;

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
    let candidates = find_marker_candidates(line, from);
    if candidates.is_empty() {
        return None;
    }
    // Finding code spans is expensive, so it is done only if there is a candidate.
    let window = find_neighbour_lines(lines, index);
    let code = InlineCode::find_in(&lines[window.clone()]);
    let code: Vec<_> = code.in_line(index - window.start).cloned().collect();
    candidates.into_iter().find_map(|range| {
        let span = code.get(code.partition_point(|span| span.end <= range.start));
        match span.filter(|span| span.start < range.end) {
            None => Some(extend_over_marks(line, range)),
            Some(span) => is_whole_line(line, span).then_some(0..line.len()),
        }
    })
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

fn is_whole_line(line: &str, span: &Range<usize>) -> bool {
    let is_mark = |c: char| c.is_whitespace() || matches!(c, '*' | '_');
    line[..span.start].trim_matches(is_mark).is_empty()
        && line[span.end..].trim_matches(is_mark).is_empty()
}

/// Returns everything from byte `from` on that reads like a marker, in order.
fn find_marker_candidates(line: &str, from: usize) -> Vec<Range<usize>> {
    let bytes = line.as_bytes();
    let mut found: Vec<Range<usize>> = Vec::new();
    // The only `x` in "end of text" leads to the words; `<` may begin `<|im_end|>`.
    for at in memchr::memchr3_iter(b'x', b'X', b'<', &bytes[from..]) {
        let at = from + at;
        if bytes[at] != b'<' {
            let words = match_marker_words(bytes, at);
            found.extend(words.and_then(|words| {
                match_enclosed_marker(line, &words).or_else(|| match_lone_marker(line, &words))
            }));
            continue;
        }
        let end = at + IM_END.len();
        if bytes
            .get(at..end)
            .is_some_and(|token| token.eq_ignore_ascii_case(IM_END))
        {
            found.push(at..end);
        }
    }
    found.sort_unstable_by_key(|range| range.start);
    found
}

const IM_END: &[u8] = b"<|im_end|>";

/// Returns the range of the words "end of text" whose `x` is at `x`. One separator is allowed
/// between words.
fn match_marker_words(bytes: &[u8], x: usize) -> Option<Range<usize>> {
    let end = x + 2;
    let mut start = end;
    // The words are matched backwards, because only the place of the `x` is known.
    for word in [&b"text"[..], b"of", b"end"] {
        if start < end && matches!(bytes[..start].last(), Some(b' ' | b'_' | b'-')) {
            start -= 1;
        }
        let begin = start.checked_sub(word.len())?;
        if !bytes.get(begin..start)?.eq_ignore_ascii_case(word) {
            return None;
        }
        start = begin;
    }
    Some(start..end)
}

/// Returns the range of a marker with brackets or hyphens around its words. Spaces inside are
/// allowed.
fn match_enclosed_marker(line: &str, words: &Range<usize>) -> Option<Range<usize>> {
    let before = line[..words.start].trim_end_matches(' ');
    let after = line[words.end..].trim_start_matches(' ');
    // The forms of the left and of the right side, in the same order.
    let left = [
        before.strip_suffix("<|"),
        strip_slash_end(before).strip_suffix('<'),
        strip_slash_end(before).strip_suffix("&lt;"),
        strip_slash_end(before).strip_suffix('['),
        before.strip_suffix('-'),
    ];
    let right = [
        after.strip_prefix("|>"),
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
const HYPHENS: usize = 4;

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
        check("a <|im_end|> <|endoftext|>", Some("a "));
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
    }
}
