//! Recognises the sites of other generators, and says how to go on with one.
//!
//! The commands are those of `docs/migrate.md`, which is part of the program: a test runs them with a
//! site of each generator.

use std::path::{Path, PathBuf};

use pressrun_site::fs;

use super::quote_toml;

/// The page of the documentation about moving.
const MIGRATE: &str = include_str!("../../docs/migrate.md");

/// The title, the address and the folder of the site that the page moves.
const EXAMPLE_TITLE: &str = "Harbour Notes";
const EXAMPLE_ADDRESS: &str = "https://harbour.example/";
const EXAMPLE_FOLDER: &str = "../old";

/// A generator whose sites are recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SiteGenerator {
    /// Hugo.
    Hugo,
    /// Jekyll.
    Jekyll,
    /// Zola.
    Zola,
    /// Astro.
    Astro,
    /// Hexo.
    Hexo,
    /// Eleventy.
    Eleventy,
}

impl SiteGenerator {
    /// Returns its name, as in the headings of the page.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hugo => "Hugo",
            Self::Jekyll => "Jekyll",
            Self::Zola => "Zola",
            Self::Astro => "Astro",
            Self::Hexo => "Hexo",
            Self::Eleventy => "Eleventy",
        }
    }
}

/// A site that another generator builds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherSite {
    /// Its folder.
    pub folder: PathBuf,
    /// The generator.
    pub generator: SiteGenerator,
    /// The file that shows it.
    pub marker: String,
    /// Its title, if its configuration says so in plain words.
    title: Option<String>,
    /// Its address, likewise. Ends in `/`.
    address: Option<String>,
}

/// Returns the site of another generator that a folder holds.
pub(super) fn find_other_site(folder: &Path) -> Option<OtherSite> {
    let (generator, marker) = find_marker(folder)?;
    let settings = OtherSettings::read(&folder.join(&marker));
    let address = match generator {
        // The path of a project page has a key of its own.
        SiteGenerator::Jekyll => settings.find("url").map(|url| {
            let path = settings.find("baseurl").unwrap_or_default();
            format!("{}{path}", url.trim_end_matches('/'))
        }),
        SiteGenerator::Hexo => settings.find("url"),
        SiteGenerator::Zola => settings.find("base_url"),
        _ => settings.find("baseURL"),
    };
    let is_whole = |address: &String| address.contains("://") && !address.contains("//example.org");
    Some(OtherSite {
        folder: folder.to_owned(),
        generator,
        marker,
        title: settings.find("title"),
        address: address
            .filter(is_whole)
            .map(|address| format!("{}/", address.trim_end_matches('/'))),
    })
}

/// Returns the generator of a site, and the file that shows it.
fn find_marker(folder: &Path) -> Option<(SiteGenerator, String)> {
    let has = |path: &str| folder.join(path).exists();
    let find = |names: &[&str], endings: &[&str]| {
        let mut paths = names
            .iter()
            .flat_map(|name| endings.iter().map(move |ending| format!("{name}.{ending}")));
        paths.find(|path| folder.join(path).is_file())
    };
    let data = ["toml", "yaml", "yml", "json"];
    let script = ["js", "mjs", "cjs", "ts", "mts", "cts"];
    let hugo = find(&["hugo", "config/_default/hugo"], &data);
    let hugo = hugo.or_else(|| find(&["config/_default/config"], &data));
    let own_files = [
        (SiteGenerator::Hugo, hugo),
        (SiteGenerator::Zola, find(&["zola"], &["toml"])),
        (SiteGenerator::Astro, find(&["astro.config"], &script)),
        (
            SiteGenerator::Eleventy,
            find(&["eleventy.config", ".eleventy"], &script),
        ),
    ];
    for (generator, marker) in own_files {
        if let Some(marker) = marker {
            return Some((generator, marker));
        }
    }
    if let Some(marker) = find(&["_config"], &["yml", "yaml", "toml"]) {
        let is_hexo = has("source/_posts") || has("scaffolds") || needs_package(folder, "hexo");
        // Jupyter Book has a file of the same name.
        return match (is_hexo, has("_toc.yml")) {
            (true, _) => Some((SiteGenerator::Hexo, marker)),
            (false, false) => Some((SiteGenerator::Jekyll, marker)),
            (false, true) => None,
        };
    }
    if needs_package(folder, "@11ty/eleventy") {
        return Some((SiteGenerator::Eleventy, "package.json".to_owned()));
    }
    // Many programs have a file of this name, so its keys decide.
    let config_file = find(&["config"], &data)?;
    let settings = OtherSettings::read(&folder.join(&config_file));
    let looks_like_hugo = has("archetypes") || has("content") && (has("layouts") || has("themes"));
    if settings.find("base_url").is_some() && config_file.ends_with(".toml") {
        Some((SiteGenerator::Zola, config_file))
    } else if settings.find("baseURL").is_some() || looks_like_hugo {
        Some((SiteGenerator::Hugo, config_file))
    } else {
        None
    }
}

