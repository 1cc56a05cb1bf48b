//! Repairs the header of a reply: asks for the header alone, and puts it before the unchanged body.
//!
//! An article costs a hundred times what its header costs, so it is never written again because of a
//! category. Fields that were good stay.

use pressrun_posts::parse::header::{read_label_header, starts_header};
use pressrun_posts::parse::label::Label;
use pressrun_posts::parse::part::remove_reasoning;
use pressrun_posts::parse::preamble::count_preamble_lines;
use pressrun_posts::parse::wrapper::may_open_wrapping_fence;
use pressrun_posts::parse::{front_matter, value};
use pressrun_posts::post::category::CategoryList;
use pressrun_posts::post::{FieldSource, Post};
use pressrun_text::characters::cut_to_bytes;
use pressrun_text::line::{
    LineStarts, TextLine, mark_fences, number_and_fence_lines, number_lines,
};
use pressrun_text::plain::collapse_white_space;
use pressrun_text::visible::clean_field;
use serde_json::{Value, json};

use crate::judge::is_copied_from_prompt;
use crate::prompt::PromptMessage;
use crate::topic::Topic;

/// The number of bytes of a post that its header is asked for with.
const SHOWN: usize = 3000;

/// An answer with more bytes is no header.
const LONGEST_ANSWER: usize = 64 * 1024;

/// A request for a header.
#[derive(Debug, Clone, PartialEq)]
pub struct HeaderRequest {
    /// The messages.
    pub messages: Vec<PromptMessage>,
    /// The schema of the answer, for servers that take one.
    pub schema: Value,
}

/// Returns the request for the header of a reply. `list` is the closed list of categories.
pub fn write_header_request(
    topic: &Topic,
    text: &str,
    list: Option<&CategoryList>,
) -> HeaderRequest {
    let header = find_header(text);
    let body = cut_to_bytes(text[header.body..].trim_start(), SHOWN);
    let names = allowed_categories(topic, list);
    let categories = if names.is_empty() {
        String::new()
    } else {
        let names: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
        format!(" from this list, letter by letter: {}", names.join(", "))
    };
    let language = match topic.language.as_str() {
        "" => String::new(),
        language => format!(" Write the values in the language `{language}`."),
    };
    let content = format!(
        "Below is the beginning of a blog post. Describe it by one JSON object with four keys, and \
         write nothing else.{language}\n\n\
         - \"title\": a string of at most 100 characters, in words that people would search for\n\
         - \"description\": a string of one or two sentences, at most 155 characters together\n\
         - \"tags\": an array of three to eight short strings\n\
         - \"categories\": an array of one or two strings{categories}\n\n\
         It was asked for with this topic: {}\n\nThe post:\n\n{body}",
        topic.text
    );
    HeaderRequest {
        messages: vec![PromptMessage::from_user(content)],
        schema: make_schema(&names),
    }
}

/// Returns the categories that the header may have; none if there is no closed list.
fn allowed_categories(topic: &Topic, list: Option<&CategoryList>) -> Vec<String> {
    let Some(list) = list else {
        return topic.category.iter().cloned().collect();
    };
    let wanted = topic
        .category
        .as_deref()
        .and_then(|name| list.resolve(name));
    match wanted {
        Some(name) => vec![name.to_owned()],
        None => list.names().to_vec(),
    }
}

fn make_schema(categories: &[String]) -> Value {
    let mut category = json!({"type": "string"});
    if !categories.is_empty() {
        category["enum"] = json!(categories);
    }
    json!({
        "type": "object",
        "properties": {
            "title": {"type": "string"},
            "description": {"type": "string"},
            "tags": {"type": "array", "items": {"type": "string"}, "minItems": 3, "maxItems": 8},
            "categories": {"type": "array", "items": category, "minItems": 1, "maxItems": 2},
        },
        "required": ["title", "description", "tags", "categories"],
        "additionalProperties": false,
    })
}

/// Returns a reply with a new header before its unchanged body, or `None` if the answer has no
/// better one. `post` is what the reply is read as: its good fields stay.
pub fn replace_header(
    topic: &Topic,
    text: &str,
    post: Option<&Post>,
    (answer, list): (&str, Option<&CategoryList>),
) -> Option<String> {
    let answer = parse_header_answer(answer)?;
    let new = answer.complete(topic, post, list)?;
    // Half of a JSON object is no body. The reader has taken it out already.
    if text.trim_start().starts_with('{') {
        return Some(new.before(&post?.body));
    }
    let header = find_header(text);
    Some([&text[..header.start], &new.before(&text[header.body..])].concat())
}

