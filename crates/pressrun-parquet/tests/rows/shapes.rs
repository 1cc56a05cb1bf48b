//! Files of each shape: how columns form objects, lists and maps.

use parquet::file::properties::{WriterProperties, WriterVersion};

use super::check_rows;
use super::written::{Column, Values, write, write_with};

#[test]
fn file_without_rows_has_none() {
    check_rows(&write("required int32 a;", &[]), &[]);
    let empty = [vec![Column(Values::Int32(&[]), &[], &[])]];
    check_rows(&write("required int32 a;", &empty), &[]);
}

#[test]
fn required_and_optional_columns_are_keys() {
    let schema = "required int32 a; optional binary b (STRING); required boolean c;";
    let group = |a: &'static [i32]| {
        vec![
            Column(Values::Int32(a), &[], &[]),
            Column(Values::Text(&["x"]), &[0, 1], &[]),
            Column(Values::Bool(&[true, false]), &[], &[]),
        ]
    };
    check_rows(
        &write(schema, &[group(&[1, 2]), group(&[3, 4])]),
        &[
            r#"{"a":1,"c":true}"#,
            r#"{"a":2,"b":"x","c":false}"#,
            r#"{"a":3,"c":true}"#,
            r#"{"a":4,"b":"x","c":false}"#,
        ],
    );
}

