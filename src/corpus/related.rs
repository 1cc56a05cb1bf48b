//! Related posts: those that share rare tags and categories.
//!
//! A shared term counts the more the fewer posts have it. Of a term with many posts only those
//! near in time are looked at, so the work grows with the number of posts, not with its square.

use rayon::prelude::*;

use super::{PostId, Term, TermId};

/// Related posts that a page shows.
const SHOWN: usize = 5;

/// Posts of one term that are looked at on each side of a post.
const NEAR: usize = 12;

/// The related posts of every post, best first, of equals the one nearer in time.
pub(super) fn find(
    tags_of_posts: &[Vec<TermId>],
    tags: &[Term],
    categories_of_posts: &[Vec<TermId>],
) -> Vec<Vec<PostId>> {
    (0..tags_of_posts.len())
        .into_par_iter()
        .map_init(Vec::new, |scores: &mut Vec<(PostId, f32)>, at| {
            let id = at as PostId;
            scores.clear();
            for &tag in &tags_of_posts[at] {
                let posts = &tags[tag as usize].posts;
                let weight = 1.0 / (1.0 + posts.len() as f32).ln();
                scores.extend(near(posts, id).map(|other| (other, weight)));
            }
            best(scores, id, categories_of_posts)
        })
        .collect()
}

/// The posts of a term that stand near a post in time, without that post.
fn near(posts: &[PostId], id: PostId) -> impl Iterator<Item = PostId> {
    let at = posts.partition_point(|&other| other < id);
    posts[at.saturating_sub(NEAR)..(at + NEAR + 1).min(posts.len())]
        .iter()
        .copied()
        .filter(move |&other| other != id)
}

/// Sums the scores of each post and takes the best; a shared first category adds a little.
fn best(
    scores: &mut Vec<(PostId, f32)>,
    id: PostId,
    categories_of_posts: &[Vec<TermId>],
) -> Vec<PostId> {
    scores.sort_by_key(|&(other, _)| other);
    scores.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
    let own = categories_of_posts[id as usize].first();
    for (other, score) in scores.iter_mut() {
        if own.is_some() && categories_of_posts[*other as usize].first() == own {
            *score += 0.1;
        }
    }
    // No two are equal, so the few that are shown can be found without sorting the others.
    let order = |a: &(PostId, f32), b: &(PostId, f32)| {
        let distance = |other: PostId| (other.abs_diff(id), other);
        b.1.total_cmp(&a.1)
            .then_with(|| distance(a.0).cmp(&distance(b.0)))
    };
    if scores.len() > SHOWN {
        scores.select_nth_unstable_by(SHOWN, order);
        scores.truncate(SHOWN);
    }
    scores.sort_unstable_by(order);
    scores.iter().map(|&(other, _)| other).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(tags_of_posts: &[&[TermId]], expected: &[&[PostId]]) {
        let of_posts: Vec<Vec<TermId>> = tags_of_posts.iter().map(|own| own.to_vec()).collect();
        let count = of_posts.iter().flatten().max().map_or(0, |max| max + 1);
        let tags: Vec<Term> = (0..count)
            .map(|tag| Term {
                posts: (0..of_posts.len() as PostId)
                    .filter(|&post| of_posts[post as usize].contains(&tag))
                    .collect(),
                ..Term::default()
            })
            .collect();
        let categories = vec![Vec::new(); of_posts.len()];
        assert_eq!(find(&of_posts, &tags, &categories), expected);
    }

    #[test]
    fn rare_shared_tag_counts_more_than_a_common_one() {
        check(
            &[&[0, 1], &[0], &[1], &[0], &[0]],
            &[&[2, 1, 3, 4], &[0, 3, 4], &[0], &[4, 1, 0], &[3, 1, 0]],
        );
    }

    #[test]
    fn post_without_shared_tags_has_none() {
        check(&[&[0], &[1], &[]], &[&[], &[], &[]]);
    }
}
