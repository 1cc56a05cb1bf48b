//! Tests faults of the machine: special files, folders that may not be read, limits, full disks.
//! pressrun must say what is wrong, where, and what to do, and must leave the last good site in
//! place.
//!
//! `faults/`, beside this folder, tests what kills and full disks leave behind at random moments.
#![cfg(unix)]
#![expect(clippy::print_stderr, reason = "a test that is skipped says so")]

use std::fs::{self, File, Permissions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::site::{Run, Site};

/// Returns a built site with one post.
fn built() -> Site {
    let site = Site::new().reply("a", "A", "x", "News");
    site.build();
    site
}

/// Creates a pipe that has no writer: opening it for reading blocks for ever.
fn pipe(path: &Path) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let made = Command::new("mkfifo").arg(path).status().unwrap();
    assert!(made.success());
}

/// Builds a site that cannot be built, and checks that the last good one stays.
#[track_caller]
fn refused(site: &Site, expected: &[&str]) {
    let good = site.public();
    let run = site.run(&["build"]);
    assert_eq!(run.code, 1, "{}{}", run.stdout, run.stderr);
    for text in expected {
        assert!(run.stderr.contains(text), "{text}: {}", run.stderr);
    }
    assert!(site.public() == good);
}

/// Returns whether the test runs as the superuser, for whom permissions have no effect.
fn is_superuser() -> bool {
    let site = Site::new().file("x", "");
    fs::set_permissions(site.path("x"), Permissions::from_mode(0o0)).unwrap();
    let can_read = File::open(site.path("x")).is_ok();
    if can_read {
        eprintln!("skipped: the superuser may read and write everything");
    }
    can_read
}

#[test]
fn pipes_devices_and_links_in_the_content_are_rejected_without_waiting_for_them() {
    let site = built();
    pipe(&site.path("content/pipe.txt"));
    symlink("/dev/zero", site.path("content/zero.txt")).unwrap();
    symlink("nowhere.txt", site.path("content/dangling.txt")).unwrap();
    symlink("circle.txt", site.path("content/circle.txt")).unwrap();
    symlink(".", site.path("content/around")).unwrap();
    // Editors create such links as locks.
    symlink("me@host.1234", site.path("content/.#a.txt")).unwrap();
    let run = site.build();
    for line in [
        "content/pipe.txt: error[unreadable-file]: cannot be read: it is a pipe, a socket or a \
         device, not a file (",
        "content/zero.txt: error[unreadable-file]: cannot be read: it is a pipe,",
        "content/dangling.txt: error[unreadable-file]: cannot be read: it is a link to \
         `nowhere.txt`, which does not exist (",
        "content/circle.txt: error[unreadable-file]: cannot be read: it is a link to \
         `circle.txt`: ",
        "content/around: error[unreadable-file]: cannot be read: it is a link to a folder that \
         contains it (",
    ] {
        assert!(run.stderr.contains(line), "{line}\n{}", run.stderr);
    }
    assert!(!run.stderr.contains(".#a"), "{}", run.stderr);
    assert!(
        run.stdout
            .contains("6 replies in 1 file: 1 published, 5 rejected"),
        "{}",
        run.stdout
    );
}

#[test]
fn content_that_is_not_a_folder_does_not_empty_the_site() {
    let site = built();
    let content = site.path("content");
    fs::rename(&content, site.path("elsewhere")).unwrap();
    fs::write(&content, "").unwrap();
    refused(&site, &["cannot read `./content`", "it is not a folder"]);
    fs::remove_file(&content).unwrap();
    pipe(&content);
    refused(&site, &["it is not a folder"]);
    fs::remove_file(&content).unwrap();
    symlink("unmounted", &content).unwrap();
    refused(
        &site,
        &["it is a link to `unmounted`, which does not exist"],
    );
    fs::remove_file(&content).unwrap();
    symlink("elsewhere", &content).unwrap();
    assert!(site.build().stdout.contains("1 published"));
}

#[test]
fn pipes_and_links_among_templates_and_static_files_are_all_reported() {
    let site = built();
    pipe(&site.path("templates/post.html"));
    refused(
        &site,
        &[
            "error[unreadable-file]: cannot be read: it is a pipe,",
            "templates/post.html",
        ],
    );
    fs::remove_file(site.path("templates/post.html")).unwrap();
    pipe(&site.path("static/pipe"));
    symlink("nowhere", site.path("static/dangling")).unwrap();
    refused(
        &site,
        &[
            "static/pipe",
            "static/dangling",
            "error: 2 errors in 2 files; nothing was written",
        ],
    );
}

#[test]
fn configuration_that_is_not_a_text_file_is_reported_without_waiting_for_it() {
    let site = built();
    site.write("site.toml", b"title = \"a\"\n# \xff\n");
    refused(&site, &["cannot read `./site.toml`", "line 2 is not UTF-8"]);
    site.remove("site.toml");
    pipe(&site.path("site.toml"));
    refused(&site, &["cannot read `./site.toml`", "it is a pipe"]);
}

