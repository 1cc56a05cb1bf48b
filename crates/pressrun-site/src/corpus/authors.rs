//! Who wrote each post: the names that posts state, as `[authors]` of `site.toml` spells them.
//!
//! An author who is not in the table has only a name. A name that is nearly one of the table gets a
//! note.

use std::collections::{HashMap, HashSet};

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace, quote_for_message};
use pressrun_posts::post::Post;

use super::CorpusPost;
use crate::cache::StoredBody;
use crate::config::{Config, name_key};

/// The maximum number of authors of one post. The page of each shows all of them.
const MOST_AUTHORS: usize = 100;

/// Names with fewer characters are not compared: too many of them differ in one letter.
const SHORTEST_COMPARED: usize = 4;

/// Names with more characters are not compared, because that would take too long.
const LONGEST_COMPARED: usize = 60;

/// With this many characters, two of them may differ.
const LONG_NAME: usize = 8;

/// Finds the authors of posts.
pub(super) struct AuthorLookup<'a> {
    config: &'a Config,
    /// The name as it is shown, and its key, of each name that was asked for.
    known: HashMap<&'a str, (&'a str, String)>,
}

impl<'a> AuthorLookup<'a> {
    pub(super) fn new(config: &'a Config) -> Self {
        Self {
            config,
            known: HashMap::new(),
        }
    }

    /// Returns the authors of a post, each once: those that it states, otherwise the author of the
    /// site. Only the first 100 that it states count.
    pub(super) fn list_authors(&mut self, post: &'a Post<StoredBody>) -> Vec<&'a str> {
        let config = self.config;
        let stated = match post.authors.as_slice() {
            [] => config.author.name.as_slice(),
            stated => stated,
        };
        let mut keys = HashSet::with_capacity(stated.len());
        let mut names = Vec::with_capacity(stated.len());
        for name in stated.iter().take(MOST_AUTHORS) {
            let (shown, key) = self.known.entry(name).or_insert_with(|| {
                let profile = config.authors.find(name);
                let shown = profile.map_or(name.as_str(), |profile| &profile.name);
                (shown, name_key(shown))
            });
            if keys.insert(key.clone()) {
                names.push(*shown);
            }
        }
        names
    }
}

/// Returns whether a site names its authors: one of its posts states who wrote it.
pub(super) fn are_named<'p>(mut posts: impl Iterator<Item = &'p Post<StoredBody>>) -> bool {
    posts.any(|post| !post.authors.is_empty())
}

/// Records the authors of every post, if the site names them. Returns a note for each name that is
/// nearly one of the table.
pub(super) fn record_authors(entries: &mut [CorpusPost], config: &Config) -> Vec<Diagnostic> {
    if !are_named(entries.iter().map(|entry| &*entry.post)) {
        return Vec::new();
    }
    let posts: Vec<_> = entries.iter().map(|entry| entry.post.clone()).collect();
    let mut lookup = AuthorLookup::new(config);
    for (entry, post) in entries.iter_mut().zip(&posts) {
        let names = lookup.list_authors(post).into_iter();
        entry.author_names = names.map(str::to_owned).collect();
    }
    let mut near: HashMap<&str, Option<&str>> = HashMap::new();
    let mut notes = Vec::new();
    for post in &posts {
        for name in post.authors.iter().take(MOST_AUTHORS) {
            let known = near.entry(name).or_insert_with(|| find_near(name, config));
            notes.extend(known.map(|known| report_near_miss(post, name, known)));
        }
    }
    notes
}

/// Returns the key or name of the table that an unknown name is nearly the same as.
fn find_near<'c>(name: &str, config: &'c Config) -> Option<&'c str> {
    let compared = SHORTEST_COMPARED..=LONGEST_COMPARED;
    let key = name_key(name);
    let length = key.chars().count();
    if config.authors.find(name).is_some() || !compared.contains(&length) {
        return None;
    }
    let most = if length < LONG_NAME { 1 } else { 2 };
    let known = config.authors.iter();
    known
        .flat_map(|profile| [profile.key.as_str(), profile.name.as_str()])
        .filter(|known| compared.contains(&known.chars().count()))
        .map(|known| (strsim::osa_distance(&key, &name_key(known)), known))
        .filter(|(distance, _)| *distance <= most)
        .min()
        .map(|(_, known)| known)
}

fn report_near_miss(post: &Post<StoredBody>, name: &str, known: &str) -> Diagnostic {
    let place = FilePlace::line(post.source.file.clone(), post.source.line);
    let message = format!(
        "the author {} is not in `[authors]`",
        quote_for_message(name)
    );
    Diagnostic::new(Code::UnknownAuthor, place, message)
        .with_help(format!("did you mean {}?", quote_for_message(known)))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    const TABLE: &str =
        "[author]\nname = 'The House'\n[authors.jane]\nname = 'Jane Doe'\n[authors.kim]\n";

    /// Checks the recorded authors of each post, and what is said of them.
    #[track_caller]
    fn check(stated: &[&[&str]], expected: &[&[&str]], notes: &[&str]) {
        let config = Config::parse(TABLE).unwrap();
        let entry = |names: &&[&str]| {
            let post = Post {
                authors: names.iter().map(|&name| name.to_owned()).collect(),
                ..Post::default()
            };
            CorpusPost {
                post: Arc::new(post),
                ..CorpusPost::default()
            }
        };
        let mut entries: Vec<CorpusPost> = stated.iter().map(entry).collect();
        let found = record_authors(&mut entries, &config);
        let names: Vec<&[String]> = entries.iter().map(|entry| &*entry.author_names).collect();
        assert_eq!(names, expected);
        let found = found.into_iter().map(|note| note.help.unwrap());
        assert_eq!(found.collect::<Vec<_>>(), notes);
    }

    #[test]
    fn authors_are_stated_by_key_or_by_name_and_each_counts_once() {
        check(
            &[&["JANE", "Jane Doe", "Someone"], &["kim"], &[]],
            &[&["Jane Doe", "Someone"], &["kim"], &["The House"]],
            &[],
        );
    }

    #[test]
    fn only_the_first_hundred_authors_of_a_post_count() {
        let config = Config::default();
        let post = Post {
            authors: (0..1000).map(|number| number.to_string()).collect(),
            ..Post::default()
        };
        let authors = AuthorLookup::new(&config).list_authors(&post);
        assert_eq!((authors.len(), authors[99]), (100, "99"));
    }

    #[test]
    fn site_whose_posts_state_no_authors_names_none() {
        check(&[&[], &[]], &[&[], &[]], &[]);
    }

    #[test]
    fn author_who_is_nearly_one_of_the_table_gets_a_note() {
        let mean = |name| format!("did you mean `{name}`?");
        check(
            &[
                &["jnae"],
                &["Jane Do"],
                &["June Foe"],
                &["Kin"],
                &["Joan Dover"],
            ],
            &[
                &["jnae"],
                &["Jane Do"],
                &["June Foe"],
                &["Kin"],
                &["Joan Dover"],
            ],
            &[&mean("jane"), &mean("Jane Doe"), &mean("Jane Doe")],
        );
    }
}
