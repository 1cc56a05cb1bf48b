//! The page of the desk. It holds the first rows of the queue and one post; `desk.js` asks for the
//! rest.

use serde_json::{Map, Value, json};

use pressrun_locale::messages::MessageValue;
use pressrun_text::html::escape_html;

use super::queue::RowRequest;
use super::routes::read_queue;
use super::{DESK, ReviewDesk};
use crate::preview::PreviewState;
use crate::preview::snapshot::PreviewSnapshot;
use crate::preview::words::OwnWords;
use crate::review::{MOST_OF_NAME, MOST_OF_REASON};

/// The words that the script uses.
const WORDS: &[&str] = &[
    "approved",
    "back",
    "blocked",
    "decided_elsewhere",
    "draft",
    "empty",
    "findings",
    "gone",
    "last",
    "name_missing",
    "no_findings",
    "no_undo",
    "not_saved",
    "now_changed",
    "offline",
    "outdated",
    "page",
    "reading",
    "rejected",
    "since",
    "source",
    "text_changed",
    "undone",
    "waiting",
];

/// The actions, each with its key and the key that is its name.
const ACTIONS: &[(&str, &str)] = &[
    ("approve", "a"),
    ("reject", "r"),
    ("draft", "d"),
    ("revoke", ""),
    ("previous", "k"),
    ("next", "j"),
    ("undo", "u"),
];

/// Returns the page.
pub(super) fn desk_page(
    shared: &PreviewState,
    snapshot: &PreviewSnapshot,
    desk: Option<&ReviewDesk>,
) -> String {
    let own = snapshot
        .renderer()
        .map_or_else(OwnWords::english, OwnWords::of_site);
    let word = |key: &str| escape_html(&own.desk_text(key));
    let title = word("title");
    let start = escape_script(&describe_start(shared, snapshot, desk, &own).to_string());
    let home = escape_html(&snapshot.home(&shared.origin));
    let mut html = format!(
        "<!doctype html>\n<html {}>\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<link rel=\"stylesheet\" href=\"{DESK}desk.css\">\n\
         <link rel=\"icon\" href=\"data:,\">\n\
         <script src=\"{DESK}desk.js\" defer></script>\n\
         <script type=\"application/json\" id=\"start\">{start}</script>\n</head>\n<body>\n",
        own.html_attributes()
    );
    html += &format!(
        "<header>\n<h1>{title}</h1>\n<a href=\"{home}\">{}</a>\n\
         <nav id=\"states\" aria-label=\"{title}\"></nav>\n\
         <label id=\"who\">{} <input id=\"name\" autocomplete=\"name\" maxlength=\"{MOST_OF_NAME}\"></label>\n</header>\n",
        escape_html(&own.text("site")),
        word("name"),
    );
    if desk.is_none() {
        let command = MessageValue::Escaped("<code>pressrun serve --review</code>");
        let hint = own.fill_desk_html("read_only", &[("command", command)]);
        html += &format!("<p class=\"hint\">{hint}</p>\n");
    }
    html += &format!(
        "<main>\n<nav id=\"queue\" aria-label=\"{}\"><ol id=\"rows\"></ol>\
         <button id=\"more\" type=\"button\" hidden>{}</button></nav>\n\
         <section id=\"post\" aria-labelledby=\"title\"></section>\n\
         <aside id=\"facts\" aria-label=\"{}\"></aside>\n</main>\n",
        word("queue"),
        word("more"),
        word("findings"),
    );
    html += &action_bar(desk.is_some(), &own);
    html += &dialogs(desk.is_some(), &own);
    html + "</body>\n</html>\n"
}

/// Returns the Content-Security-Policy of the page: it runs only its own script, and shows in
/// frames only the pages of the site.
pub(super) fn desk_policy(shared: &PreviewState) -> String {
    let site = match &shared.desk {
        // The grammar of the policy has no addresses of IPv6.
        Some(_) if shared.origin.contains('[') => "http:",
        Some(_) => &*shared.origin,
        None => "'self'",
    };
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
         img-src data:; frame-src {site}; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )
}

