//! Decides which paths on disk are files that pages are made from.

use std::path::{Path, PathBuf};

use pressrun_site::config;
use pressrun_site::discover;
use pressrun_site::fs::{is_ignored_path, path_with_slashes};
use pressrun_site::{render, review};

/// Top-level folders of a site that pages are made from.
pub(super) const TOPS: [&str; 1 + render::SOURCES.len()] = {
    let mut tops = [discover::FOLDER; 1 + render::SOURCES.len()];
    let mut at = 0;
    while at < render::SOURCES.len() {
        tops[at + 1] = render::SOURCES[at];
        at += 1;
    }
    tops
};

/// Files in the root of a site that pages are made from.
pub(super) const FILES: [&str; 2] = [config::FILE, review::FILE];

/// Finds the names of a site's files by their locations.
#[derive(Debug, Default)]
pub(super) struct WatchedNames {
    /// The folder of the site, as the system names it.
    pub(super) root: PathBuf,
    /// The target of each symbolic link, with the link's path from the root of the site.
    pub(super) targets: Vec<(PathBuf, String)>,
}

impl WatchedNames {
    /// Returns the paths that a location on disk has in the site. Returns none for files that pages
    /// are not made from, such as the output folder.
    pub(super) fn site_paths_of(&self, location: &Path) -> Vec<String> {
        let own = location
            .strip_prefix(&self.root)
            .ok()
            .map(path_with_slashes);
        // A file may be reached through several links, under a different name each.
        let by_link = self.targets.iter().filter_map(|(target, link)| {
            let below = path_with_slashes(location.strip_prefix(target).ok()?);
            Some(if below.is_empty() {
                link.clone()
            } else {
                format!("{link}/{below}")
            })
        });
        own.into_iter()
            .chain(by_link)
            .filter(|path| is_source(path))
            .collect()
    }
}

/// Returns whether pages are made from a path of the site.
fn is_source(path: &str) -> bool {
    if FILES.contains(&path) {
        return true;
    }
    let (top, below) = path.split_once('/').unwrap_or((path, ""));
    TOPS.contains(&top) && !is_ignored_path(below)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(location: &str, expected: &[&str]) {
        let names = WatchedNames {
            root: PathBuf::from("/site"),
            targets: vec![
                (PathBuf::from("/notes/a.md"), "content/link.md".to_owned()),
                (PathBuf::from("/notes"), "content/notes".to_owned()),
            ],
        };
        assert_eq!(
            names.site_paths_of(Path::new(location)),
            expected,
            "{location}"
        );
    }

    #[test]
    fn only_what_pages_are_made_from_counts() {
        check("/site/content/a/b.md", &["content/a/b.md"]);
        check("/site/content", &["content"]);
        check("/site/site.toml", &["site.toml"]);
        check("/site/reviews.toml", &["reviews.toml"]);
        for folder in render::SOURCES {
            let path = format!("{folder}/a");
            check(&format!("/site/{path}"), &[&path]);
        }
        for other in [
            "/site",
            "/site/public/index.html",
            "/site/.pressrun/serve/content",
            "/site/content/.a.md.swp",
            "/site/content/.git/a.md",
            "/site/templates/post.html~",
            "/site/contents",
        ] {
            check(other, &[]);
        }
    }

    #[test]
    fn what_a_link_leads_to_has_the_name_of_the_link() {
        check("/notes/a.md", &["content/link.md", "content/notes/a.md"]);
        check("/notes/b/c.md", &["content/notes/b/c.md"]);
    }
}
