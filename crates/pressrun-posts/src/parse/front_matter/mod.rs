//! Reads front matter: fields between `---` or `+++` lines above a body (R6.6 of the ingest
//! contract).
//!
//! If the parser of its language rejects it, it is read line by line, so that a colon in a title
//! does not lose all fields.

mod by_line;
mod toml;
mod yaml;

use std::collections::HashMap;

use pressrun_text::line::{TextLine, join_lines};

use super::given::GivenField;
use super::key;
use super::value::FieldValue;

/// The language of front matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FrontMatterLanguage {
    /// YAML, between `---` lines.
    Yaml,
    /// TOML, between `+++` lines.
    Toml,
}

/// A key of front matter with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
struct FrontMatterEntry {
    key: String,
    value: FieldValue,
}

/// The error of a parser that rejected front matter.
#[derive(Debug, Clone, PartialEq, Eq)]
struct FrontMatterError {
    /// The message of the parser.
    message: String,
    /// The line that it names, counted from 0 within the front matter.
    line: Option<usize>,
}

/// The front matter above a body.
#[derive(Debug)]
pub struct FrontMatter {
    /// Its fields, in order.
    pub given: Vec<GivenField>,
    /// The number of its lines, including the fences.
    pub length: usize,
    /// The line of the file and the message, if the parser rejected it.
    pub rejected: Option<(u32, String)>,
}

/// The maximum size in bytes that is parsed. Larger front matter is read line by line.
///
/// The YAML parser takes quadratic time for nested brackets, so their number is limited too.
const MAX_PARSED: usize = 64 * 1024;
const MAX_BRACKETS: usize = 1_000;

/// Returns the number of lines of the front matter that begins at the first of `lines`, including
/// its fences, or `None` if there is none.
pub fn count_front_matter_lines(lines: &[TextLine]) -> Option<usize> {
    let language = parse_opening_fence(lines.first()?)?;
    let first = lines.get(1)?;
    // An empty block between two fences is two rules.
    if first.is_blank() || is_fence(first, language) {
        return None;
    }
    let mut has_key = false;
    for (at, line) in lines.iter().enumerate().skip(1) {
        if is_fence(line, language) {
            return has_key.then_some(at + 1);
        }
        let is_key = by_line::split_key(&line.text, language).is_some();
        has_key |= is_key;
        // In YAML, a line that is neither a key nor part of a value shows that this is text between
        // rules.
        let fits = language == FrontMatterLanguage::Toml
            || is_key
            || line.is_blank()
            || line.text.starts_with([' ', '\t', '-', '#', ']', '}']);
        if !fits {
            return None;
        }
    }
    None
}

/// Returns whether a line can open front matter.
pub fn is_opening(line: &TextLine) -> bool {
    parse_opening_fence(line).is_some()
}

/// Reads front matter; `lines` must be exactly the lines that [`count_front_matter_lines`] counted.
pub fn read_front_matter(lines: &[TextLine]) -> FrontMatter {
    let length = lines.len();
    let language = parse_opening_fence(&lines[0]).unwrap_or(FrontMatterLanguage::Yaml);
    let content = &lines[1..length - 1];
    let text = join_lines(content);
    let brackets = memchr::memchr2_iter(b'[', b'{', text.as_bytes()).count();
    let parsed = if text.len() > MAX_PARSED || brackets > MAX_BRACKETS {
        Err(FrontMatterError {
            message: "it is too large".to_owned(),
            line: None,
        })
    } else {
        match language {
            FrontMatterLanguage::Yaml => yaml::parse_yaml(&text),
            FrontMatterLanguage::Toml => toml::parse_toml(&text),
        }
    };
    let (entries, rejected) = match parsed {
        Ok(entries) => (entries, None),
        Err(rejected) => {
            let line = content.get(rejected.line.unwrap_or(0)).unwrap_or(&lines[0]);
            let message = Some((line.number, rejected.message));
            (by_line::parse_by_line(content, language), message)
        }
    };
    FrontMatter {
        given: convert_entries(entries, lines),
        length,
        rejected,
    }
}

fn convert_entries(entries: Vec<FrontMatterEntry>, lines: &[TextLine]) -> Vec<GivenField> {
    let mut known: HashMap<String, u32> = HashMap::new();
    entries
        .into_iter()
        .filter_map(|entry| {
            let mut given = key::field_of_key(&entry.key, entry.value, lines[0].number)?;
            // A key may occur very often; its first line is searched for only once.
            given.line = *known.entry(entry.key).or_insert_with_key(|key| {
                let line = lines.iter().find(|line| begins_with_key(&line.text, key));
                line.unwrap_or(&lines[0]).number
            });
            Some(given)
        })
        .collect()
}

/// Returns whether a line begins with this key.
fn begins_with_key(line: &str, key: &str) -> bool {
    let line = line.trim_start_matches(['"', '\'', ' ']);
    line.strip_prefix(key).is_some_and(|rest| {
        rest.trim_start_matches(['"', '\'', ' '])
            .starts_with([':', '='])
    })
}

fn parse_opening_fence(line: &TextLine) -> Option<FrontMatterLanguage> {
    match line.text.trim_end() {
        "---" => Some(FrontMatterLanguage::Yaml),
        "+++" => Some(FrontMatterLanguage::Toml),
        _ => None,
    }
}

fn is_fence(line: &TextLine, language: FrontMatterLanguage) -> bool {
    parse_opening_fence(line) == Some(language)
}

#[cfg(test)]
mod tests {
    use pressrun_text::line::number_lines as lines;

    use super::*;

    #[track_caller]
    fn check_length(text: &str, expected: Option<usize>) {
        assert_eq!(count_front_matter_lines(&lines(text)), expected, "{text}");
    }

