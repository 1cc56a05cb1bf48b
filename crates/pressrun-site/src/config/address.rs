//! Validates addresses in `site.toml`: of other hosts, and of links.
//!
//! Everything here ends up in the policy or in the markup of every page, so a value may name what it
//! names and nothing more.

use super::deploy::parse_domain;

/// Validates the origin of a service, such as `stats.example.org` or `https://stats.example.org:8443`,
/// and returns it with its scheme.
///
/// Plain `http` is accepted for this machine only, to try a service out.
pub(super) fn parse_origin(text: &str) -> Result<String, String> {
    split_origin(text)
        .filter(|(_, rest)| matches!(*rest, "" | "/"))
        .map(|(origin, _)| origin)
        .ok_or_else(|| {
            "the host of a service such as `stats.example.org`, without a path".to_owned()
        })
}

/// Validates a source of the policy: an origin, all hosts below a domain (`https://*.example.org`),
/// a path of an origin, or the hash of an inline script or style.
///
/// Keywords such as `'unsafe-inline'`, a lone `*` and schemes are refused: each would allow far more
/// than a name.
pub(super) fn parse_policy_source(text: &str) -> Result<String, String> {
    parse_hash_source(text)
        .or_else(|| parse_host_source(text))
        .ok_or_else(|| {
            "hosts such as `https://player.example.org` or `https://*.example.org`, or the hash of \
             an inline script such as `sha256-…`"
                .to_owned()
        })
}

/// Parses a hash as Content Security Policy (level 3, section 2.3.1) writes it, with or without its
/// quotes.
fn parse_hash_source(text: &str) -> Option<String> {
    let hash = text.trim_matches('\'');
    let (algorithm, value) = hash.split_once('-')?;
    // Base64 of 32, 48 and 64 bytes.
    let length = match algorithm {
        "sha256" => 44,
        "sha384" => 64,
        "sha512" => 88,
        _ => return None,
    };
    let digits = value.trim_end_matches('=');
    let right = value.len() == length
        && value.len() - digits.len() <= 2
        && digits
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_'));
    right.then(|| format!("'{hash}'"))
}

fn parse_host_source(text: &str) -> Option<String> {
    let (wildcard, plain) = match text.strip_prefix("https://*.") {
        Some(domain) => ("*.", format!("https://{domain}")),
        None => ("", text.to_owned()),
    };
    let (origin, path) = split_origin(&plain)?;
    let is_path_byte =
        |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'~' | b'/' | b'-' | b'%');
    let (scheme, host) = origin.split_once("://")?;
    // Below a domain such as `com`, the wildcard would be nearly everything.
    (path.bytes().all(is_path_byte) && !(path.contains("//")))
        .then(|| format!("{scheme}://{wildcard}{host}{path}"))
}

/// Splits an address into its checked origin and the rest, which is empty or begins with `/`.
fn split_origin(text: &str) -> Option<(String, &str)> {
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) => (scheme, rest),
        None => ("https", text),
    };
    let end = rest.find('/').unwrap_or(rest.len());
    let (host_and_port, path) = rest.split_at(end);
    let (host, port) = match host_and_port.split_once(':') {
        Some((host, port)) => (host, Some(port.parse::<u16>().ok()?)),
        None => (host_and_port, None),
    };
    let local = matches!(host, "localhost" | "127.0.0.1");
    let host = match scheme {
        "https" => parse_domain(host).ok()?,
        "http" if local => host.to_owned(),
        _ => return None,
    };
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    Some((format!("{scheme}://{host}{port}"), path))
}

/// Validates the address of a link: a path of the site, a fragment, or an address with a scheme that
/// only leads somewhere (`https:`, `http:`, `mailto:`, `tel:`).
pub(super) fn parse_link(text: &str) -> Result<String, String> {
    let scheme = text
        .split_once(':')
        .map(|(scheme, _)| scheme)
        .filter(|scheme| !scheme.contains(['/', '?', '#']));
    let leads = scheme.is_none_or(|scheme| {
        ["https", "http", "mailto", "tel"]
            .iter()
            .any(|known| scheme.eq_ignore_ascii_case(known))
    });
    if leads && !text.trim().is_empty() {
        Ok(text.to_owned())
    } else {
        Err(
            "a path of the site such as `/about/`, or an address such as `https://example.org/`"
                .to_owned(),
        )
    }
}

