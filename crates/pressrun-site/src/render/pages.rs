//! Builds the contexts of pages: `post`, `list`, `terms` and `search` beside `page`.

use pressrun_markdown::TocEntry;
use pressrun_posts::post::{Date, FieldSource, Post};
use tera::{Context, Value};

use super::SiteRenderer;
use super::page::PageHead;
use super::plan::{PostList, RenderJob};
use super::values::{TemplateFields, format_day, newer_and_older};
use crate::cache::StoredBody;
use crate::corpus::{CorpusTerm, PostId, Taxonomy};

/// Returns the context of a post whose body is `html`.
pub(super) fn post_context(
    job: &RenderJob,
    id: PostId,
    html: &str,
    toc: &[TocEntry],
    renderer: &SiteRenderer,
) -> Context {
    let mut context = Context::new();
    let head = PageHead::for_post(id, renderer);
    context.insert_value("page", head.into_value(job, renderer));
    context.insert_value("post", post_value(id, html, toc, renderer).into());
    context
}

fn post_value(id: PostId, html: &str, toc: &[TocEntry], renderer: &SiteRenderer) -> TemplateFields {
    let entry = &renderer.corpus.posts[id as usize];
    let language = &renderer.config.language;
    let updated: Option<Date> = entry.post.updated;
    let cover = renderer.cover(entry).map(|url| {
        TemplateFields::new()
            .with("url", &*url)
            .with("alt", cover_alt(&entry.post))
    });
    let [newer, older] = newer_and_older(id, &renderer.corpus);
    TemplateFields::new()
        .with_all_of(&renderer.summary(id))
        .with_optional("standfirst", choose_standfirst(&entry.post))
        .with_optional("disclosure", renderer.disclosure(&entry.post))
        .with_optional("updated", updated.map(|date| date.to_string()))
        .with_optional(
            "updated_text",
            updated.map(|date| format_day(date, language)),
        )
        .with("content", Value::safe_string(html))
        .with("toc", toc_value(toc))
        .with_optional("cover", cover)
        .with_optional("newer", newer.map(|id| renderer.summary(id)))
        .with_optional("older", older.map(|id| renderer.summary(id)))
        .with("related", renderer.summaries(&entry.related))
        .with("tags_derived", entry.derived.tags.is_some())
        .with("categories_derived", entry.derived.categories.is_some())
}

/// Returns the text that says what the cover of a post shows, or else the title.
pub(super) fn cover_alt(post: &Post<StoredBody>) -> &str {
    post.cover_alt.as_deref().unwrap_or(&post.title)
}

/// Returns the table of contents; it is empty for fewer than two headings.
fn toc_value(toc: &[TocEntry]) -> Vec<Value> {
    if toc.len() < 2 {
        return Vec::new();
    }
    toc.iter()
        // Deeper headings would make the table too long to be of help.
        .filter(|entry| entry.level <= 3)
        .map(|entry| {
            TemplateFields::new()
                .with("level", u32::from(entry.level))
                .with("id", entry.id.as_str())
                .with("title", entry.title.as_str())
                .into()
        })
        .collect()
}

/// Returns the description of a post, unless it would repeat the text below it.
fn choose_standfirst(post: &Post<StoredBody>) -> Option<&str> {
    let own = !matches!(
        post.origins.description,
        FieldSource::Derived | FieldSource::Body
    );
    let given = post.description.as_str();
    (own && !given.is_empty()).then_some(given)
}

