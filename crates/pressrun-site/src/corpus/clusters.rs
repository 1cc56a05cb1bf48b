//! Clusters of near-duplicate posts (R15), over the whole site.
//!
//! Posts whose sketches agree in a band are candidates. The similarity of candidates is computed
//! from their texts, so reported values are exact, and all but 0.005% of the pairs that are similar
//! enough are found. Each post is compared only with the best post of each band, so the work grows
//! linearly with the number of posts.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace, quote_for_message};
use pressrun_posts::post::Post;
use pressrun_text::similarity::{BANDS, SequenceSet, Sketch, hash_sequences_of_words};
use pressrun_text::words;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{CorpusPost, DatedPost, PostId, PostSelection};
use crate::cache::{BodyStore, StoredBody};
use crate::config::NearDuplicateAction;
use crate::error::Result;

/// A group of near-duplicate posts.
#[derive(Debug, Clone)]
pub struct DuplicateCluster {
    /// The post to keep. Published posts go before others, then the original before its copies.
    pub keeper: Arc<Post<StoredBody>>,
    /// The other posts, in the same order.
    pub others: Vec<ClusterMember>,
}

/// A post that is a near-duplicate of another.
#[derive(Debug, Clone)]
pub struct ClusterMember {
    /// The post.
    pub post: Arc<Post<StoredBody>>,
    /// The Jaccard similarity of this post and the keeper in five-word sequences, from 0 to 1.
    ///
    /// `None` if it is below the limit: the post is similar to another member of the cluster.
    pub similarity: Option<f64>,
}

/// The similarities of pairs of texts, cached so that no pair is compared in two builds.
///
/// The key is the pair of hashes of their words, the smaller one first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SimilarityCache(BTreeMap<(u128, u128), Option<f64>>);

/// The clusters of a site.
#[derive(Debug, Default)]
pub(super) struct DuplicateClusters {
    /// The clusters, ordered by the rank of their keepers.
    pub(super) clusters: Vec<DuplicateCluster>,
    /// The membership of each post that is in a cluster, by its index among all posts.
    members: HashMap<usize, ClusterMembership>,
}

/// The membership of a post in a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ClusterMembership {
    /// The index of the cluster.
    pub(super) cluster: u32,
    /// Whether the keeper replaces the post: it is another post and similar enough.
    pub(super) replaced: bool,
}

impl DuplicateClusters {
    /// Returns the membership of the post at index `at`, if it is in a cluster.
    pub(super) fn member(&self, at: usize) -> Option<ClusterMembership> {
        self.members.get(&at).copied()
    }

    /// Sets the canonical post of each replaced post to the keeper of its cluster.
    pub(super) fn name_canonical(&self, entries: &mut [CorpusPost]) {
        // Only a published keeper has an entry. If it is a draft, nothing is canonical.
        let mut keepers: HashMap<u32, PostId> = HashMap::new();
        for (id, entry) in (0..).zip(&*entries) {
            let cluster = entry
                .cluster
                .map(|cluster| (cluster, &self.clusters[cluster as usize]));
            if let Some((number, cluster)) = cluster
                && Arc::ptr_eq(&entry.post, &cluster.keeper)
            {
                keepers.insert(number, id);
            }
        }
        let others = self.clusters.iter().flat_map(|cluster| &cluster.others);
        let replaced: HashSet<*const Post<StoredBody>> = others
            .filter(|other| other.similarity.is_some())
            .map(|other| Arc::as_ptr(&other.post))
            .collect();
        for entry in entries {
            if replaced.contains(&Arc::as_ptr(&entry.post)) {
                let keeper = entry.cluster.and_then(|number| keepers.get(&number));
                entry.canonical = keeper.copied();
            }
        }
    }

    /// Returns a warning for each post that is not the keeper, saying what happens to it.
    pub(super) fn diagnostics(&self, action: NearDuplicateAction) -> Vec<Diagnostic> {
        let clusters = self.clusters.iter();
        clusters
            .flat_map(|cluster| {
                let others = cluster.others.iter();
                others.map(|other| warn_of_duplicate(other, &cluster.keeper, action))
            })
            .collect()
    }
}

