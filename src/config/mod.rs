//! `site.toml`, as typed values.
//!
//! Every key is optional. [`Config::parse`] reads the whole file and reports all that is wrong
//! with it at once, each with its place: an unknown key with the nearest known one, a value of
//! the wrong type or outside its range.
//!
//! Not here: what the keys do. `docs/configuration.md` describes each for the author.

mod deploy;
pub mod disclosure;
mod keys;
mod permalink;
mod section;
mod url;

pub use deploy::domain;
pub use permalink::{Parts, Permalink};
pub use url::BaseUrl;

use crate::diagnostic::Diagnostic;
use crate::post::slug::Alphabet;

/// Name of the configuration file, in the root of the site.
pub const FILE: &str = "site.toml";

/// The configuration of a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Name of the site.
    pub title: String,
    /// What the site is about, for its home page and feeds.
    pub description: String,
    /// Where the site will live.
    pub base_url: BaseUrl,
    /// BCP 47 tag of the language of the site.
    pub language: String,
    /// Who writes it.
    pub author: Author,
    /// How files become posts.
    pub content: Content,
    /// The closed list of categories.
    pub categories: Categories,
    /// Tags.
    pub tags: Tags,
    /// Lists of posts and feeds.
    pub lists: Lists,
    /// Markdown.
    pub markdown: Markdown,
    /// Search.
    pub search: Search,
    /// The theme.
    pub theme: Theme,
    /// Pictures for links in social networks.
    pub social: Social,
    /// How the site says that a model wrote it.
    pub disclosure: Disclosure,
    /// Where `publish` puts the site.
    pub deploy: Deploy,
}

/// `[author]`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Author {
    /// Name of a person or group.
    pub name: Option<String>,
    /// Their page.
    pub url: Option<String>,
    /// Their address.
    pub email: Option<String>,
}

/// `[content]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// The shape of a post's address.
    pub permalink: Permalink,
    /// Where the date of a post comes from that states none.
    pub dates: DateSource,
    /// What becomes of a post that says nearly what another says.
    pub near_duplicates: NearDuplicates,
    /// Which letters the addresses of posts and terms are made of.
    pub slugs: Alphabet,
}

/// What becomes of a post that says nearly what another says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum NearDuplicates {
    /// It is published, with a warning.
    #[default]
    Report,
    /// It is left out as a draft, with a warning.
    Draft,
    /// Its page names the other one as canonical, with a warning.
    Canonical,
}

/// Where the date of a post comes from that states none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateSource {
    /// The commit that added the file, else as [`DateSource::Mtime`].
    Git,
    /// The time the file was last changed.
    Mtime,
    /// Nowhere: the post has no date.
    None,
}

/// `[categories]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Categories {
    /// The closed list; empty for an open one.
    pub allowed: Vec<String>,
    /// What becomes of a category outside it.
    pub off_list: OffList,
    /// Other names of categories, each with the name it stands for.
    pub aliases: Vec<(String, String)>,
}

/// What becomes of a category outside the closed list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OffList {
    /// It is kept as written, with a warning.
    #[default]
    Keep,
    /// It is dropped, with a warning.
    Drop,
    /// The reply is rejected.
    Reject,
}

/// `[tags]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tags {
    /// Other names of tags, each with the name it stands for.
    pub aliases: Vec<(String, String)>,
    /// Pages of tags with fewer posts than this are kept from search engines.
    pub noindex_below: usize,
}

/// `[lists]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lists {
    /// Posts on one page of a list, at least 1.
    pub per_page: usize,
    /// Posts in a feed.
    pub feed_entries: usize,
    /// What a feed holds of each post.
    pub feed_content: FeedContent,
}

/// What a feed holds of each post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeedContent {
    /// The description and the whole text.
    Full,
    /// The description.
    Summary,
}

/// `[markdown]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Markdown {
    /// What becomes of HTML in a post.
    pub raw_html: RawHtml,
    /// Typographic quotes, dashes and ellipses.
    pub smart_punctuation: bool,
    /// Colours in code blocks.
    pub highlight: bool,
}

/// What becomes of HTML in a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RawHtml {
    /// Harmless elements stay, all else goes.
    Sanitize,
    /// It is shown as text.
    Escape,
    /// It is passed on as it is.
    Allow,
}

/// `[search]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// Whether the site has a search page.
    pub enabled: bool,
    /// Up to this many posts the whole text is searched, above it titles, descriptions and
    /// headings.
    pub full_text: usize,
    /// A site with more posts than this has no search page.
    pub limit: usize,
}

