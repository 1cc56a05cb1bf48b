//! Posts for the tests of `numbers`.

use std::sync::Arc;

use super::Posts;
use crate::cache::Body;
use crate::config::BaseUrl;
use crate::corpus::Entry;
use crate::post::{Date, Post, Source};
use crate::render::links::Links;

/// Returns a post with this title.
pub(super) fn entry(title: &str) -> Entry {
    let post = Post {
        title: title.to_owned(),
        source: Source {
            file: "content/a.txt".into(),
            line: 1,
            index: 0,
        },
        ..Post::default()
    };
    Entry {
        post: Arc::new(post),
        path: "/a/".to_owned(),
        ..Entry::default()
    }
}

/// Changes a post in place.
pub(super) fn change(entry: &mut Entry, how: impl FnOnce(&mut Post<Body>)) {
    how(Arc::make_mut(&mut entry.post));
}

pub(super) fn date(text: &str) -> Date {
    text.parse().unwrap()
}

/// Returns the posts as seen on Monday, 2026-06-15, with three rows in each list.
pub(super) fn posts(entries: &[Entry]) -> Posts<'_> {
    Posts {
        entries,
        links: Links::new(BaseUrl::local(), None),
        today: Date::constant(2026, 6, 15),
        rows: 3,
    }
}
