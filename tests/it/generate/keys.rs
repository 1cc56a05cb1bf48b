//! Keys: which are sent where, and that none is shown or kept.

use std::path::Path;
use std::process::Command;

use super::commands::site_for;
use super::listener::{ScriptedListener, ScriptedResponse};
use super::replies::{topic_of, write_reply};
use crate::site::{Run, Site, tree};

const KEY: &str = "sk-proj-a1B2c3D4e5F6g7H8";

/// Runs the command with these variables and no others that concern it.
fn generate_with(site: &Site, variables: &[(&str, &str)], arguments: &[&str]) -> Run {
    let mut command: Command = site.command();
    command.arg("generate").arg("t.txt").args(arguments);
    for name in [
        "PRESSRUN_API_KEY",
        "OPENAI_API_KEY",
        "HTTP_PROXY",
        "http_proxy",
        "NO_PROXY",
        "no_proxy",
    ] {
        command.env_remove(name);
    }
    Run::of(command.envs(variables.iter().copied()))
}

fn site_with_topic(server: &ScriptedListener) -> Site {
    site_for(server).file("t.txt", "Green tea\n")
}

/// Checks that no file below a folder and no output holds the key.
#[track_caller]
fn check_key_is_nowhere(folder: &Path, run: &Run) {
    for (path, bytes) in tree(folder) {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains(KEY), "{path}: {text}");
    }
    for text in [&run.stdout, &run.stderr] {
        assert!(!text.contains(KEY), "{text}");
    }
}

#[test]
fn refused_key_costs_one_request_and_is_named_by_its_variable() {
    let server = ScriptedListener::start(|_, _| {
        ScriptedResponse::error(401, "invalid_api_key", &format!("Incorrect API key: {KEY}"))
    });
    let site = site_for(&server).file("t.txt", "Green tea\nBlack tea\nWater\nMilk\n");
    let run = generate_with(&site, &[("PRESSRUN_API_KEY", KEY)], &[]);
    assert_eq!(
        (run.code, server.received().len()),
        (1, 1),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("PRESSRUN_API_KEY"), "{}", run.stderr);
    check_key_is_nowhere(&site.path(""), &run);
}

#[test]
fn used_up_quota_costs_one_request_and_says_billing() {
    let server = ScriptedListener::start(|_, _| {
        let message = "You exceeded your current quota, please check your plan.";
        ScriptedResponse::error(429, "insufficient_quota", message)
    });
    let site = site_for(&server).file("t.txt", "Green tea\nBlack tea\nWater\nMilk\n");
    let run = generate_with(&site, &[], &[]);
    assert_eq!(
        (run.code, server.received().len()),
        (1, 1),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("billing"), "{}", run.stderr);
}

#[test]
fn redirect_is_not_followed_and_sends_no_key_elsewhere() {
    let other = ScriptedListener::start(|_, _| ScriptedResponse::answer("never"));
    let target = format!("{}/chat/completions", other.endpoint());
    let server = ScriptedListener::start(move |_, _| {
        ScriptedResponse::whole(307, "").header("location", &target)
    });
    let site = site_with_topic(&server);
    let run = generate_with(&site, &[("PRESSRUN_API_KEY", KEY)], &[]);
    assert_eq!(
        (run.code, server.received().len()),
        (1, 1),
        "{}",
        run.stderr
    );
    assert_eq!(other.connection_count(), 0);
}

#[test]
fn key_is_shown_and_kept_nowhere() {
    // Every place where a server can put what it was sent.
    let server = ScriptedListener::start(|number, request| {
        let reply = write_reply(topic_of(request.last_message()));
        match number {
            0 => ScriptedResponse::error(500, KEY, &format!("Bearer {KEY}")),
            1 => ScriptedResponse::whole(502, &format!("<html>{KEY}</html>")),
            2 => ScriptedResponse::begin("").raw(format!("data: {{\"{KEY}\n\n").as_bytes()),
            _ => ScriptedResponse::begin(&reply)
                .then(&format!("\n\nThe key is {KEY}.\n"))
                .event(&serde_json::json!({"id": KEY, "model": KEY, "choices": []}))
                .finish("stop"),
        }
        .header("x-request-id", KEY)
        .header("x-ratelimit-remaining-requests", KEY)
    });
    let site = site_with_topic(&server);
    let run = generate_with(&site, &[("PRESSRUN_API_KEY", KEY)], &["--verbose"]);
    assert_eq!(server.received().len(), 4, "{}", run.stderr);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let sent = server.received()[0]
        .header("authorization")
        .map(str::to_owned);
    assert_eq!(sent, Some(format!("Bearer {KEY}")));
    site.build_with(&["--drafts"]);
    check_key_is_nowhere(&site.path(""), &run);
}

#[test]
fn key_of_a_service_is_not_sent_to_this_machine() {
    let server = ScriptedListener::start(|_, request| {
        ScriptedResponse::answer(&write_reply(topic_of(request.last_message())))
    });
    let site = site_with_topic(&server);
    let run = generate_with(&site, &[("OPENAI_API_KEY", KEY)], &[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(server.received()[0].header("authorization"), None);
}

#[test]
fn key_is_not_sent_unencrypted_to_another_machine() {
    // The address belongs to nobody, so a connection would take until its time limit.
    let site = Site::with_config("[generate]\nendpoint = \"http://192.0.2.1/v1\"\n")
        .file("t.txt", "Green tea\n");
    let run = generate_with(&site, &[("PRESSRUN_API_KEY", KEY)], &[]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stderr.contains("unencrypted"), "{}", run.stderr);
    check_key_is_nowhere(&site.path(""), &run);
}

#[test]
fn server_on_this_machine_is_asked_without_a_proxy() {
    let proxy = ScriptedListener::start(|_, _| ScriptedResponse::answer("never"));
    let server = ScriptedListener::start(|_, request| {
        ScriptedResponse::answer(&write_reply(topic_of(request.last_message())))
    });
    let site = site_with_topic(&server);
    let address = proxy.endpoint();
    let variables = [("HTTP_PROXY", &*address), ("http_proxy", &*address)];
    let run = generate_with(&site, &variables, &[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!((server.received().len(), proxy.connection_count()), (1, 0));
}