/// Finds the clusters among `posts`, which must be in the order of their paths.
///
/// # Errors
///
/// Returns an error if a body that must be compared cannot be read.
pub(super) fn find_clusters(
    posts: &[&DatedPost],
    bodies: &BodyStore,
    selection: PostSelection,
    compared: &mut SimilarityCache,
) -> Result<DuplicateClusters> {
    let ranked = rank_posts(posts, selection);
    let mut texts = TextComparer {
        posts: &ranked,
        bodies,
        known: std::mem::take(compared),
        used: SimilarityCache::default(),
    };
    let candidates = find_candidates(&ranked);
    let similar = texts.compare(&candidates)?;
    let groups = group_similar(&candidates, &similar);
    // Candidates were compared with the best post of a band, which need not be the keeper of the
    // whole group. So each member is compared with its keeper as well.
    let to_keepers: Vec<RankPair> = groups
        .iter()
        .flat_map(|(&keeper, others)| others.iter().map(move |&other| (keeper, other)))
        .collect();
    let mut similarities = texts.compare(&to_keepers)?.into_iter();
    // Pairs that this build did not need are forgotten.
    *compared = texts.used;
    let mut found = DuplicateClusters::default();
    for (keeper, others) in groups {
        let cluster = found.clusters.len() as u32;
        let mut member = |rank: u32, replaced| {
            let at = ranked[rank as usize].at;
            found
                .members
                .insert(at, ClusterMembership { cluster, replaced });
            Arc::clone(ranked[rank as usize].post)
        };
        let keeper = member(keeper, false);
        let others = others.into_iter().zip(&mut similarities);
        let others = others.map(|(other, similarity)| {
            // A translation is in the cluster of another only because of a third post.
            let is_translation = ranked[other as usize].post.is_translation_of(&keeper);
            let similarity = similarity.filter(|_| !is_translation);
            ClusterMember {
                post: member(other, similarity.is_some()),
                similarity,
            }
        });
        let others = others.collect();
        found.clusters.push(DuplicateCluster { keeper, others });
    }
    Ok(found)
}

/// A post with its index; the position in the list of ranked posts is its rank.
struct RankedPost<'p> {
    /// Its index in the order of paths.
    at: usize,
    post: &'p Arc<Post<StoredBody>>,
}

/// Two posts by rank, the better one first.
type RankPair = (u32, u32);

/// Returns all posts, ordered by which one to keep. Drafts count only if they are shown.
fn rank_posts<'p>(posts: &[&'p DatedPost], selection: PostSelection) -> Vec<RankedPost<'p>> {
    let counts = |&at: &usize| selection.drafts || posts[at].hold().is_none();
    let mut order: Vec<usize> = (0..posts.len()).filter(counts).collect();
    order.sort_by_cached_key(|&at| {
        let dated = &posts[at];
        let public = PostSelection::public(selection.present);
        let is_away = public.find_reason(None, dated.date, dated.expires);
        // `false` sorts before `true`.
        (
            dated.hold().is_some(),
            is_away.is_some(),
            dated.originality(),
            at,
        )
    });
    let ranked = order.into_iter().map(|at| RankedPost {
        at,
        post: &posts[at].post,
    });
    ranked.collect()
}

/// Returns pairs of posts that may be similar: each post with the best post of each of its bands.
fn find_candidates(ranked: &[RankedPost<'_>]) -> Vec<RankPair> {
    // Copied, because each band reads all of them, and posts are far apart in memory.
    let sketches = ranked.iter().map(|one| one.post.body.profile().sketch);
    let sketches: Vec<Sketch> = sketches.collect();
    let in_band = |number: usize| -> Vec<RankPair> {
        // Packs half of the hash and the rank into one number, which sorts fast.
        let mut bands: Vec<u64> = (0..)
            .zip(&sketches)
            .filter_map(|(rank, sketch)| Some(sketch.band(number)? >> 32 << 32 | rank))
            .collect();
        bands.sort_unstable();
        let runs = bands.chunk_by(|a, b| a >> 32 == b >> 32);
        // The run is sorted by rank, so its first post is the best one with this band.
        runs.flat_map(|run| run[1..].iter().map(|&other| (run[0] as u32, other as u32)))
            .collect()
    };
    let mut pairs: Vec<RankPair> = (0..BANDS).into_par_iter().flat_map_iter(in_band).collect();
    pairs.par_sort_unstable();
    pairs.dedup();
    let post = |rank: u32| &**ranked[rank as usize].post;
    let sketch = |rank: u32| &sketches[rank as usize];
    pairs.retain(|&(better, other)| {
        // Translations may share what has no language: code, names, tables.
        sketch(better).may_be_similar(sketch(other)) && !post(better).is_translation_of(post(other))
    });
    pairs
}

/// Joins similar pairs to groups. Returns the other members by the best post of each group, in
/// order.
fn group_similar(pairs: &[RankPair], similar: &[Option<f64>]) -> BTreeMap<u32, Vec<u32>> {
    // A union-find: each post points to a better one of its group, and the best points to none.
    let mut better: HashMap<u32, u32> = HashMap::new();
    let find = |better: &HashMap<u32, u32>, mut post: u32| {
        while let Some(&next) = better.get(&post) {
            post = next;
        }
        post
    };
    for (&(a, b), _) in pairs
        .iter()
        .zip(similar)
        .filter(|(_, found)| found.is_some())
    {
        let (a, b) = (find(&better, a), find(&better, b));
        if a != b {
            better.insert(a.max(b), a.min(b));
        }
    }
    let mut others: Vec<u32> = better.keys().copied().collect();
    others.sort_unstable();
    let mut groups: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for other in others {
        groups.entry(find(&better, other)).or_default().push(other);
    }
    groups
}

/// Compares texts, each pair at most once.
struct TextComparer<'p> {
    posts: &'p [RankedPost<'p>],
    bodies: &'p BodyStore,
    /// The results of earlier builds.
    known: SimilarityCache,
    /// The results that this build needs.
    used: SimilarityCache,
}

