//! Finds the containers inside an object that is not one itself: `{"posts": […]}` (R2.2 of the ingest
//! contract).

use serde_json::{Map, Value};

/// The keys that may hold a list of containers, in order of preference.
const LISTS: [&str; 8] = [
    "posts",
    "articles",
    "blogs",
    "blog_posts",
    "entries",
    "items",
    "results",
    "data",
];

/// The keys that may hold one container, by itself or as the only element of a list.
const SINGLES: [&str; 7] = [
    "post",
    "article",
    "blog",
    "blog_post",
    "data",
    "result",
    "db",
];

/// Returns the key under which an object holds containers.
pub(super) fn find_nested_key(object: &Map<String, Value>) -> Option<&'static str> {
    let list = |key: &str| object.get(key).and_then(Value::as_array);
    let has_objects = |key: &str| list(key).is_some_and(|items| items.iter().any(Value::is_object));
    let is_single = |key: &str| match object.get(key) {
        Some(Value::Object(_)) => true,
        Some(Value::Array(items)) => matches!(&items[..], [Value::Object(_)]),
        _ => false,
    };
    // An empty list holds no containers, so it goes last.
    let is_empty = |key: &str| list(key).is_some_and(Vec::is_empty);
    let find = |keys: &'static [&'static str], test: &dyn Fn(&str) -> bool| {
        keys.iter().copied().find(|key| test(key))
    };
    find(&LISTS, &has_objects)
        .or_else(|| find(&SINGLES, &is_single))
        .or_else(|| find(&LISTS, &is_empty))
}

/// Returns whether an object lists whole chats under `conversations`, rather than the messages of
/// one.
pub(super) fn lists_chats(object: &Map<String, Value>) -> bool {
    let is_chat = |value: &Value| {
        ["mapping", "chat_messages", "messages", "conversations"]
            .iter()
            .any(|key| value.get(key).is_some())
    };
    let chats = object.get("conversations").and_then(Value::as_array);
    chats.is_some_and(|chats| !chats.is_empty() && chats.iter().all(is_chat))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(object: &Value, expected: Option<&str>) {
        let found = find_nested_key(object.as_object().unwrap());
        assert_eq!(found, expected, "{object}");
    }

    #[test]
    fn lists_of_objects_are_found_by_their_key() {
        check(&json!({"data": [{}], "posts": [{}]}), Some("posts"));
        check(&json!({"data": [{}, {}], "posts": "none"}), Some("data"));
        check(&json!({"posts": [], "items": [{}]}), Some("items"));
        check(&json!({"posts": []}), Some("posts"));
        check(&json!({"posts": ["a", 1]}), None);
        check(&json!({"pages": [{}]}), None);
    }

    #[test]
    fn single_objects_are_found_by_their_key() {
        check(&json!({"post": {}}), Some("post"));
        check(&json!({"db": [{}]}), Some("db"));
        check(&json!({"db": [{}, {}]}), None);
        check(&json!({"post": {}, "items": [{}]}), Some("items"));
        check(&json!({"post": "a"}), None);
    }
}
