//! Finds the pictures of a site, measures them, and makes smaller versions of those that pages show.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;
use std::time::SystemTime;

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace};
use pressrun_text::characters::cut_to_bytes;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use super::content::ReadContent;
use super::request::StageInputs;
use crate::cache::{BuildCache, Fingerprint, KeptFiles};
use crate::config::images::ImagesConfig;
use crate::corpus::Corpus;
use crate::error::Result;
use crate::fs::{self, FileStamp, WalkedFile};
use crate::pictures::{
    self, DerivedPicture, PictureDeriver, PictureSize, PictureVersion, VersionSettings,
};
use crate::render::{self, AssetContent, GeneratedFile, SitePicture, SitePictures};

/// Name of the cache entry with what is known of picture files, and of the folder of kept versions.
const CACHED: &str = "pictures";

/// The most bytes of a picture that lists show without a smaller version.
const SMALL: u64 = 60_000;

/// The pictures of a site, and the files of their smaller versions.
#[derive(Debug, Default)]
pub(super) struct PreparedPictures {
    pub(super) pictures: SitePictures,
    pub(super) files: Vec<GeneratedFile>,
    /// Which pictures could not be decoded.
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// What is remembered of the picture files, by their paths on the site.
type KnownFiles = BTreeMap<String, KnownFile>;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct KnownFile {
    stamp: FileStamp,
    size: Option<PictureSize>,
    /// Fingerprint of its contents, if that was needed.
    contents: Option<Fingerprint>,
}

/// A file that may be a picture.
struct PictureFile<'s> {
    /// Path on the site.
    path: String,
    /// Path from the root of the site's folder.
    origin: String,
    location: &'s Path,
    stamp: Option<FileStamp>,
    /// Whether the stamp can be trusted.
    is_at_rest: bool,
}

/// What was found out about a file.
struct FoundPicture {
    size: Option<PictureSize>,
    contents: Option<Fingerprint>,
    derived: Option<DerivedPicture>,
}

/// Measures the pictures of a site: media of its content, and static files.
pub(super) fn measure_pictures(
    inputs: &StageInputs<'_>,
    content: &ReadContent,
    static_files: &[WalkedFile],
) -> Result<PreparedPictures> {
    let files = list_pictures(content, static_files, inputs.request.now);
    find_out(inputs, files, |_, _| Ok((None, None)))
}

/// Measures the pictures of a site, and makes smaller versions of those that posts may show.
pub(super) fn prepare_pictures(
    inputs: &StageInputs<'_>,
    content: &ReadContent,
    corpus: &Corpus,
    static_files: &[WalkedFile],
) -> Result<PreparedPictures> {
    let files = list_pictures(content, static_files, inputs.request.now);
    if files.is_empty() {
        return Ok(PreparedPictures::default());
    }
    let images = &inputs.config.images;
    let mut shown = HashSet::new();
    if images.makes_versions() {
        let names = render::list_mentioned_names(corpus);
        let is_shown = |file: &&PictureFile<'_>| {
            let name = file.path.rsplit('/').next().unwrap_or_default();
            names.contains(&name.nfc().collect::<String>())
        };
        shown = files
            .iter()
            .filter(is_shown)
            .map(|file| file.path.clone())
            .collect();
    }
    // Making versions takes much longer than all else, so a large site gets none.
    if shown.len() > images.limit {
        shown.clear();
    }
    let kept = KeptFiles::new(&inputs.request.root, CACHED);
    let deriver = PictureDeriver::new(version_settings(images), &kept);
    let prepared = find_out(inputs, files, |file, contents| {
        if !shown.contains(&file.path) {
            return Ok((contents, None));
        }
        let contents = match contents {
            Some(contents) => contents,
            None => Fingerprint::of_bytes(&fs::read_whole_file(file.location)?),
        };
        let made = deriver.derive(file.location, contents)?;
        Ok((Some(contents), Some(made)))
    })?;
    if !shown.is_empty() {
        remove_unused_versions(&kept, &deriver);
    }
    Ok(prepared)
}

fn version_settings(images: &ImagesConfig) -> VersionSettings {
    VersionSettings {
        widths: images.widths.clone(),
        quality: images.quality,
    }
}

/// Removes kept versions that this run did not ask for.
fn remove_unused_versions(kept: &KeptFiles, deriver: &PictureDeriver<'_>) {
    let used = deriver.used_names();
    kept.remove_unused(&used.iter().map(String::as_str).collect::<BTreeSet<&str>>());
}

/// Measures each file and calls `derive` with it and with the fingerprint of its contents, if that
/// is known.
fn find_out<'s>(
    inputs: &StageInputs<'_>,
    files: Vec<PictureFile<'s>>,
    derive: impl Fn(
        &PictureFile<'s>,
        Option<Fingerprint>,
    ) -> Result<(Option<Fingerprint>, Option<DerivedPicture>)>
    + Sync,
) -> Result<PreparedPictures> {
    if files.is_empty() {
        return Ok(PreparedPictures::default());
    }
    let known: KnownFiles = inputs.cache.get_entry(CACHED).unwrap_or_default();
    let found = files.par_iter().map(|file| {
        let remembered = file.find_known(&known);
        let size = match remembered {
            Some(known) => known.size,
            None => pictures::read_picture_size(file.location),
        };
        let (contents, derived) = derive(file, remembered.and_then(|known| known.contents))?;
        Ok(FoundPicture {
            size,
            contents,
            derived,
        })
    });
    let found = found.collect::<Result<Vec<FoundPicture>>>()?;
    remember_files(&files, &found, &known, inputs.cache);
    Ok(collect_pictures(
        files,
        found,
        &KeptFiles::new(&inputs.request.root, CACHED),
    ))
}

