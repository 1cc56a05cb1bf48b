//! Dates for posts that state none: of the commit that added the file, or of the file itself.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace};
use pressrun_posts::post::Date;
use serde::{Deserialize, Serialize};

use super::FOLDER;
use crate::cache::Fingerprint;
use crate::fs;
use crate::git::{self, GitRefusal, GitResult, Repository};

/// What git knows about the files of a site.
///
/// The content may lie in several repositories: a folder in it may be a submodule, a repository of
/// its own, or a link to one elsewhere.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GitHistory {
    /// What each repository knows, by the folder of the site that it contains.
    folders: BTreeMap<String, FolderHistory>,
}

/// What one repository knows about the files in a folder.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct FolderHistory {
    /// The commit that is checked out.
    head: String,
    /// The path of the folder from the root of the repository, with `/` at its end.
    prefix: String,
    /// Whether the history is cut short, so that it contains no such days.
    shallow: bool,
    /// The day on which each file was added, by its path from the folder.
    added: HashMap<String, Date>,
}

impl GitHistory {
    /// Asks git about the files with these paths, once for each repository whose checked-out commit
    /// has changed. Returns warnings about repositories that do not answer.
    ///
    /// A file outside of any repository has no day, without a warning. A refusal is not remembered,
    /// so git is asked again the next time.
    pub fn update<'p>(
        &mut self,
        root: &Path,
        paths: impl Iterator<Item = &'p str>,
    ) -> Vec<Diagnostic> {
        let mut known = std::mem::take(&mut self.folders);
        let mut found = Vec::new();
        for folder in repositories(root, paths) {
            match ask(&root.join(&folder), known.remove(&folder)) {
                Ok(Some(history)) => {
                    found.extend(history.shallow.then(|| shallow_clone(&folder)));
                    self.folders.insert(folder, history);
                }
                Ok(None) => {}
                Err(refusal) => found.push(dates_unknown(&folder, &refusal)),
            }
        }
        found
    }

    /// Returns the folders with the commits that are checked out in them.
    pub(crate) fn list_heads(&self) -> Vec<(String, String)> {
        let heads = self.folders.iter();
        heads
            .map(|(folder, history)| (folder.clone(), history.head.clone()))
            .collect()
    }

    /// Returns the day on which a file was added, by its path from the site root.
    pub(crate) fn day_added(&self, path: &str) -> Option<Date> {
        let folder = folders_of(path).find_map(|folder| self.folders.get_key_value(folder));
        let (folder, history) = folder?;
        let below = path.strip_prefix(folder.as_str())?.strip_prefix('/')?;
        history.added.get(below).copied()
    }
}

/// Lists the folders that contain a path, the innermost first.
fn folders_of<'p>(path: &'p str) -> impl Iterator<Item = &'p str> {
    let parent = |path: &&'p str| path.rsplit_once('/').map(|(folder, _)| folder);
    std::iter::successors(parent(&path), parent)
}

/// Finds the folders with these files that may lie in another repository than the folder above
/// them. The content folder is always one.
fn repositories<'p>(root: &Path, paths: impl Iterator<Item = &'p str>) -> BTreeSet<String> {
    let mut looked_at = BTreeSet::new();
    let mut found = BTreeSet::new();
    for path in paths {
        for folder in folders_of(path) {
            if !looked_at.insert(folder) {
                break;
            }
            let location = root.join(folder);
            let is_one = || location.join(".git").symlink_metadata().is_ok();
            if folder == FOLDER || location.is_symlink() || is_one() {
                found.insert(folder.to_owned());
            }
        }
    }
    found
}

/// Returns a fingerprint of which commits are checked out in the folders of these files. Returns `None`
/// if a repository does not answer.
pub(crate) fn fingerprint_heads<'p>(
    root: &Path,
    paths: impl Iterator<Item = &'p str>,
) -> Option<Fingerprint> {
    let heads = repositories(root, paths).into_iter().map(|folder| {
        let git = Repository::without_prompts(&root.join(&folder));
        let state = ask_state(&root.join(&folder), &git).ok()?;
        let state = state.map(|(state, _)| (state.head, state.prefix, state.shallow));
        Some((folder, state))
    });
    Some(Fingerprint::of_value(&heads.collect::<Option<Vec<_>>>()?))
}

/// Asks the repository around a folder about its files; `None` if there is no repository, or none
/// with commits.
fn ask(folder: &Path, known: Option<FolderHistory>) -> GitResult<Option<FolderHistory>> {
    let git = Repository::without_prompts(folder);
    let Some((mut history, is_inside)) = ask_state(folder, &git)? else {
        return Ok(None);
    };
    match known {
        Some(known) if history.is_like(&known) => Ok(Some(known)),
        _ => {
            if !history.shallow {
                let prefix = is_inside.then_some(&*history.prefix);
                history.added = list_added_dates(folder, &git, prefix)?;
            }
            Ok(Some(history))
        }
    }
}

