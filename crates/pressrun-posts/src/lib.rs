//! Turns replies of language models into blog posts: bytes in, posts and diagnostics out.
//!
//! A reply has a title, a description, tags, categories and a Markdown body, under labels, in YAML
//! front matter or in JSON. Nothing is read from disk, and no reply is lost without a diagnostic.
//!
//! ```
//! use pressrun_posts::content_file::{FileInput, ReadSettings, read_file};
//!
//! let reply = "TITLE: Tea\nMETA_DESCRIPTION: How to brew it.\nTAGS: tea, water\n\n\
//!              Pour hot water over the leaves and wait for three minutes.\n\n-EndOfText-\n";
//! let file = FileInput { path: "content/tea.txt".into(), bytes: reply.into() };
//! let read = read_file(&file, &ReadSettings::default());
//! assert_eq!(read.posts[0].title, "Tea");
//! assert_eq!(read.posts[0].slug, "tea");
//! assert!(read.posts[0].body.starts_with("Pour hot water"));
//! ```
//!
//! Each module uses only modules above it in this list.

pub mod diagnostic;
pub mod panics;
pub mod phrases;
pub mod post;
pub mod parse; //        bytes  -> replies
pub mod normalize; //    reply  -> post
pub mod rules; //        post   -> diagnostics
pub mod content_file; // bytes  -> posts and diagnostics: the three above in order
