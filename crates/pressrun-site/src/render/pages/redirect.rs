//! The page at a former address, which leads to the present one.

use tera::Context;

use super::PageContent;
use crate::corpus::{Corpus, RedirectTarget};
use crate::render::SiteRenderer;
use crate::render::frame::SiteFrame;
use crate::render::head::{LinkedPlace, PageHead};
use crate::render::values::TemplateFields;

/// What the page at a former address shows.
#[derive(Hash)]
pub(super) struct RedirectPageView<'s> {
    head: PageHead<'s>,
    target: LinkedPlace<'s>,
}

impl<'s> RedirectPageView<'s> {
    /// Returns the view of a redirect, by its index in [`Corpus::redirects`].
    pub(super) fn new(at: usize, renderer: &'s SiteRenderer) -> Self {
        let corpus = &*renderer.corpus;
        let redirect = &corpus.redirects[at];
        let target = target_place(&redirect.to, corpus);
        let (title, language) = match (redirect.to.text(), target) {
            (Some(id), _) => {
                let entry = corpus.text(id);
                let language = entry.language(&renderer.frame.config.language);
                (entry.post.title.as_str(), Some(language))
            }
            (None, LinkedPlace::Path(place) | LinkedPlace::Address(place)) => (place, None),
        };
        let path = redirect.from.as_str();
        let mut head = PageHead::new("redirect", path, title, &renderer.frame);
        head.is_hidden = true;
        head.canonical = Some(target);
        head.language = language.unwrap_or(head.language);
        Self { head, target }
    }

    pub(super) fn to_content(&self, frame: &SiteFrame) -> PageContent {
        let target = TemplateFields::new()
            .with("title", &*self.head.title)
            .with("url", self.target.url(&frame.links));
        let mut context = Context::new();
        context.insert_value("page", self.head.to_value(None, frame));
        context.insert_value("target", target.into());
        PageContent::Template("redirect.html".into(), context)
    }
}

/// Returns the place that a target means.
pub(in crate::render) fn target_place<'c>(
    target: &'c RedirectTarget,
    corpus: &'c Corpus,
) -> LinkedPlace<'c> {
    match target {
        RedirectTarget::Post(id) => LinkedPlace::Path(&corpus.post(*id).path),
        RedirectTarget::Page(id) => LinkedPlace::Path(&corpus.pages[*id as usize].text.path),
        RedirectTarget::Path(path) => LinkedPlace::Path(path),
        RedirectTarget::Address(address) => LinkedPlace::Address(address),
    }
}
