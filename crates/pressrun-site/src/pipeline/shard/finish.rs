//! Checks that a site that was built in steps is complete, and signs it with its manifest.

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace, Severity};

use super::gather::{FILES, FINDINGS, PLANNED, PlannedPages};
use super::pages::{files_piece, list_used_pieces};
use super::work::{ShardStep, StepManifest, count_by_name};
use super::{ShardRequest, StepInputs, StepOutcome};
use crate::output::{self, FileComparison, FileList, WrittenCounts};
use crate::pipeline::BuildReport;
use crate::pipeline::findings::{SiteFindings, count_rejections};
use crate::pipeline::timings::Timings;
use crate::render::CommandFailure;

/// Checks that every planned file is there once and every reply in the ledger, and writes the manifest
/// of the site. Returns what a build would have reported.
///
/// # Errors
///
/// Returns what is missing, damaged or foreign, with the step to run.
pub fn finish_shards(request: &ShardRequest) -> Result<(StepOutcome, BuildReport), CommandFailure> {
    let step = ShardStep::Finish;
    let inputs = StepInputs::open(request, step)?;
    let StepInputs {
        work, plan, build, ..
    } = &inputs;
    let findings: SiteFindings = work.read_piece(ShardStep::Gather, plan, FINDINGS)?;
    if request.build.strict && count_rejections(&findings.diagnostics) > 0 {
        let mut diagnostics = findings.diagnostics;
        diagnostics.retain(|found| found.severity() == Severity::Error);
        return Err(CommandFailure::Site(diagnostics));
    }
    let gathered = work.read_manifest(ShardStep::Gather, plan)?;
    check_ledger(&inputs, &gathered)?;
    let comparison = if request.verify {
        FileComparison::Contents
    } else {
        FileComparison::Size
    };
    let files = join_file_lists(&inputs, &gathered, comparison)?;
    let site = work.site();
    if let Some(foreign) = files.find_foreign(&site) {
        let place = FilePlace::file(site.join(&foreign).display().to_string());
        let message = "no step of this plan wrote it";
        let found = Diagnostic::new(Code::OutputNotOurs, place, message)
            .with_help("remove it, or run `pressrun shard plan --force` to begin again");
        return Err(CommandFailure::Site(vec![found]));
    }
    let written = WrittenCounts {
        written: files.len(),
        bytes: files.bytes(),
        ..WrittenCounts::default()
    };
    let mut writer = work.begin_step(step)?;
    output::sign_files(files, findings.ledger.published, &site, writer.temporary())?;
    let counts = count_by_name([
        ("files", written.written as u64),
        ("bytes", written.bytes),
        ("replies", findings.ledger.replies as u64),
        ("published", findings.ledger.published as u64),
        ("rejected", findings.ledger.rejected as u64),
    ]);
    let manifest = writer.make_manifest(plan.id(), gathered.outputs, counts);
    writer.finish(&manifest, &manifest)?;
    work.remove_remains(build.now);
    let report = BuildReport {
        base_url: inputs.config.base_url.clone(),
        output: site,
        written,
        findings,
        timings: Timings::with_observer(build.on_stage),
    };
    Ok((StepOutcome::new(manifest), report))
}

/// Checks that all replies of all shards were gathered.
fn check_ledger(inputs: &StepInputs, gathered: &StepManifest) -> Result<(), CommandFailure> {
    let StepInputs { work, plan, .. } = inputs;
    // What cannot even be listed is rejected too.
    let mut read = plan.step.count("rejected");
    let mut inputs_now = Vec::new();
    for shard in 0..plan.shards {
        let manifest = work.read_manifest(ShardStep::Read(shard), plan)?;
        read += manifest.count("posts") + manifest.count("rejected");
        inputs_now.extend(manifest.outputs);
    }
    let refuse = |why: &str| Err(work.refuse(ShardStep::Gather, "gather.json", why));
    if inputs_now != gathered.inputs {
        return refuse("was made from other posts than the shards have now");
    }
    let ledger = gathered.count("replies") + gathered.count("superseded");
    if ledger != read {
        return refuse(&format!(
            "has {ledger} replies in its ledger, but the shards have {read}"
        ));
    }
    Ok(())
}

/// Returns the files of all steps, which must be those that were planned.
fn join_file_lists(
    inputs: &StepInputs,
    gathered: &StepManifest,
    comparison: FileComparison,
) -> Result<FileList, CommandFailure> {
    let StepInputs { work, plan, .. } = inputs;
    let planned: Vec<PlannedPages> = work.read_piece(ShardStep::Gather, plan, PLANNED)?;
    let mut all = FileList::default();
    let steps = (0..plan.shards).map(ShardStep::Render);
    let mut planned = planned.iter();
    for step in [ShardStep::Gather].into_iter().chain(steps) {
        let name = match step.shard() {
            None => FILES.to_owned(),
            Some(shard) => {
                let manifest = work.read_manifest(step, plan)?;
                if manifest.inputs != list_used_pieces(gathered, shard) {
                    let why = "was made from other pieces than the gathered ones";
                    return Err(work.refuse(step, &format!("render/{shard}.json"), why));
                }
                files_piece(shard)
            }
        };
        let files: FileList = work.read_piece(step, plan, &name)?;
        if planned.next() != Some(&PlannedPages::new(files.names())) {
            return Err(work.refuse(step, &name, "does not list the files that were planned"));
        }
        let site = work.site();
        if let Some(missing) = files.find_missing(&site, comparison) {
            let place = format!("site/{missing}");
            return Err(work.refuse(step, &place, "is missing or not as it was written"));
        }
        all.append(files);
    }
    Ok(all)
}
