//! Divides the sources of a site into shards.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use pressrun_parquet::{RowGroupPiece, find_row_group_pieces, is_parquet_path};
use pressrun_posts::content_file::{self, LinePiece};
use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::read::open_table;
use super::work::{PlanManifest, PlanSettings, ShardStep, StepManifest, WorkFolder, count_by_name};
use super::{ShardRequest, StepOutcome, fingerprint_outside};
use crate::cache::Fingerprint;
use crate::discover::{self, DiscoveredFiles, NamedTranslation, SourceFile};
use crate::error::SystemError;
use crate::fs::{self, FileStamp, WalkedFile};
use crate::output::{self, FileComparison};
use crate::pipeline::findings::count_rejections;
use crate::pipeline::load_request_config;
use crate::render::{self, CommandFailure};

/// The piece with the sources of the whole site.
const LISTING: &str = "plan/sources";

/// What reading a file costs, in bytes, however small it is.
const COST_OF_FILE: u64 = 2000;

/// A file of the site as it was planned.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct PlannedFile {
    /// Path from the root of the site.
    pub(super) path: Arc<str>,
    pub(super) stamp: Option<FileStamp>,
}

/// The content of a site as it was planned.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct PlannedContent {
    files: Vec<PlannedFile>,
    media: Vec<PlannedFile>,
    diagnostics: Vec<Diagnostic>,
    translations: Vec<(Arc<str>, NamedTranslation)>,
}

/// What a shard reads of one file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct PlannedSource {
    pub(super) file: PlannedFile,
    /// What its name says about its language.
    pub(super) named: Option<NamedTranslation>,
    /// The part that is read, if the others are read elsewhere.
    pub(super) part: Option<PlannedPart>,
}

/// A part of a file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum PlannedPart {
    Lines(LinePiece),
    RowGroups(RowGroupPiece),
}

/// Returns the piece with the sources of a shard.
pub(super) fn sources_piece(shard: u32) -> String {
    format!("plan/{shard}")
}

impl PlannedSource {
    /// Returns what reading it costs, in bytes.
    fn cost(&self) -> u64 {
        COST_OF_FILE + self.size()
    }

    /// Returns how many bytes are read.
    pub(super) fn size(&self) -> u64 {
        match &self.part {
            Some(PlannedPart::Lines(lines)) => lines.end - lines.start,
            Some(PlannedPart::RowGroups(groups)) => groups.bytes,
            None => self.file.size(),
        }
    }
}

impl PlannedFile {
    fn new(file: &SourceFile) -> Self {
        Self {
            path: Arc::clone(&file.path),
            stamp: file.stamp,
        }
    }

    fn size(&self) -> u64 {
        self.stamp.map_or(0, |stamp| stamp.size)
    }

    fn of_walked(file: &WalkedFile) -> Self {
        Self {
            path: file.path.as_str().into(),
            stamp: file.stamp,
        }
    }

    /// Returns the file in the folder of the site on this machine.
    pub(super) fn locate(self, root: &Path) -> SourceFile {
        SourceFile {
            location: root.join(&*self.path),
            path: self.path,
            stamp: self.stamp,
        }
    }
}

impl PlannedContent {
    fn new(listed: &DiscoveredFiles) -> Self {
        let translations = listed.translations.iter();
        let mut translations: Vec<_> = translations
            .map(|(path, named)| (Arc::clone(path), named.clone()))
            .collect();
        translations.sort_by(|a, b| a.0.cmp(&b.0));
        Self {
            files: listed.files.iter().map(PlannedFile::new).collect(),
            media: listed.media.iter().map(PlannedFile::new).collect(),
            diagnostics: listed.diagnostics.clone(),
            translations,
        }
    }

    /// Reads the content that was planned.
    pub(super) fn read(
        work: &WorkFolder,
        plan: &PlanManifest,
    ) -> Result<PlannedContent, CommandFailure> {
        work.read_piece(ShardStep::Plan, plan, LISTING)
    }

    /// Returns the files in the folder of the site on this machine.
    pub(super) fn locate(self, root: &Path) -> DiscoveredFiles {
        let locate = |files: Vec<PlannedFile>| {
            let files = files.into_iter().map(|file| file.locate(root));
            files.collect()
        };
        DiscoveredFiles {
            files: locate(self.files),
            media: locate(self.media),
            diagnostics: self.diagnostics,
            translations: self.translations.into_iter().collect::<HashMap<_, _>>(),
        }
    }
}

