//! Derives tags and categories for posts without them, from the rest of the site.
//!
//! A tag of the site fits a post that is about all words of the tag. If too few tags fit, keywords
//! of the text are added, first those that several posts share. A category of the closed list fits
//! a post that is about the same words as the posts that have it.
//!
//! Tags and categories given by an author are never changed. Derived ones are never treated as
//! given: they are not used to derive others, and are not part of the vocabulary.

use std::collections::{BTreeMap, HashMap};

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace, quote_for_message};
use pressrun_posts::post::{FieldSource, Post, tag};
use pressrun_text::similarity::{SubjectCount, subjects};
use rayon::prelude::*;

use super::weights::WordWeights;
use super::{CorpusPost, DerivedTerms};
use crate::cache::StoredBody;

/// The maximum number of tags that a post gets.
const MOST_TAGS: usize = 5;

/// With this many tags of the site, no keywords are added.
const ENOUGH_TAGS: usize = 3;

/// On a site of at least this many posts, a keyword of more than a fifth of them is dropped.
const MANY_POSTS: usize = 20;

/// The maximum number of words that describe a category.
const CATEGORY_WORDS: usize = 64;

/// Added to the similarity if a post is about all words in the name of the category.
const NAMED: f32 = 0.25;

/// The minimum similarity (cosine) of a post and its category.
const LEAST: f32 = 0.12;

/// The factor by which the best category must be better than the second.
const CLEARLY: f32 = 1.2;

/// Returns what is derived for each post that needs it. `allowed` is the closed list of categories.
pub(super) fn derive_terms(
    entries: &[CorpusPost],
    weights: &WordWeights,
    allowed: &[String],
) -> Vec<DerivedTerms> {
    let vocabulary = TagVocabulary::from_posts(entries, weights);
    let keywords = KeywordCounts::from_posts(entries);
    let categories = CategoryModels::from_posts(entries, weights, allowed);
    entries
        .par_iter()
        .map(|entry| DerivedTerms {
            tags: needs_tags(&entry.post).then(|| {
                let tags = vocabulary.find_fitting(entry, weights);
                keywords.fill_up(tags, &entry.post)
            }),
            categories: categories
                .as_ref()
                .filter(|_| needs_category(&entry.post))
                .and_then(|categories| categories.find_fitting(entry, weights)),
        })
        .collect()
}

/// Returns a note for each post that got derived tags or a derived category.
pub(super) fn report_derived(entries: &[CorpusPost]) -> impl Iterator<Item = Diagnostic> {
    entries.iter().flat_map(|entry| {
        let post = &entry.post;
        let found = |code, message| {
            let place = FilePlace::line(post.source.file.clone(), post.source.line);
            Diagnostic::new(code, place, message)
        };
        let tags = entry.derived.tags.iter().filter(|tags| !tags.is_empty());
        let tags = tags.map(move |tags| {
            let message = format!(
                "tags were derived from the text: {}",
                quote_for_message(&tags.join(", "))
            );
            found(Code::TagsGenerated, message)
        });
        let category = entry.derived.categories.iter().flatten();
        let category = category.map(move |name| {
            let message = format!(
                "the category {} was derived from the text",
                quote_for_message(name)
            );
            found(Code::CategoryAssigned, message)
        });
        tags.chain(category)
    })
}

/// Returns whether the author gave no tags.
fn needs_tags(post: &Post<StoredBody>) -> bool {
    matches!(post.origins.tags, FieldSource::None | FieldSource::Derived)
}

/// Returns whether the author gave no category, not even one that was dropped.
fn needs_category(post: &Post<StoredBody>) -> bool {
    post.origins.categories == FieldSource::None
}

/// The tags given by authors, indexed by their rarest word.
struct TagVocabulary<'e> {
    by_word: HashMap<u32, Vec<(&'e str, Vec<u32>)>>,
}

