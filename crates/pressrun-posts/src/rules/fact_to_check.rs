//! A mark that asks to check what the text says: `[CHECK: 1998?]`, `[citation needed]`, `(source?)`.
//!
//! Models are told to leave such marks where they are not sure, and they also copy them from texts of
//! people. Code is exempt, like links and footnotes. Numbers, years and names without a mark are not
//! guessed at.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::{memchr2, memchr2_iter};

use super::field::TextMatch;
use super::placeholder_text::skip_to_closing;
use super::setting::{LintBody, TextSetting};
use crate::diagnostic::{Code, Finding};
use crate::post::Post;

/// Words that ask for a check, alone or before a colon, in square brackets.
const CHECKS: &[&str] = &[
    "check",
    "fact check",
    "fact-check",
    "factcheck",
    "verify",
    "to verify",
    "to check",
    "confirm",
    "unverified",
    "double-check",
    "prüfen",
    "bitte prüfen",
    "zu prüfen",
    "überprüfen",
    "nachprüfen",
    "verifizieren",
    "ungeprüft",
    "vérifier",
    "à vérifier",
    "a verifier",
    "à confirmer",
    "verificar",
    "por verificar",
    "a verificar",
    "comprobar",
    "por comprobar",
    "checar",
    "conferir",
    "verificare",
    "da verificare",
    "controllare",
    "da controllare",
    "controleren",
    "te controleren",
    "nakijken",
    "verifiëren",
    "sprawdź",
    "sprawdzić",
    "do sprawdzenia",
    "zweryfikować",
    "ověřit",
    "проверить",
    "уточнить",
    "перевірити",
    "уточнити",
    "kontrollera",
    "verifiera",
    "tjek",
    "kontroller",
    "sjekk",
    "tarkista",
    "doğrula",
    "kontrol et",
    "kiểm tra",
    "cần kiểm chứng",
    "periksa",
    "verifikasi",
    "要確認",
    "要検証",
    "要ファクトチェック",
    "核实",
    "需核实",
    "待核实",
    "查证",
    "待查证",
    "核實",
    "待核實",
    "查證",
    "확인",
    "확인 필요",
    "검증 필요",
    "تحقق",
    "للتحقق",
    "सत्यापित करें",
    "जाँचें",
];

/// Phrases that miss a source or a check, in brackets of every kind.
const PHRASES: &[&str] = &[
    "citation needed",
    "citations needed",
    "needs citation",
    "needs a citation",
    "source needed",
    "sources needed",
    "needs source",
    "needs a source",
    "needs sources",
    "cite source",
    "cite sources",
    "cite a source",
    "reference needed",
    "references needed",
    "needs verification",
    "verification needed",
    "needs checking",
    "needs fact-checking",
    "fact-check needed",
    "to be verified",
    "to be checked",
    "to be confirmed",
    "please verify",
    "please check",
    "verify this",
    "check this",
    "not verified",
    "beleg fehlt",
    "belege fehlen",
    "beleg nötig",
    "quelle fehlt",
    "quellen fehlen",
    "quelle nötig",
    "nachweis fehlt",
    "référence nécessaire",
    "réf. nécessaire",
    "ref. nécessaire",
    "source nécessaire",
    "source manquante",
    "citation nécessaire",
    "à sourcer",
    "cita requerida",
    "fuente requerida",
    "falta fuente",
    "falta la fuente",
    "carece de fontes",
    "citação necessária",
    "fonte necessária",
    "falta fonte",
    "citazione necessaria",
    "senza fonte",
    "fonte mancante",
    "bron nodig",
    "bron ontbreekt",
    "potrzebne źródło",
    "brak źródła",
    "chybí zdroj",
    "doplňte zdroj",
    "источник не указан",
    "нет источника",
    "нужен источник",
    "потрібне джерело",
    "немає джерела",
    "källa behövs",
    "källa saknas",
    "kilde mangler",
    "kilde påkrævet",
    "lähde puuttuu",
    "kaynak belirtilmeli",
    "kaynak gerekli",
    "cần dẫn nguồn",
    "butuh rujukan",
    "要出典",
    "出典なし",
    "来源请求",
    "來源請求",
    "需要来源",
    "需要出处",
    "출처 필요",
    "بحاجة لمصدر",
    "स्रोत चाहिए",
];