/// Plans a site in `shards` shards.
///
/// # Errors
///
/// Returns what is wrong with the site, or that the folder holds another plan or foreign files.
pub fn plan_shards(request: &ShardRequest, shards: u32) -> Result<StepOutcome, CommandFailure> {
    let build = &request.build;
    let work = WorkFolder::new(request);
    check_folder(request, &work)?;
    let config = load_request_config(build)?;
    let listed = discover::discover_files(&build.root)?;
    let settings = PlanSettings {
        base_url: build.base_url.as_ref().map(|url| url.as_str().to_owned()),
        drafts: build.drafts,
        future: build.future,
        present: build.present,
        outside: fingerprint_outside(&build.root, &config)?,
    };
    let planned = PlannedContent::new(&listed);
    let static_files = render::static_files(&build.root)?;
    let static_files: Vec<PlannedFile> = static_files.iter().map(PlannedFile::of_walked).collect();
    let plan = fingerprint_plan(&settings, &planned, &static_files, shards);
    if build.force {
        work.clear()?;
    } else if let Some(manifest) = find_same_plan(&work, &plan)? {
        return Ok(StepOutcome::found(manifest));
    }
    let sources = divide_sources(list_sources(&listed, shards)?, shards);
    fs::create_folder(&request.work)?;
    let mut writer = work.begin_step(ShardStep::Plan)?;
    writer.put_piece(LISTING, &plan, &planned)?;
    for (shard, sources) in (0..).zip(&sources) {
        writer.put_piece(&sources_piece(shard), &plan, sources)?;
    }
    let bytes = listed.files.iter().filter_map(|file| file.stamp);
    let counts = count_by_name([
        ("files", listed.files.len() as u64),
        ("media", listed.media.len() as u64),
        ("bytes", bytes.map(|stamp| stamp.size).sum()),
        ("rejected", count_rejections(&listed.diagnostics) as u64),
    ]);
    let step = writer.make_manifest(&plan, Vec::new(), counts);
    let manifest = PlanManifest {
        step: step.clone(),
        shards,
        settings,
    };
    writer.finish(&step, &manifest)?;
    Ok(StepOutcome::new(step))
}

/// Returns what identifies a plan. The present is no part of it, because a plan that is made again a
/// second later is the same.
fn fingerprint_plan(
    settings: &PlanSettings,
    planned: &PlannedContent,
    static_files: &[PlannedFile],
    shards: u32,
) -> String {
    // What differs between machines that see the same file is left out.
    let seen = |file: &PlannedFile| {
        let stamp = file.stamp.map(|stamp| (stamp.size, stamp.modified()));
        (Arc::clone(&file.path), stamp)
    };
    let files: Vec<_> = planned.files.iter().map(seen).collect();
    let media: Vec<_> = planned.media.iter().map(seen).collect();
    let static_files: Vec<_> = static_files.iter().map(seen).collect();
    let PlanSettings {
        base_url,
        drafts,
        future,
        outside,
        present: _,
    } = settings;
    let settings = (base_url, drafts, future, outside);
    Fingerprint::of_value(&(settings, files, media, static_files, shards)).to_string()
}

/// Returns the manifest of the plan in the folder if it is this one.
fn find_same_plan(work: &WorkFolder, plan: &str) -> Result<Option<StepManifest>, CommandFailure> {
    let Some(found) = work.find_plan()? else {
        return Ok(None);
    };
    if found.step.plan != plan {
        return Err(work.refuse_plan(
            "the folder holds the plan of another site, or of this one with other options or before it \
             was changed",
        ));
    }
    let is_there = work.has_outputs(&found.step, FileComparison::Contents);
    Ok(is_there.then_some(found.step))
}

/// Checks that the work folder is no part of the site, and holds nothing foreign.
fn check_folder(request: &ShardRequest, work: &WorkFolder) -> Result<(), CommandFailure> {
    let refuse = |why: &str, help: &str| {
        let place = FilePlace::file(request.work.display().to_string());
        let message = format!("cannot use it as the work folder: {why}");
        let found = Diagnostic::new(Code::PieceUnusable, place, message).with_help(help);
        CommandFailure::Site(vec![found])
    };
    if let Some(why) = output::explain_source_overlap(&request.build.root, &request.work) {
        return Err(refuse(&why, "choose another folder"));
    }
    let public = request.build.output_folder();
    if let Some(output) = output::find_output_above(&request.work, &public) {
        let why = format!("it is in the folder `{}` of a built site", output.display());
        return Err(refuse(&why, "choose a folder that is not published"));
    }
    if let Err(error) = fs::is_folder(&request.work) {
        return Err(refuse(
            &error.cause().to_string(),
            "remove it, or choose another folder",
        ));
    }
    match work.find_foreign_entry()? {
        Some(path) => {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let why = format!("it contains `{name}`, which pressrun did not write");
            Err(refuse(&why, "choose an empty folder"))
        }
        None => Ok(()),
    }
}

