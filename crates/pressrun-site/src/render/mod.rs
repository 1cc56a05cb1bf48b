//! Turns a corpus into the files of a site.
//!
//! [`prepare_renderer`] first lists every file. Then [`SiteRenderer::render_job`] produces the
//! bytes of one file, in any order and on any thread. It builds the view of the file (`pages`) and
//! converts it. A template sees only what its view contains, and what every page of the site shows
//! (`frame`). So their hashes and the templates are all that a file depends on, and
//! [`SiteRenderer::job_fingerprint`] is their fingerprint.
//!
//! Not here: HTML of bodies (`pressrun-markdown`), and writing to disk (`output`).

mod blocked;
mod body;
mod exported;
mod frame;
mod head;
mod json_ld;
mod link_check;
pub mod links;
mod mentions;
mod missing_extra;
mod own_links;
mod page_templates;
mod pages;
mod part;
mod people;
mod pictures;
mod plan;
mod policy;
mod portable;
mod preview;
mod resolve;
mod series;
mod services;
mod summary;
mod targets;
mod template_errors;
mod templates;
pub mod text_template;
mod theme;
mod translations;
mod values;
mod wiki_links;
mod words;

use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use pressrun_locale::locale::Locale;
use pressrun_markdown::BodyWords;
use pressrun_posts::diagnostic::{Code, Diagnostic};
use pressrun_posts::panics::catch_panic;
use pressrun_text::language::primary_subtag;
use pressrun_text::visible::replace_unfit;
use rayon::prelude::*;

use crate::cache::{BodyStore, Fingerprint};
use crate::cards::CardPicture;
use crate::config::{BaseUrl, Config, RawHtmlPolicy};
use crate::corpus::{Corpus, CorpusPost, KeptAddresses, PostId, Taxonomy, TermId, TextId};
use crate::data::{self, SiteData};
use crate::discover::SourceFile;
use crate::error;
use crate::fs;
use crate::pictures::PictureSize;
use crate::search;

use blocked::PolicyCheck;
use body::BodyView;
pub use exported::mark_copy;
pub use frame::{IconSet, MANIFEST_PATH};
use frame::{SiteFacts, SiteFrame, list_menu_pages};
use link_check::CheckedLinks;
use links::SiteLinks;
pub(crate) use links::encode_rooted_path;
use pages::sitemap::SitemapParts;
pub use pages::{CopiedFile, PageKind, PostList, RenderJob};
use pages::{PageContent, PostsPage};
pub(crate) use pages::{PreparedJob, PublishingTurn};
pub use part::{DividedJobs, PartInputs, SiteBase, SitePart, prepare_part_renderer};
pub use pictures::{GeneratedFile, SitePicture, SitePictures, list_mentioned_names};
use summary::{CountedTermView, RenderMemory, SharedSummary};
use targets::{LinkTargets, SiteTargets};
use templates::TemplateSet;
#[cfg(test)]
pub(crate) use theme::tests::THEME;
pub use theme::{AssetContent, FILES as THEME_FILES, SOURCES, Theme, own_paths, static_files};
pub(crate) use theme::{STATIC, media_path};
use theme::{SiteAsset, SiteAssets};
use values::extras_value;
pub use words::register_word_functions;

/// Why a site cannot be rendered.
#[derive(Debug)]
pub enum CommandFailure {
    /// Something is wrong with the site itself.
    Site(Vec<Diagnostic>),
    /// The machine refused something.
    Machine(error::SystemError),
}

impl CommandFailure {
    /// Collects the results of many jobs, or everything that is wrong with the site in them.
    ///
    /// # Errors
    ///
    /// What the machine refused first, else the findings of all jobs in the order of their places.
    pub fn collect<T>(results: Vec<Result<T, Self>>) -> Result<Vec<T>, Self> {
        let mut good = Vec::with_capacity(results.len());
        let mut wrong = Vec::new();
        for result in results {
            match result {
                Ok(one) => good.push(one),
                Err(Self::Site(diagnostics)) => wrong.extend(diagnostics),
                // An error of the machine is reported alone.
                Err(failure) => return Err(failure),
            }
        }
        if wrong.is_empty() {
            return Ok(good);
        }
        // A broken template fails for every page that uses it, so report it once. Its messages can
        // differ, because they list what a post has.
        wrong.sort();
        let is_template =
            |found: &Diagnostic| found.code == Code::TemplateError && found.place.column.is_some();
        wrong.dedup_by(|a, b| {
            a.place == b.place && (a.message == b.message || is_template(a) && is_template(b))
        });
        Err(Self::Site(wrong))
    }
}

