//! Reads front matter: fields above a body, as YAML between `---` lines, as TOML between `+++`
//! lines, or as a JSON object (R6.6 of the ingest contract).
//!
//! If the parser of its language rejects it, it is read line by line, so that a colon in a title
//! does not lose all fields.
//!
//! Not here: which keys are which fields (`key`).

mod by_line;
mod own_keys;
mod toml;
mod yaml;

use ::toml::de::DeTable;
use pressrun_text::line::{TextLine, join_lines};
use serde_json::{Map, Value as Json};

use super::given::GivenField;
use super::json::{measure_json_front_matter, parse_json};
use super::key;
use super::key_value::{KeyEntry, KeyValue};
use super::post_object::object_entries;
use crate::post::{ExtraValue, ReviewRecord};
pub use own_keys::{GIVEN_SOURCE, names_generated_source};
use own_keys::{strip_ingest_record, take_review_mark};

/// The language of front matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FrontMatterLanguage {
    /// YAML, between `---` lines.
    Yaml,
    /// TOML, between `+++` lines.
    Toml,
    /// A JSON object.
    Json,
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
    /// The keys that no field reads, with their values, in order.
    pub extra: Vec<(String, ExtraValue)>,
    /// The line of the file where the first of these is.
    pub extra_line: u32,
    /// What it says about the review of the post.
    pub review: Option<Box<ReviewRecord>>,
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

/// Returns where front matter begins that has nothing above it but blank lines and HTML comments.
pub fn find_front_matter(lines: &[TextLine]) -> Option<usize> {
    let start = count_comment_lines(lines);
    count_front_matter_lines(&lines[start..]).map(|_| start)
}

/// Returns the number of lines at the start that are blank or belong to HTML comments.
fn count_comment_lines(lines: &[TextLine]) -> usize {
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        if line.is_blank() {
            at += 1;
            continue;
        }
        if !line.text.trim_start().starts_with("<!--") {
            break;
        }
        let end = lines[at..]
            .iter()
            .position(|line| line.text.contains("-->"));
        match end.map(|end| at + end) {
            Some(end) if lines[end].text.trim_end().ends_with("-->") => at = end + 1,
            _ => break,
        }
    }
    at
}

/// Returns the number of lines of the front matter that begins at the first of `lines`, including
/// its fences, or `None` if there is none.
pub fn count_front_matter_lines(lines: &[TextLine]) -> Option<usize> {
    let language = parse_opening(lines.first()?)?;
    if language == FrontMatterLanguage::Json {
        let text = join_lines(lines);
        let start = text.len() - text.trim_start().len();
        let length = measure_json_front_matter(&text[start..])?;
        return Some(text[..start + length].matches('\n').count() + 1);
    }
    let content = lines[1..]
        .iter()
        .position(|line| is_closing_fence(line, language))?;
    let content = &lines[1..=content];
    holds_front_matter(content, language).then_some(content.len() + 2)
}

/// Returns whether the lines between two fences are front matter: keys with values, one of which is
/// known.
fn holds_front_matter(content: &[TextLine], language: FrontMatterLanguage) -> bool {
    let keys = || {
        content
            .iter()
            .filter_map(|line| Some(by_line::split_key(&line.text, language)?.0))
    };
    if content.first().is_some_and(TextLine::is_blank) && keys().next().is_some_and(is_all_capitals)
    {
        // A rule above a label header.
        return false;
    }
    // In YAML, a line that is neither a key nor part of a value shows that this is text between
    // rules, unless the parser knows better.
    let fits = |line: &TextLine| {
        line.is_blank()
            || line
                .text
                .starts_with(|c: char| c.is_whitespace() || matches!(c, '-' | '#' | ']' | '}'))
            || by_line::split_key(&line.text, language).is_some()
    };
    let all_fit = language == FrontMatterLanguage::Toml || content.iter().all(fits);
    if all_fit && key::is_front_matter(keys()) {
        return true;
    }
    let parsed = parse_pairs(&join_lines(content), language);
    parsed.is_ok_and(|pairs| key::is_front_matter(pairs.iter().map(|(key, _)| key.as_str())))
}