#[test]
fn names_that_are_not_unicode_are_reported_and_never_confused() {
    let site = built();
    let name = |bytes: &[u8]| {
        site.path("content")
            .join(std::ffi::OsStr::from_bytes(bytes))
    };
    if fs::write(name(b"\xff.txt"), "TITLE: B\n\nText of b.\n").is_err() {
        eprintln!("skipped: this file system takes no such names");
        return;
    }
    fs::write(name(b"\xfe.txt"), "TITLE: C\n\nText of c.\n").unwrap();
    let run = site.build();
    assert!(
        run.stdout
            .contains("3 replies in 1 file: 1 published, 2 rejected"),
        "{}",
        run.stdout
    );
    let line =
        "content/\u{fffd}.txt: error[unreadable-file]: cannot be read: its name is not Unicode";
    assert_eq!(run.stderr.matches(line).count(), 2, "{}", run.stderr);
    site.write("static/a", "");
    fs::rename(
        site.path("static/a"),
        site.path("static")
            .join(std::ffi::OsStr::from_bytes(b"\xff")),
    )
    .unwrap();
    refused(&site, &["static/\u{fffd}", "its name is not Unicode"]);
}

#[test]
fn output_that_is_not_a_folder_is_reported() {
    let site = built();
    let public = site.path("public");
    let away = site.path("away");
    fs::rename(&public, &away).unwrap();
    let check = |expected: &str| {
        let run = site.run(&["build"]);
        assert_eq!(run.code, 1);
        let expected = format!("cannot use it as the output folder: {expected}");
        assert!(run.stderr.contains(&expected), "{}", run.stderr);
        fs::remove_file(&public).unwrap();
    };
    fs::write(&public, "").unwrap();
    check("it is not a folder");
    pipe(&public);
    check("it is not a folder");
    symlink("nowhere", &public).unwrap();
    check("it is a link to `nowhere`, which does not exist");
    symlink("public", &public).unwrap();
    check("it is a link to `public`: ");
    symlink(&away, &public).unwrap();
    assert!(site.build().stdout.contains(" 0 written, "));
}

#[test]
fn folder_that_may_not_be_read_stops_a_build() {
    if is_superuser() {
        return;
    }
    let site = built().reply("sub/b", "B", "x", "News");
    site.build();
    for folder in ["content", "content/sub"] {
        fs::set_permissions(site.path(folder), Permissions::from_mode(0o0)).unwrap();
        refused(
            &site,
            &["Permission denied", "= help: give yourself the right"],
        );
        fs::set_permissions(site.path(folder), Permissions::from_mode(0o755)).unwrap();
    }
    fs::set_permissions(site.path("content/a.txt"), Permissions::from_mode(0o0)).unwrap();
    let run = site.build();
    assert!(
        run.stderr
            .contains("content/a.txt: error[unreadable-file]: cannot be read: Permission denied"),
        "{}",
        run.stderr
    );
}

#[test]
fn folder_that_may_not_be_written_to_stops_a_build_before_anything_changes() {
    if is_superuser() {
        return;
    }
    let site = built().reply("b", "B", "y", "Reviews");
    site.build();
    site.remove("content/b.txt");
    let text = fs::read_to_string(site.path("content/a.txt")).unwrap();
    site.write("content/a.txt", text.replace("a few", "some other"));
    for folder in ["public/posts/a", "public/posts/b", "public"] {
        fs::set_permissions(site.path(folder), Permissions::from_mode(0o555)).unwrap();
        refused(&site, &["Permission denied"]);
        fs::set_permissions(site.path(folder), Permissions::from_mode(0o755)).unwrap();
    }
    site.build();
    assert!(site.page("posts/a/index.html").contains("some other"));
}

#[test]
fn too_many_open_files_stop_a_build_and_publish_nothing_less() {
    let site = built().reply("b", "B", "y", "Reviews");
    site.build();
    let good = site.public();
    site.write("templates/404.html", "another");
    for limit in 4..12 {
        fs::remove_dir_all(site.path(".pressrun")).unwrap();
        let command = format!(
            "ulimit -n {limit} && exec {}",
            env!("CARGO_BIN_EXE_pressrun")
        );
        let run = Run::of(
            site.command_of("sh")
                .args(["-c", &format!("{command} build")]),
        );
        if run.code == 0 {
            assert!(run.stdout.contains("2 published"), "{}", run.stdout);
            continue;
        }
        assert!(run.stderr.contains("Too many open files") || run.stderr.contains("libraries"));
        assert!(site.public() == good, "limit {limit}");
        site.command().arg("check").output().unwrap();
    }
    site.build();
    assert_eq!(site.page("404.html"), "another");
}

