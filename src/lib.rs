//! The program: its commands, the preview and the default theme.
//!
//! The work is done by the crates in `crates/`: [`pressrun_posts`] reads replies,
//! [`pressrun_site::pipeline`] builds sites. A program of your own can use them with the theme of this
//! one:
//!
//! ```
//! use pressrun::theme::THEME;
//! use pressrun_posts::post::Moment;
//! use pressrun_site::fs;
//! use pressrun_site::pipeline::{BuildRequest, build_site};
//!
//! let folder = fs::create_temporary_folder().unwrap();
//! let root = folder.path();
//! std::fs::create_dir(root.join("content")).unwrap();
//! std::fs::write(root.join("site.toml"), "title = \"Tea\"\n").unwrap();
//! let reply = "TITLE: Green tea\nTAGS: tea\n\nPour hot water over the leaves.\n\n-EndOfText-\n";
//! std::fs::write(root.join("content/tea.txt"), reply).unwrap();
//!
//! let report = build_site(&BuildRequest::new(root, THEME, Moment::now())).unwrap();
//! assert_eq!(report.findings.ledger.published, 1);
//! assert!(root.join("public/posts/green-tea/index.html").exists());
//! ```
//!
//! Each module uses only modules above it in this list; `tests/it/architecture.rs` checks that.

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