/// Asks the repository around a folder which commit is checked out. Also returns whether the folder
/// is inside a work tree.
fn ask_state(folder: &Path, git: &Repository) -> GitResult<Option<(FolderHistory, bool)>> {
    let state = [
        "rev-parse",
        "--is-shallow-repository",
        "--is-inside-work-tree",
        "--show-prefix",
        "HEAD",
    ];
    let answer = match git.ask(state) {
        Ok(answer) => answer,
        Err(refusal) => return check_for_commits(folder, git, refusal).map(|()| None),
    };
    // The prefix stands between other lines, and may itself contain line breaks.
    let (shallow, rest) = answer.split_once('\n').unwrap_or_default();
    let (is_inside, rest) = rest.split_once('\n').unwrap_or_default();
    let (prefix, head) = rest.rsplit_once('\n').unwrap_or_default();
    let history = FolderHistory {
        head: head.to_owned(),
        prefix: prefix.to_owned(),
        shallow: shallow == "true",
        added: HashMap::new(),
    };
    Ok(Some((history, is_inside == "true")))
}

/// Returns the error for a repository that does not say which commit is checked out, unless there
/// is no repository or no commit yet.
fn check_for_commits(folder: &Path, git: &Repository, refusal: GitRefusal) -> GitResult<()> {
    if path_to_repository(folder).is_none() {
        return Ok(());
    }
    if !refusal.said.contains("unknown revision") {
        return Err(refusal);
    }
    // Only `git log` tells a branch without commits from a broken one.
    match git.ask(["log", "-1", "--format="]) {
        Err(refusal) if !refusal.said.contains("does not have any commits yet") => Err(refusal),
        _ => Ok(()),
    }
}

/// Asks git for the day on which each file below a folder was added, by its path from there.
///
/// `prefix` is the path from the root of the work tree to the folder, `None` outside of a work tree.
fn list_added_dates(
    folder: &Path,
    git: &Repository,
    prefix: Option<&str>,
) -> GitResult<HashMap<String, Date>> {
    if let Some(prefix) = prefix {
        let added = parse_added_dates(&git.bytes(LOG, b"")?, prefix);
        if !added.is_empty() {
            return Ok(added);
        }
    }
    // With `core.bare` or `core.worktree` git looks for the files elsewhere, although they lie
    // where the repository does.
    let Some(path) = path_to_repository(folder) else {
        return Ok(HashMap::new());
    };
    let work_tree = format!("--work-tree={path}");
    let real_prefix = git.ask([&work_tree, "rev-parse", "--show-prefix"])?;
    if prefix == Some(&*real_prefix) {
        return Ok(HashMap::new());
    }
    let log = git.bytes(std::iter::once(&*work_tree).chain(LOG), b"")?;
    Ok(parse_added_dates(&log, &real_prefix))
}

impl FolderHistory {
    /// Returns whether both are about the same commit and the same folder.
    fn is_like(&self, other: &Self) -> bool {
        self.head == other.head && self.prefix == other.prefix && self.shallow == other.shallow
    }
}

/// Returns the path from a folder to the innermost folder around it that looks like a repository,
/// whatever git says: `../`.
fn path_to_repository(folder: &Path) -> Option<String> {
    let looks_like_one = |folder: &Path| {
        let is_bare = || ["HEAD", "objects", "refs"].map(|name| folder.join(name).exists());
        folder.join(".git").symlink_metadata().is_ok() || is_bare() == [true; 3]
    };
    let above = fs::resolve_path(folder)
        .ancestors()
        .position(looks_like_one)?;
    Some(format!("./{}", "../".repeat(above)))
}

/// Lists additions and renames, the oldest first. Each commit begins with U+0001 and the day of its
/// author. Names are relative to the root of the repository and end with NUL.
///
/// A file that a merge has and neither side had is listed too. The options keep the user's settings
/// from changing the list.
const LOG: [&str; 18] = [
    "-c",
    "log.showRoot=true",
    "-c",
    "log.showSignature=false",
    "log",
    "--reverse",
    "-c",
    "--find-renames",
    "-l1000",
    "--no-follow",
    "--no-color",
    "--no-relative",
    "--diff-filter=AR",
    "--name-status",
    "-z",
    "--format=%x01%as",
    "--",
    ".",
];

/// Parses the output of `git log` into the day on which each file below `prefix` was added, by its
/// path from there.
pub fn parse_added_dates(log: &[u8], prefix: &str) -> HashMap<String, Date> {
    let mut days: HashMap<String, Date> = HashMap::new();
    let mut today = None;
    // Insert the names of a commit after all of its renames, because names may change places.
    let mut fresh: Vec<(String, Date)> = Vec::new();
    let mut words = log.split(|&byte| byte == 0).map(String::from_utf8_lossy);
    while let Some(word) = words.next() {
        let word = word.trim_ascii_start();
        if let Some(day) = word.strip_prefix('\u{1}') {
            today = day.trim().parse::<Date>().ok();
            days.extend(fresh.drain(..));
            continue;
        }
        // A merge has one letter for each side, and only the new name.
        let is_merge = word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_uppercase());
        let old = match word.bytes().next() {
            Some(b'R') if !is_merge => words.next(),
            Some(_) => None,
            None => continue,
        };
        let old = old.as_deref().and_then(|path| path.strip_prefix(prefix));
        let day = old.and_then(|path| days.remove(path)).or(today);
        if let Some(new) = words.next()
            && let Some(new) = new.strip_prefix(prefix)
            && let Some(day) = day
        {
            fresh.push((new.to_owned(), day));
        }
    }
    days.extend(fresh);
    days
}

