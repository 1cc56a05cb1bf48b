//! What a preview needs besides rendering: finding the page at an address, and replacing the texts
//! of a few posts without preparing the whole site again.

use std::sync::{Arc, OnceLock};

use pressrun_posts::post::Post;

use super::SiteRenderer;
use super::plan::RenderJob;
use crate::cache::{BodyStore, StoredBody};
use crate::config::{BaseUrl, Config};
use crate::corpus::{Corpus, PostId};

impl SiteRenderer {
    /// Returns the job for what is served at a path, which starts with `/` and is not
    /// percent-encoded.
    pub fn job_at(&self, path: &str) -> Option<&RenderJob> {
        self.targets.job_at(path).map(|at| &self.jobs[at])
    }

    /// Returns the posts that it renders.
    pub fn corpus(&self) -> &Corpus {
        &self.corpus
    }

    /// Returns the bodies of its posts.
    pub fn bodies(&self) -> &BodyStore {
        &self.bodies
    }

    /// Returns the configuration of the site.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Returns the address of the site.
    pub fn base_url(&self) -> &BaseUrl {
        self.links.base()
    }

    /// Returns the path that an address of the site means, without query and fragment.
    pub fn path_of(&self, url: &str) -> Option<String> {
        self.links.path_of(url)
    }

    /// Returns the URL of a path, for links within the site.
    pub fn url(&self, path: &str) -> String {
        self.links.url(path)
    }

    /// Returns the path of the theme's style sheet.
    pub fn style_path(&self) -> &str {
        &self.theme_paths[0]
    }

    /// Returns the same site with other texts in some posts. Nothing but the text of these posts
    /// may have changed, so every page keeps its path and every other post its links.
    #[must_use]
    pub fn with_texts(
        &self,
        texts: Vec<(PostId, Arc<Post<StoredBody>>)>,
        bodies: Arc<BodyStore>,
    ) -> SiteRenderer {
        let mut corpus = Corpus::clone(&self.corpus);
        let mut shared = self.shared.clone();
        let mut feed_contents = self.feed_contents.clone();
        let changed: Vec<PostId> = texts.iter().map(|(id, _)| *id).collect();
        for (id, post) in texts {
            corpus.posts[id as usize].post = post;
            // Clear what was built from the old text.
            shared.forget(id);
            feed_contents[id as usize] = OnceLock::new();
        }
        let mut renderer = SiteRenderer {
            corpus: Arc::new(corpus),
            config: Arc::clone(&self.config),
            bodies,
            jobs: Arc::clone(&self.jobs),
            links: self.links.clone(),
            templates: Arc::clone(&self.templates),
            targets: Arc::clone(&self.targets),
            shared,
            sitemap: Arc::clone(&self.sitemap),
            cards: self.cards.clone(),
            theme_paths: self.theme_paths.clone(),
            feed_contents,
            inputs: self.inputs.clone(),
        };
        for id in changed {
            renderer.refresh_inputs(id);
        }
        renderer
    }
}
