//! Decides whether an author's element is hidden.

use super::tags::{StartTag, decode_attribute};

/// Returns whether browsers would not show an element, by the attribute `hidden` or by its style.
pub(super) fn hides_content(tag: &StartTag<'_>) -> bool {
    let first = |wanted: &str| {
        let mut attributes = tag.attributes.iter();
        attributes.find(|(name, _)| name.eq_ignore_ascii_case(wanted))
    };
    first("hidden").is_some() || first("style").is_some_and(|(_, style)| has_no_display(style))
}

/// Returns whether a style says `display: none`. The last declaration counts.
fn has_no_display(style: &str) -> bool {
    let style = decode_attribute(style).to_ascii_lowercase();
    let mut values = style.split(';').rev().filter_map(|declaration| {
        let (property, value) = declaration.split_once(':')?;
        (property.trim() == "display").then_some(value)
    });
    values.next().is_some_and(|value| {
        let value = value.trim();
        let value = value.strip_suffix("important").map_or(value, |value| {
            value.trim_end().strip_suffix('!').unwrap_or(value)
        });
        value.trim() == "none"
    })
}

#[cfg(test)]
mod tests {
    use super::has_no_display;

    #[test]
    fn last_display_of_a_style_counts() {
        for (style, hides) in [
            ("display:none", true),
            ("color: red; DISPLAY : None !important;", true),
            ("display&#58;none", true),
            ("display:none;display:block", false),
            ("display:block", false),
            ("content: 'display:none'", false),
        ] {
            assert_eq!(has_no_display(style), hides, "{style}");
        }
    }
}
