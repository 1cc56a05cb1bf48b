//! Pieces of Markdown, HTML and replies, each repeated in each place that a post has for it, and
//! read in a time that grows with the size of the text and no faster.
//!
//! The tests of [`growth`](super::growth) build whole sites. Here texts are read and rendered in the
//! process itself, so that thousands of combinations take minutes. What counts is the time of the
//! thread, so a busy machine disturbs little. Still, this measures time, and runs only on demand:
//!
//! ```text
//! cargo test --release --test it crossed_growth -- --ignored --nocapture
//! ```
//!
//! `PRESSRUN_GROWTH_BYTES` sets the size of the smaller texts.

use std::time::Duration;

use pressrun_markdown::{RenderOptions, render_markdown};
use pressrun_posts::content_file::{self, FileInput, ReadSettings};
use pressrun_text::similarity;
use serde_json::json;

/// Bytes of the smaller text. The larger one is four times as long.
const BYTES: usize = 48_000;

/// How much longer the larger text may take. Linear is 4, quadratic 16.
const MOST: f64 = 9.0;

/// Times below this say nothing about growth.
const NOISE: Duration = Duration::from_millis(12);

/// Pieces that a parser may look at again and again: openers without their ends, ends without their
/// openers, what may nest, what may refer to something, and characters with rules of their own.
const PIECES: &[&str] = &[
    // Words and spaces.
    "x",
    "word ",
    "Word. ",
    "\n",
    " ",
    "\t",
    "  \n",
    "a\\\n",
    "\\",
    "\\*",
    "&nbsp;",
    "\u{a0}",
    "«»",
    // Characters.
    "\u{301}",
    "x\u{301}\u{323}",
    "\u{200b}",
    "\u{200d}",
    "👩\u{200d}",
    "\u{202e}",
    "\u{2028}",
    "\u{feff}",
    "汉",
    "漢字。",
    "カ\u{3099}",
    "ก",
    "раypаl ",
    "ß",
    "İ",
    "\u{e000}",
    "ﬁ",
    "𝕏",
    "\u{1}",
    "\u{fffe}",
    // Blocks.
    "> ",
    ">",
    "> a\n",
    "> - ",
    "- ",
    "- a\n",
    "- a\n\n",
    "  - a\n",
    "1. ",
    "1) a\n",
    "- [ ] a\n",
    "a\n: b\n",
    ": ",
    "> [!NOTE]\n",
    "# a\n",
    "## section\n\n",
    "#",
    "# a {#b}\n",
    "# a {.b #c}\n",
    "# a {x}\n",
    "a\n-\n",
    "a\n===\n",
    "---\n",
    "***\n",
    "===\n",
    "```\n",
    "```a\nb\n```\n",
    "~~~\n",
    "`~",
    "    a\n",
    "|",
    "|a|b|\n",
    "|a|\n|-|\n",
    "|\n|-\n",
    "{{ ",
    "{{ \"a\" }} ",
    "{%",
    // Lines.
    "[",
    "]",
    "[]",
    "[a](",
    "[a](<b",
    "![",
    "[a](b)",
    "[a](b \"",
    "[a](b 'c",
    "[a]: b\n",
    "[a]: ",
    "[a][b]",
    "[^a]: ",
    "[^a] ",
    "[^",
    "[a](javascript:b)",
    "[a]: javascript:<base>\n",
    "*",
    "_",
    "*a_ ",
    "*a **a ",
    "a**b",
    "**a** ",
    "~~a ",
    "~",
    "`",
    "`a``",
    "$",
    "$a",
    "$5 and ",
    "$$a",
    "\"a' ",
    "-- ",
    "...",
    ".",
    "http://a ",
    "http://",
    "https://a.b/(",
    "www.a.b ",
    "<http://a>",
    "<a:",
    "a@b ",
    ":",
    // HTML.
    "&",
    "&&",
    "&amp;",
    "&#",
    "&#1;0&#2;",
    "<",
    ">",
    "<a ",
    "<a =",
    "</a",
    "<a/x=",
    "<a href=\"",
    "<a href=x>",
    "<b>",
    "</b>",
    "<b title=x>",
    "<div>",
    "<div>\n\n",
    "</div>",
    "<p>",
    "<p>a\n\n",
    "<li>",
    "<ul><li>",
    "<dd>",
    "<td>",
    "<table>",
    "<table><tr><td>",
    "<h1>",
    "<pre>",
    "<T>",
    "<!-- ",
    "<!--a-->",
    "-->",
    "<?",
    "<![CDATA[",
    "<!A ",
    "<script>",
    "<svg>",
    "</svg>",
    "<style>a</style>",
    "<template>",
    "<a onclick=b ",
    // Replies.
    "TITLE: a\n",
    "-EndOFText-\n",
    "END",
];

