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
//! Not here: which file a post gets (`plan`), and front matter by other authors (`parse`).

use std::borrow::Cow;

use serde::Serialize;
use serde_yaml::Value;

use crate::post::date::{self, Date};
use crate::post::{Origin, Post};
use crate::text::line::unix_ends;

/// A hash, written as 32 hexadecimal digits.
pub(super) type Digest = u128;

/// Where a post came from and what the plan assigned to it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'p> {
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
pub(super) struct Written {
    /// Path of the source file.
    pub(super) file: String,
    /// Position of the post in the source file, if the file held several.
    pub(super) record: Option<u32>,
    /// The [`reply`] hash of the post.
    pub(super) reply: Digest,
    /// Hash of the words of its body; 0 if the file does not have it.
    pub(super) words: Digest,
    /// The [`title`] hash of the post.
    pub(super) title: Digest,
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
pub(super) fn reply(post: &Post) -> Digest {
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
        Origin::Header | Origin::End => &post.slug,
        _ => "",
    });
    field(if post.draft { "draft" } else { "" });
    field(post.cover.as_deref().unwrap_or_default());
    let others = [
        post.disclosure.as_deref(),
        post.digital_source_type.as_deref(),
        given_language(post),
    ];
    for text in others.into_iter().flatten() {
        field(text);
    }
    field(&post.body);
    first_half(hasher.finalize())
}

/// Hashes a title, to recognise a post whose body has changed.
pub(super) fn title(title: &str) -> Digest {
    digest(title.as_bytes())
}

/// Returns the contents of the file for a post.
pub(super) fn write(post: &Post, place: Place<'_>) -> String {
    let mut head = Head::new(post, place);
    // The hash covers the whole file without the line of the hash itself.
    let unsealed = file(&head.yaml(), &post.body);
    head.source.hash = Some(digest(unsealed.as_bytes()).into());
    file(&head.yaml(), &post.body)
}

fn file(yaml: &str, body: &str) -> String {
    // Leading blank lines and trailing white space would not survive reading the file back.
    let body = body.trim_start_matches('\n').trim_end();
    format!("---\n{yaml}---\n\n{body}\n")
}

/// Reads what a file says about its origin, or returns `None` if `ingest` did not write it.
///
/// An editor may have changed anything in the file. If its front matter is no longer valid YAML,
/// the `source` at its end is still read.
pub(super) fn read(text: &str) -> Option<Written> {
    let text = unix_ends(text);
    let (yaml, _) = split(&text)?;
    // `source` is the last key, so whatever an editor broke stands before it.
    let source_at = yaml.rfind("\nsource:").map(|at| at + 1)?;
    let head = serde_yaml::from_str(yaml)
        .or_else(|_| serde_yaml::from_str::<Value>(&yaml[source_at..]))
        .ok()?;
    let text_of = |value: &Value| value.as_str().map(str::to_owned);
    let source = head.get("source")?;
    source.get("hash")?;
    Some(Written {
        file: source.get("file").and_then(text_of)?,
        record: source
            .get("record")
            .and_then(Value::as_u64)
            .and_then(|record| record.try_into().ok()),
        reply: source.get("reply").and_then(digest_of)?,
        words: source.get("words").and_then(digest_of).unwrap_or_default(),
        title: title(
            head.get("title")
                .and_then(Value::as_str)
                .unwrap_or_default(),
        ),
        slug: head.get("slug").and_then(text_of).unwrap_or_default(),
        date: head
            .get("date")
            .and_then(Value::as_str)
            .and_then(|text| date::parse(text).ok()),
        edited: !is_as_written(&text),
    })
}

/// Returns the body of a file that [`write()`] made.
pub(super) fn body(text: &str) -> &str {
    split(text).map_or("", |(_, body)| body)
}

/// Returns whether a file is exactly as [`write()`] made it, judging by its hash.
fn is_as_written(text: &str) -> bool {
    // The hash is always the last line of the front matter, whatever the values above it contain.
    let sealed = || {
        let (yaml, body) = split(text)?;
        let at = yaml.trim_end_matches('\n').rfind('\n')? + 1;
        let hash = serde_yaml::from_str::<Value>(&yaml[at..]).ok()?;
        let hash = hash.get("hash").and_then(digest_of)?;
        Some(hash == digest(format!("---\n{}---{body}", &yaml[..at]).as_bytes()))
    };
    sealed().unwrap_or(false)
}

