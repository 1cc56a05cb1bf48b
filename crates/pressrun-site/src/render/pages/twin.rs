//! The Markdown of a post or page, beside its HTML, for programs that read text.

use pressrun_posts::post::Post;

use super::PageContent;
use crate::cache::{BodyStore, StoredBody};
use crate::corpus::{CorpusPost, TextId};
use crate::error::Result;
use crate::render::SiteRenderer;
use crate::render::frame::SiteFrame;

/// What the file with the Markdown of a text contains.
pub(super) struct MarkdownTwinView<'s> {
    entry: &'s CorpusPost,
    tags: Vec<&'s str>,
    categories: Vec<&'s str>,
    bodies: &'s BodyStore,
}

impl std::hash::Hash for MarkdownTwinView<'_> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        let post = &self.entry.post;
        // The fingerprint of the body is that of the whole post.
        post.body.hash.hash(state);
        self.lines().hash(state);
    }
}

impl<'s> MarkdownTwinView<'s> {
    pub(super) fn new(id: TextId, renderer: &'s SiteRenderer) -> Self {
        let corpus = &*renderer.corpus;
        let entry = corpus.text(id);
        Self {
            entry,
            tags: entry
                .tags
                .iter()
                .map(|&id| &*corpus.tags[id as usize].name)
                .collect(),
            categories: entry
                .categories
                .iter()
                .map(|&id| &*corpus.categories[id as usize].name)
                .collect(),
            bodies: &renderer.bodies,
        }
    }

    /// Returns the front matter that does not depend on the address of the site.
    fn lines(&self) -> Vec<(&'static str, serde_json::Value)> {
        let post: &Post<StoredBody> = &self.entry.post;
        let mut lines = vec![("title", post.title.as_str().into())];
        let mut add =
            |key, value: Option<String>| lines.extend(value.map(|value| (key, value.into())));
        add("date", self.entry.date.map(|date| date.to_string()));
        add("updated", self.entry.updated.map(|date| date.to_string()));
        add(
            "description",
            Some(post.description.clone()).filter(|text| !text.is_empty()),
        );
        for (key, names) in [("tags", &self.tags), ("categories", &self.categories)] {
            if !names.is_empty() {
                lines.push((key, names.clone().into()));
            }
        }
        lines
    }

    pub(super) fn to_content(&self, frame: &SiteFrame) -> Result<PageContent> {
        let mut text = "---\n".to_owned();
        let address = frame.links.absolute(&self.entry.path);
        let language = self.entry.language(&frame.config.language);
        let others = [("language", language.into()), ("canonical", address.into())];
        for (key, value) in self.lines().into_iter().chain(others) {
            // What is JSON is YAML.
            text.push_str(&format!("{key}: {value}\n"));
        }
        text.push_str("---\n\n");
        text.push_str(self.bodies.read_markdown(&self.entry.post.body)?.trim_end());
        text.push('\n');
        Ok(PageContent::Text(text.into_bytes()))
    }
}

/// Returns the path of the Markdown beside the page at a path.
pub(in crate::render) fn twin_path(path: &str) -> String {
    match path
        .strip_suffix(".html")
        .or_else(|| path.strip_suffix(".htm"))
    {
        Some(stem) => format!("{stem}.md"),
        None if path.ends_with('/') => format!("{path}index.md"),
        None => format!("{path}.md"),
    }
}

#[cfg(test)]
mod tests {
    use super::twin_path;

    #[test]
    fn twins_stand_beside_their_pages() {
        for (path, expected) in [
            ("/posts/a/", "/posts/a/index.md"),
            ("/about.html", "/about.md"),
            ("/a", "/a.md"),
        ] {
            assert_eq!(twin_path(path), expected);
        }
    }
}
