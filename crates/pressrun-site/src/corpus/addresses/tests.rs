use std::sync::Arc;

use pressrun_posts::post::{Date, FieldSource, FieldSources, Moment};

use super::*;

/// Makes a post of a file, with a slug from this source.
pub(in crate::corpus) fn post_with_slug(
    file: &str,
    slug: &str,
    origin: FieldSource,
) -> Post<StoredBody> {
    Post {
        source: PostSource {
            file: file.into(),
            line: 1,
            index: 0,
        },
        slug: slug.to_owned(),
        origins: FieldSources {
            slug: origin,
            ..FieldSources::default()
        },
        ..Post::default()
    }
}

fn post(file: &str, slug: &str, origin: FieldSource) -> DatedPost {
    DatedPost {
        post: post_with_slug(file, slug, origin).into(),
        ..DatedPost::default()
    }
}

fn with_permalink(permalink: &str) -> Config {
    let mut config = Config::default();
    config.content.permalink = Permalink::parse(permalink).unwrap();
    config
}

fn slugs(posts: Vec<DatedPost>) -> Vec<String> {
    let own = OwnPaths::default();
    let (paths, _) = assign_addresses(&posts, &with_permalink("/{slug}/"), &own);
    let slug = |path: String| path.trim_matches('/').to_owned();
    paths.into_iter().map(slug).collect()
}

#[test]
fn older_post_keeps_an_address_then_the_one_whose_path_is_first() {
    let on = |day, file, origin| {
        let date = (day > 0).then(|| Date::constant(2026, 1, day));
        DatedPost {
            lasting_date: date.map(Moment::start_of_day),
            ..post(file, "x", origin)
        }
    };
    for (first, second) in [
        (
            on(2, "a", FieldSource::Header),
            on(1, "b", FieldSource::Derived),
        ),
        (
            on(0, "a", FieldSource::Header),
            on(1, "b", FieldSource::Derived),
        ),
    ] {
        let found = slugs(vec![first, second]);
        assert_eq!(found[1], "x");
        assert_eq!(found[0].len(), "x-0000".len());
    }
    let found = slugs(vec![
        on(1, "a-long-name", FieldSource::Derived),
        on(1, "b", FieldSource::Header),
    ]);
    assert_eq!(found[0], "x");
}

#[test]
fn translation_with_the_same_slug_has_its_language_behind_it() {
    let translated = |file, key: &str, language: Option<&str>| {
        let mut dated = post(file, "x", FieldSource::Derived);
        let post = Arc::make_mut(&mut dated.post);
        post.translation_key = Some(key.to_owned());
        post.language = language.map(str::to_owned);
        dated
    };
    let found = slugs(vec![
        translated("x.de", "x", Some("de")),
        translated("x.pt", "x", Some("pt-BR")),
        translated("x", "x", None),
        translated("y", "y", Some("de")),
    ]);
    assert_eq!(found[..3], ["x-de", "x-pt-br", "x"]);
    assert_eq!(found[3].len(), "x-0000".len());
}

#[test]
fn adding_a_file_keeps_the_addresses_of_the_others() {
    let two = slugs(vec![
        post("a", "x", FieldSource::Derived),
        post("c", "x", FieldSource::Derived),
    ]);
    let three = slugs(vec![
        post("a", "x", FieldSource::Derived),
        post("b", "x", FieldSource::Derived),
        post("c", "x", FieldSource::Derived),
    ]);
    assert_eq!((&two[0], &two[1]), (&three[0], &three[2]));
    assert_ne!(three[1], three[2]);
}

#[test]
fn collision_names_both_posts() {
    let posts = [
        post("a", "x", FieldSource::Derived),
        post("b", "x", FieldSource::Derived),
    ];
    let (_, found) = assign_addresses(&posts, &Config::default(), &OwnPaths::default());
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].place.to_string(), "b:1");
    assert!(
        found[0].message.contains("taken by a"),
        "{}",
        found[0].message
    );
}

#[test]
fn slug_longer_than_a_file_name_is_cut_between_letters() {
    let long = "𝛼".repeat(80);
    let found = slugs(vec![post("a", &long, FieldSource::Derived)]);
    assert!(found[0].len() <= slug::MAX_BYTES && long.starts_with(&found[0]));
}

