//! The configuration `site.toml` as typed values.
//!
//! Every key is optional. [`Config::parse`] reads the whole file and reports all errors at once
//! with their places. An unknown key is reported with the nearest known one. A value of the wrong
//! type or outside its range is an error too.
//!
//! Not here: what the keys do. `docs/configuration.md` describes them for authors.

mod authors;
mod address;
mod analytics;
mod check;
mod comments;
mod content;
mod deploy;
pub mod disclosure;
pub mod generate;
mod head;
pub mod images;
mod keys;
mod messages;
mod output;
mod permalink;
mod policy;
mod search;
mod review;
mod section;
mod terms;
mod theme;
mod timezone;
mod url;

pub use analytics::{AnalyticsConfig, AnalyticsProvider};
pub use authors::{AuthorProfile, AuthorProfiles, name_key};
pub use check::CheckConfig;
pub use comments::{CommentsConfig, CommentsMapping, CommentsProvider};
pub use content::{ContentConfig, DateSource, NearDuplicateAction};
pub use deploy::parse_domain;
pub use head::{HeadConfig, MetaTag};
pub use messages::SiteMessages;
pub use output::OutputConfig;
pub use permalink::{Permalink, PermalinkValues};
pub use policy::{PolicyConfig, PolicyDirective};
pub use review::{ReviewConfig, ReviewRequirement};
pub use search::{SearchConfig, SearchExtent};
pub use section::find_nearest_name;
pub use terms::{CategoriesConfig, TagsConfig};
pub use theme::{NavEntry, ThemeConfig, ThemeFont, ThemeStyle};
pub use url::BaseUrl;

use generate::GenerateConfig;
use images::ImagesConfig;

use pressrun_posts::diagnostic::Diagnostic;
use pressrun_posts::normalize::OffListAction;
use pressrun_posts::post::slug::{SlugAlphabet, SlugOrigin, SlugSpelling};
use pressrun_posts::post::{ExtraValue, SiteZone};

/// The name of the configuration file, in the root of the site.
pub const FILE: &str = "site.toml";

/// The configuration of a site.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Config {
    /// The name of the site.
    pub title: String,
    /// What the site is about, for its home page and feeds.
    pub description: String,
    /// The address where the site is published.
    pub base_url: BaseUrl,
    /// The address that `site.toml` states. [`Config::base_url`] is another one in a preview and
    /// with `--base-url`.
    pub public_url: BaseUrl,
    /// The BCP 47 tag of the language of the site.
    pub language: String,
    /// The zone of dates that state none.
    pub timezone: SiteZone,
    /// The author of the site.
    pub author: AuthorConfig,
    /// The people who write for the site.
    pub authors: AuthorProfiles,
    /// How files become posts.
    pub content: ContentConfig,
    /// The closed list of categories.
    pub categories: CategoriesConfig,
    /// Settings for tags.
    pub tags: TagsConfig,
    /// Settings for lists of posts and feeds.
    pub lists: ListsConfig,
    /// Settings for Markdown.
    pub markdown: MarkdownConfig,
    /// Settings for search.
    pub search: SearchConfig,
    /// Settings for the theme.
    pub theme: ThemeConfig,
    /// Smaller versions of pictures.
    pub images: ImagesConfig,
    /// Pictures for links in social networks.
    pub social: SocialConfig,
    /// Further meta tags.
    pub head: HeadConfig,
    /// The service that counts visits.
    pub analytics: Option<AnalyticsConfig>,
    /// The service that shows comments.
    pub comments: Option<CommentsConfig>,
    /// What pages may load besides what the theme loads.
    pub csp: PolicyConfig,
    /// Files for programs.
    pub output: OutputConfig,
    /// How the site says that a model wrote it.
    pub disclosure: DisclosureConfig,
    /// Which findings are reported.
    pub check: CheckConfig,
    /// Where `publish` pushes the site.
    pub deploy: DeployConfig,
    /// How `pressrun generate` asks a language model.
    pub generate: GenerateConfig,
    /// Which posts a person must approve.
    pub review: ReviewConfig,
    /// Values of the site's own, for its templates.
    pub extra: Vec<(String, ExtraValue)>,
    /// The words of the theme and of the site's own message files.
    pub messages: SiteMessages,
}

/// The table `[author]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct AuthorConfig {
    /// The name of a person or group.
    pub name: Option<String>,
    /// The address of their page.
    pub url: Option<String>,
    /// Their e-mail address.
    pub email: Option<String>,
    /// Their account in the fediverse, as `@name@host`.
    pub fediverse: Option<String>,
}

