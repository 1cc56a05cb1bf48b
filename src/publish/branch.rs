//! Finds out what is on a branch before a site replaces it.
//!
//! A branch that pressrun published is recognised by its commits, or by the `generator` of its home
//! page if others have committed on top. Sources of a site are recognised by `site.toml`, or by
//! files in `content/` that may hold posts, and are never replaced. Anything else is replaced only
//! if the user allows it.

use std::collections::BTreeMap;

use pressrun_posts::diagnostic::quote_for_message;
use pressrun_site::config;
use pressrun_site::discover;
use pressrun_site::git::{GitResult, Repository};

use super::doctor::html;
use super::remote::BranchTip;
use super::source;

/// The mode and the object of each path in a commit.
pub(super) type Entries = BTreeMap<Vec<u8>, (String, String)>;

/// What a branch holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum BranchContent {
    /// A site that pressrun published, or nothing of value.
    Site,
    /// Sources of a site; this file is one of them.
    Sources(String),
    /// Something that pressrun did not publish, described in words.
    Unknown(String),
}

/// The number of commits that are searched, the newest first.
const MOST_COMMITS: &str = "--max-count=100";

/// The number of bytes of a home page that are searched for its generator.
const MOST_READ: u64 = 4 << 20;

/// Names of files that a new repository starts with.
const FRESH: [&str; 7] = [
    "readme",
    "license",
    "licence",
    "cname",
    ".gitignore",
    ".gitattributes",
    ".nojekyll",
];

/// Files and folders that show what a branch contains.
const MARKS: [(&str, &str); 28] = [
    ("hugo.toml", "the sources of a Hugo site"),
    ("hugo.yaml", "the sources of a Hugo site"),
    ("hugo.json", "the sources of a Hugo site"),
    ("archetypes/", "the sources of a Hugo site"),
    ("_config.yml", "the sources of a Jekyll or Hexo site"),
    ("_posts/", "the sources of a Jekyll site"),
    ("_layouts/", "the sources of a Jekyll site"),
    ("config.toml", "the sources of a Zola or Hugo site"),
    ("mkdocs.yml", "the sources of an MkDocs site"),
    ("book.toml", "the sources of an mdBook"),
    ("conf.py", "the sources of a Sphinx site"),
    ("pelicanconf.py", "the sources of a Pelican site"),
    (".eleventy.js", "the sources of an Eleventy site"),
    ("eleventy.config.js", "the sources of an Eleventy site"),
    ("eleventy.config.mjs", "the sources of an Eleventy site"),
    ("astro.config.mjs", "the sources of an Astro site"),
    ("astro.config.ts", "the sources of an Astro site"),
    ("docusaurus.config.js", "the sources of a Docusaurus site"),
    ("docusaurus.config.ts", "the sources of a Docusaurus site"),
    ("gatsby-config.js", "the sources of a Gatsby site"),
    ("package.json", "the sources of a program"),
    ("Cargo.toml", "the sources of a program"),
    ("go.mod", "the sources of a program"),
    ("pyproject.toml", "the sources of a program"),
    ("Gemfile", "the sources of a program"),
    ("src/", "the sources of a program"),
    ("templates/", "templates"),
    ("content/", "a folder `content/`"),
];

/// Finds out what a commit with these entries holds. `folder` is the folder of the site in the
/// repository: empty, or with `/` at its end.
pub(super) fn inspect_branch(
    repository: &Repository,
    tip: &BranchTip,
    entries: &Entries,
    folder: &str,
) -> GitResult<BranchContent> {
    let messages = messages(repository, tip)?;
    let published = |message: &String| source::is_of_publication(message);
    // A commit of pressrun holds the output folder and nothing else, whatever is in it.
    if messages.first().is_some_and(published) {
        return Ok(BranchContent::Site);
    }
    if let Some(file) = sources(entries, folder) {
        return Ok(BranchContent::Sources(file));
    }
    if entries.is_empty() || (messages.len() == 1 && entries.keys().all(|path| is_fresh(path))) {
        return Ok(BranchContent::Site);
    }
    Ok(match generator(repository, tip, entries) {
        Some(name) if name.starts_with("pressrun") => BranchContent::Site,
        Some(name) => {
            BranchContent::Unknown(format!("a site that {} made", quote_for_message(&name)))
        }
        None if messages.iter().any(published) => BranchContent::Site,
        None => BranchContent::Unknown(described(entries)),
    })
}

/// Lists the messages of the newest commits, without those that were merged into the branch.
fn messages(repository: &Repository, tip: &BranchTip) -> GitResult<Vec<String>> {
    let list = [
        "rev-list",
        "--first-parent",
        MOST_COMMITS,
        "--format=%B%x00",
        &tip.commit,
    ];
    let printed = repository.bytes(list, b"")?;
    let text = String::from_utf8_lossy(&printed);
    let commits = text.split_terminator('\0').map(str::trim_start);
    // Each message follows a line with the name of its commit.
    let messages = commits.filter_map(|commit| commit.strip_prefix("commit "));
    Ok(messages
        .map(|commit| commit.split_once('\n').unwrap_or_default().1.to_owned())
        .collect())
}

