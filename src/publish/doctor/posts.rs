//! Posts that are left out, each with what it waits for.

use super::{Subject, finding};
use crate::diagnostic::{Code, Diagnostic};

pub(super) fn check(subject: &Subject<'_>) -> Vec<Diagnostic> {
    subject
        .waiting
        .iter()
        .map(|post| match post.day {
            Some(day) => finding(
                Code::FuturePost,
                post.place.clone(),
                format!("`{}` appears with the first build on or after {day}", post.title),
                "publish again on that day, or let a workflow do it: `publish --workflow`",
            ),
            None => finding(
                Code::DraftLeftOut,
                post.place.clone(),
                format!("`{}` is a draft", post.title),
                "take `draft: true` away when it is finished; of a reply that was cut off, add the rest",
            ),
        })
        .collect()
}
