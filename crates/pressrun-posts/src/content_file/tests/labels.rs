//! R3.1, R6.1 to R6.5, R7: labels and prompts, in several languages.

use super::*;

/// Checks the title, description, tags and body of the only post of a text, and the codes of
/// warnings and errors.
#[track_caller]
fn check_post(text: &str, [title, description, tags, body]: [&str; 4], expected: &[&str]) -> Post {
    let result = read("a-file.md", text);
    assert_eq!(
        codes(&result),
        expected,
        "{text}\n{:#?}",
        result.diagnostics
    );
    let post = result.posts.into_iter().next().expect("a post");
    let tags_read = post.tags.join("|");
    let read = [&*post.title, &post.description, &tags_read, &post.body];
    assert_eq!(read, [title, description, tags, body], "{text}");
    post
}

#[test]
fn r8_10_a_long_dash_is_a_rule_wherever_one_is_looked_for() {
    let header = "TITLE: Moss\nTAGS: moss, stone\nDESCRIPTION: Green.";
    check_post(
        &format!("⸻\n\n{header}\n⸻\n\nIt grows.\n\n⸻\n\n-EndOFText-\n\n⸻"),
        ["Moss", "Green.", "moss|stone", "It grows."],
        &[],
    );
}

#[test]
fn r6_4_list_items_may_have_bullet_characters() {
    for tags in ["TAGS:\n• moss\n• stone", "TAGS:\n\n●\tmoss\n●\tstone"] {
        check_post(
            &format!("TITLE: Moss\nDESCRIPTION: Green.\n{tags}\n\nIt grows.\n\n-EndOFText-"),
            ["Moss", "Green.", "moss|stone", "It grows."],
            &[],
        );
    }
    check_post(
        "# Title\n\nMoss\n\n## Meta Description\n\nGreen.\n\n## Tags\n\n• moss\n• stone\n\n## Content\n\nIt grows.\n\n-EndOFText-",
        ["Moss", "Green.", "moss|stone", "It grows."],
        &[],
    );
}

/// Returns the lines of the labels that were dropped.
fn ignored(text: &str) -> Vec<u32> {
    let result = read("a-file.md", text);
    let found = result.diagnostics.iter();
    found
        .filter(|found| found.code == Code::IgnoredField)
        .filter_map(|found| found.place.line)
        .collect()
}

#[test]
fn r6_1_labels_have_names_in_sixteen_languages() {
    for (text, title, description, tags) in [
        (
            "TITEL: Moos\nKURZBESCHREIBUNG: Grün.\nSTICHWÖRTER: Wald, Stein",
            "Moos",
            "Grün.",
            "Wald|Stein",
        ),
        (
            "TITEL: Mos\nSAMENVATTING: Groen.\nLABELS: bos, steen",
            "Mos",
            "Groen.",
            "bos|steen",
        ),
        (
            "Titre : Mousse\nChapô : Vert.\nÉtiquettes : bois, pierre",
            "Mousse",
            "Vert.",
            "bois|pierre",
        ),
        (
            "Título: Musgo\nExtracto: Verde.\nEtiquetas: bosque, piedra",
            "Musgo",
            "Verde.",
            "bosque|piedra",
        ),
        (
            "TITULO: Musgo\nRESUMO: Verde.\nMARCADORES: mata, pedra",
            "Musgo",
            "Verde.",
            "mata|pedra",
        ),
        (
            "Titolo: Muschio\nEstratto: Verde.\nEtichette: bosco, pietra",
            "Muschio",
            "Verde.",
            "bosco|pietra",
        ),
        (
            "Tytuł: Mech\nOpis: Zielony.\nTagi: las, kamień",
            "Mech",
            "Zielony.",
            "las|kamień",
        ),
        (
            "Название: Мох\nОписание: Зелёный.\nМетки: лес, камень",
            "Мох",
            "Зелёный.",
            "лес|камень",
        ),
        (
            "BAŞLIK: Yosun\nAÇIKLAMA: Yeşil.\nETİKETLER: orman, taş",
            "Yosun",
            "Yeşil.",
            "orman|taş",
        ),
        (
            "Judul: Lumut\nDeskripsi: Hijau.\nLabel: hutan, batu",
            "Lumut",
            "Hijau.",
            "hutan|batu",
        ),
        (
            "العنوان: طحلب\nالوصف: أخضر.\nالوسوم: غابة, حجر",
            "طحلب",
            "أخضر.",
            "غابة|حجر",
        ),
        (
            "शीर्षक: काई\nविवरण: हरी।\nटैग: वन, पत्थर",
            "काई",
            "हरी।",
            "वन|पत्थर",
        ),
        ("標題：苔\n簡介：綠。\n標籤：林、石", "苔", "綠。", "林|石"),
        ("題名：苔\n概要：緑。\nタグ：森、石", "苔", "緑。", "森|石"),
        (
            "제목: 이끼\n요약: 초록.\n태그: 숲, 돌",
            "이끼",
            "초록.",
            "숲|돌",
        ),
        (
            "Headline: Moss\nExcerpt: Green.\nTag: wood, stone",
            "Moss",
            "Green.",
            "wood|stone",
        ),
    ] {
        let text = format!("{text}\n\nMoss grows.\n\n-EndOFText-");
        check_post(&text, [title, description, tags, "Moss grows."], &[]);
    }
}

