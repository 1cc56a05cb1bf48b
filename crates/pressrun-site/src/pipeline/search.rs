//! Decides what is searched on a site, and makes its posts into documents for the index.

use std::sync::{Arc, Mutex, PoisonError};

use pressrun_text::plain::collapse_white_space;
use rayon::prelude::*;

use crate::cache::{BodyStore, BuildCache, Fingerprint};
use crate::config::{Config, SearchExtent};
use crate::corpus::{Corpus, CorpusPost, CorpusTerm, Taxonomy, TermId};
use crate::error::Result;
use crate::render::{SiteRenderer, links};
use crate::search::{self, IndexFile, SearchDocument};

/// Name of the cache entry with the last index.
const ENTRY: &str = "search";

/// Returns the files of the search index, or none for a site without search.
///
/// # Errors
///
/// Returns an error if the index cannot be made or a body cannot be read.
pub(super) fn index_files(
    corpus: &Corpus,
    bodies: &BodyStore,
    config: &Config,
    cache: &BuildCache,
) -> Result<Vec<IndexFile>> {
    let Some(extent) = config.search.extent(corpus.posts.len()) else {
        return Ok(Vec::new());
    };
    let key = index_fingerprint(corpus, config, extent);
    match cache.get_entry::<(Fingerprint, Vec<IndexFile>)>(ENTRY) {
        Some((known, files)) if known == key => return Ok(files),
        _ => {}
    }
    let documents = make_search_documents(corpus, bodies, extent)?;
    let files = search::build_search_index(&config.language, documents)?;
    cache.put_entry(ENTRY, &(key, &files));
    Ok(files)
}

/// The index of a preview, which is made only when a reader searches.
#[derive(Debug, Default)]
pub struct PreviewIndex(Mutex<Option<(Fingerprint, Arc<Vec<IndexFile>>)>>);

impl PreviewIndex {
    /// Returns the files of a site's index, or none for a site without search.
    ///
    /// # Errors
    ///
    /// Returns an error if the index cannot be made or a body cannot be read.
    pub fn files_of(&self, site: &SiteRenderer) -> Result<Arc<Vec<IndexFile>>> {
        let (corpus, config) = (site.corpus(), site.config());
        let Some(extent) = config.search.extent(corpus.posts.len()) else {
            return Ok(Arc::default());
        };
        let key = index_fingerprint(corpus, config, extent);
        // Other requests wait here, and then find the same index.
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, files)) = &*last
            && *known == key
        {
            return Ok(Arc::clone(files));
        }
        let documents = make_search_documents(corpus, site.bodies(), extent)?;
        let files = Arc::new(search::build_search_index(&config.language, documents)?);
        *last = Some((key, Arc::clone(&files)));
        Ok(files)
    }
}

/// Makes the documents, oldest first. A new post then leaves the bundles of the others unchanged.
fn make_search_documents(
    corpus: &Corpus,
    bodies: &BodyStore,
    extent: SearchExtent,
) -> Result<Vec<SearchDocument>> {
    // Pages come first, so that a new post leaves their bundles unchanged too.
    let pages = corpus.pages.iter().map(|page| &page.text);
    let entries: Vec<&CorpusPost> = pages.chain(corpus.posts.iter().rev()).collect();
    entries
        .into_par_iter()
        .map(|entry| {
            Ok(make_search_document(
                entry,
                searched_text(entry, bodies, corpus, extent)?,
                corpus,
            ))
        })
        .collect()
}

fn make_search_document(entry: &CorpusPost, text: String, corpus: &Corpus) -> SearchDocument {
    let post = &entry.post;
    SearchDocument {
        path: links::encode_rooted_path(&entry.path),
        title: post.title.clone(),
        text,
        date: entry.date.map(|date| date.day.to_string()),
        categories: term_names(&corpus.categories, &entry.categories),
        tags: term_names(&corpus.tags, &entry.tags),
        language: post.language.clone(),
    }
}

/// Returns the description of a post with its text or its headings, and the names of its authors and
/// its series.
///
/// A description that the text repeats is left out, because a result would show it twice.
fn searched_text(
    entry: &CorpusPost,
    bodies: &BodyStore,
    corpus: &Corpus,
    extent: SearchExtent,
) -> Result<String> {
    let page = bodies.read_page(&entry.post.body)?;
    let mut text = entry.post.description.clone();
    match extent {
        SearchExtent::FullText => {
            // Only the text matters, so addresses are left out.
            let html = page.html.fill_addresses::<&str>(&[]);
            let body = search::text::html_to_text(&html);
            text = if repeats(&body, &text) {
                body
            } else {
                format!("{text} {body}")
            };
        }
        SearchExtent::Outline => {
            for heading in &page.toc {
                text = format!("{text} · {}", heading.title);
            }
        }
    }
    for name in names_beside_text(entry, corpus) {
        text = format!("{text} · {name}");
    }
    Ok(text)
}

/// Returns the names of authors and of the series that the page of a post shows.
fn names_beside_text<'c>(
    entry: &'c CorpusPost,
    corpus: &'c Corpus,
) -> impl Iterator<Item = &'c str> {
    let shown = [Taxonomy::Authors, Taxonomy::Series].into_iter();
    let shown = shown.filter(|&taxonomy| corpus.has_pages(taxonomy));
    shown.flat_map(move |taxonomy| {
        let ids = entry.terms(taxonomy).iter();
        ids.map(move |&id| corpus.terms(taxonomy)[id as usize].name.as_str())
    })
}

/// Returns whether a text contains a description, apart from the mark that it was cut.
fn repeats(text: &str, description: &str) -> bool {
    let description = collapse_white_space(description);
    let uncut = description.trim_end_matches(['…', '.', ' ']);
    !uncut.is_empty() && memchr::memmem::find(text.as_bytes(), uncut.as_bytes()).is_some()
}

fn term_names(terms: &[CorpusTerm], ids: &[TermId]) -> Vec<String> {
    ids.iter()
        .map(|&id| terms[id as usize].name.clone())
        .collect()
}

/// Returns a fingerprint of everything that the documents are made of.
fn index_fingerprint(corpus: &Corpus, config: &Config, extent: SearchExtent) -> Fingerprint {
    let pages = corpus.pages.iter().map(|page| &page.text);
    let posts: Vec<_> = corpus
        .posts
        .iter()
        .chain(pages)
        .map(|entry| {
            let post = &entry.post;
            // A site that searches only headings need not be indexed again when other text changes.
            let text = match extent {
                SearchExtent::FullText => (Some(post.body.hash), 0),
                SearchExtent::Outline => (None, post.body.outline),
            };
            let terms = (
                term_names(&corpus.categories, &entry.categories),
                term_names(&corpus.tags, &entry.tags),
                names_beside_text(entry, corpus).collect::<Vec<_>>(),
            );
            (
                &entry.path,
                &post.title,
                &post.description,
                entry.date.map(|date| date.day),
                &post.language,
                text,
                terms,
            )
        })
        .collect();
    // These settings change the text, for example its quotes.
    Fingerprint::of_value(&(&config.language, extent, &config.markdown, posts))
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
