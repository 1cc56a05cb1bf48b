//! A template that makes a text and no page: it stands alone, without the theme.

use pressrun_posts::diagnostic::Diagnostic;
use serde::Serialize;
use tera::{Context, Tera};

use super::template_errors::{explain_compile_error, explain_render_error};

/// The name of the template for Tera. It has no ending, so that nothing is escaped.
const NAME: &str = "text";

/// A compiled template for text.
#[derive(Debug)]
pub struct TextTemplate {
    tera: Tera,
    /// The path of its file, for messages.
    file: String,
    /// The number of lines above it in that file.
    lines_above: u32,
}

impl TextTemplate {
    /// Compiles a template. `text` begins below `lines_above` lines of `file`.
    ///
    /// # Errors
    ///
    /// Returns what is wrong, each with its place in the file.
    pub fn compile(file: &str, lines_above: u32, text: &str) -> Result<Self, Vec<Diagnostic>> {
        let mut template = Self {
            tera: Tera::new(),
            file: file.to_owned(),
            lines_above,
        };
        template.tera.autoescape_on(Vec::<&str>::new());
        let sources = [(NAME.to_owned(), text.to_owned())];
        let Err(error) = template.tera.add_raw_template(NAME, text) else {
            return Ok(template);
        };
        let faults = explain_compile_error(&error, &sources).into_iter();
        Err(faults
            .map(|fault| template.moved_to_file(fault.diagnostic))
            .collect())
    }

    /// Renders the template with the keys of `values`. `subject` says what is rendered.
    ///
    /// # Errors
    ///
    /// Returns what is wrong with its place in the file.
    pub fn render(&self, values: &impl Serialize, subject: &str) -> Result<String, Diagnostic> {
        let context = Context::from_serialize(values);
        context
            .and_then(|context| self.tera.render(NAME, &context))
            .map_err(|error| self.moved_to_file(explain_render_error(&error, NAME, subject)))
    }

    fn moved_to_file(&self, mut found: Diagnostic) -> Diagnostic {
        found.place.file = self.file.as_str().into();
        found.place.line = found.place.line.map(|line| line + self.lines_above);
        found
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn show(found: &Diagnostic) -> String {
        format!("{}: {}", found.place, found.message)
    }

    #[test]
    fn values_are_data_and_nothing_is_escaped() {
        let template = TextTemplate::compile("a.txt", 0, "<{{ x }}>").unwrap();
        let text = template.render(&json!({"x": "{{ 7*7 }} & <b>"}), "a test");
        assert_eq!(text.unwrap(), "<{{ 7*7 }} & <b>>");
    }

    #[test]
    fn errors_have_their_places_in_the_file() {
        let errors = TextTemplate::compile("p/a.txt", 10, "a\n{{ x | lenght }}").unwrap_err();
        assert_eq!(show(&errors[0]), "p/a.txt:12:8: unknown filter `lenght`");
        let errors = TextTemplate::compile("p/a.txt", 0, "a\n{% if x %}").unwrap_err();
        assert!(show(&errors[0]).starts_with("p/a.txt:2:"), "{errors:?}");
        let template = TextTemplate::compile("p/a.txt", 1, "a {{ tpoic }}").unwrap();
        let found = template
            .render(&json!({"topic": "x"}), "a test")
            .unwrap_err();
        assert!(show(&found).starts_with("p/a.txt:2:6: "), "{found:?}");
    }
}
