//! Reads what a chat writes beside its messages: the canvases of `ChatGPT` and the artifacts of Claude
//! (R2.8 of the ingest contract).
//!
//! A document is written once and then changed. It becomes one message, in the place where it was
//! written, with the text of its last state.

use std::collections::HashMap;

use memchr::memmem;
use serde_json::{Map, Value};

use super::{ChatRecord, ChatText, DocumentTitle, parse_json};
use crate::parse::chat::ChatRole;
use crate::parse::reply::GenerationEnd;

/// The canvases and artifacts of a chat so far.
#[derive(Debug, Default)]
pub(super) struct ChatDocuments {
    by_id: HashMap<String, DocumentPlace>,
    last: Option<DocumentPlace>,
    /// The number of bytes of all texts and changes, and of those that were searched.
    given: usize,
    searched: usize,
}

/// Where the text of a canvas or artifact is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DocumentPlace {
    /// In the message with this index.
    Message(usize),
    /// Nowhere: it holds code or the like.
    NotText,
}

/// A change of a text: the first place, or every place, where `old` stands gets `new`.
struct TextChange<'c> {
    old: &'c str,
    new: &'c str,
    everywhere: bool,
}

impl ChatDocuments {
    /// Reads what `ChatGPT` sent to its canvas. `text` is JSON.
    pub(super) fn read_canvas(
        &mut self,
        recipient: &str,
        text: &str,
        date: Option<String>,
        chat: &mut ChatRecord,
    ) {
        let read = match recipient {
            "canmore.create_textdoc" => self.create_canvas(text, date, chat),
            "canmore.update_textdoc" => self.update_canvas(text, chat),
            _ => Ok(()),
        };
        chat.unread.extend(read.err());
    }

    fn create_canvas(
        &mut self,
        text: &str,
        date: Option<String>,
        chat: &mut ChatRecord,
    ) -> Result<(), String> {
        let unread = || "a canvas has no text that can be read".to_owned();
        let canvas: Map<String, Value> = parse_json(text).map_err(|_| unread())?;
        let string = |key: &str| canvas.get(key).and_then(Value::as_str);
        match string("type") {
            Some("document") => {}
            Some(_) => {
                self.add_other(None, chat);
                return Ok(());
            }
            None => return Err(unread()),
        }
        let content = string("content").ok_or_else(unread)?;
        let title = string("title").map(str::to_owned);
        self.add_text(None, content, title, date, chat);
        Ok(())
    }

    fn update_canvas(&mut self, text: &str, chat: &mut ChatRecord) -> Result<(), String> {
        let unread = || "a change to a canvas cannot be read".to_owned();
        let DocumentPlace::Message(message) = self.last.ok_or_else(unread)? else {
            return Ok(());
        };
        let update: Map<String, Value> = parse_json(text).map_err(|_| unread())?;
        let updates = update.get("updates").and_then(Value::as_array);
        for update in updates.ok_or_else(unread)? {
            let string = |key: &str| update.get(key).and_then(Value::as_str);
            let applied = match (string("pattern"), string("replacement")) {
                (Some(".*"), Some(new)) => {
                    self.given += new.len();
                    new.clone_into(&mut chat.messages[message].text);
                    Ok(())
                }
                (Some(old), Some(new)) => {
                    let everywhere = update.get("multiple") == Some(&Value::Bool(true));
                    let change = TextChange {
                        old,
                        new,
                        everywhere,
                    };
                    self.apply_change(&change, &mut chat.messages[message].text)
                }
                _ => Err(unread()),
            };
            chat.unread.extend(applied.err());
        }
        Ok(())
    }

    /// Reads a block of a Claude message, if it writes or changes an artifact.
    pub(super) fn read_artifact(
        &mut self,
        block: &Value,
        date: Option<&String>,
        chat: &mut ChatRecord,
    ) {
        let string = |key: &str| block.get(key).and_then(Value::as_str);
        if string("type") == Some("tool_use") && string("name") == Some("artifacts") {
            let nothing = Map::new();
            let input = block.get("input").and_then(Value::as_object);
            let read = self.apply_artifact_command(input.unwrap_or(&nothing), date, chat);
            chat.unread.extend(read.err());
        }
    }