#[test]
fn r6_1_a_header_has_names_of_english_and_one_other_language() {
    let post = check_post(
        "TITEL: Moos\nMETA DESCRIPTION: Grün.\nTAGS: Wald\nSLUG: moos-im-wald\n\nMoos wächst.\n\n-EndOFText-",
        ["Moos", "Grün.", "Wald", "Moos wächst."],
        &[],
    );
    assert_eq!(post.slug, "moos-im-wald");
    // `DATA` is Italian, Polish and Portuguese, `DATUM` German and Dutch: no names below `TITLE`.
    for name in ["DATA", "DATUM"] {
        let text =
            format!("TITLE: Moss\nTAGS: wood\n{name}: 2024-05-06\n\nMoss grows.\n\n-EndOFText-");
        let post = one(&text);
        assert_eq!(
            (post.date, post.body.as_str()),
            (None, "Moss grows."),
            "{name}"
        );
        assert_eq!(ignored(&text), [3]);
    }
    let text = "TYTUŁ: Mech\nTAGI: las\nDATA: 2024-05-06\n\nMech rośnie.\n\n-EndOFText-";
    assert_eq!(one(text).date.unwrap().to_string(), "2024-05-06");
    let text = "TITEL: Moos\nSCHLAGWÖRTER: Wald\nDATA: 2024-05-06\n\nMoos wächst.\n\n-EndOFText-";
    assert_eq!(one(text).date, None);
}

#[test]
fn r6_1_marks_emoji_and_remarks_around_names() {
    for header in [
        "✍️ TITLE (H1): Moss\n🔖 TAGS [3 at most]: wood, stone",
        "> **Title**: Moss\n> **Tags**: wood, stone",
        "1️⃣ **Title:** Moss\n2️⃣ **Tags:** wood, stone",
        "• Title: Moss\n• Tags: wood, stone",
        "## `Title:` Moss\n## `Tags:` wood, stone",
        "_Title: Moss_\n_Tags: wood, stone_",
        "Title\u{a0}: Moss\nTags\u{202f}: wood, stone",
        "Blog Post Title: Moss\nArticle Tags: wood, stone",
    ] {
        let text =
            format!("{header}\nDescription (155 characters): Green.\n\nMoss grows.\n\n-EndOFText-");
        let post = one(&text);
        assert_eq!(
            (&*post.title, post.tags.join("|")),
            ("Moss", "wood|stone".to_owned()),
            "{header}"
        );
    }
}

#[test]
fn r6_1_several_labels_on_a_line() {
    let text = "TITLE: Moss · TAGS: wood, stone\n**Author:** Ida Berg | **Mood:** calm | **Category:** News\n\nMoss grows | it does.\n\n-EndOFText-";
    let post = check_post(
        text,
        [
            "Moss",
            "Moss grows | it does.",
            "wood|stone",
            "Moss grows | it does.",
        ],
        &[],
    );
    assert_eq!(
        (post.authors, post.categories),
        (vec!["Ida Berg".to_owned()], vec!["News".to_owned()])
    );
    assert_eq!(ignored(text), [2]);
    // A line with one known label is not such a line.
    let post = one("TITLE: Moss | Mood: calm\nTAGS: a\n\nMoss grows.\n\n-EndOFText-");
    assert_eq!(post.title, "Moss | Mood: calm");
}

