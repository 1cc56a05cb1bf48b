//! Reads label lines: `TITLE: …`, `**Tags:** …`, `### Meta Description: …` (R6.1 of the ingest
//! contract).

use pressrun_text::characters::is_emoji;

use super::label_names::{LabelMeaning, LanguageSet, find_label_name};
use super::list_item::find_any_item_text;

/// The field that a label names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    /// The title.
    Title,
    /// A title for search engines.
    SeoTitle,
    /// A second line of the title.
    Subtitle,
    /// The description, under a name that is not used for anything else: `META_DESCRIPTION`.
    Description,
    /// The description, under a name that can also occur in the text: `DESCRIPTION`, `EXCERPT`.
    PlainDescription,
    /// The tags.
    Tags,
    /// Keywords, which are used as tags if there are none.
    Keywords,
    /// The categories.
    Categories,
    /// The day of publication.
    Date,
    /// The last part of the address.
    Slug,
    /// The author, or a list of authors if the name is a plural: `AUTHORS`.
    Authors,
    /// Marks the beginning of the body.
    Content,
    /// The topic that a prompt asks for.
    Topic,
    /// A picture; given only by keys.
    Cover,
    /// The text that says what the cover shows; given only by keys.
    CoverAlt,
    /// The day of the last change.
    Updated,
    /// The day from which on the post is no longer published; given only by keys.
    Expires,
    /// The path of the post, instead of the one that the site makes; given only by keys.
    Permalink,
    /// Former paths of the post; given only by keys.
    Aliases,
    /// The address of the original; given only by keys.
    Canonical,
    /// The series that the post belongs to; given only by keys.
    Series,
    /// The place among posts that are ordered by weight; given only by keys.
    Weight,
    /// What ties posts that are translations of each other; given only by keys.
    TranslationKey,
    /// A request to search engines to leave the post out: `true`; given only by keys.
    NoIndex,
    /// Whether the post is a draft. Under the name `STATUS` it is one if it says `draft`.
    Draft,
    /// A text saying how the post was written, or `false`; given only by keys.
    Disclosure,
    /// A term for how the post was written; given only by keys.
    SourceType,
    /// The language.
    Language,
    /// A field that posts do not have.
    Ignored,
}

impl Label {
    /// Returns whether this field below a title line shows that the title line begins a header.
    pub fn supports_title(self) -> bool {
        self.is_leading() || matches!(self, Self::Slug | Self::Date | Self::Content)
    }

    /// Returns whether it can be the first label of a header without a title line at its top.
    pub fn is_leading(self) -> bool {
        self.is_list() || self.is_description() || self == Self::SeoTitle
    }

    /// Returns whether it is the description, under either name.
    pub fn is_description(self) -> bool {
        matches!(self, Self::Description | Self::PlainDescription)
    }

    /// Returns whether its value is a list.
    pub fn is_list(self) -> bool {
        matches!(self, Self::Tags | Self::Keywords | Self::Categories)
    }

    /// Returns whether both name the same field.
    pub fn same_field(self, other: Self) -> bool {
        self == other || (self.is_description() && other.is_description())
    }

    /// Returns the name of the field for messages.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::SeoTitle => "SEO title",
            Self::Description | Self::PlainDescription => "description",
            Self::Tags => "tags",
            Self::Keywords => "keywords",
            Self::Categories => "categories",
            Self::Date => "date",
            Self::Slug => "slug",
            Self::Content => "content",
            Self::Topic => "topic",
            Self::Cover => "cover",
            Self::CoverAlt => "cover text",
            Self::Subtitle => "subtitle",
            Self::Updated => "date of change",
            Self::Expires => "expiry date",
            Self::Authors => "authors",
            Self::Permalink => "permalink",
            Self::Aliases => "aliases",
            Self::Canonical => "canonical address",
            Self::Series => "series",
            Self::Weight => "weight",
            Self::TranslationKey => "translation key",
            Self::NoIndex => "noindex",
            Self::Draft => "draft",
            Self::Disclosure => "disclosure",
            Self::SourceType => "digital source type",
            Self::Language => "language",
            Self::Ignored => "label",
        }
    }
}

