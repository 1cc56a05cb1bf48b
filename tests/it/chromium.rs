//! Drives Chromium over the `DevTools` protocol.
//!
//! Supports only what the tests need: opening a page, running a script in it, typing, and
//! collecting errors from the console.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Message, WebSocket};

/// Longer than any answer takes, so an answer that is later will never come.
const PATIENCE: Duration = Duration::from_secs(60);

/// A browser with one page.
pub(crate) struct Chromium {
    process: Child,
    socket: WebSocket<MaybeTlsStream<TcpStream>>,
    session: String,
    sent: u64,
    /// Errors that pages reported.
    pub(crate) errors: Vec<String>,
    /// Addresses that pages requested and that no policy blocked, by the id of the request.
    requests: BTreeMap<String, String>,
    _profile: tempfile::TempDir,
}

impl Chromium {
    /// Starts the browser of this machine. If there is none, the test is skipped with a message,
    /// unless `PRESSRUN_NEEDS_BROWSER` is set.
    pub(crate) fn start() -> Option<Self> {
        let Some(mut command) = browser() else {
            assert!(
                std::env::var_os("PRESSRUN_NEEDS_BROWSER").is_none(),
                "no browser was found"
            );
            #[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
            {
                eprintln!("skipped: no Chromium or Chrome was found");
            }
            return None;
        };
        let profile = tempfile::tempdir().unwrap();
        let mut process = command
            .args([
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
            ])
            .args([
                "--disable-background-networking",
                "--disable-component-update",
            ])
            .args(["--disable-sync", "--remote-debugging-port=0"])
            // No page may take the test to another host.
            .arg("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let address = lines
            .find_map(|line| {
                Some(
                    line.ok()?
                        .strip_prefix("DevTools listening on ")?
                        .to_owned(),
                )
            })
            .expect("the browser tells where it listens");
        // The browser blocks when its output is not read, so the rest is read and dropped.
        std::thread::spawn(move || lines.for_each(drop));
        let (socket, _) = tungstenite::connect(address).unwrap();
        if let MaybeTlsStream::Plain(stream) = socket.get_ref() {
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
        }
        let mut browser = Self {
            process,
            socket,
            session: String::new(),
            sent: 0,
            errors: Vec::new(),
            requests: BTreeMap::new(),
            _profile: profile,
        };
        browser.attach();
        Some(browser)
    }

    /// Opens the page that all commands refer to.
    fn attach(&mut self) {
        let target = self.call("Target.createTarget", &json!({"url": "about:blank"}));
        let target = json!({"targetId": target["targetId"], "flatten": true});
        let attached = self.call("Target.attachToTarget", &target);
        attached["sessionId"]
            .as_str()
            .unwrap()
            .clone_into(&mut self.session);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            self.call(&format!("{domain}.enable"), &json!({}));
        }
    }

    /// Navigates to an address and waits until the page has loaded.
    pub(crate) fn open(&mut self, url: &str) {
        let gone = self.call("Page.navigate", &json!({"url": url}));
        assert_eq!(gone.get("errorText"), None, "{url}");
        self.wait_for(&format!(
            "location.href === {} && document.readyState === 'complete'",
            json!(url)
        ));
    }

    /// Evaluates an expression, which may be a promise.
    pub(crate) fn eval(&mut self, expression: &str) -> Value {
        let result = self.evaluated(expression);
        assert_eq!(result.get("exceptionDetails"), None, "{expression}");
        result["result"]["value"].clone()
    }

    fn evaluated(&mut self, expression: &str) -> Value {
        self.call(
            "Runtime.evaluate",
            &json!({"expression": expression, "awaitPromise": true, "returnByValue": true,
                "userGesture": true}),
        )
    }

