//! Loads the configuration of a site, and derives from it how replies are read.

use std::path::Path;

use pressrun_posts::content_file::{CategoryPolicy, ReadSettings};
use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace};
use pressrun_posts::post::category::CategoryList;
use pressrun_text::line::unify_line_ends;

use super::BuildRequest;
use crate::config::{self, Config, RawHtmlPolicy};
use crate::discover;
use crate::fs;
use crate::messages::load_site_messages;
use crate::render::CommandFailure;

/// Reads the configuration of a request's site, and applies the request's address to it.
pub fn load_request_config(request: &BuildRequest) -> Result<Config, CommandFailure> {
    let mut config = load_config(&request.root)?;
    if let Some(base_url) = &request.base_url {
        config.base_url = base_url.clone();
    }
    config.check.ignore.extend(&request.allowed);
    Ok(config)
}

/// Reads `site.toml` in the folder `root`, and the message files of the site. A site without `site.toml` gets the
/// defaults.
pub fn load_config(root: &Path) -> Result<Config, CommandFailure> {
    let mut config = read_config(root)?;
    config.messages = load_site_messages(root, &config.language).map_err(CommandFailure::Site)?;
    Ok(config)
}

fn read_config(root: &Path) -> Result<Config, CommandFailure> {
    let path = root.join(config::FILE);
    let Some(text) = fs::read_text(&path)? else {
        if root.join(discover::FOLDER).is_dir() {
            return Ok(Config::default());
        }
        let place = FilePlace::file(path.display().to_string());
        let message = "there is no site here: neither `site.toml` nor `content/` exists";
        let help = "go to the folder of your site, or name it with --root";
        return Err(CommandFailure::Site(vec![
            Diagnostic::new(Code::NoSite, place, message).with_help(help),
        ]));
    };
    Config::parse(&unify_line_ends(&text)).map_err(CommandFailure::Site)
}

/// Returns how replies are read under a configuration.
pub fn make_read_settings(config: &Config) -> ReadSettings {
    let aliases = &config.categories.aliases;
    let mut settings = ReadSettings::default();
    settings.language.clone_from(&config.language);
    settings.off_list = config.categories.off_list;
    settings.slugs = config.content.slugs;
    settings.slug_from = config.content.slug_from;
    settings.keeps_html = config.markdown.raw_html != RawHtmlPolicy::Sanitize;
    settings.categories = match config.categories.allowed.as_slice() {
        [] => CategoryPolicy::Open,
        names => CategoryPolicy::Listed(CategoryList::new(names.to_vec(), aliases.iter().cloned())),
    };
    for (alias, name) in aliases {
        settings.alias_category(alias, name);
    }
    for (alias, name) in &config.tags.aliases {
        settings.alias_tag(alias, name);
    }
    settings
}
