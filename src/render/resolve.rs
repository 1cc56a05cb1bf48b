//! Where the links and pictures of a body lead.
//!
//! Within the site a destination may be written as a path from its root (`/posts/a/`), as a path
//! to a file of the content (`other.md`, `picture.png`, as editors complete it), or as an absolute address
//! below `base_url`. What leads to no page or file of the plan is reported.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::Renderer;
use super::links::{decode, file_of};
use super::plan::Job;
use super::theme::media_path;
use crate::corpus::{Corpus, Entry};
use crate::discover::SourceFile;

/// What links can lead to.
#[derive(Debug)]
pub(super) struct Targets {
    /// Files of the site, relative to its root.
    files: HashSet<String>,
    /// Path on the site of each file of the content that is media or holds exactly one post.
    sources: HashMap<String, Option<String>>,
}

impl Targets {
    pub(super) fn new(jobs: &[Job], corpus: &Corpus, media: &[SourceFile]) -> Self {
        let mut sources: HashMap<String, Option<String>> = HashMap::new();
        for entry in &corpus.posts {
            sources
                .entry(entry.post.source.file.to_string())
                .and_modify(|page| *page = None)
                .or_insert_with(|| Some(entry.path.clone()));
        }
        for file in media {
            sources.insert(file.path.to_string(), Some(media_path(&file.path)));
        }
        Self {
            files: jobs.iter().map(Job::file).collect(),
            sources,
        }
    }

    /// The path as it is served, or nothing if it is not: a folder gets the `/` it lacks.
    fn served(&self, path: &str) -> Option<String> {
        if self.files.contains(&file_of(path)) {
            return Some(path.to_owned());
        }
        let folder = format!("{path}/");
        self.files.contains(&file_of(&folder)).then_some(folder)
    }
}

/// Resolves the destinations in the body of one post.
pub(super) struct PostResolver<'r> {
    renderer: &'r Renderer<'r>,
    entry: &'r Entry,
    absolute: bool,
}

impl Renderer<'_> {
    /// The resolver for a body; with absolute addresses for feeds.
    pub(super) fn resolver<'r>(&'r self, entry: &'r Entry, absolute: bool) -> PostResolver<'r> {
        PostResolver {
            renderer: self,
            entry,
            absolute,
        }
    }

    /// The absolute address of a picture that a post names, if it is one.
    pub(super) fn absolute_image(&self, written: &str, entry: &Entry) -> Option<String> {
        let resolved = self.resolver(entry, true).resolve(written);
        let absolute = resolved.url.starts_with("https://") || resolved.url.starts_with("http://");
        (absolute && !resolved.dead).then(|| resolved.url.into_owned())
    }
}

/// Where a destination leads.
pub(super) struct Resolved<'d> {
    /// The address to print.
    pub(super) url: Cow<'d, str>,
    /// It should lead to a page or file of this site, and does not.
    pub(super) dead: bool,
}

impl PostResolver<'_> {
    /// Finds out where a destination leads, which is written as its author wrote it.
    pub(super) fn resolve<'d>(&self, destination: &'d str) -> Resolved<'d> {
        let live = |url| Resolved { url, dead: false };
        let end = destination.find(['?', '#']).unwrap_or(destination.len());
        let (address, rest) = destination.split_at(end);
        if address.is_empty() {
            return live(self.on_this_page(rest));
        }
        let Some(path) = self.own_path(address) else {
            return live(Cow::Borrowed(destination));
        };
        match self.served(address, &path) {
            Some(path) => live(Cow::Owned(self.url(&path) + rest)),
            None => Resolved {
                url: Cow::Owned(self.url(&path) + rest),
                dead: true,
            },
        }
    }

    /// A link within the page itself, which a feed shows elsewhere.
    fn on_this_page<'d>(&self, fragment: &'d str) -> Cow<'d, str> {
        if self.absolute {
            Cow::Owned(self.url(&self.entry.path) + fragment)
        } else {
            Cow::Borrowed(fragment)
        }
    }

    fn url(&self, path: &str) -> String {
        if self.absolute {
            self.renderer.links.absolute(path)
        } else {
            self.renderer.links.url(path)
        }
    }

    /// The path from the root of the site that an address means, or nothing if it leads away.
    fn own_path(&self, address: &str) -> Option<String> {
        let base = self.renderer.links.base();
        if let Some(below) = address.strip_prefix(base.as_str()) {
            return Some(decode(below));
        }
        let scheme = address.find(':').is_some_and(|colon| {
            address[..colon]
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
        });
        if scheme || address.starts_with("//") {
            return None;
        }
        Some(normal(&decode(address)))
    }

    /// The path of the page or file that an address means, if the site has it.
    fn served(&self, address: &str, path: &str) -> Option<String> {
        let targets = &self.renderer.targets;
        if !address.starts_with('/') {
            let folder = self
                .entry
                .post
                .source
                .file
                .rsplit_once('/')
                .map_or("", |(f, _)| f);
            let beside = normal(&format!("/{folder}/{}", decode(address)));
            if let Some(Some(page)) = targets.sources.get(&beside[1..]) {
                return Some(page.clone());
            }
        }
        targets.served(path).or_else(|| {
            let below_base = self.renderer.links.path_of(address)?;
            targets.served(&below_base)
        })
    }
}

/// A path without `.` and `..`; what would lead above the root stays below it.
fn normal(path: &str) -> String {
    let mut names: Vec<&str> = Vec::new();
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." => {
                names.pop();
            }
            name => names.push(name),
        }
    }
    let end = if path.ends_with('/') && !names.is_empty() {
        "/"
    } else {
        ""
    };
    format!("/{}{end}", names.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_never_lead_above_the_root() {
        assert_eq!(normal("/a/./b/../c.md"), "/a/c.md");
        assert_eq!(normal("/../../x"), "/x");
        assert_eq!(normal("/a//b/"), "/a/b/");
        assert_eq!(normal("/"), "/");
    }
}
