//! Gives every post an address of its own.
//!
//! If posts of different files want the same address, a slug given by the
//! author wins, otherwise the original post. The other post gets `-` and four hexadecimal digits of
//! a hash of its file and position, so that adding a file changes as few addresses as possible. The
//! same happens to a post that wants the address of another page or file of the site
//! ([`OwnPaths`]).

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace, quote_for_message};
use pressrun_posts::post::{FieldSource, Post, TextRole, slug};

use super::authors::{AuthorLookup, are_named};
use super::own_paths::{OwnPaths, TermSlugs};
use super::pages::build_page_path;
use super::terms::{address_name, closed_list, term_slug};
use super::{DatedPost, Taxonomy};
use crate::cache::StoredBody;
use crate::config::{Config, PermalinkValues};

/// The maximum length in bytes of a name that every file system allows.
pub(super) const MOST_NAME_BYTES: usize = 255;

/// The maximum length in bytes of a whole address. macOS allows paths of 1,023 bytes, including the
/// output folder.
pub(super) const MOST_PATH_BYTES: usize = 800;

/// Digits of the hash that replaces what was cut from a name.
const CUT_DIGITS: usize = 8;

/// Returns the path of each post's page from the site root, for posts in the order of their files.
pub(super) fn assign_addresses(
    posts: &[DatedPost],
    config: &Config,
    own: &OwnPaths,
) -> (Vec<String>, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let slugs: Vec<Cow<'_, str>> = posts
        .iter()
        .map(|dated| make_slug_portable(&dated.post, &mut diagnostics))
        .collect();
    let mut addresses = Addresses {
        posts,
        config,
        own,
        terms: OnceCell::new(),
        taken: HashMap::with_capacity(posts.len()),
    };
    let mut paths: Vec<String> = posts
        .iter()
        .zip(&slugs)
        .map(|(dated, slug)| build_post_path(dated, slug, config))
        .collect();
    let mut order: Vec<usize> = (0..posts.len()).collect();
    // Slugs given by authors go first, then originals before their copies. Drafts come last, so
    // that they take no address from a post, whether they are shown or not.
    order.sort_by_cached_key(|&at| {
        let post = &posts[at].post;
        let is_derived = post.origins.slug == FieldSource::Derived;
        (post.draft, is_derived, posts[at].originality())
    });
    for at in order {
        if let Some(owner) = addresses.owner(&paths[at]) {
            // If no slug helps, because the permalink itself leads to files of the site, the plan
            // of the site reports it.
            if let Some((slug, free)) = addresses.free(&posts[at], &slugs[at]) {
                let post = &posts[at].post;
                if !post.draft {
                    diagnostics.push(report_collision(post, &slugs[at], &owner, &slug));
                }
                paths[at] = free;
            }
        }
        diagnostics.extend(addresses.cut(at, &slugs[at]));
        addresses.taken.insert(paths[at].clone(), at);
    }
    (paths, diagnostics)
}

/// The addresses assigned so far.
struct Addresses<'a> {
    posts: &'a [DatedPost],
    config: &'a Config,
    own: &'a OwnPaths,
    /// The slugs of the terms of all posts, computed when a post wants an address among their
    /// pages.
    terms: OnceCell<TermSlugs>,
    /// The posts by their assigned paths.
    taken: HashMap<String, usize>,
}

