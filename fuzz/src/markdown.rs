//! Renders any text. No tag in the result may be a script, or have an event handler or a script
//! URL, and the size of the result must stay in proportion to the text.

use pressrun_markdown::{RawHtmlHandling, RenderOptions, render_markdown};

/// Checks one input.
pub fn check_markdown(bytes: &[u8]) {
    let body = super::text_of(bytes);
    for raw_html in [RawHtmlHandling::Sanitize, RawHtmlHandling::Escape] {
        for feed in [false, true] {
            let options = RenderOptions {
                raw_html,
                feed,
                diagrams: raw_html == RawHtmlHandling::Sanitize,
                ..RenderOptions::default()
            };
            let html = render_markdown(body, &options).html_as_written();
            assert!(html.len() <= 200 * body.len() + 10_000, "{}", html.len());
            // `<` is escaped in text and `>` in attributes, so every `<` begins a tag and the next
            // `>` ends it.
            for tag in html.split('<').skip(1) {
                let tag = tag
                    .split('>')
                    .next()
                    .unwrap_or_default()
                    .to_ascii_lowercase();
                assert!(
                    !tag.starts_with("script") && !tag.starts_with("style"),
                    "<{tag}>"
                );
                assert!(!tag.contains("=\"javascript:"), "<{tag}>");
                let names: String = tag.split('"').step_by(2).collect();
                assert!(!names.contains(" on"), "<{tag}>");
            }
        }
    }
}
