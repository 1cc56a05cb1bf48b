//! R6.8 and R6.9: replies in tags, and HTML pages.

use serde_json::json;

use super::*;

const TAGGED: &str = "<title>Tea</title>\n<meta_description>On leaves.</meta_description>\n<tags>green, black</tags>\n<author>Ida</author>\n<content>\nLeaves.\n\n## How\n\nPour.\n</content>";

const PAGE: &str = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<title>Tea | A Shop</title>\n<meta name=\"description\" content=\"On leaves.\">\n<meta name=\"keywords\" content=\"green, black\">\n<meta name=\"author\" content=\"Ida\">\n<meta property=\"article:published_time\" content=\"2024-05-06\">\n<style>p { color: red }</style>\n</head>\n<body>\n  <main>\n    <h1>Tea</h1>\n    <p>Leaves.</p>\n  </main>\n</body>\n</html>";

#[track_caller]
fn check_fields(text: &str, body: &str, expected: &[&str]) {
    let result = check("a.txt", text, &[("Tea", body)], expected);
    let post = &result.posts[0];
    assert_eq!(post.description, "On leaves.", "{text}");
    assert_eq!(post.tags, ["green", "black"], "{text}");
    assert_eq!(post.authors, ["Ida"], "{text}");
}

#[test]
fn r6_8_elements_are_fields() {
    let body = "Leaves.\n\n## How\n\nPour.";
    check_fields(TAGGED, body, &[]);
    check_fields(&format!("<blog_post>\n{TAGGED}\n</blog_post>\n"), body, &[]);
    check_fields(&format!("```html\n{TAGGED}\n```"), body, &[]);
    check_fields(&format!("{TAGGED}\n\n-EndOFText-\n"), body, &[]);
    let chatty = format!("Sure! Here is the post:\n\n{TAGGED}\n\nWould you like me to change it?");
    check_fields(&chatty, body, &["chat-text-removed"]);
}

#[test]
fn r6_8_it_is_unlabelled() {
    let result = read("a.txt", TAGGED.replace("Pour.", "Pour and"));
    assert!(!result.posts[0].draft);
    assert_eq!(codes(&result), [""; 0]);
}

#[test]
fn r6_8_other_texts_with_tags_stay() {
    let long = "A word. ".repeat(40);
    for text in [
        format!("{TAGGED}\n\n{long}"),
        format!("{TAGGED}\n\n## More\n\nLeaves."),
        "<title>Tea</title>\n\nLeaves are green.".to_owned(),
    ] {
        let result = read("a.txt", text.as_str());
        assert!(result.posts[0].body.contains("<title>"), "{text}");
    }
}

#[test]
fn r6_9_a_page_has_its_fields_in_its_head() {
    let body = "<main>\n\n\n<p>Leaves.</p>\n\n</main>";
    check_fields(PAGE, body, &[]);
    let result = read("a.txt", PAGE);
    assert_eq!(result.posts[0].date.unwrap().to_string(), "2024-05-06");
    check_fields(&format!("```html\n{PAGE}\n```\n"), body, &[]);
    check_fields(&format!("{PAGE}\n-EndOFText-\n"), body, &[]);
    check_fields(
        &format!("{PAGE}\n\nIt uses plain HTML."),
        body,
        &["chat-text-removed"],
    );
}

#[test]
fn r6_9_the_title_of_the_window_ranks_below_the_h1() {
    let without = PAGE
        .replace("<h1>Tea</h1>", "<h2>How</h2>")
        .replace(" | A Shop", "");
    check(
        "a.txt",
        &without,
        &[("Tea", "<main>\n\n<h2>How</h2>\n\n<p>Leaves.</p>\n\n</main>")],
        &[],
    );
}

#[test]
fn r6_9_what_runs_in_a_page_goes() {
    let text = PAGE.replace("<main>", "<script>\nalert(1)\n\nalert(2)\n</script><main>");
    check_fields(
        &text,
        "<main>\n\n\n<p>Leaves.</p>\n\n</main>",
        &["unsafe-html-removed"],
    );
}

#[test]
fn r2_6_markup_in_chats() {
    let chat = |reply: &str| {
        json!([{"role": "user", "content": "Write."}, {"role": "assistant", "content": reply}])
            .to_string()
    };
    assert_eq!(read("a.json", chat(TAGGED)).posts.len(), 1);
    assert_eq!(read("a.json", chat(PAGE)).posts.len(), 0);
    let long = PAGE.replace("Leaves.", &"Leaves fall. ".repeat(30));
    assert_eq!(read("a.json", chat(&long)).posts.len(), 1);
}
