//! Turns a Markdown body into HTML that is safe to publish.
//!
//! [`render`] is the one way in. Content is hostile: whatever the body holds, the HTML is
//! balanced, holds no script, handler or script URL, and took time linear in the body's size
//! (with [`RawHtml::Allow`] the author's own HTML is passed on as it is). `{{ }}` and `{% %}`
//! come out as they went in.
//!
//! Headings start at `h2`, because the page has its `h1` already. No inline styles and no
//! scripts are written, so that a strict content security policy holds.
//!
//! Not here: where a link leads (who prints the page tells [`Rendered::html`]), plain text and sentences (`text`),
//! what to make of dead links (`lint`).

mod escape;
mod footnotes;
mod headings;
mod highlight;
mod html;
mod lines;
mod links;
mod math;
mod writer;

use serde::{Deserialize, Serialize};

use writer::{Retry, Writer};

pub use headings::RESERVED as RESERVED_IDS;
pub use highlight::css::highlight_css;

/// What becomes of HTML in a body.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RawHtml {
    /// Harmless elements and attributes stay, everything else goes.
    #[default]
    Sanitize,
    /// It is printed as text.
    Escape,
    /// It is passed on untouched: only for content that its owner trusts.
    Allow,
}

/// How a body is rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// What becomes of HTML in the body.
    pub raw_html: RawHtml,
    /// Straight quotes become curly ones, `--` a dash, `...` an ellipsis.
    pub smart_punctuation: bool,
    /// Code is coloured where its language is known.
    pub highlight: bool,
    /// For feeds nothing is written that works only on the site's own pages: ids, anchors,
    /// classes, focus.
    pub feed: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            raw_html: RawHtml::Sanitize,
            smart_punctuation: true,
            highlight: true,
            feed: false,
        }
    }
}

/// What a destination is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// Somewhere to go.
    Link,
    /// A picture to show.
    Image,
}

/// A heading of the table of contents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TocEntry {
    /// 2 to 6.
    pub level: u8,
    /// The id of the heading, unique on the page.
    pub id: String,
    /// Plain text, not escaped.
    pub title: String,
}

/// A link or picture of a body, which somebody has to tell where it leads.
///
/// Every destination that is safe is one, but for `mailto:` and `tel:`: addresses with `http:` or
/// `https:`, relative ones, and fragments such as `#setup`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The destination as its author wrote it.
    pub target: String,
    /// Line of the body, counted from 0.
    pub body_line: u32,
    /// Link or picture.
    pub kind: Kind,
}

/// The language of a code block that cannot be highlighted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnknownLanguage {
    /// The name, in lower case.
    pub name: String,
    /// Line of the body on which the block begins, counted from 0.
    pub body_line: u32,
}

/// A rendered body. What it holds depends on the body and the options alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rendered {
    /// Safe to print, once the addresses of the links are known.
    pub html: Marked,
    /// The headings in reading order; empty with [`Options::feed`].
    pub toc: Vec<TocEntry>,
    /// Every id in the HTML, in reading order.
    pub ids: Vec<String>,
    /// Links and pictures in reading order.
    pub links: Vec<Link>,
    /// Languages of code blocks that cannot be highlighted; empty without
    /// [`Options::highlight`].
    pub unknown_languages: Vec<UnknownLanguage>,
    /// The body is nested too deeply to sanitise its HTML, which was printed as text.
    pub raw_html_escaped: bool,
}

impl Rendered {
    /// The HTML with every destination as it was written.
    pub fn html_as_written(&self) -> String {
        let targets: Vec<&str> = self.links.iter().map(|link| &*link.target).collect();
        self.html.fill(&targets)
    }
}

/// HTML with a marker in the place of each address that is not known yet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marked(String);

impl Marked {
    /// The HTML, safe to print as it is, with the addresses of the links in their order.
    pub fn fill<A: AsRef<str>>(&self, addresses: &[A]) -> String {
        links::fill(&self.0, |out, number| {
            if let Some(address) = addresses.get(number) {
                escape::address(out, address.as_ref());
            }
        })
    }
}

/// How often a body is read again because some of its dollars are money.
const MATH_ROUNDS: usize = 3;

/// Renders a Markdown body.
pub fn render(body: &str, options: &Options) -> Rendered {
    let mut body = escape::without_control_characters(body);
    let mut options = *options;
    let mut raw_html_escaped = false;
    let mut rounds = 0;
    loop {
        let with_math = rounds < MATH_ROUNDS;
        match Writer::new(&body, options, with_math).run() {
            Ok(mut rendered) => {
                rendered.raw_html_escaped = raw_html_escaped;
                return rendered;
            }
            Err(Retry::Money(dollars)) => body = math::escape_dollars(&body, &dollars).into(),
            Err(Retry::TooDeep) => {
                options.raw_html = RawHtml::Escape;
                raw_html_escaped = true;
            }
        }
        rounds += 1;
    }
}

#[cfg(test)]
mod tests;
