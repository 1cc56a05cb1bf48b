//! Clusters of posts that say nearly the same (R15 of the ingest contract), over the whole site.
//!
//! Posts whose sketches agree in a band are candidates; of those the similarity is computed from
//! their texts, so what is reported is exact, and all but 0.005% of what is similar enough is
//! found. Each post is compared with the best of those it shares a band with, so the work grows
//! with the number of posts, not with its square.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Dated, Entry, PostId, Selection};
use crate::cache::{Bodies, Body};
use crate::config::NearDuplicates;
use crate::diagnostic::{Code, Diagnostic, Place, quoted};
use crate::error::Result;
use crate::post::Post;
use crate::profile::{BANDS, Sequences, sequences};
use crate::text::words;

/// Posts that say nearly the same.
#[derive(Debug, Clone)]
pub struct Cluster {
    /// The one to keep: published rather than not, then the oldest, then the first by path.
    pub keeper: Arc<Post<Body>>,
    /// The others, in that order too.
    pub others: Vec<Similar>,
}

/// A post that says nearly what another says.
#[derive(Debug, Clone)]
pub struct Similar {
    /// The post.
    pub post: Arc<Post<Body>>,
    /// The shared part of the five-word sequences of this post and the keeper, from 0 to 1.
    /// `None` where it is too small: the post is like another of the cluster.
    pub similarity: Option<f64>,
}

/// Similarities of pairs of texts, so that no pair is compared in two builds. A text is known by
/// the hash of its words; the smaller one comes first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Compared(BTreeMap<(u128, u128), Option<f64>>);

/// The clusters of a site.
#[derive(Debug, Default)]
pub(super) struct Clusters {
    /// Best keepers first.
    pub(super) clusters: Vec<Cluster>,
    /// Of each post that is in one, by its position among the posts.
    members: HashMap<usize, Member>,
}

/// The place of a post in a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Member {
    /// Position of the cluster.
    pub(super) cluster: u32,
    /// Whether the keeper stands for it: it is another post, and similar enough.
    pub(super) replaced: bool,
}

impl Clusters {
    /// The place of the post at a position.
    pub(super) fn member(&self, at: usize) -> Option<Member> {
        self.members.get(&at).copied()
    }

    /// Names the keeper as canonical on the pages of the posts that it stands for.
    pub(super) fn name_canonical(&self, entries: &mut [Entry]) {
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
        let replaced: HashSet<*const Post<Body>> = others
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

    /// A warning for each post that is not kept, which says what becomes of it.
    pub(super) fn diagnostics(&self, action: NearDuplicates) -> Vec<Diagnostic> {
        let clusters = self.clusters.iter();
        clusters
            .flat_map(|cluster| {
                let others = cluster.others.iter();
                others.map(|other| warning(other, &cluster.keeper, action))
            })
            .collect()
    }
}

/// Finds the clusters among posts, which are in the order of their paths.
///
/// # Errors
///
/// Bodies that cannot be read.
pub(super) fn find(
    posts: &[Dated],
    bodies: &Bodies,
    selection: Selection,
    compared: &mut Compared,
) -> Result<Clusters> {
    let ranked = by_rank(posts, selection);
    let mut texts = Texts {
        posts: &ranked,
        bodies,
        known: std::mem::take(compared),
        used: Compared::default(),
    };
    let candidates = candidates(&ranked);
    let similar = texts.compare(&candidates)?;
    let groups = grouped(&candidates, &similar);
    let to_keepers: Vec<Pair> = groups
        .iter()
        .flat_map(|(&keeper, others)| others.iter().map(move |&other| (keeper, other)))
        .collect();
    let mut similarities = texts.compare(&to_keepers)?.into_iter();
    *compared = texts.used;
    let mut found = Clusters::default();
    for (keeper, others) in groups {
        let cluster = found.clusters.len() as u32;
        let mut member = |rank: u32, replaced| {
            let at = ranked[rank as usize].at;
            found.members.insert(at, Member { cluster, replaced });
            Arc::clone(ranked[rank as usize].post)
        };
        let keeper = member(keeper, false);
        let others = others.into_iter().zip(&mut similarities);
        let others = others.map(|(other, similarity)| Similar {
            post: member(other, similarity.is_some()),
            similarity,
        });
        let others = others.collect();
        found.clusters.push(Cluster { keeper, others });
    }
    Ok(found)
}

/// A post among all posts, of which the better ones come first.
struct Ranked<'p> {
    /// Its position by path.
    at: usize,
    post: &'p Arc<Post<Body>>,
}

