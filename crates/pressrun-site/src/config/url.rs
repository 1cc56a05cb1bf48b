//! The address of a site.

use url::Url;

/// The address of a site: `http` or `https`, a host, and a path that ends in `/`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BaseUrl {
    /// The whole address, ending in `/`.
    address: String,
    /// The position of the path in it.
    path: usize,
}

impl BaseUrl {
    /// Returns the address of the preview server.
    pub fn local() -> Self {
        Self::parse("http://127.0.0.1:1111/").expect("a constant that is an address")
    }

    /// Parses an address, adding a missing `/` at the end.
    ///
    /// # Errors
    ///
    /// Returns what is expected instead, worded as the object of "takes".
    pub fn parse(text: &str) -> Result<Self, String> {
        let expected = || "an address such as `https://example.github.io/blog/`".to_owned();
        let url = Url::parse(text).map_err(|_| expected())?;
        // Anything more would become part of every link.
        if !is_bare_web_address(&url) {
            return Err(expected());
        }
        let mut address = String::from(url);
        if !address.ends_with('/') {
            address.push('/');
        }
        // The path begins at the first slash after the host.
        let host = address.find("://").map_or(0, |at| at + 3);
        let path = address[host..]
            .find('/')
            .map_or(address.len() - 1, |at| host + at);
        Ok(Self { address, path })
    }

    /// Returns the same path under another origin, which is scheme, host and port without a final
    /// `/`.
    #[must_use]
    pub fn moved_to(&self, origin: &str) -> Self {
        Self {
            address: format!("{origin}{}", self.path()),
            path: origin.len(),
        }
    }

    /// Returns the whole address, ending in `/`.
    pub fn as_str(&self) -> &str {
        &self.address
    }

    /// Returns the path, such as `/` or `/blog/`.
    pub fn path(&self) -> &str {
        &self.address[self.path..]
    }

    /// Returns what follows this address in another one, with `http` and `https` as equal, or `None`
    /// if that is not below it or has a query or a fragment.
    pub fn path_below<'a>(&self, address: &'a str) -> Option<&'a str> {
        let strip_scheme = |address: &'a str| {
            let (scheme, rest) = address.split_once("://")?;
            let is_web = ["http", "https"]
                .iter()
                .any(|web| scheme.eq_ignore_ascii_case(web));
            is_web.then_some(rest)
        };
        let rest = strip_scheme(address)?;
        let own = self.address.split_once("://").map_or("", |(_, own)| own);
        let own = own.strip_suffix('/').unwrap_or(own);
        let below = rest.get(own.len()..)?;
        // Case counts in the path, but not in the host.
        let host = own.find('/').unwrap_or(own.len());
        let (rest, own) = (rest.as_bytes(), own.as_bytes());
        let is_below = rest[..host].eq_ignore_ascii_case(&own[..host])
            && rest[host..own.len()] == own[host..]
            && (below.is_empty() || below.starts_with('/'))
            && !below.contains(['?', '#']);
        is_below.then_some(if below.is_empty() { "/" } else { below })
    }

    /// Returns scheme and host, without a final `/`.
    pub fn origin(&self) -> &str {
        &self.address[..self.path]
    }
}

/// Returns whether an address is that of a place on a host: without a query, a fragment or a login.
pub(super) fn is_bare_web_address(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_ends_in_a_slash() {
        let url = BaseUrl::parse("https://example.github.io/blog").unwrap();
        assert_eq!(url.origin(), "https://example.github.io");
        assert_eq!(url.path(), "/blog/");
        assert_eq!(BaseUrl::local().path(), "/");
        let moved = url.moved_to("http://[::1]:8080");
        assert_eq!(moved, BaseUrl::parse("http://[::1]:8080/blog/").unwrap());
    }

    #[test]
    fn address_below_another_is_told_by_host_and_path() {
        let url = BaseUrl::parse("https://me.example/blog/").unwrap();
        for (address, expected) in [
            ("https://me.example/blog/a/", Some("/a/")),
            ("HTTP://Me.Example/blog/a", Some("/a")),
            ("https://me.example/blog", Some("/")),
            ("https://me.example/Blog/a", None),
            ("https://me.example/blogs/a", None),
            ("https://me.example.org/blog/a", None),
            ("https://me.example/blog/a?b", None),
            ("https://mé.example/blog/a", None),
            ("/blog/a", None),
        ] {
            assert_eq!(url.path_below(address), expected, "{address}");
        }
        let root = BaseUrl::parse("https://me.example").unwrap();
        assert_eq!(root.path_below("http://me.example/a"), Some("/a"));
        assert_eq!(root.path_below("https://me.example:8080/a"), None);
    }

    #[test]
    fn address_without_host_or_with_query_is_refused() {
        for text in [
            "blog",
            "/blog/",
            "mailto:a@b.c",
            "ftp://a.b/",
            "https://a.b/?c",
        ] {
            assert!(BaseUrl::parse(text).is_err(), "{text}");
        }
    }
}