impl Addresses<'_> {
    /// Returns what is at a path, or `None` if it is free.
    fn owner(&self, path: &str) -> Option<Cow<'_, str>> {
        if let Some(&owner) = self.taken.get(path) {
            return Some((&*self.posts[owner].post.source.file).into());
        }
        self.own.owner(path, |taxonomy| {
            let terms = self.terms.get_or_init(|| self.term_slugs());
            &terms[&taxonomy]
        })
    }

    /// Returns the slug with the fewest digits of the hash that make its address free, usually
    /// four, and that address.
    fn free(&self, dated: &DatedPost, slug: &str) -> Option<(String, String)> {
        let source = &dated.post.source;
        let origin = format!("{}\0{}", source.file, source.index);
        let hash = blake3::hash(origin.as_bytes()).to_hex();
        (4..=hash.len())
            .step_by(4)
            .map(|digits| format!("{slug}-{}", &hash[..digits]))
            .map(|slug| (build_post_path(dated, &slug, self.config), slug))
            .find(|(path, _)| self.owner(path).is_none())
            .map(|(path, slug)| (slug, path))
    }

    /// Returns a note if an address or a name in it was cut.
    fn cut(&self, at: usize, slug: &str) -> Option<Diagnostic> {
        let dated = &self.posts[at];
        let whole = whole_path(dated, slug, self.config);
        let long_name = whole.split('/').find(|name| name.len() > MOST_NAME_BYTES);
        let (what, long) = match long_name {
            Some(name) => ("name", name),
            None if whole.len() > MOST_PATH_BYTES => ("path", &*whole),
            None => return None,
        };
        let message = format!(
            "the {what} {} is too long for a file, so the address of this post was shortened",
            quote_for_message(long)
        );
        let source = &dated.post.source;
        let place = FilePlace::line(source.file.clone(), source.line);
        let note = Diagnostic::new(Code::SlugAdjusted, place, message);
        Some(note.with_help("give the post a shorter SLUG, or give its category a shorter name"))
    }

    /// Returns the slugs of all terms that may ever have a page, including those of drafts, so that
    /// no address depends on what is published.
    fn term_slugs(&self) -> TermSlugs {
        let (config, alphabet) = (self.config, self.config.content.slugs);
        let slugs = |taxonomy| {
            let names = list_term_names(self.posts, taxonomy, config);
            let slug = |name| {
                let slug = term_slug(address_name(name, taxonomy, config), alphabet);
                self.own.term_slug(taxonomy, &slug).into_owned()
            };
            let slugs: HashSet<String> = names.into_iter().map(slug).collect();
            if slugs.len() < taxonomy.fewest_terms() {
                return HashSet::new();
            }
            slugs
        };
        Taxonomy::ALL
            .into_iter()
            .map(|taxonomy| (taxonomy, slugs(taxonomy)))
            .collect()
    }
}

/// Returns the names of all terms of posts, and those of the closed list.
fn list_term_names<'a>(
    posts: &'a [DatedPost],
    taxonomy: Taxonomy,
    config: &'a Config,
) -> HashSet<&'a str> {
    let posts = posts.iter().map(|dated| &*dated.post);
    let posts = posts.filter(|post| post.role() == TextRole::Post);
    match taxonomy {
        Taxonomy::Tags => posts
            .flat_map(|post| &post.tags)
            .map(|tag| &**tag)
            .collect(),
        Taxonomy::Categories => {
            let names = posts.flat_map(|post| &post.categories);
            names
                .chain(closed_list(taxonomy, config))
                .map(|name| &**name)
                .collect()
        }
        Taxonomy::Authors if !are_named(posts.clone()) => HashSet::new(),
        Taxonomy::Authors => {
            let mut lookup = AuthorLookup::new(config);
            posts.flat_map(|post| lookup.list_authors(post)).collect()
        }
        Taxonomy::Series => posts.filter_map(|post| post.series.as_deref()).collect(),
    }
}

/// Returns the path of a post with this slug.
fn build_post_path(dated: &DatedPost, slug: &str, config: &Config) -> String {
    let whole = whole_path(dated, slug, config);
    if whole.split('/').all(|name| name.len() <= MOST_NAME_BYTES) {
        return cut_path(whole);
    }
    let names: Vec<Cow<'_, str>> = whole.split('/').map(fitting_name).collect();
    cut_path(names.join("/"))
}

/// Cuts a path that is too long after a whole name; a hash of the path takes the place of the rest.
fn cut_path(path: String) -> String {
    if path.len() <= MOST_PATH_BYTES {
        return path;
    }
    let hash = &blake3::hash(path.as_bytes()).to_hex()[..CUT_DIGITS];
    let ending = if path.ends_with('/') { "/" } else { ".html" };
    let room = MOST_PATH_BYTES - hash.len() - ending.len();
    let end = path.as_bytes()[..room]
        .iter()
        .rposition(|&byte| byte == b'/');
    let start = &path[..end.map_or(0, |end| end + 1)];
    format!("{start}{hash}{ending}")
}

