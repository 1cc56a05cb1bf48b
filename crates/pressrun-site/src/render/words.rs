//! The functions and filters that templates have besides those of Tera: for words, numbers and lists in a language.
//!
//! What they return follows from their arguments, the configuration and the message files alone, so a page still depends
//! on nothing but its view.

use std::borrow::Cow;

use pressrun_locale::locale::Locale;
use pressrun_locale::messages::{MessageError, MessageValue, Messages, Words};
use tera::value::Key;
use tera::{Error, Kwargs, State, Tera, TeraResult, Value};

use crate::config::find_nearest_name;

/// Names of the functions.
pub(super) const FUNCTIONS: [&str; 2] = ["list_joint", "message"];

/// Names of the filters.
pub(super) const FILTERS: [&str; 1] = ["number"];

/// Adds the functions and filters to the templates of a site with these messages.
pub fn register_word_functions(tera: &mut Tera, messages: &Messages) {
    let site = messages.clone();
    tera.register_function("message", move |values: Kwargs, _: &State<'_>| {
        let words = chosen_words(&values, &site)?;
        show_message(&values, &words)
    });
    let site = messages.clone();
    tera.register_function("list_joint", move |values: Kwargs, _: &State<'_>| {
        let words = chosen_words(&values, &site)?;
        show_list_joint(&values, words.locale())
    });
    let site = messages.clone();
    tera.register_filter(
        "number",
        move |number: i64, values: Kwargs, _: &State<'_>| {
            let words = chosen_words(&values, &site)?;
            TeraResult::Ok(words.locale().format_number(number))
        },
    );
}

/// Returns the words of the language that `lang` names, or else of the site's.
fn chosen_words(values: &Kwargs, site: &Messages) -> TeraResult<std::sync::Arc<Words>> {
    let language: Option<&str> = values.get("lang")?;
    Ok(language.map_or_else(|| site.site_words(), |tag| site.words(tag)))
}

fn show_message(values: &Kwargs, words: &Words) -> TeraResult<Value> {
    let key: &str = values.must_get("key")?;
    let given: Vec<(&str, MessageValue<'_>)> = values
        .iter()
        .filter_map(|(name, value)| Some((name.as_str()?, message_value(value)?)))
        .collect();
    // HTML among the values makes the whole HTML.
    let has_html = given
        .iter()
        .any(|(_, value)| matches!(value, MessageValue::Escaped(_)));
    let filled = if has_html {
        let filled = words.fill_as(key, &given, escape_html);
        filled.map(|text| Value::safe_string(&text))
    } else {
        words.fill(key, &given).map(Value::from)
    };
    filled.map_err(|error| Error::message(explain(key, &error, words)))
}

fn message_value(value: &Value) -> Option<MessageValue<'_>> {
    if let Some(text) = value.as_str() {
        return Some(if value.is_safe() {
            MessageValue::Escaped(text)
        } else {
            MessageValue::Text(text)
        });
    }
    let number = value.as_number()?.as_integer()?;
    i64::try_from(number).ok().map(MessageValue::Number)
}

fn explain(key: &str, error: &MessageError, words: &Words) -> String {
    match error {
        MessageError::Unknown => {
            let keys: Vec<&str> = words.keys().collect();
            match find_nearest_name(key, &keys) {
                Some(near) => format!("there is no message `{key}`: did you mean `{near}`?"),
                None => format!("there is no message `{key}`"),
            }
        }
        MessageError::MissingValue(_) | MessageError::NoCount => format!("`{key}`: {error}"),
    }
}

/// Returns what stands before an item of a list: nothing, `, ` or ` and `.
fn show_list_joint(values: &Kwargs, locale: &Locale) -> TeraResult<String> {
    let index: usize = values.must_get("index")?;
    let items: &[Value] = values.must_get("items")?;
    let item = items.get(index);
    let name = item.and_then(|item| {
        let name = || item.as_map()?.get(&Key::from("name"))?.as_str();
        item.as_str().or_else(name)
    });
    Ok(locale.find_joint(index, items.len(), name.unwrap_or_default()))
}

/// Escapes text for HTML, as the templates do.
fn escape_html(text: &str) -> Cow<'_, str> {
    let mut escaped = Vec::with_capacity(text.len() + 8);
    // Writing to memory cannot fail, and escaping text gives text.
    match tera::escape_html(text, &mut escaped) {
        Ok(()) => String::from_utf8_lossy(&escaped).into_owned().into(),
        Err(_) => "".into(),
    }
}
