//! Tests Parquet as input: a table of records is read as JSON Lines with the same records.

use std::collections::BTreeMap;
use std::fs;

use pressrun_parquet::{ParquetSource, ParquetTable};
use serde_json::Value;

use crate::site::{Run, Site, tree};

/// Returns a table of another program with chats in 22 columns of all types, and one of short posts.
fn tables() -> [Vec<u8>; 2] {
    ["types", "zstd"].map(|name| {
        fs::read(format!(
            "crates/pressrun-parquet/tests/files/{name}.parquet"
        ))
        .unwrap()
    })
}

/// Returns the records of a table as JSON Lines.
fn lines(table: &[u8]) -> String {
    let source = ParquetSource::from_bytes(table.to_vec());
    let rows = ParquetTable::open(source).unwrap().rows();
    let lines = rows.map(|row| format!("{}\n", Value::Object(row.unwrap().object)));
    lines.collect()
}

/// Returns two sites, one with tables and one with the same records as lines, in a folder.
fn both(folder: &str) -> [Site; 2] {
    let (mut as_table, mut as_lines) = (Site::new(), Site::new());
    for (name, table) in ["a", "b"].into_iter().zip(tables()) {
        as_lines = as_lines.file(&format!("{folder}/{name}.jsonl"), lines(&table));
        as_table = as_table.file(&format!("{folder}/{name}.parquet"), table);
    }
    [as_table, as_lines]
}

/// Runs a command on a site, which must succeed.
#[track_caller]
fn run(site: &Site, arguments: &[&str]) -> Run {
    let run = site.run(arguments);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    run
}

#[test]
fn site_of_tables_is_that_of_the_same_lines() {
    let sites = both("content");
    let pages = sites.each_ref().map(|site| {
        run(site, &["build"]);
        tree(&site.path("public"))
    });
    assert!(pages[0].len() > 47, "each record has a page");
    assert!(pages[0] == pages[1]);
    // A second build reads nothing again, and a changed table is read.
    run(&sites[0], &["build"]);
    assert!(tree(&sites[0].path("public")) == pages[0]);
    let [chats, _] = tables();
    fs::write(sites[0].path("content/b.parquet"), chats).unwrap();
    run(&sites[0], &["build"]);
    assert!(tree(&sites[0].path("public")).len() < pages[0].len());
}

#[test]
fn table_is_divided_by_its_row_groups() {
    let [site, _] = both("content");
    run(&site, &["build"]);
    let folder = tempfile::tempdir().unwrap();
    let work = folder.path().to_str().unwrap();
    run(&site, &["shard", "plan", "--shards", "4", work]);
    let mut sources = 0;
    for shard in ["0", "1", "2", "3"] {
        let read = run(&site, &["shard", "read", shard, work, "--format", "json"]);
        let read: Value = serde_json::from_str(&read.stdout).unwrap();
        sources += read["counts"]["sources"].as_u64().unwrap();
    }
    // The larger table has three row groups.
    assert_eq!(sources, 4);
    run(&site, &["shard", "gather", work]);
    for shard in ["0", "1", "2", "3"] {
        run(&site, &["shard", "render", shard, work]);
    }
    run(&site, &["shard", "finish", work]);
    assert!(tree(&folder.path().join("site")) == tree(&site.path("public")));
}

#[test]
fn ingest_of_tables_is_that_of_the_same_lines() {
    let written = both("replies").map(|site| -> BTreeMap<String, String> {
        run(&site, &["ingest", "replies"]);
        let second = run(&site, &["ingest", "replies"]);
        assert!(second.stdout.contains(" 0 written"), "{}", second.stdout);
        let files = tree(&site.path("content/posts")).into_iter();
        let files = files.map(|(name, bytes)| {
            let text = String::from_utf8(bytes).unwrap();
            (name, text.replace(".parquet", ".jsonl"))
        });
        files.collect()
    });
    assert_eq!(written[0].len(), 47);
    // The hash of a file covers the name of its source.
    let without_hash = |files: &BTreeMap<String, String>| -> BTreeMap<String, String> {
        let files = files.iter().map(|(name, text)| {
            let lines = text.lines().filter(|line| !line.starts_with("  hash:"));
            (name.clone(), lines.collect::<Vec<_>>().join("\n"))
        });
        files.collect()
    };
    assert_eq!(without_hash(&written[0]), without_hash(&written[1]));
}

#[test]
fn inspect_reads_a_table_from_disk() {
    let [as_table, as_lines] = both("content");
    let read = |site: &Site, name: &str| -> Value {
        let run = run(site, &["inspect", "--format", "json", name]);
        serde_json::from_str(&run.stdout.replace(".parquet", ".jsonl")).unwrap()
    };
    let found = read(&as_table, "content/a.parquet");
    assert_eq!(found["posts"].as_array().unwrap().len(), 7);
    assert_eq!(found, read(&as_lines, "content/a.jsonl"));
    let shown = run(&as_table, &["inspect", "content/a.parquet"]).stdout;
    assert!(shown.contains("from line 7"), "{shown}");
}

#[test]
fn damaged_table_is_reported_and_stops_nothing() {
    let [chats, posts] = tables();
    let site = Site::new()
        .file("content/a.parquet", &chats[..chats.len() / 2])
        .file("content/b.parquet", posts)
        .file("content/c.parquet", "TITLE: tea\n\nTea is not a table.\n");
    let run = run(&site, &["build"]);
    let shown = format!("{}{}", run.stdout, run.stderr);
    assert!(shown.contains("invalid-parquet"), "{shown}");
    let check = site.run(&["check"]);
    assert_eq!(check.code, 1);
    let shown = format!("{}{}", check.stdout, check.stderr);
    assert!(shown.contains("content/a.parquet"), "{shown}");
    assert!(shown.contains("the file is cut off"), "{shown}");
    assert!(shown.contains("content/c.parquet"), "{shown}");
    assert!(shown.contains("the file is not Parquet"), "{shown}");
    assert!(site.path("public/posts/cup-7/index.html").exists());
}
