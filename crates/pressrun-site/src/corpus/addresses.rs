//! Gives every post an address of its own.
//!
//! If several posts want one address, the one with the earliest date (and time) has it, then the
//! one whose path is first; so a new file never takes the address of an older post. The others get
//! `-` and four hexadecimal digits of a hash of their file and position behind their slug, so that
//! adding a file changes as few addresses as possible. The same happens to a post that wants the
//! address of another page or file of the site ([`OwnPaths`]). A post that states its whole address
//! (`stated_address`) gets the one that the site makes, if another has that address.
//!
//! A translation of the post that has the address gets `-` and its language behind its slug. Of
//! translations of one day the one in the language of the site has the address.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::HashSet;

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace, quote_for_message};
use pressrun_posts::post::{Post, PostSource, TextRole, slug};
use pressrun_text::characters::cut_to_bytes;

use super::authors::{AuthorLookup, are_named};
use super::file_paths::FilePaths;
use super::own_paths::{OwnPaths, TermSlugs, file_of};
use super::page_path::parse_page_path;
use super::pages::build_page_path;
use super::stated_address::{StatedAddress, UnusableAddress, read_stated_address};
use super::terms::{address_name, closed_list, term_slug};
use super::{DatedPost, Taxonomy};
use crate::cache::StoredBody;
use crate::config::{Config, Permalink, PermalinkValues};
use crate::fs;

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
        taken: FilePaths::with_capacity(posts.len()),
        usual: OnceCell::new(),
    };
    let mut paths = vec![String::new(); posts.len()];
    let mut order: Vec<usize> = (0..posts.len()).collect();
    // Drafts come last, so that they take no address from a post, whether they are shown or not.
    order.sort_by_cached_key(|&at| {
        let dated = &posts[at];
        let DatedPost {
            post, lasting_date, ..
        } = dated;
        // Translations of one day often have one slug, and `a.de.md` comes before `a.md`.
        let is_translated = post.translation_key.is_some() && post.language.is_some();
        (
            dated.hold().is_some(),
            lasting_date.is_none(),
            *lasting_date,
            is_translated,
            at,
        )
    });
    for at in order {
        let path = addresses.settle(at, &slugs, &mut diagnostics);
        addresses.taken.enter(file_of(&path).into(), at);
        paths[at] = path;
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
    /// The posts by the files of their pages.
    taken: FilePaths<'static, usize>,
    /// The posts that state no address by the files of the pages that they want, computed when
    /// another post states one.
    usual: OnceCell<FilePaths<'static, usize>>,
}

