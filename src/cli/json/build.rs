//! What `build` has done, as JSON.

use std::time::Duration;

use pressrun_site::pipeline::BuildReport;
use serde_json::{Value, json};

use super::super::schedule::schedule_to_json;
use super::list_diagnostics;

/// Returns what a build has done, with the time of each stage if `with_timings`.
pub(in super::super) fn build_to_json(report: &BuildReport, with_timings: bool) -> Value {
    let (findings, written) = (&report.findings, &report.written);
    let timings = with_timings.then(|| {
        let stages = report.timings.stages().iter();
        let stages = stages.map(|stage| {
            json!({
                "stage": stage.name,
                "wall": seconds(stage.wall),
                "cpu": stage.cpu.map(seconds),
            })
        });
        stages.collect::<Value>()
    });
    json!({
        "base_url": report.base_url.as_str(),
        "output": report.output.to_string_lossy(),
        "ledger": findings.ledger,
        "files": {
            "written": written.written,
            "unchanged": written.unchanged,
            "removed": written.removed,
            "bytes": written.bytes,
        },
        "diagnostics": list_diagnostics(&findings.diagnostics),
        "waiting": schedule_to_json(&findings.unpublished),
        "seconds": seconds(report.timings.total().wall),
        "timings": timings,
    })
}

/// Returns a time in seconds, without digits that mean nothing.
fn seconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e6
}
