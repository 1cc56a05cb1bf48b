//! Combines a theme with the files of a site.
//!
//! A file in the site's `templates/` or `static/` replaces the theme's file of the same name. The
//! theme's style sheets and scripts are published under a name that contains a hash of their
//! contents, so that browsers never keep an old version.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use pressrun_locale::messages;

use serde::{Deserialize, Serialize};

use super::exported::is_unedited;
use super::{CommandFailure, services};
use crate::cache::Fingerprint;
use crate::config::{Config, ThemeFont, ThemeStyle};
use crate::corpus::OwnPaths;
use crate::data;
use crate::discover::{self, FOLDER, SourceFile};
use crate::error::Result;
use crate::fs::{self, FileStamp, WalkedFile};

/// Folder of the site's own templates.
pub(super) const TEMPLATES: &str = "templates";

/// Folder of files that are copied to the root of the published site.
pub(crate) const STATIC: &str = "static";

/// Folders that pages are made from, besides the content folder.
pub const SOURCES: [&str; 4] = [TEMPLATES, STATIC, data::FOLDER, messages::FOLDER];

/// The files of a theme that have their own place on the site.
pub const FILES: [&str; 16] = [
    "style.css",
    "lists.css",
    "extras.css",
    "formulas.css",
    "languages.css",
    "script.js",
    "search.js",
    "favicon.svg",
    "magazine.css",
    "magazine-lists.css",
    "notebook.css",
    "notebook-lists.css",
    "beside.css",
    "logo.css",
    "text.woff2",
    "text-italic.woff2",
];

/// The characters that the theme's face may have: Latin letters of Europe and the signs around them.
const FACE_RANGE: &str =
    "U+20-24F,U+259,U+2C6-2DD,U+1E80-1E9E,U+1EF2-1EF3,U+2002-2044,U+20AC,U+2122,U+2212";

/// The style sheet of a site that is loaded after the theme's.
const CUSTOM_STYLE: &str = "custom.css";

/// A theme: the templates and files that a site uses where it has none of its own.
#[derive(Debug, Clone, Copy)]
pub struct Theme {
    /// Returns the name and text of each template, sorted by name.
    pub templates: fn() -> Vec<(String, String)>,
    /// Returns one of the [`FILES`] by its name.
    pub file: fn(&str) -> Cow<'static, [u8]>,
}

impl Theme {
    /// Returns a fingerprint of all its files.
    pub(super) fn fingerprint(self) -> Fingerprint {
        let files = FILES.map(|name| (self.file)(name));
        Fingerprint::of_value(&((self.templates)(), files))
    }
}

/// A file to publish unchanged.
#[derive(Debug, Clone)]
pub(super) struct SiteAsset {
    /// Path from the root of the published site, starting with `/`.
    pub path: String,
    /// Where it comes from, for messages.
    pub origin: String,
    /// Its contents.
    pub content: AssetContent,
}

impl SiteAsset {
    /// Makes a file from bytes.
    pub(super) fn of_bytes(path: &str, origin: &str, bytes: &[u8]) -> Self {
        Self {
            path: path.to_owned(),
            origin: origin.to_owned(),
            content: AssetContent::Bytes(bytes.to_vec()),
        }
    }

    /// Makes a file from media in the content folder. It keeps its path without `content`.
    fn of_media(file: &SourceFile, now: SystemTime) -> Self {
        Self {
            path: media_path(&file.path),
            origin: file.path.to_string(),
            content: AssetContent::File(file.location.clone(), stamp_if_at_rest(file.stamp, now)),
        }
    }
}

/// Returns the stamp if it can be trusted: if the file was changed long enough before `now`.
fn stamp_if_at_rest(stamp: Option<FileStamp>, now: SystemTime) -> Option<FileStamp> {
    stamp.filter(|stamp| stamp.is_at_rest(now))
}

/// Returns the path on the site of a file in the content folder.
pub(crate) fn media_path(source: &str) -> String {
    source.strip_prefix(FOLDER).unwrap_or(source).to_owned()
}

/// Contents of a file that is not rendered.
#[derive(Debug, Clone, Hash)]
pub enum AssetContent {
    /// These bytes.
    Bytes(Vec<u8>),
    /// The contents of this file, and the stamp that shows whether it changed; `None` if it was
    /// changed too recently for a stamp to show that.
    File(PathBuf, Option<FileStamp>),
    /// The contents of this [kept file](crate::cache::KeptFiles), which this fingerprint stands for.
    Kept(PathBuf, Fingerprint),
}

