//! Reads label lines: `TITLE: …`, `**Tags:** …`, `### Meta Description: …` (R6.1 of the ingest
//! contract).

use pressrun_text::fence::find_item_text;

/// The field that a label names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    /// The title.
    Title,
    /// A title for search engines.
    SeoTitle,
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
    /// Marks the beginning of the body.
    Content,
    /// The topic that a prompt asks for.
    Topic,
    /// A picture. The contract ignores it; here it is the cover of the post.
    Cover,
    /// The text that says what the cover shows; given only by keys.
    CoverAlt,
    /// The subtitle.
    Subtitle,
    /// The day of the last change.
    Updated,
    /// The day from which on the post is no longer published; given only by keys.
    Expires,
    /// The author, or a list of authors if the name is a plural: `AUTHORS`.
    Authors,
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
    /// A request to search engines to leave the post out: `true`; given only by keys.
    NoIndex,
    /// Whether the post is a draft. Under the name `STATUS` it is one if it says `draft`.
    Draft,
    /// A text saying how the post was written, or `false`; given only by keys.
    Disclosure,
    /// A term for how the post was written; given only by keys.
    SourceType,
    /// The language. The contract ignores it; here it is the language of the post's page.
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
            Self::NoIndex => "noindex",
            Self::Draft => "draft",
            Self::Disclosure => "disclosure",
            Self::SourceType => "digital source type",
            Self::Language => "language",
            Self::Ignored => "label",
        }
    }
}

/// A label line, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelLine<'a> {
    /// The field that it names.
    pub label: Label,
    /// The name as written.
    pub name: &'a str,
    /// The text after the colon, trimmed.
    pub value: &'a str,
}

/// Reads a label line, or returns `None` if the line is not one.
///
/// Up to three spaces of indent, `>`, a heading mark, a bullet or a number may precede the name.
/// The name may be wrapped in `*`, `_` or backticks, which close before or after the colon or at
/// the end of the line.
pub fn parse_label_line(line: &str) -> Option<LabelLine<'_>> {
    if !has_early_colon(line) {
        return None;
    }
    let text = strip_block_marks(line)?;
    let bare = text.trim_start_matches(['*', '_', '`']);
    let opening = &text[..text.len() - bare.len()];
    if !bare.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let (name, value) = split_at_colon(bare)?;
    let unmarked = name.trim_end().trim_end_matches(['*', '_', '`']);
    let label = LabelName::parse(unmarked)?.label()?;
    // The marks before the name are not closed before the colon, so the value has the closing ones.
    let open = !opening.is_empty() && unmarked.len() == name.trim_end().len();
    let value = if open {
        strip_closing_marks(value, opening)
    } else {
        value
    };
    Some(LabelLine {
        label,
        name: unmarked.trim_end(),
        value: value.trim(),
    })
}

/// Returns whether there may be a colon near the start of a line. Nearly all prose fails this test.
fn has_early_colon(line: &str) -> bool {
    let start = &line.as_bytes()[..line.len().min(MAX_NAME + 24)];
    // 9A is the last byte of the full-width colon. Other characters have it too, which only costs
    // time.
    memchr::memchr2(b':', 0x9A, start).is_some()
}

/// Strips the marks that close `opening` from a value: after the colon, or at the end.
fn strip_closing_marks<'a>(value: &'a str, opening: &str) -> &'a str {
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

/// Strips indent, quote, heading, bullet and number marks from a line.
fn strip_block_marks(line: &str) -> Option<&str> {
    let text = line.trim_start_matches(' ');
    if line.len() - text.len() > 3 {
        return None;
    }
    let text = text.strip_prefix('>').map_or(text, str::trim_start);
    let hashes = text.bytes().take_while(|&byte| byte == b'#').count();
    let text = match &text[hashes..] {
        rest if (1..=6).contains(&hashes) && rest.starts_with([' ', '\t']) => rest.trim_start(),
        _ => text,
    };
    Some(match find_item_text(text) {
        Some(start) => &text[start..],
        None => text,
    })
}

