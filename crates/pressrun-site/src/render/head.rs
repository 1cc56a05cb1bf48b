//! Builds the variable `page` of every HTML template: title, description, robots, pagination,
//! structured data.

use std::borrow::Cow;

use pressrun_locale::messages::MessageValue;
use pressrun_text::language;
use tera::Value;

use super::body::CoverView;
use super::frame::SiteFrame;
use super::json_ld::{self, JsonLdNode};
use super::links::SiteLinks;
use super::pages::feed::{FeedChannel, FeedFormat};
use super::pages::twin::twin_path;
use super::translations::TranslationsView;
use super::values::TemplateFields;
use crate::corpus::own_paths::page_path;

/// What the head of a page says.
#[derive(Debug, Hash)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each decides about another part of the page"
)]
pub(super) struct PageHead<'s> {
    /// Name of the kind of page in templates.
    pub(super) kind: &'static str,
    /// Path of the page.
    pub(super) path: Cow<'s, str>,
    pub(super) title: Cow<'s, str>,
    pub(super) description: Cow<'s, str>,
    /// Whether search engines are asked not to list it.
    pub(super) is_hidden: bool,
    /// Which page of its list it is, if it is one.
    pub(super) pager: Option<PagerView<'s>>,
    /// The pages from the home page, which is left out, down to the page itself. Empty for the
    /// home page.
    pub(super) breadcrumbs: Vec<BreadcrumbView<'s>>,
    /// The list whose feeds are announced besides those of the site.
    pub(super) feeds_of: Option<FeedChannel<'s>>,
    /// Picture for links in social networks.
    pub(super) image: PageImage<'s>,
    /// BCP 47 tag of its language.
    pub(super) language: &'s str,
    /// Its translations.
    pub(super) translations: TranslationsView<'s>,
    /// What search engines should show instead of this page.
    pub(super) canonical: Option<LinkedPlace<'s>>,
    /// Whether readers can comment on it.
    pub(super) has_comments: bool,
    /// Whether it shows what the theme styles in `extras.css`, besides comments.
    pub(super) has_extras: bool,
    /// Whether it shows formulas, which the theme styles in `formulas.css`.
    pub(super) has_formulas: bool,
    /// Whether a script draws diagrams on it.
    pub(super) has_diagrams: bool,
}

/// A page or file of the site, or an address of another site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum LinkedPlace<'s> {
    /// A path from the root of the site.
    Path(&'s str),
    /// An address with its scheme.
    Address(&'s str),
}

impl<'s> LinkedPlace<'s> {
    /// Returns its URL for links within the site.
    pub(super) fn url(self, links: &SiteLinks) -> Cow<'s, str> {
        match self {
            Self::Path(path) => links.url(path).into(),
            Self::Address(address) => address.into(),
        }
    }

    /// Returns its URL with scheme and host.
    pub(super) fn absolute(self, links: &SiteLinks) -> Cow<'s, str> {
        match self {
            Self::Path(path) => links.absolute(path).into(),
            Self::Address(address) => address.into(),
        }
    }
}

/// Title and path of a page.
#[derive(Debug, Hash)]
pub(super) struct BreadcrumbView<'s> {
    pub(super) title: Cow<'s, str>,
    pub(super) path: Cow<'s, str>,
}

/// The place of a page within its list.
#[derive(Debug, Clone, Hash)]
pub(super) struct PagerView<'s> {
    /// Path of the first page.
    pub(super) list: Cow<'s, str>,
    /// Number of the page, counted from 1.
    pub(super) number: usize,
    /// Number of pages.
    pub(super) total: usize,
}

impl PagerView<'_> {
    /// Returns the addresses of the page before and the page after.
    pub(super) fn neighbours(&self, frame: &SiteFrame) -> [Option<String>; 2] {
        let url = |number| frame.links.url(&page_path(&self.list, number));
        [
            (self.number > 1).then(|| url(self.number - 1)),
            (self.number < self.total).then(|| url(self.number + 1)),
        ]
    }

    /// Converts it to the variable that lists use.
    pub(super) fn to_value(&self, frame: &SiteFrame) -> Value {
        let url = |number| frame.links.url(&page_path(&self.list, number));
        let [previous, next] = self.neighbours(frame);
        TemplateFields::new()
            .with("number", self.number)
            .with("total", self.total)
            .with("first", url(1))
            .with_optional("previous", previous)
            .with_optional("next", next)
            .with("last", url(self.total))
            .into()
    }
}

