//! Reads a message file and checks it.

use std::collections::{BTreeMap, HashMap};
use std::hash::{Hash, Hasher};
use std::ops::Range;

use pressrun_text::visible::first_misplaced;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::english;
use super::text::{Message, Pattern};
use crate::plurals::PluralCategory;

/// The messages of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MessageFile(HashMap<String, Message>);

impl MessageFile {
    pub(super) fn messages(&self) -> &HashMap<String, Message> {
        &self.0
    }
}

impl Hash for MessageFile {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let sorted: BTreeMap<&String, &Message> = self.0.iter().collect();
        sorted.hash(state);
    }
}

/// What is wrong in a message file, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageFault {
    /// The bytes of the file that it is about.
    pub range: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

/// A message that the theme does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownMessage {
    /// Its key.
    pub key: String,
    /// Where it is.
    pub range: Range<usize>,
}

/// Reads a message file. Returns its messages, and those that the theme does not have.
///
/// # Errors
///
/// Returns everything that is wrong with it.
pub fn parse_message_file(
    text: &str,
) -> Result<(MessageFile, Vec<UnknownMessage>), Vec<MessageFault>> {
    let mut reader = FileReader::default();
    reader.read_file(text);
    let mut unknown = Vec::new();
    for (key, range) in &reader.places {
        match english().get(key) {
            None => unknown.push(UnknownMessage {
                key: key.clone(),
                range: range.clone(),
            }),
            Some(english) => {
                let fault = check_values(&reader.messages[key], english, range);
                reader.faults.extend(fault);
            }
        }
    }
    if reader.faults.is_empty() {
        Ok((MessageFile(reader.messages), unknown))
    } else {
        reader.faults.sort_by_key(|fault| fault.range.start);
        Err(reader.faults)
    }
}

/// Reads the messages of a file without comparing them with those in English.
pub(super) fn parse_messages(text: &str) -> Result<HashMap<String, Message>, Vec<MessageFault>> {
    let mut reader = FileReader::default();
    reader.read_file(text);
    if reader.faults.is_empty() {
        Ok(reader.messages)
    } else {
        Err(reader.faults)
    }
}

/// Reports values that the message does not get.
fn check_values(
    message: &Message,
    english: &Message,
    range: &Range<usize>,
) -> Option<MessageFault> {
    let given = english.value_names();
    let names = message.value_names();
    let wrong = names.iter().find(|name| !given.contains(*name))?;
    let given: Vec<String> = given.iter().map(|name| format!("`{{{name}}}`")).collect();
    let help = if given.is_empty() {
        "this message shows no values".to_owned()
    } else {
        format!("it can show {}", given.join(", "))
    };
    Some(MessageFault {
        range: range.clone(),
        message: format!("nothing is filled in for `{{{wrong}}}`"),
        help: Some(help),
    })
}

/// The file while it is being read.
#[derive(Default)]
struct FileReader {
    messages: HashMap<String, Message>,
    /// Where each message is, in the order of the file.
    places: Vec<(String, Range<usize>)>,
    faults: Vec<MessageFault>,
}

impl FileReader {
    fn read_file(&mut self, text: &str) {
        // This parser continues after an error, so that all errors are reported at once.
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in &errors {
            let message = error.message().lines().collect::<Vec<_>>().join(", ");
            self.report(error.span().unwrap_or_default(), message, None);
        }
        if errors.is_empty() {
            self.read_table(table.get_ref(), "");
        }
    }

    fn read_table(&mut self, table: &DeTable<'_>, group: &str) {
        for (name, value) in table {
            self.check_text(name.get_ref(), &name.span());
            let key = if group.is_empty() {
                name.get_ref().to_string()
            } else {
                format!("{group}.{}", name.get_ref())
            };
            let message = match value.get_ref() {
                DeValue::String(text) => {
                    self.check_text(text, &value.span());
                    Message::Text(Pattern::parse(text))
                }
                DeValue::Table(below) if is_plural(below) => {
                    let Some(message) = self.read_plural(below, value.span()) else {
                        continue;
                    };
                    message
                }
                DeValue::Table(below) if group.is_empty() => {
                    self.read_table(below, &key);
                    continue;
                }
                _ => {
                    let message = format!("`{key}` takes a text, or a table of plural forms");
                    self.report(value.span(), message, None);
                    continue;
                }
            };
            self.places.push((key.clone(), value.span()));
            self.messages.insert(key, message);
        }
    }

