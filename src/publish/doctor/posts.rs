//! Reports posts that are left out, and what each is waiting for.

use pressrun_posts::diagnostic::{Code, Diagnostic};
use pressrun_posts::post::SiteDate;
use pressrun_site::corpus::{UnpublishedPost, UnpublishedReason};
use pressrun_site::git::Repository;

use super::{DoctorSubject, make_doctor_finding};
use crate::publish::workflow::{self, WorkflowSchedule};

pub(super) fn check_posts(subject: &DoctorSubject<'_>) -> Vec<Diagnostic> {
    let left_out = subject.findings.unpublished.iter();
    let left_out = left_out.map(|post| match post.reason {
        UnpublishedReason::Scheduled(date) => make_doctor_finding(
            Code::FuturePost,
            post.place(),
            format!(
                "`{}` appears with the first build on or after {date}",
                post.title
            ),
            "publish again then, or use a workflow: `publish --workflow`",
        ),
        UnpublishedReason::Expired(date) => make_doctor_finding(
            Code::ExpiredPost,
            post.place(),
            format!("`{}` is no longer published since {date}", post.title),
            "change or remove `expires` if it should be published again",
        ),
        UnpublishedReason::Draft | UnpublishedReason::NearDuplicate => make_doctor_finding(
            Code::DraftLeftOut,
            post.place(),
            format!("`{}` is a draft", post.title),
            "remove `draft: true` when it is finished; if the reply was cut off, add the rest",
        ),
        UnpublishedReason::Waiting | UnpublishedReason::Outdated => make_doctor_finding(
            Code::DraftLeftOut,
            post.place(),
            format!("`{}` waits for an approval", post.title),
            "read it, and run `pressrun approve PATH --by NAME`",
        ),
        UnpublishedReason::Rejected => make_doctor_finding(
            Code::DraftLeftOut,
            post.place(),
            format!("`{}` was rejected", post.title),
            "change it and approve it, or delete it",
        ),
    });
    left_out.chain(warn_of_missing_schedule(subject)).collect()
}

/// Warns about a workflow that would not run when a scheduled post is due.
fn warn_of_missing_schedule(subject: &DoctorSubject<'_>) -> Option<Diagnostic> {
    let left_out = subject.findings.unpublished.iter();
    let ahead: Vec<SiteDate> = left_out
        .filter_map(UnpublishedPost::scheduled_date)
        .collect();
    let repository = Repository::around(subject.root).ok()?;
    let text = workflow::read_existing_workflow(&repository, subject.root)?;
    let needed = WorkflowSchedule::for_posts(ahead.iter().copied());
    let runs = match WorkflowSchedule::of_workflow(&text) {
        known if known >= needed => return None,
        WorkflowSchedule::None => "only after a push",
        known => known.describe(),
    };
    Some(make_doctor_finding(
        Code::NoSchedule,
        workflow::workflow_place(),
        format!(
            "the site has scheduled posts ({}), but the workflow runs {runs}",
            ahead.len()
        ),
        &format!(
            "run it {}: `pressrun publish --workflow` writes the schedule",
            needed.describe()
        ),
    ))
}
