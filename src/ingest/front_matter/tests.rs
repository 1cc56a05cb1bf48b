//! Checks that what is written is read back.

use pressrun_posts::content_file::{FileInput, ReadSettings, read_file};
use proptest::prelude::*;

use super::*;

fn post(title: &str, body: &str) -> Post {
    Post {
        title: title.to_owned(),
        body: body.to_owned(),
        words_hash: 7,
        ..Post::default()
    }
}

const PLACE: PlannedPlace<'_> = PlannedPlace {
    file: "replies/a.txt",
    record: None,
    slug: "a",
    date: None,
};

/// Writes a text into every text field, and reads it back with the YAML library.
#[track_caller]
fn check_round_trip(text: &str) {
    let list = vec![text.to_owned(), "x".to_owned()];
    let post = Post {
        description: text.to_owned(),
        tags: list.clone(),
        categories: list,
        cover: Some(text.to_owned()),
        ..post(text, "Body.")
    };
    let place = PlannedPlace {
        file: text,
        slug: text,
        ..PLACE
    };
    let written = format_ingested_file(&post, place);
    let (yaml, body) = split_front_matter(&written).unwrap();
    assert_eq!(body, "\nBody.\n", "{written}");
    let head: Value = serde_yaml::from_str(yaml).unwrap();
    let expected = Value::String(text.to_owned());
    for key in ["tags", "categories"] {
        assert_eq!(head[key][0], expected, "{written}");
    }
    let prose = Value::String(escape_markdown(text).into_owned());
    assert_eq!(head["title"], prose, "{written}");
    if !text.is_empty() {
        assert_eq!(head["description"], prose, "{written}");
    }
    assert_eq!(head["cover"], expected, "{written}");
    assert_eq!(head["slug"], expected, "{written}");
    assert_eq!(head["source"]["file"], expected, "{written}");
    let read = parse_ingested_file(written.as_bytes()).unwrap();
    assert!(!read.edited, "{written}");
    let title = head["title"].as_str().unwrap_or_default();
    assert_eq!(read.title, hash_reply_title(&normalise_text(title)));
}

#[test]
fn strings_that_yaml_might_take_for_something_else_stay_strings() {
    for text in [
        "a: b",
        "it's \"so\"",
        "no",
        "Yes",
        "~",
        "null",
        "1e3",
        "0x1F",
        "012",
        ".inf",
        "1_000",
        "2024-01-01",
        "12:30:45",
        "🎉 party",
        "@handle",
        "`code`",
        "- item",
        "? x",
        "# no",
        "a #b",
        "&a",
        "*a",
        "!tag",
        "%x",
        "|",
        ">",
        "{{ x }}",
        "[a, b]",
        "{a: b}",
        "---",
        "a --- b",
        "...",
        "",
        " ",
        " lead",
        "trail ",
        "\ttab",
        "two\nlines",
        "\n",
        "a\n\n",
        "\n---\n",
        "  hash: x",
        "a\n  hash: 0\nsource:\n  file: x",
        "\u{0}",
        "\u{7}\u{1b}",
        "\u{feff}bom",
        "a\u{2028}b",
        "\u{2029}",
        "a\u{85}b",
        "a\rb",
        "a\r\nb",
        "\\n",
        "\u{a0}",
        "ends\n ",
        " \n x",
        "#",
        "<<",
        "=",
        "é\u{301}",
        "\u{10ffff}",
        "\u{e000}",
    ] {
        check_round_trip(text);
    }
    check_round_trip(&"long ".repeat(2000));
    check_round_trip(&"x".repeat(10_000));
    check_round_trip(&"a: 'b' \"c\"\n".repeat(1000));
}