/// Pieces of replies, which some parser takes for a frame of the text.
const FRAMES: &[&str] = &[
    "{\"a\":",
    "<think>",
    "</think>\n",
    "【1†a】",
    "[1] ",
    "Is it? ",
    "User: a\nAssistant: b\n",
    "Sure! Here is the post:\n",
    "I. A\n\nA. b\n\n",
    "TAGS: a, b\n",
    "2024-01-01\n",
    "[Your Name] ",
    "As an AI language model, ",
    "Share on Facebook\n",
];

/// A place of a post: a file name, and the file with a text in that place.
type Context = (&'static str, &'static str, fn(&str) -> String);

fn reply(body: &str) -> String {
    format!("TITLE: T\nTAGS: x\n\nWords.\n\n{body}\n\nWords.\n\n-EndOFText-\n")
}

fn lines(prefix: &str, text: &str) -> String {
    text.replace('\n', &format!("\n{prefix}"))
}

fn line(text: &str) -> String {
    text.replace('\n', " ")
}

fn field(name: &str, text: &str) -> String {
    format!("---\n{name}: {}\n---\nThe text.\n", json!(text))
}

const CONTEXTS: &[Context] = &[
    ("plain", "a.txt", |text| reply(text)),
    ("line", "a.txt", |text| reply(&format!("a {}", line(text)))),
    ("quote", "a.txt", |text| {
        reply(&format!("> {}", lines("> ", text)))
    }),
    ("item", "a.txt", |text| {
        reply(&format!("- {}", lines("  ", text)))
    }),
    ("cell", "a.txt", |text| {
        reply(&format!("|a|\n|-|\n|{}|", line(text)))
    }),
    ("heading", "a.txt", |text| {
        reply(&format!("## {}", line(text)))
    }),
    ("under a heading", "a.txt", |text| {
        reply(&format!("## a\n{text}\n## b {{#c}}"))
    }),
    ("emphasis", "a.txt", |text| {
        reply(&format!("**a {} b**", line(text)))
    }),
    ("link text", "a.txt", |text| {
        reply(&format!("[{}](/)", line(text)))
    }),
    ("destination", "a.txt", |text| {
        reply(&format!("[a](<{}>) [b]({})", line(text), line(text)))
    }),
    ("caption", "a.txt", |text| {
        reply(&format!("![a](b \"{}\")", line(text)))
    }),
    ("alternative text", "a.txt", |text| {
        reply(&format!("![{}](b)", line(text)))
    }),
    ("definition", "a.txt", |text| {
        reply(&format!("[a]\n\n[a]: /b \"{}\"\n", line(text)))
    }),
    ("footnote", "a.txt", |text| {
        reply(&format!("a[^1]\n\n[^1]: {}", lines("    ", text)))
    }),
    ("HTML block", "a.txt", |text| {
        reply(&format!("<div>{text}</div>"))
    }),
    ("open HTML block", "a.txt", |text| {
        reply(&format!("<div>\n<a b='\n{}", line(text)))
    }),
    ("beside HTML", "a.txt", |text| {
        reply(&format!("<b>x</b>\n\n{text}"))
    }),
    ("raw paragraph", "a.txt", |text| {
        reply(&format!("<p><b title=t>{text}"))
    }),
    ("raw cell", "a.txt", |text| {
        reply(&format!("<table><tr><td>{text}"))
    }),
    ("attribute", "a.txt", |text| {
        reply(&format!(
            "<p title=\"{text}\">x</p>\n\n<b class='{text}'>y</b>"
        ))
    }),
    ("comment", "a.txt", |text| {
        reply(&format!("<!-- {text} -->"))
    }),
    ("hidden", "a.txt", |text| {
        reply(&format!("a <svg> {} </svg> b", line(text)))
    }),
    ("code", "a.txt", |text| {
        reply(&format!("`` {} `` <b>x</b>", line(text)))
    }),
    ("fence", "a.txt", |text| {
        reply(&format!("<b>x</b>\n\n````\n{text}\n````"))
    }),
    ("formula", "a.txt", |text| {
        reply(&format!("$a {} b$", line(text)))
    }),
    ("title", "a.md", |text| field("title", text)),
    ("description", "a.md", |text| {
        field("title: T\ndescription", text)
    }),
    ("tags", "a.md", |text| field("title: T\ntags", text)),
    ("front matter", "a.md", |text| {
        format!("---\ntitle: T\nx: {text}\n---\nThe text.\n")
    }),
    ("label", "a.txt", |text| {
        format!("TITLE: {}\nTAGS: {}\n\nThe text.\n", line(text), line(text))
    }),
    ("JSON", "a.jsonl", |text| {
        format!(
            "{}\n",
            json!({"title": text, "tags": [text], "content": format!("Words.\n\n{text}")})
        )
    }),
    ("after the end", "a.txt", |text| {
        format!("Sure! Here it is:\n\n{}{text}", reply("Words."))
    }),
];