fn shallow_clone(folder: &str) -> Diagnostic {
    let message = "the git history is incomplete, so posts without a date use that of their file";
    let help =
        "fetch the whole history: `git fetch --unshallow`, or `fetch-depth: 0` in a workflow";
    Diagnostic::new(Code::ShallowClone, FilePlace::file(folder), message).with_help(help)
}

fn dates_unknown(folder: &str, refusal: &GitRefusal) -> Diagnostic {
    let why = git::explain(refusal);
    let message = format!(
        "git cannot say when files were added, so posts without a date use that of their file: {}",
        why.message
    );
    let help = match why.help {
        Some(help) => format!("{help}; set `dates = \"mtime\"` in `[content]` to do without git"),
        None => "run `git log` in this folder to see why; set `dates = \"mtime\"` in `[content]` \
                 to do without git"
            .to_owned(),
    };
    Diagnostic::new(Code::DatesUnknown, FilePlace::file(folder), message).with_help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renamed_file_keeps_the_day_it_was_added() {
        let log = b"\x012024-05-01\0\nA\0content/a.txt\0A\0content/b.txt\0\
                    \x012025-06-02\0\nR100\0content/a.txt\0content/c.txt\0";
        let days = parse_added_dates(log, "content/");
        assert_eq!(days.get("c.txt"), Some(&Date::constant(2024, 5, 1)));
        assert_eq!(days.get("b.txt"), Some(&Date::constant(2024, 5, 1)));
        assert_eq!(days.get("a.txt"), None);
    }

    #[test]
    fn names_that_change_places_keep_their_days() {
        let log = b"\x012024-05-01\0\nA\0a\0\x012025-05-01\0\nA\0b\0\
                    \x012026-01-01\0\nR100\0a\0b\0R100\0b\0a\0";
        let days = parse_added_dates(log, "");
        assert_eq!(days.get("b"), Some(&Date::constant(2024, 5, 1)));
        assert_eq!(days.get("a"), Some(&Date::constant(2025, 5, 1)));
    }

    #[test]
    fn what_a_merge_adds_has_its_day() {
        let log = b"\x012024-05-01\0\nA\0a.txt\0\x012025-06-02\0\0AA\0b.txt\0RR\0c.txt\0";
        let days = parse_added_dates(log, "");
        assert_eq!(days.get("a.txt"), Some(&Date::constant(2024, 5, 1)));
        assert_eq!(days.get("b.txt"), Some(&Date::constant(2025, 6, 2)));
        assert_eq!(days.get("c.txt"), Some(&Date::constant(2025, 6, 2)));
    }

    #[test]
    fn path_may_have_line_breaks_and_look_like_anything() {
        let log = b"\x012024-05-01\0\nA\0p\nq/A\0A\0p\nq/\x012020-01-01\0A\0p\nq/\n b\0";
        let days = parse_added_dates(log, "p\nq/");
        assert_eq!(days.len(), 3, "{days:?}");
        assert!(days.contains_key("A") && days.contains_key("\n b"));
    }

    #[test]
    fn log_may_be_anything() {
        for log in [
            &b""[..],
            b"\0",
            b"A",
            b"A\0",
            b"R1\0x",
            b"\x01x\0A\0y\0",
            b"\xff\0\xfe\0",
        ] {
            parse_added_dates(log, "");
        }
    }

    #[test]
    fn outside_a_repository_nothing_is_known_and_nothing_is_reported() {
        let root = tempfile::tempdir().unwrap();
        fs::create_folder(&root.path().join(FOLDER)).unwrap();
        let mut history = GitHistory::default();
        let gone = FolderHistory::default();
        history.folders.insert(FOLDER.to_owned(), gone);
        let found = history.update(root.path(), ["content/a.txt"].into_iter());
        assert_eq!((history, found), (GitHistory::default(), Vec::new()));
    }

    #[test]
    fn innermost_repository_knows_a_file() {
        let mut history = GitHistory::default();
        for (folder, year) in [("content", 2020), ("content/b", 2021)] {
            let day = Date::constant(year, 1, 1);
            let added = ["a.txt", "b/a.txt", "bb/a.txt"];
            let added = added.map(|path| (path.to_owned(), day)).into();
            let known = FolderHistory {
                added,
                ..FolderHistory::default()
            };
            history.folders.insert(folder.to_owned(), known);
        }
        let year = |path| history.day_added(path).map(Date::year);
        assert_eq!(year("content/a.txt"), Some(2020));
        assert_eq!(year("content/b/a.txt"), Some(2021));
        assert_eq!(year("content/bb/a.txt"), Some(2020));
        assert_eq!(year("content/c.txt"), None);
    }
}