    /// Waits until an expression is true, even if the page is replaced meanwhile.
    pub(crate) fn wait_for(&mut self, expression: &str) {
        // The page checks before each frame. If it is replaced, the promise ends with an error.
        let script = format!(
            "new Promise((resolve, reject) => {{
                const end = Date.now() + 20000
                const look = () => ({expression}) ? resolve(true)
                    : Date.now() > end ? resolve(false) : setTimeout(look, 10)
                look()
            }})"
        );
        for _ in 0..20 {
            match self.evaluated(&script)["result"]["value"].as_bool() {
                Some(true) => return,
                Some(false) => break,
                None => {}
            }
        }
        let seen = self.eval("location.href + '\\n' + document.body?.innerText");
        panic!("never true: {expression}\n{seen}\n{:#?}", self.errors);
    }

    /// Returns the addresses that pages requested.
    pub(crate) fn requests(&self) -> impl Iterator<Item = &String> {
        self.requests.values()
    }

    /// Types a text into the focused element.
    pub(crate) fn write(&mut self, text: &str) {
        self.call("Input.insertText", &json!({"text": text}));
    }

    /// Presses a key: a letter, or the name of another key.
    pub(crate) fn press(&mut self, key: &str) {
        let code = if key.len() == 1 {
            format!("Key{}", key.to_uppercase())
        } else {
            key.to_owned()
        };
        for kind in ["keyDown", "keyUp"] {
            let mut event = json!({"type": kind, "key": key, "code": code});
            if key.len() == 1 && kind == "keyDown" {
                event["text"] = json!(key);
            }
            self.call("Input.dispatchKeyEvent", &event);
        }
    }

    /// Pretends that the user prefers this colour scheme, `light` or `dark`.
    pub(crate) fn prefer(&mut self, scheme: &str) {
        let feature = json!({"name": "prefers-color-scheme", "value": scheme});
        self.call(
            "Emulation.setEmulatedMedia",
            &json!({"features": [feature]}),
        );
    }

    /// Sets the width of the page in pixels.
    pub(crate) fn resize(&mut self, width: u32) {
        self.call(
            "Emulation.setDeviceMetricsOverride",
            &json!({"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": false}),
        );
    }

    fn send(&mut self, method: &str, parameters: &Value) -> u64 {
        self.sent += 1;
        let mut message = json!({"id": self.sent, "method": method, "params": parameters});
        if !self.session.is_empty() {
            message["sessionId"] = json!(self.session);
        }
        self.socket
            .send(Message::text(message.to_string()))
            .unwrap();
        self.sent
    }

    /// Sends a command and waits for its answer.
    fn call(&mut self, method: &str, parameters: &Value) -> Value {
        let sent = self.send(method, parameters);
        loop {
            let Message::Text(text) = self.socket.read().expect("an answer in time") else {
                continue;
            };
            let message: Value = serde_json::from_str(&text).unwrap();
            if message["id"] == sent {
                let error = message.get("error").is_some();
                // The page may be replaced while its script runs.
                assert!(
                    !error || method == "Runtime.evaluate",
                    "{method}: {message}"
                );
                return message["result"].clone();
            }
            self.note(&message);
        }
    }

    /// Records what a page reports as an error, and what it requests.
    fn note(&mut self, message: &Value) {
        let parameters = &message["params"];
        let error = match message["method"].as_str() {
            Some("Runtime.exceptionThrown") => true,
            Some("Page.javascriptDialogOpening") => {
                // A dialog blocks the page until it is answered.
                self.send("Page.handleJavaScriptDialog", &json!({"accept": false}));
                true
            }
            Some("Network.requestWillBeSent") => {
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                let id = text(&parameters["requestId"]);
                self.requests
                    .insert(id, text(&parameters["request"]["url"]));
                false
            }
            Some("Network.loadingFailed") => {
                // A policy blocked the request before it left the browser.
                if !parameters["blockedReason"].is_null() {
                    self.requests
                        .remove(parameters["requestId"].as_str().unwrap_or_default());
                }
                false
            }
            Some("Runtime.consoleAPICalled") => parameters["type"] == "error",
            Some("Log.entryAdded") => {
                let entry = &parameters["entry"];
                // A browser asks for this file on its own where a page names no icon. Redirects name none, and whether
                // one is open for long enough is chance.
                let is_unasked = entry["url"].as_str().is_some_and(is_icon_of_host);
                entry["level"] == "error" && !is_unasked
            }
            _ => false,
        };
        if error {
            self.errors.push(parameters.to_string());
        }
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // The process may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Returns whether an address is that of the icon which a host may have for all its pages.
fn is_icon_of_host(address: &str) -> bool {
    let path = address.splitn(4, '/').nth(3);
    path == Some("favicon.ico")
}

/// Returns the browser named by `PRESSRUN_BROWSER`, or else the first that runs.
fn browser() -> Option<Command> {
    let named = std::env::var("PRESSRUN_BROWSER").ok();
    let usual = ["chromium", "chromium-browser", "google-chrome", "chrome"];
    named
        .into_iter()
        .chain(usual.map(str::to_owned))
        .find(|name| {
            let version = Command::new(name).arg("--version").output();
            version.is_ok_and(|version| version.status.success())
        })
        .map(Command::new)
}
