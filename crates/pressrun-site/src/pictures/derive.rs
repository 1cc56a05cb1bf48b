//! Makes smaller versions of a picture as WebP, or takes them from the cache.

use std::io::Cursor;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use pressrun_posts::panics::catch_panic;
use serde::{Deserialize, Serialize};

use super::budget::MemoryBudget;
use super::decode::{DecodedPicture, MOST_PIXELS, decode_picture};
use super::encode::{LONGEST_SIDE, encode_webp};
use super::header::{self, PictureHeader};
use super::resize::PlainPicture;
use crate::cache::{Fingerprint, KeptFiles};
use crate::error::Result;
use crate::fs;

/// Increased whenever versions of the same picture become others, so that kept ones are not used
/// again.
const VERSION: u8 = 1;

/// The most bytes of a file that is decoded.
const LARGEST_FILE: u64 = 200_000_000;

/// The memory of all pictures that are decoded at the same time.
const MEMORY: u64 = 1_000_000_000;

/// Bytes of memory for a pixel of the file: what decoders need besides the pixels themselves.
const BYTES_PER_PIXEL: u64 = 8;

/// How versions are made.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct VersionSettings {
    /// Widths in pixels, in increasing order.
    pub widths: Vec<u32>,
    /// Quality of the encoder, from 1 to 100.
    pub quality: u8,
}

/// What became of a picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum DerivedPicture {
    /// Smaller versions, by increasing width. There may be none, if none is smaller than the file.
    Versions(Vec<PictureVersion>),
    /// It is published only as it is: its format is no business of ours, or it moves.
    AsItIs,
    /// It is published only as it is, because it cannot be decoded, for this reason.
    Unreadable(String),
}

/// A version of a picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PictureVersion {
    /// Its width in pixels.
    pub width: u32,
    /// What it was made from, in short: the same for all versions of a picture.
    pub key: String,
    /// Length of its file in bytes.
    pub length: u64,
    /// Its file, if that could not be kept.
    #[serde(skip)]
    pub unkept: Option<Vec<u8>>,
}

impl PictureVersion {
    /// Returns the name under which its file is kept.
    pub fn kept_name(&self) -> String {
        format!("{}-{}.webp", self.key, self.width)
    }
}

/// Makes versions of pictures, and keeps them.
pub struct PictureDeriver<'a> {
    settings: VersionSettings,
    kept: &'a KeptFiles,
    budget: MemoryBudget,
    /// The names of kept files that were asked for.
    used: Mutex<Vec<String>>,
}

impl<'a> PictureDeriver<'a> {
    /// Returns a deriver with these settings and this cache.
    pub fn new(settings: VersionSettings, kept: &'a KeptFiles) -> Self {
        Self {
            settings,
            kept,
            budget: MemoryBudget::new(MEMORY),
            used: Mutex::default(),
        }
    }

