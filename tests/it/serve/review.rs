//! Tests the review desk by the requests that its page sends, and by those that others would send.

use serde_json::{Value, json};

use super::client::{Answer, Preview};
use crate::site::{Site, between};

/// A site with posts of `generate` that wait for an approval.
pub(crate) fn waiting_site(posts: usize) -> Site {
    let mut site = Site::with_config("title = \"Test\"\n[content]\ndates = \"none\"\n");
    for number in 1..=posts {
        site = site.file(&format!("content/p{number:02}.md"), generated(number));
    }
    site
}

/// Returns a file of `generate` as `ingest` writes it.
pub(crate) fn generated(number: usize) -> String {
    let words: Vec<String> = (0..60).map(|word| format!("w{number}x{word}")).collect();
    format!(
        "---\ntitle: Post {number}\ndraft: true\nsource:\n  file: generated/replies.jsonl\n  \
         reply: \"{number}\"\n  hash: \"0\"\n  generated: true\n---\n\n{}\n",
        words.join(" ")
    )
}

/// What a page of the desk knows.
pub(crate) struct DeskPage {
    address: String,
    pub(crate) start: Value,
}

impl DeskPage {
    /// Opens the desk of a preview.
    pub(crate) fn open(preview: &Preview) -> Self {
        let address = preview.desk.clone().expect("the desk can write");
        let get = ["GET", "/_pressrun/review/"];
        let answer = Preview::send(&address, get, &[("host", &address)], "");
        assert_eq!(answer.status, 200);
        Self {
            start: read_start(&answer),
            address,
        }
    }

    /// Returns a row of the first rows.
    pub(crate) fn row(&self, at: usize) -> Value {
        self.start["queue"]["list"]["rows"][at].clone()
    }

    /// Returns how many posts wait, are outdated, rejected and approved.
    pub(crate) fn counts(&self) -> [u64; 4] {
        read_counts(&self.start["queue"]["list"]["counts"])
    }

    /// Sends an order as the page does, with other headers in place of its own.
    pub(crate) fn send(&self, name: &str, order: &Value, other: &[(&str, &str)]) -> Answer {
        let origin = format!("http://{}", self.address);
        let own = [
            ("host", &*self.address),
            ("origin", &*origin),
            ("content-type", "application/json"),
            ("sec-fetch-site", "same-origin"),
            ("x-pressrun-token", self.start["token"].as_str().unwrap()),
        ];
        let own = own.into_iter().map(|(name, value)| {
            let instead = other.iter().find(|(other, _)| *other == name);
            (name, instead.map_or(value, |(_, value)| *value))
        });
        // An empty value stands for a header that is missing.
        let headers: Vec<_> = own.filter(|(_, value)| !value.is_empty()).collect();
        let path = format!("/_pressrun/review/{name}");
        Preview::send(&self.address, ["POST", &path], &headers, &order.to_string())
    }

    /// Asks for a post as the page does.
    fn read_post(&self, row: &Value) -> Value {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("file", row["file"].as_str().unwrap())
            .append_pair("line", &row["line"].to_string())
            .append_pair("hash", row["hash"].as_str().unwrap())
            .finish();
        let path = format!("/_pressrun/review/post?{query}");
        let answer = Preview::send(
            &self.address,
            ["GET", &path],
            &[("host", &self.address)],
            "",
        );
        assert_eq!(answer.status, 200);
        serde_json::from_str(&answer.text()).unwrap()
    }

    /// Asks for the first rows of posts in a state.
    fn list_rows(&self, state: &str) -> Value {
        let path = format!("/_pressrun/review/rows?state={state}");
        let answer = Preview::send(
            &self.address,
            ["GET", &path],
            &[("host", &self.address)],
            "",
        );
        serde_json::from_str(&answer.text()).unwrap()
    }

    /// Sends an order as the page does, and returns the status and the answer.
    pub(crate) fn act(&self, name: &str, order: &Value) -> (u16, Value) {
        let answer = self.send(name, order, &[]);
        let text = answer.text();
        let value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}"));
        (answer.status, value)
    }
}

/// Returns the order to do something with the post of a row.
pub(crate) fn order(action: &str, row: &Value) -> Value {
    json!({"action": action, "file": row["file"], "line": row["line"], "hash": row["hash"],
        "state": row["state"], "by": "Ann", "why": "thin"})
}

pub(crate) fn read_counts(counts: &Value) -> [u64; 4] {
    ["waiting", "outdated", "rejected", "approved"].map(|state| counts[state].as_u64().unwrap())
}

