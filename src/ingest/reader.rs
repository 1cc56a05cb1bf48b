//! Reads the sources in parallel, piece by piece, and passes the results on in order.

use pressrun_posts::content_file::{self, FileInput, FileJoiner, FileResult, ReadSettings};
use pressrun_posts::diagnostic::Diagnostic;
use pressrun_posts::post::Post;
use pressrun_site::discover::SourceFile;
use pressrun_site::error::Result;
use pressrun_site::fs;
use rayon::prelude::*;

use super::pieces::{PieceContent, SourcePiece, SourcePieces, SpareBuffers};
use super::sources;

/// Most pieces that are worked on at a time.
const WINDOW_PIECES: usize = 256;

/// Bytes of pieces that are worked on at a time, and of those that are read meanwhile; a whole file
/// counts before it is read.
const WINDOW_BYTES: u64 = 6 << 20;

/// The sources and how to read them; several threads can share it.
pub(super) struct SourceReader<'s> {
    /// The sources.
    pub(super) files: &'s [SourceFile],
    /// How replies are read.
    pub(super) settings: &'s ReadSettings,
}

/// The contents of a piece.
#[derive(Debug, Default)]
pub(super) struct PieceRecords {
    /// Its posts; their lines are counted from the top of the file.
    pub(super) posts: Vec<Post>,
    /// Position of each post in its file, if the file holds several.
    pub(super) numbers: Vec<Option<u32>>,
    /// Diagnostics; their lines are counted from the top of the file.
    pub(super) diagnostics: Vec<Diagnostic>,
    /// The number of requests, which are not replies.
    pub(super) requests: usize,
}

impl SourceReader<'_> {
    /// Returns the bytes of all sources, as far as the system knows them.
    pub(super) fn bytes(&self) -> u64 {
        self.files.iter().map(source_size).sum()
    }

    /// Calls `work` for every wanted piece, on all cores, and then `fold` with each result, in
    /// order.
    ///
    /// `wanted` gets the number of a piece, `work` gets that and the index of its file, and `fold`
    /// gets the size of the piece in bytes.
    ///
    /// # Errors
    ///
    /// Returns the errors of `fold`, and an error if the machine cannot read any more files.
    pub(super) fn process_pieces<T: Send>(
        &self,
        wanted: impl Fn(usize) -> bool + Sync,
        work: impl Fn(usize, usize, PieceRecords) -> T + Sync,
        mut fold: impl FnMut(T, u64) -> Result<()>,
    ) -> Result<()> {
        let pieces = SourcePieces::of_files(self.files);
        let spare = pieces.spare_buffers();
        let mut pieces = pieces.enumerate().filter(|(number, _)| wanted(*number));
        let mut window = self.take_window(&mut pieces);
        while !window.is_empty() {
            // One thread reads the next pieces while the others work on these.
            let (results, next) = rayon::join(
                || {
                    let pieces = window.into_par_iter().map(|(number, piece)| {
                        let file = piece.file;
                        let bytes = self.source_bytes(&piece);
                        Ok((work(number, file, self.read_piece(piece, &spare)?), bytes))
                    });
                    pieces.collect::<Result<Vec<(T, u64)>>>()
                },
                || self.take_window(&mut pieces),
            );
            for (result, bytes) in results? {
                fold(result, bytes)?;
            }
            window = next;
        }
        Ok(())
    }

    /// Takes as many of the next pieces as are read at a time.
    fn take_window(
        &self,
        pieces: &mut impl Iterator<Item = (usize, SourcePiece)>,
    ) -> Vec<(usize, SourcePiece)> {
        let mut window = Vec::new();
        let mut bytes = 0;
        // One large piece may exceed the limit of bytes, so that every piece is read.
        while bytes < WINDOW_BYTES && window.len() < WINDOW_PIECES {
            let Some(piece) = pieces.next() else {
                break;
            };
            bytes += self.size(&piece.1);
            window.push(piece);
        }
        window
    }

    /// Returns how many bytes of its file a piece stands for.
    fn source_bytes(&self, piece: &SourcePiece) -> u64 {
        match &piece.content {
            PieceContent::Rows(rows) => rows.bytes(),
            _ => self.size(piece),
        }
    }

    /// Returns how many bytes a piece takes in memory.
    fn size(&self, piece: &SourcePiece) -> u64 {
        match &piece.content {
            PieceContent::Whole => source_size(&self.files[piece.file]),
            PieceContent::Lines { bytes, .. } => bytes.len() as u64,
            PieceContent::Rows(rows) => rows.size() as u64,
            PieceContent::Unreadable(_) => 0,
        }
    }

    fn read_piece(&self, piece: SourcePiece, spare: &SpareBuffers) -> Result<PieceRecords> {
        let source = &self.files[piece.file];
        let path = source.path.clone();
        let read = match piece.content {
            PieceContent::Whole => fs::read_whole_file(&source.location).map(|bytes| {
                records_of_file(content_file::read_file(
                    &FileInput { path, bytes },
                    self.settings,
                ))
            }),
            PieceContent::Lines { bytes, first } => {
                let input = FileInput { path, bytes };
                let read = content_file::read_json_lines(&input, first, self.settings);
                spare.give_back(input.bytes);
                Ok(records_of_lines(read))
            }
            PieceContent::Rows(rows) => {
                let mut joiner = FileJoiner::new(&path);
                joiner.add_piece(rows.read(&path, self.settings));
                Ok(records_of_lines(joiner.finish_part()))
            }
            PieceContent::Unreadable(error) => Err(error),
        };
        match read {
            Err(error) if error.is_of_one_file() => Ok(PieceRecords {
                diagnostics: vec![sources::report_unreadable_source(&source.path, &error)],
                ..PieceRecords::default()
            }),
            read => read,
        }
    }
}

