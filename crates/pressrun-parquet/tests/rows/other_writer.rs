//! Files of pyarrow: `tests/files/README.md` has the script.

use std::fs::File;
use std::path::PathBuf;

use pressrun_parquet::{ParquetSource, ParquetTable};
use serde_json::{Map, Value, json};

use super::read;

pub fn file(name: &str) -> Vec<u8> {
    std::fs::read(path(name)).unwrap()
}

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/files")
        .join(name)
}

fn rows(name: &str) -> Vec<Map<String, Value>> {
    read(&file(name)).into_iter().map(Result::unwrap).collect()
}

#[test]
fn page_without_values_is_not_the_end_of_a_column() {
    let rows = rows("pages.parquet");
    assert_eq!(rows.len(), 9);
    for (number, row) in rows.iter().enumerate() {
        let tags = json!(["soup", "pot", format!("pot {}", number % 3)]);
        assert_eq!(row["tags"], tags, "{number}");
    }
}

#[test]
fn values_of_all_types_are_read() {
    let rows = rows("types.parquet");
    assert_eq!(rows.len(), 7);
    let answer = format!(
        "# Copper 1\n\n{}",
        "Kettle 1 is made of copper. ".repeat(60)
    );
    let expected = json!({
        "title": "Kettle number 1",
        "Title": "of another case",
        "response": "Kettle 1 boils in 1 minutes.\n\nThen it waits for tea.",
        "tags": ["tea", null, "kettle 1"],
        "draft": true,
        "small": 1,
        "large": 9_223_372_036_854_775_807_i64,
        "unsigned": 18_446_744_073_709_551_615_u64,
        "single": 0.1,
        "double": 0.25,
        "price": "0.25",
        "date": "2024-05-01",
        "moment": "2024-05-01T09:05:30",
        "utc": "2024-05-01T09:05:30Z",
        "clock": "09:05:30",
        "raw": "bytes 1",
        "meta": {"author": {"name": "Ada"}},
        "labels": {"kind": "tea"},
        "messages": [
            {"role": "user", "content": "Write about kettle 1."},
            {"role": "assistant", "content": answer}
        ],
        "deep": [[1], [], null, [1, null]],
    });
    assert_eq!(Value::Object(rows[0].clone()), expected);
    let names: Vec<&String> = rows[0].keys().collect();
    assert_eq!(
        names[..3],
        ["title", "Title", "response"],
        "the order is that of the columns"
    );
    // What a row does not have is absent.
    assert_eq!(rows[1].get("tags"), None);
    assert_eq!(rows[1].get("double"), None);
    assert_eq!(rows[1].get("labels"), None);
    assert_eq!(rows[1]["meta"], json!({"words": 2}));
    assert_eq!(rows[3]["tags"], json!([]));
    assert_eq!(rows[6]["price"], json!("1.75"));
}

#[test]
fn every_codec_and_encoding_gives_the_same_rows() {
    let expected = rows("zstd.parquet");
    assert_eq!(expected.len(), 40);
    assert_eq!(expected[39]["title"], json!("Cup 39"));
    for name in ["gzip", "brotli", "lz4", "delta"] {
        assert_eq!(rows(&format!("{name}.parquet")), expected, "{name}");
    }
}

#[test]
fn row_groups_can_be_read_by_themselves() {
    let file = File::open(path("types.parquet")).unwrap();
    let table = ParquetTable::open(ParquetSource::from_file(file).unwrap()).unwrap();
    let places: Vec<(u64, u64)> = table
        .row_groups()
        .iter()
        .map(|group| (group.first_row, group.rows))
        .collect();
    assert_eq!(places, [(1, 3), (4, 3), (7, 1)]);
    let whole: Vec<_> = table.rows().map(Result::unwrap).collect();
    let mut parts = Vec::new();
    for groups in [0..1, 1..3, 3..9] {
        parts.extend(table.rows_of_groups(groups).map(Result::unwrap));
    }
    assert_eq!(parts, whole);
}
