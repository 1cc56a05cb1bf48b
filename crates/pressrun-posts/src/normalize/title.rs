//! Chooses the title of a post (R10 of the ingest contract), and removes its repetitions (R8.8).

use std::ops::Range;

use pressrun_text::blocks::{
    Block, BlockKind, collect_link_definitions, is_all_bold, is_prose, iter_blocks, parse_atx_level,
};
use pressrun_text::characters::title_case;
use pressrun_text::line::TextLine;
use pressrun_text::sentences::split_sentences;
use pressrun_text::visible::clean_field;
use pressrun_text::words;

use super::date_line::parse_date_line;
use super::fields::PostFields;
use crate::diagnostic::{Code, Finding, quote_for_message};
use crate::parse::label::Label;
use crate::parse::value::{normalise_plain_text, normalise_text, normalise_text_with};
use crate::post::{FieldSource, slug};

/// A title, with its source.
#[derive(Debug)]
pub struct ChosenTitle {
    /// The title in plain text, never empty.
    pub text: String,
    /// The origin of the title.
    pub origin: FieldSource,
    /// Whether it was made from a sentence, which stays in the body.
    pub from_sentence: bool,
    /// The lines of the body that contain it, which have to be removed.
    pub lines: Option<Range<usize>>,
    /// Whether these lines are an H1.
    pub from_h1: bool,
    /// The line of the file that contains it, if there is one.
    pub number: Option<u32>,
}

impl ChosenTitle {
    fn new(text: String, origin: FieldSource, number: Option<u32>) -> Self {
        Self {
            text,
            origin,
            from_sentence: false,
            lines: None,
            from_h1: false,
            number,
        }
    }
}

/// Chooses the title. Date lines above it must be removed from the body before.
pub fn choose_title(
    fields: &PostFields,
    topic: Option<&str>,
    body: &[TextLine],
    path: &str,
    findings: &mut Vec<Finding>,
) -> ChosenTitle {
    let seo_title = fields.text(Label::SeoTitle);
    // One at the end, or under the H1, is rather that of a window.
    let (leading, other) = match seo_title {
        Some((_, FieldSource::Header | FieldSource::Container, _)) => (seo_title, None),
        seo_title => (None, seo_title),
    };
    let stated = |(text, origin, line): (String, FieldSource, u32)| {
        ChosenTitle::new(strip_heading_mark(text), origin, Some(line))
    };
    if let Some(title) = fields.text(Label::Title).or(leading) {
        return stated(title);
    }
    let h1 = find_h1_title(body);
    if let (None, Some(title)) = (&h1, other) {
        return stated(title);
    }
    if let Some(title) = h1.or_else(|| find_first_line_title(body)) {
        let message = format!(
            "the title was taken from the text: {}",
            quote_for_message(&title.text)
        );
        findings.push(Finding {
            line: title.number,
            ..Finding::in_file(Code::TitleDerived, message)
        });
        return title;
    }
    let topic = topic.map(normalise_text).filter(|topic| !topic.is_empty());
    if let Some(topic) = topic {
        let message = format!(
            "the title was taken from the topic in the prompt: {}",
            quote_for_message(&topic)
        );
        findings.push(Finding::in_file(Code::TitleDerived, message));
        return ChosenTitle::new(topic, FieldSource::Topic, None);
    }
    let title = make_title_from_sentence(body).unwrap_or_else(|| make_title_from_file_name(path));
    let message = format!(
        "the text has no title; it was made from the {}: {}",
        if title.from_sentence {
            "first sentence"
        } else {
            "file name"
        },
        quote_for_message(&title.text)
    );
    let finding = Finding {
        line: title.number,
        ..Finding::in_file(Code::NoTitleFound, message)
    };
    findings.push(finding.with_help("add a line `TITLE: …` above the text"));
    title
}

