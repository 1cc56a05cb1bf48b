//! What the replies of a new site suggest for its `site.toml`.
//!
//! What is certain is written as a setting, and what is not as a comment.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use pressrun_posts::post::Date;
use pressrun_site::config::Config;
use pressrun_site::corpus::DatedPost;
use pressrun_site::discover;
use pressrun_text::visible::clean_field;

use super::other_site::quote_for_shell;
use super::quote_toml;
use crate::ingest::SourcePosts;
use crate::terms::{
    self, AliasReason, SuggestedAlias, TaxonomyFindings, UsedTerm, format_alias_line,
};

/// The most aliases of a taxonomy, and the most categories, that are written.
const MOST_LINES: usize = 100;

/// The most tags that are named as subjects.
const MOST_SUBJECTS: usize = 8;

/// The largest number of days that a proposed schedule leaves between two posts.
const MOST_DAYS: i32 = 31;

/// What replies suggest.
#[derive(Debug)]
pub struct ReplyProposal {
    /// The number of source files.
    pub files: usize,
    /// The number of posts.
    pub posts: usize,
    /// The number of drafts among them.
    pub drafts: usize,
    /// The number of replies that are no posts.
    pub rejected: usize,
    /// The languages of the posts as tags, each with its number of posts, the most frequent first.
    pub languages: Vec<(String, usize)>,
    /// The categories, the most used first.
    pub categories: Vec<UsedTerm>,
    /// The number of aliases of tags and categories.
    pub aliases: usize,
    /// When posts without a date could appear.
    pub schedule: Option<ProposedSchedule>,
    /// The command that turns the replies into posts, with the schedule; `None` for replies in
    /// `content/`, which are published as they are.
    pub ingest_command: Option<String>,
    tags: TaxonomyFindings,
    categories_found: TaxonomyFindings,
}

/// A command that gives dates to posts.
#[derive(Debug, PartialEq, Eq)]
pub struct ProposedSchedule {
    /// How many posts state no date.
    pub undated: usize,
    /// The first day.
    pub start: Date,
    /// The days from one post to the next.
    pub every: i32,
    /// Whether the days are those between the posts that have a date.
    pub is_observed: bool,
}

impl ReplyProposal {
    /// Looks at posts. `today` is the day before which nothing is scheduled.
    pub(super) fn from_posts(found: &SourcePosts, today: Date) -> Self {
        let config = Config::default();
        let [tags, categories] = terms::find_all_taxonomy_findings(&found.posts, &config);
        let kept = categories.list_names_to_keep();
        let used = categories.vocabulary.used();
        let drafts = found.posts.iter().filter(|dated| dated.post.draft);
        let schedule = propose_schedule(&found.posts, today);
        Self {
            files: found.files,
            posts: found.posts.len(),
            drafts: drafts.count(),
            rejected: found.rejected,
            languages: count_languages(&found.posts, &config.language),
            categories: used
                .filter(|term| kept.contains(&term.name))
                .cloned()
                .collect(),
            aliases: tags.aliases.len() + categories.aliases.len(),
            ingest_command: format_ingest_command(&found.names, schedule.as_ref()),
            schedule,
            tags,
            categories_found: categories,
        }
    }

    /// Returns the language of most posts.
    pub(super) fn language(&self) -> Option<&str> {
        self.languages.first().map(|(tag, _)| &**tag)
    }

    /// Returns comments on the title: what the posts are about.
    pub(super) fn comment_on_title(&self) -> String {
        let mut comment = String::new();
        // One post of a kind is no subject of a blog.
        let subjects = self.categories.iter().filter(|term| term.posts > 1);
        let subjects: Vec<&str> = subjects.take(2).map(|term| &*term.name).collect();
        if !subjects.is_empty() {
            let title = quote_toml(&subjects.join(" & "));
            comment += &format!("# From the categories of the replies: title = {title}\n");
        }
        let used = self.tags.vocabulary.used().take(MOST_SUBJECTS);
        let used: Vec<String> = used.map(|term| quote_toml(&term.name)).collect();
        if !used.is_empty() {
            comment += &format!("# Their most used tags: {}\n", used.join(", "));
        }
        comment
    }

    /// Returns a comment on the language, if the posts are in several.
    pub(super) fn comment_on_language(&self) -> String {
        if self.languages.len() < 2 {
            return String::new();
        }
        let counts = self.languages.iter();
        let counts: Vec<String> = counts
            .map(|(tag, posts)| format!("{tag} {posts}"))
            .collect();
        format!(
            "# The posts are in several languages: {}. Each states its own on its page.\n",
            counts.join(", ")
        )
    }

