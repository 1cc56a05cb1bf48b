//! Topics: what posts are asked for.
//!
//! A topic is data, never part of a template: its texts have one line and no control characters.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The most characters of a topic.
pub const MOST_CHARACTERS: usize = 500;

/// What one post is asked for.
///
/// The journal keeps topics, so fields are only added, and each has a default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topic {
    /// The stated ID, otherwise a hash of the normalised topic and its language.
    pub id: String,
    /// The topic, on one line.
    #[serde(rename = "topic")]
    pub text: String,
    /// The language of the post, as a BCP 47 tag: the stated one, otherwise that of the site.
    #[serde(default)]
    pub language: String,
    /// The number of words of the post.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<u32>,
    /// The readers that the post is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// How the post is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub style: Option<String>,
    /// The category of the post.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Words that the post shall contain.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// Facts and wishes for the prompt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// The slug of the post.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// The date of the post, as its author wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// The model to ask instead of the configured one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The template to use instead of the configured one, as a path below the root of the site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// All other fields.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub row: BTreeMap<String, String>,
    /// Where the topic is written.
    #[serde(skip)]
    pub place: TopicPlace,
}

/// The place of a topic: a file and a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicPlace {
    /// The path as the user gave it.
    pub file: Arc<str>,
    /// The line, counted from 1; 0 if the topic comes from the journal.
    pub line: u32,
}

impl Default for TopicPlace {
    fn default() -> Self {
        Self {
            file: Arc::from(""),
            line: 0,
        }
    }
}