/// Gives a post with a category its address, and what is said of it.
fn settled(permalink: &str, category: &str, slug: &str) -> (String, Vec<String>) {
    let mut dated = post("a", slug, FieldSource::Header);
    Arc::make_mut(&mut dated.post).categories = vec![category.to_owned()];
    let own = [("/about/index.html", "static/about/index.html")];
    let own = OwnPaths::new(own.into_iter());
    let (mut paths, found) = assign_addresses(&[dated], &with_permalink(permalink), &own);
    let found = found.into_iter().map(|found| found.message);
    (paths.remove(0), found.collect())
}

#[test]
fn post_that_wants_an_address_of_the_site_itself_gets_another() {
    for (permalink, category, slug, owner) in [
        ("/{slug}/", "News", "archive", "the page /archive/"),
        ("/{slug}/", "News", "about", "static/about/index.html"),
        ("/{slug}.html", "News", "404", "the page /404.html"),
        ("/{slug}.html", "News", "index", "the page /"),
        (
            "/{category}/{slug}/",
            "Categories",
            "categories",
            "the page /categories/categories/",
        ),
        ("/{category}/{slug}/", "Page", "2", "the page /page/2/"),
    ] {
        let (path, found) = settled(permalink, category, slug);
        let begin = format!(
            "the slug `{slug}` is already taken by {owner}, so this post is \
                             at `{slug}-"
        );
        assert!(
            found.len() == 1 && found[0].starts_with(&begin),
            "{found:?}"
        );
        assert!(path.contains(&format!("/{slug}-")), "{path}");
    }
    let (path, found) = settled("/{category}/{slug}/", "Tags", "other");
    assert_eq!((&*path, found), ("/tags/other/", Vec::new()));
}

#[test]
fn permalink_that_leads_to_files_of_the_site_itself_is_left_to_the_plan() {
    let (path, found) = settled("/archive.html/{slug}/", "x", "a");
    assert_eq!((&*path, found.len()), ("/archive.html/a/", 0));
    let (path, found) = settled("/404.html/{slug}/", "x", "a");
    assert_eq!((&*path, found.len()), ("/404.html/a/", 0));
}

#[test]
fn joined_names_that_are_too_long_are_cut_and_stay_apart() {
    let category = "語".repeat(70);
    let settled = |permalink, last| {
        let slug = format!("{}{last}", "漢".repeat(60));
        settled(permalink, &category, &slug)
    };
    for permalink in ["/{category}-{slug}/", "/x/{category}-{slug}.html"] {
        let ((one, found), (other, _)) = (settled(permalink, "a"), settled(permalink, "b"));
        assert_ne!(one, other);
        assert_eq!(one, settled(permalink, "a").0);
        assert_eq!(one.ends_with(".html"), permalink.ends_with(".html"));
        assert!(one.split('/').all(|name| name.len() <= 255), "{one}");
        assert!(found[0].starts_with("the name `"), "{found:?}");
    }
    assert_eq!(settled("/{category}/{slug}/", "a").1, Vec::<String>::new());
}
#[test]
fn path_that_is_too_long_is_cut_and_stays_apart() {
    for permalink in ["/{slug}".repeat(20) + "/", "/{slug}".repeat(20) + ".html"] {
        let settled = |last| settled(&permalink, "x", &format!("{}{last}", "語".repeat(75)));
        let ((one, found), (other, _)) = (settled("a"), settled("b"));
        assert_ne!(one, other);
        assert_eq!(one, settled("a").0);
        assert_eq!(one.ends_with(".html"), permalink.ends_with(".html"));
        assert!(one.len() <= MOST_PATH_BYTES && one.len() > MOST_PATH_BYTES / 2);
        assert!(one.split('/').all(|name| name.len() <= 255), "{one}");
        let said = "the path `";
        assert!(found[0].starts_with(said), "{found:?}");
    }
}