/// Words that are a question for a source when only a question mark follows them.
const SOURCES: &[&str] = &[
    "source",
    "sources",
    "citation",
    "citations",
    "cite",
    "reference",
    "references",
    "ref",
    "check",
    "verify",
    "quelle",
    "quellen",
    "beleg",
    "fuente",
    "fuentes",
    "fonte",
    "fontes",
    "fonti",
    "bron",
    "bronnen",
    "źródło",
    "zdroj",
    "источник",
    "источники",
    "джерело",
    "källa",
    "kilde",
    "lähde",
    "kaynak",
    "nguồn",
    "sumber",
    "出典",
    "来源",
    "來源",
    "出处",
    "출처",
    "مصدر",
];

/// Words that begin a task of the author, which counts if it is to check something.
const TASKS: &[&str] = &["todo", "fixme", "tbd", "xxx"];

/// The maximum number of characters in brackets.
const MOST: usize = 200;

/// Reports the first mark.
pub(super) fn check_marked_facts<'p>(post: &'p Post, body: &LintBody<'p>) -> Option<Finding> {
    let found = TextMatch::in_post(post, body, find_marks, |setting| {
        setting != TextSetting::Code
    })?;
    let finding = found.into_finding(Code::FactToCheck, "asks to check what it says");
    Some(finding.with_help("check it, correct the text, and remove the mark"))
}

/// Returns the marks in `text`, in order.
fn find_marks(text: &str) -> Vec<Range<usize>> {
    let mut places: Vec<Range<usize>> = Vec::new();
    for at in find_openings(text) {
        let (opening, closing, is_square) = match text[at..].chars().next() {
            Some('[') => ("[", "]", true),
            Some('【') => ("【", "】", true),
            Some('［') => ("［", "］", true),
            Some('(') => ("(", ")", false),
            _ => ("（", "）", false),
        };
        let inner = &text[at + opening.len()..];
        if !may_begin_mark(inner) {
            continue;
        }
        let Some(rest) = skip_to_closing(inner, closing, MOST) else {
            continue;
        };
        // Before `(`, `[` or `:` it is a link or a link definition.
        if opening == "[" && rest.starts_with(['(', '[', ':']) {
            continue;
        }
        let end = text.len() - rest.len();
        if is_mark(&text[at + opening.len()..end - closing.len()], is_square) {
            places.push(at..end);
        }
    }
    places
}

/// Returns the places of opening brackets.
fn find_openings(text: &str) -> Vec<usize> {
    // The first bytes of the wide brackets, which most texts lack.
    if memchr2(0xE3, 0xEF, text.as_bytes()).is_none() {
        return memchr2_iter(b'[', b'(', text.as_bytes()).collect();
    }
    let openings = text.match_indices(['[', '(', '【', '［', '（']);
    openings.map(|(at, _)| at).collect()
}

/// Returns false if the first letter after an opening bracket already shows that this is no mark.
fn may_begin_mark(inner: &str) -> bool {
    static FIRST: LazyLock<Vec<char>> = LazyLock::new(|| {
        let words = [CHECKS, PHRASES, SOURCES, TASKS].concat();
        let mut first: Vec<char> = words
            .iter()
            .filter_map(|word| word.chars().next())
            .collect();
        first.sort_unstable();
        first.dedup();
        first
    });
    let first = inner.trim_start_matches(is_around_mark).chars().next();
    let folded = first.and_then(|first| first.to_lowercase().next());
    folded.is_some_and(|folded| FIRST.binary_search(&folded).is_ok())
}

/// Returns whether a character may stand between a bracket and a mark.
fn is_around_mark(c: char) -> bool {
    c.is_whitespace() || "*_\\\"'“”„«»".contains(c)
}

/// Returns whether what stands in brackets is a mark.
fn is_mark(inside: &str, is_square: bool) -> bool {
    let inside = inside.trim_matches(is_around_mark);
    let folded = inside.to_lowercase();
    let folded = &*folded.split_whitespace().collect::<Vec<_>>().join(" ");
    if PHRASES.iter().any(|phrase| ends_word(folded, phrase)) {
        return true;
    }
    let question = folded
        .strip_suffix(['?', '？'])
        .map(|word| word.trim_end_matches(['?', '？', ' ']));
    if question.is_some_and(|word| SOURCES.contains(&word)) {
        return true;
    }
    let shouts = is_in_capitals(inside);
    let checks = CHECKS.iter().any(|check| {
        folded.strip_prefix(check).is_some_and(|rest| {
            // `[check-in]` is another word.
            if rest.starts_with(['-', '\'', '’']) {
                return false;
            }
            let is_shouted = shouts && ends_word(folded, check);
            let rest = rest.trim_start();
            let is_alone = rest
                .trim_matches(['?', '!', '.', '？', '！', '。'])
                .is_empty();
            let is_label = rest.starts_with([':', '：', '–', '—', '-', '?', '？']);
            // `(to check)` is a mark, and `(check: the list)` may be a remark of the author.
            is_shouted || (is_alone || is_label) && (is_square || check.contains(' '))
        })
    });
    checks || is_square && is_task_to_check(folded)
}

