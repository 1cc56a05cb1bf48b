//! Matches the categories of a post with the list in force (R11.6 of the ingest contract).

use std::collections::HashSet;

use super::fields::PostFields;
use super::settings::{CategoryPolicy, ReadSettings};
use crate::diagnostic::{Code, Finding, quote_for_message};
use crate::normalize::settings::OffListAction;
use crate::parse::label::Label;
use crate::parse::reply::ReplyContext;
use crate::post::FieldSource;
use crate::post::category::{self, CategoryList};

/// Returns the given categories in the spelling of the list, without repetition.
pub fn choose_categories(
    fields: &PostFields,
    context: &ReplyContext,
    settings: &ReadSettings,
    findings: &mut Vec<Finding>,
) -> (Vec<String>, FieldSource) {
    let Some((given, origin)) = fields.get(Label::Categories) else {
        return (Vec::new(), FieldSource::None);
    };
    let list = find_list_in_force(context, settings);
    let items = given.value.items();
    let mut chosen = CategoryChooser {
        settings,
        list,
        line: given.line,
        names: Vec::new(),
        keys: HashSet::new(),
        findings,
    };
    let mut at = 0;
    while at < items.len() {
        at += chosen.take_next(&items[at..]);
    }
    (chosen.names, origin)
}

/// Returns the list in force for a reply: the one of the site, otherwise that of the prompt above
/// it.
fn find_list_in_force<'a>(
    context: &'a ReplyContext,
    settings: &'a ReadSettings,
) -> Option<&'a CategoryList> {
    match (&settings.categories, &context.categories) {
        (CategoryPolicy::Listed(list), _) => Some(list),
        (_, Some(list)) => Some(list),
        (CategoryPolicy::BuiltIn, None) => Some(CategoryList::built_in()),
        (CategoryPolicy::Open, None) => None,
    }
}

struct CategoryChooser<'a> {
    settings: &'a ReadSettings,
    list: Option<&'a CategoryList>,
    line: u32,
    names: Vec<String>,
    keys: HashSet<String>,
    findings: &'a mut Vec<Finding>,
}

impl CategoryChooser<'_> {
    /// Takes the first of `items`, joined with the items after it if they form one name of the
    /// list.
    ///
    /// Returns the number of items taken.
    fn take_next(&mut self, items: &[String]) -> usize {
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
                        "the category {} is spelled {} in the closed list",
                        quote_for_message(item),
                        quote_for_message(&name)
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
            OffListAction::Keep => (Code::OffListCategory, "it was kept as written"),
            OffListAction::Drop => (Code::OffListCategory, "it was dropped"),
            OffListAction::Reject => (Code::RejectedCategory, "the reply was rejected"),
        };
        let message = format!(
            "the category {} is not in the closed list; {what}",
            quote_for_message(item)
        );
        let finding = Finding::new(code, self.line, message);
        self.findings.push(finding.with_help(
            "use a name from the list, or add the name or an alias to `[categories]` in \
             `site.toml`",
        ));
        if self.settings.off_list == OffListAction::Keep {
            self.add(name.to_owned());
        }
    }

    fn add(&mut self, name: String) {
        if self.keys.insert(category::category_key(&name)) {
            self.names.push(name);
        }
    }
}
