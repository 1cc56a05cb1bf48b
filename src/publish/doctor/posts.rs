//! Reports posts that are left out, and what each is waiting for.

use pressrun_posts::diagnostic::{Code, Diagnostic};
use pressrun_posts::post::SiteDate;
use pressrun_site::corpus::{UnpublishedPost, UnpublishedReason};
use pressrun_site::git::Repository;
use pressrun_text::numbers::count_with_noun;

use super::{DoctorSubject, make_doctor_finding};
use crate::publish::workflow::{self, WorkflowSchedule};

/// The most posts without approval that are reported one by one.
const MOST_UNAPPROVED: usize = 10;

pub(super) fn check_posts(subject: &DoctorSubject<'_>) -> Vec<Diagnostic> {
    let left_out = subject.findings.unpublished.iter();
    let mut found: Vec<Diagnostic> = left_out.filter_map(report_left_out).collect();
    found.extend(report_unapproved(&subject.findings.unpublished));
    found.extend(warn_of_missing_schedule(subject));
    found
}

/// Reports a post that is left out for another reason than its review.
fn report_left_out(post: &UnpublishedPost) -> Option<Diagnostic> {
    let (code, message, help) = match post.reason {
        UnpublishedReason::Scheduled(date) => (
            Code::FuturePost,
            format!(
                "`{}` appears with the first build on or after {date}",
                post.title
            ),
            "publish again then, or use a workflow: `publish --workflow`",
        ),
        UnpublishedReason::Expired(date) => (
            Code::ExpiredPost,
            format!("`{}` is no longer published since {date}", post.title),
            "change or remove `expires` if it should be published again",
        ),
        UnpublishedReason::Draft | UnpublishedReason::NearDuplicate => (
            Code::DraftLeftOut,
            format!("`{}` is a draft", post.title),
            "remove `draft: true` when it is finished; if the reply was cut off, add the rest",
        ),
        UnpublishedReason::Waiting | UnpublishedReason::Outdated | UnpublishedReason::Rejected => {
            return None;
        }
    };
    Some(make_doctor_finding(code, post.place(), message, help))
}

/// Reports posts that their review keeps back. Of many, the others are only counted: a batch may
/// bring thousands. Those that are outdated or due have a warning of the build already.
fn report_unapproved(unpublished: &[UnpublishedPost]) -> Vec<Diagnostic> {
    let quietly = |post: &&UnpublishedPost| match post.reason {
        UnpublishedReason::Waiting => !post.due,
        reason => reason == UnpublishedReason::Rejected,
    };
    let posts: Vec<&UnpublishedPost> = unpublished.iter().filter(quietly).collect();
    let report = |post: &&UnpublishedPost| {
        let (state, help) = if post.reason == UnpublishedReason::Rejected {
            (
                "was rejected",
                "change it and approve it, or delete it".to_owned(),
            )
        } else {
            let help = format!(
                "read it, and run `pressrun approve {} --by NAME`",
                post.source.file
            );
            ("waits for an approval", help)
        };
        let message = format!("`{}` {state}", post.title);
        make_doctor_finding(Code::UnapprovedLeftOut, post.place(), message, &help)
    };
    let mut found: Vec<Diagnostic> = posts.iter().take(MOST_UNAPPROVED).map(report).collect();
    if let Some(next) = posts.get(MOST_UNAPPROVED) {
        let more = posts.len() - MOST_UNAPPROVED;
        let posts = count_with_noun(more, "more post waits", "more posts wait");
        found.push(make_doctor_finding(
            Code::UnapprovedLeftOut,
            next.place(),
            format!("{posts} for an approval, or were rejected"),
            "`pressrun review` lists them",
        ));
    }
    found
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
