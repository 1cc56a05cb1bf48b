//! The site at one moment: what is served at each address, and what prevents a newer site from
//! being served. A snapshot is immutable.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use pressrun_posts::diagnostic::Diagnostic;
use pressrun_posts::diagnostic::report::DiagnosticStyle;
use pressrun_posts::post::Moment;
use pressrun_site::cache::Fingerprint;
use pressrun_site::corpus::{PostSelection, UnpublishedReason};
use pressrun_site::error::SystemError;
use pressrun_site::pipeline::SiteFindings;
use pressrun_site::pipeline::read_source_line;
use pressrun_site::pipeline::search::PreviewIndex;
use pressrun_site::render::{AssetContent, CommandFailure, PageKind, RenderJob, SiteRenderer};
use pressrun_site::review::ReviewBook;
use pressrun_site::search;

use super::overview;
use super::review::DeskQueue;
use super::view::{self, PagePostSource, PageView};
use super::words::OwnWords;
use crate::theme::THEME;

/// Path of the pages of the preview itself.
pub(super) const OWN: &str = "/_pressrun/";

/// A site, and what is wrong with the newest state of its files.
#[derive(Default, Clone)]
pub(super) struct PreviewSnapshot {
    /// Number of the snapshot; it increases within a preview.
    pub(super) number: u64,
    /// The last good site and its findings; `None` before the first.
    pub(super) site: Option<(Arc<SiteRenderer>, Arc<SiteFindings>)>,
    /// What `reviews.toml` said when the posts of that site were judged.
    pub(super) book: Arc<ReviewBook>,
    /// The search index, which is built at the first search.
    pub(super) index: Arc<PreviewIndex>,
    /// The queue of the review desk, which is made when somebody looks at it.
    pub(super) desk: Arc<OnceLock<DeskQueue>>,
    /// When the files were read, at the earliest.
    pub(super) read: Option<Instant>,
    /// Descriptions of what prevents a newer site from being shown.
    pub(super) problems: Arc<Vec<String>>,
    /// Folder of the site.
    pub(super) root: PathBuf,
    pub(super) present: Moment,
    /// Whether the preview ends and there will be no other snapshot.
    pub(super) is_last: bool,
}

