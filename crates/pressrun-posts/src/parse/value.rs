//! Interprets the value of a label or key: as a title-like text (R10.3 of the ingest contract), as
//! a list (R11.2), or as no value (R6.4).

use std::borrow::Cow;

use pressrun_text::entities;
use pressrun_text::language;
use pressrun_text::plain::{
    LinkDefinitions, collapse_white_space, markdown_to_plain, markdown_to_plain_with,
};
use pressrun_text::visible::clean_field;

use super::list_item::{find_any_item_text, is_bullet};

/// The value of a label or key, as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldValue {
    /// One text.
    Text(String),
    /// Items that are separate already.
    List(Vec<String>),
    /// A text in several languages: the tag of each with its text. Resolved to one text before
    /// anything else looks at it.
    Languages(Vec<(String, String)>),
}

impl FieldValue {
    /// Returns the value as one normalised text, empty if it stands for no value.
    pub fn text(&self) -> String {
        let text = match self {
            Self::Text(text) => normalise_text(text),
            Self::List(items) => normalise_text(&items.join(", ")),
            Self::Languages(texts) => normalise_text(first_language(texts)),
        };
        if is_nothing(&text) {
            String::new()
        } else {
            text
        }
    }

    /// Returns the items of the value.
    pub fn items(&self) -> Vec<String> {
        match self {
            Self::Text(text) => parse_list_items(text),
            Self::List(items) => items
                .iter()
                .filter_map(|item| clean_list_item(item))
                .collect(),
            Self::Languages(texts) => parse_list_items(first_language(texts)),
        }
    }

    /// Returns whether the value has an item.
    pub fn has_items(&self) -> bool {
        let is_item = |item: &str| clean_list_item(item).is_some();
        match self {
            Self::Text(text) => split_raw_items(text).iter().any(|item| is_item(item)),
            Self::List(items) => items.iter().any(|item| is_item(item)),
            Self::Languages(texts) => is_item(first_language(texts)),
        }
    }

    /// Returns one text as its author wrote it, without quotes, emphasis and white space around it.
    ///
    /// For values that are no prose, such as paths, where [`Self::text`] would read Markdown.
    pub fn bare_text(&self) -> String {
        let text = match self {
            Self::Text(text) => text,
            Self::List(items) => items.first().map_or("", String::as_str),
            Self::Languages(texts) => first_language(texts),
        };
        strip_wrapping(text).to_owned()
    }

    /// Replaces a text in several languages by the one in the language of the site, or else the
    /// first (R6.6).
    pub fn choose_language(&mut self, of_site: &str) {
        let Self::Languages(texts) = self else {
            return;
        };
        let primary = language::primary_subtag(of_site);
        let is_given = |(_, text): &&(String, String)| !is_nothing(text);
        let is_exact =
            |(tag, _): &&(String, String)| tag.replace('_', "-").eq_ignore_ascii_case(of_site);
        let is_same = |(tag, _): &&(String, String)| language::primary_subtag(tag) == primary;
        let given = || texts.iter().filter(is_given);
        let chosen = given()
            .find(is_exact)
            .or_else(|| given().find(is_same))
            .or_else(|| given().next());
        *self = Self::Text(chosen.map(|(_, text)| text.clone()).unwrap_or_default());
    }

    /// Calls `change` with every text of the value.
    pub fn for_each_text(&mut self, mut change: impl FnMut(&mut String)) {
        match self {
            Self::Text(text) => change(text),
            Self::List(items) => items.iter_mut().for_each(change),
            Self::Languages(texts) => texts.iter_mut().for_each(|(_, text)| change(text)),
        }
    }

    /// Iterates over the texts of the value.
    pub fn iter_texts(&self) -> impl Iterator<Item = &str> {
        let (text, items, languages) = match self {
            Self::Text(text) => (Some(text), &[][..], &[][..]),
            Self::List(items) => (None, &items[..], &[][..]),
            Self::Languages(texts) => (None, &[][..], &texts[..]),
        };
        let languages = languages.iter().map(|(_, text)| text);
        text.into_iter()
            .chain(items)
            .chain(languages)
            .map(String::as_str)
    }
}

