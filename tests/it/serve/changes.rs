//! Tests every kind of change, and what an open page is told about it.

use std::fs;
use std::path::Path;

use super::client::Preview;
use crate::site::Site;

const CONFIG: &str = "title = \"Test\"\n[content]\ndates = \"none\"\n";

fn site() -> Site {
    Site::with_config(CONFIG)
        .reply("one", "First", "a", "News")
        .reply("two", "Second", "a, b", "News")
        .file("static/own.css", "p { color: red }")
}

fn start(site: &Site) -> Preview {
    Preview::start(&site.path(""), &["--watch"])
}

fn reply(title: &str, text: &str) -> String {
    format!(
        "TITLE: {title}\nMETA_DESCRIPTION: About it.\nTAGS: a\nCATEGORIES: News\n\n{text}\n\n-EndOFText-\n"
    )
}

#[test]
fn saved_text_is_served_and_only_its_page_is_notified() {
    let site = site();
    let preview = start(&site);
    let mut one = preview.tab("/posts/first/");
    let mut archive = preview.tab("/archive/");
    site.write(
        "content/one.txt",
        reply("First", "Another text altogether."),
    );
    assert_eq!(one.news()["reload"], true);
    assert!(
        preview
            .get("/posts/first/")
            .text()
            .contains("Another text altogether.")
    );
    // The stream of the other page stays silent until something concerns it.
    site.write("content/three.txt", reply("Third", "A third text."));
    assert_eq!(archive.news()["reload"], true);
    assert!(preview.get("/archive/").text().contains("Third"));
    let line = preview.line("content/one.txt changed");
    assert!(line.contains(" rebuilt in "), "{line}");
    preview.line("content/three.txt changed");
}

#[test]
fn save_by_another_file_in_its_place_is_one_change_of_that_file() {
    let site = site();
    let preview = start(&site);
    let mut tab = preview.tab("/posts/first/");
    site.write("content/.one.txt.swp", "what an editor keeps");
    site.write("content/one.txt~", "what was there");
    site.write("content/4913", "a try");
    site.remove("content/4913");
    site.write("content/one.new", reply("First", "Put in its place."));
    fs::rename(site.path("content/one.new"), site.path("content/one.txt")).unwrap();
    assert_eq!(tab.news()["reload"], true);
    preview.wait_for("/posts/first/", "Put in its place.");
    let line = preview.line("changed");
    for temporary in ["swp", "~", "4913", "one.new"] {
        assert!(!line.contains(temporary), "{line}");
    }
}

#[test]
fn tab_follows_a_post_that_moves() {
    let site = site();
    let preview = start(&site);
    let mut tab = preview.tab("/posts/first/");
    site.write(
        "content/one.txt",
        reply("Renamed", "The text of one has a few words."),
    );
    let news = tab.news();
    assert_eq!(news["goto"], "/posts/renamed/");
    assert_eq!(preview.get("/posts/first/").status, 404);
    let mut tab = preview.tab("/posts/renamed/");
    // A file with another name and another title but the same words is the same post.
    site.write(
        "content/moved.txt",
        reply("Moved", "The text of one has a few words."),
    );
    site.remove("content/one.txt");
    assert_eq!(tab.news()["goto"], "/posts/moved/");
}

#[test]
fn tab_follows_a_post_whose_old_address_leads_to_the_new_one() {
    let site = site().file(
        "content/m.md",
        "---\ntitle: Moving\n---\n\nThe words stay.\n",
    );
    let preview = start(&site);
    let mut tab = preview.tab("/posts/moving/");
    let text =
        "---\ntitle: Moving\npermalink: /new/\naliases: /posts/moving/\n---\n\nThe words stay.\n";
    site.write("content/m.md", text);
    assert_eq!(tab.news()["goto"], "/new/");
    let page = preview.get("/posts/moving/");
    assert_eq!(page.status, 200);
    assert!(page.text().contains("content=\"0; url=/new/\""));
}

#[test]
fn post_that_is_removed_is_missing_and_comes_back() {
    let site = site();
    let preview = start(&site);
    let mut tab = preview.tab("/posts/first/");
    let text = fs::read(site.path("content/one.txt")).unwrap();
    site.remove("content/one.txt");
    assert_eq!(tab.news()["reload"], true);
    let mut tab = preview.tab("/posts/first/");
    site.write("content/one.txt", text);
    assert_eq!(tab.news()["reload"], true);
    assert_eq!(preview.get("/posts/first/").status, 200);
}

