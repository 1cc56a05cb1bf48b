//! Content is untrusted: nothing of it escapes its place.
//!
//! [`fragments`] makes what tries to, [`posts`] makes posts and a site of it. Each of the other
//! modules looks at one place that it must not escape from.

mod browser;
mod documents;
mod fields;
mod fragments;
mod growth;
mod posts;
mod publish;
mod terminal;
