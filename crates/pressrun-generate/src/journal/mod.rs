//! The journal: every request and every answer, one record a line, only ever appended to.
//!
//! A record is written with one write and one data sync before anything else happens, so a kill loses
//! at most the record that is being written. The states of all topics are derived from the records.
//! Texts stay in the file: a state holds the places of the records that have them.

mod record;
mod replies;
mod state;

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace};
use pressrun_site::error::{Result, SystemError};
use pressrun_site::fs;

pub use record::{
    AnsweredRecord, AskedRecord, BatchedRecord, FailedRecord, FailureClass, JoinedRecord,
    JournalRecord, JudgedRecord, RequestPurpose, TokenUsage, Verdict,
};
pub use replies::{REPLIES_FILE, write_replies};
pub use state::{AcceptedReply, SourceTotals, TopicPhase, TopicState};

use state::JournalStates;

/// The folder of the journal, beside `content/` in the root of the site.
pub const FOLDER: &str = "generated";

/// The name of the journal in its folder.
pub const FILE: &str = "journal.jsonl";

/// The longest record. An answer has at most 16 MB, and JSON may write a byte with six.
const LONGEST_RECORD: u64 = 128 << 20;

/// The place of a record in the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordPlace {
    /// The offset of its first byte.
    offset: u64,
    /// The number of its bytes, without the line break.
    length: u32,
}

/// The journal of a site.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    /// `None` in a journal that is only read and does not exist.
    file: Option<File>,
    /// The end of the last record.
    end: u64,
    states: JournalStates,
    findings: Vec<Diagnostic>,
    /// Whether a record could not be written.
    is_broken: bool,
}

impl Journal {
    /// Opens the journal in the folder `generated/` below `root` for writing, creating it if there
    /// is none, and locks it until it is dropped.
    ///
    /// If another process has it, calls `on_wait` and waits. A last line without a line break, which
    /// a kill leaves, gets one and is reported.
    pub fn open(root: &Path, on_wait: impl FnOnce()) -> Result<Self> {
        let folder = root.join(FOLDER);
        fs::create_folder(&folder)?;
        let path = folder.join(FILE);
        // A pipe or a device is no journal: opening it might never end.
        if fs::read_stamp(&path).is_none() && std::fs::symlink_metadata(&path).is_ok() {
            let error = io::Error::other("it is not a regular file");
            return Err(SystemError::new("open", &path, error));
        }
        let file = OpenOptions::new()
            .create(true)
            .read(true)
            .append(true)
            .open(&path)
            .map_err(|error| SystemError::new("open", &path, error))?;
        lock(&file, on_wait).map_err(|error| SystemError::new("lock", &path, error))?;
        let mut journal = Self::with_file(path, Some(file));
        let is_torn = journal.read_records()?;
        if is_torn {
            journal.write(b"\n")?;
        }
        Ok(journal)
    }

    /// Reads the journal below `root` without locking or changing it. Nothing can be appended.
    pub fn read(root: &Path) -> Result<Self> {
        let path = root.join(FOLDER).join(FILE);
        let file = match fs::open_file(&path) {
            Ok((file, _)) => Some(file),
            Err(error) if fs::is_missing(error.cause()) => None,
            Err(error) => return Err(error),
        };
        let mut journal = Self::with_file(path, file);
        journal.read_records()?;
        Ok(journal)
    }

    fn with_file(path: PathBuf, file: Option<File>) -> Self {
        Self {
            path,
            file,
            end: 0,
            states: JournalStates::default(),
            findings: Vec::new(),
            is_broken: false,
        }
    }

    /// Returns the path of the journal.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns what is wrong with the lines of the journal.
    pub fn findings(&self) -> &[Diagnostic] {
        &self.findings
    }

    /// Returns what the journal says about a topic.
    pub fn state(&self, id: &str) -> Option<&TopicState> {
        self.states.find(id)
    }

    /// Returns the IDs and states of all topics, in the order in which the journal names them first.
    pub fn states(&self) -> impl Iterator<Item = (&Arc<str>, &TopicState)> {
        self.states.topics.iter().map(|(id, state)| (id, state))
    }

    /// Returns what was sent to each model with each template: model, template, totals.
    pub fn totals(&self) -> impl Iterator<Item = (&str, &str, &SourceTotals)> {
        let totals = self.states.totals.iter();
        totals.map(|((model, template), totals)| (&**model, &**template, totals))
    }

    /// Returns a number for the next request.
    pub fn next_request(&mut self) -> u64 {
        self.states.last_request += 1;
        self.states.last_request
    }

    /// Appends a record with one write and one data sync, and changes the state of its topic.
    ///
    /// # Errors
    ///
    /// After an error, every further record is refused: the run must stop.
    pub fn append(&mut self, record: &JournalRecord) -> Result<RecordPlace> {
        let mut line = serde_json::to_vec(record)
            .map_err(|error| SystemError::new("write", &self.path, error.into()))?;
        let place = RecordPlace {
            offset: self.end,
            length: u32::try_from(line.len()).map_err(|_| {
                SystemError::new("write", &self.path, io::ErrorKind::FileTooLarge.into())
            })?,
        };
        line.push(b'\n');
        self.write(&line)?;
        self.states.apply(record, place);
        Ok(place)
    }

