//! Posts for the tests of `numbers`.

use std::sync::Arc;

use pressrun_posts::post::{Date, Moment, Post, PostSource};
use pressrun_site::cache::StoredBody;
use pressrun_site::config::BaseUrl;
use pressrun_site::corpus::CorpusPost;
use pressrun_site::render::links::SiteLinks;

use super::CountedPosts;

/// Returns a post with this title.
pub(super) fn test_entry(title: &str) -> CorpusPost {
    let post = Post {
        title: title.to_owned(),
        source: PostSource {
            file: "content/a.txt".into(),
            line: 1,
            index: 0,
        },
        ..Post::default()
    };
    CorpusPost {
        post: Arc::new(post),
        path: "/a/".to_owned(),
        ..CorpusPost::default()
    }
}

/// Changes a post in place.
pub(super) fn change_post(entry: &mut CorpusPost, how: impl FnOnce(&mut Post<StoredBody>)) {
    how(Arc::make_mut(&mut entry.post));
}

pub(super) fn test_date(text: &str) -> Date {
    text.parse().unwrap()
}

/// Returns the posts as seen on Monday, 2026-06-15, with three rows in each list.
pub(super) fn test_posts(entries: &[CorpusPost]) -> CountedPosts<'_> {
    CountedPosts {
        entries,
        links: SiteLinks::new(BaseUrl::local(), None),
        present: Moment::start_of_day(Date::constant(2026, 6, 15)),
        today: Date::constant(2026, 6, 15),
        rows: 3,
    }
}
