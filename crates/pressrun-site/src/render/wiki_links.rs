//! Finds what a wiki link, `[[Page]]` or `![[picture.png]]`, leads to: the post or page with this
//! title, else with this slug, else of the file with this name.

use std::collections::HashMap;

use pressrun_markdown::make_heading_slug;
use pressrun_text::words::make_plain_title_key;

use crate::corpus::Corpus;

/// The names of the posts and pages of a site, and of its pictures. It is made when the first wiki
/// link is resolved.
#[derive(Debug, Default)]
pub(super) struct WikiIndex {
    titles: HashMap<String, NamedPage>,
    slugs: HashMap<String, NamedPage>,
    files: HashMap<String, NamedPage>,
    /// The path of each picture by the name of its file. Of several, the first path counts.
    pictures: HashMap<String, String>,
}

/// The page that a name leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NamedPage {
    pub(super) path: String,
    pub(super) title: String,
    /// Whether another page has the same name.
    pub(super) is_ambiguous: bool,
}

impl WikiIndex {
    /// Collects the names of a site. `pictures` are the paths of its files.
    pub(super) fn new(corpus: &Corpus, mut pictures: Vec<String>) -> Self {
        let mut index = Self::default();
        // Posts come first, the newest of them first.
        for (_, entry) in corpus.texts() {
            let post = &entry.post;
            let page = NamedPage {
                path: entry.path.clone(),
                title: post.title.clone(),
                is_ambiguous: false,
            };
            add_page(&mut index.titles, make_plain_title_key(&post.title), &page);
            let last = entry.path.trim_end_matches('/').rsplit('/').next();
            add_page(
                &mut index.slugs,
                last.unwrap_or_default().to_lowercase(),
                &page,
            );
            let file = without_ending(&post.source.file).to_lowercase();
            let name = file.rsplit('/').next().unwrap_or_default();
            add_page(&mut index.files, name.to_owned(), &page);
            // A name with folders is that of one file.
            let below = file.split_once('/').map_or(&*file, |(_, below)| below);
            if below != name {
                add_page(&mut index.files, below.to_owned(), &page);
            }
        }
        pictures.sort_unstable();
        for path in pictures {
            let name = path.rsplit('/').next().unwrap_or_default().to_owned();
            index.pictures.entry(name).or_insert(path);
        }
        index
    }

    /// Returns the page with this name.
    pub(super) fn find_page(&self, name: &str) -> Option<&NamedPage> {
        let lower = without_markdown_ending(name).to_lowercase();
        let key = make_plain_title_key(name);
        let titled = self.titles.get(&key).filter(|_| !key.is_empty());
        titled
            .or_else(|| self.slugs.get(&*lower))
            .or_else(|| self.files.get(&*lower))
            .or_else(|| self.slugs.get(&lower.replace(' ', "-")))
    }

    /// Returns the path of the picture with this name.
    pub(super) fn find_picture(&self, name: &str) -> Option<&str> {
        let name = name.rsplit('/').next().unwrap_or_default();
        self.pictures.get(name).map(String::as_str)
    }

    /// Returns the title that is nearest to a name, if it is near.
    pub(super) fn find_nearest_title(&self, name: &str) -> Option<&str> {
        const NEAR: f64 = 0.85;
        let key = make_plain_title_key(name);
        let near = self.titles.iter().map(|(own, page)| {
            let likeness = strsim::jaro_winkler(&key, own);
            (likeness, own, page)
        });
        // Of equally near titles the first by name, whatever the order of the map.
        let best = near
            .filter(|(likeness, ..)| *likeness >= NEAR)
            .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)));
        best.map(|(.., page)| &*page.title)
    }
}

fn add_page(pages: &mut HashMap<String, NamedPage>, name: String, page: &NamedPage) {
    if name.is_empty() {
        return;
    }
    pages
        .entry(name)
        .and_modify(|known| known.is_ambiguous |= known.path != page.path)
        .or_insert_with(|| page.clone());
}

fn without_ending(file: &str) -> &str {
    match file.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() && !ending.contains('/') => stem,
        _ => file,
    }
}

fn without_markdown_ending(name: &str) -> &str {
    let name = name.trim();
    name.strip_suffix(".md").unwrap_or(name)
}

/// Splits a wiki link into the name of a page and the fragment of a heading, with its `#`.
pub(super) fn split_heading(target: &str) -> (&str, String) {
    let Some((page, headings)) = target.split_once('#') else {
        return (target.trim(), String::new());
    };
    // Only the last heading of `Page#Chapter#Section` is a place. `#^name` is a block, which has none.
    let heading = headings.rsplit('#').next().unwrap_or_default().trim();
    if heading.is_empty() || heading.starts_with('^') {
        return (page.trim(), String::new());
    }
    (page.trim(), format!("#{}", make_heading_slug(heading)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_become_fragments() {
        for (target, page, fragment) in [
            ("A b", "A b", ""),
            ("A#Two words", "A", "#two-words"),
            ("#X", "", "#x"),
            ("A#B#C", "A", "#c"),
            ("A#^block", "A", ""),
            ("C#", "C", ""),
        ] {
            let found = split_heading(target);
            assert_eq!((found.0, &*found.1), (page, fragment), "{target}");
        }
    }
}
