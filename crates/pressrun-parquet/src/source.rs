//! The bytes of a Parquet file, on disk or in memory.

use std::fs::File;
use std::io::{Error, ErrorKind, Read, Result, Seek, SeekFrom};
use std::sync::{Mutex, PoisonError};

/// The bytes of a Parquet file. Any part can be read without the rest.
#[derive(Debug)]
pub struct ParquetSource {
    bytes: SourceBytes,
    length: u64,
}

#[derive(Debug)]
enum SourceBytes {
    /// The position of a file belongs to all who share it, so it is locked.
    File(Mutex<File>),
    Memory(Vec<u8>),
}

impl ParquetSource {
    /// Returns the bytes of an open file, none of which are read yet.
    ///
    /// # Errors
    ///
    /// Returns an error if the system does not know the length of the file.
    pub fn from_file(file: File) -> Result<Self> {
        Ok(Self {
            length: file.metadata()?.len(),
            bytes: SourceBytes::File(Mutex::new(file)),
        })
    }

    /// Returns bytes that are in memory.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self {
            length: bytes.len() as u64,
            bytes: SourceBytes::Memory(bytes),
        }
    }

    /// Returns the number of bytes.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Returns some bytes. What lies outside of the file takes no memory.
    pub(crate) fn read_range(&self, start: u64, length: usize) -> Result<Vec<u8>> {
        let end = start.checked_add(length as u64);
        if end.is_none_or(|end| end > self.length) {
            let message = "it points behind the end of the file";
            return Err(Error::new(ErrorKind::UnexpectedEof, message));
        }
        match &self.bytes {
            SourceBytes::Memory(bytes) => {
                // Inside of the bytes, which are in memory, so it fits.
                let start = start as usize;
                Ok(bytes[start..start + length].to_vec())
            }
            SourceBytes::File(file) => {
                let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                file.seek(SeekFrom::Start(start))?;
                let mut bytes = vec![0; length];
                file.read_exact(&mut bytes)?;
                Ok(bytes)
            }
        }
    }
}