impl From<error::SystemError> for CommandFailure {
    fn from(error: error::SystemError) -> Self {
        Self::Machine(error)
    }
}

/// Returns the text of a theme template by the name that diagnostics use.
pub(crate) fn theme_template(theme: Theme, name: &str) -> Option<String> {
    templates::find_theme_template(theme, name)
}

/// Returns a fingerprint of a theme and of the templates, static files and data files of the site at `root`.
/// Returns `None` if one was changed so shortly before `now` that a further change could go
/// unnoticed.
pub(crate) fn fingerprint_sources(
    theme: Theme,
    root: &Path,
    now: SystemTime,
) -> Option<Fingerprint> {
    let own = theme::list_sources(root, now)?;
    Some(Fingerprint::of_value(&(theme.fingerprint(), own)))
}

/// Everything that pages are rendered from. It is immutable.
pub struct SiteRenderer {
    corpus: Arc<Corpus>,
    bodies: Arc<BodyStore>,
    jobs: Arc<Vec<RenderJob>>,
    frame: Arc<SiteFrame>,
    templates: Arc<TemplateSet>,
    /// Fingerprint of the frame, the templates and the data that they show.
    frame_fingerprint: Fingerprint,
    targets: Arc<LinkTargets>,
    pictures: Arc<SitePictures>,
    sitemap: Arc<SitemapParts>,
    cards: SiteCards,
    live: Arc<KeptAddresses>,
    memory: RenderMemory,
}

/// What a site is made of.
#[derive(Debug, Clone)]
pub struct SiteParts<'a> {
    /// Its folder, with templates and static files.
    pub root: &'a Path,
    /// Its theme.
    pub theme: Theme,
    /// Its configuration.
    pub config: Arc<Config>,
    /// Its posts.
    pub corpus: Arc<Corpus>,
    /// The bodies of its posts.
    pub bodies: Arc<BodyStore>,
    /// Pictures and other media beside its posts.
    pub media: &'a [SourceFile],
    /// Its [static files](static_files).
    pub static_files: &'a [fs::WalkedFile],
    /// The time of the build. A file changed just before it may change again without its stamp
    /// showing it.
    pub now: SystemTime,
    /// The files of its search index.
    pub search: &'a [search::IndexFile],
    /// Its cards.
    pub cards: &'a SiteCards,
    /// What is kept of the published site.
    pub live: Arc<KeptAddresses>,
    /// Its pictures.
    pub pictures: SitePictures,
    /// The smaller versions of its pictures, and its icons.
    pub generated: Vec<GeneratedFile>,
    /// Which icons it has.
    pub icons: IconSet,
    /// The public address, if it differs from the configured one. A preview is rendered for a local
    /// address, while its posts may link to each other by the public one.
    pub published_at: Option<BaseUrl>,
}

/// The cards of a site: which page shows which, and their files.
#[derive(Debug, Clone, Default)]
pub struct SiteCards {
    /// Path of the card for pages without their own.
    pub site: Option<String>,
    /// Path of the card of each post, in the order of the corpus; empty if no post has one.
    pub posts: Vec<Option<String>>,
    /// The same for pages.
    pub pages: Vec<Option<String>>,
    /// The file of each card, each once, sorted by path.
    pub files: Vec<CardPicture>,
}

/// A site without cards.
pub static NO_CARDS: SiteCards = SiteCards {
    site: None,
    posts: Vec::new(),
    pages: Vec::new(),
    files: Vec::new(),
};

