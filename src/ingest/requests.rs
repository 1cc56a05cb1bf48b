//! Reads the request files of batches among the sources: what the results were asked for.

use std::fs::File;
use std::io::Read;
use std::sync::Arc;

use pressrun_parquet::{ParquetTable, is_parquet_path};
use pressrun_posts::content_file::{self, FileInput};
use pressrun_posts::parse::json::BatchRequest;
use pressrun_posts::parse::request_book::RequestBook;
use pressrun_site::discover::SourceFile;
use pressrun_site::fs;
use pressrun_site::pipeline::content::open_parquet;

use super::pieces::{PieceContent, SourcePieces};

/// The number of bytes at the start of a file that show whether it may hold requests.
const PROBED_BYTES: u64 = 1 << 16;

/// Reads the requests in the sources. A file that cannot be read has none; it is reported when its
/// replies are read.
pub(super) fn read_request_book(files: &[SourceFile]) -> RequestBook {
    let candidates = files.iter().filter(|file| may_hold_requests(file));
    let requests = candidates.flat_map(|file| {
        let path = Arc::clone(&file.path);
        iter_requests(file).map(move |request| (Arc::clone(&path), request))
    });
    RequestBook::from_requests(requests)
}

/// Iterates over the requests in a file, a piece of it at a time.
pub(super) fn iter_requests(file: &SourceFile) -> impl Iterator<Item = BatchRequest> + '_ {
    let pieces = SourcePieces::of_files(std::slice::from_ref(file));
    pieces.flat_map(|piece| {
        let path = Arc::clone(&file.path);
        let (bytes, first) = match piece.content {
            PieceContent::Lines { bytes, first } => (bytes, first),
            PieceContent::Whole => (fs::read_whole_file(&file.location).unwrap_or_default(), 1),
            PieceContent::Rows(rows) => return rows.into_requests(),
            PieceContent::Unreadable(_) => (Vec::new(), 1),
        };
        let mut requests = content_file::read_requests(&FileInput { path, bytes });
        for request in &mut requests {
            request.line += first - 1;
        }
        requests
    })
}

/// Returns whether a file may hold requests, judging by its start, or by the columns of a table.
pub(super) fn may_hold_requests(file: &SourceFile) -> bool {
    const REQUEST: [&str; 4] = ["body", "params", "request", "modelInput"];
    const PROMPT: [&str; 5] = ["messages", "contents", "input", "prompt", "inputText"];
    let has_both = |has: &dyn Fn(&str) -> bool| {
        REQUEST.iter().any(|key| has(key)) && PROMPT.iter().any(|key| has(key))
    };
    if is_parquet_path(&file.path) {
        let source = open_parquet(&file.location).ok();
        let table = source.and_then(|source| ParquetTable::open(source).ok());
        return table.is_some_and(|table| has_both(&|name| table.has_column(name)));
    }
    let mut start = Vec::new();
    let opened = File::open(&file.location);
    let read = opened.and_then(|file| file.take(PROBED_BYTES).read_to_end(&mut start));
    let has = |key: &str| memchr::memmem::find(&start, format!("\"{key}\"").as_bytes()).is_some();
    read.is_ok() && has_both(&has)
}