/// Lists what is read of the files of a site. A large file with a record on each line, or in each row,
/// becomes several sources.
fn list_sources(
    listed: &DiscoveredFiles,
    shards: u32,
) -> Result<Vec<PlannedSource>, CommandFailure> {
    let whole = |file: &SourceFile| PlannedSource {
        file: PlannedFile::new(file),
        named: listed.translations.get(&file.path).cloned(),
        part: None,
    };
    let sources: Vec<PlannedSource> = listed.files.iter().map(whole).collect();
    let all: u64 = sources.iter().map(PlannedSource::cost).sum();
    // Several pieces for each shard, so that all shards get about the same.
    let share = all / u64::from(shards) / 4;
    let files = sources.into_par_iter().zip(&listed.files);
    let divided = files.map(|(source, file)| {
        if shards == 1 || source.size() <= 2 * share {
            return Ok(vec![source]);
        }
        let parts = if is_parquet_path(&file.path) {
            let pieces = open_table(file)?.map(|table| find_row_group_pieces(&table, share));
            pieces.map(|pieces| pieces.into_iter().map(PlannedPart::RowGroups).collect())
        } else {
            let failed = |error| SystemError::new("read", &file.location, error);
            let (opened, _) = fs::open_file(&file.location)?;
            let pieces = content_file::find_line_pieces(&file.path, opened, share);
            let pieces = pieces.map_err(failed)?;
            pieces.map(|pieces| pieces.into_iter().map(PlannedPart::Lines).collect())
        };
        // A file that cannot be divided, or has nothing to divide, is read whole.
        let Some(parts) = parts.filter(|parts: &Vec<PlannedPart>| !parts.is_empty()) else {
            return Ok(vec![source]);
        };
        let parts = parts.into_iter().map(|part| PlannedSource {
            part: Some(part),
            ..source.clone()
        });
        Ok(parts.collect())
    });
    let divided = divided.collect::<Result<Vec<Vec<_>>, SystemError>>()?;
    Ok(divided.into_iter().flatten().collect())
}

/// Divides sources into shards that take about the same time to read. Each has sources that follow each
/// other.
fn divide_sources(sources: Vec<PlannedSource>, shards: u32) -> Vec<Vec<PlannedSource>> {
    let all: u64 = sources.iter().map(PlannedSource::cost).sum();
    let mut divided = vec![Vec::new(); shards as usize];
    let mut before = 0;
    for source in sources {
        let cost = source.cost();
        // The shard in which the middle of the source is.
        let middle = u128::from(before + cost / 2) * u128::from(shards);
        let shard = (middle / u128::from(all.max(1))) as usize;
        before += cost;
        divided[shard.min(shards as usize - 1)].push(source);
    }
    divided
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(size: u64) -> PlannedSource {
        PlannedSource {
            file: PlannedFile {
                path: size.to_string().into(),
                stamp: None,
            },
            named: None,
            part: Some(PlannedPart::Lines(LinePiece {
                first_line: 1,
                start: 0,
                end: size,
            })),
        }
    }

    #[track_caller]
    fn check(sizes: &[u64], shards: u32, expected: &[&[u64]]) {
        let sources = sizes.iter().map(|&size| source(size)).collect();
        let divided = divide_sources(sources, shards);
        let sizes = |sources: &Vec<PlannedSource>| {
            sources
                .iter()
                .map(PlannedSource::size)
                .collect::<Vec<u64>>()
        };
        let found: Vec<Vec<u64>> = divided.iter().map(sizes).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn shards_have_about_the_same_work_in_the_order_of_the_sources() {
        check(
            &[9000, 9000, 9000, 9000],
            2,
            &[&[9000, 9000], &[9000, 9000]],
        );
        check(&[90_000, 10, 10, 10], 2, &[&[90_000], &[10, 10, 10]]);
        check(&[0, 1, 0, 1], 4, &[&[0], &[1], &[0], &[1]]);
        check(&[5], 3, &[&[], &[5], &[]]);
        check(&[], 2, &[&[], &[]]);
    }
}