/// Returns whether a text begins with words, after which no word goes on.
fn ends_word(text: &str, words: &str) -> bool {
    let rest = text.strip_prefix(words);
    rest.is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
}

/// Returns whether the first word is written in capitals.
fn is_in_capitals(text: &str) -> bool {
    let word = text.split(|c: char| !c.is_alphanumeric()).next();
    let word = word.unwrap_or_default();
    word.chars().count() > 2 && word.chars().all(char::is_uppercase)
}

/// Returns whether a text is a task to check something: `todo: verify`.
fn is_task_to_check(folded: &str) -> bool {
    let rest = TASKS
        .iter()
        .find_map(|task| folded.strip_prefix(task))
        .filter(|rest| !rest.starts_with(char::is_alphanumeric));
    rest.is_some_and(|rest| {
        let mut words = rest.split(|c: char| !c.is_alphanumeric());
        words.any(|word| CHECKS.contains(&word) || SOURCES.contains(&word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::placeholder_text::check_placeholder_text;
    use crate::rules::tests::check_places;

    #[track_caller]
    fn check_text(text: &str, expected: &[&str]) {
        check_places(text, find_marks(text), expected);
    }

    #[test]
    fn brackets_ask_for_a_check() {
        for mark in [
            "[CHECK: when was it?]",
            "[check: when was it?]",
            "[Check]",
            "[VERIFY]",
            "[VERIFY THIS NUMBER]",
            "[CHECK figure with the source]",
            "[to verify]",
            "[TODO: verify]",
            "[todo – find a source]",
            "[citation needed]",
            "[citation needed, July 2026]",
            "[ Citation\nneeded ]",
            "[**CHECK**: x]",
            "[source?]",
            "[PRÜFEN: Jahr]",
            "[Beleg fehlt]",
            "[à vérifier]",
            "[réf. nécessaire]",
            "[verificar: fecha]",
            "[проверить]",
            "【要出典】",
            "[待核实]",
            "[확인 필요: 연도]",
        ] {
            check_text(&format!("It rained {mark}, they say."), &[mark]);
        }
        check_text(
            "\\[CHECK: x\\] or [[citation needed]]",
            &["[CHECK: x\\]", "[citation needed]"],
        );
    }

    #[test]
    fn round_brackets_ask_for_a_source() {
        for mark in [
            "(source?)",
            "(Quelle?)",
            "(source ?)",
            "（出典？）",
            "(citation needed)",
            "(VERIFY)",
            "(CHECK: 1998)",
            "(to verify)",
        ] {
            check_text(&format!("It rained {mark}, they say."), &[mark]);
        }
    }

    #[test]
    fn other_brackets_ask_for_nothing() {
        for text in [
            "[check](https://a.example) and [verify][x]",
            "![check](a.png)",
            "[check]: https://a.example",
            "[^check] and [x] and [ ]",
            "[check the manual first]",
            "[check-in] [CHECK-IN DESK] [checking: x] [checkers] [source] [TODO: add a picture]",
            "(check the list) (check: it is long) (see the source) (source: the Times)",
            "(really?) () [] [check",
        ] {
            check_text(text, &[]);
        }
    }

    #[test]
    fn code_is_exempt_and_titles_are_read_too() {
        let post = |title: &str, body: &str| Post {
            title: title.to_owned(),
            body: body.to_owned(),
            ..Post::default()
        };
        let check = |post: &Post| check_marked_facts(post, &LintBody::new(&post.body));
        assert_eq!(
            check(&post("Tea", "Write `[CHECK: x]`.\n\n```\n[VERIFY]\n```\n")),
            None
        );
        let found = check(&post("Tea since 1610 [CHECK]", "> [VERIFY]")).unwrap();
        let message = "`[CHECK]` in the title asks to check what it says, and in 1 more place";
        assert_eq!(found.message, message);
    }

    #[test]
    fn no_mark_is_a_placeholder_too() {
        for words in [CHECKS, PHRASES, SOURCES, TASKS] {
            for word in words {
                let body = format!("A [{word}: x] and [{word}].");
                let post = Post {
                    body,
                    ..Post::default()
                };
                let found = check_placeholder_text(&post, &LintBody::new(&post.body));
                assert_eq!(found, None);
            }
        }
    }
}