/// Strips the heading mark from a title given as `# Title`.
fn strip_heading_mark(text: String) -> String {
    match parse_atx_level(&text) {
        Some(level) if text.len() > usize::from(level) + 1 => {
            text[usize::from(level)..].trim_start().to_owned()
        }
        _ => text,
    }
}

/// Returns the first H1 of the body, if it is the first block or the only H1.
fn find_h1_title(body: &[TextLine]) -> Option<ChosenTitle> {
    let is_h1 = |block: &Block| block.kind == BlockKind::Heading(1);
    let first = iter_blocks(body).next().filter(is_h1);
    let only = || {
        let mut h1s = iter_blocks(body).filter(is_h1);
        h1s.next().filter(|_| h1s.next().is_none())
    };
    take_block_as_title(first.or_else(only)?, body)
}

/// Returns the first block of the body, if it is a heading or a line that can only be a title.
fn find_first_line_title(body: &[TextLine]) -> Option<ChosenTitle> {
    let first = iter_blocks(body).next()?;
    let is_title = first.is_heading() || is_title_line(&first, body);
    take_block_as_title(Some(first).filter(|_| is_title)?, body)
}

fn take_block_as_title(block: Block, body: &[TextLine]) -> Option<ChosenTitle> {
    let definitions = collect_link_definitions(body);
    let text = normalise_text_with(&block.text(body), &definitions);
    (!text.is_empty()).then(|| ChosenTitle {
        from_h1: block.kind == BlockKind::Heading(1),
        lines: Some(block.lines.clone()),
        ..ChosenTitle::new(
            text,
            FieldSource::Body,
            Some(body[block.lines.start].number),
        )
    })
}

/// Returns whether the first block is a line that can only be a title.
fn is_title_line(block: &Block, body: &[TextLine]) -> bool {
    const MAX_CHARACTERS: usize = 100;
    const MAX_WORDS: usize = 16;
    if !block.is_single_line_paragraph() || iter_blocks(body).nth(1).is_none() {
        return false;
    }
    let line = &body[block.lines.start].text;
    if is_all_bold(line) {
        return true;
    }
    // Even with four bytes per character and much markup, the text would be too long.
    if line.len() > 8 * MAX_CHARACTERS {
        return false;
    }
    let text = block.plain(body);
    text.chars().count() <= MAX_CHARACTERS
        && words::count_words(&text) <= MAX_WORDS
        && !text.ends_with(['.', ':', ';', ',', '…', '。', '：', '；', '，'])
        && parse_date_line(&text).is_none()
}

/// Makes a title from the first sentence of the first prose paragraph, or of the first paragraph.
fn make_title_from_sentence(body: &[TextLine]) -> Option<ChosenTitle> {
    let definitions = collect_link_definitions(body);
    let paragraphs = || {
        iter_blocks(body)
            .filter(|block| block.kind == BlockKind::Paragraph)
            .map(|block| (block.plain_with(body, &definitions), block))
    };
    let prose = paragraphs().find(|(text, _)| is_prose(text));
    let (text, block) = prose.or_else(|| paragraphs().next())?;
    let sentence = split_sentences(&text).next()?.to_owned();
    let text = shorten_sentence(&normalise_plain_text(sentence));
    (!text.is_empty()).then(|| ChosenTitle {
        from_sentence: true,
        ..ChosenTitle::new(
            text,
            FieldSource::Derived,
            Some(body[block.lines.start].number),
        )
    })
}

