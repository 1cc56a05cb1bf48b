//! Tests that time and memory grow in proportion to the size of a text, whatever the text is.
//!
//! These tests measure time, which is unreliable on a busy machine. So they run only on request,
//! and are meant for the release build:
//!
//! ```text
//! cargo test --release --test it growth -- --ignored --nocapture
//! ```

use std::time::{Duration, Instant};

use crate::site::Site;

/// Bytes of the smaller body; the larger one has four times as many.
const SIZE: usize = 500_000;

/// Most times longer that four times as many bytes may take. Linear growth is 4, quadratic 16.
const MOST: f64 = 8.0;

/// Times below this are too short to show growth.
const NOISE: Duration = Duration::from_millis(150);

/// Longest time for any post body of 4 MB.
const LONGEST: Duration = Duration::from_secs(20);

/// Pieces that a parser may scan again and again when they are repeated: starts without an end,
/// ends without a start, things that nest, and things that refer to something.
const PIECES: [&str; 104] = [
    "x",
    "word ",
    "\n",
    " ",
    "\t",
    "\\",
    "a\\\n",
    "a  \n",
    "\u{2028}",
    "\u{301}",
    "\u{200d}",
    "\u{202e}",
    "раypаl ",
    "汉",
    "> ",
    ">",
    "- ",
    "1. ",
    "> - ",
    "- a\n\n",
    "- [ ] a\n",
    "a\n: b\n",
    "> [!NOTE]\n",
    "# a\n",
    "## section\n\n",
    "a\n-\n",
    "#",
    "# a {#b}\n",
    "# a {x}\n",
    "---\n",
    "===\n",
    "[",
    "[]",
    "[a](",
    "[a](<b",
    "![",
    "[a](b)",
    "[a](b \"",
    "[a](b 'c",
    "[a]: b\n",
    "[a]: ",
    "[^a]: ",
    "[^a] ",
    "[^",
    "*",
    "_",
    "*a_ ",
    "*a **a ",
    "a**b",
    "~~a ",
    "~",
    "`",
    "`a``",
    "```\n",
    "```a\nb\n```\n",
    "`~",
    "&",
    "&amp;",
    "&#",
    "<",
    "<a ",
    "<a href=\"",
    "<div>",
    "<b>",
    "</div>",
    "<!-- ",
    "<!--a-->",
    "<?",
    "<![CDATA[",
    "<!A ",
    "<script>",
    "<style>a</style>",
    "<svg>",
    "<template>",
    "<table><tr><td>",
    "<table>",
    "|",
    "|a|b|\n",
    "|\n|-\n",
    "$",
    "$a",
    "$5 and ",
    "$$a",
    "{{ ",
    "{{ \"a\" }} ",
    "{%",
    "\"a' ",
    "-- ",
    ".",
    "http://a ",
    "http://",
    "www.a.b ",
    "<http://a>",
    "<a:",
    "a@b ",
    ":",
    "TITLE: a\n",
    "-EndOFText-\n",
    "{\"a\":",
    "<think>",
    "【1†a】",
    "[1] ",
    "Is it? ",
    "User: a\nAssistant: b\n",
];

/// Languages whose highlighting nests or looks far ahead.
const CODE: [(&str, &str); 12] = [
    ("rust", "fn a(){}"),
    ("rust", "("),
    ("js", "/*"),
    ("js", "a=/"),
    ("html", "<a b=\""),
    ("python", "x = \""),
    ("bash", "$("),
    ("yaml", "a: "),
    ("markdown", "[*_`"),
    ("sql", "'a"),
    ("cpp", "a<b<c("),
    ("ruby", "%w("),
];

