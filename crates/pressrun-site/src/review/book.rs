//! `reviews.toml`: approvals and rejections of replies that are read as they are.
//!
//! ```toml
//! [[approved]]
//! hash = "0b4dcfa77e1d0f6c1f0c9a5b5f7f3c2e"
//! file = "content/july.txt"
//! title = "Keeping herbs on a window sill"
//! by = "Ann"
//! on = 2026-11-28
//! ```

use std::collections::HashSet;
use std::path::Path;

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace};
use pressrun_posts::post::review::parse_text_hash;
use pressrun_posts::post::{Date, ReviewMark};
use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

use crate::discover::report_unreadable_file;
use crate::fs;
use crate::git::report_conflict;

/// The name of the file, in the root of the site.
pub const FILE: &str = "reviews.toml";

/// What `reviews.toml` says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReviewBook {
    /// The approvals, in the order of the file.
    pub approved: Vec<BookEntry>,
    /// The rejections, in the order of the file.
    pub rejected: Vec<BookEntry>,
    approved_hashes: HashSet<u128>,
    rejected_hashes: HashSet<u128>,
}

/// An approval or a rejection in `reviews.toml`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BookEntry {
    /// The hash of the text that was read.
    pub hash: u128,
    /// The path of the file that it was in.
    pub file: String,
    /// The title that it had.
    pub title: String,
    /// Who read it.
    pub by: String,
    /// The day on which it was read.
    pub on: Option<Date>,
    /// Why it was rejected.
    pub why: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BookFile {
    #[serde(default)]
    approved: Vec<EntryKeys>,
    #[serde(default)]
    rejected: Vec<EntryKeys>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryKeys {
    hash: Spanned<String>,
    file: String,
    title: String,
    by: String,
    on: Option<Spanned<Datetime>>,
    why: Option<String>,
}

impl ReviewBook {
    /// Creates a book of these entries.
    pub fn new(approved: Vec<BookEntry>, rejected: Vec<BookEntry>) -> Self {
        let hashes = |entries: &[BookEntry]| entries.iter().map(|entry| entry.hash).collect();
        Self {
            approved_hashes: hashes(&approved),
            rejected_hashes: hashes(&rejected),
            approved,
            rejected,
        }
    }

    /// Reads the file of the site at `root`, which may be missing.
    ///
    /// # Errors
    ///
    /// Returns what is wrong with the file.
    pub fn load(root: &Path) -> Result<Self, Vec<Diagnostic>> {
        let text = fs::read_text(&root.join(FILE))
            .map_err(|error| vec![report_unreadable_file(root, &error)])?;
        match text {
            Some(text) => Self::parse(&text),
            None => Ok(Self::default()),
        }
    }

    /// Reads the text of the file.
    ///
    /// # Errors
    ///
    /// Returns what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, Vec<Diagnostic>> {
        let book: BookFile = toml::from_str(text).map_err(|error| {
            if let Some(found) = report_conflict(FILE, text) {
                return vec![found];
            }
            let range = error.span().unwrap_or_default();
            let place = FilePlace::span(
                FILE,
                text,
                range.start.min(text.len())..range.end.min(text.len()),
            );
            let message = error.message().lines().collect::<Vec<_>>().join(", ");
            let help = "correct it by hand, or restore it from version control";
            vec![Diagnostic::new(Code::InvalidToml, place, message).with_help(help)]
        })?;
        let mut wrong = Vec::new();
        let mut read = |entries: Vec<EntryKeys>| -> Vec<BookEntry> {
            let entries = entries.into_iter();
            entries
                .filter_map(|keys| keys.into_entry(text, &mut wrong))
                .collect()
        };
        let book = Self::new(read(book.approved), read(book.rejected));
        if wrong.is_empty() {
            Ok(book)
        } else {
            Err(wrong)
        }
    }

    /// Returns whether the book has no entry.
    pub fn is_empty(&self) -> bool {
        self.approved.is_empty() && self.rejected.is_empty()
    }

    /// Returns the approval of a text. Of several, the last one counts.
    pub fn find_approved(&self, hash: u128) -> Option<&BookEntry> {
        find_entry(&self.approved, &self.approved_hashes, hash)
    }

    /// Returns the rejection of a text. Of several, the last one counts.
    pub fn find_rejected(&self, hash: u128) -> Option<&BookEntry> {
        find_entry(&self.rejected, &self.rejected_hashes, hash)
    }
}

