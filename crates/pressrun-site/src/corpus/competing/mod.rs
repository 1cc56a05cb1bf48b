//! Finds posts that compete: their titles target the same search phrase, so search engines have to
//! choose between them.
//!
//! A phrase is two to four neighbouring words of a title, in any order. Stop words and words that
//! frame titles ("The Ultimate Guide to ...") do not count. Posts compete if they have a phrase in
//! common, if the words shared by their titles are at least half of each title, and if the other
//! words of titles and descriptions agree as well. A phrase that too many titles of the site have
//! is ignored.
//!
//! Only posts with a rare phrase in common are compared, so the time grows with the number of
//! posts, not with the number of pairs. Groups are only reported.
//!
//! Not here: posts with similar texts, whatever their titles (`corpus::clusters`).

mod subject;
mod title_index;

use std::cmp::Reverse;

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace, quote_for_message};
use pressrun_posts::post::{Originality, Post};
use pressrun_text::words::make_plain_title_key;

use super::{Corpus, CorpusPost, PostId};
use crate::cache::StoredBody;
pub use title_index::TitleIndex;

use subject::{PhraseKey, TitleSubject, WordId, WordIds, phrase_length};

/// Posts that target the same phrase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompetingPosts {
    /// The phrase in lower case, as the title of the first post has it.
    pub phrase: String,
    /// Two or more posts, the original first.
    pub posts: Vec<PostId>,
}

/// The maximum number of posts of one phrase that each post is compared with.
///
/// If this many differ from each other, the phrase is not a search target.
const MOST_COMPARED: usize = 16;

/// Returns the groups of competing posts, the largest first, then by phrase.
///
/// No post is in two groups. `language` returns the language of a post; posts in different
/// languages do not compete.
pub fn find_competing<'c>(
    corpus: &'c Corpus,
    language: impl Fn(&'c CorpusPost) -> &'c str,
) -> Vec<CompetingPosts> {
    let mut lexicon = WordIds::default();
    let subjects: Vec<TitleSubject> = corpus
        .posts
        .iter()
        .map(|entry| TitleSubject::from_post(&entry.post, language(entry), &mut lexicon))
        .collect();
    let aims = collect_target_phrases(&subjects);
    let mut groups = CompetingGroups::new(&subjects);
    for aim in &aims {
        groups.group_posts_of(aim);
    }
    let mut found: Vec<CompetingPosts> = groups
        .all
        .iter()
        .map(|group| group.collect_competing_posts(corpus, &subjects))
        .collect();
    found.sort_by(|a, b| {
        let order = |one: &CompetingPosts| Reverse(one.posts.len());
        (order(a), &a.phrase, &a.posts).cmp(&(order(b), &b.phrase, &b.posts))
    });
    found
}

/// Returns a note for each post of a group except the first.
pub fn note_competing(corpus: &Corpus, found: &[CompetingPosts]) -> Vec<Diagnostic> {
    let mut notes = Vec::new();
    for competing in found {
        let Some((&first, later)) = competing.posts.split_first() else {
            continue;
        };
        let first = &corpus.posts[first as usize].post;
        for &id in later {
            notes.push(note_competing_post(
                &corpus.posts[id as usize].post,
                first,
                competing,
            ));
        }
    }
    notes
}

fn note_competing_post(
    post: &Post<StoredBody>,
    first: &Post<StoredBody>,
    competing: &CompetingPosts,
) -> Diagnostic {
    let phrase = quote_for_message(&competing.phrase);
    let others = match competing.posts.len() - 2 {
        0 => String::new(),
        1 => " and one other post".to_owned(),
        others => format!(" and {others} other posts"),
    };
    let message = format!(
        "{} targets the phrase {phrase}, and so does {} in {}{others}",
        quote_for_message(&post.title),
        quote_for_message(&first.title),
        first.source.file
    );
    let place = FilePlace::line(post.source.file.clone(), post.source.line);
    Diagnostic::new(Code::CompetingPosts, place, message)
        .with_help("merge the posts, or give each a phrase of its own")
}

