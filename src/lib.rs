//! Turns replies of language models into a blog.
//!
//! Data flows one way: files are discovered, parsed into posts, normalized, checked, gathered into
//! a corpus, rendered and written. Each module uses only modules above it in this list;
//! `tests/it/architecture.rs` checks that.

// Language: knows nothing of sites.
pub mod text;

// Words: plain data.
pub mod error;
pub mod diagnostic;
pub mod panics;
pub mod post;
pub mod config;

// Tools: they know nothing of sites.
pub mod fs;
pub mod git;
pub mod profile;
pub mod markdown;
pub mod cache;
pub mod search;
pub mod cards;

// Stages: each turns the left type into the right one.
pub mod discover; //  site      -> Vec<SourceFile>
pub mod parse; //     one file  -> Vec<Reply>
pub mod normalize; // Reply     -> Post
pub mod lint; //      Post      -> diagnostics
pub mod read; //      one file  -> posts and diagnostics: the three above in order
pub mod corpus; //    Vec<Post> -> Corpus
pub mod render; //    Corpus    -> jobs, and of each job its bytes
pub mod output; //    jobs      -> disk

// Commands.
pub mod pipeline;
pub mod serve;
pub mod ingest;
pub mod terms;
pub mod publish;
pub mod report;
pub mod init;
pub mod cli;
