//! Tests that `pressrun publish` lets no address of the live site die unnoticed.

use std::fs;

use crate::branch::make_branch;
use crate::remote::{ask, assert_published, publish, published, refused, site};
use crate::repository::Repository;
use crate::site::{Run, between};

/// The id of the post on tea in feeds: its first address.
const TEA_ID: &str = "https://me.github.io/repo/posts/tea/";

/// Returns a text of eighty words that no other number has.
fn text(number: usize) -> String {
    let words: Vec<String> = (0..80).map(|word| format!("w{number}x{word}")).collect();
    words.join(" ")
}

/// Writes a post at `/posts/SLUG/`.
fn write_post(repository: &Repository, file: &str, slug: &str, title: &str, text: &str) {
    let post = format!("---\ntitle: {title}\nslug: {slug}\ndate: 2026-01-02\n---\n{text}\n");
    repository.site.write(&format!("content/{file}.md"), post);
}

/// Returns a published site with a post at `/posts/tea/`, besides two others.
fn with_tea() -> Repository {
    let repository = Repository::with_remote(site());
    write_post(&repository, "tea", "tea", "On tea", &text(1));
    publish(&repository, &[]);
    repository
}

/// Returns the same repository after the post has moved to `/posts/green-tea/`.
fn with_moved_tea() -> Repository {
    let repository = with_tea();
    write_post(&repository, "tea", "green-tea", "On tea", &text(1));
    publish(&repository, &[]);
    repository
}

/// Returns the ids of the post with this title in the three feeds of the home page.
fn ids(repository: &Repository, title: &str) -> [String; 3] {
    let tagged = |feed: &str, title: &str, from: &str, to: &str| {
        let feed = repository.site.page(feed);
        between(after(&feed, title), from, to).to_owned()
    };
    let json: serde_json::Value = serde_json::from_str(&repository.site.page("feed.json")).unwrap();
    let mut items = json["items"].as_array().unwrap().iter();
    let item = items.find(|item| item["title"] == title).unwrap();
    let title = format!("<title>{title}</title>");
    [
        tagged("atom.xml", &title, "<id>", "</id>"),
        tagged("rss.xml", &title, "<guid isPermaLink=\"false\">", "</guid>"),
        item["id"].as_str().unwrap().to_owned(),
    ]
}

fn after<'t>(text: &'t str, mark: &str) -> &'t str {
    let at = text
        .find(mark)
        .unwrap_or_else(|| panic!("no {mark} in {text}"));
    &text[at..]
}

#[track_caller]
fn assert_ids(repository: &Repository, title: &str, id: &str) {
    assert_eq!(ids(repository, title), [id, id, id], "{title}");
}

/// Asserts that the page at a path only leads to another one.
#[track_caller]
fn assert_leads(repository: &Repository, from: &str, to: &str) {
    let page = repository.site.page(&format!("{from}index.html"));
    let refresh = format!("content=\"0; url=/repo/{to}\"");
    assert!(page.contains(&refresh), "no {refresh} in {page}");
    let sitemap = repository.site.page("sitemap.xml");
    assert!(!sitemap.contains(&format!("/{from}<")), "{sitemap}");
}

#[track_caller]
fn assert_says(run: &Run, parts: &[&str]) {
    for part in parts {
        let said = format!("{}{}", run.stdout, run.stderr);
        assert!(said.contains(part), "no {part} in {said}");
    }
}

#[test]
fn page_that_would_be_gone_stops_a_publication_unless_that_is_allowed() {
    let repository = with_tea();
    repository.site.remove("content/tea.md");
    for arguments in [&[][..], &["--dry-run"], &["--no-history"]] {
        let run = refused(&repository, arguments, "address-gone");
        assert_says(
            &run,
            &[
                "--> posts/tea/index.html",
                "`aliases: [\"/posts/tea/\"]`",
                "`publish --allow address-gone`",
                "error: 1 error in 1 file; nothing was published",
            ],
        );
    }
    let run = publish(&repository, &["--dry-run", "--allow", "address-gone"]);
    assert_says(&run, &["removed  posts/tea/index.html"]);
    publish(&repository, &["--allow", "address-gone"]);
    assert_published(&repository);
    publish(&repository, &[]);
}

#[test]
fn alias_that_the_help_asks_for_is_enough() {
    let repository = with_tea();
    let post = "---\ntitle: On coffee\naliases: [\"/posts/tea/\"]\n---\nOther words.\n";
    repository.site.write("content/tea.md", post);
    publish(&repository, &[]);
    assert_leads(&repository, "posts/tea/", "posts/on-coffee/");
}

