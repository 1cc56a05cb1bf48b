//! Reads a reply that is a JSON object, by itself or in its only fence (R6.7 of the ingest
//! contract).

use pressrun_text::blocks::has_heading;
use pressrun_text::fence::Fence;
use pressrun_text::line::{TextLine, count_words_of_lines, join_lines};
use serde_json::{Map, Value as Json};

use super::json::parse_json;
use super::label::parse_label_line;
use super::post_object::{self, PostObject};

/// A post given as JSON in a reply.
#[derive(Debug)]
pub struct JsonPost {
    /// The post.
    pub post: PostObject,
    /// The line where it begins, counted from 1.
    pub line: u32,
    /// The line of the first words around it, if there are any.
    pub words_around: Option<u32>,
}

/// Reads `lines`, whose fences must be marked, as a JSON post.
pub fn read_json_post(lines: &[TextLine]) -> Option<JsonPost> {
    let first = lines.iter().find(|line| !line.is_blank())?;
    if first.text.trim_start().starts_with('{') {
        let post =
            post_object::read_post_object(&parse_json_object(&join_lines(lines))?, first.number)?;
        return Some(JsonPost {
            post,
            line: first.number,
            words_around: None,
        });
    }
    read_post_in_fence(lines)
}

fn read_post_in_fence(lines: &[TextLine]) -> Option<JsonPost> {
    let open = lines.iter().position(|line| line.fence == Fence::Opening)?;
    let length = lines[open + 1..]
        .iter()
        .take_while(|line| line.fence == Fence::Inside)
        .count();
    let close = open + 1 + length;
    let inside = &lines[open + 1..close];
    if !inside
        .iter()
        .find(|line| !line.is_blank())?
        .text
        .trim_start()
        .starts_with('{')
    {
        return None;
    }
    let around = [&lines[..open], lines.get(close + 1..).unwrap_or_default()];
    let words: usize = around.iter().map(|part| count_words_of_lines(part)).sum();
    // A heading, a fence or a label shows that the text around the fence is the article.
    let talks = |part: &&[TextLine]| {
        has_heading(part)
            || part
                .iter()
                .any(|line| line.in_fence() || parse_label_line(&line.text).is_some())
    };
    if words > MAX_WORDS_AROUND || around.iter().any(talks) {
        return None;
    }
    let line = lines[open].number;
    Some(JsonPost {
        post: post_object::read_post_object(&parse_json_object(&join_lines(inside))?, line)?,
        line,
        words_around: around
            .iter()
            .flat_map(|part| part.iter())
            .find(|line| !line.is_blank())
            .map(|line| line.number),
    })
}

/// The maximum number of words before and after the fence.
const MAX_WORDS_AROUND: usize = 60;

fn parse_json_object(text: &str) -> Option<Map<String, Json>> {
    parse_json(text.trim()).ok()
}

#[cfg(test)]
mod tests {
    use pressrun_text::line::mark_fences;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(&str, bool)>) {
        let mut lines: Vec<TextLine> = text
            .split('\n')
            .map(|text| TextLine::new(text, 1))
            .collect();
        mark_fences(&mut lines);
        let read = read_json_post(&lines);
        let found = read
            .as_ref()
            .map(|found| (found.post.body.as_str(), found.words_around.is_some()));
        assert_eq!(found, expected, "{text}");
    }

    const POST: &str = "{\"title\": \"a\",\n \"content\": \"b\"}";

    #[test]
    fn an_object_may_be_the_whole_reply() {
        check(POST, Some(("b", false)));
        check(&format!("\n{POST}\n"), Some(("b", false)));
        check(&format!("{POST} x"), None);
        check("{\"title\": \"a\"}", None);
    }

    #[test]
    fn an_object_may_stand_in_the_only_fence() {
        check(&format!("```json\n{POST}\n```"), Some(("b", false)));
        check(
            &format!("Here:\n\n```\n{POST}\n```\n\nBye."),
            Some(("b", true)),
        );
        check(&format!("```json\n{POST}"), Some(("b", false)));
    }

    #[test]
    fn text_with_an_object_in_it_is_text() {
        check(&format!("# x\n```json\n{POST}\n```"), None);
        check(&format!("Tags: x\n```json\n{POST}\n```"), None);
        check(&format!("{}\n```json\n{POST}\n```", "x ".repeat(61)), None);
        check(&format!("```json\n{POST}\n```\n```\ny\n```"), None);
    }
}
