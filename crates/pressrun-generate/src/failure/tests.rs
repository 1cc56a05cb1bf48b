//! Errors as servers send them, and what follows from each.

use super::*;

fn failure(status: u16, body: &str) -> RequestFailure {
    let body = ErrorBody::parse(body.as_bytes(), str::to_owned);
    RequestFailure::reported(status, &body, None)
}

#[test]
#[allow(clippy::too_many_lines)] // it is a table
fn errors_of_servers_are_classified() {
    use FailureKind::*;
    for (server, status, body, expected) in [
        (
            "OpenAI",
            401,
            r#"{"error":{"message":"Incorrect API key provided: sk-abc***xyz. You can find your API key at https://platform.openai.com/account/api-keys.","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}"#,
            Key,
        ),
        (
            "OpenAI",
            429,
            r#"{"error":{"message":"Rate limit reached for gpt-4o in organization org-x on requests per min (RPM): Limit 3, Used 3, Requested 1. Please try again in 20s.","type":"requests","param":null,"code":"rate_limit_exceeded"}}"#,
            Overload,
        ),
        (
            "OpenAI",
            429,
            r#"{"error":{"message":"You exceeded your current quota, please check your plan and billing details.","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}"#,
            Billing,
        ),
        (
            "OpenAI",
            429,
            r#"{"error":{"message":"Spend limit","type":"organization_spend_limit_exceeded","param":null,"code":"organization_spend_limit_exceeded"}}"#,
            Billing,
        ),
        (
            "OpenAI",
            429,
            r#"{"error":{"message":"x","type":"enforced_spend_limit_reached","code":null}}"#,
            Billing,
        ),
        (
            "OpenAI",
            400,
            r#"{"error":{"message":"This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}"#,
            ContextLength,
        ),
        (
            "OpenAI",
            400,
            r#"{"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.","type":"invalid_request_error","param":"max_tokens","code":"unsupported_parameter"}}"#,
            Form(RequestForm::MaxTokens),
        ),
        (
            "OpenAI",
            400,
            r#"{"error":{"message":"Your organization must be verified to stream this model. Please go to: https://platform.openai.com/settings/organization/general and click on Verify Organization.","type":"invalid_request_error","param":"stream","code":"unsupported_value"}}"#,
            Form(RequestForm::Stream),
        ),
        (
            "OpenAI",
            400,
            r#"{"error":{"message":"Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.","type":"invalid_request_error","param":"temperature","code":"unsupported_value"}}"#,
            Rejected,
        ),
        (
            "OpenAI",
            404,
            r#"{"error":{"message":"The model `gpt-9` does not exist or you do not have access to it.","type":"invalid_request_error","param":null,"code":"model_not_found"}}"#,
            Rejected,
        ),
        (
            "OpenAI",
            500,
            r#"{"error":{"message":"The server had an error while processing your request. Sorry about that!","type":"server_error","param":null,"code":null}}"#,
            Server,
        ),
        (
            "OpenAI",
            503,
            r#"{"error":{"message":"The engine is currently overloaded, please try again later","type":"server_error","param":null,"code":null}}"#,
            Overload,
        ),
        (
            "Azure",
            400,
            r#"{"error":{"message":"The response was filtered due to the prompt triggering Azure OpenAI's content management policy.","type":null,"param":"prompt","code":"content_filter","status":400}}"#,
            Filtered,
        ),
        (
            "Anthropic",
            401,
            r#"{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}"#,
            Key,
        ),
        (
            "Anthropic",
            400,
            r#"{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits."}}"#,
            Billing,
        ),
        (
            "Anthropic",
            400,
            r#"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 210000 tokens > 200000 maximum"}}"#,
            ContextLength,
        ),
        (
            "Anthropic",
            529,
            r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#,
            Overload,
        ),
        (
            "Anthropic",
            429,
            r#"{"type":"error","error":{"type":"rate_limit_error","message":"This request would exceed your organization's rate limit of 50,000 input tokens per minute."}}"#,
            Overload,
        ),
        (
            "Anthropic",
            403,
            r#"{"type":"error","error":{"type":"permission_error","message":"Your API key does not have permission to use the specified resource."}}"#,
            Key,
        ),
        (
            "Anthropic",
            413,
            r#"{"type":"error","error":{"type":"request_too_large","message":"Request exceeds the maximum size"}}"#,
            Rejected,
        ),
        (
            "Gemini",
            400,
            r#"[{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID","domain":"googleapis.com"}]}}]"#,
            Key,
        ),
        (
            "Gemini",
            429,
            r#"[{"error":{"code":429,"message":"You exceeded your current quota, please check your plan and billing details.","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34s"}]}}]"#,
            Overload,
        ),
        (
            "Gemini",
            400,
            r#"[{"error":{"code":400,"message":"The input token count (1200000) exceeds the maximum number of tokens allowed (1048575).","status":"INVALID_ARGUMENT"}}]"#,
            ContextLength,
        ),
        (
            "Gemini",
            503,
            r#"[{"error":{"code":503,"message":"The model is overloaded. Please try again later.","status":"UNAVAILABLE"}}]"#,
            Overload,
        ),
        (
            "OpenRouter",
            402,
            r#"{"error":{"message":"Insufficient credits. Add more using https://openrouter.ai/settings/credits","code":402},"user_id":"user_x"}"#,
            Billing,
        ),
        (
            "OpenRouter",
            403,
            r#"{"error":{"code":403,"message":"Your input was flagged","metadata":{"reasons":["violence"],"flagged_input":"...","provider_name":"x","model_slug":"y"}}}"#,
            Filtered,
        ),
        (
            "OpenRouter",
            200,
            r#"{"error":{"code":502,"message":"Provider returned error","metadata":{"raw":"upstream connect error","provider_name":"x"}}}"#,
            Server,
        ),
        (
            "OpenRouter",
            200,
            r#"{"error":{"code":429,"message":"Rate limit exceeded"}}"#,
            Overload,
        ),
        (
            "OpenRouter",
            200,
            r#"{"error":{"code":402,"message":"Insufficient credits"}}"#,
            Billing,
        ),
        (
            "OpenRouter",
            408,
            r#"{"error":{"code":408,"message":"Request timed out"}}"#,
            Server,
        ),
        (
            "llama.cpp",
            401,
            r#"{"error":{"code":401,"message":"Invalid API Key","type":"authentication_error"}}"#,
            Key,
        ),
        (
            "llama.cpp",
            400,
            r#"{"error":{"code":400,"message":"request (9000 tokens) exceeds the available context size (8192 tokens), try increasing it","type":"exceed_context_size_error","n_prompt_tokens":9000,"n_ctx":8192}}"#,
            ContextLength,
        ),
        (
            "llama.cpp",
            503,
            r#"{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}"#,
            Overload,
        ),
        (
            "llama.cpp",
            500,
            r#"{"error":{"code":500,"message":"failed to parse grammar","type":"server_error"}}"#,
            Server,
        ),
        (
            "llama.cpp",
            404,
            r#"{"error":{"code":404,"message":"File Not Found","type":"not_found_error"}}"#,
            Rejected,
        ),
        (
            "Ollama",
            404,
            r#"{"error":{"message":"model \"x\" not found, try pulling it first","type":"api_error","param":null,"code":null}}"#,
            Rejected,
        ),
        (
            "Ollama",
            400,
            r#"{"error":{"message":"the input length exceeds the context length","type":"invalid_request_error","param":null,"code":null}}"#,
            ContextLength,
        ),
        (
            "Ollama",
            500,
            r#"{"error":"model runner has unexpectedly stopped"}"#,
            Server,
        ),
        (
            "vLLM",
            400,
            r#"{"object":"error","message":"This model's maximum context length is 2048 tokens. However, you requested 6300 tokens (300 in the messages, 6000 in the completion). Please reduce the length of the messages or completion.","type":"BadRequestError","param":null,"code":400}"#,
            ContextLength,
        ),
        (
            "vLLM",
            400,
            r#"{"error":{"message":"'max_tokens' or 'max_completion_tokens' is too large: 6000. This model's maximum context length is 4096 tokens and your request has 300 input tokens","type":"BadRequestError","param":null,"code":400}}"#,
            ContextLength,
        ),
        ("vLLM", 401, r#"{"error":"Unauthorized"}"#, Key),
        (
            "vLLM",
            400,
            r#"{"object":"error","message":"[{'type': 'extra_forbidden', 'loc': ('body', 'stream_options'), 'msg': 'Extra inputs are not permitted'}]","type":"BadRequestError","param":null,"code":400}"#,
            Form(RequestForm::StreamOptions),
        ),
        (
            "LM Studio",
            400,
            r#"{"error":"Trying to keep the first 5000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough."}"#,
            ContextLength,
        ),
        (
            "LM Studio",
            404,
            r#"{"error":{"message":"No models loaded. Please load a model in the developer page or use the `lms load` command.","type":"invalid_request_error","param":"model","code":"model_not_found"}}"#,
            Rejected,
        ),
        (
            "Mistral",
            422,
            r#"{"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],"msg":"Extra inputs are not permitted","input":{"include_usage":true}}]}"#,
            Form(RequestForm::StreamOptions),
        ),
        (
            "Mistral",
            422,
            r#"{"object":"error","message":{"detail":[{"type":"extra_forbidden","loc":["body","max_completion_tokens"],"msg":"Extra inputs are not permitted"}]},"type":"invalid_request_error"}"#,
            Form(RequestForm::MaxCompletionTokens),
        ),
        (
            "DeepSeek",
            402,
            r#"{"error":{"message":"Insufficient Balance","type":"unknown_error","param":null,"code":"invalid_request_error"}}"#,
            Billing,
        ),
        (
            "a gateway",
            504,
            "<html><head><title>504 Gateway Time-out</title></head></html>",
            Server,
        ),
        ("a gateway", 413, "", Rejected),
        ("a gateway", 307, "", Redirect),
        (
            "a server without streams",
            400,
            r#"{"error":{"message":"streaming is not supported by this backend"}}"#,
            Form(RequestForm::Stream),
        ),
        (
            "an older server",
            400,
            r#"{"error":{"message":"Unrecognized request argument supplied: max_completion_tokens","type":"invalid_request_error"}}"#,
            Form(RequestForm::MaxCompletionTokens),
        ),
        (
            "a server without schemas",
            400,
            r#"{"error":{"message":"'response_format' of type 'json_schema' is not supported with this model","param":"response_format"}}"#,
            Form(RequestForm::Schema),
        ),
        ("a server with an error of its own", 418, "[]", Rejected),
    ] {
        assert_eq!(
            failure(status, body).kind,
            expected,
            "{server}: {status} {body}"
        );
    }
}

#[test]
fn wait_beyond_ten_minutes_stops_the_run() {
    let body = ErrorBody::default();
    let wait = |seconds| {
        let wait = Some(Duration::from_secs(seconds));
        RequestFailure::reported(429, &body, wait).kind.action()
    };
    assert_eq!(wait(600), FailureAction::Retry);
    assert_eq!(wait(601), FailureAction::StopRun);
}

#[test]
fn gemini_states_the_wait_in_the_body() {
    let found = failure(
        429,
        r#"[{"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED","details":[{"retryDelay":"34.5s"}]}}]"#,
    );
    assert_eq!(found.wait, Some(Duration::from_millis(34_500)));
    assert_eq!(found.to_string(), "429 `RESOURCE_EXHAUSTED`: m");
}

#[test]
fn message_is_one_short_line() {
    let found = failure(500, &format!("a\n\u{1b}[31m  b {}", "é".repeat(9000)));
    assert!(found.message.starts_with("a [31m b éé"));
    assert_eq!(found.message.chars().filter(|c| *c == 'é').count(), 500 - 6);
}

#[test]
fn web_page_of_a_gateway_is_told_by_its_title() {
    for (page, expected) in [
        (
            "<html><head><TITLE>502 Bad\n Gateway</TITLE></head><body>x</body></html>",
            "502 Bad Gateway",
        ),
        ("<html><title></title>x", "<html><title></title>x"),
        ("<html><title>é", "<html><title>é"),
        ("a <title>b</title>", "a <title>b</title>"),
    ] {
        assert_eq!(failure(502, page).message, expected);
    }
}

#[test]
fn key_is_hidden_before_a_message_is_shortened() {
    let body = format!("{}secret-key", "x".repeat(495));
    let body = ErrorBody::parse(body.as_bytes(), |text| text.replace("secret-key", "[key]"));
    assert!(body.message.ends_with("[key]"));
}