/// Returns what the script starts with.
fn describe_start(
    shared: &PreviewState,
    snapshot: &PreviewSnapshot,
    desk: Option<&ReviewDesk>,
    own: &OwnWords,
) -> Value {
    let words = WORDS.iter().map(|&key| {
        let text = own.desk_text(key);
        (key.to_owned(), Value::String(text))
    });
    let words: Map<String, Value> = words.collect();
    let read = read_queue(shared, |site| {
        let state = site.queue.find_first_state(&site.recent);
        let request = RowRequest { state, after: None };
        let first = site.queue.find_first(state, &site.recent);
        json!({
            "state": state,
            "list": site.queue.list_rows(&request, &site.recent),
            "post": first.map(|one| site.describe(one)),
        })
    });
    json!({
        "token": desk.map(|desk| &desk.token),
        "name": desk.and_then(|desk| desk.name.as_ref()),
        // The pages of the site have another origin than a desk that can write.
        "site": desk.map_or("", |_| &shared.origin),
        "number": snapshot.number,
        "risk": own.words.text_with_places("desk.risk"),
        "words": words,
        "queue": read,
    })
}

/// Returns the buttons of the actions, with their keys.
fn action_bar(can_write: bool, own: &OwnWords) -> String {
    let mut html = "<footer>\n<div id=\"actions\" role=\"toolbar\">\n".to_owned();
    for (name, key) in ACTIONS {
        if !can_write && !matches!(*name, "previous" | "next") {
            continue;
        }
        html += &action_button(name, key, &own.desk_text(name));
    }
    html += &action_button("keys", "?", &own.desk_text("keys"));
    html + "</div>\n<p id=\"status\" role=\"status\"></p>\n<p id=\"alert\" role=\"alert\"></p>\n</footer>\n"
}

fn action_button(name: &str, key: &str, text: &str) -> String {
    let text = escape_html(text);
    let (shortcut, shown) = if key.is_empty() {
        (String::new(), String::new())
    } else {
        (
            format!(" aria-keyshortcuts=\"{key}\""),
            format!(" <kbd aria-hidden=\"true\">{key}</kbd>"),
        )
    };
    format!("<button type=\"button\" data-action=\"{name}\"{shortcut}>{text}{shown}</button>\n")
}

/// Returns the dialogs: why a post is rejected, and the keys.
fn dialogs(can_write: bool, own: &OwnWords) -> String {
    let word = |key: &str| escape_html(&own.desk_text(key));
    let mut keys = String::new();
    let mut key = |keys_of: &str, text: &str| {
        let shown: Vec<String> = keys_of
            .split(' ')
            .map(|key| format!("<kbd>{key}</kbd>"))
            .collect();
        keys += &format!("<dt>{}</dt><dd>{text}</dd>\n", shown.join(" "));
    };
    if can_write {
        key("a", &word("approve"));
        key("r", &word("reject"));
        key("d", &word("draft"));
        key("u", &word("undo"));
    }
    key("j n →", &word("next"));
    key("k p ←", &word("previous"));
    key("Space", &word("scroll"));
    key("Esc", &word("back"));
    key("?", &word("keys"));
    let mut html = format!(
        "<dialog id=\"keys\" aria-labelledby=\"keys-title\"><form method=\"dialog\">\n\
         <h2 id=\"keys-title\">{}</h2>\n<dl>\n{keys}</dl>\n\
         <button>{}</button>\n</form></dialog>\n",
        word("keys"),
        escape_html(&own.text("hide")),
    );
    if can_write {
        html += &format!(
            "<dialog id=\"why\" aria-labelledby=\"why-title\"><form method=\"dialog\">\n\
             <label id=\"why-title\" for=\"reason\">{}</label>\n\
             <input id=\"reason\" required maxlength=\"{MOST_OF_REASON}\" autocomplete=\"off\">\n\
             <button id=\"really\" value=\"reject\">{}</button>\n\
             <button value=\"\" formnovalidate>{}</button>\n</form></dialog>\n",
            word("why"),
            word("reject"),
            word("cancel"),
        );
    }
    html
}

/// Escapes JSON so that it can stand in an element `script`.
fn escape_script(json: &str) -> String {
    // Only strings contain this character, where the escape means the same.
    json.replace('<', "\\u003c")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_the_element_that_holds_it() {
        let text = json!({"title": "</script><script>alert(1)</script><!--"}).to_string();
        let escaped = escape_script(&text);
        assert!(!escaped.contains('<'), "{escaped}");
        let read: Value = serde_json::from_str(&escaped).unwrap();
        assert_eq!(read["title"], "</script><script>alert(1)</script><!--");
    }
}
