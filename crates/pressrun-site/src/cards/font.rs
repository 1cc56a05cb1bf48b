//! The font of the cards: Source Serif 4 in one weight, reduced to Latin, Greek and Cyrillic.
//!
//! It is embedded in the program under the SIL Open Font License (`font/OFL.txt`), so that cards
//! are the same on every machine.

use std::sync::LazyLock;

use ab_glyph_rasterizer::{Point, Rasterizer, point};
use ttf_parser::gpos::{PairAdjustment, PositioningSubtable};
use ttf_parser::{Face, GlyphId, OutlineBuilder};

static FONT: LazyLock<CardFont> = LazyLock::new(CardFont::load);

/// The font and its kerning tables.
struct CardFont {
    face: Face<'static>,
    pairs: Vec<PairAdjustment<'static>>,
}

impl CardFont {
    fn load() -> Self {
        let face = Face::parse(include_bytes!("font/card.ttf"), 0).expect("the font is in order");
        let lookups = face.tables().gpos.into_iter().flat_map(|gpos| gpos.lookups);
        let subtables = lookups.flat_map(|lookup| lookup.subtables.into_iter());
        let pairs = subtables
            .filter_map(|subtable: PositioningSubtable<'static>| match subtable {
                PositioningSubtable::Pair(pair) => Some(pair),
                _ => None,
            })
            .collect();
        Self { face, pairs }
    }

    /// Returns the kerning between two letters, in units of the font; negative moves them together.
    fn kerning(&self, left: GlyphId, right: GlyphId) -> i16 {
        let found = self.pairs.iter().find_map(|pair| {
            let at = pair.coverage().get(left)?;
            let (value, _) = match pair {
                PairAdjustment::Format1 { sets, .. } => sets.get(at)?.get(right)?,
                PairAdjustment::Format2 {
                    classes, matrix, ..
                } => matrix.get((classes.0.get(left), classes.1.get(right)))?,
            };
            Some(value.x_advance)
        });
        found.unwrap_or(0)
    }

    fn scale(&self, size: u16) -> f32 {
        f32::from(size) / f32::from(self.face.units_per_em())
    }
}

/// Returns whether the font has every letter of a text.
pub(super) fn has_all_letters(text: &str) -> bool {
    text.chars()
        .all(|c| c == ' ' || FONT.face.glyph_index(c).is_some())
}

/// Returns the width of a line of text in pixels.
pub(super) fn measure_text_width(text: &str, size: u16) -> f32 {
    let mut end = 0.0;
    place_letters(text, size, |_, _, after| end = after);
    end
}

/// Draws a line of text that begins at `left` and stands on `baseline`.
pub(super) fn draw_text_line(
    text: &str,
    size: u16,
    [left, baseline]: [f32; 2],
    onto: &mut Rasterizer,
) {
    place_letters(text, size, |glyph, x, _| {
        let mut pen = GlyphPen {
            origin: point(left + x, baseline),
            scale: FONT.scale(size),
            start: point(0.0, 0.0),
            at: point(0.0, 0.0),
            onto,
        };
        FONT.face.outline_glyph(glyph, &mut pen);
    });
}

/// Calls `tell` with each letter of a line and the x positions where it begins and ends.
fn place_letters(text: &str, size: u16, mut tell: impl FnMut(GlyphId, f32, f32)) {
    let scale = FONT.scale(size);
    let mut x = 0.0;
    let mut before = None;
    for glyph in text.chars().filter_map(|c| FONT.face.glyph_index(c)) {
        // Kerning applies between two letters, so the first one has none.
        if let Some(before) = before {
            x += f32::from(FONT.kerning(before, glyph)) * scale;
        }
        let advance = f32::from(FONT.face.glyph_hor_advance(glyph).unwrap_or(0)) * scale;
        tell(glyph, x, x + advance);
        x += advance;
        before = Some(glyph);
    }
}

/// Converts the outline of a letter from units of the font to pixels of the rasterizer.
struct GlyphPen<'r> {
    origin: Point,
    scale: f32,
    /// Start of the current contour.
    start: Point,
    at: Point,
    onto: &'r mut Rasterizer,
}

impl GlyphPen<'_> {
    fn pixel(&self, x: f32, y: f32) -> Point {
        point(
            self.origin.x + x * self.scale,
            // In fonts the y axis points up, in pixels it points down.
            self.origin.y - y * self.scale,
        )
    }
}

impl OutlineBuilder for GlyphPen<'_> {
    fn move_to(&mut self, x: f32, y: f32) {
        self.start = self.pixel(x, y);
        self.at = self.start;
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let to = self.pixel(x, y);
        self.onto.draw_line(self.at, to);
        self.at = to;
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let to = self.pixel(x, y);
        self.onto.draw_quad(self.at, self.pixel(x1, y1), to);
        self.at = to;
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let (one, two, to) = (self.pixel(x1, y1), self.pixel(x2, y2), self.pixel(x, y));
        self.onto.draw_cubic(self.at, one, two, to);
        self.at = to;
    }

    fn close(&mut self) {
        self.onto.draw_line(self.at, self.start);
        self.at = self.start;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn font_has_european_scripts_and_no_others() {
        for text in [
            "Größe – naïve “ﬁ”".replace('ﬁ', "fi").as_str(),
            "Ελληνικά",
            "Русский",
            "Việt",
        ] {
            assert!(has_all_letters(text), "{text}");
        }
        for text in ["中文", "العربية", "日本語", "🎉"] {
            assert!(!has_all_letters(text), "{text}");
        }
    }

    #[test]
    fn letters_that_fit_stand_closer() {
        assert!(
            measure_text_width("AV", 100)
                < measure_text_width("A", 100) + measure_text_width("V", 100)
        );
    }
}
