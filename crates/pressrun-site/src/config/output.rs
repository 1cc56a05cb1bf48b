//! The table `[output]`: files for programs, beside the pages for people.

use super::section::ConfigSection;

/// The table `[output]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct OutputConfig {
    /// Whether the Markdown of each post and page is published beside it.
    pub markdown: bool,
    /// Whether `llms.txt` lists the posts and pages.
    pub llms: bool,
}

pub(super) fn read_output_table(root: &mut ConfigSection<'_>, output: &mut OutputConfig) {
    root.table("output", |table| {
        table.boolean("markdown", &mut output.markdown);
        table.boolean("llms", &mut output.llms);
    });
}
