//! Defines which elements and attributes an author may use.

/// What happens to an author's element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ElementPolicy {
    /// It stays.
    Allowed(&'static str, ContentModel),
    /// Its tags are removed; its content stays.
    Unwrapped(&'static str),
    /// It is removed with its content.
    Removed,
    /// HTML has no such element: the author wrote about something such as `Vec<T>`.
    Unknown,
}

/// Where an element may stand, and which elements it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ContentModel {
    /// It is part of a line of text.
    Phrase,
    /// It has no content: `<br>`.
    Void,
    /// It ends an open paragraph.
    Block,
    /// It ends an open element of its own group, up to the list that contains it.
    Item,
    /// It may stand only in a table.
    TablePart,
}

use ContentModel::{Block, Item, Phrase, TablePart, Void};

/// Allowed elements, sorted for binary search.
const ALLOWED: &[(&str, ContentModel)] = &[
    ("a", Phrase),
    ("abbr", Phrase),
    ("address", Block),
    ("article", Block),
    ("aside", Block),
    ("audio", Phrase),
    ("b", Phrase),
    ("bdi", Phrase),
    ("bdo", Phrase),
    ("blockquote", Block),
    ("br", Void),
    ("caption", TablePart),
    ("cite", Phrase),
    ("code", Phrase),
    ("col", TablePart),
    ("colgroup", TablePart),
    ("data", Phrase),
    ("dd", Item),
    ("del", Phrase),
    ("details", Block),
    ("dfn", Phrase),
    ("div", Block),
    ("dl", Block),
    ("dt", Item),
    ("em", Phrase),
    ("figcaption", Block),
    ("figure", Block),
    ("footer", Block),
    ("h1", Block),
    ("h2", Block),
    ("h3", Block),
    ("h4", Block),
    ("h5", Block),
    ("h6", Block),
    ("header", Block),
    ("hgroup", Block),
    ("hr", Void),
    ("i", Phrase),
    ("img", Void),
    ("ins", Phrase),
    ("kbd", Phrase),
    ("li", Item),
    ("mark", Phrase),
    ("nav", Block),
    ("ol", Block),
    ("p", Block),
    ("pre", Block),
    ("q", Phrase),
    ("rp", Phrase),
    ("rt", Phrase),
    ("ruby", Phrase),
    ("s", Phrase),
    ("samp", Phrase),
    ("section", Block),
    ("small", Phrase),
    ("source", Void),
    ("span", Phrase),
    ("strong", Phrase),
    ("sub", Phrase),
    ("summary", Block),
    ("sup", Phrase),
    ("table", Block),
    ("tbody", TablePart),
    ("td", TablePart),
    ("tfoot", TablePart),
    ("th", TablePart),
    ("thead", TablePart),
    ("time", Phrase),
    ("tr", TablePart),
    ("track", Void),
    ("u", Phrase),
    ("ul", Block),
    ("var", Phrase),
    ("video", Phrase),
    ("wbr", Void),
];

/// Elements that HTML has or had, but that do not belong in an article. Sorted for binary search.
const UNWRAPPED: &[&str] = &[
    "acronym", "area", "base", "basefont", "bgsound", "big", "blink", "body", "button", "canvas",
    "center", "datalist", "dialog", "dir", "embed", "fieldset", "font", "form", "frame",
    "frameset", "head", "html", "image", "input", "keygen", "label", "legend", "link", "listing",
    "main", "map", "marquee", "menu", "menuitem", "meta", "meter", "nobr", "optgroup", "option",
    "output", "param", "picture", "portal", "progress", "rb", "rtc", "search", "select", "slot",
    "strike", "textarea",
];

/// Those of [`UNWRAPPED`] that have no content.
const EMPTY: &[&str] = &[
    "area", "base", "basefont", "bgsound", "embed", "frame", "image", "input", "keygen", "link",
    "meta", "param",
];

/// Elements whose content is not for readers. Sorted for binary search.
const REMOVED: &[&str] = &[
    "applet",
    "iframe",
    "math",
    "noembed",
    "noframes",
    "noscript",
    "object",
    "plaintext",
    "script",
    "style",
    "svg",
    "template",
    "title",
    "xmp",
];

/// Looks up an element by its name, ignoring case.
pub(super) fn look_up_element(name: &str) -> ElementPolicy {
    // A longer name is in none of the tables.
    let mut buffer = [0; 16];
    let Some(lower) = buffer.get_mut(..name.len()) else {
        return ElementPolicy::Unknown;
    };
    lower.copy_from_slice(name.as_bytes());
    lower.make_ascii_lowercase();
    let lower: &[u8] = lower;
    // HTML has dropped this element, and its text is code.
    let lower = if lower == b"tt" { b"code" } else { lower };
    if let Ok(at) = ALLOWED.binary_search_by(|(name, _)| name.as_bytes().cmp(lower)) {
        ElementPolicy::Allowed(ALLOWED[at].0, ALLOWED[at].1)
    } else if REMOVED
        .binary_search_by(|name| name.as_bytes().cmp(lower))
        .is_ok()
    {
        ElementPolicy::Removed
    } else if let Ok(at) = UNWRAPPED.binary_search_by(|name| name.as_bytes().cmp(lower)) {
        ElementPolicy::Unwrapped(UNWRAPPED[at])
    } else {
        ElementPolicy::Unknown
    }
}

/// Returns whether an element that is unwrapped has no content.
pub(super) fn is_empty_element(name: &str) -> bool {
    EMPTY.contains(&name)
}

/// Returns whether an element plays a file.
pub(super) fn is_player(name: &str) -> bool {
    matches!(name, "audio" | "video")
}

/// Attributes that every element may have.
pub(super) const GLOBAL_ATTRIBUTES: &[&str] = &["class", "dir", "id", "lang", "title"];

/// Returns the other attributes that an element may have.
pub(super) fn allowed_attributes(element: &str) -> &'static [&'static str] {
    match element {
        "a" => &["href", "hreflang"],
        "img" => &["src", "alt", "width", "height", "align"],
        "video" => &["src", "poster", "width", "height", "loop", "muted"],
        "audio" => &["src", "loop", "muted"],
        "source" => &["src", "type"],
        "track" => &["src", "kind", "srclang", "label"],
        "ol" => &["start", "reversed", "type"],
        "li" | "data" => &["value"],
        "td" | "th" => &["colspan", "rowspan", "headers", "scope", "align", "valign"],
        "col" | "colgroup" => &["span"],
        "details" => &["open"],
        "time" | "del" | "ins" => &["datetime"],
        "p" | "div" | "tr" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => &["align"],
        _ => &[],
    }
}

/// Returns the names of all allowed elements.
pub(super) fn allowed_elements() -> impl Iterator<Item = &'static str> {
    ALLOWED.iter().map(|&(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_in_order() {
        assert!(ALLOWED.is_sorted_by_key(|&(name, _)| name));
        assert!(UNWRAPPED.is_sorted() && REMOVED.is_sorted());
    }

    #[test]
    fn names_are_found_in_any_case() {
        assert_eq!(look_up_element("DIV"), ElementPolicy::Allowed("div", Block));
        assert_eq!(look_up_element("Script"), ElementPolicy::Removed);
        assert_eq!(look_up_element("form"), ElementPolicy::Unwrapped("form"));
        assert_eq!(look_up_element("T"), ElementPolicy::Unknown);
        assert_eq!(
            look_up_element("your-very-long-placeholder"),
            ElementPolicy::Unknown
        );
    }
}
