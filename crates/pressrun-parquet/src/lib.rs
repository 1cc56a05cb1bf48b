//! Reads Parquet files row by row: one row is one record, as one line of JSON Lines is.
//!
//! The `parquet` crate decodes footers and values. Everything that a file claims about its size is
//! checked before, because files come from anywhere: a row, a page or a file that says something
//! impossible is reported, and takes neither memory nor time. Memory depends on the largest page.
//!
//! Each module uses only modules above it in this list.

mod damage;
mod source;
mod thrift;
mod footer;
mod page_header;
mod codec;
mod delta;
mod pages;
mod scalar;
mod leaf;
mod shape;
mod table;
mod records;

pub use damage::ParquetDamage;
pub use records::{
    ParquetPiece, ParquetPieces, RowGroupPiece, find_row_group_pieces, is_parquet_path,
    read_parquet_file, read_row_groups,
};
pub use source::ParquetSource;
pub use table::{ParquetRow, ParquetRows, ParquetTable, RowGroupPlace, UnreadRows};
