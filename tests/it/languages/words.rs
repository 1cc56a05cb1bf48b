//! Tests the words of the theme: which there are, where they come from, and that each page is in one language.

use std::collections::BTreeSet;

use pressrun_locale::locale::Locale;
use pressrun_locale::messages::{Messages, bundled_file, list_languages, parse_message_file};
use pressrun_markdown::BodyWords;
use regex::Regex;

use crate::site::Site;

/// Returns the texts of the files that show words.
fn sources() -> Vec<String> {
    let folders = [
        "templates",
        "crates/pressrun-site/src/render",
        "crates/pressrun-markdown/src",
        "src/report",
        "src/preview",
    ];
    let files = folders.into_iter().flat_map(walkdir::WalkDir::new);
    let files = files
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().is_file());
    files
        .map(|entry| std::fs::read_to_string(entry.path()).unwrap())
        .collect()
}

#[test]
fn every_message_is_shown_somewhere() {
    let sources = sources();
    for key in Messages::default().site_words().keys() {
        let (group, name) = key.split_once('.').unwrap_or(("", key));
        // A key may be put together: from the group that a module shows, or from the kind of a list.
        let names = [format!("\"{key}\""), format!("\"{name}\"")];
        let kinds = [
            "no_tags",
            "no_categories",
            "tag",
            "category",
            "author",
            "series",
        ];
        let is_shown = |text: &String| names.iter().any(|name| text.contains(name));
        assert!(
            kinds.contains(&key) || sources.iter().any(is_shown),
            "nothing shows `{name}` of the group `{group}`"
        );
    }
}

