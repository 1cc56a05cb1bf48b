//! Writes and reads the files of `ingest`: YAML front matter, then the body of a post.
//!
//! The last keys of the front matter record where the post came from and its state at that time. A
//! later run uses them to find its files again, and to see which ones a person has edited:
//!
//! ```yaml
//! source:
//!   file: replies/july.jsonl
//!   record: 17
//!   generated: true
//!   id: request-17
//!   reply: 0b4dcfa77e1d…
//!   words: 5e884898da28…
//!   hash: 2c26b46b68ff…
//! ```
//!
//! Not here: which file a post gets (`plan`), and front matter by other authors (`pressrun-posts`).

use std::borrow::Cow;
use std::collections::HashSet;

use pressrun_posts::parse::bytes::decode_bytes;
use pressrun_posts::parse::front_matter::GIVEN_SOURCE;
use pressrun_posts::parse::value::normalise_text;
use pressrun_posts::parse::{OpenedFile, open_file};
use pressrun_posts::post::date::Date;
use pressrun_posts::post::review::{format_text_hash, parse_text_hash, shorten_hash};
use pressrun_posts::post::stated_date;
use pressrun_posts::post::{ExtraValue, FieldSource, Post, StatedDate, extras_to_json};
use pressrun_text::line::unify_line_ends;
use serde::Deserialize;
use serde_json::json;
use serde_yaml::Value;

use super::record::RecordId;
use super::yaml_extra;
use super::yaml_text::yaml_string;

/// A hash, written as 32 hexadecimal digits.
pub(super) type ReplyDigest = u128;

/// Where a post came from and what the plan assigned to it.
#[derive(Debug, Clone, Copy)]
pub(super) struct PlannedPlace<'p> {
    /// Path of the source file.
    pub(super) file: &'p str,
    /// Position of the post in the source file, if the file holds several.
    pub(super) record: Option<u32>,
    /// Slug: the last part of the address.
    pub(super) slug: &'p str,
    /// Date of publication.
    pub(super) date: Option<StatedDate>,
}

/// What a file written by `ingest` says about its origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WrittenOrigin {
    /// Path of the source file.
    pub(super) file: String,
    /// Position of the post in the source file, if the file held several.
    pub(super) record: Option<u32>,
    /// The id of its record, in the form in which ids are compared.
    pub(super) id: Option<RecordId>,
    /// The hash of its request, if that was known.
    pub(super) request: Option<ReplyDigest>,
    /// Whether its reply was cut off.
    pub(super) cut_off: bool,
    /// The [`hash_reply`] hash of the post.
    pub(super) reply: ReplyDigest,
    /// Hash of the words of its body; 0 if the file does not have it.
    pub(super) words: ReplyDigest,
    /// The [`hash_reply_title`] hash of the post.
    pub(super) title: ReplyDigest,
    /// Slug: the last part of the address.
    pub(super) slug: String,
    /// Date of publication.
    pub(super) date: Option<StatedDate>,
    /// Whether the file was changed since `ingest` wrote it.
    pub(super) edited: bool,
    /// Whether it says that the post is a draft.
    pub(super) draft: bool,
}

/// Hashes a post as it was read: its fields and body, but not the file and date it is given.
///
/// A slug that was made from the title is left out, because it depends on other posts.
pub(super) fn hash_reply(post: &Post) -> ReplyDigest {
    let mut hasher = blake3::Hasher::new();
    let mut field = |text: &str| {
        // The length separates fields, so that moving text from one to the next changes the hash.
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    };
    let day = |date: Option<Date>| date.map_or_else(String::new, |date| date.to_string());
    field(&post.title);
    field(&post.description);
    for list in [&post.tags, &post.categories] {
        field(&list.len().to_string());
        for item in list {
            field(item);
        }
    }
    field(&day(post.date));
    field(
        &post
            .updated
            .map_or_else(String::new, |date| date.to_string()),
    );
    field(match post.origins.slug {
        FieldSource::Header | FieldSource::End => &post.slug,
        _ => "",
    });
    field(if post.draft { "draft" } else { "" });
    field(post.cover.as_deref().unwrap_or_default());
    // Hash the names too, so that a value that moves from one field to another is a change.
    let others = [
        ("cover_alt", post.cover_alt.clone()),
        ("disclosure", post.disclosure.clone()),
        ("digital_source_type", post.digital_source_type.clone()),
        ("subtitle", post.subtitle.clone()),
        ("time", post.time.map(|time| time.to_string())),
        ("zone", post.zone.map(|zone| zone.to_string())),
        ("expires", post.expires.map(|date| date.to_string())),
        ("permalink", post.permalink.clone()),
        ("aliases", some_list(&post.aliases)),
        ("authors", some_list(&post.authors)),
        ("canonical", post.canonical.clone()),
        ("series", post.series.clone()),
        ("weight", post.weight.map(|weight| weight.to_string())),
        ("translation_key", post.translation_key.clone()),
        ("noindex", post.noindex.then(|| "true".to_owned())),
        (
            "extra",
            (!post.extra.is_empty()).then(|| extras_to_json(&post.extra).to_string()),
        ),
    ];
    for (name, value) in others {
        if let Some(value) = value {
            field(name);
            field(&value);
        }
    }
    if let Some(language) = given_language(post) {
        field(language);
    }
    field(&post.body);
    shorten_hash(hasher.finalize())
}

