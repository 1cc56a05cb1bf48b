//! Builds the variable `page` of every HTML template: title, description, robots, pagination,
//! structured data.

use pressrun_text::language;
use tera::Value;

use super::feed::{self, FeedFormat};
use super::json_ld;
use super::plan::{PageKind, PostList};
use super::values::TemplateFields;
use super::{RenderJob, SiteRenderer};
use crate::corpus::own_paths::term_path;
use crate::corpus::{PostId, Taxonomy};

/// What the head of a page says, before it becomes a template value.
pub(super) struct PageHead {
    /// Name of the kind of page in templates.
    pub(super) kind: &'static str,
    /// Path of the page.
    pub(super) path: String,
    pub(super) title: String,
    pub(super) description: String,
    /// Whether search engines are asked not to list it.
    pub(super) hidden: bool,
    /// Page number and number of pages of its list; 1 and 1 for pages without a list.
    pub(super) number: (usize, usize),
    /// Title and path of each page above it, from the home page down, and of the page itself.
    pub(super) breadcrumbs: Vec<(String, String)>,
    /// The list whose feeds are announced besides those of the site.
    pub(super) feeds_of: Option<PostList>,
    /// Picture for links in social networks.
    pub(super) image: Option<SocialImage>,
    /// BCP 47 tag of its language.
    pub(super) language: String,
    /// Path of the page that search engines should show instead of this one.
    pub(super) canonical: Option<String>,
}

/// A picture for links in social networks.
pub(super) struct SocialImage {
    /// Absolute URL.
    pub(super) url: String,
    /// Width and height in pixels, if known.
    pub(super) size: Option<[u32; 2]>,
    /// Description of the picture in words.
    pub(super) alt: String,
}

impl PageHead {
    /// Returns the head of a page that is neither a post nor a list.
    pub(super) fn for_page(
        kind: &'static str,
        path: &str,
        title: &str,
        renderer: &SiteRenderer,
    ) -> Self {
        Self {
            kind,
            path: path.to_owned(),
            title: title.to_owned(),
            description: String::new(),
            hidden: false,
            number: (1, 1),
            breadcrumbs: vec![
                (renderer.config.title.clone(), "/".to_owned()),
                (title.to_owned(), path.to_owned()),
            ],
            feeds_of: None,
            image: renderer.site_image(),
            language: renderer.config.language.clone(),
            canonical: None,
        }
    }

    /// Returns the head of a post.
    pub(super) fn for_post(id: PostId, renderer: &SiteRenderer) -> Self {
        let entry = &renderer.corpus.posts[id as usize];
        let post = &entry.post;
        let mut head = Self::for_page("post", &entry.path, &post.title, renderer);
        head.description = match post.description.as_str() {
            "" => post.title.clone(),
            description => description.to_owned(),
        };
        head.hidden = post.draft;
        // A post has one place in the hierarchy: its first category.
        if let Some(&id) = entry.categories.first() {
            let term = &renderer.corpus.categories[id as usize];
            let crumb = (
                term.name.clone(),
                term_path(Taxonomy::Categories, &term.slug),
            );
            head.breadcrumbs.insert(1, crumb);
        }
        head.image = renderer.post_image(id);
        renderer.language(entry).clone_into(&mut head.language);
        let keeper = entry
            .canonical
            .map(|id| &renderer.corpus.posts[id as usize]);
        head.canonical = keeper.map(|keeper| keeper.path.clone());
        head
    }

    /// Returns the head of one page of a list.
    pub(super) fn for_list(list: PostList, number: usize, renderer: &SiteRenderer) -> Self {
        let corpus = &renderer.corpus;
        let config = &renderer.config;
        let path = list.page_path(corpus, number);
        let pages = list.pages(corpus, config);
        let posts = count_posts_in_words(list.len(corpus));
        let mut head = match list {
            PostList::Home => {
                let mut head = Self::for_page("home", &path, &config.title, renderer);
                head.description.clone_from(&config.description);
                if head.description.is_empty() {
                    head.description = format!("{posts} on {}", config.title);
                }
                head.breadcrumbs.truncate(1);
                head
            }
            PostList::Archive => {
                let mut head = Self::for_page("archive", &path, "Archive", renderer);
                head.description = format!("{posts} of {}, by year", config.title);
                head
            }
            PostList::Term(taxonomy, id) => {
                let term = &corpus.terms(taxonomy)[id as usize];
                let mut head = Self::for_page(taxonomy.singular(), &path, &term.name, renderer);
                let relation = match taxonomy {
                    Taxonomy::Tags => "tagged",
                    Taxonomy::Categories => "in",
                };
                head.description = format!("{posts} {relation} {} on {}", term.name, config.title);
                // Between the home page and the term itself.
                let above = (
                    taxonomy_heading(taxonomy),
                    format!("/{}/", taxonomy.folder()),
                );
                head.breadcrumbs.insert(1, above);
                head.hidden = renderer.is_thin(list);
                if taxonomy == Taxonomy::Categories {
                    head.feeds_of = Some(list);
                }
                head
            }
        };
        head.number = (number, pages);
        if number > 1 {
            head.description += &format!(", page {number} of {pages}");
        }
        head
    }

