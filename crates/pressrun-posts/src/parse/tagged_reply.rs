//! Reads replies whose fields are elements: `<title>…</title> <content>…</content>` (R6.8 of the
//! ingest contract).

use std::ops::Range;

use pressrun_text::blocks::has_heading;
use pressrun_text::fence::find_item_text;
use pressrun_text::line::{LineStarts, TextLine, count_words_of_lines, join_lines};

use super::given::GivenField;
use super::label::{Label, LabelLine, LabelStyle};
use super::label_names::{LanguageSet, find_label_name};
use super::value::FieldValue;

/// A reply that is written in markup.
#[derive(Debug)]
pub struct MarkupReply {
    /// Its fields, in order.
    pub given: Vec<GivenField>,
    /// Its body.
    pub body: Vec<TextLine<'static>>,
    /// The line where it begins, counted from 1.
    pub line: u32,
}

/// The elements that may be around all others.
const AROUND: [&str; 6] = [
    "blog_post",
    "post",
    "article",
    "response",
    "output",
    "answer",
];

/// Reads the tagged reply that begins with `lines`.
pub(super) fn read_tagged_reply(lines: &[TextLine]) -> Option<MarkupReply> {
    let first = lines.iter().position(|line| !line.is_blank())?;
    if !may_start(&lines[first..]) {
        return None;
    }
    let opening = parse_opening_tag(lines[first].text.trim_start())?;
    let elements = ElementText::new(&lines[first..]);
    let mut at = 0;
    let mut around = None;
    if is_around(opening.name) {
        let inner = elements.skip_space(elements.skip_space(0) + opening.length);
        // `<article>` alone may also be the element of the body.
        if elements.label_at(inner).is_some() {
            around = Some(opening.name);
            at = inner;
        }
    }
    let mut given = Vec::new();
    let mut body = None;
    while let Some((name, label, start)) = elements.label_at(at) {
        let end = if label == Label::Content {
            if body.is_some() {
                break;
            }
            elements.find_last_closing(start, name, around)
        } else {
            elements.find_closing(start, name)?
        };
        if label == Label::Content {
            body = Some(start..end.start);
        } else {
            given.push(elements.read_field(name, label, start..end.start));
        }
        at = end.end;
    }
    let has_title = given.iter().any(|given| given.label == Label::Title);
    let body = body.filter(|_| has_title)?;
    let mut lines = elements.lines_of(body);
    let mut after = elements.lines_after(at, around);
    if !may_follow(&after) {
        return None;
    }
    if after.iter().any(|line| !line.is_blank()) {
        lines.push(TextLine::new("", after[0].number));
        lines.append(&mut after);
    }
    Some(MarkupReply {
        given,
        body: lines,
        line: elements.lines[0].number,
    })
}

/// Returns whether the first of `lines` begins with an element of a tagged reply.
pub(super) fn may_start(lines: &[TextLine]) -> bool {
    let tag = lines
        .first()
        .and_then(|line| parse_opening_tag(line.text.trim_start()));
    tag.is_some_and(|tag| is_around(tag.name) || find_label(tag.name).is_some())
}

/// Returns whether these lines may stand after a reply, as the closing words of the model.
pub(super) fn may_follow(after: &[TextLine]) -> bool {
    count_words_of_lines(after) <= 60 && !has_heading(after)
}

/// A tag that opens an element.
#[derive(Debug, Clone, Copy)]
struct FieldElementTag<'t> {
    name: &'t str,
    length: usize,
}

/// Reads the tag that opens an element at the start of `text`. Other than in HTML, its name may have
/// an underscore.
fn parse_opening_tag(text: &str) -> Option<FieldElementTag<'_>> {
    let rest = text.strip_prefix('<')?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let length = rest.find(|c| !is_name(c))?;
    let name = &rest[..length];
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let attributes = &rest[length..];
    let end = attributes.find(['>', '\n', '<'])?;
    let closes = attributes[end..].starts_with('>')
        && (end == 0 || attributes.starts_with([' ', '\t']))
        && !attributes[..end].ends_with('/');
    closes.then_some(FieldElementTag {
        name,
        length: 1 + length + end + 1,
    })
}

fn is_around(name: &str) -> bool {
    AROUND.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Returns the field that an element stands for, by its English name.
fn find_label(name: &str) -> Option<Label> {
    find_label_name(name)
        .filter(|meaning| meaning.languages.has_english())
        .map(|meaning| meaning.label)
}

/// The text of a reply, whose positions lead back to its lines.
struct ElementText<'l, 'a> {
    text: String,
    starts: LineStarts,
    lines: &'l [TextLine<'a>],
}

