//! Copies the files of the theme, and its message files, into the folder of a site, for its owner to edit.
//!
//! Not here: whether a copy is older than the theme (`pressrun_site::render`).

use std::path::{Path, PathBuf};

use pressrun_locale::messages;
use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace};
use pressrun_site::config::find_nearest_name;
use pressrun_site::fs;
use pressrun_site::render::{CommandFailure, THEME_FILES, mark_copy};

use super::THEME;

/// A file of the theme, and its place in a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThemeFile {
    /// Its path in a site: `templates/post.html`, `static/style.css`.
    pub path: String,
    /// The name by which the theme knows it: `post.html`.
    name: String,
    text: String,
    /// Whether it has the words of a language. A copy of all of them would keep those of a later theme away, so such a
    /// file is copied only if it is named.
    has_words: bool,
}

/// What an export did.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ExportReport {
    /// Paths of the files that were written.
    pub written: Vec<PathBuf>,
    /// Paths of files that were there already and were left alone.
    pub kept: Vec<PathBuf>,
}

/// Lists the files of the theme: templates first, message files last, each by name.
pub fn list_theme_files() -> Vec<ThemeFile> {
    let templates = (THEME.templates)()
        .into_iter()
        .map(|(name, text)| ThemeFile {
            path: format!("templates/{name}"),
            name,
            text,
            has_words: false,
        });
    // Nobody edits the files of a font.
    let files = THEME_FILES
        .into_iter()
        .filter(|name| !name.ends_with(".woff2"));
    let files = files.map(|name| ThemeFile {
        path: format!("static/{name}"),
        name: name.to_owned(),
        text: String::from_utf8_lossy(&(THEME.file)(name)).into_owned(),
        has_words: false,
    });
    let words = messages::list_languages().map(|tag| ThemeFile {
        path: format!("{}/{tag}.toml", messages::FOLDER),
        name: format!("{tag}.toml"),
        text: messages::bundled_file(tag).unwrap_or_default().to_owned(),
        has_words: true,
    });
    templates.chain(files).chain(words).collect()
}

/// Copies files of the theme to a folder: those with these names, or all but the message files without any. A file that is
/// there already is left alone unless `replace` is set.
///
/// # Errors
///
/// Returns an error for each name that is none of the theme's, before anything is written, or if a
/// file cannot be written.
pub fn export_theme(
    folder: &Path,
    names: &[String],
    replace: bool,
) -> Result<ExportReport, CommandFailure> {
    let files = list_theme_files();
    let mut chosen: Vec<&ThemeFile> = Vec::new();
    let mut unknown = Vec::new();
    for name in names {
        match files.iter().find(|file| file.is_named(name)) {
            Some(file) if chosen.contains(&file) => {}
            Some(file) => chosen.push(file),
            None => unknown.push(report_unknown_name(name, &files)),
        }
    }
    if !unknown.is_empty() {
        return Err(CommandFailure::Site(unknown));
    }
    if names.is_empty() {
        chosen.extend(files.iter().filter(|file| !file.has_words));
    }
    let mut report = ExportReport::default();
    for file in chosen {
        let path = folder.join(&file.path);
        if !replace && path.symlink_metadata().is_ok() {
            report.kept.push(path);
            continue;
        }
        fs::write_with_new_folder(&path, file.copy_text().as_bytes())?;
        report.written.push(path);
    }
    Ok(report)
}

impl ThemeFile {
    /// Returns the text of a copy. Copies of templates and style sheets are marked, so that `check` knows the old ones.
    fn copy_text(&self) -> String {
        if self.has_words {
            self.text.clone()
        } else {
            mark_copy(&self.name, &self.text)
        }
    }

    /// Returns whether a name given by the user means this file, with or without its folder.
    fn is_named(&self, name: &str) -> bool {
        let name = name.strip_prefix("./").unwrap_or(name);
        name == self.path || name == self.name
    }
}

fn report_unknown_name(name: &str, files: &[ThemeFile]) -> Diagnostic {
    let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    let message = format!("the theme has no file `{name}`");
    let found = Diagnostic::new(Code::Usage, FilePlace::file("--export"), message);
    found.with_help(match find_nearest_name(name, &names) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`pressrun theme` lists them".to_owned(),
    })
}
