//! Checks which field a key of front matter gives, and with which value.

use serde_json::json;

use super::*;
use crate::post::extras_to_json;

fn assign(json: &serde_json::Value) -> KeyedFields {
    let entries = json
        .as_object()
        .unwrap()
        .iter()
        .map(|(key, value)| KeyEntry {
            key: key.clone(),
            value: KeyValue::of_json(value),
            line: 1,
        });
    assign_keys(entries.collect())
}

/// Checks the fields of an object, as `label=text|text`, and what stays.
#[track_caller]
fn check(json: serde_json::Value, expected: &[&str], extra: serde_json::Value) {
    let fields = assign(&json);
    let given: Vec<String> = fields
        .given
        .iter()
        .map(|given| {
            let texts: Vec<&str> = given.value.iter_texts().collect();
            format!("{:?}={}", given.label, texts.join("|"))
        })
        .collect();
    assert_eq!(given, expected, "{json}");
    assert_eq!(extras_to_json(&fields.extra), extra, "{json}");
}

#[test]
fn case_and_separators_of_a_key_do_not_count() {
    check(
        json!({"Meta Description": "a", "metaTitle": "b", "PUB_DATE": "2024-05-01", "url-slug": "c"}),
        &["Description=a", "SeoTitle=b", "Date=2024-05-01", "Slug=c"],
        json!({}),
    );
    check(
        json!({"post_title": "a", "topic": "b"}),
        &[],
        json!({"post_title": "a", "topic": "b"}),
    );
}

#[test]
fn first_key_with_a_usable_value_gives_the_field() {
    check(
        json!({"summary": "b", "description": "a", "created": "2020-01-01", "date": "2024-05-01"}),
        &["Description=a", "Date=2024-05-01"],
        json!({"summary": "b", "created": "2020-01-01"}),
    );
    check(
        json!({"description": "TBD", "summary": "b", "weight": "heavy", "order": 3, "lang": "de", "language": "unheard of"}),
        &["Description=b", "Weight=3", "Language=de"],
        json!({"description": "TBD", "weight": "heavy", "language": "unheard of"}),
    );
    check(
        json!({"pubDate": "2024-05-01", "pub_date": "2024-05-02"}),
        &["Date=2024-05-01"],
        json!({"pub_date": "2024-05-02"}),
    );
}

#[test]
fn translations_are_tied_by_the_keys_of_several_generators() {
    check(
        json!({"translationKey": "ferry"}),
        &["TranslationKey=ferry"],
        json!({}),
    );
    check(
        json!({"lang-ref": "ferry", "translation_id": 17, "translation_key": true}),
        &["TranslationKey=17"],
        json!({"lang-ref": "ferry", "translation_key": true}),
    );
    // Elsewhere these can mean anything.
    check(
        json!({"ref": "ferry", "page_id": "f", "lang": "de"}),
        &["TranslationKey=f", "Language=de"],
        json!({"ref": "ferry"}),
    );
    check(
        json!({"ref": "ferry", "page_id": "f"}),
        &[],
        json!({"ref": "ferry", "page_id": "f"}),
    );
}

#[test]
fn a_text_that_is_no_date_is_used_only_if_no_key_has_one() {
    check(
        json!({"date": "soon", "created": "2024-05-01"}),
        &["Date=2024-05-01"],
        json!({"date": "soon"}),
    );
    check(json!({"date": "soon"}), &["Date=soon"], json!({}));
    check(
        json!({"updated": {"a": 1}, "expires": []}),
        &[],
        json!({"updated": {"a": 1}, "expires": []}),
    );
}

#[test]
fn several_keys_make_a_draft_and_none_of_them_is_kept() {
    for json in [
        json!({"draft": true}),
        json!({"Draft": "yes"}),
        json!({"published": false}),
        json!({"publish": "no"}),
        json!({"status": "Private"}),
        json!({"status": "trash"}),
    ] {
        check(json, &["Draft=true"], json!({}));
    }
    for json in [
        json!({"draft": false}),
        json!({"published": true}),
        json!({"publish": null}),
        json!({"status": "live"}),
    ] {
        check(json, &[], json!({}));
    }
    check(
        json!({"published": "2024-05-01"}),
        &["Date=2024-05-01"],
        json!({}),
    );
    check(
        json!({"published": "2024-05-01", "date": "2024-05-02"}),
        &["Date=2024-05-02"],
        json!({}),
    );
}

