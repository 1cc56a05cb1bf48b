//! Budgets, time, and runs that end before their end.

use super::*;

#[test]
fn budget_is_never_exceeded() {
    let listener = ScriptedListener::start(|number, _| {
        ScriptedResponse::begin(&post(&number.to_string())).finish_with_usage("stop", 60, 5900)
    });
    let mut site = TestSite::new();
    site.budget.0 = Some(20_000);
    let outcome = site.run(&listener, &["a", "b", "c", "d", "e", "f"]);
    assert_eq!(stop(&outcome).kind, StopKind::Budget);
    assert_eq!(outcome.judged[&Verdict::Accepted], 3);
    let mut open = 0;
    let mut reserved = std::collections::HashMap::new();
    for record in site.records() {
        match record {
            JournalRecord::Asked(record) => {
                open += record.reserved;
                reserved.insert(record.request, record.reserved);
            }
            JournalRecord::Answered(record) => {
                open = open + record.usage.unwrap().total() - reserved[&record.request];
            }
            _ => {}
        }
        assert!(open <= 20_000);
    }
}

#[test]
fn time_of_the_run_is_limited() {
    let listener = ScriptedListener::start(|_, _| limited().header("retry-after", "40"));
    let mut site = TestSite::new();
    site.budget.1 = Some(Duration::from_secs(60));
    let outcome = site.run(&listener, &["a"]);
    assert_eq!(stop(&outcome).kind, StopKind::Time);
    assert_eq!(listener.received().len(), 2);
}

#[test]
fn interrupt_ends_open_requests_with_their_outcomes() {
    let listener = ScriptedListener::start(|number, _| match number % 2 {
        0 => ScriptedResponse::begin("TITLE: T\n\nA part.\n\n").stall(),
        _ => ScriptedResponse::silence(),
    });
    let site = TestSite::new();
    let interrupt = wait_for_stalls(&listener, 4);
    let outcome = site.run_until(&listener, &["a", "b", "c", "d", "e"], interrupt);
    assert_eq!(stop(&outcome).kind, StopKind::Interrupted);
    assert_eq!(listener.received().len(), 4);
    let outcomes = site.records().into_iter().filter(|record| {
        matches!(
            record,
            JournalRecord::Answered(_) | JournalRecord::Failed(_)
        )
    });
    assert_eq!(outcomes.count(), 4);
    assert_eq!(
        site.journal().state("a").unwrap().phase,
        TopicPhase::Answered
    );
    // Which of the later requests comes first to the server is chance.
    let journal = site.journal();
    let open = ["b", "c", "d"].map(|id| journal.state(id).unwrap().needs_asking());
    assert_eq!(open.into_iter().filter(|&needs| needs).count(), 2);
}

#[test]
fn first_request_stays_alone_until_the_server_accepts_it() {
    let listener = ScriptedListener::start(|number, _| match number {
        0 => ScriptedResponse::error(500, "server_error", "m"),
        number => whole(&number.to_string()),
    });
    let mut site = TestSite::new();
    // The server must answer before the time that the first request is alone.
    site.step = Duration::from_millis(1);
    site.run(&listener, &["a", "b", "c"]);
    let records = site.records();
    assert!(
        matches!(records[1], JournalRecord::Failed(_)),
        "{records:?}"
    );
}
