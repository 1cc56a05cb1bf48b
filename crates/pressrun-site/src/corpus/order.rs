//! The order of posts: newest first, then by path. In a series, the first part comes first.

use std::cmp::Reverse;

use super::{CorpusPost, CorpusTerm, PostId, SeriesPlace, TermId};

/// Sorts posts that come in the order of their paths; posts without a date go last.
pub(super) fn sort_newest_first(posts: &mut [CorpusPost]) {
    // The sort is stable, so posts of one moment stay in the order of their paths.
    posts.sort_by_key(|post| Reverse(post.moment()));
}

/// Puts the posts of each series in reading order, and records the place of each post.
pub(super) fn number_parts(series: &mut [CorpusTerm], entries: &mut [CorpusPost]) {
    for (id, series) in series.iter_mut().enumerate() {
        sort_for_reading(&mut series.posts, entries);
        for (part, &post) in series.posts.iter().enumerate() {
            entries[post as usize].series = Some(SeriesPlace {
                id: id as TermId,
                part: part as u32,
            });
        }
    }
}

/// Sorts posts of a series, which come in the order of the corpus: by weight, then oldest first,
/// then by path. Posts without a weight follow those that have one, and posts without a date come
/// last.
fn sort_for_reading(posts: &mut [PostId], entries: &[CorpusPost]) {
    // The sort is stable, so posts of one moment stay in the order of their paths.
    posts.sort_by_key(|&id| {
        let entry = &entries[id as usize];
        let weight = entry.post.weight;
        let moment = entry.moment();
        (weight.is_none(), weight, moment.is_none(), moment)
    });
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use pressrun_posts::post::stated_date::parse_stated_date;
    use pressrun_posts::post::{Date, Post, SiteDate, SiteZone};

    use super::*;

    #[test]
    fn posts_of_one_day_stay_in_the_order_of_their_paths() {
        let post = |path: &str, date: Option<SiteDate>| CorpusPost {
            path: path.to_owned(),
            date,
            ..CorpusPost::default()
        };
        let day = Some(Date::constant(2026, 1, 1).into());
        let mut posts = [
            post("undated", None),
            post("first", day),
            post("second", day),
            post("newer", Some(Date::constant(2026, 2, 1).into())),
        ];
        sort_newest_first(&mut posts);
        let paths: Vec<&str> = posts.iter().map(|post| &*post.path).collect();
        assert_eq!(paths, ["newer", "first", "second", "undated"]);
    }

    #[test]
    fn parts_of_a_series_come_by_weight_then_by_day_then_by_path() {
        let day = |day| Some(Date::constant(2026, 1, day).into());
        let parts = [
            ("newest", day(9), Some(2)),
            ("b", day(5), None),
            ("c", day(5), None),
            ("oldest", day(1), None),
            ("first", None, Some(-1)),
            ("undated", None, None),
        ];
        let mut entries = parts.map(|(path, date, weight)| CorpusPost {
            path: path.to_owned(),
            post: Arc::new(Post {
                weight,
                ..Post::default()
            }),
            date,
            ..CorpusPost::default()
        });
        let mut series = [CorpusTerm {
            posts: (0..6).collect(),
            ..CorpusTerm::default()
        }];
        number_parts(&mut series, &mut entries);
        let order = series[0]
            .posts
            .iter()
            .map(|&id| &*entries[id as usize].path);
        let expected = ["first", "newest", "oldest", "b", "c", "undated"];
        assert_eq!(order.collect::<Vec<_>>(), expected);
        assert_eq!(entries[2].series, Some(SeriesPlace { id: 0, part: 4 }));
    }

    #[test]
    fn moment_counts_and_not_what_the_clock_shows() {
        let mut posts = ["2026-05-01T20:00+08:00", "2026-05-01", "2026-05-01T18:00"].map(|text| {
            let stated = parse_stated_date(text).unwrap();
            CorpusPost {
                path: text.to_owned(),
                date: Some(SiteZone::default().place_date(stated)),
                ..CorpusPost::default()
            }
        });
        sort_newest_first(&mut posts);
        let paths: Vec<&str> = posts.iter().map(|post| &*post.path).collect();
        let expected = ["2026-05-01T18:00", "2026-05-01T20:00+08:00", "2026-05-01"];
        assert_eq!(paths, expected);
    }
}
