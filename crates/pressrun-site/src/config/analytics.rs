//! The table `[analytics]`: a service that counts visits.

use super::address::parse_origin;
use super::section::ConfigSection;

/// A service that counts visits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AnalyticsProvider {
    /// `GoatCounter`.
    GoatCounter,
    /// Plausible.
    Plausible,
    /// Umami.
    Umami,
    /// Cloudflare Web Analytics.
    Cloudflare,
    /// Google Analytics 4.
    GoogleAnalytics,
}

/// The names of the services in `site.toml`.
const PROVIDERS: [(&str, AnalyticsProvider); 5] = [
    ("goatcounter", AnalyticsProvider::GoatCounter),
    ("plausible", AnalyticsProvider::Plausible),
    ("umami", AnalyticsProvider::Umami),
    ("cloudflare", AnalyticsProvider::Cloudflare),
    ("ga4", AnalyticsProvider::GoogleAnalytics),
];

/// The table `[analytics]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AnalyticsConfig {
    /// The service.
    pub provider: AnalyticsProvider,
    /// How the service names this site. It consists of letters, digits, `.`, `_` and `-`.
    pub id: String,
    /// The origin of a service that the author runs.
    pub host: Option<String>,
}

/// Reads the table `[analytics]`.
pub(super) fn read_analytics_table(
    section: &mut ConfigSection<'_>,
    target: &mut Option<AnalyticsConfig>,
) {
    let mut provider = None;
    let choices = PROVIDERS.map(|(name, provider)| (name, Some(provider)));
    section.choice("provider", &mut provider, &choices);
    let mut id = String::new();
    section.parsed_string("id", &mut id, |text| parse_site_id(text, provider));
    let mut host = None;
    section.parsed_string("host", &mut host, |text| match provider {
        Some(AnalyticsProvider::Cloudflare | AnalyticsProvider::GoogleAnalytics) => {
            Err("no value for this provider, which nobody else can run; delete the line".to_owned())
        }
        _ => parse_origin(text).map(Some),
    });
    if !section.is_present() {
        return;
    }
    section.require("provider");
    section.require("id");
    *target = provider.map(|provider| AnalyticsConfig { provider, id, host });
}

/// Validates how a service names a site.
fn parse_site_id(text: &str, provider: Option<AnalyticsProvider>) -> Result<String, String> {
    let is_id_byte = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    let is_label =
        |text: &str| !text.contains(['.', '_']) && !text.starts_with('-') && !text.ends_with('-');
    let (right, expected) = match provider {
        Some(AnalyticsProvider::GoatCounter) => (
            is_label(text),
            "the code of the site, which is `CODE` in `https://CODE.goatcounter.com`",
        ),
        Some(AnalyticsProvider::Plausible) => (
            true,
            "the domain of the site as Plausible knows it, such as `blog.example.org`",
        ),
        Some(AnalyticsProvider::GoogleAnalytics) => (
            text.starts_with("G-"),
            "the measurement ID of the site, such as `G-AB12CD34EF`",
        ),
        Some(AnalyticsProvider::Umami | AnalyticsProvider::Cloudflare) | None => {
            (true, "the ID that the service shows in its snippet")
        }
    };
    if right && (1..=253).contains(&text.len()) && text.bytes().all(is_id_byte) {
        Ok(text.to_owned())
    } else {
        Err(expected.to_owned())
    }
}