/// One of something for each file of the theme that most sites publish.
#[derive(Debug, Clone, Hash, Serialize, Deserialize)]
pub(super) struct ThemeFiles<T> {
    pub style: T,
    pub lists: T,
    pub extras: T,
    pub formulas: T,
    pub languages: T,
    pub script: T,
    pub search: T,
    pub icon: T,
}

impl ThemeFiles<SiteAsset> {
    /// Returns the paths of the files.
    pub(super) fn paths(&self) -> ThemeFiles<String> {
        ThemeFiles {
            style: self.style.path.clone(),
            lists: self.lists.path.clone(),
            extras: self.extras.path.clone(),
            formulas: self.formulas.path.clone(),
            languages: self.languages.path.clone(),
            script: self.script.path.clone(),
            search: self.search.path.clone(),
            icon: self.icon.path.clone(),
        }
    }
}

/// The files of a site that are not rendered.
#[derive(Debug)]
pub(super) struct SiteAssets {
    /// Those of the theme that most sites have.
    pub theme: ThemeFiles<SiteAsset>,
    /// The theme's face, upright and italic; none with the fonts of the reader's system.
    pub fonts: Vec<SiteAsset>,
    /// The style sheet that the site adds to the theme's.
    pub custom_style: Option<SiteAsset>,
    /// Files that were made before the site was planned.
    pub generated: Vec<SiteAsset>,
    /// Files that the site provides.
    pub own: Vec<SiteAsset>,
}

impl SiteAssets {
    /// Collects them for a site with these static files, with the media of its content and what was
    /// made for it.
    pub(super) fn collect(
        theme: Theme,
        static_files: &[WalkedFile],
        config: &Config,
        media: &[SourceFile],
        generated: Vec<SiteAsset>,
        now: SystemTime,
    ) -> std::result::Result<Self, CommandFailure> {
        let mut own: Vec<SiteAsset> = media
            .iter()
            .map(|file| SiteAsset::of_media(file, now))
            .collect();
        let mut replaced: Vec<(&str, &Path)> = Vec::new();
        let mut custom_style = None;
        for file in static_files {
            if file.path == CUSTOM_STYLE {
                let bytes = fs::read_whole_file(&file.location)?;
                let mut asset = make_hashed_asset("custom", "css", bytes);
                asset.origin = format!("{STATIC}/{CUSTOM_STYLE}");
                custom_style = Some(asset);
                continue;
            }
            // It takes the place of the theme's file instead of being published beside it.
            if is_of_theme(file) {
                replaced.push((&file.path, &file.location));
            } else {
                own.push(SiteAsset {
                    path: format!("/{}", file.path),
                    origin: format!("{STATIC}/{}", file.path),
                    content: AssetContent::File(
                        file.location.clone(),
                        stamp_if_at_rest(file.stamp, now),
                    ),
                });
            }
        }
        let theme_file = |name: &str| -> Result<Vec<u8>> {
            let themes = (theme.file)(name);
            if let Some((_, location)) = replaced.iter().find(|(path, _)| *path == name) {
                let own = fs::read_whole_file(location)?;
                // An exact copy of the theme's file counts as the theme's: pressrun's own folder
                // contains one, and so does a site in which nobody edited an exported file.
                if !is_unedited(&own, &themes) {
                    return Ok(own);
                }
            }
            if name.ends_with(".woff2") {
                return Ok(themes.into_owned());
            }
            let stripped = strip_comments_and_indent(&themes);
            let compact = match name.rsplit_once('.') {
                Some((_, "css")) => compact_text(&stripped, '"', &MEANINGLESS_IN_STYLE),
                // Each of its strings is in single quotes.
                Some(("script", _)) => compact_text(&stripped, '\'', &MEANINGLESS_IN_SCRIPT),
                _ => stripped,
            };
            Ok(compact.into_bytes())
        };
        let (mut style, mut lists) = (theme_file("style.css")?, theme_file("lists.css")?);
        let (more, more_of_lists): (&[&str], &[&str]) = match config.theme.style {
            ThemeStyle::Plain => (&["beside.css"], &[]),
            ThemeStyle::Magazine => (&["beside.css", "magazine.css"], &["magazine-lists.css"]),
            ThemeStyle::Notebook => (&["notebook.css"], &["notebook-lists.css"]),
        };
        for name in more {
            style.append(&mut theme_file(name)?);
        }
        if config.theme.logo.is_some() {
            style.append(&mut theme_file("logo.css")?);
        }
        for name in more_of_lists {
            lists.append(&mut theme_file(name)?);
        }
        let mut fonts = Vec::new();
        if config.theme.font == ThemeFont::Faustina {
            fonts.push(make_hashed_asset(
                "text",
                "woff2",
                theme_file("text.woff2")?,
            ));
            fonts.push(make_hashed_asset(
                "italic",
                "woff2",
                theme_file("text-italic.woff2")?,
            ));
            style.extend_from_slice(font_faces(&fonts).as_bytes());
        }
        // After the theme's rules, so that these win.
        style.extend_from_slice(style_from_config(config).as_bytes());
        let mut script = theme_file("script.js")?;
        script.extend_from_slice(services::script_lines(config.analytics.as_ref()).as_bytes());
        let theme = ThemeFiles {
            style: make_hashed_asset("style", "css", style),
            lists: make_hashed_asset("lists", "css", lists),
            extras: make_hashed_asset("extras", "css", theme_file("extras.css")?),
            formulas: make_hashed_asset("formulas", "css", theme_file("formulas.css")?),
            languages: make_hashed_asset("languages", "css", theme_file("languages.css")?),
            script: make_hashed_asset("script", "js", script),
            search: make_hashed_asset("search", "js", theme_file("search.js")?),
            icon: SiteAsset {
                path: "/favicon.svg".to_owned(),
                origin: "the theme".to_owned(),
                content: AssetContent::Bytes(theme_file("favicon.svg")?),
            },
        };
        Ok(Self {
            theme,
            fonts,
            custom_style,
            generated,
            own,
        })
    }
}

