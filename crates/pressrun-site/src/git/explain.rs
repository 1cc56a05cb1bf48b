//! Explains errors of git, and what to do about them.

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace};

use super::GitRefusal;

/// An error that is recognised by its words.
struct Known {
    /// Any of these occurs in git's message.
    words: &'static [&'static str],
    code: Code,
    message: &'static str,
    help: &'static str,
}

/// Sorted from the most specific words to the least; the first match is used.
const KNOWN: &[Known] = &[
    Known {
        words: &["dubious ownership"],
        code: Code::NoRepository,
        message: "git refuses to use this repository, because it belongs to another user",
        help: "if you trust it, run `git config --global --add safe.directory FOLDER`",
    },
    Known {
        words: &["not a git repository"],
        code: Code::NoRepository,
        message: "the site is not in a git repository, so it cannot be published",
        help: "create one with `git init`, commit the site, create a repository on GitHub, and \
               add it: \
               `git remote add origin https://github.com/YOU/BLOG.git`",
    },
    Known {
        words: &[
            "tell me who you are",
            "empty ident name",
            "auto-detect email",
        ],
        code: Code::NoIdentity,
        message: "git has no name and email address for the commit",
        help: "set them: `git config user.name \"Your Name\"` and `git config user.email \
               you@example.com`",
    },
    Known {
        words: &["gpg failed", "failed to sign", "signing key", "gpg.ssh"],
        code: Code::GitFailed,
        message: "the commit could not be signed, which your setting `commit.gpgSign` requires",
        help: "repair signing, or turn it off here: `git config commit.gpgSign false`",
    },
    Known {
        words: &["exceeds GitHub's file size limit", "GH001"],
        code: Code::PushRejected,
        message: "GitHub rejected the push because of a file over 100 MB",
        help: "make the file smaller or host it elsewhere; use --no-history to drop earlier \
               versions from the branch",
    },
    Known {
        words: &["protected branch", "GH006", "GH013", "rule violations"],
        code: Code::PushRejected,
        message: "the branch is protected",
        help: "allow pushes to it in the repository's settings under Rules or Branches, or name \
               another branch in `[deploy] branch`",
    },
    Known {
        words: &["refusing to update checked out branch"],
        code: Code::PushRejected,
        message: "the remote is a repository with a work tree, and this branch is checked out \
                  there",
        help: "publish to a bare repository, or check out another branch there",
    },
    Known {
        words: &["hook declined"],
        code: Code::PushRejected,
        message: "a hook of the remote rejected the push",
        help: "its message says why; the owner of the remote can change the hook",
    },
    Known {
        words: &[".lock': File exists"],
        code: Code::GitFailed,
        message: "a file of git is locked: another git process is running, or one was killed and \
                  left the lock",
        help: "if no other git process is running, delete the lock file named above, and run the \
               command again",
    },
    Known {
        words: &[
            "stale info",
            "fetch first",
            "non-fast-forward",
            "cannot lock ref",
            "incorrect old value",
        ],
        code: Code::PushRejected,
        message: "somebody else pushed to the branch at the same time",
        help: "look at what they pushed, then run the command again",
    },
    Known {
        words: &["[remote rejected]", "[rejected]"],
        code: Code::PushRejected,
        message: "the remote rejected the push",
        help: "its message says why",
    },
    Known {
        words: &[
            "Authentication failed",
            "could not read Username",
            "could not read Password",
            "Permission denied",
            "Permission to",
            "error: 403",
            "password authentication was removed",
            "Host key verification failed",
            "Invalid username",
        ],
        code: Code::NoAccess,
        message: "the remote denied access",
        help: "log in with `gh auth login`, or use a key with write access (`git push` must work \
               for you); `git remote -v` shows the repository",
    },
    Known {
        words: &[
            "Could not resolve host",
            "Connection refused",
            "Connection timed out",
            "Operation timed out",
            "Network is unreachable",
            "Failed to connect",
            "Temporary failure in name resolution",
        ],
        code: Code::NoAccess,
        message: "the remote cannot be reached",
        help: "check your network connection and run the command again",
    },
    Known {
        words: &[
            "Repository not found",
            "does not appear to be a git repository",
            "repository not found",
            "does not exist",
            "not found",
        ],
        code: Code::NoAccess,
        message: "there is no repository at the address of the remote, or you have no access to it",
        help: "create it on GitHub first; `git remote -v` shows the address, and `git remote \
               set-url` changes it",
    },
    Known {
        words: &["failed to push some refs"],
        code: Code::PushRejected,
        message: "a hook of your repository (`pre-push`) rejected the push",
        help: "its message says why; `git push` runs it too",
    },
];

