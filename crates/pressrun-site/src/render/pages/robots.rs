//! `robots.txt` (RFC 9309).

use super::PageContent;
use super::sitemap::SITEMAP;
use crate::render::frame::SiteFrame;

/// What `robots.txt` contains.
#[derive(Hash)]
pub(super) struct RobotsView {
    /// Path of the sitemap or of its index.
    sitemap: &'static str,
}

impl RobotsView {
    pub(super) fn new() -> Self {
        Self { sitemap: SITEMAP }
    }

    pub(super) fn to_content(&self, frame: &SiteFrame) -> PageContent {
        let sitemap = frame.links.absolute(self.sitemap);
        let text = format!("User-agent: *\nAllow: /\n\nSitemap: {sitemap}\n");
        PageContent::Text(text.into_bytes())
    }
}