/// A phrase and the posts whose titles contain it.
struct TargetPhrase {
    phrase: PhraseKey,
    posts: Vec<PostId>,
}

/// Returns the phrases that several titles contain, but not too many. Longer phrases go first, then
/// more frequent ones.
fn collect_target_phrases(subjects: &[TitleSubject]) -> Vec<TargetPhrase> {
    // A phrase in more titles than this is too common on the site to be a target.
    let most = subjects.len().isqrt().max(3);
    let mut pairs: Vec<(PhraseKey, PostId)> = Vec::new();
    for (id, subject) in (0..).zip(subjects) {
        pairs.extend(subject.phrases().map(|(phrase, _)| (phrase, id)));
    }
    pairs.sort_unstable();
    pairs.dedup();
    let runs = pairs.chunk_by(|a, b| a.0 == b.0);
    let mut aims: Vec<TargetPhrase> = runs
        .filter(|run| (2..=most).contains(&run.len()))
        .map(|run| TargetPhrase {
            phrase: run[0].0,
            posts: run.iter().map(|&(_, id)| id).collect(),
        })
        .collect();
    aims.sort_by_key(|aim| {
        (
            Reverse(phrase_length(&aim.phrase)),
            Reverse(aim.posts.len()),
            aim.phrase,
        )
    });
    aims
}

/// Posts that share a phrase, each of which agrees with at least one other.
struct CompetingGroup {
    posts: Vec<PostId>,
    /// The phrases that all of them contain.
    shared: Vec<PhraseKey>,
}

/// The groups found so far.
struct CompetingGroups<'s> {
    subjects: &'s [TitleSubject],
    /// For each word, whether it is so common that agreeing on it means nothing.
    common: Vec<bool>,
    /// The group of each post, as an index into `all`.
    of_posts: Vec<Option<usize>>,
    all: Vec<CompetingGroup>,
}

impl<'s> CompetingGroups<'s> {
    fn new(subjects: &'s [TitleSubject]) -> Self {
        let says = || subjects.iter().flat_map(|subject| &subject.says);
        let words = says().max().map_or(0, |&word| word as usize + 1);
        let mut posts = vec![0; words];
        says().for_each(|&word| posts[word as usize] += 1);
        // A word of more than a tenth of the posts is common.
        let most = (subjects.len() / 10).max(3);
        Self {
            subjects,
            common: posts.into_iter().map(|posts| posts > most).collect(),
            of_posts: vec![None; subjects.len()],
            all: Vec::new(),
        }
    }

    /// Groups the posts of one phrase that agree with each other.
    fn group_posts_of(&mut self, aim: &TargetPhrase) {
        let mut known: Vec<PostId> = Vec::new();
        for &post in &aim.posts {
            let group = self.of_posts[post as usize];
            // A post stays in its first group, and takes part only if all of that group has the
            // phrase.
            if group.is_some_and(|group| !self.all[group].shared.contains(&aim.phrase)) {
                continue;
            }
            for &other in &known {
                let grouped = |post: PostId| self.of_posts[post as usize].is_some();
                match (grouped(post), grouped(other)) {
                    (false, _) if self.agree(post, other, &aim.phrase) => self.join(other, post),
                    (true, false) if self.agree(post, other, &aim.phrase) => self.join(post, other),
                    // Two groups are never merged.
                    _ => {}
                }
            }
            if known.len() < MOST_COMPARED {
                known.push(post);
            }
        }
    }

    fn agree(&self, a: PostId, b: PostId, phrase: &PhraseKey) -> bool {
        let (a, b) = (&self.subjects[a as usize], &self.subjects[b as usize]);
        subjects_agree(a, b, phrase, |word| self.common[word as usize])
    }

    /// Adds `post` to the group of `other`, which is created if `other` is in none.
    fn join(&mut self, other: PostId, post: PostId) {
        let group = *self.of_posts[other as usize].get_or_insert_with(|| {
            let shared = self.subjects[other as usize].phrases();
            self.all.push(CompetingGroup {
                posts: vec![other],
                shared: shared.map(|(phrase, _)| phrase).collect(),
            });
            self.all.len() - 1
        });
        self.of_posts[post as usize] = Some(group);
        let own: Vec<PhraseKey> = self.subjects[post as usize]
            .phrases()
            .map(|(phrase, _)| phrase)
            .collect();
        let group = &mut self.all[group];
        group.posts.push(post);
        group.shared.retain(|phrase| own.contains(phrase));
    }
}

