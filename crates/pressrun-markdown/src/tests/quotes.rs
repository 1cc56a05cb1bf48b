//! Quotation marks and apostrophes of languages.

use super::*;

/// Checks the text of one paragraph in a language.
#[track_caller]
fn check_in(language: &str, body: &str, expected: &str) {
    let options = RenderOptions::default().in_language(language);
    let page = render_markdown(body, &options).html_as_written();
    let text = page.trim().strip_prefix("<p>").unwrap_or(&page);
    assert_eq!(
        text.trim().strip_suffix("</p>").unwrap_or(text),
        expected,
        "{language}: {body}"
    );
}

#[test]
fn straight_marks_become_those_of_the_language() {
    for (language, expected) in [
        ("en", "Say “yes ‘or’ no”."),
        ("de", "Say „yes ‚or‘ no“."),
        ("de-CH", "Say «yes ‹or› no»."),
        ("fr", "Say «\u{202f}yes “or” no\u{202f}»."),
        ("fr-CH", "Say «yes ‹or› no»."),
        ("es", "Say «yes “or” no»."),
        ("it", "Say «yes “or” no»."),
        ("pt-BR", "Say “yes ‘or’ no”."),
        ("nl", "Say “yes ‘or’ no”."),
        ("pl", "Say „yes «or» no”."),
        ("cs", "Say „yes ‚or‘ no“."),
        ("sv", "Say ”yes ’or’ no”."),
        ("ru", "Say «yes „or“ no»."),
        ("he", "Say ”yes ’or’ no”."),
        ("ar", "Say ”yes ’or‘ no“."),
        ("fa", "Say «yes ‹or› no»."),
        ("hi", "Say “yes ‘or’ no”."),
        ("ja", "Say \"yes 'or' no\"."),
        ("zh-Hant", "Say \"yes 'or' no\"."),
    ] {
        check_in(language, "Say \"yes 'or' no\".", expected);
    }
}

#[test]
fn a_quotation_inside_another_has_the_other_marks() {
    check_in("de", "\"Er sagt \"ja\" dazu.\"", "„Er sagt ‚ja‘ dazu.“");
    check_in("ru", "\"Роман \"Идиот\"\"", "«Роман „Идиот“»");
    check_in("de", "\"a \"b \"c\" d\" e\"", "„a ‚b „c“ d‘ e“");
}

#[test]
fn marks_of_the_author_stay_and_straight_ones_fit_them() {
    for text in [
        "„Wort“ ‚wort‘ »Wort« ›wort‹",
        "«\u{a0}mot\u{a0}» « mot » «mot»",
        "「言葉」『言葉』",
        "“Word” ‘word’ it’s",
    ] {
        for language in ["de", "fr", "ja", "sv", "zh"] {
            check_in(language, text, text);
        }
    }
    check_in(
        "de",
        "Das „Wort\" und \"Wort“, »Wort\".",
        "Das „Wort“ und „Wort“, »Wort«.",
    );
    check_in("de", "Das “Wort\" und ‚Wort'.", "Das “Wort” und ‚Wort‘.");
    check_in("pl", "To „słowo\" i \"słowo”.", "To „słowo” i „słowo”.");
    check_in("de", "„Er sagt \"ja\" dazu“", "„Er sagt ‚ja‘ dazu“");
    check_in(
        "fr",
        "« Il dit \"oui\" » et \"non\"",
        "« Il dit “oui” » et «\u{202f}non\u{202f}»",
    );
    check_in("zh", "他说“好”，又说\"好\"。", "他说“好”，又说“好”。");
}

#[test]
fn apostrophes_are_no_quotation_marks() {
    for language in ["de", "fr", "pl", "sv", "ja", "ru", "fa", "zh-Hant", "ko"] {
        check_in(
            language,
            "l'homme, it's, rock 'n' roll, '90s, O'Brien, Marx' Werk, d'*Artagnan*, geht's",
            "l’homme, it’s, rock ’n’ roll, ’90s, O’Brien, Marx’ Werk, d’<em>Artagnan</em>, geht’s",
        );
    }
    check_in(
        "de",
        "'so', Marx' Werk und 'so'",
        "‚so‘, Marx’ Werk und ‚so‘",
    );
    check_in(
        "fr",
        "l'\"ami\" et l'«ami»",
        "l’«\u{202f}ami\u{202f}» et l’«ami»",
    );
    check_in("fr", "Il dit 'l'*ami*' là", "Il dit “l’<em>ami</em>” là");
    check_in(
        "nl",
        "'s Avonds zei hij 'hallo' in 't huis",
        "’s Avonds zei hij ‘hallo’ in ’t huis",
    );
    check_in(
        "de",
        "`foo`'s und [x](/y)'s",
        "<code>foo</code>’s und <a href=\"/y\">x</a>’s",
    );
    check_in(
        "de",
        "die '68er und die Jungs' Autos",
        "die ’68er und die Jungs’ Autos",
    );
}

