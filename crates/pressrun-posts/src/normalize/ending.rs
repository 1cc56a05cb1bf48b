//! Reads the end of a body: metadata, words of the assistant and rules (R7.1, R8.2, R8.7), and
//! whether the reply was cut off (R5.4 of the ingest contract).

use pressrun_text::line::TextLine;

use super::closing::remove_closing;
use super::trailing::{find_text_range, take_metadata};
use crate::diagnostic::{Code, Finding, quote_for_message};
use crate::parse::given::GivenField;
use crate::parse::mid_sentence::ends_in_mid_sentence;
use crate::parse::reply::{GenerationEnd, Reply, ReplyForm};

/// Removes metadata and closing phrases from the end until none is left.
///
/// Returns the metadata from top to bottom.
pub fn take_trailing_fields(
    body: &mut Vec<TextLine>,
    findings: &mut Vec<Finding>,
) -> Vec<GivenField> {
    let mut taken: Vec<Vec<GivenField>> = Vec::new();
    // Metadata and closing phrases can follow each other in any order.
    loop {
        trim_rules(body);
        let metadata = take_metadata(body, findings);
        let closed = remove_closing(body, findings);
        if metadata.is_empty() && !closed {
            break;
        }
        taken.push(metadata);
    }
    // It was taken from the bottom up.
    taken.into_iter().rev().flatten().collect()
}

/// Removes rules and blank lines at both ends (R8.7).
pub fn trim_rules(body: &mut Vec<TextLine>) {
    let kept = find_text_range(body);
    body.truncate(kept.end);
    body.drain(..kept.start);
}

/// Returns the warning for a reply that was cut off or lacks its end marker (R5.4).
///
/// `body` is what is left of its text.
pub fn check_ending(reply: &Reply, body: &[TextLine]) -> Option<Finding> {
    let line = body.last().map_or(reply.line, |line| line.number);
    let labelled = reply.form == ReplyForm::Labelled && !reply.ended;
    let cut = |reason: &str| {
        let message = format!("the reply was cut off, so the post is a draft: {reason}");
        Some(
            Finding::new(Code::TruncatedReply, line, message)
                .with_help("ask the model to continue, and append the rest to the reply"),
        )
    };
    if reply.context.ending == GenerationEnd::CutOff {
        return cut("its container says that it is incomplete");
    }
    if labelled && ends_in_mid_sentence(body, reply.in_open_fence()) {
        let last = body.iter().rev().find(|line| !line.is_blank());
        return cut(&format!(
            "it ends in {}",
            quote_for_message(last.map_or("", |line| last_words_of_line(&line.text)))
        ));
    }
    if reply.in_open_fence() {
        let message = "a code fence is not closed at the end of the reply";
        return Some(
            Finding::new(Code::UnclosedFence, line, message).with_help(
                "close it with a line of its own: three backticks, or as many as open it",
            ),
        );
    }
    if labelled && reply.context.ending != GenerationEnd::Finished {
        let message = "the reply has no end marker but looks complete";
        return Some(
            Finding::new(Code::MissingEndMarker, line, message)
                .with_help("end the reply with the line `-EndOFText-`"),
        );
    }
    None
}

/// Returns the last words of a line.
fn last_words_of_line(line: &str) -> &str {
    let line = line.trim_end();
    let start = line.char_indices().rev().nth(40).map_or(0, |(at, _)| at);
    match line[start..].find(' ') {
        Some(space) if start > 0 => &line[start + space + 1..],
        _ => &line[start..],
    }
}

#[cfg(test)]
mod tests {
    use pressrun_text::line::{join_lines, number_and_fence_lines as lines};

    use super::*;