#[test]
fn maps_of_languages_are_texts() {
    check(
        json!({"title": {"de": "a", "en-GB": "b"}, "slug": {"pt_BR": "c"}}),
        &["Title=a|b", "Slug=c"],
        json!({}),
    );
    check(
        json!({"title": {"german": "a"}}),
        &[],
        json!({"title": {"german": "a"}}),
    );
    check(
        json!({"tags": {"de": "a"}}),
        &[],
        json!({"tags": {"de": "a"}}),
    );
}

#[test]
fn objects_have_names() {
    check(
        json!({"tags": [{"name": "a"}, {"title": "b", "slug": "x"}, {"label": "c"}, {"slug": "d"}, "e", {"id": 1}]}),
        &["Tags=a|b|c|d|e"],
        json!({}),
    );
    check(
        json!({"category": {"name": "a"}, "author": {"name": "b", "url": "c"}, "series": {"name": "d"}}),
        &["Categories=a", "Authors=b", "Series=d"],
        json!({}),
    );
    check(
        json!({"series": ["a", "b"], "title": {"rendered": "c"}}),
        &["Series=a", "Title=c"],
        json!({}),
    );
}

#[test]
fn plain_paths_are_permalinks_and_aliases() {
    check(
        json!({"permalink": "a/b", "aliases": ["/c/", "d", "e/f.html", "https://x.example/"]}),
        &["Permalink=/a/b", "Aliases=/c/|/e/f.html"],
        json!({"aliases": ["d", "https://x.example/"]}),
    );
    for path in [
        "about",
        "/:year/:title/",
        "/a/{b}",
        "https://x.example/a",
        "/a?b",
        "/a#b",
        "/*",
        "/<a>",
    ] {
        check(json!({"permalink": path}), &[], json!({"permalink": path}));
    }
    check(
        json!({"url": "/a/", "redirect_from": "/b"}),
        &["Permalink=/a/", "Aliases=/b"],
        json!({}),
    );
}

#[test]
fn covers_are_texts_lists_and_maps() {
    check(json!({"heroImage": "a.png"}), &["Cover=a.png"], json!({}));
    check(
        json!({"images": ["a.png", "b.png"]}),
        &["Cover=a.png"],
        json!({}),
    );
    check(
        json!({"image": {"path": "a.png", "alt": "b", "c": 1}}),
        &["CoverAlt=b", "Cover=a.png"],
        json!({}),
    );
    check(
        json!({"cover": [{"url": "a.png", "src": "b.png"}]}),
        &["Cover=b.png"],
        json!({}),
    );
    check(
        json!({"cover": false, "thumbnail": "a.png"}),
        &["Cover=a.png"],
        json!({"cover": false}),
    );
}

#[test]
fn search_engines_are_kept_out() {
    check(
        json!({"noindex": true, "robots": "noindex"}),
        &["NoIndex=true"],
        json!({"robots": "noindex"}),
    );
    check(
        json!({"robots": "noindex, nofollow"}),
        &["NoIndex=true"],
        json!({}),
    );
    check(
        json!({"robots": ["nofollow", "NOINDEX"]}),
        &["NoIndex=true"],
        json!({}),
    );
    check(
        json!({"robots": "nofollow", "noindex": false, "unlisted": "no"}),
        &[],
        json!({"robots": "nofollow"}),
    );
    check(json!({"unlisted": true}), &["NoIndex=true"], json!({}));
}

#[test]
fn own_keys_are_fields() {
    check(
        json!({"cover_alt": "a", "disclosure": false, "digital_source_type": "b"}),
        &["CoverAlt=a", "Disclosure=false", "SourceType=b"],
        json!({}),
    );
}

#[test]
fn taxonomies_count_where_no_key_gives_the_field() {
    check(
        json!({"taxonomies": {"tags": ["a"], "categories": ["b"]}}),
        &["Tags=a", "Categories=b"],
        json!({}),
    );
    check(
        json!({"tags": ["c"], "taxonomies": {"tags": ["a"], "moods": ["b"]}}),
        &["Tags=c"],
        json!({"taxonomies": {"tags": ["a"], "moods": ["b"]}}),
    );
}

#[test]
fn every_other_key_stays_with_its_value() {
    check(
        json!({"layout": "post", "a": [1, {"b": null}], "c": 2.5, "title": "d", "content": "e"}),
        &["Title=d"],
        json!({"layout": "post", "a": [1, {"b": null}], "c": 2.5, "content": "e"}),
    );
}
