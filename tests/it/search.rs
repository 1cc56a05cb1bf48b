//! Tests the search index that a build makes; `browser.rs` tests how it is read.

use crate::site::Site;

fn site(config: &str) -> Site {
    Site::with_config(&format!(
        "title = \"T\"\n[content]\ndates = \"none\"\n{config}"
    ))
    .reply("one", "First", "tea", "News")
    .reply("two", "Second", "tea, milk", "Reviews")
}

fn index(site: &Site) -> Vec<(String, Vec<u8>)> {
    let files = site.public().into_iter();
    files
        .filter(|(path, _)| path.starts_with("pagefind/"))
        .collect()
}

#[test]
fn search_page_names_the_index_and_its_script_below_the_base() {
    let site = site("");
    site.build_with(&["--base-url", "https://example.com/repo/"]);
    let page = site.page("search/index.html");
    assert!(page.contains("data-index=\"/repo/pagefind/pagefind.js\""));
    assert!(page.contains("<script src=\"/repo/search-"), "{page}");
    assert!(page.contains("script-src 'self' 'wasm-unsafe-eval'"));
    assert!(!page.contains("noindex"), "{page}");
    let home = site.page("index.html");
    assert!(!home.contains("wasm-unsafe-eval") && !home.contains("search-"));
}

#[test]
fn index_changes_with_a_post_and_with_nothing_else() {
    let site = site("");
    site.build();
    let first = index(&site);
    assert!(first.len() > 6);
    site.write("static/other.txt", "text");
    site.build_with(&["--base-url", "https://example.com/repo/"]);
    assert!(index(&site) == first);
    site.write(
        "content/two.txt",
        "TITLE: Second\n\nOther words.\n\n-EndOFText-\n",
    );
    site.build();
    let changed = index(&site);
    assert!(changed != first);
    site.remove(".pressrun/build/search");
    site.build();
    assert!(index(&site) == changed);
}

#[test]
fn site_without_search_has_neither_page_nor_index_nor_link() {
    for config in ["[search]\nenabled = false\n", "[search]\nlimit = 1\n"] {
        let site = site(config);
        site.build();
        assert!(index(&site).is_empty());
        let public = site.public();
        assert!(!public.keys().any(|path| path.starts_with("search")));
        assert!(!site.page("index.html").contains("/search/"));
    }
}

#[test]
fn above_full_text_the_headings_are_searched() {
    let post = "TITLE: T\n\nUnusualword in the text.\n\n## Heading\n\nMore.\n\n-EndOFText-\n";
    let build = |config| {
        let site = site(config).file("content/three.txt", post);
        site.build();
        index(&site)
    };
    let whole = build("");
    let outline = build("[search]\nfull_text = 2\n");
    let size = |files: &[(String, Vec<u8>)]| -> usize {
        let texts = files.iter().filter(|(path, _)| path.contains("/fragment/"));
        texts.map(|(_, bytes)| bytes.len()).sum()
    };
    assert!(size(&outline) < size(&whole));
}

#[test]
fn own_file_at_the_path_of_the_index_is_a_conflict() {
    let site = site("").file("static/pagefind/pagefind.js", "mine");
    let run = site.run(&["build"]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("path-conflict"), "{}", run.stderr);
}
