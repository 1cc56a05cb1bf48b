//! What every page of a site shows besides its own view: the configuration, the addresses of the
//! site, and the files of its theme.
//!
//! A view becomes a page with the help of the frame and of nothing else. So the fingerprint of
//! the view and that of the frame decide together whether a page is still the same.

use std::hash::{Hash, Hasher};
use std::sync::{Arc, OnceLock};

use pressrun_locale::locale::Locale;
use pressrun_locale::messages::{MessageValue, Words};
use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace};
use pressrun_text::language;
use serde::{Deserialize, Serialize};
use tera::Value;

use super::head::SocialImage;
use super::links::{SiteLinks, is_site_path};
use super::policy::PagePolicies;
use super::theme::ThemeFiles;
use super::values::{TemplateFields, extras_value};
use super::{render_options, services};
use crate::cards;
use crate::config::{Config, NavEntry};
use crate::corpus::own_paths::{FEEDS, FixedPage};
use crate::corpus::{Corpus, Taxonomy, keep_one_translation};
use crate::pictures::PictureSize;
use crate::search;

/// The parts of a site that every page shows.
#[derive(Debug, Clone, Hash)]
pub(super) struct SiteFrame {
    pub(super) config: Arc<Config>,
    /// How the language of the site writes dates and sorts names.
    pub(super) locale: Locale,
    pub(super) links: SiteLinks,
    pub(super) policies: PagePolicies,
    /// What follows from its texts and files.
    pub(super) facts: SiteFacts,
    /// Name and version of the program.
    pub(super) generator: &'static str,
    pub(super) shared: SharedValues,
}

/// Conversions that many pages show, each made when the first page asks for it. They follow from the frame, so its hash
/// does not include them.
#[derive(Debug, Clone, Default)]
pub(super) struct SharedValues {
    /// The feeds of the site.
    pub(super) feeds: OnceLock<Value>,
    /// The home page as the first breadcrumb.
    pub(super) home: OnceLock<Value>,
}

impl Hash for SharedValues {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

/// What every page shows that follows from the texts and files of the site.
#[derive(Debug, Clone, Hash, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is one fact")]
pub(super) struct SiteFacts {
    /// Paths of the theme's files.
    pub(super) theme_paths: ThemeFiles<String>,
    /// Paths of the face of the theme, upright and italic, if texts are set in it.
    pub(super) fonts: Vec<String>,
    /// Path of the style sheet that the site adds.
    pub(super) custom_style: Option<String>,
    /// Whether the site has a search page, to which every page links.
    pub(super) is_searched: bool,
    /// Size of the logo, if it is a picture of the site.
    pub(super) logo_size: Option<PictureSize>,
    /// Path of the card for pages without their own.
    pub(super) card: Option<String>,
    pub(super) icons: IconSet,
    /// The pages in the menu.
    pub(super) menu: Vec<MenuPage>,
    /// Whether the site has texts in other languages than English.
    pub(super) has_languages: bool,
    /// Whether there is a page with all authors.
    pub(super) has_authors: bool,
    /// Whether there is a page with all series.
    pub(super) has_series: bool,
}

/// The icons of a site.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum IconSet {
    /// That of the theme.
    #[default]
    Theme,
    /// The SVG picture at this path of the site.
    Drawing(String),
    /// Those that were made from a picture of the site.
    Made,
}

/// Path of the web manifest of a site that has icons of its own.
pub const MANIFEST_PATH: &str = "/site.webmanifest";

/// A page in the menu.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct MenuPage {
    title: String,
    path: String,
}

/// The maximum number of pages in the menu, which is on every page.
const MOST_IN_MENU: usize = 50;

/// Returns the pages that ask for a place in the menu: those with a weight by weight, then the
/// others; of equal ones by title, as the language of the site sorts. Of pages that are translations of
/// each other it has one. Also returns the note that there are too many.
pub(super) fn list_menu_pages(
    corpus: &Corpus,
    locale: &Locale,
) -> (Vec<MenuPage>, Option<Diagnostic>) {
    let pages = corpus.pages.iter().map(|page| &page.text);
    let mut pages: Vec<_> = pages.filter(|entry| entry.post.is_in_menu()).collect();
    keep_one_translation(&mut pages, |entry| entry.translation);
    pages.sort_by_cached_key(|entry| {
        let weight = entry.post.weight;
        let title = locale.sort_key(&entry.post.title);
        (weight.is_none(), weight, title, &entry.path)
    });
    let too_many = pages.get(MOST_IN_MENU).map(|entry| {
        let source = &entry.post.source;
        let place = FilePlace::line(source.file.clone(), source.line);
        let message = format!(
            "{} pages ask for a place in the menu, which shows the first {MOST_IN_MENU}",
            pages.len()
        );
        Diagnostic::new(Code::MenuTooLong, place, message)
            .with_help("delete `menu` from pages that others lead to")
    });
    let pages = pages.into_iter().take(MOST_IN_MENU);
    let pages = pages.map(|entry| MenuPage {
        title: entry.post.title.clone(),
        path: entry.path.clone(),
    });
    (pages.collect(), too_many)
}

