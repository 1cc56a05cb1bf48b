//! Addresses of pages and files of the site: the one place that knows `base_url`.
//!
//! A *path* starts with `/`, counts from the root of the site and is not encoded. A *URL* is what
//! a page shows: the path below the one of `base_url`, percent-encoded (RFC 3986).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::config::BaseUrl;

/// Everything but RFC 3986's unreserved characters and the `/` between names.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'/');

/// Makes URLs of paths.
#[derive(Debug, Clone)]
pub struct Links {
    base: BaseUrl,
    /// Where the site lives for others, if that is elsewhere.
    published_at: Option<BaseUrl>,
}

impl Links {
    /// Links of a site that lives at `base`; for others, perhaps, somewhere else.
    pub fn new(base: BaseUrl, published_at: Option<BaseUrl>) -> Self {
        Self { base, published_at }
    }

    /// URL of a path for links within the site: `/repo/tags/`.
    pub fn url(&self, path: &str) -> String {
        let mut url = self.base.path().to_owned();
        url.extend(encode(path));
        url
    }

    /// URL of a path with scheme and host.
    pub fn absolute(&self, path: &str) -> String {
        let mut url = self.base.as_str().to_owned();
        url.extend(encode(path));
        url
    }

    /// The path, decoded, that an absolute address of this site stands for, here or where others
    /// find it; `None` for other sites.
    pub fn path_of_absolute(&self, address: &str) -> Option<String> {
        let bases = std::iter::once(&self.base).chain(&self.published_at);
        let mut below = bases.filter_map(|base| address.strip_prefix(base.as_str()));
        below.next().map(decode)
    }

    /// Where the site lives.
    pub fn base(&self) -> &BaseUrl {
        &self.base
    }

    /// The path that a URL of this site stands for, decoded; `None` for other sites.
    ///
    /// Takes what [`Links::url`] and [`Links::absolute`] give, without query and fragment.
    pub fn path_of(&self, url: &str) -> Option<String> {
        let below = url
            .strip_prefix(self.base.as_str())
            .or_else(|| url.strip_prefix(self.base.path()))?;
        Some(decode(below))
    }
}

/// The path, starting with `/`, that an encoded one without the first `/` stands for.
pub fn decode(encoded: &str) -> String {
    let decoded = percent_decode_str(encoded).decode_utf8_lossy();
    format!("/{}", decoded.trim_start_matches('/'))
}

/// A path without `.` and `..`, starting with `/`; what would lead above the root stays below it.
pub fn normal(path: &str) -> String {
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

/// Whether an address begins with a scheme, so that it is no path.
pub fn has_scheme(address: &str) -> bool {
    address.split_once(':').is_some_and(|(scheme, _)| {
        scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    })
}

/// The id that the fragment of a URL means.
pub fn decode_fragment(fragment: &str) -> String {
    percent_decode_str(fragment)
        .decode_utf8_lossy()
        .into_owned()
}

/// Path of the file that a path of the site is served from, relative to the output folder.
pub fn file_of(path: &str) -> String {
    let mut file = path.trim_start_matches('/').to_owned();
    if file.is_empty() || file.ends_with('/') {
        file.push_str("index.html");
    }
    file
}

/// A path as it stands in a URL, below no base: `/tags/c%2B%2B/`.
pub fn encoded(path: &str) -> String {
    std::iter::once("/").chain(encode(path)).collect()
}

fn encode(path: &str) -> impl Iterator<Item = &str> {
    utf8_percent_encode(path.trim_start_matches('/'), ENCODED)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links() -> Links {
        let base = BaseUrl::parse("https://example.github.io/repo/").unwrap();
        Links::new(base, None)
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
        let links = Links::new(local, Some(links().base));
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
        assert_eq!(normal("/a/./b/../c.md"), "/a/c.md");
        assert_eq!(normal("/../../x"), "/x");
        assert_eq!(normal("/a//b/"), "/a/b/");
        assert_eq!(normal("/"), "/");
    }

    #[test]
    fn folder_is_served_from_its_index() {
        assert_eq!(file_of("/"), "index.html");
        assert_eq!(file_of("/posts/a/"), "posts/a/index.html");
        assert_eq!(file_of("/a.html"), "a.html");
    }
}
