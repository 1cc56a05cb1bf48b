//! Where requests go, and with which key.
//!
//! A cloned `site.toml` states the endpoint, so it must not be able to send a key elsewhere: keys
//! come from the environment only, and the key of a service goes to the host of that service only.
//! A key is sent over HTTPS or to this machine.
//!
//! Not here: sending (`client`).

use std::fmt;
use std::net::IpAddr;

use url::{Host, Url};

/// The variable whose key goes to whichever endpoint is configured.
pub const OWN_VARIABLE: &str = "PRESSRUN_API_KEY";

/// What stands for the key in every message.
const REDACTED: &str = "[key]";

/// Below this length a key may be an ordinary word, such as `none` or `ollama`, which a text may
/// contain. Messages are redacted even then.
const SHORTEST_SECRET: usize = 8;

/// The hosts of services, each with the variable that its own tools read.
const SERVICES: &[(&str, &str)] = &[
    ("api.openai.com", "OPENAI_API_KEY"),
    ("eu.api.openai.com", "OPENAI_API_KEY"),
    ("us.api.openai.com", "OPENAI_API_KEY"),
    ("api.anthropic.com", "ANTHROPIC_API_KEY"),
    ("generativelanguage.googleapis.com", "GEMINI_API_KEY"),
    ("openrouter.ai", "OPENROUTER_API_KEY"),
    ("api.mistral.ai", "MISTRAL_API_KEY"),
    ("api.groq.com", "GROQ_API_KEY"),
    ("api.deepseek.com", "DEEPSEEK_API_KEY"),
    ("api.together.ai", "TOGETHER_API_KEY"),
    ("api.together.xyz", "TOGETHER_API_KEY"),
    ("api.fireworks.ai", "FIREWORKS_API_KEY"),
    ("api.cerebras.ai", "CEREBRAS_API_KEY"),
    ("api.perplexity.ai", "PERPLEXITY_API_KEY"),
    ("api.moonshot.ai", "MOONSHOT_API_KEY"),
    ("api.x.ai", "XAI_API_KEY"),
    ("dashscope-intl.aliyuncs.com", "DASHSCOPE_API_KEY"),
    ("router.huggingface.co", "HF_TOKEN"),
];

/// A server that speaks OpenAI's chat completions, with the key for it.
#[derive(Debug, Clone)]
pub struct Endpoint {
    url: Url,
    key: Option<ApiKey>,
}

/// A key, and the variable that it comes from.
#[derive(Clone)]
struct ApiKey {
    value: String,
    variable: &'static str,
}

/// Never shows the value.
impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiKey")
            .field("variable", &self.variable)
            .finish_non_exhaustive()
    }
}

/// Why nothing can be sent to an endpoint, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointError {
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

impl EndpointError {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: help.into(),
        }
    }
}

impl fmt::Display for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for EndpointError {}

impl Endpoint {
    /// Reads an address without a key, for plans and request files.
    pub fn parse(address: &str) -> Result<Self, EndpointError> {
        Ok(Self {
            url: parse_address(address)?,
            key: None,
        })
    }

    /// Reads an address and finds its key among the variables of the environment.
    pub fn with_key(
        address: &str,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, EndpointError> {
        let url = parse_address(address)?;
        let key = find_key(&url, variable)?;
        if key.is_some() && url.scheme() != "https" && !is_loopback(&url) {
            return Err(EndpointError::new(
                format!(
                    "a key would cross the network unencrypted to `{}`",
                    host_of(&url)
                ),
                format!("use an address with `https`, or unset `{OWN_VARIABLE}`"),
            ));
        }
        Ok(Self { url, key })
    }

    /// Returns the host, with its port if it is not the usual one.
    pub fn host(&self) -> String {
        host_of(&self.url)
    }

    /// Returns the address of the requests.
    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    /// Returns whether the server is on this machine.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.url)
    }

    /// Returns the key, for the header that carries it and for nothing else.
    pub(crate) fn key(&self) -> Option<&str> {
        self.key.as_ref().map(|key| key.value.as_str())
    }

