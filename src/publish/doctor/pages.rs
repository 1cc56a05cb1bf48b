//! Checks the finished pages: links that lead nowhere, and missing descriptions.
//!
//! The build checks the links of posts; this module checks those of templates, menus and other
//! pages too.

use std::collections::{BTreeMap, HashSet};

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace};
use pressrun_site::fs;
use pressrun_site::render::links::{SiteLinks, split_query};
use pressrun_text::entities;
use rayon::prelude::*;

use super::html::{
    is_description_or_noindex, opening_tags, resolve_address, served_files, tag_addresses,
};
use super::{DoctorSubject, make_doctor_finding, place_of_key};
use crate::publish::files::PublishedFile;

pub(super) fn check_pages(subject: &DoctorSubject<'_>) -> Vec<Diagnostic> {
    let names: HashSet<String> = subject
        .files
        .files
        .iter()
        .map(PublishedFile::name)
        .collect();
    let site = ServedSite {
        links: SiteLinks::new(subject.config.base_url.clone(), None),
        names: &names,
    };
    let pages: Vec<ExaminedPage> = subject
        .files
        .files
        .par_iter()
        .filter(|file| file.path.ends_with(b".html"))
        .filter_map(|file| site.examine_page(file))
        .collect();
    let mut found = report_dead_links(
        &pages,
        &reported_dead_addresses(&site, &subject.findings.diagnostics),
    );
    found.extend(report_missing_descriptions(&pages, subject));
    found
}

/// The problems of a page.
struct ExaminedPage {
    /// Path of its file.
    name: String,
    /// Addresses on it that lead nowhere, each once.
    dead: Vec<String>,
    /// Whether it has a description, or needs none because search engines leave it out.
    described: bool,
}

/// Returns a finding for each address that leads nowhere, at the first page that contains it.
fn report_dead_links(pages: &[ExaminedPage], known: &HashSet<String>) -> Vec<Diagnostic> {
    let mut places: BTreeMap<&str, (&str, usize)> = BTreeMap::new();
    for page in pages {
        for target in page.dead.iter().filter(|target| !known.contains(*target)) {
            places.entry(target).or_insert((&page.name, 0)).1 += 1;
        }
    }
    let found = places.into_iter().map(|(target, (page, number))| {
        let others = match number {
            1 => String::new(),
            2 => ", linked from here and from another page".to_owned(),
            _ => format!(", linked from here and from {} other pages", number - 1),
        };
        make_doctor_finding(
            Code::DeadLink,
            FilePlace::file(page),
            format!("`{target}` leads to no page or file of the site{others}"),
            "find the link in `[theme] nav`, in `templates/` or in `static/`",
        )
    });
    found.collect()
}

/// Returns the addresses of dead links that the build has already reported.
fn reported_dead_addresses(site: &ServedSite<'_>, found: &[Diagnostic]) -> HashSet<String> {
    found
        .iter()
        .filter(|one| one.code == Code::DeadLink)
        .filter_map(|one| site.find_dead_target("", one.about.as_deref()?))
        .collect()
}

/// Returns a finding if the site has no description, and one for each other page without a
/// description.
fn report_missing_descriptions(
    pages: &[ExaminedPage],
    subject: &DoctorSubject<'_>,
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let site_has_none = subject.config.description.is_empty();
    if site_has_none {
        found.push(make_doctor_finding(
            Code::MissingDescription,
            place_of_key(subject.root, "description"),
            "the site has no description for search engines and feed readers",
            "describe the site in one sentence: `description = \"…\"`",
        ));
    }
    let undescribed = pages.iter().filter(|page| !page.described);
    found.extend(
        undescribed
            .filter(|page| !(site_has_none && page.name == "index.html"))
            .map(|page| {
                make_doctor_finding(
                    Code::MissingDescription,
                    FilePlace::file(page.name.as_str()),
                    "the page has no description, so search engines choose a text themselves",
                    "add a META_DESCRIPTION to the post, or a `<meta name=\"description\">` to \
                     its template",
                )
            }),
    );
    found
}