/// The table `[lists]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ListsConfig {
    /// The number of posts on a page of a list, at least 1.
    pub per_page: usize,
    /// The number of posts in a feed.
    pub feed_entries: usize,
    /// What a feed contains of each post.
    pub feed_content: FeedContent,
}

/// What a feed contains of each post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FeedContent {
    /// The description and the full text.
    Full,
    /// Only the description.
    Summary,
}

/// The table `[markdown]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MarkdownConfig {
    /// What happens to HTML in posts.
    pub raw_html: RawHtmlPolicy,
    /// Whether to use typographic quotes, dashes and ellipses.
    pub smart_punctuation: bool,
    /// Whether to highlight code blocks.
    pub highlight: bool,
    /// Path of the script of the site that draws diagrams in the language `mermaid`.
    pub mermaid: Option<String>,
}

/// What happens to HTML in posts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RawHtmlPolicy {
    /// Harmless elements stay, everything else is removed.
    Sanitize,
    /// It is shown as text.
    Escape,
    /// It is passed on unchanged.
    Allow,
}

/// The table `[social]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SocialConfig {
    /// The address of the picture for pages without one. If it is not set, a card is drawn.
    pub image: Option<String>,
    /// Whether a card with the title is drawn for each post.
    pub cards: bool,
    /// The maximum number of posts for which cards are drawn. On a larger site posts get none.
    pub limit: usize,
    /// The author's accounts elsewhere.
    pub links: Vec<NavEntry>,
}

/// The table `[disclosure]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct DisclosureConfig {
    /// A text shown on every post.
    pub label: Option<String>,
    /// The text that posts show instead which a person has approved; an empty one for none.
    pub label_reviewed: Option<String>,
    /// A term of the IPTC digital source type vocabulary, for JSON-LD.
    pub digital_source_type: Option<String>,
}

/// The table `[deploy]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DeployConfig {
    /// The branch that contains the published site.
    pub branch: String,
    /// The remote that it is pushed to.
    pub remote: String,
    /// The custom domain.
    pub cname: Option<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            title: "My blog".to_owned(),
            description: String::new(),
            base_url: BaseUrl::local(),
            public_url: BaseUrl::local(),
            language: "en".to_owned(),
            timezone: SiteZone::default(),
            author: AuthorConfig::default(),
            authors: AuthorProfiles::default(),
            content: ContentConfig {
                permalink: Permalink::default(),
                dates: DateSource::Git,
                near_duplicates: NearDuplicateAction::default(),
                slugs: SlugAlphabet::Unicode,
                slug_from: SlugOrigin::Title,
            },
            categories: CategoriesConfig {
                allowed: Vec::new(),
                off_list: OffListAction::Keep,
                aliases: Vec::new(),
            },
            tags: TagsConfig {
                aliases: Vec::new(),
                noindex_below: 2,
            },
            lists: ListsConfig {
                per_page: 20,
                feed_entries: 20,
                feed_content: FeedContent::Full,
            },
            markdown: MarkdownConfig {
                raw_html: RawHtmlPolicy::Sanitize,
                smart_punctuation: true,
                highlight: true,
                mermaid: None,
            },
            search: SearchConfig {
                enabled: true,
                full_text: 5000,
                limit: 50_000,
            },
            theme: ThemeConfig::default(),
            images: ImagesConfig::default(),
            social: SocialConfig {
                image: None,
                cards: true,
                limit: 500,
                links: Vec::new(),
            },
            head: HeadConfig::default(),
            analytics: None,
            comments: None,
            csp: PolicyConfig::default(),
            output: OutputConfig::default(),
            disclosure: DisclosureConfig::default(),
            check: CheckConfig::default(),
            deploy: DeployConfig {
                branch: "gh-pages".to_owned(),
                remote: "origin".to_owned(),
                cname: None,
            },
            generate: GenerateConfig::default(),
            review: ReviewConfig::default(),
            extra: Vec::new(),
            messages: SiteMessages::default(),
        }
    }
}

impl Config {
    /// Parses the text of `site.toml`.
    ///
    /// # Errors
    ///
    /// Returns all errors of the file, in the order of the file.
    pub fn parse(text: &str) -> Result<Self, Vec<Diagnostic>> {
        let mut config = Self::default();
        let mut diagnostics =
            section::read_toml(text, |root| keys::read_config_keys(root, &mut config));
        config.public_url = config.base_url.clone();
        if diagnostics.is_empty() {
            Ok(config)
        } else {
            diagnostics.sort();
            Err(diagnostics)
        }
    }
}

impl Config {
    /// Returns how slugs are spelt that no text in another language decides: those of terms and
    /// folders.
    pub fn slug_spelling(&self) -> SlugSpelling {
        SlugSpelling::new(self.content.slugs, &self.language)
    }