#[test]
fn absent_objects_differ_from_empty_ones() {
    let schema = "optional group a { optional int32 x; optional group b { optional int32 y; } }";
    let columns = vec![
        Column(Values::Int32(&[7]), &[0, 1, 2], &[]),
        Column(Values::Int32(&[8]), &[0, 1, 3], &[]),
    ];
    check_rows(
        &write(schema, &[columns]),
        &["{}", r#"{"a":{}}"#, r#"{"a":{"x":7,"b":{"y":8}}}"#],
    );
}

#[test]
fn lists_of_all_writers_are_lists() {
    // The usual form: absent, empty, one element that is null, two elements.
    let usual = "optional group a (LIST) { repeated group list { optional int32 element; } }";
    let column = || {
        vec![Column(
            Values::Int32(&[1, 2]),
            &[0, 1, 2, 3, 3],
            &[0, 0, 0, 0, 1],
        )]
    };
    let rows = ["{}", r#"{"a":[]}"#, r#"{"a":[null]}"#, r#"{"a":[1,2]}"#];
    check_rows(&write(usual, &[column()]), &rows);
    // Old writers: the repeated field is the element.
    let two_levels = "optional group a (LIST) { repeated int32 array; }";
    let column = || vec![Column(Values::Int32(&[1, 2]), &[0, 1, 2, 2], &[0, 0, 0, 1])];
    check_rows(
        &write(two_levels, &[column()]),
        &["{}", r#"{"a":[]}"#, r#"{"a":[1,2]}"#],
    );
    // A repeated field without a list around it.
    let bare = "repeated int32 a;";
    let column = || vec![Column(Values::Int32(&[1, 2]), &[0, 1, 1], &[0, 0, 1])];
    check_rows(
        &write(bare, &[column()]),
        &[r#"{"a":[]}"#, r#"{"a":[1,2]}"#],
    );
    // Groups of one field that are elements by their names, and of two fields.
    for name in ["array", "a_tuple"] {
        let schema =
            format!("required group a (LIST) {{ repeated group {name} {{ required int32 x; }} }}");
        check_rows(
            &write(&schema, &[column()]),
            &[r#"{"a":[]}"#, r#"{"a":[{"x":1},{"x":2}]}"#],
        );
    }
    let pair =
        "required group a (LIST) { repeated group one { required int32 x; required int32 y; } }";
    let columns = vec![
        Column(Values::Int32(&[1, 2]), &[1, 1], &[0, 1]),
        Column(Values::Int32(&[3, 4]), &[1, 1], &[0, 1]),
    ];
    check_rows(
        &write(pair, &[columns]),
        &[r#"{"a":[{"x":1,"y":3},{"x":2,"y":4}]}"#],
    );
}

#[test]
fn chats_are_lists_of_objects() {
    let schema = "optional group messages (LIST) { repeated group list { optional group element {
        optional binary role (STRING); optional binary content (STRING); } } }";
    let columns = vec![
        Column(Values::Text(&["user", "assistant"]), &[4, 4, 0], &[0, 1, 0]),
        Column(Values::Text(&["Why?"]), &[4, 3, 0], &[0, 1, 0]),
    ];
    let chat = r#"{"messages":[{"role":"user","content":"Why?"},{"role":"assistant"}]}"#;
    check_rows(&write(schema, &[columns]), &[chat, "{}"]);
}

#[test]
fn maps_are_objects() {
    let schema = "optional group a (MAP) { repeated group key_value {
        required binary key (STRING); optional int32 value; } }";
    let columns = vec![
        Column(Values::Text(&["x", "y"]), &[0, 1, 2, 2], &[0, 0, 0, 1]),
        Column(Values::Int32(&[1]), &[0, 1, 3, 2], &[0, 0, 0, 1]),
    ];
    check_rows(
        &write(schema, &[columns]),
        &["{}", r#"{"a":{}}"#, r#"{"a":{"x":1}}"#],
    );
    let numbers = "required group a (MAP) { repeated group key_value {
        required int32 key; required boolean value; } }";
    let columns = vec![
        Column(Values::Int32(&[7, 8]), &[1, 1], &[0, 1]),
        Column(Values::Bool(&[true, false]), &[1, 1], &[0, 1]),
    ];
    check_rows(
        &write(numbers, &[columns]),
        &[r#"{"a":{"7":true,"8":false}}"#],
    );
    let keys = "required group a (MAP) { repeated group key_value { required int32 key; } }";
    let column = vec![Column(Values::Int32(&[7, 8]), &[1, 1], &[0, 1])];
    check_rows(&write(keys, &[column]), &[r#"{"a":[7,8]}"#]);
}

#[test]
fn types_of_old_writers_are_read() {
    let schema = "required int64 a (TIMESTAMP_MILLIS); required int96 b; required int32 c (UINT_8);
        required int32 d (DATE); required int32 e (TIME_MILLIS); required int64 f (DECIMAL(9, 3));
        required binary g (UTF8); required fixed_len_byte_array(16) h (UUID);
        required fixed_len_byte_array(2) i (FLOAT16); required binary j (JSON);";
    let columns = vec![
        Column(Values::Int64(&[1_704_110_400_123]), &[], &[]),
        Column(Values::Int96(&[[0, 0, 2_460_311]]), &[], &[]),
        Column(Values::Int32(&[200]), &[], &[]),
        Column(Values::Int32(&[19_723]), &[], &[]),
        Column(Values::Int32(&[45_000_000]), &[], &[]),
        Column(Values::Int64(&[-1500]), &[], &[]),
        Column(Values::Text(&["Tee ☕"]), &[], &[]),
        Column(Values::Fixed(&[&[0x1F; 16]]), &[], &[]),
        Column(Values::Fixed(&[&[0, 0x3C]]), &[], &[]),
        Column(Values::Bytes(&[br#"{"a": 1}"#]), &[], &[]),
    ];
    check_rows(
        &write(schema, &[columns]),
        &[concat!(
            r#"{"a":"2024-01-01T12:00:00.123Z","b":"2024-01-01T00:00:00","c":200,"#,
            r#""d":"2024-01-01","e":"12:30:00","f":"-1.500","g":"Tee ☕","#,
            r#""h":"1f1f1f1f-1f1f-1f1f-1f1f-1f1f1f1f1f1f","i":1.0,"j":"{\"a\": 1}"}"#
        )],
    );
}

#[test]
fn columns_that_differ_in_case_are_keys_of_their_own() {
    let schema = "required int32 title; required int32 Title; required int32 TITLE;";
    let column = |value: &'static [i32]| Column(Values::Int32(value), &[], &[]);
    let columns = vec![column(&[1]), column(&[2]), column(&[3])];
    check_rows(
        &write(schema, &[columns]),
        &[r#"{"title":1,"Title":2,"TITLE":3}"#],
    );
}

#[test]
fn pages_of_any_size_and_version_give_the_same_rows() {
    let schema =
        "optional group a (LIST) { repeated group list { required binary element (STRING); } }
        required double b; required float c;";
    let texts: Vec<String> = (0..600)
        .map(|number| format!("leaf {}", number % 50))
        .collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    // Rows of 1, 2 and 3 elements in turn.
    let repetition: Vec<i16> = (0..600)
        .map(|at| i16::from(!matches!(at % 6, 0 | 1 | 3)))
        .collect();
    let definition = vec![2; 600];
    let numbers: Vec<f64> = (0..300).map(f64::from).collect();
    let halves: Vec<f32> = (0..300).map(|number| number as f32 / 2.0).collect();
    let group = || {
        vec![
            Column(Values::Text(&texts), &definition, &repetition),
            Column(Values::Double(&numbers), &[], &[]),
            Column(Values::Float(&halves), &[], &[]),
        ]
    };
    let expected: Vec<String> = super::read(&write(schema, &[group()]))
        .into_iter()
        .map(|row| serde_json::Value::Object(row.unwrap()).to_string())
        .collect();
    assert_eq!(expected.len(), 300);
    assert_eq!(
        expected[2],
        r#"{"a":["leaf 3","leaf 4","leaf 5"],"b":2.0,"c":1.0}"#
    );
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
        for (dictionary, rows) in [(true, 7), (false, 1), (false, 300)] {
            let properties = WriterProperties::builder()
                .set_writer_version(version)
                .set_dictionary_enabled(dictionary)
                .set_write_batch_size(rows)
                .set_data_page_row_count_limit(rows);
            check_rows(&write_with(schema, &[group()], properties), &expected);
        }
    }
}
