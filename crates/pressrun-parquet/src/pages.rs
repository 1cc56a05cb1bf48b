//! Reads the pages of one column of a row group, one at a time, for the decoders of the `parquet` crate.
//!
//! The crate has a reader of its own. This one takes no memory for what a page only claims: see
//! `codec` and `delta`, and [`PageRoom`] for pages that are really large.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use parquet::basic::Encoding;
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};

use crate::codec::PageCodec;
use crate::delta;
use crate::page_header::{PageHeader, ParquetPage, read_page_header};
use crate::source::ParquetSource;

/// The most bytes of all pages that are open at a time, one or two a column.
const MOST_PAGES: usize = 1 << 30;

/// The memory for one value of a dictionary, besides its text.
const VALUE: usize = 32;

/// The most values of one row in a column.
const MOST_VALUES: usize = 8 << 20;

/// The bytes that are read for a header at first; statistics can make it longer.
const FIRST_HEADER: usize = 1 << 9;
const MOST_HEADER: usize = 1 << 24;

/// How much memory the pages of a row group still may take.
#[derive(Debug)]
pub(crate) struct PageRoom(AtomicUsize);

impl Default for PageRoom {
    fn default() -> Self {
        Self(AtomicUsize::new(MOST_PAGES))
    }
}

impl PageRoom {
    fn take(&self, bytes: usize) -> Result<()> {
        let left = |left: usize| left.checked_sub(bytes);
        match self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, left)
        {
            Ok(_) => Ok(()),
            Err(_) => fail("its pages are too large to read"),
        }
    }

    fn give_back(&self, bytes: usize) {
        self.0.fetch_add(bytes, Ordering::Relaxed);
    }
}

/// Where the pages of a column are, and how to read them.
#[derive(Debug)]
pub(crate) struct ColumnPlace {
    /// The position of the first page.
    pub(crate) start: u64,
    /// The position after the last page.
    pub(crate) end: u64,
    pub(crate) codec: PageCodec,
    /// The highest definition and repetition level.
    pub(crate) levels: (i16, i16),
}

/// The pages of a column.
#[derive(Debug)]
pub(crate) struct ColumnPages {
    source: Arc<ParquetSource>,
    place: ColumnPlace,
    room: Arc<PageRoom>,
    /// The bytes of the page that is open.
    open: usize,
    /// The header of the next page, if it was looked at. The position is behind it.
    next: Option<PageHeader>,
    /// The values of pages since the last row that began with a page of its own.
    values: Arc<AtomicUsize>,
}

impl ColumnPages {
    /// Returns the pages at a place. `values` counts the values of pages, and is set to 0 by whoever
    /// begins a row.
    pub(crate) fn new(
        source: Arc<ParquetSource>,
        place: ColumnPlace,
        room: Arc<PageRoom>,
        values: Arc<AtomicUsize>,
    ) -> Self {
        Self {
            source,
            place,
            room,
            open: 0,
            next: None,
            values,
        }
    }

    /// Returns the header of the next page, unless there is none.
    fn look_ahead(&mut self) -> Result<Option<&PageHeader>> {
        while self.next.is_none() && self.place.start < self.place.end {
            let header = self.read_header()?;
            if header.content.is_passed_over() {
                self.pass(&header)?;
            } else {
                self.next = Some(header);
            }
        }
        Ok(self.next.as_ref())
    }

    fn read_header(&mut self) -> Result<PageHeader> {
        let mut length = FIRST_HEADER;
        loop {
            let left = self.place.end - self.place.start;
            let bytes = left.min(length as u64) as usize;
            let bytes = self.source.read_range(self.place.start, bytes)?;
            if let Some((header, size)) = read_page_header(&bytes) {
                self.place.start += size as u64;
                return Ok(header);
            }
            if length as u64 >= left || length >= MOST_HEADER {
                return fail("the header of a page cannot be read");
            }
            length *= 4;
        }
    }

    /// Moves the position behind the page of a header, and returns the position of that page.
    fn pass(&mut self, header: &PageHeader) -> Result<u64> {
        let start = self.place.start;
        match start.checked_add(header.stored as u64) {
            Some(end) if end <= self.place.end => self.place.start = end,
            _ => return fail("a page is longer than its column"),
        }
        Ok(start)
    }

