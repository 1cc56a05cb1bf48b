//! Changes `reviews.toml` and leaves everything else in it as it is.
//!
//! New entries go to its end, and entries are cut out line by line. The new text is used only if it
//! says exactly what the old one and the changes say together.

use std::fs::File;
use std::path::{Path, PathBuf};

use pressrun_posts::post::review::format_text_hash;
use pressrun_site::fs;
use pressrun_site::review::{BookEntry, FILE, ReviewBook};
use toml::Value;

use super::content_file::locate_book;
use super::fault::ReviewFault;

/// Stands at the top of a new file.
const HEADER: &str = "# Approvals and rejections of replies that are read as they are. pressrun writes this file.\n\
                      # Keep it with the site: without it, these posts wait for an approval again.\n";

/// The two lists of the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BookList {
    Approved,
    Rejected,
}

/// What a change adds to the book, and what it removes.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct BookChange {
    pub(super) added: Vec<(BookList, BookEntry)>,
    pub(super) removed: Vec<(BookList, BookEntry)>,
}

impl BookChange {
    pub(super) fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }

    /// Returns the change that takes this one back.
    pub(super) fn invert(&self) -> Self {
        Self {
            added: self.removed.clone(),
            removed: self.added.clone(),
        }
    }
}

/// `reviews.toml` of a site, locked against other processes that change it.
pub(super) struct OpenBook {
    location: PathBuf,
    text: Option<String>,
    book: ReviewBook,
    _lock: Option<File>,
}

impl OpenBook {
    /// Waits for the lock, and reads the file, which may be missing.
    pub(super) fn open(root: &Path) -> Result<Self, ReviewFault> {
        let lock = fs::lock_folder(root, || {});
        let location = locate_book(root)?;
        let text = fs::read_text(&location)?;
        let book = ReviewBook::parse(text.as_deref().unwrap_or_default());
        Ok(Self {
            location,
            text,
            book: book.map_err(ReviewFault::Book)?,
            _lock: lock,
        })
    }

    pub(super) fn book(&self) -> &ReviewBook {
        &self.book
    }

    /// Returns the entries about a text.
    pub(super) fn list_entries(&self, list: BookList, hash: u128) -> Vec<(BookList, BookEntry)> {
        let is_there = match list {
            BookList::Approved => self.book.find_approved(hash).is_some(),
            BookList::Rejected => self.book.find_rejected(hash).is_some(),
        };
        if !is_there {
            return Vec::new();
        }
        self.filter_entries(list, |entry| entry.hash == hash)
    }

    /// Returns the entries of a list that fit.
    pub(super) fn filter_entries(
        &self,
        list: BookList,
        fits: impl Fn(&BookEntry) -> bool,
    ) -> Vec<(BookList, BookEntry)> {
        let entries = list_of(&self.book, list).iter();
        let fitting = entries.filter(|entry| fits(entry));
        fitting.map(|entry| (list, entry.clone())).collect()
    }

    /// Writes a change. The file is created if it is missing.
    ///
    /// # Errors
    ///
    /// Returns an error if an entry to remove is not there, or the file is edited at the same time.
    pub(super) fn write(self, change: &BookChange) -> Result<(), ReviewFault> {
        if change.is_empty() {
            return Ok(());
        }
        let changed = || ReviewFault::TextChanged { file: FILE.into() };
        let expected = apply_to_book(&self.book, change).ok_or_else(changed)?;
        let old = self.text.as_deref().unwrap_or_default();
        let new = remove_entries(old, &self.book, &change.removed)
            .map(|text| append_entries(&text, &change.added));
        let new = new.filter(|new| {
            let found = ReviewBook::parse(new);
            found.is_ok_and(|found| {
                found.approved == expected.approved && found.rejected == expected.rejected
            })
        });
        let new = new.ok_or(ReviewFault::Unmarkable {
            file: FILE.into(),
            why: "it has a form that entries cannot be added to or removed from",
            help: "write each entry as a table `[[approved]]` or `[[rejected]]`",
        })?;
        let text = &self.text;
        let is_untouched = |path: &Path| Ok(fs::read_text(path)?.as_deref() == text.as_deref());
        if new == HEADER && is_untouched(&self.location)? {
            return Ok(fs::remove_file(&self.location)?);
        }
        if fs::replace_file(&self.location, new.as_bytes(), is_untouched)? {
            Ok(())
        } else {
            Err(changed())
        }
    }
}

