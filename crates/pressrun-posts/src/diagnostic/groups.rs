//! Groups diagnostics by code, to show many of them to a person.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{Code, Diagnostic, Severity};

/// The diagnostics with one code, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiagnosticGroup<'d> {
    /// Their code.
    pub code: Code,
    /// The diagnostics; at least one.
    pub found: Vec<&'d Diagnostic>,
}

/// Groups diagnostics by code: errors first, then warnings, then notes; within a severity in the
/// order of the table of codes.
pub fn group_diagnostics<'d>(
    diagnostics: impl IntoIterator<Item = &'d Diagnostic>,
) -> Vec<DiagnosticGroup<'d>> {
    let mut by_code: BTreeMap<(Reverse<Severity>, Code), Vec<&Diagnostic>> = BTreeMap::new();
    for one in diagnostics {
        let key = (Reverse(one.severity()), one.code);
        by_code.entry(key).or_default().push(one);
    }
    let groups = by_code.into_iter();
    groups
        .map(|((_, code), found)| DiagnosticGroup { code, found })
        .collect()
}

/// Returns how many of the grouped diagnostics have a severity.
pub fn count_severity(groups: &[DiagnosticGroup<'_>], severity: Severity) -> usize {
    let of_severity = groups
        .iter()
        .filter(|group| group.code.severity() == severity);
    of_severity.map(|group| group.found.len()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::FilePlace;

    #[test]
    fn worst_codes_come_first() {
        let found = [
            Code::TagsGenerated,
            Code::DeadLink,
            Code::EmptyBody,
            Code::DeadLink,
        ]
        .map(|code| Diagnostic::new(code, FilePlace::file("a"), "m"));
        let groups = group_diagnostics(&found);
        let shown: Vec<_> = groups
            .iter()
            .map(|group| (group.code, group.found.len()))
            .collect();
        assert_eq!(
            shown,
            [
                (Code::EmptyBody, 1),
                (Code::DeadLink, 2),
                (Code::TagsGenerated, 1)
            ]
        );
        assert_eq!(count_severity(&groups, Severity::Warning), 2);
    }
}
