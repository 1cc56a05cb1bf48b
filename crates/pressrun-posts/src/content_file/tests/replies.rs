//! R3 and R4: prompts, wrappers, several replies.

use super::*;

#[test]
fn r3_1_a_prompt_is_never_content() {
    let text = "Write posts like this:\nTITLE: POST_TITLE\nTAGS: POST_TAGS\n-EndOFText-\nSee [Your Name].\n\nTOPIC: leaves\n\nTITLE: Tea\nTAGS: a\n\nLeaves.\n\n</EndOFText>";
    check("a.txt", text, &[("Tea", "Leaves.")], &[]);
}

#[test]
fn r3_1_later_prompts_begin_with_their_introduction() {
    let reply =
        |title: &str, body: &str| format!("TITLE: {title}\nTAGS: a\n\n{body}\n-EndOFText-\n\n");
    let prompt =
        "I am an AI content generator, so be kind.\nTITLE: the title\nTAGS: some\nTOPIC: x\n\n";
    let text = format!(
        "{prompt}{}{prompt}{}TOPIC: y\n\n{}",
        reply("A", "One."),
        reply("B", "Two."),
        reply("C", "Three.")
    );
    check(
        "a.txt",
        &text,
        &[("A", "One."), ("B", "Two."), ("C", "Three.")],
        &[],
    );
}

#[test]
fn r3_3_the_nearest_list_is_in_force() {
    let text = "Choose from: \"Leaves\", \"Soups (hot)\"\nTOPIC: a\n\nTITLE: A\nCATEGORIES: leave, soup, Gaming\n\nOne.\n-EndOFText-\n\nTOPIC: b\n\nTITLE: B\nCATEGORIES: HOT\n\nTwo.\n-EndOFText-";
    let result = check(
        "a.txt",
        text,
        &[("A", "One."), ("B", "Two.")],
        &["off-list-category"],
    );
    assert_eq!(
        result.posts[0].categories,
        ["Leaves", "Soups (hot)", "Gaming"]
    );
    assert_eq!(result.posts[1].categories, ["Soups (hot)"]);
}

#[test]
fn r3_4_the_topic_may_be_the_title() {
    check(
        "a.txt",
        "TOPIC: \"the life of leaves\"\n\nLeaves are green. They fall.",
        &[("the life of leaves", "Leaves are green. They fall.")],
        &[],
    );
}

#[test]
fn r4_2_reasoning_goes() {
    check(
        "a.txt",
        &format!(
            "<think>\nTITLE: No\nTAGS: b\n\nHm.\n</think>\n{}",
            labelled("Yes.")
        ),
        &[("Green Tea", "Yes.")],
        &[],
    );
}

#[test]
fn r4_3_wrappers_go_with_what_surrounds_them() {
    let inner = labelled("One.\n\n```sh\nmake\n```\n\nTwo.");
    let body = "One.\n\n```sh\nmake\n```\n\nTwo.";
    check(
        "a.txt",
        &format!("```\n{inner}```"),
        &[("Green Tea", body)],
        &[],
    );
    check(
        "a.txt",
        &format!("Done!\n\n```markdown\n{inner}```\n\nEnjoy."),
        &[("Green Tea", body)],
        &["chat-text-removed", "text-after-end-marker"],
    );
    check(
        "a.txt",
        "Sure, here is the post:\n```md\n# Tea\n\nLeaves.\n```",
        &[("Tea", "Leaves.")],
        &["chat-text-removed"],
    );
    check(
        "a.txt",
        "```yaml\n---\ntitle: Tea\n---\n```\n\nLeaves.",
        &[("Tea", "Leaves.")],
        &[],
    );
}

#[test]
fn r4_3_code_at_the_start_is_code() {
    let text = "```sh\n# install\nmake\n```\n\nLeaves are green.";
    check(
        "a.txt",
        text,
        &[("Leaves are green", text)],
        &["no-title-found"],
    );
}

