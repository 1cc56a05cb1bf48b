//! Asks a language model for posts, and keeps what it answers.
//!
//! Topics come in ([`topic`]), each becomes a prompt ([`prompt`]), and every request and answer is
//! kept in a journal ([`journal`]) before anything else happens with it. The journal is the only
//! memory: what is asked next, what is continued and what is finished follows from it.
//!
//! Each module uses only modules above it in this list.
//!
//! Not here: reading replies into posts (`pressrun-posts`), writing files of posts (`ingest` in the
//! program), messages on a terminal (`cli` in the program).

pub mod topic;
pub mod prompt;
pub mod journal;
pub mod selection;
pub mod endpoint;
pub mod failure;
pub mod client;
pub mod pace;
pub mod budget;
pub mod continuation;
pub mod repetition;
pub mod judge;
pub mod repair;
pub mod known_posts;
pub mod site_judge;
pub mod batch;
pub mod run;
pub mod status;

#[cfg(test)]
mod scripted;
