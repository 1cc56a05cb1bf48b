//! R9.2: a placeholder that was not filled in.
//!
//! It reports `[Your Name]`, `{{ name }}`, `<insert link>` and *lorem ipsum*, also in block quotes,
//! but not in code, where they are examples. Shortcodes in braces are another rule (`shortcode`).

use std::ops::Range;
use std::sync::LazyLock;

use super::field::TextMatch;
use super::phrase::{PhraseAnchor, PhraseFinder, PhrasePattern};
use super::setting::{LintBody, TextSetting};
use super::shortcode::is_shortcode_in_braces;
use crate::diagnostic::{Code, Finding};
use crate::post::Post;

const FILLER_ANCHORS: &[PhraseAnchor] = &[PhraseAnchor {
    word: "ipsum",
    forms: &[PhrasePattern {
        before: &["lorem"],
        after: &[""],
    }],
}];

static FILLER: LazyLock<PhraseFinder> = LazyLock::new(|| PhraseFinder::new(FILLER_ANCHORS));

/// The first words of `[…]`.
const IN_BRACKETS: &[&str] = &[
    "insert", "your", "add", "enter", "company", "author", "website", "link", "image", "date",
    "name", "topic", "product", "url",
];

/// The first words of `<…>`.
const IN_ANGLES: &[&str] = &["insert", "your"];

/// The maximum number of characters after the first word of `[…]`.
const MOST_IN_BRACKETS: usize = 60;

/// The maximum number of characters between the marks of the other forms.
///
/// The rule has no limit, but longer text is not a placeholder. The limit also keeps an opening
/// mark from starting a search to the end of a long text.
const MOST: usize = 200;

/// Reports the first placeholder.
pub(super) fn check_placeholder_text<'p>(post: &'p Post, body: &LintBody<'p>) -> Option<Finding> {
    let found = TextMatch::in_post(post, body, find_placeholders, |setting| {
        setting != TextSetting::Code
    })?;
    let finding = found.into_finding(Code::PlaceholderText, "is an unfilled placeholder");
    Some(finding.with_help("fill it in or remove it; put an example into backticks"))
}

/// Returns the placeholders of `text`, in order.
fn find_placeholders(text: &str) -> Vec<Range<usize>> {
    let mut places: Vec<Range<usize>> = memchr::memchr3_iter(b'[', b'{', b'<', text.as_bytes())
        .filter_map(|at| {
            let length = match text.as_bytes()[at] {
                b'[' => measure_brackets(&text[at..]),
                b'{' => measure_braces(&text[at..]),
                _ => measure_angles(&text[at..]),
            }?;
            Some(at..at + length)
        })
        .collect();
    let marked = places.len();
    places.extend(FILLER.find(text));
    // Both lists are sorted already; only a mixture has to be sorted again.
    if (1..places.len()).contains(&marked) {
        places.sort_by_key(|place| place.start);
    }
    places
}

/// Returns the length in bytes of a placeholder such as `[Your Name]` at the start of `text`.
fn measure_brackets(text: &str) -> Option<usize> {
    let rest = strip_first_word(&text[1..], IN_BRACKETS)?;
    let rest = skip_to_closing(rest, "]", MOST_IN_BRACKETS)?;
    // Before `(`, `[` or `:` it is a link or a link definition.
    (!rest.starts_with(['(', '[', ':'])).then(|| text.len() - rest.len())
}

/// Returns the length in bytes of a placeholder such as `{{ name }}` at the start of `text`.
fn measure_braces(text: &str) -> Option<usize> {
    let inner = text.strip_prefix("{{")?;
    if inner.starts_with('{') {
        return None; // With three or more braces, the placeholder begins at the last two.
    }
    let rest = skip_to_closing(inner, "}}", MOST)?;
    let said = &inner[..inner.len() - rest.len() - 2];
    let is_placeholder = !said.trim().is_empty() && !is_shortcode_in_braces(said);
    is_placeholder.then(|| text.len() - rest.len())
}

/// Returns the length in bytes of a placeholder such as `<your name>` at the start of `text`.
fn measure_angles(text: &str) -> Option<usize> {
    let inner = strip_first_word(&text[1..], IN_ANGLES)?;
    let rest = skip_to_closing(inner, ">", MOST)?;
    // `<insert>` alone is a tag, so there must be a separator and a letter.
    (inner.len() - rest.len() > 2).then(|| text.len() - rest.len())
}

/// Returns what follows the first word, if it is one of `words`. An underscore ends the word:
/// `YOUR_NAME`.
fn strip_first_word<'t>(text: &'t str, words: &[&str]) -> Option<&'t str> {
    let text = text.trim_start_matches([' ', '*']);
    let length = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (word, rest) = text.split_at(length);
    let known = words.iter().any(|known| word.eq_ignore_ascii_case(known));
    (known && !rest.starts_with(char::is_alphanumeric)).then_some(rest)
}

