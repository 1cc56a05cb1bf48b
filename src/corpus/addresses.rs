//! Addresses of posts, no two alike.
//!
//! DESIGN, section 3: where two posts of different files want one address, a slug that the
//! author gave wins, of the others the first by path. The next gets `-` and four hexadecimal
//! digits of a hash of its file and position, so that adding a file moves as few addresses as
//! possible.

use std::collections::HashMap;

use super::terms::slug_of;
use crate::config::{Parts, Permalink};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::post::{Origin, Post};

/// Bytes of a slug that leave room for a number and `.html` in a file name of 255 bytes.
const SLUG_BYTES: usize = 230;

/// Changes the slugs of posts, which come in the order of their paths, until no two posts have
/// one address.
pub(super) fn settle_slugs(posts: &mut [Post], permalink: &Permalink) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for post in &mut *posts {
        diagnostics.extend(shorten(post));
    }
    let mut order: Vec<usize> = (0..posts.len()).collect();
    order.sort_by_key(|&at| posts[at].origins.slug == Origin::Derived);
    let mut taken: HashMap<String, usize> = HashMap::with_capacity(posts.len());
    for at in order {
        let wanted = path(&posts[at], permalink);
        let Some(&owner) = taken.get(&wanted) else {
            taken.insert(wanted, at);
            continue;
        };
        let free = free_slug(&posts[at], permalink, &taken);
        diagnostics.push(collision(&posts[at], &posts[owner], &free));
        posts[at].slug = free;
        taken.insert(path(&posts[at], permalink), at);
    }
    diagnostics
}

/// Path of a post's page from the site root.
pub(super) fn path(post: &Post, permalink: &Permalink) -> String {
    path_with(post, &post.slug, permalink)
}

/// The path that a post would have with another slug.
fn path_with(post: &Post, slug: &str, permalink: &Permalink) -> String {
    let category = post.categories.first().map(|name| slug_of(name));
    permalink.fill(Parts {
        slug,
        date: post.date,
        category: category.as_deref(),
    })
}

/// Cuts a slug that no file system takes as a name: 80 letters may be 320 bytes.
fn shorten(post: &mut Post) -> Option<Diagnostic> {
    if post.slug.len() <= SLUG_BYTES {
        return None;
    }
    let mut end = SLUG_BYTES;
    while !post.slug.is_char_boundary(end) {
        end -= 1;
    }
    post.slug.truncate(end);
    Some(Diagnostic::new(
        Code::SlugAdjusted,
        Place::line(post.source.file.clone(), post.source.line),
        format!("the slug was cut to {SLUG_BYTES} bytes, as long as file names may be"),
    ))
}

/// The slug with as many digits of the hash as make the address free: four, as a rule.
fn free_slug(post: &Post, permalink: &Permalink, taken: &HashMap<String, usize>) -> String {
    let origin = format!("{}\0{}", post.source.file, post.source.index);
    let hash = blake3::hash(origin.as_bytes()).to_hex();
    (4..hash.len())
        .step_by(4)
        .map(|digits| format!("{}-{}", post.slug, &hash[..digits]))
        .find(|slug| !taken.contains_key(&path_with(post, slug, permalink)))
        .unwrap_or_else(|| format!("{}-{hash}", post.slug))
}

fn collision(post: &Post, owner: &Post, free: &str) -> Diagnostic {
    Diagnostic::new(
        Code::SlugCollision,
        Place::line(post.source.file.clone(), post.source.line),
        format!(
            "the slug `{}` is taken by {}; this post is at `{free}`",
            post.slug, owner.source.file
        ),
    )
    .help("give one of them a SLUG of its own")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::{Origins, Source};

    fn post(file: &str, slug: &str, origin: Origin) -> Post {
        Post {
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
        }
    }

    fn slugs(mut posts: Vec<Post>) -> Vec<String> {
        settle_slugs(&mut posts, &Permalink::default());
        posts.into_iter().map(|post| post.slug).collect()
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
        let mut posts = vec![
            post("a", "x", Origin::Derived),
            post("b", "x", Origin::Derived),
        ];
        let found = settle_slugs(&mut posts, &Permalink::default());
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
        assert!(found[0].len() <= SLUG_BYTES && long.starts_with(&found[0]));
    }
}
