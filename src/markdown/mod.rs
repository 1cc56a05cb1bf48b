//! Turns a Markdown body into HTML.