/// Returns a list as one text, or `None` if it is empty.
fn some_list(items: &[String]) -> Option<String> {
    (!items.is_empty()).then(|| json!(items).to_string())
}

/// Hashes a title, to recognise a post whose body has changed.
pub(super) fn hash_reply_title(title: &str) -> ReplyDigest {
    digest_bytes(title.as_bytes())
}

/// Returns the contents of the file for a post.
pub(super) fn format_ingested_file(post: &Post, place: PlannedPlace<'_>) -> String {
    let mut yaml = front_matter_without_hash(post, place);
    // The hash covers the whole file without the line of the hash itself.
    let unsealed = join_front_matter(&yaml.text, &post.body);
    yaml.line("  hash", &hash_to_yaml(digest_bytes(unsealed.as_bytes())));
    join_front_matter(&yaml.text, &post.body)
}

fn join_front_matter(yaml: &str, body: &str) -> String {
    // Leading blank lines and trailing white space would not survive reading the file back.
    let body = body.trim_start_matches('\n').trim_end();
    format!("---\n{yaml}---\n\n{body}\n")
}

/// Reads what a file says about its origin, or returns `None` if `ingest` did not write it.
///
/// An editor may have changed anything in the file. Another encoding or other line endings do not
/// count as an edit. Another order or other quotes of the keys do, but the file is still
/// recognised. If the front matter is no longer valid YAML, its `source` is still read.
pub(super) fn parse_ingested_file(bytes: &[u8]) -> Option<WrittenOrigin> {
    readings_of(bytes).find_map(|text| parse_written_text(&text))
}

fn parse_written_text(text: &str) -> Option<WrittenOrigin> {
    let (yaml, _) = split_front_matter(text)?;
    let source = source_of(yaml)?;
    let head: Value = serde_yaml::from_str(yaml).unwrap_or_default();
    let text_of = |key| head.get(key).and_then(Value::as_str);
    Some(WrittenOrigin {
        record: source.record.and_then(|record| record.parse().ok()),
        id: source.id.as_deref().map(RecordId::new),
        request: source.request.as_deref().and_then(parse_text_hash),
        cut_off: source.cut_off.is_some_and(|value| value == "true"),
        reply: parse_text_hash(&source.reply)?,
        words: source
            .words
            .as_deref()
            .and_then(parse_text_hash)
            .unwrap_or_default(),
        file: source.file,
        title: hash_reply_title(&normalise_text(text_of("title").unwrap_or_default())),
        slug: text_of("slug").unwrap_or_default().to_owned(),
        date: text_of("date").and_then(|text| stated_date::parse_stated_date(text).ok()),
        edited: !is_as_written(text),
        draft: head.get("draft").and_then(Value::as_bool) == Some(true),
    })
}

/// Returns the title and the body of a file that [`format_ingested_file()`] made.
pub(super) fn ingested_text(bytes: &[u8]) -> (String, String) {
    let split = |text: &str| {
        let (yaml, body) = split_front_matter(text)?;
        let head: Value = serde_yaml::from_str(yaml).unwrap_or_default();
        let title = head.get("title").and_then(Value::as_str);
        Some((normalise_text(title.unwrap_or_default()), body.to_owned()))
    };
    readings_of(bytes)
        .find_map(|text| split(&text))
        .unwrap_or_default()
}