#[test]
fn every_word_that_is_asked_for_is_a_message() {
    let words = Messages::default().site_words();
    let asked = Regex::new(r#"message\(\s*key="([a-z_.]+)"[,)]"#).unwrap();
    let mut count = 0;
    for text in sources() {
        for found in asked.captures_iter(&text) {
            assert!(words.keys().any(|key| key == &found[1]), "{}", &found[1]);
            count += 1;
        }
    }
    assert!(count > 150, "{count}");
}

#[test]
fn the_files_of_the_program_have_every_message_in_every_plural_form() {
    let english = Messages::default().site_words();
    for tag in list_languages() {
        let (_, unknown) = parse_message_file(bundled_file(tag).unwrap())
            .unwrap_or_else(|faults| panic!("{tag}: {faults:#?}"));
        assert_eq!(unknown, [], "{tag}");
        let messages = Messages::new(tag, Vec::new());
        assert_eq!(messages.list_missing(tag), Some(Vec::new()), "{tag}");
        let words = messages.site_words();
        let locale = Locale::for_tag(tag);
        for key in english.keys() {
            let forms = words.list_forms(key);
            assert!(
                forms.iter().all(|(_, text)| !text.trim().is_empty()),
                "{tag}: {key}"
            );
            if english.list_forms(key).len() == 1 {
                assert_eq!(
                    forms.len(),
                    1,
                    "{tag}: {key} has plural forms, which need `count`"
                );
                continue;
            }
            // A form that no count has is a mistake, as is one that is missing.
            let used: BTreeSet<&str> = (0..2000)
                .chain([1_000_000, 2_000_000])
                .map(|count| locale.plural_category(count).name())
                .chain(["other"])
                .collect();
            let found: BTreeSet<&str> = forms.iter().map(|(name, _)| *name).collect();
            assert_eq!(found, used, "{tag}: {key}");
        }
    }
}

/// Returns a site whose own words are in no language.
fn site(language: &str) -> Site {
    let config = format!(
        "title = \"Zzyx\"\nlanguage = \"{language}\"\nbase_url = \"https://a.example/repo/\"\n\
         [author]\nname = \"Qqo\"\n[lists]\nper_page = 2\n[authors.wwv]\nname = \"Wwv\"\n"
    );
    let post = |number: usize, head: &str| {
        format!(
            "---\ntitle: Xq{number}\ndate: 2026-0{number}-11\ntags: [kkz, vvj]\ncategories: [Ggw]\n{head}---\n\n\
             ## Jjh[^1]\n\nPpf {number} bbq.\n\n- [x] ttz\n- [ ] rrw\n\n> [!NOTE]\n> ffy\n\n|mmd|\n|-|\n|nnk|\n\n\
             ## Hhc\n\nCcl\n\n[^1]: ddx\n"
        )
    };
    Site::with_config(&config)
        .file("content/1.md", post(1, "author: [Wwv, Qqo]\nseries: Sse\n"))
        .file(
            "content/2.md",
            post(2, "author: Wwv\nseries: Sse\nupdated: 2026-05-05\n"),
        )
        .file("content/3.md", post(3, ""))
        .file("content/4.md", post(4, ""))
}

/// Returns the texts of a page that people see or hear, without those of its author.
fn visible_texts(html: &str) -> Vec<String> {
    let attribute =
        Regex::new(r#" (?:aria-label|title|data-[a-z]+|content|alt|value)="([^"]*)""#).unwrap();
    let code = Regex::new(r"(?s)<style.*?</style>|<script[^>]*>.*?</script>").unwrap();
    // Words of a vocabulary, not of a language.
    let kind = Regex::new(r#"<meta property="og:type"[^>]*>"#).unwrap();
    let tag = Regex::new(r"<[^>]*>").unwrap();
    let html = kind.replace_all(html, "");
    let attributes = attribute.captures_iter(&html);
    let attributes = attributes.map(|found| found[1].to_owned());
    let body = code.replace_all(&html, "");
    let texts: Vec<String> = tag.split(&body).map(str::to_owned).collect();
    attributes.chain(texts).collect()
}

#[test]
fn pages_hold_no_word_of_another_language() {
    let languages: Vec<&str> = list_languages().collect();
    let words_of = |tag: &str| -> BTreeSet<String> {
        let words = Messages::new(tag, Vec::new()).site_words();
        let keys: Vec<String> = words.keys().map(str::to_owned).collect();
        let texts = keys.iter().flat_map(|key| words.list_forms(key));
        let place = Regex::new(r"\{[a-z_]+\}").unwrap();
        texts
            .flat_map(|(_, text)| {
                let parts: Vec<String> = place
                    .split(&text)
                    .map(|part| part.trim().to_owned())
                    .collect();
                parts
            })
            .filter(|part| part.chars().filter(|c| c.is_alphabetic()).count() > 2)
            .collect()
    };
    for tag in &languages {
        let own = words_of(tag);
        let others: BTreeSet<String> = languages
            .iter()
            .filter(|other| *other != tag)
            .flat_map(|other| words_of(other))
            .filter(|word| !own.iter().any(|own| own.contains(word.as_str())))
            .collect();
        let site = site(tag);
        site.build();
        let mut shown = BTreeSet::new();
        for (path, bytes) in site.public() {
            if !path.ends_with(".html") {
                continue;
            }
            let html = String::from_utf8(bytes).unwrap();
            assert!(
                html.contains(&format!("<html lang=\"{tag}\"")),
                "{tag}: {path}"
            );
            for text in visible_texts(&html) {
                let text = text.trim();
                assert!(!others.contains(text), "{tag}: {path}: {text}");
                if own.contains(text) {
                    shown.insert(text.to_owned());
                }
            }
        }
        assert!(shown.len() > 25, "{tag}: {shown:#?}");
    }
}

#[test]
fn site_has_words_of_its_own_and_is_told_which_are_missing() {
    let site = site("xx")
        .file("i18n/xx.toml", "tags = \"Qqtags\"\nposts = { one = \"{count} qqpost\", other = \"{count} qqposts\" }\n")
        .file("i18n/notes.txt", "");
    let built = site.build_with(&["--verbose"]);
    let said = built.stderr + &built.stdout;
    assert!(
        said.contains("i18n/xx.toml") && said.contains("missing-message"),
        "{said}"
    );
    assert!(said.contains("i18n/notes.txt"), "{said}");
    let tags = site.page("tags/index.html");
    assert!(
        tags.contains("<h1>Qqtags</h1>") && tags.contains(">Archive</a>"),
        "{tags}"
    );
    assert!(site.page("tags/kkz/index.html").contains("4 qqposts"));

    // A word that no template shows is named, with the one that may be meant.
    site.write("i18n/xx.toml", "tagz = \"Qqtags\"\nshop = \"Shop\"\n");
    site.write(
        "templates/partials/footer.html",
        "<footer>{{ message(key=\"shop\") }}</footer>",
    );
    let built = site.build_with(&["--verbose"]);
    let said = built.stderr + &built.stdout;
    assert!(
        said.contains("i18n/xx.toml:1:8") && said.contains("did you mean `tag"),
        "{said}"
    );
    assert!(!said.contains("`shop`"), "{said}");
    assert!(site.page("index.html").contains("<footer>Shop</footer>"));

    site.write("i18n/xx.toml", "tags = \"{cuont}\"\n");
    let failed = site.run(&["build"]);
    assert_eq!(failed.code, 1, "{}", failed.stderr);
    assert!(
        failed.stderr.contains("i18n/xx.toml:1:8"),
        "{}",
        failed.stderr
    );
    site.write("i18n/xx.toml", "shop = \"x\"\n");
    site.write(
        "templates/partials/footer.html",
        "{{ message(key=\"shap\") }}",
    );
    let failed = site.run(&["build"]);
    assert!(
        failed.stderr.contains("did you mean `shop`?"),
        "{}",
        failed.stderr
    );
    assert!(
        failed.stderr.contains("templates/partials/footer.html:1:"),
        "{}",
        failed.stderr
    );
}

#[test]
fn message_files_are_copied_one_by_one_and_change_nothing() {
    let site = site("en");
    site.build();
    let before = site.public();
    let listed = site.run(&["theme"]);
    for tag in list_languages() {
        assert!(
            listed.stdout.contains(&format!("i18n/{tag}.toml\n")),
            "{}",
            listed.stdout
        );
    }
    let run = site.run(&["theme", "--export"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(!site.path("i18n").exists());
    let run = site.run(&["theme", "--export", "i18n/en.toml"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let built = site.build_with(&["--verbose"]);
    assert!(!built.stderr.contains("-message"), "{}", built.stderr);
    assert!(site.public() == before);
}

#[test]
fn english_of_bodies_is_that_of_the_message_file() {
    let words = Messages::default().site_words();
    let of_file = BodyWords::new(|key| words.text_with_places(key).into());
    assert_eq!(&of_file, BodyWords::english());
}

#[test]
fn footnotes_have_their_numbers_in_the_language_of_the_text() {
    for (language, reference, back) in [
        ("en", "Footnote 1", "Back to reference 1"),
        ("de", "Fußnote 1", "Zurück zu Verweis 1"),
    ] {
        let site = site(language);
        site.build();
        let page = site.page("posts/xq1/index.html");
        for name in [reference, back] {
            let attribute = format!("aria-label=\"{name}\"");
            assert!(page.contains(&attribute), "{attribute}: {page}");
        }
    }
}