/// Returns the first text of a value in several languages that stands for something.
fn first_language(texts: &[(String, String)]) -> &str {
    let mut texts = texts.iter().map(|(_, text)| &**text);
    texts.find(|text| !is_nothing(text)).unwrap_or_default()
}

/// Returns whether a value stands for no value: blank, `None`, `N/A`, `TBD`, a dash.
pub fn is_nothing(text: &str) -> bool {
    const NOTHING: [&str; 12] = [
        "",
        "none",
        "n/a",
        "na",
        "null",
        "nil",
        "tbd",
        "empty",
        "undefined",
        "-",
        "--",
        "—",
    ];
    let text = text.trim();
    NOTHING.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Returns a title or description as plain text, without quotes or emphasis around it (R10.3).
pub fn normalise_text(text: &str) -> String {
    normalise_text_with(text, &LinkDefinitions::default())
}

/// Does the same with a text that stands beside these link definitions.
pub fn normalise_text_with(text: &str, definitions: &LinkDefinitions) -> String {
    normalise_plain_text(markdown_to_plain_with(strip_wrapping(text), definitions))
}

/// Returns a text that is plain already without quotes around it. Marks in it are no markup.
pub fn normalise_plain_text(plain: String) -> String {
    let mut bare = plain.as_str();
    while let Some(inner) = strip_quotes(bare).filter(|_| !bare.starts_with('`')) {
        bare = inner.trim();
    }
    let normalised = if bare.len() == plain.len() {
        plain
    } else {
        bare.to_owned()
    };
    clean(normalised)
}

/// Removes characters that no field may contain. Marks of direction stay for now, because it is not
/// known yet whether the post has right-to-left letters.
fn clean(text: String) -> String {
    match clean_field(&text, true) {
        Cow::Borrowed(_) => text,
        Cow::Owned(cleaned) => cleaned,
    }
}

/// Strips white space, quotes and emphasis that surround the whole text.
fn strip_wrapping(text: &str) -> &str {
    let mut text = text.trim();
    while let Some(inner) = strip_quotes(text).or_else(|| strip_emphasis(text)) {
        text = inner.trim();
    }
    text
}

/// Strips one pair of quotes around the whole text (R10.3).
///
/// In `"A" and "B"`, the quotes at both ends do not belong together. They do if the first quote
/// inside follows a space or an opening bracket: `"How "A" meets "B""`.
pub fn strip_quotes(text: &str) -> Option<&str> {
    const QUOTES: [(char, char); 7] = [
        ('"', '"'),
        ('\'', '\''),
        ('“', '”'),
        ('‘', '’'),
        ('«', '»'),
        ('„', '“'),
        ('`', '`'),
    ];
    let first = text.chars().next()?;
    let &(open, close) = QUOTES.iter().find(|&&(open, _)| open == first)?;
    let inner = text[open.len_utf8()..].strip_suffix(close)?;
    let inside = inner.char_indices().find(|&(at, c)| {
        (c == open || c == close)
            && !(matches!(c, '\'' | '’') && is_apostrophe(inner, at, c))
            && !(c == '"' && inner[..at].ends_with('\\'))
    });
    let belong_together = inside.is_none_or(|(at, _)| {
        inner[..at].ends_with(|c: char| c.is_whitespace() || matches!(c, '(' | '[' | '{' | '（'))
    });
    belong_together.then_some(inner)
}

fn is_apostrophe(text: &str, at: usize, c: char) -> bool {
    let before = text[..at].chars().next_back();
    let after = text[at + c.len_utf8()..].chars().next();
    before.is_some_and(char::is_alphanumeric) && after.is_some_and(char::is_alphanumeric)
}

/// Strips the emphasis around the whole text.
pub(super) fn strip_emphasis(text: &str) -> Option<&str> {
    let mark = text.chars().next().filter(|c| matches!(c, '*' | '_'))?;
    let inner = text.trim_start_matches(mark);
    let count = text.len() - inner.len();
    let inner = (1..=3)
        .contains(&count)
        .then(|| inner.strip_suffix(&text[..count]))??;
    let tight = !inner.starts_with(char::is_whitespace) && !inner.ends_with(char::is_whitespace);
    (tight && !inner.is_empty() && !inner.contains(mark)).then_some(inner)
}

/// Returns the items of a list written as one text (R11.2).
pub fn parse_list_items(text: &str) -> Vec<String> {
    let items = split_raw_items(text);
    items
        .iter()
        .filter_map(|item| clean_list_item(item))
        .collect()
}

/// Does the same, but keeps the decoration of items and items without a value.
fn split_raw_items(text: &str) -> Vec<Cow<'_, str>> {
    let mut text = text.trim();
    while let Some(inner) = strip_brackets(text) {
        // A JSON array is read as such; of other values in brackets only the brackets are dropped.
        let parsed: Result<Vec<serde_json::Value>, _> = serde_json::from_str(text);
        if let Ok(values) = parsed {
            return values.into_iter().filter_map(json_text).collect();
        }
        text = inner.trim();
    }
    let text = strip_emphasis(text).unwrap_or(text);
    let mut parts = split_at_separators(text);
    // Hashtags separate items too, but only if nothing else does.
    if parts.len() == 1
        && let Some(hashtags) = split_hashtags(text)
    {
        parts = hashtags;
    }
    parts.into_iter().map(Cow::Borrowed).collect()
}

