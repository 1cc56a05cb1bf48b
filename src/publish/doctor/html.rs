//! Reads the tags of a finished page and their attributes.

use pressrun_text::html::{self, HtmlTagText};

/// Elements whose content is text, in which nothing is a tag.
const TEXT_ONLY: [&str; 4] = ["script", "style", "textarea", "title"];

/// Returns the opening tags of a page, skipping comments and the contents of elements that hold
/// text only.
pub(super) fn opening_tags(page: &str) -> impl Iterator<Item = HtmlTagText<'_>> {
    let mut rest = page;
    std::iter::from_fn(move || {
        loop {
            rest = &rest[memchr::memchr(b'<', rest.as_bytes())?..];
            if let Some(comment) = rest.strip_prefix("<!--") {
                rest = after_comment(comment);
                continue;
            }
            let Some(tag) = html::parse_tag(rest) else {
                rest = &rest[1..];
                continue;
            };
            rest = &rest[tag.length..];
            if tag.closing {
                continue;
            }
            if let Some(name) = TEXT_ONLY.iter().find(|name| has_tag_name(&tag, name)) {
                rest = closing_tag(rest, name);
            }
            return Some(tag);
        }
    })
}

/// Returns the text after a comment, given the text after its `<!--`.
fn after_comment(text: &str) -> &str {
    // `<!-->` and `<!--->` are comments too. A comment without an end hides the rest of the page, as
    // in a browser.
    if let Some(rest) = text.strip_prefix('>').or_else(|| text.strip_prefix("->")) {
        return rest;
    }
    text.find("-->").map_or("", |end| &text[end + 3..])
}

/// Returns the text from the closing tag of an element on, or nothing if it is never closed.
fn closing_tag<'t>(text: &'t str, name: &str) -> &'t str {
    let mut ends = memchr::memmem::find_iter(text.as_bytes(), "</");
    let end = ends.find(|end| {
        let rest = &text.as_bytes()[end + 2..];
        let is_named = rest
            .get(..name.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()));
        is_named
            && matches!(
                rest.get(name.len()),
                Some(b'>' | b'/' | b' ' | b'\t' | b'\n' | 12 | b'\r')
            )
    });
    end.map_or("", |end| &text[end..])
}

/// Returns whether a tag has this name.
pub(super) fn has_tag_name(tag: &HtmlTagText<'_>, name: &str) -> bool {
    tag.name.eq_ignore_ascii_case(name)
}

/// Returns the addresses that a tag links to or loads, as written.
pub(super) fn tag_addresses<'t>(tag: &HtmlTagText<'t>) -> impl Iterator<Item = &'t str> {
    let names: &[&str] = match tag.name.to_ascii_lowercase().as_str() {
        "a" | "area" | "link" => &["href"],
        "img" | "script" | "source" | "audio" | "iframe" | "embed" => &["src"],
        "video" => &["src", "poster"],
        _ => &[],
    };
    let text = tag.attributes;
    names
        .iter()
        .filter_map(move |name| find_attribute(text, name))
}

/// Returns whether the attributes of a `<meta>` give a description, or exclude the page from search
/// engines.
pub(super) fn is_description_or_noindex(attributes: &str) -> bool {
    let content = find_attribute(attributes, "content").unwrap_or_default();
    let name = find_attribute(attributes, "name").map(str::to_ascii_lowercase);
    match name.as_deref() {
        Some("description") => !content.trim().is_empty(),
        Some("robots") => content.contains("noindex"),
        _ => false,
    }
}

/// Returns the program that a page says it was made with.
pub(in crate::publish) fn generator(page: &str) -> Option<String> {
    let mut metas = opening_tags(page).filter(|tag| has_tag_name(tag, "meta"));
    metas.find_map(|tag| {
        let name = find_attribute(tag.attributes, "name")?;
        let content = find_attribute(tag.attributes, "content")?.trim();
        let names_it = name.eq_ignore_ascii_case("generator") && !content.is_empty();
        names_it.then(|| content.to_owned())
    })
}

