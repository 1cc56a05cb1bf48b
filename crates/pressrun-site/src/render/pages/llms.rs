//! `llms.txt`: the posts and pages of a site as a list for language models, newest first.

use std::fmt::Write;

use super::twin::twin_path;
use super::{PageContent, PageKind, SitemapListing};
use crate::corpus::TextId;
use crate::render::SiteRenderer;
use crate::render::frame::SiteFrame;

/// What `llms.txt` lists.
#[derive(Hash)]
pub(super) struct LlmsView<'s> {
    pages: Vec<LlmsEntry<'s>>,
    posts: Vec<LlmsEntry<'s>>,
}

/// A post or page of the list.
#[derive(Hash)]
struct LlmsEntry<'s> {
    title: &'s str,
    description: &'s str,
    path: &'s str,
}

impl<'s> LlmsView<'s> {
    /// Lists what the sitemap lists.
    pub(super) fn new(renderer: &'s SiteRenderer) -> Self {
        let corpus = &*renderer.corpus;
        let mut view = Self {
            pages: Vec::new(),
            posts: Vec::new(),
        };
        for (id, entry) in corpus.texts() {
            let (page, list) = match id {
                TextId::Post(id) => (PageKind::Post(id), &mut view.posts),
                TextId::Page(id) => (PageKind::Page(id), &mut view.pages),
                TextId::ListText(_) => continue,
            };
            let listing = page.list_in_sitemap(corpus, &renderer.frame.config);
            if !matches!(listing, SitemapListing::Hidden) {
                list.push(LlmsEntry {
                    title: &entry.post.title,
                    description: &entry.post.description,
                    path: &entry.path,
                });
            }
        }
        view
    }

    pub(super) fn to_content(&self, frame: &SiteFrame) -> PageContent {
        let config = &frame.config;
        let mut text = format!("# {}\n", as_line(&config.title));
        if !config.description.is_empty() {
            let _ = write!(text, "\n> {}\n", as_line(&config.description));
        }
        // The headings are for programs, which know them in English.
        for (heading, entries) in [("Pages", &self.pages), ("Posts", &self.posts)] {
            if entries.is_empty() {
                continue;
            }
            let _ = write!(text, "\n## {heading}\n\n");
            for entry in entries {
                let path = if config.output.markdown {
                    twin_path(entry.path)
                } else {
                    entry.path.to_owned()
                };
                let address = frame.links.absolute(&path);
                let title = as_line(entry.title).replace('[', "\\[").replace(']', "\\]");
                let _ = write!(text, "- [{title}]({address})");
                if !entry.description.is_empty() {
                    let _ = write!(text, ": {}", as_line(entry.description));
                }
                text.push('\n');
            }
        }
        PageContent::Text(text.into_bytes())
    }
}

fn as_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