/// Splits a file into the lines between the fences and what follows the second fence.
fn split(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix("---\n")?;
    let end = rest.find("\n---\n")? + 1;
    Some((&rest[..end], &rest[end + "---".len()..]))
}

/// The keys of the front matter, in the order in which they are written.
#[derive(Serialize)]
struct Head<'p> {
    title: Cow<'p, str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: Cow<'p, str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<Cow<'p, str>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    categories: Vec<Cow<'p, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated: Option<String>,
    slug: &'p str,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<&'p str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    draft: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    cover: Option<Cow<'p, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    disclosure: Option<Cow<'p, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digital_source_type: Option<Cow<'p, str>>,
    source: Source<'p>,
}

/// Where the post came from. It must stay the last key, and `hash` its last line: `is_as_written`
/// relies on that.
#[derive(Serialize)]
struct Source<'p> {
    file: Cow<'p, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<u32>,
    reply: Hex,
    words: Hex,
    #[serde(skip_serializing_if = "Option::is_none")]
    hash: Option<Hex>,
}

/// Returns the language that the author stated.
fn given_language(post: &Post) -> Option<&str> {
    let language = post.language.as_deref();
    language.filter(|_| post.origins.language != Origin::Derived)
}

impl<'p> Head<'p> {
    fn new(post: &'p Post, place: Place<'p>) -> Self {
        let list = |items: &'p [String]| items.iter().map(|item| line_ends(item)).collect();
        Self {
            title: line_ends(&post.title),
            description: line_ends(&post.description),
            // Tags derived from the text are left out: a later build derives better ones, from all
            // tags of the site.
            tags: match post.origins.tags {
                Origin::Derived => Vec::new(),
                _ => list(&post.tags),
            },
            categories: list(&post.categories),
            date: place.date.map(|date| date.to_string()),
            updated: post.updated.map(|date| date.to_string()),
            slug: place.slug,
            language: given_language(post),
            draft: post.draft,
            cover: post.cover.as_deref().map(line_ends),
            disclosure: post.disclosure.as_deref().map(line_ends),
            digital_source_type: post.digital_source_type.as_deref().map(line_ends),
            source: Source {
                file: line_ends(place.file),
                record: place.record,
                reply: reply(post).into(),
                words: post.words_hash.into(),
                hash: None,
            },
        }
    }

    fn yaml(&self) -> String {
        serde_yaml::to_string(self).expect("text, lists and numbers can be written as YAML")
    }
}

/// A hash as hexadecimal digits.
#[derive(Serialize)]
struct Hex(String);

impl From<Digest> for Hex {
    fn from(digest: Digest) -> Self {
        Self(format!("{digest:032x}"))
    }
}

fn digest_of(value: &Value) -> Option<Digest> {
    let text = value.as_str().filter(|text| text.len() == 32)?;
    Digest::from_str_radix(text, 16).ok()
}

fn digest(bytes: &[u8]) -> Digest {
    first_half(blake3::hash(bytes))
}

fn first_half(hash: blake3::Hash) -> Digest {
    let (first, _) = hash.as_bytes().split_at(16);
    Digest::from_be_bytes(first.try_into().expect("16 bytes were split off"))
}

/// Returns a text with the line endings that every file has after it is read back.
///
/// The YAML library writes U+2028 and similar characters unescaped, but reads them as line breaks.
fn line_ends(text: &str) -> Cow<'_, str> {
    if text.contains(['\r', '\u{85}', '\u{2028}', '\u{2029}']) {
        text.replace("\r\n", "\n")
            .replace(['\r', '\u{85}', '\u{2028}', '\u{2029}'], "\n")
            .into()
    } else {
        text.into()
    }
}

#[cfg(test)]
mod tests {
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

