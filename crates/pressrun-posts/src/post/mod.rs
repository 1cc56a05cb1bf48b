//! A post, and what describes it: slug, tags, categories, dates.
//!
//! Not here: reading a post (`parse`, `normalize`), and its place among other posts
//! (`pressrun-site`).

pub mod category;
pub mod date;
pub mod extra;
pub mod stated_date;
mod moment;
mod original;
pub mod record;
pub mod review;
pub mod role;
pub mod slug;
pub mod tag;
pub(crate) mod translation;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use date::{Date, TimeOfDay, ZoneOffset};
pub use extra::{ExtraValue, clean_extras, extras_to_json};
pub use moment::{Moment, SiteDate, SiteZone};
pub use original::Originality;
pub use record::PostRecord;
pub use review::{ReviewMark, ReviewRecord};
pub use role::TextRole;
pub use stated_date::StatedDate;

/// Where a post came from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PostSource {
    /// The path of the file from the site root, with `/` as separator.
    pub file: Arc<str>,
    /// The line of the file where the reply begins, counted from 1.
    pub line: u32,
    /// The position of the post among those of its file, counted from 0.
    pub index: u32,
}

/// The source that a field of a post was taken from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum FieldSource {
    /// The field has no value.
    #[default]
    None,
    /// A label header, front matter, or the keys of a JSON post.
    Header,
    /// Labels or hashtags at the end of the reply, or after its end marker.
    End,
    /// The record or message that contained the reply.
    Container,
    /// The topic of the prompt.
    Topic,
    /// A heading, title line or date line of the body.
    Body,
    /// The file name.
    FileName,
    /// Derived from the text of the body.
    Derived,
}

/// The [`FieldSource`] of each field that can come from several sources.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FieldSources {
    /// Origin of the title.
    pub title: FieldSource,
    /// Origin of the description.
    pub description: FieldSource,
    /// Origin of the tags.
    pub tags: FieldSource,
    /// Origin of the categories.
    pub categories: FieldSource,
    /// Origin of the date.
    pub date: FieldSource,
    /// Origin of the language; [`FieldSource::Derived`] if it was detected from the text.
    pub language: FieldSource,
    /// Origin of the slug; [`FieldSource::Derived`] if it was made from the title.
    pub slug: FieldSource,
}

/// One post, cleaned and complete, but not yet placed among the others of its site.
///
/// `B` is the type of its body: the text itself, or a handle to it where thousands of posts are
/// held in memory.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Post<B = String> {
    /// Where the post came from.
    pub source: PostSource,
    /// The record that it came in, if that has a name.
    pub record: Option<Box<PostRecord>>,
    /// What its file says about its review, if it says anything.
    pub review: Option<Box<ReviewRecord>>,
    /// The title in plain text, never empty.
    pub title: String,
    /// The subtitle in plain text.
    pub subtitle: Option<String>,
    /// The description in plain text; empty if neither the reply nor its first paragraph gives one.
    pub description: String,
    /// The tags as they are shown, unique by [`tag::tag_key`].
    pub tags: Vec<String>,
    /// The categories as they are shown, unique by [`category::category_key`].
    pub categories: Vec<String>,
    /// The day of publication, if the reply, its container or its file name states one.
    pub date: Option<Date>,
    /// The time of day of publication, if it is stated with the date.
    pub time: Option<TimeOfDay>,
    /// The time zone of `time`, if it is stated.
    pub zone: Option<ZoneOffset>,
    /// The date of the last change, if the author states one.
    pub updated: Option<StatedDate>,
    /// The date from which on the post is no longer published, if the author states one.
    pub expires: Option<StatedDate>,
    /// The last part of the address. It is unique only within the file.
    pub slug: String,
    /// The address instead of the one that the site makes, as a path that begins with `/`.
    pub permalink: Option<String>,
    /// Former addresses that lead to the post, as paths that begin with `/`.
    pub aliases: Vec<String>,
    /// The authors, by name.
    pub authors: Vec<String>,
    /// The address of the original, for search engines.
    pub canonical: Option<String>,
    /// The series that the post belongs to.
    pub series: Option<String>,
    /// The place of the post where posts are ordered by weight.
    pub weight: Option<i64>,
    /// Whether search engines are asked to leave the post out.
    pub noindex: bool,
    /// Front matter that no other field reads, in the order of the author.
    pub extra: Vec<(String, ExtraValue)>,
    /// The BCP 47 tag of its language, as the author states it or as the text shows it. `None` means
    /// the language of the site.
    pub language: Option<String>,
    /// What the post has in common with its translations, which are posts with the same key.
    pub translation_key: Option<String>,
    /// Whether the post is a draft, which is published only on request.
    pub draft: bool,
    /// The address of the cover image, as the author wrote it.
    pub cover: Option<String>,
    /// What the cover image shows, in the words of the author.
    pub cover_alt: Option<String>,
    /// The text that says a model wrote the post, instead of the one of the site; `false` for no
    /// text.
    pub disclosure: Option<String>,
    /// A term of the IPTC digital source type vocabulary instead of the site's, as the author wrote
    /// it.
    pub digital_source_type: Option<String>,
    /// The cleaned Markdown, without the title.
    pub body: B,
    /// Maps lines of `body` to lines of the file.
    pub body_lines: LineMap,
    /// A hash of the words of the body: posts with the same words have the same hash.
    pub words_hash: u128,
    /// A hash of all that readers see of the post: approvals are bound to it ([`review`]).
    pub text_hash: u128,
    /// The sources of the fields.
    pub origins: FieldSources,
}

impl<B> Post<B> {
    /// Returns the date of publication with its time and zone, as far as they are stated.
    pub fn stated_date(&self) -> Option<StatedDate> {
        let of_day = |date| StatedDate {
            date,
            time: self.time,
            zone: self.zone,
        };
        self.date.map(of_day)
    }

    /// Returns the same post with another body.
    pub fn with_body<C>(self, body: C) -> Post<C> {
        Post {
            source: self.source,
            record: self.record,
            review: self.review,
            title: self.title,
            subtitle: self.subtitle,
            description: self.description,
            tags: self.tags,
            categories: self.categories,
            date: self.date,
            time: self.time,
            zone: self.zone,
            updated: self.updated,
            expires: self.expires,
            slug: self.slug,
            permalink: self.permalink,
            aliases: self.aliases,
            authors: self.authors,
            canonical: self.canonical,
            series: self.series,
            weight: self.weight,
            noindex: self.noindex,
            extra: self.extra,
            language: self.language,
            translation_key: self.translation_key,
            draft: self.draft,
            cover: self.cover,
            cover_alt: self.cover_alt,
            disclosure: self.disclosure,
            digital_source_type: self.digital_source_type,
            body,
            body_lines: self.body_lines,
            words_hash: self.words_hash,
            text_hash: self.text_hash,
            origins: self.origins,
        }
    }
}

/// Maps lines of a cleaned body to the lines of the file that they came from.
///
/// It stores only the breaks in the sequence, as pairs of a body line (from 0) and its source line
/// (from 1). The lines up to the next break are counted on from there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LineMap {
    breaks: Vec<(u32, u32)>,
}

impl LineMap {
    /// Records the source line of the next body line.
    ///
    /// Lines must be recorded in order, each once.
    pub fn push(&mut self, body_line: u32, source_line: u32) {
        // A line that continues the sequence needs no entry.
        if self.source_line(body_line) != Some(source_line) {
            self.breaks.push((body_line, source_line));
        }
    }

    /// Returns the line of the file that a line of the body (counted from 0) came from.
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
