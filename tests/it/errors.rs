//! Tests whole error messages, as they are printed.

use crate::site::Site;

#[track_caller]
fn check(site: &Site, arguments: &[&str], code: i32, expected: &str) {
    let run = site.run(arguments);
    assert_eq!(run.stderr, expected);
    assert_eq!(run.code, code);
}

#[test]
fn all_errors_of_the_configuration_are_shown_with_their_lines() {
    let site =
        Site::with_config("title = \"T\"\n[lists]\nper_pages = 20\n[theme]\naccent = \"red\"\n");
    check(
        &site,
        &["build"],
        1,
        "\
error[unknown-key]: there is no key `per_pages` in `[lists]`
  --> site.toml:3:1
  |
3 | per_pages = 20
  | ^^^^^^^^^
  = help: did you mean `per_page`?

error[invalid-value]: `accent` takes a colour such as `#0a6` or `#1f6feb`
  --> site.toml:5:10
  |
5 | accent = \"red\"
  |          ^^^^^

error: 2 errors in 1 file; nothing was written
",
    );
}

#[test]
fn broken_template_is_shown_with_its_place_and_the_post() {
    let site = Site::new().reply("a", "A post", "x", "News").file(
        "templates/post.html",
        "<h1>{{ post.title }}</h1>\n{{ post.titel.x }}\n",
    );
    let run = site.run(&["build"]);
    assert_eq!(run.code, 1);
    for part in [
        "error[template-error]: ",
        "--> templates/post.html:2:9",
        "2 | {{ post.titel.x }}",
        "= help: it was rendering the post `A post` in content/a.txt",
        "error: 1 error in 1 file; nothing was written",
    ] {
        assert!(run.stderr.contains(part), "no {part} in {}", run.stderr);
    }
}

#[test]
fn two_files_that_want_one_path_stop_the_build() {
    let site = Site::new()
        .reply("a", "A", "x", "News")
        .file("static/archive/index.html", "mine");
    check(
        &site,
        &["build"],
        1,
        "\
error[path-conflict]: the file static/archive/index.html and the page /archive/ need the same path, `archive/index.html`
 --> static/archive/index.html
 = help: change the slug of the post, `permalink` in `[content]`, or the name of the file

error: 1 error in 1 file; nothing was written
",
    );
}

#[test]
fn folder_without_a_site_is_reported() {
    let site = Site::new();
    site.remove("site.toml");
    let run = site.run(&["build"]);
    assert_eq!(run.code, 1);
    assert!(
        run.stderr.contains("there is no site here"),
        "{}",
        run.stderr
    );
}

#[test]
fn wrong_usage_exits_with_2() {
    let site = Site::new();
    assert_eq!(site.run(&["biuld"]).code, 2);
    assert_eq!(site.run(&["build", "--jobs", "0"]).code, 2);
    assert_eq!(site.run(&["build", "--base-url", "nowhere"]).code, 2);
}

#[test]
fn rejected_reply_stops_a_strict_build_only() {
    let site = Site::new().reply("a", "A", "x", "News").file(
        "content/refused.txt",
        "I'm sorry, but I can't help with that request.\n",
    );
    let run = site.run(&["build", "--strict"]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("error[refusal]"), "{}", run.stderr);
    assert!(!site.path("public").exists());
    let run = site.build();
    assert!(
        run.stdout.contains("1 published, 1 rejected"),
        "{}",
        run.stdout
    );
}

#[test]
fn unknown_names_in_templates_are_shown_in_their_lines_with_what_was_meant() {
    let site = Site::new()
        .reply("a", "A", "x", "News")
        .file(
            "templates/post.html",
            "{% extends \"theme/post.html\" %}\n{% block post_foter %}{{ x | lenght }}{% endblock %}\n",
        )
        .file("templates/list.html", "\n{% include \"partials/pagr.html\" %}\n");
    check(
        &site,
        &["build"],
        1,
        "\
error[template-error]: unknown template `partials/pagr.html`
  --> templates/list.html:2:12
  |
2 | {% include \"partials/pagr.html\" %}
  |            ^^^^^^^^^^^^^^^^^^^^
  = help: did you mean `partials/pager.html`?

error[template-error]: block `post_foter` is not defined in any parent template
  --> templates/post.html:2:10
  |
2 | {% block post_foter %}{{ x | lenght }}{% endblock %}
  |          ^^^^^^^^^^
  = help: did you mean `post_footer`?

error[template-error]: unknown filter `lenght`
  --> templates/post.html:2:30
  |
2 | {% block post_foter %}{{ x | lenght }}{% endblock %}
  |                              ^^^^^^
  = help: did you mean `length`?

error: 3 errors in 2 files; nothing was written
",
    );
}