fn source_size(file: &SourceFile) -> u64 {
    fs::read_stamp(&file.location).map_or(0, |stamp| stamp.size)
}

/// Returns the records of a whole file; they are numbered if there are several.
fn records_of_file(result: FileResult) -> PieceRecords {
    let several = result.posts.len() > 1;
    PieceRecords {
        numbers: result
            .posts
            .iter()
            .map(|post| several.then_some(post.source.index + 1))
            .collect(),
        posts: result.posts,
        diagnostics: result.diagnostics,
        requests: result.requests as usize,
    }
}

/// Returns the records of some lines or rows of a file, numbered by them.
fn records_of_lines(result: FileResult) -> PieceRecords {
    let numbers = result.posts.iter().map(|post| Some(post.source.line));
    PieceRecords {
        numbers: numbers.collect(),
        posts: result.posts,
        diagnostics: result.diagnostics,
        requests: result.requests as usize,
    }
}

#[cfg(test)]
mod tests {
    use pressrun_posts::diagnostic::{Code, FilePlace};
    use pressrun_posts::post::PostSource;

    use super::*;

    fn result(lines: &[u32]) -> FileResult {
        let post = |(index, &line): (usize, &u32)| Post {
            source: PostSource {
                file: "a".into(),
                line,
                index: index as u32,
            },
            ..Post::default()
        };
        FileResult {
            posts: lines.iter().enumerate().map(post).collect(),
            diagnostics: vec![
                Diagnostic::new(Code::InvalidJson, FilePlace::line("a", 2), "x"),
                Diagnostic::new(Code::InvalidUtf8, FilePlace::file("a"), "x"),
            ],
            ..FileResult::default()
        }
    }

    #[test]
    fn only_record_of_a_file_has_no_number() {
        assert_eq!(records_of_file(result(&[1])).numbers, [None]);
        assert_eq!(records_of_file(result(&[1, 9])).numbers, [Some(1), Some(2)]);
    }
}