impl Addresses<'_> {
    /// Returns the address of a post, after those of all posts that go before it.
    fn settle(
        &self,
        at: usize,
        slugs: &[Cow<'_, str>],
        diagnostics: &mut Vec<Diagnostic>,
    ) -> String {
        let (dated, slug) = (&self.posts[at], &*slugs[at]);
        let post = &*dated.post;
        let stated = read_stated_address(post, self.config).and_then(|stated| {
            let stated = stated.map(|stated| self.fill_stated(dated, slug, stated));
            stated.transpose()
        });
        let (path, own) = match stated {
            Ok(Some(stated)) => stated,
            Ok(None) => return self.make_path(at, slug, diagnostics),
            Err(unusable) => {
                diagnostics
                    .push(unusable.report(post, "this post has the one that the site makes"));
                return self.make_path(at, slug, diagnostics);
            }
        };
        let Some(owner) = self.stated_owner(&path, slugs) else {
            return path;
        };
        // A pattern with the slug can give another address; a path cannot.
        let other = own.filter(Permalink::has_slug).and_then(|own| {
            let stated = || StatedAddress::Pattern(own.clone());
            let fill = |slug: &str| self.fill_stated(dated, slug, stated()).ok();
            let is_free = |path: &str| self.stated_owner(path, slugs).is_none();
            let mut slugs = hashed_slugs(&post.source, slug);
            slugs.find_map(|slug| fill(&slug).filter(|(path, _)| is_free(path)))
        });
        // Its collision is reported here, with both posts.
        let other = match other {
            Some((path, _)) => path,
            None => self.make_path(at, slug, &mut Vec::new()),
        };
        if dated.hold().is_none() {
            diagnostics.push(report_taken(post, &path, &owner, &other));
        }
        other
    }

    /// Returns the path that a stated address means, and the pattern that it is, if it is one.
    fn fill_stated(
        &self,
        dated: &DatedPost,
        slug: &str,
        stated: StatedAddress,
    ) -> Result<(String, Option<Permalink>), UnusableAddress> {
        match stated {
            StatedAddress::Path(path) => Ok((path, None)),
            StatedAddress::Pattern(pattern) => {
                let whole = fill_pattern(dated, slug, &pattern, self.config);
                let path = parse_page_path(&whole);
                let path = path.map_err(|fault| UnusableAddress::new(&whole, fault))?;
                Ok((path, Some(pattern)))
            }
        }
    }

    /// Returns the address that the pattern of the site gives a post, or another one if that is
    /// taken.
    fn make_path(&self, at: usize, slug: &str, diagnostics: &mut Vec<Diagnostic>) -> String {
        let dated = &self.posts[at];
        let post = &*dated.post;
        let path = build_post_path(dated, slug, self.config);
        diagnostics.extend(self.cut(at, slug));
        let Some(owner) = self.owner(&path) else {
            return path;
        };
        let is_free = |path: &str| self.owner(path).is_none();
        // Translations often have one slug, so this is no surprise.
        if let AddressOwner::Post(other) = &owner
            && post.is_translation_of(other)
        {
            let tag = post.language.as_ref().unwrap_or(&self.config.language);
            let slug = format!("{slug}-{}", tag.to_ascii_lowercase());
            let path = build_post_path(dated, &slug, self.config);
            if is_free(&path) {
                return path;
            }
        }
        let free = hashed_slugs(&post.source, slug)
            .map(|slug| (build_post_path(dated, &slug, self.config), slug))
            .find(|(path, _)| is_free(path));
        // No slug helps if a post states an address that excludes the folder of all others.
        let free = free.or_else(|| {
            let at_root = hashed_slugs(&post.source, slug).map(|slug| (format!("/{slug}/"), slug));
            let is_excluded = matches!(owner, AddressOwner::Post(_));
            at_root
                .filter(|_| is_excluded)
                .find(|(path, _)| is_free(path))
        });
        // Otherwise the pattern itself leads to files of the site, and its plan reports that.
        let Some((path, free)) = free else {
            return path;
        };
        if !post.draft {
            diagnostics.push(report_collision(post, slug, &owner.short(), &free));
        }
        path
    }

    /// Returns what is at a path, or `None` if it is free.
    fn owner(&self, path: &str) -> Option<AddressOwner<'_>> {
        if let Some(owner) = self.taken.find_owner(&file_of(path)) {
            return Some(AddressOwner::Post(&self.posts[owner].post));
        }
        let owner = self.own.owner(path, |taxonomy| self.slugs_of(taxonomy));
        owner.map(AddressOwner::Site)
    }

    fn slugs_of(&self, taxonomy: Taxonomy) -> &HashSet<String> {
        &self.terms.get_or_init(|| self.term_slugs())[&taxonomy]
    }

    /// Returns what keeps a post from a path that it states. It may not disturb the pages of the
    /// site that come and go with its posts, nor the folders of posts that state no address.
    fn stated_owner(&self, path: &str, slugs: &[Cow<'_, str>]) -> Option<AddressOwner<'_>> {
        if let Some(folder) = OwnPaths::reserved_folder(path, |taxonomy| self.slugs_of(taxonomy)) {
            return Some(AddressOwner::Site(format!("files in `{folder}`").into()));
        }
        let owner = self.owner(path);
        if owner.is_some() {
            return owner;
        }
        let usual = self.usual.get_or_init(|| {
            let mut usual = FilePaths::with_capacity(self.posts.len());
            for (at, (dated, slug)) in self.posts.iter().zip(slugs).enumerate() {
                if matches!(read_stated_address(&dated.post, self.config), Ok(None)) {
                    let path = build_post_path(dated, slug, self.config);
                    usual.enter(file_of(&path).into(), at);
                }
            }
            usual
        });
        let file = file_of(path);
        let other = usual.folder_owner(&file).or_else(|| {
            let mut folders = fs::above(&file);
            folders.find_map(|folder| usual.spelled_differently(folder))
        });
        other.map(|other| AddressOwner::Post(&self.posts[other].post))
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
        let (config, spelling) = (self.config, self.config.slug_spelling());
        let slugs = |taxonomy| {
            let names = list_term_names(self.posts, taxonomy, config);
            let slug = |name| {
                let slug = term_slug(address_name(name, taxonomy, config), spelling);
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

/// What has an address.
enum AddressOwner<'a> {
    Post(&'a Post<StoredBody>),
    /// Another page or file of the site, as a message names it.
    Site(Cow<'a, str>),
}

impl AddressOwner<'_> {
    /// Names it in a few words.
    fn short(&self) -> Cow<'_, str> {
        match self {
            Self::Post(post) => (&*post.source.file).into(),
            Self::Site(what) => (&**what).into(),
        }
    }

    /// Names it with its place.
    fn long(&self) -> Cow<'_, str> {
        match self {
            Self::Post(post) => {
                let (kind, place) = (kind_of(post), place_of(post));
                format!("the {kind} {} in {place}", quote_for_message(&post.title)).into()
            }
            Self::Site(what) => (&**what).into(),
        }
    }
}

/// Returns slugs with ever more digits of a hash of the place of a post behind them.
fn hashed_slugs(source: &PostSource, slug: &str) -> impl Iterator<Item = String> {
    let origin = format!("{}\0{}", source.file, source.index);
    let hash = blake3::hash(origin.as_bytes()).to_hex();
    (4..=hash.len())
        .step_by(4)
        .map(move |digits| format!("{slug}-{}", &hash[..digits]))
}

/// Returns the path of a post with this slug under the pattern of the site.
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
    match dated.post.role() {
        TextRole::Page => build_page_path(&dated.post, slug, config.slug_spelling()),
        _ => fill_pattern(dated, slug, &config.content.permalink, config),
    }
}

/// Returns the path that a pattern gives a post.
fn fill_pattern(dated: &DatedPost, slug: &str, pattern: &Permalink, config: &Config) -> String {
    let first = dated.post.categories.first();
    let category = first.filter(|_| pattern.has_category());
    let category = category.map(|name| term_slug(name, config.slug_spelling()));
    pattern.fill(PermalinkValues {
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
    let start = cut_to_bytes(name, room).trim_end_matches('-');
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

fn kind_of(post: &Post<StoredBody>) -> &'static str {
    match post.role() {
        TextRole::Page => "page",
        _ => "post",
    }
}

fn place_of(post: &Post<StoredBody>) -> FilePlace {
    FilePlace::line(post.source.file.clone(), post.source.line)
}

fn report_taken(
    post: &Post<StoredBody>,
    stated: &str,
    owner: &AddressOwner<'_>,
    path: &str,
) -> Diagnostic {
    let kind = kind_of(post);
    let message = format!(
        "the address {} of the {kind} {} is already that of {}, so this {kind} is at {}",
        quote_for_message(stated),
        quote_for_message(&post.title),
        owner.long(),
        quote_for_message(path)
    );
    let found = Diagnostic::new(Code::AddressTaken, place_of(post), message);
    found.with_help("give one of them another `permalink`")
}

fn report_collision(post: &Post<StoredBody>, slug: &str, owner: &str, free: &str) -> Diagnostic {
    let kind = kind_of(post);
    Diagnostic::new(
        Code::SlugCollision,
        FilePlace::line(post.source.file.clone(), post.source.line),
        format!("the slug `{slug}` is already taken by {owner}, so this {kind} is at `{free}`"),
    )
    .with_help(format!("give the {kind} a SLUG of its own"))
}

#[cfg(test)]
pub(super) mod tests;
