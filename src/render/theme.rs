//! The default theme, which is in the binary, and what a site puts in its place.
//!
//! A file of the same name in the site's `templates/` or `static/` takes the place of the
//! theme's. The theme's style sheet and script are published under a name with a hash of what is
//! in them, so that a browser never keeps an old one.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rust_embed::RustEmbed;

use super::Failure;
use crate::config::Config;
use crate::discover::{self, FOLDER, SourceFile};
use crate::error::Result;
use crate::fs::{self, Stamp};
use crate::markdown;

/// The folder of a site with templates of its own.
pub(super) const TEMPLATES: &str = "templates";

/// The folder of a site whose files are copied to the root of the published site.
pub(super) const STATIC: &str = "static";

/// The folders of a site that pages are made from beside its content.
pub const SOURCES: [&str; 2] = [TEMPLATES, STATIC];

#[derive(RustEmbed)]
#[folder = "templates/"]
struct ThemeTemplates;

#[derive(RustEmbed)]
#[folder = "static/"]
#[include = "style.css"]
#[include = "script.js"]
#[include = "search.js"]
#[include = "favicon.svg"]
struct ThemeFiles;

/// A file to publish, with its path from the root of the published site.
#[derive(Debug, Clone)]
pub(super) struct Asset {
    /// Path, starting with `/`.
    pub path: String,
    /// Where it comes from, for messages.
    pub origin: String,
    /// What is in it.
    pub content: Content,
}

impl Asset {
    /// A file with these bytes.
    pub(super) fn of_bytes(path: &str, origin: &str, bytes: &[u8]) -> Self {
        Self {
            path: path.to_owned(),
            origin: origin.to_owned(),
            content: Content::Bytes(bytes.to_vec()),
        }
    }

    /// Media of the content keep their path, without the folder of the content.
    fn of_media(file: &SourceFile, now: SystemTime) -> Self {
        Self {
            path: media_path(&file.path),
            origin: file.path.to_string(),
            content: Content::File(file.location.clone(), at_rest(file.stamp, now)),
        }
    }
}

/// A stamp that can be trusted.
fn at_rest(stamp: Option<Stamp>, now: SystemTime) -> Option<Stamp> {
    stamp.filter(|stamp| stamp.is_at_rest(now))
}

/// Path on the site of media of the content.
pub(super) fn media_path(source: &str) -> String {
    source.strip_prefix(FOLDER).unwrap_or(source).to_owned()
}

/// What is in a file that is not rendered.
#[derive(Debug, Clone)]
pub enum Content {
    /// These bytes.
    Bytes(Vec<u8>),
    /// What is in this file, and what tells whether it changed; `None` if it changed so lately
    /// that nothing does.
    File(PathBuf, Option<Stamp>),
}

/// The files of a site that are not rendered.
#[derive(Debug)]
pub(super) struct Assets {
    /// The style sheet, the script, the script of the search page and the icon, in this order.
    pub theme: [Asset; 4],
    /// What was made before the site was planned.
    pub generated: Vec<Asset>,
    /// The site's own.
    pub own: Vec<Asset>,
}

