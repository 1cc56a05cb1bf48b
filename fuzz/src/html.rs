//! Parses any text as HTML, as the doctor of `publish` and search do.

use std::path::PathBuf;
use std::sync::LazyLock;

use pressrun::publish::PublishedFiles;
use pressrun::publish::doctor::{DoctorSubject, examine_site};
use pressrun_site::config::Config;
use pressrun_site::pipeline::SiteFindings;
use pressrun_site::search::text::html_to_text;
use pressrun_text::{entities, html};

static SITE: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = super::folder("html");
    std::fs::create_dir_all(folder.join("posts/a")).unwrap();
    folder
});

/// Checks one input.
pub fn check_html(bytes: &[u8]) {
    let text = super::text_of(bytes);
    entities::decode_entities(text);
    html_to_text(text);
    for (at, _) in text.match_indices('<') {
        html::parse_tag(&text[at..]);
    }
    std::fs::write(SITE.join("posts/a/index.html"), text).unwrap();
    let files = PublishedFiles::in_folder(&SITE);
    let config = Config::default();
    examine_site(&DoctorSubject {
        root: &SITE,
        config: &config,
        address_given: true,
        files: &files,
        findings: &SiteFindings::default(),
    });
}
