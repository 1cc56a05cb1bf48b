use super::*;

const BODY: &str = "Tea grows on hills. Pickers take two leaves and a bud from each shoot, and the \
                    rest of the bush stays for the next weeks of the season.\n\n## Drying\n\nThe \
                    leaves wither in the shade until they bend without a crack. Then they are \
                    rolled, and the juice comes out.";

fn rules() -> JudgeRules {
    let mut config = Config::default();
    config.categories.allowed = vec!["News".to_owned(), "Food".to_owned()];
    config.generate.words = 60;
    JudgeRules::new(&config)
}

fn topic() -> Topic {
    Topic {
        id: "t1".to_owned(),
        text: "How tea is made".to_owned(),
        language: "en".to_owned(),
        ..Topic::default()
    }
}

fn reply(body: &str) -> String {
    format!(
        "TITLE: From Leaf to Cup\nMETA_DESCRIPTION: How the leaf becomes a drink.\nTAGS: tea, \
         leaves\nCATEGORIES: Food\n\n{body}\n\n-EndOFText-\n"
    )
}

fn judge_for(topic: &Topic, text: &str, ending: GenerationEnd) -> Judgement {
    rules().judge_reply(topic, text, ending).judgement
}

/// Checks the verdict on a reply that the server calls finished, a part of its first reason, and
/// whether another header is asked for.
#[track_caller]
fn check(text: &str, verdict: Verdict, reason: &str, needs_header: bool) {
    let judgement = judge_for(&topic(), text, GenerationEnd::Finished);
    let found = (judgement.verdict, judgement.needs_header);
    assert_eq!(found, (verdict, needs_header), "{text}\n{judgement:?}");
    let first = judgement.findings.first().map_or("", String::as_str);
    assert!(first.contains(reason), "{text}\n{judgement:?}");
}

#[test]
fn complete_reply_is_accepted() {
    check(&reply(BODY), Verdict::Accepted, "", false);
    let judgement = judge_for(&topic(), &reply(BODY), GenerationEnd::CutOff);
    assert_eq!(judgement.verdict, Verdict::Accepted);
    assert_eq!(judgement.title.as_deref(), Some("From Leaf to Cup"));
    assert_eq!(judgement.findings, [""; 0]);
}

#[test]
fn header_must_be_complete() {
    check(
        BODY,
        Verdict::OffFormat,
        "line 1: the reply has no header",
        true,
    );
    check(
        &format!("# Tea\n\n{BODY}"),
        Verdict::OffFormat,
        "no header",
        true,
    );
    for (line, name) in [
        ("TITLE: From Leaf to Cup\n", "title"),
        (
            "META_DESCRIPTION: How the leaf becomes a drink.\n",
            "description",
        ),
        ("TAGS: tea, leaves\n", "tags"),
        ("CATEGORIES: Food\n", "categories"),
    ] {
        let text = reply(BODY).replace(line, "");
        check(&text, Verdict::OffFormat, name, true);
    }
}

#[test]
fn header_must_not_be_that_of_the_prompt() {
    for (own, copied) in [
        ("From Leaf to Cup", "POST_TITLE"),
        (
            "From Leaf to Cup",
            "How to Remove Limescale from a Kettle with Vinegar",
        ),
        ("How the leaf becomes a drink.", "POST_DESCRIPTION"),
        ("tea, leaves", "POST_TAGS"),
    ] {
        let text = reply(BODY).replace(own, copied);
        let judgement = judge_for(&topic(), &text, GenerationEnd::Finished);
        assert_eq!(
            judgement.verdict,
            Verdict::OffFormat,
            "{text}\n{judgement:?}"
        );
        assert!(judgement.needs_header, "{judgement:?}");
    }
}

#[test]
fn categories_are_those_of_the_list() {
    let text = reply(BODY).replace("CATEGORIES: Food", "CATEGORIES: Drinks");
    check(&text, Verdict::OffList, "line 4", true);
    // The reader finds the spelling of the list.
    let text = reply(BODY).replace("CATEGORIES: Food", "CATEGORIES: food");
    check(&text, Verdict::Accepted, "", false);
}

#[test]
fn category_of_the_topic_is_asked_for() {
    let mut topic = topic();
    topic.category = Some("News".to_owned());
    let judgement = judge_for(&topic, &reply(BODY), GenerationEnd::Finished);
    assert_eq!(judgement.verdict, Verdict::OffList);
    assert!(judgement.needs_header);
    // The list does not have it, so no reply could.
    topic.category = Some("Sports".to_owned());
    let judgement = judge_for(&topic, &reply(BODY), GenerationEnd::Finished);
    assert_eq!(judgement.verdict, Verdict::Accepted);
}

