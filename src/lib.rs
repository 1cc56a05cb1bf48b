//! pressrun turns replies of language models into a blog.
//!
//! Data flows one way: files are discovered, parsed into posts, normalized, gathered into a
//! corpus, judged, rendered and written. Each module below uses only modules above it; a test
//! (`tests/it/architecture.rs`) holds that order.

// Words: plain data.
pub mod error;
pub mod diagnostic;
pub mod config;
pub mod post;

// Tools: they know nothing of sites.
pub mod fs;
pub mod text;
pub mod markdown;

// Stages: each turns the left type into the right one.
pub mod parse; //     one file  -> Vec<Reply>
pub mod normalize; // Reply     -> Post
pub mod lint; //      Post      -> diagnostics