/// Strips square brackets around the whole value: not those of `[a], [b]`.
fn strip_brackets(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    let opening = inner.find('[').unwrap_or(inner.len());
    let closing = inner.find(']').unwrap_or(inner.len());
    (opening <= closing).then_some(inner)
}

fn json_text(value: serde_json::Value) -> Option<Cow<'static, str>> {
    match value {
        serde_json::Value::String(text) => Some(text.into()),
        serde_json::Value::Number(number) => Some(number.to_string().into()),
        _ => None,
    }
}

/// Splits at separators outside parentheses and double-quoted items.
fn split_at_separators(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut at = 0;
    while let Some(plain) = text.as_bytes()[at..]
        .iter()
        .position(|&byte| may_split(byte))
    {
        at += plain;
        let rest = &text[at..];
        let c = rest.chars().next().unwrap_or_default();
        // A quote within an item, as in `5" disk`, does not open a quoted item.
        let at_start = || text[start..at].trim().is_empty();
        match c {
            c if is_separator(c) => {
                parts.push(&text[start..at]);
                start = at + c.len_utf8();
                at = start;
            }
            '(' | '（' => at += measure_parentheses(rest).unwrap_or(c.len_utf8()),
            '"' | '“' if at_start() => at += measure_quoted_item(rest, c).unwrap_or(c.len_utf8()),
            // The semicolon of a character reference is not a separator.
            '&' => at += entities::parse_entity(rest).map_or(1, |(_, length)| length),
            c => at += c.len_utf8(),
        }
    }
    parts.push(&text[start..]);
    parts
}

/// Returns whether a character separates the items of a list.
fn is_separator(c: char) -> bool {
    matches!(c, ',' | ';' | '|' | '，' | '、' | '；' | '،' | '؛')
}

/// Returns whether a byte begins a character that [`split_at_separators`] looks at.
fn may_split(byte: u8) -> bool {
    matches!(
        byte,
        b',' | b';' | b'|' | b'(' | b'"' | b'&' | 0xD8 | 0xE2 | 0xE3 | 0xEF
    )
}

/// The maximum length in characters of a remark in parentheses, which bounds the search for the
/// closing one.
const MAX_PARENTHESISED: usize = 200;

/// Returns the length of the parentheses at the start of `text`, if they close.
fn measure_parentheses(text: &str) -> Option<usize> {
    let mut depth = 0;
    for (at, c) in text.char_indices().take(MAX_PARENTHESISED) {
        match c {
            '(' | '（' => depth += 1,
            ')' | '）' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at + c.len_utf8());
        }
    }
    None
}