/// Returns the same path without a limit on the length of its names, which may join several fields.
fn whole_path(dated: &DatedPost, slug: &str, config: &Config) -> String {
    if dated.post.role() == TextRole::Page {
        return build_page_path(&dated.post, slug, config.content.slugs);
    }
    let permalink = &config.content.permalink;
    let first = dated.post.categories.first();
    let category = first.filter(|_| permalink.has_category());
    let category = category.map(|name| term_slug(name, config.content.slugs));
    permalink.fill(PermalinkValues {
        slug,
        date: dated.date.map(|date| date.day),
        category: category.as_deref(),
    })
}

/// Returns a name that every file system allows. A name that is too long is cut, and a hash of the
/// whole name distinguishes it from others with the same beginning.
fn fitting_name(name: &str) -> Cow<'_, str> {
    if name.len() <= MOST_NAME_BYTES {
        return name.into();
    }
    let hash = &blake3::hash(name.as_bytes()).to_hex()[..CUT_DIGITS];
    let ending = if name.ends_with(".html") { ".html" } else { "" };
    let room = MOST_NAME_BYTES - ending.len() - hash.len() - 1;
    let start = slug::cut_to_bytes(name, room).trim_end_matches('-');
    format!("{start}-{hash}{ending}").into()
}

/// Returns the slug of a post as a valid file name on every file system.
fn make_slug_portable<'p>(
    post: &'p Post<StoredBody>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Cow<'p, str> {
    let slug = slug::make_portable(&post.slug);
    if *slug != *post.slug {
        diagnostics.push(Diagnostic::new(
            Code::SlugAdjusted,
            FilePlace::line(post.source.file.clone(), post.source.line),
            format!(
                "not every system allows a file with this slug as its name, so the slug is now {}",
                quote_for_message(&slug)
            ),
        ));
    }
    slug
}

