//! Reads chat exports and lists of messages (R2.3 of the ingest contract).

use serde_json::{Map, Value};

use super::answer::message_text;
use super::chat_documents::ChatDocuments;
use super::{ChatRecord, ChatText};
use crate::parse::chat::ChatRole;
use crate::parse::post_object::read_json_date;
use crate::parse::reply::GenerationEnd;

/// Returns the visible branch of a `ChatGPT` conversation.
pub(super) fn read_chatgpt_export(
    object: &Map<String, Value>,
    mapping: &Map<String, Value>,
) -> ChatRecord {
    let is_reply = |message: &ChatText| message.side == ChatRole::Assistant;
    let current = object.get("current_node").and_then(Value::as_str);
    // An export that was cut or merged may name a node that it does not contain.
    let last = current
        .filter(|id| mapping.contains_key(*id))
        .or_else(|| find_last_leaf(mapping));
    let mut chat = ChatRecord::default();
    let mut documents = ChatDocuments::default();
    let mut shown = 0;
    for message in last.map_or_else(Vec::new, |id| list_branch(mapping, id)) {
        if let Some(recipient) = find_canvas_recipient(message) {
            let date = message.get("create_time").and_then(read_json_date);
            documents.read_canvas(recipient, &chatgpt_text(message), date, &mut chat);
        } else if let Some(message) = read_chatgpt_message(message) {
            shown += usize::from(is_reply(&message));
            chat.messages.push(message);
        }
    }
    let all = mapping
        .values()
        .filter_map(|node| read_chatgpt_message(node.get("message")?))
        .filter(is_reply)
        .count();
    chat.abandoned = all.saturating_sub(shown);
    chat
}

/// Returns the messages from the first node of the chat to this one, in order.
fn list_branch<'m>(mapping: &'m Map<String, Value>, last: &'m str) -> Vec<&'m Value> {
    let mut messages = Vec::new();
    let mut node = Some(last);
    // The chain of parents is not longer than the mapping, unless it has a cycle.
    for _ in 0..mapping.len() {
        let Some(current) = node.and_then(|id| mapping.get(id)) else {
            break;
        };
        messages.extend(current.get("message"));
        node = current.get("parent").and_then(Value::as_str);
    }
    // They were collected from the end of the chat to its beginning.
    messages.reverse();
    messages
}

/// Returns the recipient of a message, if it is the canvas.
fn find_canvas_recipient(message: &Value) -> Option<&str> {
    let recipient = message.get("recipient").and_then(Value::as_str)?;
    recipient.starts_with("canmore.").then_some(recipient)
}

/// Returns the text of a message, which has parts, or is one text if a tool reads it.
fn chatgpt_text(message: &Value) -> String {
    let Some(content) = message.get("content") else {
        return String::new();
    };
    if let Some(text) = content.get("text").and_then(Value::as_str) {
        return text.to_owned();
    }
    let parts = content.get("parts").and_then(Value::as_array);
    let is_speech = |part: &Value| {
        part.get("content_type").and_then(Value::as_str) == Some("audio_transcription")
    };
    let texts: Vec<&str> = parts
        .into_iter()
        .flatten()
        .filter_map(|part| {
            let spoken = Some(part).filter(|part| is_speech(part));
            part.as_str().or_else(|| spoken?.get("text")?.as_str())
        })
        .collect();
    texts.join("\n")
}

/// Returns the last node without children, for exports that do not state the visible branch.
fn find_last_leaf(mapping: &Map<String, Value>) -> Option<&str> {
    let is_leaf = |node: &Value| {
        node.get("children")
            .and_then(Value::as_array)
            .is_none_or(Vec::is_empty)
    };
    mapping
        .iter()
        .rev()
        .find(|(_, node)| is_leaf(node))
        .map(|(id, _)| id.as_str())
}

fn read_chatgpt_message(message: &Value) -> Option<ChatText> {
    let content = message.get("content")?;
    let metadata = message.get("metadata");
    let hidden = metadata.and_then(|metadata| metadata.get("is_visually_hidden_from_conversation"));
    // A message to a tool is not part of the conversation.
    let addressed = message
        .get("recipient")
        .and_then(Value::as_str)
        .is_none_or(|to| to == "all");
    let kind = content.get("content_type").and_then(Value::as_str)?;
    if !matches!(kind, "text" | "multimodal_text")
        || !addressed
        || hidden == Some(&Value::Bool(true))
    {
        return None;
    }
    let text = chatgpt_text(message);
    let side = parse_export_role(message.get("author")?.get("role")?.as_str()?)?;
    let details =
        metadata.and_then(|metadata| metadata.get("finish_details")?.get("type")?.as_str());
    (!text.trim().is_empty()).then(|| ChatText {
        side,
        text,
        date: message.get("create_time").and_then(read_json_date),
        ending: if details == Some("max_tokens") {
            GenerationEnd::CutOff
        } else {
            GenerationEnd::Unknown
        },
        document: None,
    })
}

/// Returns a Claude conversation.
pub(super) fn read_claude_export(object: &Map<String, Value>, messages: &[Value]) -> ChatRecord {
    let mut chat = ChatRecord::default();
    let mut documents = ChatDocuments::default();
    for message in messages {
        let date = message
            .get("created_at")
            .or_else(|| object.get("created_at"))
            .and_then(read_json_date);
        chat.messages
            .extend(read_claude_message(message, date.clone()));
        let blocks = message.get("content").and_then(Value::as_array);
        for block in blocks.into_iter().flatten() {
            documents.read_artifact(block, date.as_ref(), &mut chat);
        }
    }
    chat
}

fn read_claude_message(message: &Value, date: Option<String>) -> Option<ChatText> {
    let text = message.get("text").and_then(Value::as_str);
    let mut text = match text.filter(|text| !text.trim().is_empty()) {
        Some(text) => text.to_owned(),
        None => message_text(message.get("content")?),
    };
    text.truncate(text.trim_end().len());
    let side = parse_export_role(message.get("sender")?.as_str()?)?;
    (!text.is_empty()).then_some(ChatText {
        side,
        text,
        date,
        ending: GenerationEnd::Unknown,
        document: None,
    })
}

/// Returns the chat of a list of `role`/`content` or `from`/`value` objects.
pub(super) fn read_message_list(messages: &[Value]) -> ChatRecord {
    let message = |message: &Value| {
        let name = message
            .get("role")
            .or_else(|| message.get("from"))?
            .as_str()?;
        let text = message_text(message.get("content").or_else(|| message.get("value"))?);
        Some(ChatText {
            side: parse_export_role(name)?,
            date: None,
            ending: GenerationEnd::Unknown,
            text,
            document: None,
        })
        .filter(|message| !message.text.trim().is_empty())
    };
    ChatRecord {
        messages: messages.iter().filter_map(message).collect(),
        ..ChatRecord::default()
    }
}

/// Returns the author for the name of a role, or `None` for tools and the like.
fn parse_export_role(role: &str) -> Option<ChatRole> {
    match role.to_ascii_lowercase().as_str() {
        "user" | "human" => Some(ChatRole::User),
        "assistant" | "gpt" | "chatgpt" | "model" | "bot" | "ai" | "claude" | "gemini" => {
            Some(ChatRole::Assistant)
        }
        "system" | "developer" => Some(ChatRole::System),
        _ => None,
    }
}
