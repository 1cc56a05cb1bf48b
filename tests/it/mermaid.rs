//! Tests diagrams that a script of the site draws.

use crate::site::Site;

const DIAGRAM: &str =
    "---\ntitle: Drawn\ndate: 2026-01-02\n---\nA diagram:\n\n```mermaid\nA-->B\n```\n";
const PLAIN: &str = "---\ntitle: Plain\ndate: 2026-01-01\n---\nNo diagram.\n";
const CONFIG: &str =
    "base_url = \"https://example.org/repo/\"\n[markdown]\nmermaid = \"mermaid.js\"\n";
const INLINE: &str = "style-src 'self' 'unsafe-inline'";

fn site(config: &str) -> Site {
    Site::with_config(config)
        .file("content/drawn.md", DIAGRAM)
        .file("content/plain.md", PLAIN)
}

#[test]
fn only_pages_with_a_diagram_load_the_script_and_allow_inline_styles() {
    let site = site(CONFIG).file("static/mermaid.js", "");
    let run = site.build_with(&["--strict"]);
    assert!(run.stdout.contains(" 2 published"), "{}", run.stdout);
    let drawn = site.page("posts/drawn/index.html");
    let script = "<script src=\"/repo/mermaid.js\" defer></script>";
    assert!(drawn.contains("<pre class=\"mermaid\" tabindex=\"0\">A--&gt;B</pre>"));
    assert!(drawn.contains(script) && drawn.contains(INLINE));
    for page in ["posts/plain/index.html", "index.html", "404.html"] {
        let page = site.page(page);
        assert!(!page.contains("mermaid.js") && !page.contains("unsafe-inline"));
    }
    assert!(!site.page("atom.xml").contains("class=&quot;mermaid"));
    // An edit takes the script from the page.
    site.write("content/drawn.md", PLAIN.replace("Plain", "Drawn").as_str());
    site.build();
    let page = site.page("posts/drawn/index.html");
    assert!(!page.contains("mermaid.js") && !page.contains("unsafe-inline"));
}

#[test]
fn diagram_is_code_unless_a_script_is_named() {
    let site = site("");
    site.build();
    let page = site.page("posts/drawn/index.html");
    assert!(page.contains("<code class=\"language-mermaid\">"));
    assert!(!page.contains("mermaid.js") && !page.contains("unsafe-inline"));
}

#[test]
fn script_that_is_missing_is_a_dead_link() {
    let run = site(CONFIG).build();
    let message = "`/mermaid.js`";
    assert!(run.stderr.contains("dead-link"), "{}", run.stderr);
    assert!(run.stderr.contains(message), "{}", run.stderr);
}

#[test]
fn script_is_a_path_of_the_site() {
    for value in [
        "https://cdn.example/mermaid.js",
        "//x/y.js",
        "../m.js",
        "m.css",
        "m.js?x",
        "",
    ] {
        let run = site(&format!("[markdown]\nmermaid = \"{value}\"\n")).run(&["build"]);
        let text = "the path of a script of the site";
        assert!(run.stderr.contains(text), "{value}: {}", run.stderr);
    }
}
