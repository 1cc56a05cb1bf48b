//! The address that a post states for itself, in `permalink` or `url`.
//!
//! It is a path, a pattern as in `site.toml` or as in Jekyll, or a whole address below that of the
//! site. The post keeps a path as such, and the others among the keys that no field reads.
//!
//! Not here: whether the address is free (`addresses`).

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace, quote_for_message};
use pressrun_posts::parse::key::normalise_key;
use pressrun_posts::post::{ExtraValue, Post};
use url::Url;

use super::Corpus;
use super::page_path::{PagePathFault, parse_page_path};
use super::redirects::RedirectTarget;
use crate::cache::StoredBody;
use crate::config::{Config, Permalink};

/// The keys of an address, as [`normalise_key`] returns them.
const ADDRESS_KEYS: [&str; 2] = ["permalink", "url"];

/// The keys of former addresses.
const ALIAS_KEYS: [&str; 3] = ["aliases", "alias", "redirectfrom"];

/// The maximum length in bytes of a pattern. A longer one cannot give a path that fits.
const MOST_PATTERN_BYTES: usize = 1000;

/// The maximum number of former addresses of one post, each of which becomes a file.
const MOST_ALIASES: usize = 1000;

/// The address that a post states for itself.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum StatedAddress {
    /// A path as [`parse_page_path`] returns it.
    Path(String),
    /// A pattern, whose values are those of the post.
    Pattern(Permalink),
}

/// Why a stated address is not used: the text of the author, and what is wrong with it, worded as
/// its predicate.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct UnusableAddress {
    pub(super) written: String,
    pub(super) fault: String,
}

impl UnusableAddress {
    pub(super) fn new(written: &str, fault: PagePathFault) -> Self {
        Self {
            written: written.to_owned(),
            fault: fault.to_string(),
        }
    }

    /// Returns the finding about it, which says what happens instead.
    pub(super) fn report(&self, post: &Post<StoredBody>, instead: &str) -> Diagnostic {
        let (written, fault) = (quote_for_message(&self.written), &self.fault);
        let source = &post.source;
        let place = FilePlace::line(source.file.clone(), source.line);
        let message = format!("the address {written} {fault}, so {instead}");
        let found = Diagnostic::new(Code::AddressUnusable, place, message);
        found.with_help("write a path such as `/2026/a-post/`")
    }
}

/// Returns the address that a post states, if it states one.
pub(super) fn read_stated_address(
    post: &Post<StoredBody>,
    config: &Config,
) -> Result<Option<StatedAddress>, UnusableAddress> {
    let path = |written: &str| {
        let path = parse_page_path(written);
        let path = path.map_err(|fault| UnusableAddress::new(written, fault))?;
        Ok(Some(StatedAddress::Path(path)))
    };
    if let Some(permalink) = &post.permalink {
        return path(permalink);
    }
    for (key, value) in &post.extra {
        let key = normalise_key(key);
        let ExtraValue::Text(text) = value else {
            continue;
        };
        let text = text.trim();
        if !ADDRESS_KEYS.contains(&&*key) || text.is_empty() {
            continue;
        }
        if Permalink::is_pattern(text) {
            return read_pattern(text).map(Some);
        }
        if text.contains("://") || text.starts_with("//") {
            match config.path_of_address(text) {
                Some(below) => return path(below),
                // The address of something else: a link of the post, or the place of its original.
                None => continue,
            }
        }
        // `url: something` may mean anything.
        if key == "permalink" || text.starts_with('/') {
            let found = parse_plain_path(text);
            let found = found.map_err(|fault| UnusableAddress::new(text, fault))?;
            return Ok(Some(StatedAddress::Path(found)));
        }
    }
    Ok(None)
}

/// Reads a path that is not among the plain ones. A query and a fragment are no part of the address
/// of a file.
fn parse_plain_path(text: &str) -> Result<String, PagePathFault> {
    if text.contains(['?', '#', '*', '<']) {
        return Err(PagePathFault::NoPath);
    }
    parse_page_path(text)
}

fn read_pattern(text: &str) -> Result<StatedAddress, UnusableAddress> {
    let unusable = |fault: String| UnusableAddress {
        written: text.to_owned(),
        fault,
    };
    if text.len() > MOST_PATTERN_BYTES {
        return Err(unusable(PagePathFault::TooLong.to_string()));
    }
    let pattern = Permalink::parse_placeholders(text);
    let pattern =
        pattern.map_err(|expected| unusable(format!("is no pattern: it takes {expected}")))?;
    Ok(StatedAddress::Pattern(pattern))
}

