//! Checks that forbidden characters reach no page and no feed, whatever field and source they come
//! from.

use pressrun_text::visible::is_unfit;
use serde_json::{Value, json};

use crate::site::{Site, between};

/// Returns characters of each kind that XML 1.0 or HTML forbids, and marks that no title keeps.
fn forbidden() -> Vec<char> {
    let controls = (0..=0x9F)
        .filter_map(char::from_u32)
        .filter(|&c| is_unfit(c));
    let others = [
        '\u{FDD0}',
        '\u{FDEF}',
        '\u{FFFE}',
        '\u{FFFF}',
        '\u{1FFFE}',
        '\u{10FFFF}',
    ];
    let unseen = ['\u{FEFF}', '\u{200B}', '\u{202D}', '\u{202E}', '\u{2067}'];
    controls.chain(others).chain(unseen).collect()
}

/// Returns a text that contains all of them, each as `spell` writes it.
fn text(name: &str, spell: impl Fn(char) -> String) -> String {
    let parts: Vec<String> = forbidden()
        .into_iter()
        .map(|c| format!("x{}", spell(c)))
        .collect();
    format!("{name}{}x", parts.concat())
}

fn raw(name: &str) -> String {
    // A file that contains NUL is not read as text.
    text(name, |c| {
        if c == '\0' {
            String::new()
        } else {
            c.to_string()
        }
    })
}

fn entities(name: &str) -> String {
    text(name, |c| format!("&#{};", u32::from(c)))
}

fn yaml(name: &str) -> String {
    format!("\"{}\"", text(name, |c| format!("\\U{:08X}", u32::from(c))))
}

fn toml(name: &str) -> String {
    format!("\"{}\"", text(name, |c| format!("\\U{:08X}", u32::from(c))))
}

/// Returns front matter with every field that a post has.
fn front_matter(fence: &str, sign: char, write: fn(&str) -> String) -> String {
    let mut text = format!("{fence}\n");
    for key in [
        "title",
        "description",
        "cover",
        "disclosure",
        "digital_source_type",
    ] {
        text += &format!("{key}{sign} {}\n", write(key));
    }
    for key in ["tags", "categories"] {
        text += &format!("{key}{sign} [{}, {}]\n", write(key), write("second"));
    }
    text + &format!("{fence}\n\n")
}

/// Returns a reply with labels.
fn labels(write: fn(&str) -> String) -> String {
    format!(
        "TITLE: {}\nMETA_DESCRIPTION: {}\nTAGS: {}, {}\nCATEGORIES: {}\n\n",
        write("title"),
        write("description"),
        write("tags"),
        write("second"),
        write("categories"),
    )
}

/// Returns a body that no other post has, and that contains the characters too.
fn body(name: &str) -> String {
    let text = |part: &str| format!("{} {}", raw(part), entities(part));
    format!(
        "## {}\n\nThe words of {name}: {}.\n\n![{}](a.png \"{}\")\n\n<b title=\"{}\">b</b> \
         [link](<https://example.com/{}>)\n\n```\n{}\n```\n",
        text("heading"),
        text("paragraph"),
        text("picture"),
        text("caption"),
        text("attribute"),
        entities("address"),
        text("code"),
    )
}

fn site() -> Site {
    let object = |name: &str| {
        let all = |field: &str| text(field, |c| c.to_string());
        json!({"title": all("title"), "description": all("description"), "tags": [all("tags")],
               "categories": [all("categories")], "cover": all("cover"), "content": body(name)})
    };
    let record = json!({"topic": text("title", |c| c.to_string()), "response": format!("The words of the record: {}.", entities("paragraph"))});
    let reply = |name: &str| labels(raw) + &body(name) + "\n-EndOFText-\n";
    let chat = json!({"messages": [{"role": "user", "content": "go"},
        {"role": "assistant", "content": reply("chat")}]});
    Site::new()
        .file(
            "content/yaml.md",
            front_matter("---", ':', yaml) + &body("yaml"),
        )
        .file(
            "content/yaml-raw.md",
            front_matter("---", ':', raw) + &body("raw yaml"),
        )
        .file(
            "content/toml.md",
            front_matter("+++", '=', toml) + &body("toml"),
        )
        .file("content/labels.txt", reply("labels"))
        .file(
            "content/entities.txt",
            labels(entities) + &body("entities") + "\n-EndOFText-\n",
        )
        .file(
            "content/heading.md",
            format!("# {}\n\n{}", entities("title"), body("heading")),
        )
        .file("content/object.json", object("object").to_string())
        .file("content/record.json", record.to_string())
        .file("content/chat.json", chat.to_string())
        .file(
            "templates/rss.xml",
            "<?xml version=\"1.0\"?>\n<own>\u{1}\u{FFFE}{% for entry in feed.entries %}\
             <a b=\"{{ entry.title }}\">{{ entry.description }}</a>{% endfor %}</own>\n",
        )
}