/// The picture of a page for links in social networks.
#[derive(Debug, Hash)]
pub(super) enum PageImage<'s> {
    /// The picture of the site.
    Site,
    /// The cover of a post.
    Cover(CoverView<'s>),
    /// The card at a path, and the title that it shows.
    Card(&'s str, &'s str),
}

/// A picture for links in social networks, ready to be printed.
pub(super) struct SocialImage<'i> {
    /// Absolute URL.
    pub(super) url: Cow<'i, str>,
    /// Width and height in pixels, if known.
    pub(super) size: Option<[u32; 2]>,
    /// Description of the picture in words.
    pub(super) alt: &'i str,
}

impl<'s> PageImage<'s> {
    /// Returns the cover of a text, otherwise its card, which shows its title.
    pub(super) fn choose(
        cover: Option<&CoverView<'s>>,
        card: Option<&'s str>,
        title: &'s str,
    ) -> Self {
        match (cover, card) {
            (Some(cover), _) => Self::Cover(cover.clone()),
            (None, Some(card)) => Self::Card(card, title),
            (None, None) => Self::Site,
        }
    }

    /// Returns the picture, if the site has one.
    pub(super) fn to_social_image<'i>(&'i self, frame: &'i SiteFrame) -> Option<SocialImage<'i>> {
        match self {
            Self::Site => frame.site_image(),
            Self::Cover(cover) => Some(SocialImage {
                url: Cow::Borrowed(&cover.absolute),
                size: cover
                    .picture
                    .and_then(|picture| picture.size)
                    .map(|size| [size.width, size.height]),
                alt: cover.alt,
            }),
            Self::Card(path, title) => Some(frame.card_image(path, title)),
        }
    }
}

impl<'s> PageHead<'s> {
    /// Returns the head of a page below the home page, without anything special.
    pub(super) fn new(
        kind: &'static str,
        path: impl Into<Cow<'s, str>>,
        title: impl Into<Cow<'s, str>>,
        frame: &'s SiteFrame,
    ) -> Self {
        let (path, title) = (path.into(), title.into());
        Self {
            kind,
            title: title.clone(),
            description: Cow::Borrowed(""),
            is_hidden: false,
            pager: None,
            breadcrumbs: vec![BreadcrumbView {
                title,
                path: path.clone(),
            }],
            path,
            feeds_of: None,
            image: PageImage::Site,
            language: &frame.config.language,
            translations: TranslationsView::default(),
            canonical: None,
            has_comments: false,
            has_extras: false,
            has_formulas: false,
            has_diagrams: false,
        }
    }