/// Returns the text of a file as `ingest` writes it, and then as `build` reads it.
///
/// The second one lacks invisible characters, which may be in the way: a second byte order mark,
/// for example. It comes second because reading also composes letters, which the hash does not
/// know.
fn readings_of(bytes: &[u8]) -> impl Iterator<Item = Cow<'_, str>> {
    let written = || {
        Some(
            unify_line_ends(&decode_bytes(bytes).ok()?.text)
                .into_owned()
                .into(),
        )
    };
    let read = || match open_file(bytes, "post.md", &mut Vec::new()) {
        Ok(OpenedFile::Text(lines)) => Some(lines.text),
        Ok(OpenedFile::Json(..)) | Err(_) => None,
    };
    std::iter::once_with(written)
        .chain(std::iter::once_with(read))
        .flatten()
}

/// Returns whether a file is as [`format_ingested_file()`] made it, judging by its hash. Blank
/// lines around the body are ignored.
fn is_as_written(text: &str) -> bool {
    // The hash is always the last line of the front matter, whatever the values above it contain.
    let sealed = || {
        let (yaml, body) = split_front_matter(text)?;
        let at = yaml.trim_end_matches('\n').rfind('\n')? + 1;
        let last: HashLine = serde_yaml::from_str(&yaml[at..]).ok()?;
        let hash = parse_text_hash(&last.hash)?;
        Some(hash == digest_bytes(join_front_matter(&yaml[..at], body).as_bytes()))
    };
    sealed().unwrap_or(false)
}

/// Splits a file into the lines between the fences and what follows the second fence. Blank lines
/// before the first fence are ignored.
fn split_front_matter(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start_matches('\n');
    let is_fence = |line: &str| line.trim_end() == "---";
    let opening = text
        .split_inclusive('\n')
        .next()
        .filter(|line| is_fence(line))?;
    let mut at = opening.len();
    for line in text[at..].split_inclusive('\n') {
        if is_fence(line) {
            return Some((&text[opening.len()..at], &text[at + line.len()..]));
        }
        at += line.len();
    }
    None
}

/// The key `source` of a file. Every value is read as text, even if an editor removed its quotes.
#[derive(Deserialize)]
struct SourceKeys {
    file: String,
    record: Option<String>,
    id: Option<String>,
    request: Option<String>,
    cut_off: Option<String>,
    reply: String,
    words: Option<String>,
    /// Required, because other files may have a key `source` too, but without a hash.
    #[serde(rename = "hash")]
    _hash: String,
}

#[derive(Deserialize)]
struct HeadKeys {
    source: SourceKeys,
}

#[derive(Deserialize)]
struct HashLine {
    hash: String,
}

/// Reads the key `source` of front matter, even if the keys around it are broken.
fn source_of(yaml: &str) -> Option<SourceKeys> {
    let keys = serde_yaml::from_str::<HeadKeys>(yaml).or_else(|error| {
        let begins = |at: &usize| *at == 0 || yaml[..*at].ends_with('\n');
        let mut starts = yaml.rmatch_indices("source:").map(|(at, _)| at);
        let Some(start) = starts.find(begins) else {
            return Err(error);
        };
        let rest = &yaml[start..];
        let is_inside = |line: &str| line.starts_with([' ', '\t']);
        let lines = rest.split_inclusive('\n').enumerate();
        let lines = lines.take_while(|(number, line)| *number == 0 || is_inside(line));
        let length = lines.map(|(_, line)| line.len()).sum();
        serde_yaml::from_str(&rest[..length])
    });
    Some(keys.ok()?.source)
}

/// Returns the language that the author stated.
fn given_language(post: &Post) -> Option<&str> {
    let language = post.language.as_deref();
    language.filter(|_| post.origins.language != FieldSource::Derived)
}

