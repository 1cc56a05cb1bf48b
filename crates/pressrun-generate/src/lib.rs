//! Asks a language model for posts, and keeps what it answers.