/// The files of the folder of a site that are copied to its root, sorted by path.
///
/// # Errors
///
/// All that cannot be read.
pub fn static_files(root: &Path) -> std::result::Result<Vec<WalkedFile>, CommandFailure> {
    let (found, errors) = fs::walk_visible_files(&root.join(STATIC));
    if errors.is_empty() {
        return Ok(found);
    }
    let errors = errors
        .iter()
        .map(|error| discover::report_unreadable_file(root, error));
    Err(CommandFailure::Site(errors.collect()))
}

/// The paths of a site with these files that are no post's.
pub fn own_paths(static_files: &[WalkedFile], media: &[SourceFile]) -> OwnPaths {
    let own = static_files.iter().filter(|file| !is_of_theme(file));
    let own = own.map(|file| {
        let path = format!("/{}", file.path);
        (path, format!("{STATIC}/{}", file.path))
    });
    let media = media
        .iter()
        .map(|file| (media_path(&file.path), file.path.to_string()));
    let paths: Vec<(String, String)> = own.chain(media).collect();
    OwnPaths::new(paths.iter().map(|(path, origin)| (&**path, &**origin)))
}

/// Whether a static file takes the place of one of the theme or is loaded beside it, and so has
/// another name on the site.
fn is_of_theme(file: &WalkedFile) -> bool {
    FILES.contains(&&*file.path) || file.path == CUSTOM_STYLE
}

/// Returns every template, static file and data file of the site at `root` with its stamp, or `None` if a
/// stamp cannot be trusted.
pub(super) fn list_sources(root: &Path, now: SystemTime) -> Option<Vec<(String, FileStamp)>> {
    let mut sources = Vec::new();
    for folder in SOURCES {
        let (found, errors) = fs::walk_visible_files(&root.join(folder));
        if !errors.is_empty() {
            return None;
        }
        for file in found {
            let stamp = stamp_if_at_rest(file.stamp, now)?;
            sources.push((format!("{folder}/{}", file.path), stamp));
        }
    }
    Some(sources)
}

/// Removes indentation and comments from a file of the theme, so that readers need not download
/// them. In the theme, a comment always has its lines to itself.
fn strip_comments_and_indent(bytes: &[u8]) -> String {
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
    out
}

/// Spaces and line breaks of the theme's style sheets that mean nothing, and what is left of each.
const MEANINGLESS_IN_STYLE: [(&str, &str); 8] = [
    (" {", "{"),
    ("{ ", "{"),
    (" }", "}"),
    ("; ", ";"),
    (": ", ":"),
    (", ", ","),
    (" > ", ">"),
    ("\n", ""),
];