/// Plans a site: returns its renderer, which knows every file, and the dead links of its posts and
/// templates.
///
/// # Errors
///
/// Returns everything that is wrong with templates and paths.
pub fn prepare_renderer(
    site: SiteParts<'_>,
) -> Result<(SiteRenderer, Vec<Diagnostic>), CommandFailure> {
    let SiteParts {
        root,
        theme,
        config,
        corpus,
        bodies,
        media,
        static_files,
        now,
        search,
        cards,
        live,
        pictures,
        generated,
        icons,
        published_at,
    } = site;
    let locale = Locale::for_tag(&config.language);
    let (menu, too_many) = list_menu_pages(&corpus, &locale);
    let links = SiteLinks::new(config.base_url.clone(), published_at);
    let assets = SiteAssets::collect(
        theme,
        static_files,
        &config,
        media,
        generated_assets(search, cards, generated),
        now,
    )?;
    let facts = SiteFacts {
        // `plan` consumes the assets, so take the paths before.
        theme_paths: assets.theme.paths(),
        fonts: assets.fonts.iter().map(|font| font.path.clone()).collect(),
        custom_style: assets.custom_style.as_ref().map(|asset| asset.path.clone()),
        is_searched: config.search.extent(corpus.posts.len()).is_some(),
        logo_size: find_logo_size(&config, &pictures),
        card: cards.site.clone(),
        icons,
        menu,
        has_languages: has_languages(&corpus, &config),
        has_authors: corpus.has_pages(Taxonomy::Authors),
        has_series: corpus.has_pages(Taxonomy::Series),
    };
    let frame = SiteFrame::new(config, links, facts);
    let (loaded, planned) = rayon::join(
        || load_templates_and_data(theme, root, &frame),
        || plan::plan_site(&corpus, &frame.config, &frame.links, assets),
    );
    // Collect the errors of both, so that one run shows them.
    let (mut templates, data, plan) = match (loaded, planned) {
        (Ok((templates, data)), Ok(plan)) => (templates, data, plan),
        (loaded, planned) => {
            let mut wrong = loaded.err().unwrap_or_default();
            wrong.extend(planned.err().unwrap_or_default());
            return Err(CommandFailure::Site(wrong));
        }
    };
    let renderer = SiteRenderer {
        frame_fingerprint: set_global_values(&mut templates, &frame, &data),
        targets: {
            let site = SiteTargets::new(&plan.jobs, plan.by_place, &corpus, media);
            Arc::new(LinkTargets::Site(Box::new(site)))
        },
        pictures: Arc::new(pictures),
        memory: RenderMemory::new(&corpus),
        jobs: Arc::new(plan.jobs),
        sitemap: Arc::new(plan.sitemap),
        frame: Arc::new(frame),
        templates: Arc::new(templates),
        cards: cards.clone(),
        live,
        corpus,
        bodies,
    };
    let mut findings = plan.findings;
    findings.extend(too_many);
    findings.extend(data.notes);
    findings.extend(renderer.find_faults(root, theme));
    Ok((renderer, findings))
}

/// Loads the templates of the site at `root`, and its data for them.
///
/// # Errors
///
/// Returns everything that is wrong with both.
fn load_templates_and_data(
    theme: Theme,
    root: &Path,
    frame: &SiteFrame,
) -> Result<(TemplateSet, SiteData), Vec<Diagnostic>> {
    let messages = &frame.config.messages.messages;
    let templates = TemplateSet::load(theme, root, messages);
    match (templates, data::load_site_data(root)) {
        (Ok(templates), Ok(data)) => Ok((templates, data)),
        (templates, data) => {
            let mut wrong = templates.err().unwrap_or_default();
            wrong.extend(data.err().unwrap_or_default());
            Err(wrong)
        }
    }
}

/// Gives the templates what all pages show. Returns the fingerprint of that and of the templates.
fn set_global_values(
    templates: &mut TemplateSet,
    frame: &SiteFrame,
    data: &SiteData,
) -> Fingerprint {
    templates.set_global("site", frame.site_value());
    // No page depends on data that no template mentions.
    let shown_data = templates.mentions.reads_data().then_some(&data.values);
    if let Some(values) = shown_data {
        templates.set_global("data", extras_value(values));
    }
    Fingerprint::of_value(&(frame, templates.fingerprint, shown_data))
}

