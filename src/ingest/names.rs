//! Gives posts names that no file of the folder has.

use std::collections::{HashMap, HashSet};

use super::folder::{self, Folder};
use crate::post::slug;

/// Bytes of a slug. Names of files have 255 on most systems, and there a date, a number and an
/// ending are added; 80 letters of some scripts would be 320 bytes.
const MAX_BYTES: usize = 200;

/// The names that are taken.
#[derive(Debug, Default)]
pub(super) struct Names {
    taken: HashSet<String>,
    /// The next number to try after each name that was wanted twice.
    numbers: HashMap<String, u32>,
}

impl Names {
    /// The names that the files of a folder have, whoever wrote them.
    pub(super) fn taken_in(folder: &Folder) -> Self {
        let mut taken: HashSet<String> = folder.foreign.iter().cloned().collect();
        for ours in &folder.ours {
            taken.insert(ours.written.slug.clone());
            taken.extend(folder::names(&ours.path));
        }
        Self {
            taken,
            numbers: HashMap::new(),
        }
    }

    /// A slug that is free from now on no more, and the one that was wanted.
    ///
    /// The second post that wants a slug gets `-2`, the third `-3`: the smallest free number.
    pub(super) fn give(&mut self, slug: &str) -> (String, String) {
        let wanted = safe(slug);
        if self.taken.insert(wanted.clone()) {
            return (wanted.clone(), wanted);
        }
        let number = self.numbers.entry(wanted.clone()).or_insert(2);
        loop {
            let slug = format!("{wanted}-{number}");
            *number += 1;
            if self.taken.insert(slug.clone()) {
                return (slug, wanted);
            }
        }
    }
}

/// A slug that may be part of a file name, whatever was given.
fn safe(text: &str) -> String {
    let mut slug = slug::portable(&slug::slugify(text)).into_owned();
    while slug.len() > MAX_BYTES || slug.ends_with('-') {
        slug.pop();
    }
    if slug.is_empty() {
        slug.push_str(slug::FALLBACK);
    }
    slug
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(taken: &[&str], wanted: &[&str], expected: &[&str]) {
        let folder = Folder {
            foreign: taken.iter().map(|&name| name.to_owned()).collect(),
            ..Folder::default()
        };
        let mut names = Names::taken_in(&folder);
        let given: Vec<String> = wanted.iter().map(|slug| names.give(slug).0).collect();
        assert_eq!(given, expected);
    }

    #[test]
    fn second_post_gets_the_smallest_free_number() {
        check(&[], &["a", "a", "b", "a"], &["a", "a-2", "b", "a-3"]);
        check(&["a", "a-3"], &["a", "a", "a"], &["a-2", "a-4", "a-5"]);
        check(&[], &["a-2", "a", "a"], &["a-2", "a", "a-3"]);
    }

    #[test]
    fn name_is_never_a_path_or_too_long() {
        check(&[], &["../x", "/", "a/b"], &["x", "post", "a-b"]);
        let mut names = Names::default();
        let (slug, _) = names.give(&"𐌰".repeat(80));
        assert_eq!(slug, "𐌰".repeat(50));
    }
}