    /// Appends records with one write and one data sync for all of them, and changes the states of
    /// their topics. For records that can be made again if they are lost: the requests and results
    /// of a batch, which are in files.
    ///
    /// # Errors
    ///
    /// After an error, every further record is refused: the run must stop.
    pub fn append_all(&mut self, records: &[JournalRecord]) -> Result<()> {
        let mut lines = Vec::new();
        let mut places = Vec::with_capacity(records.len());
        for record in records {
            let offset = self.end + lines.len() as u64;
            let start = lines.len();
            serde_json::to_writer(&mut lines, record)
                .map_err(|error| SystemError::new("write", &self.path, error.into()))?;
            let length = u32::try_from(lines.len() - start).map_err(|_| {
                SystemError::new("write", &self.path, io::ErrorKind::FileTooLarge.into())
            })?;
            places.push(RecordPlace { offset, length });
            lines.push(b'\n');
        }
        if !lines.is_empty() {
            self.write(&lines)?;
        }
        for (record, place) in records.iter().zip(places) {
            self.states.apply(record, place);
        }
        Ok(())
    }

    /// Reads a record.
    pub fn read_record(&self, place: RecordPlace) -> Result<JournalRecord> {
        let failed = |error| SystemError::new("read", &self.path, error);
        let file = self
            .file
            .as_ref()
            .ok_or_else(|| failed(io::ErrorKind::NotFound.into()))?;
        let mut line = vec![0; place.length as usize];
        fs::read_at(file, &mut line, place.offset).map_err(failed)?;
        serde_json::from_slice(&line).map_err(|error| failed(error.into()))
    }

    /// Reads the text of an answer, or of what several were joined to.
    pub fn read_text(&self, place: RecordPlace) -> Result<String> {
        Ok(match self.read_record(place)? {
            JournalRecord::Answered(record) => record.text,
            JournalRecord::Joined(record) => record.text,
            _ => String::new(),
        })
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let failed = |error| SystemError::new("write", &self.path, error);
        if self.is_broken {
            let error = io::Error::other("an earlier record could not be written");
            return Err(failed(error));
        }
        let Some(file) = &mut self.file else {
            return Err(failed(io::ErrorKind::PermissionDenied.into()));
        };
        let written = file.write_all(bytes).and_then(|()| file.sync_data());
        if let Err(error) = written {
            self.is_broken = true;
            // What was written of the record would be a torn line. If this fails too, the next run
            // seals it.
            let _ = file.set_len(self.end);
            return Err(failed(error));
        }
        self.end += bytes.len() as u64;
        Ok(())
    }

    /// Reads all records; returns whether the last line has no line break.
    fn read_records(&mut self) -> Result<bool> {
        let Some(file) = &self.file else {
            return Ok(false);
        };
        let path = self.path.clone();
        let failed = |error| SystemError::new("read", &path, error);
        let mut file = file.try_clone().map_err(failed)?;
        file.seek(SeekFrom::Start(0)).map_err(failed)?;
        let mut reader = BufReader::with_capacity(1 << 16, file);
        let mut line = Vec::new();
        let mut number = 0;
        loop {
            line.clear();
            let mut limited = reader.by_ref().take(LONGEST_RECORD);
            let length = limited.read_until(b'\n', &mut line).map_err(failed)?;
            if length == 0 {
                return Ok(false);
            }
            number += 1;
            let mut is_torn = line.last() != Some(&b'\n');
            if !is_torn {
                line.pop();
            }
            let place = RecordPlace {
                offset: self.end,
                length: line.len() as u32,
            };
            self.end += length as u64;
            if is_torn && length as u64 == LONGEST_RECORD {
                let skipped = skip_line(&mut reader).map_err(failed)?;
                self.end += skipped.bytes;
                is_torn = !skipped.has_line_break;
                line.truncate(1);
            }
            self.take_line(&line, place, number, is_torn);
            if is_torn {
                return Ok(true);
            }
        }
    }

    fn take_line(&mut self, line: &[u8], place: RecordPlace, number: u32, is_torn: bool) {
        if line.iter().all(u8::is_ascii_whitespace) {
            return;
        }
        let record = serde_json::from_slice::<JournalRecord>(line);
        if let Ok(record) = &record {
            self.states.apply(record, place);
        }
        let message = match (record.is_ok(), is_torn) {
            (true, false) => return,
            (true, true) => "the last line had no line break and got one; its record is whole",
            (false, true) => "the last line is torn, as a kill leaves it; it got a line break",
            (false, false) => "the line is not a record; it is kept",
        };
        let place = FilePlace::line(format!("{FOLDER}/{FILE}"), number);
        self.findings
            .push(Diagnostic::new(Code::JournalDamaged, place, message));
    }
}

/// The rest of a line that is too long for a record.
struct SkippedLine {
    bytes: u64,
    has_line_break: bool,
}

fn skip_line(reader: &mut impl BufRead) -> io::Result<SkippedLine> {
    let mut bytes = 0;
    loop {
        let buffer = reader.fill_buf()?;
        let line_break = buffer.iter().position(|&b| b == b'\n');
        let used = line_break.map_or(buffer.len(), |at| at + 1);
        bytes += used as u64;
        reader.consume(used);
        if used == 0 || line_break.is_some() {
            return Ok(SkippedLine {
                bytes,
                has_line_break: line_break.is_some(),
            });
        }
    }
}

fn lock(file: &File, on_wait: impl FnOnce()) -> io::Result<()> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => {
            on_wait();
            file.lock()
        }
        Err(TryLockError::Error(error)) => Err(error),
    }
}

#[cfg(test)]
mod tests;
