//! Reads the entries of published feeds: by which id readers know each post.

use std::borrow::Cow;

use pressrun_text::entities::decode_entities;
use pressrun_text::page_html::{HtmlPiece, HtmlPieces};
use pressrun_text::words::make_plain_title_key;
use serde_json::Value;

/// An entry of a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PublishedEntry {
    /// By this a reader knows that it has read the post.
    pub(super) id: String,
    /// The address of the post.
    pub(super) link: String,
    /// The title without case and punctuation.
    pub(super) title: String,
}

/// Reads the entries of a feed in Atom, RSS or JSON that have an id and a link.
pub(super) fn read_entries(text: &str) -> Vec<PublishedEntry> {
    if text.trim_start().starts_with('{') {
        return read_json_entries(text);
    }
    let mut entries = Vec::new();
    let mut entry: Option<EntryFields> = None;
    for piece in HtmlPieces::of_page(text) {
        let HtmlPiece::Tag(tag) = piece else {
            if let (Some(fields), HtmlPiece::Text(text) | HtmlPiece::Content(text)) =
                (&mut entry, piece)
            {
                fields.add_text(text);
            }
            continue;
        };
        if matches!(tag.name, "entry" | "item") {
            let fields = entry.take();
            entries.extend(fields.and_then(EntryFields::finish));
            entry = (!tag.closing).then(EntryFields::default);
        } else if let Some(fields) = &mut entry {
            if tag.closing {
                fields.open = None;
                continue;
            }
            fields.open = ENTRY_ELEMENTS.into_iter().find(|name| tag.name == *name);
            let rel = tag.attribute("rel").unwrap_or("alternate");
            if tag.name == "link"
                && rel == "alternate"
                && let Some(address) = tag.attribute("href")
            {
                fields.set("link", &decode_entities(address));
            }
        }
    }
    entries
}

/// The elements of an entry that are read. Elements with a prefix are not tags of HTML, so they are
/// never taken for one of these.
const ENTRY_ELEMENTS: [&str; 4] = ["id", "guid", "link", "title"];

/// The fields of an entry that have been read so far.
#[derive(Default)]
struct EntryFields {
    /// The element whose text comes next.
    open: Option<&'static str>,
    id: String,
    link: String,
    title: String,
}

impl EntryFields {
    fn add_text(&mut self, text: &str) {
        if let Some(element) = self.open {
            let text = text.trim();
            let raw = text.strip_prefix("<![CDATA[");
            let text = match raw {
                Some(raw) => Cow::Borrowed(raw.strip_suffix("]]>").unwrap_or(raw)),
                None => decode_entities(text),
            };
            self.set(element, &text);
        }
    }

    /// Sets a field that is still empty: the same names may come again in the content of a post.
    fn set(&mut self, element: &str, text: &str) {
        let field = match element {
            "id" | "guid" => &mut self.id,
            "link" => &mut self.link,
            _ => &mut self.title,
        };
        if field.is_empty() {
            text.trim().clone_into(field);
        }
    }

    fn finish(self) -> Option<PublishedEntry> {
        let Self {
            id, link, title, ..
        } = self;
        (!id.is_empty() && !link.is_empty()).then(|| PublishedEntry {
            id,
            link,
            title: make_plain_title_key(&title),
        })
    }
}

fn read_json_entries(text: &str) -> Vec<PublishedEntry> {
    let feed: Value = serde_json::from_str(text).unwrap_or_default();
    let items = feed["items"].as_array().into_iter().flatten();
    let entries = items.filter_map(|item| {
        let mut fields = EntryFields::default();
        for (element, key) in [("id", "id"), ("link", "url"), ("title", "title")] {
            fields.set(element, item[key].as_str().unwrap_or_default());
        }
        fields.finish()
    });
    entries.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str, &str)]) {
        let entries = read_entries(text);
        let found: Vec<_> = entries
            .iter()
            .map(|entry| (&*entry.id, &*entry.link, &*entry.title))
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn entries_of_atom_have_their_own_ids_and_links() {
        check(
            "<feed><id>f</id><link href=\"https://a.b/\"/><title>Blog</title>\
             <entry><title>Tea &amp; I</title><link rel=\"self\" href=\"x\"/>\
             <link href=\"https://a.b/t/?a&amp;b\"/><id>tag:a.b,2026:1</id>\
             <content type=\"html\">&lt;id&gt;no&lt;/id&gt;</content></entry>\
             <entry><id>https://a.b/u/</id><link rel=\"alternate\" type=\"text/html\" href=\"https://a.b/u/\"/>\
             <title type=\"html\"><![CDATA[U!]]></title></entry><entry><title>none</title></entry></feed>",
            &[
                ("tag:a.b,2026:1", "https://a.b/t/?a&b", "tea i"),
                ("https://a.b/u/", "https://a.b/u/", "u"),
            ],
        );
    }

    #[test]
    fn entries_of_rss_are_known_by_their_guid() {
        check(
            "<rss><channel><title>Blog</title><link>https://a.b/</link>\
             <item><title>T</title><link>https://a.b/t/</link><guid isPermaLink=\"false\">g &lt; 1</guid>\
             <content:encoded><![CDATA[<p>x <id>y</id></p>]]></content:encoded></item>\
             <item><guid><![CDATA[g2]]></guid><link>\nhttps://a.b/u/\n</link></item></channel></rss>",
            &[
                ("g < 1", "https://a.b/t/", "t"),
                ("g2", "https://a.b/u/", ""),
            ],
        );
    }

    #[test]
    fn items_of_json_are_read_and_others_left_out() {
        check(
            r#"{"items":[{"id":"1","url":"https://a.b/t/","title":"T"},{"id":2,"url":"x"},{"id":"3"},4]}"#,
            &[("1", "https://a.b/t/", "t")],
        );
        check("{", &[]);
        check("", &[]);
        check("<entry><id>", &[]);
    }
}
