//! Tests the sample site of this repository, and that it has no dead link.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use crate::migrate::copy_folder;
use crate::site::tree;

/// Builds the sample site into a temporary folder.
fn build(base_url: &str) -> (tempfile::TempDir, String) {
    build_site(Path::new(env!("CARGO_MANIFEST_DIR")), base_url)
}

/// Builds the sample site with one of the looks.
fn build_with_look(look: &str) -> tempfile::TempDir {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let site = tempfile::tempdir().unwrap();
    for name in ["content", "static"] {
        copy_folder(&here.join(name), &site.path().join(name));
    }
    let config = std::fs::read_to_string(here.join("site.toml")).unwrap();
    let config = format!("{config}\n[theme]\nstyle = \"{look}\"\n");
    std::fs::write(site.path().join("site.toml"), config).unwrap();
    build_site(site.path(), "https://example.com/").0
}

fn build_site(site: &Path, base_url: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_pressrun"))
        .args(["build", "--base-url", base_url, "--output"])
        .arg(folder.path())
        .current_dir(site)
        .env("SOURCE_DATE_EPOCH", "1795132800") // 2026-11-20
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    (folder, text)
}

/// Returns the values of an attribute in the tags of a page.
fn attributes<'p>(page: &'p str, name: &str) -> impl Iterator<Item = &'p str> {
    let mark = format!(" {name}=\"");
    // `<` is escaped in text and `>` in attributes, so every `<` begins a tag and the next `>` ends
    // it.
    page.split('<').skip(1).filter_map(move |tag| {
        let tag = tag.split('>').next()?;
        let start = tag.find(&mark)? + mark.len();
        let end = start + tag[start..].find('"')?;
        Some(&tag[start..end])
    })
}

/// Returns the links of the site that lead to no file, or to a fragment that their page does not
/// have.
fn dead_links(folder: &Path, base_path: &str) -> Vec<String> {
    let files = tree(folder);
    let pages: BTreeMap<&str, &str> = files
        .iter()
        .filter(|(path, _)| path.ends_with(".html"))
        .map(|(path, bytes)| (path.as_str(), std::str::from_utf8(bytes).unwrap()))
        .collect();
    let ids: BTreeMap<&str, BTreeSet<&str>> = pages
        .iter()
        .map(|(path, page)| (*path, attributes(page, "id").collect()))
        .collect();
    let mut dead = Vec::new();
    for (path, page) in &pages {
        for url in attributes(page, "href").chain(attributes(page, "src")) {
            let (address, fragment) = url.split_once('#').unwrap_or((url, ""));
            let file = if address.is_empty() {
                (*path).to_owned()
            } else if let Some(below) = address.strip_prefix(base_path) {
                let below = percent_encoding::percent_decode_str(below).decode_utf8_lossy();
                if below.is_empty() || below.ends_with('/') {
                    format!("{below}index.html")
                } else {
                    below.into_owned()
                }
            } else if address.starts_with('/') || !address.contains(':') {
                dead.push(format!("{path}: {url} is outside of the site"));
                continue;
            } else {
                continue;
            };
            let fragment = percent_encoding::percent_decode_str(fragment).decode_utf8_lossy();
            let alive = files.contains_key(&file)
                && (fragment.is_empty()
                    || ids
                        .get(file.as_str())
                        .is_some_and(|ids| ids.contains(&*fragment)));
            if !alive {
                dead.push(format!("{path}: {url}"));
            }
        }
    }
    dead
}

#[test]
fn sample_site_has_no_dead_link_at_the_root_or_below() {
    for (base_url, base_path) in [
        ("https://example.com/", "/"),
        ("https://example.github.io/repo/", "/repo/"),
    ] {
        let (folder, report) = build(base_url);
        assert_eq!(dead_links(folder.path(), base_path), Vec::<String>::new());
        assert!(!report.contains("dead-link"), "{report}");
    }
}

/// Returns the size of a file as servers send it.
fn compressed(bytes: &[u8]) -> usize {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap().len()
}

#[test]
fn half_of_the_posts_take_ten_kilobytes_at_most_with_each_look() {
    for look in ["plain", "magazine", "notebook"] {
        let folder = build_with_look(look);
        let files = tree(folder.path());
        // The style sheets and scripts, without those that a search loads.
        let frame: Vec<(&str, usize)> = files
            .iter()
            .filter(|(path, _)| {
                !path.contains('/') && (path.ends_with(".css") || path.ends_with(".js"))
            })
            .map(|(path, bytes)| (path.as_str(), compressed(bytes)))
            .collect();
        assert!(frame.len() > 5, "{frame:?}");
        let size = |page: &[u8]| {
            let page_text = std::str::from_utf8(page).unwrap();
            let loaded = frame.iter().filter(|(path, _)| page_text.contains(path));
            compressed(page) + loaded.map(|(_, size)| size).sum::<usize>()
        };
        let mut posts: Vec<usize> = files
            .iter()
            .filter(|(path, _)| path.starts_with("posts/") && path.ends_with("index.html"))
            .map(|(_, bytes)| size(bytes))
            .collect();
        posts.sort_unstable();
        let median = posts[posts.len() / 2];
        assert!(median <= 10_000, "{look}: {median} bytes, {frame:?}");
    }
}

#[test]
fn feeds_and_sitemap_of_the_sample_site_are_well_formed() {
    let (folder, _) = build("https://example.com/");
    let mut read = 0;
    for (path, bytes) in tree(folder.path()) {
        if path.ends_with(".xml") {
            let text = std::str::from_utf8(&bytes).unwrap();
            let document =
                roxmltree::Document::parse(text).unwrap_or_else(|error| panic!("{path}: {error}"));
            let entries = document
                .descendants()
                .filter(|node| ["entry", "item", "url"].contains(&node.tag_name().name()));
            assert!(entries.count() > 0, "{path}");
            read += 1;
        }
        if path.ends_with(".json") {
            serde_json::from_slice::<serde_json::Value>(&bytes).unwrap();
            read += 1;
        }
    }
    assert!(read > 20, "{read} feeds");
}

#[test]
fn dead_links_are_seen() {
    let (folder, _) = build("https://example.com/");
    let page = folder.path().join("index.html");
    let text = std::fs::read_to_string(&page).unwrap();
    let broken = text.replace(
        "</main>",
        "<a href=\"/nowhere/\"></a><a href=\"#gone\"></a></main>",
    );
    std::fs::write(&page, broken).unwrap();
    assert_eq!(
        dead_links(folder.path(), "/"),
        ["index.html: /nowhere/", "index.html: #gone"]
    );
}

#[test]
fn sample_site_shows_the_variety_of_replies() {
    let (folder, report) = build("https://example.com/");
    let public = tree(folder.path());
    let posts = public
        .keys()
        .filter(|path| path.starts_with("posts/") && path.ends_with("index.html"))
        .count();
    assert!(posts >= 15, "{posts} posts");
    assert!(
        report.contains(" drafts"),
        "one draft, one cut-off reply: {report}"
    );
    assert!(report.contains("warning[off-list-category]"), "{report}");
    assert!(report.contains("warning[truncated-reply]"), "{report}");
    assert!(!report.contains("error["), "{report}");
}
