//! Turns a reply into a post: removes, repairs and derives (R7, R8, R10 to R14 of the ingest
//! contract).
//!
//! There is one module per concern, and [`normalize_reply`] calls them in order. Each reports what
//! it changed. The modules [`too_large`], [`refusal`] and [`empty_body`] decide which replies are
//! rejected (R16).
//!
//! Not here: how a file becomes replies (`parse`), and judging posts (`rules`).

pub mod categories;
pub mod citations;
pub mod closing;
pub mod date;
pub mod date_line;
pub mod description;
pub mod empty_body;
pub mod ending;
pub mod fields;
pub mod homoglyphs;
pub mod junk;
pub mod keywords;
pub mod language;
pub mod lists;
pub mod math;
pub mod mdx;
pub mod outline;
pub mod refusal;
pub mod repetition;
pub mod settings;
pub mod slug;
pub mod tags;
mod text_edits;
pub mod title;
pub mod too_large;
pub mod trailing;
pub mod under_title;
pub mod unsafe_html;

use std::borrow::Cow;
use std::sync::Arc;

use pressrun_text::line::{self, TextLine};
use pressrun_text::plain::collapse_white_space;
use pressrun_text::visible::{clean_field, has_right_to_left};
use pressrun_text::words;

use crate::diagnostic::{Code, Finding, quote_for_message};
use crate::parse::given::GivenField;
use crate::parse::label::Label;
use crate::parse::label_names::names_several_authors;
use crate::parse::reply::{Reply, ReplyContext, ReplyForm};
use crate::parse::request_book::hash_request;
use crate::parse::value::{FieldValue, is_nothing};
use crate::post::extra::normalise_key;
use crate::post::review::hash_post_text;
use crate::post::slug::SlugSpelling;
use crate::post::{
    ExtraValue, FieldSource, LineMap, Post, PostRecord, PostSource, ReviewMark, ReviewRecord,
    StatedDate, TextRole, clean_extras,
};
use date_line::DateLine;
use fields::{PostFields, RepeatPolicy};
pub use settings::{CategoryPolicy, OffListAction, ReadSettings};
use title::ChosenTitle;

/// A post, with a report of what was changed to make it.
#[derive(Debug)]
pub struct NormalizedPost {
    /// The post. Another post of the file may have the same slug, and the body may be empty.
    pub post: Post,
    /// The words of its body with their case folded, separated by single spaces.
    pub words: String,
    /// The changes, in no particular order.
    pub findings: Vec<Finding>,
}

/// Turns a reply of the file at `path` into a post.
pub fn normalize_reply(
    mut reply: Reply,
    path: &Arc<str>,
    settings: &ReadSettings,
) -> NormalizedPost {
    let mut findings = std::mem::take(&mut reply.findings);
    let mut body = std::mem::take(&mut reply.body);
    // Cleaning goes first: junk at the end would hide metadata above it.
    clean_body(&mut body, path, settings, &mut findings);
    let mut at_end = ending::take_trailing_fields(&mut body, &mut findings);
    let cut_off = ending::check_ending(&reply, &body);
    let draft = cut_off
        .as_ref()
        .is_some_and(|finding| finding.code == Code::TruncatedReply);
    findings.extend(cut_off);

    for given in reply.given.iter_mut().chain(&mut reply.context.supplied) {
        given.value.choose_language(&settings.language);
    }
    let record = make_post_record(&reply, draft);
    let mut topic = reply.context.topic.take().map(make_topic_field);
    // Letters are repaired before fields are compared, or equal values would conflict.
    repair_letters(
        &mut reply,
        &mut at_end,
        &mut topic,
        &mut body,
        &mut findings,
    );
    let fields = collect_fields(&mut reply, at_end, &mut body, &mut findings);
    let (title, head) = take_head(
        &fields,
        topic.as_ref(),
        &mut body,
        path,
        settings,
        &mut findings,
    );
    outline::convert_outline(&mut body, &mut findings);
    // Removing title and date lines can uncover rules.
    ending::trim_rules(&mut body);

    let mut post = Post {
        source: PostSource {
            file: Arc::clone(path),
            line: reply.line,
            index: 0,
        },
        record,
        draft: draft || fields.get(Label::Draft).is_some(),
        body_lines: make_line_map(&body),
        body: line::join_lines(&body),
        extra: without_marks(std::mem::take(&mut reply.extra)),
        review: make_review_record(&mut reply),
        ..Post::default()
    };
    // Computed once, for the hash, the language and the near-duplicates.
    let words = words::fold_words(&post.body);
    post.words_hash = hash_words(&words);
    if let Some(repetition) = repetition::find_repetition(&body, &words) {
        findings.push(repetition.finding);
        // A text that never recovers is not finished.
        post.draft |= repetition.to_the_end;
    }
    (post.language, post.origins.language) = language::choose_language(&fields, &words, settings);
    let parts = ReplyParts {
        fields,
        context: reply.context,
        title,
        head,
        body,
    };
    parts.choose_fields(&mut post, settings, &mut findings);
    NormalizedPost {
        post,
        words,
        findings,
    }
}

