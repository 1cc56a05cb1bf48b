//! Finds out which page of the new site has the text of a page that is gone.
//!
//! The text decides. A title alone is not enough, but it lowers what the texts must have in common,
//! because an author who moves a post often edits it too.

use std::collections::HashMap;

use pressrun_text::similarity::Sketch;

use super::page::ArticleProfile;

/// The number of words from which equal texts are one post, whatever their titles are.
const LEAST_EQUAL_WORDS: usize = 8;

/// The number of words from which similar texts are one post, whatever their titles are.
const LEAST_SIMILAR_WORDS: usize = 20;

/// The most pages that an entry of an index may list. What more pages share says nothing of one.
const MOST_LISTED: usize = 200;

/// The bins that two sketches must share to be compared; fewer are chance.
const LEAST_SHARED: u16 = 3;

/// How much two pages have in common, from the most important on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Likeness {
    equal: bool,
    same_title: bool,
    /// Whether the last parts of their addresses are the same.
    same_name: bool,
    /// The estimated share of word sequences that they have in common, in thousandths.
    shared: usize,
}

impl Likeness {
    /// Compares two pages, and returns `None` if they are not the same post.
    pub(super) fn of_post(one: &ComparedPage, other: &ComparedPage) -> Option<Self> {
        let (a, b) = (&one.article, &other.article);
        let equal = a.words > 0 && a.hash == b.hash;
        let same_title = !a.title.is_empty() && a.title == b.title;
        let shared = share(&a.sequences, &b.sequences);
        let words = a.words.min(b.words);
        let is_same = if same_title {
            equal || shared >= 200 || share(&a.vocabulary, &b.vocabulary) >= 500
        } else {
            equal && words >= LEAST_EQUAL_WORDS || shared >= 400 && words >= LEAST_SIMILAR_WORDS
        };
        is_same.then(|| Self {
            equal,
            same_title,
            same_name: last_name(&one.path) == last_name(&other.path),
            shared,
        })
    }
}

/// Returns the share of two sketches that agrees, in thousandths.
fn share(one: &Sketch, other: &Sketch) -> usize {
    let (agree, all) = one.agreement(other);
    (1000 * agree).checked_div(all).unwrap_or(0)
}

/// Returns the last name of a path, without `.html`.
fn last_name(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
    name.strip_suffix(".html").unwrap_or(name)
}

/// A page with its address.
#[derive(Debug, Clone)]
pub(super) struct ComparedPage {
    /// Its path from the root of the site, starting with `/`.
    pub(super) path: String,
    pub(super) article: ArticleProfile,
}

/// Pages whose posts are looked for. They are indexed, so that ten thousand can be compared with
/// ten thousand others.
pub(super) struct SoughtPages {
    pub(super) pages: Vec<ComparedPage>,
    by_hash: HashMap<[u8; 32], Vec<u32>>,
    by_title: HashMap<String, Vec<u32>>,
    by_bin: HashMap<(u8, u8), Vec<u32>>,
}

impl SoughtPages {
    pub(super) fn new(pages: Vec<ComparedPage>) -> Self {
        let mut sought = Self {
            by_hash: HashMap::with_capacity(pages.len()),
            by_title: HashMap::with_capacity(pages.len()),
            by_bin: HashMap::new(),
            pages: Vec::new(),
        };
        for (page, at) in pages.iter().zip(0..) {
            let article = &page.article;
            sought.by_hash.entry(article.hash).or_default().push(at);
            let title = article.title.clone();
            sought.by_title.entry(title).or_default().push(at);
            for bin in article.sequences.filled_bins() {
                sought.by_bin.entry(bin).or_default().push(at);
            }
        }
        // A list that is too long would make the search quadratic.
        sought.by_hash.retain(|_, list| list.len() <= MOST_LISTED);
        sought.by_title.retain(|_, list| list.len() <= MOST_LISTED);
        sought.by_bin.retain(|_, list| list.len() <= MOST_LISTED);
        sought.pages = pages;
        sought
    }

