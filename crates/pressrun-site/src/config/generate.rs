//! The table `[generate]`: how `pressrun generate` asks a language model.
//!
//! It holds no key: keys come from the environment, so that a cloned `site.toml` cannot send one to
//! another host.

use std::time::Duration;

use pressrun_posts::post::ExtraValue;
use url::Url;

use super::section::ConfigSection;
use super::url::is_bare_web_address;

/// The table `[generate]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct GenerateConfig {
    /// The address of the server, such as `http://127.0.0.1:8080/v1`, without a final `/`.
    pub endpoint: String,
    /// The name of the model. Servers that run a single model need none.
    pub model: Option<String>,
    /// The most tokens of one answer.
    pub max_tokens: u32,
    /// The number of words that a post is asked for.
    pub words: u32,
    /// The path of the prompt below the root of the site; `None` is the built-in one.
    pub template: Option<String>,
    /// The most requests at the same time.
    pub concurrency: usize,
    /// How often one request is sent at most.
    pub tries: u32,
    /// How often an answer that was cut off is continued at most.
    pub continuations: u32,
    /// How often the header of an answer is asked for again at most.
    pub repairs: u32,
    /// The longest time until the first byte of an answer.
    pub first_byte: Duration,
    /// The longest time between two parts of an answer.
    pub idle: Duration,
    /// Further fields of each request.
    pub body: Vec<(String, ExtraValue)>,
    /// What tokens cost.
    pub price: Option<TokenPrice>,
}

/// What a million tokens cost, in millionths of the currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenPrice {
    /// The price of the tokens of prompts.
    pub input: u64,
    /// The price of the tokens of answers.
    pub output: u64,
}

impl TokenPrice {
    /// Returns what tokens cost, in the currency of the price.
    pub fn cost_of(&self, input_tokens: u64, output_tokens: u64) -> f64 {
        let millionths =
            self.input as f64 * input_tokens as f64 + self.output as f64 * output_tokens as f64;
        millionths / 1e12
    }
}

/// Fields of a request that `[generate.body]` may not set, each with what to do instead.
const RESERVED: [(&str, &str); 8] = [
    ("model", "set `model` in `[generate]`"),
    ("max_tokens", "set `max_tokens` in `[generate]`"),
    ("max_completion_tokens", "set `max_tokens` in `[generate]`"),
    ("messages", "write a template of your own: `template`"),
    ("stream_options", "delete it: pressrun sets it"),
    ("n", "delete it: each request asks for one post"),
    (
        "stop",
        "delete it: the end marker proves that a reply is whole",
    ),
    ("tools", "delete it: pressrun runs no tools"),
];

impl Default for GenerateConfig {
    fn default() -> Self {
        Self {
            endpoint: "http://127.0.0.1:8080/v1".to_owned(),
            model: None,
            max_tokens: 6000,
            words: 900,
            template: None,
            concurrency: 4,
            tries: 4,
            continuations: 3,
            repairs: 1,
            first_byte: Duration::from_secs(5 * 60),
            idle: Duration::from_secs(2 * 60),
            body: Vec::new(),
            price: None,
        }
    }
}

impl GenerateConfig {
    /// Returns the fields of `[generate.body]` as JSON.
    pub fn body_as_json(&self) -> serde_json::Value {
        pressrun_posts::post::extras_to_json(&self.body)
    }