/// Returns the former addresses that a post states, each as its author wrote it and as a path or
/// the reason why it is none. `own` is the path of the post. Only the first 1,000 count.
pub(super) fn read_aliases<'p>(
    post: &'p Post<StoredBody>,
    own: &str,
    config: &Config,
) -> Vec<(&'p str, Result<String, PagePathFault>)> {
    let paths = post.aliases.iter().map(|alias| {
        let path = resolve_alias(alias, own).unwrap_or_else(|| alias.clone());
        (alias.as_str(), parse_page_path(&path))
    });
    // Other aliases are names, as in Obsidian, or whole addresses.
    let others = post.extra.iter().filter_map(|(key, value)| {
        let is_key = ALIAS_KEYS.contains(&&*normalise_key(key));
        is_key.then_some(value)
    });
    let others = others.flat_map(|value| match value {
        ExtraValue::List(items) => items.as_slice(),
        value => std::slice::from_ref(value),
    });
    let others = others.filter_map(|value| match value {
        ExtraValue::Text(text) => {
            let trimmed = text.trim();
            let is_path = trimmed.starts_with('/') && !trimmed.starts_with("//");
            let is_file = trimmed.ends_with(".html") && !trimmed.contains(':');
            let path = if is_path || is_file {
                trimmed
            } else {
                config.path_of_address(trimmed)?
            };
            Some((text.as_str(), parse_plain_path(path)))
        }
        _ => None,
    });
    paths.chain(others).take(MOST_ALIASES).collect()
}

/// Records what search engines should show instead of posts and pages, as these state it. Returns
/// what none of them can be.
pub(super) fn place_canonicals(corpus: &mut Corpus, config: &Config) -> Vec<Diagnostic> {
    let pages = corpus.pages.iter_mut().map(|page| &mut page.text);
    let mut found = Vec::new();
    for entry in corpus.posts.iter_mut().chain(pages) {
        match read_stated_canonical(&entry.post, &entry.path, config) {
            Ok(stated) => entry.stated_canonical = stated,
            Err(unusable) => {
                found.push(unusable.report(&entry.post, "search engines are shown this page"));
            }
        }
    }
    found
}

/// Returns what search engines should show instead of the page of a post, if the post states that.
/// `own` is the path of the post.
fn read_stated_canonical(
    post: &Post<StoredBody>,
    own: &str,
    config: &Config,
) -> Result<Option<RedirectTarget>, UnusableAddress> {
    let Some(written) = post.canonical.as_deref() else {
        return Ok(None);
    };
    let path = match (config.path_of_address(written), Url::parse(written)) {
        (Some(below), _) => below,
        (None, Ok(address)) if matches!(address.scheme(), "http" | "https") => {
            return Ok(Some(RedirectTarget::Address(address.into())));
        }
        (None, Ok(_)) => return Err(UnusableAddress::new(written, PagePathFault::NoPath)),
        (None, Err(_)) => written,
    };
    let path = parse_page_path(path).map_err(|fault| UnusableAddress::new(written, fault))?;
    Ok((path != own).then_some(RedirectTarget::Path(path)))
}

/// Returns the path that `./old/` or `../old/` means, seen from the folder in which a post with the
/// path `own` is. Returns `None` for other aliases, which count from the root of the site.
fn resolve_alias(alias: &str, own: &str) -> Option<String> {
    // A `/` stands before every alias, whether its author wrote one or not.
    let mut rest = &alias[1.min(alias.len())..];
    if !(rest.starts_with("./") || rest.starts_with("../")) {
        return None;
    }
    let mut folder = parent_folder(own);
    loop {
        if let Some(below) = rest.strip_prefix("./") {
            rest = below;
        } else if let Some(below) = rest.strip_prefix("../") {
            rest = below;
            folder = parent_folder(folder);
        } else {
            return Some(format!("{folder}{rest}"));
        }
    }
}

