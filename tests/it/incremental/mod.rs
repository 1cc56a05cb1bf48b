//! Tests that a build after any edits gives the same files as a clean build, and writes nothing
//! else.
//!
//! This is the test we would keep if we could keep only one. It makes a random site and edits it at
//! random. After each edit it builds the site on top of the last build, and a copy of the site from
//! nothing. To run more cases: `PROPTEST_CASES=10000 cargo test --release incremental`.

pub(crate) mod edits;
pub(crate) mod workshop;

use proptest::prelude::*;

use edits::{Edit, edit};
use workshop::{Outcome, Workshop, public};

fn check(first: Vec<Edit>, edits: Vec<Edit>) -> Result<(), TestCaseError> {
    let mut workshop = Workshop::new();
    for edit in &first {
        workshop.apply(edit);
    }
    let none = Edit::Clock(true);
    for edit in std::iter::once(&none).chain(&edits) {
        let before_edit = public(workshop.root());
        workshop.apply(edit);
        let before = public(workshop.root());
        let found = workshop.build(workshop.root());
        let clean = workshop.copy();
        let expected = workshop.build(clean.path());
        prop_assert_eq!(&found, &expected, "after {:?}", edit);
        let after = public(workshop.root());
        if matches!(found, Outcome::Wrong(_)) {
            prop_assert!(before == after, "a failed build wrote, after {:?}", edit);
            continue;
        }
        let wanted = public(clean.path());
        prop_assert_eq!(
            after.keys().collect::<Vec<_>>(),
            wanted.keys().collect::<Vec<_>>(),
            "after {:?}",
            edit
        );
        for (path, (bytes, time)) in &after {
            prop_assert!(
                *bytes == wanted[path].0,
                "{} differs after {:?}",
                path,
                edit
            );
            // A file that was damaged is written again.
            let harmed = before_edit.get(path) != before.get(path);
            if let Some((old_bytes, old_time)) = before_edit.get(path)
                && old_bytes == bytes
                && !harmed
            {
                prop_assert_eq!(old_time, time, "{} was touched after {:?}", path, edit);
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn incremental_build_equals_clean_build(
        first in prop::collection::vec(edit(), 4..16),
        edits in prop::collection::vec(edit(), 1..12),
    ) {
        check(first, edits)?;
    }
}