/// What is served at an address.
pub(super) enum ServedContent {
    /// A page, with the status of the answer.
    Page(u16, PageView),
    /// A file that is not a page.
    Bytes(&'static str, Vec<u8>),
    /// A file on disk.
    File(&'static str, PathBuf),
    /// A redirect to another address.
    Redirect(String),
    /// A page whose text is damaged in the cache.
    Damaged,
}

impl PreviewSnapshot {
    /// Returns what is known about the site besides its pages.
    pub(super) fn findings(&self) -> Option<&SiteFindings> {
        self.site.as_ref().map(|(_, findings)| &**findings)
    }

    /// Returns the site.
    pub(super) fn renderer(&self) -> Option<&SiteRenderer> {
        self.site.as_ref().map(|(renderer, _)| &**renderer)
    }

    /// Returns the queue of the review desk.
    pub(super) fn queue(&self) -> Option<&DeskQueue> {
        let site = self.renderer()?;
        Some(self.desk.get_or_init(|| DeskQueue::new(self, site)))
    }

    /// Returns the address of the home page of a preview at `origin`.
    pub(super) fn home(&self, origin: &str) -> String {
        let path = self.renderer().map_or("/", |site| site.base_url().path());
        format!("{origin}{path}")
    }

    /// Returns what is served at the path of a request, which is still percent-encoded.
    pub(super) fn find_content(&self, path: &str) -> ServedContent {
        let Some(site) = self.renderer() else {
            return self.broken_content(503, &self.problems);
        };
        if path == OWN {
            return ServedContent::Page(200, overview::overview_page(self, site));
        }
        let base = site.base_url().path();
        if !path.starts_with(base) {
            // Somebody who opens the bare host wants the site, which may be below a path.
            let is_above = path == "/" || format!("{path}/") == base;
            return if is_above {
                ServedContent::Redirect(base.to_owned())
            } else {
                self.not_found(site)
            };
        }
        let Some(path) = site.path_of(path) else {
            return self.not_found(site);
        };
        let with = |ending: &str| format!("{path}{ending}");
        if path.starts_with(search::FOLDER) {
            self.find_index_file(&path, site)
        } else if let Some(job) = site.job_at(&path) {
            self.serve(200, job, site)
        } else if site.job_at(&with("/")).is_some() {
            ServedContent::Redirect(site.url(&with("/")))
        } else if let Some(job) = site.job_at(&with(".html")) {
            // GitHub Pages does the same.
            self.serve(200, job, site)
        } else {
            self.not_found(site)
        }
    }

    /// Returns the addresses of the theme's style sheets.
    pub(super) fn theme_styles(&self) -> Option<Vec<String>> {
        self.renderer().map(view::theme_styles)
    }

    /// Returns the current address of a post.
    pub(super) fn address_of(&self, source: &PagePostSource) -> Option<String> {
        let site = self.renderer()?;
        let posts = || site.corpus().texts().map(|(_, entry)| entry);
        // A post that was moved has the same words; one that was edited, the same place.
        let same_place = posts().find(|entry| source.is_place_of(&entry.post.source));
        let entry =
            same_place.or_else(|| posts().find(|entry| entry.post.words_hash == source.words))?;
        Some(site.url(&entry.path))
    }

    /// Returns what prevents the reply of a page from being shown: the problems of the site, and
    /// the errors of replies in the same file.
    pub(super) fn problems_of(&self, source: Option<&PagePostSource>) -> Vec<String> {
        let mut problems = (*self.problems).clone();
        if let (Some(source), Some(findings)) = (source, self.findings()) {
            let of_file =
                |one: &&Diagnostic| one.code.is_rejection() && *one.place.file == *source.file;
            let found = findings.diagnostics.iter().filter(of_file);
            problems.extend(found.map(|one| self.draw(one)));
        }
        problems
    }

    /// Draws a diagnostic with the line of the file that it is about.
    pub(super) fn draw(&self, diagnostic: &Diagnostic) -> String {
        draw_diagnostic(diagnostic, &self.root)
    }

    fn serve(&self, status: u16, job: &RenderJob, site: &SiteRenderer) -> ServedContent {
        let media_type = super::media_type::media_type_of(job.file());
        let is_page = media_type == super::media_type::HTML;
        // Such a file is streamed from disk, and a part of it can be requested.
        if let (PageKind::File(file), false) = (&job.page, is_page)
            && let AssetContent::File(location, _) = &file.content
        {
            return ServedContent::File(media_type, location.clone());
        }
        match site.render_job(job) {
            Ok(bytes) if is_page => {
                let (source, reason) = self.post_of(job, site);
                ServedContent::Page(status, PageView::new(bytes, site, source, reason))
            }
            Ok(bytes) => ServedContent::Bytes(media_type, bytes),
            Err(CommandFailure::Machine(error)) if is_damage(&error) => ServedContent::Damaged,
            Err(failure) => self.broken_content(500, &draw_problems(&failure, &self.root)),
        }
    }

    /// Returns a file of the search index.
    fn find_index_file(&self, path: &str, site: &SiteRenderer) -> ServedContent {
        let files = match self.index.files_of(site) {
            Ok(files) => files,
            Err(error) if is_damage(&error) => return ServedContent::Damaged,
            Err(error) => return self.broken_content(500, &[error.to_string()]),
        };
        match files.iter().find(|file| file.path == path) {
            Some(file) => {
                ServedContent::Bytes(super::media_type::media_type_of(path), file.bytes.clone())
            }
            None => self.not_found(site),
        }
    }

    fn not_found(&self, site: &SiteRenderer) -> ServedContent {
        match site.job_at("/404.html") {
            Some(job) => self.serve(404, job, site),
            None => self.broken_content(404, &[]),
        }
    }

    /// Returns a page that describes the errors, in place of a page that cannot be rendered.
    fn broken_content(&self, status: u16, problems: &[String]) -> ServedContent {
        let own = self
            .renderer()
            .map_or_else(OwnWords::english, OwnWords::of_site);
        ServedContent::Page(status, view::broken_page(problems, &own))
    }

    /// Returns where the text of a page comes from, and why it is not published yet.
    fn post_of(
        &self,
        job: &RenderJob,
        site: &SiteRenderer,
    ) -> (Option<PagePostSource>, Option<UnpublishedReason>) {
        let Some(id) = job.page.own_text() else {
            return (None, None);
        };
        let entry = site.corpus().text(id);
        let public = PostSelection::public(self.present);
        let reason = public.find_reason(entry.hold(), entry.date, entry.expires);
        (Some(PagePostSource::from_post(&entry.post)), reason)
    }
}

/// Draws a diagnostic with the line of the file that it is about, without colours.
pub(super) fn draw_diagnostic(diagnostic: &Diagnostic, root: &std::path::Path) -> String {
    DiagnosticStyle::default().format_diagnostic(
        diagnostic,
        read_source_line(root, THEME, diagnostic).as_deref(),
    )
}

/// Draws the problems of a failure, one text for each.
pub(super) fn draw_problems(failure: &CommandFailure, root: &std::path::Path) -> Vec<String> {
    match failure {
        CommandFailure::Site(diagnostics) => diagnostics
            .iter()
            .map(|one| draw_diagnostic(one, root))
            .collect(),
        CommandFailure::Machine(error) => {
            vec![DiagnosticStyle::default().format_error(error, error.help())]
        }
    }
}

/// Returns whether an error means that the cache is damaged.
pub(super) fn is_damage(error: &SystemError) -> bool {
    error.kind() == ErrorKind::InvalidData
}

/// Returns the entity tag of content that is served.
pub(super) fn make_entity_tag(content: Fingerprint) -> String {
    format!("\"{content}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn before_the_first_site_every_page_shows_why() {
        let snapshot = PreviewSnapshot {
            problems: Arc::new(vec!["error: <one>\n".to_owned()]),
            ..PreviewSnapshot::default()
        };
        let ServedContent::Page(503, view) = snapshot.find_content("/posts/a/") else {
            panic!("it is a page with the status 503");
        };
        let page = String::from_utf8(view.html).unwrap();
        assert!(page.contains("error: &lt;one&gt;"), "{page}");
    }
}
