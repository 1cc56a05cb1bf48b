//! Checks that the documentation covers everything that exists.

use std::fs;

use pressrun_posts::diagnostic::Code;

use crate::site::Site;

#[test]
fn every_diagnostic_code_is_documented_with_its_meaning() {
    let docs = fs::read_to_string("docs/replies.md").unwrap();
    for code in Code::ALL {
        let row = format!("| `{code}` | {} |", code.meaning());
        assert!(docs.contains(&row), "docs/replies.md lacks the row {row}");
    }
    let rows = docs.matches("\n| `").count();
    assert_eq!(
        rows,
        Code::ALL.len(),
        "docs/replies.md has rows for codes that do not exist"
    );
}

#[test]
fn defaults_in_the_documentation_are_the_defaults() {
    let docs = fs::read_to_string("docs/configuration.md").unwrap();
    let toml = docs
        .split("```toml\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let parsed = pressrun_site::config::Config::parse(toml).unwrap();
    assert_eq!(parsed, pressrun_site::config::Config::default());
}

#[test]
fn every_key_of_the_configuration_is_documented() {
    let docs = fs::read_to_string("docs/configuration.md").unwrap();
    let keys = pressrun_site::config::list_known_keys();
    assert!(keys.contains(&"lists.per_page".to_owned()), "{keys:?}");
    for key in keys {
        let (table, name) = key.rsplit_once('.').unwrap_or(("", &key));
        let heading = format!("\n## `[{table}]`\n");
        let section = match table {
            "" => docs.split("\n## Top level\n").nth(1).unwrap(),
            _ => docs.split(&heading).nth(1).unwrap_or_default(),
        };
        let section = section.split("\n## ").next().unwrap();
        let known = section.contains(&format!("`{name}`")) || docs.contains(&format!("`[{name}]`"));
        assert!(known, "docs/configuration.md lacks `{key}`");
    }
}

#[test]
fn tests_that_the_security_page_names_exist() {
    let page = fs::read_to_string("docs/security.md").unwrap();
    let (_, holds) = page.split_once("## What holds").unwrap();
    let (holds, _) = holds.split_once("\n## ").unwrap();
    let names = holds.split('`').skip(1).step_by(2);
    let mut count = 0;
    for name in names.filter(|name| name.ends_with(".rs")) {
        let name = name.rsplit('/').next().unwrap();
        let exists = ["hostile", "serve"]
            .iter()
            .any(|folder| fs::exists(format!("tests/it/{folder}/{name}")).unwrap());
        assert!(exists, "there is no test {name}");
        count += 1;
    }
    assert!(count >= 9, "{count}");
}

#[test]
fn design_of_ones_own_works_as_documented() {
    let docs = fs::read_to_string("docs/templates.md").unwrap();
    let (_, section) = docs.split_once("\n## A design of your own\n").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let mut site = Site::with_config("[extra]\ntagline = \"Things we made\"\n").file(
        "content/a.md",
        "---\ntitle: A Poster\ndate: 2026-01-02\nclient: The Harbour\ncategories: [Work]\n---\n\nWe drew a poster.\n",
    );
    for block in section.split("```jinja\n").skip(1) {
        let (template, _) = block.split_once("```").unwrap();
        let name = template.strip_prefix("{# ").unwrap();
        let (name, _) = name.split_once(" #}").unwrap();
        site = site.file(name, template);
    }
    site.build();
    for (page, part) in [
        ("index.html", "<p>Things we made</p>"),
        ("index.html", "<aside class=\"side\">"),
        ("categories/work/index.html", "</a> The Harbour</li>"),
        ("categories/work/index.html", "<header class=\"lead\">"),
        ("posts/a-poster/index.html", "<p>Made for The Harbour</p>"),
        ("posts/a-poster/index.html", "<aside class=\"side\">"),
    ] {
        let text = site.page(page);
        assert!(text.contains(part), "{page} lacks {part}: {text}");
    }
    let run = site.run(&["check"]);
    assert!(!run.stderr.contains("custom-field"), "{}", run.stderr);
}

#[test]
fn example_of_the_library_page_is_the_one_that_is_run() {
    let page = fs::read_to_string("docs/library.md").unwrap();
    let (_, example) = page.split_once("```rust\n").unwrap();
    let (example, _) = example.split_once("```").unwrap();
    let source = fs::read_to_string("crates/pressrun-posts/src/lib.rs").unwrap();
    let comments = source.lines().filter_map(|line| line.strip_prefix("//!"));
    let comments: Vec<&str> = comments
        .map(|line| line.strip_prefix(' ').unwrap_or(line))
        .collect();
    assert!(comments.join("\n").contains(example), "{example}");
}
