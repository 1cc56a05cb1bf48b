//! Reads the sources of one shard.

use std::sync::Arc;

use pressrun_posts::diagnostic::Severity;
use rayon::prelude::*;

use super::plan::{PlannedSource, sources_piece};
use super::work::{ShardStep, WorkFile, count_by_name};
use super::{ShardRequest, StepInputs, StepOutcome};
use crate::cache::{BodyStore, Fingerprint};
use crate::discover;
use crate::fs::{self, FileStamp};
use crate::pipeline::content::{ContentReader, SourceReading};
use crate::render::CommandFailure;

/// How many bytes of sources are in memory at a time, or a single source if it is larger.
const TURN: u64 = 16 << 20;

/// Returns the piece with the posts of a shard.
pub(super) fn posts_piece(shard: u32) -> String {
    format!("read/{shard}.posts")
}

/// Returns the file with the bodies of a shard.
pub(super) fn bodies_file(shard: u32) -> String {
    format!("read/{shard}.bodies")
}

/// Reads the sources of a shard.
///
/// # Errors
///
/// Returns an error if the plan cannot be used, a source was changed after it, or the machine cannot
/// read or store any more files.
pub fn read_shard(request: &ShardRequest, shard: u32) -> Result<StepOutcome, CommandFailure> {
    let step = ShardStep::Read(shard);
    let inputs = StepInputs::open(request, step)?;
    let StepInputs { work, plan, .. } = &inputs;
    if let Some(manifest) = work.find_done(step, plan) {
        return Ok(StepOutcome {
            manifest,
            was_done: true,
        });
    }
    let name = sources_piece(shard);
    let sources: Vec<PlannedSource> = work.read_piece(ShardStep::Plan, plan, &name)?;
    let mut writer = work.begin_step(step)?;
    let bodies = BodyStore::open(&writer.stage(&bodies_file(shard))?)?;
    let reader = ContentReader::for_pieces(&inputs.stage_inputs());
    let mut pieces = Vec::with_capacity(sources.len());
    for turn in divide_into_turns(&sources) {
        pieces.extend(read_turn(turn, &inputs, &reader, &bodies)?);
    }
    drop(bodies);
    writer.put_piece(&posts_piece(shard), plan.key(), &pieces)?;
    writer.add_output(&bodies_file(shard))?;
    let posts: usize = pieces.iter().map(|piece| piece.posts.len()).sum();
    let found = pieces.iter().flat_map(|piece| &piece.diagnostics);
    let rejected = found.filter(|found| found.severity() == Severity::Error);
    let counts = count_by_name([
        ("files", pieces.len() as u64),
        ("posts", posts as u64),
        ("rejected", rejected.count() as u64),
    ]);
    let used: Vec<WorkFile> = plan
        .step
        .outputs
        .iter()
        .filter(|file| file.name == name)
        .cloned()
        .collect();
    let manifest = writer.make_manifest(&plan.step.plan, used, counts);
    writer.finish(&manifest, &manifest)?;
    Ok(StepOutcome {
        manifest,
        was_done: false,
    })
}

/// Divides sources into turns of about the same size, each of which is read in parallel.
fn divide_into_turns(sources: &[PlannedSource]) -> Vec<&[PlannedSource]> {
    let mut size = 0;
    let turns = sources.chunk_by(|_, next| {
        size += next.size();
        let is_full = size > TURN;
        if is_full {
            size = 0;
        }
        !is_full
    });
    turns.collect()
}

/// Reads some sources in parallel, and stores their bodies in their order.
fn read_turn(
    sources: &[PlannedSource],
    inputs: &StepInputs,
    reader: &ContentReader,
    bodies: &BodyStore,
) -> Result<Vec<SourceReading>, CommandFailure> {
    let read = sources.par_iter().map(|source| {
        // Threads end in any order, so each source has bodies of its own at first.
        let own = BodyStore::in_memory();
        Ok((read_source(source, inputs, reader, &own)?, own))
    });
    let read = read.collect::<Result<Vec<_>, CommandFailure>>()?;
    let mut pieces = Vec::with_capacity(read.len());
    for (mut piece, own) in read {
        for post in &mut piece.posts {
            bodies.copy_body(&mut Arc::make_mut(post).body, &own)?;
        }
        pieces.push(piece);
    }
    Ok(pieces)
}

fn read_source(
    source: &PlannedSource,
    inputs: &StepInputs,
    reader: &ContentReader,
    bodies: &BodyStore,
) -> Result<SourceReading, CommandFailure> {
    let root = &inputs.build.root;
    let file = source.file.clone().locate(root);
    let path = Arc::clone(&file.path);
    // Machines may have copies of the site, with other times.
    let size = |stamp: Option<FileStamp>| stamp.map(|stamp| stamp.size);
    if size(fs::read_stamp(&file.location)) != size(source.file.stamp) {
        let why = format!("`{path}` was changed after the site was planned");
        return Err(inputs.work.refuse_plan(&why));
    }
    let bytes = match fs::read_whole_file(&file.location) {
        Ok(bytes) => bytes,
        Err(error) if !error.is_of_one_file() => return Err(error.into()),
        Err(error) => {
            return Ok(SourceReading {
                path,
                hash: Fingerprint::default(),
                posts: Vec::new(),
                diagnostics: vec![discover::report_unreadable_file(root, &error)],
            });
        }
    };
    let hash = Fingerprint::of_bytes(&bytes);
    let (posts, diagnostics) = reader.read_source(&file, bytes, source.named.as_ref(), bodies)?;
    Ok(SourceReading {
        path,
        hash,
        posts,
        diagnostics,
    })
}