fn report_collision(post: &Post<StoredBody>, slug: &str, owner: &str, free: &str) -> Diagnostic {
    let kind = match post.role() {
        TextRole::Page => "page",
        _ => "post",
    };
    Diagnostic::new(
        Code::SlugCollision,
        FilePlace::line(post.source.file.clone(), post.source.line),
        format!("the slug `{slug}` is already taken by {owner}, so this {kind} is at `{free}`"),
    )
    .with_help(format!("give the {kind} a SLUG of its own"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use pressrun_posts::post::{FieldSources, PostSource};

    use super::*;
    use crate::config::Permalink;

    fn post(file: &str, slug: &str, origin: FieldSource) -> DatedPost {
        let post = Post {
            source: PostSource {
                file: file.into(),
                line: 1,
                index: 0,
            },
            slug: slug.to_owned(),
            origins: FieldSources {
                slug: origin,
                ..FieldSources::default()
            },
            ..Post::default()
        };
        DatedPost {
            post: post.into(),
            ..DatedPost::default()
        }
    }

    fn with_permalink(permalink: &str) -> Config {
        let mut config = Config::default();
        config.content.permalink = Permalink::parse(permalink).unwrap();
        config
    }

    fn slugs(posts: Vec<DatedPost>) -> Vec<String> {
        let own = OwnPaths::default();
        let (paths, _) = assign_addresses(&posts, &with_permalink("/{slug}/"), &own);
        let slug = |path: String| path.trim_matches('/').to_owned();
        paths.into_iter().map(slug).collect()
    }

    #[test]
    fn given_slug_wins_over_an_earlier_derived_one() {
        let found = slugs(vec![
            post("a", "x", FieldSource::Derived),
            post("b", "x", FieldSource::Header),
        ]);
        assert_eq!(found[1], "x");
        assert_eq!(found[0].len(), "x-0000".len());
    }

    #[test]
    fn adding_a_file_keeps_the_addresses_of_the_others() {
        let two = slugs(vec![
            post("a", "x", FieldSource::Derived),
            post("c", "x", FieldSource::Derived),
        ]);
        let three = slugs(vec![
            post("a", "x", FieldSource::Derived),
            post("b", "x", FieldSource::Derived),
            post("c", "x", FieldSource::Derived),
        ]);
        assert_eq!((&two[0], &two[1]), (&three[0], &three[2]));
        assert_ne!(three[1], three[2]);
    }

    #[test]
    fn collision_names_both_posts() {
        let posts = [
            post("a", "x", FieldSource::Derived),
            post("b", "x", FieldSource::Derived),
        ];
        let (_, found) = assign_addresses(&posts, &Config::default(), &OwnPaths::default());
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
        let found = slugs(vec![post("a", &long, FieldSource::Derived)]);
        assert!(found[0].len() <= slug::MAX_BYTES && long.starts_with(&found[0]));
    }

    /// Gives a post with a category its address, and what is said of it.
    fn settled(permalink: &str, category: &str, slug: &str) -> (String, Vec<String>) {
        let mut dated = post("a", slug, FieldSource::Header);
        Arc::make_mut(&mut dated.post).categories = vec![category.to_owned()];
        let own = [("/about/index.html", "static/about/index.html")];
        let own = OwnPaths::new(own.into_iter());
        let (mut paths, found) = assign_addresses(&[dated], &with_permalink(permalink), &own);
        let found = found.into_iter().map(|found| found.message);
        (paths.remove(0), found.collect())
    }

    #[test]
    fn post_that_wants_an_address_of_the_site_itself_gets_another() {
        for (permalink, category, slug, owner) in [
            ("/{slug}/", "News", "archive", "the page /archive/"),
            ("/{slug}/", "News", "about", "static/about/index.html"),
            ("/{slug}.html", "News", "404", "the page /404.html"),
            ("/{slug}.html", "News", "index", "the page /"),
            (
                "/{category}/{slug}/",
                "Categories",
                "categories",
                "the page /categories/categories/",
            ),
            ("/{category}/{slug}/", "Page", "2", "the page /page/2/"),
        ] {
            let (path, found) = settled(permalink, category, slug);
            let begin = format!(
                "the slug `{slug}` is already taken by {owner}, so this post is \
                                 at `{slug}-"
            );
            assert!(
                found.len() == 1 && found[0].starts_with(&begin),
                "{found:?}"
            );
            assert!(path.contains(&format!("/{slug}-")), "{path}");
        }
        let (path, found) = settled("/{category}/{slug}/", "Tags", "other");
        assert_eq!((&*path, found), ("/tags/other/", Vec::new()));
    }

    #[test]
    fn permalink_that_leads_to_files_of_the_site_itself_is_left_to_the_plan() {
        let (path, found) = settled("/archive.html/{slug}/", "x", "a");
        assert_eq!((&*path, found.len()), ("/archive.html/a/", 0));
        let (path, found) = settled("/404.html/{slug}/", "x", "a");
        assert_eq!((&*path, found.len()), ("/404.html/a/", 0));
    }

    #[test]
    fn joined_names_that_are_too_long_are_cut_and_stay_apart() {
        let category = "語".repeat(70);
        let settled = |permalink, last| {
            let slug = format!("{}{last}", "漢".repeat(60));
            settled(permalink, &category, &slug)
        };
        for permalink in ["/{category}-{slug}/", "/x/{category}-{slug}.html"] {
            let ((one, found), (other, _)) = (settled(permalink, "a"), settled(permalink, "b"));
            assert_ne!(one, other);
            assert_eq!(one, settled(permalink, "a").0);
            assert_eq!(one.ends_with(".html"), permalink.ends_with(".html"));
            assert!(one.split('/').all(|name| name.len() <= 255), "{one}");
            assert!(found[0].starts_with("the name `"), "{found:?}");
        }
        assert_eq!(settled("/{category}/{slug}/", "a").1, Vec::<String>::new());
    }
    #[test]
    fn path_that_is_too_long_is_cut_and_stays_apart() {
        for permalink in ["/{slug}".repeat(20) + "/", "/{slug}".repeat(20) + ".html"] {
            let settled = |last| settled(&permalink, "x", &format!("{}{last}", "語".repeat(75)));
            let ((one, found), (other, _)) = (settled("a"), settled("b"));
            assert_ne!(one, other);
            assert_eq!(one, settled("a").0);
            assert_eq!(one.ends_with(".html"), permalink.ends_with(".html"));
            assert!(one.len() <= MOST_PATH_BYTES && one.len() > MOST_PATH_BYTES / 2);
            assert!(one.split('/').all(|name| name.len() <= 255), "{one}");
            let said = "the path `";
            assert!(found[0].starts_with(said), "{found:?}");
        }
    }
}
