//! The page shown for addresses that do not exist.

use tera::Context;

use super::PageContent;
use crate::corpus::own_paths::FixedPage;
use crate::render::frame::SiteFrame;
use crate::render::head::PageHead;

/// What the page for addresses that do not exist shows.
#[derive(Hash)]
pub(super) struct NotFoundPageView<'s> {
    head: PageHead<'s>,
}

impl<'s> NotFoundPageView<'s> {
    pub(super) fn new(frame: &'s SiteFrame) -> Self {
        let path = FixedPage::NotFound.path();
        let mut head = PageHead::new("404", path, frame.words().text("not_found"), frame);
        head.is_hidden = true;
        Self { head }
    }

    pub(super) fn to_content(&self, frame: &SiteFrame) -> PageContent {
        let mut context = Context::new();
        context.insert_value("page", self.head.to_value(None, frame));
        PageContent::Template("404.html".into(), context)
    }
}
