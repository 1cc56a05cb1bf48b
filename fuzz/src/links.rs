//! Resolves any text as the destination of a link. No path may lead out of the site.

use pressrun::config::BaseUrl;
use pressrun::corpus::own_paths::file_of;
use pressrun::publish::github::GitHub;
use pressrun::render::links::{Links, decode, decode_fragment, encoded, has_scheme, normal};

/// Checks one input.
pub fn check_links(bytes: &[u8]) {
    let text = super::text_of(bytes);
    has_scheme(text);
    decode_fragment(text);
    let path = normal(&decode(text));
    assert_is_inside(&path);
    assert_eq!(decode(encoded(&path).trim_start_matches('/')), path);
    assert!(encoded(&path).is_ascii());
    for base in ["https://example.org/", "https://me.github.io/repo/"] {
        let links = Links::new(BaseUrl::parse(base).unwrap(), Some(BaseUrl::local()));
        for url in [links.url(&path), links.absolute(&path)] {
            assert!(!url.contains(['"', '<', '>', '\'', ' ', '\n']), "{url}");
        }
        assert_eq!(links.path_of(&links.url(&path)).as_deref(), Some(&*path));
        assert_eq!(
            links.path_of_absolute(&links.absolute(&path)).as_deref(),
            Some(&*path)
        );
        links
            .path_of(text)
            .inspect(|path| assert!(path.starts_with('/'), "{path}"));
        links
            .path_of_absolute(text)
            .inspect(|path| assert!(path.starts_with('/'), "{path}"));
    }
    if let Some(github) = GitHub::of_remote(text) {
        assert!(
            BaseUrl::parse(&github.pages_url()).is_ok(),
            "{}",
            github.pages_url()
        );
    }
}

fn assert_is_inside(path: &str) {
    assert!(path.starts_with('/') && !path.contains("//"), "{path:?}");
    assert!(
        !path.split('/').any(|name| matches!(name, "." | "..")),
        "{path:?}"
    );
    let file = file_of(path);
    assert!(
        !file.starts_with('/') && !file.ends_with('/') && !file.is_empty(),
        "{file:?}"
    );
}
