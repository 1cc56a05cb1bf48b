//! A Parquet file as a table whose rows are JSON objects.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData, RowGroupMetaData};
use pressrun_posts::panics::catch_panic;
use pressrun_text::numbers::group_thousands;
use serde_json::{Map, Value};

use crate::codec::PageCodec;
use crate::damage::{self, ParquetDamage};
use crate::footer;
use crate::leaf::LeafColumn;
use crate::pages::{ColumnPages, ColumnPlace, PageRoom};
use crate::shape::{self, RowAccount, RowPart};
use crate::source::ParquetSource;

/// The number of rows that a file of any size may have. Beyond it, a row needs a byte.
const MOST_ROWS_OF_SMALL_FILE: u64 = 1_000_000;

/// The most bytes of one row.
const MOST_ROW: u64 = 256 << 20;

/// The most bytes that the rows of a file may become: some, and this many times its own. A damaged or
/// hostile file can repeat one long text for each of its rows.
const MOST_OF_SMALL_FILE: u64 = 1 << 30;
const MOST_TIMES: u64 = 256;

/// A Parquet file whose footer was read.
pub struct ParquetTable {
    source: Arc<ParquetSource>,
    metadata: ParquetMetaData,
    shape: Vec<(String, RowPart)>,
    groups: Vec<RowGroupPlace>,
}

/// The place of a row group among the rows and bytes of its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowGroupPlace {
    /// The number of its first row, counted from 1.
    pub first_row: u64,
    /// The number of its rows.
    pub rows: u64,
    /// The bytes of its columns in the file.
    pub bytes: u64,
}

/// A row.
#[derive(Debug, PartialEq)]
pub struct ParquetRow {
    /// Its number, counted from 1.
    pub number: u64,
    /// Its columns with a value, in the order of the file.
    pub object: Map<String, Value>,
    /// Whether a text in it was not UTF-8; such bytes were read as Windows-1252.
    pub is_repaired: bool,
    /// About the bytes that it takes in memory.
    pub size: usize,
}

/// Rows that cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub struct UnreadRows {
    /// The number of the first one, counted from 1.
    pub first: u64,
    /// The number of the last one.
    pub last: u64,
    /// Why they cannot be read.
    pub damage: ParquetDamage,
}

impl ParquetTable {
    /// Reads the footer of a file. No row is read yet.
    ///
    /// # Errors
    ///
    /// Returns what is wrong if the file is not Parquet, or so damaged that no row can be found.
    pub fn open(source: ParquetSource) -> Result<Arc<Self>, ParquetDamage> {
        let metadata = footer::read_footer(&source)?;
        let schema = metadata.file_metadata().schema();
        let shape = catch_panic(|| shape::shape_row(schema));
        let shape = shape.map_err(|_| damage::damaged("its columns cannot be read"))?;
        let groups = place_row_groups(&metadata, source.length())?;
        Ok(Arc::new(Self {
            source: Arc::new(source),
            metadata,
            shape,
            groups,
        }))
    }

    /// Returns whether a column, or a group of columns, has this name.
    pub fn has_column(&self, name: &str) -> bool {
        let columns = self.metadata.file_metadata().schema_descr().columns();
        columns
            .iter()
            .any(|column| column.path().parts().iter().any(|part| part == name))
    }

    /// Returns the number of all rows.
    pub fn count_rows(&self) -> u64 {
        self.groups.iter().map(|group| group.rows).sum()
    }

    /// Returns the number of bytes of the file.
    pub fn length(&self) -> u64 {
        self.source.length()
    }

    /// Returns the places of all row groups, in order.
    pub fn row_groups(&self) -> &[RowGroupPlace] {
        &self.groups
    }

    /// Iterates over all rows.
    pub fn rows(self: &Arc<Self>) -> ParquetRows {
        self.rows_of_groups(0..self.groups.len())
    }

