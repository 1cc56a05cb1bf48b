//! The services of other hosts that a site may use: counters of visits, and comments.
//!
//! For each service there are two answers here: what its script needs to know, and what the policy
//! of a page must allow for it. Nothing is loaded unless `site.toml` names the service.

use tera::Value;

use super::frame::SiteFrame;
use super::links::SiteLinks;
use super::policy::PolicySources;
use super::values::TemplateFields;
use crate::config::{
    AnalyticsConfig, AnalyticsProvider, CommentsConfig, CommentsProvider, Config, PolicyDirective,
};

/// Where `GoatCounter`'s script is.
const GOATCOUNTER_SCRIPTS: &str = "https://gc.zgo.at";

/// Where Google's script is.
const GOOGLE_TAGS: &str = "https://www.googletagmanager.com";

/// The languages in which giscus speaks, besides English.
const GISCUS_LANGUAGES: [&str; 24] = [
    "ar", "bg", "ca", "cs", "da", "de", "es", "fa", "fr", "he", "hu", "id", "it", "ja", "ko", "nl",
    "pl", "pt", "ro", "ru", "th", "tr", "uk", "vi",
];

/// Builds the variable `site.analytics`: the script, how it is loaded, and the attribute that tells
/// it which site this is. A preview counts no visits.
pub(super) fn analytics_value(frame: &SiteFrame) -> Option<Value> {
    let analytics = counted_by(&frame.config, &frame.links)?;
    let AnalyticsConfig { provider, id, .. } = analytics;
    let origin = analytics_origin(analytics);
    let (script, attribute) = match provider {
        AnalyticsProvider::GoatCounter => (
            match analytics.host {
                Some(_) => format!("{origin}/count.js"),
                None => format!("{GOATCOUNTER_SCRIPTS}/count.js"),
            },
            Some(("data-goatcounter", format!("{origin}/count"))),
        ),
        AnalyticsProvider::Plausible => (
            format!("{origin}/js/script.js"),
            Some(("data-domain", id.clone())),
        ),
        AnalyticsProvider::Umami => (
            format!("{origin}/script.js"),
            Some(("data-website-id", id.clone())),
        ),
        AnalyticsProvider::Cloudflare => (
            "https://static.cloudflareinsights.com/beacon.min.js".to_owned(),
            Some(("data-cf-beacon", format!("{{\"token\": \"{id}\"}}"))),
        ),
        AnalyticsProvider::GoogleAnalytics => (format!("{GOOGLE_TAGS}/gtag/js?id={id}"), None),
    };
    let (name, value) = attribute.unzip();
    let value = TemplateFields::new()
        .with("script", script)
        .with_optional("attribute", name)
        .with_optional("value", value);
    Some(value.into())
}

/// Returns the lines that the theme's script needs besides its own.
pub(super) fn script_lines(analytics: Option<&AnalyticsConfig>) -> String {
    match analytics {
        // Google's script reads its orders from a list that must exist before it is loaded.
        Some(AnalyticsConfig {
            provider: AnalyticsProvider::GoogleAnalytics,
            id,
            ..
        }) => format!(
            "window.dataLayer = window.dataLayer || []\n\
             function gtag() {{ dataLayer.push(arguments) }}\n\
             gtag('js', new Date())\n\
             gtag('config', '{id}')\n"
        ),
        _ => String::new(),
    }
}

/// Allows what the counter of visits loads and sends.
pub(super) fn allow_analytics(config: &Config, links: &SiteLinks, sources: &mut PolicySources) {
    use PolicyDirective::{Connect, Script};
    let Some(analytics) = counted_by(config, links) else {
        return;
    };
    let origin = analytics_origin(analytics);
    match (analytics.provider, &analytics.host) {
        (AnalyticsProvider::GoatCounter, None) => {
            sources.allow(GOATCOUNTER_SCRIPTS, &[Script]);
            sources.allow(&origin, &[Connect]);
        }
        (AnalyticsProvider::Umami, None) => {
            sources.allow(&origin, &[Script, Connect]);
            // The hosted script sends to one of these.
            sources.allow("https://gateway.umami.is", &[Connect]);
            sources.allow("https://api-gateway.umami.dev", &[Connect]);
        }
        (AnalyticsProvider::Cloudflare, _) => {
            sources.allow("https://static.cloudflareinsights.com", &[Script]);
            sources.allow("https://cloudflareinsights.com", &[Connect]);
        }
        (AnalyticsProvider::GoogleAnalytics, _) => {
            sources.allow(GOOGLE_TAGS, &[Script, Connect]);
            sources.allow("https://*.google-analytics.com", &[Connect]);
            sources.allow("https://*.analytics.google.com", &[Connect]);
        }
        (
            AnalyticsProvider::GoatCounter
            | AnalyticsProvider::Plausible
            | AnalyticsProvider::Umami,
            _,
        ) => sources.allow(&origin, &[Script, Connect]),
    }
}

