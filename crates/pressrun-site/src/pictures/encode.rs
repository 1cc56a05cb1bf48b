//! Encodes pictures as WebP. The only user of `webp`, which contains libwebp.

use webp::{Encoder, WebPConfig};

use super::resize::PlainPicture;

/// The longest side of a WebP picture.
pub(super) const LONGEST_SIDE: u32 = 16_383;

/// Returns the bytes of a WebP file, or `None` if the encoder refuses the picture. `quality` is from
/// 1 to 100.
pub(super) fn encode_webp(picture: &PlainPicture, quality: u8) -> Option<Vec<u8>> {
    let (width, height) = picture.size();
    if width.max(height) > LONGEST_SIDE {
        return None;
    }
    let encoder = match picture {
        PlainPicture::Opaque(pixels) => Encoder::from_rgb(pixels, width, height),
        PlainPicture::Transparent(pixels) => Encoder::from_rgba(pixels, width, height),
    };
    let mut config = WebPConfig::new().ok()?;
    config.quality = f32::from(quality);
    config.method = METHOD;
    encoder
        .encode_advanced(&config)
        .ok()
        .map(|memory| memory.to_vec())
}

/// How hard the encoder tries, from 0 to 6.
const METHOD: i32 = 4;
