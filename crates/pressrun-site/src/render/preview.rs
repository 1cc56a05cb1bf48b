//! What a preview needs besides rendering: finding the page at an address, and replacing the texts
//! of a few posts without preparing the whole site again.

use std::sync::Arc;

use pressrun_posts::post::Post;

use super::SiteRenderer;
use super::pages::RenderJob;
use crate::cache::{BodyStore, StoredBody};
use crate::config::{BaseUrl, Config};
use crate::corpus::{Corpus, TextId};

impl SiteRenderer {
    /// Returns the job for what is served at a path, which starts with `/` and is not
    /// percent-encoded.
    pub fn job_at(&self, path: &str) -> Option<&RenderJob> {
        self.targets.job_at(path).map(|at| &self.jobs[at])
    }

    /// Returns the texts that it renders.
    pub fn corpus(&self) -> &Corpus {
        &self.corpus
    }

    /// Returns the bodies of its posts.
    pub fn bodies(&self) -> &BodyStore {
        &self.bodies
    }

    /// Returns the configuration of the site.
    pub fn config(&self) -> &Config {
        &self.frame.config
    }

    /// Returns the address of the site.
    pub fn base_url(&self) -> &BaseUrl {
        self.frame.links.base()
    }

    /// Returns the path that an address of the site means, without query and fragment.
    pub fn path_of(&self, url: &str) -> Option<String> {
        self.frame.links.path_of(url)
    }

    /// Returns the URL of a path, for links within the site.
    pub fn url(&self, path: &str) -> String {
        self.frame.links.url(path)
    }

    /// Returns the paths of the theme's style sheets.
    pub fn style_paths(&self) -> impl Iterator<Item = &str> {
        let theme = &self.frame.facts.theme_paths;
        let all = [&theme.style, &theme.lists, &theme.extras, &theme.formulas];
        let languages = self.frame.facts.has_languages.then_some(&theme.languages);
        all.into_iter().chain(languages).map(String::as_str)
    }

    /// Returns the same site with other texts. Nothing else may have changed, so every page keeps
    /// its path and every other text its links.
    #[must_use]
    pub(crate) fn with_texts(
        &self,
        texts: Vec<(TextId, Arc<Post<StoredBody>>)>,
        bodies: Arc<BodyStore>,
    ) -> SiteRenderer {
        let mut corpus = self.corpus.clone_in_parallel();
        let mut memory = self.memory.clone();
        for (id, post) in texts {
            corpus.replace_text(id, post);
            // Clear what was made from the old text.
            memory.forget_text(id);
        }
        SiteRenderer {
            corpus: Arc::new(corpus),
            bodies,
            frame: Arc::clone(&self.frame),
            jobs: Arc::clone(&self.jobs),
            templates: Arc::clone(&self.templates),
            frame_fingerprint: self.frame_fingerprint,
            targets: Arc::clone(&self.targets),
            pictures: Arc::clone(&self.pictures),
            sitemap: Arc::clone(&self.sitemap),
            cards: self.cards.clone(),
            live: Arc::clone(&self.live),
            memory,
        }
    }
}