/// Returns the length of the quoted item at the start of `text`, if a separator follows it.
fn measure_quoted_item(text: &str, open: char) -> Option<usize> {
    let close = if open == '“' { '”' } else { '"' };
    let inner = &text[open.len_utf8()..];
    let end = open.len_utf8() + inner.find(close)? + close.len_utf8();
    let after = text[end..].trim_start();
    let separated =
        after.is_empty() || after.starts_with(|c| is_separator(c) || matches!(c, '.' | ']'));
    separated.then_some(end)
}

/// Splits a text before each hashtag, if it has two or more.
fn split_hashtags(text: &str) -> Option<Vec<&str>> {
    let starts: Vec<usize> = text
        .match_indices('#')
        .map(|(at, _)| at)
        .filter(|&at| {
            // The `#` of `C#` does not begin a hashtag.
            let before = text[..at].chars().next_back();
            let after = text[at + 1..].chars().next();
            before.is_none_or(char::is_whitespace)
                && after.is_some_and(|c| !c.is_whitespace() && c != '#')
        })
        .collect();
    if starts.len() < 2 {
        return None;
    }
    let mut parts = vec![&text[..starts[0]]];
    for (at, &start) in starts.iter().enumerate() {
        let end = starts.get(at + 1).copied().unwrap_or(text.len());
        parts.push(&text[start..end]);
    }
    Some(parts)
}

/// Returns whether a line is two or more hashtags and nothing else.
pub fn is_hashtag_line(line: &str) -> bool {
    let mut count = 0;
    for word in line.split_whitespace() {
        let tag = word.strip_prefix('#').unwrap_or_default();
        if !tag.starts_with(|c: char| c.is_alphanumeric() || c == '_') || tag.contains('#') {
            return false;
        }
        count += 1;
    }
    count >= 2
}