/// The fields of a header.
#[derive(Debug, Default, PartialEq, Eq)]
struct HeaderFields {
    title: String,
    description: String,
    tags: Vec<String>,
    categories: Vec<String>,
}

impl HeaderFields {
    /// Takes the good fields of the post, and else those of the answer. Returns `None` if one is
    /// still missing.
    fn complete(
        self,
        topic: &Topic,
        post: Option<&Post>,
        list: Option<&CategoryList>,
    ) -> Option<Self> {
        let default = Post::default();
        let post = post.unwrap_or(&default);
        let is_given = |origin| matches!(origin, FieldSource::Header | FieldSource::End);
        let choose = |own: &str, is_given: bool, new: String| {
            let is_good = is_given && !own.is_empty() && !is_copied_from_prompt(own);
            if is_good { own.to_owned() } else { new }
        };
        let origins = &post.origins;
        let title = choose(
            &post.title,
            origins.title == FieldSource::Header,
            self.title,
        );
        let is_described = is_given(origins.description);
        let description = choose(&post.description, is_described, self.description);
        let has_tags = is_given(origins.tags)
            && !post.tags.is_empty()
            && !post.tags.iter().any(|tag| is_copied_from_prompt(tag));
        let tags = if has_tags {
            post.tags.clone()
        } else {
            self.tags
        };
        let categories = choose_categories(topic, &post.categories, &self.categories, list);
        let is_complete = !(title.is_empty()
            || description.is_empty()
            || tags.is_empty()
            || categories.is_empty());
        is_complete.then_some(Self {
            title,
            description,
            tags,
            categories,
        })
    }

    /// Writes the header before a body.
    fn before(&self, body: &str) -> String {
        let separator = if body.starts_with(['\n', '\r']) {
            "\n"
        } else {
            "\n\n"
        };
        format!(
            "TITLE: {}\nMETA_DESCRIPTION: {}\nTAGS: {}\nCATEGORIES: {}{separator}{body}",
            self.title,
            self.description,
            self.tags.join(", "),
            self.categories.join(", ")
        )
    }
}

/// Returns the categories of the list among those of the post or, if it has none, of the answer.
fn choose_categories(
    topic: &Topic,
    own: &[String],
    new: &[String],
    list: Option<&CategoryList>,
) -> Vec<String> {
    let resolve = |name: &String| match list {
        Some(list) => list.resolve(name).map(str::to_owned),
        None => Some(name.clone()),
    };
    let wanted = topic.category.as_ref().and_then(resolve);
    let own: Vec<String> = own.iter().filter_map(resolve).collect();
    let chosen = if own.is_empty() {
        new.iter().filter_map(resolve).collect()
    } else {
        own
    };
    let rest = chosen
        .into_iter()
        .filter(|name| Some(name) != wanted.as_ref());
    let mut categories: Vec<String> = wanted.clone().into_iter().chain(rest).collect();
    categories.dedup();
    categories
}

/// Reads the answer to [`write_header_request`]: a JSON object, or labels as in a reply.
fn parse_header_answer(answer: &str) -> Option<HeaderFields> {
    let answer = cut_to_bytes(answer, LONGEST_ANSWER);
    let object = answer
        .find('{')
        .zip(answer.rfind('}'))
        .and_then(|(start, end)| answer.get(start..=end));
    let value = object.and_then(|object| serde_json::from_str::<Value>(object).ok());
    let fields = match value {
        Some(value) => read_json_fields(&value),
        None => read_label_fields(answer),
    };
    (fields != HeaderFields::default()).then_some(fields)
}

fn read_json_fields(value: &Value) -> HeaderFields {
    let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default();
    let list = |key: &str| -> Vec<String> {
        match value.get(key) {
            Some(Value::Array(items)) => items
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
            Some(Value::String(items)) => value::parse_list_items(items),
            _ => Vec::new(),
        }
    };
    HeaderFields {
        title: clean_value(text("title")),
        description: clean_value(text("description")),
        tags: clean_tags(list("tags")),
        categories: clean_values(list("categories")),
    }
}

fn read_label_fields(answer: &str) -> HeaderFields {
    let lines = number_lines(answer);
    let Some(first) = (0..lines.len()).find(|&at| !lines[at].is_blank()) else {
        return HeaderFields::default();
    };
    let mut fields = HeaderFields::default();
    for given in read_label_header(&lines[first..]).given {
        match given.label {
            Label::Title => fields.title = clean_value(&given.value.text()),
            Label::Description => fields.description = clean_value(&given.value.text()),
            Label::Tags => fields.tags = clean_tags(given.value.items()),
            Label::Categories => fields.categories = clean_values(given.value.items()),
            _ => {}
        }
    }
    fields
}