    /// Returns the absolute URL that search engines should use.
    pub(super) fn canonical_url(&self, frame: &SiteFrame) -> Cow<'_, str> {
        let own = LinkedPlace::Path(&self.path);
        self.canonical.unwrap_or(own).absolute(&frame.links)
    }

    /// Adds a page between the home page and this one.
    pub(super) fn put_below(
        &mut self,
        title: impl Into<Cow<'s, str>>,
        path: impl Into<Cow<'s, str>>,
    ) {
        let above = BreadcrumbView {
            title: title.into(),
            path: path.into(),
        };
        self.breadcrumbs.insert(0, above);
    }

    /// Converts the head into the variable `page`. `subject` is what structured data says of the
    /// page besides its place on the site.
    pub(super) fn to_value(&self, subject: Option<JsonLdNode<'_>>, frame: &SiteFrame) -> Value {
        // Its sources are checked, so none of them can end the attribute.
        let policy = frame.policies.of_page(self);
        let links = &frame.links;
        let mermaid = frame.config.markdown.mermaid.as_deref();
        let mermaid = mermaid.filter(|_| self.has_diagrams);
        let pager = self.pager.as_ref();
        let [previous, next] = pager.map_or([None, None], |pager| pager.neighbours(frame));
        let image = self.image.to_social_image(frame).map(|image| {
            TemplateFields::new()
                .with("url", image.url)
                .with("alt", image.alt)
                .with_optional("width", image.size.map(|[width, _]| width))
                .with_optional("height", image.size.map(|[_, height]| height))
        });
        let has_extras = self.has_extras || self.has_comments;
        let fields = TemplateFields::new()
            .with("kind", self.kind)
            .with("url", links.url(&self.path))
            .with("canonical", self.canonical_url(frame))
            .with("policy", Value::safe_string(policy))
            .with("comments", self.has_comments)
            .with_optional("mermaid", mermaid.map(|path| links.url(path)))
            .with("has_extras", has_extras)
            .with("has_formulas", self.has_formulas)
            .with("fonts", frame.page_fonts(self.kind, self.language))
            .with("language", self.language)
            .with("rtl", language::is_right_to_left(self.language))
            .with("title", &*self.title)
            .with("head_title", self.head_title(frame))
            .with("description", &*self.description)
            .with_optional("robots", self.is_hidden.then_some("noindex, follow"))
            .with_optional("prev", previous)
            .with_optional("next", next)
            .with("breadcrumbs", self.breadcrumbs_value(frame))
            .with("alternates", self.alternates_value(frame))
            .with_optional("image", image)
            .with("json_ld", json_ld::render_json_ld(self, subject, frame));
        self.translations
            .add_fields(self.language, fields, frame)
            .into()
    }

    /// Returns title and path of each page from the home page down to this one; none for the home
    /// page.
    pub(super) fn crumbs<'c>(
        &'c self,
        frame: &'c SiteFrame,
    ) -> impl Iterator<Item = (&'c str, &'c str)> {
        let home = (frame.config.title.as_str(), "/");
        let below = self.breadcrumbs.iter();
        let below = below.map(|crumb| (&*crumb.title, &*crumb.path));
        // The home page has only itself as a crumb.
        let home = (!self.breadcrumbs.is_empty()).then_some(home);
        home.into_iter().chain(below)
    }

    fn head_title(&self, frame: &SiteFrame) -> String {
        let site = &frame.config.title;
        let pager = self.pager.as_ref();
        let number = pager.filter(|pager| pager.number > 1).map(|pager| {
            let number = MessageValue::of_count(pager.number);
            ("number", number)
        });
        match (self.kind, number) {
            ("home", None) => site.to_owned(),
            ("home", Some(number)) => format!("{} · {site}", frame.fill("page_number", &[number])),
            (_, None) => format!("{} · {site}", self.title),
            (_, Some(number)) => {
                let title = ("title", MessageValue::Text(&self.title));
                format!("{} · {site}", frame.fill("title_page", &[title, number]))
            }
        }
    }

    /// Returns whether the Markdown of the page is published beside it.
    fn has_markdown(&self, frame: &SiteFrame) -> bool {
        frame.config.output.markdown && matches!(self.kind, "post" | "page")
    }

    fn breadcrumbs_value(&self, frame: &SiteFrame) -> Vec<Value> {
        let to_value = |(title, path): (&str, &str)| -> Value {
            TemplateFields::new()
                .with("title", title)
                .with("url", frame.links.url(path))
                .into()
        };
        let mut crumbs = self.crumbs(frame);
        let home = crumbs.next().map(|home| {
            let shared = &frame.shared.home;
            shared.get_or_init(|| to_value(home)).clone()
        });
        home.into_iter().chain(crumbs.map(to_value)).collect()
    }

    fn alternates_value(&self, frame: &SiteFrame) -> Value {
        let of_site = || feed_values(&FeedChannel::of_site(), frame).into();
        let of_site = frame.shared.feeds.get_or_init(of_site);
        let mut own: Vec<Value> = Vec::new();
        if let Some(channel) = &self.feeds_of {
            own.extend(feed_values(channel, frame));
        }
        if self.has_markdown(frame) {
            let markdown = TemplateFields::new()
                .with("type", "text/markdown")
                .with("title", &*self.title)
                .with("url", frame.links.url(&twin_path(&self.path)));
            own.push(markdown.into());
        }
        if own.is_empty() {
            return of_site.clone();
        }
        let of_site = of_site.as_array().unwrap_or_default();
        [of_site, &own].concat().into()
    }
}

/// Converts the feeds of a list.
fn feed_values(channel: &FeedChannel<'_>, frame: &SiteFrame) -> Vec<Value> {
    let values = FeedFormat::ALL.into_iter().map(|format| -> Value {
        TemplateFields::new()
            .with("type", format.media_type())
            .with("title", channel.title(frame))
            .with("url", frame.links.url(&channel.feed_path(format)))
            .into()
    });
    values.collect()
}
