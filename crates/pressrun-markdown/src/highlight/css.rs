//! Defines the colours of code.

use std::fmt::Write;

/// The backgrounds of code in light and in dark. The theme may use others, but the light one must
/// not be darker, and the dark one not lighter.
#[cfg(test)]
const BACKGROUNDS: [&str; 2] = ["#f6f8fa", "#161b22"];

/// Classes that share a colour, with the colour in light and in dark. Each has a contrast of at
/// least 4.5 to 1 with its background.
const COLOURS: &[(&[&str], &str, &str)] = &[
    (&["k"], "#b3202f", "#ff7b72"),
    (&["d"], "#b3202f", "#ffa198"),
    (&["s", "l"], "#0a3069", "#a5d6ff"),
    (&["e", "n", "b", "p", "a", "h"], "#0550ae", "#79c0ff"),
    (&["r", "g", "i"], "#116329", "#7ee787"),
    (&["c", "q"], "#57606a", "#9198a1"),
    (&["f", "m", "w"], "#6639ba", "#d2a8ff"),
    (&["t", "v"], "#8a3c00", "#ffa657"),
];

/// Returns the style sheet for highlighted code. It is light or dark as the colour scheme of the root element is.
pub fn highlight_css() -> String {
    let mut css = String::new();
    for (classes, light, dark) in COLOURS {
        let selectors: Vec<String> = classes.iter().map(|class| format!(".hl-{class}")).collect();
        let _ = writeln!(
            css,
            "{}{{color:light-dark({light},{dark})}}",
            selectors.join(",")
        );
    }
    css.push_str(".hl-q{user-select:none}\n.hl-h{font-weight:600}\n");
    css
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the relative luminance as WCAG 2 defines it.
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
        for &(classes, light, dark) in COLOURS {
            for (colour, background) in [light, dark].into_iter().zip(BACKGROUNDS) {
                let contrast = contrast(colour, background);
                assert!(
                    contrast >= 4.5,
                    "{classes:?}: {colour} on {background} is {contrast:.2}"
                );
            }
        }
    }

    #[test]
    fn each_colour_is_one_for_light_and_one_for_dark() {
        let css = highlight_css();
        assert!(css.contains(".hl-k{color:light-dark(#b3202f,#ff7b72)}"));
        assert_eq!(css.matches('{').count(), css.matches('}').count());
    }
}