/// Name and version of the program.
pub(super) const GENERATOR: &str = concat!("pressrun ", env!("CARGO_PKG_VERSION"));

impl SiteFrame {
    /// Returns what every page shows of a site with this configuration and these addresses.
    pub(super) fn new(config: Arc<Config>, links: SiteLinks, facts: SiteFacts) -> Self {
        Self {
            policies: PagePolicies::new(&config, &links),
            locale: Locale::for_tag(&config.language),
            config,
            links,
            facts,
            generator: GENERATOR,
            shared: SharedValues::default(),
        }
    }

    /// Returns the words of the theme in the language of the site.
    pub(super) fn words(&self) -> Arc<Words> {
        self.config.messages.messages.site_words()
    }

    /// Fills in a message in the language of the site.
    pub(super) fn fill(&self, key: &str, values: &[(&str, MessageValue<'_>)]) -> String {
        let filled = self.words().fill(key, values);
        // Its own files cannot show other values than the theme's do.
        filled.unwrap_or_else(|_| key.to_owned())
    }

    /// Returns the addresses of the fonts that a page of a kind in a language is set in; none if they lack its script.
    pub(super) fn page_fonts(&self, kind: &str, language: &str) -> Vec<Value> {
        let is_latin = if language == self.config.language {
            self.locale.is_in_latin()
        } else {
            Locale::for_tag(language).is_in_latin()
        };
        // Hardly any list has a word in italics.
        let count = match kind {
            _ if !is_latin => 0,
            "post" | "page" => self.facts.fonts.len(),
            _ => self.facts.fonts.len().min(1),
        };
        self.font_urls(&self.facts.fonts[..count])
    }

    fn font_urls(&self, paths: &[String]) -> Vec<Value> {
        let urls = paths.iter().map(|path| self.links.url(path));
        urls.map(Value::from).collect()
    }

    /// Returns the picture of pages without their own.
    pub(super) fn site_image(&self) -> Option<SocialImage<'_>> {
        let alt = &self.config.title;
        if let Some(image) = &self.config.social.image {
            let url = match image.strip_prefix('/') {
                Some(_) => self.links.absolute(image),
                None => image.clone(),
            };
            return Some(SocialImage {
                url: url.into(),
                size: None,
                alt,
            });
        }
        Some(self.card_image(self.facts.card.as_ref()?, alt))
    }

    /// Returns the picture that is the card with a path.
    pub(super) fn card_image<'i>(&self, path: &str, alt: &'i str) -> SocialImage<'i> {
        SocialImage {
            url: self.links.absolute(path).into(),
            size: Some([cards::WIDTH, cards::HEIGHT]),
            alt,
        }
    }

    /// Builds the variable `site`, which every template sees.
    pub(super) fn site_value(&self) -> Value {
        let (config, links) = (&self.config, &self.links);
        let author = TemplateFields::new()
            .with_optional("name", config.author.name.as_deref())
            .with_optional("url", config.author.url.as_deref())
            .with_optional("email", config.author.email.as_deref())
            .with_optional("fediverse", config.author.fediverse.as_deref());
        let [atom, rss, json] = FEEDS.map(|name| links.url(name));
        let feeds = TemplateFields::new()
            .with("atom", atom)
            .with("rss", rss)
            .with("json", json);
        let theme = &self.facts.theme_paths;
        let (icon, touch_icon) = match &self.facts.icons {
            IconSet::Theme => (theme.icon.as_str(), None),
            IconSet::Drawing(path) => (path.as_str(), None),
            IconSet::Made => ("/favicon.ico", Some("/apple-touch-icon.png")),
        };
        let manifest = self.facts.icons != IconSet::Theme;
        let page = |page: FixedPage| links.url(page.path());
        let search = self.facts.is_searched.then(|| page(FixedPage::Search));
        let if_searched = |path: &str| self.facts.is_searched.then(|| links.url(path));
        let if_listed =
            |is_listed: bool, taxonomy| is_listed.then(|| page(FixedPage::Terms(taxonomy)));
        let logo = config.theme.logo.as_deref();
        let label = config.disclosure.label.as_deref();
        TemplateFields::new()
            .with("title", config.title.as_str())
            .with("description", config.description.as_str())
            .with("language", config.language.as_str())
            .with("rtl", language::is_right_to_left(&config.language))
            .with("base_url", config.base_url.as_str())
            .with("url", links.url("/"))
            .with("author", author)
            .with("nav", self.navigation_value(search.as_deref()))
            .with_optional("logo", logo.map(|url| resolve_configured_url(links, url)))
            .with_optional("logo_width", self.facts.logo_size.map(|size| size.width))
            .with_optional("logo_height", self.facts.logo_size.map(|size| size.height))
            .with_optional("footer", config.theme.footer.as_deref())
            .with_optional(
                "footer_html",
                self.footer_html().as_deref().map(Value::safe_string),
            )
            .with(
                "footer_links",
                self.configured_links(&config.theme.footer_links),
            )
            .with("social", self.configured_links(&config.social.links))
            .with("feeds", feeds)
            .with("generator", self.generator)
            .with("css", links.url(&theme.style))
            .with("lists_css", links.url(&theme.lists))
            .with("extras_css", links.url(&theme.extras))
            .with("formulas_css", links.url(&theme.formulas))
            .with("fonts", self.font_urls(&self.facts.fonts))
            .with_optional(
                "languages_css",
                self.facts
                    .has_languages
                    .then(|| links.url(&theme.languages)),
            )
            .with_optional(
                "custom_css",
                self.facts
                    .custom_style
                    .as_deref()
                    .map(|path| links.url(path)),
            )
            .with("js", links.url(&theme.script))
            .with("favicon", links.url(icon))
            .with_optional("touch_icon", touch_icon.map(|path| links.url(path)))
            .with_optional("manifest", manifest.then(|| links.url(MANIFEST_PATH)))
            .with_optional("og_image", self.site_image().map(|image| image.url))
            .with("tags_url", page(FixedPage::Terms(Taxonomy::Tags)))
            .with(
                "categories_url",
                page(FixedPage::Terms(Taxonomy::Categories)),
            )
            .with_optional(
                "authors_url",
                if_listed(self.facts.has_authors, Taxonomy::Authors),
            )
            .with_optional(
                "series_url",
                if_listed(self.facts.has_series, Taxonomy::Series),
            )
            .with("archive_url", page(FixedPage::Archive))
            .with_optional("search_url", search)
            .with_optional("search_index", if_searched(search::SCRIPT))
            .with_optional("search_js", if_searched(&theme.search))
            .with("meta", self.meta_value())
            .with_optional("analytics", services::analytics_value(self))
            .with_optional("comments", services::comments_value(self))
            .with_optional(
                "disclosure",
                label.map(|label| TemplateFields::new().with("label", label)),
            )
            .with("extra", extras_value(&config.extra))
            .into()
    }

    /// Returns the menu; `search` is the address of the search page.
    fn navigation_value(&self, search: Option<&str>) -> Value {
        let links = &self.links;
        let entry = |title: &str, url: String| (title.to_owned(), url);
        let own = &self.config.theme.nav;
        // Without a menu of its own, a site gets links to its lists.
        let mut entries: Vec<(String, String)> = if own.is_empty() {
            let words = self.words();
            let page = |key, page: FixedPage| entry(&words.text(key), links.url(page.path()));
            let mut entries = vec![
                page("categories", FixedPage::Terms(Taxonomy::Categories)),
                page("tags", FixedPage::Terms(Taxonomy::Tags)),
                page("archive", FixedPage::Archive),
            ];
            entries.extend(search.map(|url| entry(&words.text("search"), url.to_owned())));
            entries
        } else {
            own.iter()
                .map(|nav| entry(&nav.title, resolve_configured_url(links, &nav.url)))
                .collect()
        };
        for MenuPage { title, path } in &self.facts.menu {
            let url = links.url(path);
            // The owner may have given it another place already.
            if !entries.iter().any(|(_, known)| *known == url) {
                entries.push((title.clone(), url));
            }
        }
        links_value(entries)
    }

    /// Returns links of `site.toml`.
    fn configured_links(&self, links: &[NavEntry]) -> Value {
        let url = |link: &NavEntry| resolve_configured_url(&self.links, &link.url);
        links_value(links.iter().map(|link| (link.title.clone(), url(link))))
    }

    /// Returns the meta tags of `[head]`.
    fn meta_value(&self) -> Value {
        let tags = self.config.head.meta.iter();
        let tags: Vec<Value> = tags
            .map(|tag| {
                TemplateFields::new()
                    .with("name", tag.name.as_str())
                    .with("content", tag.content.as_str())
                    .into()
            })
            .collect();
        tags.into()
    }

    /// Returns the text of the footer as HTML, rendered as a post is.
    fn footer_html(&self) -> Option<String> {
        let footer = self.config.theme.footer.as_deref()?;
        // As for a feed: without the anchors and the highlighting of a text.
        let rendered = {
            let options = render_options(&self.config, &self.config.language, true);
            pressrun_markdown::render_markdown(footer, &options)
        };
        let addresses: Vec<String> = rendered
            .links
            .iter()
            .map(|link| resolve_configured_url(&self.links, &link.target))
            .collect();
        Some(rendered.html.fill_addresses(&addresses))
    }
}

/// Converts links, each with its title and its URL.
fn links_value(links: impl IntoIterator<Item = (String, String)>) -> Value {
    let links = links.into_iter().map(|(title, url)| -> Value {
        TemplateFields::new()
            .with("title", title)
            .with("url", url)
            .into()
    });
    links.collect::<Vec<_>>().into()
}

/// Converts an address from `site.toml`: a path of the site, or an address elsewhere.
pub(super) fn resolve_configured_url(links: &SiteLinks, url: &str) -> String {
    if is_site_path(url) {
        return links.url(url);
    }
    match links.path_of_absolute(url) {
        // An address below `base_url` is right as written. One below the public address of a
        // previewed site must lead to the preview instead.
        Some(path) if !url.starts_with(links.base().as_str()) => links.url(&path),
        _ => url.to_owned(),
    }
}