    /// Returns the names of all kept files that were asked for so far.
    pub fn used_names(&self) -> Vec<String> {
        self.used
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Returns the versions of the picture in a file, whose contents have the fingerprint
    /// `contents`.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be read.
    pub fn derive(&self, location: &Path, contents: Fingerprint) -> Result<DerivedPicture> {
        let key = Fingerprint::of_value(&(VERSION, contents, &self.settings)).to_string();
        let key = &key[..16];
        let list = format!("{key}.versions");
        let derived = if let Some(known) = self.find_kept(&list) {
            known
        } else {
            let derived = self.make_versions(location, key)?;
            if let Ok(bytes) = postcard::to_allocvec(&derived) {
                // If that fails, versions are made again next time, and the build goes on.
                let _ = self.kept.write(&list, &bytes);
            }
            derived
        };
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if let DerivedPicture::Versions(versions) = &derived {
            used.extend(versions.iter().map(PictureVersion::kept_name));
        }
        used.push(list);
        Ok(derived)
    }

    /// Returns what is kept under a name, unless a file of it is missing.
    fn find_kept(&self, list: &str) -> Option<DerivedPicture> {
        let bytes = self.kept.read(list)?;
        let derived: DerivedPicture = postcard::from_bytes(&bytes).ok()?;
        if let DerivedPicture::Versions(versions) = &derived {
            let is_there =
                |one: &PictureVersion| self.kept.length(&one.kept_name()) == Some(one.length);
            if !versions.iter().all(is_there) {
                return None;
            }
        }
        Some(derived)
    }

    fn make_versions(&self, location: &Path, key: &str) -> Result<DerivedPicture> {
        let (_, data) = fs::open_file(location)?;
        if data.len() > LARGEST_FILE {
            return Ok(unreadable("the file is too large"));
        }
        let bytes = fs::read_whole_file(location)?;
        let head = header::read_header(&mut Cursor::new(&bytes)).ok().flatten();
        let Some(head) = head else {
            return Ok(unreadable("it is not a picture"));
        };
        if !head.is_decoded {
            return Ok(DerivedPicture::AsItIs);
        }
        let pixels = u64::from(head.size.width) * u64::from(head.size.height);
        if pixels > MOST_PIXELS {
            return Ok(unreadable("it has more than 100 million pixels"));
        }
        // Nothing of the decoders may stop the build.
        let made = self.budget.run(pixels * BYTES_PER_PIXEL, || {
            catch_panic(|| make_from_bytes(&bytes, head, &self.settings))
        });
        match made {
            Err(_) => Ok(unreadable("decoding it failed")),
            Ok(Err(reason)) => Ok(DerivedPicture::Unreadable(reason)),
            Ok(Ok(None)) => Ok(DerivedPicture::AsItIs),
            Ok(Ok(Some(files))) => {
                let versions = files.into_iter();
                let versions = versions.map(|(width, bytes)| self.keep_version(width, bytes, key));
                Ok(DerivedPicture::Versions(versions.collect()))
            }
        }
    }

    fn keep_version(&self, width: u32, bytes: Vec<u8>, key: &str) -> PictureVersion {
        let mut version = PictureVersion {
            width,
            key: key.to_owned(),
            length: bytes.len() as u64,
            unkept: None,
        };
        if self.kept.write(&version.kept_name(), &bytes).is_err() {
            version.unkept = Some(bytes);
        }
        version
    }
}

fn unreadable(reason: &str) -> DerivedPicture {
    DerivedPicture::Unreadable(reason.to_owned())
}

/// Widths and files of the versions of a picture.
type VersionFiles = Vec<(u32, Vec<u8>)>;

/// Returns the files of all versions by increasing width, or `None` if the picture moves.
fn make_from_bytes(
    bytes: &[u8],
    head: PictureHeader,
    settings: &VersionSettings,
) -> std::result::Result<Option<VersionFiles>, String> {
    let Some(DecodedPicture { pixels, profile }) = decode_picture(bytes)? else {
        return Ok(None);
    };
    let widths = choose_widths(head.size.width, &settings.widths);
    let Some(&widest) = widths.last() else {
        return Ok(Some(Vec::new()));
    };
    let mut picture = PlainPicture::new(pixels);
    // The widest first: all others are made from it, which takes much less time.
    let (width, height) = scale(&picture, head, widest);
    if (width, height) != picture.size() {
        picture = picture
            .resize(width, height)
            .ok_or("it cannot be made smaller")?;
    }
    picture = picture.turn(head.orientation);
    if let Some(profile) = profile {
        picture = picture.convert_colours(&profile);
    }
    let mut files = Vec::new();
    for &width in widths.iter().rev() {
        if width != widest {
            let height = scale_side(head.size.height, width, head.size.width);
            picture = picture
                .resize(width, height)
                .ok_or("it cannot be made smaller")?;
        }
        let encoded = encode_webp(&picture, settings.quality);
        // A version that is no smaller than the file is of no use.
        files.extend(
            encoded
                .filter(|file| file.len() < bytes.len())
                .map(|file| (width, file)),
        );
    }
    files.reverse();
    Ok(Some(files))
}

/// Returns the widths of the versions of a picture: never wider than itself, and one as wide as
/// itself if it is narrower than the widest.
fn choose_widths(own: u32, widths: &[u32]) -> Vec<u32> {
    let mut chosen: Vec<u32> = widths
        .iter()
        .copied()
        .filter(|&width| width < own)
        .collect();
    if chosen.len() < widths.len() && own <= LONGEST_SIDE {
        chosen.push(own);
    }
    chosen
}

/// Returns the size of the version with this width before it is turned.
fn scale(picture: &PlainPicture, head: PictureHeader, width: u32) -> (u32, u32) {
    let (own_width, own_height) = picture.size();
    if head.orientation.is_on_its_side() {
        (scale_side(own_width, width, own_height), width)
    } else {
        (width, scale_side(own_height, width, own_width))
    }
}

fn scale_side(side: u32, to: u32, from: u32) -> u32 {
    let (side, to, from) = (u64::from(side), u64::from(to), u64::from(from.max(1)));
    let scaled = (side * to + from / 2) / from;
    u32::try_from(scaled.max(1)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_version_is_wider_than_the_picture() {
        let choose = |own| choose_widths(own, &[480, 960, 1600]);
        assert_eq!(choose(300), [300]);
        assert_eq!(choose(480), [480]);
        assert_eq!(choose(1000), [480, 960, 1000]);
        assert_eq!(choose(1600), [480, 960, 1600]);
        assert_eq!(choose(4000), [480, 960, 1600]);
        assert!(choose_widths(300, &[]).is_empty());
    }
}
