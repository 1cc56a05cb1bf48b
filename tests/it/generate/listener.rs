//! A server on this machine that answers as a script says, and keeps what it was sent.
//!
//! It speaks HTTP/1.1 on plain threads. Nothing in it sleeps: a response that stalls does so until
//! the client leaves or the listener is dropped.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use serde_json::{Value, json};

/// A request as it was received.
#[derive(Debug, Clone)]
pub(crate) struct ReceivedRequest {
    /// The request line: method, path, version.
    pub(crate) line: String,
    /// The headers, their names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// The body.
    pub(crate) body: Value,
}

impl ReceivedRequest {
    /// Returns the value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Returns the content of the last message.
    pub(crate) fn last_message(&self) -> &str {
        let messages = self.body["messages"].as_array();
        let last = messages.and_then(|messages| messages.last());
        last.and_then(|message| message["content"].as_str())
            .unwrap_or_default()
    }
}

/// What happens after the head of a response.
#[derive(Debug, Clone)]
enum ResponseStep {
    /// Sends bytes as one chunk.
    Send(Vec<u8>),
    /// Sends nothing more until the client leaves.
    Stall,
    /// Closes the connection in the middle of the response.
    Drop,
}

/// A response, in the order in which it is sent.
#[derive(Debug, Clone)]
pub(crate) struct ScriptedResponse {
    status: u16,
    headers: Vec<(String, String)>,
    steps: Vec<ResponseStep>,
    /// Whether the connection breaks before the head of the response.
    is_silent: bool,
}

impl ScriptedResponse {
    /// A response with a body in one piece.
    pub(crate) fn whole(status: u16, body: &str) -> Self {
        let kind = if body.starts_with('<') {
            "text/html; charset=utf-8"
        } else {
            "application/json"
        };
        Self {
            status,
            headers: vec![("content-type".to_owned(), kind.to_owned())],
            steps: vec![ResponseStep::Send(body.as_bytes().to_vec())],
            is_silent: false,
        }
    }

    /// An error in OpenAI's shape.
    pub(crate) fn error(status: u16, code: &str, message: &str) -> Self {
        let error =
            json!({"error": {"message": message, "type": code, "param": null, "code": code}});
        Self::whole(status, &error.to_string())
    }

    /// A streamed answer that has begun.
    pub(crate) fn begin(text: &str) -> Self {
        let headers = vec![("content-type".to_owned(), "text/event-stream".to_owned())];
        Self {
            status: 200,
            headers,
            steps: Vec::new(),
            is_silent: false,
        }
        .then(text)
    }

    /// A streamed answer that is whole.
    pub(crate) fn answer(text: &str) -> Self {
        Self::begin(text).finish("stop")
    }

    /// A connection that breaks before any response.
    pub(crate) fn hang_up() -> Self {
        let mut response = Self::whole(200, "");
        response.is_silent = true;
        response
    }

    /// A connection on which nothing comes.
    pub(crate) fn silence() -> Self {
        let mut response = Self::whole(200, "");
        response.is_silent = true;
        response.steps = vec![ResponseStep::Stall];
        response
    }

