//! Tests that untrusted content does not escape from its place.
//!
//! [`fragments`] makes content that tries to, and [`posts`] makes posts and a site from it. Each of
//! the other modules checks one kind of place.

mod browser;
mod characters;
mod crossed_growth;
mod documents;
mod fields;
mod fragments;
mod growth;
mod posts;
mod publish;
mod sign_fragments;
mod terminal;