/// Checks the addresses of posts that state these, and the codes and messages about them. The
/// posts are `a` to `z`, in the order of their ages.
#[track_caller]
fn check_stated(permalink: &str, stated: &[Option<&str>], expected: &[&str], messages: &[&str]) {
    let posts: Vec<DatedPost> = ('a'..='z')
        .zip(stated)
        .map(|(name, stated)| {
            let mut dated = post(&name.to_string(), &format!("s{name}"), FieldSource::Derived);
            let post = Arc::make_mut(&mut dated.post);
            post.title = name.to_uppercase().to_string();
            match stated {
                Some(stated) if Permalink::is_pattern(stated) => {
                    let value = pressrun_posts::post::ExtraValue::Text((*stated).to_owned());
                    post.extra.push(("permalink".to_owned(), value));
                }
                stated => post.permalink = stated.map(str::to_owned),
            }
            dated
        })
        .collect();
    let own = [("/about/index.html", "static/about/index.html")];
    let own = OwnPaths::new(own.into_iter());
    let (paths, found) = assign_addresses(&posts, &with_permalink(permalink), &own);
    let hash = |path: &str| {
        let at = path
            .rfind('-')
            .filter(|at| path.len() == at + 6 && path.ends_with('/'));
        at.map_or(path.to_owned(), |at| format!("{}-#/", &path[..at]))
    };
    let paths: Vec<String> = paths.iter().map(|path| hash(path)).collect();
    assert_eq!(paths, expected);
    assert_eq!(found.len(), messages.len(), "{found:?}");
    for (found, message) in found.iter().zip(messages) {
        let said = format!("{}: {}: {}", found.place, found.code, found.message);
        assert!(said.starts_with(message), "{said}");
    }
}

#[test]
fn stated_address_is_that_of_the_post() {
    let stated = [
        Some("/x/y.html"),
        Some("/2019/:title"),
        Some("/caf%C3%A9"),
        None,
    ];
    let expected = ["/x/y.html", "/2019/sb/", "/café/", "/posts/sd/"];
    check_stated("/posts/{slug}/", &stated, &expected, &[]);
}

#[test]
fn of_two_posts_that_state_one_address_the_older_has_it() {
    check_stated(
        "/posts/{slug}/",
        &[
            Some("/x/"),
            Some("/x"),
            Some("/:year/x"),
            Some("/:year/x"),
            Some("/X/"),
        ],
        &[
            "/x/",
            "/posts/sb/",
            "/undated/x/",
            "/posts/sd/",
            "/posts/se/",
        ],
        &[
            "b:1: address-taken: the address `/x/` of the post `B` is already that of the post `A` \
             in a:1, so this post is at `/posts/sb/`",
            "d:1: address-taken: the address `/undated/x/`",
            "e:1: address-taken: the address `/X/`",
        ],
    );
    check_stated(
        "/{slug}/",
        &[
            None,
            Some("/sa/"),
            Some("/sd/"),
            None,
            Some("/:slug/"),
            Some("/:slug/"),
        ],
        &["/sa/", "/sb/", "/sd/", "/sd-#/", "/se/", "/sf/"],
        &["b:1: address-taken: ", "d:1: slug-collision: "],
    );
}

#[test]
fn no_stated_address_stops_a_build() {
    for stated in [
        "/tags/",
        "/tags/a/",
        "/Tags/x/y/",
        "/archive/",
        "/Page/2/",
        "/about/",
        "/About/x/",
        "/cards/x/",
        "/pagefind/",
        "/robots.txt/",
        "/sitemap.xml/x/",
        "/_redirects/x/",
        "/404.html",
        "/index.html",
        "/",
        "/Posts/x/",
        "/posts/sb/index.html/x/",
        "/POSTS.html",
        "/atom.xml",
    ] {
        let is_free = stated == "/POSTS.html";
        let expected = if is_free { stated } else { "/posts/sa/" };
        let taken = ["a:1: address-taken: "];
        let messages = if is_free { &[][..] } else { &taken };
        check_stated(
            "/posts/{slug}/",
            &[Some(stated), None],
            &[expected, "/posts/sb/"],
            messages,
        );
    }
    for stated in ["/../x/", "/con/", "/a%00b/", "/:what/", "/.nojekyll/"] {
        let messages = ["a:1: address-unusable: "];
        check_stated(
            "/posts/{slug}/",
            &[Some(stated)],
            &["/posts/sa/"],
            &messages,
        );
    }
}

#[test]
fn address_that_excludes_the_usual_folder_leaves_room_for_others() {
    check_stated(
        "/posts/{slug}/",
        &[Some("/Posts/x/"), Some("/Posts/x/")],
        &["/Posts/x/", "/sb-#/"],
        &["b:1: address-taken: "],
    );
}