impl<'e> TagVocabulary<'e> {
    fn from_posts(entries: &'e [CorpusPost], weights: &WordWeights) -> Self {
        let mut by_word: HashMap<u32, Vec<(&str, Vec<u32>)>> = HashMap::new();
        if entries.iter().any(|entry| needs_tags(&entry.post)) {
            let given = entries.iter().filter(|entry| !needs_tags(&entry.post));
            // Sorted by name, so that the result does not depend on the order of the posts.
            let names: BTreeMap<&str, &CorpusPost> = given
                .flat_map(|entry| entry.post.tags.iter().map(move |tag| (tag.as_str(), entry)))
                .collect();
            for (name, entry) in names {
                let language = entry.post.language.as_deref().unwrap_or_default();
                let words = subjects::subject_numbers(name, language);
                // A post that is about the tag has its rarest word too, so looking at that word
                // finds the tag.
                let rarest = words
                    .iter()
                    .min_by_key(|&&word| (weights.posts_with(word), word));
                if let Some(&rarest) = rarest {
                    by_word.entry(rarest).or_default().push((name, words));
                }
            }
        }
        Self { by_word }
    }

    /// Returns the tags that fit a post, best first.
    fn find_fitting(&self, entry: &CorpusPost, weights: &WordWeights) -> Vec<String> {
        let own = &entry.post.body.profile().subjects;
        let mut found: Vec<(u32, &str)> = Vec::new();
        for subject in own {
            for (name, words) in self.by_word.get(&subject.word()).into_iter().flatten() {
                let weights = words.iter().map(|&word| {
                    // One mention is not enough, and one missing word makes the whole sum `None`.
                    let subject = find_subject(own, word).filter(|subject| subject.count() > 1)?;
                    Some(weights.weigh_subject(subject))
                });
                if let Some(weight) = weights.sum::<Option<u32>>() {
                    found.push((weight, name));
                }
            }
        }
        found.sort_unstable_by_key(|&(weight, name)| (std::cmp::Reverse(weight), name));
        let mut tags = TagList::default();
        for (_, name) in found {
            tags.add(name);
        }
        tags.names
    }
}

/// Returns the subject of a post for a word, if the post has it.
fn find_subject(subjects: &[SubjectCount], word: u32) -> Option<SubjectCount> {
    let at = subjects.partition_point(|subject| subject.word() < word);
    subjects
        .get(at)
        .copied()
        .filter(|subject| subject.word() == word)
}

/// A limited list of tags without two spellings of one tag.
#[derive(Default)]
struct TagList {
    names: Vec<String>,
    keys: Vec<String>,
}

impl TagList {
    fn add(&mut self, name: &str) {
        let key = tag::tag_key(name);
        if self.names.len() < MOST_TAGS && !self.keys.contains(&key) {
            self.names.push(name.to_owned());
            self.keys.push(key);
        }
    }
}

/// The number of posts for each keyword, by the key of the keyword.
struct KeywordCounts {
    posts_with: HashMap<String, usize>,
    posts: usize,
}

impl KeywordCounts {
    fn from_posts(entries: &[CorpusPost]) -> Self {
        let mut posts_with = HashMap::new();
        for entry in entries.iter().filter(|entry| needs_tags(&entry.post)) {
            for keyword in &entry.post.tags {
                *posts_with.entry(tag::tag_key(keyword)).or_default() += 1;
            }
        }
        Self {
            posts_with,
            posts: entries.len(),
        }
    }

    /// Adds keywords of the text if there are too few tags.
    fn fill_up(&self, names: Vec<String>, post: &Post<StoredBody>) -> Vec<String> {
        let mut tags = TagList::default();
        for name in names {
            tags.add(&name);
        }
        let count = |name: &String| {
            self.posts_with
                .get(&tag::tag_key(name))
                .copied()
                .unwrap_or(1)
        };
        let says_something = |count: usize| self.posts < MANY_POSTS || count * 5 <= self.posts;
        let shared = |name: &&String| count(name) > 1 && says_something(count(name));
        for name in post.tags.iter().filter(shared) {
            if tags.names.len() < ENOUGH_TAGS {
                tags.add(name);
            }
        }
        // Nothing shared: keywords of this post alone are better than no tags.
        if tags.names.is_empty() {
            let own = post.tags.iter().filter(|name| count(name) == 1);
            own.take(ENOUGH_TAGS).for_each(|name| tags.add(name));
        }
        tags.names
    }
}

