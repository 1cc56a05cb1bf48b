//! Makes the pages of one shard.

use std::sync::Arc;

use super::gather::{BASE, GatheredBase, part_piece};
use super::work::{ShardStep, StepManifest, WorkFile, count_by_name};
use super::{ShardRequest, StepInputs, StepOutcome};
use crate::output;
use crate::render::{CommandFailure, PartInputs, SitePart, prepare_part_renderer};

/// Returns the piece with the list of the files of a shard.
pub(super) fn files_piece(shard: u32) -> String {
    format!("render/{shard}.files")
}

/// Makes the pages of a shard.
///
/// # Errors
///
/// Returns an error if the site was not gathered or was changed since, if a template cannot be rendered,
/// or if the machine cannot write the pages.
pub fn render_shard(request: &ShardRequest, shard: u32) -> Result<StepOutcome, CommandFailure> {
    let step = ShardStep::Render(shard);
    let inputs = StepInputs::open(request, step)?;
    let gathered = inputs.work.read_manifest(ShardStep::Gather, &inputs.plan)?;
    let used = list_used_pieces(&gathered, shard);
    inputs.make_pages(step, &files_piece(shard), used, |used| {
        render_gathered_shard(&inputs, shard, used)
    })
}

/// Returns the pieces from which the pages of a shard are made.
pub(super) fn list_used_pieces(gathered: &StepManifest, shard: u32) -> Vec<WorkFile> {
    let own = part_piece(shard);
    let outputs = gathered.outputs.iter();
    let used = outputs.filter(|file| file.name == BASE || file.name == own);
    used.cloned().collect()
}

fn render_gathered_shard(
    inputs: &StepInputs,
    shard: u32,
    used: Vec<WorkFile>,
) -> Result<StepManifest, CommandFailure> {
    let StepInputs {
        work,
        plan,
        build,
        config,
        ..
    } = inputs;
    let base: GatheredBase = work.read_piece(ShardStep::Gather, plan, BASE)?;
    let part: SitePart = work.read_piece(ShardStep::Gather, plan, &part_piece(shard))?;
    let part_inputs = PartInputs {
        root: &build.root,
        theme: build.theme,
        config: Arc::clone(config),
        bodies: Arc::new(base.open_bodies(work)),
    };
    let Some(renderer) = prepare_part_renderer(base.site, part, part_inputs)? else {
        let why = "was made with other templates, data or messages than the site has now";
        return Err(work.refuse(ShardStep::Gather, BASE, why));
    };
    let mut writer = work.begin_step(ShardStep::Render(shard))?;
    let jobs: Vec<u32> = (0..renderer.jobs().len() as u32).collect();
    let files = output::write_files(&renderer, &jobs, &work.site(), writer.temporary())?;
    writer.put_piece(&files_piece(shard), plan.id(), &files)?;
    let counts = count_by_name([("files", files.len() as u64), ("bytes", files.bytes())]);
    let manifest = writer.make_manifest(plan.id(), used, counts);
    writer.finish(&manifest, &manifest)?;
    Ok(manifest)
}