#[test]
fn post_with_another_address_leaves_a_redirect_and_keeps_its_ids() {
    let repository = with_tea();
    assert_ids(&repository, "On tea", TEA_ID);
    write_post(&repository, "tea", "green-tea", "On tea", &text(1));
    let says = ["moved: /posts/tea/ leads to /posts/green-tea/ from now on"];
    assert_says(&publish(&repository, &["--dry-run"]), &says);
    assert_eq!(published(&repository).len(), 1);
    assert_says(&publish(&repository, &[]), &says);
    assert_leads(&repository, "posts/tea/", "posts/green-tea/");
    assert_ids(&repository, "On tea", TEA_ID);
    let feed = repository.site.page("atom.xml");
    let link = "<link rel=\"alternate\" type=\"text/html\" href=\"https://me.github.io/repo/posts/green-tea/\"/>";
    assert!(feed.contains(link), "{feed}");
    assert_published(&repository);
    // The branch remembers all of it, whatever else is forgotten.
    for folder in [".pressrun", "public"] {
        fs::remove_dir_all(repository.site.path(folder)).unwrap();
    }
    let run = publish(&repository, &[]);
    assert_says(&run, &["nothing to push"]);
    assert!(!run.stdout.contains("moved:"), "{}", run.stdout);
    // Another build knows nothing of it, and does not make the next publication forget.
    repository.site.build();
    assert!(!repository.site.path("public/posts/tea").exists());
    assert_says(&publish(&repository, &[]), &["nothing to push"]);
    assert_leads(&repository, "posts/tea/", "posts/green-tea/");
}

#[test]
fn post_is_known_by_its_text_although_its_title_and_some_words_differ() {
    let repository = with_tea();
    let edited = text(1).replace("w1x20", "other").replace("w1x60", "words");
    repository.site.remove("content/tea.md");
    write_post(&repository, "drinks", "drinks", "All about drinks", &edited);
    write_post(&repository, "new", "on-tea", "On tea", &text(2));
    publish(&repository, &[]);
    assert_leads(&repository, "posts/tea/", "posts/drinks/");
    assert_ids(&repository, "All about drinks", TEA_ID);
}

#[test]
fn post_that_moves_twice_and_back_leaves_no_chain() {
    let repository = with_tea();
    write_post(&repository, "tea", "one", "On tea", &text(1));
    publish(&repository, &[]);
    write_post(&repository, "tea", "two", "On tea", &text(1));
    let run = publish(&repository, &[]);
    assert_says(&run, &["moved: /posts/one/ leads to /posts/two/"]);
    assert_leads(&repository, "posts/tea/", "posts/two/");
    assert_leads(&repository, "posts/one/", "posts/two/");
    assert_ids(&repository, "On tea", TEA_ID);
    write_post(&repository, "tea", "tea", "On tea", &text(1));
    let run = publish(&repository, &[]);
    assert_says(&run, &["moved: /posts/two/ leads to /posts/tea/"]);
    assert_leads(&repository, "posts/one/", "posts/tea/");
    assert_leads(&repository, "posts/two/", "posts/tea/");
    assert!(
        repository
            .site
            .page("posts/tea/index.html")
            .contains("w1x3")
    );
    assert_ids(&repository, "On tea", TEA_ID);
    assert_says(&publish(&repository, &[]), &["nothing to push"]);
}

#[test]
fn posts_that_change_places_keep_their_ids() {
    let repository = with_tea();
    write_post(&repository, "milk", "milk", "On milk", &text(2));
    publish(&repository, &[]);
    write_post(&repository, "tea", "milk", "On tea", &text(1));
    write_post(&repository, "milk", "tea", "On milk", &text(2));
    publish(&repository, &[]);
    assert_ids(&repository, "On tea", TEA_ID);
    assert_ids(
        &repository,
        "On milk",
        "https://me.github.io/repo/posts/milk/",
    );
    assert_says(&publish(&repository, &[]), &["nothing to push"]);
}

#[test]
fn new_post_at_the_old_address_of_another_gets_its_own_id() {
    let repository = with_moved_tea();
    write_post(&repository, "new", "tea", "New tea", &text(2));
    publish(&repository, &[]);
    assert_ids(&repository, "On tea", TEA_ID);
    assert_ids(&repository, "New tea", &format!("{TEA_ID}#2"));
    assert!(
        repository
            .site
            .page("posts/tea/index.html")
            .contains("w2x3")
    );
    assert_says(&publish(&repository, &[]), &["nothing to push"]);
}

#[test]
fn redirect_whose_target_is_gone_is_gone_too() {
    let repository = with_moved_tea();
    repository.site.remove("content/tea.md");
    let run = refused(&repository, &[], "address-gone");
    assert_says(
        &run,
        &["posts/green-tea/index.html", "posts/tea/index.html"],
    );
    publish(&repository, &["--allow", "address-gone"]);
    assert!(!repository.site.path("public/posts/tea").exists());
}

