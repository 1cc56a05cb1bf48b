//! Highlights any code in any language, which is the first line. No code may be lost, spans must
//! be balanced, and the work must stay within its bound.

use pressrun_markdown::highlight_block;
use pressrun_text::visible::is_unfit;

/// Checks one input.
pub fn check_highlight(bytes: &[u8]) {
    let (info, code) = super::text_of(bytes)
        .split_once('\n')
        .unwrap_or(("js", super::text_of(bytes)));
    let block = highlight_block(info, code);
    assert!(
        block.searches <= block.max_searches,
        "{} searches",
        block.searches
    );
    let mut text = String::new();
    let mut is_open = false;
    for (index, piece) in block.html.split('<').enumerate() {
        if index == 0 {
            text.push_str(piece);
            continue;
        }
        // In text `<` is escaped, so this is a tag.
        let (tag, after) = piece.split_once('>').unwrap();
        let is_end = tag == "/span";
        assert!(is_end || tag.starts_with("span class=\"hl-"), "<{tag}>");
        assert_eq!(is_open, is_end, "a span inside a span, or an end of none");
        is_open = !is_end;
        text.push_str(after);
    }
    assert!(!is_open, "a span has no end");
    let text = text.replace("&lt;", "<").replace("&gt;", ">");
    // Characters that must not be on a page are replaced.
    let clean = |text: &str| text.replace(is_unfit, "\u{FFFD}");
    assert_eq!(clean(&text.replace("&amp;", "&")), clean(code));
}
