//! The site at one moment: what is served at each address, and what prevents a newer site from
//! being served. A snapshot is immutable.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::Arc;

use super::overview;
use super::view::{self, Mark, Source, View};
use crate::cache::Fingerprint;
use crate::diagnostic::report::Style;
use crate::diagnostic::{Diagnostic, Severity};
use crate::error::Error;
use crate::pipeline::live::Findings;
use crate::pipeline::search::Index;
use crate::pipeline::source_line;
use crate::post::Date;
use crate::render::{Content, Failure, Job, Page, Renderer};
use crate::search;

/// Path of the pages of the preview itself.
pub(super) const OWN: &str = "/_pressrun/";

/// A site, and what is wrong with the newest state of its files.
#[derive(Default, Clone)]
pub(super) struct Snapshot {
    /// Number of the snapshot; it increases within a preview.
    pub(super) number: u64,
    /// The last good site and its findings; `None` before the first.
    pub(super) site: Option<(Arc<Renderer>, Arc<Findings>)>,
    /// The search index, which is built when somebody searches.
    pub(super) index: Arc<Index>,
    /// Descriptions of what prevents a newer site from being shown.
    pub(super) problems: Arc<Vec<String>>,
    /// Folder of the site.
    pub(super) root: PathBuf,
    pub(super) today: Date,
    /// Whether the preview ends and there will be no other snapshot.
    pub(super) is_last: bool,
}

