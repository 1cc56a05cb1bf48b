//! Turns a corpus into the files of a site.
//!
//! [`prepare_renderer`] first lists every file. Then [`SiteRenderer::render_job`] produces the
//! bytes of one file, in any order and on any thread. A template sees only the context built for
//! its page. So context, templates and configuration are all that a page depends on, and
//! [`SiteRenderer::job_fingerprint`] is their fingerprint.
//!
//! Not here: HTML of bodies (`pressrun-markdown`), and writing to disk (`output`).

mod feed;
mod inputs;
mod json_ld;
mod link_check;
pub mod links;
mod own_links;
mod page;
mod pages;
mod plan;
mod portable;
mod preview;
mod resolve;
mod sitemap;
mod template_errors;
mod templates;
mod theme;
mod values;

use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use pressrun_posts::diagnostic::{Code, Diagnostic};
use pressrun_posts::panics::catch_panic;
use pressrun_posts::post::Post;
use pressrun_text::visible::{is_unfit, replace_unfit};
use tera::{Context, Value};

use crate::cache::{BodyStore, Fingerprint, StoredBody};
use crate::cards;
use crate::cards::CardPicture;
use crate::config::disclosure::schema_org_address;
use crate::config::{BaseUrl, Config, FeedContent, RawHtmlPolicy};
use crate::corpus::{Corpus, CorpusPost, PostId};
use crate::discover::SourceFile;
use crate::error;
use crate::fs;
use crate::search;

use inputs::RenderInputs;
use links::SiteLinks;
use page::{PageHead, SocialImage};
pub use plan::{PageKind, PostList, RenderJob};
use resolve::LinkTargets;
use sitemap::SitemapParts;
use templates::TemplateSet;
#[cfg(test)]
pub(crate) use theme::tests::THEME;
pub use theme::{AssetContent, SOURCES, STATIC, Theme, own_paths, static_files};
use theme::{SiteAsset, SiteAssets};
use values::SharedValues;

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
        // A broken template fails for every page that uses it, so report it once.
        wrong.sort();
        wrong.dedup_by(|a, b| a.place == b.place && a.message == b.message);
        Err(Self::Site(wrong))
    }
}

impl From<error::SystemError> for CommandFailure {
    fn from(error: error::SystemError) -> Self {
        Self::Machine(error)
    }
}

/// Returns the text of a theme template by the name that diagnostics use.
pub fn theme_template(theme: Theme, name: &str) -> Option<String> {
    templates::find_theme_template(theme, name)
}

/// Returns a fingerprint of a theme and of the templates and static files of the site at `root`.
/// Returns `None` if one was changed so shortly before `now` that a further change could go
/// unnoticed.
pub fn fingerprint_sources(theme: Theme, root: &Path, now: SystemTime) -> Option<Fingerprint> {
    let own = theme::list_sources(root, now)?;
    Some(Fingerprint::of_value(&(theme.fingerprint(), own)))
}

/// Everything that pages are rendered from. It is immutable.
pub struct SiteRenderer {
    corpus: Arc<Corpus>,
    config: Arc<Config>,
    bodies: Arc<BodyStore>,
    jobs: Arc<Vec<RenderJob>>,
    links: SiteLinks,
    templates: Arc<TemplateSet>,
    targets: Arc<LinkTargets>,
    shared: SharedValues,
    sitemap: Arc<SitemapParts>,
    cards: SiteCards,
    /// Paths of the theme's style sheet, script, search script and icon.
    theme_paths: [String; 4],
    /// HTML of posts for feeds, rendered when the first feed asks for it.
    feed_contents: Vec<OnceLock<Value>>,
    inputs: RenderInputs,
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
    /// The file of each card, each once, sorted by path.
    pub files: Vec<CardPicture>,
}

/// A site without cards.
pub static NO_CARDS: SiteCards = SiteCards {
    site: None,
    posts: Vec::new(),
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
        published_at,
    } = site;
    let links = SiteLinks::new(config.base_url.clone(), published_at);
    let assets = SiteAssets::collect(
        theme,
        static_files,
        &config,
        media,
        generated_assets(search, cards),
        now,
    )?;
    // `plan` consumes the assets, so take the paths before.
    let theme_paths = assets.theme.each_ref().map(|asset| asset.path.clone());
    let templates = TemplateSet::load(theme, root);
    let planned = plan::plan_site(&corpus, &config, &links, assets);
    // Collect the errors of both, so that one run shows them all.
    let (templates, plan) = match (templates, planned) {
        (Ok(templates), Ok(plan)) => (templates, plan),
        (templates, planned) => {
            let mut wrong = templates.err().unwrap_or_default();
            wrong.extend(planned.err().unwrap_or_default());
            return Err(CommandFailure::Site(wrong));
        }
    };
    let mut renderer = SiteRenderer {
        targets: Arc::new(LinkTargets::new(plan.by_file, &corpus, media)),
        shared: SharedValues::new(&corpus),
        feed_contents: corpus.posts.iter().map(|_| OnceLock::new()).collect(),
        inputs: RenderInputs::default(),
        jobs: Arc::new(plan.jobs),
        sitemap: Arc::new(plan.sitemap),
        corpus,
        config,
        bodies,
        links,
        templates: Arc::default(),
        cards: cards.clone(),
        theme_paths,
    };
    let mut templates = templates;
    // Needs a renderer, which needs templates: the global is added last.
    templates.set_global("site", values::site_value(&renderer));
    renderer.templates = Arc::new(templates);
    let (inputs, checked) = inputs::fingerprint_posts(&renderer);
    renderer.inputs = inputs;
    let mut findings = link_check::find_dead_links(checked, root, &renderer);
    findings.extend(portable::check_portable_names(
        &renderer.jobs,
        &renderer.corpus,
    ));
    Ok((renderer, findings))
}

