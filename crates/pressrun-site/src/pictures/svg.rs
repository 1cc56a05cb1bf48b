//! Reads the size of an SVG picture from its root element.

use std::io::{self, Read};

use pressrun_text::html::{parse_attributes, parse_tag};

use super::PictureSize;

/// The most bytes before the end of the first tag. Programs that draw put comments and name spaces
/// there.
const MOST_BYTES: u64 = 1 << 16;

/// Returns the size, or `None` if this is not an SVG picture or has none.
pub(super) fn read_svg_size(reader: &mut impl Read) -> io::Result<Option<PictureSize>> {
    let mut bytes = Vec::new();
    reader.take(MOST_BYTES).read_to_end(&mut bytes)?;
    // The first tag may be in front of what is not UTF-8.
    let text = String::from_utf8_lossy(&bytes);
    Ok(find_root(&text).and_then(measure_root))
}

/// Returns the attributes of the root element, if it is `svg`.
fn find_root(text: &str) -> Option<&str> {
    let mut rest = text.trim_start_matches('\u{feff}').trim_start();
    loop {
        let end = if rest.starts_with("<!--") {
            rest.find("-->")? + 3
        } else if rest.starts_with("<!") || rest.starts_with("<?") {
            // A document type may have declarations in brackets.
            let close = rest.find('>')?;
            match rest[..close].find('[') {
                Some(_) => rest.find("]>")? + 2,
                None => close + 1,
            }
        } else {
            let tag = parse_tag(rest)?;
            let is_root = !tag.closing && tag.name == "svg";
            return is_root.then_some(tag.attributes);
        };
        rest = rest[end..].trim_start();
    }
}

fn measure_root(attributes: &str) -> Option<PictureSize> {
    let parsed = parse_attributes(attributes);
    let value = |name: &str| {
        let found = parsed.iter().find(|attribute| attribute.name == name)?;
        Some(&attributes[found.value.clone()])
    };
    let view = value("viewBox").and_then(parse_view_box);
    let sides = match (
        value("width").and_then(parse_length),
        value("height").and_then(parse_length),
    ) {
        (Some(width), Some(height)) => (width, height),
        // The other side follows from the proportions.
        (Some(width), None) => (width, view.map(|(w, h)| width * h / w)?),
        (None, Some(height)) => (view.map(|(w, h)| height * w / h)?, height),
        (None, None) => view?,
    };
    // A tiny or huge drawing has proportions, but no size in pixels.
    #[expect(clippy::cast_sign_loss, reason = "sides are at least 0.5")]
    let pixels = |side: f64| (0.5..1e6).contains(&side).then_some(side.round() as u32);
    PictureSize::new(pixels(sides.0)?, pixels(sides.1)?)
}

/// Reads a length in pixels or in units of paper. A share of the page, as in `100%`, is no size.
fn parse_length(text: &str) -> Option<f64> {
    let text = text.trim();
    let end = text
        .find(|c: char| c.is_ascii_alphabetic() || c == '%')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let pixels = match unit {
        "" | "px" => 1.0,
        "in" => 96.0,
        "cm" => 96.0 / 2.54,
        "mm" => 96.0 / 25.4,
        "pt" => 96.0 / 72.0,
        "pc" => 16.0,
        _ => return None,
    };
    number
        .trim()
        .parse::<f64>()
        .ok()
        .map(|number| number * pixels)
        .filter(|side| *side > 0.0)
}

/// Returns width and height of a view box, `x y width height`.
fn parse_view_box(text: &str) -> Option<(f64, f64)> {
    let mut numbers = text
        .split(|c: char| c.is_ascii_whitespace() || c == ',')
        .filter(|part| !part.is_empty());
    let [_, _, width, height] = [(); 4].map(|()| numbers.next().and_then(|part| part.parse().ok()));
    width
        .zip(height)
        .filter(|(width, height)| *width > 0.0 && *height > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(svg: &str, expected: Option<(u32, u32)>) {
        let size = read_svg_size(&mut svg.as_bytes()).unwrap();
        assert_eq!(
            size.map(|size| (size.width, size.height)),
            expected,
            "{svg}"
        );
    }

    #[test]
    fn width_and_height_count_and_else_the_view_box() {
        check("<svg width=\"30\" height=\"40px\">", Some((30, 40)));
        check("<svg viewBox=\"0 0 300,400\" height='40'/>", Some((30, 40)));
        check(
            "<svg width='100%' height='100%' viewBox='-1 -1 3 4'>",
            Some((3, 4)),
        );
        check("<svg width='1in' height='72pt'>", Some((96, 96)));
        check("<svg width='10em' height='4'>", None);
        check("<svg viewBox='0 0 0 4'>", None);
        check("<svg width='1e9' height='4'>", None);
        check("<svg width='NaN' height='inf'>", None);
    }

    #[test]
    fn root_may_follow_comments_and_declarations() {
        check(
            "\u{feff}<?xml version='1.0'?>\n<!-- <svg width='1'> -->\n<!DOCTYPE svg [<!ENTITY a 'b>'>\n]><svg width='3' height='4'>",
            Some((3, 4)),
        );
        check("<!doctype html><svg width='3' height='4'>", Some((3, 4)));
        check("<html><svg width='3' height='4'>", None);
        check("<!-- <svg width='3' height='4'>", None);
    }
}
