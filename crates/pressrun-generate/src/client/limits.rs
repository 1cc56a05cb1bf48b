//! What a server still allows, from the headers of its responses.
//!
//! Servers agree on `x-ratelimit-remaining-*` and `x-ratelimit-reset-*`, but not on what stands for
//! the star, so each pair with the same end is a window of its own.

use std::time::{Duration, SystemTime};

use reqwest::header::HeaderMap;

use crate::failure::{LONGEST_WAIT, parse_reset};

/// A server has two or four windows.
const WINDOW_LIMIT: usize = 8;

/// How much a server allows until the moment when it counts anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RateWindow {
    /// The end of the names of the headers.
    pub(crate) name: String,
    /// What is counted.
    pub(crate) unit: RateUnit,
    /// How much is left.
    pub(crate) remaining: u64,
    /// When it is counted anew, from now.
    pub(crate) reset: Duration,
}

/// What a window counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RateUnit {
    /// Requests.
    Requests,
    /// Tokens of prompt and answer.
    Tokens,
}

/// Reads the windows. Values of 0 and less are ignored: many servers send them without meaning them,
/// and one that means them answers 429.
pub(super) fn read_windows(headers: &HeaderMap, now: SystemTime) -> Vec<RateWindow> {
    let mut windows = Vec::new();
    for (name, unit, remaining, reset) in pairs(headers) {
        let remaining = parse_count(remaining);
        let reset = parse_reset(reset, now).filter(|reset| *reset <= LONGEST_WAIT);
        if let Some(reset) = reset
            && let Some(remaining) = remaining
        {
            windows.push(RateWindow {
                name,
                unit,
                remaining,
                reset,
            });
        }
    }
    windows
}

/// Returns a count of at least 1.
#[allow(clippy::cast_sign_loss)] // a count is no negative number
fn parse_count(text: &str) -> Option<u64> {
    let number: f64 = text.parse().ok()?;
    (number >= 1.0).then_some(number as u64)
}

/// Returns how long a 429 without Retry-After asks to wait: until the windows of which nothing is
/// left are counted anew.
pub(super) fn read_windows_of_refusal(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    pairs(headers)
        .into_iter()
        .filter(|(_, _, remaining, _)| remaining.parse::<f64>().is_ok_and(|count| count < 1.0))
        .filter_map(|(_, _, _, reset)| parse_reset(reset, now))
        .filter(|reset| *reset <= LONGEST_WAIT)
        .max()
}

/// Returns the name, the unit and both values of each window.
fn pairs(headers: &HeaderMap) -> Vec<(String, RateUnit, &str, &str)> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let mut pairs = Vec::new();
    for key in headers.keys() {
        let key = key.as_str();
        let (name, reset) = if let Some(end) = key.strip_prefix("x-ratelimit-remaining") {
            (
                end.trim_start_matches('-'),
                format!("x-ratelimit-reset{end}"),
            )
        } else if let Some(name) = key
            .strip_prefix("anthropic-ratelimit-")
            .and_then(|rest| rest.strip_suffix("-remaining"))
        {
            (name, format!("anthropic-ratelimit-{name}-reset"))
        } else {
            continue;
        };
        let unit = if name.contains("token") {
            RateUnit::Tokens
        } else {
            RateUnit::Requests
        };
        if let (Some(remaining), Some(reset)) = (text(key), text(&reset)) {
            pairs.push((name.to_owned(), unit, remaining.trim(), reset));
        }
        if pairs.len() == WINDOW_LIMIT {
            break;
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderName;
    use std::str::FromStr;

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let pairs = pairs.iter();
        pairs
            .map(|(name, value)| (HeaderName::from_str(name).unwrap(), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn windows_are_read_by_the_end_of_their_names() {
        let headers = headers(&[
            ("x-ratelimit-remaining-requests", "59"),
            ("x-ratelimit-reset-requests", "1s"),
            ("x-ratelimit-remaining-tokens", "149984"),
            ("x-ratelimit-reset-tokens", "6m0s"),
            ("anthropic-ratelimit-input-tokens-remaining", "9"),
            (
                "anthropic-ratelimit-input-tokens-reset",
                "1970-01-01T00:00:30Z",
            ),
        ]);
        let found = read_windows(&headers, SystemTime::UNIX_EPOCH);
        let found: Vec<_> = found
            .iter()
            .map(|window| {
                (
                    window.name.as_str(),
                    window.unit,
                    window.remaining,
                    window.reset.as_secs(),
                )
            })
            .collect();
        assert_eq!(found.len(), 3);
        assert!(found.contains(&("requests", RateUnit::Requests, 59, 1)));
        assert!(found.contains(&("tokens", RateUnit::Tokens, 149_984, 360)));
        assert!(found.contains(&("input-tokens", RateUnit::Tokens, 9, 30)));
    }

    #[test]
    fn zero_and_less_are_ignored() {
        for (remaining, reset) in [
            ("0", "1s"),
            ("-1", "1s"),
            ("5", "0s"),
            ("5", "-1"),
            ("5", "2h"),
            ("x", "1s"),
        ] {
            let headers = headers(&[
                ("x-ratelimit-remaining-requests", remaining),
                ("x-ratelimit-reset-requests", reset),
            ]);
            assert_eq!(read_windows(&headers, SystemTime::UNIX_EPOCH), []);
        }
        let alone = headers(&[("x-ratelimit-remaining-requests", "5")]);
        assert_eq!(read_windows(&alone, SystemTime::UNIX_EPOCH), []);
    }

    #[test]
    fn refusal_waits_for_what_is_used_up() {
        let headers = headers(&[
            ("x-ratelimit-remaining-requests", "0"),
            ("x-ratelimit-reset-requests", "7s"),
            ("x-ratelimit-remaining-tokens", "10"),
            ("x-ratelimit-reset-tokens", "60s"),
        ]);
        let wait = read_windows_of_refusal(&headers, SystemTime::UNIX_EPOCH);
        assert_eq!(wait, Some(Duration::from_secs(7)));
    }
}
