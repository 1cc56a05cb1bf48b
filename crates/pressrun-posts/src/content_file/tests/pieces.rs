//! Files that are read in pieces give what they give whole.

use std::convert::Infallible;
use std::io::{self, Read};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const PATH: &str = "content/a.jsonl";

fn settings() -> ReadSettings {
    let mut settings = ReadSettings::default();
    settings.makes_profiles = true;
    settings
}

fn find_pieces(bytes: &[u8], least: u64) -> Option<Vec<LinePiece>> {
    find_line_pieces(PATH, bytes, least).unwrap()
}

/// Reads a piece as another machine would: it is stored, and its posts get other bodies and titles.
fn read_stored(bytes: &[u8], piece: LinePiece) -> FilePiece<usize> {
    let input = FileInput {
        path: PATH.into(),
        bytes: bytes[piece.start as usize..piece.end as usize].to_vec(),
    };
    let read = read_lines_piece(&input, piece.first_line, &settings());
    let Ok(stored) = read.try_map_posts(|post, _| {
        let length = post.body.len();
        Ok::<_, Infallible>(Ok(without_texts(post.with_body(length))))
    });
    let stored = serde_json::to_string(&stored).unwrap();
    serde_json::from_str(&stored).unwrap()
}

fn without_texts<B>(post: Post<B>) -> Post<B> {
    Post {
        title: String::new(),
        description: String::new(),
        language: None,
        ..post
    }
}

/// Checks that some pieces have all lines, and that together they give what the whole file gives.
fn check_pieces(bytes: &[u8], pieces: &[LinePiece]) -> Result<(), TestCaseError> {
    let mut at = 0;
    for piece in pieces {
        let before = memchr::memchr_iter(b'\n', &bytes[..at as usize]).count() as u32;
        prop_assert_eq!((piece.start, piece.first_line), (at, before + 1));
        prop_assert!(piece.end > at);
        at = piece.end;
    }
    prop_assert_eq!(at, bytes.len() as u64);

    let input = FileInput {
        path: PATH.into(),
        bytes: bytes.to_vec(),
    };
    let whole = read_file(&input, &settings());
    let read = pieces.iter().map(|&piece| {
        let bytes = bytes[piece.start as usize..piece.end as usize].to_vec();
        let path = PATH.into();
        read_lines_piece(&FileInput { path, bytes }, piece.first_line, &settings())
    });
    let joined = join_pieces(&PATH.into(), read);
    prop_assert_eq!(&joined.posts, &whole.posts);
    prop_assert_eq!(joined.profiles, whole.profiles);
    prop_assert_eq!(&joined.diagnostics, &whole.diagnostics);
    prop_assert_eq!(joined.requests, whole.requests);

    let stored = pieces.iter().map(|&piece| read_stored(bytes, piece));
    let joined = join_pieces(&PATH.into(), stored);
    let posts = whole.posts.into_iter().map(|post| {
        let length = post.body.len();
        without_texts(post.with_body(length))
    });
    prop_assert_eq!(joined.posts, posts.collect::<Vec<_>>());
    prop_assert_eq!(joined.diagnostics, whole.diagnostics);
    Ok(())
}

/// Joins neighbours where `joins` says so.
fn merge(pieces: &[LinePiece], joins: &[bool]) -> Vec<LinePiece> {
    let mut merged: Vec<LinePiece> = Vec::new();
    for (piece, join) in pieces.iter().zip(joins.iter().cycle()) {
        match merged.last_mut().filter(|_| *join) {
            Some(last) => last.end = piece.end,
            None => merged.push(*piece),
        }
    }
    merged
}

/// Returns the text of a post. Those of neighbouring numbers are nearly the same.
fn body(number: usize) -> String {
    let words: Vec<String> = (number..number + 40).map(|n| format!("word{n}")).collect();
    format!("It is about {}.", words.join(" "))
}