#[test]
fn r6_1_fields_of_authors_drafts_and_changes() {
    let post = one(
        "TITLE: Moss\nSUBTITLE: In the *wood*\nAUTHORS: Ida Berg, Jo\nUPDATED: 6 May 2024\nSTATUS: Draft\nTAGS: a\n\nMoss grows.\n\n-EndOFText-",
    );
    assert_eq!(post.subtitle.as_deref(), Some("In the wood"));
    assert_eq!(
        (post.authors.join("|"), post.draft),
        ("Ida Berg|Jo".to_owned(), true)
    );
    assert_eq!(post.updated.unwrap().date.to_string(), "2024-05-06");
    let post = one(
        "TITLE: Moss\nWRITTEN BY: Berg, Ida Jr.\nSTATUS: published\nDRAFT: no\nTAGS: a\n\nMoss grows.\n\n-EndOFText-",
    );
    assert_eq!(
        (post.authors.join("|"), post.draft),
        ("Berg, Ida Jr.".to_owned(), false)
    );
    for value in ["true", "Yes", "ON", "1"] {
        let text = format!("TITEL: Moos\nENTWURF: {value}\nTAGS: a\n\nMoos wächst.\n\n-EndOFText-");
        assert!(one(&text).draft, "{value}");
    }
}

#[test]
fn r11_8_only_the_english_plural_names_several_authors() {
    let post = one("JUDUL: Moss\nPENULIS: Ida Berg, Jo\nTAG: a\n\nMoss grows.\n\n-EndOFText-");
    assert_eq!(post.authors, ["Ida Berg, Jo"]);
    let post = one("TITLE: Moss\nAUTHORS:\n- Ida Berg\n- Jo\n\nMoss grows.\n\n-EndOFText-");
    assert_eq!(post.authors, ["Ida Berg", "Jo"]);
}

#[test]
fn r6_4_a_line_below_an_empty_label_of_another_field_is_text() {
    for label in ["SEO_TITLE", "SUBTITLE", "UPDATED", "AUTHOR", "LANGUAGE"] {
        let text = format!("TITLE: Moss\nTAGS: a\n{label}:\nMoss grows.\n\n-EndOFText-");
        check("a.md", &text, &[("Moss", "Moss grows.")], &[]);
    }
}

#[test]
fn r6_4_a_value_ends_before_a_heading_of_any_form() {
    for heading in ["## Fern", "<h2>Fern</h2>", "Fern\n===="] {
        let body = format!("{heading}\n\nMoss grows.");
        let text = format!("TITLE: Moss\nDESCRIPTION: Soft\n{body}\n\n-EndOFText-");
        let post = one(&text);
        assert_eq!((&*post.description, &*post.body), ("Soft", &*body));
    }
}

#[test]
fn r6_2_labels_of_texts_in_other_languages_start_no_header() {
    for text in [
        "# Ein Saal\n\nAuf dem Schild steht:\n\nTitel: Moos\nDatum: um 1700\nInhalt: Farbe\n\nMehr nicht.",
        "# Une salle\n\nSur le mur :\n\nTitre : Mousse\nDate : vers 1700\nAuteur : Zoé\n\nRien de plus.",
        "# Una sala\n\nNel muro:\n\nTitolo: Muschio\nTags: a\n\nAltro.",
    ] {
        let post = &read("a.md", text).posts[0];
        let starts = text.contains("Tags");
        assert_eq!(post.title != "Muschio", !starts, "{text}");
        assert_eq!(post.body.contains("\n\nTit"), !starts, "{text}");
    }
    check(
        "a.md",
        "TITEL: Moos\nTAGS: a\n\nMoos wächst.\n\n-EndOFText-\n\nTITEL: Farn\nKATEGORIE: Reviews\n\nFarn auch.\n\n-EndOFText-",
        &[("Moos", "Moos wächst."), ("Farn", "Farn auch.")],
        &[],
    );
}

