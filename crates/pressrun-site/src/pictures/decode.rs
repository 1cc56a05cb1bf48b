//! Decodes pictures: PNG, JPEG, GIF and WebP. With `resize`, the only user of `image`.

use std::io::{BufRead, Cursor, Seek};

use image::codecs::{gif::GifDecoder, jpeg::JpegDecoder, png::PngDecoder, webp::WebPDecoder};
use image::error::{ImageError, ImageResult};
use image::{AnimationDecoder, DynamicImage, ImageDecoder, ImageFormat, Limits};

/// The most pixels of a picture that is decoded. The largest cameras of telephones make 200 million,
/// but save 50 million or fewer unless asked.
pub(super) const MOST_PIXELS: u64 = 100_000_000;

/// The most bytes that decoding one picture may take.
const MOST_MEMORY: u64 = 800_000_000;

/// A decoded picture, not turned yet.
pub(super) struct DecodedPicture {
    pub(super) pixels: DynamicImage,
    /// The colour profile of the file.
    pub(super) profile: Option<Vec<u8>>,
}

/// Decodes a file, whatever its name says. Returns `None` if it is not for us: a format that is
/// published as it is, or a picture that moves.
///
/// # Errors
///
/// Returns why it cannot be decoded, in the words of a message.
pub(super) fn decode_picture(bytes: &[u8]) -> Result<Option<DecodedPicture>, String> {
    let format = image::guess_format(bytes).ok();
    decode_as(format, Cursor::new(bytes)).map_err(|error| match error {
        ImageError::Limits(_) => "it takes too much memory to decode".to_owned(),
        error => error.to_string(),
    })
}

fn decode_as(
    format: Option<ImageFormat>,
    file: impl BufRead + Seek + Clone,
) -> ImageResult<Option<DecodedPicture>> {
    match format {
        Some(ImageFormat::Png) => {
            let decoder = PngDecoder::with_limits(file, limits())?;
            if decoder.is_apng()? {
                return Ok(None);
            }
            decode(decoder).map(Some)
        }
        Some(ImageFormat::Jpeg) => decode(JpegDecoder::new(file)?).map(Some),
        Some(ImageFormat::Gif) => {
            let mut frames = GifDecoder::new(file.clone())?;
            frames.set_limits(limits())?;
            if frames.into_frames().take(2).count() > 1 {
                return Ok(None);
            }
            decode(GifDecoder::new(file)?).map(Some)
        }
        Some(ImageFormat::WebP) => {
            let decoder = WebPDecoder::new(file)?;
            if decoder.has_animation() {
                return Ok(None);
            }
            decode(decoder).map(Some)
        }
        _ => Ok(None),
    }
}

fn decode(mut decoder: impl ImageDecoder) -> ImageResult<DecodedPicture> {
    decoder.set_limits(limits())?;
    // A profile that cannot be read is missed, but the picture is there.
    let profile = decoder.icc_profile().ok().flatten();
    Ok(DecodedPicture {
        pixels: DynamicImage::from_decoder(decoder)?,
        profile,
    })
}

fn limits() -> Limits {
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MOST_MEMORY);
    limits
}
