//! Replaces a file that may be being edited at the same time.
//!
//! The new file and the old one are exchanged in one step, and then the old one is checked. If it
//! was edited since the plan was made, they are exchanged back. So an edit is lost in two cases
//! only:
//!
//! - An editor opened the old file before the exchange and writes into it after the check. Most
//!   editors write another file and rename it, which the check notices.
//! - The files cannot be exchanged (Windows, some network file systems). The old file is then
//!   checked just before it is replaced, and an edit between these two steps is lost.

use std::io;
use std::path::{Path, PathBuf};

use pressrun_site::error::{Result, SystemError};
use pressrun_site::fs;

use super::front_matter;

/// A step that [`replace_file`] has completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReplaceStep {
    /// The old file was checked, and the new one is written completely.
    Ready,
    /// The two files are exchanged.
    Exchanged,
}

/// Replaces the contents of the file at `path` by `text`. The new file is first written to
/// `staged`. If `path` is a link, its target is replaced. `done` is called after each step.
///
/// # Errors
///
/// Returns an error if the file was edited, which is then kept, or if the machine refuses.
pub(super) fn replace_file(
    path: &Path,
    staged: &Path,
    text: &str,
    done: &dyn Fn(ReplaceStep),
) -> Result<()> {
    let target = fs::read_symbolic_link(path).map_or_else(|| path.to_owned(), |(_, target)| target);
    // The target of a link may be on another file system, to which files cannot be renamed.
    let staged = if target == path {
        staged.to_owned()
    } else {
        hidden_path_beside(&target)
    };
    let replaced = exchange_with_staged(&target, &staged, text, done);
    let removed = fs::remove_file(&staged);
    replaced.and(removed)
}

/// Returns the path of a hidden file beside a file.
fn hidden_path_beside(target: &Path) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    target.with_file_name(format!(".{name}.pressrun-ingest"))
}

fn exchange_with_staged(
    target: &Path,
    staged: &Path,
    text: &str,
    done: &dyn Fn(ReplaceStep),
) -> Result<()> {
    match is_untouched(target)? {
        Some(true) => {}
        Some(false) => return Err(edited_meanwhile_error(target)),
        None => {
            fs::write_with_folder(staged, text.as_bytes())?;
            return fs::rename_without_replacing(staged, target);
        }
    }
    fs::write_with_folder(staged, text.as_bytes())?;
    let data =
        std::fs::metadata(target).map_err(|error| SystemError::new("read", target, error))?;
    fs::copy_permissions(&data, staged)?;
    done(ReplaceStep::Ready);
    let failed = |error| SystemError::new("write", target, error);
    match fs::exchange_files(staged, target) {
        Ok(true) => {}
        Ok(false) if is_untouched(target)? == Some(false) => {
            return Err(edited_meanwhile_error(target));
        }
        Ok(false) => return fs::rename(staged, target),
        // It was removed in the meantime.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return fs::rename_without_replacing(staged, target);
        }
        Err(error) => return Err(failed(error)),
    }
    done(ReplaceStep::Exchanged);
    // A file that cannot be looked at may have been edited, so it goes back too.
    if matches!(is_untouched(staged), Ok(Some(true))) {
        return Ok(());
    }
    fs::exchange_files(staged, target).map_err(failed)?;
    // An editor may have saved over the new file in between. That edit is the newest, so it stays.
    if fs::read_whole_file(staged).is_ok_and(|bytes| bytes != text.as_bytes()) {
        fs::exchange_files(staged, target).map_err(failed)?;
    }
    Err(edited_meanwhile_error(target))
}

/// Returns whether a file is as `ingest` wrote it, or `None` if it does not exist.
fn is_untouched(path: &Path) -> Result<Option<bool>> {
    let bytes = fs::read_if_there(path)?;
    Ok(bytes.map(|bytes| {
        front_matter::parse_ingested_file(&bytes).is_some_and(|written| !written.edited)
    }))
}

/// Returns the error for a file that changed after the plan was made.
pub(super) fn edited_meanwhile_error(path: &Path) -> SystemError {
    let cause = "it was changed by another program; run the command again";
    SystemError::new("write", path, io::Error::other(cause))
}

#[cfg(test)]
mod tests {
    use pressrun_posts::post::Post;

    use super::*;

    fn text_of(title: &str) -> String {
        let post = Post {
            title: title.to_owned(),
            body: "Text.".to_owned(),
            ..Post::default()
        };
        let place = front_matter::PlannedPlace {
            file: "a.txt",
            record: None,
            slug: "a",
            date: None,
        };
        front_matter::format_ingested_file(&post, place)
    }