/// Returns what follows the first `closing` mark, if at most `most` characters and no blank line
/// precede it.
pub(super) fn skip_to_closing<'t>(text: &'t str, closing: &str, most: usize) -> Option<&'t str> {
    let mut after_line_end = false;
    for (at, c) in text.char_indices().take(most + 1) {
        if let Some(rest) = text[at..].strip_prefix(closing) {
            return Some(rest);
        }
        match c {
            '\n' if after_line_end => return None,
            '\n' => after_line_end = true,
            c if c.is_whitespace() => {}
            _ => after_line_end = false,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::FieldSource;
    use crate::rules::tests::check_places;

    #[track_caller]
    fn check_text(text: &str, expected: &[&str]) {
        check_places(text, find_placeholders(text), expected);
    }

    #[test]
    fn brackets_begin_with_a_telling_word() {
        for first in IN_BRACKETS {
            let capital = first.to_uppercase();
            for text in [
                format!("[{first}]"),
                format!("[{capital} of the ship]"),
                format!("[ {first}, please ]"),
                format!("[{capital}_NAME]"),
            ] {
                check_text(&format!("Dear {text}, hello."), &[&text]);
            }
        }
        check_text("[[Your Name]]", &["[Your Name]"]);
        check_text("[Your\nName]", &["[Your\nName]"]);
    }

    #[test]
    fn links_and_definitions_are_not_placeholders() {
        check_text("[link](x)", &[]);
        check_text("[link][x]", &[]);
        check_text("[name]: x", &[]);
        check_text("![image](x.png)", &[]);
        check_text("- [ ] add salt\n- [x] your turn", &[]);
    }

    #[test]
    fn other_brackets_are_not_placeholders() {
        check_text("[yourself]", &[]);
        check_text("[addition]", &[]);
        check_text("[the link]", &[]);
        check_text("[naïve] [urlé] [] [", &[]);
        check_text("[your\n\nname]", &[]);
        check_text("[your name", &[]);
    }

    #[test]
    fn sixty_characters_may_follow_the_first_word() {
        let most = format!("[your {}]", "é".repeat(59));
        check_text(&most, &[&most]);
        check_text(&format!("[your {}]", "é".repeat(60)), &[]);
    }

    #[test]
    fn double_braces_hold_something() {
        check_text("Hi {{ name }}!", &["{{ name }}"]);
        check_text("{{}} and {{ }}, {a} and { {b}}, {{c", &[]);
        check_text("{{ site.url }} {{ name | upper }} {{< a >}} {{% b %}}", &[]);
    }

    #[test]
    fn angles_begin_with_insert_or_your() {
        check_text("<insert link here>", &["<insert link here>"]);
        check_text(
            "<Your-API-key> <YOUR_NAME>",
            &["<Your-API-key>", "<YOUR_NAME>"],
        );
        check_text("<yours> <insertion a> <b> <add name> <your name", &[]);
        check_text("<insert> <your>", &[]);
    }

    #[test]
    fn lorem_ipsum_is_filler() {
        check_text("Lorem\nIpsum dolor", &["Lorem\nIpsum"]);
        check_text(
            "[your x] LOREM IPSUM [url]",
            &["[your x]", "LOREM IPSUM", "[url]"],
        );
        check_text("lorem ipsums, dolorem ipsum", &[]);
    }

    #[test]
    fn code_is_exempt_and_quotes_are_not() {
        let check_body = |body: &str, expected: bool| {
            let post = Post {
                body: body.to_owned(),
                ..Post::default()
            };
            let found = check_placeholder_text(&post, &LintBody::new(&post.body));
            assert_eq!(found.is_some(), expected, "{body}");
        };
        check_body("Type `[your name]` and\n\n```\n{{ x }}\n```\n", false);
        check_body("> Dear [your name]", true);
        check_body("a `b` [your name]", true);
    }

    #[test]
    fn title_and_description_are_read_too() {
        let post = Post {
            title: "All about [Topic]".to_owned(),
            description: "By {{ author }}".to_owned(),
            ..Post::default()
        };
        let found = check_placeholder_text(&post, &LintBody::new("")).expect("two placeholders");
        let message = "`[Topic]` in the title is an unfilled placeholder, and in 1 more place";
        assert_eq!(found.message, message);
    }

    #[test]
    fn a_derived_description_is_read_in_the_body() {
        let mut post = Post {
            description: "Write [Your Name] here.".to_owned(),
            ..Post::default()
        };
        let body = LintBody::new("Write `[Your Name]` here.");
        assert!(check_placeholder_text(&post, &body).is_some());
        post.origins.description = FieldSource::Derived;
        assert!(check_placeholder_text(&post, &body).is_none());
    }
}
