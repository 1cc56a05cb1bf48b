//! What is searched of a site: its posts as documents for the index.

use std::path::Path;

use rayon::prelude::*;

use crate::config::{Config, Extent};
use crate::corpus::{Corpus, Entry, Term, TermId};
use crate::error::Result;
use crate::markdown::{self, AsWritten};
use crate::render::{links, markdown_options};
use crate::search::{self, Document, File};

/// The files of the search index of the site at `root`; none for a site without search.
pub(super) fn files(root: &Path, corpus: &Corpus, config: &Config) -> Result<Vec<File>> {
    let Some(extent) = config.search.extent(corpus.posts.len()) else {
        return Ok(Vec::new());
    };
    search::files(root, &key(corpus, config, extent), &config.language, || {
        // Oldest first: a new post then leaves the bundles of the others as they are.
        let entries = corpus.posts.par_iter().rev();
        entries
            .map(|entry| document(entry, corpus, config, extent))
            .collect()
    })
}

fn document(entry: &Entry, corpus: &Corpus, config: &Config, extent: Extent) -> Document {
    let post = &entry.post;
    Document {
        path: links::encoded(&entry.path),
        title: post.title.clone(),
        text: text(entry, config, extent),
        date: post.date.map(|date| date.to_string()),
        categories: names(&corpus.categories, &entry.categories),
        tags: names(&corpus.tags, &entry.tags),
    }
}

/// The description of a post, and its text or its headings.
fn text(entry: &Entry, config: &Config, extent: Extent) -> String {
    let options = markdown::Options {
        highlight: false,
        ..markdown_options(&config.markdown)
    };
    let rendered = markdown::render(&entry.post.body, &options, &AsWritten);
    let mut text = entry.post.description.clone();
    match extent {
        Extent::FullText => text = format!("{text} {}", search::text::of_html(&rendered.html)),
        Extent::Outline => {
            for heading in &rendered.toc {
                text = format!("{text} · {}", heading.title);
            }
        }
    }
    text
}

fn names(terms: &[Term], ids: &[TermId]) -> Vec<String> {
    ids.iter()
        .map(|&id| terms[id as usize].name.clone())
        .collect()
}

/// A hash of everything that the documents are made of.
fn key(corpus: &Corpus, config: &Config, extent: Extent) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    let mut add = |part: &str| {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    };
    add(env!("CARGO_PKG_VERSION"));
    add(&config.language);
    add(&format!("{extent:?} {:?}", config.markdown));
    for entry in &corpus.posts {
        let post = &entry.post;
        let date = post.date.map(|date| date.to_string());
        for part in [&entry.path, &post.title, &post.description, &post.body] {
            add(part);
        }
        add(&date.unwrap_or_default());
        for name in names(&corpus.categories, &entry.categories) {
            add(&name);
        }
        add("");
        for name in names(&corpus.tags, &entry.tags) {
            add(&name);
        }
        add("");
    }
    hasher.finalize()
}
