//! Writes request files, a new one wherever the limits of the service would be passed.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use pressrun_site::error::{Result, SystemError};
use pressrun_site::fs;

use super::{BatchLimits, BatchProvider};

/// A request file that is complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestFile {
    /// Its path.
    pub path: PathBuf,
    /// The number of requests in it.
    pub requests: usize,
    /// Its size in bytes.
    pub bytes: u64,
}

/// The request files of a run, which get their names when all are complete.
///
/// A file that exists is never replaced: it may be uploaded already.
#[derive(Debug)]
pub struct RequestFiles {
    folder: PathBuf,
    /// The start of the names; a number follows.
    prefix: &'static str,
    limits: BatchLimits,
    /// The files under temporary names.
    parts: Vec<PartialFile>,
}

#[derive(Debug)]
struct PartialFile {
    out: BufWriter<tempfile::NamedTempFile>,
    requests: usize,
    bytes: u64,
}

impl RequestFiles {
    /// Starts in a folder, which is created if it does not exist.
    pub fn create_in(folder: &Path, provider: BatchProvider) -> Result<Self> {
        fs::create_folder(folder)?;
        Ok(Self {
            folder: folder.to_owned(),
            prefix: provider.name(),
            limits: provider.limits(),
            parts: Vec::new(),
        })
    }

    /// Adds a request and returns the index of its file.
    ///
    /// # Errors
    ///
    /// Returns an error if the machine cannot write, or if no file may be as long as the request.
    pub fn push(&mut self, line: &str) -> Result<usize> {
        let bytes = line.len() as u64 + 1;
        let failed = |error| SystemError::new("write", &self.folder, error);
        if bytes > self.limits.bytes {
            return Err(failed(io::ErrorKind::FileTooLarge.into()));
        }
        let has_room = self.parts.last().is_some_and(|part| {
            part.requests < self.limits.requests && part.bytes + bytes <= self.limits.bytes
        });
        if !has_room {
            if let Some(part) = self.parts.last_mut() {
                part.out.flush().map_err(failed)?;
            }
            self.parts.push(PartialFile {
                out: BufWriter::new(make_temporary_file(&self.folder).map_err(failed)?),
                requests: 0,
                bytes: 0,
            });
        }
        let at = self.parts.len() - 1;
        let part = &mut self.parts[at];
        let written = part.out.write_all(line.as_bytes());
        written
            .and_then(|()| part.out.write_all(b"\n"))
            .map_err(failed)?;
        part.requests += 1;
        part.bytes += bytes;
        Ok(at)
    }

    /// Completes the files and gives them names that are free: `openai-0001.jsonl`.
    pub fn finish(self) -> Result<Vec<RequestFile>> {
        let folder = self.folder;
        let failed = |error| SystemError::new("write", &folder, error);
        let mut finished = Vec::new();
        let mut number = 0;
        for part in self.parts {
            let file = part
                .out
                .into_inner()
                .map_err(|error| failed(error.into_error()))?;
            // Nobody may upload half a file after a power failure.
            file.as_file().sync_all().map_err(failed)?;
            let mut temporary = Some(file);
            while let Some(file) = temporary.take() {
                number += 1;
                let path = folder.join(format!("{}-{number:04}.jsonl", self.prefix));
                match file.persist_noclobber(&path) {
                    Ok(_) => finished.push(RequestFile {
                        path,
                        requests: part.requests,
                        bytes: part.bytes,
                    }),
                    Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
                        temporary = Some(error.file);
                    }
                    Err(error) => return Err(SystemError::new("write", &path, error.error)),
                }
            }
        }
        Ok(finished)
    }

    /// Completes the files under names of the caller: the first path, and for further files the same
    /// with a number. Files there are replaced.
    pub fn finish_as(self, path: &Path) -> Result<Vec<RequestFile>> {
        let mut finished = Vec::new();
        for (at, part) in self.parts.into_iter().enumerate() {
            let path = number_path(path, at + 1);
            let failed = |error| SystemError::new("write", &path, error);
            let file = part
                .out
                .into_inner()
                .map_err(|error| failed(error.into_error()))?;
            file.as_file().sync_all().map_err(failed)?;
            file.persist(&path).map_err(|error| failed(error.error))?;
            finished.push(RequestFile {
                path,
                requests: part.requests,
                bytes: part.bytes,
            });
        }
        Ok(finished)
    }
}

/// Returns the path of the file with a number: `retry.jsonl`, `retry-2.jsonl`.
fn number_path(path: &Path, number: usize) -> PathBuf {
    if number == 1 {
        return path.to_owned();
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let ending = path
        .extension()
        .map(|ending| format!(".{}", ending.to_string_lossy()));
    path.with_file_name(format!("{stem}-{number}{}", ending.unwrap_or_default()))
}

fn make_temporary_file(folder: &Path) -> io::Result<tempfile::NamedTempFile<File>> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".pressrun-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(limits: BatchLimits, lines: &[&str], folder: &Path) -> Vec<(String, String)> {
        let mut files = RequestFiles::create_in(folder, BatchProvider::OpenAi).unwrap();
        files.limits = limits;
        for line in lines {
            files.push(line).unwrap();
        }
        let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
        let files = files.finish().unwrap().into_iter();
        files
            .map(|file| {
                let text = std::fs::read_to_string(&file.path).unwrap();
                assert_eq!(text.len() as u64, file.bytes);
                assert_eq!(text.lines().count(), file.requests);
                (name(&file.path), text)
            })
            .collect()
    }

    #[test]
    fn file_ends_where_the_next_request_would_pass_a_limit() {
        let folder = tempfile::tempdir().unwrap();
        let by_count = BatchLimits {
            requests: 2,
            bytes: 100,
        };
        let written = write(by_count, &["a", "b", "c"], folder.path());
        let expected = [
            ("openai-0001.jsonl", "a\nb\n"),
            ("openai-0002.jsonl", "c\n"),
        ];
        assert_eq!(
            written,
            expected.map(|(name, text)| (name.to_owned(), text.to_owned()))
        );
        let by_size = BatchLimits {
            requests: 9,
            bytes: 4,
        };
        let written = write(by_size, &["a", "b", "ccc", "d"], folder.path());
        let texts: Vec<&str> = written.iter().map(|(_, text)| &**text).collect();
        assert_eq!(texts, ["a\nb\n", "ccc\n", "d\n"]);
        // Files that are there keep their names.
        assert_eq!(written[0].0, "openai-0003.jsonl");
    }

    #[test]
    fn request_longer_than_a_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let mut files = RequestFiles::create_in(folder.path(), BatchProvider::OpenAi).unwrap();
        files.limits = BatchLimits {
            requests: 9,
            bytes: 4,
        };
        assert!(files.push("abcd").is_err());
        drop(files);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn further_files_of_a_name_are_numbered() {
        assert_eq!(
            number_path(Path::new("a/r.jsonl"), 1),
            Path::new("a/r.jsonl")
        );
        assert_eq!(
            number_path(Path::new("a/r.jsonl"), 2),
            Path::new("a/r-2.jsonl")
        );
        assert_eq!(number_path(Path::new("r"), 3), Path::new("r-3"));
    }
}