impl<'l, 'a> ElementText<'l, 'a> {
    fn new(lines: &'l [TextLine<'a>]) -> Self {
        Self {
            text: join_lines(lines) + "\n",
            starts: LineStarts::of_lines(lines),
            lines,
        }
    }

    fn skip_space(&self, at: usize) -> usize {
        self.text.len() - self.text[at..].trim_start().len()
    }

    fn line_at(&self, at: usize) -> &TextLine<'a> {
        &self.lines[self.starts.index_at(at)]
    }

    /// Returns the name, the field and the start of the text of the element at `at` or after white
    /// space.
    fn label_at(&self, at: usize) -> Option<(&str, Label, usize)> {
        let start = self.skip_space(at);
        let tag = parse_opening_tag(&self.text[start..])?;
        Some((tag.name, find_label(tag.name)?, start + tag.length))
    }

    /// Returns the range of the first closing tag of an element.
    fn find_closing(&self, start: usize, name: &str) -> Option<Range<usize>> {
        memchr::memchr_iter(b'<', &self.text.as_bytes()[start..]).find_map(|at| {
            let at = start + at;
            Some(at..at + measure_closing_tag(&self.text[at..], name)?)
        })
    }

    /// Returns the range of the last closing tag of the body, outside code if there is one. A body
    /// without it was cut off, and goes on to the end.
    fn find_last_closing(&self, start: usize, name: &str, around: Option<&str>) -> Range<usize> {
        let find = |name: &str, in_code: bool| {
            memchr::memrchr_iter(b'<', &self.text.as_bytes()[start..]).find_map(|at| {
                let at = start + at;
                let length = measure_closing_tag(&self.text[at..], name)?;
                (in_code || !self.line_at(at).in_fence()).then_some(at..at + length)
            })
        };
        let end = self.text.len();
        find(name, false)
            .or_else(|| find(name, true))
            .or_else(|| around.and_then(|around| find(around, false)))
            .unwrap_or(end..end)
    }

    fn read_field(&self, name: &str, label: Label, range: Range<usize>) -> GivenField {
        let number = self.line_at(range.start).number;
        let text = strip_cdata(self.text[range].trim());
        let line = LabelLine {
            label,
            languages: LanguageSet::ENGLISH,
            name,
            value: text,
            style: LabelStyle::default(),
        };
        let value = if label.is_list() || label == Label::Authors {
            read_list(text)
        } else {
            let lines: Vec<&str> = text.lines().map(str::trim).collect();
            FieldValue::Text(lines.join(" ").trim().to_owned())
        };
        GivenField::new(&line, value, number)
    }

    /// Returns the lines of a range, without the marks of character data around it.
    fn lines_of(&self, range: Range<usize>) -> Vec<TextLine<'static>> {
        let text = &self.text[range.clone()];
        let inner = strip_cdata(text.trim());
        let (text, start) = if inner.len() < text.trim().len() {
            (inner, range.start + text.find(inner).unwrap_or(0))
        } else {
            (text, range.start)
        };
        let mut at = start;
        text.split('\n')
            .map(|line| {
                let number = self.line_at(at).number;
                at += line.len() + 1;
                TextLine::new(line.to_owned(), number)
            })
            .collect()
    }

    /// Returns the lines after the elements, without the end of the one around them.
    fn lines_after(&self, at: usize, around: Option<&str>) -> Vec<TextLine<'static>> {
        let mut start = self.skip_space(at);
        if let Some(length) = around.and_then(|name| measure_closing_tag(&self.text[start..], name))
        {
            start += length;
        }
        self.lines_of(start..self.text.len())
    }
}

/// Returns the length of the tag that closes an element at the start of `text`.
fn measure_closing_tag(text: &str, name: &str) -> Option<usize> {
    let rest = text.strip_prefix("</")?;
    let (found, rest) = rest.split_at_checked(name.len())?;
    (found.eq_ignore_ascii_case(name) && rest.starts_with('>')).then_some(name.len() + 3)
}

fn strip_cdata(text: &str) -> &str {
    text.strip_prefix("<![CDATA[")
        .and_then(|rest| rest.strip_suffix("]]>"))
        .unwrap_or(text)
}

/// Reads a list: an element or a list item for each of its items, or text.
fn read_list(text: &str) -> FieldValue {
    let mut items = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let line = line.trim();
        let Some(item) = find_item_text(line).map(|start| &line[start..]) else {
            return read_elements_of_list(text);
        };
        items.push(item.trim().to_owned());
    }
    FieldValue::List(items)
}