/// Returns what the record of a reply says about itself, if it has a name.
fn make_post_record(reply: &Reply, cut_off: bool) -> Option<Box<PostRecord>> {
    let id = reply.context.id.clone()?;
    let mut topics = reply
        .given
        .iter()
        .filter(|given| given.label == Label::Topic);
    let topic = topics.next().map(|given| given.value.text());
    let topic = reply.context.topic.clone().or(topic);
    let request = reply
        .context
        .request
        .or_else(|| topic.as_deref().map(hash_request));
    Some(Box::new(PostRecord {
        id,
        request,
        cut_off,
    }))
}

/// Returns what is known about the review of a reply, if anything is.
fn make_review_record(reply: &mut Reply) -> Option<Box<ReviewRecord>> {
    if reply.context.generated {
        reply.review.get_or_insert_default().generated = true;
    }
    reply.review.take()
}

/// Drops what looks like an approval or a rejection: it is not one where a model could write it.
fn without_marks(mut extra: Vec<(String, ExtraValue)>) -> Vec<(String, ExtraValue)> {
    extra.retain(|(key, value)| {
        let is_mark_key = matches!(&*normalise_key(key), "approved" | "rejected");
        !(is_mark_key && ReviewMark::from_extra(value).is_some())
    });
    extra
}

/// The parts of a reply from which the fields of a post are chosen.
struct ReplyParts<'a> {
    fields: PostFields,
    context: ReplyContext,
    title: ChosenTitle,
    head: BodyHead,
    body: Vec<TextLine<'a>>,
}