/// Returns a value on one line, without characters that text must not contain.
fn clean_value(value: &str) -> String {
    const LONGEST: usize = 1000;
    let value = collapse_white_space(&clean_field(cut_to_bytes(value, LONGEST), false));
    let value = value.trim();
    if value.contains(char::is_alphanumeric) {
        value.to_owned()
    } else {
        String::new()
    }
}

fn clean_values(values: Vec<String>) -> Vec<String> {
    const MOST: usize = 8;
    let values = values.iter().map(|value| clean_value(value));
    values
        .filter(|value| !value.is_empty())
        .take(MOST)
        .collect()
}

fn clean_tags(tags: Vec<String>) -> Vec<String> {
    let tags = clean_values(tags).into_iter();
    // A comma would make two tags of it.
    tags.map(|tag| collapse_white_space(&tag.replace([',', ';'], " ")))
        .collect()
}

/// Where the header of a reply is.
#[derive(Debug, PartialEq, Eq)]
struct HeaderPlace {
    /// The first byte of the header, or where it is missing.
    start: usize,
    /// The first byte after it.
    body: usize,
}

/// Finds the header of a reply, below reasoning, words of the assistant and a fence around it.
fn find_header(text: &str) -> HeaderPlace {
    let lines = number_lines(text);
    let starts = LineStarts::of_lines(&lines);
    // The line of a closing tag may go on with the reply.
    let offset_of = |line: &TextLine| {
        let at = line.number as usize - 1;
        starts.start_of(at) + lines[at].text.len() - line.text.len()
    };
    let mut all = number_and_fence_lines(text);
    remove_reasoning(&mut all);
    let preamble = count_preamble_lines(&all, None);
    all.drain(..preamble);
    let mut rest = skip_blank_lines(&mut all);
    if !rest.is_empty() && may_open_wrapping_fence(rest) {
        rest = skip_blank_lines(&mut rest[1..]);
    }
    // Without the fence around it, other lines are in fences.
    mark_fences(rest);
    let Some(first) = rest.first() else {
        return HeaderPlace {
            start: text.len(),
            body: text.len(),
        };
    };
    let end_of = |length: usize| rest.get(length).map_or(text.len(), offset_of);
    if let Some(length) = front_matter::count_front_matter_lines(rest) {
        return HeaderPlace {
            start: offset_of(first),
            body: end_of(length),
        };
    }
    let header =
        (0..rest.len()).find(|&at| starts_header(&rest[at..], at == 0) && !rest[at].in_fence());
    let Some(at) = header else {
        let start = offset_of(first);
        return HeaderPlace { start, body: start };
    };
    let header = read_label_header(&rest[at..]);
    HeaderPlace {
        start: offset_of(&rest[at]),
        body: match &header.first_body_line {
            // The body begins on the line of its label.
            Some(line) if !line.is_blank() => offset_of(line),
            _ => end_of(at + header.length),
        },
    }
}

