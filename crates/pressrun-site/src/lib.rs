//! Turns posts into a site: files are found and read, posts gathered into a corpus, pages rendered
//! and written.
//!
//! Data flows one way. Each module uses only modules above it in this list;
//! `tests/it/architecture.rs` checks that. Start to read at [`pipeline`].

// Tools: they know nothing of sites.
pub mod error;
pub mod fs;
pub mod git;
pub mod cache;
pub mod search;
pub mod cards;
pub mod pictures;

// Stages.
pub mod config;
pub mod discover; // site       -> Vec<SourceFile>
mod messages;
pub mod data; //     site       -> values for templates
pub mod review; //   Post       -> ReviewState
pub mod corpus; //   Vec<Post>  -> Corpus
pub mod render; //   Corpus     -> jobs, and of each job its bytes
pub mod output; //   jobs       -> disk
pub mod pipeline; // all stages in order