impl ReplyParts<'_> {
    /// Chooses all fields of the post (R11, R12).
    fn choose_fields(self, post: &mut Post, settings: &ReadSettings, findings: &mut Vec<Finding>) {
        let Self {
            fields,
            context,
            title,
            head,
            body,
        } = self;
        let role = post.role();
        let terms = [Label::Tags, Label::Categories].map(|label| fields.items(label));
        let terms = [&terms[..], head.tags.as_slice()].concat();
        let origins = &mut post.origins;
        let path = &post.source.file;
        origins.title = title.origin;
        post.title = title.text;
        (post.description, origins.description) =
            description::choose_description(&fields, &body, findings);
        (post.tags, origins.tags) = tags::choose_given_tags(&fields, settings, findings)
            .or_else(|| Some((head.tags?, FieldSource::Body)))
            .unwrap_or_else(|| {
                if role != TextRole::Post {
                    return (Vec::new(), FieldSource::None);
                }
                let language = post.language.as_ref().unwrap_or(&settings.language);
                tags::generate_tags((&post.title, &body), language, settings, findings)
            });
        (post.categories, origins.categories) = if role == TextRole::Post {
            categories::choose_categories(&fields, &context, settings, findings)
        } else {
            // Pages belong to no category, so any name will do.
            let origin = fields.get(Label::Categories).map(|(_, origin)| origin);
            (fields.items(Label::Categories), origin.unwrap_or_default())
        };
        post.updated = date::choose_updated(&fields, head.updated, findings);
        post.expires = date::choose_expires(&fields, findings);
        let stated;
        (stated, origins.date) =
            date::choose_date(&fields, head.date, context.date.as_deref(), path, findings);
        post.date = stated.map(|stated| stated.date);
        post.time = stated.and_then(|stated| stated.time);
        post.zone = stated.and_then(|stated| stated.zone);
        let language =
            language::stated_language(post.language.as_deref(), origins.language, settings);
        let spelling = SlugSpelling::new(settings.slugs, language);
        (post.slug, origins.slug) =
            slug::choose_slug(&fields, &post.title, path, (spelling, settings.slug_from));
        let text = |label| fields.text(label).map(|(text, _, _)| text);
        post.subtitle = text(Label::Subtitle);
        post.authors = choose_authors(&fields, head.author);
        post.permalink = fields.bare_text(Label::Permalink);
        post.aliases = fields.items(Label::Aliases);
        post.canonical = fields.bare_text(Label::Canonical);
        post.series = text(Label::Series);
        post.weight = fields
            .bare_text(Label::Weight)
            .and_then(|weight| weight.parse().ok());
        post.noindex = fields.get(Label::NoIndex).is_some();
        post.translation_key = fields.bare_text(Label::TranslationKey);
        post.cover = fields.bare_text(Label::Cover);
        post.cover_alt = text(Label::CoverAlt);
        post.disclosure = text(Label::Disclosure);
        post.digital_source_type = text(Label::SourceType);
        clean_fields(post);
        post.text_hash = hash_post_text(post, &terms);
    }
}

/// Returns the given authors, otherwise the one of a date line.
fn choose_authors(fields: &PostFields, by_date: Option<String>) -> Vec<String> {
    let Some((given, _)) = fields.get(Label::Authors) else {
        return by_date.into_iter().collect();
    };
    match &given.value {
        FieldValue::List(names) => names
            .iter()
            .filter(|name| !is_nothing(name))
            .map(|name| collapse_white_space(name))
            .collect(),
        value if names_several_authors(&given.name) => value.items(),
        value => vec![value.text()],
    }
}

/// Cleans every text field of a post. All fields pass through here, whatever their source.
fn clean_fields(post: &mut Post) {
    let right_to_left = has_right_to_left(&post.title) || has_right_to_left(&post.body);
    let clean = |text: &mut String| {
        if let Cow::Owned(cleaned) = clean_field(text, right_to_left) {
            *text = cleaned;
        }
    };
    clean(&mut post.title);
    if post.title.is_empty() {
        post.title = title::make_title_from_file_name(&post.source.file).text;
        clean(&mut post.title);
    }
    clean(&mut post.description);
    clean(&mut post.slug);
    for names in [
        &mut post.tags,
        &mut post.categories,
        &mut post.authors,
        &mut post.aliases,
    ] {
        names.iter_mut().for_each(clean);
        names.retain(|name| !name.is_empty());
    }
    let others = [
        &mut post.subtitle,
        &mut post.language,
        &mut post.permalink,
        &mut post.cover,
        &mut post.canonical,
        &mut post.series,
        &mut post.translation_key,
        &mut post.disclosure,
        &mut post.digital_source_type,
    ];
    for field in others {
        if let Some(text) = field {
            clean(text);
        }
        *field = field.take().filter(|text| !text.is_empty());
    }
    clean_extras(&mut post.extra, right_to_left);
}

