use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;

use pressrun_markdown::render_markdown;
use pressrun_posts::post::slug::slugify;
use pressrun_posts::post::{Date, ExtraValue, Moment, Post, PostSource, SiteDate};

use crate::cache::{BodyMeasures, BodyStore, BuildCache, Fingerprint, StoredBody};
use crate::config::Config;
use crate::corpus::{
    DatedPost, GatherInputs, OwnPaths, PostSelection, SimilarityCache, gather_corpus,
};
use crate::render::{
    IconSet, NO_CARDS, SiteParts, SitePictures, SiteRenderer, THEME, prepare_renderer,
    render_options,
};

/// Three posts, newest first: `content/a.txt`, `content/b.txt`, `content/c.txt`.
fn posts() -> Vec<Post> {
    [("a", 3), ("b", 2), ("c", 1)]
        .map(|(name, day)| Post {
            source: PostSource {
                file: format!("content/{name}.txt").into(),
                line: 1,
                index: 0,
            },
            title: format!("Post {name}"),
            slug: slugify(name),
            description: format!("About {name}."),
            tags: vec![format!("Tag {name}")],
            categories: vec!["News".to_owned()],
            date: Some(Date::constant(2026, 1, day)),
            body: format!("The text of {name}, and [c](c.txt)."),
            ..Post::default()
        })
        .into()
}

fn store_post(post: Post, bodies: &BodyStore, config: &Config) -> DatedPost {
    let rendered = render_markdown(&post.body, &render_options(config, &config.language, false));
    let body: StoredBody = bodies
        .store_body(&post, rendered, BodyMeasures::default())
        .unwrap();
    let date = post.date;
    DatedPost {
        post: Arc::new(post.with_body(body)),
        date: date.map(SiteDate::from),
        lasting_date: date.map(Moment::start_of_day),
        ..DatedPost::default()
    }
}

fn prepare(posts: Vec<Post>, config: Config) -> SiteRenderer {
    let bodies = BuildCache::disabled().bodies(0);
    let posts = posts.into_iter();
    let inputs = GatherInputs {
        bodies: &bodies,
        config: &config,
        selection: PostSelection {
            present: Moment::start_of_day(Date::constant(2026, 1, 9)),
            drafts: false,
            future: false,
        },
        own_paths: &OwnPaths::default(),
    };
    let posts = posts
        .map(|post| store_post(post, &bodies, &config))
        .collect();
    let gathered = gather_corpus(posts, inputs, &mut SimilarityCache::default()).unwrap();
    let root = tempfile::tempdir().unwrap();
    let site = SiteParts {
        root: root.path(),
        theme: THEME,
        config: Arc::new(config),
        corpus: Arc::new(gathered.corpus),
        bodies: Arc::new(bodies),
        media: &[],
        static_files: &[],
        now: SystemTime::now(),
        search: &[],
        cards: &NO_CARDS,
        live: Arc::default(),
        pictures: SitePictures::default(),
        generated: Vec::new(),
        icons: IconSet::default(),
        published_at: None,
    };
    prepare_renderer(site).unwrap().0
}

/// Fingerprint and text of each file.
fn files(renderer: &SiteRenderer) -> BTreeMap<String, (Fingerprint, String)> {
    let jobs = renderer.jobs().iter();
    let file = |job: &super::RenderJob| {
        let bytes = renderer.render_job(job).unwrap();
        let fingerprint = renderer.job_fingerprint(job).unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        (job.path().to_owned(), (fingerprint, text))
    };
    jobs.map(file).collect()
}

#[test]
fn pages_of_the_same_posts_are_rendered_together() {
    let renderer = prepare(posts(), Config::default());
    let order = renderer.order_jobs().into_iter();
    let paths: Vec<&str> = order
        .map(|number| renderer.jobs()[number as usize].path())
        .collect();
    let of_posts = paths.iter().filter(|path| {
        path.starts_with("/posts/") || path.starts_with("/tags/tag-") || **path == "/"
    });
    let expected = [
        "/posts/a/",
        "/tags/tag-a/",
        "/posts/b/",
        // Of three posts, the second is in the middle.
        "/",
        "/tags/tag-b/",
        "/posts/c/",
        "/tags/tag-c/",
    ];
    assert!(of_posts.eq(&expected), "{paths:?}");
    assert_eq!(paths.len(), renderer.jobs().len());
}

/// Checks which files are rendered again after a change of the posts, and that all others are the
/// same.
#[track_caller]
fn check(change: impl Fn(&mut [Post]), expected: &[&str]) {
    let before = files(&prepare(posts(), Config::default()));
    let mut changed = posts();
    change(&mut changed);
    let after = files(&prepare(changed, Config::default()));
    let mut rendered = Vec::new();
    for (path, (fingerprint, text)) in &after {
        let known = before.get(path);
        if known.is_some_and(|(known, _)| known == fingerprint) {
            assert!(
                known.is_some_and(|(_, known)| known == text),
                "{path} is stale"
            );
        } else {
            rendered.push(path.as_str());
        }
    }
    assert_eq!(rendered, expected);
}

