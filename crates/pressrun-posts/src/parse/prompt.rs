//! Finds prompts of a content generator in a text (R3 of the ingest contract).
//!
//! They divide the text into parts, and give each part its topic and its closed list of categories.

use std::ops::Range;
use std::sync::Arc;

use pressrun_text::blocks::starts_heading;
use pressrun_text::line::TextLine;

use super::label::{NamedValue, parse_label_line, parse_named_value};
use super::{front_matter, header, html_page};
use crate::diagnostic::{Code, Finding};
use crate::post::category::CategoryList;

/// The text between two prompts, before the first one or after the last one.
#[derive(Debug, Default)]
pub struct PromptDivision<'a> {
    /// Its lines.
    pub lines: Vec<TextLine<'a>>,
    /// The topic of the prompt above it.
    pub topic: Option<String>,
    /// The list of categories of the nearest prompt above it that has one.
    pub categories: Option<Arc<CategoryList>>,
}

/// What a prompt or a message of the user asks for.
#[derive(Debug, Default)]
pub struct PromptRequest {
    /// The topic.
    pub topic: Option<String>,
    /// The closed list of categories.
    pub categories: Option<Arc<CategoryList>>,
}

/// Divides a text, whose fences must be marked, by its prompts.
pub fn divide_by_prompts<'a>(
    lines: Vec<TextLine<'a>>,
    findings: &mut Vec<Finding>,
) -> Vec<PromptDivision<'a>> {
    let prompts = find_prompts(&lines);
    let mut divisions = Vec::with_capacity(prompts.len() + 1);
    let mut current = PromptDivision::default();
    let mut lines = lines.into_iter();
    let mut at = 0;
    for prompt in prompts {
        current.lines.extend(lines.by_ref().take(prompt.start - at));
        let text: Vec<TextLine> = lines.by_ref().take(prompt.end - prompt.start).collect();
        at = prompt.end;
        let request = read_prompt_request(&text);
        let message = "the prompt before the reply was removed";
        findings.push(Finding::new(Code::PromptRemoved, text[0].number, message));
        let next = PromptDivision {
            lines: Vec::new(),
            // A topic applies up to the next prompt, a list up to the next list.
            topic: request.topic,
            categories: request.categories.or_else(|| current.categories.clone()),
        };
        divisions.push(std::mem::replace(&mut current, next));
    }
    current.lines.extend(lines);
    divisions.push(current);
    divisions
}

/// Reads what a prompt or a message of the user asks for.
pub fn read_prompt_request(lines: &[TextLine]) -> PromptRequest {
    let lists = || {
        lines
            .iter()
            .filter_map(|line| Some((line, parse_category_list(&line.text)?)))
    };
    // There may be several lists, for example one for tags. The one that mentions categories is
    // used.
    let for_categories = lists().find(|(line, _)| contains_ignoring_case(&line.text, "categor"));
    let found = for_categories.or_else(|| lists().next());
    PromptRequest {
        // The last TOPIC line is the one that ends the prompt.
        topic: lines
            .iter()
            .rev()
            .find_map(|line| parse_topic_line(&line.text))
            .map(|(_, topic)| topic.to_owned()),
        categories: found.map(|(_, names)| Arc::new(CategoryList::new(names, []))),
    }
}

/// Returns whether a text may have prompts: it does not begin as an article does.
pub fn may_have_prompts(lines: &[TextLine]) -> bool {
    let Some(first) = lines.iter().position(|line| !line.is_blank()) else {
        return false;
    };
    let lines = &lines[first..];
    let begins_article = starts_heading(lines)
        || html_page::starts_page(lines)
        || front_matter::find_front_matter(lines).is_some();
    !begins_article
}

/// Returns whether a line may begin or end a prompt.
pub fn begins_or_ends_prompt(line: &str) -> bool {
    introduces_prompt(line) || parse_topic_line(line).is_some()
}

/// Returns the name as written and the value of a `TOPIC:` line.
fn parse_topic_line(line: &str) -> Option<(&str, &str)> {
    // Most lines begin with another letter, and so would the name.
    if let [first, second, ..] = line.as_bytes()
        && first.is_ascii_alphabetic()
        && !first.eq_ignore_ascii_case(&b't')
        && second.is_ascii()
    {
        return None;
    }
    // Nearly all other labels fail this test, which costs less than to look up what they mean.
    let is_topic = |named: &NamedValue<'_>| named.name.eq_ignore_ascii_case("topic");
    let topic = parse_named_value(line).filter(is_topic)?.as_label()?;
    let bare = !(topic.style.item || topic.style.heading || line.trim_start().starts_with('>'));
    (bare && !topic.value.is_empty()).then_some((topic.name, topic.value))
}

