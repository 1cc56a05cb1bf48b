//! The table `[images]`: smaller versions of pictures.

use super::section::ConfigSection;

/// The table `[images]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ImagesConfig {
    /// Whether smaller versions are made.
    pub enabled: bool,
    /// Their widths in pixels, in increasing order.
    pub widths: Vec<u32>,
    /// Quality of the encoder, from 1 to 100.
    pub quality: u8,
    /// Their formats.
    pub formats: Vec<ImageFormat>,
    /// The maximum number of pictures of which versions are made. A site that shows more gets none.
    pub limit: usize,
    /// How wide pages show a picture, as in the attribute `sizes`.
    pub sizes: String,
}

/// A format of smaller versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ImageFormat {
    /// WebP, which all browsers show.
    WebP,
}

/// The widths that are allowed.
const WIDTHS: std::ops::RangeInclusive<usize> = 16..=8000;

/// The most widths.
const MOST_WIDTHS: usize = 10;

impl Default for ImagesConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            widths: vec![480, 960, 1600],
            quality: 80,
            formats: vec![ImageFormat::WebP],
            limit: 1000,
            // The column of the theme.
            sizes: "(min-width: 43rem) 40rem, 92vw".to_owned(),
        }
    }
}

impl ImagesConfig {
    /// Returns whether any versions are made.
    pub fn makes_versions(&self) -> bool {
        self.enabled && !self.widths.is_empty() && !self.formats.is_empty() && self.limit > 0
    }

    pub(super) fn read(&mut self, images: &mut ConfigSection<'_>) {
        images.boolean("enabled", &mut self.enabled);
        let mut widths: Option<Vec<usize>> = None;
        images.numbers("widths", &mut widths, WIDTHS, MOST_WIDTHS);
        if let Some(mut widths) = widths {
            widths.sort_unstable();
            widths.dedup();
            self.widths = widths.into_iter().map(|width| width as u32).collect();
        }
        let mut quality = usize::from(self.quality);
        images.number("quality", &mut quality, 1..=100);
        self.quality = quality as u8;
        let mut formats = Vec::new();
        if images.parsed_strings("formats", &mut formats, parse_format) {
            formats.dedup();
            self.formats = formats;
        }
        images.number("limit", &mut self.limit, 0..=1_000_000);
        images.string("sizes", &mut self.sizes);
    }
}

fn parse_format(text: &str) -> Result<ImageFormat, (String, Option<String>)> {
    match text {
        "webp" => Ok(ImageFormat::WebP),
        _ => Err((
            format!("`formats` takes `webp`, not `{text}`"),
            Some("browsers that show smaller versions all show WebP".to_owned()),
        )),
    }
}
