//! The table `[review]`: which posts a person must approve before they are published.

use super::section::ConfigSection;

/// The table `[review]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct ReviewConfig {
    /// Which posts need an approval.
    pub required: ReviewRequirement,
}

/// Which posts need an approval.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum ReviewRequirement {
    /// No post. An outdated approval and a rejection still keep a post back.
    None,
    /// The posts that `pressrun generate` made.
    #[default]
    Generated,
    /// All posts and pages.
    All,
}

impl ReviewConfig {
    pub(super) fn read(&mut self, review: &mut ConfigSection<'_>) {
        review.choice(
            "required",
            &mut self.required,
            &[
                ("none", ReviewRequirement::None),
                ("generated", ReviewRequirement::Generated),
                ("all", ReviewRequirement::All),
            ],
        );
    }
}
