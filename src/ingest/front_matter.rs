//! Writes and reads the files of `ingest`: YAML front matter, then the body of a post.
//!
//! The last keys of the front matter record where the post came from and its state at that time. A
//! later run uses them to find its files again, and to see which ones a person has edited:
//!
//! ```yaml
//! source:
//!   file: replies/july.jsonl
//!   record: 17
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
use pressrun_posts::post::stated_date;
use pressrun_posts::post::{ExtraValue, FieldSource, Post, StatedDate, extras_to_json};
use pressrun_text::line::unify_line_ends;
use serde::Deserialize;
use serde_json::json;
use serde_yaml::Value;

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
    pub(super) date: Option<Date>,
}

/// What a file written by `ingest` says about its origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WrittenOrigin {
    /// Path of the source file.
    pub(super) file: String,
    /// Position of the post in the source file, if the file held several.
    pub(super) record: Option<u32>,
    /// The [`hash_reply`] hash of the post.
    pub(super) reply: ReplyDigest,
    /// Hash of the words of its body; 0 if the file does not have it.
    pub(super) words: ReplyDigest,
    /// The [`hash_reply_title`] hash of the post.
    pub(super) title: ReplyDigest,
    /// Slug: the last part of the address.
    pub(super) slug: String,
    /// Date of publication.
    pub(super) date: Option<Date>,
    /// Whether the file was changed since `ingest` wrote it.
    pub(super) edited: bool,
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
    field(&day(post.updated));
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
        ("expires", post.expires.map(|day| day.to_string())),
        ("permalink", post.permalink.clone()),
        ("aliases", some_list(&post.aliases)),
        ("authors", some_list(&post.authors)),
        ("canonical", post.canonical.clone()),
        ("series", post.series.clone()),
        ("weight", post.weight.map(|weight| weight.to_string())),
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
    first_half(hasher.finalize())
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
        reply: parse_hex_digest(&source.reply)?,
        words: source
            .words
            .as_deref()
            .and_then(parse_hex_digest)
            .unwrap_or_default(),
        file: source.file,
        title: hash_reply_title(&normalise_text(text_of("title").unwrap_or_default())),
        slug: text_of("slug").unwrap_or_default().to_owned(),
        date: text_of("date").and_then(|text| stated_date::parse_date(text).ok()),
        edited: !is_as_written(text),
    })
}

/// Returns the body of a file that [`format_ingested_file()`] made.
pub(super) fn ingested_body(bytes: &[u8]) -> String {
    readings_of(bytes)
        .find_map(|text| Some(split_front_matter(&text)?.1.to_owned()))
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
        let hash = parse_hex_digest(&last.hash)?;
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
    yaml.plain("date", place.date.map(|date| state_date(post, date)));
    yaml.plain("updated", post.updated);
    yaml.plain("expires", post.expires);
    yaml.string("slug", Some(place.slug));
    yaml.string("permalink", post.permalink.as_deref());
    yaml.list("aliases", &post.aliases);
    yaml.string("language", given_language(post));
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
    if let Some((_, value)) = post.extra.iter().find(is_own) {
        yaml_extra::push_pair(&mut yaml.text, GIVEN_SOURCE, value, 2);
    }
    yaml.line("  reply", &hash_to_yaml(hash_reply(post)));
    yaml.line("  words", &hash_to_yaml(post.words_hash));
    yaml
}

/// The key of the record of where a post came from.
const SOURCE_KEY: &str = "source";

/// Returns the date for the file, with the time of the post if it is the post's own date.
fn state_date(post: &Post, date: Date) -> StatedDate {
    if post.date != Some(date) {
        return date.into();
    }
    StatedDate {
        date,
        time: post.time,
        zone: post.zone,
    }
}

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
    yaml_string(&format!("{digest:032x}")).into_owned()
}

fn parse_hex_digest(text: &str) -> Option<ReplyDigest> {
    if text.len() != 32 {
        return None;
    }
    ReplyDigest::from_str_radix(text, 16).ok()
}

fn digest_bytes(bytes: &[u8]) -> ReplyDigest {
    first_half(blake3::hash(bytes))
}

fn first_half(hash: blake3::Hash) -> ReplyDigest {
    let (first, _) = hash.as_bytes().split_at(16);
    ReplyDigest::from_be_bytes(first.try_into().expect("16 bytes were split off"))
}