/// Turns a sentence into a title: drops its final punctuation, and cuts it if it is long (R10.4).
fn shorten_sentence(sentence: &str) -> String {
    const MAX_CHARACTERS: usize = 60;
    const WEAK: [&str; 27] = [
        "a", "an", "and", "as", "at", "but", "by", "for", "from", "in", "into", "is", "are", "it",
        "its", "of", "on", "or", "our", "that", "the", "their", "this", "to", "was", "with",
        "your",
    ];
    let text = sentence
        .trim_end_matches(['.', '!', '?', '…', ':', '。', '！', '？', '：'])
        .trim_end();
    let Some((end, next)) = text.char_indices().nth(MAX_CHARACTERS) else {
        return capitalise_first_letter(text);
    };
    let cut = if next == ' ' {
        end
    } else {
        text[..end].rfind(' ').unwrap_or(end)
    };
    let is_dangling = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | ':' | '–' | '—' | '-');
    let mut text = text[..cut].trim_end_matches(is_dangling);
    while let Some((before, last)) = text.rsplit_once(' ')
        && WEAK.contains(&last.to_lowercase().as_str())
    {
        text = before.trim_end_matches(is_dangling);
    }
    capitalise_first_letter(text)
}

/// Turns the file name into a title.
pub fn make_title_from_file_name(path: &str) -> ChosenTitle {
    // The name of a file may contain any character except `/` and NUL.
    let text = split_file_stem(&clean_field(slug::file_stem(path), true));
    let text = if text.is_empty() {
        "Untitled".to_owned()
    } else {
        capitalise_first_letter(&text)
    };
    ChosenTitle::new(text, FieldSource::FileName, None)
}

fn split_file_stem(stem: &str) -> String {
    let words: Vec<&str> = stem
        .split(['-', '_', ' '])
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ")
}

/// Writes the first letter in upper case. Quotes and brackets may stand before it; a number or
/// another sign in front of it means that the text begins otherwise.
fn capitalise_first_letter(text: &str) -> String {
    let is_opening = |c: char| c.is_whitespace() || "\"'“”‘’„«»‹›「『([{¿¡".contains(c);
    let start = text.len() - text.trim_start_matches(is_opening).len();
    let (before, rest) = text.split_at(start);
    let mut characters = rest.chars();
    let first = characters.next().into_iter().flat_map(title_case);
    before.chars().chain(first).chain(characters).collect()
}

/// Removes headings and lines that repeat the title near the start of the body (R8.8).
pub fn remove_repeated_titles(
    body: &mut Vec<TextLine>,
    title: &ChosenTitle,
    findings: &mut Vec<Finding>,
) {
    const BLOCKS: usize = 10;
    let key = words::make_plain_title_key(&title.text);
    // A title from a sentence occurs in the text by design.
    if title.from_sentence || key.is_empty() {
        return;
    }
    let repeats = |block: &Block| {
        let may_repeat = block.is_heading() || block.is_single_line_paragraph();
        let text = block.text(body);
        may_repeat && !differs_at_start(&text, &key) && words::make_title_key(&text) == key
    };
    let repeated: Vec<Range<usize>> = iter_blocks(body)
        .take(BLOCKS)
        .filter(repeats)
        .map(|block| block.lines)
        .collect();
    let Some(first) = repeated.first() else {
        return;
    };
    let message = format!(
        "lines that repeat the title were removed: {}",
        repeated.len()
    );
    findings.push(Finding::new(
        Code::RepeatedTitleRemoved,
        body[first.start].number,
        message,
    ));
    // From the end, so that earlier ranges stay valid.
    for lines in repeated.into_iter().rev() {
        body.drain(lines);
    }
}

/// Returns whether Markdown has another title key, by a cheap comparison of the first letters.
fn differs_at_start(text: &str, key: &str) -> bool {
    let text = text.trim_start_matches([' ', '*', '_', '`', '"']);
    // Other characters may begin markup that readers do not see.
    text.as_bytes().first().is_some_and(|first| {
        first.is_ascii_alphanumeric() && !key.as_bytes()[..1].eq_ignore_ascii_case(&[*first])
    })
}

#[cfg(test)]
mod tests {
    use pressrun_text::line::{join_lines, number_and_fence_lines as lines};

    use super::*;

