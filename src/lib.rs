//! The program: its commands, the preview and the default theme.
//!
//! The work is done by the crates in `crates/`. Each module uses only modules above it in this
//! list; `tests/it/architecture.rs` checks that.

pub mod theme;
pub mod review;
pub mod preview;
pub mod ingest;
pub mod retry;
pub mod terms;
pub mod publish;
pub mod report;
pub mod init;
pub mod cli;
