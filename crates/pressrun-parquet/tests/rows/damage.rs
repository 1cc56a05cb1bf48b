//! Damaged and hostile files: each says what is wrong, and none takes memory or time for what it claims.

use std::io::Write;

use super::forged::{Forged, Thrift, plain};
use super::other_writer::file;
use super::read;
use super::written::{Column, Values, write};

/// Checks what is said about a file, none of whose rows can be read.
#[track_caller]
fn check(bytes: &[u8], expected: &str) {
    let rows = read(bytes);
    assert_eq!(rows.len(), 1, "{rows:?}");
    let found = rows[0].as_ref().expect_err("no row can be read");
    assert!(found.contains(expected), "{found}");
}

#[test]
fn forged_file_is_read_if_all_it_says_is_true() {
    super::check_rows(&Forged::default().bytes(), &[r#"{"a":"tea"}"#]);
    let with_dictionary = Forged {
        encoding: 8,
        page: vec![0, 6],
        size: 2,
        values: 3,
        rows: 3,
        dictionary: Some((1, plain(b"tea"))),
        ..Forged::default()
    };
    super::check_rows(&with_dictionary.bytes(), &[r#"{"a":"tea"}"#; 3]);
}

#[test]
fn file_that_is_not_parquet_is_named_as_such() {
    check(b"", "not Parquet");
    check(
        b"{\"title\": \"tea\"}\n{\"title\": \"water\"}\n",
        "not Parquet",
    );
    check(b"PAR1\x00\x00\x00\x00\x00PAR1", "its footer");
    check(b"PAR1\x00\xFF\xFF\xFF\xFFPAR1", "longer than the file");
    check(b"PARE\x00\x04\x00\x00\x00PARE", "encrypted");
    let forged = Forged {
        is_encrypted: true,
        ..Forged::default()
    };
    check(&forged.bytes(), "encrypted");
}

#[test]
fn file_that_is_cut_off_is_reported() {
    let whole = file("types.parquet");
    for end in (4..whole.len()).step_by(97).chain([8, 12]) {
        check(&whole[..end], "cut off");
    }
    check(b"PAR1PAR1", "cut off");
    for start in [1, 3, 100] {
        check(&whole[start..], "not Parquet");
    }
}

#[test]
fn claims_that_do_not_fit_into_the_file_are_refused() {
    let rows = |rows| Forged {
        rows,
        ..Forged::default()
    };
    check(&rows(1 << 60).bytes(), "more rows than fit");
    check(&rows(-1).bytes(), "more rows than fit");
    let children = |children| Forged {
        children,
        ..Forged::default()
    };
    check(
        &children(i64::from(i32::MAX)).bytes(),
        "its columns are nested",
    );
    check(&children(-5).bytes(), "its columns are nested");
    let start = |start| Forged {
        start: Some(start),
        ..Forged::default()
    };
    check(&start(1 << 40).bytes(), "behind the end of the file");
    check(&start(-4).bytes(), "behind the end of the file");
    let size = |size| Forged {
        size,
        ..Forged::default()
    };
    for codec in 0..8 {
        for claim in [0, 6, 8, 1 << 20, i64::from(i32::MAX), 1 << 40, -1] {
            let forged = Forged {
                codec,
                ..size(claim)
            };
            check(&forged.bytes(), "1-1: ");
        }
    }
    let stored = Forged {
        stored: Some(i64::from(i32::MAX)),
        ..Forged::default()
    };
    check(&stored.bytes(), "longer than its column");
}

#[test]
fn more_rows_than_values_end_where_the_values_end() {
    let forged = Forged {
        rows: 1000,
        ..Forged::default()
    };
    let rows = read(&forged.bytes());
    assert_eq!(rows.len(), 2);
    assert!(rows[0].is_ok());
    assert_eq!(
        rows[1].as_ref().unwrap_err(),
        "2-1000: a column has fewer rows than the file says"
    );
}

#[test]
fn dictionary_must_have_the_values_that_it_claims() {
    let forged = |claim, page: &[u8]| Forged {
        encoding: 8,
        page: page.to_vec(),
        size: page.len() as i64,
        dictionary: Some((claim, plain(b"tea"))),
        ..Forged::default()
    };
    check(
        &forged(i64::from(i32::MAX), &[0, 6]).bytes(),
        "too large to read",
    );
    check(&forged(1 << 20, &[0, 6]).bytes(), "fewer values");
    check(&forged(2, &[0, 6]).bytes(), "1-1: ");
    // The second value of a dictionary that has one.
    check(&forged(1, &[1, 2, 1]).bytes(), "1-1: ");
    let without = Forged {
        encoding: 8,
        ..Forged::default()
    };
    check(&without.bytes(), "1-1: ");
}

#[test]
fn lengths_of_texts_must_be_there() {
    for encoding in [5, 6, 7] {
        // Blocks of 128 numbers in 4 parts; 2^40 numbers.
        let page = [
            128, 1, 4, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20, 0, 0, 0, 0, 0, 0, 0,
        ];
        let forged = Forged {
            encoding,
            page: page.to_vec(),
            size: page.len() as i64,
            ..Forged::default()
        };
        check(&forged.bytes(), "other values than its header says");
    }
    let long = [0xFF, 0xFF, 0xFF, 0x7F, b't', b'e', b'a'];
    let forged = Forged {
        page: long.to_vec(),
        size: long.len() as i64,
        ..Forged::default()
    };
    check(&forged.bytes(), "1-1: ");
}

#[test]
fn bombs_do_not_go_off() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..100 {
        gzip.write_all(&vec![0; 1 << 20]).unwrap();
    }
    let page = gzip.finish().unwrap();
    let bomb = |size| Forged {
        codec: 2,
        size,
        page: page.clone(),
        ..Forged::default()
    };
    check(&bomb(1000).bytes(), "another size");
    check(&bomb(3 << 30).bytes(), "1-1: ");
}

#[test]
fn list_with_more_values_than_can_be_read_is_refused() {
    // Levels by runs: one row of 2^30 absent values takes a few bytes.
    let mut run = Thrift::default();
    run.unsigned(1 << 31);
    run.0.push(1);
    let levels = plain(&run.0);
    let page = [levels.clone(), levels].concat();
    let forged = Forged {
        is_list: true,
        values: 1 << 30,
        size: page.len() as i64,
        page,
        ..Forged::default()
    };
    check(&forged.bytes(), "a list has more values");
}

#[test]
fn text_that_repeats_too_often_stops_the_file() {
    // 900,000 rows of one text of a megabyte, in a file of a megabyte: 900 GB.
    let text = vec![b'x'; 1 << 20];
    let page = [vec![0], vec![0xC0, 0xEE, 0x6D]].concat();
    let forged = Forged {
        encoding: 8,
        rows: 900_000,
        values: 900_000,
        size: page.len() as i64,
        page,
        dictionary: Some((1, plain(&text))),
        ..Forged::default()
    };
    let rows = read_counting(&forged.bytes());
    assert!(rows.0 > 1000, "{rows:?}");
    assert!(
        rows.1.contains("more text than a file of this size"),
        "{rows:?}"
    );
}

/// Returns how many rows are read, without keeping them, and what is wrong after them.
fn read_counting(bytes: &[u8]) -> (usize, String) {
    let source = pressrun_parquet::ParquetSource::from_bytes(bytes.to_vec());
    let table = pressrun_parquet::ParquetTable::open(source).unwrap();
    let mut count = 0;
    for row in table.rows() {
        match row {
            Ok(_) => count += 1,
            Err(unread) => return (count, unread.damage.reason),
        }
    }
    (count, String::new())
}

#[test]
fn columns_elsewhere_and_unknown_codecs_are_named() {
    let elsewhere = Forged {
        other_file: Some("b.parquet"),
        ..Forged::default()
    };
    check(&elsewhere.bytes(), "in other files");
    let codec = |codec| Forged {
        codec,
        ..Forged::default()
    };
    check(&codec(3).bytes(), "the compression LZO is not read");
    check(&codec(77).bytes(), "");
}

#[test]
fn hostile_footer_takes_no_time() {
    // Lists of lists of 2^31 booleans under a field that nobody knows.
    let mut extra = Thrift::default();
    extra.field(6, 9);
    extra.0.push(0xF9);
    extra.unsigned(1000);
    for _ in 0..1000 {
        extra.0.extend([0xF1, 0xFF, 0xFF, 0xFF, 0xFF, 0x07]);
    }
    let forged = Forged {
        extra: extra.0,
        ..Forged::default()
    };
    check(&forged.bytes(), "its footer cannot be read");
    let deep = Forged {
        extra: vec![0x1C; 100_000],
        ..Forged::default()
    };
    check(&deep.bytes(), "its footer cannot be read");
}

#[test]
fn rows_before_and_after_a_damaged_row_group_are_kept() {
    let texts = ["tea", "water", "milk"];
    let group = || vec![Column(Values::Text(&texts), &[], &[])];
    let mut bytes = write("required binary a (STRING);", &[group(), group(), group()]);
    // The length of the third text of the second group, in its dictionary.
    let places: Vec<usize> = (0..bytes.len() - 4)
        .filter(|&at| bytes[at..].starts_with(b"milk"))
        .collect();
    let third = places
        .iter()
        .find(|&&at| bytes[at - 5..].starts_with(b"r\x04\0\0\0milk"));
    assert!(third.is_some());
    let dictionaries: Vec<usize> = places
        .into_iter()
        .filter(|&at| bytes[at - 4..at] == [4, 0, 0, 0] && bytes[at - 5] == b'r')
        .collect();
    assert_eq!(dictionaries.len(), 3);
    bytes[dictionaries[1] - 3] = 0xFF;
    let rows = read(&bytes);
    let kinds: Vec<bool> = rows.iter().map(Result::is_ok).collect();
    assert_eq!(kinds, [true, true, true, false, true, true, true]);
    assert!(rows[3].as_ref().unwrap_err().starts_with("4-6: "));
}

/// Whatever byte is wrong, the file is read to its end or says why not.
#[test]
fn no_wrong_byte_does_harm() {
    for name in ["types", "gzip", "zstd", "brotli", "lz4", "delta"] {
        let whole = file(&format!("{name}.parquet"));
        let steps = whole.len() / 300 + 1;
        for at in (0..whole.len()).step_by(steps) {
            for value in [0, 0x7F, 0xFF, whole[at] ^ 1, whole[at] ^ 0x80] {
                let mut bytes = whole.clone();
                bytes[at] = value;
                read(&bytes);
            }
        }
    }
}