/// Returns every string in a value, including keys.
fn strings(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(values) => values.iter().for_each(|value| strings(value, found)),
        Value::Object(map) => {
            for (key, value) in map {
                found.push(key.clone());
                strings(value, found);
            }
        }
        _ => {}
    }
}

#[track_caller]
fn check_json(path: &str, text: &str) {
    let value: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{path}: {error}"));
    let mut found = Vec::new();
    strings(&value, &mut found);
    for text in found {
        assert_eq!(text.find(is_unfit), None, "{path}: {text:?}");
    }
}

#[test]
fn what_no_text_may_hold_reaches_no_page_and_no_feed() {
    let site = site();
    #[cfg(unix)]
    let site = site.file(
        &format!("content/{}.md", raw("title")),
        "* only\n* a\n* list of few words\n",
    );
    let run = site.build();
    let posts = if cfg!(unix) { 10 } else { 9 };
    assert!(
        run.stdout.contains(&format!(" {posts} published")),
        "{}{}",
        run.stdout,
        run.stderr
    );
    for (path, bytes) in site.public() {
        // The search index and the cards are compressed, so their bytes are not text.
        if path.starts_with("pagefind/") || path.starts_with("cards/") || path.ends_with(".woff2") {
            continue;
        }
        let text = std::str::from_utf8(&bytes).unwrap();
        let at = text.find(is_unfit);
        assert_eq!(
            at,
            None,
            "{path}: {:?}",
            at.map(|at| &text[at.saturating_sub(40)..at])
        );
        if path.ends_with(".xml") {
            roxmltree::Document::parse(text).unwrap_or_else(|error| panic!("{path}: {error}"));
        }
        if path.ends_with(".json") {
            check_json(&path, text);
        }
        if path.ends_with(".html") {
            let marks = ["<script type=\"application/ld+json\">", "</script>"];
            check_json(&path, between(text, marks[0], marks[1]));
        }
    }
}

#[test]
fn every_field_is_clean_whatever_its_source() {
    let site = site();
    site.build();
    let feed: Value = serde_json::from_str(&site.page("feed.json")).unwrap();
    let letters = "x".repeat(forbidden().len() + 1);
    let clean = |text: &Value| text.as_str().unwrap().replace(' ', "");
    let items = feed["items"].as_array().unwrap();
    assert_eq!(items.len(), 9);
    for item in items {
        let title = clean(&item["title"]).to_lowercase();
        assert_eq!(title, format!("title{letters}"), "{item}");
        for tag in item["tags"].as_array().unwrap() {
            let tag = clean(tag);
            assert!(tag.ends_with(&letters), "{tag:?}");
        }
    }
}

#[test]
fn title_cannot_turn_the_text_around_it() {
    let site = Site::new()
        .file(
            "content/a.md",
            "---\ntitle: \"سلام \\u202Egpj.exe\"\n---\nنص قصير هنا.\n",
        )
        .file(
            "content/b.md",
            "---\ntitle: \"سلام \\u2067ab\\u2069 c\\u2068d\"\n---\nنص آخر هنا.\n",
        );
    site.build();
    let feed: Value = serde_json::from_str(&site.page("feed.json")).unwrap();
    let items = feed["items"].as_array().unwrap();
    let titles: Vec<&str> = items
        .iter()
        .map(|item| item["title"].as_str().unwrap())
        .collect();
    assert_eq!(titles, ["سلام gpj.exe", "سلام \u{2067}ab\u{2069} cd"]);
}
