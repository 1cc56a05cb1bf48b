//! Converts between paths and addresses of the site. Only this module knows `base_url`.
//!
//! A *path* starts with `/`, is relative to the root of the site and is not encoded. A *URL* is
//! what a page shows: the path of `base_url` and the percent-encoded path (RFC 3986).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::config::BaseUrl;

/// Encodes everything but RFC 3986's unreserved characters and the `/` between names.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'/');

/// Makes URLs of paths.
#[derive(Debug, Clone, Hash)]
pub struct SiteLinks {
    base: BaseUrl,
    /// The public address of the site, if it is not `base`.
    published_at: Option<BaseUrl>,
}

impl SiteLinks {
    /// Makes links of a site at `base`. `published_at` is its public address, if that is another.
    pub fn new(base: BaseUrl, published_at: Option<BaseUrl>) -> Self {
        Self { base, published_at }
    }

    /// Returns whether the site is shown at another address than its own.
    pub fn is_preview(&self) -> bool {
        self.published_at.is_some()
    }

    /// Returns the URL of a path for links within the site: `/repo/tags/`.
    pub fn url(&self, path: &str) -> String {
        join_path(self.base.path(), path)
    }

    /// Returns the URL of a path with scheme and host.
    pub fn absolute(&self, path: &str) -> String {
        join_path(self.base.as_str(), path)
    }

    /// Returns the decoded path that an absolute address of this site means, at either of its
    /// addresses, or `None` for another site.
    pub fn path_of_absolute(&self, address: &str) -> Option<String> {
        let bases = std::iter::once(&self.base).chain(&self.published_at);
        let mut below = bases.filter_map(|base| address.strip_prefix(base.as_str()));
        below.next().map(decode_path)
    }

    /// Returns scheme and host of each address of the site, in lower case.
    pub fn own_origins(&self) -> Vec<String> {
        let bases = std::iter::once(&self.base).chain(&self.published_at);
        let origins = bases.filter_map(|base| base.as_str().strip_suffix(base.path()));
        origins.map(str::to_ascii_lowercase).collect()
    }

    /// Returns the address of the site.
    pub fn base(&self) -> &BaseUrl {
        &self.base
    }

    /// Returns the decoded path that a URL of this site means, or `None` for another site.
    ///
    /// Accepts what [`SiteLinks::url`] and [`SiteLinks::absolute`] return, without query and fragment.
    pub fn path_of(&self, url: &str) -> Option<String> {
        let below = url
            .strip_prefix(self.base.as_str())
            // A path below `base_url` means the same without scheme and host.
            .or_else(|| url.strip_prefix(self.base.path()))?;
        Some(decode_path(below))
    }
}

/// Returns whether an address is a path of the site. With two slashes it names another host.
pub(super) fn is_site_path(address: &str) -> bool {
    address.starts_with('/') && !address.starts_with("//")
}

/// Decodes a path and makes it start with `/`.
pub fn decode_path(encoded: &str) -> String {
    let decoded = percent_decode_str(encoded).decode_utf8_lossy();
    format!("/{}", decoded.trim_start_matches('/'))
}

/// Resolves `.` and `..` in a path and makes it start with `/`. A `..` at the root is ignored.
pub fn normalise_path(path: &str) -> String {
    let mut names: Vec<&str> = Vec::new();
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." => {
                names.pop();
            }
            name => names.push(name),
        }
    }
    let end = if path.ends_with('/') && !names.is_empty() {
        "/"
    } else {
        ""
    };
    format!("/{}{end}", names.join("/"))
}

/// Returns whether an address begins with a scheme, which a path does not.
pub fn has_scheme(address: &str) -> bool {
    address.split_once(':').is_some_and(|(scheme, _)| {
        scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    })
}

/// Splits an address before its query or fragment.
pub fn split_query(address: &str) -> (&str, &str) {
    let end = address.find(['?', '#']).unwrap_or(address.len());
    address.split_at(end)
}

/// Returns the id that the fragment of a URL means.
pub fn decode_fragment(fragment: &str) -> String {
    percent_decode_str(fragment)
        .decode_utf8_lossy()
        .into_owned()
}

/// Encodes a path for a URL, without the path of `base_url`: `/tags/c%2B%2B/`.
pub fn encode_rooted_path(path: &str) -> String {
    join_path("/", path)
}

/// Encodes a path and puts it behind an address that ends with `/`.
fn join_path(base: &str, path: &str) -> String {
    let path = path.trim_start_matches('/');
    let mut url = String::with_capacity(base.len() + path.len());
    url.push_str(base);
    url.extend(utf8_percent_encode(path, ENCODED));
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links() -> SiteLinks {
        let base = BaseUrl::parse("https://example.github.io/repo/").unwrap();
        SiteLinks::new(base, None)
    }

    #[test]
    fn url_is_below_the_path_of_the_base_and_encoded() {
        assert_eq!(links().url("/"), "/repo/");
        assert_eq!(links().url("/tags/c++ й/"), "/repo/tags/c%2B%2B%20%D0%B9/");
        assert_eq!(
            links().absolute("/a.html"),
            "https://example.github.io/repo/a.html"
        );
    }

    #[test]
    fn path_of_a_url_is_what_it_was_made_from() {
        for path in ["/", "/tags/c++ й/", "/a.html"] {
            assert_eq!(links().path_of(&links().url(path)).as_deref(), Some(path));
            let absolute = links().absolute(path);
            assert_eq!(links().path_of(&absolute).as_deref(), Some(path));
        }
        assert_eq!(links().path_of("https://other.example/repo/"), None);
        assert_eq!(links().path_of("/other/"), None);
    }

    #[test]
    fn site_is_known_by_its_public_address_too() {
        let local = BaseUrl::local();
        let links = SiteLinks::new(local, Some(links().base));
        for address in [
            "http://127.0.0.1:1111/a/",
            "https://example.github.io/repo/a/",
        ] {
            assert_eq!(links.path_of_absolute(address).as_deref(), Some("/a/"));
        }
        assert_eq!(links.path_of_absolute("https://example.github.io/a/"), None);
    }

    #[test]
    fn dots_never_lead_above_the_root() {
        assert_eq!(normalise_path("/a/./b/../c.md"), "/a/c.md");
        assert_eq!(normalise_path("/../../x"), "/x");
        assert_eq!(normalise_path("/a//b/"), "/a/b/");
        assert_eq!(normalise_path("/"), "/");
    }
}