    fn apply_artifact_command(
        &mut self,
        input: &Map<String, Value>,
        date: Option<&String>,
        chat: &mut ChatRecord,
    ) -> Result<(), String> {
        let string = |key: &str| input.get(key).and_then(Value::as_str);
        let id = string("id");
        let earlier = id.and_then(|id| self.by_id.get(id)).copied();
        match string("command") {
            Some("update") => {
                let unread = || "a change to an artifact cannot be read".to_owned();
                // Without an id it is the last one.
                let place = if id.is_some() { earlier } else { self.last };
                let DocumentPlace::Message(message) = place.ok_or_else(unread)? else {
                    return Ok(());
                };
                let change = TextChange {
                    old: string("old_str").ok_or_else(unread)?,
                    new: string("new_str").ok_or_else(unread)?,
                    everywhere: false,
                };
                self.apply_change(&change, &mut chat.messages[message].text)
            }
            Some("create" | "rewrite") => {
                // A new text under a known id keeps the type that is not given again.
                let is_other = earlier == Some(DocumentPlace::NotText);
                let is_text = string("type").map_or(!is_other, is_text_artifact);
                if !is_text {
                    self.add_other(id, chat);
                    return Ok(());
                }
                let content =
                    string("content").ok_or("an artifact has no text that can be read")?;
                let title = string("title").map(str::to_owned);
                if let Some(DocumentPlace::Message(message)) = earlier {
                    self.given += content.len();
                    let message = &mut chat.messages[message];
                    content.clone_into(&mut message.text);
                    if title.is_some() {
                        message.document = Some(DocumentTitle(title));
                    }
                } else {
                    self.add_text(id, content, title, date.cloned(), chat);
                }
                Ok(())
            }
            _ if string("type").is_some_and(|kind| !is_text_artifact(kind)) => {
                self.add_other(id, chat);
                Ok(())
            }
            _ => Err("an artifact has no text that can be read".to_owned()),
        }
    }

    fn add_text(
        &mut self,
        id: Option<&str>,
        content: &str,
        title: Option<String>,
        date: Option<String>,
        chat: &mut ChatRecord,
    ) {
        self.given += content.len();
        self.remember(id, DocumentPlace::Message(chat.messages.len()));
        chat.messages.push(ChatText {
            side: ChatRole::Assistant,
            text: content.to_owned(),
            date,
            ending: GenerationEnd::Unknown,
            document: Some(DocumentTitle(title)),
        });
    }

    /// Adds a document that is not text.
    fn add_other(&mut self, id: Option<&str>, chat: &mut ChatRecord) {
        chat.skipped += 1;
        self.remember(id, DocumentPlace::NotText);
    }

    fn remember(&mut self, id: Option<&str>, place: DocumentPlace) {
        self.last = Some(place);
        if let Some(id) = id {
            self.by_id.insert(id.to_owned(), place);
        }
    }

    /// Changes a text, or leaves it as it is if the change does not fit.
    fn apply_change(&mut self, change: &TextChange, text: &mut String) -> Result<(), String> {
        let TextChange {
            old,
            new,
            everywhere,
        } = *change;
        self.given += old.len() + new.len();
        self.searched += text.len();
        if old.is_empty() {
            return Err("a change does not name the text that it replaces".to_owned());
        }
        if self.searched > MAX_WORK * self.given + MIN_WORK {
            return Err("a document has too many changes".to_owned());
        }
        if everywhere {
            let count = memmem::find_iter(text.as_bytes(), old).count();
            if text.len() + count * new.len() > MAX_GROWTH * self.given {
                return Err("a change makes a document too large".to_owned());
            }
            if count > 0 {
                *text = text.replace(old, new);
                return Ok(());
            }
        } else if let Some(at) = memmem::find(text.as_bytes(), old.as_bytes()) {
            text.replace_range(at..at + old.len(), new);
            return Ok(());
        }
        Err("a change to a document does not match its text".to_owned())
    }
}

/// Every change searches the whole text. These limit the work, so that a small file cannot take hours:
/// the number of bytes searched for each byte of the chat, and the number that is always allowed.
const MAX_WORK: usize = 200;
const MIN_WORK: usize = 1 << 20;

/// How many times larger a text may become than all that was written.
const MAX_GROWTH: usize = 4;

/// Returns whether an artifact of this type is text.
pub fn is_text_artifact(kind: &str) -> bool {
    matches!(kind, "text/markdown" | "text/html")
}
