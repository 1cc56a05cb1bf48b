//! Finds the replies in a chat, and the messages that continue them (R2.6 of the ingest contract).

use std::sync::LazyLock;

use pressrun_text::blocks::has_heading;
use pressrun_text::line::{TextLine, count_words_of_lines, join_lines};
use pressrun_text::words::strip_phrase;

use super::artifact_tags;
use super::body::continue_reply;
use super::json::DocumentTitle;
use super::part::{self, PartForm, ReplyPart};
use super::prompt;
use super::reply::{GenerationEnd, Reply, ReplyContext, ReplyForm};
use crate::diagnostic::{Code, Finding};
use crate::phrases::{PhraseIndex, fold_phrase_text};

/// The author of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChatRole {
    /// The user.
    User,
    /// The system, with its instructions.
    System,
    /// The model.
    Assistant,
}

/// A message of a chat.
#[derive(Debug)]
pub struct ChatMessage<'a> {
    /// The author of the message.
    pub side: ChatRole,
    /// The text of the message.
    pub lines: Vec<TextLine<'a>>,
    /// The line of the file where it begins, counted from 1.
    pub line: u32,
    /// The date when it was written, as the container states it.
    pub date: Option<String>,
    /// How its generation ended.
    pub ending: GenerationEnd,
    /// The title, if it is a canvas or artifact: a reply whatever its length.
    pub document: Option<DocumentTitle>,
    /// What was removed from it.
    pub findings: Vec<Finding>,
}

impl ChatMessage<'_> {
    /// Creates a message without text.
    pub fn new(side: ChatRole, line: u32) -> Self {
        Self {
            side,
            lines: Vec::new(),
            line,
            date: None,
            ending: GenerationEnd::Unknown,
            document: None,
            findings: Vec::new(),
        }
    }
}

/// Returns the replies of a chat.
pub fn collect_chat_replies<'a>(
    messages: Vec<ChatMessage<'a>>,
    findings: &mut Vec<Finding>,
) -> Vec<Reply<'a>> {
    let mut replies: Vec<Reply> = Vec::new();
    let mut asked = ReplyContext::default();
    let mut goes_on = false;
    let mut after_document = false;
    let mut skipped: Option<(u32, u32)> = None;
    let messages = artifact_tags::separate_artifacts(messages, findings);
    for message in messages {
        if message.side != ChatRole::Assistant {
            // A message of the system does not change whether the user asked to continue.
            if message.side == ChatRole::User {
                goes_on = asks_to_continue(&message.lines);
            }
            // A later request replaces only what it states; the rest stays in force.
            let request = prompt::read_prompt_request(&message.lines);
            asked.topic = request.topic.or(asked.topic);
            asked.categories = request.categories.or(asked.categories);
            continue;
        }
        let mut part = part::unwrap_part(message.lines);
        part.findings.splice(0..0, message.findings);
        let form = part::detect_part_form(&part);
        // The request to continue applies only to the next message of the model, so it is cleared.
        if std::mem::take(&mut goes_on)
            && matches!(form, PartForm::Unlabelled)
            && message.document.is_none()
            // A canvas or artifact is complete; what the model says next is about it.
            && !after_document
            && let Some(last) = replies.last_mut().filter(|last| !last.ended)
        {
            last.findings.push(Finding::new(
                Code::ContinuationJoined,
                message.line,
                "the message continues the reply before it and was joined to it",
            ));
            last.context.ending = message.ending;
            continue_reply(last, part.lines);
            continue;
        }
        if message.document.is_none() && !is_reply(&form, &part) {
            skipped = Some(skipped.map_or((message.line, 1), |(line, count)| (line, count + 1)));
            continue;
        }
        after_document = message.document.is_some();
        let title = message.document.and_then(|document| document.0);
        for mut reply in part::divide_into_replies(part) {
            reply.context = ReplyContext {
                date: message.date.clone(),
                ending: message.ending,
                topic: title.clone().or_else(|| asked.topic.clone()),
                ..asked.clone()
            };
            replies.push(reply);
        }
    }
    if let Some((line, count)) = skipped {
        let message = format!("messages of the chat that are not posts were skipped: {count}");
        findings.push(Finding::new(Code::MessageSkipped, line, message));
    }
    replies
}

/// Returns whether a message is a post rather than conversation: it has fields, or a heading and at
/// least 50 words.
fn is_reply(form: &PartForm, part: &ReplyPart) -> bool {
    match form {
        PartForm::Labelled(_) | PartForm::FrontMatter { .. } | PartForm::Json(_) => true,
        PartForm::Markup { form, .. } if *form == ReplyForm::Structured => true,
        PartForm::Markup { reply, .. } => is_article(&reply.body),
        PartForm::Unlabelled => is_article(&part.lines),
    }
}

/// Returns whether a text without fields is long enough for a post, and has a heading.
fn is_article(lines: &[TextLine]) -> bool {
    count_words_of_lines(lines) >= 50 && has_heading(lines)
}