/// Returns an item of a list without decoration, or `None` if nothing is left.
fn clean_list_item(item: &str) -> Option<String> {
    let mut text = item.trim();
    if let Some(start) = find_any_item_text(text) {
        text = &text[start..];
    }
    text = text
        .trim_start_matches(|c| is_bullet(c) || c == '·')
        .trim_start();
    text = strip_wrapping(text).trim_start_matches('#').trim_start();
    text = strip_wrapping(text);
    // The last item of a list may have a final period.
    if let Some(without_period) = text.strip_suffix('.') {
        text = strip_wrapping(without_period);
    }
    // A Markdown link becomes its text.
    let text = if text.contains("](") {
        markdown_to_plain(text).into()
    } else {
        entities::decode_entities(text)
    };
    let text = if text.contains('_') {
        collapse_white_space(&text.replace('_', " "))
    } else {
        collapse_white_space(&text)
    };
    let text = clean(text);
    (!is_nothing(&text)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn normal(text: &str, expected: &str) {
        assert_eq!(normalise_text(text), expected, "{text}");
    }

    #[track_caller]
    fn list(text: &str, expected: &[&str]) {
        assert_eq!(parse_list_items(text), expected, "{text}");
    }

    #[test]
    fn quotes_and_emphasis_around_the_whole_value_go() {
        for text in [
            "\"Tea\"",
            "'Tea'",
            "“Tea”",
            "‘Tea’",
            "«Tea»",
            "„Tea“",
            "`Tea`",
            "*Tea*",
            "**Tea**",
            "__Tea__",
            "_Tea_",
            "**“Tea”**",
            " \"**Tea**\" ",
            "***Tea***",
            "<b>\"Tea\"</b>",
        ] {
            normal(text, "Tea");
        }
    }

    #[test]
    fn marks_of_plain_text_are_no_markup() {
        for (text, expected) in [
            ("\\*Star\\*", "*Star*"),
            ("Use `**a**`", "Use **a**"),
            ("**\"a\"**", "a"),
        ] {
            assert_eq!(normalise_text(text), expected, "{text}");
        }
    }

    #[test]
    fn quotes_that_do_not_belong_together_stay() {
        normal("\"A\" and \"B\"", "\"A\" and \"B\"");
        normal("“A” and “B”", "“A” and “B”");
        normal("'It's Here'", "It's Here");
        normal("\"How \"A\" meets \"B\"\"", "How \"A\" meets \"B\"");
        normal("\"Tea (\"hot\")\"", "Tea (\"hot\")");
        normal("“A “B” C”", "A “B” C");
        normal("\"\"A\" and B\"", "\"\"A\" and B\"");
        normal("Rock 'n' Roll", "Rock 'n' Roll");
        normal("**A** and **B**", "A and B");
    }

    #[test]
    fn case_final_punctuation_and_emoji_stay() {
        normal("what  is\n`Vec<T>`? 🎉", "what is Vec<T>? 🎉");
        normal("Tom &amp; Jerry.", "Tom & Jerry.");
    }

    #[test]
    fn brackets_of_single_items_stay() {
        for (text, expected) in [
            ("[a], [b]", &["[a]", "[b]"][..]),
            ("[a, [b]]", &["a", "[b]"]),
            ("[[a]]", &["a"]),
        ] {
            assert_eq!(parse_list_items(text), expected, "{text}");
        }
    }

    #[test]
    fn lists_are_split_outside_parentheses_and_quotes() {
        list("a, b; c | d、e，f；g", &["a", "b", "c", "d", "e", "f", "g"]);
        list("a، b؛ c", &["a", "b", "c"]);
        list("a (b, c), \"d, e\", “f, g”", &["a (b, c)", "d, e", "f, g"]);
        list("a (b, c", &["a (b", "c"]);
        list("5\" disks, 3\" disks", &["5\" disks", "3\" disks"]);
    }

    #[test]
    fn brackets_around_a_list_go() {
        list(r#"["a, b", "c", 3]"#, &["a, b", "c", "3"]);
        list("['a', 'b']", &["a", "b"]);
        list("[a, b]", &["a", "b"]);
        list("[]", &[]);
    }

    #[test]
    fn hashtags_are_split_where_nothing_else_separates_them() {
        list("#tea #GreenTea #iced_tea", &["tea", "GreenTea", "iced tea"]);
        list("#tea, #green tea", &["tea", "green tea"]);
        list("#tea time", &["tea time"]);
        list("C# #x #y", &["C#", "x", "y"]);
    }

    #[test]
    fn items_lose_their_decoration() {
        list(
            "- a; * b; 1. c; \"d\".; **e**; `f`; •g",
            &["a", "b", "c", "d", "e", "f", "g"],
        );
        list("R&amp;D, a  b, c.", &["R&D", "a b", "c"]);
        list("a, , None, n/a, -, b", &["a", "b"]);
        list("C++, .NET, C#", &["C++", ".NET", "C#"]);
    }

    #[test]
    fn a_hashtag_line_has_nothing_but_hashtags() {
        assert!(is_hashtag_line("#tea #rain2"));
        for line in [
            "#tea",
            "# tea # rain",
            "#tea and #rain",
            "",
            "#tea rain",
            "##a ##b",
            "#tea#rain #a",
        ] {
            assert!(!is_hashtag_line(line), "{line}");
        }
    }

    #[test]
    fn words_for_nothing_are_nothing() {
        for text in ["", " ", "None", "n/a", "TBD", "—", "--", "NULL"] {
            assert!(is_nothing(text), "{text}");
        }
        assert_eq!(FieldValue::Text("*None*".into()).text(), "");
    }

    #[test]
    fn hostile_lists_take_linear_time() {
        for unit in ["(", "\"", "#", "#a ", "“", "['"] {
            drop(parse_list_items(&unit.repeat(50_000)));
        }
        drop(parse_list_items(
            &("[".repeat(50_000) + &"]".repeat(50_000)),
        ));
    }
}
