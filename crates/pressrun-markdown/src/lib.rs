//! Turns a Markdown body into HTML that is safe to publish.
//!
//! [`render_markdown`] is the only entry point. Content is hostile: whatever the body contains, the
//! HTML is balanced, contains no script, event handler or script URL, and takes linear time in the
//! size of the body. (With [`RawHtmlHandling::Allow`] the author's HTML is passed on unchanged.)
//! Formulas are inserted after the page is sanitised; they are made from what their parser read.
//! `{{ }}` and `{% %}` are printed as they are.
//!
//! Headings start at `h2`, because the page already has an `h1`. The HTML has no inline styles and
//! no scripts, so that a strict Content-Security-Policy can be used.
//!
//! Not here: where a link leads (the caller gives the addresses to
//! [`MarkedHtml::fill_addresses`]), dead links (`pressrun-site`), and plain text and sentences
//! (`pressrun-text`).

mod classes;
mod code_info;
mod escape;
mod footnotes;
mod headings;
mod highlight;
mod html;
mod lines;
mod links;
mod math;
mod pictures;
mod source;
mod titles;
mod words;
mod writer;

use std::sync::Arc;

use pressrun_text::quotation::{QuotationMarks, quotation_marks};
use serde::{Deserialize, Serialize};

use links::{AddressPlace, LINK_END, OptionalElement, PictureTag};
use writer::{DollarReading, HtmlWriter, RenderAgain};

pub use headings::RESERVED as RESERVED_IDS;
pub use headings::make_heading_slug;
pub use highlight::css::highlight_css;
pub use highlight::{HighlightedBlock, highlight_block};
pub use html::element_ids;
pub use pictures::PictureAttributes;
pub use titles::set_title_quotes;
pub use words::BodyWords;

/// What happens to HTML in a body.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RawHtmlHandling {
    /// Harmless elements and attributes stay; everything else is removed.
    #[default]
    Sanitize,
    /// HTML is printed as text.
    Escape,
    /// HTML is passed on unchanged. Only for content that the owner of the site trusts.
    Allow,
}

/// How a body is rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is one switch")]
pub struct RenderOptions {
    /// What happens to HTML in the body.
    pub raw_html: RawHtmlHandling,
    /// Whether straight quotes become those of the language, `--` a dash, and `...` an ellipsis.
    pub smart_punctuation: bool,
    /// The quotation marks of the language of the body; `None` for those of English.
    pub quotation_marks: Option<QuotationMarks>,
    /// Whether code is coloured if its language is known.
    pub highlight: bool,
    /// Whether code in the language `mermaid` is written for a script that draws it.
    pub diagrams: bool,
    /// Whether the HTML is for a feed, and must not have what works only on the site's own pages:
    /// ids, anchors, classes, focus.
    pub feed: bool,
    /// The words that the HTML has of its own; `None` for those in English.
    pub words: Option<Arc<BodyWords>>,
}

impl RenderOptions {
    fn words(&self) -> &BodyWords {
        self.words
            .as_deref()
            .unwrap_or_else(|| BodyWords::english())
    }
}

impl Default for RenderOptions {
    fn default() -> Self {
        Self {
            raw_html: RawHtmlHandling::Sanitize,
            smart_punctuation: true,
            quotation_marks: None,
            highlight: true,
            diagrams: false,
            feed: false,
            words: None,
        }
    }
}

impl RenderOptions {
    /// Returns the options for a body in the language with this BCP 47 tag.
    #[must_use]
    pub fn in_language(self, tag: &str) -> Self {
        Self {
            quotation_marks: quotation_marks(tag),
            ..self
        }
    }

    /// Returns the quotation marks to write, if the parser does not write them.
    fn chosen_marks(&self) -> Option<QuotationMarks> {
        self.quotation_marks.filter(|_| self.smart_punctuation)
    }
}