#[cfg(test)]
mod tests {
    use pressrun_posts::content_file::{FileInput, ReadSettings, read_file};
    use proptest::prelude::*;

    use super::*;

    fn post(title: &str, body: &str) -> Post {
        Post {
            title: title.to_owned(),
            body: body.to_owned(),
            words_hash: 7,
            ..Post::default()
        }
    }

    const PLACE: PlannedPlace<'_> = PlannedPlace {
        file: "replies/a.txt",
        record: None,
        slug: "a",
        date: None,
    };

    /// Writes a text into every text field, and reads it back with the YAML library.
    #[track_caller]
    fn check_round_trip(text: &str) {
        let list = vec![text.to_owned(), "x".to_owned()];
        let post = Post {
            description: text.to_owned(),
            tags: list.clone(),
            categories: list,
            cover: Some(text.to_owned()),
            ..post(text, "Body.")
        };
        let place = PlannedPlace {
            file: text,
            slug: text,
            ..PLACE
        };
        let written = format_ingested_file(&post, place);
        let (yaml, body) = split_front_matter(&written).unwrap();
        assert_eq!(body, "\nBody.\n", "{written}");
        let head: Value = serde_yaml::from_str(yaml).unwrap();
        let expected = Value::String(text.to_owned());
        for key in ["tags", "categories"] {
            assert_eq!(head[key][0], expected, "{written}");
        }
        let prose = Value::String(escape_markdown(text).into_owned());
        assert_eq!(head["title"], prose, "{written}");
        if !text.is_empty() {
            assert_eq!(head["description"], prose, "{written}");
        }
        assert_eq!(head["cover"], expected, "{written}");
        assert_eq!(head["slug"], expected, "{written}");
        assert_eq!(head["source"]["file"], expected, "{written}");
        let read = parse_ingested_file(written.as_bytes()).unwrap();
        assert!(!read.edited, "{written}");
        let title = head["title"].as_str().unwrap_or_default();
        assert_eq!(read.title, hash_reply_title(&normalise_text(title)));
    }

    #[test]
    fn strings_that_yaml_might_take_for_something_else_stay_strings() {
        for text in [
            "a: b",
            "it's \"so\"",
            "no",
            "Yes",
            "~",
            "null",
            "1e3",
            "0x1F",
            "012",
            ".inf",
            "1_000",
            "2024-01-01",
            "12:30:45",
            "🎉 party",
            "@handle",
            "`code`",
            "- item",
            "? x",
            "# no",
            "a #b",
            "&a",
            "*a",
            "!tag",
            "%x",
            "|",
            ">",
            "{{ x }}",
            "[a, b]",
            "{a: b}",
            "---",
            "a --- b",
            "...",
            "",
            " ",
            " lead",
            "trail ",
            "\ttab",
            "two\nlines",
            "\n",
            "a\n\n",
            "\n---\n",
            "  hash: x",
            "a\n  hash: 0\nsource:\n  file: x",
            "\u{0}",
            "\u{7}\u{1b}",
            "\u{feff}bom",
            "a\u{2028}b",
            "\u{2029}",
            "a\u{85}b",
            "a\rb",
            "a\r\nb",
            "\\n",
            "\u{a0}",
            "ends\n ",
            " \n x",
            "#",
            "<<",
            "=",
            "é\u{301}",
            "\u{10ffff}",
            "\u{e000}",
        ] {
            check_round_trip(text);
        }
        check_round_trip(&"long ".repeat(2000));
        check_round_trip(&"x".repeat(10_000));
        check_round_trip(&"a: 'b' \"c\"\n".repeat(1000));
    }

    #[test]
    fn file_is_front_matter_in_a_fixed_order_and_the_body() {
        let post = Post {
            description: "About: a".to_owned(),
            tags: vec!["no".to_owned(), "1e3".to_owned()],
            categories: vec!["News".to_owned()],
            updated: Some(Date::constant(2026, 2, 1)),
            draft: true,
            cover: Some("/a.png".to_owned()),
            cover_alt: Some("A bridge".to_owned()),
            disclosure: Some("false".to_owned()),
            digital_source_type: Some("humanEdits".to_owned()),
            ..post("A", "\n    code\n\ntext\n\n")
        };
        let place = PlannedPlace {
            record: Some(3),
            date: Some(Date::constant(2026, 1, 2)),
            ..PLACE
        };
        let reply = hash_to_yaml(hash_reply(&post));
        let text = format_ingested_file(&post, place);
        let hash = text
            .split("  hash: ")
            .nth(1)
            .unwrap()
            .lines()
            .next()
            .unwrap();
        let expected = format!(
            "---\ntitle: A\ndescription: 'About: a'\ntags:\n- 'no'\n- '1e3'\ncategories:\n- News\n\
             date: 2026-01-02\nupdated: 2026-02-01\nslug: a\ndraft: true\ncover: /a.png\ncover_alt: A bridge\n\
             disclosure: 'false'\ndigital_source_type: humanEdits\n\
             source:\n  file: replies/a.txt\n  record: 3\n  reply: {reply}\n  \
             words: '00000000000000000000000000000007'\n  hash: {hash}\n---\n\n    code\n\ntext\n"
        );
        assert_eq!(text, expected);
    }

    #[test]
    fn file_says_what_it_was_written_with() {
        let post = post("A", "Text.");
        let place = PlannedPlace {
            record: Some(3),
            date: Some(Date::constant(2026, 1, 2)),
            ..PLACE
        };
        let expected = WrittenOrigin {
            file: "replies/a.txt".to_owned(),
            record: Some(3),
            reply: hash_reply(&post),
            words: 7,
            title: hash_reply_title("A"),
            slug: "a".to_owned(),
            date: place.date,
            edited: false,
        };
        assert_eq!(
            parse_ingested_file(format_ingested_file(&post, place).as_bytes()),
            Some(expected)
        );
    }

    #[test]
    fn what_changes_nothing_for_a_reader_is_not_an_edit() {
        let text = format_ingested_file(&post("Title: é", "The text.\n\n---\n\nMore."), PLACE);
        let utf16 = |text: &str| -> Vec<u8> {
            let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
            units.flat_map(u16::to_le_bytes).collect()
        };
        for bytes in [
            text.replace('\n', "\r\n").into_bytes(),
            format!("\u{FEFF}{text}").into_bytes(),
            format!("\u{FEFF}{}", text.replace('\n', "\r\n")).into_bytes(),
            format!("\u{FEFF}\u{FEFF}{text}").into_bytes(),
            text.replace('\n', "\r").into_bytes(),
            utf16(&text),
            text.trim_end().into(),
            format!("{text}\n\n").into_bytes(),
            format!("\n{text}").into_bytes(),
            text.replacen("\n---\n", "\n--- \n", 1).into_bytes(),
        ] {
            let shown = String::from_utf8_lossy(&bytes).into_owned();
            let written = parse_ingested_file(&bytes).unwrap_or_else(|| panic!("{shown}"));
            assert!(!written.edited, "{shown}");
            assert_eq!(written.title, hash_reply_title("Title: é"), "{shown}");
        }
    }

    #[test]
    fn file_is_known_whatever_an_editor_does_to_its_keys() {
        let text = format_ingested_file(
            &post("Title", "The text."),
            PlannedPlace {
                record: Some(17),
                ..PLACE
            },
        );
        let known = parse_ingested_file(text.as_bytes()).unwrap();
        let source = &text[text.find("source:").unwrap()..text.find("\n---\n\n").unwrap()];
        let value = |key: &str| {
            let line = source
                .lines()
                .find(|line| line.trim_start().starts_with(key));
            line.unwrap()
                .split(": ")
                .nth(1)
                .unwrap()
                .trim_matches('\'')
                .to_owned()
        };
        let [reply, words, hash] = ["reply", "words", "hash"].map(value);
        for head in [
            format!("{source}\ntitle: Title\nslug: a"),
            format!("{source}\nslug: a\ntitle: \"Title\"\n# a remark"),
            format!(
                "title: 'Title'\nsource: {{file: replies/a.txt, record: \"17\", reply: {reply:?}, words: {words:?}, hash: {hash:?}}}\nslug: a"
            ),
            format!("{}\ntitle: Title\nslug: a", source.replace('\'', "")),
            format!(
                "\"title\": \"Title\"\n\"slug\": \"a\"\n{}",
                source.replace("source:", "\"source\":")
            ),
        ] {
            let edited = format!("---\n{head}\n---\n\nThe text.\n");
            let written =
                parse_ingested_file(edited.as_bytes()).unwrap_or_else(|| panic!("{edited}"));
            assert!(written.edited, "{edited}");
            assert_eq!(
                WrittenOrigin {
                    edited: false,
                    ..written
                },
                known,
                "{edited}"
            );
        }
        let broken = format!("---\n{source}\ntitle: broken: yaml:\n---\n\nThe text.\n");
        assert_eq!(
            parse_ingested_file(broken.as_bytes()).unwrap().reply,
            known.reply
        );
    }

    #[test]
    fn any_edit_is_seen() {
        let text = format_ingested_file(&post("Title", "The text.\n\n---\n\nMore."), PLACE);
        for edited in [
            text.replace("Title", "Better title"),
            text.replace("The text", "The better text"),
            text.replace("\nslug: a", "\nslug: a\ndraft: true"),
            text.replace("\nslug: a", "\nslug: \"a\""),
            text.replace("title:", "title: broken: yaml:"),
            text.replace("  hash: ", "  note: x\n  hash: "),
            text.replace("  hash: ", "  hash: x"),
            format!("{text}\nPS."),
        ] {
            let written =
                parse_ingested_file(edited.as_bytes()).unwrap_or_else(|| panic!("{edited}"));
            assert!(written.edited, "{edited}");
            assert_eq!(written.file, "replies/a.txt");
        }
    }

    #[test]
    fn foreign_files_are_not_ours() {
        for text in [
            "",
            "Text.",
            "---\ntitle: A\n---\n\nText.",
            "---\ntitle: A\nsource: https://example.com/\n---\n\nText.",
            "---\ntitle: A\nsource:\n  file: a\n---\n\nText.",
            "---\nsource:\n- hash\n---\n",
            "Text.\n\n---\nsource:\n  file: a\n  reply: b\n  hash: c\n---\n",
        ] {
            assert_eq!(parse_ingested_file(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn derived_slug_is_not_part_of_the_reply_but_a_given_one_is() {
        let with = |slug: &str, origin| {
            let mut post = Post {
                slug: slug.to_owned(),
                ..post("A", "Text.")
            };
            post.origins.slug = origin;
            hash_reply(&post)
        };
        assert_eq!(
            with("a", FieldSource::Derived),
            with("a-2", FieldSource::Derived)
        );
        assert_ne!(
            with("a", FieldSource::Header),
            with("b", FieldSource::Header)
        );
    }

    #[test]
    fn fields_of_a_reply_do_not_run_into_each_other() {
        let with = |tags: &[&str], categories: &[&str]| {
            let list = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
            hash_reply(&Post {
                tags: list(tags),
                categories: list(categories),
                ..Post::default()
            })
        };
        assert_ne!(with(&["a", "b"], &[]), with(&["a"], &["b"]));
        assert_ne!(with(&["ab"], &[]), with(&["a", "b"], &[]));
    }

    #[test]
    fn value_that_moves_to_another_field_changes_the_reply() {
        let value = || Some("digitalCapture".to_owned());
        let [none, label, term] = [(None, None), (value(), None), (None, value())].map(
            |(disclosure, digital_source_type)| {
                hash_reply(&Post {
                    disclosure,
                    digital_source_type,
                    ..post("A", "Text.")
                })
            },
        );
        assert!(none != label && label != term && none != term);
    }

    /// Returns any front matter that has a title.
    fn front_matter() -> impl Strategy<Value = serde_json::Value> {
        let keys = proptest::sample::select(vec![
            "subtitle",
            "description",
            "summary",
            "tags",
            "tag",
            "keywords",
            "categories",
            "date",
            "pubDate",
            "updated",
            "expires",
            "permalink",
            "url",
            "aliases",
            "alias",
            "authors",
            "author",
            "language",
            "lang",
            "cover",
            "image",
            "canonical",
            "series",
            "weight",
            "order",
            "noindex",
            "robots",
            "draft",
            "status",
            "published",
            "source",
            "layout",
            "x",
            "a b",
            "no",
            "1",
            "title_",
            "Tags",
        ]);
        let scalar = prop_oneof![
            Just(json!(null)),
            any::<bool>().prop_map(|value| json!(value)),
            any::<i64>().prop_map(|value| json!(value)),
            any::<f64>().prop_map(|value| json!(value)),
            "[a-z/]{0,6}".prop_map(|value| json!(value)),
            "[-a-zA-Z0-9 :'\"/#,\\\\n]{0,12}".prop_map(|value| json!(value)),
            proptest::sample::select(vec![
                "2024-05-01",
                "2024-05-01T10:00Z",
                "/a/b/",
                "de",
                "true",
                "noindex",
                "private"
            ])
            .prop_map(|value| json!(value)),
        ];
        let value = scalar.prop_recursive(3, 12, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
                proptest::collection::btree_map("[a-z]{2,4}|name|src|", inner, 0..4)
                    .prop_map(|map| { map.into_iter().collect() }),
            ]
        });
        proptest::collection::btree_map(keys, value, 0..8).prop_map(|map| {
            let mut front: serde_json::Map<String, serde_json::Value> = map
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect();
            front.insert("title".to_owned(), json!("A Title"));
            front.into()
        })
    }

    /// Reads the only post of a text.
    fn read_post(text: &str) -> Post {
        let input = FileInput {
            path: "a.md".into(),
            bytes: text.into(),
        };
        let mut result = read_file(&input, &ReadSettings::default());
        assert_eq!(result.posts.len(), 1, "{text}\n{:#?}", result.diagnostics);
        result.posts.remove(0)
    }

    /// Checks that a post with this front matter is the same when it is read from its file.
    #[track_caller]
    fn check_post_round_trip(front: &serde_json::Value) {
        let post = read_post(&format!("{front}\n\nThe text of it.\n"));
        let place = PlannedPlace {
            slug: &post.slug,
            date: post.date,
            ..PLACE
        };
        let written = format_ingested_file(&post, place);
        let again = read_post(&written);
        let comparable = |post: &Post| {
            // Objects of JSON have no order.
            let extra = extras_to_json(&post.extra);
            let post = Post {
                source: pressrun_posts::post::PostSource::default(),
                origins: pressrun_posts::post::FieldSources::default(),
                body_lines: pressrun_posts::post::LineMap::default(),
                extra: Vec::new(),
                ..post.clone()
            };
            (post, extra)
        };
        assert_eq!(comparable(&again), comparable(&post), "{written}");
    }

    #[test]
    fn every_field_is_read_back() {
        check_post_round_trip(&json!({
            "title": "A", "subtitle": "b: c", "description": "d", "tags": ["e", "no"],
            "categories": ["News"], "authors": ["F", "G, H"], "date": "2024-05-01 09:30 +02:00",
            "updated": "2024-05-02", "expires": "2025-01-01", "slug": "i", "permalink": "/j/k/",
            "aliases": ["/l/", "m/n"], "language": "en", "draft": true, "noindex": true,
            "cover": "/_o_.png", "cover_alt": "p", "canonical": "https://a.example/q_r_s",
            "series": "1984", "weight": -3, "disclosure": false, "digital_source_type": "t",
        }));
        check_post_round_trip(&json!({"title": "A", "date": "2024-05-01 09:30"}));
        check_post_round_trip(&json!({"title": "A", "author": "B, C", "permalink": "d/e.html"}));
    }

    #[test]
    fn other_front_matter_is_read_back() {
        check_post_round_trip(&json!({
            "title": "A", "layout": "post", "source": {"file": "x"}, "n": [1, -1.5, 1e300, true, null, "1"],
            "o": {"p": {}, "q": [], "r": [[["s"]], {"t": "u\nv"}], "": "", "- w": "x: y"}, "no": "no",
            "two\nlines": 1, "z": "k".repeat(2000), "k".repeat(2000): 1,
        }));
    }

    #[test]
    fn spellings_of_one_key_do_not_clash() {
        check_post_round_trip(&json!({
            "title": ["a", "b"], "headline": "C", "description": "", "summary": "d", "tag": "e",
            "tags": {}, "tags_": [], "aliases": ["/f/", "g"], "source": "h", "date": "soon",
            "created": "2024-05-01", "weight": "heavy", "weight_": 1,
        }));
    }

    proptest! {
        #[test]
        fn every_string_is_read_back_as_it_was_written(text in any::<String>()) {
            check_round_trip(&text);
        }

        #[test]
        fn every_post_is_read_back(front in front_matter()) {
            check_post_round_trip(&front);
        }

        #[test]
        fn every_string_of_awkward_parts_is_read_back(
            parts in proptest::collection::vec(
                prop_oneof![
                    Just("\n"), Just("---"), Just(": "), Just(" "), Just("\t"), Just("'"),
                    Just("\""), Just("#"), Just("  hash: "), Just("source:"), Just("x"),
                    Just("\u{2028}"), Just("\r"), Just("-"), Just("…"), Just("\u{1}"),
                ],
                0..12,
            )
        ) {
            check_round_trip(&parts.concat());
        }
    }
}