#[test]
fn lists_and_terms_come_and_go() {
    let repository = Repository::with_remote(site());
    publish(&repository, &[]);
    assert!(repository.site.path("public/tags/x/index.html").exists());
    let reply = "TITLE: First\nTAGS: y\nCATEGORIES: Other\n\nThe text of a has a few words.\n\n-EndOFText-\n";
    for (file, title) in [("a", "First"), ("b", "Second")] {
        let reply = reply
            .replace("First", title)
            .replace("of a", &format!("of {file}"));
        repository.site.write(&format!("content/{file}.txt"), reply);
    }
    publish(&repository, &[]);
    assert!(!repository.site.path("public/tags/x").exists());
}

#[test]
fn addresses_of_another_generator_are_kept_where_their_posts_are() {
    let repository = Repository::with_remote(site());
    let page = |title: &str, text: &str| {
        format!(
            "<html><head><title>{title} | Blog</title></head><body><nav>Home About</nav><main>\
             <h1>{title}</h1><p>{text}</p></main><footer>Blog</footer></body></html>"
        )
    };
    let home = "<html><head><meta name=\"generator\" content=\"Hugo 0.168.0\">\
                <link rel=\"canonical\" href=\"https://old.example/\"></head></html>";
    let alias = "<html><head><meta http-equiv=\"refresh\" content=\"0; url=https://old.example/2019/tea/\"></head></html>";
    let feed = "<rss><channel><item><title>On tea</title><link>https://old.example/2019/tea/</link>\
                <guid>old:tea</guid></item></channel></rss>";
    make_branch(
        &repository,
        "gh-pages",
        &[
            ("index.html", home),
            ("2019/tea/index.html", &page("On tea", &text(1))),
            ("2019/old/index.html", &page("Old", &text(3))),
            ("t/index.html", alias),
            ("page/2/index.html", &page("More", "x")),
            ("tags/page/2/index.html", &page("More", "y")),
            ("_layouts/post.html", "x"),
            ("rss.xml", feed),
        ],
    );
    write_post(&repository, "tea", "tea", "On tea", &text(1));
    let run = refused(&repository, &[], "branch-not-ours");
    assert!(!run.stderr.contains("address-gone"), "{}", run.stderr);
    let run = refused(&repository, &["--allow", "branch-not-ours"], "address-gone");
    assert_says(&run, &["--> 2019/old/index.html", "1 error in 1 file"]);
    let allow = ["--allow", "branch-not-ours", "--allow", "address-gone"];
    let run = publish(&repository, &allow);
    assert_says(&run, &["moved: /2019/tea/ leads to /posts/tea/"]);
    assert_leads(&repository, "2019/tea/", "posts/tea/");
    assert_leads(&repository, "t/", "posts/tea/");
    assert_leads(&repository, "tags/page/2/", "tags/");
    let [_, guid, _] = ids(&repository, "On tea");
    assert_eq!(guid, "old:tea");
    assert_published(&repository);
    assert_says(&publish(&repository, &[]), &["nothing to push"]);
}

#[test]
fn ids_stay_when_the_site_gets_another_domain() {
    let repository = with_tea();
    let config = crate::remote::CONFIG.replace("me.github.io/repo", "tea.example");
    let config = format!("{config}[deploy]\ncname = \"tea.example\"\n");
    repository.site.write("site.toml", config);
    publish(&repository, &[]);
    assert_ids(&repository, "On tea", TEA_ID);
    assert_says(&publish(&repository, &[]), &["nothing to push"]);
}

#[test]
fn post_that_moves_to_the_place_of_a_redirect_is_found_there() {
    let repository = with_tea();
    write_post(&repository, "coffee", "coffee", "On coffee", &text(2));
    publish(&repository, &[]);
    write_post(&repository, "tea", "green-tea", "On tea", &text(1));
    publish(&repository, &[]);
    assert_leads(&repository, "posts/tea/", "posts/green-tea/");
    write_post(&repository, "coffee", "tea", "On coffee", &text(2));
    publish(&repository, &[]);
    assert_leads(&repository, "posts/coffee/", "posts/tea/");
}

#[test]
fn redirects_stay_when_the_site_gets_another_domain() {
    let repository = with_moved_tea();
    // From a folder of a host to the root of another, and back.
    let config = crate::remote::CONFIG.replace("me.github.io/repo", "tea.example");
    repository.site.write("site.toml", config);
    publish(&repository, &["--allow", "base-url-mismatch"]);
    let page = repository.site.page("posts/tea/index.html");
    assert!(
        page.contains("content=\"0; url=/posts/green-tea/\""),
        "{page}"
    );
    repository.site.write("site.toml", crate::remote::CONFIG);
    publish(&repository, &[]);
    assert_leads(&repository, "posts/tea/", "posts/green-tea/");
}

