//! Prepares the environment of git.
//!
//! In a hook of another repository, or in a shell that was set up for one, variables are set that
//! direct git there. They are removed, and so are those that change what an answer means. Whatever
//! gives access stays: credentials, proxies, ssh, identities, and settings in variables such as
//! `GIT_CONFIG_COUNT`, in which CI systems pass tokens.

use std::path::Path;
use std::process::Command;

/// Variables that direct git to another repository, other objects or another history.
const ELSEWHERE: [&str; 19] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_ATTR_SOURCE",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_INDEX_VERSION",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_NAMESPACE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_QUARANTINE_PATH",
    "GIT_REFERENCE_BACKEND",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
];

/// Variables that change what a path in a command means, or what git prints and where.
const OTHERWISE: [&str; 12] = [
    "GIT_CURL_VERBOSE",
    "GIT_DIFF_OPTS",
    "GIT_EXTERNAL_DIFF",
    "GIT_GLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
    "GIT_LITERAL_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_NOTES_REF",
    "GIT_PAGER",
    "GIT_REDIRECT_STDERR",
    "GIT_REDIRECT_STDIN",
    "GIT_REDIRECT_STDOUT",
];

/// Sets the environment of a command; `prompts` says whether git may ask the user.
pub(super) fn prepare(command: &mut Command, prompts: bool) {
    for variable in ELSEWHERE.into_iter().chain(OTHERWISE) {
        command.env_remove(variable);
    }
    for (variable, value) in std::env::vars_os() {
        // A trace into a file does no harm. Any other trace is mixed into git's messages.
        if variable.to_string_lossy().starts_with("GIT_TRACE") && !Path::new(&value).is_absolute() {
            command.env_remove(variable);
        }
    }
    command
        // pressrun reads git's messages, so they must be in one language.
        .env("LC_ALL", "C")
        // Without this, even `git status` writes to the user's index.
        .env("GIT_OPTIONAL_LOCKS", "0")
        // Replaced history exists on this machine only, and a push sends the real one.
        .env("GIT_NO_REPLACE_OBJECTS", "1")
        .env("GIT_GRAFT_FILE", NOTHING);
    if !prompts {
        command.env("GIT_TERMINAL_PROMPT", "0");
    }
}

/// An empty file.
const NOTHING: &str = if cfg!(windows) { "NUL" } else { "/dev/null" };

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_calls_local_to_a_repository_is_cleared() {
        let output = Command::new("git")
            .args(["rev-parse", "--local-env-vars"])
            .output();
        let names = String::from_utf8(output.unwrap().stdout).unwrap();
        assert!(names.contains("GIT_DIR"), "{names}");
        // These hold settings, among them credentials, as `git -c` and CI systems pass them on.
        let kept = ["GIT_CONFIG_PARAMETERS", "GIT_CONFIG_COUNT"];
        for name in names.lines().filter(|name| !kept.contains(name)) {
            assert!(ELSEWHERE.contains(&name), "{name}");
        }
    }

    #[test]
    fn what_lets_git_in_stays() {
        let mut command = Command::new("git");
        prepare(&mut command, true);
        let changed: Vec<String> = command
            .get_envs()
            .map(|(name, _)| name.to_string_lossy().into_owned())
            .collect();
        for name in [
            "GIT_ASKPASS",
            "GIT_SSH",
            "GIT_SSH_COMMAND",
            "GIT_SSL_CAINFO",
            "GIT_PROXY_COMMAND",
            "GIT_CONFIG_GLOBAL",
            "GIT_CONFIG_KEY_0",
            "GIT_AUTHOR_NAME",
            "GIT_TERMINAL_PROMPT",
            "SSH_AUTH_SOCK",
            "https_proxy",
            "HOME",
        ] {
            assert!(!changed.iter().any(|one| one == name), "{name}");
        }
    }
}