#[test]
fn styles_are_swapped_without_a_reload() {
    let site = site().file(
        "templates/partials/footer.html",
        "<link rel=\"stylesheet\" href=\"/own.css\">",
    );
    let preview = start(&site);
    let mut tab = preview.tab("/posts/first/");
    for (path, text) in [
        ("static/own.css", "p { color: blue }"),
        ("static/style.css", "p { color: green }"),
    ] {
        site.write(path, text);
        let news = tab.news();
        assert_eq!(news["reload"], false, "{path}");
        let theme = news["styles"]["theme"].as_array().unwrap();
        assert_eq!(theme.len(), 4);
        for address in theme {
            assert_eq!(preview.get(address.as_str().unwrap()).status, 200);
        }
    }
    let mut tab = preview.tab("/archive/");
    site.write("static/lists.css", "p { color: red }");
    let news = tab.news();
    assert_eq!(news["reload"], false);
    let lists = news["styles"]["theme"][1].as_str().unwrap();
    assert!(preview.get(lists).text().contains("color: red"));
    let page = preview.get("/posts/first/").text();
    let theme = crate::site::between(&page, "rel=\"stylesheet\" href=\"", "\"");
    assert!(preview.get(theme).text().contains("color: green"));
}

#[test]
fn data_files_are_watched() {
    let site = site()
        .file(
            "templates/post.html",
            "<body>{{ data.harbour.name }}</body>",
        )
        .file("data/harbour.toml", "name = \"north\"\n");
    let preview = start(&site);
    let mut tab = preview.tab("/posts/first/");
    site.write("data/harbour.toml", "name = \"south\"\n");
    assert_eq!(tab.news()["reload"], true);
    preview.wait_for("/posts/first/", "south");
}

#[test]
fn template_configuration_and_static_files_are_watched() {
    let site = site().file(
        "content/picture.md",
        "---\ntitle: Picture\n---\n![It](it.png) here.\n",
    );
    site.write("content/it.png", "1");
    let preview = start(&site);
    let mut tab = preview.tab("/posts/picture/");
    for (path, text) in [
        ("content/it.png", "another picture"),
        (
            "templates/partials/footer.html",
            "<p>A footer of its own</p>",
        ),
        ("static/script.js", "// another script"),
        (
            "site.toml",
            "title = \"Another title\"\n[content]\ndates = \"none\"\n",
        ),
    ] {
        site.write(path, text);
        assert_eq!(tab.news()["reload"], true, "{path}");
        tab = preview.tab("/posts/picture/");
    }
    let page = preview.get("/posts/picture/").text();
    assert!(
        page.contains("Another title") && page.contains("A footer of its own"),
        "{page}"
    );
    assert_eq!(preview.get("/it.png").text(), "another picture");
}

#[test]
fn base_path_may_change() {
    let site = site();
    let preview = start(&site);
    let mut tab = preview.tab("/posts/first/");
    site.write(
        "site.toml",
        format!("base_url = \"https://x.example/blog/\"\n{CONFIG}"),
    );
    assert_eq!(tab.news()["goto"], "/blog/posts/first/");
    assert_eq!(preview.get("/blog/posts/first/").status, 200);
}

// Windows does not allow renaming a folder that is watched.
#[cfg(unix)]
#[test]
fn folders_that_go_and_come_back_are_watched_on() {
    let site = site().file("content/deep/er/three.txt", reply("Third", "A third text."));
    let preview = start(&site);
    for folder in ["content/deep", "content"] {
        let aside = site.path("aside");
        let mut home = preview.tab("/archive/");
        fs::rename(site.path(folder), &aside).unwrap();
        if folder == "content" {
            // The last site stays: a disk that is not mounted looks like that.
            let news = home.news();
            let problem = news["problems"][0].as_str().unwrap();
            assert!(problem.contains("error[content-gone]"), "{problem}");
        } else {
            while preview.get("/archive/").text().contains("Third") {
                home.next();
            }
        }
        fs::rename(&aside, site.path(folder)).unwrap();
        preview.wait_for("/archive/", "Third");
        let text = format!("Written after {folder} came back.");
        site.write("content/deep/er/three.txt", reply("Third", &text));
        preview.wait_for("/posts/third/", &text);
    }
    fs::remove_dir_all(site.path("content")).unwrap();
    site.write("content/new/four.txt", reply("Fourth", "A fourth text."));
    preview.wait_for("/archive/", "Fourth");
    site.write("content/new/five.txt", reply("Fifth", "A fifth text."));
    preview.wait_for("/archive/", "Fifth");
}