    /// Returns the categories as a list that is commented out, with the number of posts of each.
    pub(super) fn propose_category_list(&self) -> String {
        if self.categories.is_empty() {
            return "# The replies name no categories.\n".to_owned();
        }
        let mut text =
            "# A closed list of what the replies have would be this, the most used first:\n\
                        # allowed = [\n"
                .to_owned();
        for term in self.categories.iter().take(MOST_LINES) {
            text += &format!(
                "#     {}, # {}\n",
                quote_toml(&term.name),
                count_posts(term.posts)
            );
        }
        let more = self.categories.len().saturating_sub(MOST_LINES);
        if more > 0 {
            text += &format!("#     # and {more} more\n");
        }
        text + "# ]\n"
    }

    /// Returns the aliases of categories as lines of their table. With a closed list, only those that
    /// lead to a name of it.
    pub(super) fn format_category_aliases(&self, allowed: &[String]) -> String {
        let aliases = self.categories_found.aliases.iter();
        let aliases = aliases.filter(|one| allowed.is_empty() || allowed.contains(&one.name));
        format_aliases(&aliases.collect::<Vec<_>>())
    }

    /// Returns the aliases of tags as lines of their table.
    pub(super) fn format_tag_aliases(&self) -> String {
        format_aliases(&self.tags.aliases.iter().collect::<Vec<_>>())
    }

    /// Returns the schedule as a comment.
    pub(super) fn comment_on_schedule(&self) -> String {
        let (Some(schedule), Some(command)) = (&self.schedule, &self.ingest_command) else {
            return String::new();
        };
        let days = match schedule.every {
            1 => "every day".to_owned(),
            days => format!("every {days} days"),
        };
        let why = if schedule.is_observed {
            ", as often as those that have one"
        } else {
            ""
        };
        let (undated, posts) = (schedule.undated, self.posts);
        format!(
            "# {undated} of {posts} posts state no date. This turns the replies into Markdown files, and publishes \
             those posts one by one,\n# {days}{why}, from {} on:\n#     {}\n\n",
            schedule.start, command
        )
    }
}

fn count_posts(posts: usize) -> String {
    match posts {
        1 => "1 post".to_owned(),
        posts => format!("{posts} posts"),
    }
}

/// Formats aliases as lines. A typo is a guess, so it is commented out.
fn format_aliases(aliases: &[&SuggestedAlias]) -> String {
    let lines = aliases.iter().take(MOST_LINES).map(|alias| {
        let line = format_alias_line(&alias.alias, &alias.name);
        let guess = match alias.because {
            AliasReason::Typo => "# ",
            AliasReason::Spelling | AliasReason::Plural => "",
        };
        let posts = count_posts(alias.posts);
        format!("{guess}{line} # {}, {posts}\n", alias.because.name())
    });
    let mut text: String = lines.collect();
    let more = aliases.len().saturating_sub(MOST_LINES);
    if more > 0 {
        text += &format!("# `pressrun terms --apply` adds {more} more once the posts are here.\n");
    }
    text
}

/// Counts the posts in each language; `usual` is that of posts that show none.
fn count_languages(posts: &[DatedPost], usual: &str) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for dated in posts {
        *counts
            .entry(dated.post.language.as_deref().unwrap_or(usual))
            .or_default() += 1;
    }
    let counts = counts
        .into_iter()
        .map(|(tag, posts)| (tag.to_owned(), posts));
    let mut counts: Vec<(String, usize)> = counts.collect();
    counts.sort_by_key(|(_, posts)| Reverse(*posts));
    counts
}

/// Proposes dates for the posts without one: after the others and after today, in the rhythm that the
/// others have.
fn propose_schedule(posts: &[DatedPost], today: Date) -> Option<ProposedSchedule> {
    let undated = posts
        .iter()
        .filter(|dated| dated.post.date.is_none())
        .count();
    if undated == 0 {
        return None;
    }
    let days: BTreeSet<Date> = posts.iter().filter_map(|dated| dated.post.date).collect();
    let observed = median_of_gaps(&days);
    let every = observed.unwrap_or(1);
    let after = days.last().copied().unwrap_or(today).max(today);
    let step = if after > today { every } else { 1 };
    let start = after.checked_add(step.days()).ok()?;
    Some(ProposedSchedule {
        undated,
        start,
        every,
        is_observed: observed.is_some(),
    })
}