impl PictureFile<'_> {
    /// Returns what is remembered of the file, if it did not change.
    fn find_known<'k>(&self, known: &'k KnownFiles) -> Option<&'k KnownFile> {
        // The path names one file, because two files with one path stop the build.
        let found = known.get(&self.path)?;
        (self.is_at_rest && Some(found.stamp) == self.stamp).then_some(found)
    }
}

fn list_pictures<'s>(
    content: &'s ReadContent,
    static_files: &'s [WalkedFile],
    now: SystemTime,
) -> Vec<PictureFile<'s>> {
    let make = |path: String, origin: String, location, stamp: Option<FileStamp>| PictureFile {
        path,
        origin,
        location,
        stamp,
        is_at_rest: stamp.is_some_and(|stamp| stamp.is_at_rest(now)),
    };
    let is_picture = |path: &str| pictures::is_picture_path(path);
    let media = content.media.iter().filter(|file| is_picture(&file.path));
    let media = media.map(|file| {
        let origin = file.path.to_string();
        make(
            render::media_path(&file.path),
            origin,
            &*file.location,
            file.stamp,
        )
    });
    let own = static_files.iter().filter(|file| is_picture(&file.path));
    let own = own.map(|file| {
        let origin = format!("static/{}", file.path);
        make(
            format!("/{}", file.path),
            origin,
            &*file.location,
            file.stamp,
        )
    });
    media.chain(own).collect()
}

fn remember_files(
    files: &[PictureFile<'_>],
    found: &[FoundPicture],
    known: &KnownFiles,
    cache: &BuildCache,
) {
    let found = files.iter().zip(found).filter(|(file, _)| file.is_at_rest);
    let found: KnownFiles = found
        .filter_map(|(file, found)| {
            let remembered = KnownFile {
                stamp: file.stamp?,
                size: found.size,
                contents: found.contents,
            };
            Some((file.path.clone(), remembered))
        })
        .collect();
    if found != *known {
        cache.put_entry(CACHED, &found);
    }
}

fn collect_pictures(
    files: Vec<PictureFile<'_>>,
    found: Vec<FoundPicture>,
    kept: &KeptFiles,
) -> PreparedPictures {
    let mut prepared = PreparedPictures::default();
    let mut pictures = Vec::with_capacity(files.len());
    for (file, found) in files.into_iter().zip(found) {
        let mut picture = SitePicture {
            size: found.size,
            is_small: file.stamp.is_some_and(|stamp| stamp.size <= SMALL),
            versions: Vec::new(),
        };
        match found.derived {
            Some(DerivedPicture::Versions(versions)) => {
                for version in versions {
                    let path = version_path(&file.path, &version);
                    picture.versions.push((version.width, path.clone()));
                    prepared.files.push(GeneratedFile {
                        path,
                        origin: file.origin.clone(),
                        content: content_of(version, kept),
                    });
                }
            }
            Some(DerivedPicture::Unreadable(reason)) => {
                prepared
                    .diagnostics
                    .push(report_unreadable_picture(&file.origin, &reason));
            }
            Some(DerivedPicture::AsItIs) | None => {}
        }
        pictures.push((file.path, picture));
    }
    prepared.pictures = pictures.into_iter().collect();
    prepared
}

/// Returns the path of a version: beside the picture, under its name and a hash of what it was made
/// from. The hash covers the whole name, because pictures of the same contents may differ only in its
/// end.
fn version_path(picture: &str, version: &PictureVersion) -> String {
    let (folder, name) = picture.rsplit_once('/').unwrap_or(("", picture));
    let hash = Fingerprint::of_value(&(&version.key, name)).to_string();
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    // Names of files have 255 bytes at most.
    let start = cut_to_bytes(stem, 100);
    format!("{folder}/{start}-{}-{}.webp", &hash[..8], version.width)
}

fn content_of(version: PictureVersion, kept: &KeptFiles) -> AssetContent {
    let name = version.kept_name();
    match version.unkept {
        Some(bytes) => AssetContent::Bytes(bytes),
        // The name says what it was made from, so it stands for the contents.
        None => AssetContent::Kept(kept.path(&name), Fingerprint::of_value(&name)),
    }
}

fn report_unreadable_picture(origin: &str, reason: &str) -> Diagnostic {
    let message = format!("no smaller versions are made of this picture: {reason}");
    let place = FilePlace::file(origin);
    Diagnostic::new(Code::UnreadablePicture, place, message)
        .with_help("it is published as it is; see whether a browser shows it, and save it again")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_pictures_with_similar_names_have_versions_of_their_own() {
        let version = PictureVersion {
            width: 480,
            key: "0123456789abcdef".to_owned(),
            length: 1,
            unkept: None,
        };
        let long = "l".repeat(120);
        let names = ["a.png", "a.jpg", "A.png", "b/a.png"].map(str::to_owned);
        let names = [
            names.as_slice(),
            &[format!("{long}1.png"), format!("{long}2.png")],
        ]
        .concat();
        let paths = names
            .iter()
            .map(|name| version_path(&format!("/{name}"), &version));
        let paths: BTreeSet<String> = paths.map(|path| path.to_lowercase()).collect();
        assert_eq!(paths.len(), names.len(), "{paths:?}");
    }
}
