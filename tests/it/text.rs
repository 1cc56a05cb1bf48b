//! Tests what texts may contain: formulas, wiki links, and the files for programs that read them.

use crate::site::Site;

fn post(title: &str, body: &str) -> String {
    format!("---\ntitle: \"{title}\"\ndate: 2024-05-01\n---\n\n{body}\n")
}

#[test]
fn formulas_are_mathml_and_faulty_ones_are_reported_with_their_place() {
    let site = Site::new().file(
        "content/a.md",
        post("A", "Words and $x^2$ of it.\n\nAnd $\\nonsense$ too."),
    );
    let built = site.build();
    let page = site.page("posts/a/index.html");
    assert!(
        page.contains("<msup>") && page.contains("math-error"),
        "{page}"
    );
    assert!(
        built
            .stderr
            .contains("content/a.md:8:5: warning[faulty-formula]"),
        "{}",
        built.stderr
    );
}

#[test]
fn wiki_links_follow_the_titles_of_other_posts() {
    let linking =
        "See [[Other Note|the note]], [[C# for All]], [[a-file#Two Words]] and [[Othr Note]].";
    let site = Site::new()
        .file("content/a.md", post("A", linking))
        .file("content/b.md", post("Other Note", "Words of one note."))
        .file(
            "content/c.md",
            post("C# for All", "Words about another thing."),
        )
        .file(
            "content/a-file.md",
            post("Third", "## Two words\n\nMore of them."),
        );
    let built = site.build();
    let page = site.page("posts/a/index.html");
    for link in [
        "/posts/other-note/\">the note</a>",
        "\">C# for All</a>",
        "/posts/third/#two-words\">",
    ] {
        assert!(page.contains(link), "{link}: {page}");
    }
    assert!(page.contains(" and Othr Note."), "{page}");
    assert!(
        built.stderr.contains("did you mean `[[Other Note]]`?"),
        "{}",
        built.stderr
    );

    // The page that links changes with the title of the other post.
    let site = site.file("content/b.md", post("Renamed", "Words of one note."));
    site.build();
    let page = site.page("posts/a/index.html");
    assert!(page.contains("See the note, "), "{page}");
}

#[test]
fn markdown_and_llms_txt_are_published_if_wanted() {
    let config = "[output]\nmarkdown = true\nllms = true\n[markdown]\nsmart_punctuation = false\n";
    let site =
        Site::with_config(config).file("content/a.md", post("A: \"b\"", "Some *words* of it."));
    site.build();
    let twin = site.page("posts/a-b/index.md");
    assert!(
        twin.starts_with("---\ntitle: \"A: \\\"b\\\"\"\ndate: \"2024-05-01\"\n")
            && twin.ends_with("---\n\nSome *words* of it.\n"),
        "{twin}"
    );
    let page = site.page("posts/a-b/index.html");
    assert!(page.contains("type=\"text/markdown\""), "{page}");
    assert!(
        site.page("llms.txt")
            .contains("/posts/a-b/index.md): Some words of it.")
    );
    let site = site.file("content/a.md", post("A: \"b\"", "Other words of it."));
    site.build();
    assert!(site.page("posts/a-b/index.md").contains("Other words"));
}