/// What a destination is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DestinationKind {
    /// A link to follow.
    Link,
    /// A picture to show.
    Image,
    /// A picture whose address has spaces. It is one only if its file is there; else its address is
    /// empty, and what the author wrote is shown.
    SpacedImage,
    /// The name of a page, and perhaps of a heading behind `#`. If there is no such page, the address
    /// is empty, and only the text of the link is shown.
    WikiLink,
    /// The name of a picture in double brackets. If it is not there, its address is empty, and its
    /// alternative text is shown.
    WikiImage,
}

impl DestinationKind {
    /// Returns whether a picture is shown, of a page or of a film.
    pub fn is_picture(self) -> bool {
        match self {
            Self::Image | Self::SpacedImage | Self::WikiImage => true,
            Self::Link | Self::WikiLink => false,
        }
    }
}

/// A heading in the table of contents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TocEntry {
    /// From 2 to 6.
    pub level: u8,
    /// The id of the heading, unique on the page.
    pub id: String,
    /// Plain text, not escaped.
    pub title: String,
}

/// A link or picture in a body, whose address the caller has to resolve.
///
/// Every safe destination is one, except `mailto:` and `tel:`: addresses with `http:` or `https:`,
/// relative ones, and fragments such as `#setup`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BodyLink {
    /// The destination as the author wrote it.
    pub target: String,
    /// Line of the body, counted from 0.
    pub body_line: u32,
    /// Whether it is a link or a picture.
    pub kind: DestinationKind,
}

/// A code block whose language cannot be highlighted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnknownLanguage {
    /// Name of the language in lower case.
    pub name: String,
    /// Line of the body on which the block begins, counted from 0.
    pub body_line: u32,
}

/// A formula that cannot be rendered, and is shown as its author wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultyFormula {
    /// The first characters of the formula.
    pub formula: String,
    /// What is wrong with it.
    pub message: String,
    /// Line of the body on which it begins, counted from 0.
    pub body_line: u32,
    /// The column in characters, counted from 1, if it is known.
    pub column: Option<u32>,
}

/// A rendered body. It depends only on the body and the options.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is one fact")]
pub struct RenderedBody {
    /// The HTML, safe to print once the addresses of its links are filled in.
    pub html: MarkedHtml,
    /// The headings in reading order; empty with [`RenderOptions::feed`].
    pub toc: Vec<TocEntry>,
    /// Every id in the HTML, in reading order.
    pub ids: Vec<String>,
    /// Links and pictures in reading order.
    pub links: Vec<BodyLink>,
    /// The numbers in `links` of pictures of which no text says what they show.
    pub undescribed_pictures: Vec<u32>,
    /// Code blocks whose language cannot be highlighted; empty without
    /// [`RenderOptions::highlight`].
    pub unknown_languages: Vec<UnknownLanguage>,
    /// Lines of the body, counted from 0, on which code blocks begin that take too much work to
    /// highlight and are shown plain.
    pub unhighlighted_blocks: Vec<u32>,
    /// Formulas that cannot be rendered, in reading order.
    pub faulty_formulas: Vec<FaultyFormula>,
    /// Whether the body is nested too deeply to sanitise its HTML, which was printed as text.
    pub raw_html_escaped: bool,
    /// Whether the HTML contains what themes may style separately because it is rare: callouts, titles and
    /// lines of code, figures, footnotes, tasks.
    pub has_extras: bool,
    /// Whether it contains formulas, which themes may style separately too.
    pub has_formulas: bool,
    /// Whether it has a diagram for a script to draw; never without [`RenderOptions::diagrams`].
    pub has_diagrams: bool,
}

impl RenderedBody {
    /// Returns the HTML with every destination as written.
    pub fn html_as_written(&self) -> String {
        let write = |link: &'_ BodyLink| match link.kind {
            // The name of a page is no address.
            DestinationKind::WikiLink | DestinationKind::WikiImage => String::new(),
            _ => link.target.clone(),
        };
        let targets: Vec<String> = self.links.iter().map(write).collect();
        self.html.fill_addresses(&targets)
    }
}