#[test]
fn hebrew_words_keep_their_marks() {
    check_in(
        "he",
        "צה\"ל ו\"הארץ\" וג'ירפה, רח' הרצל",
        "צה\"ל ו\"הארץ\" וג'ירפה, רח' הרצל",
    );
    check_in("he", "הוא אמר \"צה\"ל כאן\".", "הוא אמר ”צה\"ל כאן”.");
    check_in("he", "'שלום' it's", "’שלום’ it’s");
}

#[test]
fn feet_and_inches_stay_straight() {
    check_in("de", "5'10\", 27\" und 6' groß", "5'10\", 27\" und 6' groß");
    check_in(
        "de",
        "\"Ein 27\" Monitor\" und \"Windows 11\" und \"x\"",
        "„Ein 27\" Monitor“ und „Windows 11“ und „x“",
    );
    check_in("de", "\"Level 42\", sagt er.", "„Level 42“, sagt er.");
}

#[test]
fn endings_and_prefixes_of_a_quotation_belong_to_no_mark() {
    check_in("ko", "\"안녕\"이라고 '말'을", "“안녕”이라고 ‘말’을");
    check_in("zh", "他说\"你好\"。用\"AI\"技术", "他说“你好”。用“AI”技术");
    check_in("th", "เขาพูดว่า\"สวัสดี\"ครับ", "เขาพูดว่า“สวัสดี”ครับ");
    check_in("fi", "\"Kalevala\"n ja \"x\"", "”Kalevala”n ja ”x”");
    check_in("ar", "قال و\"كلمة\" هنا", "قال و”كلمة“ هنا");
    check_in("de", "a\"b c", "a\"b c");
}

#[test]
fn a_quotation_can_go_on_in_the_next_paragraph() {
    check_in(
        "de",
        "\"Erster.\n\n\"Zweiter.\"",
        "„Erster.</p>\n<p>„Zweiter.“",
    );
    check_in(
        "de",
        "\"Erster.\n\nZweiter.\"",
        "„Erster.</p>\n<p>Zweiter.“",
    );
}

#[test]
fn quotations_cross_markup_and_leave_code_alone() {
    check_in(
        "de",
        "\"*Das* [\"ist\"](/a \"b\") `\"c\"` <kbd>\"</kbd> **gut**\"",
        "„<em>Das</em> <a href=\"/a\" title=\"b\">‚ist‘</a> <code>\"c\"</code> <kbd>\"</kbd> <strong>gut</strong>“",
    );
    check_in("de", "\\\"a\\\" &quot;b&quot; \"c\"", "\"a\" \"b\" „c“");
    check_in("de", "Im {{ \"b\" | c }} \"d\"", "Im {{ \"b\" | c }} „d“");
    check_in(
        "de",
        "\"![ein \"Bild](/a.png) und\"",
        "„<img src=\"/a.png\" alt=\"ein ‚Bild\" decoding=\"async\"> und“",
    );
    check_in(
        "de",
        "```\n\"a\"\n```",
        "<div class=\"code\"><pre tabindex=\"0\"><code>\"a\"</code></pre></div>\n",
    );
    check_in(
        "de",
        "- \"a\n- b\"",
        "<ul>\n<li>„a</li>\n<li>b“</li>\n</ul>\n",
    );
    check_in(
        "ru",
        "**\"Идиот\"** и *\"Бесы\"*.",
        "<strong>«Идиот»</strong> и <em>«Бесы»</em>.",
    );
}

#[test]
fn id_of_a_heading_does_not_depend_on_the_marks() {
    let options = RenderOptions::default().in_language("fr");
    let page = render_markdown("## Le \"mot\" `\"x\"` \"y\"", &options);
    assert_eq!(page.toc[0].id, "le-mot-x-y");
    assert_eq!(
        page.toc[0].title,
        "Le «\u{202f}mot\u{202f}» \"x\" «\u{202f}y\u{202f}»"
    );
    assert!(
        page.html_as_written()
            .contains(">Le «\u{202f}mot\u{202f}» <code>")
    );
}

#[test]
fn straight_marks_stay_if_punctuation_is_not_smart() {
    let options = RenderOptions {
        smart_punctuation: false,
        ..RenderOptions::default().in_language("de")
    };
    let page = render_markdown("\"a\" it's", &options);
    assert_eq!(page.html_as_written(), "<p>\"a\" it's</p>\n");
}