#[cfg(unix)]
#[test]
fn what_symbolic_links_lead_to_is_watched() {
    let site = site();
    let other = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| fs::write(other.path().join(name), text).unwrap();
    fs::create_dir(other.path().join("folder")).unwrap();
    put("linked.txt", &reply("Linked", "Behind a link."));
    put(
        "folder/inside.txt",
        &reply("Inside", "Behind a linked folder."),
    );
    let link = |target: &str, name: &str| {
        std::os::unix::fs::symlink(other.path().join(target), site.path(name)).unwrap();
    };
    link("linked.txt", "content/link.txt");
    link("folder", "content/folder");
    let preview = start(&site);
    put("linked.txt", &reply("Linked", "Changed behind a link."));
    preview.wait_for("/posts/linked/", "Changed behind a link.");
    put("linked.new", &reply("Linked", "Replaced behind a link."));
    fs::rename(
        other.path().join("linked.new"),
        other.path().join("linked.txt"),
    )
    .unwrap();
    preview.wait_for("/posts/linked/", "Replaced behind a link.");
    put(
        "folder/inside.txt",
        &reply("Inside", "Changed in a linked folder."),
    );
    preview.wait_for("/posts/inside/", "Changed in a linked folder.");
    // A link created while the preview runs is followed too.
    put("late.txt", &reply("Late", "Linked late."));
    link("late.txt", "content/late.txt");
    preview.wait_for("/posts/late/", "Linked late.");
    preview.line("content/late.txt changed");
    put("late.txt", &reply("Late", "Changed after that."));
    preview.wait_for("/posts/late/", "Changed after that.");
}

