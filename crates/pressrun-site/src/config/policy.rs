//! The table `[csp]`: what the pages of a site may load besides what the theme loads.

use super::address::parse_policy_source;
use super::section::ConfigSection;

/// A directive of the Content Security Policy that says from where something may be loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PolicyDirective {
    /// Pictures.
    Image,
    /// Films and sounds.
    Media,
    /// Scripts.
    Script,
    /// Style sheets.
    Style,
    /// Fonts.
    Font,
    /// What scripts send and fetch.
    Connect,
    /// Pages within the page.
    Frame,
    /// Where forms are sent to.
    Form,
}

impl PolicyDirective {
    /// All directives, in the order in which a policy has them.
    pub const ALL: [Self; 8] = [
        Self::Image,
        Self::Media,
        Self::Script,
        Self::Style,
        Self::Font,
        Self::Connect,
        Self::Frame,
        Self::Form,
    ];

    /// Returns its name in a policy.
    pub fn name(self) -> &'static str {
        match self {
            Self::Image => "img-src",
            Self::Media => "media-src",
            Self::Script => "script-src",
            Self::Style => "style-src",
            Self::Font => "font-src",
            Self::Connect => "connect-src",
            Self::Frame => "frame-src",
            Self::Form => "form-action",
        }
    }

    /// Returns its key in `[csp]`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Image => "img_src",
            Self::Media => "media_src",
            Self::Script => "script_src",
            Self::Style => "style_src",
            Self::Font => "font_src",
            Self::Connect => "connect_src",
            Self::Frame => "frame_src",
            Self::Form => "form_action",
        }
    }
}

/// The table `[csp]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct PolicyConfig {
    /// Further sources, each with its directive, in the order of the directives and then of the
    /// file.
    pub sources: Vec<(PolicyDirective, String)>,
}

/// Reads the table `[csp]`.
pub(super) fn read_policy_table(section: &mut ConfigSection<'_>, target: &mut PolicyConfig) {
    for directive in PolicyDirective::ALL {
        let mut sources = Vec::new();
        let key = directive.key();
        section.parsed_strings(key, &mut sources, |text| {
            parse_policy_source(text)
                .map_err(|expected| (format!("`{key}` takes {expected}"), None))
        });
        let sources = sources.into_iter().map(|source| (directive, source));
        target.sources.extend(sources);
    }
}