/// Removes from the body what is not text of the post (R8.3 to R8.6, R8.12), and repairs its lists
/// and math (R8.10, R8.11).
fn clean_body(
    body: &mut Vec<TextLine>,
    path: &str,
    settings: &ReadSettings,
    findings: &mut Vec<Finding>,
) {
    junk::remove_junk_lines(body, findings);
    lists::repair_lists(body, findings);
    // Most bodies have none of the rest, and searching the whole text is faster than searching each
    // line.
    let text = line::join_lines(body);
    let may_cite = citations::is_suspected(&text);
    if may_cite {
        citations::remove_citations(body, findings);
    }
    if mdx::is_suspected(&text, path) {
        mdx::remove_mdx(body, path, findings);
    }
    if math::is_suspected(&text) {
        math::convert_math(body, findings);
    }
    // Removing a token may join the halves of a tag, which `text` does not show.
    if !settings.keeps_html && (may_cite || unsafe_html::is_suspected(&text)) {
        unsafe_html::remove_unsafe_html(body, findings);
    }
}

fn make_topic_field(topic: String) -> GivenField {
    GivenField {
        label: Label::Topic,
        name: "TOPIC".to_owned(),
        value: FieldValue::Text(topic),
        line: 0,
    }
}

/// Repairs homoglyphs in the body and in all fields (R13).
fn repair_letters(
    reply: &mut Reply,
    at_end: &mut [GivenField],
    topic: &mut Option<GivenField>,
    body: &mut [TextLine],
    findings: &mut Vec<Finding>,
) {
    let mut fields: Vec<&mut GivenField> = reply.given.iter_mut().collect();
    fields.extend(at_end);
    fields.extend(&mut reply.trailing);
    fields.extend(&mut reply.context.supplied);
    fields.extend(topic);
    homoglyphs::repair_homoglyphs(body, &mut fields, findings);
}

/// Collects the fields from all their sources, in order of precedence (R7.3).
fn collect_fields(
    reply: &mut Reply,
    at_end: Vec<GivenField>,
    body: &mut Vec<TextLine>,
    findings: &mut Vec<Finding>,
) -> PostFields {
    let mut fields = PostFields::default();
    let own = std::mem::take(&mut reply.given);
    let after = std::mem::take(&mut reply.trailing);
    let supplied = std::mem::take(&mut reply.context.supplied);
    let later = if reply.form == ReplyForm::Record {
        RepeatPolicy::Silent
    } else {
        RepeatPolicy::Reported
    };
    let title = find_stated_title([&own, &at_end, &after, &supplied]);
    for given in own {
        let origin = match given.label {
            // The title of a page's window does not go before its H1.
            Label::SeoTitle if reply.form == ReplyForm::Page => FieldSource::Body,
            _ => FieldSource::Header,
        };
        fields.add(given, origin, later, findings);
    }
    for given in under_title::take_labels_under_title(body, title.as_deref()) {
        let origin = match given.label {
            // It does not go before the H1.
            Label::SeoTitle => FieldSource::Body,
            _ => FieldSource::Header,
        };
        fields.add(given, origin, later, findings);
    }
    findings.extend(report_trailing_fields(at_end.iter().chain(&after)));
    for given in at_end.into_iter().chain(after) {
        fields.add(given, FieldSource::End, later, findings);
    }
    for given in supplied {
        fields.add(
            given,
            FieldSource::Container,
            RepeatPolicy::Silent,
            findings,
        );
    }
    fields
}

/// Returns the finding that names the fields at the end of a reply, if there are any. Labels without
/// a field are reported by themselves.
fn report_trailing_fields<'g>(given: impl Iterator<Item = &'g GivenField>) -> Option<Finding> {
    /// The maximum number of fields that are named.
    const MOST: usize = 20;
    let mut given = given
        .filter(|given| given.label != Label::Ignored)
        .peekable();
    let line = given.peek()?.line;
    let names: Vec<String> = given
        .take(MOST)
        .map(|given| quote_for_message(&given.name))
        .collect();
    let message = format!(
        "fields were found at the end of the reply: {}",
        names.join(", ")
    );
    Some(Finding::new(Code::MetadataAtEnd, line, message))
}

