//! Which paths of the disk are files of the site that pages are made from.

use std::path::{Path, PathBuf};

use crate::fs::{is_passed_over, slashed};
use crate::{config, discover, render};

/// Folders in the root of a site that pages are made from.
pub(super) const TOPS: [&str; 3] = [discover::FOLDER, render::SOURCES[0], render::SOURCES[1]];

/// The names of a site's files by their places.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// The folder of the site, as the system calls it.
    pub(super) root: PathBuf,
    /// What symbolic links lead to, with the path of each link from the root of the site.
    pub(super) targets: Vec<(PathBuf, String)>,
}

impl Names {
    /// The paths from the root of the site that a place on disk has there; none for what pages
    /// are not made from, such as the output folder.
    pub(super) fn of(&self, location: &Path) -> Vec<String> {
        let own = location.strip_prefix(&self.root).ok().map(slashed);
        let by_link = self.targets.iter().filter_map(|(target, link)| {
            let below = slashed(location.strip_prefix(target).ok()?);
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

/// Whether pages are made from a path of the site.
fn is_source(path: &str) -> bool {
    if path == config::FILE {
        return true;
    }
    let (top, below) = path.split_once('/').unwrap_or((path, ""));
    TOPS.contains(&top) && !is_passed_over(below)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(location: &str, expected: &[&str]) {
        let names = Names {
            root: PathBuf::from("/site"),
            targets: vec![
                (PathBuf::from("/notes/a.md"), "content/link.md".to_owned()),
                (PathBuf::from("/notes"), "content/notes".to_owned()),
            ],
        };
        assert_eq!(names.of(Path::new(location)), expected, "{location}");
    }

    #[test]
    fn only_what_pages_are_made_from_counts() {
        check("/site/content/a/b.md", &["content/a/b.md"]);
        check("/site/content", &["content"]);
        check("/site/site.toml", &["site.toml"]);
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
