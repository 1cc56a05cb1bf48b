//! Checks that a request to change something comes from the page of the desk.
//!
//! Each check alone keeps other pages out: the token is known to the desk's page only, a browser
//! states the origin of the page that asks and does not let it lie, and a page of another origin may
//! send neither this content type nor the header with the token without a permission that the
//! preview never gives.

use axum::http::header::{CONTENT_TYPE, HOST, ORIGIN};
use axum::http::{HeaderMap, StatusCode};

/// The header with the token.
pub(super) const TOKEN: &str = "x-pressrun-token";

/// Why a request is refused: a status and a line of text.
pub(super) type DeskRefusal = (StatusCode, &'static str);

/// Returns why a request with these headers may not change anything, if it may not.
pub(super) fn check_writer(headers: &HeaderMap, token: &str) -> Result<(), DeskRefusal> {
    let Some(origin) = single_header(headers, ORIGIN.as_str()) else {
        return Err((
            StatusCode::FORBIDDEN,
            "403 only the page of the desk can change something; its browser states an origin\n",
        ));
    };
    let host = single_header(headers, HOST.as_str()).unwrap_or_default();
    if origin.strip_prefix("http://") != Some(host) || !is_own_page(headers) {
        return Err((
            StatusCode::FORBIDDEN,
            "403 only the page of the desk can change something, and no other page\n",
        ));
    }
    let media_type = single_header(headers, CONTENT_TYPE.as_str()).unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case("application/json") {
        return Err((
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "415 the content type must be application/json\n",
        ));
    }
    let said = single_header(headers, TOKEN).unwrap_or_default();
    if !is_same_secret(said, token) {
        return Err((
            StatusCode::UNAUTHORIZED,
            "401 the token is not that of this preview; reload the page of the desk\n",
        ));
    }
    Ok(())
}

/// Returns whether a request for a part of the desk, which is not a page, comes from the desk's own
/// page or from no page at all, according to the browser (Fetch Metadata).
pub(super) fn is_own_page(headers: &HeaderMap) -> bool {
    let site = single_header(headers, "sec-fetch-site");
    let is_stated = headers.contains_key("sec-fetch-site");
    !is_stated || matches!(site, Some("same-origin" | "none"))
}

/// Returns the value of a header that is there once.
fn single_header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

/// Compares two secrets in a time that does not depend on where they differ.
fn is_same_secret(one: &str, other: &str) -> bool {
    // Hashes compare in constant time.
    blake3::hash(one.as_bytes()) == blake3::hash(other.as_bytes())
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    const OWN: &[(&str, &str)] = &[
        ("host", "127.0.0.1:1112"),
        ("origin", "http://127.0.0.1:1112"),
        ("content-type", "application/json; charset=utf-8"),
        ("sec-fetch-site", "same-origin"),
        (TOKEN, "secret"),
    ];

    fn check(changes: &[(&'static str, Option<&'static str>)], expected: Option<u16>) {
        let mut headers = HeaderMap::new();
        for (name, value) in OWN {
            headers.insert(*name, HeaderValue::from_static(value));
        }
        for (name, value) in changes {
            match value {
                Some(value) => headers.insert(*name, HeaderValue::from_static(value)),
                None => headers.remove(*name),
            };
        }
        let refused = check_writer(&headers, "secret").err();
        let status = refused.map(|(status, _)| status.as_u16());
        assert_eq!(status, expected, "{changes:?}");
    }

    #[test]
    fn only_the_page_of_the_desk_writes() {
        check(&[], None);
        check(&[("sec-fetch-site", None)], None);
        for origin in [
            None,
            Some("null"),
            Some("https://evil.example"),
            // The site itself, and another server on this machine.
            Some("http://127.0.0.1:1111"),
            Some("http://localhost:1112"),
            Some("https://127.0.0.1:1112"),
            Some("http://127.0.0.1:1112/"),
        ] {
            check(&[("origin", origin)], Some(403));
        }
        for site in ["cross-site", "same-site", "none of these"] {
            check(&[("sec-fetch-site", Some(site))], Some(403));
        }
        for media_type in [None, Some("text/plain"), Some("application/jsonx")] {
            check(&[("content-type", media_type)], Some(415));
        }
        for token in [None, Some(""), Some("secrets"), Some("SECRET")] {
            check(&[(TOKEN, token)], Some(401));
        }
    }

    #[test]
    fn header_that_is_there_twice_counts_as_missing() {
        let mut headers = HeaderMap::new();
        for value in ["same-origin", "cross-site"] {
            let name = HeaderName::from_static("sec-fetch-site");
            headers.append(name, HeaderValue::from_static(value));
        }
        assert!(!is_own_page(&headers));
        assert!(is_own_page(&HeaderMap::new()));
    }
}
