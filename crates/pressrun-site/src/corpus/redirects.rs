//! Redirects: former addresses, and what each of them leads to now.
//!
//! The aliases of posts are redirects. Another stage may add its own to [`Corpus::redirects`]; the
//! first one of an address counts, and a page or file at the address counts more than any redirect
//! (`render::plan`).
//!
//! [`Corpus::redirects`]: super::Corpus::redirects

use pressrun_posts::diagnostic::{Diagnostic, FilePlace};
use pressrun_posts::post::Originality;

use serde::{Deserialize, Serialize};

use super::own_paths::{FixedPage, term_path};
use super::stated_address::{UnusableAddress, read_aliases};
use super::{Corpus, CorpusPost, ListTextId, PageId, PostId, Taxonomy, TextId};
use crate::config::Config;

/// A former address that leads somewhere else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect {
    /// The former address as a path from the root of the site, such as
    /// [`parse_page_path`](super::page_path::parse_page_path) returns.
    pub from: String,
    /// What it leads to.
    pub to: RedirectTarget,
    /// Where an author states it; `None` if it is kept from the published site.
    pub place: Option<FilePlace>,
}

/// What a [`Redirect`] leads to, or what search engines should show instead of a post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum RedirectTarget {
    /// A published post, at whatever address it has.
    Post(PostId),
    /// A published page, at whatever address it has.
    Page(PageId),
    /// A page or file of the site, as a path from its root that starts with `/` and is not
    /// percent-encoded.
    Path(String),
    /// An address of another site, with its scheme.
    Address(String),
}

impl RedirectTarget {
    /// Returns the text whose page it is, if it is that of a post or page.
    pub fn text(&self) -> Option<TextId> {
        match self {
            Self::Post(id) => Some(TextId::Post(*id)),
            Self::Page(id) => Some(TextId::Page(*id)),
            Self::Path(_) | Self::Address(_) => None,
        }
    }
}

/// Returns the path of the list that a text stands on.
fn find_list_path(id: ListTextId, corpus: &Corpus) -> Option<String> {
    if corpus.home_text == Some(id) {
        return Some(FixedPage::Home.path().to_owned());
    }
    Taxonomy::ALL.into_iter().find_map(|taxonomy| {
        let mut terms = corpus.terms(taxonomy).iter();
        let term = terms.find(|term| term.text == Some(id))?;
        Some(term_path(taxonomy, &term.slug))
    })
}

/// Returns the redirects that posts and pages ask for, those of older ones first, and a finding for
/// each alias that cannot be an address.
pub(super) fn collect_aliases(
    corpus: &Corpus,
    config: &Config,
) -> (Vec<Redirect>, Vec<Diagnostic>) {
    let has_some =
        |entry: &CorpusPost| !(entry.post.aliases.is_empty() && entry.post.extra.is_empty());
    let texts = corpus.texts().filter(|(_, entry)| has_some(entry));
    let texts = texts.filter_map(|(id, entry)| {
        let target = match id {
            TextId::Post(id) => RedirectTarget::Post(id),
            TextId::Page(id) => RedirectTarget::Page(id),
            TextId::ListText(id) => RedirectTarget::Path(find_list_path(id, corpus)?),
        };
        Some((target, entry))
    });
    let mut order: Vec<(RedirectTarget, &CorpusPost)> = texts.collect();
    order.sort_by_cached_key(|(_, entry)| Originality::new(entry.moment(), &entry.post.source));
    let mut redirects = Vec::new();
    let mut found = Vec::new();
    for (target, entry) in order {
        let source = &entry.post.source;
        let place = FilePlace::line(source.file.clone(), source.line);
        for (alias, path) in read_aliases(&entry.post, &entry.path, config) {
            match path {
                Ok(from) => redirects.push(Redirect {
                    from,
                    to: target.clone(),
                    place: Some(place.clone()),
                }),
                Err(fault) => {
                    let unusable = UnusableAddress::new(alias, fault);
                    found.push(unusable.report(&entry.post, "nothing leads from there"));
                }
            }
        }
    }
    (redirects, found)
}

#[cfg(test)]
mod tests {
    use pressrun_posts::post::{Date, Post, PostSource};

    use super::*;

    fn post(file: &str, day: i8, aliases: &[&str]) -> CorpusPost {
        let post = Post {
            source: PostSource {
                file: file.into(),
                line: 1,
                index: 0,
            },
            aliases: aliases.iter().map(|&alias| alias.to_owned()).collect(),
            ..Post::default()
        };
        CorpusPost {
            post: post.into(),
            date: Some(Date::constant(2026, 1, day).into()),
            ..CorpusPost::default()
        }
    }

    #[test]
    fn aliases_of_older_posts_come_first() {
        let posts = [
            post("new", 2, &["/a/", "/b.html"]),
            post("none", 2, &[]),
            post("old", 1, &["/x", "/y/../z/"]),
        ];
        let corpus = Corpus {
            posts: posts.into(),
            ..Corpus::default()
        };
        let (redirects, found) = collect_aliases(&corpus, &Config::default());
        let redirects: Vec<_> = redirects
            .iter()
            .map(|redirect| (&*redirect.from, &redirect.to))
            .collect();
        assert_eq!(
            redirects,
            [
                ("/x/", &RedirectTarget::Post(2)),
                ("/a/", &RedirectTarget::Post(0)),
                ("/b.html", &RedirectTarget::Post(0)),
            ]
        );
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].place.to_string(), "old:1");
    }

    #[test]
    fn aliases_of_the_text_of_a_list_lead_to_the_list() {
        let corpus = Corpus {
            list_texts: ["home", "none"]
                .map(|file| post(file, 1, &["/blog/"]))
                .into(),
            home_text: Some(0),
            ..Corpus::default()
        };
        let (redirects, _) = collect_aliases(&corpus, &Config::default());
        assert_eq!(redirects.len(), 1);
        assert_eq!(redirects[0].to, RedirectTarget::Path("/".to_owned()));
    }
}
