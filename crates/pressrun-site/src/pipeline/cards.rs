//! Draws the cards of a site: one for its pages, and one for each post.

use std::collections::BTreeSet;
use std::path::Path;

use rayon::prelude::*;

use crate::cards::{self, CardContent, CardPicture};
use crate::config::Config;
use crate::corpus::{Corpus, CorpusPost};
use crate::render::SiteCards;

/// Draws the cards of the site at `root`, taking those from its cache that are there.
pub(super) fn draw_cards(root: &Path, corpus: &Corpus, config: &Config) -> SiteCards {
    let made = make_cards(corpus, config, |card| cards::draw_or_load_card(root, card));
    collect_cards(root, made)
}

/// Names the cards of a site without drawing them.
pub(super) fn name_cards(corpus: &Corpus, config: &Config) -> SiteCards {
    let MadeCards { site, posts, pages } = make_cards(corpus, config, cards::picture_path);
    SiteCards {
        site,
        posts,
        pages,
        files: Vec::new(),
    }
}

/// What was made for each card.
struct MadeCards<T> {
    site: Option<T>,
    posts: Vec<Option<T>>,
    pages: Vec<Option<T>>,
}

/// Calls `make` for the card of the site and for that of each post and page, where there is one.
fn make_cards<T: Send>(
    corpus: &Corpus,
    config: &Config,
    make: impl Fn(&CardContent<'_>) -> Option<T> + Sync,
) -> MadeCards<T> {
    let social = &config.social;
    let accent = config.theme.accent_rgb();
    let own = social.image.is_some();
    let site = CardContent {
        title: &config.title,
        foot: &config.description,
        accent,
    };
    // If the font lacks letters of the site's name, its card has only its colour.
    let nameless = CardContent {
        title: "",
        foot: "",
        accent,
    };
    let site = (!own).then(|| make(&site).or_else(|| make(&nameless)));
    // Drawing takes much longer than rendering, so posts of large sites get no cards.
    let drawn = social.cards && corpus.posts.len() <= social.limit;
    let make_one = |entry: &CorpusPost| {
        let card = CardContent {
            title: &entry.post.title,
            foot: &config.title,
            accent,
        };
        let wanted = drawn && entry.post.cover.is_none();
        wanted.then(|| make(&card)).flatten()
    };
    let pages = corpus.pages.par_iter().map(|page| make_one(&page.text));
    MadeCards {
        site: site.flatten(),
        posts: corpus.posts.par_iter().map(make_one).collect(),
        pages: pages.collect(),
    }
}

/// Collects the pictures by the pages that show them. Posts with the same title share one.
fn collect_cards(root: &Path, made: MadeCards<CardPicture>) -> SiteCards {
    let MadeCards { site, posts, pages } = made;
    let path = |picture: &Option<CardPicture>| Some(picture.as_ref()?.path.clone());
    let mut cards = SiteCards {
        site: path(&site),
        posts: posts.iter().map(path).collect(),
        pages: pages.iter().map(path).collect(),
        files: site
            .into_iter()
            .chain(posts.into_iter().chain(pages).flatten())
            .collect(),
    };
    cards.files.sort_by(|a, b| a.path.cmp(&b.path));
    cards.files.dedup_by(|a, b| a.path == b.path);
    let used: BTreeSet<&str> = cards.files.iter().map(|file| file.path.as_str()).collect();
    // Remove cards of earlier titles from the cache.
    cards::remove_unused_cards(root, &used);
    cards
}
