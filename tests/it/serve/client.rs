//! Runs a preview and sends it requests, as a browser would.
//!
//! Nothing here sleeps to wait for something. It waits for a line of the program's output, for an
//! event of its stream, or for an answer to a request.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::Value;

/// Longest time to wait for anything, since the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(60);

/// The running program, on a port of its own.
pub(crate) struct Preview {
    process: Child,
    /// Host and port.
    address: String,
    /// Those of the review desk, if it can write.
    pub(crate) desk: Option<String>,
    /// Path of the home page.
    pub(crate) home: String,
    output: mpsc::Receiver<String>,
    errors: mpsc::Receiver<String>,
}

/// The answer to a request.
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Headers, by name in lower case.
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Preview {
    /// Starts the program and waits until it listens.
    pub(crate) fn start(root: &Path, arguments: &[&str]) -> Self {
        Self::start_in(root, arguments, &[])
    }

    /// Does the same with more environment variables.
    pub(crate) fn start_in(
        root: &Path,
        arguments: &[&str],
        environment: &[(&str, &std::ffi::OsStr)],
    ) -> Self {
        let port = if arguments.contains(&"--port") {
            &[][..]
        } else {
            &["--port", "0"]
        };
        let mut process = Command::new(env!("CARGO_BIN_EXE_pressrun"))
            .arg("serve")
            .args(arguments)
            .args(port)
            .current_dir(root)
            // 2026-06-15
            .env("SOURCE_DATE_EPOCH", "1781481600")
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let output = lines(process.stdout.take().unwrap());
        let errors = lines(process.stderr.take().unwrap());
        let mut preview = Self {
            process,
            address: String::new(),
            desk: None,
            home: String::new(),
            output,
            errors,
        };
        let line = preview.line("listening on http://");
        let url = line.split("http://").nth(1).unwrap();
        let url = url.split(',').next().unwrap();
        let (address, path) = url.split_once('/').unwrap();
        address.clone_into(&mut preview.address);
        preview.home = format!("/{path}");
        if arguments.contains(&"--review") {
            let line = preview.line("review desk at http://");
            let address = line.split("http://").nth(1).unwrap().split('/').next();
            preview.desk = address.map(str::to_owned);
        }
        preview
    }

    /// Waits for a line on standard output that contains this text.
    #[track_caller]
    pub(crate) fn line(&self, part: &str) -> String {
        find(&self.output, part)
    }

    /// Waits for a line on standard error that contains this text.
    #[track_caller]
    pub(crate) fn error(&self, part: &str) -> String {
        find(&self.errors, part)
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn port(&self) -> &str {
        self.address.rsplit_once(':').unwrap().1
    }

    /// Returns how many bytes of memory the program uses, or `None` if the system does not say.
    pub(crate) fn memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()));
        let status = status.ok()?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
        let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
        Some(kilobytes * 1024)
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.request("GET", path, &[("host", &self.address)])
    }

    /// Sends one request and reads the answer.
    pub(crate) fn request(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        Self::send(&self.address, [method, path], headers, "")
    }

    /// Sends one request with a body to a host and port, and reads the answer.
    pub(crate) fn send(
        address: &str,
        [method, path]: [&str; 2],
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let mut stream = connect_to(address);
        let mut head = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\n");
        for (name, value) in headers {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        if !body.is_empty() {
            let _ = write!(head, "content-length: {}\r\n", body.len());
        }
        // The preview may refuse the request before all of it was sent.
        let _ = stream.write_all((head + "\r\n" + body).as_bytes());
        let mut reader = BufReader::new(stream);
        let (status, headers) = read_head(&mut reader);
        let mut body = Vec::new();
        reader.read_to_end(&mut body).unwrap();
        Answer {
            status,
            headers,
            body,
        }
    }

    /// Requests a page again and again until it contains a text.
    #[track_caller]
    pub(crate) fn wait_for(&self, path: &str, text: &str) {
        let start = Instant::now();
        while !self.get(path).text().contains(text) {
            assert!(start.elapsed() < PATIENCE, "{path} never says {text}");
        }
    }

    /// Requests a page again and again until it no longer contains a text.
    #[track_caller]
    pub(crate) fn wait_without(&self, path: &str, text: &str) {
        let start = Instant::now();
        while self.get(path).text().contains(text) {
            assert!(start.elapsed() < PATIENCE, "{path} always says {text}");
        }
    }

    /// Opens a page as a tab does: loads it, then holds its event stream.
    #[track_caller]
    pub(crate) fn tab(&self, path: &str) -> Tab {
        let html = self.get(path).text();
        let script = html
            .split("<script src=\"/_pressrun/reload.js\"")
            .nth(1)
            .unwrap_or_else(|| panic!("no script in {html}"));
        let script = script.split('>').next().unwrap();
        let data = |name: &str| -> String {
            let value = script.split(&format!("data-{name}=\"")).nth(1);
            let value = value.and_then(|rest| rest.split('"').next());
            value.unwrap_or_default().replace("&amp;", "&")
        };
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("page", path)
            .append_pair("version", &data("version"))
            .append_pair("styles", &data("styles"))
            .append_pair("source", &data("source"))
            .finish();
        let mut stream = self.connect();
        let head = format!(
            "GET /_pressrun/events?{query} HTTP/1.1\r\nhost: {}\r\n\r\n",
            self.address
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut reader = BufReader::new(stream);
        let (status, _) = read_head(&mut reader);
        assert_eq!(status, 200);
        let mut tab = Tab { reader, site: 0 };
        let first = tab.next().expect("the stream begins");
        assert_eq!(first["reload"], false, "the page is the newest: {first}");
        tab.site = first["site"].as_u64().unwrap();
        tab
    }

    /// Sends these bytes and reads the answer until the other side closes the connection.
    pub(crate) fn raw(&self, request: &[u8]) -> String {
        let mut stream = self.connect();
        // The preview may refuse the request before all of it was sent.
        let _ = stream.write_all(request);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }

    pub(crate) fn connect(&self) -> TcpStream {
        connect_to(&self.address)
    }

    /// Ends the program at once.
    pub(crate) fn end(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Returns the rest of the lines on standard error of a program that has ended.
    pub(crate) fn all_errors(&self) -> Vec<String> {
        self.errors.iter().collect()
    }

    /// Ends the program as Ctrl-C does, and returns its exit status.
    #[cfg(unix)]
    pub(crate) fn interrupt(&mut self) -> std::process::ExitStatus {
        let id = self.process.id().to_string();
        let kill = Command::new("kill").args(["-INT", &id]).status().unwrap();
        assert!(kill.success());
        self.process.wait().unwrap()
    }
}

impl Drop for Preview {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn connect_to(address: &str) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

/// The event stream of an open page.
pub(crate) struct Tab {
    reader: BufReader<TcpStream>,
    /// Number of the site state that the page was opened on.
    pub(crate) site: u64,
}

impl Tab {
    /// Returns the next message, or `None` at the end of the stream.
    pub(crate) fn next(&mut self) -> Option<Value> {
        let start = Instant::now();
        loop {
            // The stream sends regular signs of life, so a missing message shows here.
            assert!(start.elapsed() < PATIENCE, "there is no message");
            let mut line = String::new();
            if self.reader.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            if let Some(data) = line.strip_prefix("data: ") {
                return Some(serde_json::from_str(data).unwrap());
            }
        }
    }

    /// Returns the next message that says more than that something else changed.
    #[track_caller]
    pub(crate) fn news(&mut self) -> Value {
        loop {
            let message = self.next().expect("the stream goes on");
            let quiet = message["reload"] == false
                && message["goto"].is_null()
                && message["styles"].is_null()
                && message["problems"].as_array().unwrap().is_empty();
            if !quiet {
                return message;
            }
        }
    }
}

/// Reads the status and headers of an answer.
fn read_head(reader: &mut impl BufRead) -> (u16, HashMap<String, String>) {
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    let status = line.split(' ').nth(1).unwrap().parse().unwrap();
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            return (status, headers);
        };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
}

/// Reads the lines of an output on a thread, so that the program never waits for its reader.
fn lines(output: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    lines
}

#[track_caller]
fn find(lines: &mpsc::Receiver<String>, part: &str) -> String {
    let mut seen = Vec::new();
    loop {
        match lines.recv_timeout(PATIENCE) {
            Ok(line) if line.contains(part) => return line,
            Ok(line) => seen.push(line),
            Err(error) => panic!("no line with {part} ({error}), but {seen:#?}"),
        }
    }
}
