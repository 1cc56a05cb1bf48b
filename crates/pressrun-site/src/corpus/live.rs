//! What a build keeps of the site that is published already.
//!
//! `publish` finds it out before it builds. Other builds know of no published site.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::own_paths::term_path;
use super::terms::former_term_path;
use super::{Corpus, Redirect, RedirectTarget, Taxonomy, TextId};
use crate::config::Config;

/// What must not change for the readers of a published site.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct KeptAddresses {
    /// Former addresses, as paths from the root of the site, and what each leads to: a path, or an
    /// address of another site.
    pub redirects: BTreeMap<String, String>,
    /// The ids of posts in feeds that are not their addresses: by the name of the feed's file, then
    /// by the path of the post.
    pub feed_ids: BTreeMap<String, BTreeMap<String, String>>,
    /// The paths of pages of terms, if the language of the site spells terms otherwise than pressrun
    /// once did. Where such a term has another address now, its path leads there.
    pub term_pages: BTreeSet<String>,
}

/// The most redirects that are followed from one address.
const MOST_STEPS: usize = 64;

impl KeptAddresses {
    /// Returns the id of a post in a feed: the one by which readers know it, or its address.
    ///
    /// If readers know another post by that address, which was there before, the id is the address
    /// with a number.
    pub(crate) fn feed_id(&self, feed: &str, path: &str, address: String) -> String {
        let Some(known) = self.feed_ids.get(feed) else {
            return address;
        };
        if let Some(id) = known.get(path) {
            return id.clone();
        }
        let is_taken = |id: &String| known.values().any(|other| other == id);
        let numbered = (2..).map(|number| format!("{address}#{number}"));
        let mut ids = std::iter::once(address.clone()).chain(numbered);
        ids.find(|id| !is_taken(id)).unwrap_or(address)
    }

    /// Adds the former addresses to the redirects that posts ask for. One that leads to another
    /// redirect leads to the end of the chain.
    pub(crate) fn add_redirects(&self, corpus: &mut Corpus, config: &Config) {
        self.add_former_terms(corpus, config);
        if self.redirects.is_empty() {
            return;
        }
        let texts = corpus.texts().filter_map(|(id, entry)| {
            let target = match id {
                TextId::Post(id) => RedirectTarget::Post(id),
                TextId::Page(id) => RedirectTarget::Page(id),
                TextId::ListText(_) => return None,
            };
            Some((&*entry.path, target))
        });
        let mut ends: HashMap<&str, RedirectTarget> = texts.collect();
        for redirect in &corpus.redirects {
            ends.entry(&redirect.from)
                .or_insert_with(|| redirect.to.clone());
        }
        let kept = self.redirects.keys().filter_map(|from| {
            Some(Redirect {
                from: from.clone(),
                to: self.follow(from, &ends)?,
                place: None,
            })
        });
        let kept: Vec<Redirect> = kept.collect();
        corpus.redirects.extend(kept);
    }

    /// Adds the former addresses of terms that the live site has.
    fn add_former_terms(&self, corpus: &mut Corpus, config: &Config) {
        if self.term_pages.is_empty() {
            return;
        }
        let mut former = Vec::new();
        for taxonomy in Taxonomy::ALL {
            for term in corpus.terms(taxonomy) {
                let from = former_term_path(term, taxonomy, config);
                let from = from.filter(|from| self.term_pages.contains(from));
                former.extend(from.map(|from| Redirect {
                    from,
                    to: RedirectTarget::Path(term_path(taxonomy, &term.slug)),
                    place: None,
                }));
            }
        }
        corpus.redirects.extend(former);
    }

    /// Returns what a former address leads to in the end, or `None` if it leads in a circle. `ends`
    /// are the paths where the search ends: those of posts and pages, and their aliases.
    fn follow(&self, from: &str, ends: &HashMap<&str, RedirectTarget>) -> Option<RedirectTarget> {
        let mut at = from;
        for _ in 0..MOST_STEPS {
            let to = self.redirects.get(at)?;
            if !to.starts_with('/') {
                return Some(RedirectTarget::Address(to.clone()));
            }
            if let Some(end) = ends.get(&**to) {
                return Some(end.clone());
            }
            if !self.redirects.contains_key(to) {
                return Some(RedirectTarget::Path(to.clone()));
            }
            at = to;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use pressrun_posts::diagnostic::FilePlace;

    use super::*;
    use crate::corpus::CorpusPost;

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        let pairs = pairs.iter();
        pairs.map(|&(a, b)| (a.to_owned(), b.to_owned())).collect()
    }

    #[test]
    fn chains_lead_to_their_end() {
        let live = KeptAddresses {
            redirects: map(&[
                ("/a/", "/b/"),
                ("/b/", "/post/"),
                ("/c/", "/alias/"),
                ("/d/", "/page/"),
                ("/e/", "https://x.example/"),
                ("/f/", "/g/"),
                ("/g/", "/f/"),
            ]),
            ..KeptAddresses::default()
        };
        let post = CorpusPost {
            path: "/post/".to_owned(),
            ..CorpusPost::default()
        };
        let alias = Redirect {
            from: "/alias/".to_owned(),
            to: RedirectTarget::Post(0),
            place: Some(FilePlace::file("x")),
        };
        let mut corpus = Corpus {
            posts: vec![post],
            redirects: vec![alias],
            ..Corpus::default()
        };
        live.add_redirects(&mut corpus, &Config::default());
        let found: Vec<_> = corpus.redirects[1..]
            .iter()
            .map(|redirect| (&*redirect.from, redirect.to.clone()))
            .collect();
        let expected = [
            ("/a/", RedirectTarget::Post(0)),
            ("/b/", RedirectTarget::Post(0)),
            ("/c/", RedirectTarget::Post(0)),
            ("/d/", RedirectTarget::Path("/page/".to_owned())),
            (
                "/e/",
                RedirectTarget::Address("https://x.example/".to_owned()),
            ),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn id_in_a_feed_stays_with_its_post_and_is_given_to_no_other() {
        let mut live = KeptAddresses::default();
        assert_eq!(live.feed_id("atom.xml", "/a/", "A".to_owned()), "A");
        let ids = map(&[("/b/", "A"), ("/c/", "A#2")]);
        live.feed_ids.insert("atom.xml".to_owned(), ids);
        assert_eq!(live.feed_id("atom.xml", "/b/", "B".to_owned()), "A");
        assert_eq!(live.feed_id("atom.xml", "/a/", "A".to_owned()), "A#3");
        assert_eq!(live.feed_id("atom.xml", "/d/", "D".to_owned()), "D");
        assert_eq!(live.feed_id("rss.xml", "/a/", "A".to_owned()), "A");
    }
}
