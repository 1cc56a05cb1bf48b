//! Reads the tags of a finished page and their attributes, and the addresses in them.

use std::path::Path;

use pressrun_site::corpus::own_paths::file_of;
use pressrun_site::fs;
use pressrun_site::render::links::{
    SiteLinks, decode_path, has_scheme, normalise_path, split_query,
};
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
pub(in crate::publish) fn tag_addresses<'t>(
    tag: &HtmlTagText<'t>,
) -> impl Iterator<Item = &'t str> {
    let names: &[&str] = match tag.name.to_ascii_lowercase().as_str() {
        "a" | "area" | "link" => &["href"],
        "img" | "script" | "source" | "audio" | "iframe" | "embed" => &["src"],
        "video" => &["src", "poster"],
        _ => &[],
    };
    let tag = *tag;
    names.iter().filter_map(move |name| tag.attribute(name))
}

/// Returns the path of the site that an address on a page means, or `None` if it leads elsewhere.
/// `page` is the file of the page, in the output folder.
pub(in crate::publish) fn resolve_address(
    links: &SiteLinks,
    page: &str,
    address: &str,
) -> Option<String> {
    let (address, _) = split_query(address.trim());
    if address.is_empty() || address.starts_with("//") {
        return None;
    }
    if let Some(path) = links.path_of(address) {
        return Some(path);
    }
    if has_scheme(address) || address.starts_with('/') {
        return None;
    }
    let folder = Path::new(page)
        .parent()
        .map_or_else(String::new, fs::path_with_slashes);
    Some(normalise_path(&format!(
        "/{folder}/{}",
        decode_path(address)
    )))
}

/// Returns the files as which GitHub Pages serves a path: a file, the index of a folder, or a page
/// without its `.html`.
pub(in crate::publish) fn served_files(path: &str) -> [String; 3] {
    let file = file_of(path);
    let index = format!("{file}/index.html");
    let page = format!("{file}.html");
    [file, index, page]
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