fn read_start(answer: &Answer) -> Value {
    let text = answer.text();
    let start = between(&text, "id=\"start\">", "</script>");
    serde_json::from_str(start).unwrap()
}

fn read_file(site: &Site, path: &str) -> String {
    std::fs::read_to_string(site.path(path)).unwrap()
}

#[test]
fn without_review_the_queue_can_only_be_read() {
    let site = waiting_site(2);
    let preview = Preview::start(&site.path(""), &["--drafts"]);
    let answer = preview.get("/_pressrun/review/");
    assert_eq!(answer.status, 200);
    assert!(
        answer
            .text()
            .contains("<code>pressrun serve --review</code>")
    );
    let start = read_start(&answer);
    assert_eq!(start["token"], Value::Null);
    assert_eq!(read_counts(&start["queue"]["list"]["counts"]), [2, 0, 0, 0]);
    for name in ["act", "undo"] {
        let answer = preview.request(
            "POST",
            &format!("/_pressrun/review/{name}"),
            &[("host", preview.url("").trim_start_matches("http://"))],
        );
        assert_eq!(answer.status, 405);
    }
}

#[test]
fn decisions_are_in_the_file_before_they_are_answered() {
    let site = waiting_site(3);
    let preview = Preview::start(&site.path(""), &["--review"]);
    // The address at the site leads to the desk, which has an origin of its own.
    let answer = preview.get("/_pressrun/review/");
    let desk_url = format!(
        "http://{}/_pressrun/review/",
        preview.desk.as_ref().unwrap()
    );
    assert_eq!(
        (answer.status, &answer.headers["location"]),
        (302, &desk_url)
    );

    let desk = DeskPage::open(&preview);
    assert_eq!(desk.counts(), [3, 0, 0, 0]);
    let before = read_file(&site, "content/p01.md");
    let row = desk.row(0);
    let (status, answer) = desk.act("act", &order("approve", &row));
    assert_eq!(
        (status, &answer["state"]),
        (200, &json!("approved")),
        "{answer}"
    );
    assert_eq!(read_counts(&answer["counts"]), [2, 0, 0, 1]);
    let text = read_file(&site, "content/p01.md");
    let mark = format!("hash: \"{}\"", row["hash"].as_str().unwrap());
    assert!(text.contains("approved:") && text.contains(&mark), "{text}");
    assert!(
        text.contains("Ann") && !text.contains("draft: true"),
        "{text}"
    );

    // The page is public now, without a mark.
    preview.line("content/p01.md changed");
    let (status, undone) = desk.act("undo", &json!({"undo": answer["undo"]}));
    assert_eq!(
        (status, &undone["state"]),
        (200, &json!("waiting")),
        "{undone}"
    );
    assert_eq!(read_file(&site, "content/p01.md"), before);
    let (status, again) = desk.act("undo", &json!({"undo": answer["undo"]}));
    assert_eq!((status, &again["refused"]), (409, &json!("nothing")));

    let (status, answer) = desk.act("act", &order("reject", &desk.row(1)));
    assert_eq!(
        (status, &answer["state"]),
        (200, &json!("rejected")),
        "{answer}"
    );
    let rejected = read_file(&site, "content/p02.md");
    assert!(rejected.contains("why: \"thin\""));
    // What was edited since then is not taken back.
    site.write("content/p02.md", rejected + "\nOne more line.\n");
    let (status, refused) = desk.act("undo", &json!({"undo": answer["undo"]}));
    assert_eq!(
        (status, &refused["refused"]),
        (409, &json!("text")),
        "{refused}"
    );
    assert!(read_file(&site, "content/p02.md").contains("One more line."));
    assert_eq!(read_counts(&answer["counts"]), [2, 0, 1, 0]);
}

#[test]
fn nothing_is_lost_when_the_preview_is_killed() {
    let site = waiting_site(3);
    let mut preview = Preview::start(&site.path(""), &["--review"]);
    let desk = DeskPage::open(&preview);
    for (at, action) in [(0, "approve"), (1, "reject")] {
        assert_eq!(desk.act("act", &order(action, &desk.row(at))).0, 200);
    }
    preview.end();
    let preview = Preview::start(&site.path(""), &["--review"]);
    let newer = DeskPage::open(&preview);
    assert_eq!(newer.counts(), [1, 0, 1, 1]);
    // The old page has an old token.
    assert_ne!(newer.start["token"], desk.start["token"]);
}

