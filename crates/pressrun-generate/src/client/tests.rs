//! Requests to the scripted listener that the tests of the whole program use too.

use std::future::pending;
use std::pin::pin;
use std::time::Duration;

use serde_json::json;

use super::*;
use crate::scripted::clock::run_without_waiting;
use crate::scripted::listener::{ScriptedListener, ScriptedResponse};

const KEY: &str = "sk-the-key-of-the-test";

fn client_for(listener: &ScriptedListener, key: Option<&str>) -> Client {
    let endpoint = Endpoint::with_key(&listener.endpoint(), |name| {
        (name == crate::endpoint::OWN_VARIABLE).then(|| key.map(str::to_owned))?
    })
    .unwrap();
    let limits = TimeLimits {
        first_byte: Duration::from_secs(300),
        idle: Duration::from_secs(120),
    };
    Client::new(endpoint, limits).unwrap()
}

fn ask(listener: &ScriptedListener, client: &Client) -> Exchange {
    let body = json!({"model": "m", "stream": true});
    run_without_waiting(listener, async {
        client.ask(&body, &mut |_| false, pin!(pending())).await
    })
}

/// Sends one request and returns what the response brought.
fn check(response: ScriptedResponse) -> Exchange {
    let listener = ScriptedListener::script(vec![response]);
    let client = client_for(&listener, Some(KEY));
    let exchange = ask(&listener, &client);
    assert_eq!(listener.received().len(), 1);
    exchange
}

fn kind(exchange: &Exchange) -> Option<FailureKind> {
    exchange.failure.as_ref().map(|failure| failure.kind)
}

#[test]
fn streamed_answer_is_read() {
    let listener = ScriptedListener::script(vec![
        ScriptedResponse::begin("TITLE: T")
            .then("ée\n")
            .raw(b": alive\n\n")
            .finish("stop"),
    ]);
    let client = client_for(&listener, Some(KEY));
    let exchange = ask(&listener, &client);
    assert_eq!(exchange.failure, None);
    assert_eq!(exchange.answer.text, "TITLE: Tée\n");
    assert_eq!(exchange.answer.usage.unwrap().total(), 150);
    let request = &listener.received()[0];
    assert_eq!(request.line, "POST /v1/chat/completions HTTP/1.1");
    assert_eq!(
        request.header("authorization"),
        Some(&*format!("Bearer {KEY}"))
    );
    assert_eq!(request.body["model"], "m");
}

#[test]
fn no_key_sends_no_authorization() {
    let listener = ScriptedListener::script(vec![ScriptedResponse::answer("a")]);
    let client = client_for(&listener, None);
    ask(&listener, &client);
    assert_eq!(listener.received()[0].header("authorization"), None);
}

#[test]
fn connection_is_used_again() {
    let listener = ScriptedListener::start(|_, _| ScriptedResponse::answer("a"));
    let client = client_for(&listener, None);
    let body = json!({});
    run_without_waiting(&listener, async {
        for _ in 0..3 {
            let exchange = client.ask(&body, &mut |_| false, pin!(pending())).await;
            assert_eq!(exchange.failure, None);
        }
    });
    assert_eq!(listener.connection_count(), 1);
}

#[test]
fn whole_answer_is_read_though_a_stream_was_asked_for() {
    let exchange = check(ScriptedResponse::whole(
        200,
        r#" {"choices":[{"message":{"content":"text"},"finish_reason":"stop"}]}"#,
    ));
    assert_eq!(
        (exchange.failure.as_ref(), exchange.answer.text.as_str()),
        (None, "text")
    );
}

#[test]
fn broken_answers_keep_their_text() {
    for (response, expected) in [
        (
            ScriptedResponse::begin("part").drop_connection(),
            FailureKind::Broken,
        ),
        (ScriptedResponse::begin("part"), FailureKind::Broken),
        (
            ScriptedResponse::begin("part")
                .raw(b"data: {\"choi\n\n")
                .then("lost"),
            FailureKind::Broken,
        ),
        (
            ScriptedResponse::begin("part").stall(),
            FailureKind::Stalled,
        ),
        (
            ScriptedResponse::begin("part").finish("error"),
            FailureKind::Server,
        ),
        (
            ScriptedResponse::begin("part").event(&json!({"error": {"code": 502, "message": "m"}})),
            FailureKind::Server,
        ),
    ] {
        let exchange = check(response);
        assert_eq!(kind(&exchange), Some(expected));
        assert_eq!(exchange.answer.text, "part");
    }
}

#[test]
fn answers_without_any_text_fail() {
    for (response, expected) in [
        (ScriptedResponse::hang_up(), FailureKind::Broken),
        (ScriptedResponse::silence(), FailureKind::Stalled),
        (
            ScriptedResponse::whole(200, "<html>maintenance</html>"),
            FailureKind::WebPage,
        ),
        (ScriptedResponse::whole(200, ""), FailureKind::Broken),
        (ScriptedResponse::whole(200, "{}"), FailureKind::Broken),
        (
            ScriptedResponse::whole(200, "{\"choices\": ["),
            FailureKind::Broken,
        ),
        (
            ScriptedResponse::error(200, "server_error", "m"),
            FailureKind::Server,
        ),
        (
            ScriptedResponse::error(401, "invalid_api_key", "m"),
            FailureKind::Key,
        ),
        (
            ScriptedResponse::error(429, "rate_limit_exceeded", "m"),
            FailureKind::Overload,
        ),
    ] {
        let shown = format!("{response:?}");
        let exchange = check(response);
        assert_eq!(kind(&exchange), Some(expected), "{shown}");
        assert_eq!(exchange.answer.text, "");
    }
}

