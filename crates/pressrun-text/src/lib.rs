//! Tools for written language: characters, lines, blocks, sentences and words of Markdown.
//!
//! They know nothing of replies, posts or sites, and report no diagnostics.

pub mod ascii;
pub mod blocks;
pub mod characters;
pub mod entities;
pub mod fence;
pub mod attribute_lists;
pub mod html;
pub mod inline_code;
pub mod language;
pub mod line;
pub mod numbers;
pub mod marks;
pub mod page_html;
pub mod plain;
pub mod plural;
pub mod quotation;
pub mod segments;
pub mod sentences;
pub mod similarity;
pub mod visible;
pub mod words;
