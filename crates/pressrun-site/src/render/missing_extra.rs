//! Says which post lacks a key of front matter that a template reads.
//!
//! Tera knows the place in the template only. A page can show many posts, so the one that lacks
//! the key is looked for among them.

use pressrun_posts::diagnostic::Diagnostic;
use tera::value::Key;

use super::SiteRenderer;
use super::mentions::{find_path_after, find_path_before};
use super::pages::{RenderJob, describe_text, list_shown_posts};
use super::template_errors::template_path;
use super::values::extras_of_post;
use crate::corpus::TextId;

impl SiteRenderer {
    /// Adds to an error of a template which post lacks the key of `extra` that it reads, if it
    /// does.
    pub(super) fn name_post_without_extra(
        &self,
        job: &RenderJob,
        mut found: Diagnostic,
    ) -> Diagnostic {
        let Some(path) = self.find_read_path(&found) else {
            return found;
        };
        let Some(at) = path.iter().position(|name| *name == "extra") else {
            return found;
        };
        let keys = &path[at + 1..];
        let own = job.page.own_text();
        let texts = match own {
            Some(id) if matches!(path[..at], ["post" | "page"]) => vec![id],
            _ => {
                let posts = list_shown_posts(&job.page, self).into_iter();
                posts.map(TextId::Post).collect()
            }
        };
        let lacks = |id: &TextId| {
            let extra = extras_of_post(&self.corpus.text(*id).post.extra);
            let value = keys
                .iter()
                .try_fold(&extra, |value, key| value.as_map()?.get(&Key::Str(key)));
            value.is_none()
        };
        let (Some(key), Some(id)) = (keys.last(), texts.into_iter().find(lacks)) else {
            return found;
        };
        let read = path.join(".");
        let meant = found.help.as_deref().and_then(|help| {
            let at = help.find("did you mean ")?;
            Some(format!("; {}", &help[at..]))
        });
        found.help = Some(format!(
            "{} lacks it: write `{{{{ {read} | default(value=\"\") }}}}` or \
             `{{% if {read} %}}`{}",
            describe_text(id, &self.corpus),
            meant.unwrap_or_default(),
        ));
        // Without what this post has, so that all pages have the same message.
        found.message = format!("field `{key}` is not defined for every post");
        found
    }

    /// Returns the path of a missing value that a template reads where an error is.
    fn find_read_path(&self, found: &Diagnostic) -> Option<Vec<&str>> {
        let place = &found.place;
        let mut own = self.templates.own().iter();
        let (_, text) = own.find(|(name, _)| template_path(name) == *place.file)?;
        let line = text.lines().nth(place.line?.checked_sub(1)? as usize)?;
        let byte_at = |column: u32| {
            let mut starts = line.char_indices().map(|(at, _)| at);
            starts.nth(column as usize).unwrap_or(line.len())
        };
        let column = place.column?.checked_sub(1)?;
        if found.message.starts_with("field `") {
            return find_path_before(line, byte_at(column + place.length));
        }
        // What is done with a missing value is marked at the beginning of its path.
        let is_missing = found.message.contains("undefined");
        is_missing.then(|| find_path_after(line, byte_at(column)))?
    }
}