/// The same of its script. Line breaks end statements there.
const MEANINGLESS_IN_SCRIPT: [(&str, &str); 14] = [
    (" {", "{"),
    ("{ ", "{"),
    (" }", "}"),
    ("} ", "}"),
    (" => ", "=>"),
    (") ", ")"),
    (", ", ","),
    (": ", ":"),
    (" = ", "="),
    (" === ", "==="),
    (" || ", "||"),
    (" && ", "&&"),
    (" ? ", "?"),
    (" + ", "+"),
];

/// Removes what means nothing from a text of the theme in which every string has these quotes.
fn compact_text(text: &str, quote: char, meaningless: &[(&str, &str)]) -> String {
    let compact = |(nth, text): (usize, &str)| {
        let mut text = text.to_owned();
        // Every second piece is a string.
        if nth % 2 == 0 {
            for &(written, short) in meaningless {
                text = text.replace(written, short);
            }
        }
        text
    };
    let pieces: Vec<String> = text.split(quote).enumerate().map(compact).collect();
    pieces.join(&quote.to_string())
}

fn make_hashed_asset(stem: &str, ending: &str, bytes: Vec<u8>) -> SiteAsset {
    let hash = blake3::hash(&bytes).to_hex();
    SiteAsset {
        path: format!("/{stem}-{}.{ending}", &hash[..8]),
        origin: "the theme".to_owned(),
        content: AssetContent::Bytes(bytes),
    }
}

/// Returns the rules that make the face of the theme known, whose files are beside the style sheet.
///
/// It replaces no face that is shown already, so that no line of a text moves while somebody reads it.
fn font_faces(fonts: &[SiteAsset]) -> String {
    let mut rules = String::new();
    for (font, style) in fonts.iter().zip(["normal", "italic"]) {
        let file = font.path.trim_start_matches('/');
        rules += &format!(
            "@font-face{{font-family:Faustina;font-style:{style};src:url({file});font-display:optional;unicode-range:{FACE_RANGE}}}\n"
        );
    }
    rules
}

/// Returns the styles that the configuration adds to the style sheet.
fn style_from_config(config: &Config) -> String {
    let mut style = String::new();
    if config.markdown.highlight {
        style.push_str(&pressrun_markdown::highlight_css());
    }
    if let Some(accent) = &config.theme.accent {
        // `config` has checked that the accent is `#` and hexadecimal digits, so it cannot end the
        // declaration. The style sheet derives readable shades for both colour schemes from it.
        style += &format!(":root{{--accent:{accent}}}\n");
    }
    style
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The theme of pressrun, from its folder in the repository.
    pub(crate) const THEME: Theme = Theme {
        templates: || {
            let (found, errors) = fs::walk_visible_files(&repository().join(TEMPLATES));
            assert!(errors.is_empty());
            let text = |file: &WalkedFile| fs::read_text(&file.location).unwrap().unwrap();
            let named = found.iter().map(|file| (file.path.clone(), text(file)));
            named.collect()
        },
        file: |name| {
            fs::read_whole_file(&repository().join(STATIC).join(name))
                .unwrap()
                .into()
        },
    };

    fn repository() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
    }

    #[test]
    fn readers_fetch_no_comments() {
        let text = "/* One\n   two. */\na {\n  b: c;\n}\n\n// Three\n/* Four */\nd /* e */\n";
        assert_eq!(
            strip_comments_and_indent(text.as_bytes()),
            "a {\nb: c;\n}\nd /* e */\n"
        );
    }

    #[test]
    fn style_sheets_keep_only_spaces_that_mean_something() {
        let style = "a > b, c :hover {\nd: 1px 2px;\ne: calc(1px + 2px)\n}\nf { g: \"; {\" }\n";
        assert_eq!(
            compact_text(style, '"', &MEANINGLESS_IN_STYLE),
            "a>b,c :hover{d:1px 2px;e:calc(1px + 2px)}f{g:\"; {\"}"
        );
    }

    #[test]
    fn script_keeps_its_strings_and_line_breaks() {
        let script = "const f = (a, b) => {\nif (a) return '#, {' + b\n}\n";
        assert_eq!(
            compact_text(script, '\'', &MEANINGLESS_IN_SCRIPT),
            "const f=(a,b)=>{\nif (a)return '#, {'+b\n}\n"
        );
    }
}
