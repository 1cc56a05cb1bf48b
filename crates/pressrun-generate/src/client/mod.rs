//! One request to a model and its answer, streamed or whole.
//!
//! Everything from the server is hostile: answers are bounded, redirects are not followed, and each
//! read has a time limit. What came before an answer broke off is kept, because it is paid for.
//!
//! Not here: repeating a request (`run`), and what a failure means (`failure`).

mod answer;
mod events;
mod limits;

pub use answer::{Answer, FinishReason};
pub(crate) use limits::{RateUnit, RateWindow};

use std::error::Error;
use std::future::Future;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::{Pin, pin};
use std::time::{Duration, SystemTime};

use futures_util::future::{Either, select};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, LOCATION};
use reqwest::{Response, StatusCode, redirect};
use serde_json::Value;
use tokio::time::{Instant, timeout, timeout_at};

use crate::endpoint::{Endpoint, EndpointError};
use crate::failure::{ErrorBody, FailureKind, RequestFailure, read_wait, shorten_message};
use answer::AnswerParts;
use events::EventReader;

/// The bytes of an answer that are read.
const ANSWER_LIMIT: usize = 16 << 20;

/// The bytes of an error that are read.
const ERROR_LIMIT: usize = 64 << 10;

/// How long the end of a connection is awaited after the end of an answer.
const LAST_READ: Duration = Duration::from_millis(250);

/// The time limits of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeLimits {
    /// Until the first part of the answer.
    pub first_byte: Duration,
    /// Between two reads after it.
    pub idle: Duration,
}

/// Sends requests to one endpoint.
#[derive(Debug)]
pub struct Client {
    http: reqwest::Client,
    endpoint: Endpoint,
    limits: TimeLimits,
}

/// What a request brought.
#[derive(Debug)]
pub struct Exchange {
    /// What came of the answer, also if the request failed.
    pub answer: Answer,
    /// Why the answer is not whole, if it is not.
    pub failure: Option<RequestFailure>,
    /// Whether the caller had read enough.
    pub is_cut_short: bool,
    /// Whether the server answered at all.
    pub is_reached: bool,
    /// What the server still allows.
    pub(crate) windows: Vec<RateWindow>,
    /// How long it took.
    pub elapsed: Duration,
}

/// Why a read ended without a result.
enum ReadEnd {
    Late,
    Interrupted,
}

