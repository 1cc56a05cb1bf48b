//! Continues a reply that was cut off: where it is cut back to, how the rest is asked for, and how
//! the two are joined.
//!
//! The model sees its reply up to the last whole block outside a fence, and is asked for the rest by
//! a user turn. What it then writes may begin there, or where it was cut off, or repeat some or all
//! of what it wrote before. [`join_continuation`] recognises each case, so that a model that
//! continues exactly gives the text that it would have given in one piece, byte for byte.
//!
//! Not here: sending the request, and how often (`run`).

mod cut;
mod in_place;
mod join;
mod overlap;

use pressrun_posts::parse::end_marker::find_end_marker;
use pressrun_posts::parse::mid_sentence::ends_in_mid_sentence;
use pressrun_posts::parse::open_fence::mark_reply_fences;
use pressrun_posts::parse::reply::GenerationEnd;
use pressrun_posts::parse::wrapper::may_open_wrapping_fence;
use pressrun_text::line::{TextLine, number_lines};

pub use cut::cut_back;
use cut::is_json;
pub use join::{JoinedReply, join_continuation};

/// A continuation with fewer new characters than this is the last one.
pub const LEAST_NEW: usize = 50;

/// Returns whether a reply is whole.
///
/// An end marker proves it, whatever the server says: a model may have gone on after it. Without a
/// marker the server must say that the model finished, and the text must not stop in mid-sentence,
/// because some servers say so of a text that they cut off.
pub fn is_whole_reply(text: &str, ending: GenerationEnd) -> bool {
    let lines = mark_lines(text);
    if has_end_marker(&lines.all) {
        return true;
    }
    ending == GenerationEnd::Finished
        && !text.trim().is_empty()
        && (is_json(text) || !ends_in_mid_sentence(&lines.all, lines.in_open_fence))
}

/// Returns the user turn that asks for the rest of a reply that was cut off.
///
/// It follows the turn of the assistant with the text up to [`cut_back`].
pub fn write_continuation_request() -> String {
    "Your reply was cut off by a length limit. What you see of it above is all that was kept. \
     Write the part that is missing, from the next paragraph, heading, list item or code block \
     on, up to the end of the article. Repeat nothing, write the fields at the top only if they \
     are missing, and say nothing about this request. End as you were asked to end the reply."
        .to_owned()
}

/// The lines of a reply with their fences marked.
struct MarkedLines<'a> {
    all: Vec<TextLine<'a>>,
    in_open_fence: bool,
}

/// Splits a reply into lines, as the reader of replies sees them. A fence around the whole reply is
/// none.
fn mark_lines(text: &str) -> MarkedLines<'_> {
    let mut all = number_lines(text);
    let wraps = may_open_wrapping_fence(&all);
    let first = all.iter().position(|line| {
        wraps && !line.is_blank() && line.text.trim_start().starts_with(['`', '~'])
    });
    let from = first.map_or(0, |at| at + 1);
    let in_open_fence = mark_reply_fences(&mut all[from..]);
    MarkedLines { all, in_open_fence }
}

fn has_end_marker(lines: &[TextLine]) -> bool {
    (0..lines.len()).any(|at| !lines[at].in_fence() && find_end_marker(lines, at).is_some())
}

#[cfg(test)]
mod tests;