/// Returns lines with records, and lines that are none.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let title = proptest::sample::select(vec!["Tea", "TEA!", "Tea 2", "Bread", "Tea-2", "?!", ""]);
    let keys = proptest::sample::select(vec!["tags", "mood", "Colour", "slug", "lang", "draft"]);
    let post = (title, 0..6_usize, keys, "[a-z]{1,2}", 0..9_usize).prop_map(
        |(title, number, key, value, form)| {
            let text = body(number / 2 * 20 + number % 2);
            let value = match form {
                0 => json!({"title": title, "content": text, "translation_key": "t", "lang": value}),
                1 => json!({"id": value, "response": format!("TITLE: {title}\n\n{text}")}),
                2 => json!({"title": format!("{title} cafÃ©"), "content": text, key: value}),
                3 => json!([{"title": title, "content": text}, {"response": text}, 1, [{"text": text}]]),
                4 => json!({"messages": [
                    {"role": "user", "content": "Write."}, {"role": "assistant", "content": text}
                ]}),
                _ => json!({"title": title, "content": text, key: value}),
            };
            value.to_string().into_bytes()
        },
    );
    let other = proptest::sample::select(vec![
        "{\"id\": \"7\", \"response\": \"I'm sorry, but I can't help with that.\"}",
        "{\"custom_id\": \"1\", \"method\": \"POST\", \"url\": \"/v1/chat/completions\", \"body\": {\"messages\": [{\"role\": \"user\", \"content\": \"TOPIC: Tea\"}]}}",
        "{\"requests\": [{\"custom_id\": \"1\", \"params\": {\"messages\": []}}]}",
        "{\"title\": \"Tea\", \"content\": \"\"}",
        "{\"title\": \"Tea\", \"content\": \"cut off",
        "{\"text\": \"One.\", \"score\": NaN}",
        "{\"text\":\r\"One line.\", \"mood\": \"calm\"}\r",
        "\u{FEFF}{\"text\": \"One.\"}",
        "{\"text\": \"Two\u{2028}lines.\"}",
        "{}", "[]", "{\"a\": [", "]}", "5", "text", "", "", " \t", "\r", "\u{A0}", "\u{B}", "---",
    ])
    .prop_map(|text| text.as_bytes().to_vec());
    let bytes = proptest::sample::select(vec![
        &b"{\"text\": \"caf\xE9.\"}"[..],
        b"\xFF\xFE{}",
        b"\xE2\x80",
        b"\r\xFF",
    ]);
    prop_oneof![6 => post, 3 => other, 1 => bytes.prop_map(<[u8]>::to_vec)]
}

/// Returns files, most of which can be divided.
fn file() -> impl Strategy<Value = Vec<u8>> {
    let start = proptest::sample::select(vec![
        &b""[..],
        b"{\"title\": \"Tea\", \"content\": \"It is hot.\"}\n{}\n",
        b"{\"title\": \"Tea\", \"content\": \"It is hot.\"}\n{}\n",
        b"\xEF\xBB\xBF\r\n{\"text\": \"It is \xE9.\"} \r\n\n {\"a\": \n",
        b"\xFF\xFE{}\n{}\n",
        b"{\"title\": \"x\",\n",
        b"{\"title\": \"x\"}\nText.\n",
        b"[1]\n{}\n",
        b"\xEF\xBB\xBF",
    ]);
    let ends = proptest::sample::select(vec!["\n", "\n", "\r\n", "\n\n", "\r\r\n"]);
    let lines = proptest::collection::vec((line(), ends), 0..14);
    (start, lines, any::<bool>()).prop_map(|(start, lines, is_ended)| {
        let mut bytes = start.to_vec();
        for (line, end) in lines {
            bytes.extend(line);
            bytes.extend(end.as_bytes());
        }
        if !is_ended && bytes.ends_with(b"\n") {
            bytes.pop();
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 300 } else { 20_000 }))]

    #[test]
    fn pieces_of_a_file_give_what_the_whole_file_gives(
        bytes in file(),
        joins in proptest::collection::vec(any::<bool>(), 1..9),
        least in 1..900_u64,
    ) {
        if let Some(lines) = find_pieces(&bytes, 1) {
            check_pieces(&bytes, &merge(&lines, &joins))?;
            check_pieces(&bytes, &find_pieces(&bytes, least).unwrap())?;
        }
    }

    #[test]
    fn value_is_read_as_the_line_that_holds_it(line in line(), number in 1..9_u32) {
        let Ok(value) = serde_json::from_slice(&line) else { return Ok(()) };
        let text = std::str::from_utf8(&line).unwrap();
        let (path, settings) = (PATH.into(), settings());
        let reader = RecordReader::new(&path, &settings);
        let of_line = join_pieces(&path, [FilePiece::from_records(reader.read_lines(text, number))]);
        let of_value = join_pieces(&path, [FilePiece::from_records(reader.read_value(value, number))]);
        prop_assert_eq!(of_line.posts, of_value.posts);
        prop_assert_eq!(of_line.diagnostics, of_value.diagnostics);
    }
}