impl TextComparer<'_> {
    /// Returns the similarity of each pair, or `None` if it is too small. Pairs must be sorted.
    fn compare(&mut self, pairs: &[RankPair]) -> Result<Vec<Option<f64>>> {
        let runs: Vec<&[RankPair]> = pairs.chunk_by(|a, b| a.0 == b.0).collect();
        let found = runs.into_par_iter().map(|run| self.compare_run(run));
        let found: Vec<Vec<Option<f64>>> = found.collect::<Result<_>>()?;
        let found: Vec<Option<f64>> = found.into_iter().flatten().collect();
        for (&pair, &similarity) in pairs.iter().zip(&found) {
            self.used.0.insert(self.key(pair), similarity);
        }
        Ok(found)
    }

    /// Does the same for pairs with the same first post.
    fn compare_run(&self, run: &[RankPair]) -> Result<Vec<Option<f64>>> {
        let mut first = None;
        let similarity = |&(better, other): &RankPair| {
            let key = self.key((better, other));
            if let Some(&known) = self.known.0.get(&key).or_else(|| self.used.0.get(&key)) {
                return Ok(known);
            }
            // The sequences of the first post are computed at most once, and only if some pair is
            // not cached.
            if first.is_none() {
                first = Some(self.sequences(better)?);
            }
            let other = self.sequences(other)?;
            Ok(first.as_ref().and_then(|first| first.similarity(&other)))
        };
        run.iter().map(similarity).collect()
    }

    fn key(&self, (a, b): RankPair) -> (u128, u128) {
        let hash = |rank: u32| self.posts[rank as usize].post.words_hash;
        (hash(a).min(hash(b)), hash(a).max(hash(b)))
    }

    fn sequences(&self, rank: u32) -> Result<SequenceSet> {
        let text = self
            .bodies
            .read_markdown(&self.posts[rank as usize].post.body)?;
        Ok(SequenceSet::from_hashes(hash_sequences_of_words(
            &words::fold_words(&text),
        )))
    }
}

fn warn_of_duplicate(
    other: &ClusterMember,
    keeper: &Post<StoredBody>,
    action: NearDuplicateAction,
) -> Diagnostic {
    let (post, source) = (&other.post, &keeper.source);
    let place = FilePlace::line(post.source.file.clone(), post.source.line);
    let title = quote_for_message(&post.title);
    let there = format!("that of the post at `{}:{}`", source.file, source.line);
    let Some(similarity) = other.similarity else {
        let message = format!(
            "the body of {title} is similar to those of other posts that are \
                               similar to {there}"
        );
        return Diagnostic::new(Code::NearDuplicate, place, message)
            .with_help("keep the best of them");
    };
    // Rounded down, because 100% would look like an exact duplicate, which is another rule.
    let percent = (similarity * 100.0).floor();
    let message = format!("the body of {title} is {percent}% similar to {there}");
    let help = match action {
        _ if post.draft || keeper.draft => "keep the better of the two",
        NearDuplicateAction::Report => "keep the better of the two",
        NearDuplicateAction::Draft => "it is kept as a draft, as `[content] near_duplicates` says",
        NearDuplicateAction::Canonical => {
            "its page names the other as canonical, as `[content] near_duplicates` says"
        }
    };
    Diagnostic::new(Code::NearDuplicate, place, message).with_help(help)
}

#[cfg(test)]
mod tests {
    use pressrun_markdown::{RenderOptions, render_markdown};
    use pressrun_posts::post::{Date, Moment, PostSource};
    use pressrun_text::similarity;

    use super::*;
    use crate::cache::{BodyMeasures, BuildCache};

    fn selection() -> PostSelection {
        PostSelection::public(Moment::start_of_day(Date::constant(2026, 1, 1)))
    }