    fn read_plural(&mut self, table: &DeTable<'_>, range: Range<usize>) -> Option<Message> {
        let mut other = None;
        let mut forms = Vec::new();
        for (name, form) in table {
            let Some(text) = form.get_ref().as_str() else {
                self.report(form.span(), "a plural form is a text".to_owned(), None);
                continue;
            };
            self.check_text(text, &form.span());
            let pattern = Pattern::parse(text);
            match PluralCategory::from_name(name.get_ref()) {
                Some(PluralCategory::Other) => other = Some(pattern),
                Some(category) => forms.push((category, pattern)),
                None => {
                    let help = "plural forms are `zero`, `one`, `two`, `few`, `many`, `other`";
                    let message = format!("`{}` is no plural form", name.get_ref());
                    self.report(name.span(), message, Some(help));
                }
            }
        }
        if other.is_none() {
            let help = "it is for all numbers that no other form is for";
            self.report(range, "the form `other` is missing".to_owned(), Some(help));
        }
        forms.sort_by_key(|(category, _)| *category);
        Some(Message::Plural(other?, forms))
    }

    /// Reports a character that no page may contain.
    fn check_text(&mut self, text: &str, range: &Range<usize>) {
        if let Some(c) = first_misplaced(text) {
            let message = format!(
                "it contains U+{:04X}, which no page may contain",
                u32::from(c)
            );
            self.report(range.clone(), message, Some("delete it"));
        }
    }

    fn report(&mut self, range: Range<usize>, message: String, help: Option<&str>) {
        self.faults.push(MessageFault {
            range,
            message,
            help: help.map(str::to_owned),
        });
    }
}

/// Returns whether a table has a plural form, and so is a message.
fn is_plural(table: &DeTable<'_>) -> bool {
    let is_form = |(name, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
        let name: &std::borrow::Cow<'_, str> = name.get_ref();
        PluralCategory::from_name(name).is_some() && value.get_ref().is_str()
    };
    table.iter().any(is_form)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(&str, &str)]) {
        let faults = parse_message_file(text).err().unwrap_or_default();
        let found: Vec<(&str, &str)> = faults
            .iter()
            .map(|fault| (&text[fault.range.clone()], fault.message.as_str()))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn faults_have_their_places() {
        check("tags = 'Schlagwörter'", &[]);
        check(
            "tags = 3",
            &[("3", "`tags` takes a text, or a table of plural forms")],
        );
        check(
            "tags = 'x {cuont}'",
            &[("'x {cuont}'", "nothing is filled in for `{cuont}`")],
        );
        check(
            "posts = { one = 'x', some = 'y' }",
            &[
                ("{ one = 'x', some = 'y' }", "the form `other` is missing"),
                ("some", "`some` is no plural form"),
            ],
        );
        check(
            "tags = \"\\u0007\"",
            &[(
                "\"\\u0007\"",
                "it contains U+0007, which no page may contain",
            )],
        );
        check(
            "[a.b]\nc = 'x'",
            &[("[a.b]", "`a.b` takes a text, or a table of plural forms")],
        );
    }

    #[test]
    fn messages_that_the_theme_does_not_have_are_listed() {
        let (_, unknown) = parse_message_file("tagz = 'x'\n[shop]\ncart = 'y'\n").unwrap();
        let keys: Vec<&str> = unknown.iter().map(|one| one.key.as_str()).collect();
        assert_eq!(keys, ["shop.cart", "tagz"]);
    }
}