#[test]
fn comments_alone_do_not_keep_a_request_open() {
    // 5 minutes for the first part, however often the server says that it is alive.
    let listener = ScriptedListener::script(vec![
        ScriptedResponse::begin("")
            .raw(b": alive\n\n")
            .raw(b": alive\n\n")
            .stall(),
    ]);
    let client = client_for(&listener, None);
    let exchange = ask(&listener, &client);
    assert_eq!(kind(&exchange), Some(FailureKind::Stalled));
    assert!(exchange.elapsed <= Duration::from_secs(301));
}

#[test]
fn answer_beyond_the_limit_is_not_read() {
    let megabyte = "x".repeat(1 << 20);
    let mut response = ScriptedResponse::begin("");
    for _ in 0..17 {
        response = response.then(&megabyte);
    }
    let exchange = check(response.finish("stop"));
    assert_eq!(kind(&exchange), Some(FailureKind::TooLarge));
    assert!(exchange.answer.text.len() <= 16 << 20);
}

#[test]
fn redirect_is_not_followed() {
    let other = ScriptedListener::script(vec![]);
    let target = format!("{}/chat/completions", other.endpoint());
    for status in [301, 302, 307, 308] {
        let exchange = check(ScriptedResponse::whole(status, "").header("location", &target));
        let failure = exchange.failure.unwrap();
        assert_eq!(failure.kind, FailureKind::Redirect);
        assert!(
            failure.message.contains("127.0.0.1:"),
            "{}",
            failure.message
        );
    }
    assert_eq!(other.received().len(), 0);
}

#[test]
fn key_is_hidden_in_whatever_the_server_sends() {
    for response in [
        ScriptedResponse::error(400, KEY, &format!("the key {KEY}")),
        ScriptedResponse::whole(500, KEY),
        ScriptedResponse::whole(307, "").header("location", &format!("http://{KEY}.example/")),
        ScriptedResponse::begin(&format!("text {KEY}")).finish("stop"),
        ScriptedResponse::begin("").finish(KEY),
        ScriptedResponse::begin("").raw(format!("data: {{{KEY}\n\n").as_bytes()),
        ScriptedResponse::begin("")
            .event(&json!({"id": KEY, "model": KEY, "choices": [{"delta": {"refusal": KEY}}]})),
    ] {
        let exchange = check(response);
        assert!(!format!("{exchange:?}").contains(KEY), "{exchange:?}");
    }
}

#[test]
fn caller_ends_an_answer_when_it_has_enough() {
    let listener =
        ScriptedListener::script(vec![ScriptedResponse::begin("one ").then("two ").stall()]);
    let client = client_for(&listener, None);
    let body = json!({});
    let exchange = run_without_waiting(&listener, async {
        client
            .ask(&body, &mut |text| text.contains("two"), pin!(pending()))
            .await
    });
    assert!(exchange.is_cut_short && exchange.failure.is_none());
    assert_eq!(exchange.answer.text, "one two ");
}

#[test]
fn interrupt_keeps_the_text_so_far() {
    let listener = ScriptedListener::script(vec![ScriptedResponse::begin("part").stall()]);
    let client = client_for(&listener, None);
    let body = json!({});
    let exchange = run_without_waiting(&listener, async {
        let (sender, receiver) = tokio::sync::oneshot::channel::<()>();
        let mut sender = Some(sender);
        let interrupt = pin!(async move { drop(receiver.await) });
        client
            .ask(
                &body,
                &mut |text| {
                    if !text.is_empty() {
                        drop(sender.take());
                    }
                    false
                },
                interrupt,
            )
            .await
    });
    assert_eq!(kind(&exchange), Some(FailureKind::Interrupted));
    assert_eq!(exchange.answer.text, "part");
}

#[test]
fn unreachable_server_is_told_from_a_broken_connection() {
    let listener = ScriptedListener::script(vec![]);
    let client = client_for(&listener, None);
    let dead = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/v1", dead.local_addr().unwrap());
    drop(dead);
    let unreachable = Client::new(Endpoint::parse(&address).unwrap(), client.limits).unwrap();
    let exchange = ask(&listener, &unreachable);
    assert_eq!(kind(&exchange), Some(FailureKind::Connect));
    assert!(!exchange.is_reached);
    // A server that does not speak TLS.
    let address = listener.endpoint().replace("http:", "https:");
    let secure = Client::new(Endpoint::parse(&address).unwrap(), client.limits).unwrap();
    let exchange = ask(&listener, &secure);
    assert!(
        matches!(
            kind(&exchange),
            Some(FailureKind::Tls | FailureKind::Connect)
        ),
        "{exchange:?}"
    );
}

#[test]
fn retry_after_is_read_with_the_error() {
    let exchange = check(
        ScriptedResponse::error(429, "rate_limit_exceeded", "m").header("retry-after-ms", "1500"),
    );
    assert_eq!(
        exchange.failure.unwrap().wait,
        Some(Duration::from_millis(1500))
    );
    let exchange = check(
        ScriptedResponse::error(429, "rate_limit_exceeded", "m")
            .header("x-ratelimit-remaining-requests", "0")
            .header("x-ratelimit-reset-requests", "7s"),
    );
    assert_eq!(exchange.failure.unwrap().wait, Some(Duration::from_secs(7)));
}