/// Reads each line as a piece, and returns the messages that contain one of these codes.
fn messages(lines: &[Value], code: Code) -> Vec<(Option<u32>, String)> {
    let text: Vec<String> = lines.iter().map(Value::to_string).collect();
    let bytes = text.join("\n").into_bytes();
    let pieces = find_pieces(&bytes, 1).unwrap();
    assert_eq!(pieces.len(), lines.len());
    check_pieces(&bytes, &pieces).unwrap();
    let stored = pieces.into_iter().map(|piece| read_stored(&bytes, piece));
    let found = join_pieces(&PATH.into(), stored).diagnostics.into_iter();
    let found = found.filter(|found| found.code == code);
    found
        .map(|found| (found.place.line, found.message))
        .collect()
}

fn titled(title: &str, content: &str) -> Value {
    json!({"title": title, "content": content})
}

#[test]
fn post_is_compared_with_those_of_earlier_pieces() {
    let lines = [
        titled("Tea", "One."),
        titled("tea", "Two."),
        titled("Rye", "one"),
    ];
    let title = "the title `tea` is the same as that of the post at `content/a.jsonl:1`";
    assert_eq!(
        messages(&lines, Code::DuplicateTitle),
        [(Some(2), title.to_owned())]
    );
    let words = "`Rye` has the same words as the post at `content/a.jsonl:1`";
    assert_eq!(
        messages(&lines, Code::DuplicatePost),
        [(Some(3), words.to_owned())]
    );
    let near = messages(
        &[titled("Tea", &body(0)), titled("Rye", &body(1))],
        Code::NearDuplicate,
    );
    assert_eq!(near.len(), 1, "{near:?}");
}

#[test]
fn translations_in_several_pieces_may_repeat_each_other() {
    let translated = |lang: &str| json!({"title": "Tea", "content": "One.", "lang": lang, "translation_key": "t"});
    let lines = [translated("en"), translated("de"), translated("en")];
    assert_eq!(messages(&lines, Code::DuplicateTitle), []);
    assert_eq!(messages(&lines, Code::DuplicatePost).len(), 1);
}

#[test]
fn slugs_are_unique_across_pieces() {
    let lines = [
        titled("Tea", "One."),
        titled("Tea", "Two."),
        titled("Tea 2", "3."),
    ];
    let found = messages(&lines, Code::SlugAdjusted);
    let lines: Vec<Option<u32>> = found.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [Some(2), Some(3)]);
    assert!(found[1].1.ends_with("gets `tea-2-2`"), "{found:?}");
}

#[test]
fn what_concerns_the_file_is_reported_once() {
    let lines = [titled("Tea", "CafÃ© one."), titled("Rye", "CafÃ© two.")];
    let found = messages(&lines, Code::MojibakeRepaired);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].0, Some(1));
    let lines = [
        json!({"title": "Tea", "content": "One."}),
        json!({"title": "Rye", "content": "Two.", "harbour": 1}),
        json!({"title": "Ale", "content": "3.", "colour": 1, "harbour": 2}),
    ];
    let keys = "front matter has keys that nothing reads: `harbour`, `colour`";
    assert_eq!(
        messages(&lines, Code::CustomField),
        [(Some(2), keys.to_owned())]
    );
}

#[test]
fn requests_of_all_pieces_are_counted() {
    let request = json!({"custom_id": "1", "method": "POST", "url": "/v1/chat/completions",
        "body": {"messages": [{"role": "user", "content": "Write."}]}});
    let lines = [request.clone(), request];
    let message = "2 requests of a batch are no replies";
    assert_eq!(
        messages(&lines, Code::BatchRequest),
        [(None, message.to_owned())]
    );
    assert_eq!(messages(&lines, Code::NoPostFound), []);
}