/// The categories of the closed list, each described by the words of its posts.
struct CategoryModels<'c> {
    names: Vec<CategoryModel<'c>>,
}

struct CategoryModel<'c> {
    name: &'c str,
    /// The words of the name.
    words: Vec<u32>,
    /// The words of its posts with their weights, as a vector of length 1.
    subjects: HashMap<u32, f32>,
}

impl<'c> CategoryModels<'c> {
    /// Returns `None` if there is no closed list, or no post needs a category.
    fn from_posts(
        entries: &[CorpusPost],
        weights: &WordWeights,
        allowed: &'c [String],
    ) -> Option<Self> {
        let needed = entries.iter().any(|entry| needs_category(&entry.post));
        if allowed.is_empty() || !needed {
            return None;
        }
        let mut sums: HashMap<&str, HashMap<u32, u32>> = HashMap::new();
        for entry in entries {
            let own = &entry.post.body.profile().subjects;
            for name in &entry.post.categories {
                let sums = sums.entry(name).or_default();
                for (word, weight) in weights.select_strongest(own, CATEGORY_WORDS) {
                    *sums.entry(word).or_default() += weight;
                }
            }
        }
        let category = |name: &'c String| CategoryModel {
            name,
            // Without a language there are no stop words, so every word of the name counts.
            words: subjects::subject_numbers(name, ""),
            subjects: sums
                .get(name.as_str())
                .map(make_unit_vector)
                .unwrap_or_default(),
        };
        Some(Self {
            names: allowed.iter().map(category).collect(),
        })
    }

    /// Returns the category that fits a post clearly better than the others.
    fn find_fitting(&self, entry: &CorpusPost, weights: &WordWeights) -> Option<Vec<String>> {
        let own = &entry.post.body.profile().subjects;
        let weighed = weights.select_strongest(own, CATEGORY_WORDS);
        let norm = vector_length(weighed.iter().map(|&(_, weight)| weight));
        // The best category and the second best.
        let mut best: [(f32, &str); 2] = [(0.0, ""); 2];
        for category in &self.names {
            let share = |&(word, weight): &(u32, u32)| {
                category
                    .subjects
                    .get(&word)
                    .map_or(0.0, |share| share * weight as f32)
            };
            let is_named = !category.words.is_empty()
                && category
                    .words
                    .iter()
                    .all(|&word| find_subject(own, word).is_some());
            let similarity = weighed.iter().map(share).sum::<f32>() / norm.max(1.0);
            let score = similarity + if is_named { NAMED } else { 0.0 };
            if score > best[0].0 {
                best = [(score, category.name), best[0]];
            } else if score > best[1].0 {
                best[1] = (score, category.name);
            }
        }
        let [(score, name), (next, _)] = best;
        (score >= LEAST && score >= CLEARLY * next).then(|| vec![name.to_owned()])
    }
}

/// Returns the words with the largest sums, as a vector of length 1.
fn make_unit_vector(sums: &HashMap<u32, u32>) -> HashMap<u32, f32> {
    let mut strongest: Vec<(u32, u32)> = sums.iter().map(|(&word, &sum)| (sum, word)).collect();
    strongest.sort_unstable_by_key(|&(sum, word)| (std::cmp::Reverse(sum), word));
    strongest.truncate(CATEGORY_WORDS);
    let norm = vector_length(strongest.iter().map(|&(sum, _)| sum));
    let shares = strongest.into_iter();
    shares
        .map(|(sum, word)| (word, sum as f32 / norm))
        .collect()
}