/// Returns whether `package.json` names a package among those that it needs.
fn needs_package(folder: &Path, name: &str) -> bool {
    let text = fs::read_text(&folder.join("package.json")).ok().flatten();
    let data: Option<serde_json::Value> = text.and_then(|text| serde_json::from_str(&text).ok());
    data.is_some_and(|data| {
        let lists = ["dependencies", "devDependencies"];
        lists.iter().any(|list| data[list].get(name).is_some())
    })
}

/// The texts at the top level of a configuration file.
#[derive(Default)]
struct OtherSettings(Vec<(String, String)>);

impl OtherSettings {
    /// Reads a file of any format. What cannot be read has no settings.
    fn read(path: &Path) -> Self {
        let Ok(Some(text)) = fs::read_text(path) else {
            return Self::default();
        };
        let ending = path.extension().and_then(|ending| ending.to_str());
        let data: Option<serde_json::Value> = match ending {
            Some("toml") => toml::from_str(&text).ok(),
            // JSON is YAML, too.
            Some("yaml" | "yml" | "json") => serde_yaml::from_str(&text).ok(),
            _ => None,
        };
        let data = data.as_ref().and_then(serde_json::Value::as_object);
        let texts = data.into_iter().flatten().filter_map(|(key, value)| {
            let value = value.as_str()?.trim();
            (!value.is_empty()).then(|| (key.clone(), value.to_owned()))
        });
        Self(texts.collect())
    }

    /// Returns a text. Hugo's keys may have any case.
    fn find(&self, key: &str) -> Option<String> {
        let mut texts = self.0.iter();
        let found = texts.find(|(known, _)| known.eq_ignore_ascii_case(key));
        found.map(|(_, text)| text.clone())
    }
}

impl OtherSite {
    /// Describes how to make a new site of it: commands, and what `site.toml` says.
    ///
    /// `new` is the folder of the new site, if there is one already in mind.
    pub fn describe_move(&self, new: Option<&Path>) -> String {
        let folder = fs::resolve_path(&self.folder);
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let beside = folder.with_file_name(format!("{name}-pressrun"));
        let new = new.map_or(beside, fs::resolve_path);
        let lead = |from: &Path, to: &Path| {
            let path = fs::relative_path(from, to);
            fs::path_with_slashes(&path.unwrap_or_else(|| to.to_owned()))
        };
        // As people type it where they are.
        let here = fs::resolve_path(Path::new("."));
        let there = lead(&here, &new);
        let back = lead(&new, &folder);
        let (commands, settings) = self.adapt_migration();
        let commands = commands.replace(EXAMPLE_FOLDER, &quote_for_shell(&back));
        let there = quote_for_shell(&there);
        let enter = if new == here {
            String::new()
        } else {
            format!("    mkdir -p {there} && cd {there}\n")
        };
        let generator = self.generator.name();
        format!(
            "pressrun reads the posts of {generator} as they are. Make a folder for the new site, and copy into it what \
             the old one has:\n\n{enter}{}\nLeave out what your site does not have. Then \
             write this into `site.toml` there:\n\n{}\nThen look at what you have:\n\n    pressrun check\n    pressrun \
             serve --watch\n\ndocs/migrate.md, \"From {generator}\", says what is understood, how addresses are kept, and \
             how to compare them.",
            indent(&commands),
            indent(&settings)
        )
    }

    /// Returns the commands and the `site.toml` of its section with its own title and address.
    fn adapt_migration(&self) -> (String, String) {
        let (commands, settings) = find_migration(self.generator);
        let (mut commands, mut settings) = (commands.to_owned(), settings.to_owned());
        let own = [
            (&self.title, EXAMPLE_TITLE),
            (&self.address, EXAMPLE_ADDRESS),
        ];
        for (own, example) in own {
            if let Some(own) = own {
                let example = format!("\"{example}\"");
                settings = settings.replacen(&example, &quote_toml(own), 1);
            }
        }
        // In the commands the title stands between quotation marks of several kinds.
        let is_plain = |c: char| c.is_alphanumeric() || " -.".contains(c);
        if let Some(title) = self
            .title
            .as_ref()
            .filter(|title| title.chars().all(is_plain))
        {
            commands = commands.replace(EXAMPLE_TITLE, title);
        }
        (commands, settings)
    }
}

/// Returns the commands and the `site.toml` of a section of the page.
fn find_migration(generator: SiteGenerator) -> (&'static str, &'static str) {
    let heading = format!("\n## From {}\n", generator.name());
    let section = MIGRATE.split(&heading).nth(1).unwrap_or_default();
    let section = section.split("\n## ").next().unwrap_or_default();
    let block = |language: &str| {
        let rest = section.split(&format!("```{language}\n")).nth(1);
        rest.and_then(|rest| rest.split("```").next())
            .unwrap_or_default()
    };
    (block("sh"), block("toml"))
}