/// Returns the folder above a page or folder, ending in `/`. That of the root is the root.
fn parent_folder(path: &str) -> &str {
    let path = path.strip_suffix('/').unwrap_or(path);
    path.rfind('/').map_or("/", |at| &path[..=at])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::BaseUrl;

    fn config() -> Config {
        Config {
            public_url: BaseUrl::parse("https://me.example/blog/").unwrap(),
            ..Config::default()
        }
    }

    fn post(permalink: Option<&str>, extra: &[(&str, ExtraValue)]) -> Post<StoredBody> {
        let extra = extra.iter();
        Post {
            permalink: permalink.map(str::to_owned),
            extra: extra
                .map(|(key, value)| ((*key).to_owned(), value.clone()))
                .collect(),
            ..Post::default()
        }
    }

    fn text(text: &str) -> ExtraValue {
        ExtraValue::Text(text.to_owned())
    }

    /// Reads the value of a key that the post keeps among the others.
    #[track_caller]
    fn check(key: &str, value: &str, expected: Result<Option<&str>, &str>) {
        let stated = read_stated_address(&post(None, &[(key, text(value))]), &config());
        let path = stated.map(|stated| {
            stated.map(|stated| match stated {
                StatedAddress::Path(path) => path,
                StatedAddress::Pattern(_) => "pattern".to_owned(),
            })
        });
        let path = path.map_err(|unusable| unusable.fault);
        let expected = expected.map(|path| path.map(str::to_owned));
        assert_eq!(path, expected.map_err(str::to_owned), "{key}: {value}");
    }

    #[test]
    fn address_is_a_path_a_pattern_or_a_whole_address_of_the_site() {
        let stated = read_stated_address(&post(Some("/a/b"), &[]), &config());
        assert_eq!(stated, Ok(Some(StatedAddress::Path("/a/b/".to_owned()))));
        check("permalink", "/:year/:title/", Ok(Some("pattern")));
        check("url", "/{year}/x.html", Ok(Some("pattern")));
        check(
            "permalink",
            "https://me.example/blog/a%20b/",
            Ok(Some("/a b/")),
        );
        check("url", "https://me.example/other/", Ok(None));
        check("url", "a picture", Ok(None));
        check("permalink", "about.html", Ok(Some("/about.html")));
    }

    #[test]
    fn address_that_is_none_is_named() {
        check("permalink", "/a?b=c", Err("is no path of a page"));
        check("permalink", "/../x", Err("is no path of a page"));
        let message = "is no pattern: it takes `{slug}`, `{year}`, `{month}`, `{day}` and \
                       `{category}`, not `:what`";
        check("permalink", "/:what/x/", Err(message));
        check(
            "permalink",
            &"/{slug}".repeat(1000),
            Err("is too long for a file"),
        );
    }

    #[test]
    fn canonical_address_is_elsewhere_or_another_page() {
        let address = |address: &str| Ok(Some(RedirectTarget::Address(address.to_owned())));
        let path = |path: &str| Ok(Some(RedirectTarget::Path(path.to_owned())));
        let no_path = |written: &str| Err(UnusableAddress::new(written, PagePathFault::NoPath));
        for (written, expected) in [
            (
                "https://x.example/a?b#c",
                address("https://x.example/a?b#c"),
            ),
            (
                "HTTPS://X.example/\"><b>",
                address("https://x.example/%22%3E%3Cb%3E"),
            ),
            ("https://me.example/blog/b", path("/b/")),
            ("/caf%C3%A9.html", path("/café.html")),
            ("/own", Ok(None)),
            ("https://me.example/blog/own/", Ok(None)),
            ("javascript:alert(1)", no_path("javascript:alert(1)")),
            ("/../a", no_path("/../a")),
        ] {
            let mut post = post(None, &[]);
            post.canonical = Some(written.to_owned());
            let found = read_stated_canonical(&post, "/own/", &config());
            assert_eq!(found, expected, "{written}");
        }
    }

    #[test]
    fn aliases_count_from_the_root_unless_they_begin_with_dots() {
        let mut post = post(
            None,
            &[(
                "aliases",
                ExtraValue::List(vec![
                    text("A name"),
                    text("old.html"),
                    text("https://me.example/blog/w/"),
                    text("/?p=12"),
                    text("/old/#part"),
                    text("https://x.example/w/"),
                ]),
            )],
        );
        let aliases = ["/a/b", "/../up/", "/./beside/", "/../../../x", "/a/../b"];
        post.aliases = aliases.map(str::to_owned).into();
        let found = read_aliases(&post, "/posts/2026/a/", &config());
        let paths: Vec<Result<String, PagePathFault>> =
            found.into_iter().map(|(_, path)| path).collect();
        let expected = ["/a/b/", "/posts/up/", "/posts/2026/beside/", "/x/"];
        let mut expected: Vec<_> = expected.iter().map(|path| Ok((*path).to_owned())).collect();
        expected.push(Err(PagePathFault::NoPath));
        expected.extend(["/old.html", "/w/"].map(|path| Ok(path.to_owned())));
        // A file answers to no query, so this is said and not forgotten.
        expected.extend([Err(PagePathFault::NoPath), Err(PagePathFault::NoPath)]);
        assert_eq!(paths, expected);
    }
}
