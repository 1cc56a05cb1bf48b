//! Tests the values of authors in templates: front matter, `[extra]` and data files.

use std::fs;

use serde_json::Value;

use crate::site::Site;

/// Creates a site whose posts are shown by this text.
fn site(template: &str) -> Site {
    let page = format!("{{% block all %}}{template}{{% endblock %}}\n");
    Site::new().file("templates/post.html", page)
}

/// Creates a post with these lines of front matter.
fn post(title: &str, lines: &str) -> String {
    format!("---\ntitle: {title}\ndate: 2026-01-02\n{lines}\n---\n\nWords about {title}.\n")
}

impl Site {
    #[track_caller]
    fn check_page(&self, path: &str, expected: &str) {
        let page = fs::read_to_string(self.path(&format!("public/{path}index.html"))).unwrap();
        assert!(page.contains(expected), "{page}");
    }

    /// Returns the notes about unknown keys, each with its file.
    fn note_custom_fields(&self) -> Vec<String> {
        let run = self.run(&["check", "--format", "json"]);
        let report: Value = serde_json::from_str(&run.stdout).unwrap();
        let found = report["diagnostics"].as_array().unwrap().iter();
        let notes = found.filter(|found| found["code"] == "custom-field");
        let text = |note: &Value, key: &str| note[key].as_str().unwrap_or_default().to_owned();
        notes
            .map(|note| {
                let [file, message, help] = ["file", "message", "help"].map(|key| text(note, key));
                format!("{file}: {message} ({help})")
            })
            .collect()
    }

    /// Checks that a build stops with this error, and returns what it says.
    #[track_caller]
    fn check_stops(&self, expected: &str) -> String {
        let run = self.run(&["build"]);
        assert_ne!(run.code, 0, "{}", run.stdout);
        assert!(run.stderr.contains(expected), "{}", run.stderr);
        run.stderr
    }
}

#[test]
fn front_matter_of_any_shape_reaches_templates() {
    let site = site(
        "{{ post.extra.harbour }}|{{ post.extra.depth + 1 }}|{{ post.extra.piers[1].name }}|\
         {% if post.extra.open %}open{% endif %}|{{ post.extra[\"my-key\"] }}|\
         {{ post.extra.nothing | default(value=\"none\") }}|{{ post.extra.html }}|\
         {% for key, value in post.extra %}{{ key }},{% endfor %}",
    )
    .file(
        "content/a.md",
        post(
            "A",
            "harbour: north\ndepth: 12\npiers: [{name: one}, {name: two}]\nopen: true\nmy-key: x\nhtml: <b>",
        ),
    );
    site.build();
    site.check_page(
        "posts/a/",
        "north|13|two|open|x|none|&lt;b&gt;|harbour,depth,piers,open,my-key,html,",
    );
}

#[test]
fn tables_of_zola_and_hugo_need_no_name() {
    let template = "{{ post.extra.harbour }}|{{ post.extra.pier }}|{{ post.extra.extra.harbour }}";
    let site = site(template).file(
        "content/a.md",
        "+++\ntitle = \"A\"\n[extra]\nharbour = \"north\"\n[params]\npier = 2\n+++\n\nWords.\n",
    );
    let run = site.build();
    assert!(!run.stdout.contains("custom-field"), "{}", run.stdout);
    site.check_page("posts/a/", "north|2|north");
}

#[test]
fn lists_show_covers_and_extra() {
    let site = Site::with_config("base_url = \"https://a.example/repo/\"\n")
        .file(
            "templates/list.html",
            "{% for post in list.posts %}{{ post.title }}={{ post.extra.harbour | default(value=\"-\") }}\
             ={{ post.cover.url | default(value=\"-\") }};{% endfor %}",
        )
        .file("content/a.md", post("A", "harbour: north\ncover: a.png"))
        .file("content/a.png", "x")
        .file("content/b.md", post("B", ""));
    site.build();
    site.check_page("", "A=north=/repo/a.png;B=-=-;");
    // What a list shows of a post is part of it.
    site.write("content/a.md", post("A", "harbour: south"));
    site.build();
    site.check_page("", "A=south=-;");
}

#[test]
fn site_has_values_of_its_own() {
    let site = Site::with_config(
        "title = \"T\"\n[extra]\nport = 3\nday = 2026-01-02\n[extra.links]\nship = [\"a\", \"b\"]\n",
    )
    .file(
        "templates/post.html",
        "{{ site.extra.port }}|{{ site.extra.day }}|{{ site.extra.links.ship | last }}",
    )
    .file("content/a.md", post("A", ""));
    site.build();
    site.check_page("posts/a/", "3|2026-01-02|b");
    site.write("site.toml", "title = \"T\"\nextra = 1\n");
    site.check_stops("`extra` takes a table");
}