/// Returns the files that were made before the site was planned.
fn generated_assets(search: &[search::IndexFile], cards: &SiteCards) -> Vec<SiteAsset> {
    let search = search
        .iter()
        .map(|file| SiteAsset::of_bytes(&file.path, "the search index", &file.bytes));
    let cards = cards.files.iter();
    search
        .chain(cards.map(|file| SiteAsset::of_bytes(&file.path, "the cards", &file.bytes)))
        .collect()
}

impl SiteRenderer {
    /// Returns every file of the site.
    pub fn jobs(&self) -> &[RenderJob] {
        &self.jobs
    }

    /// Returns every file of the site, and drops what rendering needs.
    pub fn into_jobs(self) -> Arc<Vec<RenderJob>> {
        self.jobs
    }

    /// Produces the bytes of one file.
    ///
    /// # Errors
    ///
    /// Returns an error if a template cannot be rendered or a static file cannot be read.
    pub fn render_job(&self, job: &RenderJob) -> Result<Vec<u8>, CommandFailure> {
        catch_panic(|| self.render_clean(job)).unwrap_or_else(|panic| {
            let place = plan::place_of_job(job, &self.corpus);
            let message = format!(
                "a bug in pressrun stopped the rendering of `{}`: {panic}",
                job.path
            );
            let error = Diagnostic::new(Code::InternalError, place, message).with_help(
                "report the bug to the authors of pressrun; the last good site is \
                            still in place",
            );
            Err(CommandFailure::Site(vec![error]))
        })
    }

    fn render_clean(&self, job: &RenderJob) -> Result<Vec<u8>, CommandFailure> {
        let bytes = self.render_unchecked(job)?;
        Ok(match &job.page {
            PageKind::File(..) => bytes,
            // Posts and configuration are already clean, but a site's templates may write anything.
            _ => replace_unfit(bytes),
        })
    }

    /// Produces the bytes of one file, which may still contain forbidden characters.
    fn render_unchecked(&self, job: &RenderJob) -> Result<Vec<u8>, CommandFailure> {
        Ok(match &job.page {
            PageKind::Post(id) => self.render_post(job, *id)?,
            PageKind::List(list, number) => {
                let context = pages::list_context(job, *list, *number, self);
                self.render_template("list.html", &context, job)?
            }
            PageKind::Terms(taxonomy) => {
                let context = pages::terms_context(job, *taxonomy, self);
                self.render_template("terms.html", &context, job)?
            }
            PageKind::Search => {
                let mut head = PageHead::for_page("search", &job.path, "Search", self);
                head.description = format!("Search {}", self.config.title);
                let context = pages::search_context(job, head, self);
                self.render_template("search.html", &context, job)?
            }
            PageKind::NotFound => {
                let mut head = PageHead::for_page("404", &job.path, "Page not found", self);
                head.hidden = true;
                let context = pages::plain_context(job, head, self);
                self.render_template("404.html", &context, job)?
            }
            PageKind::Feed(list, feed::FeedFormat::Json) => feed::render_json_feed(*list, self)?,
            PageKind::Feed(list, format) => {
                let mut context = Context::new();
                context.insert_value("feed", feed::feed_value(*list, *format, self)?);
                self.render_template(format.file(), &context, job)?
            }
            PageKind::Sitemap(part) => self.sitemap.part(*part, &self.jobs, &self.links),
            PageKind::SitemapIndex => self.sitemap.index(&self.links),
            PageKind::Robots => sitemap::render_robots(&self.links),
            PageKind::File(AssetContent::Bytes(bytes), _) => bytes.clone(),
            PageKind::File(AssetContent::File(location, _), _) => fs::read_whole_file(location)?,
        })
    }

    /// Returns the BCP 47 tag of the language of a post.
    fn language<'a>(&'a self, entry: &'a CorpusPost) -> &'a str {
        entry.language(&self.config.language)
    }

    fn render_post(&self, job: &RenderJob, id: PostId) -> Result<Vec<u8>, CommandFailure> {
        let entry = &self.corpus.posts[id as usize];
        let body = self.bodies.read_page(&entry.post.body)?;
        let addresses: Vec<_> = self
            .resolved(entry, false)
            .into_iter()
            .map(|resolved| resolved.url)
            .collect();
        let html = body.html.fill_addresses(&addresses);
        let context = pages::post_context(job, id, &html, &body.toc, self);
        self.render_template("post.html", &context, job)
    }