#[test]
fn file_is_front_matter_in_a_fixed_order_and_the_body() {
    let post = Post {
        description: "About: a".to_owned(),
        tags: vec!["no".to_owned(), "1e3".to_owned()],
        categories: vec!["News".to_owned()],
        updated: Some(Date::constant(2026, 2, 1).into()),
        draft: true,
        cover: Some("/a.png".to_owned()),
        cover_alt: Some("A bridge".to_owned()),
        disclosure: Some("false".to_owned()),
        digital_source_type: Some("humanEdits".to_owned()),
        ..post("A", "\n    code\n\ntext\n\n")
    };
    let place = PlannedPlace {
        record: Some(3),
        date: Some(Date::constant(2026, 1, 2).into()),
        ..PLACE
    };
    let reply = hash_to_yaml(hash_reply(&post));
    let text = format_ingested_file(&post, place);
    let hash = text
        .split("  hash: ")
        .nth(1)
        .unwrap()
        .lines()
        .next()
        .unwrap();
    let expected = format!(
        "---\ntitle: A\ndescription: 'About: a'\ntags:\n- 'no'\n- '1e3'\ncategories:\n- News\n\
         date: 2026-01-02\nupdated: 2026-02-01\nslug: a\ndraft: true\ncover: /a.png\ncover_alt: A bridge\n\
         disclosure: 'false'\ndigital_source_type: humanEdits\n\
         source:\n  file: replies/a.txt\n  record: 3\n  reply: {reply}\n  \
         words: '00000000000000000000000000000007'\n  hash: {hash}\n---\n\n    code\n\ntext\n"
    );
    assert_eq!(text, expected);
}

#[test]
fn file_says_what_it_was_written_with() {
    let post = post("A", "Text.");
    let place = PlannedPlace {
        record: Some(3),
        date: Some(Date::constant(2026, 1, 2).into()),
        ..PLACE
    };
    let expected = WrittenOrigin {
        file: "replies/a.txt".to_owned(),
        record: Some(3),
        id: None,
        request: None,
        cut_off: false,
        reply: hash_reply(&post),
        words: 7,
        title: hash_reply_title("A"),
        slug: "a".to_owned(),
        date: place.date,
        edited: false,
        draft: false,
    };
    assert_eq!(
        parse_ingested_file(format_ingested_file(&post, place).as_bytes()),
        Some(expected)
    );
}

#[test]
fn what_changes_nothing_for_a_reader_is_not_an_edit() {
    let text = format_ingested_file(&post("Title: é", "The text.\n\n---\n\nMore."), PLACE);
    let utf16 = |text: &str| -> Vec<u8> {
        let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
        units.flat_map(u16::to_le_bytes).collect()
    };
    for bytes in [
        text.replace('\n', "\r\n").into_bytes(),
        format!("\u{FEFF}{text}").into_bytes(),
        format!("\u{FEFF}{}", text.replace('\n', "\r\n")).into_bytes(),
        format!("\u{FEFF}\u{FEFF}{text}").into_bytes(),
        text.replace('\n', "\r").into_bytes(),
        utf16(&text),
        text.trim_end().into(),
        format!("{text}\n\n").into_bytes(),
        format!("\n{text}").into_bytes(),
        text.replacen("\n---\n", "\n--- \n", 1).into_bytes(),
    ] {
        let shown = String::from_utf8_lossy(&bytes).into_owned();
        let written = parse_ingested_file(&bytes).unwrap_or_else(|| panic!("{shown}"));
        assert!(!written.edited, "{shown}");
        assert_eq!(written.title, hash_reply_title("Title: é"), "{shown}");
    }
}

#[test]
fn file_is_known_whatever_an_editor_does_to_its_keys() {
    let text = format_ingested_file(
        &post("Title", "The text."),
        PlannedPlace {
            record: Some(17),
            ..PLACE
        },
    );
    let known = parse_ingested_file(text.as_bytes()).unwrap();
    let source = &text[text.find("source:").unwrap()..text.find("\n---\n\n").unwrap()];
    let value = |key: &str| {
        let line = source
            .lines()
            .find(|line| line.trim_start().starts_with(key));
        line.unwrap()
            .split(": ")
            .nth(1)
            .unwrap()
            .trim_matches('\'')
            .to_owned()
    };
    let [reply, words, hash] = ["reply", "words", "hash"].map(value);
    for head in [
        format!("{source}\ntitle: Title\nslug: a"),
        format!("{source}\nslug: a\ntitle: \"Title\"\n# a remark"),
        format!(
            "title: 'Title'\nsource: {{file: replies/a.txt, record: \"17\", reply: {reply:?}, words: {words:?}, hash: {hash:?}}}\nslug: a"
        ),
        format!("{}\ntitle: Title\nslug: a", source.replace('\'', "")),
        format!(
            "\"title\": \"Title\"\n\"slug\": \"a\"\n{}",
            source.replace("source:", "\"source\":")
        ),
    ] {
        let edited = format!("---\n{head}\n---\n\nThe text.\n");
        let written = parse_ingested_file(edited.as_bytes()).unwrap_or_else(|| panic!("{edited}"));
        assert!(written.edited, "{edited}");
        assert_eq!(
            WrittenOrigin {
                edited: false,
                draft: false,
                ..written
            },
            known,
            "{edited}"
        );
    }
    let broken = format!("---\n{source}\ntitle: broken: yaml:\n---\n\nThe text.\n");
    assert_eq!(
        parse_ingested_file(broken.as_bytes()).unwrap().reply,
        known.reply
    );
}