fn is_all_capitals(key: &str) -> bool {
    !key.contains(char::is_lowercase) && key.contains(char::is_uppercase)
}

/// Returns whether a line can open front matter between fences.
pub fn is_opening(line: &TextLine) -> bool {
    matches!(
        parse_opening(line),
        Some(FrontMatterLanguage::Yaml | FrontMatterLanguage::Toml)
    )
}

/// Reads front matter; `lines` must be exactly the lines that [`count_front_matter_lines`] counted.
pub fn read_front_matter(lines: &[TextLine]) -> FrontMatter {
    let length = lines.len();
    let number = lines[0].number;
    let language = parse_opening(&lines[0]).unwrap_or(FrontMatterLanguage::Yaml);
    let (entries, rejected) = if language == FrontMatterLanguage::Json {
        let object: Map<String, Json> = parse_json(&join_lines(lines)).unwrap_or_default();
        (object_entries(&object, number).collect(), None)
    } else {
        read_between_fences(&lines[1..length - 1], language, number)
    };
    let mut review = ReviewRecord::default();
    let entries = entries
        .into_iter()
        .filter_map(|entry| take_review_mark(entry, &mut review))
        .filter_map(strip_ingest_record);
    let mut fields = key::assign_keys(entries.collect());
    for given in &mut fields.given {
        given.line = find_key_line(lines, &given.name);
    }
    FrontMatter {
        extra_line: fields
            .extra
            .first()
            .map_or(number, |(key, _)| find_key_line(lines, key)),
        given: fields.given,
        extra: fields.extra,
        review: (review != ReviewRecord::default()).then(|| Box::new(review)),
        length,
        rejected,
    }
}

/// Reads what is between two fences, and what the parser says if it rejects it.
fn read_between_fences(
    content: &[TextLine],
    language: FrontMatterLanguage,
    number: u32,
) -> (Vec<KeyEntry>, Option<(u32, String)>) {
    let text = join_lines(content);
    let (pairs, rejected) = match parse_pairs(&text, language) {
        Ok(pairs) => (pairs, None),
        Err(rejected) => {
            let line = content.get(rejected.line.unwrap_or(0));
            let line = line.map_or(number, |line| line.number);
            let pairs = by_line::parse_by_line(content, language, is_parsed(&text));
            (pairs, Some((line, rejected.message)))
        }
    };
    let entry = |(key, value)| KeyEntry {
        key,
        value,
        line: number,
    };
    (pairs.into_iter().map(entry).collect(), rejected)
}

/// Returns the keys of a TOML table with their values, in the order of the file.
pub fn read_toml_table(table: &DeTable<'_>) -> Vec<(String, ExtraValue)> {
    let pairs = toml::collect_toml_pairs(table).into_iter();
    pairs
        .map(|(key, value)| (key, value.into_extra()))
        .collect()
}

/// Returns whether a text is small enough for the parsers.
fn is_parsed(text: &str) -> bool {
    text.len() <= MAX_PARSED
        && memchr::memchr2_iter(b'[', b'{', text.as_bytes()).count() <= MAX_BRACKETS
}

/// Parses keys with their values.
fn parse_pairs(
    text: &str,
    language: FrontMatterLanguage,
) -> Result<Vec<(String, KeyValue)>, FrontMatterError> {
    if !is_parsed(text) {
        return Err(FrontMatterError {
            message: "it is too large".to_owned(),
            line: None,
        });
    }
    match language {
        FrontMatterLanguage::Yaml => yaml::parse_yaml(text),
        FrontMatterLanguage::Toml => toml::parse_toml(text),
        FrontMatterLanguage::Json => Ok(Vec::new()),
    }
}

/// Returns the line of the file where a key begins.
fn find_key_line(lines: &[TextLine], key: &str) -> u32 {
    let line = lines.iter().find(|line| begins_with_key(&line.text, key));
    line.unwrap_or(&lines[0]).number
}

/// Returns whether a line begins with this key.
fn begins_with_key(line: &str, key: &str) -> bool {
    let line = line.trim_start_matches(['"', '\'', '{', ' ', '\t']);
    line.strip_prefix(key).is_some_and(|rest| {
        rest.trim_start_matches(['"', '\'', ' '])
            .starts_with([':', '='])
    })
}

