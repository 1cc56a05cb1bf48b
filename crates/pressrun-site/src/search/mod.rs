//! Builds the search index: documents in, files out that Pagefind's script reads in a browser.
//!
//! This module is the only one that uses Pagefind. It always adds the same documents in the same
//! order, so the files are the same bytes on any number of threads.
//!
//! Not here: which text of a post is searched and when the index is rebuilt (`pipeline`), and the
//! page with the search box (`templates/search.html`, `static/search.js`).

pub mod text;

use std::collections::{BTreeMap, HashSet};
use std::io;
use std::path::Path;

use pagefind::api::{PagefindIndex, SyntheticFile};
use pagefind::options::PagefindServiceConfig;
use serde::{Deserialize, Serialize};

use crate::error::{Result, SystemError};

/// Folder of the index, from the root of the published site.
pub const FOLDER: &str = "/pagefind/";

/// The script that reads the index.
pub const SCRIPT: &str = "/pagefind/pagefind.js";

/// Files of Pagefind's bundle that are not published: its own user interfaces, which the theme does
/// not use.
const UNUSED: [&str; 7] = [
    "pagefind-component-ui.css",
    "pagefind-component-ui.js",
    "pagefind-highlight.js",
    "pagefind-modular-ui.css",
    "pagefind-modular-ui.js",
    "pagefind-ui.css",
    "pagefind-ui.js",
];

/// Number of documents whose texts share a file of the index.
///
/// A browser fetches the texts of the results it shows. One file for each document would mean
/// thousands of small files, each with compression tables of its own. With this number, a result
/// costs a few kilobytes more.
const BUNDLE: usize = 8;

/// What search knows about one page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SearchDocument {
    /// Path of the page from the root of the site, percent-encoded.
    pub path: String,
    /// Title in plain text.
    pub title: String,
    /// Plain text that is searched besides the title, and shown in results.
    pub text: String,
    /// Date of publication, as `2026-11-20`.
    pub date: Option<String>,
    /// Names of its categories.
    pub categories: Vec<String>,
    /// Names of its tags.
    pub tags: Vec<String>,
    /// BCP 47 tag of its language; `None` if it is the language of the index.
    pub language: Option<String>,
}

/// A file of the index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexFile {
    /// Path from the root of the published site, starting with `/`.
    pub path: String,
    /// Contents of the file.
    pub bytes: Vec<u8>,
}