#[test]
fn r4_3_each_of_several_replies_may_be_wrapped() {
    let reply = |title: &str| {
        format!(
            "```markdown\nTITLE: {title}\nTAGS: a\n\nOn {title}.\n\n```sh\nmake\n```\n\n-EndOFText-\n```\n\n"
        )
    };
    let body = |title: &str| format!("On {title}.\n\n```sh\nmake\n```");
    check(
        "a.txt",
        &format!("{}{}", reply("A"), reply("B")),
        &[("A", &body("A")), ("B", &body("B"))],
        &[],
    );
    let text = format!("TOPIC: x\n\n{}TOPIC: y\n\n{}", reply("A"), reply("B"));
    check("a.txt", &text, &[("A", &body("A")), ("B", &body("B"))], &[]);
}

#[test]
fn r4_3_wrapped_replies_need_no_marker_between_them() {
    let reply =
        |title: &str| format!("```markdown\nTITLE: {title}\nTAGS: a\n\nOn {title}.\n```\n\n");
    check(
        "a.txt",
        &format!("{}{}", reply("A"), reply("B")),
        &[("A", "On A."), ("B", "On B.")],
        &["missing-end-marker"],
    );
}

#[test]
fn r4_4_every_header_starts_a_reply() {
    let text = "TITLE: A\nTAGS: a\n\nOne.\n\nTITLE: B\nTAGS: b\n\nTwo.\n\n-EndOFText-";
    check(
        "a.txt",
        text,
        &[("A", "One."), ("B", "Two.")],
        &["missing-end-marker"],
    );
    let text = "TITLE: A\nTAGS: a\n\n```\nTITLE: B\nTAGS: b\n```\n\nOne.\n\n-EndOFText-";
    check(
        "a.txt",
        text,
        &[("A", "```\nTITLE: B\nTAGS: b\n```\n\nOne.")],
        &[],
    );
}

#[test]
fn r4_4_text_before_the_first_header_is_its_preamble() {
    let text = format!("---\n\n{}", labelled("One."));
    check("a.txt", &text, &[("Green Tea", "One.")], &[]);
    let text = format!("As asked -EndOFText-\n\n{}", labelled("One."));
    check(
        "a.txt",
        &text,
        &[("Green Tea", "One.")],
        &["chat-text-removed"],
    );
}

#[test]
fn r4_5_a_header_without_text_belongs_to_the_reply_before_it() {
    let text = "TITLE: A\nTAGS: a\n\nOne.\n\nTITLE: a\nMETA_DESCRIPTION: b\nTAGS: c\n\n-EndOFText-";
    let result = check(
        "a.txt",
        text,
        &[("A", "One.")],
        &["conflicting-metadata", "duplicate-metadata"],
    );
    assert_eq!(result.posts[0].description, "b");
    let text = "# A\n\nOne.\n\nTITLE: Better\nTAGS: c";
    let result = check("a.txt", text, &[("Better", "# A\n\nOne.")], &[]);
    assert_eq!(result.posts[0].tags, ["c"]);
    let text = "TITLE: A\nTAGS: a\n\nOne.\n-EndOFText-\n\nTITLE: B\nTAGS: c\n\n-EndOFText-";
    check("a.txt", text, &[("A", "One.")], &["empty-body"]);
}

#[test]
fn r4_2_reasoning_without_its_opening_tag_goes() {
    let reply = "The user wants tea.\n\nTitle idea: Tea!\n</think>\n\n# Tea\n\nLeaves.";
    check("a.txt", reply, &[("Tea", "Leaves.")], &[]);
    for text in [
        "# Tea\n\nA model ends its thoughts with\n\n</think>\n\nLeaves.",
        "---\ntitle: Tea\n---\nIt writes\n\n</think>\n\nLeaves.",
        "TITLE: Tea\n\nIt writes\n\n</think>\n\nLeaves.\n-EndOFText-",
        "# Tea\n\n```\n</think>\n```\n\nLeaves.",
    ] {
        let result = read("a.txt", text);
        assert!(result.posts[0].body.contains("</think>"), "{text}");
    }
}

#[test]
fn r4_3_a_writing_block_is_taken_off() {
    let text = "Sure! Here is the post:\n\n:::writing{variant=\"document\" id=\"48213\"}\n# Tea\n\nLeaves.\n:::\n\nWould you like me to change it?";
    check("a.md", text, &[("Tea", "Leaves.")], &["chat-text-removed"]);
    check(
        "a.md",
        ":::writing\n# Tea\n\nLeaves.",
        &[("Tea", "Leaves.")],
        &[],
    );
}
