//! Tests `pressrun terms`: the vocabulary of a site, and the aliases that tidy it.

use std::fs;

use serde_json::{Value, json};

use crate::site::Site;

const CONFIG: &str = "# Mine.\ntitle = 'T' # name\n\n[content]\ndates = \"none\"\n\n[categories]\n\
    allowed = [\"News\", \"Product Comparisons\", \"Artificial Intelligence\"]\n\
    aliases = { AI = 'Artificial Intelligence' } # short\n\n# Tags.\n[tags]\nnoindex_below = 1\n";

/// Returns posts with the same names in several spellings, and some names that only look similar.
fn site() -> Site {
    Site::with_config(CONFIG)
        .reply(
            "a",
            "One",
            "hosting, e-mail, Kubernetes, C++, 2024",
            "News, AI",
        )
        .reply(
            "b",
            "Two",
            "hosting, email, Kubernetes, C, 2025",
            "News, Gardening",
        )
        .reply(
            "c",
            "Three",
            "hostings, Kuberentes, C#",
            "Products Comparison",
        )
        .reply(
            "d",
            "Four",
            "cat, car, PHP 8, PHP 8.1",
            "Artificial-Inteligence",
        )
        .file(
            "content/e.txt",
            "TITLE: Five\n\nHoney bees and honey bees, a colony of honey bees.\n\n-EndOFText-\n",
        )
        .file(
            "content/f.md",
            "---\ntitle: Six\ndraft: true\ntags: [email, Kubernetes, Kuberentes]\n---\nNot yet.\n",
        )
}