/// Two posts by their ranks, the better one first.
type Pair = (u32, u32);

/// All posts, those to keep first.
fn by_rank(posts: &[Dated], selection: Selection) -> Vec<Ranked<'_>> {
    let mut order: Vec<usize> = (0..posts.len()).collect();
    order.sort_by_key(|&at| {
        let Dated { post, date } = &posts[at];
        let is_future = date.is_some_and(|date| date > selection.today);
        (post.draft, is_future, date.is_none(), *date, at)
    });
    let ranked = order.into_iter().map(|at| Ranked {
        at,
        post: &posts[at].post,
    });
    ranked.collect()
}

/// Posts that may be similar, each with the best of those that it shares a band with.
fn candidates(ranked: &[Ranked<'_>]) -> Vec<Pair> {
    let in_band = |number: usize| -> Vec<Pair> {
        let sketches = (0..).zip(ranked.iter().map(|one| &one.post.body.profile.sketch));
        // Half of the hash and the rank in one number, which is quick to sort.
        let mut bands: Vec<u64> = sketches
            .filter_map(|(rank, sketch)| Some(sketch.band(number)? >> 32 << 32 | rank))
            .collect();
        bands.sort_unstable();
        let runs = bands.chunk_by(|a, b| a >> 32 == b >> 32);
        runs.flat_map(|run| run[1..].iter().map(|&other| (run[0] as u32, other as u32)))
            .collect()
    };
    let mut pairs: Vec<Pair> = (0..BANDS).into_par_iter().flat_map_iter(in_band).collect();
    pairs.par_sort_unstable();
    pairs.dedup();
    let sketch = |rank: u32| &ranked[rank as usize].post.body.profile.sketch;
    pairs.retain(|&(better, other)| sketch(better).may_be_similar(sketch(other)));
    pairs
}

/// The posts that similar pairs join, by the best of each group; the others in their order.
fn grouped(pairs: &[Pair], similar: &[Option<f64>]) -> BTreeMap<u32, Vec<u32>> {
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

/// Compares texts, those of each pair once.
struct Texts<'p> {
    posts: &'p [Ranked<'p>],
    bodies: &'p Bodies,
    /// From earlier builds.
    known: Compared,
    /// What was asked for in this one.
    used: Compared,
}

impl Texts<'_> {
    /// The similarity of each pair, where it is large enough. Pairs are in ascending order.
    fn compare(&mut self, pairs: &[Pair]) -> Result<Vec<Option<f64>>> {
        let runs: Vec<&[Pair]> = pairs.chunk_by(|a, b| a.0 == b.0).collect();
        let found = runs.into_par_iter().map(|run| self.compare_run(run));
        let found: Vec<Vec<Option<f64>>> = found.collect::<Result<_>>()?;
        let found: Vec<Option<f64>> = found.into_iter().flatten().collect();
        for (&pair, &similarity) in pairs.iter().zip(&found) {
            self.used.0.insert(self.key(pair), similarity);
        }
        Ok(found)
    }

    /// The same for pairs that have the first post in common.
    fn compare_run(&self, run: &[Pair]) -> Result<Vec<Option<f64>>> {
        let mut first = None;
        let similarity = |&(better, other): &Pair| {
            let key = self.key((better, other));
            if let Some(&known) = self.known.0.get(&key).or_else(|| self.used.0.get(&key)) {
                return Ok(known);
            }
            if first.is_none() {
                first = Some(self.sequences(better)?);
            }
            let other = self.sequences(other)?;
            Ok(first.as_ref().and_then(|first| first.similarity(&other)))
        };
        run.iter().map(similarity).collect()
    }

    fn key(&self, (a, b): Pair) -> (u128, u128) {
        let hash = |rank: u32| self.posts[rank as usize].post.words_hash;
        (hash(a).min(hash(b)), hash(a).max(hash(b)))
    }

    fn sequences(&self, rank: u32) -> Result<Sequences> {
        let text = self.bodies.markdown(&self.posts[rank as usize].post.body)?;
        Ok(Sequences::of(sequences(&words::sequence(&text))))
    }
}