/// What pages may link to.
struct ServedSite<'a> {
    links: SiteLinks,
    names: &'a HashSet<String>,
}

impl ServedSite<'_> {
    /// Reads a page, or returns `None` if it cannot be read.
    fn examine_page(&self, file: &PublishedFile) -> Option<ExaminedPage> {
        let bytes = fs::read_whole_file(&file.location).ok()?;
        let text = String::from_utf8_lossy(&bytes);
        let name = file.name();
        let mut seen = HashSet::new();
        let mut page = ExaminedPage {
            dead: Vec::new(),
            described: false,
            name,
        };
        for tag in opening_tags(&text) {
            if tag.is_named("meta") {
                // One tag is enough.
                page.described |= is_description_or_noindex(&tag);
            }
            for address in tag_addresses(&tag) {
                // An address in the menu is on every page many times.
                if seen.insert(address)
                    && let Some(target) =
                        self.find_dead_target(&page.name, &entities::decode_entities(address))
                {
                    page.dead.push(target);
                }
            }
        }
        Some(page)
    }

    /// Returns the address that a link on a page means, if it should lead to the site but does not.
    fn find_dead_target(&self, page: &str, address: &str) -> Option<String> {
        let Some(path) = resolve_address(&self.links, page, address) else {
            let (address, _) = split_query(address.trim());
            // Outside of the site's path, this site has no files.
            let is_outside = address.starts_with('/') && !address.starts_with("//");
            return is_outside.then(|| address.to_owned());
        };
        let is_served = served_files(&path)
            .iter()
            .any(|file| self.names.contains(file));
        (!is_served).then(|| self.links.url(&path))
    }
}

#[cfg(test)]
mod tests {
    use pressrun_site::config::BaseUrl;

    use super::*;

    /// Returns the dead links of a page `posts/a/index.html` in a site with a few files below
    /// `/repo/`.
    #[track_caller]
    fn check(page: &str, expected: &[&str]) {
        let names = ["index.html", "posts/a/index.html", "b.html", "p q.png"];
        let names = names.iter().map(|&name| name.to_owned()).collect();
        let site = ServedSite {
            links: SiteLinks::new(BaseUrl::parse("https://me.github.io/repo/").unwrap(), None),
            names: &names,
        };
        let dead: Vec<String> = opening_tags(page)
            .flat_map(|tag| tag_addresses(&tag).collect::<Vec<_>>())
            .filter_map(|address| {
                site.find_dead_target("posts/a/index.html", &entities::decode_entities(address))
            })
            .collect();
        assert_eq!(dead, expected, "{page}");
    }

    #[test]
    fn links_within_the_site_are_followed_however_they_are_written() {
        check(
            "<a href=\"/repo/\">x</a><a class=x href='/repo/posts/a'>x</a><a href=/repo/b>x</a>\
             <a href=\"../../b.html?x#y\">x</a><a href=\"https://me.github.io/repo/b.html\">x</a>\
             <img alt=\"a > b\" src=\"/repo/p%20q.png\"/><a href=\"#top\">x</a>",
            &[],
        );
        check("<a href=\"/repo/c/\">x</a>", &["/repo/c/"]);
        check("<a href=c>x</a>", &["/repo/posts/a/c"]);
        check("<a href=\"/about/\">x</a>", &["/about/"]);
        check("<video poster=\"/repo/x.png\"></video>", &["/repo/x.png"]);
        check(
            "<a href=\"https://me.github.io/repo/c\">x</a>",
            &["/repo/c"],
        );
    }

    #[test]
    fn links_that_lead_elsewhere_are_left_alone() {
        check(
            "<a href=\"https://me.github.io/other/\">x</a><a href=\"//x.example/\">x</a>\
             <a href=\"mailto:a@b.example\">x</a><a href=\"\">x</a>",
            &[],
        );
    }
}
