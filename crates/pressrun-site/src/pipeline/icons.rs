//! Makes the icons of a site from the picture that `favicon` in `[theme]` names.

use std::path::Path;

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace};
use serde_json::json;

use super::content::ReadContent;
use super::request::StageInputs;
use crate::cache::{Fingerprint, KeptFiles};
use crate::error::Result;
use crate::fs::{self, WalkedFile};
use crate::pictures::{MANIFEST_SIDES, SiteIcons, make_icons};
use crate::render::{self, AssetContent, GeneratedFile, IconSet};

/// Increased whenever icons of the same picture become others.
const VERSION: u8 = 1;

/// The paths of the icons that are made, in the order of [`SiteIcons`].
const PATHS: [&str; 4] = [
    "/favicon.ico",
    "/apple-touch-icon.png",
    "/icon-192.png",
    "/icon-512.png",
];

/// The icons of a site and their files.
#[derive(Debug, Default)]
pub(super) struct PreparedIcons {
    pub(super) icons: IconSet,
    pub(super) files: Vec<GeneratedFile>,
    /// Why the picture cannot be used.
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// Makes the icons of a site, or takes them from its cache. A picture that is missing is reported as
/// a dead link of `site.toml`.
pub(super) fn prepare_icons(
    inputs: &StageInputs<'_>,
    content: &ReadContent,
    static_files: &[WalkedFile],
) -> Result<PreparedIcons> {
    let mut prepared = PreparedIcons::default();
    let Some(path) = &inputs.config.theme.favicon else {
        return Ok(prepared);
    };
    let Some((origin, location)) = find_picture(path, content, static_files) else {
        return Ok(prepared);
    };
    let manifest_icons = if path.to_ascii_lowercase().ends_with(".svg") {
        prepared.icons = IconSet::Drawing(path.clone());
        let source = render::encode_rooted_path(path);
        vec![
            json!({ "src": source.trim_start_matches('/'), "sizes": "any", "type": "image/svg+xml" }),
        ]
    } else {
        let kept = KeptFiles::new(&inputs.request.root, "icons");
        match make_or_load_icons(&kept, &fs::read_whole_file(location)?) {
            Ok(files) => {
                prepared.icons = IconSet::Made;
                prepared.files = files;
            }
            Err(reason) => {
                let message = format!("no icons can be made of this picture: {reason}");
                let place = FilePlace::file(origin);
                let found = Diagnostic::new(Code::UnreadablePicture, place, message);
                let help = "name a PNG or SVG picture in `favicon`";
                prepared.diagnostics.push(found.with_help(help));
                return Ok(prepared);
            }
        }
        let icons = MANIFEST_SIDES.iter().map(|side| {
            let sizes = format!("{side}x{side}");
            json!({ "src": format!("icon-{side}.png"), "sizes": sizes, "type": "image/png" })
        });
        icons.collect()
    };
    prepared
        .files
        .push(write_manifest(&inputs.config.title, &manifest_icons));
    // What the site has itself stays.
    prepared
        .files
        .retain(|file| find_picture(&file.path, content, static_files).is_none());
    Ok(prepared)
}

/// Returns the source of a file of the site by its path: the file's name in messages, and where it
/// is.
fn find_picture<'s>(
    path: &str,
    content: &'s ReadContent,
    static_files: &'s [WalkedFile],
) -> Option<(String, &'s Path)> {
    let own = static_files
        .iter()
        .find(|file| path.strip_prefix('/') == Some(&file.path));
    if let Some(own) = own {
        return Some((format!("static/{}", own.path), &own.location));
    }
    let mut media = content.media.iter();
    let media = media.find(|file| render::media_path(&file.path) == path)?;
    Some((media.path.to_string(), &media.location))
}

/// Returns the files of icons of a picture.
fn make_or_load_icons(
    kept: &KeptFiles,
    picture: &[u8],
) -> std::result::Result<Vec<GeneratedFile>, String> {
    let key = Fingerprint::of_value(&(VERSION, Fingerprint::of_bytes(picture))).to_string();
    let names = PATHS.map(|path| format!("{}-{}", &key[..16], &path[1..]));
    let known: Option<Vec<Vec<u8>>> = names.iter().map(|name| kept.read(name)).collect();
    let files = if let Some(files) = known {
        files
    } else {
        let SiteIcons {
            ico,
            touch,
            manifest: [medium, large],
        } = make_icons(picture)?;
        let files = vec![ico, touch, medium, large];
        for (name, bytes) in names.iter().zip(&files) {
            // If that fails, icons are made again next time, and the build goes on.
            let _ = kept.write(name, bytes);
        }
        kept.remove_unused(&names.iter().map(String::as_str).collect());
        files
    };
    let files = PATHS.iter().zip(files);
    Ok(files.map(|(path, bytes)| make_file(path, bytes)).collect())
}

/// Writes the manifest of a site: its name and its icons. Its addresses are relative to it, so they
/// need no address of the site.
fn write_manifest(title: &str, icons: &[serde_json::Value]) -> GeneratedFile {
    let manifest = json!({
        "name": title,
        "start_url": ".",
        "display": "browser",
        "icons": icons,
    });
    let mut bytes = manifest.to_string().into_bytes();
    bytes.push(b'\n');
    make_file(render::MANIFEST_PATH, bytes)
}

fn make_file(path: &str, bytes: Vec<u8>) -> GeneratedFile {
    GeneratedFile {
        path: path.to_owned(),
        origin: "the icons".to_owned(),
        content: AssetContent::Bytes(bytes),
    }
}