/// The marks around a label that its neighbours in a header share.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LabelStyle {
    /// Whether it is an item of a list.
    pub item: bool,
    /// Whether it is a heading.
    pub heading: bool,
    /// Whether the name is in `*`, `_` or backticks.
    pub emphasis: bool,
}

/// A line of the form of a label line, with any name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NamedValue<'a> {
    /// The name as written, without a remark in parentheses.
    pub name: &'a str,
    /// The text after the colon, trimmed.
    pub value: &'a str,
    /// The marks of the line.
    pub style: LabelStyle,
    /// The marks before the name if they do not close before the colon.
    pub(super) open_marks: &'a str,
}

/// A label line, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LabelLine<'a> {
    /// The field that it names.
    pub label: Label,
    /// The languages that have the name.
    pub languages: LanguageSet,
    /// The name as written.
    pub name: &'a str,
    /// The text after the colon, trimmed.
    pub value: &'a str,
    /// The marks of the line.
    pub style: LabelStyle,
}

/// Reads a label line of any language, or returns `None` if the line is not one.
pub fn parse_label_line(line: &str) -> Option<LabelLine<'_>> {
    parse_named_value(line)?.as_label()
}

impl LabelLine<'_> {
    /// Returns what its name stands for.
    pub fn meaning(&self) -> LabelMeaning {
        LabelMeaning {
            label: self.label,
            languages: self.languages,
        }
    }
}

impl<'a> NamedValue<'a> {
    /// Returns the label line, if the name is that of a label.
    pub fn as_label(&self) -> Option<LabelLine<'a>> {
        let meaning = find_label_name(self.name)?;
        Some(LabelLine {
            label: meaning.label,
            languages: meaning.languages,
            name: self.name,
            value: self.value,
            style: self.style,
        })
    }
}

/// Reads a line that has the form of a label line (R6.1).
///
/// Up to three spaces of indent, `>`, a heading mark, a bullet or a number, and emoji may precede
/// the name. The name may be wrapped in `*`, `_` or backticks, which close before or after the colon
/// or at the end of the line. A remark in parentheses or brackets may follow it.
pub fn parse_named_value(line: &str) -> Option<NamedValue<'_>> {
    if !has_early_colon(line) {
        return None;
    }
    let (text, mut style) = strip_block_marks(line)?;
    let text = strip_emoji(text);
    let bare = text.trim_start_matches(MARKS);
    let opening = &text[..text.len() - bare.len()];
    style.emphasis = !opening.is_empty();
    let bare = strip_emoji(bare);
    let end = find_name_end(bare)?;
    let before = &bare[..end];
    let name = before.trim_end_matches(|c: char| MARKS.contains(&c) || c.is_whitespace());
    let (marks, value) = strip_remarks_and_colon(&bare[end..])?;
    let closed = marks + count_marks(&before[name.len()..]);
    // The other closing marks are in the value: `**_Title_:** Tea`.
    let open_marks = &opening[..opening.len().saturating_sub(closed)];
    let value = strip_closing_marks(value, open_marks);
    Some(NamedValue {
        name,
        value: value.trim(),
        style,
        open_marks,
    })
}

const MARKS: [char; 3] = ['*', '_', '`'];

fn count_marks(text: &str) -> usize {
    text.matches(MARKS).count()
}

/// The maximum length of a name in bytes: 40 characters of any script.
const MAX_NAME: usize = 160;

/// The maximum length in bytes of what precedes the colon.
const MAX_BEFORE_COLON: usize = 320;

