//! The search page.

use tera::{Context, Value};

use super::{PageContent, SitemapListing};
use crate::corpus::Corpus;
use crate::corpus::own_paths::FixedPage;
use crate::render::SiteRenderer;
use crate::render::frame::SiteFrame;
use crate::render::head::PageHead;
use crate::render::values::TemplateFields;

/// What the search page shows before a reader searches.
#[derive(Hash)]
pub(super) struct SearchPageView<'s> {
    head: PageHead<'s>,
    /// Languages of posts other than the language of the site.
    languages: Vec<&'s str>,
}

impl<'s> SearchPageView<'s> {
    pub(super) fn new(renderer: &'s SiteRenderer) -> Self {
        let frame = &renderer.frame;
        let mut head = PageHead::new("search", FixedPage::Search.path(), "Search", frame);
        head.description = format!("Search {}", frame.config.title).into();
        head.has_extras = true;
        Self {
            head,
            languages: renderer.corpus.languages(),
        }
    }

    pub(super) fn to_content(&self, frame: &SiteFrame) -> PageContent {
        let languages = self.languages.iter().copied();
        let languages: Vec<Value> = languages.map(Value::from).collect();
        let search = TemplateFields::new().with("languages", languages);
        let mut context = Context::new();
        context.insert_value("page", self.head.to_value(None, frame));
        context.insert_value("search", search.into());
        PageContent::Template("search.html".into(), context)
    }
}

/// It changes with any post.
pub(super) fn list_in_sitemap(corpus: &Corpus) -> SitemapListing {
    SitemapListing::Listed(corpus.changed)
}