/// Runs git in a folder, without anybody's configuration.
fn git(folder: &Path, arguments: &[&str]) -> bool {
    let mut command = std::process::Command::new("git");
    command
        .current_dir(folder)
        .args(["-c", "user.name=N", "-c", "user.email=n@n.example"])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

#[test]
fn checkout_of_a_thousand_files_is_few_rebuilds() {
    let site = Site::with_config(CONFIG);
    let write_all = |version: &str| {
        for number in 0..1_000 {
            let text = format!("In version {version} of {number}.");
            site.write(
                &format!("content/{number}.txt"),
                reply(&format!("Post {number}"), &text),
            );
        }
    };
    let folder = site.path("");
    if !git(&folder, &["init", "--quiet", "--initial-branch=one"]) {
        eprintln!("skipped: there is no git");
        return;
    }
    for version in ["one", "two"] {
        if version == "two" {
            assert!(git(&folder, &["checkout", "--quiet", "-b", "two"]));
        }
        write_all(version);
        assert!(git(&folder, &["add", "content"]));
        assert!(git(&folder, &["commit", "--quiet", "-m", version]));
    }
    let preview = start(&site);
    let before = preview.tab("/").site;
    assert!(git(&folder, &["checkout", "--quiet", "one"]));
    for number in [0, 500, 999] {
        preview.wait_for(&format!("/posts/post-{number}/"), "In version one");
    }
    let shown = preview.tab("/").site - before;
    assert!(shown <= 3, "{shown} sites were shown for one checkout");
}

#[test]
fn two_hundred_rapid_saves_end_with_the_last() {
    let site = site();
    let preview = start(&site);
    let mut tab = preview.tab("/posts/first/");
    for number in 1..=200 {
        site.write(
            "content/one.txt",
            reply("First", &format!("Save number {number}.")),
        );
    }
    // Between two saves the file may be seen empty, which shows an error over the page.
    while tab.news()["reload"] != true {}
    preview.wait_for("/posts/first/", "Save number 200.");
    site.write("content/two.txt", reply("Second", "Nothing but the end."));
    preview.line("content/two.txt changed");
    let page = preview.get("/posts/first/").text();
    assert!(page.contains("Save number 200."), "{page}");
    let shown = preview.tab("/posts/first/").site;
    assert!(shown < 100, "{shown} sites were shown for 200 saves");
}

#[test]
fn builds_do_not_disturb_a_preview() {
    let site = site();
    let preview = start(&site);
    site.build();
    site.build_with(&["--force"]);
    site.write("content/one.txt", reply("First", "After the builds."));
    preview.wait_for("/posts/first/", "After the builds.");
    let line = preview.line("changed");
    assert!(line.starts_with("content/one.txt changed"), "{line}");
    assert!(
        site.page("posts/first/index.html")
            .contains("The text of one")
    );
}

#[test]
fn second_preview_of_a_site_works_too() {
    let site = site();
    let (first, second) = (start(&site), start(&site));
    site.write("content/one.txt", reply("First", "For both of them."));
    for preview in [&first, &second] {
        preview.wait_for("/posts/first/", "For both of them.");
    }
}

#[test]
fn polling_sees_changes_too() {
    let site = site();
    let preview = Preview::start(&site.path(""), &["--watch", "--poll", "0.05"]);
    for text in ["Seen by looking.", "Seen by LOOKING."] {
        // It waits for messages: thousands of requests would leave the preview no time to look.
        let mut tab = preview.tab("/posts/first/");
        site.write("content/one.txt", reply("First", text));
        while !preview.get("/posts/first/").text().contains(text) {
            tab.next();
        }
    }
    let mut tab = preview.tab("/archive/");
    site.remove("content/two.txt");
    while preview.get("/archive/").text().contains("Second") {
        tab.next();
    }
}

#[test]
fn rejected_reply_of_an_open_page_shows_why() {
    let site = site();
    let preview = start(&site);
    let mut tab = preview.tab("/posts/second/");
    // These are the words of an earlier file.
    site.write(
        "content/two.txt",
        reply("Second", "The text of one has a few words."),
    );
    let news = tab.news();
    let problem = news["problems"][0].as_str().unwrap();
    assert!(problem.contains("--> content/two.txt:1"), "{problem}");
    assert_eq!(news["reload"], false, "what it was stays in view");
    site.write("content/two.txt", reply("Second", "Words of its own."));
    assert_eq!(tab.news()["reload"], true);
}

#[test]
fn memory_does_not_grow_with_rebuilds() {
    let site = site();
    let preview = start(&site);
    let save = |range: std::ops::Range<u32>| {
        for number in range {
            // Words that differ: a text that repeats itself would be a draft.
            let words: Vec<String> = (0..20_000).map(|n| format!("w{n} ")).collect();
            let words = words.concat();
            let text = format!("Save number {number}. {words}");
            site.write("content/one.txt", reply("First", &text));
            preview.wait_for("/posts/first/", &format!("Save number {number}."));
        }
        preview.memory()
    };
    let Some((early, late)) = save(0..50).zip(save(50..200)) else {
        eprintln!("skipped: the system does not say how much memory a program has");
        return;
    };
    // Each text takes 100 kB as Markdown and again as HTML, so all of them would take 30 MB. A busy
    // machine gives memory back late.
    assert!(late < early + (20 << 20), "from {early} to {late}");
}

#[test]
fn change_of_an_address_is_told_to_the_pages_of_its_translations() {
    let post = |title: &str, fields: &str| {
        format!("---\ntitle: {title}\ntranslation_key: ferry\n{fields}---\n\nSome words of it.\n")
    };
    let site = Site::with_config(CONFIG)
        .file("content/ferry.md", post("The Ferry", ""))
        .file("content/faehre.md", post("Die Fähre", "lang: de\n"));
    let preview = start(&site);
    let mut english = preview.tab("/posts/the-ferry/");
    let mut home = preview.tab("/");
    site.write("content/faehre.md", post("Unsere Fähre", "lang: de\n"));
    assert_eq!(english.news()["reload"], true);
    preview.wait_for("/posts/the-ferry/", "\"/posts/unsere-faehre/\"");
    site.write(
        "content/ferii.md",
        post("フェリー", "lang: ja\nslug: ferii\n"),
    );
    assert_eq!(home.news()["reload"], true);
    preview.wait_for("/", "hreflang=\"ja\">日本語</a>");
    assert!(
        preview
            .get("/posts/ferii/")
            .text()
            .contains("hreflang=\"de\">Deutsch</a>")
    );
}