/// The maximum length of a name in bytes, which quickly rules out prose with a colon.
const MAX_NAME: usize = 48;

fn split_at_colon(text: &str) -> Option<(&str, &str)> {
    for (at, byte) in text.bytes().enumerate().take(MAX_NAME) {
        match byte {
            b':' => return Some((&text[..at], &text[at + 1..])),
            // The first byte of the full-width colon.
            0xEF => return Some((&text[..at], text[at..].strip_prefix('：')?)),
            b'a'..=b'z' | b'A'..=b'Z' | b' ' | b'_' | b'-' | b'\\' | b'*' | b'`' => {}
            _ => return None,
        }
    }
    None
}

/// The letters of a name in upper case.
struct LabelName {
    letters: [u8; 24],
    length: usize,
}

impl LabelName {
    /// Reads a name, dropping spaces, `_`, `-` and the backslashes that Markdown editors put before
    /// `_`.
    fn parse(text: &str) -> Option<Self> {
        let mut name = Self {
            letters: [0; 24],
            length: 0,
        };
        for byte in text.bytes() {
            match byte {
                b' ' | b'_' | b'-' | b'\\' => {}
                byte if byte.is_ascii_alphabetic() => {
                    // A name with too many letters is not a label.
                    *name.letters.get_mut(name.length)? = byte.to_ascii_uppercase();
                    name.length += 1;
                }
                _ => return None,
            }
        }
        Some(name)
    }

    fn letters(&self) -> &[u8] {
        &self.letters[..self.length]
    }

    fn label(&self) -> Option<Label> {
        let name = self.letters();
        label_of_name(name).or_else(|| {
            // `Blog Post Title` means `Title`.
            [&b"BLOGPOST"[..], b"BLOG", b"POST", b"ARTICLE"]
                .iter()
                .find_map(|prefix| label_of_name(name.strip_prefix(*prefix)?))
        })
    }
}

/// Returns the label for a name, given as letters in upper case without a prefix.
pub(super) fn label_of_name(name: &[u8]) -> Option<Label> {
    Some(match name {
        b"TITLE" | b"HEADLINE" => Label::Title,
        b"METATITLE" | b"SEOTITLE" | b"TITLETAG" => Label::SeoTitle,
        b"METADESCRIPTION" | b"METADESC" | b"SEODESCRIPTION" => Label::Description,
        b"DESCRIPTION" | b"EXCERPT" => Label::PlainDescription,
        b"TAGS" | b"TAG" => Label::Tags,
        b"KEYWORDS" | b"METAKEYWORDS" | b"SEOKEYWORDS" => Label::Keywords,
        b"CATEGORIES" | b"CATEGORY" => Label::Categories,
        b"DATE" | b"PUBLISHED" | b"PUBLISHDATE" | b"PUBLISHEDDATE" | b"PUBLICATIONDATE" => {
            Label::Date
        }
        b"SLUG" | b"URLSLUG" => Label::Slug,
        b"CONTENT" | b"BODY" | b"ARTICLE" | b"POST" | b"BLOGPOST" => Label::Content,
        b"TOPIC" => Label::Topic,
        b"IMAGE" | b"FEATUREDIMAGE" => Label::Cover,
        b"LANGUAGE" => Label::Language,
        b"AUTHOR" | b"KEYWORD" | b"FOCUSKEYWORD" | b"PRIMARYKEYWORD" | b"WORDCOUNT"
        | b"LINKCOUNT" | b"READINGTIME" | b"READTIME" | b"URL" | b"STATUS" => Label::Ignored,
        _ => return None,
    })
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
            ("Featured Image: a", Label::Cover),
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
    fn other_lines_are_no_label_lines() {
        for line in [
            "    TITLE: Tea",
            "Title Tea",
            "Subtitle: Tea",
            "The title: Tea",
            "TITLE, TAGS: a",
            ": a",
            "",
            "**",
            "http://title.example",
            "Café: a",
            "Tags and more: a",
        ] {
            check(line, None);
        }
    }
}
