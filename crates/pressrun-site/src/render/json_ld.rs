//! Builds the structured data of a page in the vocabulary of schema.org, as JSON-LD.
//!
//! Posts are `BlogPosting`, pages `WebPage`, lists `CollectionPage`, the home page `WebSite`. All pages except the
//! home page have a `BreadcrumbList`. The properties are those that Google's documentation of
//! articles recommends.

use memchr::memchr3_iter;
use serde::Serialize;

use super::frame::SiteFrame;
use super::head::PageHead;

/// Returns the structured data of a page, safe inside a `script` element. `subject` is what the
/// page is or is about.
pub(super) fn render_json_ld(
    head: &PageHead<'_>,
    subject: Option<JsonLdNode<'_>>,
    frame: &SiteFrame,
) -> String {
    let has_crumbs = !head.breadcrumbs.is_empty();
    let crumbs = has_crumbs.then(|| breadcrumbs_node(head, frame));
    to_script_safe_json(&JsonLdDocument {
        context: "https://schema.org",
        graph: subject.into_iter().chain(crumbs).collect(),
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
pub(super) enum JsonLdNode<'a> {
    BlogPosting(Box<JsonLdPosting<'a>>),
    CollectionPage(JsonLdCollection<'a>),
    ProfilePage(JsonLdCollection<'a>),
    WebPage {
        name: &'a str,
        description: &'a str,
        url: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        date_published: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        date_modified: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        image: Option<String>,
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
    Person(JsonLdPerson<'a>),
    CreativeWorkSeries {
        name: &'a str,
        url: String,
    },
    Organization {
        name: &'a str,
        url: String,
    },
}

/// What structured data says of a page that lists others.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct JsonLdCollection<'a> {
    name: &'a str,
    description: &'a str,
    url: String,
    in_language: &'a str,
    is_part_of: Box<JsonLdNode<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    main_entity: Option<Box<JsonLdNode<'a>>>,
}

/// What structured data says of a person.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct JsonLdPerson<'a> {
    pub(super) name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) image: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) same_as: Vec<String>,
}

/// One value, or a list of several.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

impl<T> From<Vec<T>> for OneOrMany<T> {
    fn from(mut all: Vec<T>) -> Self {
        match all.pop() {
            Some(only) if all.is_empty() => Self::One(only),
            last => {
                all.extend(last);
                Self::Many(all)
            }
        }
    }
}

/// What structured data says of a post.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct JsonLdPosting<'a> {
    pub(super) headline: &'a str,
    pub(super) description: &'a str,
    pub(super) url: String,
    pub(super) main_entity_of_page: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) date_published: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) date_modified: Option<String>,
    pub(super) author: OneOrMany<JsonLdNode<'a>>,
    pub(super) publisher: JsonLdNode<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) image: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) keywords: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) article_section: Vec<&'a str>,
    pub(super) word_count: u32,
    pub(super) in_language: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) is_part_of: Option<JsonLdNode<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) position: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) digital_source_type: Option<String>,
}

/// Returns the site as a publisher.
pub(super) fn organization_node(frame: &SiteFrame) -> JsonLdNode<'_> {
    JsonLdNode::Organization {
        name: &frame.config.title,
        url: frame.links.absolute("/"),
    }
}

/// Returns the site, for its home page.
pub(super) fn website_node(frame: &SiteFrame) -> JsonLdNode<'_> {
    let config = &frame.config;
    JsonLdNode::WebSite {
        name: &config.title,
        description: &config.description,
        url: frame.links.absolute("/"),
        in_language: &config.language,
        publisher: Some(Box::new(organization_node(frame))),
    }
}

/// Returns a page that lists others.
pub(super) fn collection_node<'a>(head: &'a PageHead<'_>, frame: &'a SiteFrame) -> JsonLdNode<'a> {
    JsonLdNode::CollectionPage(make_collection(head, None, frame))
}

/// Returns a page that lists what belongs to a series.
pub(super) fn series_page_node<'a>(
    head: &'a PageHead<'_>,
    series: &'a str,
    frame: &'a SiteFrame,
) -> JsonLdNode<'a> {
    let series = JsonLdNode::CreativeWorkSeries {
        name: series,
        url: frame.links.absolute(&head.path),
    };
    JsonLdNode::CollectionPage(make_collection(head, Some(series), frame))
}

/// Returns a page about a person, which lists their posts.
pub(super) fn profile_page_node<'a>(
    head: &'a PageHead<'_>,
    person: JsonLdNode<'a>,
    frame: &'a SiteFrame,
) -> JsonLdNode<'a> {
    JsonLdNode::ProfilePage(make_collection(head, Some(person), frame))
}

fn make_collection<'a>(
    head: &'a PageHead<'_>,
    subject: Option<JsonLdNode<'a>>,
    frame: &'a SiteFrame,
) -> JsonLdCollection<'a> {
    JsonLdCollection {
        name: &head.title,
        description: &head.description,
        url: frame.links.absolute(&head.path),
        in_language: &frame.config.language,
        is_part_of: Box::new(site_node(frame)),
        main_entity: subject.map(Box::new),
    }
}

/// Returns a page that its author wrote, with its picture and the days of its publication and of its
/// last change.
pub(super) fn web_page_node<'a>(
    head: &'a PageHead<'_>,
    image: Option<String>,
    [date_published, date_modified]: [Option<String>; 2],
    frame: &'a SiteFrame,
) -> JsonLdNode<'a> {
    JsonLdNode::WebPage {
        name: &head.title,
        description: &head.description,
        url: head.canonical_url(frame).into_owned(),
        date_published,
        date_modified,
        image,
        in_language: head.language,
        is_part_of: Box::new(site_node(frame)),
    }
}

/// Returns the site that a page is part of.
fn site_node(frame: &SiteFrame) -> JsonLdNode<'_> {
    let config = &frame.config;
    JsonLdNode::WebSite {
        name: &config.title,
        description: "",
        url: frame.links.absolute("/"),
        in_language: &config.language,
        publisher: None,
    }
}

fn breadcrumbs_node<'a>(head: &'a PageHead<'_>, frame: &'a SiteFrame) -> JsonLdNode<'a> {
    let items = head
        .crumbs(frame)
        .zip(1..)
        .map(|((name, path), position)| JsonLdNode::ListItem {
            position,
            name,
            item: frame.links.absolute(path),
        });
    JsonLdNode::BreadcrumbList {
        item_list_element: items.collect(),
    }
}

/// Serialises a value as JSON that cannot end the surrounding `script` element.
fn to_script_safe_json(value: &impl Serialize) -> String {
    let json = serde_json::to_string(value).expect("strings and numbers");
    // In JSON, these occur only inside strings, where an escape means the same.
    let mut unsafe_places = memchr3_iter(b'<', b'>', b'&', json.as_bytes()).peekable();
    if unsafe_places.peek().is_none() {
        return json;
    }
    let mut safe = String::with_capacity(json.len() + 64);
    let mut copied = 0;
    for at in unsafe_places {
        safe.push_str(&json[copied..at]);
        safe.push_str(match json.as_bytes()[at] {
            b'<' => r"\u003c",
            b'>' => r"\u003e",
            _ => r"\u0026",
        });
        copied = at + 1;
    }
    safe.push_str(&json[copied..]);
    safe
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
