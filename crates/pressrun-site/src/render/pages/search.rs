//! The search page.

use pressrun_locale::messages::MessageValue;
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
        let title = frame.words().text("search");
        let mut head = PageHead::new("search", FixedPage::Search.path(), title, frame);
        let site = ("site", MessageValue::Text(&frame.config.title));
        head.description = frame.fill("search_site", &[site]).into();
        Self {
            head,
            languages: renderer.corpus.languages(),
        }
    }

    pub(super) fn to_content(&self, frame: &SiteFrame) -> PageContent {
        let languages = self.languages.iter().copied();
        let languages: Vec<Value> = languages.map(Value::from).collect();
        // The script fills in the number, when it is known.
        let forms = frame.words().list_forms("posts_found");
        let found: serde_json::Map<_, _> = forms
            .into_iter()
            .map(|(category, text)| (category.to_owned(), text.into()))
            .collect();
        let search = TemplateFields::new()
            .with("languages", languages)
            .with("found", serde_json::Value::Object(found).to_string());
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