impl Search {
    /// What of each post is searched on a site with this many, if the site has a search page.
    pub fn extent(&self, posts: usize) -> Option<Extent> {
        let searched = self.enabled && posts <= self.limit;
        searched.then_some(if posts <= self.full_text {
            Extent::FullText
        } else {
            Extent::Outline
        })
    }
}

/// What of each post is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Title, description and the whole text.
    FullText,
    /// Title, description and headings.
    Outline,
}

/// `[theme]`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Theme {
    /// Colour of links, as `#rgb` or `#rrggbb`.
    pub accent: Option<String>,
    /// Entries of the main menu; empty for the theme's own.
    pub nav: Vec<NavEntry>,
    /// Address of a picture for the header.
    pub logo: Option<String>,
    /// Text at the foot of every page.
    pub footer: Option<String>,
}

/// An entry of `[theme] nav`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NavEntry {
    /// What is shown.
    pub title: String,
    /// Where it leads: a path of the site or an absolute URL.
    pub url: String,
}

impl Theme {
    /// The accent colour, or the default theme's own: red, green, blue.
    pub fn accent_rgb(&self) -> [u8; 3] {
        let digits = self
            .accent
            .as_deref()
            .unwrap_or("#b5321a")
            .trim_start_matches('#');
        let step = digits.len() / 3;
        [0, 1, 2].map(|part| {
            let part = digits
                .get(part * step..(part + 1) * step)
                .unwrap_or_default();
            // `#abc` stands for `#aabbcc`.
            u8::from_str_radix(&part.repeat(2 / step.max(1)), 16).unwrap_or(0)
        })
    }
}

/// `[social]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Social {
    /// Address of the picture of pages that have none of their own; without one, a card is drawn.
    pub image: Option<String>,
    /// Whether each post gets a card with its title.
    pub cards: bool,
    /// On a site with more posts than this, posts get none.
    pub limit: usize,
}

/// `[disclosure]`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Disclosure {
    /// Text shown on every post.
    pub label: Option<String>,
    /// Term of the IPTC digital source type vocabulary, for JSON-LD.
    pub digital_source_type: Option<String>,
}

/// `[deploy]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deploy {
    /// Branch that holds the published site.
    pub branch: String,
    /// Remote it is pushed to.
    pub remote: String,
    /// Custom domain.
    pub cname: Option<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            title: "My blog".to_owned(),
            description: String::new(),
            base_url: BaseUrl::local(),
            language: "en".to_owned(),
            author: Author::default(),
            content: Content {
                permalink: Permalink::default(),
                dates: DateSource::Git,
                near_duplicates: NearDuplicates::default(),
                slugs: Alphabet::Unicode,
            },
            categories: Categories {
                allowed: Vec::new(),
                off_list: OffList::Keep,
                aliases: Vec::new(),
            },
            tags: Tags {
                aliases: Vec::new(),
                noindex_below: 2,
            },
            lists: Lists {
                per_page: 20,
                feed_entries: 20,
                feed_content: FeedContent::Full,
            },
            markdown: Markdown {
                raw_html: RawHtml::Sanitize,
                smart_punctuation: true,
                highlight: true,
            },
            search: Search {
                enabled: true,
                full_text: 1000,
                limit: 10_000,
            },
            theme: Theme::default(),
            social: Social {
                image: None,
                cards: true,
                limit: 500,
            },
            disclosure: Disclosure::default(),
            deploy: Deploy {
                branch: "gh-pages".to_owned(),
                remote: "origin".to_owned(),
                cname: None,
            },
        }
    }
}

impl Config {
    /// Reads the text of `site.toml`.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the file, in the order of the file.
    pub fn parse(text: &str) -> Result<Self, Vec<Diagnostic>> {
        let mut config = Self::default();
        let mut diagnostics = section::read(text, |root| keys::read(root, &mut config));
        if diagnostics.is_empty() {
            Ok(config)
        } else {
            diagnostics.sort();
            Err(diagnostics)
        }
    }
}

