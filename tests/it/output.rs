//! Tests what a build does to the output folder, and what it leaves alone.

use std::fs;
use std::time::{Duration, SystemTime};

use crate::site::Site;

fn modified(site: &Site, path: &str) -> SystemTime {
    fs::metadata(site.path("public").join(path))
        .unwrap()
        .modified()
        .unwrap()
}

/// Moves the times of all files of the built site back, as if it had been built an hour ago.
fn age(site: &Site) {
    let hour = Duration::from_secs(3600);
    for path in site.public().into_keys() {
        let file = fs::File::options()
            .write(true)
            .open(site.path("public").join(path))
            .unwrap();
        let time = file.metadata().unwrap().modified().unwrap() - hour;
        file.set_modified(time).unwrap();
    }
}

#[test]
fn build_without_changes_touches_no_file() {
    let site = Site::new().reply("a", "A", "x", "News");
    site.build();
    age(&site);
    let before: Vec<_> = site
        .public()
        .into_keys()
        .map(|p| (modified(&site, &p), p))
        .collect();
    let run = site.build();
    assert!(run.stdout.contains(" 0 written, "), "{}", run.stdout);
    let after: Vec<_> = site
        .public()
        .into_keys()
        .map(|p| (modified(&site, &p), p))
        .collect();
    assert_eq!(before, after);
}

#[test]
fn only_changed_pages_are_written() {
    let site = Site::new()
        .reply("a", "A", "x", "News")
        .reply("b", "B", "y", "Reviews");
    site.build();
    age(&site);
    let before = modified(&site, "posts/b/index.html");
    let text = fs::read_to_string(site.path("content/a.txt")).unwrap();
    site.write(
        "content/a.txt",
        text.replace("a few words", "some other words"),
    );
    site.build();
    assert!(site.page("posts/a/index.html").contains("some other words"));
    assert_eq!(modified(&site, "posts/b/index.html"), before);
}

#[test]
fn pages_that_no_longer_belong_are_removed_with_their_folders() {
    let site = Site::new()
        .reply("a", "A", "x", "News")
        .reply("b", "B", "y", "Reviews");
    site.build();
    site.remove("content/b.txt");
    let run = site.build();
    assert!(run.stdout.contains(" removed"), "{}", run.stdout);
    for gone in ["posts/b", "tags/y", "categories/reviews"] {
        assert!(!site.path("public").join(gone).exists(), "{gone}");
    }
    site.page("posts/a/index.html");
}

#[test]
fn foreign_files_are_never_removed() {
    let site = Site::new()
        .reply("a", "A", "x", "News")
        .reply("b", "B", "x", "News");
    site.build();
    site.write("public/own.txt", "mine");
    site.write("public/posts/a/own.txt", "mine");
    site.remove("content/a.txt");
    site.build();
    assert!(!site.path("public/posts/a/index.html").exists());
    assert_eq!(site.page("own.txt"), "mine");
    assert_eq!(site.page("posts/a/own.txt"), "mine");
}

#[test]
fn folder_with_foreign_files_is_refused_unless_forced() {
    let site = Site::new()
        .reply("a", "A", "x", "News")
        .file("public/own.txt", "mine");
    let run = site.run(&["build"]);
    assert_eq!(run.code, 1);
    assert!(
        run.stderr.contains("error[output-not-ours]"),
        "{}",
        run.stderr
    );
    assert!(
        run.stderr
            .contains("`own.txt`, which pressrun did not write"),
        "{}",
        run.stderr
    );
    assert!(!site.path("public/index.html").exists());
    site.build_with(&["--force"]);
    assert_eq!(site.page("own.txt"), "mine");
    site.page("index.html");
}

