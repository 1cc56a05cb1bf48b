//! Joins a reply that was cut off with the answer that continues it.

use pressrun_posts::parse::end_marker::is_marker_line;
use pressrun_posts::parse::label::parse_label_line;
use pressrun_posts::parse::part::remove_reasoning;
use pressrun_posts::parse::preamble::count_preamble_lines;
use pressrun_posts::parse::reply::GenerationEnd;
use pressrun_posts::parse::{front_matter, header};
use pressrun_text::blocks::is_heading_line;
use pressrun_text::fence::{find_item_text, measure_indent};
use pressrun_text::line::{join_lines, number_and_fence_lines, number_lines};

use super::cut::{CutAfter, CutPlace, find_cut, is_json};
use super::in_place::continues_in_place;
use super::is_whole_reply;
use super::overlap::{find_overlap, find_sure_overlap, is_sure};

/// A reply with its continuation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinedReply {
    /// The text of the whole.
    pub text: String,
    /// How many characters the continuation added.
    pub added: usize,
    /// Whether the answer was a new reply, which took the place of the one before.
    pub restarted: bool,
}

/// Joins the text of a reply that was cut off with the answer to
/// [`write_continuation_request`](super::write_continuation_request), or to the prompt, if nothing
/// was kept.
///
/// `ending` says how the answer ended. If it ended as it was cut off as well, the result can be
/// continued again; with fewer than [`LEAST_NEW`](super::LEAST_NEW) added characters nothing more
/// comes of that.
pub fn join_continuation(text: &str, answer: &str, ending: GenerationEnd) -> JoinedReply {
    let cut = find_cut(text);
    let answer = AnswerForms::new(answer);
    if let Some(joined) = join_echo(text, cut, &answer) {
        return count_added(text, joined);
    }
    if let Some(joined) = join_overlap(text, cut, &answer) {
        return count_added(text, joined);
    }
    if starts_again(text, cut, &answer.clean) {
        return JoinedReply {
            added: answer.clean.chars().count(),
            text: answer.clean,
            restarted: true,
        };
    }
    // A few characters, or a blank line, from which nothing else follows.
    let is_blank_line = text.len() == cut.at && text.ends_with("\n\n");
    let joined = join_at_cut(text, cut, &answer, |lost| !lost.is_empty() || is_blank_line)
        .unwrap_or_else(|| join_without_overlap(text, cut, &answer, ending));
    count_added(text, joined)
}

fn count_added(text: &str, joined: String) -> JoinedReply {
    JoinedReply {
        added: joined.chars().count().saturating_sub(text.chars().count()),
        text: joined,
        restarted: false,
    }
}

/// An answer as it is, and without what a model says before the rest.
struct AnswerForms {
    raw: String,
    /// Without reasoning, words of the assistant, dots, and white space at its start.
    clean: String,
    /// Whether anything but white space was removed.
    is_cleaned: bool,
}

impl AnswerForms {
    fn new(answer: &str) -> Self {
        let mut lines = number_lines(answer);
        let mut is_cleaned = remove_reasoning(&mut lines).is_some();
        let preamble = count_preamble_lines(&lines, None);
        lines.drain(..preamble);
        is_cleaned |= preamble > 0;
        let clean = join_lines(&lines);
        let mut clean = clean.trim_start();
        for dots in ["...", "…"] {
            if let Some(rest) = clean.strip_prefix(dots) {
                (clean, is_cleaned) = (rest, true);
            }
        }
        Self {
            raw: answer.to_owned(),
            clean: clean.trim_start_matches(['\n', '\r']).to_owned(),
            is_cleaned,
        }
    }

    /// Returns the forms in which an answer may repeat something.
    fn all(&self) -> [&str; 3] {
        [&self.raw, self.raw.trim_start(), self.clean.trim_start()]
    }
}

/// Joins an answer that begins with all of the text, or with all that was kept of it.
fn join_echo(text: &str, cut: CutPlace, answer: &AnswerForms) -> Option<String> {
    if answer.raw.starts_with(text) {
        return Some(answer.raw.clone());
    }
    let start = text.len() - text.trim_start().len();
    let kept = text[..cut.at].trim();
    answer.all().into_iter().find_map(|answer| {
        let repeats = answer.starts_with(&text[start..])
            || (!kept.is_empty() && is_sure(kept) && answer.starts_with(kept));
        repeats.then(|| [&text[..start], answer].concat())
    })
}

/// Joins an answer that begins with a part of the end of the text, or of what was kept of it.
fn join_overlap(text: &str, cut: CutPlace, answer: &AnswerForms) -> Option<String> {
    let at_end = |before: &str, find: fn(&str, &str) -> Option<usize>| {
        answer.all().into_iter().find_map(|answer| {
            let length = find(before, answer)?;
            Some([&before[..before.len() - length], answer].concat())
        })
    };
    join_at_cut(text, cut, answer, is_sure)
        .or_else(|| at_end(text, find_overlap))
        .or_else(|| at_end(&text[..cut.at], find_sure_overlap))
        .or_else(|| at_end(text[..cut.at].trim_end(), find_sure_overlap))
}