/// Returns the range of lines of each prompt.
fn find_prompts(lines: &[TextLine]) -> Vec<Range<usize>> {
    let mut prompts: Vec<Range<usize>> = Vec::new();
    if !may_have_prompts(lines) {
        return prompts;
    }
    // How the names of the lines are written that certainly end a prompt: `TOPIC`, `Topic`.
    let mut spellings: Vec<&str> = Vec::new();
    // The line after the last TOPIC line, and what stands between it and the last prompt.
    let mut from = 0;
    let mut signs = PromptSigns::default();
    for (at, line) in lines.iter().enumerate() {
        let Some((name, _)) = parse_topic_line(&line.text).filter(|_| !line.in_fence()) else {
            continue;
        };
        signs.look_at(&lines[from..at], from);
        from = at + 1;
        let is_first = lines[..at].iter().all(TextLine::is_blank);
        if signs.found || is_first {
            spellings.push(name);
        } else if !(spellings.contains(&name) && lines[at - 1].is_blank()) {
            continue;
        }
        let signs = std::mem::take(&mut signs);
        let start = signs.introduced.unwrap_or_else(|| {
            // Everything above the first TOPIC line is the prompt, unless a reply begins there.
            let whole = prompts.is_empty() && !has_header(&lines[..at]);
            if whole { 0 } else { at }
        });
        prompts.push(start..at + 1);
    }
    prompts
}

/// What shows that lines are a prompt.
#[derive(Debug, Default)]
struct PromptSigns {
    /// Whether there is a sign.
    found: bool,
    /// The last line where a content generator introduces itself.
    introduced: Option<usize>,
}

impl PromptSigns {
    /// Looks for signs in lines, the first of which has this index.
    fn look_at(&mut self, lines: &[TextLine], first: usize) {
        for (at, line) in (first..).zip(lines).filter(|(_, line)| !line.in_fence()) {
            if introduces_prompt(&line.text) {
                self.introduced = Some(at);
                self.found = true;
            }
            self.found |= find_ignoring_case(&line.text, CHOOSE_FROM).is_some()
                || parse_label_line(&line.text).is_some_and(|label| is_template(label.value));
        }
    }
}

/// Returns whether a value is one of a template: `POST_TITLE`.
fn is_template(value: &str) -> bool {
    let name = value
        .trim_matches(['*', '`', '"', ' '])
        .strip_prefix("POST_");
    name.is_some_and(|name| {
        name.starts_with(|c: char| c.is_ascii_uppercase())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte == b'_')
    })
}

fn has_header(lines: &[TextLine]) -> bool {
    let first = lines.iter().position(|line| !line.is_blank());
    (0..lines.len())
        .any(|at| !lines[at].in_fence() && header::starts_header(&lines[at..], Some(at) == first))
}

/// Returns whether a line starts with `I am a … content generator` or `You are a … content
/// generator`.
fn introduces_prompt(line: &str) -> bool {
    let line = line.trim_start();
    ["I am a", "You are a"].iter().any(|start| {
        let begins = line
            .get(..start.len())
            .is_some_and(|text| text.eq_ignore_ascii_case(start));
        begins && contains_ignoring_case(&line[start.len()..], "content generator")
    })
}

fn contains_ignoring_case(text: &str, words: &str) -> bool {
    find_ignoring_case(text, words).is_some()
}

fn find_ignoring_case(text: &str, words: &str) -> Option<usize> {
    let words = words.as_bytes();
    text.as_bytes()
        .windows(words.len())
        .position(|window| window.eq_ignore_ascii_case(words))
}

/// What stands before the closed list of categories.
const CHOOSE_FROM: &str = "choose from:";

/// Returns the names after `Choose from:`: the double-quoted ones if there are any, otherwise the
/// text between commas.
fn parse_category_list(line: &str) -> Option<Vec<String>> {
    let at = find_ignoring_case(line, CHOOSE_FROM)?;
    let rest = line.get(at + CHOOSE_FROM.len()..)?;
    let mut quoted = Vec::new();
    let mut parts = rest.split(['"', '“', '”']);
    // Skips the text before the first quote.
    parts.next();
    // Every second part is inside quotes. The part after it shows that the quote was closed.
    while let (Some(name), Some(_)) = (parts.next(), parts.next()) {
        quoted.push(name.trim().to_owned());
    }
    let names = if quoted.is_empty() {
        let text = rest.trim().trim_end_matches('.');
        text.split(',').map(|name| name.trim().to_owned()).collect()
    } else {
        quoted
    };
    let names: Vec<String> = names.into_iter().filter(|name| !name.is_empty()).collect();
    (!names.is_empty()).then_some(names)
}

#[cfg(test)]
mod tests {
    use pressrun_text::line::{join_lines, mark_fences};

    use super::*;

