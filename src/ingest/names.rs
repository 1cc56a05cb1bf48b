//! Assigns names that no file in the folder has.

use std::collections::{HashMap, HashSet};

use pressrun_posts::post::slug;

use super::folder::{self, TargetFolder};

/// Most bytes of a slug. File names have at most 255 bytes on most systems, and a date, a number
/// and an extension are added. A limit in characters would not be enough: 80 characters of some
/// scripts take 320 bytes.
const MAX_BYTES: usize = 200;

/// The names that are taken.
#[derive(Debug, Default)]
pub(super) struct TakenNames {
    taken: HashSet<String>,
    /// For each name that was wanted twice, the next number to try.
    numbers: HashMap<String, u32>,
}

impl TakenNames {
    /// Returns the names of all files in a folder, including those of others.
    pub(super) fn taken_in(folder: &TargetFolder) -> Self {
        let mut taken: HashSet<String> = folder.foreign.iter().cloned().collect();
        for ours in &folder.ours {
            taken.insert(ours.written.slug.clone());
            taken.extend(folder::reserved_slugs(&ours.path));
        }
        Self {
            taken,
            numbers: HashMap::new(),
        }
    }

    /// Reserves a free slug, and returns it together with the slug that was wanted.
    ///
    /// The second post that wants a slug gets `-2`, the third `-3`, and so on: the smallest free
    /// number.
    pub(super) fn reserve(&mut self, slug: &str) -> (String, String) {
        let wanted = make_safe_slug(slug);
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

/// Makes a slug that is safe in a file name from any text.
fn make_safe_slug(text: &str) -> String {
    let mut slug = slug::make_portable(&slug::slugify(text)).into_owned();
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
        let folder = TargetFolder {
            foreign: taken.iter().map(|&name| name.to_owned()).collect(),
            ..TargetFolder::default()
        };
        let mut names = TakenNames::taken_in(&folder);
        let given: Vec<String> = wanted.iter().map(|slug| names.reserve(slug).0).collect();
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
        let mut names = TakenNames::default();
        let (slug, _) = names.reserve(&"𐌰".repeat(80));
        assert_eq!(slug, "𐌰".repeat(50));
    }
}
