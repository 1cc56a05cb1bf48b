//! Draws the cards of a site: one for its pages, and one for each post.

use std::collections::BTreeSet;
use std::path::Path;

use rayon::prelude::*;

use crate::cards::{self, Card, Picture};
use crate::config::Config;
use crate::corpus::Corpus;
use crate::render::Cards;

/// Draws the cards of the site at `root`, taking those from its cache that are there.
pub(super) fn draw(root: &Path, corpus: &Corpus, config: &Config) -> Cards {
    let (site, posts) = each(corpus, config, |card| cards::picture(root, card));
    gathered(root, site, posts)
}

/// Names the cards of a site without drawing them.
pub(super) fn name(corpus: &Corpus, config: &Config) -> Cards {
    let (site, posts) = each(corpus, config, cards::picture_path);
    Cards {
        site,
        posts,
        files: Vec::new(),
    }
}

/// Calls `make` for the card of the site and for that of each post, where there is one.
fn each<T: Send>(
    corpus: &Corpus,
    config: &Config,
    make: impl Fn(&Card<'_>) -> Option<T> + Sync,
) -> (Option<T>, Vec<Option<T>>) {
    let social = &config.social;
    let accent = config.theme.accent_rgb();
    let own = social.image.is_some();
    let site = Card {
        title: &config.title,
        foot: &config.description,
        accent,
    };
    // If the font lacks letters of the site's name, its card has only its colour.
    let nameless = Card {
        title: "",
        foot: "",
        accent,
    };
    let site = (!own).then(|| make(&site).or_else(|| make(&nameless)));
    // Drawing takes much longer than rendering, so posts of large sites get no cards.
    let drawn = social.cards && corpus.posts.len() <= social.limit;
    let posts = corpus.posts.par_iter().map(|entry| {
        let card = Card {
            title: &entry.post.title,
            foot: &config.title,
            accent,
        };
        let wanted = drawn && entry.post.cover.is_none();
        wanted.then(|| make(&card)).flatten()
    });
    (site.flatten(), posts.collect())
}

/// Collects the pictures by the pages that show them. Posts with the same title share one.
fn gathered(root: &Path, site: Option<Picture>, posts: Vec<Option<Picture>>) -> Cards {
    let path = |picture: &Option<Picture>| Some(picture.as_ref()?.path.clone());
    let mut cards = Cards {
        site: path(&site),
        posts: posts.iter().map(path).collect(),
        files: site
            .into_iter()
            .chain(posts.into_iter().flatten())
            .collect(),
    };
    cards.files.sort_by(|a, b| a.path.cmp(&b.path));
    cards.files.dedup_by(|a, b| a.path == b.path);
    let used: BTreeSet<&str> = cards.files.iter().map(|file| file.path.as_str()).collect();
    // Remove cards of earlier titles from the cache.
    cards::tidy(root, &used);
    cards
}