/// Validates the address of a link that may be empty.
pub(super) fn parse_optional_link(text: &str) -> Result<Option<String>, String> {
    match text.trim() {
        "" => Ok(Some(text.to_owned())),
        _ => parse_link(text).map(Some),
    }
}

/// Validates the address of a picture that may be empty: a path, or an address from which pages can
/// load pictures.
pub(super) fn parse_picture(text: &str) -> Result<Option<String>, String> {
    let scheme = text.split_once(':').map(|(scheme, _)| scheme);
    let scheme = scheme.filter(|scheme| !scheme.contains(['/', '?', '#']));
    if scheme.is_none_or(|scheme| {
        ["https", "http", "data"]
            .iter()
            .any(|known| scheme.eq_ignore_ascii_case(known))
    }) {
        Ok(Some(text.to_owned()))
    } else {
        Err("a path of the site such as `/logo.png`, or an address with `https:`".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origin_is_a_host_and_nothing_else() {
        for (text, expected) in [
            ("stats.example.org", Some("https://stats.example.org")),
            (
                "https://Stats.Example.org/",
                Some("https://stats.example.org"),
            ),
            (
                "https://stats.example.org:8443",
                Some("https://stats.example.org:8443"),
            ),
            ("http://127.0.0.1:8080", Some("http://127.0.0.1:8080")),
            ("http://stats.example.org", None),
            ("https://stats.example.org/path", None),
            ("https://user@stats.example.org", None),
            ("stats.example.org; script-src *", None),
            ("https://a.example https://b.example", None),
            ("javascript://a.example", None),
            ("*", None),
            ("", None),
        ] {
            assert_eq!(parse_origin(text).ok().as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn policy_source_names_hosts_paths_or_hashes() {
        let hash = format!("sha256-{}=", "A".repeat(43));
        let quoted = format!("'{hash}'");
        for (text, expected) in [
            ("https://a.example", Some("https://a.example")),
            ("a.example/player/", Some("https://a.example/player/")),
            ("https://*.a.example", Some("https://*.a.example")),
            (&*hash, Some(&*quoted)),
            (&*quoted, Some(&*quoted)),
            ("*", None),
            ("https://*.com", None),
            ("https:", None),
            ("data:", None),
            ("'unsafe-inline'", None),
            ("unsafe-eval", None),
            ("https://a.example; object-src *", None),
            ("https://a.example, *", None),
            ("https://a.example/\" onload=\"x", None),
            ("https://a.example//b", None),
            ("sha256-short", None),
            ("'sha256-' 'unsafe-inline'", None),
        ] {
            assert_eq!(
                parse_policy_source(text).ok().as_deref(),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn picture_is_a_path_or_an_address_of_the_web() {
        for text in [
            "",
            "/a.png",
            "a.png",
            "https://x.example/a.png",
            "a/b:c.png",
        ] {
            assert_eq!(parse_picture(text), Ok(Some(text.to_owned())));
        }
        for text in [
            "javascript:x",
            "JAVASCRIPT:x",
            "file:///a.png",
            " javascript:x",
        ] {
            assert!(parse_picture(text).is_err(), "{text}");
        }
    }

    #[test]
    fn link_runs_nothing() {
        for text in [
            "/about/",
            "about/",
            "#top",
            "https://a.example/?a=b:c",
            "mailto:a@b.c",
            "a/b:c",
        ] {
            assert!(parse_link(text).is_ok(), "{text}");
        }
        for text in [
            "javascript:alert(1)",
            "JavaScript:x",
            "data:text/html,x",
            "vbscript:x",
            " ",
        ] {
            assert!(parse_link(text).is_err(), "{text}");
        }
    }
}
