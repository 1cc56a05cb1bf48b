//! Answers a request for a file on disk: with the whole file, with the requested part, or with the
//! message that the browser has it already.
//!
//! The file is opened without waiting, as all files of a site are, because a picture may have been
//! replaced by a pipe. It is sent in pieces, so that memory does not grow with its size.

use std::fs::File;
use std::io::ErrorKind;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use axum::body::Body;
use axum::http::header::{
    ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderName, IF_RANGE, RANGE,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::stream::try_unfold;
use pressrun_site::cache::Fingerprint;
use pressrun_site::error::SystemError;
use pressrun_site::fs::{self, FileStamp};

use super::http::matches_entity_tag;
use super::snapshot::make_entity_tag;

/// Bytes that are read at once.
const PIECE: u64 = 64 * 1024;

/// A file that is open for sending.
struct OpenFile {
    file: File,
    size: u64,
    /// The entity tag of its content; `None` if it changed so recently that a further change could
    /// go unnoticed.
    tag: Option<String>,
}

/// The bytes of a file that a request asks for.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    Whole,
    Bytes(Range<u64>),
    /// Only bytes beyond the end of the file.
    Missing,
}

/// Returns the answer to a request for a file.
pub(super) async fn answer(
    media_type: &'static str,
    location: PathBuf,
    method: &Method,
    headers: &HeaderMap,
) -> Response {
    let opening = tokio::task::spawn_blocking(move || open(&location));
    let file = match opening.await {
        Ok(Ok(file)) => file,
        Ok(Err(error)) => return refusal(&error).into_response(),
        Err(_) => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    };
    if let Some(tag) = file
        .tag
        .as_deref()
        .filter(|tag| matches_entity_tag(headers, tag))
    {
        return (StatusCode::NOT_MODIFIED, [(ETAG, tag)]).into_response();
    }
    let part = match *method {
        Method::GET => asked_part(headers, file.tag.as_deref(), file.size),
        // Ranges have a meaning only in `GET` requests (RFC 9110, section 14.2).
        _ => Part::Whole,
    };
    let (status, bytes) = match part {
        Part::Whole => (StatusCode::OK, 0..file.size),
        Part::Bytes(bytes) => (StatusCode::PARTIAL_CONTENT, bytes),
        Part::Missing => {
            let size = format!("bytes */{}", file.size);
            return (StatusCode::RANGE_NOT_SATISFIABLE, [(CONTENT_RANGE, size)]).into_response();
        }
    };
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = status;
    let own = answer.headers_mut();
    set(own, CONTENT_TYPE, media_type);
    set(own, ACCEPT_RANGES, "bytes");
    set(own, CONTENT_LENGTH, &(bytes.end - bytes.start).to_string());
    if let Some(tag) = &file.tag {
        set(own, ETAG, tag);
    }
    if status == StatusCode::PARTIAL_CONTENT {
        let last = bytes.end - 1;
        let range = format!("bytes {}-{last}/{}", bytes.start, file.size);
        set(own, CONTENT_RANGE, &range);
    }
    if *method != Method::HEAD {
        *answer.body_mut() = pieces(file.file, bytes);
    }
    answer
}

fn open(location: &std::path::Path) -> Result<OpenFile, SystemError> {
    let (file, data) = fs::open_file(location)?;
    let stamp = FileStamp::of_metadata(&data);
    let tag = stamp
        .is_at_rest(SystemTime::now())
        .then(|| make_entity_tag(Fingerprint::of_value(&stamp)));
    Ok(OpenFile {
        file,
        size: data.len(),
        tag,
    })
}

/// Returns the answer to a request for a file that cannot be opened.
fn refusal(error: &SystemError) -> (StatusCode, String) {
    let status = match error.kind() {
        // The file is gone, or something else is in its place.
        _ if error.is_of_one_file() => StatusCode::NOT_FOUND,
        ErrorKind::IsADirectory => StatusCode::NOT_FOUND,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    };
    let number = status.as_u16();
    (status, format!("{number} {error}: {}\n", error.cause()))
}

