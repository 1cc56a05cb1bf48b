use pressrun_posts::parse::reply::GenerationEnd;
use proptest::prelude::*;

use super::*;

const POST: &str = "TITLE: Rain in the hills\nMETA_DESCRIPTION: Why it falls there.\nTAGS: rain, \
                    hills\nCATEGORIES: Weather\n\nWind lifts the air along a slope. It cools, and \
                    what it carries falls as rain.\n\n## Measuring it\n\nA gauge counts the \
                    millimetres:\n\n```python\ndef read(gauge):\n    total = 0\n\n    for tip in \
                    gauge:\n        total += tip\n    return total\n```\n\n- Empty it each \
                    morning.\n- Write down the number.\n\n| Month | Rain |\n| --- | --- |\n| May | \
                    80 |\n| June | 95 |\n\nThat is all that a beginner needs.\n\n-EndOFText-\n";

#[track_caller]
fn check(text: &str, answer: &str, expected: &str) {
    let joined = join_continuation(text, answer, GenerationEnd::Finished);
    assert_eq!(joined.text, expected, "{text:?} | {answer:?}");
    assert!(!joined.restarted, "{text} | {answer}");
}

fn place_of(words: &str) -> usize {
    POST.find(words).unwrap()
}

#[test]
fn exact_rest_gives_the_original_wherever_it_was_cut() {
    for (cut, _) in POST.char_indices().skip(1) {
        let text = &POST[..cut];
        check(text, &POST[cut_back(text)..], POST);
        // Servers trim what they return, so the blank line after a heading may be lost.
        let trimmed = POST[cut_back(text)..].trim_start();
        let joined = join_continuation(text, trimmed, GenerationEnd::Finished).text;
        assert_eq!(
            joined
                .replace("it\nA", "it\n\nA")
                .replace("```\n-", "```\n\n-"),
            POST
        );
    }
}

#[test]
fn full_echo_gives_the_original_wherever_it_was_cut() {
    for (cut, _) in POST.char_indices().skip(1).step_by(5) {
        check(&POST[..cut], POST, POST);
    }
}

#[test]
fn overlap_gives_the_original_wherever_it_was_cut() {
    let places: Vec<usize> = POST.char_indices().map(|(at, _)| at).collect();
    for overlap in [30, 60, 200] {
        for at in (overlap..places.len()).step_by(3) {
            check(&POST[..places[at]], &POST[places[at - overlap]..], POST);
        }
    }
}

#[test]
fn rest_goes_on_in_mid_word() {
    for (word, inside) in [
        ("millimetres", 4),
        ("carries", 3),
        ("morning", 2),
        ("TITLE", 3),
    ] {
        let cut = place_of(word) + inside;
        check(&POST[..cut], &POST[cut..], POST);
    }
}

#[test]
fn rest_goes_on_inside_a_fence() {
    let fence = place_of("def read")..place_of("```\n\n- Empty");
    for cut in fence {
        check(&POST[..cut], &POST[cut..], POST);
    }
}

#[test]
fn words_before_the_rest_are_removed() {
    let cut = place_of("carries");
    let text = &POST[..cut];
    let rest = &POST[cut_back(text)..];
    check(
        text,
        &format!("Sure! Here is the rest of the article:\n\n{rest}"),
        POST,
    );
    check(text, &format!("<think>\nGo on.\n</think>\n\n{rest}"), POST);
    check(text, &format!("...{}", &POST[cut - 30..]), POST);
}

#[test]
fn rest_in_other_words_follows_the_last_whole_block() {
    check(
        "TITLE: a\nTAGS: b\n\nOne.\n\nTwo and thr",
        "Third comes after the second.\n\nFour.",
        "TITLE: a\nTAGS: b\n\nOne.\n\nThird comes after the second.\n\nFour.",
    );
    check(
        "One.\n\n- a\n- b and",
        "- b.\n- c.",
        "One.\n\n- a\n- b.\n- c.",
    );
    check("One.\n\n- a\n- b and", "Two.", "One.\n\n- a\n\nTwo.");
    check(
        "One.\n\n```js\nlet a",
        "```js\nlet b;\n```\n\nTwo.",
        "One.\n\n```js\nlet b;\n```\n\nTwo.",
    );
    check(
        "TITLE: a\nTAGS: b",
        "TAGS: c\nCATEGORIES: d\n\nOne.",
        "TITLE: a\nTAGS: c\nCATEGORIES: d\n\nOne.",
    );
}

#[test]
fn repeated_last_block_is_not_doubled() {
    check(
        "One.\n\nThis block was written before.\n\nTwo and",
        "This block was written before.\n\nThird it is.",
        "One.\n\nThis block was written before.\n\nThird it is.",
    );
}