/// Returns whether a site has texts in other languages than English.
fn has_languages(corpus: &Corpus, config: &Config) -> bool {
    primary_subtag(&config.language) != "en" || !corpus.languages().is_empty()
}

/// Returns the size of the logo, if it is a picture of the site.
fn find_logo_size(config: &Config, pictures: &SitePictures) -> Option<PictureSize> {
    let path = links::decode_path(config.theme.logo.as_deref()?);
    pictures.find(&path)?.size
}

/// Returns the files that were made before the site was planned.
fn generated_assets(
    search: &[search::IndexFile],
    cards: &SiteCards,
    generated: Vec<GeneratedFile>,
) -> Vec<SiteAsset> {
    let search = search
        .iter()
        .map(|file| SiteAsset::of_bytes(&file.path, "the search index", &file.bytes));
    let cards = cards.files.iter();
    let generated = generated.into_iter().map(|file| SiteAsset {
        path: file.path,
        origin: file.origin,
        content: file.content,
    });
    search
        .chain(cards.map(|file| SiteAsset::of_bytes(&file.path, "the cards", &file.bytes)))
        .chain(generated)
        .collect()
}

impl SiteRenderer {
    /// Returns every file of the site.
    pub fn jobs(&self) -> &[RenderJob] {
        &self.jobs
    }

    /// Returns the numbers of all jobs in the order in which they should be rendered: those that
    /// show the same posts together, so that the summaries of these are still there.
    pub(crate) fn order_jobs(&self) -> Vec<u32> {
        let mut order: Vec<u32> = (0..self.jobs.len() as u32).collect();
        let (corpus, config) = (&self.corpus, &self.frame.config);
        order.par_sort_by_cached_key(|&number| {
            let page = &self.jobs[number as usize].page;
            let page = PostsPage::new(page);
            let middle = page.and_then(|page| page.find_middle(corpus, config));
            (middle, number)
        });
        order
    }

    /// Finds what is wrong with its links, templates and names.
    fn find_faults(&self, root: &Path, theme: Theme) -> Vec<Diagnostic> {
        let mut findings = link_check::find_dead_links(self.check_links(root), root, self);
        findings.extend(page_templates::check_page_templates(
            &self.corpus,
            &self.templates,
            root,
        ));
        findings.extend(exported::report_outdated_copies(
            self.templates.own(),
            theme,
        ));
        findings.extend(portable::check_portable_names(&self.jobs, &self.corpus));
        findings.extend(self.note_messages());
        findings
    }

    /// Notes what is missing in the message files of the site, and what no template shows.
    fn note_messages(&self) -> Vec<Diagnostic> {
        let messages = &self.frame.config.messages;
        let unused = messages.unknown.iter();
        let unused = unused.filter(|(key, _)| !self.templates.names_message(key));
        let unused = unused.map(|(_, note)| note);
        messages.notes.iter().chain(unused).cloned().collect()
    }

    /// Returns whether a template shows this key of the front matter of posts.
    pub(crate) fn shows_extra(&self, key: &str) -> bool {
        self.templates.mentions.shows_extra(key)
    }

    /// Returns every file of the site, and drops what rendering needs.
    pub(crate) fn into_jobs(self) -> Arc<Vec<RenderJob>> {
        self.jobs
    }

    /// Collects everything that a file is made from.
    pub(crate) fn prepare_job<'s>(&'s self, job: &'s RenderJob) -> PreparedJob<'s> {
        PreparedJob::new(job, self)
    }

    /// Returns the fingerprint of everything that a file is made from, or `None` if only its bytes
    /// could show a change.
    pub fn job_fingerprint(&self, job: &RenderJob) -> Option<Fingerprint> {
        self.prepare_job(job).fingerprint()
    }

    /// Produces the bytes of one file.
    ///
    /// # Errors
    ///
    /// Returns an error if a template cannot be rendered or a static file cannot be read.
    pub fn render_job(&self, job: &RenderJob) -> Result<Vec<u8>, CommandFailure> {
        self.without_panic(job, || self.render_view(&self.prepare_job(job)))
    }