/// Joins an answer that begins with all that was cut away, if that `counts`.
fn join_at_cut(
    text: &str,
    cut: CutPlace,
    answer: &AnswerForms,
    counts: impl Fn(&str) -> bool,
) -> Option<String> {
    // Servers may remove the white space before the place where the answer was asked to begin.
    let starts = [text[..cut.at].trim_end().len(), cut.at];
    answer.all().into_iter().find_map(|answer| {
        starts.into_iter().find_map(|start| {
            let lost = &text[start..];
            let repeats = counts(lost.trim()) && answer.starts_with(lost);
            repeats.then(|| [&text[..start], answer].concat())
        })
    })
}

/// Joins an answer that repeats nothing.
fn join_without_overlap(
    text: &str,
    cut: CutPlace,
    answer: &AnswerForms,
    ending: GenerationEnd,
) -> String {
    let finished = is_whole_reply(&answer.raw, ending);
    let added = if answer.is_cleaned {
        &answer.clean
    } else {
        &answer.raw
    };
    if is_json(text) {
        return [text, added].concat();
    }
    if !continues_in_place(text, cut.at, added, finished) {
        let added = added.trim_start_matches(['\n', '\r']);
        let kept = &text[..cut.at];
        return [kept, choose_separator(kept, cut.after, added), added].concat();
    }
    let separator = if is_marker_line(added.trim().lines().next().unwrap_or_default()) {
        let ends_line = text.is_empty() || text.ends_with('\n') || added.starts_with(['\n', '\r']);
        if ends_line { "" } else { "\n\n" }
    } else if text[cut.at..].trim().is_empty() {
        choose_separator(text, cut.after, added)
    } else {
        ""
    };
    [text, separator, added].concat()
}

/// Returns what has to stand between whole blocks or rows and what follows them.
fn choose_separator(before: &str, after: CutAfter, added: &str) -> &'static str {
    let line = added.lines().next().unwrap_or_default();
    let last = before.lines().next_back().unwrap_or_default();
    let is_row = line.starts_with('|') == last.starts_with('|')
        && (line.starts_with('|') || find_item_text(line).is_some() || measure_indent(line) > 0);
    match after {
        CutAfter::Part => "",
        _ if before.trim().is_empty() || before.ends_with("\n\n") => "",
        _ if before.ends_with('\n') && added.starts_with(['\n', '\r']) => "",
        CutAfter::Row if is_row || (parse_label_line(line).is_some() && in_fields(before)) => "",
        // A heading or a fence needs no blank line after it, and may have had none.
        CutAfter::Block if before.ends_with('\n') && ends_block(before) => "",
        _ if before.ends_with('\n') => "\n",
        _ => "\n\n",
    }
}

/// Returns whether the last line of a text ends its block.
fn ends_block(text: &str) -> bool {
    let line = text.trim_end().lines().next_back().unwrap_or_default();
    is_heading_line(line) || line.trim_start().starts_with("```") || text.trim_end().is_empty()
}

/// Returns whether a text is nothing but the first lines of a header or of front matter.
fn in_fields(text: &str) -> bool {
    let lines = number_lines(text.trim_end());
    let Some(first) = lines.iter().position(|line| !line.is_blank()) else {
        return false;
    };
    let lines = &lines[first..];
    if front_matter::is_opening(&lines[0]) {
        return front_matter::count_front_matter_lines(lines).is_none();
    }
    header::starts_header(lines, true) && header::read_label_header(lines).length == lines.len()
}

/// Returns whether an answer is a new reply: it begins with a header, or with the first line of the
/// text.
fn starts_again(text: &str, cut: CutPlace, answer: &str) -> bool {
    let lines = number_and_fence_lines(answer);
    let Some(first) = lines.iter().position(|line| !line.is_blank()) else {
        return false;
    };
    let lines = &lines[first..];
    let first_line = |text: &str| {
        text.lines()
            .find(|line| !line.trim().is_empty())
            .map(str::to_owned)
    };
    let own = first_line(text).unwrap_or_default();
    let is_same_line = own.trim() == lines[0].text.trim() && own.chars().any(char::is_alphanumeric);
    // The other fields of a header that was cut off are no new header.
    if in_fields(&text[..cut.at]) || (cut.at == 0 && in_fields(text)) {
        return is_same_line || label_name(&own) == label_name(&lines[0].text);
    }
    is_same_line
        || front_matter::find_front_matter(lines).is_some()
        || header::starts_header(lines, true)
}

/// Returns what stands before the colon of a line.
fn label_name(line: &str) -> Option<String> {
    let (name, _) = line.split_once(':')?;
    Some(
        name.trim_matches(|c: char| !c.is_alphanumeric())
            .to_lowercase(),
    )
}
