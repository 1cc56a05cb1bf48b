//! Parses any text as HTML, as the doctor of `publish` and search do.

use std::path::PathBuf;
use std::sync::LazyLock;

use pressrun::config::Config;
use pressrun::publish::Files;
use pressrun::publish::doctor::{Subject, examine};
use pressrun::search::text::of_html;
use pressrun::text::{entities, html};

static SITE: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = super::folder("html");
    std::fs::create_dir_all(folder.join("posts/a")).unwrap();
    folder
});

/// Checks one input.
pub fn check_html(bytes: &[u8]) {
    let text = super::text_of(bytes);
    entities::decode(text);
    of_html(text);
    for (at, _) in text.match_indices('<') {
        html::tag(&text[at..]);
    }
    std::fs::write(SITE.join("posts/a/index.html"), text).unwrap();
    let files = Files::of(&SITE);
    let config = Config::default();
    examine(&Subject {
        root: &SITE,
        config: &config,
        address_given: true,
        files: &files,
        waiting: &[],
        found: &[],
    });
}