#[test]
fn refusals_are_recognised_below_a_header_too() {
    let refusal = "I'm sorry, but I can't help with that request.";
    check(refusal, Verdict::Refused, "refused", false);
    check(&reply(refusal), Verdict::Refused, "refusal", false);
}

#[test]
fn reply_that_was_cut_off_is_not_accepted() {
    let text = reply("Tea grows on hills and");
    let text = text.trim_end().trim_end_matches("-EndOFText-").trim_end();
    let judgement = judge_for(&topic(), text, GenerationEnd::CutOff);
    assert_eq!(
        (judgement.verdict, judgement.needs_header),
        (Verdict::CutOff, false)
    );
    check(text, Verdict::CutOff, "ends in", false);
    // Without a marker the server must say that it is whole.
    let text = reply(BODY).replace("\n\n-EndOFText-", "");
    check(&text, Verdict::Accepted, "", false);
    assert_eq!(
        judge_for(&topic(), &text, GenerationEnd::Unknown).verdict,
        Verdict::CutOff
    );
}

#[test]
fn text_has_about_the_wanted_length() {
    let mut topic = topic();
    topic.words = Some(2000);
    let judgement = judge_for(&topic, &reply(BODY), GenerationEnd::Finished);
    assert_eq!(judgement.verdict, Verdict::OffFormat);
    assert!(judgement.findings[0].contains("too short"), "{judgement:?}");
    topic.words = Some(200);
    let judgement = judge_for(&topic, &reply(BODY), GenerationEnd::Finished);
    assert_eq!(judgement.verdict, Verdict::Accepted);
}

#[test]
fn text_is_in_the_wanted_language() {
    let german = "Der Tee wächst auf Hügeln. Die Pflücker nehmen zwei Blätter und eine Knospe von \
                  jedem Trieb, und der Rest des Strauches bleibt für die nächsten Wochen stehen. \
                  Danach welken die Blätter im Schatten, bis sie sich biegen, ohne zu brechen.";
    check(
        &reply(german),
        Verdict::OffFormat,
        "`de` instead of `en`",
        false,
    );
    let mut topic = topic();
    topic.language = "de".to_owned();
    let judgement = judge_for(&topic, &reply(german), GenerationEnd::Finished);
    assert_eq!(judgement.verdict, Verdict::Accepted, "{judgement:?}");
    let judgement = judge_for(&topic, &reply(BODY), GenerationEnd::Finished);
    assert_eq!(judgement.verdict, Verdict::OffFormat, "{judgement:?}");
}

#[test]
fn text_speaks_of_the_topic() {
    let of_topic = |text: &str| {
        let mut topic = topic();
        topic.text = text.to_owned();
        judge_for(&topic, &reply(BODY), GenerationEnd::Finished).verdict
    };
    for text in [
        "Withering of leaves",
        "The season of picking",
        "What is it?",
        "茶",
        "2026",
    ] {
        let expected = if text == "茶" {
            Verdict::OffFormat
        } else {
            Verdict::Accepted
        };
        assert_eq!(of_topic(text), expected, "{text}");
    }
    assert_eq!(of_topic("Blockchain in healthcare"), Verdict::OffFormat);
}

#[test]
fn placeholders_and_further_posts_are_off_format() {
    let text = reply(&format!("{BODY}\n\nWritten by [Your Name]."));
    check(&text, Verdict::OffFormat, "placeholder", false);
    let text = format!("{}\n{}", reply(BODY), reply(BODY).replace("Tea", "Rain"));
    check(&text, Verdict::OffFormat, "2 posts", false);
    // What a writer must look up is asked for by the prompt.
    let text = reply(&format!("{BODY}\n\nIt costs [CHECK: the price]."));
    check(&text, Verdict::Accepted, "", false);
}

#[test]
fn text_that_is_no_post_is_off_format() {
    check("", Verdict::CutOff, "", false);
    check(
        "TITLE: a\nTAGS: b\n-EndOFText-",
        Verdict::OffFormat,
        "",
        false,
    );
    check("{\"error\": 1}", Verdict::OffFormat, "", false);
}

#[test]
fn hostile_replies_take_linear_time() {
    for unit in [
        "TITLE: a\n",
        "```\n",
        "- a\n",
        "a ",
        "\u{202E}",
        "[",
        "<think>",
    ] {
        let text = unit.repeat((1 << 17) / unit.len());
        judge_for(&topic(), &text, GenerationEnd::CutOff);
    }
}