    pub(super) fn read(&mut self, generate: &mut ConfigSection<'_>) {
        generate.parsed_string("endpoint", &mut self.endpoint, parse_endpoint);
        generate.parsed_string("model", &mut self.model, |text| {
            parse_model_name(text).map(Some)
        });
        read_number(generate, "max_tokens", &mut self.max_tokens, 16..=1_000_000);
        read_number(generate, "words", &mut self.words, 50..=50_000);
        generate.parsed_string("template", &mut self.template, |text| {
            parse_template_path(text).map(Some)
        });
        generate.number("concurrency", &mut self.concurrency, 1..=256);
        read_number(generate, "tries", &mut self.tries, 1..=20);
        read_number(generate, "continue", &mut self.continuations, 0..=20);
        read_number(generate, "repair", &mut self.repairs, 0..=5);
        generate.parsed_string("first_byte", &mut self.first_byte, parse_wait);
        generate.parsed_string("idle", &mut self.idle, parse_wait);
        generate.checked_free_table("body", &mut self.body, |name| {
            let (_, help) = RESERVED.iter().find(|(reserved, _)| *reserved == name)?;
            Some((
                format!("`{name}` cannot be set in `[generate.body]`"),
                (*help).to_owned(),
            ))
        });
        generate.table("price", |price| self.price = read_price(price));
    }
}

fn read_price(section: &mut ConfigSection<'_>) -> Option<TokenPrice> {
    let (mut input, mut output) = (None, None);
    section.decimal("input", &mut input);
    section.decimal("output", &mut output);
    if section.is_present() {
        section.require("input");
        section.require("output");
    }
    Some(TokenPrice {
        input: input?,
        output: output?,
    })
}

fn read_number(
    section: &mut ConfigSection<'_>,
    key: &'static str,
    target: &mut u32,
    allowed: std::ops::RangeInclusive<usize>,
) {
    let mut number = *target as usize;
    section.number(key, &mut number, allowed);
    // The ranges above fit.
    *target = number as u32;
}

/// Validates the address of a server and returns it without a final `/`.
///
/// # Errors
///
/// Returns what is expected instead, worded as the object of "takes".
pub fn parse_endpoint(text: &str) -> Result<String, String> {
    let expected = || {
        "the address of a server without a query, a fragment or a login, such as \
         `http://127.0.0.1:8080/v1`"
            .to_owned()
    };
    let url = Url::parse(text.trim()).map_err(|_| expected())?;
    if !is_bare_web_address(&url) {
        return Err(expected());
    }
    let address = String::from(url);
    let address = address.trim_end_matches('/');
    // Users copy the address of the method itself from examples.
    let address = address
        .strip_suffix("/chat/completions")
        .unwrap_or(address)
        .trim_end_matches('/');
    Ok(address.to_owned())
}

/// Validates the name of a model.
///
/// # Errors
///
/// Returns what is expected instead, worded as the object of "takes".
pub fn parse_model_name(text: &str) -> Result<String, String> {
    let name = text.trim();
    if (1..=200).contains(&name.len()) && !name.contains(char::is_control) {
        Ok(name.to_owned())
    } else {
        Err("the name of a model, as the server lists it".to_owned())
    }
}

/// Validates the path of a template: a file of the site.
///
/// # Errors
///
/// Returns what is expected instead, worded as the object of "takes".
pub fn parse_template_path(text: &str) -> Result<String, String> {
    let is_part = |part: &str| !matches!(part, "" | "." | "..");
    let right = text.split('/').all(is_part) && !text.contains(['\\', ':', '\0']);
    if right {
        Ok(text.to_owned())
    } else {
        Err("the path of a file of the site, such as `prompts/post.txt`".to_owned())
    }
}

/// Parses a time such as `90s`, `5m`, `1h30m` or `2d`.
///
/// # Errors
///
/// Returns what is expected instead, worded as the object of "takes".
pub fn parse_time_span(text: &str) -> Result<Duration, String> {
    let expected = || "a time such as `90s`, `5m`, `1h30m` or `2d`".to_owned();
    let mut rest = text.trim();
    let mut seconds: u64 = 0;
    if rest.is_empty() {
        return Err(expected());
    }
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let count: u64 = rest[..digits].parse().map_err(|_| expected())?;
        let unit = rest[digits..].chars().next().ok_or_else(expected)?;
        let factor = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            _ => return Err(expected()),
        };
        seconds = count
            .checked_mul(factor)
            .and_then(|more| seconds.checked_add(more))
            .ok_or_else(expected)?;
        rest = &rest[digits + 1..];
    }
    Ok(Duration::from_secs(seconds))
}