#[test]
fn any_edit_is_seen() {
    let text = format_ingested_file(&post("Title", "The text.\n\n---\n\nMore."), PLACE);
    for edited in [
        text.replace("Title", "Better title"),
        text.replace("The text", "The better text"),
        text.replace("\nslug: a", "\nslug: a\ndraft: true"),
        text.replace("\nslug: a", "\nslug: \"a\""),
        text.replace("title:", "title: broken: yaml:"),
        text.replace("  hash: ", "  note: x\n  hash: "),
        text.replace("  hash: ", "  hash: x"),
        format!("{text}\nPS."),
    ] {
        let written = parse_ingested_file(edited.as_bytes()).unwrap_or_else(|| panic!("{edited}"));
        assert!(written.edited, "{edited}");
        assert_eq!(written.file, "replies/a.txt");
    }
}

#[test]
fn foreign_files_are_not_ours() {
    for text in [
        "",
        "Text.",
        "---\ntitle: A\n---\n\nText.",
        "---\ntitle: A\nsource: https://example.com/\n---\n\nText.",
        "---\ntitle: A\nsource:\n  file: a\n---\n\nText.",
        "---\nsource:\n- hash\n---\n",
        "Text.\n\n---\nsource:\n  file: a\n  reply: b\n  hash: c\n---\n",
    ] {
        assert_eq!(parse_ingested_file(text.as_bytes()), None, "{text}");
    }
}

#[test]
fn derived_slug_is_not_part_of_the_reply_but_a_given_one_is() {
    let with = |slug: &str, origin| {
        let mut post = Post {
            slug: slug.to_owned(),
            ..post("A", "Text.")
        };
        post.origins.slug = origin;
        hash_reply(&post)
    };
    assert_eq!(
        with("a", FieldSource::Derived),
        with("a-2", FieldSource::Derived)
    );
    assert_ne!(
        with("a", FieldSource::Header),
        with("b", FieldSource::Header)
    );
}

#[test]
fn fields_of_a_reply_do_not_run_into_each_other() {
    let with = |tags: &[&str], categories: &[&str]| {
        let list = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        hash_reply(&Post {
            tags: list(tags),
            categories: list(categories),
            ..Post::default()
        })
    };
    assert_ne!(with(&["a", "b"], &[]), with(&["a"], &["b"]));
    assert_ne!(with(&["ab"], &[]), with(&["a", "b"], &[]));
}

#[test]
fn value_that_moves_to_another_field_changes_the_reply() {
    let value = || Some("digitalCapture".to_owned());
    let [none, label, term] = [(None, None), (value(), None), (None, value())].map(
        |(disclosure, digital_source_type)| {
            hash_reply(&Post {
                disclosure,
                digital_source_type,
                ..post("A", "Text.")
            })
        },
    );
    assert!(none != label && label != term && none != term);
}

/// Returns any front matter that has a title.
fn front_matter() -> impl Strategy<Value = serde_json::Value> {
    let keys = proptest::sample::select(vec![
        "subtitle",
        "description",
        "summary",
        "tags",
        "tag",
        "keywords",
        "categories",
        "date",
        "pubDate",
        "updated",
        "expires",
        "permalink",
        "url",
        "aliases",
        "alias",
        "authors",
        "author",
        "language",
        "lang",
        "translationKey",
        "ref",
        "cover",
        "image",
        "canonical",
        "series",
        "weight",
        "order",
        "noindex",
        "robots",
        "draft",
        "status",
        "published",
        "source",
        "layout",
        "x",
        "a b",
        "no",
        "1",
        "title_",
        "Tags",
    ]);
    let scalar = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|value| json!(value)),
        any::<i64>().prop_map(|value| json!(value)),
        any::<f64>().prop_map(|value| json!(value)),
        "[a-z/]{0,6}".prop_map(|value| json!(value)),
        "[-a-zA-Z0-9 :'\"/#,\\\\n]{0,12}".prop_map(|value| json!(value)),
        proptest::sample::select(vec![
            "2024-05-01",
            "2024-05-01T10:00Z",
            "/a/b/",
            "de",
            "true",
            "noindex",
            "private"
        ])
        .prop_map(|value| json!(value)),
    ];
    let value = scalar.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            proptest::collection::btree_map("[a-z]{2,4}|name|src|", inner, 0..4)
                .prop_map(|map| { map.into_iter().collect() }),
        ]
    });
    proptest::collection::btree_map(keys, value, 0..8).prop_map(|map| {
        let mut front: serde_json::Map<String, serde_json::Value> = map
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect();
        front.insert("title".to_owned(), json!("A Title"));
        front.into()
    })
}

