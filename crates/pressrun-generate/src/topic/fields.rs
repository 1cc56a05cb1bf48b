//! Turns the fields of a list into a topic: cleans and checks each, and gives the topic its ID.

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace, quote_for_message};
use pressrun_posts::post::date::DateError;
use pressrun_posts::post::extra::normalise_key;
use pressrun_posts::post::stated_date::parse_stated_date;
use pressrun_site::config::generate::{parse_model_name, parse_template_path};
use pressrun_text::language::{fold_tag, is_tag};
use pressrun_text::plain::collapse_white_space;
use pressrun_text::visible::clean_field;

use super::{MOST_CHARACTERS, RawTopic, RawValue, Topic, TopicPlace, describe_length};

/// The most characters of notes, and of fields that are not known.
const MOST_LONG: usize = 5000;

/// The most fields that are not known.
const MOST_FIELDS: usize = 100;

/// The most keywords.
const MOST_KEYWORDS: usize = 50;

/// Why a topic cannot be asked for, and what to do about it.
type FieldProblem = (String, Option<String>);

/// Makes a topic, or returns what is wrong with it. `language` is that of the site.
pub(super) fn make_topic(
    raw: RawTopic,
    place: TopicPlace,
    language: &str,
) -> Result<Topic, Diagnostic> {
    let at = FilePlace::line(place.file.clone(), raw.line);
    let mut topic = Topic {
        place,
        ..Topic::default()
    };
    let mut result = Ok(());
    let mut has_topic = false;
    for (name, value) in raw.fields {
        has_topic |= normalise_key(&name) == "topic";
        result = result.and_then(|()| set_field(&mut topic, &name, value));
    }
    let result = result.and_then(|()| {
        if has_topic {
            check_topic_text(&topic.text)
        } else {
            Err((
                "it has no field `topic`".to_owned(),
                Some("write `{\"topic\": \"…\"}`".to_owned()),
            ))
        }
    });
    if let Err((message, help)) = result {
        let mut found = Diagnostic::new(Code::InvalidTopic, at, message);
        found.help = help;
        return Err(found);
    }
    // The language of the site does not count: a site that changes it must not ask for all topics again.
    if topic.id.is_empty() {
        let is_of_site = fold_tag(&topic.language) == fold_tag(language);
        let stated = if is_of_site { "" } else { &topic.language };
        topic.id = hash_topic(&topic.text, stated);
    }
    if topic.language.is_empty() {
        language.clone_into(&mut topic.language);
    }
    Ok(topic)
}

/// Returns the ID of a topic that states none: the hash of the normalised topic and of the language
/// that it states, if that is not the language of the site.
///
/// Case, white space and forms of letters do not count.
fn hash_topic(text: &str, language: &str) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(text.to_lowercase().as_bytes());
    hasher.update(b"\0");
    hasher.update(fold_tag(language).as_bytes());
    hasher.finalize().to_hex()[..16].to_owned()
}

fn check_topic_text(text: &str) -> Result<(), FieldProblem> {
    let characters = text.chars().count();
    if characters > MOST_CHARACTERS {
        return Err((
            describe_length("the topic", characters, MOST_CHARACTERS),
            Some("put details into the column `notes` of a `.csv` or `.jsonl` file".to_owned()),
        ));
    }
    if !text.chars().any(char::is_alphanumeric) {
        return Err(("the topic has no letters".to_owned(), None));
    }
    Ok(())
}

