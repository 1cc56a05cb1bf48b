//! Topics: what posts are asked for, and the files that list them.
//!
//! A topic is data, never part of a template: its texts have one line and no control characters.
//! [`read_topics`] reads every kind of list; the modules here read one kind each, as `RawTopic`s,
//! and `fields` turns those into topics.

mod fields;
mod json_lines;
mod markdown_list;
mod other_file;
mod table;
mod text_list;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace, quote_for_message};
use pressrun_posts::parse::bytes::decode_bytes;
use pressrun_posts::parse::report_invalid_utf8;
use pressrun_text::numbers::group_thousands;
use serde::{Deserialize, Serialize};

use fields::make_topic;
use other_file::{describe_other_ending, describe_other_text, describe_post};

/// The most characters of a topic.
pub const MOST_CHARACTERS: usize = 500;

/// What one post is asked for.
///
/// The journal keeps topics, so fields are only added, and each has a default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topic {
    /// The stated ID, otherwise a hash of the normalised topic and its language.
    pub id: String,
    /// The topic, on one line.
    #[serde(rename = "topic")]
    pub text: String,
    /// The language of the post, as a BCP 47 tag: the stated one, otherwise that of the site.
    #[serde(default)]
    pub language: String,
    /// The number of words of the post.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<u32>,
    /// The readers that the post is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// How the post is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub style: Option<String>,
    /// The category of the post.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Words that the post shall contain.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// Facts and wishes for the prompt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// The slug of the post.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// The date of the post, as its author wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// The model to ask instead of the configured one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The template to use instead of the configured one, as a path below the root of the site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// All other fields.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub row: BTreeMap<String, String>,
    /// Where the topic is written.
    #[serde(skip)]
    pub place: TopicPlace,
}

/// The place of a topic: a file and a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicPlace {
    /// The path as the user gave it.
    pub file: Arc<str>,
    /// The line, counted from 1; 0 if the topic comes from the journal.
    pub line: u32,
}

impl Default for TopicPlace {
    fn default() -> Self {
        Self {
            file: Arc::from(""),
            line: 0,
        }
    }
}

/// A file of topics, or standard input.
#[derive(Debug)]
pub struct TopicSource {
    /// The name as the user gave it; `-` is standard input.
    pub name: String,
    /// The contents.
    pub bytes: Vec<u8>,
}

/// The topics of all sources.
#[derive(Debug, Default)]
pub struct TopicList {
    /// The topics, in the order of the sources, each ID once.
    pub topics: Vec<Topic>,
    /// What is wrong with lines that give no topic.
    pub findings: Vec<Diagnostic>,
    /// The sources that are no lists of topics. They are named by mistake, so nothing should be asked.
    pub wrong_files: Vec<Diagnostic>,
    /// The number of items that the lists mark as done.
    pub done: usize,
    /// The number of topics that were given twice.
    pub duplicates: usize,
}

/// A topic as a list has it: fields by name, not cleaned.
#[derive(Debug, Default)]
struct RawTopic {
    line: u32,
    fields: Vec<(String, RawValue)>,
}

/// The value of a field.
#[derive(Debug)]
enum RawValue {
    Text(String),
    List(Vec<String>),
}

impl RawTopic {
    /// Creates a topic without other fields.
    fn from_text(line: u32, text: &str) -> Self {
        Self {
            line,
            fields: vec![("topic".to_owned(), RawValue::Text(text.to_owned()))],
        }
    }
}

/// What a list holds.
#[derive(Debug, Default)]
struct RawList {
    topics: Vec<RawTopic>,
    /// What is wrong with a line, and what to do about it.
    problems: Vec<(u32, String, Option<String>)>,
    done: usize,
    /// Why the source is no list at all.
    wrong: Option<String>,
}

impl RawList {
    fn of_wrong_file(wrong: impl Into<String>) -> Self {
        Self {
            wrong: Some(wrong.into()),
            ..Self::default()
        }
    }

    fn report(&mut self, line: u32, message: impl Into<String>, help: Option<&str>) {
        self.problems
            .push((line, message.into(), help.map(str::to_owned)));
    }
}

