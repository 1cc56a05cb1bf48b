//! The table `[check]`: what is not reported.

use std::hash::{Hash, Hasher};

use pressrun_posts::diagnostic::{Code, Diagnostic};

/// The table `[check]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckConfig {
    /// The codes that are not reported; none is an error.
    pub ignore: Vec<Code>,
}

impl CheckConfig {
    /// Removes the diagnostics that are not reported.
    pub fn retain_reported(&self, diagnostics: &mut Vec<Diagnostic>) {
        diagnostics.retain(|found| !self.ignore.contains(&found.code));
    }
}

impl Hash for CheckConfig {
    /// Hashes nothing: no page depends on what is reported, so a change renders nothing again.
    fn hash<H: Hasher>(&self, _: &mut H) {}
}