    const PLACE: Place<'_> = Place {
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
        let slug = line_ends(text);
        let place = Place {
            file: text,
            slug: &slug,
            ..PLACE
        };
        let written = write(&post, place);
        let (yaml, body) = split(&written).unwrap();
        assert_eq!(body, "\n\nBody.\n", "{written}");
        let head: Value = serde_yaml::from_str(yaml).unwrap();
        let expected = Value::String(line_ends(text).into_owned());
        for (key, at) in [("title", None), ("tags", Some(0)), ("categories", Some(0))] {
            let value = &head[key];
            assert_eq!(
                at.map_or(value, |at: usize| &value[at]),
                &expected,
                "{written}"
            );
        }
        if !text.is_empty() {
            assert_eq!(head["description"], expected, "{written}");
        }
        assert_eq!(head["cover"], expected, "{written}");
        assert_eq!(head["slug"], expected, "{written}");
        assert_eq!(head["source"]["file"], expected, "{written}");
        let read = read(&written).unwrap();
        assert!(!read.edited, "{written}");
        assert_eq!(read.title, title(&line_ends(text)));
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
            disclosure: Some("false".to_owned()),
            digital_source_type: Some("humanEdits".to_owned()),
            ..post("A", "\n    code\n\ntext\n\n")
        };
        let place = Place {
            record: Some(3),
            date: Some(Date::constant(2026, 1, 2)),
            ..PLACE
        };
        let reply = Hex::from(reply(&post)).0;
        let text = write(&post, place);
        let hash = text
            .split("  hash: ")
            .nth(1)
            .unwrap()
            .lines()
            .next()
            .unwrap();
        let expected = format!(
            "---\ntitle: A\ndescription: 'About: a'\ntags:\n- no\n- '1e3'\ncategories:\n- News\n\
             date: 2026-01-02\nupdated: 2026-02-01\nslug: a\ndraft: true\ncover: /a.png\n\
             disclosure: 'false'\ndigital_source_type: humanEdits\n\
             source:\n  file: replies/a.txt\n  record: 3\n  reply: {reply}\n  \
             words: '00000000000000000000000000000007'\n  hash: {hash}\n---\n\n    code\n\ntext\n"
        );
        assert_eq!(text, expected);
    }

    #[test]
    fn file_says_what_it_was_written_with() {
        let post = post("A", "Text.");
        let place = Place {
            record: Some(3),
            date: Some(Date::constant(2026, 1, 2)),
            ..PLACE
        };
        let expected = Written {
            file: "replies/a.txt".to_owned(),
            record: Some(3),
            reply: reply(&post),
            words: 7,
            title: title("A"),
            slug: "a".to_owned(),
            date: place.date,
            edited: false,
        };
        assert_eq!(read(&write(&post, place)), Some(expected));
    }

    #[test]
    fn any_edit_is_seen_but_line_ends_are_not_one() {
        let text = write(&post("Title", "The text.\n\n---\n\nMore."), PLACE);
        assert!(!read(&text.replace('\n', "\r\n")).unwrap().edited);
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
            let written = read(&edited).unwrap_or_else(|| panic!("{edited}"));
            assert!(written.edited, "{edited}");
            assert_eq!(written.file, "replies/a.txt");
        }
    }

    #[test]
    fn files_of_others_are_not_ours() {
        for text in [
            "",
            "Text.",
            "---\ntitle: A\n---\n\nText.",
            "---\ntitle: A\nsource: https://example.com/\n---\n\nText.",
            "---\ntitle: A\nsource:\n  file: a\n---\n\nText.",
            "---\nsource:\n- hash\n---\n",
            "Text.\n\n---\nsource:\n  file: a\n  reply: b\n  hash: c\n---\n",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn derived_slug_is_no_part_of_the_reply_and_a_given_one_is() {
        let with = |slug: &str, origin| {
            let mut post = Post {
                slug: slug.to_owned(),
                ..post("A", "Text.")
            };
            post.origins.slug = origin;
            reply(&post)
        };
        assert_eq!(with("a", Origin::Derived), with("a-2", Origin::Derived));
        assert_ne!(with("a", Origin::Header), with("b", Origin::Header));
    }

    #[test]
    fn fields_of_a_reply_do_not_run_into_each_other() {
        let with = |tags: &[&str], categories: &[&str]| {
            let list = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
            reply(&Post {
                tags: list(tags),
                categories: list(categories),
                ..Post::default()
            })
        };
        assert_ne!(with(&["a", "b"], &[]), with(&["a"], &["b"]));
        assert_ne!(with(&["ab"], &[]), with(&["a", "b"], &[]));
    }

    proptest! {
        #[test]
        fn every_string_is_read_back_as_it_was_written(text in any::<String>()) {
            check_round_trip(&text);
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