/// Returns the command that turns the sources into posts, unless they are part of the site.
fn format_ingest_command(
    sources: &[String],
    schedule: Option<&ProposedSchedule>,
) -> Option<String> {
    let inside = |path: &String| path == discover::FOLDER || path.starts_with("content/");
    if sources.iter().any(inside) {
        return None;
    }
    let mut command = "pressrun ingest".to_owned();
    for source in sources {
        // A line break would end the comment that the command stands in.
        let source = clean_field(source, true);
        command += &format!(" {}", quote_for_shell(&source));
    }
    if let Some(ProposedSchedule { start, every, .. }) = schedule {
        command += &format!(" --start {start} --every {every}d");
    }
    Some(command)
}

/// Returns the median of the days between dates, if there are enough of them to show a rhythm.
fn median_of_gaps(days: &BTreeSet<Date>) -> Option<i32> {
    let pairs = days.iter().zip(days.iter().skip(1));
    let gaps = pairs.filter_map(|(&one, &next)| Some(one.until(next).ok()?.get_days()));
    let mut gaps: Vec<i32> = gaps.collect();
    gaps.sort_unstable();
    let median = gaps.get(gaps.len() / 2).copied();
    median
        .filter(|_| gaps.len() >= 3)
        .map(|gap| gap.clamp(1, MOST_DAYS))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::civil::date;
    use pressrun_posts::post::Post;

    use super::*;

    fn post(
        language: Option<&str>,
        date: Option<Date>,
        category: &str,
        tags: &[&str],
    ) -> DatedPost {
        let post = Post {
            language: language.map(str::to_owned),
            date,
            categories: vec![category.to_owned()],
            tags: tags.iter().map(|&tag| tag.to_owned()).collect(),
            ..Post::default()
        };
        DatedPost {
            post: Arc::new(post),
            ..DatedPost::default()
        }
    }

    fn look_at(posts: Vec<DatedPost>) -> ReplyProposal {
        let found = SourcePosts {
            posts,
            names: vec!["../my replies".to_owned()],
            ..SourcePosts::default()
        };
        ReplyProposal::from_posts(&found, date(2026, 6, 15))
    }

    #[test]
    fn language_is_that_of_most_posts() {
        let posts = ["de", "de", "fr"].map(|tag| post(Some(tag), None, "x", &[]));
        let found = look_at(posts.into());
        assert_eq!(found.language(), Some("de"));
        assert_eq!(
            found.comment_on_language(),
            "# The posts are in several languages: de 2, fr 1. Each states its own on its page.\n"
        );
    }

    #[test]
    fn schedule_goes_on_in_the_rhythm_of_the_dates() {
        let schedule = |dates: &[Option<Date>]| {
            let posts = dates.iter().map(|&date| post(None, date, "x", &[]));
            look_at(posts.collect()).ingest_command.unwrap()
        };
        let plain = "pressrun ingest '../my replies'";
        assert_eq!(schedule(&[Some(date(2026, 1, 1))]), plain);
        let from_tomorrow = format!("{plain} --start 2026-06-16 --every 1d");
        assert_eq!(schedule(&[None]), from_tomorrow);
        let weeks = [1, 8, 15, 22].map(|day| Some(date(2026, 7, day)));
        let weekly = format!("{plain} --start 2026-07-29 --every 7d");
        assert_eq!(schedule(&[&weeks[..], &[None]].concat()), weekly);
        let last = [Some(date(9999, 12, 31)), None];
        assert_eq!(schedule(&last), plain);
    }

    #[test]
    fn spellings_are_certain_and_typos_are_guesses() {
        let mut posts = vec![post(None, None, "Tea", &["e-mail", "Kuberentes"])];
        posts.extend((0..3).map(|_| post(None, None, "Tea", &["email", "Kubernetes"])));
        let lines = look_at(posts).format_tag_aliases();
        assert_eq!(
            lines,
            "# Kuberentes = \"Kubernetes\" # typo, 1 post\ne-mail = \"email\" # spelling, 1 post\n"
        );
    }

    #[test]
    fn names_of_any_kind_stay_in_their_comment() {
        let posts = (0..2).map(|_| post(None, None, "A\n[x]", &["b\n[y]"]));
        let found = look_at(posts.collect());
        let text = found.comment_on_title() + &found.propose_category_list();
        assert!(text.lines().all(|line| line.starts_with("# ")), "{text}");
    }
}