/// Returns the value of an attribute, as written.
fn find_attribute<'t>(mut text: &'t str, wanted: &str) -> Option<&'t str> {
    while let Some((name, value, rest)) = parse_next_attribute(text) {
        if name.eq_ignore_ascii_case(wanted) {
            return Some(value);
        }
        text = rest;
    }
    None
}

/// Returns the name and value of the first attribute, and the text after it.
fn parse_next_attribute(text: &str) -> Option<(&str, &str, &str)> {
    let is_gap = |c: char| c.is_whitespace() || c == '/';
    let text = text.trim_start_matches(is_gap);
    // A name has at least one character, whatever that is, so every call makes progress.
    let first = text.chars().next()?.len_utf8();
    let end = text[first..]
        .find(|c| is_gap(c) || c == '=')
        .map_or(text.len(), |end| first + end);
    let (name, rest) = text.split_at(end);
    let Some(value) = rest.trim_start().strip_prefix('=') else {
        return Some((name, "", rest));
    };
    let value = value.trim_start();
    let (value, rest) = if let Some(quote @ ('"' | '\'')) = value.chars().next() {
        let inside = &value[1..];
        inside.split_once(quote).unwrap_or((inside, ""))
    } else {
        value.split_at(value.find(char::is_whitespace).unwrap_or(value.len()))
    };
    Some((name, value, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_and_comments_hold_no_tags() {
        let page = "<script>\"<a href='/x'>\"</script><!-- <b> --><style>a{}</style>&lt;i&gt;<p>";
        let names: Vec<&str> = opening_tags(page).map(|tag| tag.name).collect();
        assert_eq!(names, ["script", "style", "p"]);
    }

    #[test]
    fn only_its_own_closing_tag_ends_a_text() {
        for (page, expected) in [
            (
                "<script>let a = '</b><i>';</script><p>",
                &["script", "p"][..],
            ),
            ("<script>'</scripts><i>'</SCRIPT ><p>", &["script", "p"]),
            (
                "<style>a::after{content:'</'}<i></style><p>",
                &["style", "p"],
            ),
            ("<title>a <b> c</title><p>", &["title", "p"]),
            ("<textarea><i></textarea/><p>", &["textarea", "p"]),
            ("<script></b><i>", &["script"]),
            ("<!--><p><!---><b><!-- <i> --><u>", &["p", "b", "u"]),
            ("<!-- <i>", &[]),
        ] {
            let names: Vec<&str> = opening_tags(page).map(|tag| tag.name).collect();
            assert_eq!(names, expected, "{page}");
        }
    }

    #[test]
    fn description_counts_only_if_it_says_something() {
        assert!(is_description_or_noindex(
            " name=\"description\" content=\"x\""
        ));
        assert!(is_description_or_noindex(
            " content='noindex, follow' name=robots"
        ));
        assert!(!is_description_or_noindex(
            " name=\"description\" content=\"\""
        ));
        assert!(!is_description_or_noindex(
            " property=\"og:description\" content=\"x\""
        ));
    }

    #[test]
    fn generator_is_what_its_meta_says() {
        for (page, expected) in [
            (
                "<meta name=\"generator\" content=\"pressrun 0.1.0\">",
                Some("pressrun 0.1.0"),
            ),
            (
                "<META content='Hugo 0.168' NAME=Generator />",
                Some("Hugo 0.168"),
            ),
            ("<meta name=generator content=''><p>generator", None),
            ("<!-- <meta name=generator content=x> -->", None),
        ] {
            assert_eq!(generator(page).as_deref(), expected, "{page}");
        }
    }

    #[test]
    fn attributes_of_any_shape_are_read() {
        for text in ["=", "= =", "a=\"", "a='b' =c d", "\"", "a = b", "/ / x"] {
            assert_eq!(find_attribute(text, "href"), None, "{text}");
        }
        assert_eq!(find_attribute(" a = b  href= '/x' ", "href"), Some("/x"));
        assert_eq!(find_attribute(" data-href=\"/y\" href", "href"), Some(""));
    }
}