/// Returns whether there may be a colon near the start of a line. Nearly all prose fails this test.
fn has_early_colon(line: &str) -> bool {
    let start = &line.as_bytes()[..line.len().min(MAX_BEFORE_COLON)];
    // 9A is the last byte of the full-width colon. Other characters have it too, which only costs
    // time.
    memchr::memchr2(b':', 0x9A, start).is_some()
}

/// Strips indent, quote, heading, bullet and number marks from a line.
fn strip_block_marks(line: &str) -> Option<(&str, LabelStyle)> {
    let mut style = LabelStyle::default();
    let text = line.trim_start_matches(' ');
    if line.len() - text.len() > 3 {
        return None;
    }
    let text = text.strip_prefix('>').map_or(text, str::trim_start);
    let hashes = text.bytes().take_while(|&byte| byte == b'#').count();
    style.heading = (1..=6).contains(&hashes) && text[hashes..].starts_with([' ', '\t']);
    let text = if style.heading {
        text[hashes..].trim_start()
    } else {
        text
    };
    let item = find_any_item_text(text);
    style.item = item.is_some();
    Some((&text[item.unwrap_or(0)..], style))
}

/// Strips emoji, and the white space around them.
pub(super) fn strip_emoji(text: &str) -> &str {
    let mut rest = text.trim_start();
    loop {
        let mut characters = rest.chars();
        let Some(first) = characters.next() else {
            return rest;
        };
        // Letters and digits can be drawn as emoji: `1️⃣`, `ℹ️`.
        let drawn = characters.as_str().starts_with(['\u{FE0F}', '\u{20E3}']);
        if !(is_emoji(first) || drawn) {
            return rest;
        }
        rest = characters.as_str().trim_start();
    }
}

/// Returns where a name ends: at a colon, or at a bracket that begins a remark.
fn find_name_end(text: &str) -> Option<usize> {
    for (at, byte) in text.bytes().enumerate().take(MAX_NAME) {
        match byte {
            b':' | b'(' | b'[' => return Some(at),
            // No name has punctuation of sentences or markup.
            b'.' | b',' | b';' | b'!' | b'?' | b'"' | b'<' | b'>' | b'|' | b'=' | b'{' | b'}'
            | b')' | b']' => return None,
            // The first bytes of full-width colons and brackets, and of other punctuation.
            0xE2 | 0xE3 | 0xEF => match text[at..].chars().next()? {
                '：' | '（' | '［' | '【' => return Some(at),
                '…' | '。' | '、' | '，' | '；' | '！' | '？' | '．' => return None,
                _ => {}
            },
            _ => {}
        }
    }
    None
}

/// The maximum length of a remark after a name, in bytes.
const MAX_REMARK: usize = 200;

/// Strips remarks in brackets, marks and the colon after a name.
///
/// Returns the number of the marks, and the value.
fn strip_remarks_and_colon(text: &str) -> Option<(usize, &str)> {
    let mut marks = 0;
    let mut rest = text;
    loop {
        let bare = rest.trim_start();
        rest = bare.trim_start_matches(MARKS);
        marks += bare.len() - rest.len();
        rest = rest.trim_start();
        let first = rest.chars().next()?;
        let inner = &rest[first.len_utf8()..];
        let close = match first {
            ':' | '：' => return Some((marks, inner)),
            '(' => ')',
            '[' => ']',
            '（' => '）',
            '［' => '］',
            '【' => '】',
            _ => return None,
        };
        let end = inner.find(close).filter(|&end| end <= MAX_REMARK)?;
        rest = &inner[end + close.len_utf8()..];
    }
}

