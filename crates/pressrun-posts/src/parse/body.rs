//! Reads the body of a reply up to its end (R4.6, R4.7, R5.1), and what follows an end marker (R5.2
//! of the ingest contract).

use std::ops::Range;

use pressrun_text::blocks::is_rule;
use pressrun_text::fence::{Fence, parse_fence_line};
use pressrun_text::line::TextLine;

use super::header;
use super::label_group::{
    LabelGroup, UnknownLabels, may_trail, parse_label_row, read_row_on_one_line,
};
use super::mid_sentence::ends_in_mid_sentence;
use super::nested_fence::repair_nested_fences;
use super::open_fence::FenceLookahead;
use super::reply::Reply;
use super::{end_marker, wrapper};
use crate::diagnostic::{Code, Finding, quote_for_message};

/// Moves the body of a reply out of `lines`, up to its end marker, and reads what follows.
///
/// Returns the number of lines that belong to the reply. If `headers` is set, the next label header
/// starts another reply.
pub(super) fn read_body<'a>(
    reply: &mut Reply<'a>,
    lines: &mut [TextLine<'a>],
    headers: bool,
    ahead: &mut FenceLookahead,
) -> usize {
    let before = reply.fences.clone();
    let searched = std::mem::take(&mut reply.searched);
    let mut end = find_body_end(reply, lines, (headers, searched), ahead);
    // The reply ends inside a fence: it may have fences in fences.
    if end.in_open_fence
        && let Some(line) = repair_nested_fences(&mut lines[..end.at])
    {
        reply.findings.push(report_repaired_fence(line));
        reply.fences = before;
        end = find_body_end(reply, lines, (headers, searched), ahead);
    }
    reply.open_fence = end.in_open_fence;
    let Some(marker) = end.marker else {
        move_lines_to_body(reply, &mut lines[..end.at]);
        return end.next;
    };
    reply.ended = true;
    let last = &mut lines[end.at];
    let tail = last.text[marker.end..].to_owned();
    let kept = TextLine::new(
        strip_lone_block_marks(&last.text[..marker.start]).to_owned(),
        last.number,
    );
    last.text = tail.into();
    // The line is split: its start ends the body, and the text after the marker is read below.
    move_lines_to_body(reply, &mut lines[..end.at]);
    reply.body.push(kept);
    end.at + read_after_marker(reply, &mut lines[end.at..], headers)
}

/// Where a body ends.
struct BodyEnd {
    /// The first line that is not, or not wholly, part of the body.
    at: usize,
    /// Where the next reply begins, if there is no marker.
    next: usize,
    /// The end marker in the line at `at`.
    marker: Option<Range<usize>>,
    /// Whether a fence is open before `at`.
    in_open_fence: bool,
}

/// Finds the end of a body, and marks the fences of its lines.
///
/// The start of a line that was joined in [`continue_reply`] has been `searched` for a marker
/// already.
fn find_body_end(
    reply: &mut Reply,
    lines: &mut [TextLine],
    (headers, searched): (bool, usize),
    ahead: &mut FenceLookahead,
) -> BodyEnd {
    for at in 0..lines.len() {
        let in_open_fence = reply.fences.end_unclosed(lines, at, headers, ahead);
        let ends = |next: usize, marker: Option<Range<usize>>| BodyEnd {
            at,
            next,
            marker,
            in_open_fence,
        };
        // Code may contain something that looks like a header.
        if headers && !reply.fences.is_open() {
            if header::starts_header(&lines[at..], false) {
                return ends(at, None);
            }
            if let Some(header) = find_next_wrapped_header(&lines[at..]) {
                return ends(at + header, None);
            }
        }
        lines[at].fence = reply.fences.classify_next(&lines[at].text);
        let from = if at == 0 { searched } else { 0 };
        if lines[at].fence == Fence::Outside
            && let Some(marker) = end_marker::find_end_marker_from(lines, at, from)
        {
            return ends(at, Some(marker));
        }
    }
    BodyEnd {
        at: lines.len(),
        next: lines.len(),
        marker: None,
        in_open_fence: reply.fences.is_open(),
    }
}