#[test]
fn two_tabs_do_not_overwrite_each_other() {
    let site = waiting_site(1);
    let preview = Preview::start(&site.path(""), &["--review"]);
    let (one, other) = (DeskPage::open(&preview), DeskPage::open(&preview));
    assert_eq!(one.act("act", &order("reject", &one.row(0))).0, 200);
    let text = read_file(&site, "content/p01.md");
    for action in ["approve", "reject", "draft"] {
        let (status, answer) = other.act("act", &order(action, &other.row(0)));
        assert_eq!((status, &answer["refused"]), (409, &json!("state")));
        assert_eq!(
            answer["post"]["state"], "rejected",
            "it shows what is there now"
        );
    }
    assert_eq!(read_file(&site, "content/p01.md"), text);
}

#[test]
fn text_that_was_edited_meanwhile_is_not_approved() {
    let site = waiting_site(1);
    let preview = Preview::start(&site.path(""), &["--review"]);
    let desk = DeskPage::open(&preview);
    let edited = generated(1).replace("w1x3 ", "another ");
    site.write("content/p01.md", &edited);
    // Whether the preview has seen the edit or not.
    for seen in [false, true] {
        if seen {
            preview.line("content/p01.md changed");
        }
        let (status, answer) = desk.act("act", &order("approve", &desk.row(0)));
        assert_eq!((status, &answer["refused"]), (409, &json!("text")));
        assert_eq!(read_file(&site, "content/p01.md"), edited);
    }
    let newer = DeskPage::open(&preview);
    assert_ne!(newer.row(0)["hash"], desk.row(0)["hash"]);
    assert_eq!(newer.act("act", &order("approve", &newer.row(0))).0, 200);
}

#[test]
fn only_the_page_of_the_desk_can_decide() {
    let site = waiting_site(1);
    let preview = Preview::start(&site.path(""), &["--review"]);
    let desk = DeskPage::open(&preview);
    let before = read_file(&site, "content/p01.md");
    let order = order("approve", &desk.row(0));
    let of_site = preview.url("");
    for (header, value, status) in [
        ("x-pressrun-token", "", 401),
        ("x-pressrun-token", "0", 401),
        ("origin", "", 403),
        ("origin", "null", 403),
        ("origin", "https://evil.example", 403),
        // A page of the site has another origin than the desk.
        ("origin", &of_site, 403),
        ("sec-fetch-site", "cross-site", 403),
        ("sec-fetch-site", "same-site", 403),
        ("content-type", "text/plain", 415),
        // A name that somebody points at this machine.
        ("host", "evil.example:1112", 421),
        ("host", "localhost:1", 403),
    ] {
        let answer = desk.send("act", &order, &[(header, value)]);
        assert_eq!(
            answer.status,
            status,
            "{header}: {value}: {}",
            answer.text()
        );
        assert!(!answer.headers.contains_key("access-control-allow-origin"));
    }
    let long = json!({"action": "approve", "why": "x".repeat(40_000)});
    assert_eq!(desk.send("act", &long, &[]).status, 413);
    assert_eq!(desk.send("act", &json!([1]), &[]).status, 400);
    let address = preview.desk.as_ref().unwrap();
    for method in ["GET", "PUT", "DELETE", "OPTIONS"] {
        let path = "/_pressrun/review/act";
        let answer = Preview::send(address, [method, path], &[("host", address)], "");
        assert_eq!(answer.status, 405, "{method}");
    }
    // Pages of other origins, and those of the site, may not ask for its parts.
    for path in ["rows?state=waiting", "events", "desk.js"] {
        let path = format!("/_pressrun/review/{path}");
        let headers = [
            ("host", &**address),
            ("sec-fetch-site", "same-site"),
            ("sec-fetch-mode", "no-cors"),
        ];
        assert_eq!(
            Preview::send(address, ["GET", &path], &headers, "").status,
            403
        );
    }
    assert_eq!(read_file(&site, "content/p01.md"), before);
    assert_eq!(
        desk.act("act", &order).0,
        200,
        "the same order from the page"
    );
}

#[test]
fn page_of_the_desk_runs_only_its_own_script_and_is_in_no_frame() {
    let site = waiting_site(1);
    let preview = Preview::start(&site.path(""), &["--review"]);
    let address = preview.desk.as_ref().unwrap();
    let get = ["GET", "/_pressrun/review/"];
    let answer = Preview::send(address, get, &[("host", address)], "");
    let policy = &answer.headers["content-security-policy"];
    for part in [
        "default-src 'none'",
        "script-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ] {
        assert!(policy.contains(part), "{policy}");
    }
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_eq!(answer.headers["x-frame-options"], "DENY");
    assert_eq!(answer.headers["cross-origin-opener-policy"], "same-origin");
    // The site itself is not served there, so no script of it has this origin.
    for path in ["/posts/post-1/", "/index.html", "/_pressrun/reload.js"] {
        assert_eq!(
            Preview::send(address, ["GET", path], &[("host", address)], "").status,
            404
        );
    }
}

