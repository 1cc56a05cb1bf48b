//! Resolves any text as the destination of a link. No path may lead out of the site.

use pressrun::publish::github::GitHubRepository;
use pressrun_site::config::BaseUrl;
use pressrun_site::corpus::own_paths::file_of;
use pressrun_site::render::links::{
    SiteLinks, decode_fragment, decode_path, encode_rooted_path, has_scheme, normalise_path,
};

/// Checks one input.
pub fn check_links(bytes: &[u8]) {
    let text = super::text_of(bytes);
    has_scheme(text);
    decode_fragment(text);
    let path = normalise_path(&decode_path(text));
    assert_is_inside(&path);
    assert_eq!(
        decode_path(encode_rooted_path(&path).trim_start_matches('/')),
        path
    );
    assert!(encode_rooted_path(&path).is_ascii());
    for base in ["https://example.org/", "https://me.github.io/repo/"] {
        let links = SiteLinks::new(BaseUrl::parse(base).unwrap(), Some(BaseUrl::local()));
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
    if let Some(github) = GitHubRepository::of_remote(text) {
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
