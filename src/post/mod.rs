//! A post, and the words it is described with: slug, tag, category, date.
//!
//! Not here: how a post is read (`parse`, `normalize`), and its place among the others
//! (`corpus`).

pub mod category;
pub mod date;
pub mod slug;
pub mod tag;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use date::Date;

/// Where a post came from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Source {
    /// Path of the file from the site root, with `/` between its parts.
    pub file: Arc<str>,
    /// Line of the file on which the reply begins, counted from 1.
    pub line: u32,
    /// Position of the post among those of its file, counted from 0.
    pub index: u32,
}

/// What told a field of a post its value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Origin {
    /// Nothing did: the field is empty.
    #[default]
    None,
    /// A label header, front matter or the keys of a JSON post.
    Header,
    /// Labels or hashtags at the end of the reply or after its end marker.
    End,
    /// The record or message that held the reply.
    Container,
    /// The topic of the prompt.
    Topic,
    /// A heading, title line or date line of the body.
    Body,
    /// The file name.
    FileName,
    /// Made from the text of the body.
    Derived,
}

/// The [`Origin`] of each field that has several possible ones.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Origins {
    /// Of the title.
    pub title: Origin,
    /// Of the description.
    pub description: Origin,
    /// Of the tags.
    pub tags: Origin,
    /// Of the categories.
    pub categories: Origin,
    /// Of the date.
    pub date: Origin,
    /// Of the language; [`Origin::Derived`] when it was told from the text.
    pub language: Origin,
    /// Of the slug; [`Origin::Derived`] when it was made from the title.
    pub slug: Origin,
}

/// One post, cleaned and complete, but not yet placed among the others of its site.
///
/// `B` is its body: the text itself, or what stands for it where thousands of posts are held.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Post<B = String> {
    /// Where it came from.
    pub source: Source,
    /// Plain text, never empty.
    pub title: String,
    /// Plain text; empty where neither the reply nor its first paragraph gives one.
    pub description: String,
    /// Display names, unique by [`tag::key`].
    pub tags: Vec<String>,
    /// Display names, unique by [`category::key`].
    pub categories: Vec<String>,
    /// Day of publication, where the reply, its container or its file name states one.
    pub date: Option<Date>,
    /// Day of the last change that the author states.
    pub updated: Option<Date>,
    /// Last part of the address. Unique within the file only.
    pub slug: String,
    /// BCP 47 tag of its language; `None` for that of the site.
    pub language: Option<String>,
    /// Left out of the site unless asked for.
    pub draft: bool,
    /// Address of a picture that stands for the post, as the author wrote it.
    pub cover: Option<String>,
    /// How it says that a model wrote it, in the place of what the site says; `false` for not.
    pub disclosure: Option<String>,
    /// Term of the IPTC vocabulary in the place of the site's, as the author wrote it.
    pub digital_source_type: Option<String>,
    /// Markdown, cleaned, without the title.
    pub body: B,
    /// Which line of the file each line of `body` was.
    pub body_lines: LineMap,
    /// Hash of the words of the body; two posts with equal words have equal hashes.
    pub words_hash: u128,
    /// Which field came from where.
    pub origins: Origins,
}

impl<B> Post<B> {
    /// The same post with another body.
    pub fn with_body<C>(self, body: C) -> Post<C> {
        Post {
            source: self.source,
            title: self.title,
            description: self.description,
            tags: self.tags,
            categories: self.categories,
            date: self.date,
            updated: self.updated,
            slug: self.slug,
            language: self.language,
            draft: self.draft,
            cover: self.cover,
            disclosure: self.disclosure,
            digital_source_type: self.digital_source_type,
            body,
            body_lines: self.body_lines,
            words_hash: self.words_hash,
            origins: self.origins,
        }
    }
}

/// Maps lines of a cleaned body to lines of the file they came from.
///
/// Only breaks in the sequence are kept: pairs of a body line (from 0) and its source line
/// (from 1). Lines between two breaks count on from the earlier one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LineMap {
    breaks: Vec<(u32, u32)>,
}

impl LineMap {
    /// Records that the next body line is `source_line` of the file.
    ///
    /// Lines must be recorded in order, each once.
    pub fn push(&mut self, body_line: u32, source_line: u32) {
        if self.source_line(body_line) != Some(source_line) {
            self.breaks.push((body_line, source_line));
        }
    }

    /// The line of the file that a line of the body (counted from 0) came from.
    pub fn source_line(&self, body_line: u32) -> Option<u32> {
        let after = self.breaks.partition_point(|&(line, _)| line <= body_line);
        let (line, source) = *self.breaks.get(after.checked_sub(1)?)?;
        Some(source + (body_line - line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_map_counts_on_between_breaks() {
        let mut lines = LineMap::default();
        for (body, source) in [(0, 7), (1, 8), (2, 12), (3, 13)] {
            lines.push(body, source);
        }
        assert_eq!(lines.breaks.len(), 2);
        assert_eq!(lines.source_line(1), Some(8));
        assert_eq!(lines.source_line(5), Some(15));
        assert_eq!(LineMap::default().source_line(0), None);
    }
}