fn parse_opening(line: &TextLine) -> Option<FrontMatterLanguage> {
    match line.text.trim_end() {
        "---" => Some(FrontMatterLanguage::Yaml),
        "+++" => Some(FrontMatterLanguage::Toml),
        text if text.trim_start().starts_with('{') => Some(FrontMatterLanguage::Json),
        _ => None,
    }
}

fn is_closing_fence(line: &TextLine, language: FrontMatterLanguage) -> bool {
    match line.text.trim_end() {
        "---" | "..." => language == FrontMatterLanguage::Yaml,
        "+++" => language == FrontMatterLanguage::Toml,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use pressrun_text::line::number_lines as lines;

    use super::*;
    use crate::post::extras_to_json;

    #[track_caller]
    fn check_length(text: &str, expected: Option<usize>) {
        assert_eq!(count_front_matter_lines(&lines(text)), expected, "{text}");
    }

    /// Reads front matter as `key=items`, and returns whether its parser rejected it.
    #[track_caller]
    fn check(text: &str, expected: &[&str], rejected: bool) {
        let lines = lines(text);
        let front = read_front_matter(&lines);
        let given: Vec<String> = front.given.iter().map(GivenField::to_line).collect();
        assert_eq!(given, expected, "{text}");
        assert_eq!(front.rejected.is_some(), rejected, "{text}");
    }

    #[test]
    fn every_line_of_yaml_fits_its_form() {
        check_length(
            "---\ntitle: a\ntags:\n  - b\n- c\n# d\n\nx: [\n]\n---\ne",
            Some(10),
        );
        check_length("---\n\ntitle: a\n---", Some(4));
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
                "tags=[no|1e3|0x10|007|1_000|.5]",
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
    fn what_the_parser_rejects_is_read_line_by_line() {
        check(
            "---\ntitle: a: b\ntags:\n  - c\n  - d\ndate: 2024-01-02\n---",
            &["title=a: b", "tags=[c|d]", "date=2024-01-02"],
            true,
        );
        check("---\ntitle: a\ntitle: b\n---", &["title=a"], true);
        check(
            "+++\ntitle = a b\ntags = [\"c\"]\n+++",
            &["title=a b", "tags=[c]"],
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
            &["title=a"],
            true,
        );
    }

    #[test]
    fn a_known_key_is_needed() {
        check_length("---\nfoo: a\n---", None);
        check_length("---\nfoo: a\nlayout: b\n---", Some(4));
        check_length("---\nfoo:\n  title: a\n---", None);
        check_length("+++\nfoo = 1\n+++", None);
        check_length("+++\n[cover]\nsrc = \"a\"\n+++", Some(4));
        check_length("---\nA bench: small\n---", None);
        check_length("---\n? title\n: a\n---", Some(4));
    }

    #[test]
    fn blank_line_above_labels_is_below_a_rule() {
        check_length("---\n\nTITLE: a\nTAGS: b\n---", None);
        check_length("---\nTITLE: a\n---", Some(3));
        check_length("---\n\n---", None);
    }

    #[test]
    fn what_the_parser_accepts_may_have_lines_of_any_form() {
        check_length("---\ntitle: \"a\nb\"\n---", Some(4));
        check_length("---\ntitle: a\nb c\n---", None);
        check_length("---\n{title: a}\n---", Some(3));
    }

    #[test]
    fn dots_close_yaml() {
        check_length("---\ntitle: a\n...\nb", Some(3));
        check_length("+++\ntitle = \"a\"\n...\nb", None);
    }

    #[test]
    fn json_is_an_object_above_text() {
        check_length("{\n\"title\": \"a\"\n}\n\nb", Some(3));
        check_length("{\"title\": \"a}\"}\nb", Some(1));
        check_length("{\"title\": \"a\"}", None);
        check_length("{\"title\": \"a\"} b", None);
        check_length("{\"title\": \"a\"}\n{\"title\": \"a\"}", None);
        check_length("{\"title\": \"a\", \"content\": \"c\"}\nb", None);
        check_length("{\"foo\": \"a\"}\nb", None);
        check(
            "{\"title\": \"a\",\n\"tags\": [\"b\", 1],\n\"date\": 86400}",
            &["title=a", "tags=[b|1]", "date=1970-01-02T00:00:00Z"],
            false,
        );
    }

    #[test]
    fn comments_and_blank_lines_may_stand_above() {
        let find = |text: &str| find_front_matter(&lines(text));
        assert_eq!(
            find("<!-- a -->\n\n<!--\nb\n-->\n---\ntitle: c\n---"),
            Some(5)
        );
        assert_eq!(find("\n\n---\ntitle: c\n---"), Some(2));
        assert_eq!(find("<!-- a --> b\n---\ntitle: c\n---"), None);
        assert_eq!(find("<!-- a\n---\ntitle: c\n---"), None);
    }

    /// Checks the keys that no field reads.
    #[track_caller]
    fn check_extra(text: &str, expected: serde_json::Value) {
        let front = read_front_matter(&lines(text));
        assert_eq!(extras_to_json(&front.extra), expected, "{text}");
    }

    #[test]
    fn other_keys_stay_as_json_has_them() {
        use serde_json::json;
        check_extra(
            "---\ntitle: a\nlayout: post\nn: 1.50\nh: 0x10\nt: true\nz: ~\ns: \"3\"\nd: 2024-01-02\nl: [a, {b: c}]\ni: .inf\no: !x y\n---",
            json!({"layout": "post", "n": 1.5, "h": 16, "t": true, "z": null, "s": "3", "d": "2024-01-02",
                "l": ["a", {"b": "c"}], "i": ".inf", "o": "y"}),
        );
        check_extra(
            "+++\ntitle = \"a\"\nh = 0x1_0\nf = 1_0.5\nd = 2024-01-02\n[extra]\nn = nan\n[[x]]\ny = true\n+++",
            json!({"h": 16, "f": 10.5, "d": "2024-01-02", "extra": {"n": "nan"}, "x": [{"y": true}]}),
        );
        check_extra(
            "{\"title\": \"a\", \"x\": [1, null, {\"y\": 2.0}]}",
            json!({"x": [1, null, {"y": 2.0}]}),
        );
    }

    #[test]
    fn record_of_ingest_is_no_key_of_the_author() {
        use serde_json::json;
        check_extra(
            "---\ntitle: a\nsource:\n  file: b\n  reply: c\n  hash: d\n---",
            json!({}),
        );
        check_extra("---\ntitle: a\nsource: b\n---", json!({"source": "b"}));
        check_extra(
            "---\ntitle: a\nsource:\n  file: b\n  given: {x: 1}\n  reply: c\n  hash: d\n---",
            json!({"source": {"x": 1}}),
        );
    }

    #[test]
    fn values_by_line_lose_one_pair_of_quotes() {
        check(
            "---\ntitle: \"When \"A\" meets \"B\"\"\nsubtitle: \"C\" and \"D\"\nslug: \"e\\\"f\"\nseries: 'It''s g'\ntags:\n- \"h\"\n---",
            &[
                "title=When \"A\" meets \"B\"",
                "subtitle=\"C\" and \"D\"",
                "slug=e\"f",
                "series=It's g",
                "tags=[h]",
            ],
            true,
        );
    }

    #[test]
    fn values_by_line_may_take_several_lines() {
        check(
            "---\ntitle: @a\ntags: [b,\n  c]\ndescription: d: e\n  f\nimage:\n  path: g.png\nauthor: 'h\n  i'\n---",
            &[
                "title=@a",
                "tags=[b|c]",
                "description=d: e f",
                "image=g.png",
                "author=h i",
            ],
            true,
        );
        check(
            "+++\ntitle = a b\nweight = 1\n[extra]\nslug = \"c\"\n+++",
            &["title=a b", "weight=1", "slug=c"],
            true,
        );
        check(
            "---\ntitle: @a\ntags: b\n- c\n# d\n- e: f\n---",
            &["title=@a", "tags=[b|c|e: f]"],
            true,
        );
        let text = "---\ntitle: @a\nmap:\n  b: 1\nn: 2\nt: true\nq: \"3\"\nz:\n---";
        check_extra(
            text,
            serde_json::json!({"map": {"b": 1}, "n": 2, "t": true, "q": "3", "z": null}),
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