    /// Checks the text and the topic of each division.
    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str)]) {
        let mut lines: Vec<TextLine> = text
            .split('\n')
            .map(|text| TextLine::new(text, 1))
            .collect();
        mark_fences(&mut lines);
        let divisions: Vec<_> = divide_by_prompts(lines, &mut Vec::new())
            .into_iter()
            .map(|part| {
                (
                    join_lines(&part.lines).trim().to_owned(),
                    part.topic.unwrap_or_default(),
                )
            })
            .filter(|(text, _)| !text.is_empty())
            .collect();
        let read: Vec<_> = divisions
            .iter()
            .map(|(a, b)| (a.as_str(), b.as_str()))
            .collect();
        assert_eq!(read, expected, "{text}");
    }

    #[track_caller]
    fn check_list(line: &str, expected: &[&str]) {
        let request = read_prompt_request(&[TextLine::new(line, 1)]);
        let names = request
            .categories
            .as_ref()
            .map_or(&[][..], |list| list.names());
        assert_eq!(names, expected, "{line}");
    }

    #[test]
    fn the_first_prompt_begins_with_the_text() {
        check(
            "Write.\nTITLE: POST_TITLE\nTAGS: b\n\nTOPIC: bees\n\nText",
            &[("Text", "bees")],
        );
        check("Text", &[("Text", "")]);
    }

    #[test]
    fn a_generator_introduces_itself_where_its_prompt_begins() {
        check(
            "a\n\nI am a good Content Generator,\nb\nTOPIC: c\n\nd\n\nYou are an AI content generator\nTOPIC: e\n\nf",
            &[("a", ""), ("d", "c"), ("f", "e")],
        );
    }

    #[test]
    fn later_prompts_without_introduction_are_their_topic_line() {
        check(
            "TOPIC: a\n\nb\n\n**TOPIC:** c\n\nd",
            &[("b", "a"), ("d", "c")],
        );
    }

    #[test]
    fn a_topic_after_a_header_is_alone() {
        check(
            "TITLE: a\nTAGS: b\n\nc\n\nChoose from: x\nTOPIC: d\n\ne",
            &[("TITLE: a\nTAGS: b\n\nc\n\nChoose from: x", ""), ("e", "d")],
        );
    }

    #[test]
    fn a_topic_line_needs_a_sign_of_a_prompt() {
        for text in [
            "Text.\n\nTOPIC: a\n\nb",
            "# Choose from: a\n\nTOPIC: b\n\nc",
            "A\n===\n\nChoose from: a\nTOPIC: b\n\nc",
            "<html>\nChoose from: a\nTOPIC: b",
            "Choose from: a\n- TOPIC: b\n> TOPIC: c\n## TOPIC: d\n1. TOPIC: e",
            "```\nChoose from: a\n```\nTOPIC: b",
            "TITLE: POST\nTOPIC: b",
        ] {
            check(text, &[(text, "")]);
        }
        check("a\nTags: `POST_META_TAGS`\nTopic: b\n\nc", &[("c", "b")]);
    }

    #[test]
    fn later_topics_are_written_like_the_first_and_stand_after_a_blank_line() {
        let text = "TOPIC: a\n\nb\nTOPIC: c\n\nTopic: d\n\nTOPIC: e\n\nf";
        check(text, &[("b\nTOPIC: c\n\nTopic: d", "a"), ("f", "e")]);
    }

    #[test]
    fn a_topic_in_code_or_without_value_is_text() {
        check("```\nTOPIC: a\n```", &[("```\nTOPIC: a\n```", "")]);
        check("TOPIC:\n\na", &[("TOPIC:\n\na", "")]);
    }

    #[test]
    fn a_topic_in_front_matter_is_a_field() {
        check(
            "---\ntitle: a\ntopic: b\n---\nc",
            &[("---\ntitle: a\ntopic: b\n---\nc", "")],
        );
    }

    #[test]
    fn lists_are_quoted_or_separated_by_commas() {
        check_list(
            "Categories, choose from: \"A, b\", \"C\". Thanks",
            &["A, b", "C"],
        );
        check_list("Choose From: A, B c , D.", &["A", "B c", "D"]);
        check_list("choose from: “A”, “B”", &["A", "B"]);
        check_list("Choose from:", &[]);
        check_list("Choose: a", &[]);
    }

    #[test]
    fn the_list_for_categories_is_the_closed_one() {
        let lines = [
            TextLine::new("Tags: choose from: a", 1),
            TextLine::new("CATEGORIES: choose from: b", 2),
        ];
        assert_eq!(
            read_prompt_request(&lines).categories.unwrap().names(),
            ["b"]
        );
    }

    #[test]
    fn a_prompt_without_a_list_keeps_the_one_above() {
        let text = "Choose from: a\nTOPIC: b\n\nc\n\nTOPIC: d\n\ne";
        let lines: Vec<TextLine> = text
            .split('\n')
            .map(|text| TextLine::new(text, 1))
            .collect();
        let divisions = divide_by_prompts(lines, &mut Vec::new());
        assert_eq!(divisions[2].categories.as_ref().unwrap().names(), ["a"]);
    }
}