/// Returns the front matter without the line of the hash.
///
/// `source` must stay the last key, and the hash its last line: `is_as_written` relies on that.
fn front_matter_without_hash(post: &Post, place: PlannedPlace<'_>) -> YamlLines {
    let mut yaml = YamlLines {
        taken: post.extra.iter().map(|(key, _)| key.clone()).collect(),
        ..YamlLines::default()
    };
    yaml.prose("title", Some(&post.title));
    yaml.prose("subtitle", post.subtitle.as_deref());
    yaml.prose(
        "description",
        Some(&*post.description).filter(|text| !text.is_empty()),
    );
    // Tags derived from the text are left out: a later build derives better ones, from all tags of
    // the site.
    if post.origins.tags != FieldSource::Derived {
        yaml.list("tags", &post.tags);
    }
    yaml.list("categories", &post.categories);
    yaml.list("authors", &post.authors);
    yaml.plain("date", place.date);
    yaml.plain("updated", post.updated);
    yaml.plain("expires", post.expires);
    yaml.string("slug", Some(place.slug));
    yaml.string("permalink", post.permalink.as_deref());
    yaml.list("aliases", &post.aliases);
    yaml.string("language", given_language(post));
    yaml.string("translation_key", post.translation_key.as_deref());
    yaml.plain("draft", post.draft.then_some("true"));
    yaml.plain("noindex", post.noindex.then_some("true"));
    yaml.string("cover", post.cover.as_deref());
    yaml.prose("cover_alt", post.cover_alt.as_deref());
    yaml.string("canonical", post.canonical.as_deref());
    yaml.prose("series", post.series.as_deref());
    yaml.plain("weight", post.weight);
    yaml.prose("disclosure", post.disclosure.as_deref());
    yaml.prose("digital_source_type", post.digital_source_type.as_deref());
    // The fields stand above, because the first of two spellings of a key counts.
    let is_own = |(key, _): &&(String, ExtraValue)| key == SOURCE_KEY;
    yaml_extra::push_pairs(
        &mut yaml.text,
        post.extra.iter().filter(|pair| !is_own(pair)),
        0,
    );
    yaml.text.extend([SOURCE_KEY, ":\n"]);
    yaml.line("  file", &yaml_string(place.file));
    if let Some(record) = place.record {
        yaml.line("  record", &record.to_string());
    }
    if post.review.as_ref().is_some_and(|review| review.generated) {
        yaml.line("  generated", "true");
    }
    if let Some(origin) = &post.record {
        yaml.line("  id", &yaml_string(&origin.id));
        if let Some(request) = origin.request {
            yaml.line("  request", &hash_to_yaml(request));
        }
        if origin.cut_off {
            yaml.line("  cut_off", "true");
        }
    }
    if let Some((_, value)) = post.extra.iter().find(is_own) {
        yaml_extra::push_pair(&mut yaml.text, GIVEN_SOURCE, value, 2);
    }
    yaml.line("  reply", &hash_to_yaml(hash_reply(post)));
    yaml.line("  words", &hash_to_yaml(post.words_hash));
    yaml
}

/// The key of the record of where a post came from.
const SOURCE_KEY: &str = "source";

/// A YAML mapping that is written line by line.
#[derive(Default)]
struct YamlLines {
    text: String,
    /// The keys that are not free for fields.
    taken: HashSet<String>,
}

impl YamlLines {
    /// Adds a key whose value is already YAML.
    fn line(&mut self, key: &str, value: &str) {
        self.text.extend([key, ": ", value, "\n"]);
    }

    /// Returns a free spelling of the key of a field: `_` does not count in a key.
    fn free_key(&self, key: &str) -> String {
        let mut free = key.to_owned();
        while self.taken.contains(&free) {
            free.push('_');
        }
        free
    }

    fn string(&mut self, key: &str, value: Option<&str>) {
        self.plain(key, value.map(yaml_string));
    }

    /// Adds a plain text that is read as Markdown.
    fn prose(&mut self, key: &str, value: Option<&str>) {
        self.string(key, value.map(escape_markdown).as_deref());
    }

    /// Adds a value without quotes, so that parsers with a type for it use that.
    fn plain(&mut self, key: &str, value: Option<impl ToString>) {
        if let Some(value) = value {
            self.line(&self.free_key(key), &value.to_string());
        }
    }

    fn list(&mut self, key: &str, items: &[String]) {
        if items.is_empty() {
            return;
        }
        self.text.extend([&*self.free_key(key), ":\n"]);
        for item in items {
            self.text.extend(["- ", &*yaml_string(item), "\n"]);
        }
    }
}

/// Returns the Markdown whose plain text is `text`: nearly always the text itself.
fn escape_markdown(text: &str) -> Cow<'_, str> {
    if normalise_text(text) == text {
        return text.into();
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '&' | '~') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    if normalise_text(&escaped) == text {
        escaped.into()
    } else {
        text.into()
    }
}

/// Returns a hash as hexadecimal digits, in quotes if it might be read as a number.
fn hash_to_yaml(digest: ReplyDigest) -> String {
    yaml_string(&format_text_hash(digest)).into_owned()
}

fn digest_bytes(bytes: &[u8]) -> ReplyDigest {
    shorten_hash(blake3::hash(bytes))
}

#[cfg(test)]
mod tests;
