//! The Content Security Policy of a page: what a browser may load on it.
//!
//! The theme loads files of its own site, and pictures and sound from other hosts; nothing inline.
//! Services and `[csp]` of `site.toml` add the sources that they name. `partials/csp.html` prints
//! the policy.

use super::frame::SiteFrame;
use super::head::PageHead;
use super::links::{SiteLinks, split_query};
use super::services;
use crate::config::{Config, PolicyDirective};

/// What a page may need that most pages do not.
#[derive(Debug, Clone, Copy)]
struct PolicyNeeds {
    search: bool,
    diagrams: bool,
    comments: bool,
}

impl PolicyNeeds {
    /// The number of combinations.
    const COUNT: usize = 8;

    fn of_page(head: &PageHead<'_>) -> Self {
        Self {
            search: head.kind == "search",
            diagrams: head.has_diagrams,
            comments: head.has_comments,
        }
    }

    fn from_index(index: usize) -> Self {
        Self {
            search: index & 1 != 0,
            diagrams: index & 2 != 0,
            comments: index & 4 != 0,
        }
    }

    fn index(self) -> usize {
        usize::from(self.search) | usize::from(self.diagrams) << 1 | usize::from(self.comments) << 2
    }
}

/// The policies of all pages of a site, which are few and are written once.
#[derive(Debug, Clone, Hash)]
pub(super) struct PagePolicies([String; PolicyNeeds::COUNT]);

impl PagePolicies {
    pub(super) fn new(config: &Config, links: &SiteLinks) -> Self {
        Self(std::array::from_fn(|index| {
            write_policy(PolicyNeeds::from_index(index), config, links)
        }))
    }

    /// Returns the policy of a page.
    pub(super) fn of_page(&self, head: &PageHead<'_>) -> &str {
        &self.0[PolicyNeeds::of_page(head).index()]
    }
}

/// The sources that a page may load from, besides its own site.
#[derive(Debug, Clone, Default)]
pub(super) struct PolicySources {
    sources: Vec<(PolicyDirective, String)>,
    /// The origins of the site itself.
    own_origins: Vec<String>,
}

impl PolicySources {
    #[cfg(test)]
    pub(super) fn with_own_origin(origin: &str) -> Self {
        Self {
            own_origins: vec![origin.to_owned()],
            ..Self::default()
        }
    }

    /// Adds a source for each of these directives.
    pub(super) fn allow(&mut self, source: &str, directives: &[PolicyDirective]) {
        for &directive in directives {
            self.sources.push((directive, source.to_owned()));
        }
    }