/// HTML without the addresses that are not known yet. The places of the addresses are stored beside
/// the HTML, so that no text can imitate one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkedHtml {
    html: String,
    /// The places in the order of the HTML, at most one for each link.
    places: Vec<AddressPlace>,
    /// Pictures and links that may lead to nothing, in the order of the HTML.
    optional: Vec<OptionalElement>,
    /// The tags of pictures, in the order of the HTML.
    pictures: Vec<PictureTag>,
}

impl MarkedHtml {
    /// Returns the HTML, safe to print, with these addresses in place of its links, in order.
    ///
    /// A picture or link of a kind that may lead to nothing becomes text if its address is empty.
    pub fn fill_addresses<A: AsRef<str>>(&self, addresses: &[A]) -> String {
        self.fill_page(addresses, |_| PictureAttributes::default())
    }

    /// Does the same as [`fill_addresses`](Self::fill_addresses), and adds attributes to each
    /// picture. `describe` is called with the number of its link, in the order of the page.
    pub fn fill_page<A: AsRef<str>>(
        &self,
        addresses: &[A],
        mut describe: impl FnMut(usize) -> PictureAttributes,
    ) -> String {
        let mut out = String::with_capacity(self.html.len() + self.html.len() / 16);
        let mut rest = HtmlRest {
            html: &self.html,
            done: 0,
            end_tag: None,
        };
        let mut optional = self.optional.iter().peekable();
        let mut pictures = self.pictures.iter().peekable();
        for place in &self.places {
            let address = addresses.get(place.link as usize).map(AsRef::as_ref);
            let picture = pictures.next_if(|picture| picture.link == place.link);
            if let Some(element) = optional.next_if(|element| element.link == place.link)
                && address == Some("")
            {
                rest.push_until(&mut out, element.start as usize);
                escape::escape_text(&mut out, &element.written);
                rest.done = element.end as usize;
                rest.end_tag = element.end_tag.map(|at| at as usize);
                continue;
            }
            rest.push_until(&mut out, place.at as usize);
            if let Some(address) = address {
                escape::escape_address(&mut out, address);
            }
            if let Some(picture) = picture {
                rest.push_until(&mut out, picture.end as usize - ">".len());
                describe(picture.link as usize).write(&mut out, picture);
            }
        }
        rest.push_until(&mut out, self.html.len());
        out
    }
}

/// The HTML that has not been copied yet.
struct HtmlRest<'h> {
    html: &'h str,
    done: usize,
    /// The end tag of a link that is not shown.
    end_tag: Option<usize>,
}

impl HtmlRest<'_> {
    /// Copies the HTML up to a place.
    fn push_until(&mut self, out: &mut String, to: usize) {
        if let Some(at) = self.end_tag.take_if(|at| *at < to) {
            out.push_str(&self.html[self.done..at]);
            self.done = at + LINK_END.len();
        }
        out.push_str(&self.html[self.done..to]);
        self.done = to;
    }
}

/// How often a body is parsed again because some of its dollar signs mean money.
const MATH_ROUNDS: usize = 3;

/// Renders a Markdown body.
pub fn render_markdown(body: &str, options: &RenderOptions) -> RenderedBody {
    let mut source = source::prepare_source(escape::remove_control_characters(body));
    let mut options = options.clone();
    let mut raw_html_escaped = false;
    let mut rounds = 0;
    loop {
        let dollars = match rounds {
            ..MATH_ROUNDS => DollarReading::Formulas,
            MATH_ROUNDS => DollarReading::Last,
            _ => DollarReading::Text,
        };
        match HtmlWriter::new(&source, &options, dollars).run() {
            Ok(mut rendered) => {
                rendered.raw_html_escaped = raw_html_escaped;
                return rendered;
            }
            Err(RenderAgain::Money(dollars)) => {
                source.text = math::escape_dollars(&source.text, &dollars).into();
            }
            Err(RenderAgain::Unsafe) => {
                options.raw_html = RawHtmlHandling::Escape;
                raw_html_escaped = true;
            }
        }
        rounds += 1;
    }
}

#[cfg(test)]
mod tests;