#[test]
fn id_that_a_template_makes_of_its_own_does_not_grow() {
    let repository = Repository::with_remote(site());
    let template = "<rss><channel>{% for entry in feed.entries %}<item><title>{{ entry.title }}</title>\
                    <link>{{ entry.canonical }}</link><guid isPermaLink=\"false\">{{ entry.id }}?x</guid></item>\
                    {% endfor %}</channel></rss>";
    repository.site.write("templates/rss.xml", template);
    write_post(&repository, "tea", "tea", "On tea", &text(1));
    publish(&repository, &[]);
    assert_says(&publish(&repository, &[]), &["nothing to push"]);
    let [_, guid, _] = ids(&repository, "On tea");
    assert_eq!(guid, "https://me.github.io/repo/posts/tea/?x");
}

#[test]
fn dry_run_without_a_network_compares_with_what_was_last_seen() {
    let repository = with_tea();
    repository.site.remove("content/tea.md");
    let remote = repository.remote();
    fs::rename(&remote, remote.with_extension("away")).unwrap();
    let run = repository.run(&["publish", "--dry-run"]);
    assert_eq!(run.code, 1);
    assert_says(
        &run,
        &["compares with what was last seen", "error[address-gone]"],
    );
    let run = repository.run(&["publish", "--dry-run", "--allow", "address-gone"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let run = repository.run(&["publish"]);
    assert_says(&run, &["error[no-access]"]);
}

#[test]
fn many_addresses_are_counted() {
    let repository = Repository::with_remote(site());
    for number in 0..30 {
        let name = format!("p{number}");
        write_post(
            &repository,
            &name,
            &name,
            &format!("Post {number}"),
            &text(number),
        );
    }
    publish(&repository, &[]);
    let config = format!("{}permalink = \"/{{slug}}/\"\n", crate::remote::CONFIG);
    repository.site.write("site.toml", config);
    let run = publish(&repository, &[]);
    assert_says(
        &run,
        &[
            "moved: /posts/p0/ leads to /p0/",
            "moved: 22 addresses lead",
        ],
    );
    assert_leads(&repository, "posts/p29/", "p29/");
    assert_leads(&repository, "posts/first/", "first/");
    for number in 0..30 {
        repository.site.remove(&format!("content/p{number}.md"));
    }
    let run = refused(&repository, &[], "address-gone");
    assert_says(&run, &["readers would also miss 50 more pages"]);
    let rules = ask(&repository, &["show", "gh-pages:_redirects"]);
    assert_eq!(rules.lines().count(), 32);
}

#[test]
fn alias_that_an_author_writes_keeps_the_ids_too() {
    let repository = with_tea();
    let post = format!(
        "---\ntitle: On tea\nslug: green-tea\naliases: [/posts/tea/]\ndate: 2026-01-02\n---\n{}\n",
        text(1)
    );
    repository.site.write("content/tea.md", post);
    let run = publish(&repository, &[]);
    assert!(!run.stdout.contains("moved:"), "{}", run.stdout);
    assert_leads(&repository, "posts/tea/", "posts/green-tea/");
    assert_ids(&repository, "On tea", TEA_ID);
    assert_says(&publish(&repository, &[]), &["nothing to push"]);
}

#[test]
fn post_may_expire_but_not_become_a_draft() {
    let repository = with_moved_tea();
    let held_back = |line: &str| {
        let head = format!("title: On tea\nslug: green-tea\ndate: 2026-01-02\n{line}");
        let post = format!("---\n{head}\n---\n{}\n", text(1));
        repository.site.write("content/tea.md", post);
    };
    held_back("draft: true");
    let run = refused(&repository, &[], "address-gone");
    assert_says(
        &run,
        &["its post `On tea` is a draft now", "--> content/tea.md"],
    );
    held_back("expires: 2026-03-01");
    publish(&repository, &[]);
    assert!(!repository.site.path("public/posts/green-tea").exists());
    assert!(!repository.site.path("public/posts/tea").exists());
}

#[test]
fn translation_that_moves_is_found_and_its_translations_lead_to_the_new_address() {
    let repository = Repository::with_remote(site());
    let post = |file: &str, fields: &str, number| {
        let text = format!(
            "---\ndate: 2026-01-02\ntranslation_key: tea\n{fields}---\n{}\n",
            text(number)
        );
        repository.site.write(&format!("content/{file}.md"), text);
    };
    post("tea", "title: On tea\nslug: tea\n", 1);
    post("tee", "title: Tee\nlang: de\nslug: tee\n", 2);
    publish(&repository, &[]);
    post("tee", "title: Tee\nlang: de\npermalink: /de/tee/\n", 2);
    publish(&repository, &[]);
    assert_leads(&repository, "posts/tee/", "de/tee/");
    let page = repository.site.page("posts/tea/index.html");
    assert!(page.contains("hreflang=\"de\" href=\"https://me.github.io/repo/de/tee/\""));
    assert!(!page.contains("/posts/tee/"));
}
