//! Pictures of a site: their sizes, read from their headers, and smaller versions of them.
//!
//! Not here: which pictures a site has and which pages show them (`pipeline`, `render`).

mod exif;
mod svg;
mod header;
mod budget;
mod decode;
mod resize;
mod encode;
mod derive;
mod icons;

use std::io::{BufReader, Read, Seek};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::fs;

pub use derive::{DerivedPicture, PictureDeriver, PictureVersion, VersionSettings};
pub use icons::{MANIFEST_SIDES, SiteIcons, make_icons};

/// The file extensions of pictures.
const ENDINGS: [&str; 7] = ["png", "jpg", "jpeg", "gif", "webp", "avif", "svg"];

/// Width and height of a picture in pixels, as browsers show it; neither is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PictureSize {
    /// Number of columns.
    pub width: u32,
    /// Number of rows.
    pub height: u32,
}

impl PictureSize {
    /// Returns a size, unless a side is 0.
    fn new(width: u32, height: u32) -> Option<Self> {
        (width > 0 && height > 0).then_some(Self { width, height })
    }

    /// Returns the size with its sides exchanged.
    fn on_its_side(self) -> Self {
        Self {
            width: self.height,
            height: self.width,
        }
    }
}

/// Returns whether a file with this name should be a picture.
pub fn is_picture_path(path: &str) -> bool {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    ENDINGS
        .iter()
        .any(|known| ending.eq_ignore_ascii_case(known))
}

/// Returns the size of the picture in a file, or `None` if it is not a picture that is known.
pub fn read_picture_size(path: &Path) -> Option<PictureSize> {
    // A file that cannot be read is reported by whoever publishes it.
    let (file, _) = fs::open_file(path).ok()?;
    // Most headers fit into one piece.
    measure_picture(&mut BufReader::with_capacity(2048, file))
}

/// Returns the size of the picture that a reader contains.
///
/// Only headers are read, whatever the name of the file says of its format: a bounded number of
/// small pieces, wherever they are.
pub fn measure_picture(reader: &mut (impl Read + Seek)) -> Option<PictureSize> {
    // A file that ends too early is not a picture, and a disk that fails now fails again when the
    // file is published.
    let header = header::read_header(reader).ok().flatten();
    header.map(|header| header.size)
}