    /// Checks what remains of a text, the fields taken from its end, and whether chat text was
    /// removed.
    #[track_caller]
    fn check(text: &str, left: &str, fields: &[&str], chat: bool) {
        let mut body = lines(text);
        let mut findings = Vec::new();
        let given = take_trailing_fields(&mut body, &mut findings);
        let values: Vec<String> = given.iter().map(|given| given.value.text()).collect();
        assert_eq!(
            (join_lines(&body).as_str(), values),
            (left, fields.iter().map(|&f| f.to_owned()).collect()),
            "{text}"
        );
        assert_eq!(!findings.is_empty(), chat, "{text}");
    }

    #[test]
    fn labels_at_the_end_are_metadata() {
        check(
            "a.\n\nMeta Description: b\n\n---\n**Tags:** c\n\nCategories: d\n---\n",
            "a.",
            &["b", "c", "d"],
            false,
        );
        check("a.\nSlug: b", "a.", &["b"], false);
        check("a.\n\n#tea #rain", "a.", &["#tea #rain"], false);
        check(
            "a.\n\nTags: b\n\n#tea #rain",
            "a.",
            &["b", "#tea #rain"],
            false,
        );
    }

    #[test]
    fn other_labels_and_text_after_them_stay() {
        for text in [
            "a.\n\nDescription: b",
            "a.\n\nTags:",
            "a.\n\nTags: b\nc",
            "a.\n\nDate: b",
            "```\nTags: b\n```",
            "a.\n\n#tea #rain\nb",
        ] {
            check(text, text, &[], false);
        }
    }

    #[test]
    fn metadata_and_phrases_alternate() {
        check(
            "a.\n\nI hope this helps!\n\nTags: b\n\n---\n\nWould you like me to go on?",
            "a.",
            &["b"],
            true,
        );
        check(
            "a.\n\nSlug: c\n\nFeel free to ask.\n\nTags: b",
            "a.",
            &["c", "b"],
            true,
        );
    }

    #[test]
    fn rules_at_the_ends_go() {
        check("---\n\na.\n---\n", "a.", &[], false);
        check("a\n\nTea\n---", "a\n\nTea\n---", &[], false);
        check("```\na\n```\n***", "```\na\n```", &[], false);
    }

    #[track_caller]
    fn check_verdict(reply: &Reply, expected: Option<Code>) {
        let body = lines("a and b");
        assert_eq!(
            check_ending(reply, &body).map(|finding| finding.code),
            expected
        );
        let whole = lines("a and b.");
        let expected = if reply.context.ending == GenerationEnd::CutOff {
            expected
        } else {
            None
        };
        if reply.ended
            || reply.form != ReplyForm::Labelled
            || reply.context.ending != GenerationEnd::Unknown
        {
            assert_eq!(
                check_ending(reply, &whole).map(|finding| finding.code),
                expected
            );
        } else {
            assert_eq!(
                check_ending(reply, &whole).map(|finding| finding.code),
                Some(Code::MissingEndMarker)
            );
        }
    }

    #[test]
    fn a_reply_without_an_end_is_cut_off_or_lacks_its_marker() {
        let reply = |form, ended, ending| {
            let mut reply = Reply::default();
            reply.form = form;
            reply.ended = ended;
            reply.context.ending = ending;
            reply
        };
        check_verdict(
            &reply(ReplyForm::Labelled, false, GenerationEnd::Unknown),
            Some(Code::TruncatedReply),
        );
        check_verdict(
            &reply(ReplyForm::Labelled, false, GenerationEnd::Finished),
            Some(Code::TruncatedReply),
        );
        check_verdict(
            &reply(ReplyForm::Labelled, true, GenerationEnd::Unknown),
            None,
        );
        check_verdict(
            &reply(ReplyForm::Plain, false, GenerationEnd::Unknown),
            None,
        );
        check_verdict(
            &reply(ReplyForm::Structured, false, GenerationEnd::Finished),
            None,
        );
        check_verdict(
            &reply(ReplyForm::Plain, false, GenerationEnd::CutOff),
            Some(Code::TruncatedReply),
        );
        check_verdict(
            &reply(ReplyForm::Labelled, true, GenerationEnd::CutOff),
            Some(Code::TruncatedReply),
        );
    }
}