    fn render_template(
        &self,
        name: &str,
        context: &Context,
        job: &RenderJob,
    ) -> Result<Vec<u8>, CommandFailure> {
        let subject = plan::describe_job(job, &self.corpus);
        self.templates
            .render(name, context, &subject)
            .map_err(|error| CommandFailure::Site(vec![error]))
    }

    /// Returns the HTML of a post for feeds, or `None` if feeds contain summaries only.
    fn feed_content(&self, id: PostId) -> error::Result<Option<Value>> {
        if self.config.lists.feed_content == FeedContent::Summary {
            return Ok(None);
        }
        let content = &self.feed_contents[id as usize];
        // Two feeds may render the same post at the same time; either result is right.
        if let Some(content) = content.get() {
            return Ok(Some(content.clone()));
        }
        let entry = &self.corpus.posts[id as usize];
        let markdown = self.bodies.read_markdown(&entry.post.body)?;
        let rendered =
            pressrun_markdown::render_markdown(&markdown, &render_options(&self.config, true));
        let resolver = self.resolver(entry, true);
        let links = rendered.links.iter();
        let addresses: Vec<_> = links.map(|link| resolver.resolve_link(link).url).collect();
        let html = rendered.html.fill_addresses(&addresses);
        // JSON escapes control characters, so `replace_unfit` would not find them in its bytes.
        let html = html.replace(is_unfit, "\u{FFFD}");
        // Not marked as safe: in XML the HTML is text, and must be escaped like any other.
        let html = Value::normal_string(&html);
        Ok(Some(content.get_or_init(|| html).clone()))
    }

    /// Returns the words in which a post discloses that a model wrote it.
    fn disclosure<'p>(&'p self, post: &'p Post<StoredBody>) -> Option<&'p str> {
        match &post.disclosure {
            Some(_) if opts_out_of_disclosure(post) => None,
            Some(own) => Some(own),
            None => self.config.disclosure.label.as_deref(),
        }
    }

    /// Returns how a post was made, as an address of schema.org.
    fn digital_source_type(&self, post: &Post<StoredBody>) -> Option<String> {
        let own = post
            .digital_source_type
            .as_deref()
            .and_then(schema_org_address);
        let site = &self.config.disclosure.digital_source_type;
        // The site's value is part of its disclosure, which a post can turn off.
        own.or_else(|| {
            schema_org_address(site.as_deref().filter(|_| !opts_out_of_disclosure(post))?)
        })
    }

    /// Returns the picture of a post for links in social networks: its cover, its card, or the
    /// picture of the site.
    fn post_image(&self, id: PostId) -> Option<SocialImage> {
        let entry = &self.corpus.posts[id as usize];
        let own = self.absolute_cover(entry).map(|url| SocialImage {
            url: url.into_owned(),
            size: None,
            alt: pages::cover_alt(&entry.post).to_owned(),
        });
        let card = self.cards.posts.get(id as usize).and_then(Option::as_ref);
        own.or_else(|| Some(self.card_image(card?, entry.post.title.clone())))
            .or_else(|| self.site_image())
    }

    /// Returns the picture of pages without their own.
    fn site_image(&self) -> Option<SocialImage> {
        let alt = self.config.title.clone();
        if let Some(image) = &self.config.social.image {
            let url = match image.strip_prefix('/') {
                Some(_) => self.links.absolute(image),
                None => image.clone(),
            };
            return Some(SocialImage {
                url,
                size: None,
                alt,
            });
        }
        let card = self.cards.site.as_ref()?;
        Some(self.card_image(card, alt))
    }

    fn card_image(&self, path: &str, alt: String) -> SocialImage {
        SocialImage {
            url: self.links.absolute(path),
            size: Some([cards::WIDTH, cards::HEIGHT]),
            alt,
        }
    }

    /// Returns whether a list belongs to a tag with too few posts to be indexed.
    fn is_thin(&self, list: PostList) -> bool {
        matches!(list, PostList::Term(crate::corpus::Taxonomy::Tags, _))
            && list.len(&self.corpus) < self.config.tags.noindex_below
    }
}

/// Returns whether a post turns the site's disclosure off for itself.
fn opts_out_of_disclosure(post: &Post<StoredBody>) -> bool {
    let said = post.disclosure.as_deref().unwrap_or_default();
    ["false", "no", "off"]
        .iter()
        .any(|word| said.eq_ignore_ascii_case(word))
}

/// Returns how bodies become HTML, for their pages or for feeds.
pub fn render_options(config: &Config, feed: bool) -> pressrun_markdown::RenderOptions {
    let settings = &config.markdown;
    pressrun_markdown::RenderOptions {
        raw_html: match settings.raw_html {
            RawHtmlPolicy::Sanitize => pressrun_markdown::RawHtmlHandling::Sanitize,
            RawHtmlPolicy::Escape => pressrun_markdown::RawHtmlHandling::Escape,
            RawHtmlPolicy::Allow => pressrun_markdown::RawHtmlHandling::Allow,
        },
        smart_punctuation: settings.smart_punctuation,
        highlight: settings.highlight,
        feed,
    }
}