/// A signal that ends the wait for an answer.
pub(crate) type Interrupt<'a> = Pin<&'a mut (dyn Future<Output = ()> + 'a)>;

impl Client {
    /// Makes a client for an endpoint.
    pub fn new(endpoint: Endpoint, limits: TimeLimits) -> Result<Self, EndpointError> {
        // An error says that another part of the program has chosen a provider already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("pressrun/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(Duration::from_secs(30))
            .tcp_nodelay(true);
        if endpoint.is_loopback() {
            // The name must not lead elsewhere: a key may be sent to it unencrypted.
            let addresses = [
                SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
                SocketAddr::from((Ipv6Addr::LOCALHOST, 0)),
            ];
            builder = builder
                .no_proxy()
                .resolve_to_addrs("localhost", &addresses)
                .resolve_to_addrs("localhost.", &addresses);
        }
        if endpoint.url().scheme() == "http" {
            // A machine without certificates can still ask its own server.
            builder = builder.tls_certs_only([]);
        }
        match builder.build() {
            Ok(http) => Ok(Self {
                http,
                endpoint,
                limits,
            }),
            Err(error) => Err(EndpointError {
                message: format!(
                    "no secure connection is possible: {}",
                    find_first_cause(&error)
                ),
                help:
                    "install the certificates of your system, such as the package `ca-certificates`"
                        .to_owned(),
            }),
        }
    }

    /// Returns where the requests go.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Sends a request and reads its answer. `is_enough` sees the text so far and can end the
    /// reading; it sees an empty text as soon as the server has accepted the request. `interrupt`
    /// ends the reading too.
    pub(crate) async fn ask(
        &self,
        body: &Value,
        is_enough: &mut dyn FnMut(&str) -> bool,
        mut interrupt: Interrupt<'_>,
    ) -> Exchange {
        let started = Instant::now();
        let mut parts = AnswerParts::default();
        let mut exchange = Exchange {
            answer: Answer::default(),
            failure: None,
            is_cut_short: false,
            is_reached: false,
            windows: Vec::new(),
            elapsed: Duration::ZERO,
        };
        match self.send(body, &mut interrupt).await {
            Err(failure) => exchange.failure = Some(failure),
            Ok(response) => {
                exchange.is_reached = true;
                exchange.windows = limits::read_windows(response.headers(), SystemTime::now());
                let status = response.status();
                let read = if status.is_success() {
                    // A web page says nothing of the requests that follow.
                    if !is_web_page(&response) {
                        is_enough("");
                    }
                    self.read_answer(response, &mut parts, is_enough, &mut interrupt)
                        .await
                } else {
                    Err(self.read_error(response, &mut interrupt).await)
                };
                match read {
                    Ok(is_cut_short) => exchange.is_cut_short = is_cut_short,
                    Err(failure) => exchange.failure = Some(failure),
                }
            }
        }
        exchange.answer = self.redact_answer(parts.answer);
        exchange.elapsed = started.elapsed();
        exchange
    }

    async fn send(
        &self,
        body: &Value,
        interrupt: &mut Interrupt<'_>,
    ) -> Result<Response, RequestFailure> {
        let mut request = self
            .http
            .post(self.endpoint.url().clone())
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, "text/event-stream, application/json")
            .body(body.to_string());
        if let Some(key) = self.endpoint.key() {
            let mut value = HeaderValue::from_str(&format!("Bearer {key}"))
                .expect("`endpoint` lets no character pass that a header cannot hold");
            value.set_sensitive(true);
            request = request.header(AUTHORIZATION, value);
        }
        let deadline = Instant::now() + self.limits.first_byte;
        match read_until(pin!(request.send()), deadline, interrupt).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(self.explain_error(&error)),
            Err(end) => Err(explain_end(&end, self.limits.first_byte)),
        }
    }

    /// Reads an answer and returns whether the caller had enough of it.
    async fn read_answer(
        &self,
        mut response: Response,
        parts: &mut AnswerParts,
        is_enough: &mut dyn FnMut(&str) -> bool,
        interrupt: &mut Interrupt<'_>,
    ) -> Result<bool, RequestFailure> {
        let redact = |text: &str| self.endpoint.redact(text);
        let mut events = EventReader::default();
        let mut document: Option<Vec<u8>> = None;
        let mut is_first = true;
        let mut size = 0;
        // Comments keep a connection alive, but not for longer than the first byte may take.
        let mut last_data = Instant::now();
        loop {
            let idle = if size == 0 {
                self.limits.first_byte
            } else {
                self.limits.idle
            };
            let patience = self.limits.first_byte.max(self.limits.idle);
            let deadline = (Instant::now() + idle).min(last_data + patience);
            let chunk = match read_until(pin!(response.chunk()), deadline, interrupt).await {
                Ok(Ok(Some(chunk))) => chunk,
                Ok(Ok(None)) => break,
                Ok(Err(error)) => return Err(self.explain_error(&error)),
                Err(end) => return Err(explain_end(&end, idle)),
            };
            size += chunk.len();
            if size > ANSWER_LIMIT {
                return Err(RequestFailure::local(
                    FailureKind::TooLarge,
                    "the answer has more than 16 MB",
                ));
            }
            if is_first && let Some(first) = chunk.iter().find(|byte| !byte.is_ascii_whitespace()) {
                is_first = false;
                // Neither an event nor JSON begins like this.
                if *first == b'<' {
                    return Err(RequestFailure::local(
                        FailureKind::WebPage,
                        "a web page came instead of an answer",
                    ));
                }
                // Servers that do not stream answer with one document, whatever was asked.
                document = matches!(first, b'{' | b'[').then(Vec::new);
            }
            if let Some(document) = &mut document {
                document.extend_from_slice(&chunk);
                last_data = Instant::now();
                continue;
            }
            let before = parts.answer.text.len();
            events.add(&chunk, &mut |data| {
                last_data = Instant::now();
                parts.add(data, &redact);
            });
            if parts.is_done {
                // The rest of the response is its end, after which the connection can be used again.
                let _ = timeout(LAST_READ, response.chunk()).await;
                break;
            }
            if parts.malformed.is_some() || parts.error.is_some() {
                break;
            }
            if parts.answer.text.len() > before && is_enough(&parts.answer.text) {
                return Ok(true);
            }
        }
        match &document {
            Some(document) => parts.add(&String::from_utf8_lossy(document), &redact),
            None => events.finish(&mut |data| parts.add(data, &redact)),
        }
        check_end(parts, document.is_some()).map(|()| false)
    }

    /// Reads the error that a response is.
    async fn read_error(
        &self,
        mut response: Response,
        interrupt: &mut Interrupt<'_>,
    ) -> RequestFailure {
        let status = response.status();
        let wait = read_wait(response.headers(), SystemTime::now());
        let location = response.headers().get(LOCATION).cloned();
        let mut bytes = Vec::new();
        let deadline = Instant::now() + self.limits.idle;
        while bytes.len() < ERROR_LIMIT
            && let Ok(Ok(Some(chunk))) =
                read_until(pin!(response.chunk()), deadline, interrupt).await
        {
            bytes.extend_from_slice(&chunk);
        }
        bytes.truncate(ERROR_LIMIT);
        let mut body = ErrorBody::parse(&bytes, |text| self.endpoint.redact(text));
        if status.is_redirection() {
            body.message = self.explain_redirect(location.as_ref());
        } else if body.message.is_empty() {
            body.message = String::from(status.canonical_reason().unwrap_or("no reason given"));
        }
        let mut failure = RequestFailure::reported(status.as_u16(), &body, wait);
        if status == StatusCode::TOO_MANY_REQUESTS && failure.wait.is_none() {
            let windows = limits::read_windows_of_refusal(response.headers(), SystemTime::now());
            failure.wait = windows;
        }
        failure
    }

    fn explain_redirect(&self, location: Option<&HeaderValue>) -> String {
        let location = location.and_then(|value| value.to_str().ok());
        let target = location.and_then(|text| self.endpoint.url().join(text).ok());
        // Only the host: the rest of the address may hold what was sent.
        match target
            .as_ref()
            .and_then(|url| Some((url.host_str()?, url.port())))
        {
            Some((host, Some(port))) => self
                .endpoint
                .redact(&format!("the server sends requests on to `{host}:{port}`")),
            Some((host, None)) => self
                .endpoint
                .redact(&format!("the server sends requests on to `{host}`")),
            None => "the server sends requests on to another address".to_owned(),
        }
    }

    /// Says what is wrong with a connection.
    fn explain_error(&self, error: &reqwest::Error) -> RequestFailure {
        let cause = self.endpoint.redact(&find_first_cause(error));
        if is_tls_error(error) {
            RequestFailure::local(FailureKind::Tls, cause)
        } else if error.is_connect() {
            RequestFailure::local(FailureKind::Connect, cause)
        } else {
            RequestFailure::local(
                FailureKind::Broken,
                format!("the connection broke: {cause}"),
            )
        }
    }

    /// Hides the key in everything that the journal will hold.
    fn redact_answer(&self, mut answer: Answer) -> Answer {
        answer.text = self.endpoint.redact_text(answer.text);
        answer.refusal = answer.refusal.map(|text| self.endpoint.redact_text(text));
        answer
    }
}