fn skip_blank_lines<'l, 'a>(lines: &'l mut [TextLine<'a>]) -> &'l mut [TextLine<'a>] {
    let blank = lines.iter().take_while(|line| line.is_blank()).count();
    &mut lines[blank..]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list() -> CategoryList {
        CategoryList::new(["News".to_owned(), "Food, Drink".to_owned()], [])
    }

    const ANSWER: &str =
        r#"{"title": "T", "description": "D.", "tags": ["a", "b, c"], "categories": ["news"]}"#;

    /// Replaces the header of a reply whose own fields are not good.
    #[track_caller]
    fn check(text: &str, answer: &str, expected: Option<&str>) {
        let list = list();
        let found = replace_header(&Topic::default(), text, None, (answer, Some(&list)));
        assert_eq!(found.as_deref(), expected, "{text}");
    }

    const NEW: &str = "TITLE: T\nMETA_DESCRIPTION: D.\nTAGS: a, b c\nCATEGORIES: News\n\n";

    #[test]
    fn body_stays_as_it_is() {
        for (before, header, body) in [
            ("", "", "One.\r\n\tTwo  \n\n-EndOFText-"),
            ("", "TITLE: a\nTAGS: b\n", "\nOne.\n\nTITLE: x"),
            ("", "---\ntitle: a\n---\n", "\nOne.\n"),
            (
                "<think>\nHm.\n</think>\n\n",
                "TITLE: a\nTAGS: b\n",
                "\nOne.",
            ),
            (
                "Sure! Here is the post:\n\n",
                "TITLE: a\nTAGS: b\n",
                "\nOne.",
            ),
            ("```markdown\n", "TITLE: a\nTAGS: b\n", "\nOne.\n```\n"),
            ("", "TITLE: a\nTAGS: b\nCONTENT: ", "One.\n\nTwo."),
        ] {
            let text = format!("{before}{header}{body}");
            let expected = format!("{before}{}{}", NEW.trim_end_matches('\n'), {
                let separator = if body.starts_with('\n') { "\n" } else { "\n\n" };
                format!("{separator}{body}")
            });
            check(&text, ANSWER, Some(&expected));
        }
    }

    #[test]
    fn answer_is_json_or_labels() {
        let expected = format!("{NEW}One.");
        for answer in [
            ANSWER,
            "Here it is:\n```json\n{\"title\": \"T\", \"description\": \"D.\", \"tags\": \"a, b c\", \"categories\": \"News\"}\n```",
            "TITLE: T\nMETA_DESCRIPTION: D.\nTAGS: a, b c\nCATEGORIES: News",
        ] {
            check("One.", answer, Some(&expected));
        }
    }

    #[test]
    fn answer_without_a_complete_header_changes_nothing() {
        for answer in [
            "",
            "Sorry, no.",
            "{\"title\": 1}",
            "[]",
            "{{{",
            r#"{"title": "T", "description": "D.", "tags": ["a"], "categories": ["Sports"]}"#,
            r#"{"title": "", "description": "D.", "tags": ["a"], "categories": ["News"]}"#,
        ] {
            check("One.", answer, None);
        }
    }

    #[test]
    fn values_have_one_line_and_no_control_characters() {
        let answer = r#"{"title": "T\nTAGS: x\u001b[1m", "description": " D. ", "tags": ["a"], "categories": ["Food, Drink"]}"#;
        let expected =
            "TITLE: T TAGS: x[1m\nMETA_DESCRIPTION: D.\nTAGS: a\nCATEGORIES: Food, Drink\n\nOne.";
        check("One.", answer, Some(expected));
    }

    #[test]
    fn good_fields_stay() {
        let mut post = Post {
            title: "Tea".to_owned(),
            description: "POST_DESCRIPTION".to_owned(),
            tags: vec!["tea".to_owned()],
            categories: vec!["Sports".to_owned()],
            ..Post::default()
        };
        for origin in [
            &mut post.origins.title,
            &mut post.origins.description,
            &mut post.origins.tags,
            &mut post.origins.categories,
        ] {
            *origin = FieldSource::Header;
        }
        let list = list();
        let text = "TITLE: Tea\nTAGS: tea\n\nOne.";
        let found = replace_header(&Topic::default(), text, Some(&post), (ANSWER, Some(&list)));
        let expected = "TITLE: Tea\nMETA_DESCRIPTION: D.\nTAGS: tea\nCATEGORIES: News\n\nOne.";
        assert_eq!(found.as_deref(), Some(expected));
    }

    #[test]
    fn category_of_the_topic_is_the_one() {
        let topic = Topic {
            category: Some("food, drink".to_owned()),
            ..Topic::default()
        };
        let list = list();
        let request = write_header_request(&topic, "One.", Some(&list));
        assert_eq!(
            request.schema["properties"]["categories"]["items"]["enum"],
            json!(["Food, Drink"])
        );
        let found = replace_header(&topic, "One.", None, (ANSWER, Some(&list))).unwrap();
        assert!(found.contains("CATEGORIES: Food, Drink, News\n"), "{found}");
    }

    #[test]
    fn request_is_small_and_names_the_list() {
        let text = format!("TITLE: a\nTAGS: b\n\n{}", "word ".repeat(5000));
        let request = write_header_request(&Topic::default(), &text, Some(&list()));
        let content = &request.messages[0].content;
        assert!(content.len() < SHOWN + 1500, "{}", content.len());
        assert!(content.contains("\"News\", \"Food, Drink\""), "{content}");
        assert!(!content.contains("TITLE: a"), "{content}");
    }

    #[test]
    fn hostile_replies_take_linear_time() {
        for unit in ["TITLE: a\n", "---\n", "```\n", "{", "<think>", "a\n\n"] {
            let text = unit.repeat((1 << 19) / unit.len());
            check(&text, &text, None);
            find_header(&text);
        }
    }
}
