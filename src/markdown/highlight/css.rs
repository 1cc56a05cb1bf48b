//! The colours of code.

use std::fmt::Write;

/// What stands behind code in light and in dark: the theme may use others, as long as they are
/// no darker and no lighter than these.
#[cfg(test)]
const BACKGROUNDS: [&str; 2] = ["#f6f8fa", "#161b22"];

/// Classes that share their colours, and these in light and dark. Each has a contrast of at
/// least 4.5 to 1 with its background.
const COLOURS: &[(&str, &str, &str)] = &[
    ("k", "#b3202f", "#ff7b72"),
    ("s", "#0a3069", "#a5d6ff"),
    ("e", "#0550ae", "#79c0ff"),
    ("r", "#116329", "#7ee787"),
    ("n", "#0550ae", "#79c0ff"),
    ("b", "#0550ae", "#79c0ff"),
    ("c", "#57606a", "#9198a1"),
    ("f", "#6639ba", "#d2a8ff"),
    ("m", "#6639ba", "#d2a8ff"),
    ("t", "#8a3c00", "#ffa657"),
    ("p", "#0550ae", "#79c0ff"),
    ("a", "#0550ae", "#79c0ff"),
    ("g", "#116329", "#7ee787"),
    ("v", "#8a3c00", "#ffa657"),
    ("h", "#0550ae", "#79c0ff"),
    ("l", "#0a3069", "#a5d6ff"),
    ("i", "#116329", "#7ee787"),
    ("d", "#b3202f", "#ffa198"),
    ("w", "#6639ba", "#d2a8ff"),
    ("q", "#57606a", "#9198a1"),
];

/// The style sheet for highlighted code: light, and dark where the reader's system or the
/// `data-theme` of the root element asks for it. A site changes a colour by setting its custom
/// property, such as `--hl-k`.
pub fn highlight_css() -> String {
    let light = properties(|&(_, light, _)| light);
    let dark = properties(|&(_, _, dark)| dark);
    let mut css = String::new();
    let _ = writeln!(css, ":root{{{light}}}");
    let _ = writeln!(
        css,
        "@media (prefers-color-scheme:dark){{:root:not([data-theme=\"light\"]){{{dark}}}}}"
    );
    let _ = writeln!(css, ":root[data-theme=\"dark\"]{{{dark}}}");
    for (class, ..) in COLOURS {
        let _ = writeln!(css, ".hl-{class}{{color:var(--hl-{class})}}");
    }
    css.push_str(".hl-q{user-select:none}\n.hl-h{font-weight:600}\n");
    css
}

fn properties(
    colour: impl Fn(&(&'static str, &'static str, &'static str)) -> &'static str,
) -> String {
    let mut properties = String::new();
    for entry in COLOURS {
        let _ = write!(properties, "--hl-{}:{};", entry.0, colour(entry));
    }
    properties.pop();
    properties
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance as WCAG 2 defines it.
    fn luminance(colour: &str) -> f64 {
        let channel = |at: usize| {
            let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    fn contrast(one: &str, other: &str) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn every_colour_can_be_read() {
        for &(class, light, dark) in COLOURS {
            for (colour, background) in [light, dark].into_iter().zip(BACKGROUNDS) {
                let contrast = contrast(colour, background);
                assert!(
                    contrast >= 4.5,
                    "{class}: {colour} on {background} is {contrast:.2}"
                );
            }
        }
    }

    #[test]
    fn dark_is_by_preference_or_by_choice() {
        let css = highlight_css();
        assert!(css.contains(".hl-k{color:var(--hl-k)}"));
        assert_eq!(css.matches("--hl-k:#ff7b72").count(), 2);
        assert_eq!(css.matches('{').count(), css.matches('}').count());
    }
}
