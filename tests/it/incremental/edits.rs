//! Random changes of a site.

use proptest::prelude::*;
use proptest::sample::{Index, select};

/// One change of a site.
#[derive(Debug, Clone)]
pub(crate) enum Edit {
    /// Writes this text to a file, which may exist already.
    Write(&'static str, String),
    /// Writes this text to a file and keeps its modification time.
    Replace(Index, String),
    /// Changes the modification time of a content file, but not its contents.
    Touch(Index, u64),
    Rename(Index, &'static str),
    Remove(Index),
    RemoveFile(&'static str),
    /// Approves or rejects the post of a file, as it is or, if the text has changed since, as it was.
    Review {
        at: Index,
        kind: &'static str,
        is_outdated: bool,
        in_book: bool,
    },
    /// Takes all approvals and rejections out of a file, or removes `reviews.toml`.
    Revoke(Index),
    /// Moves the present by this many half days.
    Wait(i8),
    Show {
        drafts: bool,
        future: bool,
    },
    /// Changes, removes or truncates a file of the built site or the cache.
    Damage(Index, Harm),
    /// Moves the clock, so that recently changed files are trusted or are not.
    Clock(bool),
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Harm {
    Remove,
    Cut,
    Overwrite,
}

const POSTS: &[&str] = &[
    "content/a.txt",
    "content/b.txt",
    "content/sub/c.md",
    "content/sub/2026-05-03-d.txt",
    "content/e.txt",
    "content/f.md",
    "content/all.jsonl",
];

/// Files with front matter that pages, terms and posts of other generators have.
const NAMED: &[&str] = &[
    "content/pages/about.md",
    "content/pages/deep/two.md",
    "content/pages/_index.md",
    "content/categories/news.md",
    "content/tags/a.md",
    "content/series/first-steps.md",
    "content/_drafts/g.md",
    "content/_posts/2026-06-01-h.md",
    "content/bundle/index.md",
    "content/bundle/index.de.md",
    "content/f.fr.md",
    "content/pages/about.de.md",
    "content/f.md",
    "content/sub/c.md",
];

const DATA: &[&str] = &[
    "data/team.toml",
    "data/team.json",
    "data/tides.csv",
    "data/sub/list.yaml",
];

const OTHER: &[&str] = &[
    "content/sub/picture.png",
    "static/robots.txt",
    "static/about/index.html",
    "static/style.css",
    "static/posts/one/index.html",
    "static/x",
    "static/x/y",
    "content/b.png",
];

const TEMPLATES: &[&str] = &[
    "templates/post.html",
    "templates/partials/summary.html",
    "templates/list.html",
    "templates/atom.xml",
    "templates/own.html",
    "templates/page.html",
];

const LONG: &str = "A sourdough needs time and rest, and news of c. You mix the flour with the water and leave it over \
    night, until the first bubbles show. The next day more flour is added, and the dough is stirred again. After a week \
    the sourdough smells of apples, and then it is strong enough for a loaf of bread. Flour and water are all it needs.";

const GERMAN: &str = "Der Sauerteig braucht Zeit und Ruhe. Man mischt das Mehl mit dem Wasser und lässt es über Nacht \
    stehen, bis sich die ersten Blasen zeigen. Am nächsten Tag kommt noch einmal Mehl dazu, und der Teig wird wieder \
    gerührt. Nach einer Woche riecht er nach Äpfeln, und dann ist er stark genug für ein gutes Brot mit Kruste.";

fn word() -> impl Strategy<Value = &'static str> {
    select(vec![
        "One",
        "Two",
        "Three",
        "A very long one",
        "Ünï",
        "Привет, мир",
        "C++",
        "<b>",
    ])
}

fn paragraph() -> impl Strategy<Value = &'static str> {
    select(vec![
        "Some words of a text.",
        "# A heading\n\nand [a link](/posts/one/#a-heading) with a fragment.",
        "[b](b.txt) [c](sub/c.md#more) [gone](/posts/gone/) [x](/about/) ![p](b.png)",
        "## More\n\n```rust\nfn main() { println!(\"{}\", 1); }\n```",
        "```nolanguage\nx\n```\n\n<div>HTML <b>is</b> here</div>",
        "A note[^1].\n\n[^1]: The [note](#more).",
        "[tags](/tags/#a) [home](/) [self](#top)",
        "[was](/was/) [about](/about/) [page](pages/about.md) [[Two]] [[about|here]]",
        // Long enough for posts with this text to be near-duplicates, or to reveal their language.
        LONG,
        LONG,
        GERMAN,
    ])
}

pub(crate) fn reply() -> impl Strategy<Value = String> {
    let field = |name: &'static str, values: Vec<&'static str>| {
        prop::option::of(select(values)).prop_map(move |value| match value {
            Some(value) => format!("{name}: {value}\n"),
            None => String::new(),
        })
    };
    (
        word(),
        field("META_DESCRIPTION", vec!["About it.", "Something else."]),
        field("TAGS", vec!["a", "a, b", "b, c, d", "C++, C#", "мир, mir"]),
        field("CATEGORIES", vec!["News", "Reviews", "News, Other"]),
        field("DATE", vec!["2026-05-01", "2026-06-14", "2026-06-16", "2026-06-20"]),
        field("SLUG", vec!["one", "two", "own-slug"]),
        field("STATUS", vec!["draft", "published", "published\nLANGUAGE: French"]),
        prop::collection::vec(paragraph(), 1..4),
        any::<u8>(),
    )
        .prop_map(|(title, about, tags, categories, date, slug, status, body, salt)| {
            format!(
                "TITLE: {title}\n{about}{tags}{categories}{date}{slug}{status}\n{}\n\nWord{salt}.\n\n-EndOFText-\n",
                body.join("\n\n")
            )
        })
}

/// Makes the front matter that decides where a file stands on the site and what points to it.
fn front_matter() -> impl Strategy<Value = String> {
    let key = |name: &'static str, values: Vec<&'static str>| {
        prop::option::of(select(values))
            .prop_map(move |value| match value {
                Some(value) => format!("{name}: {value}\n"),
                None => String::new(),
            })
            .boxed()
    };
    let times = || {
        vec![
            "2026-06-14",
            "2026-06-15",
            "2026-06-15T09:00:00Z",
            "2026-06-15 18:30",
            "2026-06-15T23:30:00-05:00",
            "2026-06-16T00:30:00+08:00",
            "2026-06-17",
        ]
    };
    let keys: Vec<BoxedStrategy<String>> = vec![
        key("date", times()),
        key("expires", times()),
        key("updated", times()),
        key("slug", vec!["one", "about", "archive"]),
        key(
            "permalink",
            vec!["/one/", "/old/place.html", "/tags/a/", "/:year/:title/"],
        ),
        key(
            "aliases",
            vec![
                "[/one/]",
                "[/was/, was/two.html]",
                "[/posts/two/, /about/]",
                "[]",
            ],
        ),
        key("type", vec!["page", "post"]),
        key("authors", vec!["[jane]", "[Jane Doe, kim]", "Someone Else"]),
        key("series", vec!["First Steps", "first steps", "Other"]),
        key("weight", vec!["1", "2", "-3"]),
        key("menu", vec!["true", "false"]),
        key("template", vec!["own.html", "about.html"]),
        key("noindex", vec!["true", "false"]),
        key("lang", vec!["de", "ja", "en"]),
        key("translation_key", vec!["one", "two"]),
        key("canonical", vec!["https://other.example/x", "/posts/two/"]),
        key("mood", vec!["calm", "[a, {b: c}]"]),
        // As `ingest` writes it for a reply of `generate`.
        key(
            "source",
            vec!["{file: generated/replies.jsonl, reply: '0', hash: '0', generated: true}"],
        ),
    ];
    keys.prop_map(|lines| lines.concat())
}

/// Makes a file with front matter and a path for it.
fn named() -> impl Strategy<Value = (&'static str, String)> {
    (select(NAMED.to_vec()), word(), front_matter(), paragraph()).prop_map(
        |(path, title, fields, body)| {
            let text = format!(
                "---\ntitle: \"{title}\"\ntags: [a]\ncategories: [News]\n{fields}---\n{body}\n"
            );
            (path, text)
        },
    )
}

fn data() -> impl Strategy<Value = (&'static str, String)> {
    let text = vec![
        "name = \"Jane\"\n",
        "{\"name\": \"Kim\"}\n",
        "name,age\nJane,41\n",
        "name: Jane\n",
    ];
    (select(DATA.to_vec()), select(text)).prop_map(|(path, text)| (path, text.to_owned()))
}

fn content(path: &'static str) -> BoxedStrategy<(&'static str, String)> {
    if path.ends_with(".jsonl") {
        return prop::collection::vec(reply(), 0..4)
            .prop_map(move |replies| {
                let lines = replies
                    .iter()
                    .map(|reply| format!("{}\n", serde_json::json!({ "response": reply })));
                (path, lines.collect())
            })
            .boxed();
    }
    if path.ends_with(".md") {
        return (word(), paragraph(), any::<bool>())
            .prop_map(move |(title, body, draft)| {
                (
                    path,
                    format!("---\ntitle: \"{title}\"\ntags: [a, z]\ndraft: {draft}\n---\n{body}\n"),
                )
            })
            .boxed();
    }
    reply().prop_map(move |text| (path, text)).boxed()
}

fn config() -> impl Strategy<Value = String> {
    (
        select(vec!["Site", "Other site"]),
        select(vec![
            "",
            "base_url = \"https://example.org/repo/\"\n",
            "language = \"de\"\n",
            "description = \"What it is.\"\n",
            "timezone = \"Pacific/Auckland\"\n",
        ]),
        select(vec![
            "",
            "[lists]\nper_page = 1\n",
            "[lists]\nfeed_entries = 1\nfeed_content = \"summary\"\n",
            "[tags]\naliases = { a = \"z\" }\nnoindex_below = 1\n",
            "[categories]\nallowed = [\"News\", \"Other\"]\noff_list = \"drop\"\n",
            "[categories]\nallowed = [\"News\", \"Other\"]\noff_list = \"reject\"\n",
            "[markdown]\nhighlight = false\nraw_html = \"escape\"\n",
            "[theme]\naccent = \"#123456\"\n",
            "[search]\nenabled = false\n",
            "[review]\nrequired = \"all\"\n[disclosure]\nlabel = \"A\"\nlabel_reviewed = \"B\"\n",
            "[review]\nrequired = \"none\"\n",
            "[authors.jane]\nname = \"Jane Doe\"\nbio = \"She writes.\"\n[authors.kim]\nname = \"Kim\"\n",
            "[extra]\nmood = \"bright\"\n",
        ]),
        select(vec![
            "",
            "permalink = \"/{year}/{category}/{slug}.html\"\n",
            "dates = \"none\"\n",
            "dates = \"mtime\"\n",
            "near_duplicates = \"draft\"\n",
            "near_duplicates = \"canonical\"\n",
            "slugs = \"ascii\"\n",
            "slug_from = \"file\"\n",
        ]),
    )
        .prop_map(|(title, top, section, content)| {
            format!("title = \"{title}\"\n{top}[content]\n{content}{section}")
        })
}

fn template() -> impl Strategy<Value = (&'static str, String)> {
    (
        select(TEMPLATES.to_vec()),
        select(vec![
            "{{ site.title }} {{ page.title }}",
            "{% include \"own.html\" %}",
            "plain",
            "{% if %}",
            "{{ post.newer.title }} {{ post.content }}",
            "{{ post.extra.mood | default(value=\"none\") }} {{ site.extra.mood | default(value=\"none\") }}",
            "{% if data.team %}{{ data.team.name }}{% endif %}",
        ]),
    )
        .prop_map(|(path, text)| (path, text.to_owned()))
}

fn review() -> impl Strategy<Value = Edit> {
    let kind = select(vec!["approved", "approved", "rejected"]);
    let parts = (
        any::<Index>(),
        kind,
        prop::bool::weighted(0.2),
        any::<bool>(),
    );
    parts.prop_map(|(at, kind, is_outdated, in_book)| Edit::Review {
        at,
        kind,
        is_outdated,
        in_book,
    })
}

/// Makes one change, most often of a post.
pub(crate) fn edit() -> impl Strategy<Value = Edit> {
    let write = |(path, text)| Edit::Write(path, text);
    let harm = || select(vec![Harm::Remove, Harm::Cut, Harm::Overwrite]);
    prop_oneof![
        8 => select(POSTS.to_vec()).prop_flat_map(content).prop_map(write),
        6 => named().prop_map(write),
        1 => data().prop_map(write),
        2 => (any::<Index>(), reply()).prop_map(|(at, text)| Edit::Replace(at, text)),
        2 => (any::<Index>(), 1..2_000_u64).prop_map(|(at, days)| Edit::Touch(at, days)),
        2 => (any::<Index>(), select(POSTS.to_vec())).prop_map(|(at, to)| Edit::Rename(at, to)),
        2 => any::<Index>().prop_map(Edit::Remove),
        2 => (select(OTHER.to_vec()), "[a-c]{1,3}").prop_map(write),
        2 => template().prop_map(write),
        2 => select([OTHER, TEMPLATES, NAMED, DATA].concat()).prop_map(Edit::RemoveFile),
        2 => config().prop_map(|text| Edit::Write("site.toml", text)),
        3 => review(),
        1 => any::<Index>().prop_map(Edit::Revoke),
        1 => (-1..5_i8).prop_map(Edit::Wait),
        1 => (any::<bool>(), any::<bool>()).prop_map(|(drafts, future)| Edit::Show { drafts, future }),
        2 => (any::<Index>(), harm()).prop_map(|(at, harm)| Edit::Damage(at, harm)),
        1 => any::<bool>().prop_map(Edit::Clock),
    ]
}