    /// Renders a job, and reports a panic as an error.
    fn without_panic(
        &self,
        job: &RenderJob,
        render: impl FnOnce() -> Result<Vec<u8>, CommandFailure>,
    ) -> Result<Vec<u8>, CommandFailure> {
        catch_panic(render).unwrap_or_else(|panic| {
            let message = format!(
                "a bug in pressrun stopped the rendering of `{}`: {panic}",
                job.path()
            );
            let place = job.source_place(&self.corpus);
            let help = "report the bug to the authors of pressrun; the last good site is still in \
                        place";
            let error = Diagnostic::new(Code::InternalError, place, message).with_help(help);
            Err(CommandFailure::Site(vec![error]))
        })
    }

    fn render_view(&self, prepared: &PreparedJob<'_>) -> Result<Vec<u8>, CommandFailure> {
        Ok(match prepared.to_content()? {
            PageContent::Template(name, context) => {
                let subject = || prepared.job().describe(&self.corpus);
                let rendered = self.templates.render(&name, &context, subject);
                let text = rendered.map_err(|error| {
                    CommandFailure::Site(vec![self.name_post_without_extra(prepared.job(), error)])
                })?;
                // Posts and configuration are already clean, but a site's templates may write
                // anything.
                replace_unfit(text)
            }
            PageContent::Text(text) => replace_unfit(text),
            PageContent::Bytes(bytes) => bytes,
        })
    }

    /// Checks where the links of all texts lead, and what the policy of the pages blocks.
    fn check_links(&self, root: &Path) -> Vec<CheckedLinks> {
        let texts: Vec<(TextId, &CorpusPost)> = self.corpus.texts().collect();
        let policy = PolicyCheck::new(self);
        let mut checked: Vec<CheckedLinks> = texts
            .into_par_iter()
            .map(|(id, entry)| {
                // Also remembers what the hash of the body needs, so that each link is resolved
                // only once if no page is rendered.
                let resolved = BodyView::new(id, self).resolve_links();
                let mut checked = link_check::check_post_links(entry, &resolved, self);
                if let Some(policy) = &policy {
                    checked.found.extend(policy.check_post(entry, self));
                }
                checked
            })
            .collect();
        checked.extend(policy.map(|policy| {
            CheckedLinks {
                found: [
                    policy.check_templates(self),
                    policy.check_config(root, self),
                ]
                .concat(),
                open: Vec::new(),
                unknown: Vec::new(),
            }
        }));
        checked
    }

    /// Returns the summary of a post for a view.
    fn summary(&self, id: PostId) -> SharedSummary<'_> {
        SharedSummary::new(id, self)
    }

    /// Returns the summaries of several posts for a view.
    fn summaries(&self, ids: &[PostId]) -> Vec<SharedSummary<'_>> {
        ids.iter().map(|&id| self.summary(id)).collect()
    }

    /// Returns a term with its number of posts for a view.
    fn counted_term(&self, taxonomy: Taxonomy, id: TermId) -> CountedTermView<'_> {
        CountedTermView::new(taxonomy, id, &self.corpus, &self.memory)
    }
}

/// Returns how bodies in a language become HTML, for their pages or for feeds.
pub(crate) fn render_options(
    config: &Config,
    language: &str,
    feed: bool,
) -> pressrun_markdown::RenderOptions {
    let words = config.messages.messages.words(language);
    let settings = &config.markdown;
    pressrun_markdown::RenderOptions {
        raw_html: match settings.raw_html {
            RawHtmlPolicy::Sanitize => pressrun_markdown::RawHtmlHandling::Sanitize,
            RawHtmlPolicy::Escape => pressrun_markdown::RawHtmlHandling::Escape,
            RawHtmlPolicy::Allow => pressrun_markdown::RawHtmlHandling::Allow,
        },
        smart_punctuation: settings.smart_punctuation,
        quotation_marks: None,
        highlight: settings.highlight,
        diagrams: settings.mermaid.is_some(),
        feed,
        words: Some(Arc::new(BodyWords::new(|key| {
            words.text_with_places(key).into()
        }))),
    }
    .in_language(language)
}