    /// Returns which of the pages are the same post as this one, by their indexes.
    pub(super) fn find_same(&self, page: &ComparedPage) -> Vec<(usize, Likeness)> {
        let article = &page.article;
        let mut shared: HashMap<u32, u16> = HashMap::new();
        for bin in article.sequences.filled_bins() {
            for &at in self.by_bin.get(&bin).into_iter().flatten() {
                *shared.entry(at).or_default() += 1;
            }
        }
        shared.retain(|_, bins| *bins >= LEAST_SHARED);
        let lists = [
            self.by_hash.get(&article.hash),
            self.by_title.get(&article.title),
        ];
        let listed = lists.into_iter().flatten().flatten().copied();
        let mut compared: Vec<u32> = shared.into_keys().chain(listed).collect();
        compared.sort_unstable();
        compared.dedup();
        let compared = compared.into_iter().map(|at| at as usize);
        compared
            .filter_map(|at| Some((at, Likeness::of_post(&self.pages[at], page)?)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(path: &str, title: &str, text: &str) -> ComparedPage {
        let html = format!("<article><header><h1>{title}</h1></header><p>{text}</article>");
        ComparedPage {
            path: path.to_owned(),
            article: ArticleProfile::of_page(&html),
        }
    }

    fn numbers(words: std::ops::Range<usize>) -> String {
        let words: Vec<String> = words.map(|n| format!("w{n}")).collect();
        words.join(" ")
    }

    /// Says which of these pages is the same post as `gone`.
    fn find(gone: &ComparedPage, pages: &[ComparedPage]) -> Option<String> {
        let sought = SoughtPages::new(vec![gone.clone()]);
        let same = pages.iter().flat_map(|page| {
            let found = sought.find_same(page);
            found
                .into_iter()
                .map(move |(_, likeness)| (likeness, &page.path))
        });
        same.max_by_key(|(likeness, _)| *likeness)
            .map(|(_, path)| path.clone())
    }

    #[test]
    fn text_is_known_under_another_title_and_after_a_few_edits() {
        let text = numbers(0..60);
        let gone = page("/a/", "One", &text);
        let other = page("/b/", "Two", &numbers(100..160));
        let edited = text.replace("w20", "x").replace("w40", "y");
        for (title, text) in [("One", &text), ("Other", &text), ("Other", &edited)] {
            let moved = page("/c/", title, text);
            let found = find(&gone, &[other.clone(), moved]);
            assert_eq!(found.as_deref(), Some("/c/"), "{title}");
        }
        assert_eq!(find(&gone, &[other]), None);
    }

    #[test]
    fn title_alone_is_not_enough() {
        let gone = page("/a/", "One", &numbers(0..60));
        let same_title = page("/b/", "One", &numbers(100..160));
        assert_eq!(find(&gone, &[same_title]), None);
    }

    #[test]
    fn short_texts_need_their_title() {
        let gone = page("/a/", "One", "more of it");
        let titled = page("/b/", "One", "more of that");
        assert_eq!(find(&gone, &[titled]).as_deref(), Some("/b/"));
        assert_eq!(find(&gone, &[page("/b/", "Two", "more of it")]), None);
        let long = "the text of a has a few words";
        let gone = page("/a/", "One", long);
        let found = find(&gone, &[page("/b/", "Two", long)]);
        assert_eq!(found.as_deref(), Some("/b/"));
        let other = page("/b/", "Two", "the text of b has a few words");
        assert_eq!(find(&gone, &[other]), None);
        let empty = page("/a/", "One", "");
        assert_eq!(find(&empty, &[page("/b/", "One", "")]), None);
    }

    #[test]
    fn of_several_the_one_with_the_same_text_title_and_name_is_chosen() {
        let text = numbers(0..60);
        let gone = page("/2019/a/", "One", &text);
        let edited = page("/x/", "One", &text.replace("w20", "x"));
        let untitled = page("/y/", "Two", &text);
        let titled = page("/z/", "One", &text);
        let named = page("/posts/a.html", "One", &text);
        let mut pages = vec![edited, untitled, titled, named];
        for expected in ["/posts/a.html", "/z/", "/y/", "/x/"] {
            assert_eq!(find(&gone, &pages).as_deref(), Some(expected));
            pages.pop();
        }
    }

    #[test]
    fn thousands_of_pages_that_are_alike_do_not_take_long() {
        let text = numbers(0..60);
        let pages: Vec<ComparedPage> = (0..5000)
            .map(|n| page(&format!("/{n}/"), "One", &text))
            .collect();
        let sought = SoughtPages::new(pages.clone());
        assert!(pages.iter().all(|page| sought.find_same(page).is_empty()));
    }
}