/// What is served at an address.
pub(super) enum Found {
    /// A page, with the status of the answer.
    Page(u16, View),
    /// A file that is not a page.
    Bytes(&'static str, Vec<u8>),
    /// A file on disk.
    File(&'static str, PathBuf),
    /// A redirect to another address.
    Redirect(String),
    /// A page whose text is damaged in the cache.
    Damaged,
}

impl Snapshot {
    /// Returns what is known about the site besides its pages.
    pub(super) fn findings(&self) -> Option<&Findings> {
        self.site.as_ref().map(|(_, findings)| &**findings)
    }

    fn renderer(&self) -> Option<&Renderer> {
        self.site.as_ref().map(|(renderer, _)| &**renderer)
    }

    /// Returns the address of the home page of a preview at `origin`.
    pub(super) fn home(&self, origin: &str) -> String {
        let path = self.renderer().map_or("/", |site| site.base_url().path());
        format!("{origin}{path}")
    }

    /// Returns what is served at the path of a request, which is still percent-encoded.
    pub(super) fn find(&self, path: &str) -> Found {
        let Some(site) = self.renderer() else {
            return broken(503, &self.problems);
        };
        if path == OWN {
            return Found::Page(200, overview::page(self, site));
        }
        let base = site.base_url().path();
        if !path.starts_with(base) {
            // Somebody who opens the bare host wants the site, which may be below a path.
            let is_above = path == "/" || format!("{path}/") == base;
            return if is_above {
                Found::Redirect(base.to_owned())
            } else {
                self.missing(site)
            };
        }
        let Some(path) = site.path_of(path) else {
            return self.missing(site);
        };
        let with = |ending: &str| format!("{path}{ending}");
        if path.starts_with(search::FOLDER) {
            self.searched(&path, site)
        } else if let Some(job) = site.job_at(&path) {
            self.serve(200, job, site)
        } else if site.job_at(&with("/")).is_some() {
            Found::Redirect(site.url(&with("/")))
        } else if let Some(job) = site.job_at(&with(".html")) {
            // GitHub Pages does the same.
            self.serve(200, job, site)
        } else {
            self.missing(site)
        }
    }

    /// Returns the address of the theme's style sheet.
    pub(super) fn theme_style(&self) -> Option<String> {
        self.renderer().map(|site| site.url(site.style_path()))
    }

    /// Returns the current address of a post.
    pub(super) fn address_of(&self, source: &Source) -> Option<String> {
        let site = self.renderer()?;
        let posts = || site.corpus().posts.iter();
        // A post that was moved has the same words; one that was edited, the same place.
        let same_place = posts().find(|entry| source.is_place_of(&entry.post.source));
        let entry =
            same_place.or_else(|| posts().find(|entry| entry.post.words_hash == source.words))?;
        Some(site.url(&entry.path))
    }

    /// Returns what prevents the reply of a page from being shown: the problems of the site, and
    /// the errors of replies in the same file.
    pub(super) fn problems_of(&self, source: Option<&Source>) -> Vec<String> {
        let mut problems = (*self.problems).clone();
        if let (Some(source), Some(findings)) = (source, self.findings()) {
            let of_file = |one: &&Diagnostic| {
                one.severity() == Severity::Error && *one.place.file == *source.file
            };
            let found = findings.diagnostics.iter().filter(of_file);
            problems.extend(found.map(|one| self.draw(one)));
        }
        problems
    }

    /// Draws a diagnostic with the line of the file that it is about.
    pub(super) fn draw(&self, diagnostic: &Diagnostic) -> String {
        draw(diagnostic, &self.root)
    }

    fn serve(&self, status: u16, job: &Job, site: &Renderer) -> Found {
        let media_type = super::media_type::of(&job.file);
        let is_page = media_type == super::media_type::HTML;
        // Such a file is streamed from disk, and a part of it can be requested.
        if let (Page::File(Content::File(location, _), _), false) = (&job.page, is_page) {
            return Found::File(media_type, location.clone());
        }
        match site.render(job) {
            Ok(bytes) if is_page => {
                let (source, mark) = self.post_of(job, site);
                Found::Page(status, View::new(bytes, site, source, mark))
            }
            Ok(bytes) => Found::Bytes(media_type, bytes),
            Err(Failure::Machine(error)) if is_damage(&error) => Found::Damaged,
            Err(failure) => broken(500, &problems(&failure, &self.root)),
        }
    }

    /// Returns a file of the search index.
    fn searched(&self, path: &str, site: &Renderer) -> Found {
        let files = match self.index.of(site) {
            Ok(files) => files,
            Err(error) if is_damage(&error) => return Found::Damaged,
            Err(error) => return broken(500, &[error.to_string()]),
        };
        match files.iter().find(|file| file.path == path) {
            Some(file) => Found::Bytes(super::media_type::of(path), file.bytes.clone()),
            None => self.missing(site),
        }
    }

    fn missing(&self, site: &Renderer) -> Found {
        match site.job_at("/404.html") {
            Some(job) => self.serve(404, job, site),
            None => broken(404, &[]),
        }
    }

    /// Returns where the post of a page comes from, and its mark if it is not published yet.
    fn post_of(&self, job: &Job, site: &Renderer) -> (Option<Source>, Option<Mark>) {
        let Page::Post(id) = job.page else {
            return (None, None);
        };
        let entry = &site.corpus().posts[id as usize];
        let ahead = entry.date.filter(|date| *date > self.today);
        let mark = match (entry.post.draft, ahead) {
            (true, _) => Some(Mark::Draft),
            (false, Some(date)) => Some(Mark::Future(date)),
            (false, None) => None,
        };
        (Some(Source::of(&entry.post)), mark)
    }
}

/// Returns a page that describes the errors, in place of a page that cannot be rendered.
fn broken(status: u16, problems: &[String]) -> Found {
    Found::Page(status, view::broken(problems))
}

/// Draws a diagnostic with the line of the file that it is about, without colours.
pub(super) fn draw(diagnostic: &Diagnostic, root: &std::path::Path) -> String {
    Style::default().draw(diagnostic, source_line(root, diagnostic).as_deref())
}

/// Draws the problems of a failure, one text for each.
pub(super) fn problems(failure: &Failure, root: &std::path::Path) -> Vec<String> {
    match failure {
        Failure::Site(diagnostics) => diagnostics.iter().map(|one| draw(one, root)).collect(),
        Failure::Machine(error) => vec![Style::default().draw_refusal(error)],
    }
}

/// Returns whether an error means that the cache is damaged.
pub(super) fn is_damage(error: &Error) -> bool {
    error.kind() == ErrorKind::InvalidData
}

/// Returns the entity tag of content that is served.
pub(super) fn entity_tag(bytes: &[u8]) -> String {
    format!("\"{}\"", Fingerprint::of_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn before_the_first_site_every_page_says_why() {
        let snapshot = Snapshot {
            problems: Arc::new(vec!["error: <one>\n".to_owned()]),
            ..Snapshot::default()
        };
        let Found::Page(503, view) = snapshot.find("/posts/a/") else {
            panic!("it is a page with the status 503");
        };
        let page = String::from_utf8(view.html).unwrap();
        assert!(page.contains("error: &lt;one&gt;"), "{page}");
    }
}
