//! Requests any path, with any query and headers, from the preview. Every answer must be valid
//! HTTP, and none may contain files from outside of the site.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::{LazyLock, Mutex, mpsc};
use std::time::Duration;

use pressrun::preview::{PreviewEvent, PreviewOptions, serve_preview};
use pressrun_posts::post::{Date, Moment};

const SECRET: &[u8] = b"out-of-the-site";

/// Address that the preview listens on.
static ADDRESS: LazyLock<String> = LazyLock::new(|| {
    let root = site();
    let (sender, receiver) = mpsc::channel();
    let options = PreviewOptions {
        root,
        bind: [127, 0, 0, 1].into(),
        port: 0,
        watch: None,
        drafts: false,
        future: false,
        review: false,
        present: Box::new(|| Moment::start_of_day(Date::constant(2026, 6, 15))),
    };
    let listener = Box::new(move |event: PreviewEvent<'_>| {
        if let PreviewEvent::Listening { url, .. } = event {
            sender.send(url.to_owned()).unwrap();
        }
    });
    std::thread::spawn(move || serve_preview(options, listener));
    let url = receiver.recv().unwrap();
    url.split('/').nth(2).unwrap().to_owned()
});

fn site() -> PathBuf {
    let folder = super::folder("preview");
    let site = folder.join("site");
    let files: [(PathBuf, &[u8]); 5] = [
        (folder.join("secret.txt"), SECRET),
        (
            site.join("site.toml"),
            b"base_url = \"https://me.example/repo/\"\n# out-of-the-site\n",
        ),
        (
            site.join("content/a.txt"),
            b"TITLE: A\nTAGS: c++\n\nText of a post.\n",
        ),
        (site.join("static/film.webm"), &[b'x'; 4000]),
        (site.join("static/a b/\u{fc}.txt"), b"x"),
    ];
    for (path, text) in files {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    site
}

static OPEN: Mutex<Option<TcpStream>> = Mutex::new(None);

/// Checks one input.
pub fn check_preview(bytes: &[u8]) {
    // The input has three lines: the request target, and the headers `Range` and `If-None-Match`.
    let mut lines = bytes.split(|&byte| byte == b'\n');
    let mut line = || {
        let line = lines.next().unwrap_or_default();
        line.iter()
            .copied()
            .filter(|byte| *byte > b' ' && *byte != 127)
            .collect::<Vec<u8>>()
    };
    let (path, range, tag) = (line(), line(), line());
    let host = ADDRESS.as_bytes();
    let request = [
        b"GET /repo/",
        &*path,
        b" HTTP/1.1\r\nHost: ",
        host,
        b"\r\nRange: ",
        &range,
        b"\r\nIf-None-Match: ",
        &tag,
        b"\r\n\r\n",
    ]
    .concat();
    let mut open = OPEN.lock().unwrap();
    let stream = open.take().unwrap_or_else(|| {
        let stream = TcpStream::connect(&*ADDRESS).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(60)))
            .unwrap();
        stream.set_nodelay(true).unwrap();
        stream
    });
    *open = ask(stream, &request);
}

/// Sends a request, checks the answer, and returns the connection if it can be used again.
fn ask(mut stream: TcpStream, request: &[u8]) -> Option<TcpStream> {
    if stream.write_all(request).is_err() {
        return None;
    }
    let mut answer = Vec::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = match stream.read(&mut buffer) {
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => panic!("no answer"),
            // The fuzzer's timer interrupts system calls that wait with a timeout.
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            read => read.unwrap_or(0),
        };
        answer.extend_from_slice(&buffer[..read]);
        let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else {
            if read == 0 {
                assert!(answer.is_empty(), "half an answer");
                return None;
            }
            continue;
        };
        let head = String::from_utf8(answer[..end].to_ascii_lowercase()).unwrap();
        assert!(
            head.starts_with("http/1.1 ") && !head.starts_with("http/1.1 5"),
            "{head}"
        );
        assert!(!answer.windows(SECRET.len()).any(|part| part == SECRET));
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let length = length.map(|length| length.parse::<usize>().unwrap());
        // These answers have no body, or one that never ends: the event stream.
        let whole = match length {
            _ if head.starts_with("http/1.1 304") => true,
            Some(length) => answer.len() >= end + 4 + length,
            None => return None,
        };
        if whole {
            return (!head.contains("connection: close")).then_some(stream);
        }
        assert!(read > 0, "half an answer: {head}");
    }
}
