//! Matches the categories of a post with the list in force (R11.6 of the ingest contract).

use std::collections::HashSet;

use super::fields::Fields;
use super::settings::{Categories, Settings};
use crate::config::OffList;
use crate::diagnostic::{Code, Finding, quoted};
use crate::parse::label::Label;
use crate::parse::reply::Context;
use crate::post::Origin;
use crate::post::category::{self, CategoryList};

/// Returns the given categories in the spelling of the list, without repetition.
pub fn choose(
    fields: &Fields,
    context: &Context,
    settings: &Settings,
    findings: &mut Vec<Finding>,
) -> (Vec<String>, Origin) {
    let Some((given, origin)) = fields.get(Label::Categories) else {
        return (Vec::new(), Origin::None);
    };
    let list = list_in_force(context, settings);
    let items = given.value.items();
    let mut chosen = Chosen {
        settings,
        list,
        line: given.line,
        names: Vec::new(),
        keys: HashSet::new(),
        findings,
    };
    let mut at = 0;
    while at < items.len() {
        at += chosen.take(&items[at..]);
    }
    (chosen.names, origin)
}

/// Returns the list in force for a reply: the one of the site, otherwise that of the prompt above
/// it.
fn list_in_force<'a>(context: &'a Context, settings: &'a Settings) -> Option<&'a CategoryList> {
    match (&settings.categories, &context.categories) {
        (Categories::Listed(list), _) => Some(list),
        (_, Some(list)) => Some(list),
        (Categories::BuiltIn, None) => Some(CategoryList::built_in()),
        (Categories::Open, None) => None,
    }
}

struct Chosen<'a> {
    settings: &'a Settings,
    list: Option<&'a CategoryList>,
    line: u32,
    names: Vec<String>,
    keys: HashSet<String>,
    findings: &'a mut Vec<Finding>,
}

impl Chosen<'_> {
    /// Takes the first of `items`, joined with the items after it if they form one name of the
    /// list.
    ///
    /// Returns the number of items taken.
    fn take(&mut self, items: &[String]) -> usize {
        let most = self
            .list
            .map_or(1, |list| list.most_commas() + 1)
            .min(items.len());
        // The longest match first: a name with two commas may begin with a name that has one.
        for count in (2..=most).rev() {
            let joined = items[..count].join(", ");
            if let Some(name) = self
                .list
                .and_then(|list| list.resolve(&joined))
                // Only a name that contains a comma can have been split.
                .filter(|name| name.contains(','))
            {
                self.add(name.to_owned());
                return count;
            }
        }
        let item = &items[0];
        match self.resolve(item) {
            Some(name) => {
                if name != *item {
                    let message = format!(
                        "the category {} is spelled {} in the list",
                        quoted(item),
                        quoted(&name)
                    );
                    self.findings.push(Finding::new(
                        Code::CategoryCanonicalised,
                        self.line,
                        message,
                    ));
                }
                self.add(name);
            }
            None => self.add_off_list(item),
        }
        1
    }

    /// Returns the name for an item: from the list, through an alias of the site, or, without a
    /// list, as it is.
    fn resolve(&self, item: &str) -> Option<String> {
        let alias = self.settings.category_alias(item);
        let Some(list) = self.list else {
            return Some(alias.unwrap_or(item).to_owned());
        };
        let found = list.resolve(item).or_else(|| list.resolve(alias?));
        found.map(str::to_owned)
    }

    fn add_off_list(&mut self, item: &str) {
        let name = self.settings.category_alias(item).unwrap_or(item);
        let (code, what) = match self.settings.off_list {
            OffList::Keep => (Code::OffListCategory, "it was kept as written"),
            OffList::Drop => (Code::OffListCategory, "it was dropped"),
            OffList::Reject => (Code::RejectedCategory, "the reply was rejected"),
        };
        let message = format!("the category {} is not in the list; {what}", quoted(item));
        let finding = Finding::new(code, self.line, message);
        self.findings.push(finding.help(
            "use a name of the list, or add it or an alias of it to `[categories]` in `site.toml`",
        ));
        if self.settings.off_list == OffList::Keep {
            self.add(name.to_owned());
        }
    }

    fn add(&mut self, name: String) {
        if self.keys.insert(category::key(&name)) {
            self.names.push(name);
        }
    }
}