fn bodies(size: usize) -> Vec<(String, String)> {
    let repeated = |piece: &str| piece.repeat(size / piece.len() + 1);
    let mut bodies: Vec<(String, String)> = Vec::new();
    for piece in PIECES {
        bodies.push((format!("{piece:?}"), repeated(piece)));
        bodies.push((
            format!("inline {piece:?}"),
            format!("a {}", repeated(piece).replace('\n', " ")),
        ));
    }
    for (language, piece) in CODE {
        let code = format!("```{language}\n{}\n```", repeated(piece));
        bodies.push((format!("{language} {piece:?}"), code));
    }
    let numbered = |piece: &dyn Fn(usize) -> String| -> String {
        let mut text = String::with_capacity(size + 100);
        for at in 0.. {
            if text.len() >= size {
                break;
            }
            text += &piece(at);
        }
        text
    };
    let ticks = numbered(&|at| format!("{}a", "`".repeat(at % 500 + 1)));
    let notes = numbered(&|at| format!("[^{at}]: [^{}]\n", at + 1));
    let definitions = numbered(&|at| format!("[a{at}]: /b\n\n[a{at}]\n\n"));
    let attributes = numbered(&|at| format!("a{at}=b "));
    bodies.extend([
        ("ticks".to_owned(), ticks),
        ("notes".to_owned(), notes),
        ("definitions".to_owned(), definitions),
        ("attributes".to_owned(), format!("a <a {attributes}>x</a>")),
        (
            "wide table".to_owned(),
            format!("|{}\n|{}\n", "a|".repeat(size / 4), "-|".repeat(size / 4)),
        ),
        ("long reference".to_owned(), {
            format!("[a]: /{}\n\n{}", "b".repeat(1_000), "[a] ".repeat(size / 4))
        }),
    ]);
    bodies
}

fn build(body: &str) -> Duration {
    let reply = format!("TITLE: T\nTAGS: x\n\nWords.\n\n{body}\n\nWords.\n\n-EndOFText-\n");
    let site = Site::new().file("content/a.txt", reply);
    let start = Instant::now();
    site.build_with(&["--jobs", "1"]);
    start.elapsed()
}

/// Returns how many times longer the second took.
fn grows(first: Duration, second: Duration) -> f64 {
    second.as_secs_f64() / first.max(NOISE).as_secs_f64()
}

#[test]
#[ignore = "it measures time; see the head of this file"]
fn four_times_the_text_takes_four_times_as_long() {
    let mut slow = Vec::new();
    for ((name, small), (_, large)) in bodies(SIZE).iter().zip(bodies(4 * SIZE).iter()) {
        // Something else may have kept the machine busy during a measurement, so try three times.
        let is_linear = (0..3).any(|_| grows(build(small), build(large)) < MOST);
        if !is_linear {
            slow.push(name.clone());
        }
    }
    assert!(slow.is_empty(), "{slow:#?}");
}

#[test]
#[ignore = "it measures time; see the head of this file"]
fn front_matter_and_fields_take_a_time_that_grows_with_their_size() {
    let lines =
        |count: usize, line: &dyn Fn(usize) -> String| (0..count).map(line).collect::<String>();
    let kinds: [(&str, &dyn Fn(usize) -> String); 6] = [
        ("keys", &|at| format!("k{at}: v\n")),
        ("the same key", &|_| "tags: v\n".to_owned()),
        ("two keys", &|at| {
            if at < 20_000 {
                format!("k{at}: v\n")
            } else {
                "tags: v\n".to_owned()
            }
        }),
        ("items", &|at| {
            format!("{}- v{at}\n", if at == 0 { "tags:\n" } else { "" })
        }),
        ("brackets", &|_| "x: [[[[[[[[\n".to_owned()),
        ("a label", &|at| format!("CATEGORIES: v{at}\n")),
    ];
    let mut slow = Vec::new();
    for (name, line) in kinds {
        let took = [20_000, 80_000].map(|count| {
            let text = format!("---\ntitle: A\n{}---\nThe text.\n", lines(count, line));
            let site = Site::new().file("content/a.md", text);
            let start = Instant::now();
            // `check` writes no files: tens of thousands of tag pages would measure the disk.
            site.run(&["check"]);
            start.elapsed()
        });
        if grows(took[0], took[1]) > MOST {
            slow.push(format!("{name}: {took:.2?}"));
        }
    }
    assert!(slow.is_empty(), "{slow:#?}");
}

#[test]
#[ignore = "it measures time; see the head of this file"]
fn the_largest_post_of_each_kind_is_built_in_seconds() {
    for (name, body) in bodies(4_000_000) {
        let took = build(&body);
        assert!(took < LONGEST, "{name}: {took:.2?}");
    }
}

#[test]
#[ignore = "it takes a gigabyte of memory"]
fn files_with_too_many_lines_or_records_say_so() {
    let site = Site::new()
        .file(
            "content/many.json",
            format!("[{}1]", "1,".repeat(1_100_000)),
        )
        .file("content/lines.txt", "\n".repeat(16_000_001));
    let run = site.build();
    let expected = "1,000,002 replies in 2 files: 0 published, 1,000,002 rejected";
    assert_eq!(run.stdout.lines().next(), Some(expected));
    assert!(run.stderr.contains("content/lines.txt: error[too-large]"));
}