    /// Returns a folder with a file that `ingest` wrote, and the path where the next one is staged.
    fn folder() -> (tempfile::TempDir, PathBuf, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.md");
        std::fs::write(&path, text_of("Old")).unwrap();
        let staged = folder.path().join("staging/0");
        (folder, path, staged)
    }

    fn read(path: &Path) -> String {
        std::fs::read_to_string(path).unwrap()
    }

    /// Replaces the file while an editor writes `edit` at a step, by renaming another file over it.
    #[track_caller]
    fn check_edit_at(step: ReplaceStep, replaced: bool) {
        let (folder, path, staged) = folder();
        let edit = text_of("Old").replace("Text.", "A better text.");
        let saved = folder.path().join("saved");
        let result = replace_file(&path, &staged, &text_of("New"), &|done| {
            if done == step {
                std::fs::write(&saved, &edit).unwrap();
                std::fs::rename(&saved, &path).unwrap();
            }
        });
        assert_eq!(result.is_ok(), replaced);
        assert_eq!(read(&path), edit);
        assert!(!staged.exists());
    }

    #[test]
    fn file_that_nobody_edits_is_replaced() {
        let (_folder, path, staged) = folder();
        replace_file(&path, &staged, &text_of("New"), &|_| {}).unwrap();
        assert_eq!(read(&path), text_of("New"));
        assert!(!staged.exists());
    }

    #[test]
    fn edit_before_the_exchange_stays() {
        check_edit_at(ReplaceStep::Ready, false);
    }

    #[test]
    fn edit_after_the_exchange_stays() {
        // Whether the editor has seen the new file or not, its edit is the newest.
        if !can_exchange() {
            return;
        }
        check_edit_at(ReplaceStep::Exchanged, true);
    }

    #[test]
    fn the_newest_of_two_edits_stays() {
        if !can_exchange() {
            return;
        }
        let (_folder, path, staged) = folder();
        let result = replace_file(&path, &staged, &text_of("New"), &|step| {
            std::fs::write(&path, format!("edited when {step:?}")).unwrap();
        });
        assert!(result.is_err());
        assert_eq!(read(&path), "edited when Exchanged");
    }

    fn can_exchange() -> bool {
        let folder = tempfile::tempdir().unwrap();
        let [a, b] = ["a", "b"].map(|name| folder.path().join(name));
        std::fs::write(&a, "a").unwrap();
        std::fs::write(&b, "b").unwrap();
        fs::exchange_files(&a, &b).unwrap()
    }

    #[test]
    fn file_that_was_removed_is_written_again() {
        let (_folder, path, staged) = folder();
        std::fs::remove_file(&path).unwrap();
        replace_file(&path, &staged, &text_of("New"), &|_| {}).unwrap();
        assert_eq!(read(&path), text_of("New"));
    }

    #[cfg(unix)]
    #[test]
    fn what_cannot_be_examined_is_put_back() {
        if !can_exchange() {
            return;
        }
        let (_folder, path, staged) = folder();
        let result = replace_file(&path, &staged, &text_of("New"), &|step| {
            if step == ReplaceStep::Ready {
                std::fs::remove_file(&path).unwrap();
                std::fs::create_dir(&path).unwrap();
                std::fs::write(path.join("mine.txt"), "mine").unwrap();
            }
        });
        assert!(result.is_err());
        assert_eq!(read(&path.join("mine.txt")), "mine");
    }

    #[cfg(unix)]
    #[test]
    fn mode_and_owner_of_a_file_stay() {
        use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
        let (_folder, path, staged) = folder();
        // Only the superuser may do this, and only for him it makes a difference.
        let given_away = chown(&path, Some(1), Some(1)).is_ok();
        for mode in [0o600, 0o664, 0o444] {
            std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
            replace_file(&path, &staged, &text_of("New"), &|_| {}).unwrap();
            let now = std::fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(now & 0o777, mode);
        }
        let data = std::fs::metadata(&path).unwrap();
        assert!(!given_away || (data.uid(), data.gid()) == (1, 1));
    }

    #[cfg(unix)]
    #[test]
    fn link_stays_and_what_it_leads_to_is_replaced() {
        let (_folder, path, staged) = folder();
        let elsewhere = tempfile::tempdir().unwrap();
        let target = elsewhere.path().join("note.md");
        std::fs::rename(&path, &target).unwrap();
        std::os::unix::fs::symlink(&target, &path).unwrap();
        replace_file(&path, &staged, &text_of("New"), &|_| {}).unwrap();
        assert!(path.is_symlink());
        assert_eq!(read(&target), text_of("New"));
        assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 1);
    }
}
