//! Related posts: those that are about the same rare words and have the same rare tags.
//!
//! Posts are compared by the few words that tell the most of them ([`Weights`]), by the tags that
//! their authors gave, and a little by category. Of a word or tag with many posts only those near
//! in time are looked at, so the work grows with the number of posts, not with its square; and a
//! new post changes few others.

use std::collections::HashMap;

use rayon::prelude::*;

use super::weights::Weights;
use super::{Entry, PostId, Term, TermId};

/// Related posts that a page shows.
const SHOWN: usize = 5;

/// Words by which a post is compared.
const WORDS: usize = 10;

/// What a tag counts for, in mentions of a word: as much as a word said 8 times.
const TAG: u32 = 4;

/// Posts with one word or tag that are all looked at.
const FEW: usize = 32;

/// Posts with it that are looked at on each side of a post, where there are more.
const NEAR: usize = 8;

/// The least similarity of related posts (cosine), below which chance words are shared.
const LEAST: f32 = 0.04;

/// What the same first category adds, as a factor.
const SAME_CATEGORY: f32 = 1.15;

/// The related posts of every post, best first, of equals the one nearer in time. The entries
/// have their terms already.
pub(super) fn find(entries: &[Entry], tags: &[Term], weights: &Weights) -> Vec<Vec<PostId>> {
    let features = Features::of(entries, tags, weights);
    (0..entries.len() as PostId)
        .into_par_iter()
        .map_init(
            || Scores::new(entries.len()),
            |scores, id| {
                features.score(id, scores);
                best(scores, id, &features)
            },
        )
        .collect()
}

/// What posts are compared by, and which posts have it.
struct Features {
    /// Each word that several posts are compared by, with these posts in their order; all words
    /// one after another.
    with_word: Vec<Holder>,
    /// Of each post the pieces of `with_word` for its words, and its own weight there.
    words_of: Vec<Vec<(std::ops::Range<u32>, u32)>>,
    traits: Vec<Traits>,
    /// The posts of each tag that were given it by their authors.
    with_tag: Vec<Vec<PostId>>,
    tag_weights: Vec<u32>,
    tags_of: Vec<Vec<TermId>>,
}

/// A post that has a feature.
#[derive(Clone, Copy)]
struct Holder {
    post: PostId,
    weight: u32,
}

impl Features {
    fn of(entries: &[Entry], tags: &[Term], weights: &Weights) -> Self {
        let words: Vec<Vec<(u32, u32)>> = entries
            .par_iter()
            .map(|entry| weights.strongest(&entry.post.body.profile.subjects, WORDS))
            .collect();
        let given = |entry: &Entry| {
            let tags = entry.tags.iter().copied();
            tags.filter(|_| entry.derived.tags.is_none()).collect()
        };
        let tags_of: Vec<Vec<TermId>> = entries.iter().map(given).collect();
        let mut with_tag: Vec<Vec<PostId>> = vec![Vec::new(); tags.len()];
        for (own, post) in tags_of.iter().zip(0..) {
            for &tag in own {
                with_tag[tag as usize].push(post);
            }
        }
        let tag_weights: Vec<u32> = with_tag
            .iter()
            .map(|posts| TAG * weights.rarity(posts.len() as u32).max(1))
            .collect();
        let length = |(words, tags): (&Vec<(u32, u32)>, &Vec<TermId>)| {
            let words = words
                .iter()
                .map(|&(_, weight)| weight * weight)
                .sum::<u32>();
            let tags = tags.iter().map(|&tag| tag_weights[tag as usize]);
            ((words + tags.map(|weight| weight * weight).sum::<u32>()) as f32).sqrt()
        };
        let traits = traits(entries, words.iter().zip(&tags_of).map(length));
        let (with_word, words_of) = inverted(&words);
        Self {
            with_word,
            words_of,
            traits,
            with_tag,
            tag_weights,
            tags_of,
        }
    }

    /// Adds up what each other post shares with one.
    fn score(&self, id: PostId, scores: &mut Scores) {
        scores.clear();
        for (range, own) in &self.words_of[id as usize] {
            let holders = &self.with_word[range.start as usize..range.end as usize];
            for holder in near(holders, id, |holder| holder.post) {
                scores.add(holder.post, own * holder.weight);
            }
        }
        for &tag in &self.tags_of[id as usize] {
            let weight = self.tag_weights[tag as usize];
            for &post in near(&self.with_tag[tag as usize], id, |&post| post) {
                scores.add(post, weight * weight);
            }
        }
        scores.remove(id);
    }
}