/// Returns the context of one page of a list, counted from 1.
pub(super) fn list_context(
    job: &RenderJob,
    list: PostList,
    number: usize,
    renderer: &SiteRenderer,
) -> Context {
    let corpus = &renderer.corpus;
    let total = list.len(corpus);
    let ids = list.on_page(number, corpus, &renderer.config);
    let term = match list {
        PostList::Term(taxonomy, id) => Some(renderer.term(taxonomy, id)),
        PostList::Home | PostList::Archive => None,
    };
    let years = match list {
        PostList::Archive => years_value(&ids, renderer),
        PostList::Home | PostList::Term(..) => Vec::new(),
    };
    let value = TemplateFields::new()
        .with_optional("term", term)
        .with("posts", renderer.summaries(&ids))
        .with("years", years)
        .with("total", total)
        .with("pager", pager_value(list, number, renderer));
    let mut context = Context::new();
    let head = PageHead::for_list(list, number, renderer);
    context.insert_value("page", head.into_value(job, renderer));
    context.insert_value("list", value.into());
    context
}

fn pager_value(list: PostList, number: usize, renderer: &SiteRenderer) -> TemplateFields {
    let total = list.pages(&renderer.corpus, &renderer.config);
    let url = |number| {
        renderer
            .links
            .url(&list.page_path(&renderer.corpus, number))
    };
    TemplateFields::new()
        .with("number", number)
        .with("total", total)
        .with("first", url(1))
        .with_optional("previous", (number > 1).then(|| url(number - 1)))
        .with_optional("next", (number < total).then(|| url(number + 1)))
        .with("last", url(total))
}

/// Groups posts, which come newest first, by year.
fn years_value(ids: &[PostId], renderer: &SiteRenderer) -> Vec<Value> {
    let year = |id: &PostId| {
        let entry = &renderer.corpus.posts[*id as usize];
        entry.date.map(Date::year)
    };
    ids.chunk_by(|a, b| year(a) == year(b))
        .map(|ids| {
            TemplateFields::new()
                .with_optional("year", ids.first().and_then(year).map(i64::from))
                .with("posts", renderer.summaries(ids))
                .into()
        })
        .collect()
}

/// Returns the context of the list of all terms of a taxonomy.
pub(super) fn terms_context(
    job: &RenderJob,
    taxonomy: Taxonomy,
    renderer: &SiteRenderer,
) -> Context {
    let terms = renderer.corpus.terms(taxonomy);
    let ids: Vec<usize> = (0..terms.len()).collect();
    let groups: Vec<Value> = ids
        // Terms are sorted by name, so those with the same letter are neighbours.
        .chunk_by(|&a, &b| initial_letter(&terms[a]) == initial_letter(&terms[b]))
        .map(|ids| {
            let values: Vec<Value> = ids
                .iter()
                .map(|&id| renderer.term(taxonomy, id as u32))
                .collect();
            TemplateFields::new()
                .with("label", initial_letter(&terms[ids[0]]))
                .with("terms", values)
                .into()
        })
        .collect();
    let value = TemplateFields::new()
        .with("kind", taxonomy.folder())
        .with("total", terms.len())
        .with("groups", groups);
    let mut context = Context::new();
    let head = PageHead::for_terms(taxonomy, renderer);
    context.insert_value("page", head.into_value(job, renderer));
    context.insert_value("terms", value.into());
    context
}

/// Returns the first letter of a term's name, or `#` if it begins with something else.
fn initial_letter(term: &CorpusTerm) -> String {
    match term.name.chars().next() {
        Some(c) if c.is_alphabetic() => c.to_uppercase().collect(),
        _ => "#".to_owned(),
    }
}

/// Returns the context of the search page.
pub(super) fn search_context(job: &RenderJob, head: PageHead, renderer: &SiteRenderer) -> Context {
    let languages = renderer.corpus.languages().into_iter();
    let languages: Vec<Value> = languages.map(Value::from).collect();
    let mut context = plain_context(job, head, renderer);
    context.insert_value(
        "search",
        TemplateFields::new().with("languages", languages).into(),
    );
    context
}

/// Returns the context of a page that has nothing but a head.
pub(super) fn plain_context(job: &RenderJob, head: PageHead, renderer: &SiteRenderer) -> Context {
    let mut context = Context::new();
    context.insert_value("page", head.into_value(job, renderer));
    context
}