    /// Creates posts with these texts, in the order of their paths.
    fn posts(bodies: &BodyStore, texts: &[String]) -> Vec<DatedPost> {
        let post = |(line, text): (u32, &String)| {
            let post = Post {
                source: PostSource {
                    file: "a.txt".into(),
                    line,
                    index: line,
                },
                body: text.clone(),
                words_hash: u128::from(line),
                ..Post::default()
            };
            let measures = BodyMeasures {
                profile: similarity::profile_text("", text, "en"),
                ..BodyMeasures::default()
            };
            let rendered = render_markdown(text, &RenderOptions::default());
            let body = bodies.store_body(&post, rendered, measures).unwrap();
            DatedPost {
                post: Arc::new(post.with_body(body)),
                ..DatedPost::default()
            }
        };
        (1..).zip(texts).map(post).collect()
    }

    /// Finds the clusters among all of these posts.
    fn find_all(
        posts: &[DatedPost],
        bodies: &BodyStore,
        selection: PostSelection,
        compared: &mut SimilarityCache,
    ) -> Result<DuplicateClusters> {
        let posts: Vec<&DatedPost> = posts.iter().collect();
        find_clusters(&posts, bodies, selection, compared)
    }

    /// Returns the lines of the posts of each cluster, keeper first.
    fn lines(found: &DuplicateClusters) -> Vec<Vec<u32>> {
        let line = |post: &Arc<Post<StoredBody>>| post.source.line;
        let clusters = found.clusters.iter();
        clusters
            .map(|cluster| {
                let others = cluster.others.iter().map(|other| line(&other.post));
                std::iter::once(line(&cluster.keeper))
                    .chain(others)
                    .collect()
            })
            .collect()
    }

    fn counted(start: usize, words: usize) -> String {
        let words: Vec<String> = (start..start + words).map(|n| n.to_string()).collect();
        words.join(" ")
    }

    #[test]
    fn posts_of_one_text_make_a_cluster() {
        let cache = BuildCache::disabled();
        let bodies = cache.bodies(0);
        let texts = [
            (0, 300),
            (1000, 300),
            (5, 300),
            (1004, 300),
            (9, 300),
            (5000, 300),
        ];
        let posts = posts(&bodies, &texts.map(|(start, words)| counted(start, words)));
        let mut compared = SimilarityCache::default();
        let found = find_all(&posts, &bodies, selection(), &mut compared).unwrap();
        assert_eq!(lines(&found), [vec![1, 3, 5], vec![2, 4]]);
        assert!(found.member(2).unwrap().replaced && !found.member(0).unwrap().replaced);
        assert_eq!(found.member(5), None);
        // What was compared once is not read again.
        let nothing = BuildCache::disabled();
        let again = find_all(
            &posts,
            &nothing.bodies(0),
            selection(),
            &mut compared.clone(),
        )
        .unwrap();
        assert_eq!(lines(&again), lines(&found));
    }

    #[test]
    fn the_oldest_published_post_is_kept() {
        let cache = BuildCache::disabled();
        let bodies = cache.bodies(0);
        let mut posts = posts(&bodies, &[0, 2, 4, 6].map(|start| counted(start, 300)));
        Arc::make_mut(&mut posts[0].post).draft = true;
        let days = [(2020, 1), (2026, 5), (2025, 2), (2025, 1)];
        for (post, (year, month)) in posts.iter_mut().zip(days) {
            let day = Date::constant(year, month, 1);
            post.date = Some(day.into());
            post.lasting_date = Some(Moment::start_of_day(day));
        }
        let found = find_all(
            &posts,
            &bodies,
            selection(),
            &mut SimilarityCache::default(),
        )
        .unwrap();
        // The draft makes no other post a near-duplicate, nor is it one.
        assert_eq!(lines(&found), [vec![4, 3, 2]]);
        let shown = PostSelection {
            drafts: true,
            ..selection()
        };
        let found = find_all(&posts, &bodies, shown, &mut SimilarityCache::default()).unwrap();
        assert_eq!(lines(&found), [vec![4, 3, 2, 1]]);
    }

    #[test]
    fn a_post_that_is_like_another_but_not_like_the_keeper_stays() {
        let cache = BuildCache::disabled();
        let bodies = cache.bodies(0);
        let posts = posts(&bodies, &[0, 25, 50].map(|start| counted(start, 300)));
        let found = find_all(
            &posts,
            &bodies,
            selection(),
            &mut SimilarityCache::default(),
        )
        .unwrap();
        assert_eq!(lines(&found), [vec![1, 2, 3]]);
        assert!(found.member(1).unwrap().replaced && !found.member(2).unwrap().replaced);
        let messages = found.diagnostics(NearDuplicateAction::Draft);
        assert!(
            messages[1]
                .message
                .contains("similar to those of other posts"),
            "{messages:?}"
        );
    }
}