    /// Returns whether the policy allows loading an address, or `None` if that cannot be said
    /// because a template decides it or the address is no network address.
    pub(super) fn allows(&self, directive: PolicyDirective, url: &str) -> Option<bool> {
        let url = url.trim();
        let (scheme, rest) = match url.split_once("://") {
            Some((scheme, rest)) if scheme.bytes().all(|b| b.is_ascii_alphabetic()) => {
                (scheme, rest)
            }
            // Without a scheme it has that of the page.
            _ => ("https", url.strip_prefix("//")?),
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (host, path) = rest.split_at(end);
        if host.contains(['{', '}', ' ']) {
            return None;
        }
        let is_secure = scheme.eq_ignore_ascii_case("https");
        if is_secure && matches!(directive, PolicyDirective::Image | PolicyDirective::Media) {
            return Some(true);
        }
        let origin = format!("{scheme}://{host}").to_ascii_lowercase();
        if self.own_origins.contains(&origin) {
            return Some(true);
        }
        let mut sources = self.sources.iter().filter(|(of, _)| *of == directive);
        Some(sources.any(|(_, source)| match_source(source, &origin, path)))
    }

    /// Returns whether a hash allows something inline.
    pub(super) fn has_hash(&self, directive: PolicyDirective) -> bool {
        let mut sources = self.sources.iter();
        sources.any(|(of, source)| *of == directive && source.starts_with("'sha"))
    }

    /// Writes the policy.
    fn write(&self) -> String {
        let mut policy = "default-src 'self'".to_owned();
        for directive in PolicyDirective::ALL {
            let mut sources: Vec<&str> = match directive {
                PolicyDirective::Image => vec!["'self'", "https:", "data:"],
                PolicyDirective::Media => vec!["'self'", "https:"],
                _ => vec!["'self'"],
            };
            let own = sources.len();
            for (of, source) in &self.sources {
                if *of == directive && !sources.contains(&source.as_str()) {
                    sources.push(source);
                }
            }
            // What has no further source is covered by `default-src`. Forms are not, so they come
            // last, where they are always named.
            let is_default = sources.len() == own && sources == ["'self'"];
            if !is_default && directive != PolicyDirective::Form {
                policy += &format!("; {} {}", directive.name(), sources.join(" "));
            }
            if directive == PolicyDirective::Form {
                policy += "; object-src 'none'; base-uri 'none'; ";
                policy += &format!("{} {}", directive.name(), sources.join(" "));
            }
        }
        policy
    }
}

/// Returns whether a source of a policy matches an address (Content Security Policy level 3,
/// section 6.7.2.8), which is given as its origin in lower case and the rest.
fn match_source(source: &str, origin: &str, path: &str) -> bool {
    let Some((scheme, rest)) = source.split_once("://") else {
        return false;
    };
    let end = rest.find('/').unwrap_or(rest.len());
    let (host, start) = rest.split_at(end);
    let is_host = match host.strip_prefix("*.") {
        Some(domain) => origin
            .strip_prefix(&format!("{scheme}://"))
            .and_then(|host| host.strip_suffix(domain))
            .is_some_and(|below| below.ends_with('.')),
        None => origin == format!("{scheme}://{host}"),
    };
    // A path that ends in `/` allows all below it, any other only itself.
    let (path, _) = split_query(path);
    is_host
        && (start.is_empty() || path == start || (start.ends_with('/') && path.starts_with(start)))
}

/// Returns the sources that some page of the site may load from.
pub(super) fn collect_site_sources(frame: &SiteFrame) -> PolicySources {
    let mut sources = PolicySources {
        own_origins: frame.links.own_origins(),
        ..PolicySources::default()
    };
    let (config, links) = (&*frame.config, &frame.links);
    services::allow_analytics(config, links, &mut sources);
    services::allow_comments(config, &mut sources);
    allow_configured(config, &mut sources);
    sources
}

fn allow_configured(config: &Config, sources: &mut PolicySources) {
    for (directive, source) in &config.csp.sources {
        sources.allow(source, &[*directive]);
    }
}

fn write_policy(needs: PolicyNeeds, config: &Config, links: &SiteLinks) -> String {
    let mut sources = PolicySources::default();
    if needs.search {
        // The search compiles WebAssembly in the browser.
        sources.allow("'wasm-unsafe-eval'", &[PolicyDirective::Script]);
    }
    services::allow_analytics(config, links, &mut sources);
    if needs.diagrams {
        // The pictures that Mermaid draws have styles of their own.
        sources.allow("'unsafe-inline'", &[PolicyDirective::Style]);
    }
    if needs.comments {
        services::allow_comments(config, &mut sources);
    }
    allow_configured(config, &mut sources);
    sources.write()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_may_load_its_own_site_and_pictures_of_others() {
        assert_eq!(
            PolicySources::default().write(),
            "default-src 'self'; img-src 'self' https: data:; media-src 'self' https:; object-src \
             'none'; base-uri 'none'; form-action 'self'"
        );
    }

    #[test]
    fn further_source_is_added_to_its_directive_once() {
        let mut sources = PolicySources::default();
        sources.allow(
            "https://a.example",
            &[PolicyDirective::Script, PolicyDirective::Form],
        );
        sources.allow("https://a.example", &[PolicyDirective::Script]);
        assert_eq!(
            sources.write(),
            "default-src 'self'; img-src 'self' https: data:; media-src 'self' https:; script-src \
             'self' https://a.example; object-src 'none'; base-uri 'none'; form-action 'self' \
             https://a.example"
        );
    }
}