/// Returns whether two posts with a common phrase both target it.
///
/// The words shared by the titles must be at least half of each title, and half of the other words
/// of the shorter post must be in the other post too. Posts about two versions of a product do not
/// agree. A comparison targets everything it compares, so all words of its title must be shared.
/// Agreeing on a word that `is_common` means nothing.
fn subjects_agree(
    a: &TitleSubject,
    b: &TitleSubject,
    phrase: &PhraseKey,
    is_common: impl Fn(WordId) -> bool,
) -> bool {
    let versions = !a.numbers.is_empty() && !b.numbers.is_empty() && a.numbers != b.numbers;
    if versions || !a.aims_with(b) || !b.aims_with(a) {
        return false;
    }
    let rest = |one: &TitleSubject| -> Vec<WordId> {
        let words = one.says.iter().copied();
        words
            .filter(|word| !phrase.1.contains(word) && !is_common(*word))
            .collect()
    };
    let (a, b) = (rest(a), rest(b));
    // Both lists are sorted, so one merge counts the common words.
    let mut others = b.iter().peekable();
    let mut both = 0;
    for word in &a {
        while others.next_if(|other| *other < word).is_some() {}
        both += usize::from(others.peek() == Some(&word));
    }
    2 * both >= a.len().min(b.len())
}

