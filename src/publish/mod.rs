//! Puts the site on a branch of a git repository, as GitHub Pages wants it.
//!
//! Everything is done by the user's own `git`, with its settings and credentials, and goes from
//! the output folder straight to the remote: checkout, index, branches and stash of the user are
//! never touched.
//!
//! Not here: building (`pipeline`), and printing (`cli`).

pub mod doctor;
mod explain;
mod files;
pub mod git;
pub mod github;

pub use explain::explain;
pub use files::Files;