/// The posts of every word that several have, and where the words of each post are among them.
#[expect(clippy::type_complexity, reason = "two fields of `Features`")]
fn inverted(words: &[Vec<(u32, u32)>]) -> (Vec<Holder>, Vec<Vec<(std::ops::Range<u32>, u32)>>) {
    let mut all: Vec<(u32, PostId, u32)> = (0..)
        .zip(words)
        .flat_map(|(post, own)| own.iter().map(move |&(word, weight)| (word, post, weight)))
        .collect();
    all.par_sort_unstable();
    let mut with_word = Vec::with_capacity(all.len());
    let mut words_of = vec![Vec::with_capacity(WORDS); words.len()];
    for run in all.chunk_by(|a, b| a.0 == b.0).filter(|run| run.len() > 1) {
        let start = with_word.len() as u32;
        let range = start..start + run.len() as u32;
        for &(_, post, weight) in run {
            with_word.push(Holder { post, weight });
            words_of[post as usize].push((range.clone(), weight));
        }
    }
    (with_word, words_of)
}

/// All of a few holders; of many those that stand near a post in time.
fn near<T>(holders: &[T], id: PostId, post: impl Fn(&T) -> PostId) -> &[T] {
    if holders.len() <= FEW {
        return holders;
    }
    let at = holders.partition_point(|holder| post(holder) < id);
    &holders[at.saturating_sub(NEAR)..(at + NEAR + 1).min(holders.len())]
}

/// The scores of posts, most of which have none.
struct Scores {
    of_posts: Vec<u32>,
    scored: Vec<PostId>,
}

impl Scores {
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

/// The posts with the best scores.
fn best(scores: &Scores, id: PostId, features: &Features) -> Vec<PostId> {
    let own = features.traits[id as usize];
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
    // No two are equal, so the few that are shown can be found without sorting the others.
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

/// What of a post decides whether it is shown beside others, in one place, since it is looked at
/// for each pair.
#[derive(Debug, Clone, Copy)]
struct Traits {
    /// One by the length of its vector.
    scale: f32,
    category: Option<TermId>,
    cluster: Option<u32>,
    /// Number of its language; that of the site is 0.
    language: u16,
    /// Whether another post is shown in its place.
    is_replaced: bool,
}

impl Traits {
    /// Whether a reader of this post may want the other: it is in the same language, and says
    /// something else.
    fn may_show(&self, other: &Self) -> bool {
        let same_text = self.cluster.is_some() && self.cluster == other.cluster;
        self.language == other.language && !same_text && !other.is_replaced
    }
}

/// The traits of each post, whose vectors have these lengths.
fn traits(entries: &[Entry], lengths: impl Iterator<Item = f32>) -> Vec<Traits> {
    let mut languages: HashMap<&str, u16> = HashMap::new();
    let mut found = Vec::with_capacity(entries.len());
    for (entry, length) in entries.iter().zip(lengths) {
        let language = entry.post.language.as_deref().map_or(0, |language| {
            let next = languages.len() as u16 + 1;
            *languages.entry(language).or_insert(next)
        });
        found.push(Traits {
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

    use super::super::terms;
    use super::super::{Taxonomy, Term};
    use super::*;
    use crate::cache::Body;
    use crate::config::Config;
    use crate::post::Post;
    use crate::profile;

    /// Posts with tags and texts, and other posts that share nothing with them.
    fn entries(posts: &[(&[&str], &str)]) -> Vec<Entry> {
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
                let body: &mut Body = &mut post.body;
                body.profile = profile::of("", &text, "en");
                Entry {
                    post: Arc::new(post),
                    ..Entry::default()
                }
            })
            .collect()
    }

    fn related(mut entries: Vec<Entry>) -> Vec<Vec<PostId>> {
        let collected = terms::collect(&entries, Taxonomy::Tags, &Config::default());
        for (entry, tags) in entries.iter_mut().zip(collected.of_posts) {
            entry.tags = tags;
        }
        let terms: Vec<Term> = collected.terms;
        find(&entries, &terms, &Weights::of(&entries))
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