    /// Returns the variable that the key comes from, if there is a key.
    pub fn key_variable(&self) -> Option<&'static str> {
        self.key.as_ref().map(|key| key.variable)
    }

    /// Returns the variable that a key for this host is read from.
    pub fn expected_variable(&self) -> &'static str {
        service_variable(&self.url).unwrap_or(OWN_VARIABLE)
    }

    /// Replaces the key in a message of the server, also where it is escaped for an address.
    pub fn redact(&self, message: &str) -> String {
        let Some(key) = self.key() else {
            return message.to_owned();
        };
        let escaped: String = url::form_urlencoded::byte_serialize(key.as_bytes()).collect();
        message.replace(key, REDACTED).replace(&escaped, REDACTED)
    }

    /// Replaces the key in the text of an answer, unless it is short enough to be a word.
    pub(crate) fn redact_text(&self, text: String) -> String {
        match self.key() {
            Some(key) if key.len() >= SHORTEST_SECRET && text.contains(key) => self.redact(&text),
            _ => text,
        }
    }
}

/// Returns the address of the chat completions below that of an endpoint.
fn parse_address(address: &str) -> Result<Url, EndpointError> {
    let help = "write it as `http://127.0.0.1:8080/v1` or `https://api.openai.com/v1`";
    // The address may hold a password, so messages show it only after that is excluded.
    let Ok(mut url) = Url::parse(address.trim()) else {
        return Err(EndpointError::new("the endpoint is not an address", help));
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(EndpointError::new(
            "the address of the endpoint holds a name or a password",
            format!("put the key into the variable `{OWN_VARIABLE}`"),
        ));
    }
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(EndpointError::new(
            format!("the endpoint `{url}` is not an `http` or `https` address"),
            help,
        ));
    }
    url.set_fragment(None);
    let path = url.path().trim_end_matches('/').to_owned();
    if path.ends_with("/chat/completions") {
        url.set_path(&path);
    } else {
        url.set_path(&format!("{path}/chat/completions"));
    }
    Ok(url)
}

/// Finds the key for an address: the variable of pressrun, else that of the host's service.
fn find_key(
    url: &Url,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Option<ApiKey>, EndpointError> {
    for name in [Some(OWN_VARIABLE), service_variable(url)]
        .into_iter()
        .flatten()
    {
        // `export KEY=$(cat file)` in some shells keeps a line break.
        let value = variable(name).map(|value| value.trim().to_owned());
        let Some(value) = value.filter(|value| !value.is_empty()) else {
            continue;
        };
        if !value.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(EndpointError::new(
                format!("the key in `{name}` has a character that no key has"),
                "copy the key again, without spaces and quotation marks",
            ));
        }
        return Ok(Some(ApiKey {
            value,
            variable: name,
        }));
    }
    match service_variable(url) {
        Some(name) => Err(EndpointError::new(
            format!("`{}` needs a key", host_of(url)),
            format!("put it into the variable `{name}`"),
        )),
        None => Ok(None),
    }
}

/// Returns the variable that belongs to the service at this host.
fn service_variable(url: &Url) -> Option<&'static str> {
    let host = url.host_str()?;
    let service = SERVICES.iter().find(|(name, _)| *name == host);
    service.map(|(_, variable)| *variable)
}

fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// Returns whether an address leads to this machine. `localhost` counts, because `client` resolves
/// it itself; a name below it does not.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.trim_end_matches('.') == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).to_canonical().is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(address: &str, variables: &[(&str, &str)]) -> Result<Endpoint, EndpointError> {
        Endpoint::with_key(address, |name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn requests_go_to_the_chat_completions_below_the_endpoint() {
        for (address, expected) in [
            (
                "http://127.0.0.1:8080/v1",
                "http://127.0.0.1:8080/v1/chat/completions",
            ),
            (" http://[::1]/v1/ ", "http://[::1]/v1/chat/completions"),
            ("http://localhost", "http://localhost/chat/completions"),
            (
                "https://a.example/v1/chat/completions",
                "https://a.example/v1/chat/completions",
            ),
            (
                "https://a.example/v1?api-version=2",
                "https://a.example/v1/chat/completions?api-version=2",
            ),
        ] {
            assert_eq!(Endpoint::parse(address).unwrap().url().as_str(), expected);
        }
        for address in [
            "",
            "a.example",
            "ftp://a.example/",
            "localhost:8080",
            "http://",
        ] {
            assert!(Endpoint::parse(address).is_err(), "{address}");
        }
    }

    #[test]
    fn key_of_a_service_goes_to_its_host_only() {
        let keys = [("OPENAI_API_KEY", "sk-of-openai")];
        let openai = endpoint("https://api.openai.com/v1", &keys).unwrap();
        assert_eq!(openai.key(), Some("sk-of-openai"));
        assert_eq!(openai.key_variable(), Some("OPENAI_API_KEY"));
        for other in [
            "http://127.0.0.1:8080/v1",
            "http://localhost:8080/v1",
            "https://api.openai.com.evil.example/v1",
            "https://openai.com/v1",
        ] {
            assert_eq!(endpoint(other, &keys).unwrap().key(), None, "{other}");
        }
        let own = [("PRESSRUN_API_KEY", "own-key"), ("OPENAI_API_KEY", "sk")];
        let openai = endpoint("https://api.openai.com/v1", &own).unwrap();
        assert_eq!(openai.key(), Some("own-key"));
    }

    #[test]
    fn service_without_its_key_is_not_asked() {
        let error = endpoint("https://api.openai.com/v1", &[("OPENAI_API_KEY", " ")]).unwrap_err();
        assert_eq!(error.message, "`api.openai.com` needs a key");
        assert!(error.help.contains("OPENAI_API_KEY"));
    }

    #[test]
    fn key_needs_https_or_this_machine() {
        let keys = [("PRESSRUN_API_KEY", "key-of-the-test")];
        for address in [
            "https://a.example/v1",
            "http://127.0.0.1:8080/v1",
            "http://127.9.9.9/v1",
            "http://[::1]:8080/v1",
            "http://[::ffff:127.0.0.1]/v1",
            "http://localhost/v1",
        ] {
            assert!(endpoint(address, &keys).is_ok(), "{address}");
        }
        for address in [
            "http://a.example/v1",
            "http://192.168.1.2/v1",
            "http://localhost.a.example/v1",
            "http://a.localhost/v1",
        ] {
            let error = endpoint(address, &keys).unwrap_err();
            assert!(error.message.contains("unencrypted"), "{address}");
            assert!(endpoint(address, &[]).is_ok(), "{address}");
        }
    }

    #[test]
    fn address_holds_no_password_and_errors_do_not_show_it() {
        let error = Endpoint::parse("https://me:secret@a.example/v1").unwrap_err();
        assert!(!format!("{error:?}").contains("secret"));
        let error = Endpoint::parse("https://me:sec ret@").unwrap_err();
        assert!(!format!("{error:?}").contains("ret"));
    }

    #[test]
    fn key_is_never_shown() {
        let keys = [("PRESSRUN_API_KEY", "k/secret+1\n")];
        let endpoint = endpoint("https://a.example/v1", &keys).unwrap();
        assert_eq!(endpoint.key(), Some("k/secret+1"));
        assert!(!format!("{endpoint:?}").contains("secret"));
        assert_eq!(
            endpoint.redact("bad key k/secret+1, k%2Fsecret%2B1"),
            "bad key [key], [key]"
        );
        assert_eq!(
            endpoint.redact_text("a k/secret+1 b".to_owned()),
            "a [key] b"
        );
    }

    #[test]
    fn short_key_stays_in_texts() {
        let keys = [("PRESSRUN_API_KEY", "tea")];
        let endpoint = endpoint("https://a.example/v1", &keys).unwrap();
        assert_eq!(endpoint.redact_text("green tea".to_owned()), "green tea");
        assert_eq!(endpoint.redact("bad key tea"), "bad key [key]");
    }

    #[test]
    fn key_with_a_character_of_no_key_is_reported_without_it() {
        let error = endpoint("https://a.example/v1", &[("PRESSRUN_API_KEY", "“abc”")]).unwrap_err();
        assert!(error.message.contains("PRESSRUN_API_KEY"));
        assert!(!format!("{error:?}").contains("abc"));
    }
}