impl CompetingGroup {
    /// Returns the group with its longest phrase, in the words of its first post.
    fn collect_competing_posts(
        &self,
        corpus: &Corpus,
        subjects: &[TitleSubject],
    ) -> CompetingPosts {
        let mut posts = self.posts.clone();
        posts.sort_by_cached_key(|&id| {
            let entry = &corpus.posts[id as usize];
            Originality::new(entry.moment(), &entry.post.source)
        });
        let first = posts[0] as usize;
        let title = make_plain_title_key(&corpus.posts[first].post.title);
        let words: Vec<&str> = title.split(' ').collect();
        let subject = &subjects[first];
        // The longest phrase; if there are several, the first one in the title.
        let shared = subject
            .phrases()
            .filter(|(phrase, _)| self.shared.contains(phrase))
            .min_by_key(|(phrase, range)| (Reverse(phrase_length(phrase)), range.start));
        let phrase = shared.map_or_else(String::new, |(_, range)| {
            let (start, end) = (subject.title[range.start].1, subject.title[range.end - 1].1);
            words[start..=end].join(" ")
        });
        CompetingPosts { phrase, posts }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use pressrun_posts::post::{Date, PostSource};

    use super::*;

    /// Creates a corpus of posts with titles and descriptions, newest first.
    fn corpus(posts: &[(&str, &str)]) -> Corpus {
        let entry = |(at, (title, description)): (usize, &(&str, &str))| CorpusPost {
            post: Arc::new(Post {
                source: PostSource {
                    file: format!("{at}.txt").into(),
                    line: 1,
                    index: 0,
                },
                title: (*title).to_owned(),
                description: (*description).to_owned(),
                ..Post::default()
            }),
            date: Some(Date::constant(2026, 1, 28 - (at % 28) as i8).into()),
            ..CorpusPost::default()
        };
        Corpus {
            posts: posts.iter().enumerate().map(entry).collect(),
            ..Corpus::default()
        }
    }

    #[track_caller]
    fn check(posts: &[(&str, &str)], expected: &[(&str, &[PostId])]) {
        let found = find_competing(&corpus(posts), |_| "en");
        let found: Vec<(&str, &[PostId])> = found
            .iter()
            .map(|one| (&*one.phrase, &*one.posts))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn titles_with_one_aim_compete() {
        check(
            &[
                (
                    "The Ultimate Guide to Managed WordPress Hosting",
                    "What managed hosts do for speed and backups.",
                ),
                ("Growing Tomatoes on a Balcony", "Pots, soil and sun."),
                (
                    "10 Best Managed WordPress Hosts in 2026",
                    "Which hosts are worth it.",
                ),
                (
                    "Managed WordPress Hosting Explained",
                    "Backups, speed and support of managed hosts.",
                ),
            ],
            &[("managed wordpress", &[3, 2, 0])],
        );
    }

    #[test]
    fn order_plurals_and_little_words_do_not_count() {
        check(
            &[
                ("Backups for Small Websites", "Where to keep them."),
                ("Small Website Backup: Tips and Tricks", "How to keep them."),
            ],
            &[("small website backup", &[1, 0])],
        );
    }

    #[test]
    fn same_phrase_about_different_things_does_not_compete() {
        check(
            &[
                (
                    "WordPress Hosting Security",
                    "Keep attackers out of the login page.",
                ),
                (
                    "WordPress Hosting Migration",
                    "Move a shop over night, with its domain.",
                ),
            ],
            &[],
        );
    }

    #[test]
    fn description_that_is_missing_is_nothing_in_common() {
        check(
            &[
                ("WordPress Hosting Security", ""),
                ("WordPress Hosting Migration", ""),
            ],
            &[],
        );
    }

    #[test]
    fn versions_of_a_thing_do_not_compete() {
        check(
            &[
                ("Upgrading to PHP 7", "Extensions that went away."),
                (
                    "Upgrading to PHP 8",
                    "Extensions that went away, and attributes.",
                ),
            ],
            &[],
        );
    }

    #[test]
    fn comparison_competes_with_the_same_comparison_only() {
        check(
            &[
                (
                    "Shared Hosting vs VPS Hosting",
                    "Price, performance and control.",
                ),
                (
                    "VPS Hosting vs Dedicated Servers",
                    "Price, performance and control.",
                ),
                (
                    "VPS or Shared Hosting: Which Is Right?",
                    "Control, performance, price.",
                ),
            ],
            &[("vps or shared hosting", &[2, 0])],
        );
    }

    #[test]
    fn group_grows_by_posts_that_agree_with_one_of_it() {
        check(
            &[
                ("Web Hosting Providers", "Price, bandwidth."),
                (
                    "Best Web Hosting for Small Businesses",
                    "Price, support, uptime.",
                ),
                (
                    "Web Hosting Providers for Small Business",
                    "Price, support.",
                ),
            ],
            &[("web hosting", &[2, 1, 0])],
        );
    }

    #[test]
    fn phrase_of_many_titles_does_not_count() {
        let title = |at| format!("Web Hosting {}", ["Prices", "Laws", "Jobs", "History"][at]);
        let titles: Vec<String> = (0..4).map(title).collect();
        let posts: Vec<(&str, &str)> = titles.iter().map(|title| (&**title, "")).collect();
        check(&posts, &[]);
    }

    #[test]
    fn posts_of_two_languages_do_not_compete() {
        let posts = corpus(&[("Cloud Server", ""), ("Cloud Server", "")]);
        let file = |entry: &'_ CorpusPost| entry.post.source.file.starts_with('0');
        assert_eq!(
            find_competing(&posts, |entry| if file(entry) { "en" } else { "de" }),
            []
        );
        assert_eq!(find_competing(&posts, |_| "en").len(), 1);
    }

    #[test]
    fn later_posts_are_reported_with_the_first() {
        let corpus = corpus(&[("Cloud Server Prices", ""), ("Prices of Cloud Servers", "")]);
        let notes = note_competing(&corpus, &find_competing(&corpus, |_| "en"));
        assert_eq!(notes.len(), 1);
        assert_eq!(notes[0].place.to_string(), "0.txt:1");
        assert_eq!(
            notes[0].message,
            "`Cloud Server Prices` targets the phrase `prices of cloud servers`, and so does \
             `Prices of Cloud Servers` in 1.txt"
        );
    }

    #[test]
    fn site_without_posts_has_none() {
        check(&[], &[]);
    }
}