#[test]
fn result_that_cannot_be_printed_is_an_error_unless_the_reader_left() {
    let site = built();
    for arguments in [
        &["inspect", "content/a.txt"][..],
        &["check"],
        &["completions", "bash"],
    ] {
        let full = File::options().write(true).open("/dev/full");
        let Ok(full) = full else {
            eprintln!("skipped: there is no /dev/full");
            return;
        };
        let run = Run::of(
            site.command()
                .args(arguments)
                .stdout(full)
                .stderr(Stdio::piped()),
        );
        assert_eq!(run.code, 1, "{arguments:?}");
        assert!(
            run.stderr
                .contains("error: cannot print the result: No space left"),
            "{}",
            run.stderr
        );
    }
    let mut process = site
        .command()
        .args(["completions", "bash"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(process.stdout.take());
    let output = process.wait_with_output().unwrap();
    assert_eq!((output.status.code(), &*output.stderr), (Some(0), &b""[..]));
}

#[test]
fn pipe_that_a_person_names_is_inspected_once() {
    let site = built();
    let command = format!("{} inspect /dev/stdin", env!("CARGO_BIN_EXE_pressrun"));
    let run = Run::of(
        site.command_of("sh")
            .args(["-c", &format!("cat content/a.txt | {command}")]),
    );
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.starts_with("A\n"), "{}", run.stdout);
    assert!(run.stdout.contains("--EndOFText-"), "{}", run.stdout);
}

#[test]
fn output_folder_has_one_writer_at_a_time() {
    let site = built();
    let folder = File::open(site.path("public")).unwrap();
    folder.lock().unwrap();
    // Without the cache, the output folder is the only thing that both builds share.
    fs::remove_dir_all(site.path(".pressrun")).unwrap();
    site.check_build_waits_for(folder);
}

#[test]
fn content_folder_that_is_gone_does_not_empty_the_site() {
    let site = built();
    let gone = "error[content-gone]: `content/` is missing; the last build found a post in it";
    fs::rename(site.path("content"), site.path("away")).unwrap();
    refused(&site, &[gone, "mounting its disk"]);
    for command in ["check", "report", "terms", "publish"] {
        let run = site.run(&[command]);
        assert_eq!(run.code, 1, "{command}: {}", run.stdout);
    }
    // The manifest knows it too.
    fs::remove_dir_all(site.path(".pressrun")).unwrap();
    refused(&site, &[gone]);
    for command in ["check", "report", "terms"] {
        let run = site.run(&[command]);
        assert_eq!(run.code, 1, "{command}: {}", run.stdout);
        fs::remove_dir_all(site.path(".pressrun")).unwrap();
    }
    fs::rename(site.path("away"), site.path("content")).unwrap();
    assert!(site.build().stdout.contains("1 published"));
    fs::rename(site.path("content"), site.path("away")).unwrap();
    let run = site.build_with(&["--force"]);
    assert!(run.stdout.contains("0 published"), "{}", run.stdout);
    site.build();
    assert!(!site.path("public/posts/a").exists());
}

#[test]
fn content_folder_without_posts_is_a_site_without_posts() {
    let site = built();
    fs::remove_dir_all(site.path("content")).unwrap();
    refused(&site, &["for a site without posts create an empty folder"]);
    fs::create_dir(site.path("content")).unwrap();
    let run = site.build();
    assert!(run.stdout.contains("0 published"), "{}", run.stdout);
    assert!(!site.path("public/posts/a").exists());
}

#[test]
fn working_folder_that_was_removed_stops_every_command_before_it_begins() {
    let site = built();
    let program = env!("CARGO_BIN_EXE_pressrun");
    let root = site.path("");
    for command in [
        "build",
        "check",
        "report",
        "terms",
        "inspect x",
        "init",
        "man",
    ] {
        let command = format!(
            "mkdir gone && cd gone && rmdir ../gone && exec {program} {command} --root {}",
            root.display()
        );
        let run = Run::of(site.command_of("sh").args(["-c", &command]));
        assert_eq!(run.code, 1, "{command}: {}", run.stdout);
        let said = "error: the current folder does not exist: ";
        assert!(run.stderr.starts_with(said), "{command}: {}", run.stderr);
    }
}

#[test]
fn path_that_is_too_long_stops_no_other_post() {
    let site = built();
    let long: String = vec!["x".repeat(230); 9].join("/");
    let [start, end] = ["content", "end"].map(|top| site.path(top).join(&long));
    fs::create_dir_all(&start).unwrap();
    fs::create_dir_all(&end).unwrap();
    fs::write(end.join("deep.txt"), "TITLE: Deep\n\nText.\n").unwrap();
    fs::write(end.join("deep.png"), "").unwrap();
    fs::write(start.join("picture.png"), "").unwrap();
    fs::write(start.join("b.txt"), "TITLE: B\n\nText of b.\n").unwrap();
    fs::rename(site.path("end"), start.join("end")).unwrap();
    let run = site.build();
    assert!(run.stdout.contains(": 2 published, "), "{}", run.stdout);
    for text in [
        "error[unreadable-file]: cannot be read: File name too long",
        "/picture.png: error[unreadable-file]: cannot be published: its path has ",
    ] {
        assert!(run.stderr.contains(text), "{text}: {}", run.stderr);
    }
}