fn report(site: &Site) -> Value {
    let run = site.run(&["terms", "--format", "json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    serde_json::from_str(&run.stdout).unwrap()
}

#[test]
fn terms_are_counted_and_aliases_suggested() {
    let site = site();
    let report = report(&site);
    assert_eq!(report["posts"], 6);
    assert_eq!(report["applied"], false);
    let tags = &report["tags"];
    assert_eq!(
        tags["terms"][0],
        json!({ "name": "Kubernetes", "slug": "kubernetes", "posts": 3, "listed": null, "closest": null })
    );
    assert_eq!(tags["posts_with_derived_only"], 1);
    assert!(!tags["terms"].to_string().contains("bee"), "{tags}");
    let alias = |alias: &str, name: &str, posts: u32, because: &str| json!({ "alias": alias, "name": name, "posts": posts, "because": because });
    assert_eq!(
        tags["aliases"],
        json!([
            alias("Kuberentes", "Kubernetes", 2, "typo"),
            alias("e-mail", "email", 1, "spelling"),
            alias("hostings", "hosting", 1, "plural"),
        ])
    );
    let categories = &report["categories"];
    assert_eq!(
        categories["aliases"],
        json!([
            alias(
                "Artificial-Inteligence",
                "Artificial Intelligence",
                1,
                "typo"
            ),
            alias("Products Comparison", "Product Comparisons", 1, "plural"),
        ])
    );
    assert_eq!(categories["posts_without"], 2);
    assert_eq!(
        report["changes"][1],
        json!({
            "file": "content/c.txt",
            "line": 1,
            "title": "Three",
            "tags": [
                { "from": "hostings", "to": "hosting", "merged": false },
                { "from": "Kuberentes", "to": "Kubernetes", "merged": false },
            ],
            "categories": [{ "from": "Products Comparison", "to": "Product Comparisons", "merged": false }],
        })
    );
}

#[test]
fn person_sees_counts_lines_for_the_configuration_and_what_changes() {
    let site = site().reply("g", "Seven", "x", "Product Tests");
    let run = site.run(&["terms"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    for part in [
        "tags: 16 on 6 posts\n      3 Kubernetes\n      2 Kuberentes\n      2 email\n      2 hosting\n",
        "  … and 6 more; --verbose lists all\n",
        "1 post has only tags derived from the text\n",
        "      1 Product Tests (not in the list; closest to `Product Comparisons`)\n",
        "      1 Gardening (not in the list)\n",
        "4 categories not in the list: Artificial-Inteligence, Gardening, Product Tests, Products Comparison\n",
        "1 category in the list but on no post: Product Comparisons\n",
        "[tags.aliases]\nKuberentes = \"Kubernetes\"  # typo, 2 posts\n",
        "\n# \"Product Tests\" = \"Product Comparisons\"  # a guess, 1 post\n",
        "4 posts would change:\n  content/a.txt:1  e-mail → email\n",
        "  content/f.md:1  Kuberentes → Kubernetes (which it already has)\n",
        "nothing was written; `pressrun terms --apply` adds the aliases to site.toml\n",
    ] {
        assert!(run.stdout.contains(part), "no {part} in {}", run.stdout);
    }
    assert_eq!(site.run(&["terms", "--dry-run"]).stdout, run.stdout);
    let quiet = site.run(&["terms", "--quiet"]).stdout;
    assert!(
        quiet.starts_with("[tags.aliases]\n") && !quiet.contains("would change"),
        "{quiet}"
    );
    assert_eq!(fs::read_to_string(site.path("site.toml")).unwrap(), CONFIG);
}

#[test]
fn applied_aliases_make_one_term_and_keep_what_the_author_wrote() {
    let site = site();
    site.build();
    assert!(site.path("public/tags/kuberentes").exists());
    let run = site.run(&["terms", "--apply"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        run.stdout
            .ends_with("5 aliases were added to site.toml; 4 posts change\n"),
        "{}",
        run.stdout
    );
    let added = "\n[tags.aliases]\nKuberentes = \"Kubernetes\"\ne-mail = \"email\"\n\
                 hostings = \"hosting\"\n";
    let expected = CONFIG.replace(
        "'Artificial Intelligence' }",
        "'Artificial Intelligence', Artificial-Inteligence = \"Artificial Intelligence\", \
         \"Products Comparison\" = \"Product Comparisons\" }",
    ) + added;
    assert_eq!(
        fs::read_to_string(site.path("site.toml")).unwrap(),
        expected
    );
    site.build();
    for gone in [
        "tags/kuberentes",
        "tags/e-mail",
        "categories/artificial-inteligence",
    ] {
        assert!(!site.path("public").join(gone).exists(), "{gone}");
    }
    assert!(site.page("tags/kubernetes/index.html").contains("Three"));
    let report = report(&site);
    assert_eq!(report["tags"]["aliases"], json!([]));
    assert_eq!(report["changes"], json!([]));
    let again = site.run(&["terms", "--apply", "--quiet"]);
    assert_eq!((again.code, &*again.stdout), (0, ""));
    assert_eq!(
        fs::read_to_string(site.path("site.toml")).unwrap(),
        expected
    );
}

#[test]
fn names_outside_of_a_list_are_seen_where_they_are_rejected() {
    let config = CONFIG.replace("[categories]\n", "[categories]\noff_list = \"reject\"\n");
    let site = site().file("site.toml", config);
    site.build();
    let report = report(&site);
    let names = report["categories"]["terms"].to_string();
    assert!(names.contains("Gardening"), "{names}");
    assert_eq!(report["categories"]["aliases"].as_array().unwrap().len(), 2);
    // The cache of the build is unchanged.
    let again = site.build();
    assert!(again.stdout.contains(" 0 written, "), "{}", again.stdout);
}

#[test]
fn site_without_a_configuration_gets_one() {
    let site = Site::new()
        .reply("a", "One", "API", "x")
        .reply("b", "Two", "API", "x")
        .reply("c", "Three", "APIs", "x");
    site.remove("site.toml");
    let run = site.run(&["terms", "--apply"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(
        fs::read_to_string(site.path("site.toml")).unwrap(),
        "[tags.aliases]\nAPIs = \"API\"\n"
    );
}

#[test]
fn wrong_usage_and_a_wrong_configuration_write_nothing() {
    let site = site();
    assert_eq!(site.run(&["terms", "--apply", "--dry-run"]).code, 2);
    let wrong = format!("{CONFIG}colour = 1\n");
    site.write("site.toml", &wrong);
    let run = site.run(&["terms", "--apply"]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("error[unknown-key]"), "{}", run.stderr);
    assert_eq!(fs::read_to_string(site.path("site.toml")).unwrap(), wrong);
}

#[cfg(unix)]
#[test]
fn file_that_may_not_be_written_is_not_replaced_and_a_link_stays_one() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let site = site();
    let real = site.path("shared.toml");
    fs::rename(site.path("site.toml"), &real).unwrap();
    symlink(&real, site.path("site.toml")).unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o444)).unwrap();
    let run = site.run(&["terms", "--apply"]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("cannot write"), "{}", run.stderr);
    assert_eq!(fs::read_to_string(&real).unwrap(), CONFIG);
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    assert_eq!(site.run(&["terms", "--apply"]).code, 0);
    assert!(site.path("site.toml").is_symlink());
    assert!(
        fs::read_to_string(&real)
            .unwrap()
            .contains("[tags.aliases]")
    );
    let mode = fs::metadata(&real).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
}

#[test]
fn posts_with_names_outside_the_list_are_kept_on_disk_and_heal() {
    let config =
        "[content]\ndates = \"none\"\n[categories]\nallowed = [\"News\"]\noff_list = \"drop\"\n";
    let site = Site::with_config(config).reply("a", "A", "x", "Gardening");
    site.build();
    let before = fs::read(site.path(".pressrun/build/content")).unwrap();
    let first = site.run(&["terms"]);
    assert!(first.stdout.contains("Gardening"), "{}", first.stdout);
    let bodies = site.path(".pressrun/terms/bodies-0");
    assert!(bodies.metadata().unwrap().len() > 0);
    let after = fs::read(site.path(".pressrun/build/content")).unwrap();
    assert_eq!(before, after, "the cache of builds is left alone");
    fs::write(&bodies, "damaged").unwrap();
    assert_eq!(site.run(&["terms"]).stdout, first.stdout);
}

/// A megabyte of a field costs time that grows with it, and no command prints it.
#[test]
fn fields_without_bound_are_read_and_not_printed() {
    let long = "word other ".repeat(20_000);
    let long = long.trim();
    let site = Site::with_config(&format!(
        "title = \"Test\"\n[content]\ndates = \"none\"\n[author]\nname = \"{long}\"\n"
    ));
    let fields = ["TITLE", "META_DESCRIPTION", "TAGS", "CATEGORIES"];
    for (number, field) in fields.iter().enumerate() {
        let own = fields.map(|name| match name {
            name if name == *field => format!("{name}: {long}\n"),
            name => format!("{name}: {name} {number}\n"),
        });
        let text = format!(
            "{}\nText {field} of its own.\n\n-EndOFText-\n",
            own.concat()
        );
        site.write(&format!("content/{number}.txt"), text);
    }
    for command in ["build", "check", "report", "terms"] {
        let run = site.run(&[command]);
        assert!(run.stdout.len() + run.stderr.len() < 20_000, "{command}");
    }
    assert_eq!(site.run(&["build"]).code, 0);
}