    /// Adds a header.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds a part of the text.
    pub(crate) fn then(self, text: &str) -> Self {
        self.event(
            &json!({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": null}]}),
        )
    }

    /// Adds an event of the stream.
    pub(crate) fn event(self, value: &Value) -> Self {
        self.raw(format!("data: {value}\n\n").as_bytes())
    }

    /// Adds bytes as they are.
    pub(crate) fn raw(mut self, bytes: &[u8]) -> Self {
        self.steps.push(ResponseStep::Send(bytes.to_vec()));
        self
    }

    /// Ends the answer for a reason, with the tokens that it took.
    pub(crate) fn finish(self, reason: &str) -> Self {
        self.finish_with_usage(reason, 100, 50)
    }

    /// Ends the answer for a reason, with so many tokens of prompt and answer.
    pub(crate) fn finish_with_usage(self, reason: &str, input: u64, output: u64) -> Self {
        let usage = json!({"prompt_tokens": input, "completion_tokens": output});
        self.event(&json!({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}))
            .event(&json!({"choices": [], "usage": usage}))
            .raw(b"data: [DONE]\n\n")
    }

    /// Sends nothing more, without closing the connection.
    pub(crate) fn stall(mut self) -> Self {
        self.steps.push(ResponseStep::Stall);
        self
    }

    /// Closes the connection before the end of the response.
    pub(crate) fn drop_connection(mut self) -> Self {
        self.steps.push(ResponseStep::Drop);
        self
    }
}

/// Decides the response to a request, whose number counts from 0.
type Respond = dyn Fn(usize, &ReceivedRequest) -> ScriptedResponse + Send + Sync;

/// What the threads of a listener share.
struct SharedLog {
    received: Vec<ReceivedRequest>,
    connections: Vec<TcpStream>,
    /// Requests whose responses are not finished, and those of them that stall.
    open: usize,
    stalled: usize,
    is_closed: bool,
}

/// A server that answers as a script says.
pub(crate) struct ScriptedListener {
    address: SocketAddr,
    log: Arc<(Mutex<SharedLog>, Condvar)>,
}

impl ScriptedListener {
    /// Answers each request with what a function returns.
    pub(crate) fn start(
        respond: impl Fn(usize, &ReceivedRequest) -> ScriptedResponse + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let log = SharedLog {
            received: Vec::new(),
            connections: Vec::new(),
            open: 0,
            stalled: 0,
            is_closed: false,
        };
        let log = Arc::new((Mutex::new(log), Condvar::new()));
        let shared = log.clone();
        let respond: Arc<Respond> = Arc::new(respond);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { break };
                let mut log = shared.0.lock().unwrap();
                if log.is_closed {
                    break;
                }
                log.connections.push(stream.try_clone().unwrap());
                drop(log);
                let (shared, respond) = (shared.clone(), respond.clone());
                thread::spawn(move || serve_connection(&stream, &shared, &*respond));
            }
        });
        Self { address, log }
    }

    /// Answers the requests in order. One that the script does not have gets an error that no test
    /// expects.
    pub(crate) fn script(responses: Vec<ScriptedResponse>) -> Self {
        Self::start(move |number, _| {
            let missing =
                || ScriptedResponse::error(418, "not_in_the_script", "one request too many");
            responses.get(number).cloned().unwrap_or_else(missing)
        })
    }

    /// Returns the address for `endpoint`.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Returns everything that was sent so far.
    pub(crate) fn received(&self) -> Vec<ReceivedRequest> {
        self.log.0.lock().unwrap().received.clone()
    }

    /// Returns how many connections were opened.
    pub(crate) fn connection_count(&self) -> usize {
        self.log.0.lock().unwrap().connections.len()
    }

    /// Returns whether the listener has nothing to do until the client does something: each response
    /// is finished or stalls.
    pub(crate) fn is_idle(&self) -> bool {
        let log = self.log.0.lock().unwrap();
        log.open == log.stalled
    }

    /// Returns how many responses stall.
    pub(crate) fn stalled(&self) -> usize {
        self.log.0.lock().unwrap().stalled
    }

    /// Waits until so many requests were received.
    pub(crate) fn wait_for_requests(&self, count: usize) {
        let log = self.log.0.lock().unwrap();
        let is_missing = |log: &mut SharedLog| log.received.len() < count;
        drop(self.log.1.wait_while(log, is_missing).unwrap());
    }

    /// Waits until so many responses stall.
    pub(crate) fn wait_for_stalls(&self, count: usize) {
        let log = self.log.0.lock().unwrap();
        drop(
            self.log
                .1
                .wait_while(log, |log| log.stalled < count)
                .unwrap(),
        );
    }
}

impl Drop for ScriptedListener {
    fn drop(&mut self) {
        let mut log = self.log.0.lock().unwrap();
        log.is_closed = true;
        for connection in &log.connections {
            let _ = connection.shutdown(Shutdown::Both);
        }
        drop(log);
        // Wakes the thread that accepts connections, which then ends.
        let _ = TcpStream::connect(self.address);
    }
}

/// Answers the requests of a connection until either side closes it.
fn serve_connection(stream: &TcpStream, shared: &(Mutex<SharedLog>, Condvar), respond: &Respond) {
    let mut reader = BufReader::new(stream);
    while let Some(request) = read_request(&mut reader) {
        let number = {
            let mut log = shared.0.lock().unwrap();
            log.open += 1;
            log.received.push(request.clone());
            shared.1.notify_all();
            log.received.len() - 1
        };
        let response = respond(number, &request);
        let is_kept = send_response(stream, &response, shared);
        shared.0.lock().unwrap().open -= 1;
        if !is_kept {
            let _ = stream.shutdown(Shutdown::Both);
            return;
        }
    }
}

/// Reads a request, or returns `None` if the client has left.
fn read_request(reader: &mut impl BufRead) -> Option<ReceivedRequest> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        lines.push(line);
    }
    let mut lines = lines.into_iter();
    let line = lines.next()?;
    let headers: Vec<_> = lines
        .filter_map(|line| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_ascii_lowercase(), value.trim().to_owned()))
        })
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.map_or(0, |(_, value)| value.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(ReceivedRequest {
        line,
        headers,
        body: serde_json::from_slice(&body).unwrap_or_default(),
    })
}

/// Sends a response and returns whether the connection can be used again.
fn send_response(
    mut stream: &TcpStream,
    response: &ScriptedResponse,
    shared: &(Mutex<SharedLog>, Condvar),
) -> bool {
    if !response.is_silent {
        let mut head = format!(
            "HTTP/1.1 {} Scripted\r\ntransfer-encoding: chunked\r\n",
            response.status
        );
        for (name, value) in &response.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        if stream.write_all(head.as_bytes()).is_err() {
            return false;
        }
    }
    for step in &response.steps {
        match step {
            ResponseStep::Send(bytes) if bytes.is_empty() => {}
            ResponseStep::Send(bytes) => {
                let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
                chunk.extend_from_slice(bytes);
                chunk.extend_from_slice(b"\r\n");
                if stream.write_all(&chunk).is_err() {
                    return false;
                }
            }
            ResponseStep::Stall => {
                shared.0.lock().unwrap().stalled += 1;
                shared.1.notify_all();
                // The client sends nothing more, so this ends when it leaves.
                let _ = stream.read(&mut [0; 1]);
                shared.0.lock().unwrap().stalled -= 1;
                return false;
            }
            ResponseStep::Drop => return false,
        }
    }
    !response.is_silent && stream.write_all(b"0\r\n\r\n").is_ok()
}