#[test]
fn no_path_leads_out_of_the_site() {
    let site = waiting_site(1).file("other.md", generated(2));
    let preview = Preview::start(&site.path(""), &["--review"]);
    let desk = DeskPage::open(&preview);
    let row = desk.row(0);
    for file in [
        "../p01.md",
        "content/../content/p01.md",
        "/etc/passwd",
        "other.md",
        "site.toml",
        "",
    ] {
        let mut order = order("approve", &row);
        order["file"] = json!(file);
        let (status, answer) = desk.act("act", &order);
        assert_eq!(
            (status, &answer["refused"]),
            (409, &json!("text")),
            "{file}"
        );
    }
    assert_eq!(read_file(&site, "other.md"), generated(2));
    assert_eq!(read_file(&site, "content/p01.md"), generated(1));
}

#[test]
fn what_must_be_mended_blocks_an_approval() {
    let text = generated(1).replace("w1x5 ", "[CHECK: the year] ");
    let site = waiting_site(0).file("content/p01.md", &text);
    let preview = Preview::start(&site.path(""), &["--review"]);
    let desk = DeskPage::open(&preview);
    assert_eq!(desk.row(0)["is_blocked"], true);
    let (status, answer) = desk.act("act", &order("approve", &desk.row(0)));
    assert_eq!((status, &answer["refused"]), (422, &json!("blocked")));
    let block = &answer["post"]["blocks"][0];
    assert_eq!(
        (&block["code"], &block["line"]),
        (&json!("fact-to-check"), &json!(11))
    );
    assert_eq!(read_file(&site, "content/p01.md"), text);
    assert_eq!(desk.act("act", &order("reject", &desk.row(0))).0, 200);
}

#[test]
fn edit_after_an_approval_is_shown_and_marked() {
    let site = waiting_site(2);
    let preview = Preview::start(&site.path(""), &["--review"]);
    let page = |preview: &Preview| preview.get("/posts/post-1/").text();
    assert!(page(&preview).contains("data-mark=\"Waits for approval\""));
    let desk = DeskPage::open(&preview);
    assert_eq!(desk.act("act", &order("approve", &desk.row(0))).0, 200);
    preview.wait_without("/posts/post-1/", "data-mark=");
    let text = read_file(&site, "content/p01.md");
    site.write("content/p01.md", text.replace("w1x50 ", "heron "));
    preview.wait_for("/posts/post-1/", "data-mark=\"Changed after approval\"");
    let row = desk.list_rows("outdated")["rows"][0].clone();
    let post = desk.read_post(&row)["post"].clone();
    let around = |from: u32, to: u32| -> String {
        let words: Vec<String> = (from..to).map(|at| format!("w1x{at}")).collect();
        words.join(" ")
    };
    let around = [around(42, 50), around(51, 59)];
    assert_eq!(
        post["since"],
        json!([{"before": "w1x50", "after": "heron", "around": around}])
    );
    assert_eq!(post["mark"][0], "Ann");
    let overview = preview.get("/_pressrun/").text();
    assert!(
        overview.contains("<h2>Changed after approval</h2>"),
        "{overview}"
    );
    assert!(
        overview.contains("<h2>Waits for approval</h2>"),
        "{overview}"
    );
    assert_eq!(desk.act("act", &order("reject", &row)).0, 200);
    preview.wait_for("/posts/post-1/", "data-mark=\"Rejected\"");
}

