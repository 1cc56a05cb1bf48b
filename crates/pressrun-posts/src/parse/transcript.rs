//! Reads chats that were saved as text: `User: …`, `ChatGPT said: …` (R2.7 of the ingest contract).

use pressrun_text::line::TextLine;

use super::chat::{ChatMessage, ChatRole};
use super::interface_line::is_model_name_line;
use crate::diagnostic::{Code, Finding, quote_for_message};

/// Returns the messages of a text, whose fences must be marked.
///
/// If it is not a chat, the lines are returned unchanged.
pub fn split_messages(lines: Vec<TextLine<'_>>) -> Result<Vec<ChatMessage<'_>>, Vec<TextLine<'_>>> {
    if !is_chat(&lines) {
        return Err(lines);
    }
    // Lines before the first role line belong to no message and are dropped.
    let mut messages: Vec<ChatMessage> = Vec::new();
    for mut line in lines {
        let role = if line.in_fence() {
            None
        } else {
            parse_role_line(&line.text)
        };
        if let Some((side, rest)) = role {
            let rest = rest.to_owned();
            let mut message = ChatMessage::new(side, line.number);
            line.text = rest.into();
            message.lines.push(line);
            messages.push(message);
        } else if let Some(message) = messages.last_mut() {
            message.lines.push(line);
        }
    }
    for message in &mut messages {
        remove_model_names(message);
    }
    Ok(messages)
}

/// Removes the names of the chat and of its model that a copied page has at the start and the end of
/// a message (R8.3).
fn remove_model_names(message: &mut ChatMessage) {
    let is_name = |line: &TextLine| !line.in_fence() && is_model_name_line(&line.text);
    let is_skipped = |line: &&TextLine| line.is_blank() || is_name(line);
    let count = message.lines.len();
    let at_start = message.lines.iter().take_while(is_skipped).count();
    let at_end = message.lines[at_start..]
        .iter()
        .rev()
        .take_while(is_skipped)
        .count();
    let mut removed = None;
    for at in (0..at_start).chain(count - at_end..count) {
        let line = &mut message.lines[at];
        if is_name(line) {
            removed.get_or_insert((line.number, line.text.trim().to_owned()));
            line.text = "".into();
        }
    }
    if let Some((number, text)) = removed {
        let text = quote_for_message(&text);
        let message_text = format!("text of the chat interface was removed: {text}");
        let finding = Finding::new(Code::ChatTextRemoved, number, message_text);
        message.findings.push(finding);
    }
}

/// Returns whether a text is a chat: one of the first five non-blank lines is a role line, and both
/// sides have one.
fn is_chat(lines: &[TextLine]) -> bool {
    let side = |line: &TextLine| parse_role_line(&line.text).map(|(side, _)| side);
    let mut text = lines
        .iter()
        .filter(|line| !line.is_blank() && !line.in_fence());
    let Some(first) = text.by_ref().take(5).find_map(side) else {
        return false;
    };
    lines
        .iter()
        .filter(|line| !line.in_fence())
        .any(|line| side(line).is_some_and(|side| side != first))
}

/// Returns whether a line begins a message.
pub fn is_role_line(line: &str) -> bool {
    parse_role_line(line).is_some()
}

/// Returns the author of the message that a line begins, and the text after the role.
fn parse_role_line(line: &str) -> Option<(ChatRole, &str)> {
    let text = line.trim_start();
    let text = match text.trim_start_matches('#') {
        rest if rest.len() < text.len() && rest.starts_with(' ') => rest.trim_start(),
        _ => text,
    };
    let bare = text.trim_start_matches(['*', '_']);
    let colon = bare.bytes().take(MAX_NAME).position(|byte| byte == b':')?;
    let name = bare[..colon].trim_end_matches(['*', '_', ' ']);
    let side = parse_transcript_role(name)?;
    let mut rest = &bare[colon + 1..];
    // The marks close after the colon, as in `**User:**`.
    if bare.len() < text.len() && name.len() == colon {
        rest = rest.trim_start_matches(['*', '_']);
    }
    Some((side, rest.trim_start()))
}

/// The maximum length of the name of a role, including emphasis marks.
const MAX_NAME: usize = 20;

fn parse_transcript_role(name: &str) -> Option<ChatRole> {
    const USER: [&str; 5] = ["user", "human", "you", "you said", "prompt"];
    const ASSISTANT: [&str; 7] = [
        "assistant",
        "chatgpt",
        "chatgpt said",
        "ai",
        "bot",
        "claude",
        "gemini",
    ];
    let is = |names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    if is(&USER) {
        Some(ChatRole::User)
    } else if is(&ASSISTANT) {
        Some(ChatRole::Assistant)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use pressrun_text::line::{join_lines, mark_fences};

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&[(ChatRole, &str)]>) {
        let mut lines: Vec<TextLine> = text
            .split('\n')
            .map(|text| TextLine::new(text, 1))
            .collect();
        mark_fences(&mut lines);
        let read = split_messages(lines).ok();
        let read: Option<Vec<(ChatRole, String)>> = read.map(|messages| {
            let text =
                |message: ChatMessage| (message.side, join_lines(&message.lines).trim().to_owned());
            messages.into_iter().map(text).collect()
        });
        let expected: Option<Vec<(ChatRole, String)>> = expected.map(|list| {
            list.iter()
                .map(|&(side, text)| (side, text.to_owned()))
                .collect()
        });
        assert_eq!(read, expected, "{text}");
    }

    #[test]
    fn role_lines_divide_a_chat() {
        check(
            "My chat\n\nUser: a\nb\n\n## ChatGPT said:\nc\n\n**You:** d\n**Claude**: e",
            Some(&[
                (ChatRole::User, "a\nb"),
                (ChatRole::Assistant, "c"),
                (ChatRole::User, "d"),
                (ChatRole::Assistant, "e"),
            ]),
        );
    }

    #[test]
    fn names_ignore_case() {
        check(
            "HUMAN: a\nai: b",
            Some(&[(ChatRole::User, "a"), (ChatRole::Assistant, "b")]),
        );
        check(
            "you said: a\ngemini: b\nBot: c",
            Some(&[
                (ChatRole::User, "a"),
                (ChatRole::Assistant, "b"),
                (ChatRole::Assistant, "c"),
            ]),
        );
    }

    #[test]
    fn a_chat_has_two_sides_and_begins_soon() {
        check("User: a\nb", None);
        check("1\n2\n3\n4\n5\nUser: a\nAI: b", None);
        check("The user: a\nAI: b", None);
    }

    #[test]
    fn names_of_models_at_the_ends_of_a_message_go() {
        check(
            "You said:\na\n\nChatGPT said:\nChatGPT\n\n4o\nb\no1 pro\nc\n\nGPT-4.1\n\nUser: d",
            Some(&[
                (ChatRole::User, "a"),
                (ChatRole::Assistant, "b\no1 pro\nc"),
                (ChatRole::User, "d"),
            ]),
        );
    }

    #[test]
    fn roles_in_code_are_code() {
        check("User: a\n```\nAI: b\n```", None);
    }
}
