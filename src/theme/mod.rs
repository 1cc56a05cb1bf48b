//! The default theme, embedded in the program: the files in `templates/` and `static/`.

pub mod export;

use std::borrow::Cow;

use pressrun_site::render::Theme;

/// The default theme.
pub const THEME: Theme = Theme { templates, file };

/// A list of files of a folder: their names and their contents.
macro_rules! embed {
    ($include:ident, $folder:literal, $($name:literal,)+) => {
        &[$(($name, $include!(concat!("../../", $folder, "/", $name)))),+]
    };
}

/// The files of `templates/`, in the order of their names.
const TEMPLATES: &[(&str, &str)] = embed![
    include_str,
    "templates",
    "404.html",
    "atom.xml",
    "base.html",
    "list.html",
    "page.html",
    "partials/also.html",
    "partials/analytics.html",
    "partials/byline.html",
    "partials/comments.html",
    "partials/cover.html",
    "partials/csp.html",
    "partials/footer.html",
    "partials/head.html",
    "partials/header.html",
    "partials/languages.html",
    "partials/logo.html",
    "partials/pager.html",
    "partials/posts.html",
    "partials/ways.html",
    "partials/years.html",
    "post.html",
    "redirect.html",
    "rss.xml",
    "search.html",
    "terms.html",
];

/// The files of `static/` that sites get.
const FILES: &[(&str, &[u8])] = embed![
    include_bytes,
    "static",
    "style.css",
    "lists.css",
    "beside.css",
    "logo.css",
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
    "text.woff2",
    "text-italic.woff2",
];

fn templates() -> Vec<(String, String)> {
    let templates = TEMPLATES.iter();
    templates
        .map(|&(name, text)| (name.to_owned(), text.to_owned()))
        .collect()
}

fn file(name: &str) -> Cow<'static, [u8]> {
    let found = FILES.iter().find(|(known, _)| *known == name);
    Cow::Borrowed(found.map_or(b"", |(_, bytes)| *bytes))
}

#[cfg(test)]
mod tests {
    use walkdir::WalkDir;

    use super::*;

    #[test]
    fn every_template_is_embedded() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/templates");
        let mut names: Vec<String> = WalkDir::new(folder)
            .into_iter()
            .map(|entry| entry.unwrap())
            .filter(|entry| entry.file_type().is_file())
            .map(|entry| entry.path().strip_prefix(folder).unwrap().to_owned())
            .map(|path| path.to_str().unwrap().replace('\\', "/"))
            .collect();
        names.sort();
        let known: Vec<&str> = TEMPLATES.iter().map(|&(name, _)| name).collect();
        assert_eq!(names, known);
    }
}
