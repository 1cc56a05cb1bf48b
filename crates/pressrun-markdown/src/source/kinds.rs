//! The kinds of boxes: alerts, admonitions and callouts.

use pulldown_cmark::BlockQuoteKind;

/// The kind of a box: the kind of alert that looks like it, or none for a plain box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BoxKind(pub(crate) Option<BlockQuoteKind>);

/// All kinds, in the order of their numbers.
const KINDS: [BoxKind; 6] = [
    BoxKind(None),
    BoxKind(Some(BlockQuoteKind::Note)),
    BoxKind(Some(BlockQuoteKind::Tip)),
    BoxKind(Some(BlockQuoteKind::Important)),
    BoxKind(Some(BlockQuoteKind::Warning)),
    BoxKind(Some(BlockQuoteKind::Caution)),
];

impl BoxKind {
    /// Returns the kind with this name, in any case of letters.
    pub(super) fn from_name(name: &str) -> Self {
        Self(find_alert(&name.to_ascii_lowercase()))
    }

    /// Returns the number that stands for the kind in a source.
    pub(super) fn number(self) -> usize {
        KINDS.iter().position(|&kind| kind == self).unwrap_or(0)
    }

    pub(super) fn from_number(number: usize) -> Option<Self> {
        KINDS.get(number).copied()
    }
}

/// Returns the kind of alert that is nearest to a kind of box.
fn find_alert(name: &str) -> Option<BlockQuoteKind> {
    Some(match name {
        "note" | "info" | "information" | "abstract" | "summary" | "tldr" | "todo" | "seealso"
        | "see-also" | "remark" | "question" | "help" | "faq" | "secondary" | "primary" => {
            BlockQuoteKind::Note
        }
        "tip" | "hint" | "success" | "check" | "done" | "idea" => BlockQuoteKind::Tip,
        "important" | "key" | "notice" => BlockQuoteKind::Important,
        "warning" | "warn" | "attention" => BlockQuoteKind::Warning,
        "caution" | "danger" | "error" | "bug" | "failure" | "fail" | "missing" | "critical"
        | "alert" => BlockQuoteKind::Caution,
        _ => return None,
    })
}

/// Returns the visible form of a name: `see-also` becomes `See also`.
pub(super) fn make_title(name: &str) -> String {
    let mut title = name.to_ascii_lowercase().replace(['-', '_'], " ");
    if let Some(first) = title.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    title
}

/// Returns the length of the name of a kind at the start of a text; 0 if there is none.
pub(super) fn measure_name(text: &str) -> usize {
    if !text.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return 0;
    }
    text.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_'))
        .unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_take_the_nearest_alert() {
        for (name, alert, title) in [
            ("INFO", Some(BlockQuoteKind::Note), "Info"),
            ("danger", Some(BlockQuoteKind::Caution), "Danger"),
            ("See-Also", Some(BlockQuoteKind::Note), "See also"),
            ("recipe", None, "Recipe"),
        ] {
            let kind = BoxKind::from_name(name);
            assert_eq!((kind, &*make_title(name)), (BoxKind(alert), title));
            assert_eq!(BoxKind::from_number(kind.number()), Some(kind));
        }
    }
}
