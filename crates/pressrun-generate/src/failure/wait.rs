//! How long a server asks to wait, in the forms that servers use.

use std::time::{Duration, SystemTime};

use reqwest::header::{HeaderMap, RETRY_AFTER};

/// Numbers from here on are moments, not durations: seconds since 1970, and milliseconds.
const FIRST_SECOND: f64 = 1e9;
const FIRST_MILLISECOND: f64 = 1e12;

/// Returns the wait that the headers of a response ask for: `retry-after-ms`, or `Retry-After` as
/// seconds or as a date.
pub(crate) fn read_wait(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(milliseconds) = text("retry-after-ms").and_then(parse_number) {
        return seconds(milliseconds / 1e3);
    }
    let value = text(RETRY_AFTER.as_str())?.trim();
    if let Some(number) = parse_number(value) {
        return seconds(number);
    }
    if let Ok(date) = httpdate::parse_http_date(value) {
        return Some(date.duration_since(now).unwrap_or_default());
    }
    parse_duration(value)
}

/// Returns how long it is until the moment of an `x-ratelimit-reset-*` header: `1s`, `6m0s`, `20ms`,
/// seconds, a time of day with a date, or the time since 1970. 0 and less count as unknown.
pub(crate) fn parse_reset(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    let since_1970 = now
        .duration_since(SystemTime::UNIX_EPOCH)
        .ok()?
        .as_secs_f64();
    let wait = match parse_number(value) {
        Some(number) if number >= FIRST_MILLISECOND => seconds(number / 1e3 - since_1970),
        Some(number) if number >= FIRST_SECOND => seconds(number - since_1970),
        Some(number) => seconds(number),
        None => match value.parse::<jiff::Timestamp>() {
            Ok(moment) => seconds(moment.as_duration().as_secs_f64() - since_1970),
            Err(_) => parse_duration(value),
        },
    };
    wait.filter(|wait| !wait.is_zero())
}

/// Reads a duration with units, as in `1h2m3.5s` and `20ms`.
pub(super) fn parse_duration(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    let mut total = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
        let number: f64 = rest[..end].parse().ok()?;
        rest = &rest[end..];
        let end = rest
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(rest.len());
        total += number
            * match rest[..end].trim() {
                "ms" => 1e-3,
                "s" => 1.0,
                "m" => 60.0,
                "h" => 3600.0,
                "d" => 86400.0,
                "us" | "µs" => 1e-6,
                "ns" => 1e-9,
                _ => return None,
            };
        rest = &rest[end..];
    }
    seconds(total)
}

fn parse_number(text: &str) -> Option<f64> {
    let number: f64 = text.trim().parse().ok()?;
    number.is_finite().then_some(number)
}

/// Makes a duration of a number that may be negative or too large for one.
fn seconds(number: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(number.max(0.0)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait_of(name: &'static str, value: &str) -> Option<f64> {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        read_wait(&headers, now).map(|wait| wait.as_secs_f64())
    }

    #[test]
    fn retry_after_is_seconds_a_date_or_milliseconds() {
        assert_eq!(wait_of("retry-after", "7"), Some(7.0));
        assert_eq!(wait_of("retry-after", " 1.5 "), Some(1.5));
        assert_eq!(wait_of("retry-after", "20s"), Some(20.0));
        assert_eq!(wait_of("retry-after-ms", "250"), Some(0.25));
        assert_eq!(
            wait_of("retry-after", "Sun, 06 Nov 1994 08:50:37 GMT"),
            Some(60.0)
        );
        assert_eq!(
            wait_of("retry-after", "Sun, 06 Nov 1994 08:00:00 GMT"),
            Some(0.0)
        );
        for broken in ["", "soon", "-", "inf", "1e400"] {
            assert_eq!(wait_of("retry-after", broken), None, "{broken}");
        }
        assert_eq!(wait_of("retry-after", "-3"), Some(0.0));
    }

    #[test]
    fn reset_of_a_limit_has_many_forms() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        for (text, expected) in [
            ("1s", Some(1.0)),
            ("6m0s", Some(360.0)),
            ("20ms", Some(0.02)),
            ("1h2m3.5s", Some(3723.5)),
            ("2m59.56s", Some(179.56)),
            ("11.5", Some(11.5)),
            ("1700000060", Some(60.0)),
            ("1700000060000", Some(60.0)),
            ("2023-11-14T22:14:20Z", Some(60.0)),
            ("0", None),
            ("-1", None),
            ("0s", None),
            ("1600000000", None),
            ("1x", None),
            ("s", None),
            ("", None),
            ("é", None),
        ] {
            let found = parse_reset(text, now).map(|wait| (wait.as_secs_f64() * 1e3).round() / 1e3);
            assert_eq!(found, expected, "{text}");
        }
    }
}
