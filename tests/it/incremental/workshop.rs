//! A site in a temporary folder that is edited and built, and a copy of it that is built from
//! nothing.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use pressrun::theme::THEME;
use pressrun_posts::diagnostic::Diagnostic;
use pressrun_posts::post::review::format_text_hash;
use pressrun_posts::post::{Moment, Post};
use pressrun_site::pipeline::shard::{
    ShardRequest, finish_shards, gather_shards, plan_shards, read_shard, render_shard,
};
use pressrun_site::pipeline::{self, BuildReport, BuildRequest, ReplyLedger};
use pressrun_site::render::CommandFailure;
use proptest::sample::Index;
use tempfile::TempDir;

use super::edits::{Edit, Harm};
use crate::site::tree;

/// A site that is being edited.
pub(crate) struct Workshop {
    folder: TempDir,
    /// Seconds since 1970.
    present: i64,
    drafts: bool,
    future: bool,
    /// Whether builds take place long after the last change.
    trusting: bool,
}

impl Workshop {
    pub(crate) fn new() -> Self {
        let folder = folder();
        Self {
            folder,
            present: 1_781_481_600, // 2026-06-15
            drafts: false,
            future: false,
            trusting: true,
        }
    }

    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn apply(&mut self, edit: &Edit) {
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
            Edit::Review {
                at,
                kind,
                is_outdated,
                in_book,
            } => {
                if let Some(path) = self.pick(*at, &["content"]) {
                    self.review(&path, kind, *is_outdated, *in_book);
                }
            }
            Edit::Revoke(at) => match self.pick(*at, &["content"]) {
                Some(path) if is_markdown(&path) => {
                    let text = fs::read_to_string(&path).unwrap_or_default();
                    let is_mark = |line: &&str| {
                        line.starts_with("approved: {") || line.starts_with("rejected: {")
                    };
                    let kept: Vec<&str> = text.lines().filter(|line| !is_mark(line)).collect();
                    write(&path, &(kept.join("\n") + "\n"));
                }
                _ => drop(fs::remove_file(self.root().join("reviews.toml"))),
            },
            Edit::Wait(half_days) => self.present += i64::from(*half_days) * 12 * 3_600,
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

    /// Adds a mark of this kind to a file, or entries for all of its posts to `reviews.toml`.
    fn review(&self, path: &Path, kind: &str, is_outdated: bool, in_book: bool) {
        let Ok((_, found)) = pipeline::read_single_file(None, path) else {
            return;
        };
        let hash = |post: &Post| {
            let hash = post.text_hash ^ u128::from(is_outdated);
            format_text_hash(hash)
        };
        if !in_book {
            let text = fs::read_to_string(path).unwrap_or_default();
            if let (true, [post]) = (text.starts_with("---\n"), &*found.posts) {
                let line = format!("---\n{kind}: {{hash: \"{}\", by: Ann}}\n", hash(post));
                write(path, &text.replacen("---\n", &line, 1));
            }
            return;
        }
        let book = self.root().join("reviews.toml");
        let mut text = fs::read_to_string(&book).unwrap_or_default();
        let file = path.strip_prefix(self.root()).unwrap().to_string_lossy();
        for post in &found.posts {
            let (hash, title) = (hash(post), serde_json::json!(post.title));
            text += &format!(
                "[[{kind}]]\nhash = \"{hash}\"\nfile = \"{file}\"\ntitle = {title}\nby = \"Ann\"\n"
            );
        }
        write(&book, &text);
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

    pub(crate) fn build(&self, root: &Path) -> Outcome {
        Outcome::new(pipeline::build_site(&self.request(root)))
    }

    /// Builds the site in steps, in a work folder.
    pub(crate) fn build_in_shards(&self, work: &Path, shards: u32) -> Outcome {
        let request = ShardRequest {
            build: self.request(self.root()),
            work: work.to_owned(),
            verify: true,
        };
        let run = || {
            plan_shards(&request, shards)?;
            // In any order.
            for shard in (0..shards).rev() {
                read_shard(&request, shard)?;
            }
            gather_shards(&request)?;
            for shard in (0..shards).rev() {
                render_shard(&request, shard)?;
            }
            finish_shards(&request)
        };
        Outcome::new(run().map(|(_, report)| report))
    }

    fn request(&self, root: &Path) -> BuildRequest {
        let mut request = BuildRequest::new(
            root,
            THEME,
            Moment::from_unix_seconds(self.present).unwrap(),
        );
        request.drafts = self.drafts;
        request.future = self.future;
        if self.trusting {
            request.now += Duration::from_secs(3_600);
        }
        request
    }

    /// Copies the site to another folder, without what was built from it.
    pub(crate) fn copy(&self) -> TempDir {
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

fn is_markdown(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "md")
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

/// What a build came to.
#[derive(Debug, PartialEq)]
pub(crate) enum Outcome {
    Built(ReplyLedger, u64, Vec<Diagnostic>),
    Wrong(Vec<Diagnostic>),
}

impl Outcome {
    fn new(result: Result<BuildReport, CommandFailure>) -> Self {
        match result {
            Ok(report) => {
                let mut diagnostics = report.findings.diagnostics;
                diagnostics.retain(|found| found.code.name() != "cache-unusable");
                Self::Built(report.findings.ledger, report.written.bytes, diagnostics)
            }
            Err(CommandFailure::Site(diagnostics)) => Self::Wrong(diagnostics),
            Err(CommandFailure::Machine(error)) => {
                panic!("{error}: {:?}", std::error::Error::source(&error))
            }
        }
    }
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
pub(crate) fn public(root: &Path) -> BTreeMap<String, (Vec<u8>, SystemTime)> {
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
