//! Tests what a stranger who reaches the preview cannot do: read other files, exhaust the machine,
//! keep others waiting.

use std::io::Write;
use std::net::TcpStream;

use super::client::Preview;
use crate::site::Site;

fn site() -> Site {
    Site::new()
        .reply("one", "First", "a", "News")
        .file("static/folder/dot.png", "a picture")
        .file("secret.txt", "a secret")
        .file("content/.hidden.txt", "a secret")
        .file("static/.hidden.txt", "a secret")
        .file(".pressrun/secret.txt", "a secret")
        .file("public/secret.txt", "a secret")
}

/// Returns the status of the answer to a request line with a valid host.
fn status(preview: &Preview, line: &str) -> (String, String) {
    let request = format!("{line}\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    let answer = preview.raw(request.as_bytes());
    let status = answer.split(' ').nth(1).unwrap_or_default().to_owned();
    (status, answer)
}

/// Returns ways to write a path to a file beside or above the site.
fn ways_out() -> Vec<String> {
    let ups = [
        "..",
        "%2e%2e",
        "%2E.",
        ".%2e",
        "%252e%252e",
        "..%00",
        "..%c0%af",
        "%c0%ae%c0%ae",
        "...",
        "..;",
        "%uff0e%uff0e",
        "..%20",
        "%e2%80%a5",
    ];
    let slashes = [
        "/",
        "%2f",
        "%5c",
        "\\",
        "%252f",
        "//",
        "/./",
        "%c0%af",
        "%ef%bc%8f",
    ];
    let files = [
        "secret.txt",
        "etc/passwd",
        "static/.hidden.txt",
        "site.toml",
    ];
    let mut ways = Vec::new();
    for up in ups {
        for slash in slashes {
            for file in files {
                ways.push(format!("/{up}{slash}{file}"));
                ways.push(format!("/folder/{up}{slash}{up}{slash}{file}"));
                ways.push(format!("/_pressrun/{up}{slash}{file}"));
            }
        }
    }
    ways.extend(
        [
            "/C:/secret.txt",
            "/C%3A%5Csecret.txt",
            "//secret.txt",
            "/\\\\?\\C:\\x",
            "/file:///etc/passwd",
            "/etc/passwd",
            "//etc/passwd",
            "/.pressrun/secret.txt",
            "/.hidden.txt",
            "/secret.txt",
            "/secret.txt%00.html",
            "/folder/dot.png%00",
            "/folder/dot.png/",
            "/folder/dot.png/..",
            "/content/one.txt",
            "/static/folder/dot.png",
            "/templates/base.html",
            "/site.toml",
            "/public/secret.txt",
            "/nul",
            "/con",
            "/aux.txt",
            "/folder/dot.png::$DATA",
            "/folder/dot.png.",
            "/%00",
            "/%ff%fe",
            "/%",
            "/%zz",
            "/_pressrun/x",
            "/_pressrun/events/../x",
        ]
        .map(str::to_owned),
    );
    ways.push(format!("/{}", "a/".repeat(20_000)));
    ways.push(format!("/{}", "%2e%2e/".repeat(5_000)));
    ways.push(format!("/{}", "a".repeat(50_000)));
    ways
}

#[test]
fn no_spelling_of_a_path_gives_another_file() {
    let site = site();
    for arguments in [&[][..], &["--watch"]] {
        let preview = Preview::start(&site.path(""), arguments);
        assert_eq!(status(&preview, "GET /folder/dot.png HTTP/1.1").0, "200");
        for path in ways_out() {
            let (status, answer) = status(&preview, &format!("GET {path} HTTP/1.1"));
            let shown: String = path.chars().take(80).collect();
            assert!(["404", "400"].contains(&&*status), "{shown}: {answer}");
            for secret in ["a secret", "root:", "[content]"] {
                assert!(!answer.contains(secret), "{shown}: {answer}");
            }
        }
    }
}

#[test]
fn only_this_machine_can_connect_by_default() {
    let site = site();
    let preview = Preview::start(&site.path(""), &[]);
    assert!(preview.url("/").starts_with("http://127.0.0.1:"));
    let run = site.command().args(["serve", "--help"]).output().unwrap();
    let help = String::from_utf8(run.stdout).unwrap();
    assert!(help.contains("[default: 127.0.0.1]"), "{help}");
}

#[test]
fn folder_without_a_page_is_not_listed() {
    let site = site();
    let preview = Preview::start(&site.path(""), &[]);
    for path in ["/folder/", "/folder", "/posts/", "/pagefind/", "/images/"] {
        let (status, answer) = status(&preview, &format!("GET {path} HTTP/1.1"));
        assert_eq!(status, "404", "{path}: {answer}");
        assert!(!answer.contains("dot.png"), "{path}: {answer}");
    }
}

#[cfg(unix)]
#[test]
fn link_to_a_device_is_not_served() {
    let site = site();
    std::os::unix::fs::symlink("/dev/zero", site.path("content/endless.png")).unwrap();
    let preview = Preview::start(&site.path(""), &[]);
    let (status, _) = status(&preview, "GET /endless.png HTTP/1.1");
    assert_eq!(status, "404");
}

#[test]
fn only_reading_is_answered_and_no_body_is_read() {
    let site = site();
    let preview = Preview::start(&site.path(""), &[]);
    for method in [
        "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "X",
    ] {
        for path in [
            "/",
            "/folder/dot.png",
            "/_pressrun/",
            "/_pressrun/events",
            "/_pressrun/reload.js",
        ] {
            let line = format!("{method} {path} HTTP/1.1\r\ncontent-length: 1000000000000");
            let (status, answer) = status(&preview, &line);
            assert_eq!(status, "405", "{method} {path}: {answer}");
        }
    }
    let (status, _) = status(&preview, "GET / HTTP/1.1\r\ncontent-length: 1000000000000");
    assert_eq!(status, "200");
}

#[test]
fn what_is_not_a_request_or_too_large_is_refused() {
    let site = site();
    let preview = Preview::start(&site.path(""), &[]);
    let long = "x".repeat(200_000);
    let many = "\r\na: b".repeat(500);
    for (line, expected) in [
        (format!("GET /{long} HTTP/1.1"), &["414", "431"][..]),
        (format!("GET / HTTP/1.1\r\nx: {long}"), &["431"]),
        (format!("GET / HTTP/1.1{many}"), &["431"]),
        ("GET / HTTP/1.1\r\nx y: z".to_owned(), &["400"]),
        ("GET / HTTP/9.9".to_owned(), &["400"]),
        ("GET / HTTP/2.0".to_owned(), &["400"]),
        (
            "GET http://evil.example/ HTTP/1.1\r\nhost: evil.example".to_owned(),
            &["400", "421"],
        ),
        (
            "GET / HTTP/1.1\r\nhost: evil.example".to_owned(),
            &["400", "421"],
        ),
        (
            "GET / HTTP/1.1\r\ncontent-length: 1\r\ntransfer-encoding: chunked".to_owned(),
            &["400", "200"],
        ),
        ("PRI * HTTP/2.0\r\n\r\nSM".to_owned(), &["400"]),
        ("\u{16}\u{3}\u{1}".to_owned(), &["400"]),
    ] {
        let (status, answer) = status(&preview, &line);
        let shown: String = line.chars().take(60).collect();
        assert!(expected.contains(&&*status), "{shown}: {answer}");
    }
    assert_eq!(preview.get("/").status, 200);
}

#[test]
fn parts_of_pages_of_other_sites_are_refused() {
    let site = site();
    let preview = Preview::start(&site.path(""), &[]);
    let ask = |path: &str, mode: &str| {
        let said = [
            ("host", "localhost"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-mode", mode),
        ];
        preview.request("GET", path, &said)
    };
    for path in [
        "/",
        "/feed.json",
        "/_pressrun/events",
        "/_pressrun/reload.js",
        "/pagefind/pagefind.js",
    ] {
        assert_eq!(ask(path, "no-cors").status, 403, "{path}");
        assert_eq!(ask(path, "cors").status, 403, "{path}");
    }
    let followed = ask("/posts/first/", "navigate");
    assert_eq!(followed.status, 200);
    assert_eq!(
        followed.headers["cross-origin-resource-policy"],
        "same-origin"
    );
    assert!(!followed.headers.contains_key("access-control-allow-origin"));
}

#[test]
fn ranges_of_a_file_are_one_part_of_it() {
    let site = site();
    let preview = Preview::start(&site.path(""), &[]);
    let many = format!("bytes={}", "0-,".repeat(5_000));
    for range in [
        &*many,
        "bytes=0-,0-",
        "bytes=99999999999999999999-",
        "bytes=-0",
        "x=1-2",
        "bytes=5-2",
    ] {
        let said = [("host", "localhost"), ("range", range)];
        let answer = preview.request("GET", "/folder/dot.png", &said);
        assert!([200, 206, 416].contains(&answer.status), "{range:.40}");
        let refused = answer.status == 416;
        assert!(
            refused || answer.body.len() <= "a picture".len(),
            "{range:.40}: {}",
            answer.text()
        );
    }
}

#[test]
fn oldest_of_too_many_tabs_ends_and_pages_are_answered_all_the_same() {
    let site = site();
    let preview = Preview::start(&site.path(""), &["--watch"]);
    let mut tabs: Vec<_> = (0..65).map(|_| preview.tab("/posts/first/")).collect();
    assert!(tabs[0].next().is_none());
    assert_eq!(preview.get("/posts/first/").status, 200);
    site.write(
        "content/one.txt",
        "TITLE: First\n\nAnother text.\n\n-EndOFText-\n",
    );
    for tab in &mut tabs[1..] {
        assert_eq!(tab.news()["reload"], true);
    }
}

#[cfg(unix)]
#[test]
fn request_that_never_ends_does_not_keep_the_preview_from_ending() {
    let site = site();
    let mut preview = Preview::start(&site.path(""), &[]);
    let mut open: Vec<TcpStream> = Vec::new();
    for sent in ["", "GET / HT", "GET / HTTP/1.1\r\nhost: localhost\r\nx: "] {
        let mut stream = preview.connect();
        stream.write_all(sent.as_bytes()).unwrap();
        open.push(stream);
    }
    assert_eq!(preview.get("/").status, 200);
    assert_eq!(preview.interrupt().code(), Some(0));
}

#[cfg(unix)]
#[test]
fn picture_that_became_a_pipe_keeps_nobody_waiting() {
    let site = site();
    let preview = Preview::start(&site.path(""), &[]);
    site.remove("static/folder/dot.png");
    let made = std::process::Command::new("mkfifo")
        .arg(site.path("static/folder/dot.png"))
        .status();
    assert!(made.unwrap().success());
    // More than there are threads to read files.
    let waiting: Vec<TcpStream> = (0..20)
        .map(|_| {
            let mut stream = preview.connect();
            let request = b"GET /folder/dot.png HTTP/1.1\r\nhost: localhost\r\n\r\n";
            stream.write_all(request).unwrap();
            stream
        })
        .collect();
    assert_eq!(preview.get("/posts/first/").status, 200);
    let answer = preview.get("/folder/dot.png");
    assert_eq!(answer.status, 404);
    assert!(answer.text().contains("it is a pipe"), "{}", answer.text());
    drop(waiting);
}

#[cfg(unix)]
#[test]
fn too_few_files_are_an_error_with_a_command_to_type() {
    let site = site();
    for number in 5..24 {
        let script = format!("ulimit -n {number}; exec \"$0\" serve --port 0");
        let mut command = site.command_of("sh");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_pressrun")]);
        let run = crate::site::Run::of(&mut command);
        assert_eq!(run.code, 1, "{number}: {}", run.stderr);
        assert!(
            run.stderr
                .contains("help: allow more open files: `ulimit -n"),
            "{}",
            run.stderr
        );
        assert!(!run.stderr.contains("panicked"), "{number}: {}", run.stderr);
    }
}