impl Assets {
    /// Collects them for the site at `root`, with the media of its content and what was made for it.
    pub(super) fn collect(
        root: &Path,
        config: &Config,
        media: &[SourceFile],
        generated: Vec<Asset>,
        now: SystemTime,
    ) -> std::result::Result<Self, Failure> {
        let (found, errors) = fs::walk(&root.join(STATIC));
        if !errors.is_empty() {
            let errors = errors.iter().map(|error| discover::unreadable(root, error));
            return Err(Failure::Site(errors.collect()));
        }
        let mut own: Vec<Asset> = media
            .iter()
            .map(|file| Asset::of_media(file, now))
            .collect();
        let mut replaced: Vec<(String, PathBuf)> = Vec::new();
        for file in found {
            if ThemeFiles::get(&file.path).is_some() {
                replaced.push((file.path, file.location));
            } else {
                own.push(Asset {
                    path: format!("/{}", file.path),
                    origin: format!("{STATIC}/{}", file.path),
                    content: Content::File(file.location, at_rest(file.stamp, now)),
                });
            }
        }
        let theme_file = |name: &str| -> Result<Vec<u8>> {
            let themes = embedded(name);
            if let Some((_, location)) = replaced.iter().find(|(path, _)| path == name) {
                let own = fs::read(location)?;
                // A copy of the theme's is the theme's: the folder of pressrun itself has it.
                if own != *themes {
                    return Ok(own);
                }
            }
            Ok(lean(&themes))
        };
        let mut style = theme_file("style.css")?;
        style.extend_from_slice(own_style(config).as_bytes());
        let theme = [
            fingerprinted("style", "css", style),
            fingerprinted("script", "js", theme_file("script.js")?),
            fingerprinted("search", "js", theme_file("search.js")?),
            Asset {
                path: "/favicon.svg".to_owned(),
                origin: "the theme".to_owned(),
                content: Content::Bytes(theme_file("favicon.svg")?),
            },
        ];
        Ok(Self {
            theme,
            generated,
            own,
        })
    }
}

/// Every file of the site at `root` that its templates and static files consist of, with its
/// stamp; `None` if one cannot be trusted to stay as it is.
pub(super) fn sources(root: &Path, now: SystemTime) -> Option<Vec<(String, Stamp)>> {
    let mut sources = Vec::new();
    for folder in SOURCES {
        let (found, errors) = fs::walk(&root.join(folder));
        if !errors.is_empty() {
            return None;
        }
        for file in found {
            let stamp = at_rest(file.stamp, now)?;
            sources.push((format!("{folder}/{}", file.path), stamp));
        }
    }
    Some(sources)
}

/// The templates of the theme, each with its name.
pub(super) fn templates() -> Vec<(String, String)> {
    let mut templates: Vec<(String, String)> = ThemeTemplates::iter()
        .filter_map(|name| {
            let file = ThemeTemplates::get(&name)?;
            let text = String::from_utf8(file.data.into_owned()).ok()?;
            Some((name.into_owned(), text))
        })
        .collect();
    templates.sort();
    templates
}

fn embedded(name: &str) -> Cow<'static, [u8]> {
    ThemeFiles::get(name).map_or(Cow::Borrowed(b""), |file| file.data)
}

/// A file of the theme without indentation and the lines of its comments, which readers would
/// have to fetch. The theme has a comment on lines of its own only.
fn lean(bytes: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    let mut out = String::with_capacity(text.len());
    let mut in_comment = false;
    for line in text.lines().map(str::trim_start) {
        in_comment |= line.starts_with("/*");
        if !(in_comment || line.is_empty() || line.starts_with("//")) {
            out.push_str(line);
            out.push('\n');
        }
        in_comment &= !line.ends_with("*/");
    }
    out.into_bytes()
}

fn fingerprinted(stem: &str, ending: &str, bytes: Vec<u8>) -> Asset {
    let hash = blake3::hash(&bytes).to_hex();
    Asset {
        path: format!("/{stem}-{}.{ending}", &hash[..8]),
        origin: "the theme".to_owned(),
        content: Content::Bytes(bytes),
    }
}

/// What the configuration adds to the style sheet.
fn own_style(config: &Config) -> String {
    let mut style = String::new();
    if config.markdown.highlight {
        style.push_str(&markdown::highlight_css());
    }
    if let Some(accent) = &config.theme.accent {
        // Checked by `config`: a `#` and digits, so it cannot end the declaration. The style
        // sheet derives from it what stands out from the background of each scheme.
        style += &format!(":root{{--accent:{accent}}}\n");
    }
    style
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_fetch_no_comments() {
        let text = "/* One\n   two. */\na {\n  b: c;\n}\n\n// Three\n/* Four */\nd /* e */\n";
        assert_eq!(lean(text.as_bytes()), b"a {\nb: c;\n}\nd /* e */\n");
    }
}
