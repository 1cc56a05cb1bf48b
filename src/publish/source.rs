//! Describes what a site was built from: the commit that is checked out.

use pressrun_site::git::Repository;

/// The state of the user's repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CheckoutState {
    /// The commit that is checked out; `None` before the first commit.
    commit: Option<String>,
    /// The branch that is checked out, if there is one.
    branch: Option<String>,
    /// Whether the folder of the site differs from the commit.
    changed: bool,
}

impl CheckoutState {
    pub(super) fn read(repository: &Repository) -> Self {
        let status = [
            "status",
            "--porcelain",
            "--untracked-files=normal",
            "--",
            ".",
        ];
        Self {
            commit: repository.look_up(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]),
            branch: checked_out_branch(repository),
            changed: repository.look_up(status).is_some(),
        }
    }

    /// Returns the message of the commit that publishes the site.
    pub(super) fn message(&self) -> String {
        let pressrun = format!("{BUILT_BY}{}", env!("CARGO_PKG_VERSION"));
        let Some(commit) = &self.commit else {
            return format!("Publish uncommitted files\n\n{pressrun}\n");
        };
        // A commit is hexadecimal, so any cut is between characters.
        let short = &commit[..commit.len().min(10)];
        let branch = self.branch.as_ref();
        let branch = branch.map_or_else(String::new, |branch| format!(" ({branch})"));
        let changed = if self.changed {
            "With uncommitted changes\n"
        } else {
            ""
        };
        format!("Publish {short}\n\nSource: {commit}{branch}\n{changed}{pressrun}\n")
    }
}

/// Returns the branch that is checked out, or `None` if the HEAD is detached.
pub(super) fn checked_out_branch(repository: &Repository) -> Option<String> {
    repository.look_up(["symbolic-ref", "--quiet", "--short", "HEAD"])
}

/// Returns whether a commit with this message was made by `publish`, in any version so far.
pub(super) fn is_of_publication(message: &str) -> bool {
    let subject = message.trim_start();
    let publishes = subject.starts_with("Publish ");
    publishes && message.lines().any(|line| line.starts_with(BUILT_BY))
}

/// The beginning of the line of a message that names the program.
const BUILT_BY: &str = "Built by pressrun ";

/// Returns the path of the site's folder from the root of the repository: empty, or with `/` at its
/// end.
pub(super) fn folder(repository: &Repository) -> String {
    repository
        .look_up(["rev-parse", "--show-prefix"])
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_names_the_source() {
        let mut source = CheckoutState {
            commit: Some("0123456789abcdef".to_owned()),
            branch: Some("main".to_owned()),
            changed: true,
        };
        let built = format!("Built by pressrun {}\n", env!("CARGO_PKG_VERSION"));
        assert_eq!(
            source.message(),
            format!(
                "Publish 0123456789\n\nSource: 0123456789abcdef (main)\n\
                 With uncommitted changes\n{built}"
            )
        );
        assert!(is_of_publication(&source.message()));
        source.branch = None;
        source.changed = false;
        assert_eq!(
            source.message(),
            format!("Publish 0123456789\n\nSource: 0123456789abcdef\n{built}")
        );
        source.commit = None;
        assert_eq!(
            source.message(),
            format!("Publish uncommitted files\n\n{built}")
        );
        assert!(is_of_publication(&source.message()));
        for message in [
            "Publish a post\n",
            "Built by pressrun 1\n",
            "Revert \"Publish 0\"\n",
        ] {
            assert!(!is_of_publication(message), "{message}");
        }
    }
}