fn is_web_page(response: &Response) -> bool {
    let kind = response.headers().get(CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}

/// Says why a read brought nothing.
fn explain_end(end: &ReadEnd, limit: Duration) -> RequestFailure {
    match end {
        ReadEnd::Late => RequestFailure::local(
            FailureKind::Stalled,
            format!("nothing came for {} s", limit.as_secs_f64()),
        ),
        ReadEnd::Interrupted => {
            RequestFailure::local(FailureKind::Interrupted, "the run was interrupted")
        }
    }
}

/// Waits for a read until its deadline or an interrupt.
async fn read_until<F: Future + Unpin>(
    read: F,
    deadline: Instant,
    interrupt: &mut Interrupt<'_>,
) -> Result<F::Output, ReadEnd> {
    match select(pin!(timeout_at(deadline, read)), interrupt.as_mut()).await {
        Either::Left((Ok(result), _)) => Ok(result),
        Either::Left((Err(_), _)) => Err(ReadEnd::Late),
        Either::Right(_) => Err(ReadEnd::Interrupted),
    }
}

/// Decides whether an answer whose bytes have ended is whole.
fn check_end(parts: &mut AnswerParts, is_document: bool) -> Result<(), RequestFailure> {
    let broken = |message: String| Err(RequestFailure::local(FailureKind::Broken, message));
    if let Some(error) = &parts.error {
        return Err(RequestFailure::reported(200, error, None));
    }
    if let Some(malformed) = &parts.malformed {
        return broken(format!("a part of the answer is not JSON: `{malformed}`"));
    }
    if parts.answer.finish_reason() == Some(FinishReason::Error) {
        return Err(RequestFailure {
            status: Some(200),
            ..RequestFailure::local(
                FailureKind::Server,
                "the server ended the answer with an error",
            )
        });
    }
    if !parts.is_answer {
        return broken("the response holds no answer".to_owned());
    }
    if parts.answer.finish.is_none() && !parts.is_done && !is_document {
        return broken("the answer ends without its end".to_owned());
    }
    Ok(())
}

/// Returns whether an error comes from TLS itself rather than from the connection below.
fn is_tls_error(error: &reqwest::Error) -> bool {
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = next {
        if error.is::<rustls::Error>() {
            return true;
        }
        // The source of an I/O error is that of the error inside, which would be skipped.
        let inner = error
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref);
        if inner.is_some_and(<dyn Error + Send + Sync>::is::<rustls::Error>) {
            return true;
        }
        next = error.source();
    }
    false
}

/// Returns the cause below all others. The errors above it only repeat that a request failed.
fn find_first_cause(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    shorten_message(&cause.to_string())
}

#[cfg(test)]
mod tests;