/// Reads the topics of all sources. `language` is that of the site, for topics that state none.
///
/// A topic that cannot be asked for is reported with its place and left out; so is one that was given
/// before.
pub fn read_topics(sources: &[TopicSource], language: &str) -> TopicList {
    let mut list = TopicList::default();
    let mut places: HashMap<String, TopicPlace> = HashMap::new();
    for source in sources {
        let file: Arc<str> = Arc::from(&*source.name);
        let Ok(decoded) = decode_bytes(&source.bytes) else {
            list.wrong_files
                .push(report_wrong_file(&file, "the file is not text"));
            continue;
        };
        if let Some(at) = decoded.invalid_at {
            let line = count_line_breaks(&decoded.text[..at]) + 1;
            list.findings
                .push(report_invalid_utf8(line).into_diagnostic(&file));
        }
        let raw = read_raw_list(&source.name, &decoded.text);
        if let Some(message) = raw.wrong {
            list.wrong_files.push(report_wrong_file(&file, message));
            continue;
        }
        list.done += raw.done;
        if raw.topics.is_empty() && raw.problems.is_empty() && raw.done == 0 {
            let place = FilePlace::file(file.clone());
            let found = Diagnostic::new(Code::InvalidTopic, place, "it holds no topic");
            list.findings
                .push(found.with_help("write one topic on each line"));
        }
        let problems = raw.problems.into_iter();
        list.findings.extend(problems.map(|(line, message, help)| {
            let place = FilePlace::line(file.clone(), line);
            let mut found = Diagnostic::new(Code::InvalidTopic, place, message);
            found.help = help;
            found
        }));
        for topic in raw.topics {
            let place = TopicPlace {
                file: file.clone(),
                line: topic.line,
            };
            match make_topic(topic, place, language) {
                Ok(topic) => list.add(topic, &mut places),
                Err(found) => list.findings.push(found),
            }
        }
    }
    list.findings.sort();
    list
}

fn report_wrong_file(file: &Arc<str>, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(Code::Usage, FilePlace::file(file.clone()), message).with_help(
        "topics are the lines of a .txt file, the items of a .md list, or the rows of a .csv, .tsv \
         or .jsonl file",
    )
}

impl TopicList {
    fn add(&mut self, topic: Topic, places: &mut HashMap<String, TopicPlace>) {
        let Some(first) = places.get(&topic.id) else {
            places.insert(topic.id.clone(), topic.place.clone());
            self.topics.push(topic);
            return;
        };
        self.duplicates += 1;
        let message = format!(
            "the topic {} was given before, in {}:{}",
            quote_for_message(&topic.text),
            first.file,
            first.line
        );
        let place = FilePlace::line(topic.place.file, topic.place.line);
        self.findings
            .push(Diagnostic::new(Code::DuplicateTopic, place, message));
    }
}

/// Reads a list by the ending of its name; standard input and other names by their contents.
fn read_raw_list(name: &str, text: &str) -> RawList {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    match ending.unwrap_or_default().to_ascii_lowercase().as_str() {
        "md" | "markdown" | "mdx" => read_markdown(text),
        "csv" => table::read_table(text, b",;\t"),
        "tsv" | "tab" => table::read_table(text, b"\t"),
        "jsonl" | "ndjson" => json_lines::read_json_lines(text),
        "txt" | "text" => read_text(text),
        _ => {
            if let Some(wrong) = describe_other_ending(name) {
                return RawList::of_wrong_file(wrong);
            }
            if text.trim_start().starts_with('{') {
                json_lines::read_json_lines(text)
            } else if table::has_table_header(text) {
                table::read_table(text, b",\t;")
            } else {
                read_text(text)
            }
        }
    }
}

fn read_text(text: &str) -> RawList {
    // A prompt that names its topic is a list, also if its reply is below it.
    let wrong = (!text_list::has_labels(text))
        .then(|| describe_other_text(text))
        .flatten();
    match wrong {
        Some(wrong) => RawList::of_wrong_file(format!("{wrong}, not a list of topics")),
        None => text_list::read_text_list(text),
    }
}

fn read_markdown(text: &str) -> RawList {
    let list = markdown_list::read_markdown_list(text);
    // A list may have front matter; a reply may have lists.
    let is_list = text.trim_start().starts_with("---");
    match describe_post(text).filter(|_| !is_list) {
        Some(wrong) => RawList::of_wrong_file(format!("{wrong}, not a list of topics")),
        None => list,
    }
}

fn count_line_breaks(text: &str) -> u32 {
    text.bytes().filter(|&b| b == b'\n').count() as u32
}