/// Reads a list such as `<tag>a</tag> <tag>b</tag>`.
fn read_elements_of_list(text: &str) -> FieldValue {
    let mut items = Vec::new();
    let mut rest = text.trim_start();
    while let Some(tag) = parse_opening_tag(rest) {
        let inner = &rest[tag.length..];
        let Some(end) = inner.find("</") else { break };
        items.push(inner[..end].trim().to_owned());
        let Some(length) = measure_closing_tag(&inner[end..], tag.name) else {
            break;
        };
        rest = inner[end + length..].trim_start();
    }
    if items.is_empty() || !rest.is_empty() {
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        return FieldValue::Text(lines.join(" "));
    }
    FieldValue::List(items)
}

#[cfg(test)]
mod tests {
    use pressrun_text::line::{join_lines, number_and_fence_lines};

    use super::*;

    /// Checks the fields and the body of a reply.
    #[track_caller]
    fn check(text: &str, expected: Option<(&[&str], &str)>) {
        let found = read_tagged_reply(&number_and_fence_lines(text)).map(|reply| {
            let given: Vec<String> = reply
                .given
                .iter()
                .map(|given| format!("{:?}={}", given.label, given.value.items().join("|")))
                .collect();
            (given, join_lines(&reply.body).trim().to_owned())
        });
        let expected = expected.map(|(given, body)| {
            let given = given.iter().map(|&given| given.to_owned());
            (given.collect::<Vec<_>>(), body.to_owned())
        });
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn elements_are_fields() {
        check(
            "\n<title>A</title>\n<Meta_Description>\nb\nc\n</Meta_Description>\n<tags>d, e</tags> <content>\nf\n\n## g\n</content>\n",
            Some((&["Title=A", "Description=b c", "Tags=d|e"], "f\n\n## g")),
        );
        check("<title>A</title><body>b</body>", Some((&["Title=A"], "b")));
    }

    #[test]
    fn one_element_may_be_around_them() {
        for name in AROUND {
            check(
                &format!("<{name}>\n<title>A</title>\n<content>b</content>\n</{name}>"),
                Some((&["Title=A"], "b")),
            );
        }
        check(
            "<title>A</title>\n<article>\nb\n</article>",
            Some((&["Title=A"], "b")),
        );
        check(
            "<page>\n<title>A</title>\n<content>b</content>\n</page>",
            None,
        );
    }

    #[test]
    fn title_and_content_are_needed() {
        check("<title>A</title>\nb", None);
        check("<content>b</content>", None);
        check("<title>A\n<content>b</content>", None);
        check("A\n<title>A</title><content>b</content>", None);
        check("<title>A</title>\n<p>x</p>\n<content>b</content>", None);
    }

    #[test]
    fn little_text_may_come_after_them() {
        let reply = "<title>A</title><content>b</content>";
        check(&format!("{reply}\nBye."), Some((&["Title=A"], "b\n\nBye.")));
        check(&format!("{reply}\n{}", "c ".repeat(61)), None);
        check(&format!("{reply}\n# c"), None);
    }

    #[test]
    fn body_ends_with_the_last_closing_tag_outside_code() {
        check(
            "<title>A</title>\n<content>\nb </content> c\n</content>\n\n```\n</content>\n```",
            Some((&["Title=A"], "b </content> c\n\n\n```\n</content>\n```")),
        );
        check("<title>A</title>\n<content>\nb", Some((&["Title=A"], "b")));
        check(
            "<post><title>A</title>\n<content>\nb\n</post>",
            Some((&["Title=A"], "b")),
        );
        check(
            "<title>A</title>\n<content><![CDATA[\nb\n]]></content>",
            Some((&["Title=A"], "b")),
        );
    }

    #[test]
    fn lists_may_have_items() {
        check(
            "<title>A</title><tags>\n- b\n- c\n</tags><categories><category>d</category>\n<category>e</category></categories><content>f</content>",
            Some((&["Title=A", "Tags=b|c", "Categories=d|e"], "f")),
        );
    }

    #[test]
    fn hostile_elements_take_linear_time() {
        for unit in [
            "<title>",
            "<title></title>",
            "<content>",
            "<tags><tag>",
            "</content>",
        ] {
            let text = format!("<title>{}", unit.repeat(20_000));
            drop(read_tagged_reply(&number_and_fence_lines(&text)));
        }
    }
}