/// Returns the service that counts the visits of a page, unless it is a preview.
fn counted_by<'c>(config: &'c Config, links: &SiteLinks) -> Option<&'c AnalyticsConfig> {
    let analytics = config.analytics.as_ref();
    analytics.filter(|_| !links.is_preview())
}

/// Returns the origin to which visits are reported.
fn analytics_origin(analytics: &AnalyticsConfig) -> String {
    let AnalyticsConfig { provider, id, host } = analytics;
    if let Some(host) = host {
        return host.clone();
    }
    match provider {
        AnalyticsProvider::GoatCounter => format!("https://{}.goatcounter.com", id.to_lowercase()),
        AnalyticsProvider::Plausible => "https://plausible.io".to_owned(),
        AnalyticsProvider::Umami => "https://cloud.umami.is".to_owned(),
        AnalyticsProvider::Cloudflare => "https://cloudflareinsights.com".to_owned(),
        AnalyticsProvider::GoogleAnalytics => GOOGLE_TAGS.to_owned(),
    }
}

/// Builds the variable `site.comments`: what the script of the service needs to know.
pub(super) fn comments_value(frame: &SiteFrame) -> Option<Value> {
    let comments = frame.config.comments.as_ref()?;
    let provider = match comments.provider {
        CommentsProvider::Giscus => "giscus",
        CommentsProvider::Utterances => "utterances",
    };
    let value = TemplateFields::new()
        .with("provider", provider)
        .with("script", format!("{}/client.js", comments_origin(comments)))
        .with("repo", comments.repo.as_str())
        .with("repo_id", comments.repo_id.as_str())
        .with("category", comments.category.as_str())
        .with("category_id", comments.category_id.as_str())
        .with_optional("label", comments.label.as_deref())
        .with("mapping", comments.mapping.name())
        .with("language", giscus_language(&frame.config.language));
    Some(value.into())
}

/// Allows what the service of comments loads and shows.
pub(super) fn allow_comments(config: &Config, sources: &mut PolicySources) {
    use PolicyDirective::{Frame, Script, Style};
    let Some(comments) = &config.comments else {
        return;
    };
    let origin = comments_origin(comments);
    match comments.provider {
        // Its script adds a style sheet of its own.
        CommentsProvider::Giscus => sources.allow(&origin, &[Script, Style, Frame]),
        CommentsProvider::Utterances => sources.allow(&origin, &[Script, Frame]),
    }
}

fn comments_origin(comments: &CommentsConfig) -> String {
    let own = comments.host.clone();
    own.unwrap_or_else(|| match comments.provider {
        CommentsProvider::Giscus => "https://giscus.app".to_owned(),
        CommentsProvider::Utterances => "https://utteranc.es".to_owned(),
    })
}

/// Returns the language of giscus for a site, as giscus names it.
fn giscus_language(site: &str) -> &str {
    let lower = site.to_ascii_lowercase();
    let primary = lower.split('-').next().unwrap_or_default();
    if primary == "zh" {
        let traditional = ["hant", "tw", "hk", "mo"]
            .iter()
            .any(|part| lower.contains(part));
        return if traditional { "zh-TW" } else { "zh-CN" };
    }
    let known = GISCUS_LANGUAGES.iter().find(|known| **known == primary);
    known.unwrap_or(&"en")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn giscus_speaks_the_language_of_the_site_if_it_can() {
        for (site, expected) in [
            ("en-GB", "en"),
            ("de", "de"),
            ("pt-BR", "pt"),
            ("zh-Hans", "zh-CN"),
            ("zh-Hant-TW", "zh-TW"),
            ("tlh", "en"),
        ] {
            assert_eq!(giscus_language(site), expected, "{site}");
        }
    }
}