/// Returns the length of a vector.
fn vector_length(weights: impl Iterator<Item = u32>) -> f32 {
    let squares = weights.map(|weight| u64::from(weight).pow(2)).sum::<u64>();
    (squares as f32).sqrt()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use pressrun_posts::post::FieldSources;
    use pressrun_text::similarity;

    use super::*;

    /// Creates a post with a text and tags, which its author gave or which were derived from the
    /// text.
    fn entry(text: &str, tags: &[&str], origin: FieldSource, category: Option<&str>) -> CorpusPost {
        let mut body = StoredBody::default();
        body.set_profile(similarity::profile_text("", text, "en"));
        CorpusPost {
            post: Arc::new(Post {
                tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
                categories: category.iter().map(|name| (*name).to_owned()).collect(),
                origins: FieldSources {
                    tags: origin,
                    categories: category.map_or(FieldSource::None, |_| FieldSource::Header),
                    ..FieldSources::default()
                },
                body,
                ..Post::default()
            }),
            ..CorpusPost::default()
        }
    }

    fn derived(entries: &[CorpusPost], allowed: &[&str]) -> Vec<DerivedTerms> {
        let allowed: Vec<String> = allowed.iter().map(|name| (*name).to_owned()).collect();
        derive_terms(entries, &WordWeights::from_posts(entries), &allowed)
    }

    const BREAD: &str = "sourdough bread sourdough bread oven flour oven flour";
    const BIKE: &str = "bicycle chain bicycle chain pump saddle pump saddle";

    #[test]
    fn tags_of_the_site_come_before_keywords() {
        let entries = [
            entry(BIKE, &["Bicycles"], FieldSource::Header, None),
            entry("oven", &["Heat"], FieldSource::Header, None),
            entry(
                "nothing",
                &["Sourdough Bread", "Ovens", "Rye"],
                FieldSource::Header,
                None,
            ),
            entry(BREAD, &["flour", "oven"], FieldSource::Derived, None),
            entry(BREAD, &["flour"], FieldSource::Derived, None),
        ];
        let found = derived(&entries, &[]);
        assert_eq!(found[0].tags, None);
        let tags: Vec<String> = ["Sourdough Bread", "Ovens", "flour"]
            .map(String::from)
            .into();
        assert_eq!(found[3].tags.as_ref(), Some(&tags));
    }

    #[test]
    fn keywords_stand_alone_only_if_nothing_else_fits() {
        let entries = [entry(
            BREAD,
            &["a", "b", "c", "d"],
            FieldSource::Derived,
            None,
        )];
        assert_eq!(
            derived(&entries, &[])[0].tags.as_ref().map(Vec::len),
            Some(3)
        );
    }

    #[test]
    fn category_is_that_of_posts_about_the_same() {
        let mut entries = vec![
            entry(BREAD, &[], FieldSource::None, Some("Baking")),
            entry(BIKE, &[], FieldSource::None, Some("Cycling")),
            entry("sourdough flour oven", &[], FieldSource::None, None),
            entry("gardening gardening", &[], FieldSource::None, None),
            entry("mountain", &[], FieldSource::None, None),
        ];
        entries.extend((0..6).map(|number| {
            entry(
                &format!("other{number}"),
                &[],
                FieldSource::None,
                Some("Other"),
            )
        }));
        let allowed = ["Baking", "Cycling", "Other", "Gardening"];
        let found: Vec<_> = derived(&entries, &allowed)
            .into_iter()
            .map(|derived| {
                derived
                    .categories
                    .and_then(|names| names.into_iter().next())
            })
            .collect();
        let name = |name: &str| Some(name.to_owned());
        assert_eq!(
            found[..5],
            [None, None, name("Baking"), name("Gardening"), None]
        );
        assert!(derived(&entries, &[])[2].categories.is_none());
    }
}