/// Returns the part of a file of `size` bytes that a request asks for (RFC 9110, sections 13.1.5
/// and
/// 14.2).
///
/// Headers that are not understood are ignored, and so are several ranges at once: the answer is
/// then whole file.
fn asked_part(headers: &HeaderMap, tag: Option<&str>, size: u64) -> Part {
    let mut ranges = headers.get_all(RANGE).iter();
    let (Some(range), None) = (ranges.next(), ranges.next()) else {
        return Part::Whole;
    };
    // The parts that the browser has may come from an earlier version of the file.
    if let Some(condition) = headers.get(IF_RANGE)
        && tag.is_none_or(|tag| condition != tag)
    {
        return Part::Whole;
    }
    let range = range.to_str().ok();
    range
        .and_then(|range| parse_range(range, size))
        .unwrap_or(Part::Whole)
}

/// Parses `bytes=first-last`, `bytes=first-` or `bytes=-length`; returns `None` for any
/// other text.
fn parse_range(text: &str, size: u64) -> Option<Part> {
    let (first, last) = text.strip_prefix("bytes=")?.trim().split_once('-')?;
    let number = |text: &str| -> Option<u64> {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        // A number that is too large is beyond the end of any file.
        is_number.then(|| text.parse().unwrap_or(u64::MAX))
    };
    let bytes = match (first, last) {
        ("", length) => size.saturating_sub(number(length)?)..size,
        (first, "") => number(first)?..size,
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            if last < first {
                return None;
            }
            first..last.saturating_add(1).min(size)
        }
    };
    Some(if bytes.start < bytes.end {
        Part::Bytes(bytes)
    } else {
        Part::Missing
    })
}

/// Returns a range of a file as a body that is read while it is sent.
fn pieces(file: File, bytes: Range<u64>) -> Body {
    let file = Arc::new(file);
    Body::from_stream(try_unfold(bytes, move |rest| {
        let file = Arc::clone(&file);
        async move {
            if rest.is_empty() {
                return Ok(None);
            }
            let end = rest.end.min(rest.start + PIECE);
            let reading = tokio::task::spawn_blocking(move || {
                let mut piece = vec![0; (end - rest.start) as usize];
                fs::read_at(&file, &mut piece, rest.start)?;
                Ok::<_, std::io::Error>(piece)
            });
            let piece = reading.await.map_err(std::io::Error::other)??;
            Ok::<_, std::io::Error>(Some((piece, end..rest.end)))
        }
    }))
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(range: &str, if_range: Option<&'static str>, expected: Part) {
        let mut headers = HeaderMap::new();
        headers.insert(RANGE, HeaderValue::from_str(range).unwrap());
        if let Some(condition) = if_range {
            headers.insert(IF_RANGE, HeaderValue::from_static(condition));
        }
        let found = asked_part(&headers, Some("\"now\""), 10);
        assert_eq!(found, expected, "{range} {if_range:?}");
    }

    #[test]
    fn range_is_one_part_of_the_file_or_passed_over() {
        for (range, expected) in [
            ("bytes=0-0", Part::Bytes(0..1)),
            ("bytes=2-4", Part::Bytes(2..5)),
            ("bytes=2-99", Part::Bytes(2..10)),
            ("bytes=2-99999999999999999999", Part::Bytes(2..10)),
            ("bytes=9-", Part::Bytes(9..10)),
            ("bytes=-3", Part::Bytes(7..10)),
            ("bytes=-99", Part::Bytes(0..10)),
            ("bytes=10-", Part::Missing),
            ("bytes=-0", Part::Missing),
            ("bytes=99999999999999999999-", Part::Missing),
            ("bytes=5-2", Part::Whole),
            ("bytes=0-1,3-4", Part::Whole),
            ("bytes=", Part::Whole),
            ("bytes=-", Part::Whole),
            ("bytes=+1-2", Part::Whole),
            ("lines=1-2", Part::Whole),
        ] {
            check(range, None, expected);
        }
    }

    #[test]
    fn part_of_another_state_of_the_file_is_not_continued() {
        check("bytes=2-4", Some("\"now\""), Part::Bytes(2..5));
        check("bytes=2-4", Some("\"before\""), Part::Whole);
        check("bytes=2-4", Some("W/\"now\""), Part::Whole);
        check(
            "bytes=2-4",
            Some("Sat, 28 Nov 2026 10:00:00 GMT"),
            Part::Whole,
        );
    }
}