fn set_field(topic: &mut Topic, name: &str, value: RawValue) -> Result<(), FieldProblem> {
    let key = normalise_key(name);
    if key == "topic" {
        // Its length is checked with the other properties of the text.
        topic.text = clean_line(&join_value(value));
        return Ok(());
    }
    if key == "keywords" {
        topic.keywords = read_keywords(value)?;
        return Ok(());
    }
    let most = match key.as_str() {
        "id" | "language" | "lang" | "words" | "audience" | "style" | "category" | "slug"
        | "date" | "model" | "template" => MOST_CHARACTERS,
        _ => MOST_LONG,
    };
    let text = clean_line(&join_value(value));
    let characters = text.chars().count();
    if characters > most {
        let what = format!("the field {}", quote_for_message(name));
        return Err((describe_length(&what, characters, most), None));
    }
    if text.is_empty() {
        return Ok(());
    }
    match key.as_str() {
        "id" => topic.id = parse_id(text)?,
        "language" | "lang" => topic.language = parse_language(text)?,
        "words" => topic.words = Some(parse_words(&text)?),
        "audience" => topic.audience = Some(text),
        "style" => topic.style = Some(text),
        "category" => topic.category = Some(text),
        "notes" => topic.notes = Some(text),
        "slug" => topic.slug = Some(text),
        "date" => topic.date = Some(check_date(text)?),
        "model" => topic.model = Some(check("model", parse_model_name(&text))?),
        "template" => topic.template = Some(check("template", parse_template_path(&text))?),
        _ => add_to_row(topic, name, text)?,
    }
    Ok(())
}

fn add_to_row(topic: &mut Topic, name: &str, text: String) -> Result<(), FieldProblem> {
    let name = clean_line(name);
    if name.is_empty() || name.chars().count() > 100 || topic.row.len() == MOST_FIELDS {
        let name = quote_for_message(&name);
        let message = format!("the field {name} is one too many, or its name is too long");
        return Err((message, None));
    }
    topic.row.insert(name, text);
    Ok(())
}

fn check<T>(name: &str, parsed: Result<T, String>) -> Result<T, FieldProblem> {
    parsed.map_err(|expected| (format!("`{name}` takes {expected}"), None))
}

fn parse_id(text: String) -> Result<String, FieldProblem> {
    let characters = text.chars().count();
    if characters > 200 {
        return Err((describe_length("the ID", characters, 200), None));
    }
    Ok(text)
}

fn parse_language(text: String) -> Result<String, FieldProblem> {
    let tag = text.replace('_', "-");
    if is_tag(&tag) {
        return Ok(tag);
    }
    let shown = quote_for_message(&text);
    let message = format!("the language {shown} is not a tag such as `en` or `pt-BR`");
    Err((message, None))
}

/// Checks a date with the reader of front matter, because posts get it as it is written here.
fn check_date(text: String) -> Result<String, FieldProblem> {
    let shown = quote_for_message(&text);
    let help = Some("write it as `2026-01-31`".to_owned());
    match parse_stated_date(&text) {
        Ok(_) => Ok(text),
        Err(DateError::Invalid) => Err((format!("the date {shown} is not a calendar date"), help)),
        Err(DateError::Ambiguous) => {
            let message = format!("the order of day and month in the date {shown} is not clear");
            Err((message, help))
        }
    }
}

fn parse_words(text: &str) -> Result<u32, FieldProblem> {
    let words = text
        .parse()
        .ok()
        .filter(|words| (50..=50_000).contains(words));
    words.ok_or_else(|| {
        let shown = quote_for_message(text);
        let message = format!("the number of words {shown} is not one from 50 to 50000");
        (message, None)
    })
}

fn read_keywords(value: RawValue) -> Result<Vec<String>, FieldProblem> {
    let words: Vec<String> = match value {
        RawValue::Text(text) => text.split([',', ';']).map(clean_line).collect(),
        RawValue::List(items) => items.iter().map(|item| clean_line(item)).collect(),
    };
    let words: Vec<String> = words.into_iter().filter(|word| !word.is_empty()).collect();
    let longest = words.iter().map(|word| word.chars().count()).max();
    if words.len() > MOST_KEYWORDS || longest.unwrap_or(0) > MOST_CHARACTERS {
        let message = format!(
            "`keywords` takes at most {MOST_KEYWORDS} words or phrases of {MOST_CHARACTERS} characters"
        );
        return Err((message, None));
    }
    Ok(words)
}

fn join_value(value: RawValue) -> String {
    match value {
        RawValue::Text(text) => text,
        RawValue::List(items) => items.join(", "),
    }
}

/// Returns a text on one line, without control and invisible characters.
fn clean_line(text: &str) -> String {
    collapse_white_space(&clean_field(text, false))
        .trim()
        .to_owned()
}