/// Returns the message for a text that is too long.
fn describe_length(what: &str, characters: usize, most: usize) -> String {
    format!(
        "{what} has {} characters; it can have {}",
        group_thousands(characters),
        group_thousands(most)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn read(name: &str, text: impl Into<Vec<u8>>) -> TopicList {
        let source = TopicSource {
            name: name.to_owned(),
            bytes: text.into(),
        };
        read_topics(&[source], "en")
    }

    /// Checks the lines and texts of the topics of a list.
    #[track_caller]
    pub(super) fn check(name: &str, text: &str, expected: &[&str]) {
        let list = read(name, text);
        let found: Vec<String> = list
            .topics
            .iter()
            .map(|topic| format!("{}: {}", topic.place.line, topic.text))
            .collect();
        assert_eq!(found, expected);
        assert_eq!(list.findings, []);
    }

    #[track_caller]
    pub(super) fn check_findings(name: &str, text: impl Into<Vec<u8>>, expected: &[&str]) {
        let list = read(name, text);
        let found: Vec<String> = list
            .findings
            .iter()
            .chain(&list.wrong_files)
            .map(|found| format!("{}: {}: {}", found.place, found.code, found.message))
            .collect();
        assert_eq!(found, expected);
    }

    fn ids(name: &str, text: &str) -> Vec<String> {
        let topics = read(name, text).topics;
        topics.into_iter().map(|topic| topic.id).collect()
    }

    #[test]
    fn id_depends_on_topic_and_language_and_not_on_the_row_or_the_format() {
        let text = ids("a.txt", "Green tea\nWater\n");
        assert_eq!(text, ids("a.md", "- Green  tea\n- water\n"));
        assert_eq!(text, ids("a.csv", "topic,language\nGreen tea,EN\nWater,\n"));
        assert_eq!(
            text,
            ids(
                "a.jsonl",
                "{\"topic\":\"Green\\ntea\"}\n{\"topic\":\"WATER\"}\n"
            )
        );
        let moved = ids("a.txt", "# new\nWine\nWater\nGreen tea\n");
        assert_eq!([&moved[2], &moved[1]], [&text[0], &text[1]]);
        assert_ne!(text[0], ids("a.csv", "topic,language\nGreen tea,de\n")[0]);
        assert_eq!(text[0].len(), 16);
    }

    #[test]
    fn topic_given_twice_is_reported_with_both_places() {
        check_findings(
            "a.txt",
            "Tea\nWater\n tea\n",
            &["a.txt:3: duplicate-topic: the topic `tea` was given before, in a.txt:1"],
        );
        assert_eq!(read("a.txt", "Tea\ntea\n").topics.len(), 1);
    }

    #[test]
    fn topic_has_one_line_and_no_control_characters() {
        let text = "{\"topic\": \"a\\u001b[31m\\u0000b\\r\\nTITLE: c\\u2028d\\u202e\"}";
        check("a.jsonl", text, &["1: a[31mb TITLE: c d"]);
        check("a.txt", "\u{feff}Tea\r\nWater\r\n", &["1: Tea", "2: Water"]);
        let list = read("a.txt", b"Caf\xe9\n".to_vec());
        assert_eq!(list.topics[0].text, "Café");
        assert_eq!(list.findings[0].code, Code::InvalidUtf8);
    }

    #[test]
    fn topic_that_is_too_long_is_reported_with_its_line() {
        let long = "x".repeat(1 << 20);
        check_findings(
            "a.txt",
            format!("Tea\n{long}\nWater\n"),
            &["a.txt:2: invalid-topic: the topic has 1,048,576 characters; it can have 500"],
        );
        check(
            "a.txt",
            &"é".repeat(500),
            &[&format!("1: {}", "é".repeat(500))],
        );
    }

    #[test]
    fn field_that_cannot_be_read_leaves_the_topic_out() {
        check_findings(
            "a.csv",
            "topic,words,language,template,date\nTea,many,,,\nWater,,German language,,\nWine,,,../x,\n\
             Milk,,,,2026-02-30\nRum,,,,soon\nGin,,,,3 May 2026\n",
            &[
                "a.csv:2: invalid-topic: the number of words `many` is not one from 50 to 50000",
                "a.csv:3: invalid-topic: the language `German language` is not a tag such as `en` \
                 or `pt-BR`",
                "a.csv:4: invalid-topic: `template` takes the path of a file of the site, such as \
                 `prompts/post.txt`",
                "a.csv:5: invalid-topic: the date `2026-02-30` is not a calendar date",
                "a.csv:6: invalid-topic: the date `soon` is not a calendar date",
            ],
        );
    }

    #[test]
    fn source_without_topics_or_text_is_reported() {
        check_findings(
            "a.txt",
            "# none\n",
            &["a.txt: invalid-topic: it holds no topic"],
        );
        check_findings("a.txt", "a\0b", &["a.txt: usage: the file is not text"]);
        check_findings(
            "site.toml",
            "title = \"Tea\"\n",
            &["site.toml: usage: a file of the kind `.toml` is no list of topics"],
        );
    }
}
