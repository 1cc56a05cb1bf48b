//! Reads the size of a picture from its header: PNG, JPEG, GIF, WebP, AVIF and SVG.
//!
//! The crate `imagesize` does nearly the same, but it knows neither SVG nor the orientation that
//! cameras write, and a hostile file can make it seek as often as it has bytes.

use std::io::{self, Read, Seek, SeekFrom};

use super::exif::{self, Orientation};
use super::{PictureSize, svg};

/// The most parts of a file that are looked at: segments, chunks or boxes. The largest real files
/// have some hundred, of colour profiles and previews in pieces of 64 KB.
const MOST_PARTS: usize = 2000;

/// The most bytes of an EXIF part that are read; the orientation is in its first directory.
const MOST_EXIF: u64 = 1 << 16;

/// What the header of a picture says.
#[derive(Debug, Clone, Copy)]
pub(super) struct PictureHeader {
    /// Its size as browsers show it.
    pub(super) size: PictureSize,
    /// How its pixels are turned for that.
    pub(super) orientation: Orientation,
    /// Whether it has a format of which smaller versions are made.
    pub(super) is_decoded: bool,
}

impl PictureHeader {
    /// Returns the header of a picture whose pixels are turned.
    fn turned(size: PictureSize, orientation: Orientation) -> Self {
        Self {
            size: orientation.turn(size),
            orientation,
            is_decoded: true,
        }
    }

    fn upright(size: PictureSize) -> Self {
        Self::turned(size, Orientation::default())
    }

    /// Returns the header of a picture that is published only as it is.
    fn as_it_is(size: PictureSize) -> Self {
        Self {
            is_decoded: false,
            ..Self::upright(size)
        }
    }
}

/// Reads the header of a picture; returns `None` if this is no picture that is known.
pub(super) fn read_header(reader: &mut (impl Read + Seek)) -> io::Result<Option<PictureHeader>> {
    let mut start = [0; 30];
    let length = read_up_to(reader, &mut start)?;
    let start = &start[..length];
    if start.starts_with(b"\x89PNG\r\n\x1a\n") {
        read_png(reader, start)
    } else if start.starts_with(b"\xff\xd8\xff") {
        read_jpeg(reader)
    } else if start.starts_with(b"GIF87a") || start.starts_with(b"GIF89a") {
        let size = le16(start, 6).zip(le16(start, 8)).and_then(make_size);
        Ok(size.map(PictureHeader::upright))
    } else if start.starts_with(b"RIFF") && start.get(8..12) == Some(b"WEBP") {
        read_webp(reader, start)
    } else if start.get(4..8) == Some(b"ftyp") {
        Ok(read_avif(reader, start)?.map(PictureHeader::as_it_is))
    } else {
        reader.seek(SeekFrom::Start(0))?;
        Ok(svg::read_svg_size(reader)?.map(PictureHeader::as_it_is))
    }
}

/// PNG (W3C): the first chunk has the size; a chunk `eXIf` before the pixels has the orientation.
fn read_png(reader: &mut (impl Read + Seek), start: &[u8]) -> io::Result<Option<PictureHeader>> {
    if start.get(12..16) != Some(b"IHDR") {
        return Ok(None);
    }
    let Some(size) = be32(start, 16).zip(be32(start, 20)).and_then(make_size) else {
        return Ok(None);
    };
    let mut at = 33;
    for _ in 0..MOST_PARTS {
        reader.seek(SeekFrom::Start(at))?;
        let mut chunk = [0; 8];
        // A picture that is cut off here still has its size.
        if read_up_to(reader, &mut chunk)? < 8 || matches!(&chunk[4..], b"IDAT" | b"IEND") {
            break;
        }
        let length = u64::from(be32(&chunk, 0).unwrap_or_default());
        if &chunk[4..] == b"eXIf" {
            let orientation = exif::read_orientation(&read_part(reader, length)?);
            return Ok(Some(PictureHeader::turned(size, orientation)));
        }
        at += length + 12;
    }
    Ok(Some(PictureHeader::upright(size)))
}

