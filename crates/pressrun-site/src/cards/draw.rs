//! Draws a card and encodes it as PNG.
//!
//! A pixel is an index into a palette: shades from the paper to the ink of the title, shades from
//! the paper to the ink of the foot, and the colour of the bar. Large areas with one index compress
//! quickly.

use ab_glyph_rasterizer::Rasterizer;

use super::layout::{self, LaidOutText};
use super::{CardContent, HEIGHT, WIDTH, font};

const PAPER: [u8; 3] = [0xff, 0xff, 0xff];
const INK: [u8; 3] = [0x1a, 0x1c, 0x1f];
const SOFT: [u8; 3] = [0x5a, 0x60, 0x68];

/// Number of shades from the paper to an ink, including both.
const SHADES: u8 = 16;

/// Palette index of the first shade of each ink.
const TITLE: u8 = 0;
const FOOT: u8 = SHADES;
const BAR: u8 = 2 * SHADES;

const MARGIN: u16 = 90;
const MEASURE: u16 = WIDTH as u16 - 2 * MARGIN;

/// Sizes of the title in pixels, each with the number of lines that fit.
const TITLE_SIZES: [(u16, usize); 4] = [(92, 2), (76, 4), (62, 5), (50, 6)];
const FOOT_SIZES: [(u16, usize); 1] = [(34, 3)];

/// Draws a card and returns it as a PNG file.
pub(super) fn draw_card(card: &CardContent<'_>) -> Vec<u8> {
    let mut pixels = vec![TITLE; (WIDTH * HEIGHT) as usize];
    // The bar above the title.
    for row in 78..90 {
        let start = row * WIDTH as usize + usize::from(MARGIN);
        pixels[start..start + 108].fill(BAR);
    }
    let title = layout::lay_out_text(card.title, MEASURE, &TITLE_SIZES);
    draw_lines(&mut pixels, &title, 112, TITLE);
    let foot = layout::lay_out_text(card.foot, MEASURE, &FOOT_SIZES);
    // The foot grows upwards from the bottom edge.
    let top = 553 - foot.lines.len() * line_distance(&foot);
    draw_lines(&mut pixels, &foot, top, FOOT);
    encode_png(&pixels, card.accent)
}

/// Draws lines of text downwards from a row of the card.
fn draw_lines(pixels: &mut [u8], set: &LaidOutText, top: usize, ink: u8) {
    let leading = line_distance(set);
    // Letters reach below their baseline, so a line needs more rows than the leading.
    let mut rasterizer = Rasterizer::new(WIDTH as usize, leading * 3 / 2);
    for (number, line) in set.lines.iter().enumerate() {
        rasterizer.clear();
        font::draw_text_line(
            line,
            set.size,
            [MARGIN.into(), leading as f32],
            &mut rasterizer,
        );
        let start = (top + number * leading) * WIDTH as usize;
        rasterizer.for_each_pixel(|at, coverage| {
            // Most pixels are paper, so skip them before computing anything.
            if coverage < 0.5 / f32::from(SHADES - 1) {
                return;
            }
            #[expect(clippy::cast_sign_loss, reason = "it is more than 0 here")]
            let shade = (coverage * f32::from(SHADES - 1) + 0.5) as u8;
            if let Some(pixel) = pixels.get_mut(start + at) {
                *pixel = ink + shade.min(SHADES - 1);
            }
        });
    }
}

/// Returns the distance from one line to the next, in rows.
fn line_distance(set: &LaidOutText) -> usize {
    usize::from(set.size) * 29 / 25
}

fn encode_png(pixels: &[u8], accent: [u8; 3]) -> Vec<u8> {
    let mut palette = Vec::new();
    for ink in [INK, SOFT] {
        for shade in 0..SHADES {
            let mix = |from: u8, to: u8| {
                let most = u16::from(SHADES - 1);
                let (from, to, part) = (u16::from(from), u16::from(to), u16::from(shade));
                ((from * (most - part) + to * part) / most) as u8
            };
            palette.extend([0, 1, 2].map(|part| mix(PAPER[part], ink[part])));
        }
    }
    palette.extend(accent);
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, WIDTH, HEIGHT);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(palette);
    encoder.set_compression(png::Compression::Balanced);
    encoder.set_filter(png::Filter::NoFilter);
    encoder
        .write_header()
        .and_then(|mut writer| writer.write_image_data(pixels))
        .expect("a picture of its size, written to memory");
    bytes
}