    /// Iterates over the rows of some row groups, by their indices.
    pub fn rows_of_groups(self: &Arc<Self>, groups: Range<usize>) -> ParquetRows {
        let end = groups.end.min(self.groups.len());
        // Without columns there are no rows, whatever the file says.
        let end = if self.shape.is_empty() { 0 } else { end };
        ParquetRows {
            table: Arc::clone(self),
            groups: groups.start..end,
            open: None,
        }
    }

    fn open_group(&self, index: usize) -> ParquetResult<OpenRowGroup> {
        let group = self.metadata.row_group(index);
        let room = Arc::new(PageRoom::default());
        let columns = group.columns().iter();
        let columns = columns.map(|column| self.open_column(column, &room));
        let place = self.groups[index];
        // Each row group has its share, so that its rows do not depend on what was read before.
        let share = MOST_OF_SMALL_FILE / self.groups.len() as u64;
        Ok(OpenRowGroup {
            columns: columns.collect::<ParquetResult<_>>()?,
            next: place.first_row,
            left: place.rows,
            room: share.saturating_add(place.bytes.saturating_mul(MOST_TIMES)),
        })
    }

    fn open_column(
        &self,
        column: &ColumnChunkMetaData,
        room: &Arc<PageRoom>,
    ) -> ParquetResult<LeafColumn> {
        let fail = |message: String| Err(ParquetError::General(message));
        if column.file_path().is_some() {
            return fail("its columns are in other files".to_owned());
        }
        let codec = match PageCodec::from_compression(column.compression()) {
            Ok(codec) => codec,
            Err(name) => return fail(format!("the compression {name} is not read")),
        };
        let data = column.data_page_offset();
        let dictionary = column.dictionary_page_offset();
        // Some writers state 0 if there is no dictionary.
        let start = dictionary.filter(|&at| at > 0 && at < data).unwrap_or(data);
        let place = u64::try_from(start)
            .ok()
            .zip(u64::try_from(column.compressed_size()).ok());
        let end = place.and_then(|(start, size)| start.checked_add(size));
        let Some(((start, _), end)) = place.zip(end.filter(|&end| end <= self.source.length()))
        else {
            return fail("a column points behind the end of the file".to_owned());
        };
        let descriptor = column.column_descr_ptr();
        let place = ColumnPlace {
            start,
            end,
            codec,
            levels: (descriptor.max_def_level(), descriptor.max_rep_level()),
        };
        let counted = Arc::new(AtomicUsize::new(0));
        let source = Arc::clone(&self.source);
        let pages = ColumnPages::new(source, place, Arc::clone(room), Arc::clone(&counted));
        Ok(LeafColumn::new(descriptor, pages, counted))
    }
}

/// Returns the places of row groups, which must have neither more rows nor more bytes than fit into the
/// file.
fn place_row_groups(
    metadata: &ParquetMetaData,
    length: u64,
) -> Result<Vec<RowGroupPlace>, ParquetDamage> {
    let mut groups = Vec::with_capacity(metadata.num_row_groups());
    let (mut rows, mut bytes) = (0_u64, 0_u64);
    for group in metadata.row_groups() {
        let place = RowGroupPlace {
            first_row: rows + 1,
            rows: u64::try_from(group.num_rows()).unwrap_or(u64::MAX),
            bytes: measure_group(group),
        };
        rows = rows.saturating_add(place.rows);
        bytes = bytes.saturating_add(place.bytes);
        if rows > length.max(MOST_ROWS_OF_SMALL_FILE) || bytes > length {
            let length = group_thousands(usize::try_from(length).unwrap_or(usize::MAX));
            let reason = format!("it claims more rows than fit into its {length} bytes");
            return Err(damage::damaged(reason));
        }
        groups.push(place);
    }
    Ok(groups)
}

fn measure_group(group: &RowGroupMetaData) -> u64 {
    let sizes = group
        .columns()
        .iter()
        .map(ColumnChunkMetaData::compressed_size);
    sizes.fold(0, |sum, size| {
        sum.saturating_add(u64::try_from(size).unwrap_or(0))
    })
}