fn warning(other: &Similar, keeper: &Post<Body>, action: NearDuplicates) -> Diagnostic {
    let (post, source) = (&other.post, &keeper.source);
    let place = Place::line(post.source.file.clone(), post.source.line);
    let title = quoted(&post.title);
    let there = format!("that of the post at `{}:{}`", source.file, source.line);
    let Some(similarity) = other.similarity else {
        let message = format!("the body of {title} is like others that are like {there}");
        return Diagnostic::new(Code::NearDuplicate, place, message).help("keep the best of them");
    };
    // Rounded down: 100% would be another rule's.
    let percent = (similarity * 100.0).floor();
    let message = format!("the body of {title} is {percent}% {there}");
    let help = match action {
        _ if post.draft || keeper.draft => "keep the better of the two",
        NearDuplicates::Report => "keep the better of the two",
        NearDuplicates::Draft => "it is left out as a draft, as `[content] near_duplicates` says",
        NearDuplicates::Canonical => {
            "its page names the other as canonical, as `[content] near_duplicates` says"
        }
    };
    Diagnostic::new(Code::NearDuplicate, place, message).help(help)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::{Cache, Measures};
    use crate::markdown::{Options, render};
    use crate::post::{Date, Source};
    use crate::profile;

    const SELECTION: Selection = Selection {
        today: Date::constant(2026, 1, 1),
        drafts: false,
        future: false,
    };

    /// Posts with these texts, in the order of their paths.
    fn posts(bodies: &Bodies, texts: &[String]) -> Vec<Dated> {
        let post = |(line, text): (u32, &String)| {
            let post = Post {
                source: Source {
                    file: "a.txt".into(),
                    line,
                    index: line,
                },
                body: text.clone(),
                words_hash: u128::from(line),
                ..Post::default()
            };
            let measures = Measures {
                profile: profile::of("", text, "en"),
                ..Measures::default()
            };
            let rendered = render(text, &Options::default());
            let body = bodies.put(&post, rendered, measures).unwrap();
            Dated {
                post: Arc::new(post.with_body(body)),
                date: None,
            }
        };
        (1..).zip(texts).map(post).collect()
    }

    /// The lines of the posts of each cluster, the keeper first.
    fn lines(found: &Clusters) -> Vec<Vec<u32>> {
        let line = |post: &Arc<Post<Body>>| post.source.line;
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
        let cache = Cache::none();
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
        let mut compared = Compared::default();
        let found = find(&posts, &bodies, SELECTION, &mut compared).unwrap();
        assert_eq!(lines(&found), [vec![1, 3, 5], vec![2, 4]]);
        assert!(found.member(2).unwrap().replaced && !found.member(0).unwrap().replaced);
        assert_eq!(found.member(5), None);
        // What was compared once is not read again.
        let nothing = Cache::none();
        let again = find(&posts, &nothing.bodies(0), SELECTION, &mut compared.clone()).unwrap();
        assert_eq!(lines(&again), lines(&found));
    }

    #[test]
    fn the_oldest_published_post_is_kept() {
        let cache = Cache::none();
        let bodies = cache.bodies(0);
        let mut posts = posts(&bodies, &[0, 2, 4, 6].map(|start| counted(start, 300)));
        Arc::make_mut(&mut posts[0].post).draft = true;
        let days = [(2020, 1), (2026, 5), (2025, 2), (2025, 1)];
        for (post, (year, month)) in posts.iter_mut().zip(days) {
            post.date = Some(Date::constant(year, month, 1));
        }
        let found = find(&posts, &bodies, SELECTION, &mut Compared::default()).unwrap();
        assert_eq!(lines(&found), [vec![4, 3, 2, 1]]);
    }

    #[test]
    fn a_post_that_is_like_another_but_not_like_the_keeper_stays() {
        let cache = Cache::none();
        let bodies = cache.bodies(0);
        let posts = posts(&bodies, &[0, 25, 50].map(|start| counted(start, 300)));
        let found = find(&posts, &bodies, SELECTION, &mut Compared::default()).unwrap();
        assert_eq!(lines(&found), [vec![1, 2, 3]]);
        assert!(found.member(1).unwrap().replaced && !found.member(2).unwrap().replaced);
        let messages = found.diagnostics(NearDuplicates::Draft);
        assert!(messages[1].message.contains("like others"), "{messages:?}");
    }
}
