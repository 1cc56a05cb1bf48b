//! Tries `docs/migrate.md`: moves a small site of each generator with the commands and the
//! `site.toml` of the page, and checks that nothing is lost.
//!
//! `tests/migrate/NAME/old` is the site as its generator has it, `addresses.txt` lists the addresses
//! that it had, and `new`, if there is one, holds further files of the new site.
#![cfg(unix)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::site::{Run, Site};

/// What is expected of a site besides its addresses.
struct MovedSite<'e> {
    /// The name of its fixture, and of its section in the documentation.
    name: &'e str,
    title: &'e str,
    /// The warnings and errors of `check`.
    findings: &'e [&'e str],
    /// Parts of pages.
    contains: &'e [(&'e str, &'e str)],
}

/// Returns the first block of a language in a section of the documentation.
pub(crate) fn find_block<'d>(section: &'d str, language: &str) -> &'d str {
    let opening = format!("```{language}\n");
    let (_, rest) = section.split_once(&opening).unwrap();
    rest.split_once("```").unwrap().0
}

pub(crate) fn copy_folder(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry.unwrap();
        let target = to.join(entry.path().strip_prefix(from).unwrap());
        if entry.file_type().is_dir() {
            fs::create_dir_all(target).unwrap();
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Moves the site of a fixture as the documentation says. The new site is in the folder `new`.
fn move_site(fixture: &Path, title: &str) -> Site {
    let docs = fs::read_to_string("docs/migrate.md").unwrap();
    let heading = format!("\n## From {title}\n");
    let (_, section) = docs.split_once(&heading).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let site = Site::new();
    site.remove("site.toml");
    copy_folder(&fixture.join("old"), &site.path("old"));
    site.write("new/site.toml", find_block(section, "toml"));
    let mut commands = site.command_of("sh");
    commands
        .args(["-e", "-c", find_block(section, "sh")])
        .current_dir(site.path("new"));
    let run = Run::of(&mut commands);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{title}");
    let own = fixture.join("new");
    if own.exists() {
        copy_folder(&own, &site.path("new"));
    }
    site
}

/// Returns the codes of warnings and errors of a site, and its notes about unknown keys.
fn list_findings(site: &Site) -> BTreeSet<String> {
    let run = site.run(&["check", "--root", "new", "--format", "json"]);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let found = report["diagnostics"].as_array().unwrap().iter();
    let text = |found: &Value, key: &str| found[key].as_str().unwrap().to_owned();
    found
        .filter(|one| text(one, "severity") != "info" || text(one, "code") == "custom-field")
        .map(|one| text(one, "code"))
        .collect()
}

#[track_caller]
fn check(expected: &MovedSite<'_>) {
    let name = expected.name;
    let fixture = Path::new("tests/migrate").join(name);
    let site = move_site(&fixture, expected.title);
    let findings = list_findings(&site);
    let wanted = expected.findings.iter().map(|&code| code.to_owned());
    assert_eq!(findings, wanted.collect(), "{name}");
    let run = site.run(&["build", "--root", "new"]);
    assert_eq!(run.code, 0, "{name}: {}{}", run.stdout, run.stderr);
    let public = site.path("new/public");
    let page = |path: &str| {
        let index = if path.ends_with('/') {
            "index.html"
        } else {
            ""
        };
        public.join(format!("{}{index}", path.trim_start_matches('/')))
    };
    for address in fs::read_to_string(fixture.join("addresses.txt"))
        .unwrap()
        .lines()
    {
        assert!(page(address).is_file(), "{name} has lost {address}");
    }
    let home = fs::read_to_string(page("/")).unwrap();
    let (menu, _) = home.split_once("</nav>").unwrap();
    assert!(menu.contains(">About</a>"), "{name}: {menu}");
    for (path, part) in expected.contains {
        let text = fs::read_to_string(page(path)).unwrap();
        assert!(text.contains(part), "{name}: {path} lacks {part}: {text}");
    }
    for entry in walkdir::WalkDir::new(&public) {
        let path = entry.unwrap().into_path();
        let text = fs::read(&path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let shows_draft = text.is_ok_and(|text| text.contains("New Lamps"));
        assert!(!shows_draft, "{name}: a draft is in {}", path.display());
    }
}

#[test]
fn hugo() {
    check(&MovedSite {
        name: "hugo",
        title: "Hugo",
        findings: &["shortcode"],
        contains: &[
            ("/posts/first-light/", "2023-03-05T07:30:00+01:00"),
            ("/posts/first-light/", "Ida Storm"),
            ("/posts/first-light/", "Along the Quay"),
            ("/posts/first-light/", "Pier 3; North Star Little Bear"),
            ("/posts/two-piers/", "/posts/two-piers/pier.png"),
            ("/posts/two-piers/", "Bo Berg"),
            ("/posts/two-piers/", "2023-04-09"),
            ("/", "Notes from a small harbour."),
            ("/old/first-light/", "/posts/first-light/"),
        ],
    });
}

#[test]
fn jekyll() {
    check(&MovedSite {
        name: "jekyll",
        title: "Jekyll",
        findings: &["shortcode"],
        contains: &[
            (
                "/walks/2023/03/05/first-light.html",
                "2023-03-05T07:30:00+01:00",
            ),
            ("/walks/2023/03/05/first-light.html", "Ida Storm"),
            ("/walks/2023/03/05/first-light.html", "/assets/pier.png"),
            ("/walks/2023/04/01/two-piers.html", "2023-04-09"),
            ("/tides/", "2023-06-01"),
            ("/old/first-light/", "/walks/2023/03/05/first-light.html"),
        ],
    });
}

#[test]
fn zola() {
    check(&MovedSite {
        name: "zola",
        title: "Zola",
        findings: &["shortcode"],
        contains: &[
            ("/blog/first-light/", "2023-03-05T07:30:00+01:00"),
            ("/blog/first-light/", "Ida Storm"),
            ("/blog/two-piers/", "2023-04-09"),
            ("/blog/two-piers/", "href=\"/blog/first-light/\""),
            ("/tides/", "2023-06-01"),
            ("/old/first-light/", "/blog/first-light/"),
        ],
    });
}

#[test]
fn astro() {
    check(&MovedSite {
        name: "astro",
        title: "Astro",
        findings: &["mdx-removed"],
        contains: &[
            ("/blog/first-light/", "2023-03-05"),
            ("/blog/first-light/", "Ida Storm"),
            ("/blog/first-light/", "/assets/pier"),
            ("/blog/two-piers/", "/assets/pier"),
            ("/blog/two-piers/", "2023-04-09"),
        ],
    });
}

#[test]
fn hexo() {
    check(&MovedSite {
        name: "hexo",
        title: "Hexo",
        findings: &["shortcode"],
        contains: &[
            ("/2023/03/05/first-light/", "2023-03-05T07:30:00"),
            ("/2023/03/05/first-light/", "Ida Storm"),
            ("/2023/04/01/two-piers/", "two-piers/pier"),
            ("/2023/04/01/two-piers/", "/images/quay.png"),
            ("/2023/04/01/two-piers/", "2023-04-09"),
        ],
    });
}

#[test]
fn eleventy() {
    check(&MovedSite {
        name: "eleventy",
        title: "Eleventy",
        findings: &["shortcode"],
        contains: &[
            ("/blog/first-light/", "2023-03-05"),
            ("/blog/first-light/", "Ida Storm"),
            ("/blog/two-piers/", "two-piers/pier"),
            ("/blog/two-piers/", "2023-04-09"),
            ("/tides/", "2023-06-01"),
        ],
    });
}

#[test]
fn wordpress() {
    check(&MovedSite {
        name: "wordpress",
        title: "WordPress",
        findings: &[],
        contains: &[
            ("/2023/03/05/first-light/", "2023-03-05"),
            ("/2023/03/05/first-light/", "Ida Storm"),
            ("/2023/04/01/two-piers/", "two-piers/images/pier"),
            (
                "/2023/04/01/two-piers/",
                "href=\"/2023/03/05/first-light/\"",
            ),
        ],
    });
}