/// Returns whether a message of the user only asks for the rest of the reply.
fn asks_to_continue(lines: &[TextLine]) -> bool {
    static CONTINUATIONS: LazyLock<PhraseIndex> =
        LazyLock::new(|| PhraseIndex::new(|language| &language.continuations));
    if count_words_of_lines(lines) > 8 {
        return false;
    }
    let text = fold_phrase_text(&join_lines(lines));
    let text =
        strip_phrase(&text, "please").map_or(&*text, |rest| rest.trim_start_matches([' ', ',']));
    CONTINUATIONS.find_starts(text).next().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chat(messages: &[(ChatRole, &str)]) -> Vec<ChatMessage<'static>> {
        messages
            .iter()
            .zip(1..)
            .map(|(&(side, text), line)| {
                let mut message = ChatMessage::new(side, line);
                message.lines = text
                    .split('\n')
                    .map(|text| TextLine::new(text.to_owned(), line))
                    .collect();
                message
            })
            .collect()
    }

    /// Checks the bodies of the replies of a chat.
    #[track_caller]
    fn check(messages: &[(ChatRole, &str)], expected: &[&str]) {
        let replies = collect_chat_replies(chat(messages), &mut Vec::new());
        let bodies: Vec<String> = replies
            .iter()
            .map(|reply| join_lines(&reply.body).trim().to_owned())
            .collect();
        assert_eq!(bodies, expected, "{messages:?}");
    }

    const LABELLED: &str = "TITLE: a\nTAGS: b\n\nOne and";
    use ChatRole::{Assistant, User};

    #[test]
    fn only_messages_that_look_like_posts_are_replies() {
        let long = format!("# a\n\n{}", "b ".repeat(50));
        check(
            &[
                (User, LABELLED),
                (Assistant, "Sure?"),
                (Assistant, "# a\n\nshort"),
                (Assistant, &long),
                (Assistant, "---\ntitle: a\n---\nc"),
                (Assistant, "{\"title\": \"a\", \"content\": \"d\"}"),
            ],
            &[long.trim(), "c", "d"],
        );
    }

    #[test]
    fn a_reply_that_was_cut_off_goes_on_in_the_next_message() {
        for ask in [
            "continue",
            "Please, continue.",
            "go on",
            "Keep going!",
            "finish the article please",
            "Weiter bitte",
            "Continúa, por favor",
            "继续",
            "続けてください",
        ] {
            check(
                &[
                    (Assistant, LABELLED),
                    (User, ask),
                    (Assistant, "two.\n\nThree.\n-EndOFText-\nx"),
                ],
                &["One and two.\n\nThree."],
            );
        }
    }

    #[test]
    fn a_whole_sentence_is_joined_with_a_blank_line() {
        check(
            &[
                (Assistant, "TITLE: a\n\nOne."),
                (User, "continue"),
                (Assistant, "Two"),
            ],
            &["One.\n\nTwo"],
        );
    }

    #[test]
    fn going_on_repeats() {
        check(
            &[
                (Assistant, LABELLED),
                (User, "continue"),
                (Assistant, "two and"),
                (User, "continue"),
                (Assistant, "three"),
            ],
            &["One and two and three"],
        );
    }

    #[test]
    fn a_new_header_or_another_question_ends_it() {
        check(
            &[
                (Assistant, LABELLED),
                (User, "continue"),
                (Assistant, LABELLED),
            ],
            &["One and", "One and"],
        );
        check(
            &[
                (Assistant, LABELLED),
                (User, "continue to tell me much more about the other bees"),
                (Assistant, "two"),
            ],
            &["One and"],
        );
        check(
            &[(Assistant, LABELLED), (User, "why?"), (Assistant, "two")],
            &["One and"],
        );
        check(
            &[
                (Assistant, "TITLE: a\n\nOne\n-EndOFText-"),
                (User, "continue"),
                (Assistant, "two"),
            ],
            &["One"],
        );
    }

    #[test]
    fn code_goes_on_in_its_fence() {
        check(
            &[
                (Assistant, "TITLE: a\n\n```\nlet a ="),
                (User, "continue"),
                (Assistant, "1;\n```\n-EndOFText-"),
            ],
            &["```\nlet a = 1;\n```"],
        );
        check(
            &[
                (Assistant, "TITLE: a\n\n```\nlet a"),
                (User, "continue"),
                (Assistant, "```\nb"),
            ],
            &["```\nlet a\n```\nb"],
        );
    }

    #[test]
    fn users_give_topics_and_lists() {
        let replies = collect_chat_replies(
            chat(&[(User, "Choose from: x, y\nTOPIC: t"), (Assistant, LABELLED)]),
            &mut Vec::new(),
        );
        assert_eq!(replies[0].context.topic.as_deref(), Some("t"));
        assert_eq!(
            replies[0].context.categories.as_ref().unwrap().names(),
            ["x", "y"]
        );
    }
}
