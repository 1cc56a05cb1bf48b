//! Any text is rendered, and no tag that comes out is a script, has a handler or a script URL.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pressrun::markdown::{Options, RawHtml, render};

fuzz_target!(|body: &str| {
    for raw_html in [RawHtml::Sanitize, RawHtml::Escape] {
        for feed in [false, true] {
            let options = Options {
                raw_html,
                feed,
                ..Options::default()
            };
            let html = render(body, &options).html_as_written();
            // In text `<` is escaped, so every one begins a tag; in attributes `>` is.
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
});
