//! Finds files whose names say that their texts are translations: `ferry.de.md` beside `ferry.md`, as
//! in Hugo and Zola.
//!
//! A name alone shows nothing: `hello.pl.md` may be about Perl. So the file needs another one beside
//! it whose name differs in the language only. Folders such as `de/` say nothing: posts of one name
//! in two of them may be about different things.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use pressrun_locale::names::is_known_language;
use pressrun_text::language::is_tag;
use serde::{Deserialize, Serialize};

use super::SourceFile;

/// The file extensions of files that hold one text each.
const ENDINGS: [&str; 4] = ["md", "markdown", "mdx", "txt"];

/// What the name of a file says about its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NamedTranslation {
    /// The BCP 47 tag of its language, if the name has one.
    pub(crate) language: Option<String>,
    /// What the names of all its translations have in common: the path without language and
    /// extension.
    pub(crate) key: String,
}

/// Returns what names say, by the paths of their files.
pub(super) fn find_named_translations(files: &[SourceFile]) -> HashMap<Arc<str>, NamedTranslation> {
    let of_language = |file: &SourceFile| {
        let (key, tag) = split_language(split_ending(&file.path)?)?;
        Some((key.to_owned(), tag.replace('_', "-")))
    };
    // Hardly any site has such a name, so the others are looked at only if there is one.
    let named: Vec<Option<(String, String)>> = files.iter().map(of_language).collect();
    let keys: HashSet<&str> = named.iter().flatten().map(|(key, _)| &**key).collect();
    if keys.is_empty() {
        return HashMap::new();
    }
    let bare = |file: &SourceFile| {
        let key = keys.get(split_ending(&file.path)?)?;
        Some((*key).to_owned())
    };
    let found: Vec<Option<NamedTranslation>> = files
        .iter()
        .zip(&named)
        .map(|(file, named)| match named {
            Some((key, tag)) => Some(NamedTranslation {
                language: Some(tag.clone()),
                key: key.clone(),
            }),
            None => Some(NamedTranslation {
                language: None,
                key: bare(file)?,
            }),
        })
        .collect();
    let mut languages: HashMap<&str, HashSet<Option<String>>> = HashMap::new();
    for one in found.iter().flatten() {
        let language = one.language.as_ref().map(|tag| tag.to_ascii_lowercase());
        languages.entry(&one.key).or_default().insert(language);
    }
    let has_several = |one: &NamedTranslation| languages[&*one.key].len() > 1;
    let tied: Vec<bool> = found
        .iter()
        .map(|one| one.as_ref().is_some_and(has_several))
        .collect();
    let found = files.iter().zip(found).zip(tied);
    found
        .filter(|(_, is_tied)| *is_tied)
        .filter_map(|((file, one), _)| Some((Arc::clone(&file.path), one?)))
        .collect()
}

/// Returns the path of a file of one text without its extension.
fn split_ending(path: &str) -> Option<&str> {
    let (stem, ending) = path.rsplit_once('.')?;
    let mut known = ENDINGS.iter();
    known
        .any(|known| ending.eq_ignore_ascii_case(known))
        .then_some(stem)
}

/// Splits the tag of a language from the end of a path.
fn split_language(stem: &str) -> Option<(&str, &str)> {
    let (key, tag) = stem.rsplit_once('.')?;
    let is_name = !key.is_empty() && !key.ends_with('/');
    (is_name && is_tag(tag) && is_known_language(tag)).then_some((key, tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks which files are tied: each as `path=key language`.
    #[track_caller]
    fn check(paths: &[&str], expected: &[&str]) {
        let files: Vec<SourceFile> = paths
            .iter()
            .map(|path| SourceFile {
                path: (*path).into(),
                location: path.into(),
                stamp: None,
            })
            .collect();
        let found = find_named_translations(&files);
        let found: Vec<String> = paths
            .iter()
            .filter_map(|path| {
                let one = found.get(*path)?;
                let language = one.language.as_deref().unwrap_or("-");
                Some(format!("{path}={} {language}", one.key))
            })
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn names_that_differ_in_the_language_only_are_translations() {
        check(
            &[
                "a/ferry.de.md",
                "a/ferry.md",
                "a/ferry.pt_br.txt",
                "b/ferry.md",
            ],
            &[
                "a/ferry.de.md=a/ferry de",
                "a/ferry.md=a/ferry -",
                "a/ferry.pt_br.txt=a/ferry pt-br",
            ],
        );
        check(
            &["pier/index.en.md", "pier/index.zh-Hans.mdx"],
            &[
                "pier/index.en.md=pier/index en",
                "pier/index.zh-Hans.mdx=pier/index zh-Hans",
            ],
        );
    }

    #[test]
    fn name_without_another_beside_it_says_nothing() {
        check(&["hello.pl.md", "other.md"], &[]);
        check(&["a/ferry.de.md", "b/ferry.md"], &[]);
        check(&["ferry.de.md", "ferry.DE.txt"], &[]);
    }

    #[test]
    fn what_is_no_language_says_nothing() {
        check(&["node.js.md", "node.md", "asp.net.md", "asp.md"], &[]);
        check(&["v1.2.md", "v1.md", ".de.md", "a/.de.md", "a/.md"], &[]);
        check(
            &["batch.de.jsonl", "batch.jsonl", "ferry.de.json", "ferry.md"],
            &[],
        );
    }
}
