//! Finds related posts: posts with the same rare words and the same rare tags.
//!
//! Posts are compared by their few most significant words ([`WordWeights`]), by the tags that their
//! authors gave, and to a small degree by category. If many posts share a word or tag, only those
//! close in time are compared. So the work grows with the number of posts, not with its square, and
//! a new post changes the related posts of few others.

use std::collections::HashMap;

use rayon::prelude::*;

use super::weights::WordWeights;
use super::{CorpusPost, CorpusTerm, PostId, TermId};

/// The maximum number of related posts on a page.
const SHOWN: usize = 5;

/// The number of words by which a post is compared.
const WORDS: usize = 10;

/// The weight of a tag as a factor of its rarity: the same as for a word with 8 mentions.
const TAG: u32 = 4;

/// If at most this many posts share a word or tag, all of them are compared.
const FEW: usize = 32;

/// Otherwise this many posts before and after the post are compared.
const NEAR: usize = 8;

/// The minimum similarity (cosine) of related posts. Below it, posts share words by chance.
const LEAST: f32 = 0.04;

/// The factor for posts with the same first category.
const SAME_CATEGORY: f32 = 1.15;

/// Returns the related posts of each post, best first; of equal ones the one closer in time goes
/// first.
///
/// The entries must have their terms already.
pub(super) fn find_related(
    entries: &[CorpusPost],
    tags: &[CorpusTerm],
    weights: &WordWeights,
) -> Vec<Vec<PostId>> {
    let features = RelatedFeatures::from_posts(entries, tags, weights);
    (0..entries.len() as PostId)
        .into_par_iter()
        .map_init(
            || RelatedScores::new(entries.len()),
            |scores, id| {
                features.score(id, scores);
                select_best(scores, id, &features)
            },
        )
        .collect()
}

/// The features by which posts are compared, with the posts that have them.
struct RelatedFeatures {
    /// The posts of each word that several posts have, in order, for one word after the other.
    with_word: Vec<FeatureHolder>,
    /// For each post, the ranges of `with_word` with the posts that it is compared with by each of
    /// its words, and its own weight for the word.
    words_of: Vec<Vec<(std::ops::Range<u32>, u32)>>,
    /// The traits of each post.
    traits: Vec<PostTraits>,
    /// The posts to which the author gave a tag, for each tag.
    with_tag: Vec<Vec<PostId>>,
    /// The weight of each tag.
    tag_weights: Vec<u32>,
    /// The tags of each post that the author gave.
    tags_of: Vec<Vec<PlacedTag>>,
}

/// A tag of a post.
#[derive(Clone, Copy)]
struct PlacedTag {
    tag: TermId,
    /// The place of the post among those with the tag.
    place: u32,
}

/// A post that has a feature, and the weight of the feature in that post.
#[derive(Clone, Copy)]
struct FeatureHolder {
    post: PostId,
    weight: u32,
}

impl RelatedFeatures {
    fn from_posts(entries: &[CorpusPost], tags: &[CorpusTerm], weights: &WordWeights) -> Self {
        let words: Vec<Vec<(u32, u32)>> = entries
            .par_iter()
            .map(|entry| weights.select_strongest(&entry.post.body.profile().subjects, WORDS))
            .collect();
        let given = |entry: &CorpusPost| {
            let tags = entry.tags.iter().copied();
            let given = tags.filter(|_| entry.derived.tags.is_none());
            given.map(|tag| PlacedTag { tag, place: 0 }).collect()
        };
        let mut tags_of: Vec<Vec<PlacedTag>> = entries.iter().map(given).collect();
        let mut with_tag: Vec<Vec<PostId>> = vec![Vec::new(); tags.len()];
        for (own, post) in tags_of.iter_mut().zip(0..) {
            for own in own {
                let posts = &mut with_tag[own.tag as usize];
                own.place = posts.len() as u32;
                posts.push(post);
            }
        }
        let tag_weights: Vec<u32> = with_tag
            .iter()
            .map(|posts| TAG * weights.rarity(posts.len() as u32).max(1))
            .collect();
        let length = |(words, tags): (&Vec<(u32, u32)>, &Vec<PlacedTag>)| {
            let words = words
                .iter()
                .map(|&(_, weight)| weight * weight)
                .sum::<u32>();
            let tags = tags.iter().map(|own| tag_weights[own.tag as usize]);
            ((words + tags.map(|weight| weight * weight).sum::<u32>()) as f32).sqrt()
        };
        let traits = collect_traits(entries, words.iter().zip(&tags_of).map(length));
        let (with_word, words_of) = invert_words(&words);
        Self {
            with_word,
            words_of,
            traits,
            with_tag,
            tag_weights,
            tags_of,
        }
    }

