//! Makes pictures smaller, turns them upright, and converts their colours. The only user of
//! `fast_image_resize` and `moxcms`.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::metadata::Orientation as Turn;
use image::{DynamicImage, RgbImage, RgbaImage};
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};

use super::exif::Orientation;

/// The longest colour profile that is read.
const MOST_PROFILE: usize = 1 << 20;

/// A picture of 8 bits a channel, with or without transparency.
#[derive(Clone)]
pub(super) enum PlainPicture {
    Opaque(RgbImage),
    Transparent(RgbaImage),
}

impl PlainPicture {
    /// Reduces the pixels of a file to what a browser shows: 16 bits a channel to 8, grey and
    /// palettes to colours.
    pub(super) fn new(pixels: DynamicImage) -> Self {
        if pixels.color().has_alpha() {
            Self::Transparent(pixels.into_rgba8())
        } else {
            Self::Opaque(pixels.into_rgb8())
        }
    }

    /// Returns width and height.
    pub(super) fn size(&self) -> (u32, u32) {
        match self {
            Self::Opaque(pixels) => pixels.dimensions(),
            Self::Transparent(pixels) => pixels.dimensions(),
        }
    }

    /// Returns the pixels, row by row.
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Opaque(pixels) => pixels,
            Self::Transparent(pixels) => pixels,
        }
    }

    fn with_bytes(&self, width: u32, height: u32, bytes: Vec<u8>) -> Option<Self> {
        match self {
            Self::Opaque(_) => RgbImage::from_raw(width, height, bytes).map(Self::Opaque),
            Self::Transparent(_) => {
                RgbaImage::from_raw(width, height, bytes).map(Self::Transparent)
            }
        }
    }

    /// Returns the picture in another size.
    pub(super) fn resize(&self, width: u32, height: u32) -> Option<Self> {
        let kind = match self {
            Self::Opaque(_) => PixelType::U8x3,
            Self::Transparent(_) => PixelType::U8x4,
        };
        let (from_width, from_height) = self.size();
        let from = ImageRef::new(from_width, from_height, self.bytes(), kind).ok()?;
        let mut to = Image::new(width, height, kind);
        let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3));
        Resizer::new().resize(&from, &mut to, &options).ok()?;
        self.with_bytes(width, height, to.into_vec())
    }

    /// Turns the picture as the camera was held.
    pub(super) fn turn(self, orientation: Orientation) -> Self {
        let turn = Turn::from_exif(orientation.number()).unwrap_or(Turn::NoTransforms);
        let mut pixels = match self {
            Self::Opaque(pixels) => DynamicImage::from(pixels),
            Self::Transparent(pixels) => DynamicImage::from(pixels),
        };
        pixels.apply_orientation(turn);
        Self::new(pixels)
    }

    /// Converts the colours of a profile to those that files without a profile have (sRGB).
    pub(super) fn convert_colours(self, profile: &[u8]) -> Self {
        self.try_convert(profile).unwrap_or(self)
    }

    fn try_convert(&self, profile: &[u8]) -> Option<Self> {
        if profile.len() > MOST_PROFILE {
            return None;
        }
        let from = ColorProfile::new_from_slice(profile).ok()?;
        // The profile of a grey or CMYK file does not fit the colours that it was decoded to.
        if from.color_space != DataColorSpace::Rgb {
            return None;
        }
        let layout = match self {
            Self::Opaque(_) => Layout::Rgb,
            Self::Transparent(_) => Layout::Rgba,
        };
        let options = TransformOptions::default();
        let transform = from
            .create_transform_8bit(layout, &ColorProfile::new_srgb(), layout, options)
            .ok()?;
        let mut bytes = vec![0; self.bytes().len()];
        transform.transform(self.bytes(), &mut bytes).ok()?;
        let (width, height) = self.size();
        self.with_bytes(width, height, bytes)
    }
}
