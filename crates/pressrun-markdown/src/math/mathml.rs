//! Lets only known elements and attributes of `MathML` Core through.
//!
//! The parser writes styles into elements, which the policy of a page forbids. Colours become
//! attributes; some colours stand for classes, by which [`rewrite`](super::rewrite) marks what the
//! parser cannot express.

use std::fmt::Write;

use crate::escape;

/// The elements that a formula may contain.
const ELEMENTS: [&str; 21] = [
    "mfrac",
    "mi",
    "mn",
    "mo",
    "mover",
    "mpadded",
    "mroot",
    "mrow",
    "mspace",
    "msqrt",
    "mstyle",
    "msub",
    "msubsup",
    "msup",
    "mtable",
    "mtd",
    "mtext",
    "mtr",
    "munder",
    "munderover",
    "none",
];

/// Their attributes, besides classes.
const ATTRIBUTES: [&str; 18] = [
    "accent",
    "accentunder",
    "columnspan",
    "depth",
    "displaystyle",
    "fence",
    "form",
    "height",
    "linethickness",
    "lspace",
    "mathvariant",
    "maxsize",
    "minsize",
    "movablelimits",
    "rspace",
    "scriptlevel",
    "stretchy",
    "symmetric",
];

/// The classes of the parser, and those of the theme that stand for them.
const CLASSES: [(&str, &str); 14] = [
    ("menv-alignlike", "math-align"),
    ("menv-align", "math-columns"),
    ("menv-cases", "math-cases"),
    ("menv-cells-left", "math-left"),
    ("menv-cells-right", "math-right"),
    ("cell-left", "math-left"),
    ("cell-right", "math-right"),
    ("menv-left-solid", "math-rule-left"),
    ("menv-left-dashed", "math-rule-left"),
    ("menv-right-solid", "math-rule-right"),
    ("menv-right-dashed", "math-rule-right"),
    ("menv-hline", "math-rule-top"),
    ("menv-hdashline", "math-rule-top"),
    ("menv-border-only", "math-rule"),
];

/// Elements may be nested this deeply.
const MAX_DEPTH: usize = 300;

/// Characters of text that a group of LaTeX cannot contain, each as the control character that
/// [`rewrite`](super::rewrite) writes for it. No body contains one.
pub(super) const HELD_CHARACTERS: [(char, char); 9] = [
    ('\u{10}', '{'),
    ('\u{11}', '}'),
    ('\u{12}', '%'),
    ('\u{13}', '\\'),
    ('\u{14}', '$'),
    ('\u{15}', '&'),
    ('\u{16}', '#'),
    ('\u{17}', '<'),
    ('\u{18}', '>'),
];

/// A way to show a group that LaTeX has and the parser lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GroupMark {
    Boxed,
    Cancelled,
    Hidden,
}

/// The colours that stand for marks.
const MARKS: [(GroupMark, (u8, u8, u8), &str); 3] = [
    (GroupMark::Boxed, (1, 2, 251), "math-boxed"),
    (GroupMark::Cancelled, (1, 2, 252), "math-cancelled"),
    (GroupMark::Hidden, (1, 2, 253), "math-hidden"),
];

impl GroupMark {
    /// Returns the colour that stands for the mark.
    pub(super) fn colour(self) -> String {
        let found = MARKS.iter().find(|(mark, ..)| *mark == self);
        let (red, green, blue) = found.map_or((0, 0, 0), |&(_, colour, _)| colour);
        format!("#{red:02x}{green:02x}{blue:02x}")
    }
}

/// Appends `MathML`, in which everything that is no known tag is text. Returns `None` if it is not
/// balanced or too deep.
pub(super) fn write_allowed_mathml(
    out: &mut String,
    mathml: &str,
    with_classes: bool,
) -> Option<()> {
    let mut open: Vec<&'static str> = Vec::new();
    let mut rest = mathml;
    while let Some(at) = memchr::memchr(b'<', rest.as_bytes()) {
        push_text(out, &rest[..at]);
        rest = &rest[at..];
        let Some((tag, length)) = read_tag(rest) else {
            out.push_str("&lt;");
            rest = &rest[1..];
            continue;
        };
        rest = &rest[length..];
        if tag.is_end {
            if open.pop() != Some(tag.name) {
                return None;
            }
            let _ = write!(out, "</{}>", tag.name);
            continue;
        }
        let _ = write!(out, "<{}", tag.name);
        push_attributes(out, tag.attributes, with_classes);
        if tag.is_empty {
            let _ = write!(out, "></{}>", tag.name);
        } else {
            out.push('>');
            open.push(tag.name);
        }
        if open.len() > MAX_DEPTH {
            return None;
        }
    }
    push_text(out, rest);
    open.is_empty().then_some(())
}

/// Appends text whose special characters may be escaped already.
fn push_text(out: &mut String, text: &str) {
    let plain = text
        .replace("&nbsp;", "\u{a0}")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&");
    let is_held = |c: char| HELD_CHARACTERS.iter().any(|&(held, _)| held == c);
    if !plain.contains(is_held) {
        return escape::escape_text(out, &plain);
    }
    let meant = plain.chars().map(|c| {
        let found = HELD_CHARACTERS.iter().find(|(held, _)| *held == c);
        found.map_or(c, |&(_, meant)| meant)
    });
    escape::escape_text(out, &meant.collect::<String>());
}