/// Returns the diagnostic for an error of git.
pub fn explain(refusal: &GitRefusal) -> Diagnostic {
    let place = FilePlace::file(refusal.command.as_str());
    if refusal.missing {
        let message = format!("`git` cannot be run: {}", refusal.said);
        let help = "install it from https://git-scm.com/downloads";
        return Diagnostic::new(Code::NoGit, place, message).with_help(help);
    }
    let said = &refusal.said;
    // git has no error codes, so the words of its message are all there is.
    let known = KNOWN
        .iter()
        .find(|known| known.words.iter().any(|words| said.contains(words)));
    let words = essence(said);
    match known {
        Some(known) => {
            let message = match words.as_str() {
                "" => known.message.to_owned(),
                words => format!("{}; git says: {words}", known.message),
            };
            let help = trusting(said).unwrap_or_else(|| known.help.to_owned());
            Diagnostic::new(known.code, place, message).with_help(help)
        }
        None if words.is_empty() => {
            let message = "git stopped before it was done, without a message";
            Diagnostic::new(Code::GitFailed, place, message)
                .with_help("run the command again; the published site was not changed")
        }
        None => Diagnostic::new(Code::GitFailed, place, format!("git says: {words}")),
    }
}

/// Returns what to type to trust a repository of another user. Git names the command.
fn trusting(said: &str) -> Option<String> {
    let mut lines = said.lines().map(str::trim);
    let command = lines.find(|line| line.contains("--add safe.directory"))?;
    Some(format!("if you trust it, run `{command}`"))
}

/// The most characters of one of git's lines that a message shows.
const MOST_SHOWN: usize = 400;

/// Beginnings of lines without information.
const EMPTY: [&str; 8] = [
    "To add an exception for this directory",
    "git config --global --add safe.directory",
    "hint:",
    "To ",
    "Done",
    "error: failed to push some refs",
    "Please make sure you have the correct access",
    "and the repository exists",
];

/// Joins the important lines of git's message into one.
fn essence(said: &str) -> String {
    let lines: Vec<&str> = said
        .lines()
        .map(|line| line.trim().trim_start_matches("remote:").trim())
        // From the report of a push, keep only the reason, which is in brackets.
        .map(|line| {
            line.strip_prefix('!')
                .and_then(|line| line.rsplit('\t').next())
                .unwrap_or(line)
        })
        .filter(|line| !line.is_empty() && !EMPTY.iter().any(|empty| line.starts_with(empty)))
        // A long message from a hook must not fill the screen.
        .map(|line| match line.char_indices().nth(MOST_SHOWN) {
            Some((end, _)) => &line[..end],
            None => line,
        })
        .take(8)
        .collect();
    lines.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(said: &str, code: Code, message: &str) {
        let found = explain(&GitRefusal {
            command: "git push".to_owned(),
            said: said.to_owned(),
            missing: false,
        });
        assert_eq!((found.code, found.message.as_str()), (code, message));
    }

    #[test]
    fn words_of_git_say_what_is_wrong() {
        check(
            "fatal: could not read Username for 'https://github.com': terminal prompts disabled\n",
            Code::NoAccess,
            "the remote denied access; git says: fatal: could not read Username for \
             'https://github.com': terminal prompts disabled",
        );
        check(
            "remote: error: GH006: Protected branch update failed for refs/heads/gh-pages.\n\
             To github.com:me/blog.git\n!\tHEAD:refs/heads/gh-pages\t[remote rejected] (protected branch hook declined)\n",
            Code::PushRejected,
            "the branch is protected; git says: error: GH006: Protected branch update failed for \
             refs/heads/gh-pages.; [remote rejected] (protected branch hook declined)",
        );
        check(
            "ERROR: Repository not found.\nfatal: Could not read from remote repository.\n",
            Code::NoAccess,
            "there is no repository at the address of the remote, or you have no access to it; \
             git says: \
             ERROR: Repository not found.; fatal: Could not read from remote repository.",
        );
        check(
            "error: failed to push some refs to '../r.git'\n",
            Code::PushRejected,
            "a hook of your repository (`pre-push`) rejected the push",
        );
        check(
            "remote: error: cannot lock ref 'refs/heads/gh-pages': Unable to create \
             '/srv/blog.git/refs/heads/gh-pages.lock': File exists.\n",
            Code::GitFailed,
            "a file of git is locked: another git process is running, or one was killed and left \
             the lock; git says: error: cannot lock ref 'refs/heads/gh-pages': Unable to create \
             '/srv/blog.git/refs/heads/gh-pages.lock': File exists.",
        );
        check(
            "fatal: out of luck\n",
            Code::GitFailed,
            "git says: fatal: out of luck",
        );
    }

    #[test]
    fn command_that_trusts_a_repository_is_the_one_that_git_names() {
        let found = explain(&GitRefusal {
            command: "git rev-parse".to_owned(),
            said: "fatal: detected dubious ownership in repository at '/srv/a b'\n\
                   To add an exception for this directory, call:\n\n\
                   \tgit config --global --add safe.directory '/srv/a b'\n"
                .to_owned(),
            missing: false,
        });
        assert_eq!(
            found.help.as_deref(),
            Some("if you trust it, run `git config --global --add safe.directory '/srv/a b'`")
        );
        assert!(
            found.message.ends_with("in repository at '/srv/a b'"),
            "{}",
            found.message
        );
    }

    #[test]
    fn missing_git_is_reported() {
        let found = explain(&GitRefusal {
            command: "git rev-parse".to_owned(),
            said: "No such file or directory".to_owned(),
            missing: true,
        });
        assert_eq!(found.code, Code::NoGit);
    }
}