/// Returns the title that goes before the headings of the body (R10.1), if fields state one. They
/// come from the reply itself, its end, the text after its marker, and its record.
fn find_stated_title([own, at_end, after, supplied]: [&[GivenField]; 4]) -> Option<String> {
    let all = [own, at_end, after, supplied].into_iter().flatten();
    let titles = all.filter(|given| given.label == Label::Title);
    let seo_titles = own.iter().chain(supplied);
    let seo_titles = seo_titles.filter(|given| given.label == Label::SeoTitle);
    titles
        .chain(seo_titles)
        .map(|given| given.value.text())
        .find(|text| !text.is_empty())
}

/// What was found above the text, besides the title.
#[derive(Debug, Default)]
struct BodyHead {
    tags: Option<Vec<String>>,
    date: Option<DateLine>,
    updated: Option<StatedDate>,
    author: Option<String>,
}

/// The maximum number of date lines above the title; further ones are text.
const MAX_LEADING_DATES: usize = 6;

/// Removes the title, tag headings, repeated titles and date lines from the start of the body.
fn take_head(
    fields: &PostFields,
    topic: Option<&GivenField>,
    body: &mut Vec<TextLine>,
    path: &str,
    settings: &ReadSettings,
    findings: &mut Vec<Finding>,
) -> (ChosenTitle, BodyHead) {
    let mut head = BodyHead::default();
    let dated = fields.get(Label::Date).is_some();
    // A date line above the title would be taken for the title.
    for _ in 0..MAX_LEADING_DATES {
        let Some(line) = date_line::find_leading_date_line(body).filter(|_| !dated) else {
            break;
        };
        body.drain(line.lines.clone());
        head.keep_date_line(line);
    }
    let own = fields.get(Label::Topic).map(|(given, _)| given);
    let topic = own.or(topic).map(|topic| topic.value.text());
    let title = title::choose_title(fields, topic.as_deref(), body, path, findings);
    if let Some(lines) = title.lines.clone() {
        let at = lines.start;
        body.drain(lines);
        let has_tags = fields
            .get(Label::Tags)
            .or_else(|| fields.get(Label::Keywords))
            .is_some();
        if title.from_h1 && !has_tags {
            head.tags = tags::take_heading_tags(body, at, settings, findings);
        }
    }
    // This comes before the search for a date, which looks only at the first blocks.
    title::remove_repeated_titles(body, &title, findings);
    if !dated
        && head.date.is_none()
        && let Some(line) = date_line::find_date_line(body)
    {
        body.drain(line.lines.clone());
        head.keep_date_line(line);
    }
    (title, head)
}

impl BodyHead {
    /// Keeps the first date line as the date. A later one counts only as the day of change, if it
    /// says so.
    fn keep_date_line(&mut self, mut line: DateLine) {
        let statement = &mut line.statement;
        let updated = match (&self.date, statement.is_update) {
            (Some(_), true) => statement.date.ok(),
            (Some(_), false) => None,
            (None, _) => statement.updated.and_then(Result::ok),
        };
        self.updated = self.updated.or(updated);
        let author = statement.author.take();
        self.author = self.author.take().or(author);
        if self.date.is_none() {
            self.date = Some(line);
        }
    }
}

fn make_line_map(body: &[TextLine]) -> LineMap {
    let mut map = LineMap::default();
    for (line, number) in (0..).zip(body.iter().map(|line| line.number)) {
        map.push(line, number);
    }
    map
}

/// Returns the hash of the words of a body (R15): equal for bodies that have the same words.
pub fn hash_words_of_body(body: &str) -> u128 {
    hash_words(&words::fold_words(body))
}

fn hash_words(words: &str) -> u128 {
    let hash = blake3::hash(words.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.as_bytes()[..16]);
    u128::from_le_bytes(bytes)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Checks what a repair makes of a text, and that it reports each change once.
    #[track_caller]
    pub(crate) fn check_repair(
        repair: fn(&mut Vec<TextLine>, &mut Vec<Finding>),
        text: &str,
        expected: &str,
    ) {
        let mut lines = line::number_and_fence_lines(text);
        let mut findings = Vec::new();
        repair(&mut lines, &mut findings);
        assert_eq!(line::join_lines(&lines), expected);
        assert_eq!(findings.len(), usize::from(text != expected), "{text}");
    }
}