/// Every key there is, those of tables with the name of their table: `lists.per_page`.
pub fn known_keys() -> Vec<String> {
    section::keys(|root| keys::read(root, &mut Config::default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let found = match Config::parse(text) {
            Ok(_) => Vec::new(),
            Err(diagnostics) => diagnostics
                .iter()
                .map(|d| {
                    let help = d.help.as_deref().unwrap_or("-");
                    format!("{}: {}: {} ({help})", d.place, d.code, d.message)
                })
                .collect(),
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn empty_file_gives_the_defaults() {
        assert_eq!(Config::parse("").unwrap(), Config::default());
    }

    #[test]
    fn every_key_is_read() {
        let config = Config::parse(
            r##"
            title = "T"
            description = "D"
            base_url = "https://example.com/repo"
            language = "pt-BR"
            [author]
            name = "N"
            url = "https://n.example/"
            email = "n@n.example"
            [content]
            permalink = "/{year}/{month}/{slug}.html"
            dates = "none"
            slugs = "ascii"
            [categories]
            allowed = ["Artificial Intelligence", "News"]
            off_list = "drop"
            aliases = { "AI" = "Artificial Intelligence" }
            [tags]
            aliases = { "k8s" = "Kubernetes" }
            noindex_below = 3
            [lists]
            per_page = 5
            feed_entries = 7
            feed_content = "summary"
            [markdown]
            raw_html = "escape"
            smart_punctuation = false
            highlight = false
            [search]
            enabled = false
            full_text = 50
            limit = 600
            [theme]
            accent = "#06c"
            nav = [{ title = "About", url = "/about/" }]
            logo = "/logo.svg"
            footer = "F"
            [social]
            image = "/card.png"
            cards = false
            limit = 9
            [disclosure]
            label = "L"
            digital_source_type = "trainedAlgorithmicMedia"
            [deploy]
            branch = "pages"
            remote = "upstream"
            cname = "blog.example.com"
            "##,
        )
        .unwrap();
        assert_eq!(config.base_url.as_str(), "https://example.com/repo/");
        assert_eq!(config.content.dates, DateSource::None);
        assert_eq!(config.content.slugs, Alphabet::Ascii);
        assert_eq!(config.categories.off_list, OffList::Drop);
        assert_eq!(
            config.tags.aliases,
            [("k8s".to_owned(), "Kubernetes".to_owned())]
        );
        assert_eq!(config.lists.feed_content, FeedContent::Summary);
        assert_eq!(config.markdown.raw_html, RawHtml::Escape);
        let search = Search {
            enabled: false,
            full_text: 50,
            limit: 600,
        };
        assert_eq!(config.search, search);
        let social = Social {
            image: Some("/card.png".to_owned()),
            cards: false,
            limit: 9,
        };
        assert_eq!(config.social, social);
        assert_eq!(config.theme.accent_rgb(), [0x00, 0x66, 0xcc]);
        assert_eq!(Theme::default().accent_rgb(), [0xb5, 0x32, 0x1a]);
        assert_eq!(config.theme.nav[0].url, "/about/");
        assert_eq!(config.deploy.cname.as_deref(), Some("blog.example.com"));
    }

    #[test]
    fn unknown_key_gets_a_suggestion() {
        check(
            "title = 'T'\n[lists]\nper_pages = 20\n",
            &[
                "site.toml:3:1: unknown-key: there is no key `per_pages` in `[lists]` (did you mean `per_page`?)",
            ],
        );
    }

    #[test]
    fn unknown_table_gets_a_suggestion() {
        check(
            "[list]\nper_page = 20\n",
            &["site.toml:1:2: unknown-key: there is no table `[list]` (did you mean `[lists]`?)"],
        );
    }

    #[test]
    fn key_of_another_table_is_named_with_it() {
        check(
            "per_page = 20\n",
            &[
                "site.toml:1:1: unknown-key: there is no key `per_page` at the top level (it belongs into `[lists]`)",
            ],
        );
    }

    #[test]
    fn all_errors_are_reported_at_once() {
        check(
            "title = 3\n[lists]\nper_page = 0\n[markdown]\nraw_html = 'alow'\n",
            &[
                "site.toml:1:9: invalid-value: `title` takes a string, not an integer (-)",
                "site.toml:3:12: invalid-value: `per_page` takes a whole number from 1 to 10000 (-)",
                "site.toml:5:12: invalid-value: `raw_html` takes one of `sanitize`, `escape`, `allow` (did you mean `allow`?)",
            ],
        );
    }

    #[test]
    fn alias_must_lead_to_a_name_of_the_closed_list() {
        check(
            "[categories]\nallowed = ['News']\naliases = { AI = 'Artificial' }\n",
            &[
                "site.toml:3:18: invalid-value: the alias `AI` stands for `Artificial`, which is not in `allowed` (add it to `allowed`, or choose a name that is there)",
            ],
        );
    }

    #[test]
    fn syntax_error_has_its_place() {
        check(
            "title = 'T'\nbase_url =\n",
            &[
                "site.toml:2:11: invalid-toml: string values must be quoted, expected literal string (-)",
            ],
        );
    }
}