/// Finds a file that only the sources of a site have: of the site in `folder`, or of another one.
fn sources(entries: &Entries, folder: &str) -> Option<String> {
    let configuration = format!("{folder}{}", config::FILE);
    if entries.contains_key(configuration.as_bytes()) {
        return Some(configuration);
    }
    posts(entries, folder.as_bytes()).or_else(|| {
        let mut others = entries.keys().filter_map(|path| {
            let folder = path.strip_suffix(config::FILE.as_bytes())?;
            (folder.is_empty() || folder.ends_with(b"/")).then_some(folder)
        });
        others.find_map(|folder| posts(entries, folder))
    })
}

/// Finds a file that may hold posts in the content folder of a site.
fn posts(entries: &Entries, folder: &[u8]) -> Option<String> {
    let content = [folder, discover::FOLDER.as_bytes(), b"/"].concat();
    let mut inside = entries
        .range(content.clone()..)
        .map(|(path, _)| path)
        .take_while(|path| path.starts_with(&content))
        .map(|path| String::from_utf8_lossy(path));
    let file = inside.find(|path| discover::may_hold_posts(path))?;
    Some(file.into_owned())
}

/// Returns whether a new repository may start with this file.
fn is_fresh(path: &[u8]) -> bool {
    let name = String::from_utf8_lossy(path).to_lowercase();
    let stem = name.split_once('.').map_or(&*name, |(stem, _)| stem);
    FRESH.contains(&&*name) || (!stem.is_empty() && FRESH.contains(&stem))
}

/// Returns the program that the home page of a published site names as its generator.
fn generator(repository: &Repository, tip: &BranchTip, entries: &Entries) -> Option<String> {
    entries.get(&b"index.html"[..])?;
    let page = format!("{}:index.html", tip.commit);
    let page = repository.beginning(["cat-file", "blob", &page], MOST_READ);
    let page = page.ok()?;
    html::generator(&String::from_utf8_lossy(&page))
}

/// Describes a branch by the first mark that it has, or else by its first files.
fn described(entries: &Entries) -> String {
    let has = |mark: &str| {
        let mut from = entries.range(mark.as_bytes().to_vec()..);
        let first = from.next().map(|(path, _)| path.as_slice());
        first.is_some_and(|path| {
            path == mark.as_bytes() || mark.ends_with('/') && path.starts_with(mark.as_bytes())
        })
    };
    if let Some((mark, what)) = MARKS.iter().find(|(mark, _)| has(mark)) {
        return format!("{what} ({})", quote_for_message(mark));
    }
    let mut names: Vec<String> = entries
        .keys()
        .map(|path| {
            String::from_utf8_lossy(path)
                .split('/')
                .next()
                .unwrap_or_default()
                .to_owned()
        })
        .collect();
    names.dedup();
    let shown: Vec<String> = names
        .iter()
        .take(3)
        .map(|name| quote_for_message(name))
        .collect();
    let more = if names.len() > shown.len() {
        " and more"
    } else {
        ""
    };
    format!("{}{more}", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(paths: &[&str]) -> Entries {
        let paths = paths.iter();
        paths
            .map(|path| (path.as_bytes().to_vec(), (String::new(), String::new())))
            .collect()
    }

    #[test]
    fn sources_are_known_by_configuration_or_by_posts() {
        let check = |paths: &[&str], folder: &str, expected: Option<&str>| {
            assert_eq!(
                sources(&entries(paths), folder).as_deref(),
                expected,
                "{paths:?}"
            );
        };
        check(&["a", "site.toml"], "", Some("site.toml"));
        check(&["content/a.txt", "index.html"], "", Some("content/a.txt"));
        check(&["content/b/a.JSONL"], "", Some("content/b/a.JSONL"));
        check(&["blog/content/a.md"], "blog/", Some("blog/content/a.md"));
        // Another site in the same repository, or this one before it was moved.
        check(
            &["blog/content/a.md", "blog/site.toml"],
            "",
            Some("blog/content/a.md"),
        );
        // A site may well publish pages or pictures under this address.
        check(&["content/a/index.html", "content/b.png"], "", None);
        check(&["blog/content/a.md", "blog/index.html"], "", None);
        check(&["contents/a.md", "mysite.toml", "x/mysite.toml"], "", None);
    }

    #[test]
    fn new_repository_holds_nothing_to_miss() {
        for path in [
            "README.md",
            "README",
            "LICENSE",
            "LICENSE.txt",
            "CNAME",
            ".gitignore",
        ] {
            assert!(is_fresh(path.as_bytes()), "{path}");
        }
        for path in [
            "index.html",
            "docs/README.md",
            ".github/workflows/a.yml",
            "read",
        ] {
            assert!(!is_fresh(path.as_bytes()), "{path}");
        }
    }

    #[test]
    fn unknown_branch_is_described_by_what_is_on_it() {
        let check = |paths: &[&str], expected: &str| {
            assert_eq!(described(&entries(paths)), expected);
        };
        check(
            &["a", "mkdocs.yml"],
            "the sources of an MkDocs site (`mkdocs.yml`)",
        );
        check(
            &["_posts/a.md", "x"],
            "the sources of a Jekyll site (`_posts/`)",
        );
        check(&["a/b", "a/c", "b", "c`d"], "`a`, `b`, `c'd`");
        check(&["a", "b", "c", "d"], "`a`, `b`, `c` and more");
    }
}