    /// Returns the path of a whole address of the site, percent-encoded, or `None` for another site.
    pub fn path_of_address<'a>(&self, address: &'a str) -> Option<&'a str> {
        let mut own = [&self.public_url, &self.base_url].into_iter();
        own.find_map(|url| url.path_below(address))
    }
}

/// Returns all keys, those of tables with the name of the table: `lists.per_page`.
pub fn list_known_keys() -> Vec<String> {
    section::list_asked_keys(|root| keys::read_config_keys(root, &mut Config::default()))
}

#[cfg(test)]
mod tests {
    use pressrun_posts::diagnostic::Code;

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
            timezone = "Europe/Lisbon"
            [author]
            name = "N"
            url = "https://n.example/"
            email = "n@n.example"
            [content]
            permalink = "/{year}/{month}/{slug}.html"
            dates = "none"
            slugs = "ascii"
            slug_from = "file"
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
            favicon = "logo.png"
            footer = "F"
            [social]
            image = "/card.png"
            cards = false
            limit = 9
            links = [{ title = "Code", url = "https://code.example/t" }]
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
        assert_eq!(config.timezone.name(), "Europe/Lisbon");
        assert_eq!(config.content.dates, DateSource::None);
        assert_eq!(config.content.slugs, SlugAlphabet::Ascii);
        assert_eq!(config.content.slug_from, SlugOrigin::File);
        assert_eq!(config.categories.off_list, OffListAction::Drop);
        assert_eq!(
            config.tags.aliases,
            [("k8s".to_owned(), "Kubernetes".to_owned())]
        );
        assert_eq!(config.lists.feed_content, FeedContent::Summary);
        assert_eq!(config.markdown.raw_html, RawHtmlPolicy::Escape);
        let search = SearchConfig {
            enabled: false,
            full_text: 50,
            limit: 600,
        };
        assert_eq!(config.search, search);
        let social = SocialConfig {
            image: Some("/card.png".to_owned()),
            cards: false,
            limit: 9,
            links: vec![NavEntry {
                title: "Code".to_owned(),
                url: "https://code.example/t".to_owned(),
            }],
        };
        assert_eq!(config.social, social);
        assert_eq!(config.theme.accent_rgb(), [0x00, 0x66, 0xcc]);
        assert_eq!(ThemeConfig::default().accent_rgb(), [0xb5, 0x32, 0x1a]);
        assert_eq!(config.theme.nav[0].url, "/about/");
        assert_eq!(config.deploy.cname.as_deref(), Some("blog.example.com"));
    }

    #[test]
    fn string_that_no_page_may_hold_is_an_error_with_its_place() {
        check(
            "title = \"A\\u0007B\"\n[author]\nname = 'x\u{FFFE}'\n[tags]\n\
             aliases = { \"a\\u0000\" = \"b\" }\n[theme]\n\
             nav = [{ title = \"\\u202Ex\", url = \"/\" }]\nfooter = \"two\\nlines\\t\"\n",
            &[
                "site.toml:1:9: invalid-value: it contains U+0007, a character that must not be \
                 on a \
                 page (delete it)",
                "site.toml:3:8: invalid-value: it contains U+FFFE, a character that must not be \
                 on a \
                 page (delete it)",
                "site.toml:5:13: invalid-value: it contains U+0000, a character that must not be \
                 on \
                 a page (delete it)",
                "site.toml:7:18: invalid-value: it contains U+202E, a direction mark that affects \
                 text after this string (delete it)",
            ],
        );
    }

    #[test]
    fn codes_to_ignore_are_known_and_no_errors() {
        let config =
            Config::parse("[check]\nignore = [\"dead-link\", \"placeholder-text\"]\n").unwrap();
        assert_eq!(config.check.ignore, [Code::DeadLink, Code::PlaceholderText]);
        check(
            "[check]\nignore = [\"dead-lynk\", \"refusal\"]\n",
            &[
                "site.toml:2:11: invalid-value: there is no code `dead-lynk` (did you mean `dead-link`?)",
                "site.toml:2:24: invalid-value: `refusal` is an error, and errors cannot be ignored (-)",
            ],
        );
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
                "site.toml:1:1: unknown-key: there is no key `per_page` at the top level (it \
                 belongs in `[lists]`)",
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
                "site.toml:3:18: invalid-value: the alias `AI` points to `Artificial`, which is \
                 not in `allowed` (delete this alias, let it lead to a name of the list, or add the name to the \
                 list; `pressrun terms --categories` replaces a list with its aliases)",
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
