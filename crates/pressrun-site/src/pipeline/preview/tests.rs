use std::path::Path;

use pressrun_posts::diagnostic::Code;
use pressrun_posts::post::Date;
use tempfile::TempDir;

use super::*;
use crate::render::THEME;

/// A site of three posts, and a preview of it.
struct Preview {
    folder: TempDir,
    live: LiveSite,
}

fn present() -> Moment {
    Moment::start_of_day(Date::constant(2026, 1, 1))
}

fn preview() -> Preview {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a", "b", "c"] {
        put(
            folder.path(),
            &format!("content/{name}.txt"),
            &reply(name, "The text."),
        );
    }
    put(folder.path(), "site.toml", "[content]\ndates = \"none\"\n");
    let request = BuildRequest::new(folder.path(), THEME, present());
    let live = LiveSite::open(request, "http://127.0.0.1:1111", &Arc::default()).unwrap();
    Preview { folder, live }
}

fn put(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn reply(name: &str, text: &str) -> String {
    format!(
        "TITLE: Post {name}\nMETA_DESCRIPTION: On {name}.\n\n{text} In {name}.\n\n-EndOFText-\n"
    )
}

impl Preview {
    /// Writes a file and updates the preview.
    fn write(&mut self, path: &str, text: &str) -> Result<LiveUpdate, CommandFailure> {
        put(self.folder.path(), path, text);
        let changes = FileChanges {
            paths: [path.to_owned()].into(),
            ..FileChanges::default()
        };
        self.live.update(&changes)
    }

    /// Looks at everything again.
    fn update_all(&mut self) -> Result<LiveUpdate, CommandFailure> {
        let changes = FileChanges {
            anything: true,
            ..FileChanges::default()
        };
        self.live.update(&changes)
    }

    /// Compares the files of the site in memory with those of a preview opened just now.
    #[track_caller]
    fn check_like_new(&self) {
        let request = BuildRequest::new(self.folder.path(), THEME, present());
        let new = LiveSite::open(request, "http://127.0.0.1:1111", &Arc::default()).unwrap();
        assert_eq!(files(&self.live), files(&new));
    }
}

fn files(live: &LiveSite) -> Vec<(String, String)> {
    let renderer = live.renderer();
    let jobs = renderer.jobs().iter();
    let file = |job: &render::RenderJob| {
        let bytes = renderer.render_job(job).unwrap();
        (
            job.file().to_owned(),
            String::from_utf8_lossy(&bytes).into_owned(),
        )
    };
    jobs.map(file).collect()
}

#[test]
fn other_text_is_put_into_the_site_as_it_is() {
    let mut preview = preview();
    let step = preview.write("content/b.txt", &reply("b", "More of it. [A](a.txt#none)"));
    assert!(matches!(step, Ok(LiveUpdate::Texts(ids)) if ids.len() == 1));
    let (_, page) = &files(&preview.live)[1];
    assert!(page.contains("More of it. <a href=\"/posts/post-a/#none\">"));
    assert!(!preview.live.is_settled());
    assert!(preview.live.settle(|| false).unwrap());
    let codes: Vec<_> = preview
        .live
        .findings()
        .diagnostics
        .iter()
        .map(|d| d.code.name())
        .collect();
    assert!(codes.contains(&"dead-link"), "{codes:?}");
    preview.check_like_new();
}

#[test]
fn text_of_a_page_and_of_a_list_is_put_into_the_site_as_it_is() {
    let mut preview = preview();
    let page = |text| format!("---\ntitle: About\ndescription: On us.\n---\n\n{text}\n");
    let paths = ["content/pages/about.md", "content/pages/_index.md"];
    for path in paths {
        let step = preview.write(path, &page("Once."));
        assert!(matches!(step, Ok(LiveUpdate::Site)), "{step:?}");
    }
    for (path, file) in paths.into_iter().zip(["about/index.html", "index.html"]) {
        let step = preview.write(path, &page("And again."));
        assert!(matches!(step, Ok(LiveUpdate::Texts(ids)) if ids.len() == 1));
        let files = files(&preview.live);
        let (_, html) = files.iter().find(|(name, _)| name == file).unwrap();
        assert!(html.contains("<p>And again.</p>"), "{html}");
    }
    assert!(preview.live.settle(|| false).unwrap());
    preview.check_like_new();
}

#[test]
fn what_a_text_has_to_do_with_others_is_settled() {
    let mut preview = preview();
    let tagged = |name, text| reply(name, text).replacen("\n\n", "\nTAGS: x\n\n", 1);
    let words: Vec<String> = (0..60).map(|n| format!("bread{n}")).collect();
    let bread = &*words.join(" ");
    for (name, text) in [
        ("a", bread),
        ("b", "Bicycle chain bicycle chain."),
        ("c", "Lamp lamp."),
    ] {
        preview
            .write(&format!("content/{name}.txt"), &tagged(name, text))
            .unwrap();
    }
    preview.live.settle(|| false).unwrap();
    let step = preview.write(
        "content/b.txt",
        &tagged("b", &format!("{bread} And so on.")),
    );
    assert!(matches!(step, Ok(LiveUpdate::Texts(_))), "{step:?}");
    assert!(preview.live.settle(|| false).unwrap());
    preview.check_like_new();
    let corpus = preview.live.renderer().corpus();
    assert_eq!(corpus.clusters.len(), 1);
}

#[test]
fn title_that_is_not_the_address_is_put_into_the_site_as_it_is() {
    let mut preview = preview();
    let titled = |title: &str| reply("b", "The text.").replacen("Post b", title, 1);
    let with_slug = |title: &str| titled(title).replacen("\n\n", "\nSLUG: b\n\n", 1);
    preview.write("content/b.txt", &with_slug("Rain")).unwrap();
    preview.live.settle(|| false).unwrap();
    let step = preview.write("content/b.txt", &with_slug("Snow"));
    assert!(matches!(step, Ok(LiveUpdate::Texts(_))), "{step:?}");
    for (name, html) in files(&preview.live) {
        assert!(!html.contains("Rain"), "{name}");
    }
    assert!(preview.live.settle(|| false).unwrap());
    preview.check_like_new();
    let step = preview.write("content/b.txt", &titled("Hail"));
    assert!(matches!(step, Ok(LiveUpdate::Site)), "{step:?}");
    preview.check_like_new();
}

#[test]
fn same_bytes_change_nothing() {
    let mut preview = preview();
    let step = preview.write("content/b.txt", &reply("b", "The text."));
    assert!(matches!(step, Ok(LiveUpdate::Nothing)));
}

#[test]
fn other_title_or_file_puts_the_site_together_anew() {
    let mut preview = preview();
    for (path, name) in [("content/b.txt", "x"), ("content/d.txt", "d")] {
        let step = preview.write(path, &reply(name, "The text."));
        assert!(matches!(step, Ok(LiveUpdate::Site)), "{path}");
        preview.check_like_new();
    }
}

#[test]
fn text_of_another_post_is_noticed() {
    let mut preview = preview();
    let text = reply("b", "The text.").replace("In b.", "In a.");
    let step = preview.write("content/b.txt", &text);
    assert!(matches!(step, Ok(LiveUpdate::Site)));
    assert_eq!(preview.live.findings().ledger.rejected, 1);
    preview.check_like_new();
    // The first of the two posts changes, so the other is no longer a duplicate.
    let step = preview.write("content/a.txt", &reply("a", "Something else."));
    assert!(matches!(step, Ok(LiveUpdate::Site)));
    assert_eq!(preview.live.findings().ledger.rejected, 0);
    preview.check_like_new();
}

#[test]
fn error_stays_until_it_is_put_right() {
    let mut preview = preview();
    for (path, wrong, right) in [
        ("site.toml", "titel = 1", "title = \"T\""),
        ("templates/post.html", "{% if %}", "{{ post.title }}"),
    ] {
        assert!(preview.write(path, wrong).is_err());
        let edited = preview.write("content/b.txt", &reply("b", &format!("Not {path}.")));
        assert!(edited.is_err(), "{path}");
        assert!(matches!(preview.write(path, right), Ok(LiveUpdate::Site)));
        preview.check_like_new();
    }
}

#[test]
fn bodies_of_old_texts_do_not_pile_up() {
    let mut preview = preview();
    for round in 0..60 {
        let words: Vec<String> = (0..20_000).map(|n| format!("w{n}")).collect();
        let words = words.join(" ");
        let text = format!("Round {round}. {words}");
        let step = preview.write("content/b.txt", &reply("b", &text));
        assert!(matches!(step, Ok(LiveUpdate::Texts(_))));
        preview.live.settle(|| false).unwrap();
    }
    let stored = preview.live.site.content.bodies.size();
    assert!(stored < 6 << 20, "{stored} bytes for a text of 100,000");
    preview.check_like_new();
}

#[test]
fn temporary_files_are_nothing() {
    let mut preview = preview();
    for path in ["content/.b.txt.swp", "content/b.txt~"] {
        assert!(
            matches!(preview.write(path, "x"), Ok(LiveUpdate::Nothing)),
            "{path}"
        );
    }
    let changes = FileChanges {
        paths: ["content/4913".to_owned()].into(),
        ..FileChanges::default()
    };
    assert!(matches!(
        preview.live.update(&changes),
        Ok(LiveUpdate::Nothing)
    ));
}

#[test]
fn static_file_where_a_post_is_gives_the_post_another_address() {
    let mut preview = preview();
    let file = "static/posts/post-b/index.html";
    assert!(matches!(preview.write(file, "mine"), Ok(LiveUpdate::Site)));
    preview.check_like_new();
    let found = &preview.live.findings().diagnostics;
    assert!(
        found.iter().any(|one| one.code == Code::SlugCollision),
        "{found:?}"
    );
    std::fs::remove_file(preview.folder.path().join(file)).unwrap();
    preview.update_all().unwrap();
    preview.check_like_new();
}

#[test]
fn content_that_is_gone_leaves_the_last_site() {
    let mut preview = preview();
    let before = files(&preview.live);
    let content = preview.folder.path().join("content");
    let away = preview.folder.path().join("away");
    std::fs::rename(&content, &away).unwrap();
    assert!(preview.update_all().is_err());
    assert_eq!(files(&preview.live), before);
    std::fs::rename(&away, &content).unwrap();
    preview.update_all().unwrap();
    preview.check_like_new();
    // A preview that is started then says so too.
    preview.live.save();
    drop(preview.live);
    std::fs::rename(&content, &away).unwrap();
    let request = BuildRequest::new(preview.folder.path(), THEME, present());
    assert!(LiveSite::open(request, "http://127.0.0.1:1111", &Arc::default()).is_err());
}

#[test]
fn error_of_the_machine_loses_neither_posts_nor_changes() {
    let mut preview = preview();
    let before = files(&preview.live).len();
    let content = preview.folder.path().join("content");
    let aside = preview.folder.path().join("aside");
    std::fs::rename(&content, &aside).unwrap();
    std::fs::write(&content, "no folder").unwrap();
    let everything = FileChanges {
        anything: true,
        ..FileChanges::default()
    };
    put(&aside, "b.txt", &reply("b", "Written meanwhile."));
    assert!(matches!(
        preview.live.update(&everything),
        Err(CommandFailure::Machine(_))
    ));
    assert_eq!(files(&preview.live).len(), before);
    std::fs::remove_file(&content).unwrap();
    std::fs::rename(&aside, &content).unwrap();
    // Nothing else changes: what is owed is looked at.
    preview.live.update(&FileChanges::default()).unwrap();
    let pages = files(&preview.live);
    assert_eq!(pages.len(), before);
    assert!(
        pages
            .iter()
            .any(|(_, page)| page.contains("Written meanwhile."))
    );
    preview.check_like_new();
}

#[test]
fn file_that_the_machine_refuses_leaves_what_was_read() {
    let mut preview = preview();
    let mut files = discover::discover_files(preview.folder.path())
        .unwrap()
        .files;
    let reader = &mut preview.live.site.reader;
    let known = reader.posts().count();
    // A folder in the place of a file is nothing that concerns that file alone.
    files[1].location = preview.folder.path().join("content");
    files[1].stamp = None;
    reader.discovered.files.clone_from(&files);
    assert!(reader.refresh_files(SystemTime::now()).is_err());
    assert_eq!(reader.posts().count(), known);
    assert!(reader.update_files(files, SystemTime::now()).is_err());
    assert_eq!(reader.posts().count(), known);
}

#[test]
fn post_appears_and_disappears_at_its_moments() {
    let mut preview = preview();
    let day = |day| Moment::start_of_day(Date::constant(2026, 1, day));
    let text = "---\ntitle: Soon\ndate: 2026-01-02\nexpires: 2026-01-03\n---\n\nThe text.\n";
    preview.write("content/soon.md", text).unwrap();
    let mut check = |present: Moment, is_shown: bool, next: Option<Moment>| {
        preview.live.set_present(present);
        preview.live.update(&FileChanges::default()).unwrap();
        let files = files(&preview.live);
        let shown = files.iter().any(|(path, _)| path.contains("soon"));
        assert_eq!((shown, preview.live.next_moment()), (is_shown, next));
    };
    check(day(1), false, Some(day(2)));
    check(day(2), true, Some(day(3)));
    check(day(3), false, None);
    // A clock may be set back.
    check(day(2), true, Some(day(3)));
    // Between its moments nothing is made anew.
    let between = Moment::from_unix_seconds(1_767_312_000 + 60).unwrap();
    preview.live.set_present(between);
    let update = preview.live.update(&FileChanges::default()).unwrap();
    assert!(matches!(update, LiveUpdate::Nothing));
}

#[test]
fn style_sheets_of_the_theme_are_those_that_the_site_publishes() {
    let mut preview = preview();
    let check = |live: &LiveSite, count: usize| {
        let site = live.renderer();
        let jobs = site.jobs().iter().map(render::RenderJob::path);
        let mut published: Vec<&str> = jobs.filter(|path| path.ends_with(".css")).collect();
        let mut named: Vec<&str> = site.style_paths().collect();
        published.sort_unstable();
        named.sort_unstable();
        assert_eq!(named, published);
        assert_eq!(named.len(), count);
    };
    check(&preview.live, 4);
    let german = "---\ntitle: Tee\nlanguage: de\n---\n\nEin Text.\n";
    preview.write("content/tee.md", german).unwrap();
    check(&preview.live, 5);
}
