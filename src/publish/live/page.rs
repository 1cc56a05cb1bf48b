//! Reads a finished page: where it redirects to, or what its article says.

use std::ops::Range;

use pressrun_site::search::text::html_to_text;
use pressrun_text::characters::is_unspaced;
use pressrun_text::entities::decode_entities;
use pressrun_text::html::HtmlTagText;
use pressrun_text::page_html::{HtmlPiece, HtmlPieces};
use pressrun_text::similarity::{Sketch, hash_sequences_of_words};
use pressrun_text::words::{fold_words, hash_word, iter_words, make_plain_title_key};

use crate::publish::doctor::html::opening_tags;

/// Elements that frame a text without being part of it. Their content changes when other posts do.
const FRAME: [&str; 8] = [
    "header", "footer", "nav", "aside", "form", "template", "noscript", "svg",
];

/// What a page says, in a form that can be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ArticleProfile {
    /// The title without case and punctuation, which may be empty.
    pub(super) title: String,
    /// The number of words.
    pub(super) words: usize,
    /// A hash of all words in order.
    pub(super) hash: [u8; 32],
    /// A sketch of the sequences of words.
    pub(super) sequences: Sketch,
    /// A sketch of the single words.
    pub(super) vocabulary: Sketch,
}

impl ArticleProfile {
    /// Returns the profile of a page.
    pub(super) fn of_page(html: &str) -> Self {
        let words = article_words(html);
        let hashes: Vec<u64> = iter_words(&words).map(hash_word).collect();
        Self {
            title: find_title(html),
            words: hashes.len(),
            hash: *blake3::hash(words.as_bytes()).as_bytes(),
            sequences: Sketch::from_hashes(&hash_sequences_of_words(&words)),
            vocabulary: Sketch::from_hashes(&hashes),
        }
    }
}

/// Returns the address that a page sends its readers to at once, as written, if it does.
pub(super) fn find_refresh(html: &str) -> Option<String> {
    let mut metas = opening_tags(html).filter(|tag| tag.is_named("meta"));
    metas.find_map(|tag| {
        let is_refresh = tag.attribute("http-equiv")?.trim();
        if !is_refresh.eq_ignore_ascii_case("refresh") {
            return None;
        }
        let content = decode_entities(tag.attribute("content")?);
        let (_, target) = content.split_once([';', ','])?;
        let target = target.trim_start();
        // `url=` in any case, with or without quotes.
        let target = target
            .get(..3)?
            .eq_ignore_ascii_case("url")
            .then(|| &target[3..])?;
        let target = target.trim_start().strip_prefix('=')?.trim();
        let target = target.trim_matches(['"', '\'']);
        (!target.is_empty()).then(|| target.to_owned())
    })
}

/// Returns the address that a page gives as its own.
pub(super) fn find_canonical(html: &str) -> Option<String> {
    let mut links = opening_tags(html).filter(|tag| tag.is_named("link"));
    links.find_map(|tag| {
        let is_canonical = tag.attribute("rel")?.eq_ignore_ascii_case("canonical");
        let address = tag.attribute("href").filter(|_| is_canonical)?;
        Some(decode_entities(address).trim().to_owned())
    })
}

/// Returns the key of the title: as the page gives it to social networks, which leave out the name
/// of the site, or else of its first `<h1>` or of the whole page.
pub(super) fn find_title(html: &str) -> String {
    let mut title = None;
    let mut heading = None;
    let mut last: Option<HtmlTagText<'_>> = None;
    let mut pieces = HtmlPieces::of_page(html);
    while let Some(piece) = pieces.next() {
        match piece {
            HtmlPiece::Tag(tag) if tag.is_named("meta") => {
                if tag.attribute("property") == Some("og:title")
                    && let Some(content) = tag.attribute("content")
                {
                    return make_plain_title_key(&decode_entities(content));
                }
            }
            HtmlPiece::Tag(tag) if tag.is_named("h1") && !tag.closing => {
                let rest = &html[html.len() - pieces.remaining()..];
                heading = Some(html_to_text(&rest[..find_closing(rest, "h1")]));
                break;
            }
            HtmlPiece::Content(text) if last.is_some_and(|tag| tag.is_named("title")) => {
                title.get_or_insert_with(|| decode_entities(text).into_owned());
            }
            _ => {}
        }
        last = match piece {
            HtmlPiece::Tag(tag) => Some(tag),
            _ => None,
        };
    }
    make_plain_title_key(&heading.or(title).unwrap_or_default())
}

/// Returns where the next closing tag of an element begins, or the end of the text.
fn find_closing(text: &str, element: &str) -> usize {
    let mut pieces = HtmlPieces::of_page(text);
    while let Some(piece) = pieces.next() {
        if let HtmlPiece::Tag(tag) = piece
            && tag.closing
            && tag.is_named(element)
        {
            return text.len() - pieces.remaining() - tag.length;
        }
    }
    text.len()
}

/// Returns the words of the article of a page, folded, with single spaces between them. Each
/// character of a script without spaces is a word, so that an edit changes few of them.
fn article_words(html: &str) -> String {
    let ranges = find_article(html);
    let mut text = String::new();
    for range in ranges {
        for c in html_to_text(&html[range]).chars() {
            if is_unspaced(c) {
                text.extend([' ', c, ' ']);
            } else {
                text.push(c);
            }
        }
        text.push(' ');
    }
    fold_words(&text)
}

