//! Gives every post an address of its own.
//!
//! If posts of different files want the same address (DESIGN, section 3), a slug given by the
//! author wins, otherwise the original post. The other post gets `-` and four hexadecimal digits of
//! a hash of its file and position, so that adding a file changes as few addresses as possible.

use std::borrow::Cow;
use std::collections::HashMap;

use super::Dated;
use super::terms::slug_of;
use crate::cache::Body;
use crate::config::{Content, Parts};
use crate::diagnostic::{Code, Diagnostic, Place, quoted};
use crate::post::{Origin, Post, slug};

/// Returns the path of each post's page from the site root, for posts in the order of their files.
pub(super) fn settle(posts: &[Dated], config: &Content) -> (Vec<String>, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let slugs: Vec<Cow<'_, str>> = posts
        .iter()
        .map(|dated| portable(&dated.post, &mut diagnostics))
        .collect();
    let mut paths: Vec<String> = posts
        .iter()
        .zip(&slugs)
        .map(|(dated, slug)| path(dated, slug, config))
        .collect();
    let mut order: Vec<usize> = (0..posts.len()).collect();
    // Slugs given by authors go first, then originals before their copies.
    order.sort_by_cached_key(|&at| {
        let is_derived = posts[at].post.origins.slug == Origin::Derived;
        (is_derived, posts[at].originality())
    });
    let mut taken: HashMap<String, usize> = HashMap::with_capacity(posts.len());
    for at in order {
        if let Some(&owner) = taken.get(&paths[at]) {
            let slug = free_slug(&posts[at], &slugs[at], config, &taken);
            let owner = &posts[owner].post;
            diagnostics.push(collision(&posts[at].post, &slugs[at], owner, &slug));
            paths[at] = path(&posts[at], &slug, config);
        }
        taken.insert(paths[at].clone(), at);
    }
    (paths, diagnostics)
}

/// Returns the path of a post with this slug.
fn path(dated: &Dated, slug: &str, config: &Content) -> String {
    let permalink = &config.permalink;
    let first = dated.post.categories.first();
    let category = first.filter(|_| permalink.has_category());
    permalink.fill(Parts {
        slug,
        date: dated.date,
        category: category.map(|name| slug_of(name, config.slugs)).as_deref(),
    })
}

/// Returns the slug of a post as a valid file name on every file system.
fn portable<'p>(post: &'p Post<Body>, diagnostics: &mut Vec<Diagnostic>) -> Cow<'p, str> {
    let slug = slug::portable(&post.slug);
    if *slug != *post.slug {
        diagnostics.push(Diagnostic::new(
            Code::SlugAdjusted,
            Place::line(post.source.file.clone(), post.source.line),
            format!(
                "no file can have the slug as its name everywhere, so it is {}",
                quoted(&slug)
            ),
        ));
    }
    slug
}

/// Returns the slug with the fewest digits of the hash that make its address free, usually four.
fn free_slug(
    dated: &Dated,
    slug: &str,
    config: &Content,
    taken: &HashMap<String, usize>,
) -> String {
    let source = &dated.post.source;
    let origin = format!("{}\0{}", source.file, source.index);
    let hash = blake3::hash(origin.as_bytes()).to_hex();
    (4..hash.len())
        .step_by(4)
        .map(|digits| format!("{slug}-{}", &hash[..digits]))
        .find(|slug| !taken.contains_key(&path(dated, slug, config)))
        .unwrap_or_else(|| format!("{slug}-{hash}"))
}

fn collision(post: &Post<Body>, slug: &str, owner: &Post<Body>, free: &str) -> Diagnostic {
    Diagnostic::new(
        Code::SlugCollision,
        Place::line(post.source.file.clone(), post.source.line),
        format!(
            "the slug `{slug}` is taken by {}; this post is at `{free}`",
            owner.source.file
        ),
    )
    .help("give one of them a SLUG of its own")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Permalink};
    use crate::post::{Origins, Source};

    fn post(file: &str, slug: &str, origin: Origin) -> Dated {
        let post = Post {
            source: Source {
                file: file.into(),
                line: 1,
                index: 0,
            },
            slug: slug.to_owned(),
            origins: Origins {
                slug: origin,
                ..Origins::default()
            },
            ..Post::default()
        };
        Dated {
            post: post.into(),
            date: None,
            lasting_date: None,
        }
    }

    fn slugs(posts: Vec<Dated>) -> Vec<String> {
        let config = Content {
            permalink: Permalink::parse("/{slug}/").unwrap(),
            ..Config::default().content
        };
        let (paths, _) = settle(&posts, &config);
        let slug = |path: String| path.trim_matches('/').to_owned();
        paths.into_iter().map(slug).collect()
    }

    #[test]
    fn given_slug_wins_over_an_earlier_derived_one() {
        let found = slugs(vec![
            post("a", "x", Origin::Derived),
            post("b", "x", Origin::Header),
        ]);
        assert_eq!(found[1], "x");
        assert_eq!(found[0].len(), "x-0000".len());
    }

    #[test]
    fn adding_a_file_keeps_the_addresses_of_the_others() {
        let two = slugs(vec![
            post("a", "x", Origin::Derived),
            post("c", "x", Origin::Derived),
        ]);
        let three = slugs(vec![
            post("a", "x", Origin::Derived),
            post("b", "x", Origin::Derived),
            post("c", "x", Origin::Derived),
        ]);
        assert_eq!((&two[0], &two[1]), (&three[0], &three[2]));
        assert_ne!(three[1], three[2]);
    }

    #[test]
    fn collision_names_both_posts() {
        let posts = [
            post("a", "x", Origin::Derived),
            post("b", "x", Origin::Derived),
        ];
        let (_, found) = settle(&posts, &Config::default().content);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].place.to_string(), "b:1");
        assert!(
            found[0].message.contains("taken by a"),
            "{}",
            found[0].message
        );
    }

    #[test]
    fn slug_longer_than_a_file_name_is_cut_between_letters() {
        let long = "𝛼".repeat(80);
        let found = slugs(vec![post("a", &long, Origin::Derived)]);
        assert!(found[0].len() <= slug::MAX_BYTES && long.starts_with(&found[0]));
    }
}
