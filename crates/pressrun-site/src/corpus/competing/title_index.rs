//! Finds the post that a title would compete with, before there is a post of that title.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use pressrun_text::words::make_title_key;

use super::MOST_COMPARED;
use super::subject::{PhraseKey, TitleSubject, WordId, WordIds, phrase_length};
use super::subjects_agree;

/// The posts of a site by what their titles target.
#[derive(Default)]
pub struct TitleIndex {
    lexicon: WordIds,
    subjects: Vec<TitleSubject>,
    /// The first post with each title key.
    titles: HashMap<String, u32>,
    phrases: HashMap<PhraseKey, PhrasePosts>,
    /// For each word, how many posts say it.
    counts: Vec<u32>,
}

/// The posts whose titles contain a phrase.
#[derive(Default)]
struct PhrasePosts {
    count: u32,
    /// The first ones.
    first: Vec<u32>,
}

impl TitleIndex {
    /// Adds the next post. Posts are numbered in the order in which they are added.
    pub fn add_post(&mut self, title: &str, description: &str, language: &str) {
        let subject = TitleSubject::from_texts(title, description, language, &mut self.lexicon);
        let post = self.subjects.len() as u32;
        if let Entry::Vacant(entry) = self.titles.entry(make_title_key(title)) {
            entry.insert(post);
        }
        for (phrase, _) in subject.phrases() {
            let posts = self.phrases.entry(phrase).or_default();
            posts.count += 1;
            if posts.first.len() < MOST_COMPARED {
                posts.first.push(post);
            }
        }
        for &word in &subject.says {
            let word = word as usize;
            if self.counts.len() <= word {
                self.counts.resize(word + 1, 0);
            }
            self.counts[word] += 1;
        }
        self.subjects.push(subject);
    }

    /// Returns the numbers of the posts that cover a title: first the one with the same title, then
    /// those that target the same phrase.
    pub fn find_posts(&mut self, title: &str, language: &str) -> Vec<usize> {
        let key = make_title_key(title);
        let same = self.titles.get(&key).filter(|_| !key.is_empty());
        let mut found: Vec<usize> = same.map(|&post| post as usize).into_iter().collect();
        let subject = TitleSubject::from_texts(title, "", language, &mut self.lexicon);
        let mut phrases: Vec<PhraseKey> = subject.phrases().map(|(phrase, _)| phrase).collect();
        phrases.sort_by_key(|phrase| std::cmp::Reverse(phrase_length(phrase)));
        // A phrase of more titles than this is too common on the site to be a target.
        let most = self.subjects.len().isqrt().max(3) as u32;
        let most_posts = (self.subjects.len() / 10).max(3) as u32;
        let counts = &self.counts;
        let is_common = |word: WordId| {
            counts
                .get(word as usize)
                .is_some_and(|&count| count > most_posts)
        };
        for phrase in phrases {
            let Some(posts) = self
                .phrases
                .get(&phrase)
                .filter(|posts| posts.count <= most)
            else {
                continue;
            };
            for &post in &posts.first {
                let other = &self.subjects[post as usize];
                if !found.contains(&(post as usize))
                    && subjects_agree(&subject, other, &phrase, is_common)
                    && says_rest(other, &subject, &phrase)
                {
                    found.push(post as usize);
                }
            }
        }
        found
    }
}

/// Returns whether a post says half of what a title says besides a phrase. A title that says more is
/// about a part of the subject.
fn says_rest(post: &TitleSubject, title: &TitleSubject, phrase: &PhraseKey) -> bool {
    let rest = title.says.iter().filter(|word| !phrase.1.contains(word));
    let (said, all) = rest.fold((0, 0), |(said, all), word| {
        (
            said + usize::from(post.says.binary_search(word).is_ok()),
            all + 1,
        )
    });
    2 * said >= all
}

impl std::fmt::Debug for TitleIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TitleIndex of {} posts", self.subjects.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(posts: &[(&str, &str)], title: &str, expected: &[usize]) {
        let mut index = TitleIndex::default();
        for (title, description) in posts {
            index.add_post(title, description, "en");
        }
        assert_eq!(index.find_posts(title, "en"), expected, "{title}");
    }

    #[test]
    fn same_title_covers_a_topic() {
        check(&[("Rain", ""), ("Tea", "")], "tea!", &[1]);
        check(&[("How to Brew Tea", "")], "How to brew tea", &[0]);
        check(&[("Tea", "")], "", &[]);
    }

    #[test]
    fn same_target_covers_a_topic() {
        let post = ("Managed WordPress Hosting Explained", "Backups and speed.");
        check(
            &[("Rain", ""), post],
            "The ultimate guide to managed WordPress hosting",
            &[1],
        );
    }

    #[test]
    fn other_subject_or_version_is_not_covered() {
        check(
            &[("WordPress Hosting Security", "")],
            "WordPress hosting migration",
            &[],
        );
        check(&[("Upgrading to PHP 7", "")], "Upgrading to PHP 8", &[]);
        check(
            &[("Growing Tomatoes on a Balcony", "")],
            "Growing herbs on a balcony",
            &[],
        );
    }

    #[test]
    fn part_of_a_subject_is_not_covered_by_the_whole() {
        check(&[("Green Tea", "")], "Green tea ceremony", &[]);
        let post = ("Green Tea", "The ceremony, the leaves and the cups.");
        check(&[post], "Green tea ceremony", &[0]);
    }

    #[test]
    fn phrase_of_many_titles_covers_nothing() {
        let posts = [
            ("Web Hosting Prices", ""),
            ("Web Hosting Laws", ""),
            ("Web Hosting Jobs", ""),
            ("Web Hosting History", ""),
        ];
        check(&posts, "Web hosting", &[]);
    }
}
