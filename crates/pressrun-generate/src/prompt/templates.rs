//! The templates of a run: the configured one, and those that topics name.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace};
use pressrun_site::config::Config;
use pressrun_site::fs;
use pressrun_site::render::CommandFailure;

use super::{Prompt, PromptRole, PromptSite, PromptTemplate};
use crate::topic::Topic;

/// The templates of a run, and what they see of the site.
#[derive(Debug)]
pub struct PromptTemplates {
    site: PromptSite,
    default: PromptTemplate,
    /// Those that topics name, by path.
    named: BTreeMap<String, PromptTemplate>,
}

impl PromptTemplates {
    /// Reads the templates for these topics. `chosen` is a path that counts instead of that in
    /// `site.toml`.
    ///
    /// # Errors
    ///
    /// Returns what is wrong with all templates.
    pub fn load(
        root: &Path,
        config: &Config,
        chosen: Option<&Path>,
        topics: &[Topic],
    ) -> Result<Self, CommandFailure> {
        let mut errors = Vec::new();
        let configured = config.generate.template.as_deref();
        let default = match (chosen, configured) {
            (Some(path), _) => read_template(path.to_owned(), &path.to_string_lossy()),
            (None, Some(path)) => read_template(root.join(path), path),
            (None, None) => Ok(Ok(PromptTemplate::built_in())),
        }?;
        let default = default.unwrap_or_else(|found| {
            errors.extend(found);
            PromptTemplate::built_in()
        });
        let mut named = BTreeMap::new();
        for path in topics.iter().filter_map(|topic| topic.template.as_deref()) {
            if named.contains_key(path) {
                continue;
            }
            match read_template(root.join(path), path)? {
                Ok(template) => {
                    named.insert(path.to_owned(), template);
                }
                Err(found) => errors.extend(found),
            }
        }
        if !errors.is_empty() {
            errors.dedup();
            return Err(CommandFailure::Site(errors));
        }
        Ok(Self {
            site: PromptSite::from_config(config),
            default,
            named,
        })
    }

    /// Returns the template of a topic.
    pub fn template_of(&self, topic: &Topic) -> &PromptTemplate {
        let named = topic.template.as_ref();
        named
            .and_then(|path| self.named.get(path))
            .unwrap_or(&self.default)
    }

    /// Makes the prompt for a topic.
    ///
    /// # Errors
    ///
    /// Returns what is wrong with its template, with the place.
    pub fn render(&self, topic: &Topic) -> Result<Prompt, Diagnostic> {
        self.template_of(topic).render(topic, &self.site)
    }

    /// Returns the replies that the template of a topic shows as examples.
    pub fn list_examples(&self, topic: &Topic) -> Vec<String> {
        let messages = self.render(topic).map(|prompt| prompt.messages);
        let messages = messages.unwrap_or_default().into_iter();
        messages
            .filter(|message| message.role == PromptRole::Assistant)
            .map(|message| message.content)
            .collect()
    }
}

type ParsedTemplate = Result<PromptTemplate, Vec<Diagnostic>>;

fn read_template(path: PathBuf, name: &str) -> Result<ParsedTemplate, CommandFailure> {
    let Some(bytes) = fs::read_if_there(&path)? else {
        let place = FilePlace::file(name);
        let found = Diagnostic::new(Code::TemplateError, place, "there is no such template");
        let help = "write it, or delete the key `template` for the built-in one";
        return Ok(Err(vec![found.with_help(help)]));
    };
    let Ok(text) = String::from_utf8(bytes) else {
        let place = FilePlace::file(name);
        let found = Diagnostic::new(Code::TemplateError, place, "it is not UTF-8");
        return Ok(Err(vec![found.with_help("save it as UTF-8")]));
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    Ok(PromptTemplate::parse(name, text))
}
