//! Reads the tags of a finished page and their attributes.

use pressrun_text::html::HtmlTagText;
use pressrun_text::page_html::{HtmlPiece, HtmlPieces};

/// Returns the opening tags of a page.
pub(in crate::publish) fn opening_tags(page: &str) -> impl Iterator<Item = HtmlTagText<'_>> {
    HtmlPieces::of_page(page).filter_map(|piece| match piece {
        HtmlPiece::Tag(tag) if !tag.closing => Some(tag),
        _ => None,
    })
}

/// Returns the addresses that a tag links to or loads, as written.
pub(super) fn tag_addresses<'t>(tag: &HtmlTagText<'t>) -> impl Iterator<Item = &'t str> {
    let names: &[&str] = match tag.name.to_ascii_lowercase().as_str() {
        "a" | "area" | "link" => &["href"],
        "img" | "script" | "source" | "audio" | "iframe" | "embed" => &["src"],
        "video" => &["src", "poster"],
        _ => &[],
    };
    let tag = *tag;
    names.iter().filter_map(move |name| tag.attribute(name))
}

/// Returns whether a `<meta>` gives a description, or excludes the page from search engines.
pub(super) fn is_description_or_noindex(tag: &HtmlTagText<'_>) -> bool {
    let content = tag.attribute("content").unwrap_or_default();
    let name = tag.attribute("name").map(str::to_ascii_lowercase);
    match name.as_deref() {
        Some("description") => !content.trim().is_empty(),
        Some("robots") => content.contains("noindex"),
        _ => false,
    }
}

/// Returns the program that a page says it was made with.
pub(in crate::publish) fn generator(page: &str) -> Option<String> {
    let mut metas = opening_tags(page).filter(|tag| tag.is_named("meta"));
    metas.find_map(|tag| {
        let name = tag.attribute("name")?;
        let content = tag.attribute("content")?.trim();
        let names_it = name.eq_ignore_ascii_case("generator") && !content.is_empty();
        names_it.then(|| content.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn description_counts_only_if_it_says_something() {
        for (page, expected) in [
            ("<meta name=\"description\" content=\"x\">", true),
            ("<meta content='noindex, follow' name=robots>", true),
            ("<meta name=\"description\" content=\"\">", false),
            ("<meta property=\"og:description\" content=\"x\">", false),
        ] {
            let tag = opening_tags(page).next().unwrap();
            assert_eq!(is_description_or_noindex(&tag), expected, "{page}");
        }
    }

    #[test]
    fn generator_is_read_from_its_meta_element() {
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
}
