//! Reads chat exports and lists of messages (R2.3 of the ingest contract).

use serde_json::{Map, Value};

use super::ChatText;
use super::answer::message_text;
use crate::parse::chat::ChatRole;
use crate::parse::post_object::read_json_date;
use crate::parse::reply::GenerationEnd;

/// Returns the messages on the visible branch of a `ChatGPT` conversation, in order, and the number
/// of the model's messages on other branches.
pub(super) fn read_chatgpt_export(
    object: &Map<String, Value>,
    mapping: &Map<String, Value>,
) -> (Vec<ChatText>, usize) {
    let is_reply = |message: &ChatText| message.side == ChatRole::Assistant;
    let current = object.get("current_node").and_then(Value::as_str);
    // An export that was cut or merged may name a node that it does not contain.
    let last = current
        .filter(|id| mapping.contains_key(*id))
        .or_else(|| find_last_leaf(mapping));
    let messages = last.map_or_else(Vec::new, |id| branch(mapping, id));
    let shown = messages.iter().filter(|message| is_reply(message)).count();
    let all = mapping
        .values()
        .filter_map(|node| read_chatgpt_message(node.get("message")?))
        .filter(is_reply)
        .count();
    (messages, all.saturating_sub(shown))
}

/// Returns the messages from the first node of the chat to this one, in order.
fn branch(mapping: &Map<String, Value>, last: &str) -> Vec<ChatText> {
    let mut messages = Vec::new();
    let mut node = Some(last);
    // The chain of parents is not longer than the mapping, unless it has a cycle.
    for _ in 0..mapping.len() {
        let Some(current) = node.and_then(|id| mapping.get(id)) else {
            break;
        };
        messages.extend(current.get("message").and_then(read_chatgpt_message));
        node = current.get("parent").and_then(Value::as_str);
    }
    // They were collected from the end of the chat to its beginning.
    messages.reverse();
    messages
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
    let parts: Vec<&str> = content
        .get("parts")?
        .as_array()?
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let text = parts.join("\n");
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
    })
}

/// Returns the messages of a Claude conversation.
pub(super) fn read_claude_export(object: &Map<String, Value>, messages: &[Value]) -> Vec<ChatText> {
    let message = |message: &Value| {
        let text = message
            .get("text")
            .and_then(Value::as_str)
            .filter(|text| !text.trim().is_empty());
        let text = match text {
            Some(text) => text.to_owned(),
            None => message_text(message.get("content")?),
        };
        let mut message = ChatText {
            side: parse_export_role(message.get("sender")?.as_str()?)?,
            date: message
                .get("created_at")
                .or_else(|| object.get("created_at"))
                .and_then(read_json_date),
            ending: GenerationEnd::Unknown,
            text,
        };
        message.text.truncate(message.text.trim_end().len());
        (!message.text.is_empty()).then_some(message)
    };
    messages.iter().filter_map(message).collect()
}

/// Returns the messages of a list of `role`/`content` or `from`/`value` objects.
pub(super) fn read_message_list(messages: &[Value]) -> Vec<ChatText> {
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
        })
        .filter(|message| !message.text.trim().is_empty())
    };
    messages.iter().filter_map(message).collect()
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