struct MathTag<'m> {
    name: &'static str,
    attributes: &'m str,
    is_end: bool,
    is_empty: bool,
}

/// Reads the tag at the start of a text. Returns it and its length.
fn read_tag(text: &str) -> Option<(MathTag<'_>, usize)> {
    let end = memchr::memchr2(b'>', b'<', &text.as_bytes()[1..])? + 1;
    let inside = text[1..]
        .get(..end - 1)
        .filter(|_| text.as_bytes()[end] == b'>')?;
    let (is_end, inside) = match inside.strip_prefix('/') {
        Some(inside) => (true, inside),
        None => (false, inside),
    };
    let (is_empty, inside) = match inside.strip_suffix('/') {
        Some(inside) => (true, inside),
        None => (false, inside),
    };
    let letters = inside.bytes().take_while(u8::is_ascii_lowercase).count();
    let (name, attributes) = inside.split_at(letters);
    let name = ELEMENTS.into_iter().find(|known| *known == name)?;
    if !(attributes.is_empty() || attributes.starts_with(' ')) {
        return None;
    }
    let tag = MathTag {
        name,
        attributes,
        is_end,
        is_empty,
    };
    Some((tag, end + 1))
}

fn push_attributes(out: &mut String, attributes: &str, with_classes: bool) {
    let mut rest = attributes;
    let mut classes: Vec<&str> = Vec::new();
    while let Some((name, after)) = rest.split_once("=\"") {
        let Some((value, after)) = after.split_once('"') else {
            break;
        };
        rest = after;
        match name.trim() {
            "class" => classes.extend(value.split(' ').filter_map(|class| {
                let found = CLASSES.iter().find(|(theirs, _)| *theirs == class);
                found.map(|&(_, ours)| ours)
            })),
            "style" => push_style(out, value, &mut classes),
            name if is_allowed(name, value) => {
                let _ = write!(out, " {name}=\"{value}\"");
            }
            _ => {}
        }
    }
    classes.dedup();
    if with_classes && !classes.is_empty() {
        let _ = write!(out, " class=\"{}\"", classes.join(" "));
    }
}

fn is_allowed(name: &str, value: &str) -> bool {
    let is_value = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+' | '%');
    (ATTRIBUTES.contains(&name) || name == "width") && value.chars().all(is_value)
}

/// Writes the colours of a style as attributes, or adds the class that a colour stands for.
fn push_style(out: &mut String, style: &str, classes: &mut Vec<&str>) {
    for declaration in style.split(';') {
        let Some((property, value)) = declaration.split_once(':') else {
            continue;
        };
        let attribute = match property.trim() {
            "color" => "mathcolor",
            "background-color" => "mathbackground",
            // Of `\fcolorbox`, whose frame has the colour of the text.
            _ if property.trim().starts_with("border") => {
                classes.push("math-boxed");
                continue;
            }
            _ => continue,
        };
        let Some(colour) = read_colour(value) else {
            continue;
        };
        if let Some((.., class)) = MARKS.iter().find(|(_, own, _)| *own == colour) {
            classes.push(class);
        } else {
            let (red, green, blue) = colour;
            let _ = write!(out, " {attribute}=\"#{red:02x}{green:02x}{blue:02x}\"");
        }
    }
}

/// Reads `rgb(1 2 3)`.
fn read_colour(value: &str) -> Option<(u8, u8, u8)> {
    let inside = value.trim().strip_prefix("rgb(")?.strip_suffix(')')?;
    let mut parts = inside.split(' ').map(str::parse);
    let mut next = || parts.next()?.ok();
    Some((next()?, next()?, next()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(mathml: &str, expected: Option<&str>) {
        let mut out = String::new();
        let result = write_allowed_mathml(&mut out, mathml, true);
        assert_eq!(result.map(|()| &*out), expected, "{mathml}");
    }

    #[test]
    fn only_known_elements_and_attributes_stay() {
        check("<mi onclick=\"x\">a</mi>", Some("<mi>a</mi>"));
        check("<mo><</mo>", Some("<mo>&lt;</mo>"));
        check(
            "<mi><script>x</script></mi>",
            Some("<mi>&lt;script&gt;x&lt;/script&gt;</mi>"),
        );
        check(
            "<mo stretchy=\"true\"minsize=\"1.2em\">|</mo>",
            Some("<mo stretchy=\"true\" minsize=\"1.2em\">|</mo>"),
        );
        check(
            "<mspace width=\"1em\" />",
            Some("<mspace width=\"1em\"></mspace>"),
        );
        check(
            "<mi width=\"&quot;\">&nbsp;&amp;</mi>",
            Some("<mi>\u{a0}&amp;</mi>"),
        );
        check("<mi>a</mo>", None);
        check("<mi>a", None);
    }

    #[test]
    fn styles_become_attributes_and_classes() {
        check(
            "<mrow style=\"color: rgb(255 0 16); background-color: rgb(0 0 1)\"></mrow>",
            Some("<mrow mathcolor=\"#ff0010\" mathbackground=\"#000001\"></mrow>"),
        );
        check(
            "<mrow style=\"color: rgb(1 2 251)\"></mrow>",
            Some("<mrow class=\"math-boxed\"></mrow>"),
        );
        check(
            "<mtable class=\"menv-alignlike menv-align x\"></mtable>",
            Some("<mtable class=\"math-align math-columns\"></mtable>"),
        );
    }
}