/// Reads a file and renders what is in it, as a build does; returns the time that it took.
fn work(name: &str, text: &str) -> Duration {
    let input = FileInput {
        path: format!("content/{name}").into(),
        bytes: text.as_bytes().to_vec(),
    };
    let settings = ReadSettings::default();
    let start = thread_time();
    let result = content_file::read_file(&input, &settings);
    for post in &result.posts {
        let language = post.language.as_ref().unwrap_or(&settings.language);
        similarity::profile_text(&post.title, &post.body, language);
        for feed in [false, true] {
            let options = RenderOptions {
                feed,
                ..RenderOptions::default()
            };
            let html = render_markdown(&post.body, &options).html_as_written();
            assert!(
                html.len() < 300 * text.len() + 10_000,
                "{} bytes",
                html.len()
            );
        }
    }
    thread_time().saturating_sub(start)
}

#[cfg(unix)]
fn thread_time() -> Duration {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    let part = |number: i64| u64::try_from(number).expect("no time is negative");
    Duration::from_secs(part(now.tv_sec)) + Duration::from_nanos(part(now.tv_nsec))
}

#[cfg(not(unix))]
fn thread_time() -> Duration {
    static START: std::sync::LazyLock<std::time::Instant> =
        std::sync::LazyLock::new(std::time::Instant::now);
    START.elapsed()
}

fn grows(small: Duration, large: Duration) -> f64 {
    large.as_secs_f64() / small.max(NOISE).as_secs_f64()
}

#[test]
#[ignore = "it measures time; see the head of this file"]
fn every_piece_in_every_place_takes_a_time_that_grows_with_its_size() {
    let bytes = std::env::var("PRESSRUN_GROWTH_BYTES");
    let bytes = bytes.map_or(BYTES, |bytes| bytes.parse().unwrap());
    let mut slow = Vec::new();
    for piece in PIECES.iter().chain(FRAMES) {
        for (place, name, file) in CONTEXTS.iter().copied() {
            let text = |bytes: usize| file(&piece.repeat(bytes / piece.len() + 1));
            let (small, large) = (text(bytes), text(4 * bytes));
            let mut took = [Duration::ZERO; 2];
            // What was disturbed twice is not disturbed a third time.
            let is_linear = (0..3).any(|_| {
                took = [work(name, &small), work(name, &large)];
                grows(took[0], took[1]) < MOST
            });
            if !is_linear {
                eprintln!("{piece:?} in {place}: {took:.2?}");
                slow.push(format!("{piece:?} in {place}: {took:.2?}"));
            }
        }
    }
    assert!(slow.is_empty(), "{slow:#?}");
}