    /// Returns the head of the list of all terms of a taxonomy.
    pub(super) fn for_terms(taxonomy: Taxonomy, renderer: &SiteRenderer) -> Self {
        let path = format!("/{}/", taxonomy.folder());
        let title = taxonomy_heading(taxonomy);
        let mut head = Self::for_page(taxonomy.folder(), &path, &title, renderer);
        let count = renderer.corpus.terms(taxonomy).len();
        let noun = if count == 1 {
            taxonomy.singular()
        } else {
            taxonomy.folder()
        };
        head.description = format!("{count} {noun} of {}", renderer.config.title);
        head
    }

    /// Converts the head into the variable `page`; the structured data also depends on `job`.
    pub(super) fn into_value(self, job: &RenderJob, renderer: &SiteRenderer) -> Value {
        let links = &renderer.links;
        let (number, pages) = self.number;
        let neighbour = |wanted: bool, number: usize| match (wanted, &job.page) {
            (true, PageKind::List(list, _)) => {
                Some(links.url(&list.page_path(&renderer.corpus, number)))
            }
            _ => None,
        };
        let breadcrumbs: Vec<Value> = if self.breadcrumbs.len() > 1 {
            let crumb = |(title, path): &(String, String)| -> Value {
                TemplateFields::new()
                    .with("title", title.as_str())
                    .with("url", links.url(path))
                    .into()
            };
            self.breadcrumbs.iter().map(crumb).collect()
        } else {
            Vec::new()
        };
        let image = self.image.as_ref().map(|image| {
            TemplateFields::new()
                .with("url", image.url.as_str())
                .with("alt", image.alt.as_str())
                .with_optional("width", image.size.map(|[width, _]| width))
                .with_optional("height", image.size.map(|[_, height]| height))
        });
        TemplateFields::new()
            .with("kind", self.kind)
            .with("url", links.url(&self.path))
            .with(
                "canonical",
                links.absolute(self.canonical.as_ref().unwrap_or(&self.path)),
            )
            .with("language", self.language.as_str())
            .with("rtl", language::is_right_to_left(&self.language))
            .with("title", self.title.as_str())
            .with("head_title", self.head_title(&renderer.config.title))
            .with("description", self.description.as_str())
            .with_optional("robots", self.hidden.then_some("noindex, follow"))
            .with_optional("prev", neighbour(number > 1, number.wrapping_sub(1)))
            .with_optional("next", neighbour(number < pages, number + 1))
            .with("breadcrumbs", breadcrumbs)
            .with("alternates", self.alternates(renderer))
            .with_optional("image", image)
            .with("json_ld", json_ld::render_json_ld(&self, job, renderer))
            .into()
    }

    fn head_title(&self, site: &str) -> String {
        let (number, _) = self.number;
        match (self.kind, number) {
            ("home", 1) => site.to_owned(),
            ("home", number) => format!("Page {number} · {site}"),
            (_, 1) => format!("{} · {site}", self.title),
            (_, number) => format!("{}, page {number} · {site}", self.title),
        }
    }

    fn alternates(&self, renderer: &SiteRenderer) -> Value {
        let lists = std::iter::once(PostList::Home).chain(self.feeds_of);
        let alternates: Vec<Value> = lists
            .flat_map(|list| FeedFormat::ALL.map(|format| (list, format)))
            .map(|(list, format)| {
                let path = feed::feed_path(list, format, &renderer.corpus);
                TemplateFields::new()
                    .with("type", format.media_type())
                    .with("title", feed::feed_title(list, renderer))
                    .with("url", renderer.links.url(&path))
                    .into()
            })
            .collect();
        alternates.into()
    }
}

fn count_posts_in_words(count: usize) -> String {
    match count {
        1 => "One post".to_owned(),
        count => format!("{count} posts"),
    }
}

/// Returns `Tags` or `Categories`.
pub(super) fn taxonomy_heading(taxonomy: Taxonomy) -> String {
    match taxonomy {
        Taxonomy::Tags => "Tags".to_owned(),
        Taxonomy::Categories => "Categories".to_owned(),
    }
}