    #[track_caller]
    fn check(text: &str, topic: Option<&str>, expected: &str, origin: FieldSource) {
        let title = choose_title(
            &PostFields::default(),
            topic,
            &lines(text),
            "a/some-file_name.txt",
            &mut Vec::new(),
        );
        assert_eq!(
            (title.text.as_str(), title.origin),
            (expected, origin),
            "{text}"
        );
    }

    #[test]
    fn an_h1_that_is_first_or_alone_is_the_title() {
        check("# A *b*\n\nc", None, "A b", FieldSource::Body);
        check("# A\n\nb\n\n# C", None, "A", FieldSource::Body);
        check("b.\n\n# A\n\nc", None, "A", FieldSource::Body);
        check(
            "Intro line here.\n\n# A\n\nb\n\n# C",
            None,
            "Intro line here",
            FieldSource::Derived,
        );
        check("## B\n\n# A\n\nc", None, "A", FieldSource::Body);
    }

    #[test]
    fn a_first_heading_of_any_level_is_the_title() {
        check("### A\n\nb", None, "A", FieldSource::Body);
        check("A\n---\nb", None, "A", FieldSource::Body);
    }

    #[test]
    fn a_short_first_line_is_the_title() {
        check("A short line\n\nb", None, "A short line", FieldSource::Body);
        check("**All bold.**\n\nb", None, "All bold.", FieldSource::Body);
        check("A sentence.\n\nb", None, "A sentence", FieldSource::Derived);
        check("A short line", None, "A short line", FieldSource::Derived);
        check("Two\nlines\n\nb.", None, "B", FieldSource::Derived);
        let long = "word ".repeat(17);
        check(&format!("{long}\n\nb."), None, "B", FieldSource::Derived);
    }

    #[test]
    fn the_topic_comes_before_a_sentence() {
        check(
            "Some text.\n\nb",
            Some("\"the Topic\""),
            "the Topic",
            FieldSource::Topic,
        );
        check("A title\n\nb", Some("topic"), "A title", FieldSource::Body);
    }

    #[test]
    fn a_long_sentence_is_cut_at_a_word() {
        check(
            "the quick brown fox jumps over the lazy dog, and then with the others it sleeps.",
            None,
            "The quick brown fox jumps over the lazy dog, and then",
            FieldSource::Derived,
        );
        check(
            &format!("{} b.", "a".repeat(70)),
            None,
            &format!("A{}", "a".repeat(59)),
            FieldSource::Derived,
        );
    }

    #[test]
    fn a_sentence_is_read_as_plain_text_once() {
        for (text, expected) in [
            (
                "Use `**a**` and `&amp;` well. B",
                "Use **a** and &amp; well",
            ),
            (
                "See [it][d] and [that][e]. B.\n\n[d]: https://a.example",
                "See it and [that][e]",
            ),
            (
                "“bees are small,” she said. B",
                "“Bees are small,” she said",
            ),
            ("3 bees came. B", "3 bees came"),
        ] {
            check(text, None, expected, FieldSource::Derived);
        }
    }

    #[test]
    fn the_file_name_is_the_last_resort() {
        check("- a\n- b", None, "Some file name", FieldSource::FileName);
    }

    #[test]
    fn repetitions_near_the_start_go() {
        let mut body = lines("a\n\n## The “Title”\n\n**the title**\n\nthe title\nb");
        let title = ChosenTitle::new("The Title".to_owned(), FieldSource::Header, None);
        remove_repeated_titles(&mut body, &title, &mut Vec::new());
        assert_eq!(join_lines(&body), "a\n\n\n\nthe title\nb");
    }

    #[test]
    fn later_repetitions_and_code_stay() {
        let text = format!("```\nx\n```\n{}x", "a\n\n".repeat(9));
        let mut body = lines(&text);
        let title = ChosenTitle::new("x".to_owned(), FieldSource::Header, None);
        remove_repeated_titles(&mut body, &title, &mut Vec::new());
        assert_eq!(join_lines(&body), text);
    }
}
