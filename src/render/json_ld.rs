//! Builds the structured data of a page in the vocabulary of schema.org, as JSON-LD.
//!
//! Posts are `BlogPosting`, lists `CollectionPage`, the home page `WebSite`. All pages except the
//! home page have a `BreadcrumbList`. The properties are those that Google's documentation of
//! articles recommends.

use std::io;

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{CompactFormatter, Formatter};

use super::page::Head;
use super::plan::{Job, Page};
use super::{ListOf, Renderer};
use crate::corpus::{Entry, Term, TermId};

/// Returns the structured data of a page, safe inside a `script` element.
pub(super) fn of(head: &Head, job: &Job, renderer: &Renderer) -> String {
    let main = match &job.page {
        Page::Post(id) => Some(posting(
            head,
            &renderer.corpus.posts[*id as usize],
            renderer,
        )),
        Page::List(ListOf::Home, 1) => Some(website(renderer)),
        Page::List(..) | Page::Terms(_) => Some(collection(head, renderer)),
        _ => None,
    };
    // The home page has only itself as a crumb.
    let crumbs = (head.breadcrumbs.len() > 1).then(|| breadcrumbs(head, renderer));
    in_script(&Document {
        context: "https://schema.org",
        graph: main.into_iter().chain(crumbs).collect(),
    })
}

#[derive(Serialize)]
struct Document<'a> {
    #[serde(rename = "@context")]
    context: &'static str,
    #[serde(rename = "@graph")]
    graph: Vec<Node<'a>>,
}

/// A type of schema.org, with the properties that pressrun uses.
#[derive(Serialize)]
#[serde(tag = "@type", rename_all_fields = "camelCase")]
enum Node<'a> {
    BlogPosting(Box<Posting<'a>>),
    CollectionPage {
        name: &'a str,
        description: &'a str,
        url: String,
        in_language: &'a str,
        is_part_of: Box<Node<'a>>,
    },
    WebSite {
        name: &'a str,
        #[serde(skip_serializing_if = "str::is_empty")]
        description: &'a str,
        url: String,
        in_language: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        publisher: Option<Box<Node<'a>>>,
    },
    BreadcrumbList {
        item_list_element: Vec<Node<'a>>,
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
struct Posting<'a> {
    headline: &'a str,
    description: &'a str,
    url: String,
    main_entity_of_page: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    date_published: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date_modified: Option<String>,
    author: Node<'a>,
    publisher: Node<'a>,
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

fn posting<'a>(head: &'a Head, entry: &'a Entry, renderer: &'a Renderer) -> Node<'a> {
    let post = &entry.post;
    let corpus = &renderer.corpus;
    let url = renderer.links.absolute(&entry.path);
    Node::BlogPosting(Box::new(Posting {
        headline: &post.title,
        description: &head.description,
        main_entity_of_page: url.clone(),
        url,
        date_published: entry.date.map(|date| date.to_string()),
        date_modified: entry.changed().map(|date| date.to_string()),
        author: author(renderer),
        publisher: organization(renderer),
        image: head.image.as_ref().map(|image| image.url.as_str()),
        keywords: names(&corpus.tags, &entry.tags),
        article_section: names(&corpus.categories, &entry.categories),
        word_count: post.body.words,
        in_language: renderer.language(entry),
        digital_source_type: renderer.digital_source_type(post),
    }))
}

fn names<'a>(terms: &'a [Term], ids: &[TermId]) -> Vec<&'a str> {
    ids.iter()
        .map(|&id| terms[id as usize].name.as_str())
        .collect()
}

/// Returns the author from the configuration; a site without one is its own author.
fn author(renderer: &Renderer) -> Node<'_> {
    let author = &renderer.config.author;
    match &author.name {
        Some(name) => Node::Person {
            name,
            url: author
                .url
                .clone()
                .unwrap_or_else(|| renderer.links.absolute("/")),
        },
        None => organization(renderer),
    }
}

fn organization(renderer: &Renderer) -> Node<'_> {
    Node::Organization {
        name: &renderer.config.title,
        url: renderer.links.absolute("/"),
    }
}

fn website(renderer: &Renderer) -> Node<'_> {
    let config = &renderer.config;
    Node::WebSite {
        name: &config.title,
        description: &config.description,
        url: renderer.links.absolute("/"),
        in_language: &config.language,
        publisher: Some(Box::new(organization(renderer))),
    }
}

fn collection<'a>(head: &'a Head, renderer: &'a Renderer) -> Node<'a> {
    let config = &renderer.config;
    Node::CollectionPage {
        name: &head.title,
        description: &head.description,
        url: renderer.links.absolute(&head.path),
        in_language: &config.language,
        is_part_of: Box::new(Node::WebSite {
            name: &config.title,
            description: "",
            url: renderer.links.absolute("/"),
            in_language: &config.language,
            publisher: None,
        }),
    }
}

fn breadcrumbs<'a>(head: &'a Head, renderer: &'a Renderer) -> Node<'a> {
    let items = head
        .breadcrumbs
        .iter()
        .zip(1..)
        .map(|((title, path), position)| Node::ListItem {
            position,
            name: title,
            item: renderer.links.absolute(path),
        });
    Node::BreadcrumbList {
        item_list_element: items.collect(),
    }
}

/// Serialises a value as JSON that cannot end the surrounding `script` element.
fn in_script(value: &impl Serialize) -> String {
    let mut bytes = Vec::with_capacity(2048);
    let mut serializer = Serializer::with_formatter(&mut bytes, InScript(CompactFormatter));
    value
        .serialize(&mut serializer)
        .expect("strings and numbers, written to memory");
    String::from_utf8(bytes).expect("the serializer writes UTF-8")
}

/// Formats compact JSON without `<`, `>` and `&`.
///
/// These characters occur in JSON only inside strings, where an escape means the same.
struct InScript(CompactFormatter);

impl Formatter for InScript {
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
        let safe = in_script(&"a</script><!--&\"\\b");
        assert_eq!(safe, "\"a\\u003c/script\\u003e\\u003c!--\\u0026\\\"\\\\b\"");
        let back: String = serde_json::from_str(&safe).unwrap();
        assert_eq!(back, "a</script><!--&\"\\b");
    }
}
