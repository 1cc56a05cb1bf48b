//! Tests the build script: which sources the key of the cache depends on.

#[path = "../../crates/pressrun-site/build.rs"]
#[expect(dead_code, reason = "Cargo runs the rest of it")]
#[expect(clippy::print_stdout, reason = "it prints instructions to Cargo")]
mod script;

use std::path::Path;

use script::{can_change_results, without_tests};

#[test]
fn tests_do_not_change_what_is_remembered() {
    let before = "use a;\n\n#[cfg(test)]\nmod tests;\n\nfn b() {\n    c();\n}\n";
    let after = "use a;\n\n\nfn b() {\n    c();\n}\n";
    assert_eq!(without_tests(before), after);
    let item = "#[cfg(test)]\nmod tests {\n    use b;\n\n    fn c() {}\n}\n";
    assert_eq!(
        without_tests(&format!("fn a() {{}}\n\n{item}")),
        "fn a() {}\n\n"
    );
    for (path, expected) in [
        ("src/parse/reply.rs", true),
        ("src/render/mod.rs", true),
        ("src/tests", false),
        ("src/pipeline/preview/tests.rs", false),
    ] {
        assert_eq!(can_change_results(Path::new(path)), expected, "{path}");
    }
}

#[test]
fn whatever_is_compiled_without_tests_counts() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let entries = walkdir::WalkDir::new(package.join("crates")).into_iter();
    let entries = entries.filter_entry(|entry| can_change_results(entry.path()));
    let mut seen = 0;
    for entry in entries {
        let entry = entry.unwrap();
        if entry.path().extension().is_none_or(|ending| ending != "rs") {
            continue;
        }
        seen += 1;
        let text = std::fs::read_to_string(entry.path()).unwrap();
        let kept = without_tests(&text);
        let cut: usize = text.matches("\n#[cfg(test)]\n").count();
        if cut == 0 {
            assert_eq!(kept, text, "{}", entry.path().display());
        }
        assert!(!kept.contains("#[test]"), "{}", entry.path().display());
    }
    assert!(seen > 100, "the sources are read");
}
