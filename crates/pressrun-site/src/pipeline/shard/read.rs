//! Reads the sources of one shard.

use std::io::ErrorKind;
use std::sync::Arc;

use pressrun_parquet::{ParquetTable, read_row_groups};
use pressrun_posts::content_file::{self, FileInput, FileJoiner, FilePiece, LinePiece};
use pressrun_posts::diagnostic::{Diagnostic, Severity};
use pressrun_posts::post::Post;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::plan::{PlannedPart, PlannedSource, sources_piece};
use super::work::{ShardStep, WorkFile, count_by_name};
use super::{ShardRequest, StepInputs, StepOutcome};
use crate::cache::{BodyStore, StoredBody};
use crate::discover::{self, SourceFile};
use crate::error::SystemError;
use crate::fs::{self, FileStamp};
use crate::pipeline::content::{ContentReader, SourceReading, open_parquet, open_source_unhashed};
use crate::render::CommandFailure;

/// How many bytes of sources are in memory at a time, or a single source if it is larger.
const TURN: u64 = 16 << 20;

/// What was read of a source.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum ReadSource {
    /// The posts of a whole file, and what was found in it.
    Whole(Arc<str>, Vec<Arc<Post<StoredBody>>>, Vec<Diagnostic>),
    /// Some lines or rows of a file.
    Part(Arc<str>, FilePiece<StoredBody>),
}

impl ReadSource {
    /// Calls `change` with the body of each post.
    pub(super) fn try_for_each_body<E>(
        &mut self,
        mut change: impl FnMut(&mut StoredBody) -> Result<(), E>,
    ) -> Result<(), E> {
        match self {
            Self::Whole(_, posts, _) => {
                let mut posts = posts.iter_mut();
                posts.try_for_each(|post| change(&mut Arc::make_mut(post).body))
            }
            Self::Part(_, piece) => piece
                .posts_mut()
                .try_for_each(|post| change(&mut post.body)),
        }
    }

    /// Returns the number of posts, and of rejected replies.
    fn count_outcomes(&self) -> [usize; 2] {
        match self {
            Self::Whole(_, posts, found) => {
                let errors = found.iter();
                let errors = errors.filter(|found| found.severity() == Severity::Error);
                [posts.len(), errors.count()]
            }
            Self::Part(_, piece) => piece.count_outcomes(),
        }
    }
}

/// Joins what was read of each file, in the order of the files and of their parts. It needs one piece at a
/// time.
#[derive(Default)]
pub(super) struct SourceJoiner {
    files: Vec<SourceReading>,
    /// The file whose parts are being joined.
    open: Option<OpenReading>,
}

/// A file whose parts are being joined.
struct OpenReading {
    path: Arc<str>,
    joiner: FileJoiner<StoredBody>,
    posts: Vec<Arc<Post<StoredBody>>>,
}

impl SourceJoiner {
    /// Adds what was read of the next source.
    pub(super) fn add_source(&mut self, source: ReadSource) {
        match source {
            ReadSource::Whole(path, posts, diagnostics) => {
                self.finish_file();
                self.files.push(SourceReading {
                    path,
                    posts,
                    diagnostics,
                });
            }
            ReadSource::Part(path, part) => {
                if self.open.as_ref().is_some_and(|open| open.path != path) {
                    self.finish_file();
                }
                let open = self.open.get_or_insert_with(|| OpenReading {
                    joiner: FileJoiner::new(&path),
                    path,
                    posts: Vec::new(),
                });
                open.joiner.add_piece(part);
                // One at a time, because a file can hold most posts of the site.
                open.posts.extend(open.joiner.take_posts().map(Arc::new));
            }
        }
    }

    fn finish_file(&mut self) {
        if let Some(open) = self.open.take() {
            self.files.push(SourceReading {
                path: open.path,
                posts: open.posts,
                diagnostics: open.joiner.finish().diagnostics,
            });
        }
    }