/// Strips the marks that close `opening` from a value: after the colon, or at the end.
fn strip_closing_marks<'a>(value: &'a str, opening: &str) -> &'a str {
    if opening.is_empty() {
        return value;
    }
    let closing: String = opening.chars().rev().collect();
    // The marks close after the colon (`**Title:** x`) or at the end (`**Title: x**`).
    if let Some(rest) = value.strip_prefix(&*closing) {
        return rest;
    }
    let text = value.trim();
    match text.strip_prefix(&*closing) {
        Some(rest) if rest.is_empty() || rest.starts_with([' ', '\t']) => rest,
        _ => text.strip_suffix(&*closing).unwrap_or(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: Option<(Label, &str)>) {
        let read = parse_label_line(line).map(|line| (line.label, line.value));
        assert_eq!(read, expected, "{line}");
    }

    #[test]
    fn decorations_around_the_name_do_not_count() {
        for line in [
            "TITLE: Tea",
            "title:Tea",
            "  Title : Tea",
            "**TITLE:** Tea",
            "**TITLE**: Tea",
            "**TITLE: Tea**",
            "__Title__: Tea",
            "*Title:* Tea",
            "`TITLE:` Tea",
            "`TITLE`: Tea",
            "`TITLE: Tea`",
            "# Title: Tea",
            "###### TITLE: Tea",
            "> TITLE: Tea",
            "- Title: Tea",
            "* **Title:** Tea",
            "1. Title: Tea",
            "2) **Title**: Tea",
            "TITLE：Tea",
            "***TITLE:*** Tea",
            "**TITLE:**Tea",
            "**TITLE: ** Tea",
            "📌 **Title (H1):** Tea",
            "**📌 Title** (H1): Tea",
            "1️⃣ Title: Tea",
            "• Title: Tea",
            "**Title** *(H1)*: Tea",
            "**_Title_:** Tea",
            "***Title*:** Tea",
            "**Title [at most 60: fewer] (H1)**: Tea",
            "标题（六十字）：Tea",
        ] {
            check(line, Some((Label::Title, "Tea")));
        }
    }

    #[test]
    fn names_ignore_case_spaces_and_prefixes() {
        for (line, label) in [
            ("Meta Description: a", Label::Description),
            ("META\\_DESCRIPTION: a", Label::Description),
            ("meta-desc: a", Label::Description),
            ("Excerpt: a", Label::PlainDescription),
            ("POST_TITLE: a", Label::Title),
            ("Blog Post Tags: a", Label::Tags),
            ("Article Categories: a", Label::Categories),
            ("Post Content: a", Label::Content),
            ("Blog Post: a", Label::Content),
            ("Post: a", Label::Content),
            ("SEO Title: a", Label::SeoTitle),
            ("SEO Keywords: a", Label::Keywords),
            ("URL slug: a", Label::Slug),
            ("Publication Date: a", Label::Date),
            ("Reading time: a", Label::Ignored),
            ("Featured Image: a", Label::Ignored),
            ("Status: a", Label::Draft),
            ("Written by: a", Label::Authors),
            ("Last edited time: a", Label::Updated),
            ("Titre\u{a0}: a", Label::Title),
            ("Mots-clés : a", Label::Keywords),
            ("标签：a", Label::Tags),
            ("TOPIC: a", Label::Topic),
        ] {
            check(line, Some((label, "a")));
        }
    }

    #[test]
    fn a_value_may_be_empty_or_marked() {
        check("TITLE:", Some((Label::Title, "")));
        check("**TITLE:**", Some((Label::Title, "")));
        check("**Title:** **Tea**", Some((Label::Title, "**Tea**")));
        check("TITLE: **Tea**", Some((Label::Title, "**Tea**")));
        check("**TITLE:** *Tea* time", Some((Label::Title, "*Tea* time")));
    }

    #[test]
    fn other_lines_are_not_label_lines() {
        for line in [
            "    TITLE: Tea",
            "Title Tea",
            "Caption: Tea",
            "Title (a: Tea",
            "Title (a) b: Tea",
            "The title: Tea",
            "TITLE, TAGS: a",
            ": a",
            "",
            "**",
            "http://title.example",
            "Café: a",
            "Title. Tags: a",
            "Tags and more: a",
        ] {
            check(line, None);
        }
    }
}