/// Reads the only post of a text.
fn read_post(text: &str) -> Post {
    let input = FileInput {
        path: "a.md".into(),
        bytes: text.into(),
    };
    let mut result = read_file(&input, &ReadSettings::default());
    assert_eq!(result.posts.len(), 1, "{text}\n{:#?}", result.diagnostics);
    result.posts.remove(0)
}

/// Checks that a post with this front matter is the same when it is read from its file.
#[track_caller]
fn check_post_round_trip(front: &serde_json::Value) {
    let post = read_post(&format!("{front}\n\nThe text of it.\n"));
    let place = PlannedPlace {
        slug: &post.slug,
        date: post.stated_date(),
        ..PLACE
    };
    let written = format_ingested_file(&post, place);
    let again = read_post(&written);
    let comparable = |post: &Post| {
        // Objects of JSON have no order.
        let extra = extras_to_json(&post.extra);
        let post = Post {
            source: pressrun_posts::post::PostSource::default(),
            origins: pressrun_posts::post::FieldSources::default(),
            body_lines: pressrun_posts::post::LineMap::default(),
            extra: Vec::new(),
            // It covers `extra` in its order.
            text_hash: 0,
            ..post.clone()
        };
        (post, extra)
    };
    assert_eq!(comparable(&again), comparable(&post), "{written}");
}

#[test]
fn every_field_is_read_back() {
    check_post_round_trip(&json!({
        "title": "A", "subtitle": "b: c", "description": "d", "tags": ["e", "no"],
        "categories": ["News"], "authors": ["F", "G, H"], "date": "2024-05-01 09:30 +02:00",
        "updated": "2024-05-02", "expires": "2025-01-01", "slug": "i", "permalink": "/j/k/",
        "aliases": ["/l/", "m/n"], "language": "en", "translation_key": "r_s: t", "draft": true, "noindex": true,
        "cover": "/_o_.png", "cover_alt": "p", "canonical": "https://a.example/q_r_s",
        "series": "1984", "weight": -3, "disclosure": false, "digital_source_type": "t",
    }));
    check_post_round_trip(&json!({"title": "A", "date": "2024-05-01 09:30"}));
    check_post_round_trip(&json!({"title": "A", "author": "B, C", "permalink": "d/e.html"}));
}

#[test]
fn other_front_matter_is_read_back() {
    check_post_round_trip(&json!({
        "title": "A", "layout": "post", "source": {"file": "x"}, "n": [1, -1.5, 1e300, true, null, "1"],
        "o": {"p": {}, "q": [], "r": [[["s"]], {"t": "u\nv"}], "": "", "- w": "x: y"}, "no": "no",
        "two\nlines": 1, "z": "k".repeat(2000), "k".repeat(2000): 1,
    }));
}

#[test]
fn spellings_of_one_key_do_not_clash() {
    check_post_round_trip(&json!({
        "title": ["a", "b"], "headline": "C", "description": "", "summary": "d", "tag": "e",
        "tags": {}, "tags_": [], "aliases": ["/f/", "g"], "source": "h", "date": "soon",
        "created": "2024-05-01", "weight": "heavy", "weight_": 1,
    }));
}

proptest! {
    #[test]
    fn every_string_is_read_back_as_it_was_written(text in any::<String>()) {
        check_round_trip(&text);
    }

    #[test]
    fn every_post_is_read_back(front in front_matter()) {
        check_post_round_trip(&front);
    }

    #[test]
    fn every_string_of_awkward_parts_is_read_back(
        parts in proptest::collection::vec(
            prop_oneof![
                Just("\n"), Just("---"), Just(": "), Just(" "), Just("\t"), Just("'"),
                Just("\""), Just("#"), Just("  hash: "), Just("source:"), Just("x"),
                Just("\u{2028}"), Just("\r"), Just("-"), Just("…"), Just("\u{1}"),
            ],
            0..12,
        )
    ) {
        check_round_trip(&parts.concat());
    }
}
