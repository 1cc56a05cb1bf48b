//! What is searched of a site: its posts as documents for the index.

use rayon::prelude::*;

use crate::cache::{Bodies, Cache, Fingerprint};
use crate::config::{Config, Extent};
use crate::corpus::{Corpus, Entry, Term, TermId};
use crate::error::Result;
use crate::render::links;
use crate::search::{self, Document, File};

/// Name of the entry of the cache that holds the last index.
const ENTRY: &str = "search";

/// The files of the search index; none for a site without search.
///
/// # Errors
///
/// An index that cannot be made, or a body that cannot be read.
pub(super) fn files(
    corpus: &Corpus,
    bodies: &Bodies,
    config: &Config,
    cache: &Cache,
) -> Result<Vec<File>> {
    let Some(extent) = config.search.extent(corpus.posts.len()) else {
        return Ok(Vec::new());
    };
    let key = key(corpus, config, extent);
    match cache.get::<(Fingerprint, Vec<File>)>(ENTRY) {
        Some((known, files)) if known == key => return Ok(files),
        _ => {}
    }
    // Oldest first: a new post then leaves the bundles of the others as they are.
    let documents = corpus
        .posts
        .par_iter()
        .rev()
        .map(|entry| Ok(document(entry, text(entry, bodies, extent)?, corpus)))
        .collect::<Result<Vec<Document>>>()?;
    let files = search::index(&config.language, documents)?;
    cache.put(ENTRY, &(key, &files));
    Ok(files)
}

fn document(entry: &Entry, text: String, corpus: &Corpus) -> Document {
    let post = &entry.post;
    Document {
        path: links::encoded(&entry.path),
        title: post.title.clone(),
        text,
        date: entry.date.map(|date| date.to_string()),
        categories: names(&corpus.categories, &entry.categories),
        tags: names(&corpus.tags, &entry.tags),
    }
}

/// The description of a post, and its text or its headings.
fn text(entry: &Entry, bodies: &Bodies, extent: Extent) -> Result<String> {
    let page = bodies.page(&entry.post.body)?;
    let mut text = entry.post.description.clone();
    match extent {
        Extent::FullText => {
            let html = page.html.fill::<&str>(&[]);
            text = format!("{text} {}", search::text::of_html(&html));
        }
        Extent::Outline => {
            for heading in &page.toc {
                text = format!("{text} · {}", heading.title);
            }
        }
    }
    Ok(text)
}

fn names(terms: &[Term], ids: &[TermId]) -> Vec<String> {
    ids.iter()
        .map(|&id| terms[id as usize].name.clone())
        .collect()
}

/// Stands for everything that the documents are made of.
fn key(corpus: &Corpus, config: &Config, extent: Extent) -> Fingerprint {
    let posts: Vec<_> = corpus
        .posts
        .iter()
        .map(|entry| {
            let post = &entry.post;
            // A site whose outline alone is searched is not indexed anew for every word.
            let text = match extent {
                Extent::FullText => (Some(post.body.hash), 0),
                Extent::Outline => (None, post.body.outline),
            };
            let terms = (
                names(&corpus.categories, &entry.categories),
                names(&corpus.tags, &entry.tags),
            );
            (
                &entry.path,
                &post.title,
                &post.description,
                entry.date,
                text,
                terms,
            )
        })
        .collect();
    let markdown = format!("{:?}", config.markdown);
    Fingerprint::of(&(&config.language, format!("{extent:?}"), markdown, posts))
}