fn indent(text: &str) -> String {
    let indented = text.lines().map(|line| match line {
        "" => "\n".to_owned(),
        line => format!("    {line}\n"),
    });
    indented.collect()
}

/// Quotes a path for a shell, if that is needed.
pub(super) fn quote_for_shell(path: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+,@".contains(c);
    if !path.is_empty() && path.chars().all(is_plain) {
        return path.to_owned();
    }
    format!("'{}'", path.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(files: &[(&str, &str)], expected: Option<(SiteGenerator, &str)>) -> Option<OtherSite> {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            fs::write_with_folder(&folder.path().join(path), text.as_bytes()).unwrap();
        }
        let found = find_other_site(folder.path());
        let shown = found
            .as_ref()
            .map(|found| (found.generator, &*found.marker));
        assert_eq!(shown, expected, "{files:?}");
        found
    }

    #[test]
    fn every_generator_is_known_by_its_own_file() {
        use SiteGenerator::{Astro, Eleventy, Hexo, Hugo, Jekyll, Zola};
        for (path, generator) in [
            ("hugo.toml", Hugo),
            ("hugo.yaml", Hugo),
            ("config/_default/hugo.toml", Hugo),
            ("config/_default/config.yml", Hugo),
            ("zola.toml", Zola),
            ("astro.config.mjs", Astro),
            (".eleventy.js", Eleventy),
            ("eleventy.config.js", Eleventy),
            ("_config.yml", Jekyll),
        ] {
            check(&[(path, "")], Some((generator, path)));
        }
        let hexo = [("_config.yml", ""), ("source/_posts/a.md", "")];
        check(&hexo, Some((Hexo, "_config.yml")));
        let package = [(
            "package.json",
            "{\"devDependencies\": {\"@11ty/eleventy\": \"3\"}}",
        )];
        check(&package, Some((Eleventy, "package.json")));
    }

    #[test]
    fn file_that_many_programs_have_is_judged_by_its_keys() {
        let hugo = [("config.toml", "BaseURL = 'https://a.example'\n")];
        check(&hugo, Some((SiteGenerator::Hugo, "config.toml")));
        let zola = [("config.toml", "base_url = 'https://a.example'\n")];
        check(&zola, Some((SiteGenerator::Zola, "config.toml")));
        let themed = [("config.toml", ""), ("archetypes/default.md", "")];
        check(&themed, Some((SiteGenerator::Hugo, "config.toml")));
        check(&[("config.toml", "[server]\nport = 1\n")], None);
        check(&[("config.json", "{}"), ("package.json", "[")], None);
        check(&[("_config.yml", ""), ("_toc.yml", "")], None);
        check(&[("content/a.md", ""), ("README.md", "")], None);
    }

    #[test]
    fn title_and_address_come_from_the_configuration() {
        let found = check(
            &[(
                "_config.yml",
                "title: Tea & \"Cake\"\nurl: https://me.example/\nbaseurl: /blog\n",
            )],
            Some((SiteGenerator::Jekyll, "_config.yml")),
        );
        let text = found.unwrap().describe_move(None);
        assert!(text.contains("title = 'Tea & \"Cake\"'\n"), "{text}");
        assert!(
            text.contains("base_url = \"https://me.example/blog/\"\n"),
            "{text}"
        );
    }

    #[test]
    fn every_generator_has_commands_and_settings() {
        use SiteGenerator::{Astro, Eleventy, Hexo, Hugo, Jekyll, Zola};
        for generator in [Astro, Eleventy, Hexo, Hugo, Jekyll, Zola] {
            let (commands, settings) = find_migration(generator);
            assert!(commands.contains(EXAMPLE_FOLDER), "{generator:?}");
            assert!(settings.contains(EXAMPLE_TITLE), "{generator:?}");
            assert!(settings.contains(EXAMPLE_ADDRESS), "{generator:?}");
        }
    }

    #[test]
    fn folder_of_any_name_can_be_typed() {
        let site = OtherSite {
            folder: PathBuf::from("/x/it's mine"),
            generator: SiteGenerator::Hugo,
            marker: "hugo.toml".to_owned(),
            title: None,
            address: None,
        };
        let text = site.describe_move(None);
        assert!(
            text.contains("cp -r '../it'\\''s mine'/content/posts content/"),
            "{text}"
        );
        assert!(text.contains("/x/it'\\''s mine-pressrun'\n"), "{text}");
        let text = site.describe_move(Some(Path::new("/x/new")));
        assert!(text.contains("x/new\n"), "{text}");
        assert!(
            text.contains("cp -r '../it'\\''s mine'/content/posts content/"),
            "{text}"
        );
    }
}
