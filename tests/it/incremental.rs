//! Tests that a build after any edits gives the same files as a clean build, and writes nothing
//! else.
//!
//! This is the test we would keep if we could keep only one. It makes a random site and edits it at
//! random. After each edit it builds the site on top of the last build, and a copy of the site from
//! nothing. To run more cases: `PROPTEST_CASES=10000 cargo test --release incremental`.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use pressrun::theme::THEME;
use pressrun_posts::diagnostic::Diagnostic;
use pressrun_posts::post::Date;
use pressrun_site::pipeline::{self, BuildRequest, ReplyLedger};
use pressrun_site::render::CommandFailure;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use tempfile::TempDir;

use crate::site::tree;

/// One change of a site.
#[derive(Debug, Clone)]
enum Edit {
    /// Writes this text to a file, which may exist already.
    Write(&'static str, String),
    /// Writes this text to a file and keeps its modification time.
    Replace(Index, String),
    /// Changes the modification time of a content file, but not its contents.
    Touch(Index, u64),
    Rename(Index, &'static str),
    Remove(Index),
    RemoveFile(&'static str),
    /// Moves the date.
    Wait(i8),
    Show {
        drafts: bool,
        future: bool,
    },
    /// Changes, removes or truncates a file of the built site or the cache.
    Damage(Index, Harm),
    /// Moves the clock, so that recently changed files are trusted or are not.
    Clock(bool),
}

#[derive(Debug, Clone, Copy)]
enum Harm {
    Remove,
    Cut,
    Overwrite,
}

const POSTS: &[&str] = &[
    "content/a.txt",
    "content/b.txt",
    "content/sub/c.md",
    "content/sub/2026-05-03-d.txt",
    "content/e.txt",
    "content/f.md",
    "content/all.jsonl",
];

const OTHER: &[&str] = &[
    "content/sub/picture.png",
    "static/robots.txt",
    "static/about/index.html",
    "static/style.css",
    "static/posts/one/index.html",
    "static/x",
    "static/x/y",
    "content/b.png",
];

const TEMPLATES: &[&str] = &[
    "templates/post.html",
    "templates/partials/summary.html",
    "templates/list.html",
    "templates/atom.xml",
    "templates/own.html",
];

const LONG: &str = "A sourdough needs time and rest, and news of c. You mix the flour with the water and leave it over \
    night, until the first bubbles show. The next day more flour is added, and the dough is stirred again. After a week \
    the sourdough smells of apples, and then it is strong enough for a loaf of bread. Flour and water are all it needs.";

const GERMAN: &str = "Der Sauerteig braucht Zeit und Ruhe. Man mischt das Mehl mit dem Wasser und lässt es über Nacht \
    stehen, bis sich die ersten Blasen zeigen. Am nächsten Tag kommt noch einmal Mehl dazu, und der Teig wird wieder \
    gerührt. Nach einer Woche riecht er nach Äpfeln, und dann ist er stark genug für ein gutes Brot mit Kruste.";

fn word() -> impl Strategy<Value = &'static str> {
    select(vec![
        "One",
        "Two",
        "Three",
        "A very long one",
        "Ünï",
        "Привет, мир",
        "C++",
        "<b>",
    ])
}

fn paragraph() -> impl Strategy<Value = &'static str> {
    select(vec![
        "Some words of a text.",
        "# A heading\n\nand [a link](/posts/one/#a-heading) with a fragment.",
        "[b](b.txt) [c](sub/c.md#more) [gone](/posts/gone/) [x](/about/) ![p](b.png)",
        "## More\n\n```rust\nfn main() { println!(\"{}\", 1); }\n```",
        "```nolanguage\nx\n```\n\n<div>HTML <b>is</b> here</div>",
        "A note[^1].\n\n[^1]: The [note](#more).",
        "[tags](/tags/#a) [home](/) [self](#top)",
        // Long enough for posts with this text to be near-duplicates, or to reveal their language.
        LONG,
        LONG,
        GERMAN,
    ])
}

fn reply() -> impl Strategy<Value = String> {
    let field = |name: &'static str, values: Vec<&'static str>| {
        prop::option::of(select(values)).prop_map(move |value| match value {
            Some(value) => format!("{name}: {value}\n"),
            None => String::new(),
        })
    };
    (
        word(),
        field("META_DESCRIPTION", vec!["About it.", "Something else."]),
        field("TAGS", vec!["a", "a, b", "b, c, d", "C++, C#", "мир, mir"]),
        field("CATEGORIES", vec!["News", "Reviews", "News, Other"]),
        field("DATE", vec!["2026-05-01", "2026-06-14", "2026-06-16", "2026-06-20"]),
        field("SLUG", vec!["one", "two", "own-slug"]),
        field("STATUS", vec!["draft", "published", "published\nLANGUAGE: French"]),
        prop::collection::vec(paragraph(), 1..4),
        any::<u8>(),
    )
        .prop_map(|(title, about, tags, categories, date, slug, status, body, salt)| {
            format!(
                "TITLE: {title}\n{about}{tags}{categories}{date}{slug}{status}\n{}\n\nWord{salt}.\n\n-EndOFText-\n",
                body.join("\n\n")
            )
        })
}

fn content(path: &'static str) -> BoxedStrategy<(&'static str, String)> {
    if path.ends_with(".jsonl") {
        return prop::collection::vec(reply(), 0..4)
            .prop_map(move |replies| {
                let lines = replies
                    .iter()
                    .map(|reply| format!("{}\n", serde_json::json!({ "response": reply })));
                (path, lines.collect())
            })
            .boxed();
    }
    if path.ends_with(".md") {
        return (word(), paragraph(), any::<bool>())
            .prop_map(move |(title, body, draft)| {
                (
                    path,
                    format!("---\ntitle: \"{title}\"\ntags: [a, z]\ndraft: {draft}\n---\n{body}\n"),
                )
            })
            .boxed();
    }
    reply().prop_map(move |text| (path, text)).boxed()
}

fn config() -> impl Strategy<Value = String> {
    (
        select(vec!["Site", "Other site"]),
        select(vec![
            "",
            "base_url = \"https://example.org/repo/\"\n",
            "language = \"de\"\n",
            "description = \"What it is.\"\n",
        ]),
        select(vec![
            "",
            "[lists]\nper_page = 1\n",
            "[lists]\nfeed_entries = 1\nfeed_content = \"summary\"\n",
            "[tags]\naliases = { a = \"z\" }\nnoindex_below = 1\n",
            "[categories]\nallowed = [\"News\", \"Other\"]\noff_list = \"drop\"\n",
            "[categories]\nallowed = [\"News\", \"Other\"]\noff_list = \"reject\"\n",
            "[markdown]\nhighlight = false\nraw_html = \"escape\"\n",
            "[theme]\naccent = \"#123456\"\n",
            "[search]\nenabled = false\n",
        ]),
        select(vec![
            "",
            "permalink = \"/{year}/{category}/{slug}.html\"\n",
            "dates = \"none\"\n",
            "dates = \"mtime\"\n",
            "near_duplicates = \"draft\"\n",
            "near_duplicates = \"canonical\"\n",
            "slugs = \"ascii\"\n",
        ]),
    )
        .prop_map(|(title, top, section, content)| {
            format!("title = \"{title}\"\n{top}[content]\n{content}{section}")
        })
}

fn template() -> impl Strategy<Value = (&'static str, String)> {
    (
        select(TEMPLATES.to_vec()),
        select(vec![
            "{{ site.title }} {{ page.title }}",
            "{% include \"own.html\" %}",
            "plain",
            "{% if %}",
            "{{ post.newer.title }} {{ post.content }}",
        ]),
    )
        .prop_map(|(path, text)| (path, text.to_owned()))
}

fn edit() -> impl Strategy<Value = Edit> {
    let write = |(path, text)| Edit::Write(path, text);
    let harm = || select(vec![Harm::Remove, Harm::Cut, Harm::Overwrite]);
    prop_oneof![
        8 => select(POSTS.to_vec()).prop_flat_map(content).prop_map(write),
        2 => (any::<Index>(), reply()).prop_map(|(at, text)| Edit::Replace(at, text)),
        2 => (any::<Index>(), 1..2_000_u64).prop_map(|(at, days)| Edit::Touch(at, days)),
        2 => (any::<Index>(), select(POSTS.to_vec())).prop_map(|(at, to)| Edit::Rename(at, to)),
        2 => any::<Index>().prop_map(Edit::Remove),
        2 => (select(OTHER.to_vec()), "[a-c]{1,3}").prop_map(write),
        2 => template().prop_map(write),
        2 => select([OTHER, TEMPLATES].concat()).prop_map(Edit::RemoveFile),
        2 => config().prop_map(|text| Edit::Write("site.toml", text)),
        1 => (-1..5_i8).prop_map(Edit::Wait),
        1 => (any::<bool>(), any::<bool>()).prop_map(|(drafts, future)| Edit::Show { drafts, future }),
        2 => (any::<Index>(), harm()).prop_map(|(at, harm)| Edit::Damage(at, harm)),
        1 => any::<bool>().prop_map(Edit::Clock),
    ]
}

/// A site that is being edited.
struct Workshop {
    folder: TempDir,
    today: Date,
    drafts: bool,
    future: bool,
    /// Whether builds take place long after the last change.
    trusting: bool,
}

impl Workshop {
    fn new() -> Self {
        let folder = folder();
        Self {
            folder,
            today: Date::constant(2026, 6, 15),
            drafts: false,
            future: false,
            trusting: true,
        }
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    fn apply(&mut self, edit: &Edit) {
        match edit {
            Edit::Write(path, text) => {
                self.make_room(Path::new(path));
                write(&self.root().join(path), text);
            }
            Edit::Replace(at, text) => {
                if let Some(path) = self.pick(*at, &["content"]) {
                    let time = modified(&path);
                    write(&path, text);
                    set_modified(&path, time);
                }
            }
            Edit::Touch(at, days) => {
                if let Some(path) = self.pick(*at, &["content"]) {
                    set_modified(
                        &path,
                        SystemTime::now() - Duration::from_secs(days * 86_400),
                    );
                }
            }
            Edit::Rename(at, to) => {
                if let Some(path) = self.pick(*at, &["content"]) {
                    let to = self.root().join(to);
                    fs::create_dir_all(to.parent().unwrap()).unwrap();
                    fs::rename(path, to).unwrap();
                }
            }
            Edit::Remove(at) => {
                if let Some(path) = self.pick(*at, &["content"]) {
                    fs::remove_file(path).unwrap();
                }
            }
            Edit::RemoveFile(path) => {
                let _ = fs::remove_file(self.root().join(path));
            }
            Edit::Wait(days) => {
                let span = jiff::Span::new().days(i64::from(*days));
                self.today = self.today.checked_add(span).unwrap();
            }
            Edit::Show { drafts, future } => {
                self.drafts = *drafts;
                self.future = *future;
            }
            Edit::Damage(at, harm) => {
                if let Some(path) = self.pick(*at, &["public", ".pressrun"]) {
                    Self::damage(&path, *harm);
                }
            }
            Edit::Clock(trusting) => self.trusting = *trusting,
        }
    }

    /// Removes a folder with the name of this file, or a file with the name of one of its folders.
    fn make_room(&self, path: &Path) {
        let _ = fs::remove_dir_all(self.root().join(path));
        for folder in path.ancestors().skip(1) {
            let _ = fs::remove_file(self.root().join(folder));
        }
    }

    /// If the manifest is damaged, the folder is no longer ours, and a build refuses it.
    fn damage(path: &Path, harm: Harm) {
        if path.ends_with(".pressrun-manifest") {
            return;
        }
        match harm {
            Harm::Remove => fs::remove_file(path).unwrap(),
            Harm::Cut => {
                let length = fs::metadata(path).unwrap().len();
                File::options()
                    .write(true)
                    .open(path)
                    .unwrap()
                    .set_len(length / 2)
                    .unwrap();
            }
            Harm::Overwrite => write(path, "harm"),
        }
    }

    fn pick(&self, at: Index, folders: &[&str]) -> Option<PathBuf> {
        let files: Vec<PathBuf> = folders
            .iter()
            .map(|folder| self.root().join(folder))
            .filter(|folder| folder.exists())
            .flat_map(|folder| tree(&folder).into_keys().map(move |path| folder.join(path)))
            .collect();
        (!files.is_empty()).then(|| at.get(&files).clone())
    }

    fn build(&self, root: &Path) -> Outcome {
        let mut request = BuildRequest::new(root, THEME, self.today);
        request.drafts = self.drafts;
        request.future = self.future;
        if self.trusting {
            request.now += Duration::from_secs(3_600);
        }
        match pipeline::build_site(&request) {
            Ok(report) => {
                let mut diagnostics = report.findings.diagnostics;
                diagnostics.retain(|found| found.code.name() != "cache-unusable");
                Outcome::Built(report.findings.ledger, report.written.bytes, diagnostics)
            }
            Err(CommandFailure::Site(diagnostics)) => Outcome::Wrong(diagnostics),
            Err(CommandFailure::Machine(error)) => {
                panic!("{error}: {:?}", std::error::Error::source(&error))
            }
        }
    }

    /// Copies the site to another folder, without what was built from it.
    fn copy(&self) -> TempDir {
        let copy = folder();
        for path in tree(self.root()).into_keys() {
            if path.starts_with("public/") || path.starts_with(".pressrun/") {
                continue;
            }
            let (from, to) = (self.root().join(&path), copy.path().join(&path));
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(&from, &to).unwrap();
            set_modified(&to, modified(&from));
        }
        copy
    }
}

/// Returns a folder with content, in memory if possible, because thousands of small files are
/// written.
fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() {
        tempfile::tempdir_in(memory)
    } else {
        tempfile::tempdir()
    };
    let folder = folder.unwrap();
    fs::create_dir(folder.path().join("content")).unwrap();
    folder
}

#[derive(Debug, PartialEq)]
enum Outcome {
    Built(ReplyLedger, u64, Vec<Diagnostic>),
    Wrong(Vec<Diagnostic>),
}

/// Writes a file until its stamp shows the change: within one tick of the clock, a file can change
/// without any sign but its bytes.
fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let before = pressrun_site::fs::read_stamp(path);
    loop {
        fs::write(path, text).unwrap();
        if pressrun_site::fs::read_stamp(path) != before {
            return;
        }
    }
}