/// Builds the index of documents. `language` is the BCP 47 tag of documents that state no language.
/// Pagefind builds a separate index for each language, because word forms differ.
///
/// If several documents have the same path, the first is used.
///
/// # Errors
///
/// Returns an error if Pagefind cannot build the index.
pub fn build_search_index(
    language: &str,
    documents: Vec<SearchDocument>,
) -> Result<Vec<IndexFile>> {
    let failed = |message: String| {
        let error = io::Error::other(message);
        SystemError::new("create the search index", Path::new(FOLDER), error)
    };
    // Pagefind panics without a working folder, which may have been removed by now.
    std::env::current_dir()
        .map_err(|error| failed(format!("the current folder does not exist: {error}")))?;
    // Pagefind's interface is asynchronous but never waits, so one thread is enough.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .map_err(|error| failed(error.to_string()))?;
    let files = runtime
        .block_on(pagefind_files(language, documents))
        .map_err(|error| failed(error.to_string()))?;
    let mut files: Vec<IndexFile> = files
        .into_iter()
        .map(|file| IndexFile {
            path: format!("{FOLDER}{}", crate::fs::path_with_slashes(&file.filename)),
            bytes: file.contents,
        })
        .filter(|file| !UNUSED.contains(&&file.path[FOLDER.len()..]))
        .collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

async fn pagefind_files(
    language: &str,
    mut documents: Vec<SearchDocument>,
) -> std::result::Result<Vec<SyntheticFile>, Box<dyn std::error::Error + Send + Sync>> {
    // Two identical documents would make Pagefind look for an unused name forever.
    let mut seen = HashSet::new();
    documents.retain(|document| seen.insert(document.path.clone()));
    // Pagefind spreads the documents over at most this many files.
    let bundles = documents.len().div_ceil(BUNDLE) as u32;
    let options = PagefindServiceConfig::builder()
        .max_fragments(bundles)
        .build();
    let mut index = PagefindIndex::new(Some(options))?;
    for document in documents {
        let meta = [("title", Some(document.title)), ("date", document.date)];
        let meta: BTreeMap<String, String> = meta
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)))
            .collect();
        let filters = [("category", document.categories), ("tag", document.tags)];
        let language = document.language.as_deref().unwrap_or(language);
        let filters: BTreeMap<String, Vec<String>> = filters
            .into_iter()
            .filter(|(_, values)| !values.is_empty())
            .map(|(name, values)| (name.to_owned(), values))
            .collect();
        index
            .add_custom_record(
                document.path,
                document.text,
                // Pagefind's script looks up the language of the page in lower case.
                language.to_lowercase(),
                Some(meta),
                Some(filters),
                None,
            )
            .await?;
    }
    Ok(index.get_files().await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn documents() -> Vec<SearchDocument> {
        let words = ["cache", "queue", "naïve", "C++", "foo_bar", "example.com"];
        (0..40)
            .map(|number| SearchDocument {
                path: format!("/posts/{number}/"),
                title: format!("Title {number} of <b>{}</b>", words[number % 6]),
                text: words[..=number % 6].join(" and ").repeat(number),
                date: Some("2026-11-20".to_owned()),
                categories: vec!["News".to_owned()],
                tags: vec![format!("tag {}", number % 3), "all".to_owned()],
                language: None,
            })
            .collect()
    }

    fn paths(files: &[IndexFile]) -> Vec<&str> {
        files.iter().map(|file| file.path.as_str()).collect()
    }

    #[test]
    fn same_documents_give_the_same_bytes_on_any_number_of_threads() {
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
            let pool = pool.build().unwrap();
            pool.install(|| build_search_index("en", documents()).unwrap())
        };
        let one = on(1);
        assert!(one == on(4) && one == on(4));
    }

    #[test]
    fn index_holds_what_the_script_asks_for_and_no_interface() {
        let files = build_search_index("zh-Hant", documents()).unwrap();
        let paths = paths(&files);
        for needed in [
            "/pagefind/pagefind.js",
            "/pagefind/pagefind-worker.js",
            "/pagefind/pagefind-entry.json",
            "/pagefind/wasm.unknown.pagefind",
        ] {
            assert!(paths.contains(&needed), "{needed}: {paths:#?}");
        }
        assert!(
            !paths.iter().any(|path| path.contains("-ui.")),
            "{paths:#?}"
        );
        let entry = files.iter().find(|f| f.path.ends_with("-entry.json"));
        let entry = String::from_utf8(entry.unwrap().bytes.clone()).unwrap();
        assert!(entry.contains("zh-hant"), "{entry}");
    }

    #[test]
    fn each_language_has_an_index_of_its_own() {
        let mut documents = documents();
        documents[3].language = Some("de".to_owned());
        let files = build_search_index("en", documents).unwrap();
        let entry = files.iter().find(|f| f.path.ends_with("-entry.json"));
        let entry: serde_json::Value = serde_json::from_slice(&entry.unwrap().bytes).unwrap();
        let pages = |language: &str| entry["languages"][language]["page_count"].as_u64();
        assert_eq!(pages("de"), Some(1), "{entry}");
        assert!(pages("en") > Some(30), "{entry}");
    }

    #[test]
    fn texts_of_several_documents_share_a_file() {
        let files = build_search_index("en", documents()).unwrap();
        let fragments = paths(&files)
            .iter()
            .filter(|path| path.contains("/fragment/"))
            .count();
        assert_eq!(fragments, 40 / BUNDLE);
    }

    #[test]
    fn no_documents_and_equal_documents_do_no_harm() {
        assert!(!build_search_index("en", Vec::new()).unwrap().is_empty());
        let twice = [documents(), documents()].concat();
        assert!(
            build_search_index("en", twice).unwrap()
                == build_search_index("en", documents()).unwrap()
        );
    }
}
