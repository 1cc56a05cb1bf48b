//! Tests the program as a whole: the real binary on small sites.
//!
//! A rule of one module is tested beside that module. The tests here cover what shows only when all
//! stages work together. [`site`] creates a site in a temporary folder and runs the program on it;
//! [`snapshots`] compares whole sites of `tests/sites` with their `expected` folders.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod addresses;
mod architecture;
mod branch;
mod browser;
mod build;
mod build_script;
mod by_language;
mod cards;
mod check;
mod deploy;
mod chromium;
mod corpus;
mod dates;
#[cfg(unix)]
mod doc_commands;
mod doc_links;
mod docs;
mod errors;
mod faults;
mod fields;
mod frame;
mod generate;
mod getting;
mod hostile;
mod incremental;
mod ingest;
mod ingest_by_id;
mod init;
mod injected;
#[cfg(unix)]
mod journeys;
mod languages;
mod live;
mod looks;
mod mermaid;
mod migrate;
mod names;
mod order;
mod output;
mod pages;
mod parquet;
mod people;
mod picture_versions;
mod pictures;
mod posts_and_pages;
mod publish;
mod quiet;
mod refused;
mod remote;
mod report;
mod repository;
mod retry;
mod review;
mod review_commands;
mod sample;
mod schemas;
mod served;
mod search;
mod server;
mod serve;
#[cfg(target_os = "linux")]
mod shard_workflow;
mod shards;
mod site;
mod snapshots;
mod terms;
mod text;
mod time;
mod translations;
mod workflow;
