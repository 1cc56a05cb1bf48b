//! The order of posts: newest first, then by path.

use super::CorpusPost;

/// Sorts posts that come in the order of their paths; posts without a date go last.
pub(super) fn sort_newest_first(posts: &mut [CorpusPost]) {
    // The sort is stable, so posts of one day stay in the order of their paths.
    posts.sort_by_key(|post| std::cmp::Reverse(post.date));
}

#[cfg(test)]
mod tests {
    use pressrun_posts::post::Date;

    use super::*;

    #[test]
    fn posts_of_one_day_stay_in_the_order_of_their_paths() {
        let post = |path: &str, date| CorpusPost {
            path: path.to_owned(),
            date,
            ..CorpusPost::default()
        };
        let day = Some(Date::constant(2026, 1, 1));
        let mut posts = [
            post("undated", None),
            post("first", day),
            post("second", day),
            post("newer", Some(Date::constant(2026, 2, 1))),
        ];
        sort_newest_first(&mut posts);
        let paths: Vec<&str> = posts.iter().map(|post| &*post.path).collect();
        assert_eq!(paths, ["newer", "first", "second", "undated"]);
    }
}
