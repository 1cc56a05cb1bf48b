//! Checks whether the site is built for the address that it will have.

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace};
use pressrun_site::config::BaseUrl;
use pressrun_site::fs;

use super::{DoctorSubject, make_doctor_finding, place_of_key};
use crate::publish::github::GitHubRepository;

pub(super) fn check_address(
    subject: &DoctorSubject<'_>,
    github: Option<&GitHubRepository>,
) -> Vec<Diagnostic> {
    let base = &subject.config.base_url;
    let mut found: Vec<Diagnostic> = warn_of_unread_robots(base).into_iter().collect();
    let place = place_of_key(subject.root, "base_url");
    if is_local(host_of_base_url(base)) {
        let help = match github {
            Some(github) => format!("set `base_url = \"{}\"`", github.pages_url()),
            None => "set it to the public address of the site".to_owned(),
        };
        let message = format!("`{}` can be reached only from this machine", base.as_str());
        found.push(make_doctor_finding(
            Code::BaseUrlLocal,
            place,
            message,
            &help,
        ));
    // With `--base-url`, the user has said that another address is meant.
    } else if !subject.address_given
        && let Some((message, help)) =
            explain_address_mismatch(base, read_cname_domain(subject).as_deref(), github)
    {
        found.push(make_doctor_finding(
            Code::BaseUrlMismatch,
            place,
            message,
            &help,
        ));
    }
    found
}

/// Returns why an address is not the one that GitHub Pages gives the site, and what to do.
fn explain_address_mismatch(
    base: &BaseUrl,
    domain: Option<&str>,
    github: Option<&GitHubRepository>,
) -> Option<(String, String)> {
    let address = base.as_str();
    if let Some(domain) = domain {
        // A domain of its own serves the site at its root, even a project site.
        let fits = host_of_base_url(base).eq_ignore_ascii_case(domain) && base.path() == "/";
        let message =
            format!("the domain of the site is `{domain}`, but the site is built for `{address}`");
        let help = format!("set `base_url = \"https://{domain}/\"`, or change `[deploy] cname`");
        return (!fits).then_some((message, help));
    }
    let github = github?;
    let pages = github.pages_url();
    let message = format!(
        "GitHub Pages serves this repository at {pages}, but the site is built for \
                 {address}"
    );
    if host_of_base_url(base).ends_with(".github.io") {
        let help = format!("set `base_url = \"{pages}\"`");
        return (address != pages).then_some((message, help));
    }
    // If the owner's user site has its own domain, the project sites are below that domain.
    let below_user_site = base.path() != "/" && base.path() == github.path();
    let help = format!(
        "set `base_url = \"{pages}\"`, or `cname = \"{}\"` in `[deploy]` if that is your domain",
        host_of_base_url(base)
    );
    (!below_user_site).then_some((message, help))
}

/// Returns the domain in the site's file `CNAME`.
fn read_cname_domain(subject: &DoctorSubject<'_>) -> Option<String> {
    let file = subject
        .files
        .files
        .iter()
        .find(|file| file.path == b"CNAME")?;
    let text = fs::read_text(&file.location).ok()??;
    Some(text.trim().to_owned()).filter(|domain| !domain.is_empty())
}

/// Warns that no crawler reads a `robots.txt` below the root of a host (RFC 9309, 2.3).
fn warn_of_unread_robots(base: &BaseUrl) -> Option<Diagnostic> {
    let (origin, address) = (base.origin(), base.as_str());
    let message = format!(
        "crawlers read only {origin}/robots.txt, so they do not find the sitemap through \
                 this file"
    );
    let help = format!("submit {address}sitemap.xml in the webmaster tools of search engines");
    let place = FilePlace::file("robots.txt");
    (base.path() != "/").then(|| make_doctor_finding(Code::RobotsUnread, place, message, &help))
}

/// Returns the host of an address without its port.
fn host_of_base_url(base: &BaseUrl) -> &str {
    let origin = base.origin();
    let host = origin.split_once("://").map_or(origin, |(_, host)| host);
    // An IPv6 address contains colons, but its brackets show where it ends.
    if let Some(end) = host.find(']') {
        return &host[..=end];
    }
    host.split(':').next().unwrap_or(host)
}

/// Returns whether a host is this machine.
fn is_local(host: &str) -> bool {
    host == "localhost"
        || host.ends_with(".localhost")
        || host.starts_with("127.")
        || matches!(host, "0.0.0.0" | "[::1]" | "[::]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(base: &str, domain: Option<&str>, remote: &str, fits: bool) {
        let base = BaseUrl::parse(base).unwrap();
        let github = GitHubRepository::of_remote(remote);
        let found = explain_address_mismatch(&base, domain, github.as_ref());
        assert_eq!(found.is_none(), fits, "{found:?}");
    }

    #[test]
    fn address_fits_the_remote() {
        let blog = "https://github.com/me/blog";
        check("https://me.github.io/blog/", None, blog, true);
        check("https://me.github.io/", None, blog, false);
        check("https://me.github.io/Blog/", None, blog, false);
        check("http://me.github.io/blog/", None, blog, false);
        check("https://you.github.io/blog/", None, blog, false);
        check(
            "https://me.github.io/",
            None,
            "git@github.com:me/me.github.io",
            true,
        );
        check("https://anything.example/", None, "/srv/git/blog.git", true);
    }

    #[test]
    fn custom_domain_overrides_that_of_the_remote() {
        let blog = "https://github.com/me/blog";
        check(
            "https://blog.example.com/",
            Some("blog.example.com"),
            blog,
            true,
        );
        check(
            "https://blog.example.com/blog/",
            Some("blog.example.com"),
            blog,
            false,
        );
        check(
            "https://example.com/",
            Some("blog.example.com"),
            blog,
            false,
        );
        check("https://example.com/", None, blog, false);
        // The domain of the user site, about which this repository knows nothing.
        check("https://example.com/blog/", None, blog, true);
    }

    #[test]
    fn addresses_of_the_machine_itself_are_known() {
        for address in [
            "http://127.0.0.1:1111/",
            "http://localhost/",
            "http://blog.localhost:80/",
            "http://[::1]:1111/",
        ] {
            assert!(
                is_local(host_of_base_url(&BaseUrl::parse(address).unwrap())),
                "{address}"
            );
        }
        assert!(!is_local(host_of_base_url(
            &BaseUrl::parse("https://localhost.example/").unwrap()
        )));
    }
}
