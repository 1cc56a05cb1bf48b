//! Decides what is searched on a site, and makes its posts into documents for the index.

use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use crate::cache::{Bodies, Cache, Fingerprint};
use crate::config::{Config, Extent};
use crate::corpus::{Corpus, Entry, Term, TermId};
use crate::error::Result;
use crate::render::{Renderer, links};
use crate::search::{self, Document, File};
use crate::text::plain::collapsed;

/// Name of the cache entry with the last index.
const ENTRY: &str = "search";

/// Returns the files of the search index, or none for a site without search.
///
/// # Errors
///
/// Returns an error if the index cannot be made or a body cannot be read.
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
    let documents = documents(corpus, bodies, extent)?;
    let files = search::index(&config.language, documents)?;
    cache.put(ENTRY, &(key, &files));
    Ok(files)
}

/// The index of a preview, which is made only when a reader searches.
#[derive(Debug, Default)]
pub struct Index(Mutex<Option<(Fingerprint, Arc<Vec<File>>)>>);

impl Index {
    /// Returns the files of a site's index, or none for a site without search.
    ///
    /// # Errors
    ///
    /// Returns an error if the index cannot be made or a body cannot be read.
    pub fn of(&self, site: &Renderer) -> Result<Arc<Vec<File>>> {
        let (corpus, config) = (site.corpus(), site.config());
        let Some(extent) = config.search.extent(corpus.posts.len()) else {
            return Ok(Arc::default());
        };
        let key = key(corpus, config, extent);
        // Other requests wait here, and then find the same index.
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, files)) = &*last
            && *known == key
        {
            return Ok(Arc::clone(files));
        }
        let documents = documents(corpus, site.bodies(), extent)?;
        let files = Arc::new(search::index(&config.language, documents)?);
        *last = Some((key, Arc::clone(&files)));
        Ok(files)
    }
}

/// Makes the documents, oldest first. A new post then leaves the bundles of the others unchanged.
fn documents(corpus: &Corpus, bodies: &Bodies, extent: Extent) -> Result<Vec<Document>> {
    let entries = corpus.posts.par_iter().rev();
    entries
        .map(|entry| Ok(document(entry, text(entry, bodies, extent)?, corpus)))
        .collect()
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
        language: post.language.clone(),
    }
}

/// Returns the description of a post with its text or its headings.
///
/// A description that the text repeats is left out, because a result would show it twice.
fn text(entry: &Entry, bodies: &Bodies, extent: Extent) -> Result<String> {
    let page = bodies.page(&entry.post.body)?;
    let mut text = entry.post.description.clone();
    match extent {
        Extent::FullText => {
            // Only the text matters, so addresses are left out.
            let html = page.html.fill::<&str>(&[]);
            let body = search::text::of_html(&html);
            text = if repeats(&body, &text) {
                body
            } else {
                format!("{text} {body}")
            };
        }
        Extent::Outline => {
            for heading in &page.toc {
                text = format!("{text} · {}", heading.title);
            }
        }
    }
    Ok(text)
}

/// Returns whether a text contains a description, apart from the mark that it was cut.
fn repeats(text: &str, description: &str) -> bool {
    let description = collapsed(description);
    let uncut = description.trim_end_matches(['…', '.', ' ']);
    !uncut.is_empty() && memchr::memmem::find(text.as_bytes(), uncut.as_bytes()).is_some()
}

fn names(terms: &[Term], ids: &[TermId]) -> Vec<String> {
    ids.iter()
        .map(|&id| terms[id as usize].name.clone())
        .collect()
}

/// Returns a fingerprint of everything that the documents are made of.
fn key(corpus: &Corpus, config: &Config, extent: Extent) -> Fingerprint {
    let posts: Vec<_> = corpus
        .posts
        .iter()
        .map(|entry| {
            let post = &entry.post;
            // A site that searches only headings need not be indexed again when other text changes.
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
                &post.language,
                text,
                terms,
            )
        })
        .collect();
    // These settings change the text, for example its quotes.
    let markdown = format!("{:?}", config.markdown);
    Fingerprint::of(&(&config.language, format!("{extent:?}"), markdown, posts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn description_of_the_text_is_known_in_it() {
        let text = "Title first. A cache is a promise, which is kept for a while. More.";
        for description in [
            "A cache is a promise, which is kept for a while.",
            "A cache is a promise,  which is…",
            "A cache is a promise, which ...",
        ] {
            assert!(repeats(text, description), "{description}");
        }
        for description in ["", "…", "Another sentence."] {
            assert!(!repeats(text, description), "{description}");
        }
    }
}