#[test]
fn r6_3_unknown_labels_between_labels_are_dropped() {
    let text = "TITLE: Moss\nReader: all who walk\n\nTone (1 to 5): 3\nTAGS: a\n\nMoss grows.\n\n-EndOFText-";
    assert_eq!(
        (one(text).body.as_str(), ignored(text)),
        ("Moss grows.", vec![2, 4])
    );
    // Other marks, or lower case below a capital, are those of a text.
    for line in [
        "**Reader:** all",
        "- Reader: all",
        "## Reader: all",
        "reader: all",
    ] {
        let text = format!("TITLE: Moss\n{line}\nTAGS: a\n\nMoss grows.\n\n-EndOFText-");
        let post = one(&text);
        assert_eq!(post.body, format!("{line}\nTAGS: a\n\nMoss grows."));
        assert_eq!(ignored(&text), Vec::<u32>::new());
    }
    // No name of a label.
    for line in [
        "Five words are too many: all",
        "A name that is longer than forty characters: all",
        "Reader, writer: all",
        "Reader. Tone: all",
        "4 readers: all",
        "Reader:",
        "https://moss.example",
    ] {
        let text = format!("TITLE: Moss\n{line}\nTAGS: a\n\nMoss grows.\n\n-EndOFText-");
        assert!(one(&text).body.starts_with(line), "{line}");
    }
}

#[test]
fn r6_3_unknown_labels_at_the_end_of_a_header_resemble_it_closely() {
    for end in ["\n\nMoss grows.", "\n---\nMoss grows.", "\n-EndOFText-"] {
        let text =
            format!("# x\n\nMoss grows.\n\nTITLE: Moss\nTAGS: a\nREADER: all\nTONE: calm{end}");
        assert_eq!(ignored(&text), [7, 8], "{text}");
    }
    for line in [
        "Reader: all",
        "READER: all of them.",
        "READER: 全部。",
        &format!("READER: {}", "all ".repeat(16).trim_end()),
    ] {
        let text = format!("TITLE: Moss\nTAGS: a\n{line}\n\nMoss grows.\n\n-EndOFText-");
        assert_eq!(one(&text).body, format!("{line}\n\nMoss grows."));
    }
    // Not directly below a label, or above text.
    for text in [
        "TITLE: Moss\nTAGS: a\n\nREADER: all\n\nMoss.",
        "TITLE: Moss\nTAGS: a\nREADER: all\nMoss.",
    ] {
        assert!(one(text).body.starts_with("READER: all"), "{text}");
    }
}

#[test]
fn r6_4_a_description_ends_at_an_unknown_label() {
    let text = "TITLE: Moss\nMETA_DESCRIPTION: Green,\nand: soft.\nSEARCH_INTENT: to know\n\nMoss grows.\n\n-EndOFText-";
    check_post(
        text,
        ["Moss", "Green, and: soft.", "moss", "Moss grows."],
        &[],
    );
    let post = one(text);
    assert_eq!(
        (post.description.as_str(), ignored(text)),
        ("Green, and: soft.", vec![4])
    );
}

#[test]
fn r6_5_sections_stand_for_labels() {
    let text = "## Titel\n\nMoos\n\n## Meta-Beschreibung (155 Zeichen)\n\nGrün\nund weich.\n\n## Schlagwörter:\n\n- Wald\n- Stein\n\n## Inhalt\n\nMoos wächst.\n\n-EndOFText-";
    check_post(
        text,
        ["Moos", "Grün und weich.", "Wald|Stein", "Moos wächst."],
        &[],
    );
    let text = "## Überschrift\n\nMoos und Farn\n\nMoos wächst.";
    assert_eq!(one(text).title, "Moos und Farn");
}

#[test]
fn r7_1_sections_and_counts_at_the_end() {
    let text = "# Moss\n\nMoss grows.\n\n### Word cloud\n\n## Keywords\n\nwood, stone\n\n## URL Slug\n\n`the-moss`\n\n*(Word count: 2)*\n\n(2 words)";
    let post = check_post(
        text,
        ["Moss", "Moss grows.", "wood|stone", "Moss grows."],
        &[],
    );
    assert_eq!(
        (post.slug.as_str(), ignored(text)),
        ("the-moss", vec![15, 17])
    );
    for text in [
        "# Moss\n\nMoss grows.\n\n## Tags\n\nWe tag it.",
        "# Moss\n\nMoss grows.\n\n## Slug",
    ] {
        let body = text.strip_prefix("# Moss\n\n").unwrap();
        check("a.md", text, &[("Moss", body)], &[]);
    }
}