#[test]
fn replies_that_are_read_as_they_are_keep_their_files() {
    let reply = |name: &str| {
        let words: Vec<String> = (0..60).map(|at| format!("{name}{at}")).collect();
        json!({"title": format!("About {name}"), "body": words.join(" ")}).to_string()
    };
    let config = "title = \"Test\"\n[content]\ndates = \"none\"\n[review]\nrequired = \"all\"\n";
    let text = format!("{}\n{}\n", reply("milk"), reply("tea"));
    let site = Site::with_config(config).file("content/two.jsonl", &text);
    let preview = Preview::start(&site.path(""), &["--review"]);
    let desk = DeskPage::open(&preview);
    assert_eq!(desk.counts(), [2, 0, 0, 0]);
    let source = desk.read_post(&desk.row(1))["post"]["source"].clone();
    assert_eq!(source["lines"], json!([reply("tea")]));
    let (status, first) = desk.act("act", &order("approve", &desk.row(0)));
    assert_eq!(status, 200, "{first}");
    assert_eq!(desk.act("act", &order("reject", &desk.row(1))).0, 200);
    preview.wait_without("/posts/about-milk/", "data-mark=");
    assert_eq!(DeskPage::open(&preview).counts(), [0, 0, 1, 1]);
    let book = read_file(&site, "reviews.toml");
    assert!(
        book.contains("[[approved]]") && book.contains("[[rejected]]"),
        "{book}"
    );
    assert_eq!(desk.act("undo", &json!({"undo": first["undo"]})).0, 200);
    assert!(!read_file(&site, "reviews.toml").contains("[[approved]]"));
    assert_eq!(read_file(&site, "content/two.jsonl"), text);
}

#[test]
fn names_and_reasons_are_one_line() {
    let site = waiting_site(1);
    let preview = Preview::start(&site.path(""), &["--review"]);
    let desk = DeskPage::open(&preview);
    for (key, value) in [("by", " "), ("by", "a\nb"), ("why", ""), ("why", "a\nb")] {
        let mut order = order("reject", &desk.row(0));
        order[key] = json!(value);
        let (status, answer) = desk.act("act", &order);
        assert_eq!(
            (status, &answer["refused"]),
            (422, &json!("order")),
            "{key}"
        );
    }
    let mut order = order("reject", &desk.row(0));
    order["by"] = json!("Ann \"the\" {Reader}: #1");
    order["why"] = json!("`thin`, \"and\" 'short': {a} #b");
    assert_eq!(desk.act("act", &order).0, 200);
    preview.line("content/p01.md changed");
    let mark = DeskPage::open(&preview).start["queue"]["post"]["mark"].clone();
    assert_eq!((&mark[0], &mark[2]), (&order["by"], &order["why"]));
}

#[test]
fn desk_writes_only_for_this_machine() {
    let site = waiting_site(1);
    let run = site.run(&["serve", "--review", "--bind", "0.0.0.0", "--port", "0"]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stderr.contains("--review"), "{}", run.stderr);
}

#[test]
fn rows_come_in_parts() {
    let site = waiting_site(60);
    let preview = Preview::start(&site.path(""), &["--review"]);
    let desk = DeskPage::open(&preview);
    let list = &desk.start["queue"]["list"];
    assert_eq!(
        (list["rows"].as_array().unwrap().len(), &list["more"]),
        (50, &json!(true))
    );
    let row = desk.row(49);
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("state", "waiting")
        .append_pair("risk", &row["risk"].to_string())
        .append_pair("file", row["file"].as_str().unwrap())
        .append_pair("line", &row["line"].to_string())
        .finish();
    let address = preview.desk.as_ref().unwrap();
    let path = format!("/_pressrun/review/rows?{query}");
    let answer = Preview::send(address, ["GET", &path], &[("host", address)], "");
    let list: Value = serde_json::from_str(&answer.text()).unwrap();
    assert_eq!(
        (list["rows"].as_array().unwrap().len(), &list["more"]),
        (10, &json!(false))
    );
}

/// Measures the desk on 10,000 posts that wait. Run it by hand, with `--release --ignored --nocapture`.
#[test]
#[ignore = "it measures, and takes long"]
fn desk_is_fast_with_ten_thousand_posts() {
    let site = waiting_site(10_000);
    let preview = Preview::start(&site.path(""), &["--review"]);
    let start = std::time::Instant::now();
    let desk = DeskPage::open(&preview);
    eprintln!("the desk opens in {:?}", start.elapsed());
    assert_eq!(desk.counts(), [10_000, 0, 0, 0]);
    let mut times = Vec::new();
    for at in 0..20 {
        let start = std::time::Instant::now();
        assert_eq!(desk.act("act", &order("approve", &desk.row(at))).0, 200);
        desk.read_post(&desk.row(at + 1));
        times.push(start.elapsed());
    }
    times.sort();
    let (median, worst) = (times[times.len() / 2], times[times.len() - 1]);
    eprintln!("from an approval to the next post: median {median:?}, worst {worst:?}");
    let start = std::time::Instant::now();
    assert_eq!(DeskPage::open(&preview).counts(), [9_980, 0, 0, 20]);
    eprintln!(
        "it opens in {:?} while the site is read again",
        start.elapsed()
    );
}
