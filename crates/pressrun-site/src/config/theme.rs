//! The table `[theme]`: menu, footer, colour and pictures of every page.

/// The table `[theme]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct ThemeConfig {
    /// The colour of links, as `#rgb` or `#rrggbb`.
    pub accent: Option<String>,
    /// The entries of the main menu; empty for the default menu.
    pub nav: Vec<NavEntry>,
    /// The address of a picture in the header.
    pub logo: Option<String>,
    /// The path on the site of the picture that its icons are made from.
    pub favicon: Option<String>,
    /// The text in the footer of every page, as Markdown.
    pub footer: Option<String>,
    /// The links in the footer of every page.
    pub footer_links: Vec<NavEntry>,
    /// Which of its looks the theme has.
    pub style: ThemeStyle,
    /// The face in which texts are set.
    pub font: ThemeFont,
}

/// A look of the theme. All have the same templates.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum ThemeStyle {
    /// One column, quiet.
    #[default]
    Plain,
    /// A grid of pictures and headlines.
    Magazine,
    /// Ruled paper, for working notes.
    Notebook,
}

impl ThemeStyle {
    /// The looks by their names in `site.toml`.
    pub(super) const CHOICES: [(&'static str, Self); 3] = [
        ("plain", Self::Plain),
        ("magazine", Self::Magazine),
        ("notebook", Self::Notebook),
    ];
}

/// A face in which texts are set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum ThemeFont {
    /// That of the theme, which readers load from the site.
    #[default]
    Faustina,
    /// One that the reader's system has.
    System,
}

impl ThemeFont {
    /// The faces by their names in `site.toml`.
    pub(super) const CHOICES: [(&'static str, Self); 2] =
        [("faustina", Self::Faustina), ("system", Self::System)];
}

/// An entry of `[[theme.nav]]`, `[[theme.footer_links]]` or `[[social.links]]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NavEntry {
    /// The text of the link.
    pub title: String,
    /// The target: a path of the site or an absolute URL.
    pub url: String,
}

impl ThemeConfig {
    /// Returns red, green and blue of the accent colour, or of the default theme's.
    pub fn accent_rgb(&self) -> [u8; 3] {
        let digits = self
            .accent
            .as_deref()
            .unwrap_or("#b5321a")
            .trim_start_matches('#');
        let step = digits.len() / 3;
        [0, 1, 2].map(|part| {
            let part = digits
                .get(part * step..(part + 1) * step)
                .unwrap_or_default();
            // With one digit per channel, `#abc` means `#aabbcc`.
            u8::from_str_radix(&part.repeat(2 / step.max(1)), 16).unwrap_or(0)
        })
    }
}
