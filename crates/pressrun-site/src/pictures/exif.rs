//! Reads how a camera was held from EXIF data (CIPA DC-008), which is a TIFF file without pictures.

use super::PictureSize;

/// The number of the field with the orientation.
const ORIENTATION: u16 = 0x0112;

/// The most fields of a directory that are looked at. They are sorted by number, and the orientation
/// is among the first.
const MOST_FIELDS: usize = 500;

/// How the pixels of a file have to be turned to be shown, as a number from 1 to 8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Orientation(u8);

impl Default for Orientation {
    /// As they are.
    fn default() -> Self {
        Self(1)
    }
}

impl Orientation {
    /// Returns its number.
    pub(super) fn number(self) -> u8 {
        self.0
    }

    /// Returns whether width and height are exchanged.
    pub(super) fn is_on_its_side(self) -> bool {
        self.0 >= 5
    }

    /// Returns the size of a picture of this size once it is turned.
    pub(super) fn turn(self, size: PictureSize) -> PictureSize {
        if self.is_on_its_side() {
            size.on_its_side()
        } else {
            size
        }
    }
}

/// Returns the orientation that EXIF data states, by default that of the pixels.
pub(super) fn read_orientation(tiff: &[u8]) -> Orientation {
    find_orientation(tiff).unwrap_or_default()
}

fn find_orientation(tiff: &[u8]) -> Option<Orientation> {
    let is_big = match tiff.get(..4)? {
        b"MM\0*" => true,
        b"II*\0" => false,
        _ => return None,
    };
    let number = |at: usize| {
        let pair = *tiff.get(at..)?.first_chunk()?;
        Some(if is_big {
            u16::from_be_bytes(pair)
        } else {
            u16::from_le_bytes(pair)
        })
    };
    let offset = *tiff.get(4..)?.first_chunk()?;
    let offset = if is_big {
        u32::from_be_bytes(offset)
    } else {
        u32::from_le_bytes(offset)
    };
    let directory = usize::try_from(offset).ok()?;
    let fields = usize::from(number(directory)?).min(MOST_FIELDS);
    // A field has 12 bytes: number, type, count and value.
    let mut places = (0..fields).map(|field| directory + 2 + 12 * field);
    let field = places.find(|&at| number(at) == Some(ORIENTATION))?;
    let value = u8::try_from(number(field + 8)?).ok()?;
    (1..=8).contains(&value).then_some(Orientation(value))
}