/// The columns of a row group, all at the same row.
struct OpenRowGroup {
    columns: Vec<LeafColumn>,
    /// The number of the next row.
    next: u64,
    /// The number of rows from there on.
    left: u64,
    /// The bytes that rows may still become.
    room: u64,
}

/// Iterates over rows, one at a time. Of each column one page is in memory.
///
/// A part that is damaged is one item. The rows before it are kept, and so are those of the row groups
/// after it.
pub struct ParquetRows {
    table: Arc<ParquetTable>,
    groups: Range<usize>,
    open: Option<OpenRowGroup>,
}

/// What a row has become, with the memory that it took.
enum RowOutcome {
    Read(Map<String, Value>, RowAccount),
    /// This row alone cannot be read.
    Skipped(ParquetError),
    /// Neither this row nor any later one of its row group can be read.
    Stopped(ParquetError),
}

impl OpenRowGroup {
    fn read_row(&mut self, shape: &[(String, RowPart)]) -> RowOutcome {
        for column in &mut self.columns {
            if let Err(error) = column.read_row() {
                return RowOutcome::Stopped(error);
            }
        }
        let mut account = RowAccount {
            left: MOST_ROW,
            is_repaired: false,
        };
        match shape::assemble_row(shape, &mut self.columns, &mut account) {
            Ok(object) => {
                let Some(room) = self.room.checked_sub(MOST_ROW - account.left) else {
                    let message = "its rows are more text than a file of this size can hold";
                    return RowOutcome::Stopped(ParquetError::General(message.to_owned()));
                };
                self.room = room;
                RowOutcome::Read(object, account)
            }
            Err(error) => RowOutcome::Skipped(error),
        }
    }
}

impl ParquetRows {
    /// Opens the next row group. If it cannot be opened, returns its rows as unread.
    fn open_next(&mut self) -> Option<Result<(), UnreadRows>> {
        let index = self.groups.next()?;
        let opened = catch_panic(|| self.table.open_group(index));
        let damage = match opened {
            Ok(Ok(group)) => {
                self.open = Some(group);
                return Some(Ok(()));
            }
            Ok(Err(error)) => damage::faulty(&error),
            Err(_) => damage::damaged("its pages are damaged"),
        };
        let place = self.table.groups[index];
        // Nothing is missing from an empty row group.
        Some(if place.rows == 0 {
            Ok(())
        } else {
            Err(UnreadRows {
                first: place.first_row,
                last: place.first_row + place.rows - 1,
                damage,
            })
        })
    }
}

impl Iterator for ParquetRows {
    type Item = Result<ParquetRow, UnreadRows>;

    fn next(&mut self) -> Option<Self::Item> {
        let group = loop {
            match &mut self.open {
                Some(group) if group.left > 0 => break group,
                _ => {
                    self.open = None;
                    if let Err(unread) = self.open_next()? {
                        return Some(Err(unread));
                    }
                }
            }
        };
        let number = group.next;
        group.next += 1;
        group.left -= 1;
        let outcome = catch_panic(|| group.read_row(&self.table.shape));
        let (last, damage) = match outcome {
            Ok(RowOutcome::Read(object, account)) => {
                return Some(Ok(ParquetRow {
                    number,
                    object,
                    is_repaired: account.is_repaired,
                    size: (MOST_ROW - account.left) as usize,
                }));
            }
            Ok(RowOutcome::Skipped(error)) => (number, damage::faulty(&error)),
            Ok(RowOutcome::Stopped(error)) => (number + group.left, damage::faulty(&error)),
            Err(_) => (
                number + group.left,
                damage::damaged("its pages are damaged"),
            ),
        };
        if last > number {
            self.open = None;
        }
        Some(Err(UnreadRows {
            first: number,
            last,
            damage,
        }))
    }
}