/// Returns where the text of a page is: in its longest `<article>`, or else in its `<main>` or
/// `<body>`, without the elements that frame it.
fn find_article(html: &str) -> Vec<Range<usize>> {
    let mut places = ["article", "main", "body"].map(TextPlaces::of_element);
    let mut frame: Option<(&str, usize)> = None;
    let mut start = 0;
    let mut pieces = HtmlPieces::of_page(html);
    while let Some(piece) = pieces.next() {
        let HtmlPiece::Tag(tag) = piece else {
            continue;
        };
        let end = html.len() - pieces.remaining();
        if let Some((name, depth)) = &mut frame {
            if tag.is_named(name) {
                *depth = if tag.closing { *depth - 1 } else { *depth + 1 };
            }
            if *depth == 0 {
                (frame, start) = (None, end);
            }
            continue;
        }
        let opened = FRAME.iter().find(|name| !tag.closing && tag.is_named(name));
        let is_bound = places.iter().any(|place| tag.is_named(place.element));
        if opened.is_none() && !is_bound {
            continue;
        }
        for place in &mut places {
            place.add(start..end - tag.length);
            place.pass(&tag);
        }
        start = end;
        // In SVG, an element may close itself.
        frame = opened
            .filter(|_| !tag.attributes.trim_end().ends_with('/'))
            .map(|name| (*name, 1));
    }
    for place in &mut places {
        // A frame without an end hides the rest of the page.
        if frame.is_none() {
            place.add(start..html.len());
        }
        place.close();
    }
    let mut places = places.into_iter();
    let found = places.find_map(|place| (place.longest > 0).then_some(place.best));
    let whole = || std::iter::once(0..html.len()).collect();
    found.unwrap_or_else(whole)
}

/// Collects the places of text in an element, and keeps those of the longest one of its kind.
struct TextPlaces {
    element: &'static str,
    depth: usize,
    current: Vec<Range<usize>>,
    best: Vec<Range<usize>>,
    longest: usize,
}

impl TextPlaces {
    fn of_element(element: &'static str) -> Self {
        Self {
            element,
            depth: 0,
            current: Vec::new(),
            best: Vec::new(),
            longest: 0,
        }
    }

    /// Adds a piece of the page, if it is in the element.
    fn add(&mut self, range: Range<usize>) {
        if self.depth > 0 && !range.is_empty() {
            self.current.push(range);
        }
    }

    /// Enters or leaves the element, if this is its tag.
    fn pass(&mut self, tag: &HtmlTagText<'_>) {
        if !tag.is_named(self.element) {
            return;
        }
        if !tag.closing {
            self.depth += 1;
        } else if self.depth > 0 {
            self.depth -= 1;
            if self.depth == 0 {
                self.close();
            }
        }
    }

    fn close(&mut self) {
        let current = std::mem::take(&mut self.current);
        let length = current.iter().map(ExactSizeIterator::len).sum();
        if length > self.longest {
            (self.longest, self.best) = (length, current);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_words(html: &str, expected: &str) {
        assert_eq!(article_words(html), expected, "{html}");
    }

    #[test]
    fn words_are_those_of_the_longest_article_without_its_frame() {
        check_words(
            "<body><header>Site</header><main>a<article>Short</article><article class=post>\
             <header><h1>Title</h1>date</header><p>The <b>te</b>xt &amp; more</p><nav>x<nav>y</nav>z\
             </nav><p>of it.</p><footer>Related</footer></article></main>z</body>",
            "the text more of it",
        );
        check_words("<body>a<main>b<p>c</main>d", "b c");
        check_words("<body>a<nav>n</nav>b<script>let c</script>", "a b");
        check_words("a <i>b</i> <svg viewBox='0' /> c", "a b c");
        check_words("<article>a<svg/>b</article>", "a b");
        check_words("<article>a<nav>b</article>", "a");
        check_words("<article>茶道 tea</article>", "茶 道 tea");
        check_words("", "");
    }

    #[test]
    fn title_is_that_for_social_networks_then_a_heading_then_the_page() {
        let check = |html: &str, expected: &str| assert_eq!(find_title(html), expected, "{html}");
        check(
            "<title>Tea! – Blog</title><meta property=\"og:title\" content=\"Tea &amp; I\"><h1>x</h1>",
            "tea i",
        );
        check(
            "<title>Tea – Blog</title><body><h1>Gr&uuml;n <a>#</a></h1><p>x",
            "grün #",
        );
        check("<title>Tea – Blog</title><p>x", "tea blog");
        check("<p>x", "");
    }

    #[test]
    fn refresh_with_an_address_is_a_redirect() {
        let check = |html: &str, expected: Option<&str>| {
            assert_eq!(find_refresh(html).as_deref(), expected, "{html}");
        };
        check(
            "<meta http-equiv=\"refresh\" content=\"0; url=/a/?b&amp;c\">",
            Some("/a/?b&c"),
        );
        check(
            "<META HTTP-EQUIV=Refresh CONTENT=\"0;URL='../b/'\">",
            Some("../b/"),
        );
        check("<meta http-equiv=refresh content=30>", None);
        check("<meta http-equiv=refresh content=\"0; url=\">", None);
        check("<meta http-equiv=refresh content=\"0; ü\">", None);
        check("<meta name=refresh content=\"0; url=/a/\">", None);
    }

    #[test]
    fn canonical_address_is_read_from_its_link() {
        let page =
            "<link rel=alternate href=/x><link rel=\"canonical\" href=\"https://a.b/&amp;\">";
        assert_eq!(find_canonical(page).as_deref(), Some("https://a.b/&"));
        assert_eq!(find_canonical("<link href=/x>"), None);
    }
}
