//! The site at one moment: what is served at an address, and what keeps a newer site from being
//! served. It does not change once it is made.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;

use super::overview;
use super::view::{self, Mark, Source, View};
use crate::cache::Fingerprint;
use crate::diagnostic::report::Style;
use crate::diagnostic::{Diagnostic, Severity};
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
    /// Counts the snapshots of a preview.
    pub(super) number: u64,
    /// The last good site with what is known of it; `None` before the first.
    pub(super) site: Option<(Arc<Renderer>, Arc<Findings>)>,
    /// The index of the search, which is made when somebody searches.
    pub(super) index: Arc<Index>,
    /// What keeps a newer site from being shown, as it is drawn for a person.
    pub(super) problems: Arc<Vec<String>>,
    /// Folder of the site.
    pub(super) root: PathBuf,
    pub(super) today: Date,
    /// The preview ends: there will be no other.
    pub(super) is_last: bool,
}

/// What is at an address.
pub(super) enum Found {
    /// A page with the status of its answer.
    Page(u16, View),
    /// A file that is not a page.
    Bytes(&'static str, Vec<u8>),
    /// A file on disk.
    File(&'static str, PathBuf),
    /// Nothing, but something elsewhere.
    Redirect(String),
}

impl Snapshot {
    /// What is known of the site beside its pages.
    pub(super) fn findings(&self) -> Option<&Findings> {
        self.site.as_ref().map(|(_, findings)| &**findings)
    }

    fn renderer(&self) -> Option<&Renderer> {
        self.site.as_ref().map(|(renderer, _)| &**renderer)
    }

    /// Address of the home page on a preview at `origin`.
    pub(super) fn home(&self, origin: &str) -> String {
        let path = self.renderer().map_or("/", |site| site.base_url().path());
        format!("{origin}{path}")
    }

    /// What is served at the path of a request, as it came: still percent-encoded.
    pub(super) fn find(&self, path: &str) -> Found {
        let Some(site) = self.renderer() else {
            return broken(503, &self.problems);
        };
        if path == OWN {
            return Found::Page(200, overview::page(self, site));
        }
        let base = site.base_url().path();
        if !path.starts_with(base) {
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
            // GitHub Pages does so.
            self.serve(200, job, site)
        } else {
            self.missing(site)
        }
    }

    /// The address of the theme's style sheet.
    pub(super) fn theme_style(&self) -> Option<String> {
        self.renderer().map(|site| site.url(site.style_path()))
    }

    /// The address of a post, wherever it is now.
    pub(super) fn address_of(&self, source: &Source) -> Option<String> {
        let site = self.renderer()?;
        let posts = || site.corpus().posts.iter();
        let same_place = posts().find(|entry| source.is_place_of(&entry.post.source));
        let entry =
            same_place.or_else(|| posts().find(|entry| entry.post.words_hash == source.words))?;
        Some(site.url(&entry.path))
    }

    /// What keeps the reply of a page from being shown: what is wrong with the site, and why a
    /// reply of the same file is not published.
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

    /// A diagnostic with its place in the file.
    pub(super) fn draw(&self, diagnostic: &Diagnostic) -> String {
        draw(diagnostic, &self.root)
    }

    fn serve(&self, status: u16, job: &Job, site: &Renderer) -> Found {
        let media_type = super::media_type::of(&job.file);
        let is_page = media_type == super::media_type::HTML;
        if let (Page::File(Content::File(location, _), _), false) = (&job.page, is_page) {
            return Found::File(media_type, location.clone());
        }
        match render(job, site, &self.root) {
            Ok(bytes) if is_page => {
                let (source, mark) = self.post_of(job, site);
                Found::Page(status, View::new(bytes, site, source, mark))
            }
            Ok(bytes) => Found::Bytes(media_type, bytes),
            Err(problems) => broken(500, &problems),
        }
    }

    /// A file of the search index.
    fn searched(&self, path: &str, site: &Renderer) -> Found {
        let files = match self.index.of(site) {
            Ok(files) => files,
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

    /// Where the post of a page comes from, and how it is not as others are.
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

/// A page that says what is wrong in place of one that cannot be made.
fn broken(status: u16, problems: &[String]) -> Found {
    Found::Page(status, view::broken(problems))
}

/// A diagnostic with its place in the file, without colours.
pub(super) fn draw(diagnostic: &Diagnostic, root: &std::path::Path) -> String {
    Style::default().draw(diagnostic, source_line(root, diagnostic).as_deref())
}

/// What a failure says, one text a problem.
pub(super) fn problems(failure: &Failure, root: &std::path::Path) -> Vec<String> {
    match failure {
        Failure::Site(diagnostics) => diagnostics.iter().map(|one| draw(one, root)).collect(),
        Failure::Machine(error) => vec![Style::default().draw_refusal(error)],
    }
}

/// The bytes of a file of the site, or what is wrong with it.
pub(super) fn render(
    job: &Job,
    site: &Renderer,
    root: &std::path::Path,
) -> Result<Vec<u8>, Vec<String>> {
    match guarded(|| site.render(job)) {
        Some(Ok(bytes)) => Ok(bytes),
        Some(Err(failure)) => Err(problems(&failure, root)),
        None => Err(vec![format!(
            "error: rendering {} ended in a panic, which is a fault of pressrun\n",
            job.path
        )]),
    }
}

/// Does something that may panic; `None` if it did.
pub(super) fn guarded<T>(run: impl FnOnce() -> T) -> Option<T> {
    // What a panic leaves half done is thrown away with the page, or with the site in memory.
    catch_unwind(AssertUnwindSafe(run)).ok()
}

/// Stands for the content of something that is served.
pub(super) fn entity_tag(bytes: &[u8]) -> String {
    format!("\"{}\"", Fingerprint::of_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panic_ends_nothing() {
        assert_eq!(guarded(|| 1), Some(1));
        assert_eq!(guarded(|| -> u8 { panic!("on purpose, for a test") }), None);
    }

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