    /// Adds up the products of the weights of all features that another post shares with `id`.
    fn score(&self, id: PostId, scores: &mut RelatedScores) {
        scores.clear();
        for (range, own) in &self.words_of[id as usize] {
            for holder in &self.with_word[range.start as usize..range.end as usize] {
                scores.add(holder.post, own * holder.weight);
            }
        }
        for &PlacedTag { tag, place } in &self.tags_of[id as usize] {
            let weight = self.tag_weights[tag as usize];
            let posts = &self.with_tag[tag as usize];
            for &post in &posts[select_near(posts.len(), place as usize)] {
                scores.add(post, weight * weight);
            }
        }
        // A post shares all its features with itself.
        scores.remove(id);
    }
}

/// Inverts the lists of words: returns the posts of each word, and for each post the ranges of
/// those that it is compared with.
#[expect(clippy::type_complexity, reason = "two fields of `Features`")]
fn invert_words(
    words: &[Vec<(u32, u32)>],
) -> (Vec<FeatureHolder>, Vec<Vec<(std::ops::Range<u32>, u32)>>) {
    let mut all: Vec<(u32, PostId, u32)> = (0..)
        .zip(words)
        .flat_map(|(post, own)| own.iter().map(move |&(word, weight)| (word, post, weight)))
        .collect();
    all.par_sort_unstable();
    let mut with_word = Vec::with_capacity(all.len());
    let room = || Vec::with_capacity(WORDS);
    let mut words_of: Vec<_> = std::iter::repeat_with(room).take(words.len()).collect();
    // A word that only one post has relates it to nothing.
    for run in all.chunk_by(|a, b| a.0 == b.0).filter(|run| run.len() > 1) {
        let start = with_word.len() as u32;
        for (place, &(_, post, weight)) in run.iter().enumerate() {
            with_word.push(FeatureHolder { post, weight });
            let near = select_near(run.len(), place);
            let near = start + near.start as u32..start + near.end as u32;
            words_of[post as usize].push((near, weight));
        }
    }
    (with_word, words_of)
}

/// Returns which of the posts with a feature are compared with the one at a place among them: all
/// if they are few, otherwise those close to it in time.
fn select_near(posts: usize, place: usize) -> std::ops::Range<usize> {
    if posts <= FEW {
        return 0..posts;
    }
    // Posts are in order of time, newest first.
    place.saturating_sub(NEAR)..(place + NEAR + 1).min(posts)
}

/// The scores of posts relative to one post. Most are zero, so the others are listed.
struct RelatedScores {
    of_posts: Vec<u32>,
    scored: Vec<PostId>,
}

impl RelatedScores {
    fn new(posts: usize) -> Self {
        Self {
            of_posts: vec![0; posts],
            scored: Vec::new(),
        }
    }

    fn add(&mut self, post: PostId, score: u32) {
        let sum = &mut self.of_posts[post as usize];
        if *sum == 0 && score > 0 {
            self.scored.push(post);
        }
        *sum = sum.saturating_add(score);
    }

    fn remove(&mut self, post: PostId) {
        self.scored.retain(|&other| other != post);
        self.of_posts[post as usize] = 0;
    }

    fn clear(&mut self) {
        for post in self.scored.drain(..) {
            self.of_posts[post as usize] = 0;
        }
    }
}

/// Returns the posts with the best scores.
fn select_best(scores: &RelatedScores, id: PostId, features: &RelatedFeatures) -> Vec<PostId> {
    let own = features.traits[id as usize];
    // The cosine is the score divided by both lengths. Dividing the limit by the own length saves
    // doing it for each score.
    let least = LEAST / own.scale;
    let mut found: Vec<(PostId, f32)> = scores
        .scored
        .iter()
        .map(|&other| (other, features.traits[other as usize]))
        .filter(|(_, other)| own.may_show(other))
        .map(|(id, other)| {
            let score = scores.of_posts[id as usize] as f32 * other.scale;
            let is_same = own.category.is_some() && own.category == other.category;
            (
                id,
                if is_same {
                    score * SAME_CATEGORY
                } else {
                    score
                },
            )
        })
        .filter(|&(_, score)| score >= least)
        .collect();
    // The order is total, so the few posts shown can be selected without sorting the rest.
    let order = |a: &(PostId, f32), b: &(PostId, f32)| {
        let distance = |other: PostId| (other.abs_diff(id), other);
        b.1.total_cmp(&a.1)
            .then_with(|| distance(a.0).cmp(&distance(b.0)))
    };
    if found.len() > SHOWN {
        found.select_nth_unstable_by(SHOWN, order);
        found.truncate(SHOWN);
    }
    found.sort_unstable_by(order);
    found.iter().map(|&(other, _)| other).collect()
}

