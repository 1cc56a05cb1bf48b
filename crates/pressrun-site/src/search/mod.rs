//! Builds the search index: documents in, files out that Pagefind's script reads in a browser.
//!
//! `words` finds the words of a text, `postings` collects where they occur, `language_index`
//! writes the files of one language, and `script` has the script and the languages that it knows.
//! The files are the same bytes on any number of threads.
//!
//! Not here: which text of a post is searched and when the index is rebuilt (`pipeline`), and the
//! page with the search box (`templates/search.html`, `static/search.js`).

mod cbor;
mod language_index;
mod postings;
mod script;
pub mod text;
mod words;

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use serde::{Deserialize, Serialize};

use self::language_index::index_language;

use crate::error::{Result, SystemError};

/// Folder of the index, from the root of the published site.
pub const FOLDER: &str = "/pagefind/";

/// The script that reads the index.
pub const SCRIPT: &str = "/pagefind/pagefind.js";

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
/// Returns an error if a file of the index cannot be written to memory.
pub fn build_search_index(
    language: &str,
    mut documents: Vec<SearchDocument>,
) -> Result<Vec<IndexFile>> {
    let mut seen = HashSet::new();
    documents.retain(|document| seen.insert(document.path.clone()));
    let mut languages: BTreeMap<String, Vec<SearchDocument>> = BTreeMap::new();
    for document in documents {
        let language = document.language.as_deref().unwrap_or(language);
        // The script looks up the language of the page in lower case.
        let language = languages.entry(language.to_lowercase()).or_default();
        language.push(document);
    }
    let mut files: Vec<IndexFile> = script::COMMON
        .iter()
        .map(|&(name, bytes)| common_file(name, bytes))
        .collect();
    let mut entries = BTreeMap::new();
    for (language, documents) in languages {
        let index = index_language(&language, documents).map_err(|error| {
            SystemError::new("create the search index", Path::new(FOLDER), error)
        })?;
        if index.pages == 0 {
            continue;
        }
        let program = script::stemming(script::base_language(&language));
        if let Some((_, program)) = program {
            files.push(common_file(&format!("wasm.{language}.pagefind"), program));
        }
        files.extend(index.files);
        let entry = LanguageEntry {
            hash: index.name,
            wasm: program.map(|_| language.clone()),
            page_count: index.pages,
        };
        entries.insert(language, entry);
    }
    let entry = ScriptEntry {
        version: script::VERSION,
        languages: entries,
        include_characters: words::CONNECTORS,
    };
    let entry = serde_json::to_vec(&entry).expect("an entry is texts and numbers");
    files.push(common_file("pagefind-entry.json", &entry));
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// `pagefind-entry.json`, the file that the script reads first.
#[derive(Serialize)]
struct ScriptEntry {
    version: &'static str,
    languages: BTreeMap<String, LanguageEntry>,
    include_characters: [char; 10],
}

/// Where the index of a language is.
#[derive(Serialize)]
struct LanguageEntry {
    hash: String,
    /// Language of the program that finds the stems of words.
    wasm: Option<String>,
    page_count: usize,
}

fn common_file(name: &str, bytes: &[u8]) -> IndexFile {
    IndexFile {
        path: format!("{FOLDER}{name}"),
        bytes: bytes.to_owned(),
    }
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
    fn script_is_that_of_the_release() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/search/script");
        let files = walkdir::WalkDir::new(folder).sort_by_file_name();
        let files = files.into_iter().map(|entry| entry.unwrap().into_path());
        let mut hasher = blake3::Hasher::new();
        for file in files.filter(|path| {
            path.extension()
                .is_some_and(|end| end == "js" || end == "gz")
        }) {
            hasher.update(&std::fs::read(file).unwrap());
        }
        // After a change of the version: the new hash, and all that README.md names.
        assert_eq!(hasher.finalize().to_hex()[..16], *"6924c72e751beb3f");
    }

    #[test]
    fn texts_of_several_documents_share_a_file() {
        let files = build_search_index("en", documents()).unwrap();
        let fragments = paths(&files)
            .iter()
            .filter(|path| path.contains("/fragment/"))
            .count();
        assert_eq!(fragments, 40 / 8);
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