#[test]
fn no_post_is_an_error_only_if_no_piece_has_one() {
    let empty = || FilePiece::<String>::from_records([]);
    let joined = join_pieces(&PATH.into(), [empty(), empty()]);
    assert_eq!(codes(&joined), ["no-post-found"]);
    assert_eq!(
        messages(
            &[json!({"text": "One."}), json!({"messages": []})],
            Code::NoPostFound
        ),
        []
    );
}

/// Returns the first lines of the pieces of a file.
fn first_lines(bytes: &[u8], least: u64) -> Option<Vec<u32>> {
    let pieces = find_pieces(bytes, least)?;
    Some(pieces.iter().map(|piece| piece.first_line).collect())
}

#[test]
fn piece_ends_with_the_line_that_makes_it_long_enough() {
    let text = b"{\"a\": 1}\n{}\r\n\n\n{\"b\": 22}\n{}";
    assert_eq!(first_lines(text, 1).unwrap(), [1, 2, 3, 4, 5, 6]);
    assert_eq!(first_lines(text, 9).unwrap(), [1, 2, 6]);
    assert_eq!(first_lines(text, 10).unwrap(), [1, 3, 6]);
    assert_eq!(first_lines(text, 1000).unwrap(), [1]);
}

#[test]
fn only_lines_of_json_are_divided() {
    let divided: [&[u8]; 4] = [
        b"{}\n{}\n",
        b"\xEF\xBB\xBF\n \t{\"a\": NaN} \r\n\r\n{broken",
        b"{\"title\": \"x\"}\n{}\n---\n",
        b"{\"a\": \"\xE9\"}\n{}",
    ];
    for text in divided {
        assert!(find_pieces(text, 1).is_some(), "{text:?}");
    }
    let others: [&[u8]; 11] = [
        b"",
        b"\n",
        b"{}\n",
        b"{}\n[]\n",
        b"[]\n{}\n",
        b"{broken\n{}\n",
        b"{\n}\n{}\n",
        b"{\"title\": \"x\"}\nText.\n",
        b"{} {}\n{}\n",
        b"{}\n{}\n\0",
        b"\xFF\xFE{}\n{}\n",
    ];
    for text in others {
        assert_eq!(find_pieces(text, 1), None, "{text:?}");
    }
    for name in ["a.json", "a.txt", "jsonl.md"] {
        assert_eq!(find_line_pieces(name, &b"{}\n{}\n"[..], 1).unwrap(), None);
    }
    assert!(
        find_line_pieces("a.NDJSON", &b"{}\n{}\n"[..], 1)
            .unwrap()
            .is_some()
    );
}

/// Gives one byte at a time.
struct SlowFile<'a>(&'a [u8]);

impl Read for SlowFile<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = buffer.len().min(1);
        self.0.read(&mut buffer[..length])
    }
}

#[test]
fn long_lines_and_short_reads_make_no_difference() {
    let long = "x".repeat(600_000);
    let text = format!("\u{FEFF}{{\"a\": \"{long}\"}}\n{{}}\n{{\"text\": \"{long}\"}}\n{{}}\n");
    let bytes = text.as_bytes();
    let pieces = find_pieces(bytes, 100_000);
    let ends: Vec<u64> = pieces.iter().flatten().map(|piece| piece.end).collect();
    assert_eq!(ends, [600_013, 1_200_029, 1_200_032]);
    assert_eq!(
        find_line_pieces(PATH, SlowFile(bytes), 100_000).unwrap(),
        pieces
    );
}

#[test]
fn invalid_bytes_are_reported_once_at_the_line_of_the_whole_file() {
    let text =
        b"{}\r\r\n{\"text\":\r\"One.\"}\n{\"text\": \"caf\xE9\"}\n{\"text\": \"na\xEFve\"}\n";
    check_pieces(text, &find_pieces(text, 1).unwrap()).unwrap();
}

#[test]
fn nul_byte_in_a_piece_that_was_not_planned_is_reported() {
    let input = FileInput {
        path: PATH.into(),
        bytes: b"{}\0\n".to_vec(),
    };
    let joined = join_pieces(&PATH.into(), [read_lines_piece(&input, 7, &settings())]);
    assert_eq!(codes(&joined), ["binary-input"]);
}