    fn read_page(&mut self, header: &PageHeader) -> Result<Page> {
        let start = self.pass(header)?;
        let is_dictionary = matches!(header.content, ParquetPage::Dictionary { .. });
        if !is_dictionary {
            self.room.give_back(std::mem::take(&mut self.open));
        }
        let memory = header.size.max(header.stored);
        self.room.take(memory)?;
        // A dictionary stays open as long as its column.
        if !is_dictionary {
            self.open = memory;
        }
        let stored = self.source.read_range(start, header.stored)?;
        match header.content {
            ParquetPage::Data {
                values,
                encoding,
                definition,
                repetition,
            } => {
                self.count_values(values)?;
                let page = self.place.codec.decompress(&stored, header.size)?;
                let text = self.find_values(&page, values, [repetition, definition]);
                check_values(encoding, text.and_then(|at| page.get(at..)), values)?;
                Ok(Page::DataPage {
                    buf: page.into(),
                    num_values: values,
                    encoding,
                    def_level_encoding: definition,
                    rep_level_encoding: repetition,
                    statistics: None,
                })
            }
            ParquetPage::DataV2 { .. } => self.read_page_v2(header, stored),
            ParquetPage::Dictionary { values, encoding } => {
                self.room.take(values as usize * VALUE)?;
                let page = self.place.codec.decompress(&stored, header.size)?;
                if values as usize > page.len() {
                    return fail("a dictionary has fewer values than its header says");
                }
                Ok(Page::DictionaryPage {
                    buf: page.into(),
                    num_values: values,
                    encoding,
                    is_sorted: false,
                })
            }
            ParquetPage::Other => fail("the header of a page cannot be read"),
        }
    }

    fn read_page_v2(&self, header: &PageHeader, stored: Vec<u8>) -> Result<Page> {
        let ParquetPage::DataV2 {
            values,
            nulls,
            rows,
            encoding,
            definition,
            repetition,
            is_compressed,
        } = header.content
        else {
            return fail("the header of a page cannot be read");
        };
        self.count_values(values)?;
        let levels = definition as usize + repetition as usize;
        let Some((head, rest)) = stored.split_at_checked(levels).filter(|_| nulls <= values) else {
            return fail("the header of a page has numbers that do not fit");
        };
        let is_plain = !is_compressed || self.place.codec == PageCodec::Plain;
        let page: Bytes = if is_plain {
            stored.into()
        } else {
            let Some(size) = header.size.checked_sub(levels) else {
                return fail("the header of a page has numbers that do not fit");
            };
            let mut page = head.to_vec();
            // A page without any value has nothing to decompress.
            if size > 0 {
                page.extend(self.place.codec.decompress(rest, size)?);
            }
            page.into()
        };
        check_values(encoding, page.get(levels..), values)?;
        Ok(Page::DataPageV2 {
            buf: page,
            num_values: values,
            encoding,
            num_nulls: nulls,
            num_rows: rows,
            def_levels_byte_len: definition,
            rep_levels_byte_len: repetition,
            is_compressed: false,
            statistics: None,
        })
    }

    /// Refuses rows with too many values. Columns without lists have one value a row.
    fn count_values(&self, values: u32) -> Result<()> {
        let before = self.values.fetch_add(values as usize, Ordering::Relaxed);
        if self.place.levels.1 > 0 && before + values as usize > MOST_VALUES {
            return fail("a list has more values than can be read");
        }
        Ok(())
    }

    /// Returns where the values of a page begin: behind their levels.
    fn find_values(&self, page: &[u8], values: u32, encodings: [Encoding; 2]) -> Option<usize> {
        let (definition, repetition) = self.place.levels;
        let mut at = 0_usize;
        for (level, encoding) in [repetition, definition].into_iter().zip(encodings) {
            if level == 0 {
                continue;
            }
            let bytes = if encoding == Encoding::RLE {
                let size = page.get(at..)?.first_chunk::<4>()?;
                u32::from_le_bytes(*size) as usize + 4
            } else {
                let bits = 16 - level.leading_zeros() as usize;
                (values as usize * bits).div_ceil(8)
            };
            at = at.checked_add(bytes)?;
        }
        Some(at)
    }
}

fn check_values(encoding: Encoding, text: Option<&[u8]>, values: u32) -> Result<()> {
    match text {
        Some(text) if delta::has_plausible_lengths(encoding, text, values) => Ok(()),
        _ => fail("a page has other values than its header says"),
    }
}

fn fail<T>(message: &str) -> Result<T> {
    Err(ParquetError::General(message.to_owned()))
}

impl Drop for ColumnPages {
    fn drop(&mut self) {
        self.room.give_back(self.open);
    }
}

impl Iterator for ColumnPages {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

impl PageReader for ColumnPages {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        self.look_ahead()?;
        match self.next.take() {
            Some(header) => self.read_page(&header).map(Some),
            None => Ok(None),
        }
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        let header = self.look_ahead()?;
        Ok(header.map(|header| match header.content {
            ParquetPage::Data { values, .. } => PageMetadata {
                num_rows: None,
                num_levels: Some(values as usize),
                is_dict: false,
            },
            ParquetPage::DataV2 { values, rows, .. } => PageMetadata {
                num_rows: Some(rows as usize),
                num_levels: Some(values as usize),
                is_dict: false,
            },
            ParquetPage::Dictionary { .. } | ParquetPage::Other => PageMetadata {
                num_rows: None,
                num_levels: None,
                is_dict: true,
            },
        }))
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.look_ahead()?;
        if let Some(header) = self.next.take() {
            self.pass(&header)?;
        }
        Ok(())
    }
}
