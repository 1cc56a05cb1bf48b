//! The default theme, embedded in the program: the files in `templates/` and `static/`.

pub mod export;

use std::borrow::Cow;

use pressrun_site::render::Theme;
use rust_embed::RustEmbed;

/// The default theme.
pub const THEME: Theme = Theme { templates, file };

#[derive(RustEmbed)]
#[folder = "templates/"]
struct ThemeTemplates;

#[derive(RustEmbed)]
#[folder = "static/"]
#[include = "style.css"]
#[include = "lists.css"]
#[include = "extras.css"]
#[include = "languages.css"]
#[include = "script.js"]
#[include = "search.js"]
#[include = "favicon.svg"]
#[include = "magazine.css"]
#[include = "notebook.css"]
#[include = "text.woff2"]
#[include = "text-italic.woff2"]
struct ThemeFiles;

fn templates() -> Vec<(String, String)> {
    let mut templates: Vec<(String, String)> = ThemeTemplates::iter()
        .filter_map(|name| {
            let file = ThemeTemplates::get(&name)?;
            let text = String::from_utf8(file.data.into_owned()).ok()?;
            Some((name.into_owned(), text))
        })
        .collect();
    // `iter` promises no order.
    templates.sort();
    templates
}

fn file(name: &str) -> Cow<'static, [u8]> {
    ThemeFiles::get(name).map_or(Cow::Borrowed(b""), |file| file.data)
}