/// Parses a time that a request waits.
fn parse_wait(text: &str) -> Result<Duration, String> {
    let allowed = Duration::from_secs(1)..=Duration::from_secs(86_400);
    parse_time_span(text)
        .ok()
        .filter(|time| allowed.contains(time))
        .ok_or_else(|| "a time from `1s` to `1d`, such as `90s` or `5m`".to_owned())
}

#[cfg(test)]
mod tests {
    use pressrun_posts::diagnostic::Diagnostic;

    use super::super::Config;
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let found: Vec<String> = match Config::parse(text) {
            Ok(_) => Vec::new(),
            Err(diagnostics) => diagnostics.iter().map(show).collect(),
        };
        assert_eq!(found, expected);
    }

    fn show(diagnostic: &Diagnostic) -> String {
        let help = diagnostic.help.as_deref().unwrap_or("-");
        format!("{}: {} ({help})", diagnostic.place, diagnostic.message)
    }

    #[test]
    fn every_key_of_generate_is_read() {
        let text = "[generate]\nendpoint = 'https://api.example/v1/chat/completions'\n\
                    model = 'm'\nmax_tokens = 100\nwords = 200\ntemplate = 'prompts/post.txt'\n\
                    concurrency = 8\ntries = 2\ncontinue = 1\nrepair = 0\nfirst_byte = '90s'\n\
                    idle = '1m30s'\n[generate.body]\ntemperature = 0.5\nreasoning_effort = 'low'\n\
                    [generate.price]\ninput = 0.15\noutput = 2\n";
        let config = Config::parse(text).unwrap().generate;
        assert_eq!(config.endpoint, "https://api.example/v1");
        assert_eq!((config.continuations, config.repairs), (1, 0));
        assert_eq!(config.idle, Duration::from_secs(90));
        assert_eq!(
            config.body_as_json(),
            serde_json::json!({"reasoning_effort": "low", "temperature": 0.5})
        );
        let price = config.price.unwrap();
        assert_eq!((price.input, price.output), (150_000, 2_000_000));
        assert!((price.cost_of(1_000_000, 500_000) - 1.15).abs() < 1e-9);
    }

    #[test]
    fn wrong_values_have_their_places() {
        check(
            "[generate]\nendpoint = 'ftp://a.example'\nmax_tokens = 3\ntemplate = '../x'\n\
             idle = 'soon'\n[generate.body]\nmodel = 'm'\n[generate.price]\ninput = -1\n",
            &[
                "site.toml:2:12: `endpoint` takes the address of a server without a query, a \
                 fragment or a login, such as `http://127.0.0.1:8080/v1` (-)",
                "site.toml:3:14: `max_tokens` takes a whole number from 16 to 1000000 (-)",
                "site.toml:4:12: `template` takes the path of a file of the site, such as \
                 `prompts/post.txt` (-)",
                "site.toml:5:8: `idle` takes a time from `1s` to `1d`, such as `90s` or `5m` (-)",
                "site.toml:7:1: `model` cannot be set in `[generate.body]` (set `model` in \
                 `[generate]`)",
                "site.toml:9:1: `output` is missing from an entry of `[generate.price]` (-)",
                "site.toml:9:9: `input` takes a number from 0 to 1000000 with at most six decimal \
                 places (-)",
            ],
        );
    }

    #[test]
    fn time_spans_add_their_parts() {
        assert_eq!(parse_time_span("1h30m"), Ok(Duration::from_secs(5400)));
        assert_eq!(parse_time_span(" 2d "), Ok(Duration::from_secs(172_800)));
        for wrong in [
            "",
            "5",
            "m",
            "5x",
            "-5m",
            "1.5h",
            "99999999999999999999d",
            "5é",
        ] {
            assert!(parse_time_span(wrong).is_err(), "{wrong}");
        }
    }
}