/// JPEG (ITU T.81): segments, of which a frame header has the size, and `APP1` the orientation.
fn read_jpeg(reader: &mut (impl Read + Seek)) -> io::Result<Option<PictureHeader>> {
    let mut orientation = Orientation::default();
    let mut at = 2;
    for _ in 0..MOST_PARTS {
        reader.seek(SeekFrom::Start(at))?;
        let mut segment = [0; 9];
        let length = read_up_to(reader, &mut segment)?;
        if length < 4 || segment[0] != 0xff {
            return Ok(None);
        }
        match segment[1] {
            // Any number of these bytes may stand before a marker.
            0xff => {
                at += 1;
                continue;
            }
            // Markers without a length.
            0x01 | 0xd0..=0xd8 => {
                at += 2;
                continue;
            }
            // Tables are no frames.
            0xc4 | 0xc8 | 0xcc => {}
            0xc0..=0xcf => {
                let sides = be16(&segment[..length], 7).zip(be16(&segment[..length], 5));
                let size = sides.and_then(make_size);
                return Ok(size.map(|size| PictureHeader::turned(size, orientation)));
            }
            // The pixels, or the end: too late for a size.
            0xd9 | 0xda => return Ok(None),
            _ => {}
        }
        let inside = u64::from(be16(&segment, 2).unwrap_or_default());
        if inside < 2 {
            return Ok(None);
        }
        if segment[1] == 0xe1 {
            reader.seek(SeekFrom::Start(at + 4))?;
            let part = read_part(reader, inside - 2)?;
            if let Some(tiff) = part.strip_prefix(b"Exif\0\0") {
                orientation = exif::read_orientation(tiff);
            }
        }
        at += 2 + inside;
    }
    Ok(None)
}