#[test]
fn foreign_file_in_the_place_of_a_page_is_not_overwritten() {
    let site = Site::new().reply("a", "A", "x", "News");
    site.build();
    site.write("public/posts/b/index.html", "mine");
    let site = site.reply("b", "B", "x", "News");
    let run = site.run(&["build"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert_eq!(site.page("posts/b/index.html"), "mine");
    site.build_with(&["--force"]);
    assert!(site.page("posts/b/index.html").contains("The text of b"));
}

#[test]
fn sources_cannot_be_the_output_folder() {
    let site = Site::new().reply("a", "A", "x", "News");
    for folder in [".", "content", "static/x", ".."] {
        let run = site.run(&["build", "--force", "--output", folder]);
        assert_eq!(run.code, 1, "{folder}");
        assert!(
            run.stderr.contains("error[output-not-ours]"),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn damaged_file_of_the_site_is_repaired() {
    let site = Site::new().reply("a", "A", "x", "News");
    site.build();
    let good = site.public();
    site.write("public/index.html", "half a pa");
    site.remove("public/posts/a/index.html");
    site.build();
    assert_eq!(site.public(), good);
}

#[test]
fn leftovers_of_a_killed_build_are_cleared() {
    let site = Site::new().reply("a", "A", "x", "News");
    site.build();
    let good = site.public();
    site.write("public/.pressrun-staging/17", "half a pa");
    site.build();
    assert_eq!(site.public(), good);
}

#[test]
fn failed_build_leaves_the_last_good_site() {
    let site = Site::new().reply("a", "A", "x", "News");
    site.build();
    let good = site.public();
    site.write(
        "content/a.txt",
        "TITLE: Other\nTAGS: z\n\nOther text.\n\n-EndOFText-\n",
    );
    site.write("templates/list.html", "{{ list.nothing.at.all }}");
    assert_eq!(site.run(&["build"]).code, 1);
    assert_eq!(site.public(), good);
}

#[test]
fn file_may_take_the_place_of_a_folder_of_ours_and_the_other_way_round() {
    let site = Site::new().file("static/a/b", "x").file("static/c", "y");
    site.build();
    site.remove("static/a/b");
    fs::remove_dir(site.path("static/a")).unwrap();
    site.remove("static/c");
    site.write("static/a", "new");
    site.write("static/c/d", "new");
    site.build();
    assert_eq!(site.page("a"), "new");
    assert_eq!(site.page("c/d"), "new");
}

#[test]
fn folder_with_foreign_files_is_not_replaced_by_a_file() {
    let site = Site::new().file("static/a/b", "x");
    site.build();
    site.write("public/a/theirs", "z");
    site.remove("static/a/b");
    fs::remove_dir(site.path("static/a")).unwrap();
    site.write("static/a", "new");
    let run = site.run(&["build"]);
    assert_eq!(run.code, 1);
    assert!(
        run.stderr.contains("it contains `a/theirs`"),
        "{}",
        run.stderr
    );
    assert_eq!(site.page("a/b"), "x");
}

#[test]
fn file_may_change_the_case_of_its_name() {
    let site = Site::new().file("static/Logo.png", "x");
    site.build();
    fs::rename(site.path("static/Logo.png"), site.path("static/logo.png")).unwrap();
    site.build();
    let names = fs::read_dir(site.path("public")).unwrap();
    let names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
    assert!(names.contains(&"logo.png".into()) && !names.contains(&"Logo.png".into()));
    // On case-sensitive file systems, this is a foreign file.
    site.write("public/LOGO.png", "mine");
    if fs::read(site.path("public/logo.png")).unwrap() == b"x" {
        fs::rename(site.path("static/logo.png"), site.path("static/LOGO.png")).unwrap();
        let run = site.run(&["build"]);
        assert!(
            run.stderr.contains("it contains `LOGO.png`"),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn own_robots_txt_replaces_ours() {
    let site = Site::new().file("static/robots.txt", "User-agent: x\n");
    site.build();
    assert_eq!(site.page("robots.txt"), "User-agent: x\n");
}

#[test]
fn damaged_cache_is_ignored_with_a_note() {
    let site = Site::new().reply("a", "A", "x", "y");
    site.build();
    let expected = site.public();
    for name in ["content", "bodies-0"] {
        let path = site.path(".pressrun/build").join(name);
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        // Another template makes the build render pages.
        site.write("templates/404.html", name);
        let run = site.build();
        site.write("templates/404.html", "again");
        site.build();
        assert_eq!(
            run.stderr
                .contains("warning[cache-unusable]: the cache is not used: `content` is damaged"),
            name == "content",
            "{}",
            run.stderr
        );
    }
    site.remove("templates/404.html");
    site.build();
    assert!(site.public() == expected);
}

#[test]
fn second_build_waits_for_the_first() {
    let site = Site::new().reply("a", "A", "x", "y");
    site.build();
    let lock = fs::File::options()
        .write(true)
        .open(site.path(".pressrun/build/lock"))
        .unwrap();
    lock.lock().unwrap();
    site.check_build_waits_for(lock);
}

/// A built site that another build would change in many places.
fn built_and_changed() -> Site {
    let site = Site::new()
        .reply("a", "A", "x", "News")
        .reply("b", "B", "y", "Reviews");
    site.build();
    age(&site);
    site.remove("content/b.txt");
    site.reply("c", "C", "x, z", "News")
}

/// Builds a site that cannot be built, which changes nothing.
#[track_caller]
fn check_refused(site: &Site, expected: &[&str]) {
    let look = || -> Vec<_> {
        let files = site.public().into_keys();
        files.map(|path| (modified(site, &path), path)).collect()
    };
    let before = (look(), site.public());
    for arguments in [&["build"][..], &["build", "--force"]] {
        let run = site.run(arguments);
        assert_eq!(run.code, 1, "{}{}", run.stdout, run.stderr);
        for text in expected {
            assert!(run.stderr.contains(text), "{text}: {}", run.stderr);
        }
        assert!((look(), site.public()) == before);
    }
}

#[test]
fn folder_in_the_place_of_a_page_stops_a_build_before_anything_changes() {
    let site = built_and_changed();
    let pages = ["tags/index.html", "posts/c/index.html"].map(|page| format!("public/{page}"));
    site.remove(&pages[0]);
    for page in &pages {
        fs::create_dir_all(site.path(page)).unwrap();
    }
    let expected = [
        "it contains the folder `",
        "/index.html` where a file must be",
    ];
    check_refused(&site, &expected);
    for page in &pages {
        fs::remove_dir(site.path(page)).unwrap();
    }
    site.build();
    assert!(site.page("tags/index.html").contains("/tags/z/"));
}

#[test]
fn file_in_the_place_of_a_folder_stops_a_build_before_anything_changes() {
    let site = built_and_changed();
    fs::remove_dir_all(site.path("public/tags")).unwrap();
    site.write("public/tags", "mine");
    let expected = ["it contains the file `tags` where a folder must be"];
    check_refused(&site, &expected);
    site.remove("public/tags");
    site.build();
}

#[test]
fn folder_in_the_place_of_a_file_that_no_longer_belongs_stays() {
    let site = built_and_changed();
    site.remove("public/posts/b/index.html");
    site.write("public/posts/b/index.html/own.txt", "mine");
    site.build();
    assert_eq!(site.page("posts/b/index.html/own.txt"), "mine");
}

#[test]
#[cfg(target_os = "linux")]
fn file_that_nobody_may_replace_stops_a_build_before_anything_changes() {
    let set = |flag: &str, path: &std::path::Path| {
        let mut chattr = std::process::Command::new("chattr");
        let done = chattr.arg(flag).arg(path).output();
        done.is_ok_and(|done| done.status.success())
    };
    for (page, flag, why) in [
        (
            "tags/index.html",
            "i",
            "run `chattr -i` so that it can be replaced",
        ),
        (
            "sitemap.xml",
            "a",
            "run `chattr -a` so that it can be replaced",
        ),
        ("posts/b/index.html", "i", "it is immutable"),
    ] {
        let site = built_and_changed();
        let path = site.path("public").join(page);
        if !set(&format!("+{flag}"), &path) {
            // Only the superuser may, on some file systems.
            return;
        }
        let check = || check_refused(&site, &[page, why]);
        let refused = std::panic::catch_unwind(std::panic::AssertUnwindSafe(check));
        assert!(set(&format!("-{flag}"), &path));
        refused.unwrap();
        site.build();
        assert!(!site.path("public/posts/b").exists());
    }
}

#[test]
fn manifest_that_was_cut_short_protects_foreign_files() {
    let site = Site::new().reply("a", "A", "x", "News");
    site.build();
    let good = site.public();
    let manifest = site.page(".pressrun-manifest");
    let lines: Vec<&str> = manifest.split_inclusive('\n').collect();
    for kept in [0, 1, 2, lines.len() - 1] {
        site.write("public/.pressrun-manifest", lines[..kept].concat());
        site.write("public/posts/b/index.html", "mine");
        site.write("content/b.txt", "TITLE: B\n\nText of b.\n");
        let run = site.run(&["build"]);
        assert_eq!(run.code, 1, "{kept}: {}", run.stderr);
        let said = "`.pressrun-manifest`, the list of the files that pressrun wrote, is damaged";
        assert!(run.stderr.contains(said), "{kept}: {}", run.stderr);
        assert_eq!(site.page("posts/b/index.html"), "mine");
    }
    fs::remove_dir_all(site.path("public/posts/b")).unwrap();
    site.remove("content/b.txt");
    site.build_with(&["--force"]);
    assert!(site.public() == good);
}

#[test]
fn synchronised_build_gives_the_same_site() {
    let site = Site::new().reply("a", "A", "x", "News");
    site.build_with(&["--sync"]);
    let first = site.public();
    let site = site.reply("b", "B", "x", "News");
    site.build_with(&["--sync"]);
    let second = site.public();
    site.build_with(&["--force"]);
    assert!(site.public() == second && first != second);
}
