//! Writes the attributes of pictures that depend on their files.

use std::fmt::Write;

use super::escape;
use super::links::{AuthorSide, PictureTag};

/// What the tag of a picture says besides its address and its text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PictureAttributes {
    /// Width and height in pixels, if known.
    pub size: Option<(u32, u32)>,
    /// Addresses of smaller versions with their widths, as in the attribute `srcset`; may be empty.
    pub srcset: String,
    /// How wide it is shown, as in the attribute `sizes`.
    pub sizes: String,
    /// Whether browsers load it only when a reader comes near.
    pub is_lazy: bool,
}

impl PictureAttributes {
    /// Writes the attributes at the end of a tag. The author's size wins.
    pub(super) fn write(&self, out: &mut String, tag: &PictureTag) {
        if let Some((width, height)) = self.size.and_then(|size| complete_size(tag, size)) {
            if tag.width == AuthorSide::Absent {
                let _ = write!(out, " width=\"{width}\"");
            }
            if tag.height == AuthorSide::Absent {
                let _ = write!(out, " height=\"{height}\"");
            }
        }
        if !self.srcset.is_empty() {
            out.push_str(" srcset=\"");
            escape::escape_attribute(out, &self.srcset);
            out.push_str("\" sizes=\"");
            match tag.width {
                AuthorSide::Pixels(width) => {
                    let _ = write!(out, "{width}px");
                }
                AuthorSide::Absent | AuthorSide::Other => {
                    escape::escape_attribute(out, &self.sizes);
                }
            }
            out.push('"');
        }
        if self.is_lazy {
            out.push_str(" loading=\"lazy\"");
        }
    }
}

/// Returns the size of a picture in which the sides that the author gave have the author's length,
/// and the other side follows from the proportions of the file.
fn complete_size(tag: &PictureTag, (width, height): (u32, u32)) -> Option<(u32, u32)> {
    let scale = |side: u32, to: u32, from: u32| {
        let scaled = u64::from(side) * u64::from(to) / u64::from(from.max(1));
        u32::try_from(scaled.max(1)).unwrap_or(u32::MAX)
    };
    match (tag.width, tag.height) {
        (AuthorSide::Absent, AuthorSide::Absent) => Some((width, height)),
        (AuthorSide::Pixels(own), AuthorSide::Absent) => Some((own, scale(height, own, width))),
        (AuthorSide::Absent, AuthorSide::Pixels(own)) => Some((scale(width, own, height), own)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{RenderOptions, render_markdown};

    fn check(body: &str, expected: &str) {
        let rendered = render_markdown(body, &RenderOptions::default());
        let addresses: Vec<&str> = rendered.links.iter().map(|link| &*link.target).collect();
        let mut is_lazy = false;
        let html = rendered.html.fill_page(&addresses, |_| PictureAttributes {
            size: Some((30, 40)),
            srcset: "a&b 20w".to_owned(),
            sizes: "100vw".to_owned(),
            is_lazy: std::mem::replace(&mut is_lazy, true),
        });
        assert_eq!(html, expected);
    }

    const REST: &str = "srcset=\"a&amp;b 20w\" sizes=\"100vw\"";

    #[test]
    fn pictures_get_their_attributes_in_the_order_of_the_page() {
        check(
            "![a](a.png) <img src=b.png alt=b>",
            &format!(
                "<p><img src=\"a.png\" alt=\"a\" decoding=\"async\" width=\"30\" height=\"40\" {REST}> \
                 <img src=\"b.png\" alt=\"b\" decoding=\"async\" width=\"30\" height=\"40\" {REST} \
                 loading=\"lazy\"></p>\n"
            ),
        );
    }

    #[test]
    fn size_of_the_author_wins_and_is_completed_in_proportion() {
        let own = "srcset=\"a&amp;b 20w\" sizes=\"15px\"";
        for (given, expected) in [
            (
                "width=15",
                format!("width=\"15\" decoding=\"async\" height=\"20\" {own}"),
            ),
            (
                "height=20",
                format!("height=\"20\" decoding=\"async\" width=\"15\" {REST}"),
            ),
            (
                "width=15 height=3",
                format!("width=\"15\" height=\"3\" decoding=\"async\" {own}"),
            ),
            (
                "width='50%'",
                format!("width=\"50%\" decoding=\"async\" {REST}"),
            ),
            (
                "height=auto",
                format!("height=\"auto\" decoding=\"async\" {REST}"),
            ),
        ] {
            check(
                &format!("<img src=\"a.png\" alt=\"\" {given}>"),
                &format!("<img src=\"a.png\" alt=\"\" {expected}>"),
            );
        }
    }

    #[test]
    fn words_in_values_are_no_size() {
        check(
            "<img alt=\"a width=&quot;9&quot; <b\" src=\"a.png\">",
            &format!(
                "<img alt=\"a width=&quot;9&quot; &lt;b\" src=\"a.png\" decoding=\"async\" width=\"30\" \
                 height=\"40\" {REST}>"
            ),
        );
    }

    #[test]
    fn picture_of_a_film_is_its_own() {
        check(
            "<video src=\"a.mp4\" poster=\"a.png\"></video>",
            "<p><video src=\"a.mp4\" poster=\"a.png\" controls=\"\" preload=\"none\"></video></p>\n",
        );
    }

    #[test]
    fn picture_without_a_text_is_reported_unless_html_says_that_it_needs_none() {
        let body = "![](a.png) ![ ](b.png) ![c](c.png)\n\n<img src=d.png>\n<img src=e.png alt=\"\">\n\
                    <img src=f.png alt> <img>\n\n![](javascript:x) ![](g h.png)";
        let rendered = render_markdown(body, &RenderOptions::default());
        let links = rendered.undescribed_pictures.iter();
        let targets = links.map(|&link| &*rendered.links[link as usize].target);
        assert_eq!(
            targets.collect::<Vec<_>>(),
            ["a.png", "b.png", "d.png", "g h.png"]
        );
    }
}
