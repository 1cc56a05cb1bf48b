//! The documentation names everything there is.

use std::fs;

use pressrun::diagnostic::Code;

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
    let parsed = pressrun::config::Config::parse(toml).unwrap();
    assert_eq!(parsed, pressrun::config::Config::default());
}

#[test]
fn every_key_of_the_configuration_is_documented() {
    let docs = fs::read_to_string("docs/configuration.md").unwrap();
    let keys = pressrun::config::known_keys();
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