/// Returns where the header of the next reply begins, if the first of `lines` closes the fence
/// around this reply and the next non-blank line opens the fence around the next one.
fn find_next_wrapped_header(lines: &[TextLine]) -> Option<usize> {
    if !parse_fence_line(&lines[0].text)?.is_bare() {
        return None;
    }
    let mut text = (1..lines.len()).filter(|&at| !lines[at].is_blank());
    let opening = text
        .next()
        .filter(|&at| wrapper::may_open_wrapping_fence(&lines[at..]))?;
    let header = text.next()?;
    (opening < header && header::starts_header(&lines[header..], false)).then_some(header)
}

fn move_lines_to_body<'a>(reply: &mut Reply<'a>, lines: &mut [TextLine<'a>]) {
    let moved = lines
        .iter_mut()
        .map(|line| std::mem::replace(line, TextLine::new("", line.number)));
    reply.body.extend(moved);
}

/// Returns the text before an end marker on its line, or nothing if it is only a mark such as `##`.
fn strip_lone_block_marks(text: &str) -> &str {
    let is_mark = |c: char| matches!(c, '#' | '>' | '-' | '*' | '+' | ' ');
    if text.trim_matches(is_mark).is_empty() {
        ""
    } else {
        text.trim_end()
    }
}

/// Reads what follows an end marker, up to the next label header (R5.2), and returns the number of
/// lines.
///
/// Fence lines are ignored here, so they cannot hide a header.
pub(super) fn read_after_marker(reply: &mut Reply, lines: &mut [TextLine], headers: bool) -> usize {
    let mut dropped = false;
    let mut group = LabelGroup::new(may_trail);
    let mut unknown = UnknownLabels::default();
    let mut at = 0;
    // The line after the last label.
    let mut below = 0;
    while let Some(line) = lines.get(at) {
        if line.is_blank() || is_rule(&line.text) || parse_fence_line(&line.text).is_some() {
            at += 1;
            continue;
        }
        if headers && header::starts_header(&lines[at..], false) {
            return at;
        }
        let row = parse_label_row(&line.text, group.languages);
        let end = match &row {
            Some(row) if row.is_unknown() => unknown.find_end(lines, at, &group, at == below),
            Some(row) if group.accepts(row) => {
                group.add(row);
                Some(at + 1)
            }
            _ => None,
        };
        if let Some(end) = end {
            for line in &lines[at..end] {
                reply
                    .trailing
                    .extend(read_row_on_one_line(line, group.languages));
            }
            below = end;
        } else if !dropped {
            dropped = true;
            let message = format!(
                "the text after the end marker was dropped: {}",
                quote_for_message(&line.text)
            );
            reply
                .findings
                .push(Finding::new(Code::TextAfterEndMarker, line.number, message));
        }
        at = end.unwrap_or(at + 1);
    }
    lines.len()
}

/// Continues a reply that has no end marker with the next message of its chat (R2.6).
pub fn continue_reply<'a>(reply: &mut Reply<'a>, mut lines: Vec<TextLine<'a>>) {
    let in_mid_sentence = ends_in_mid_sentence(&reply.body, reply.fences.is_open());
    let blank = lines.iter().take_while(|line| line.is_blank()).count();
    let lines = &mut lines[blank..];
    while reply.body.last().is_some_and(TextLine::is_blank) {
        reply.body.pop();
    }
    match (reply.body.pop(), lines.first_mut()) {
        (Some(mut last), Some(first)) if in_mid_sentence && may_join_lines(&last, first) => {
            let text = last.text.to_mut();
            text.truncate(text.trim_end().len());
            // The reply's own text has no marker, but one may begin after it.
            reply.searched = text.len();
            text.push(' ');
            text.push_str(&first.text);
            *first = last;
        }
        (Some(last), _) => {
            let number = last.number;
            reply.body.push(last);
            // The continuation begins a new block.
            if !in_mid_sentence {
                reply.body.push(TextLine::new("", number));
            }
        }
        (None, _) => {}
    }
    read_body(reply, lines, false, &mut FenceLookahead::new(lines));
}

/// Returns whether two lines may be joined: neither of them opens or closes a fence.
fn may_join_lines(last: &TextLine, first: &TextLine) -> bool {
    matches!(last.fence, Fence::Outside | Fence::Inside) && parse_fence_line(&first.text).is_none()
}

/// Returns the note for a fence whose lines became longer.
pub(super) fn report_repaired_fence(line: u32) -> Finding {
    let message = "a code fence around other fences got longer fence lines";
    Finding::new(Code::FenceRepaired, line, message)
}