#[test]
fn data_files_are_named_by_their_paths() {
    let site = site(
        "{% for one in data.team.members %}{{ one.name }},{% endfor %}|{{ data[\"my-file\"].a }}|\
         {{ data.tides[1].high | float + 1 }}",
    )
    .file("content/a.md", post("A", ""))
    .file("data/team/members.yaml", "- name: Ida\n- name: Bo\n")
    .file("data/my-file.json", "{\"a\": \"x\"}")
    .file("data/tides.csv", "day,high\n1,3.5\n2,4.5\n");
    site.build();
    site.check_page("posts/a/", "Ida,Bo,|x|5.5");
    assert!(!site.path("public/data").exists());
    // A build notices what changed, and that nothing did.
    assert!(site.build().stdout.contains("0 written"));
    site.write("data/team/members.yaml", "- name: Cy\n");
    site.build();
    site.check_page("posts/a/", "Cy,|x|");
}

#[test]
fn pages_do_not_depend_on_data_that_no_template_mentions() {
    let site = Site::new()
        .file("content/a.md", post("A", ""))
        .file("data/x.toml", "a = 1\n");
    site.build();
    site.write("data/x.toml", "a = 2\n");
    assert!(site.build().stdout.contains("0 written"));
}

#[test]
fn broken_data_stops_the_build() {
    let site = site("x")
        .file("content/a.md", post("A", ""))
        .file("data/ok.toml", "a = 1\n")
        .file("data/a.yaml", "a: 1\nb: [1,\n")
        .file("data/ok.json", "{}");
    let said = site.check_stops("data/a.yaml:");
    assert!(said.contains("data/ok.toml"), "{said}");
    assert!(said.contains("`data/ok.json`"), "{said}");
}

#[test]
fn missing_field_names_the_template_and_the_post() {
    let site = site("<p>{{ post.extra.harbour }}</p>")
        .file("content/a.md", post("A", "harbour: north"))
        .file("content/b.md", post("B", "harbuor: south"));
    let said = site.check_stops("templates/post.html:1:");
    for expected in [
        "field `harbour` is not defined",
        "the post `B` in content/b.md lacks it",
        "default(value=\"\")",
        "did you mean `harbuor`?",
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
}

#[test]
fn missing_field_in_a_list_names_the_post_too() {
    let site = Site::new()
        .file(
            "templates/list.html",
            "{% for one in list.posts %}\n{{ one.extra.harbour | upper }}{% endfor %}",
        )
        .file("content/a.md", post("A", "harbour: north"))
        .file("content/b.md", post("B", ""));
    let said = site.check_stops("templates/list.html:2:");
    assert!(
        said.contains("the post `B` in content/b.md lacks it"),
        "{said}"
    );
}

#[test]
fn template_error_of_many_posts_is_one() {
    let mut site = site("{% for one in post.extra.list %}{{ one.name }}{% endfor %}");
    for number in 0..9 {
        let lines = format!("list: [{{key{number}: 1}}]");
        let text = post(&format!("P{number}"), &lines);
        site = site.file(&format!("content/{number}.md"), text);
    }
    let said = site.check_stops("field `name` is not defined");
    assert_eq!(said.matches("field `name`").count(), 1, "{said}");
}

#[test]
fn unknown_keys_are_named_once_a_file() {
    let site = site("{{ post.extra.harbour | default(value=\"\") }}")
        .file(
            "content/a.md",
            post("A", "harbour: north\ncolour: red\nlayout: post\ntgas: x"),
        )
        .file("content/b.md", post("B", "harbour: south"))
        .file(
            "content/c.jsonl",
            "{\"title\": \"C\", \"body\": \"Words c.\", \"mood\": 1}\n\
             {\"title\": \"D\", \"body\": \"Words d.\", \"mood\": 2}\n",
        );
    let notes = site.note_custom_fields();
    assert_eq!(notes.len(), 2, "{notes:?}");
    assert!(notes[0].contains("reads: `colour`, `tgas`"), "{notes:?}");
    assert!(
        notes[0].contains("did you mean `tags` instead of `tgas`?"),
        "{notes:?}"
    );
    assert!(notes[1].starts_with("content/c.jsonl:"), "{notes:?}");
    // A template that shows a key after all takes it out of the note.
    site.write(
        "templates/list.html",
        "{% for one in list.posts %}{{ one.extra.colour | default(value=1) }}\
         {{ one.extra[\"tgas\"] | default(value=1) }}{% endfor %}",
    );
    let notes = site.note_custom_fields();
    assert_eq!(notes.len(), 1, "{notes:?}");
    site.write("site.toml", "[check]\nignore = [\"custom-field\"]\n");
    assert!(site.note_custom_fields().is_empty());
}