fn modified(path: &Path) -> SystemTime {
    fs::metadata(path).unwrap().modified().unwrap()
}

fn set_modified(path: &Path, time: SystemTime) {
    let file = File::options().write(true).open(path).unwrap();
    file.set_modified(time).unwrap();
}

/// Returns the bytes and the time of every file of the built site.
fn public(root: &Path) -> BTreeMap<String, (Vec<u8>, SystemTime)> {
    let folder = root.join("public");
    if !folder.exists() {
        return BTreeMap::new();
    }
    let with_time = |(path, bytes): (String, Vec<u8>)| {
        let time = modified(&folder.join(&path));
        (path, (bytes, time))
    };
    tree(&folder).into_iter().map(with_time).collect()
}

fn check(first: Vec<Edit>, edits: Vec<Edit>) -> Result<(), TestCaseError> {
    let mut workshop = Workshop::new();
    for edit in &first {
        workshop.apply(edit);
    }
    let none = Edit::Clock(true);
    for edit in std::iter::once(&none).chain(&edits) {
        let before_edit = public(workshop.root());
        workshop.apply(edit);
        let before = public(workshop.root());
        let found = workshop.build(workshop.root());
        let clean = workshop.copy();
        let expected = workshop.build(clean.path());
        prop_assert_eq!(&found, &expected, "after {:?}", edit);
        let after = public(workshop.root());
        if matches!(found, Outcome::Wrong(_)) {
            prop_assert!(before == after, "a failed build wrote, after {:?}", edit);
            continue;
        }
        let wanted = public(clean.path());
        prop_assert_eq!(
            after.keys().collect::<Vec<_>>(),
            wanted.keys().collect::<Vec<_>>(),
            "after {:?}",
            edit
        );
        for (path, (bytes, time)) in &after {
            prop_assert!(
                *bytes == wanted[path].0,
                "{} differs after {:?}",
                path,
                edit
            );
            // A file that was damaged is written again.
            let harmed = before_edit.get(path) != before.get(path);
            if let Some((old_bytes, old_time)) = before_edit.get(path)
                && old_bytes == bytes
                && !harmed
            {
                prop_assert_eq!(old_time, time, "{} was touched after {:?}", path, edit);
            }
        }
    }
    Ok(())
}

fn cases() -> u32 {
    let wanted = std::env::var("PROPTEST_CASES").ok();
    wanted.and_then(|cases| cases.parse().ok()).unwrap_or(16)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn incremental_build_equals_clean_build(
        first in prop::collection::vec(edit(), 4..16),
        edits in prop::collection::vec(edit(), 1..12),
    ) {
        check(first, edits)?;
    }
}