fn list_of(book: &ReviewBook, list: BookList) -> &[BookEntry] {
    match list {
        BookList::Approved => &book.approved,
        BookList::Rejected => &book.rejected,
    }
}

/// Returns what the book says after a change, or `None` if an entry to remove is not in it.
fn apply_to_book(book: &ReviewBook, change: &BookChange) -> Option<ReviewBook> {
    let mut lists = [BookList::Approved, BookList::Rejected].map(|list| {
        let places = find_places(book, list, &change.removed)?;
        let entries = list_of(book, list).iter().zip(places);
        let mut kept: Vec<BookEntry> = entries
            .filter(|(_, is_removed)| !is_removed)
            .map(|(entry, _)| entry.clone())
            .collect();
        let added = change.added.iter().filter(|(own, _)| *own == list);
        kept.extend(added.map(|(_, entry)| entry.clone()));
        Some(kept)
    });
    let [approved, rejected] = &mut lists;
    Some(ReviewBook::new(approved.take()?, rejected.take()?))
}

/// Returns for each entry of a list whether it is removed, or `None` if one to remove is missing. Of
/// equal entries, the last one is removed.
fn find_places(
    book: &ReviewBook,
    list: BookList,
    removed: &[(BookList, BookEntry)],
) -> Option<Vec<bool>> {
    let entries = list_of(book, list);
    let mut is_removed = vec![false; entries.len()];
    for (own, entry) in removed {
        if *own != list {
            continue;
        }
        let at = (0..entries.len()).rfind(|&at| !is_removed[at] && entries[at] == *entry)?;
        is_removed[at] = true;
    }
    Some(is_removed)
}

/// Returns the text without some entries, or `None` if it is written in another way than as tables.
fn remove_entries(
    text: &str,
    book: &ReviewBook,
    removed: &[(BookList, BookEntry)],
) -> Option<String> {
    if removed.is_empty() {
        return Some(text.to_owned());
    }
    let mut places = [
        find_places(book, BookList::Approved, removed)?.into_iter(),
        find_places(book, BookList::Rejected, removed)?.into_iter(),
    ];
    let mut kept: Vec<&str> = Vec::new();
    let mut is_cut = false;
    // What may belong to the entry that is cut, or stand above the next one.
    let mut between: Vec<&str> = Vec::new();
    for line in text.split_inclusive('\n') {
        let bare = line.trim();
        let bare = bare.split('#').next().unwrap_or_default().trim_end();
        let of_list = match bare {
            "[[approved]]" => Some(0),
            "[[rejected]]" => Some(1),
            _ => None,
        };
        if let Some(list) = of_list {
            kept.append(&mut between);
            is_cut = places[list].next()?;
            if is_cut && kept.last().is_some_and(|line| line.trim().is_empty()) {
                kept.pop();
            }
        }
        if !is_cut {
            kept.push(line);
        } else if of_list.is_none() && (line.trim().is_empty() || line.trim().starts_with('#')) {
            between.push(line);
        } else {
            between.clear();
        }
    }
    kept.append(&mut between);
    Some(kept.concat())
}

/// Adds entries at the end of a text.
fn append_entries(text: &str, added: &[(BookList, BookEntry)]) -> String {
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut text = text.to_owned();
    if added.is_empty() {
        return text;
    }
    if text.is_empty() {
        text.push_str(HEADER);
    } else if !text.ends_with('\n') {
        text.push_str(end);
    }
    for (list, entry) in added {
        let name = match list {
            BookList::Approved => "approved",
            BookList::Rejected => "rejected",
        };
        let mut line = |parts: &[&str]| {
            text.extend(parts.iter().copied());
            text.push_str(end);
        };
        let quote = |text: &str| Value::from(text).to_string();
        line(&[]);
        line(&["[[", name, "]]"]);
        line(&["hash = \"", &format_text_hash(entry.hash), "\""]);
        line(&["file = ", &quote(&entry.file)]);
        line(&["title = ", &quote(&entry.title)]);
        line(&["by = ", &quote(&entry.by)]);
        if let Some(on) = entry.on {
            line(&["on = ", &on.to_string()]);
        }
        if let Some(why) = &entry.why {
            line(&["why = ", &quote(why)]);
        }
    }
    text
}