/// WebP (RFC 9649): each kind of the first chunk has the size in its own way. Only an extended file
/// can have an orientation, in a later chunk.
fn read_webp(reader: &mut (impl Read + Seek), start: &[u8]) -> io::Result<Option<PictureHeader>> {
    let size = match start.get(12..16) {
        Some(b"VP8 ") => {
            // The two upper bits ask for scaling, which browsers do not do.
            let sides = le16(start, 26).zip(le16(start, 28));
            let size = sides.and_then(|(w, h)| make_size((w & 0x3fff, h & 0x3fff)));
            return Ok(size.map(PictureHeader::upright));
        }
        Some(b"VP8L") => {
            let bits = le16(start, 21).zip(le16(start, 23));
            let bits = bits.map(|(low, high)| low | high << 16);
            let sides = bits.map(|bits| ((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1));
            return Ok(sides.and_then(make_size).map(PictureHeader::upright));
        }
        Some(b"VP8X") => {
            let le24 = |at| Some(le16(start, at)? | u32::from(*start.get(at + 2)?) << 16);
            let sides = le24(24).zip(le24(27));
            sides.and_then(|(width, height)| make_size((width + 1, height + 1)))
        }
        _ => None,
    };
    let Some(size) = size else { return Ok(None) };
    let has_exif = start[20] & 0b1000 != 0;
    let mut at = 30;
    for _ in 0..if has_exif { MOST_PARTS } else { 0 } {
        reader.seek(SeekFrom::Start(at))?;
        let mut chunk = [0; 8];
        if read_up_to(reader, &mut chunk)? < 8 {
            break;
        }
        let length = u64::from(u32::from_le_bytes([chunk[4], chunk[5], chunk[6], chunk[7]]));
        if &chunk[..4] == b"EXIF" {
            let part = read_part(reader, length)?;
            let tiff = part.strip_prefix(b"Exif\0\0").unwrap_or(&part);
            let orientation = exif::read_orientation(tiff);
            return Ok(Some(PictureHeader::turned(size, orientation)));
        }
        at += 8 + length.next_multiple_of(2);
    }
    Ok(Some(PictureHeader::upright(size)))
}

/// AVIF (ISO 23008-12): the largest of the sizes that the properties of its items have, and the
/// rotation among them.
fn read_avif(reader: &mut (impl Read + Seek), start: &[u8]) -> io::Result<Option<PictureSize>> {
    let brands = ["avif", "avis", "mif1", "msf1", "miaf"];
    let brand = start.get(8..12).unwrap_or_default();
    if !brands.iter().any(|known| known.as_bytes() == brand) {
        return Ok(None);
    }
    let mut size: Option<PictureSize> = None;
    let mut is_turned = false;
    let mut at = 0;
    for _ in 0..MOST_PARTS {
        reader.seek(SeekFrom::Start(at))?;
        let mut part = [0; 20];
        let read = read_up_to(reader, &mut part)?;
        let (Some(length), Some(name)) = (be32(&part[..read], 0), part[..read].get(4..8)) else {
            break;
        };
        match name {
            // What contains the properties is entered; a full box has four bytes more.
            b"meta" => at += 12,
            b"iprp" | b"ipco" => at += 8,
            _ if length < 8 => break,
            _ => {
                if name == b"ispe" {
                    let sides = be32(&part[..read], 12).zip(be32(&part[..read], 16));
                    size = larger(size, sides.and_then(make_size));
                }
                is_turned |= name == b"irot" && part[8] & 1 == 1;
                at += u64::from(length);
            }
        }
    }
    Ok(size.map(|size| if is_turned { size.on_its_side() } else { size }))
}

fn larger(one: Option<PictureSize>, other: Option<PictureSize>) -> Option<PictureSize> {
    let area = |size: &Option<PictureSize>| {
        size.map_or(0, |size| u64::from(size.width) * u64::from(size.height))
    };
    if area(&other) > area(&one) {
        other
    } else {
        one
    }
}

fn make_size((width, height): (u32, u32)) -> Option<PictureSize> {
    PictureSize::new(width, height)
}

/// Fills the buffer as far as the file goes, and returns how far that is.
fn read_up_to(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Reads a part of this length, as far as an orientation may need it.
fn read_part(reader: &mut impl Read, length: u64) -> io::Result<Vec<u8>> {
    let mut part = Vec::new();
    reader.take(length.min(MOST_EXIF)).read_to_end(&mut part)?;
    Ok(part)
}

fn be16(bytes: &[u8], at: usize) -> Option<u32> {
    let pair = bytes.get(at..)?.first_chunk()?;
    Some(u16::from_be_bytes(*pair).into())
}

fn le16(bytes: &[u8], at: usize) -> Option<u32> {
    let pair = bytes.get(at..)?.first_chunk()?;
    Some(u16::from_le_bytes(*pair).into())
}

fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..)?.first_chunk()?;
    Some(u32::from_be_bytes(*four))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::pictures::measure_picture;

    fn check(bytes: &[u8], expected: Option<(u32, u32)>) {
        let size = measure_picture(&mut Cursor::new(bytes));
        assert_eq!(size.map(|size| (size.width, size.height)), expected);
    }

    /// A TIFF header with a directory of one entry: the orientation.
    fn exif(orientation: u8) -> Vec<u8> {
        let head = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0";
        [head.as_slice(), &[orientation, 0, 0, 0]].concat()
    }

    fn png(width: u32, height: u32, chunks: &[u8]) -> Vec<u8> {
        let sides = [width.to_be_bytes(), height.to_be_bytes()].concat();
        let parts = [
            b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR",
            sides.as_slice(),
            &[8, 2, 0, 0, 0, 0, 0, 0, 0],
            chunks,
            b"\0\0\0\0IDAT",
        ];
        parts.concat()
    }

    fn jpeg(segments: &[u8]) -> Vec<u8> {
        let frame = [0xff, 0xc2, 0, 11, 8, 0, 20, 0, 30, 3, 1, 0x22, 0];
        [b"\xff\xd8", segments, frame.as_slice()].concat()
    }

    fn jpeg_exif(orientation: u8) -> Vec<u8> {
        let inside = [b"Exif\0\0".as_slice(), &exif(orientation)].concat();
        let length = inside.len() as u8 + 2;
        [&[0xff, 0xe1, 0, length], inside.as_slice()].concat()
    }

    #[test]
    fn every_format_has_its_size_in_its_header() {
        check(&png(3, 4, b""), Some((3, 4)));
        check(&jpeg(b"\xff\xe0\0\x04ab\xff\xff"), Some((30, 20)));
        check(b"GIF89a\x03\0\x04\0", Some((3, 4)));
        check(
            b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a\x03\x40\x04\0",
            Some((3, 4)),
        );
        check(
            b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f\x02\xc0\0\0",
            Some((3, 4)),
        );
        check(
            b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x02\0\0\x03\0\0",
            Some((3, 4)),
        );
        check(b"<svg viewBox='0 0 3 4'/>", Some((3, 4)));
    }

    #[test]
    fn avif_is_as_large_as_its_largest_item_and_may_be_turned() {
        let item = |width: u8, height: u8| {
            let sides = [0, 0, 0, width, 0, 0, 0, height];
            [b"\0\0\0\x14ispe\0\0\0\0".as_slice(), &sides].concat()
        };
        let file = |properties: &[u8]| {
            let head = b"\0\0\0\x14ftypavif\0\0\0\0mif1\0\0\0\x99meta\0\0\0\0\0\0\0\x08hdlr";
            let boxes = b"\0\0\0\x99iprp\0\0\0\x99ipco";
            [head.as_slice(), boxes, properties, b"\0\0\0\0mdat"].concat()
        };
        let both = [item(1, 1), item(3, 4)].concat();
        check(&file(&both), Some((3, 4)));
        let turned = [item(3, 4), b"\0\0\0\x09irot\x01".to_vec()].concat();
        check(&file(&turned), Some((4, 3)));
        check(&file(b""), None);
        check(b"\0\0\0\x14ftypisom", None);
    }

    #[test]
    fn orientation_of_the_camera_exchanges_the_sides() {
        for (orientation, expected) in [(1, (30, 20)), (3, (30, 20)), (6, (20, 30)), (9, (30, 20))]
        {
            check(&jpeg(&jpeg_exif(orientation)), Some(expected));
        }
        let part = exif(8);
        let chunk = [
            &[0, 0, 0, part.len() as u8],
            b"eXIf".as_slice(),
            &part,
            &[0; 4],
        ]
        .concat();
        check(&png(3, 4, &chunk), Some((4, 3)));
        let head = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\x08\0\0\0\x02\0\0\x03\0\0VP8 \x01\0\0\0x\0";
        let length = [part.len() as u8, 0, 0, 0];
        let webp = [head.as_slice(), b"EXIF", &length, &part].concat();
        check(&webp, Some((4, 3)));
    }

    #[test]
    fn contents_count_and_not_names_and_nonsense_has_no_size() {
        for nonsense in [
            "",
            "x",
            "\u{1}\u{2}",
            "<html><svg width='1' height='1'>",
            "GIF89a",
        ] {
            check(nonsense.as_bytes(), None);
        }
        check(&png(0, 4, b""), None);
        check(b"\xff\xd8\xff\xda\0\x08", None);
        check(b"\xff\xd8\xff\xe0\0\x01", None);
        // Whatever is cut off, nothing panics.
        let whole = jpeg(&jpeg_exif(6));
        for end in 0..whole.len() - 4 {
            check(&whole[..end.min(whole.len() - 5)], None);
        }
    }

    #[test]
    fn file_of_tiny_parts_is_given_up() {
        let boxes = b"\0\0\0\x08free".repeat(3 * MOST_PARTS);
        check(&[b"\0\0\0\x0cftypavif".as_slice(), &boxes].concat(), None);
        check(&jpeg(&b"\xff\xe0\0\x02".repeat(MOST_PARTS)), None);
        check(
            &[b"\xff\xd8".as_slice(), &vec![0xff; 3 * MOST_PARTS]].concat(),
            None,
        );
    }
}