#[test]
fn new_header_begins_a_new_reply() {
    let again = "TITLE: c\nTAGS: d\n\nOther words.\n\n-EndOFText-";
    for text in [
        "TITLE: a\nTAGS: b\n\nOne.\n\nTwo and",
        "TITLE: a\nTAGS: b\n\nOne and",
        "TITLE: a\nTA",
        "TITLE: a b",
        "<think>\nhm",
        "One and",
    ] {
        for before in ["", "\n", "Sure! Here is the post:\n\n"] {
            let answer = format!("{before}{again}");
            let joined = join_continuation(text, &answer, GenerationEnd::Finished);
            assert_eq!(joined.text, again, "{text}");
            assert_eq!(joined.added, again.chars().count());
            assert!(joined.restarted || text.starts_with('<'), "{text}");
        }
    }
    let joined = join_continuation(
        "# Tea\n\nOne and",
        "# Tea\n\nOther.",
        GenerationEnd::Finished,
    );
    assert!(joined.restarted);
}

#[test]
fn added_characters_are_counted_beyond_the_text() {
    let added = |answer| join_continuation("One.\n\nTwo and", answer, GenerationEnd::CutOff).added;
    assert_eq!(added(""), 0);
    assert_eq!(added("One.\n\nTwo and"), 0);
    assert_eq!(added("One.\n\nTwo and thrée"), 6);
    assert_eq!(added("Tea"), 0);
}

#[test]
fn end_marker_proves_that_a_reply_is_whole() {
    use GenerationEnd::{CutOff, Finished, Unknown};
    for (text, ending, expected) in [
        ("One.\n-EndOFText-", CutOff, true),
        ("One. </EndOFText>\nTOPIC: more and", CutOff, true),
        ("One.", Finished, true),
        ("One.", CutOff, false),
        ("One.", Unknown, false),
        ("One and", Finished, false),
        ("```\nlet a;", Finished, false),
        ("```\n-EndOFText-\n```\n", CutOff, false),
        ("", Finished, false),
    ] {
        assert_eq!(is_whole_reply(text, ending), expected, "{text}");
    }
}

#[test]
fn hostile_texts_take_linear_time() {
    for unit in [
        "- a\n",
        "```\n",
        "a\n\n",
        "| a |\n",
        "> ",
        "TITLE: a\n",
        "<think>",
        "-",
        "{",
    ] {
        let text = unit.repeat((1 << 20) / unit.len());
        join_continuation(&text, &text[unit.len()..], GenerationEnd::CutOff);
        join_continuation(&text[..text.len() - 1], &text, GenerationEnd::Finished);
    }
}

/// Texts of paragraphs, headings, lists, tables and fences, in which no word stands twice.
fn articles() -> impl Strategy<Value = String> {
    prop::collection::vec((0..6, 1_usize..4, 3_usize..9), 1..8).prop_map(|blocks| {
        let mut count = 0_usize;
        let mut sentence = |words: usize| {
            let words = (0..words).map(|_| {
                count += 1;
                format!("{}é{count}", ["tea", "雨", "Rain", "Чай"][count % 4])
            });
            words.collect::<Vec<_>>().join(" ")
        };
        let blocks = blocks.into_iter().map(|(kind, lines, words)| {
            let lines: Vec<String> = (0..lines).map(|_| sentence(words)).collect();
            match kind {
                0 => format!("## {}", lines[0]),
                1 => format!("- {}", lines.join("\n- ")),
                2 => format!("```text\n{}\n```", lines.join("\n\n")),
                3 => format!("| {} |\n| --- |\n| a |", lines.join(" |\n| ")),
                _ => format!("{}.", lines.join(". ")),
            }
        });
        let blocks: Vec<String> = blocks.collect();
        format!(
            "TITLE: A title\nTAGS: some, tags\n\n{}\n\n-EndOFText-\n",
            blocks.join("\n\n")
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn join_equals_the_original(article in articles(), cut in any::<prop::sample::Index>(), overlap in 30_usize..400) {
        let places: Vec<usize> = article.char_indices().map(|(at, _)| at).collect();
        let at = 1 + cut.index(places.len() - 1);
        let text = &article[..places[at]];
        let start = places[at.saturating_sub(overlap)];
        for from in [0, start, cut_back(text)] {
            let joined = join_continuation(text, &article[from..], GenerationEnd::Finished);
            prop_assert_eq!(&joined.text, &article, "cut at {}, continued from {}", at, from);
        }
    }

    #[test]
    fn joining_never_fails(text in ".{0,200}", answer in ".{0,200}") {
        join_continuation(&text, &answer, GenerationEnd::CutOff);
    }
}