    /// Reads front matter as `key=items`, and returns whether its parser rejected it.
    #[track_caller]
    fn check(text: &str, expected: &[&str], rejected: bool) {
        let lines = lines(text);
        let front = read_front_matter(&lines);
        let given: Vec<String> = front
            .given
            .iter()
            .map(|given| match &given.value {
                FieldValue::Text(text) => format!("{}={text}", given.name),
                value => {
                    let items: Vec<&str> = value.iter_texts().collect();
                    format!("{}=[{}]", given.name, items.join("|"))
                }
            })
            .collect();
        assert_eq!(given, expected, "{text}");
        assert_eq!(front.rejected.is_some(), rejected, "{text}");
    }

    #[test]
    fn every_line_of_yaml_fits_its_form() {
        check_length(
            "---\ntitle: a\ntags:\n  - b\n- c\n# d\n\nx: [\n]\n---\ne",
            Some(10),
        );
        check_length("---\n\ntitle: a\n---", None);
        check_length("---\ntitle: a\nprose\n---", None);
        check_length("---\ntitle: a", None);
        check_length("---\n- a\n---", None);
        check_length("---\nhttps://a.example\n---", None);
        check_length(" ---\ntitle: a\n---", None);
    }

    #[test]
    fn toml_needs_a_key() {
        check_length("+++\ntitle = \"a\"\n+++", Some(3));
        check_length("+++\nprose\n+++", None);
        check_length("+++\ntitle = \"\"\"\na\n\"\"\"\n+++\n", Some(5));
    }

    #[test]
    fn scalars_are_text_as_written() {
        check(
            "---\ntitle: 2024-01-02\ntags: [no, 1e3, 0x10, ~, \"007\", 1_000, .5]\nslug: yes\ndescription: 12:30\n---",
            &[
                "title=2024-01-02",
                "tags=[no|1e3|0x10||007|1_000|.5]",
                "slug=yes",
                "description=12:30",
            ],
            false,
        );
        check(
            "+++\ntitle = \"a\"\ndate = 2023-11-05T07:08:09Z\ntags = [1e3, 0x10, true, \"b\"]\n+++",
            &[
                "title=a",
                "date=2023-11-05T07:08:09Z",
                "tags=[1e3|0x10|true|b]",
            ],
            false,
        );
    }

    #[test]
    fn strings_of_several_lines_are_folded() {
        check(
            "---\ntitle: >\n  a\n  b\nslug: |-\n  c\n---",
            &["title=a b\n", "slug=c"],
            false,
        );
    }

    #[test]
    fn taxonomies_of_zola_count() {
        check(
            "+++\ntitle = \"a\"\n[taxonomies]\ntags = [\"b\"]\n[extra]\nslug = \"c\"\n+++",
            &["title=a", "tags=[b]"],
            false,
        );
    }

    #[test]
    fn picture_may_have_fields() {
        let expected = ["title=a", "cover=/b.png", "cover_alt=A bridge"];
        check(
            "---\ntitle: a\ncover:\n  image: /b.png\n  alt: A bridge\n  caption: c\n---",
            &expected,
            false,
        );
        check(
            "+++\ntitle = \"a\"\n[cover]\nalt = \"A bridge\"\nimage = \"/b.png\"\n+++",
            &["title=a", "cover_alt=A bridge", "cover=/b.png"],
            false,
        );
        check(
            "---\nimage: {src: /b.png, alt: c}\nauthor: {name: d, url: e}\n---",
            &["image=/b.png", "image_alt=c"],
            false,
        );
        check(
            "---\ntitle: a\ncover: {image: [b], alt: {c: d}}\n---",
            &["title=a"],
            false,
        );
    }

    #[test]
    fn what_the_parser_rejects_is_read_line_by_line() {
        check(
            "---\ntitle: a: b\ntags:\n  - c\n  - d\ndate: 2024-01-02\n---",
            &["title=a: b", "tags=[c|d]", "date=2024-01-02"],
            true,
        );
        check(
            "---\ntitle: a\ntitle: b\n---",
            &["title=a", "title=b"],
            true,
        );
        check(
            "+++\ntitle = a b\ntags = [\"c\"]\n+++",
            &["title=a b", "tags=[\"c\"]"],
            true,
        );
        check(
            "---\ntitle: @a\ndescription: >\n  b\n  c\n---",
            &["title=@a", "description=b c"],
            true,
        );
    }

    #[test]
    fn aliases_are_followed_but_never_without_bound() {
        check(
            "---\ntitle: &a b\nslug: *a\n---",
            &["title=b", "slug=b"],
            false,
        );
        let mut bomb = "---\na: &a [x,x,x,x,x,x,x,x,x]\n".to_owned();
        for (this, last) in "bcdefghi".chars().zip("abcdefgh".chars()) {
            let aliases = vec![format!("*{last}"); 8].join(",");
            bomb.push_str(
                &[
                    &this.to_string(),
                    ": &",
                    &this.to_string(),
                    " [",
                    &aliases,
                    "]
",
                ]
                .concat(),
            );
        }
        check(&(bomb + "title: x\n---"), &["title=x"], true);
    }

    #[test]
    fn deep_nesting_is_rejected() {
        check(
            &format!("---\ntitle: a\nx: {}\n---", "[".repeat(5_000)),
            &["title=a"],
            true,
        );
        check(
            &format!("+++\ntitle = \"a\"\nx = {}\n+++", "[".repeat(5_000)),
            &["title=\"a\""],
            true,
        );
    }

    #[test]
    fn the_line_that_the_parser_rejects_is_named() {
        let text = "---\ntitle: a\nslug: b: c\n---";
        assert_eq!(
            read_front_matter(&lines(text))
                .rejected
                .map(|(line, _)| line),
            Some(3)
        );
    }
}