    /// Returns the files.
    pub(super) fn finish(mut self) -> Vec<SourceReading> {
        self.finish_file();
        self.files
    }
}

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
    let name = sources_piece(shard);
    let sources: Vec<PlannedSource> = work.read_piece(ShardStep::Plan, plan, &name)?;
    if let Some(manifest) = work.find_done(step, plan) {
        let mut sources = sources.iter();
        sources.try_for_each(|source| check_size(source, &inputs))?;
        return Ok(StepOutcome::found(manifest));
    }
    let mut writer = work.begin_step(step)?;
    let bodies = BodyStore::open(&writer.stage(&bodies_file(shard))?)?;
    let reader = ContentReader::for_pieces(&inputs.stage_inputs());
    let mut pieces = Vec::with_capacity(sources.len());
    for turn in divide_into_turns(&sources) {
        pieces.extend(read_turn(turn, &inputs, &reader, &bodies)?);
    }
    drop(bodies);
    writer.put_piece(&posts_piece(shard), plan.id(), &pieces)?;
    writer.add_output(&bodies_file(shard))?;
    let outcomes = pieces.iter().map(ReadSource::count_outcomes);
    let [posts, rejected] = outcomes.fold([0, 0], |all, one| [all[0] + one[0], all[1] + one[1]]);
    let counts = count_by_name([
        ("sources", pieces.len() as u64),
        ("posts", posts as u64),
        ("rejected", rejected as u64),
    ]);
    let used: Vec<WorkFile> = plan
        .step
        .outputs
        .iter()
        .filter(|file| file.name == name)
        .cloned()
        .collect();
    let manifest = writer.make_manifest(plan.id(), used, counts);
    writer.finish(&manifest, &manifest)?;
    Ok(StepOutcome::new(manifest))
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
) -> Result<Vec<ReadSource>, CommandFailure> {
    let read = sources.par_iter().map(|source| {
        // Threads end in any order, so each source has bodies of its own at first.
        let own = BodyStore::in_memory();
        Ok((read_source(source, inputs, reader, &own)?, own))
    });
    let read = read.collect::<Result<Vec<_>, CommandFailure>>()?;
    let mut pieces = Vec::with_capacity(read.len());
    for (mut piece, own) in read {
        piece.try_for_each_body(|body| bodies.copy_body(body, &own))?;
        pieces.push(piece);
    }
    Ok(pieces)
}

/// Checks that a source has the size with which it was planned.
fn check_size(source: &PlannedSource, inputs: &StepInputs) -> Result<(), CommandFailure> {
    let planned = &source.file;
    let location = inputs.build.root.join(&*planned.path);
    // Machines may have copies of the site, with other times.
    let size = |stamp: Option<FileStamp>| stamp.map(|stamp| stamp.size);
    if size(fs::read_stamp(&location)) == size(planned.stamp) {
        Ok(())
    } else {
        Err(refuse_changed_source(&planned.path, inputs))
    }
}

fn refuse_changed_source(path: &str, inputs: &StepInputs) -> CommandFailure {
    let why = format!("`{path}` was changed after the site was planned");
    inputs.work.refuse_plan(&why)
}

fn read_source(
    source: &PlannedSource,
    inputs: &StepInputs,
    reader: &ContentReader,
    bodies: &BodyStore,
) -> Result<ReadSource, CommandFailure> {
    let root = &inputs.build.root;
    let file = source.file.clone().locate(root);
    let path = Arc::clone(&file.path);
    let changed = || refuse_changed_source(&path, inputs);
    check_size(source, inputs)?;
    let named = source.named.as_ref();
    let settings = reader.settings_of_file(named);
    let piece = match &source.part {
        None => {
            let content = match open_source_unhashed(&file.location) {
                Ok(content) => content,
                Err(error) if !error.is_of_one_file() => return Err(error.into()),
                Err(error) => {
                    let found = discover::report_unreadable_file(root, &error);
                    return Ok(ReadSource::Whole(path, Vec::new(), vec![found]));
                }
            };
            let (posts, found) = reader.read_source(&file, content, named, bodies)?;
            return Ok(ReadSource::Whole(path, posts, found));
        }
        // A piece of a file that cannot be read is no piece of the others.
        Some(PlannedPart::Lines(lines)) => {
            let input = FileInput {
                bytes: read_lines(&file, *lines)?.ok_or_else(changed)?,
                path: Arc::clone(&path),
            };
            content_file::read_lines_piece(&input, lines.first_line, &settings)
        }
        Some(PlannedPart::RowGroups(groups)) => {
            let table = open_table(&file)?.ok_or_else(changed)?;
            let groups = groups.groups.clone();
            if table.row_groups().len() < groups.end {
                return Err(changed());
            }
            read_row_groups(&table, groups, &path, &settings)
        }
    };
    let piece = reader.store_piece(&file, piece, bodies)?;
    Ok(ReadSource::Part(path, piece))
}

/// Opens a Parquet file. Returns `None` if it is none.
pub(super) fn open_table(file: &SourceFile) -> Result<Option<Arc<ParquetTable>>, SystemError> {
    Ok(ParquetTable::open(open_parquet(&file.location)?).ok())
}

/// Reads some lines of a file. Returns `None` if no line begins or ends in these places.
fn read_lines(file: &SourceFile, lines: LinePiece) -> Result<Option<Vec<u8>>, SystemError> {
    let failed = |error| SystemError::new("read", &file.location, error);
    let (opened, data) = fs::open_file(&file.location)?;
    // With the end of the line before.
    let start = lines.start.saturating_sub(1);
    let mut bytes = vec![0; (lines.end - start) as usize];
    match fs::read_at(&opened, &mut bytes, start) {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
        read => read.map_err(failed)?,
    }
    let is_end = |at: u64| at == data.len() || bytes.get((at - start - 1) as usize) == Some(&b'\n');
    if !is_end(lines.end) || lines.start > 0 && !is_end(lines.start) {
        return Ok(None);
    }
    bytes.drain(..(lines.start - start) as usize);
    Ok(Some(bytes))
}