#[test]
fn r7_1_a_title_counts_only_beside_other_metadata() {
    let text = "# Moss\n\nMoss grows.\n\nTitle: Fern";
    check("a.md", text, &[("Moss", "Moss grows.\n\nTitle: Fern")], &[]);
    check(
        "a.md",
        "# Moss\n\nMoss grows. It does.\n\nTitle: Fern\nSlug: a-fern\nAuthor: Ida",
        &[("Fern", "# Moss\n\nMoss grows. It does.")],
        &[],
    );
}

#[test]
fn r7_2_labels_under_an_h1_that_repeats_the_title() {
    let text = "---\ntitle: The Moss\n---\n\n# The “Moss”\n\n**Meta description:** Green.\n**Mood:** calm\n**Autor:** Ida\n\nMoss grows.";
    let post = check_post(text, ["The Moss", "Green.", "moss", "Moss grows."], &[]);
    assert_eq!(post.authors, ["Ida"]);
    let text = "---\ntitle: The Moss\n---\n\n# Fern\n\n**Tags:** a\n\nMoss grows.";
    assert!(one(text).body.contains("**Tags:** a"));
}

#[test]
fn r7_3_ignored_labels_never_conflict() {
    let text = "TITLE: Moss\nTAGS: a\nWORD_COUNT: 3\nREADER: all\nIMAGE: a.png\n\nMoss grows.\n\nTags: a\nWord Count: 4\nReader: none\n\n-EndOFText-\nWORD_COUNT: 5\nURL: none";
    let post = check_post(
        text,
        ["Moss", "Moss grows.", "a", "Moss grows."],
        &["duplicate-metadata"],
    );
    assert_eq!(post.cover, None);
    assert_eq!(ignored(text), [3, 4, 5, 10, 11, 14, 15]);
}

#[test]
fn r10_1_a_seo_title_outside_a_header_ranks_below_the_h1() {
    for text in [
        "# Moss\n\n**SEO Title:** Fern\n\nMoss grows. It does.",
        "# Moss\n\nMoss grows. It does.\n\nSEO Title: Fern",
    ] {
        check("a.md", text, &[("Moss", "Moss grows. It does.")], &[]);
    }
    let text = "## Moss\n\nMoss grows. It does.\n\nSEO Title: Fern";
    check(
        "a.md",
        text,
        &[("Fern", "## Moss\n\nMoss grows. It does.")],
        &[],
    );
}

#[test]
fn r10_1_a_topic_in_a_header_gives_the_title_if_nothing_else_does() {
    let text = "META_DESCRIPTION: Green.\nTAGS: a\nTOPIC: the moss\n\nMoss grows.\n\n-EndOFText-";
    check("a.txt", text, &[("the moss", "Moss grows.")], &[]);
    let text = "TITLE: Moss\nTAGS: a\nTOPIC: the moss\n\nMoss grows.\n\n-EndOFText-";
    check("a.txt", text, &[("Moss", "Moss grows.")], &[]);
}

#[test]
fn r3_1_only_a_prompt_is_a_prompt() {
    check(
        "a.txt",
        "Choose from: \"Tools\"\n**Topic:** moss\n\nMoss grows. It does.\n-EndOFText-\n\nTopic: fern\n\nFern grows. It does.",
        &[
            ("moss", "Moss grows. It does."),
            ("fern", "Fern grows. It does."),
        ],
        &[],
    );
    for text in [
        "# Moss\n\nChoose from: a, b\n\nTOPIC: fern\n\nMoss grows.",
        "# Moss\n\nMoss grows.\n\nTopic: fern\n\nIt does.",
    ] {
        let body = text.strip_prefix("# Moss\n\n").unwrap();
        check("a.md", text, &[("Moss", body)], &[]);
    }
}

#[test]
fn headers_of_any_form_take_linear_time() {
    for unit in [
        "A: b\n",
        "A: b c.\n",
        "TAGS: a\n",
        "**A:** b | TAGS: c\n",
        "TITLE: a\n",
        "x\n\nTITEL: a\n",
    ] {
        let text = format!(
            "TITLE: Moss\nMETA_DESCRIPTION: Green.\n{}Moss.",
            unit.repeat(3_000)
        );
        drop(read("a.md", text));
    }
}
