//! Builds the structured data of a page in the vocabulary of schema.org, as JSON-LD.
//!
//! Posts are `BlogPosting`, lists `CollectionPage`, the home page `WebSite`. All pages except the
//! home page have a `BreadcrumbList`. The properties are those that Google's documentation of
//! articles recommends.

use std::io;

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{CompactFormatter, Formatter};

use super::page::PageHead;
use super::plan::{PageKind, RenderJob};
use super::{PostList, SiteRenderer};
use crate::corpus::{CorpusPost, CorpusTerm, TermId};

/// Returns the structured data of a page, safe inside a `script` element.
pub(super) fn render_json_ld(head: &PageHead, job: &RenderJob, renderer: &SiteRenderer) -> String {
    let main = match &job.page {
        PageKind::Post(id) => Some(posting_node(
            head,
            &renderer.corpus.posts[*id as usize],
            renderer,
        )),
        PageKind::List(PostList::Home, 1) => Some(website_node(renderer)),
        PageKind::List(..) | PageKind::Terms(_) => Some(collection_node(head, renderer)),
        _ => None,
    };
    // The home page has only itself as a crumb.
    let crumbs = (head.breadcrumbs.len() > 1).then(|| breadcrumbs_node(head, renderer));
    to_script_safe_json(&JsonLdDocument {
        context: "https://schema.org",
        graph: main.into_iter().chain(crumbs).collect(),
    })
}

#[derive(Serialize)]
struct JsonLdDocument<'a> {
    #[serde(rename = "@context")]
    context: &'static str,
    #[serde(rename = "@graph")]
    graph: Vec<JsonLdNode<'a>>,
}

/// A type of schema.org, with the properties that pressrun uses.
#[derive(Serialize)]
#[serde(tag = "@type", rename_all_fields = "camelCase")]
enum JsonLdNode<'a> {
    BlogPosting(Box<JsonLdPosting<'a>>),
    CollectionPage {
        name: &'a str,
        description: &'a str,
        url: String,
        in_language: &'a str,
        is_part_of: Box<JsonLdNode<'a>>,
    },
    WebSite {
        name: &'a str,
        #[serde(skip_serializing_if = "str::is_empty")]
        description: &'a str,
        url: String,
        in_language: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        publisher: Option<Box<JsonLdNode<'a>>>,
    },
    BreadcrumbList {
        item_list_element: Vec<JsonLdNode<'a>>,
    },
    ListItem {
        position: usize,
        name: &'a str,
        item: String,
    },
    Person {
        name: &'a str,
        url: String,
    },
    Organization {
        name: &'a str,
        url: String,
    },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonLdPosting<'a> {
    headline: &'a str,
    description: &'a str,
    url: String,
    main_entity_of_page: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    date_published: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date_modified: Option<String>,
    author: JsonLdNode<'a>,
    publisher: JsonLdNode<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    keywords: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    article_section: Vec<&'a str>,
    word_count: u32,
    in_language: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    digital_source_type: Option<String>,
}

fn posting_node<'a>(
    head: &'a PageHead,
    entry: &'a CorpusPost,
    renderer: &'a SiteRenderer,
) -> JsonLdNode<'a> {
    let post = &entry.post;
    let corpus = &renderer.corpus;
    let url = renderer.links.absolute(&entry.path);
    JsonLdNode::BlogPosting(Box::new(JsonLdPosting {
        headline: &post.title,
        description: &head.description,
        main_entity_of_page: url.clone(),
        url,
        date_published: entry.date.map(|date| date.to_string()),
        date_modified: entry.changed().map(|date| date.to_string()),
        author: author_node(renderer),
        publisher: organization_node(renderer),
        image: head.image.as_ref().map(|image| image.url.as_str()),
        keywords: names_of_terms(&corpus.tags, &entry.tags),
        article_section: names_of_terms(&corpus.categories, &entry.categories),
        word_count: post.body.words,
        in_language: renderer.language(entry),
        digital_source_type: renderer.digital_source_type(post),
    }))
}

fn names_of_terms<'a>(terms: &'a [CorpusTerm], ids: &[TermId]) -> Vec<&'a str> {
    ids.iter()
        .map(|&id| terms[id as usize].name.as_str())
        .collect()
}

/// Returns the author from the configuration; a site without one is its own author.
fn author_node(renderer: &SiteRenderer) -> JsonLdNode<'_> {
    let author = &renderer.config.author;
    match &author.name {
        Some(name) => JsonLdNode::Person {
            name,
            url: author
                .url
                .clone()
                .unwrap_or_else(|| renderer.links.absolute("/")),
        },
        None => organization_node(renderer),
    }
}

fn organization_node(renderer: &SiteRenderer) -> JsonLdNode<'_> {
    JsonLdNode::Organization {
        name: &renderer.config.title,
        url: renderer.links.absolute("/"),
    }
}

fn website_node(renderer: &SiteRenderer) -> JsonLdNode<'_> {
    let config = &renderer.config;
    JsonLdNode::WebSite {
        name: &config.title,
        description: &config.description,
        url: renderer.links.absolute("/"),
        in_language: &config.language,
        publisher: Some(Box::new(organization_node(renderer))),
    }
}

fn collection_node<'a>(head: &'a PageHead, renderer: &'a SiteRenderer) -> JsonLdNode<'a> {
    let config = &renderer.config;
    JsonLdNode::CollectionPage {
        name: &head.title,
        description: &head.description,
        url: renderer.links.absolute(&head.path),
        in_language: &config.language,
        is_part_of: Box::new(JsonLdNode::WebSite {
            name: &config.title,
            description: "",
            url: renderer.links.absolute("/"),
            in_language: &config.language,
            publisher: None,
        }),
    }
}

fn breadcrumbs_node<'a>(head: &'a PageHead, renderer: &'a SiteRenderer) -> JsonLdNode<'a> {
    let items = head
        .breadcrumbs
        .iter()
        .zip(1..)
        .map(|((title, path), position)| JsonLdNode::ListItem {
            position,
            name: title,
            item: renderer.links.absolute(path),
        });
    JsonLdNode::BreadcrumbList {
        item_list_element: items.collect(),
    }
}

/// Serialises a value as JSON that cannot end the surrounding `script` element.
fn to_script_safe_json(value: &impl Serialize) -> String {
    let mut bytes = Vec::with_capacity(2048);
    let mut serializer =
        Serializer::with_formatter(&mut bytes, ScriptSafeFormatter(CompactFormatter));
    value
        .serialize(&mut serializer)
        .expect("strings and numbers, written to memory");
    String::from_utf8(bytes).expect("the serializer writes UTF-8")
}

/// Formats compact JSON without `<`, `>` and `&`.
///
/// These characters occur in JSON only inside strings, where an escape means the same.
struct ScriptSafeFormatter(CompactFormatter);

impl Formatter for ScriptSafeFormatter {
    fn write_string_fragment<W>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + io::Write,
    {
        let mut rest = fragment;
        while let Some(at) = rest.find(['<', '>', '&']) {
            self.0.write_string_fragment(writer, &rest[..at])?;
            // The three characters are ASCII, so each is one byte.
            write!(writer, "\\u{:04x}", rest.as_bytes()[at])?;
            rest = &rest[at + 1..];
        }
        self.0.write_string_fragment(writer, rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_end_the_script_element() {
        let safe = to_script_safe_json(&"a</script><!--&\"\\b");
        assert_eq!(safe, "\"a\\u003c/script\\u003e\\u003c!--\\u0026\\\"\\\\b\"");
        let back: String = serde_json::from_str(&safe).unwrap();
        assert_eq!(back, "a</script><!--&\"\\b");
    }
}