#[test]
fn nothing_changes_without_a_reason() {
    check(|_| {}, &[]);
}

#[test]
fn text_of_a_post_is_on_its_page_and_in_feeds() {
    check(
        |posts| posts[0].body += " More.",
        &[
            "/atom.xml",
            "/categories/news/atom.xml",
            "/categories/news/feed.json",
            "/categories/news/rss.xml",
            "/feed.json",
            "/posts/a/",
            "/rss.xml",
        ],
    );
}

#[test]
fn title_of_a_post_is_on_its_neighbours_and_in_lists_too() {
    check(
        |posts| posts[0].title = "Other".to_owned(),
        &[
            "/",
            "/archive/",
            "/atom.xml",
            "/categories/news/",
            "/categories/news/atom.xml",
            "/categories/news/feed.json",
            "/categories/news/rss.xml",
            "/feed.json",
            "/posts/a/",
            "/posts/b/",
            "/rss.xml",
            "/tags/tag-a/",
        ],
    );
}

#[test]
fn address_of_a_post_is_on_pages_that_link_to_it() {
    // `/posts/a/` links to `content/c.txt`, but shows nothing else of that post.
    check(
        |posts| posts[2].slug = "other".to_owned(),
        &[
            "/",
            "/archive/",
            "/atom.xml",
            "/categories/news/",
            "/categories/news/atom.xml",
            "/categories/news/feed.json",
            "/categories/news/rss.xml",
            "/feed.json",
            "/posts/a/",
            "/posts/b/",
            "/posts/other/",
            "/rss.xml",
            "/sitemap.xml",
            "/tags/tag-c/",
        ],
    );
}

#[test]
fn number_of_posts_of_a_term_is_on_no_page_of_a_post() {
    // `/posts/c/` shows the category that `a` leaves, but nothing of `a`.
    check(
        |posts| posts[0].categories = vec!["Other".to_owned()],
        &[
            "/",
            "/archive/",
            "/atom.xml",
            "/categories/",
            "/categories/news/",
            "/categories/news/atom.xml",
            "/categories/news/feed.json",
            "/categories/news/rss.xml",
            "/categories/other/",
            "/categories/other/atom.xml",
            "/categories/other/feed.json",
            "/categories/other/rss.xml",
            "/feed.json",
            "/posts/a/",
            "/posts/b/",
            "/rss.xml",
            "/sitemap.xml",
            "/tags/tag-a/",
        ],
    );
}

/// Turns a post into the text of another file.
fn become_file(post: &mut Post, file: &str, title: &str) {
    post.source.file = file.into();
    title.clone_into(&mut post.title);
    post.slug = slugify(title);
    post.date = None;
}

#[test]
fn text_of_a_page_is_on_its_page_alone() {
    let with_page = |text: &str| {
        let mut posts = posts();
        become_file(&mut posts[0], "content/pages/a.txt", "About");
        text.clone_into(&mut posts[0].body);
        files(&prepare(posts, Config::default()))
    };
    let (before, after) = (with_page("One."), with_page("Two."));
    let differs = |path: &&String| before[*path] != after[*path];
    let changed: Vec<&String> = after.keys().filter(differs).collect();
    assert_eq!(changed, ["/about/"]);
    assert!(!after.contains_key("/posts/a/"));
}

#[test]
fn text_of_a_term_is_on_its_first_page_alone() {
    let with_text = |text: &str| {
        let mut posts = posts();
        become_file(&mut posts[0], "content/categories/news.md", "News");
        text.clone_into(&mut posts[0].body);
        let mut config = Config::default();
        config.lists.per_page = 1;
        files(&prepare(posts, config))
    };
    let (before, after) = (with_text("One."), with_text("Two."));
    let differs = |path: &&String| before[*path] != after[*path];
    let changed: Vec<&String> = after.keys().filter(differs).collect();
    assert_eq!(changed, ["/categories/news/"]);
    assert!(after.contains_key("/categories/news/page/2/"));
}

#[test]
fn page_in_the_menu_is_on_every_page() {
    let with_title = |title: &str| {
        let mut posts = posts();
        become_file(&mut posts[0], "content/pages/a.txt", title);
        posts[0].slug = "about".to_owned();
        posts[0].extra = vec![("menu".to_owned(), ExtraValue::Bool(true))];
        files(&prepare(posts, Config::default()))
    };
    let (before, after) = (with_title("One"), with_title("Two"));
    for (path, page) in &after {
        if path.ends_with('/') {
            assert_ne!(page.0, before[path].0, "{path}");
        }
    }
}

#[test]
fn configuration_is_on_every_page_but_in_no_copied_file() {
    let before = files(&prepare(posts(), Config::default()));
    let config = Config {
        title: "Other".to_owned(),
        ..Config::default()
    };
    let after = files(&prepare(posts(), config));
    let same = |path: &&String| before[*path].0 == after[*path].0;
    let kept: Vec<&String> = after.keys().filter(same).collect();
    assert!(kept.iter().any(|path| path.starts_with("/style-")));
    for path in kept {
        assert!(!path.ends_with('/') && !path.ends_with(".xml"), "{path}");
    }
}
