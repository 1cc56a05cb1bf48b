//! Tests of reading Parquet: files of another writer, files of each shape, and damaged files.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss
)]

mod damage;
mod forged;
mod other_writer;
mod records;
mod shapes;
mod written;

use pressrun_parquet::{ParquetSource, ParquetTable};
use serde_json::{Map, Value};

/// Returns the rows of a file, or what is wrong: with the whole file, or with a range of rows.
fn read(bytes: &[u8]) -> Vec<Result<Map<String, Value>, String>> {
    let table = match ParquetTable::open(ParquetSource::from_bytes(bytes.to_vec())) {
        Ok(table) => table,
        Err(damage) => return vec![Err(damage.reason)],
    };
    let mut next = 1;
    let rows = table.rows().map(|row| match row {
        Ok(row) => {
            assert_eq!(
                row.number, next,
                "each row has the number after the one before"
            );
            next = row.number + 1;
            Ok(row.object)
        }
        Err(unread) => {
            assert_eq!(unread.first, next);
            next = unread.last + 1;
            Err(format!(
                "{}-{}: {}",
                unread.first, unread.last, unread.damage.reason
            ))
        }
    });
    rows.collect()
}

/// Checks the rows of a file that is whole, as JSON.
#[track_caller]
fn check_rows(bytes: &[u8], expected: &[&str]) {
    let rows = read(bytes)
        .into_iter()
        .map(|row| Value::Object(row.unwrap()).to_string());
    assert_eq!(rows.collect::<Vec<_>>(), expected);
}