impl BookEntry {
    /// Returns what it says about a text.
    pub fn to_mark(&self) -> ReviewMark {
        ReviewMark {
            hash: self.hash,
            by: self.by.clone(),
            on: self.on,
            why: self.why.clone(),
        }
    }
}

fn find_entry<'b>(
    entries: &'b [BookEntry],
    hashes: &HashSet<u128>,
    hash: u128,
) -> Option<&'b BookEntry> {
    // Most texts are in no book.
    let is_there = hashes.contains(&hash);
    is_there.then(|| entries.iter().rfind(|entry| entry.hash == hash))?
}

impl EntryKeys {
    /// Returns the entry, or reports the value that cannot be read.
    fn into_entry(self, text: &str, wrong: &mut Vec<Diagnostic>) -> Option<BookEntry> {
        let mut report = |range, message: &str| {
            let place = FilePlace::span(FILE, text, range);
            wrong.push(Diagnostic::new(Code::InvalidValue, place, message));
        };
        let hash = parse_text_hash(self.hash.get_ref());
        if hash.is_none() {
            report(
                self.hash.span(),
                "`hash` takes the 32 hexadecimal digits that pressrun wrote",
            );
        }
        let on = match &self.on {
            None => Some(None),
            Some(on) => {
                let day = on.get_ref().to_string().parse::<Date>().ok();
                if day.is_none() {
                    report(on.span(), "`on` takes a day, such as 2026-11-28");
                }
                day.map(Some)
            }
        };
        Some(BookEntry {
            hash: hash?,
            file: self.file,
            title: self.title,
            by: self.by,
            on: on?,
            why: self.why,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_read() {
        let book = ReviewBook::parse(
            "[[approved]]\nhash = '0000000000000000000000000000000a'\nfile = 'content/a.txt'\n\
             title = 'T'\nby = 'Ann'\non = 2026-11-28\n[[rejected]]\n\
             hash = '0000000000000000000000000000000b'\nfile = 'f'\ntitle = 't'\nby = 'Bo'\nwhy = 'thin'\n",
        )
        .unwrap();
        let approved = book.find_approved(10).unwrap();
        assert_eq!(
            (&*approved.by, approved.on),
            ("Ann", "2026-11-28".parse().ok())
        );
        assert_eq!(book.find_rejected(11).unwrap().why.as_deref(), Some("thin"));
        assert!(book.find_approved(11).is_none() && !book.is_empty());
    }

    #[test]
    fn conflict_of_a_merge_is_named_as_such() {
        let text = "<<<<<<< HEAD\n[[approved]]\n=======\n[[rejected]]\n>>>>>>> b\n";
        let wrong = ReviewBook::parse(text).unwrap_err();
        assert_eq!(wrong.len(), 1);
        assert!(
            wrong[0].message.contains("conflict"),
            "{}",
            wrong[0].message
        );
    }

    #[test]
    fn what_cannot_be_read_is_reported_with_its_place() {
        for (text, expected) in [
            ("[[aproved]]\n", "reviews.toml:1:3"),
            (
                "[[approved]]\nhash = '1'\nfile = ''\ntitle = ''\nby = ''\n",
                "reviews.toml:2:8",
            ),
            (
                "[[approved]]\nhash = '0000000000000000000000000000000a'\nfile = ''\ntitle = ''\n\
                 by = ''\non = 07:08:09\n",
                "reviews.toml:6:6",
            ),
        ] {
            let wrong = ReviewBook::parse(text).unwrap_err();
            assert_eq!(wrong[0].place.to_string(), expected);
        }
    }
}