/// What decides whether a post is shown beside another. Kept together because it is read for each
/// pair.
#[derive(Debug, Clone, Copy)]
struct PostTraits {
    /// The reciprocal of the length of its vector.
    scale: f32,
    category: Option<TermId>,
    cluster: Option<u32>,
    /// The number of its language; 0 is the language of the site.
    language: u16,
    /// Whether another post is shown in its place.
    is_replaced: bool,
}

impl PostTraits {
    /// Returns whether `other` may be shown beside this post: same language, and not a
    /// near-duplicate.
    fn may_show(&self, other: &Self) -> bool {
        let same_text = self.cluster.is_some() && self.cluster == other.cluster;
        self.language == other.language && !same_text && !other.is_replaced
    }
}

/// Returns the traits of each post; `lengths` are the lengths of their vectors.
fn collect_traits(entries: &[CorpusPost], lengths: impl Iterator<Item = f32>) -> Vec<PostTraits> {
    let mut languages: HashMap<&str, u16> = HashMap::new();
    let mut found = Vec::with_capacity(entries.len());
    for (entry, length) in entries.iter().zip(lengths) {
        let language = entry.post.language.as_deref().map_or(0, |language| {
            let next = languages.len() as u16 + 1;
            *languages.entry(language).or_insert(next)
        });
        found.push(PostTraits {
            scale: 1.0 / length.max(1.0),
            category: entry.categories.first().copied(),
            cluster: entry.cluster,
            language,
            is_replaced: entry.canonical.is_some(),
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use pressrun_posts::post::Post;
    use pressrun_text::similarity;

    use super::super::terms;
    use super::super::{CorpusTerm, OwnPaths, Taxonomy};
    use super::*;
    use crate::cache::StoredBody;
    use crate::config::Config;

    /// Creates posts with tags and texts, and other posts that share nothing with them.
    fn entries(posts: &[(&[&str], &str)]) -> Vec<CorpusPost> {
        let others = (0..16).map(|number| (Vec::new(), format!("other{number} thing{number}")));
        let posts = posts.iter().map(|(tags, text)| {
            let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
            (tags, (*text).to_owned())
        });
        posts
            .chain(others)
            .map(|(tags, text)| {
                let mut post = Post {
                    tags,
                    ..Post::default()
                };
                let body: &mut StoredBody = &mut post.body;
                body.set_profile(similarity::profile_text("", &text, "en"));
                CorpusPost {
                    post: Arc::new(post),
                    ..CorpusPost::default()
                }
            })
            .collect()
    }

    fn related(mut entries: Vec<CorpusPost>) -> Vec<Vec<PostId>> {
        let collected = terms::collect_terms(
            &entries,
            Taxonomy::Tags,
            &Config::default(),
            &OwnPaths::default(),
        );
        for (entry, tags) in entries.iter_mut().zip(collected.of_posts) {
            entry.tags = tags;
        }
        let terms: Vec<CorpusTerm> = collected.terms;
        find_related(&entries, &terms, &WordWeights::from_posts(&entries))
    }

    #[track_caller]
    fn check(posts: &[(&[&str], &str)], expected: &[&[PostId]]) {
        assert_eq!(related(entries(posts))[..posts.len()], *expected);
    }

    #[test]
    fn rare_shared_tag_counts_more_than_a_common_one() {
        check(
            &[
                (&["common", "rare"], ""),
                (&["common"], ""),
                (&["rare"], ""),
                (&["common"], ""),
            ],
            &[&[2, 1, 3], &[3, 0], &[0], &[1, 0]],
        );
    }

    #[test]
    fn of_many_posts_with_a_feature_those_close_in_time_are_compared() {
        assert_eq!(select_near(FEW, 5), 0..FEW);
        let near = [0, 20, FEW].map(|place| select_near(FEW + 1, place));
        assert_eq!(near, [0..9, 12..29, 24..33]);
    }

    #[test]
    fn posts_about_the_same_words_are_related_without_tags() {
        check(
            &[
                (&[], "sourdough rye sourdough oven"),
                (&[], "bicycle chain"),
                (&[], "rye sourdough bakery"),
                (&[], "bicycle pump"),
            ],
            &[&[2], &[3], &[0], &[1]],
        );
    }

    #[test]
    fn post_that_shares_nothing_has_none() {
        check(
            &[(&["a"], "apple"), (&["b"], "bear"), (&[], "")],
            &[&[], &[], &[]],
        );
    }

    #[test]
    fn posts_of_other_languages_and_of_the_same_text_are_not_shown() {
        let mut posts = entries(&[(&["a"], ""), (&["a"], ""), (&["a"], ""), (&["a"], "")]);
        Arc::make_mut(&mut posts[1].post).language = Some("de".to_owned());
        posts[0].cluster = Some(0);
        posts[2].cluster = Some(0);
        let found = related(posts);
        assert_eq!(found[..4], [vec![3], vec![], vec![3], vec![2, 0]]);
    }
}
