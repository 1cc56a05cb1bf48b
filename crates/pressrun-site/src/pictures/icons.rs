//! Makes the icons of a site from one picture.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgba, RgbaImage, imageops};
use pressrun_posts::panics::catch_panic;

use super::decode::{MOST_PIXELS, decode_picture};
use super::exif::Orientation;
use super::header::{self, PictureHeader};
use super::resize::PlainPicture;

/// The sides of the pictures in `favicon.ico`.
const ICO_SIDES: [u32; 3] = [16, 32, 48];

/// The side of the icon on the home screen of a telephone.
const TOUCH_SIDE: u32 = 180;

/// The sides of the icons in a web manifest.
pub const MANIFEST_SIDES: [u32; 2] = [192, 512];

/// The bytes of the icon files of a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteIcons {
    /// `favicon.ico`, with several sizes.
    pub ico: Vec<u8>,
    /// A PNG picture without transparency.
    pub touch: Vec<u8>,
    /// PNG pictures with the sides [`MANIFEST_SIDES`].
    pub manifest: [Vec<u8>; 2],
}

/// Makes icons from a picture, which becomes square on a transparent ground.
///
/// # Errors
///
/// Returns why the picture cannot be used, in the words of a message.
pub fn make_icons(bytes: &[u8]) -> Result<SiteIcons, String> {
    let head = header::read_header(&mut Cursor::new(bytes)).ok().flatten();
    let head = head.ok_or("it is not a picture")?;
    if u64::from(head.size.width) * u64::from(head.size.height) > MOST_PIXELS {
        return Err("it has more than 100 million pixels".to_owned());
    }
    catch_panic(|| draw_icons(bytes, head)).unwrap_or_else(|_| Err("decoding it failed".to_owned()))
}

fn draw_icons(bytes: &[u8], head: PictureHeader) -> Result<SiteIcons, String> {
    let decoded = decode_picture(bytes)?.ok_or("only PNG, JPEG, GIF, WebP and SVG can be icons")?;
    // The largest icon bounds the memory of everything that follows.
    let pixels = shrink(decoded.pixels, MANIFEST_SIDES[1]).ok_or("it cannot be made smaller")?;
    let pixels = turn(pixels, head.orientation);
    let icon = |side: u32| draw_icon(&pixels, side).ok_or("it cannot be made smaller");
    let mut small = Vec::with_capacity(ICO_SIDES.len());
    for side in ICO_SIDES {
        small.push((side, encode_png(icon(side)?)?));
    }
    let touch = lay_on_white(icon(TOUCH_SIDE)?);
    let [medium, large] = MANIFEST_SIDES;
    Ok(SiteIcons {
        ico: write_ico(&small),
        touch: encode_png(touch)?,
        manifest: [encode_png(icon(medium)?)?, encode_png(icon(large)?)?],
    })
}

/// Makes a picture as small as a square of this side, with room around it left out.
fn shrink(pixels: DynamicImage, side: u32) -> Option<RgbaImage> {
    let picture = PlainPicture::Transparent(pixels.into_rgba8());
    let (width, height) = picture.size();
    let longest = u64::from(width.max(height).max(1));
    let fit = |length: u32| {
        let scaled = u64::from(length) * u64::from(side) / longest;
        u32::try_from(scaled.max(1)).unwrap_or(side)
    };
    match picture.resize(fit(width), fit(height))? {
        PlainPicture::Transparent(pixels) => Some(pixels),
        PlainPicture::Opaque(_) => None,
    }
}

fn turn(pixels: RgbaImage, orientation: Orientation) -> RgbaImage {
    match PlainPicture::Transparent(pixels).turn(orientation) {
        PlainPicture::Transparent(pixels) => pixels,
        PlainPicture::Opaque(pixels) => DynamicImage::from(pixels).into_rgba8(),
    }
}

/// Draws a picture in the middle of a transparent square.
fn draw_icon(pixels: &RgbaImage, side: u32) -> Option<RgbaImage> {
    let small = shrink(DynamicImage::from(pixels.clone()), side)?;
    let mut icon = RgbaImage::new(side, side);
    let at = |length: u32| i64::from((side - length.min(side)) / 2);
    imageops::replace(&mut icon, &small, at(small.width()), at(small.height()));
    Some(icon)
}

/// Fills what is transparent: telephones make it black.
fn lay_on_white(icon: RgbaImage) -> RgbaImage {
    let mut ground = RgbaImage::from_pixel(icon.width(), icon.height(), Rgba([255; 4]));
    imageops::overlay(&mut ground, &icon, 0, 0);
    ground
}

fn encode_png(picture: RgbaImage) -> Result<Vec<u8>, String> {
    let mut file = Cursor::new(Vec::new());
    let written = DynamicImage::from(picture).write_to(&mut file, ImageFormat::Png);
    written.map_err(|error| error.to_string())?;
    Ok(file.into_inner())
}

/// Writes a file of icons whose pictures are PNG files, as all browsers of today read them.
fn write_ico(pictures: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let mut file = vec![0, 0, 1, 0];
    file.extend((pictures.len() as u16).to_le_bytes());
    let mut offset = 6 + 16 * pictures.len() as u32;
    for (side, bytes) in pictures {
        // Sides, no palette, one plane, 32 bits a pixel.
        file.extend([*side as u8, *side as u8, 0, 0, 1, 0, 32, 0]);
        file.extend((bytes.len() as u32).to_le_bytes());
        file.extend(offset.to_le_bytes());
        offset += bytes.len() as u32;
    }
    for (_, bytes) in pictures {
        file.extend_from_slice(bytes);
    }
    file
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pictures::measure_picture;

    #[test]
    fn every_icon_is_a_square_of_its_size() {
        let picture = RgbaImage::from_pixel(40, 10, Rgba([9, 8, 7, 255]));
        let icons = make_icons(&encode_png(picture).unwrap()).unwrap();
        let side = |bytes: &[u8]| {
            let size = measure_picture(&mut Cursor::new(bytes)).unwrap();
            assert_eq!(size.width, size.height);
            size.width
        };
        assert_eq!(side(&icons.touch), 180);
        assert_eq!(icons.manifest.each_ref().map(|icon| side(icon)), [192, 512]);
        assert_eq!(&icons.ico[..6], [0, 0, 1, 0, 3, 0]);
        for (number, expected) in ICO_SIDES.into_iter().enumerate() {
            let entry = &icons.ico[6 + 16 * number..];
            let offset = u32::from_le_bytes(*entry[12..].first_chunk().unwrap());
            assert_eq!(
                (side(&icons.ico[offset as usize..]), u32::from(entry[0])),
                (expected, expected)
            );
        }
        // Above and below the picture there is nothing; a telephone sees white there.
        let corner = |bytes: &[u8]| {
            image::load_from_memory(bytes)
                .unwrap()
                .into_rgba8()
                .get_pixel(0, 0)
                .0
        };
        assert_eq!(corner(&icons.manifest[0]), [0; 4]);
        assert_eq!(corner(&icons.touch), [255; 4]);
    }

    #[test]
    fn what_is_no_picture_gives_no_icons() {
        assert_eq!(make_icons(b"text"), Err("it is not a picture".to_owned()));
        assert!(make_icons(b"GIF89a\x03\0\x04\0").is_err());
    }
}
