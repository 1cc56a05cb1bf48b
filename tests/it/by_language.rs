//! Tests what depends on the language of a text or site: quotation marks and addresses.

use crate::remote::{publish, site as remote_site};
use crate::repository::Repository;
use crate::site::Site;

fn config(more: &str) -> String {
    format!(
        "title = \"Test\"\nbase_url = \"https://example.com/repo/\"\n{more}\n\
         [content]\ndates = \"none\"\n"
    )
}

fn post(title: &str, fields: &str, body: &str) -> String {
    format!("---\ntitle: {title}\n{fields}\n---\n{body}\n")
}

#[test]
fn each_post_has_the_quotation_marks_of_its_language() {
    let site = Site::with_config(&config(
        "language = \"de\"\n[theme]\nfooter = 'Von \"mir\"'",
    ))
    .file(
        "content/a.md",
        post("A", "date: 2026-01-01", "Ein \"Wort\" und it's."),
    )
    .file(
        "content/b.md",
        post("B", "date: 2026-01-02\nlanguage: fr", "Un \"mot\" d'ici."),
    )
    .file(
        "content/c.md",
        post(
            "C",
            "date: 2026-01-03\nlanguage: en",
            "A \"word\" and it's.",
        ),
    );
    assert_eq!(site.run(&["build"]).code, 0);
    for (page, text) in [
        ("posts/a/index.html", "Ein „Wort“ und it’s."),
        ("posts/b/index.html", "Un «\u{202f}mot\u{202f}» d’ici."),
        ("posts/c/index.html", "A “word” and it’s."),
        ("posts/c/index.html", "Von „mir“"),
        ("rss.xml", "Ein „Wort“ und it’s."),
        ("rss.xml", "Un «\u{202f}mot\u{202f}» d’ici."),
        ("rss.xml", "A “word” and it’s."),
    ] {
        let html = site.page(page);
        assert!(html.contains(text), "no {text} in {page}: {html}");
    }
}

#[test]
fn terms_of_a_german_site_are_spelt_in_german() {
    let site = Site::with_config(&config("language = \"de\""))
        .file(
            "content/a.md",
            post("Über uns", "tags: [Bär, Küche]", "Eins."),
        )
        .file(
            "content/b.md",
            post("Zwei", "tags: [Bar]", "Der zweite Text."),
        )
        .file("content/tags/kuche.md", "Von Töpfen.\n")
        .file("content/pages/Über/x.md", post("X", "", "Drei."));
    assert_eq!(site.run(&["build"]).code, 0);
    for (page, text) in [
        ("posts/ueber-uns/index.html", "Eins."),
        ("tags/baer/index.html", "Bär"),
        ("tags/bar/index.html", "Bar"),
        // A file with the name that the tag had before is still its text.
        ("tags/kueche/index.html", "Von Töpfen."),
        ("ueber/x/index.html", "Drei."),
    ] {
        assert!(site.page(page).contains(text), "no {text} in {page}");
    }
}

#[test]
fn former_address_of_a_term_leads_to_the_new_one() {
    let repository = Repository::with_remote(remote_site());
    let text = post("A", "tags: [Küche, Tee]\ndate: 2026-01-01", "Eins.");
    repository.site.write("content/a.md", text);
    // As an English site, it has the address that German sites once had.
    publish(&repository, &[]);
    assert!(
        repository
            .site
            .page("tags/kuche/index.html")
            .contains("Küche")
    );
    let path = repository.site.path("site.toml");
    let config = std::fs::read_to_string(path).unwrap();
    repository
        .site
        .write("site.toml", format!("language = \"de\"\n{config}"));
    for _ in 0..2 {
        publish(&repository, &[]);
        assert!(
            repository
                .site
                .page("tags/kueche/index.html")
                .contains("Küche")
        );
        let former = repository.site.page("tags/kuche/index.html");
        assert!(
            former.contains("content=\"0; url=/repo/tags/kueche/\""),
            "{former}"
        );
    }
}
