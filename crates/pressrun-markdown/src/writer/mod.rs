//! Writes the events of the Markdown parser as HTML, in one pass.
//!
//! What is not known in time is inserted afterwards: the id of a heading after its text, the levels
//! of headings and the footnotes at the end.

mod blocks;
mod code;
mod formulas;
mod images;
mod notes;
mod tables;
mod text;

use std::collections::HashSet;
use std::iter::Peekable;
use std::ops::Range;

use memchr::{memchr, memchr3, memmem};
use pressrun_text::visible::remove_hidden;
use pulldown_cmark::{Event, Options as Extensions, Parser, Tag, TagEnd};

use super::classes::{shows_extras, shows_formulas};
use super::footnotes::PageFootnotes;
use super::headings::{self, LevelDigit, PageIds};
use super::highlight::HighlightEffort;
use super::html::{OpenLiterals, RawHtmlState, element_ids, sanitize_page};
use super::lines::{BodyLineIndex, BodyPlace};
use super::links::{AddressKind, classify_destination};
use super::math::{FormulaRenderer, FoundDollars};
use super::source::{
    BodyEvents, PreparedSource, QuotedEvents, is_highlight, is_span, is_span_end, read_title_line,
};
use super::{
    BodyLink, DestinationKind, FaultyFormula, MarkedHtml, RawHtmlHandling, RenderOptions,
    RenderedBody, TocEntry, UnknownLanguage, escape, links,
};
use blocks::{OpenHeading, OpenQuote};
use code::DIAGRAM_START;
use notes::OpenNote;
use tables::TableState;

pub(super) use tables::{TABLE_FRAME_END, push_table_frame};

/// Greatest nesting depth of a page that is sanitised: the time of the sanitiser's parser grows
/// with depth times size.
const MAX_SANITISED_DEPTH: usize = 200;

/// Why a body has to be rendered again.
pub(super) enum RenderAgain {
    /// These dollars do not belong to formulas; byte offsets in order.
    Money(Vec<usize>),
    /// The body is nested too deeply to sanitise HTML in it.
    Unsafe,
}

/// What the dollars of a body mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DollarReading {
    /// Formulas. If some turn out to be amounts of money, the body is parsed again.
    Formulas,
    /// Formulas, and text where they turn out to be amounts.
    Last,
    /// Nothing.
    Text,
}

/// The state of a page while it is written.
pub(super) struct HtmlWriter<'a> {
    pub(super) options: RenderOptions,
    source: &'a str,
    events: Peekable<QuotedEvents<'a>>,
    pub(super) html: String,
    pub(super) lines: BodyLineIndex<'a>,
    pub(super) ids: PageIds,
    /// The levels of headings in `html`.
    pub(super) levels: Vec<LevelDigit>,
    pub(super) toc: Vec<TocEntry>,
    pub(super) heading: Option<OpenHeading<'a>>,
    pub(super) footnotes: PageFootnotes,
    open_notes: Vec<OpenNote>,
    table: TableState,
    open_quotes: Vec<OpenQuote>,
    /// For each open strikethrough, whether it is marked text.
    highlights: Vec<bool>,
    pub(super) raw: RawHtmlState,
    literals: OpenLiterals,
    /// How many Markdown blocks and spans are open now, and were open at most.
    pub(super) depth: usize,
    deepest: usize,
    /// Whether an `<a>` is open.
    pub(super) in_link: bool,
    /// Where the last paragraph and the last list item begin in `html`.
    paragraph_at: usize,
    item_at: usize,
    /// Depth of the open paragraph, counting itself.
    pub(super) paragraph_depth: Option<usize>,
    /// Whether the open paragraph became a figure.
    is_figure: bool,
    extensions: Extensions,
    /// Whether the body contains addresses that may be bare in its text.
    bare_links: bool,
    /// Template code of other programs in the body, which keeps its quotes.
    templates: Vec<Range<usize>>,
    dollars: FoundDollars,
    dollar_reading: DollarReading,
    formulas: FormulaRenderer,
    /// The `MathML` of the formulas so far.
    rendered_formulas: Vec<String>,
    faulty_formulas: Vec<FaultyFormula>,
    pub(super) links: Vec<BodyLink>,
    /// The numbers of the links of pictures without a text.
    pub(super) undescribed_pictures: Vec<u32>,
    /// What is shown for pictures and links that may lead to nothing, each with its number.
    optional: Vec<(usize, String)>,
    effort: HighlightEffort,
    unknown_languages: Vec<UnknownLanguage>,
    unhighlighted_blocks: Vec<u32>,
}

impl<'a> HtmlWriter<'a> {
    pub(super) fn new(
        prepared: &'a PreparedSource<'_>,
        options: &RenderOptions,
        dollar_reading: DollarReading,
    ) -> Self {
        let source = &*prepared.text;
        let with_math = dollar_reading != DollarReading::Text;
        let extensions = parser_extensions(prepared, options, with_math);
        let parser = Parser::new_ext(source, extensions);
        let events = BodyEvents::new(parser.into_offset_iter(), prepared.has_marks);
        Self {
            options: options.clone(),
            source,
            events: QuotedEvents::new(events, source, options.chosen_marks()).peekable(),
            html: String::with_capacity(source.len() + source.len() / 3),
            lines: BodyLineIndex::new(source),
            ids: reserve_heading_ids(source, extensions),
            levels: Vec::new(),
            toc: Vec::new(),
            heading: None,
            footnotes: PageFootnotes::default(),
            open_notes: Vec::new(),
            table: TableState::default(),
            open_quotes: Vec::new(),
            highlights: Vec::new(),
            raw: RawHtmlState::default(),
            literals: OpenLiterals::default(),
            depth: 0,
            deepest: 0,
            in_link: false,
            paragraph_at: 0,
            item_at: 0,
            paragraph_depth: None,
            is_figure: false,
            extensions,
            bare_links: memmem::find(source.as_bytes(), b"://").is_some(),
            templates: text::find_template_code(source, options),
            dollars: FoundDollars::default(),
            dollar_reading,
            formulas: FormulaRenderer::default(),
            rendered_formulas: Vec::new(),
            faulty_formulas: Vec::new(),
            links: Vec::new(),
            optional: Vec::new(),
            undescribed_pictures: Vec::new(),
            effort: HighlightEffort::default(),
            unknown_languages: Vec::new(),
            unhighlighted_blocks: Vec::new(),
        }
    }

    /// Writes the whole page, and makes it safe.
    pub(super) fn run(mut self) -> Result<RenderedBody, RenderAgain> {
        self.write_page()?;
        let has_dropped = self.footnotes.has_dropped;
        self.write_footnotes();
        self.into_rendered(has_dropped)
    }

    /// Writes everything except the footnotes.
    pub(super) fn write_page(&mut self) -> Result<(), RenderAgain> {
        while let Some((event, range)) = self.events.next() {
            self.event(event, range);
        }
        // The parser has taken money for formulas, so everything after it may be wrong.
        let found = std::mem::take(&mut self.dollars);
        let is_settled = self.dollar_reading == DollarReading::Last && found.has_formula();
        let dollars = found.into_text_dollars();
        if !dollars.is_empty() && !is_settled {
            return Err(RenderAgain::Money(dollars));
        }
        // The author may have left elements open; footnotes must not end up inside them.
        self.raw.open.close_all_at(&mut self.html, 0);
        self.drop_hidden_content();
        if self.raw.used && self.deepest > MAX_SANITISED_DEPTH {
            return Err(RenderAgain::Unsafe);
        }
        Ok(())
    }

    fn into_rendered(mut self, has_dropped: bool) -> Result<RenderedBody, RenderAgain> {
        // The levels in the table of contents shift like those of the headings themselves.
        if let Some(shallowest) = self.levels.iter().map(|digit| digit.level).min() {
            for entry in &mut self.toc {
                entry.level = headings::shift_level(entry.level, shallowest);
            }
        }
        let mut html = headings::write_levels(self.html, &self.levels);
        if self.raw.used {
            html = sanitize_page(&html).ok_or(RenderAgain::Unsafe)?;
        }
        if may_bring_hidden(self.source) {
            html = remove_hidden(html.into()).into_owned();
        }
        let (html, places) = links::take_marks(html, self.links.len(), &mut self.rendered_formulas);
        let optional = links::find_optional_elements(&html, &places, self.optional);
        let pictures = links::find_picture_tags(&html, &places, &self.links);
        let mut undescribed_pictures = self.undescribed_pictures;
        // The sanitiser may have removed some, and a hidden element may have contained some.
        let shown: HashSet<u32> = pictures.iter().map(|picture| picture.link).collect();
        undescribed_pictures.retain(|link| shown.contains(link));
        // The sanitiser may have removed elements with ids, and trusted HTML may contain others.
        let others_decide = has_dropped
            || self.raw.has_dropped
            || self.raw.used
            || self.options.raw_html == RawHtmlHandling::Allow;
        let ids = if others_decide {
            element_ids(&html)
        } else {
            self.ids.into_vec()
        };
        let has_diagrams = self.options.diagrams && html.contains(DIAGRAM_START);
        // Rare elements come from HTML, from pictures, and from what is struck through or marked.
        let may_be_rare = memchr3(b'<', b'!', b'~', self.source.as_bytes()).is_some();
        let has_extras = !self.options.feed && shows_extras(&html, may_be_rare);
        let has_formulas = !self.options.feed && shows_formulas(&html);
        Ok(RenderedBody {
            html: MarkedHtml {
                html,
                places,
                optional,
                pictures,
            },
            toc: self.toc,
            ids,
            links: self.links,
            undescribed_pictures,
            unknown_languages: self.unknown_languages,
            unhighlighted_blocks: self.unhighlighted_blocks,
            faulty_formulas: self.faulty_formulas,
            raw_html_escaped: false,
            has_extras,
            has_formulas,
            has_diagrams,
        })
    }

    fn event(&mut self, event: Event<'a>, range: Range<usize>) {
        if !self.raw.open.is_empty() {
            self.make_room(&event);
            self.drop_hidden_content();
        }
        match event {
            Event::Start(tag) => self.start(tag, range),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.text(&text, range),
            Event::Code(code) => self.inline_code(&code),
            Event::InlineMath(formula) => self.inline_math(&formula, range),
            Event::DisplayMath(formula) => self.display_math(&formula, range),
            Event::Html(html) => self.html_block(&html, range.start),
            Event::InlineHtml(html) => {
                self.literals.follow(&html, self.depth);
                self.inline_html(&html, range.start);
            }
            Event::FootnoteReference(label) => self.footnote_reference(&label),
            Event::SoftBreak => self.soft_break(range),
            Event::HardBreak => self.line_break("<br>\n"),
            Event::Rule => self.html.push_str("<hr>\n"),
            Event::TaskListMarker(done) => self.task_marker(done),
        }
        self.drop_hidden_content();
    }

    /// Closes elements of the author's HTML that cannot contain this event.
    fn make_room(&mut self, event: &Event<'_>) {
        let is_block = match event {
            Event::End(_)
            | Event::SoftBreak
            | Event::Html(_)
            | Event::InlineHtml(_)
            | Event::Start(Tag::HtmlBlock | Tag::FootnoteDefinition(_)) => return,
            Event::Start(tag) => !is_span(tag),
            Event::Rule => true,
            // Text and other inline content.
            _ => false,
        };
        if is_block {
            self.raw.open.end_link(&mut self.html, self.depth);
            self.raw.open.end_player(&mut self.html, self.depth);
        }
        self.raw
            .open
            .before_content(&mut self.html, self.depth, is_block);
    }

    fn start(&mut self, tag: Tag<'a>, range: Range<usize>) {
        match tag {
            // These read their events up to their end themselves.
            Tag::HtmlBlock => return self.whole_html_block(range),
            Tag::CodeBlock(kind) => return self.code_block(&kind, range),
            Tag::Image {
                dest_url, title, ..
            } => return self.image(&dest_url, &title, range),
            _ => {}
        }
        if !is_span(&tag) {
            self.end_hidden();
        }
        self.depth += 1;
        self.deepest = self.deepest.max(self.depth);
        match tag {
            Tag::Paragraph => self.start_paragraph(),
            Tag::Heading {
                level, id, classes, ..
            } => {
                if read_title_line(&self.source[range.clone()]).is_some() {
                    return self.start_box_title();
                }
                self.start_heading(level, id.as_deref(), &classes, range);
            }
            Tag::BlockQuote(kind) => self.start_quote(kind),
            Tag::List(start) => self.start_list(start),
            Tag::Item => self.start_item(),
            Tag::FootnoteDefinition(label) => self.start_note(&label),
            Tag::DefinitionList => self.html.push_str("<dl>\n"),
            Tag::DefinitionListTitle => self.html.push_str("<dt>"),
            Tag::DefinitionListDefinition => self.html.push_str("<dd>"),
            Tag::Table(alignments) => self.start_table(alignments),
            Tag::TableHead => self.start_table_head(),
            Tag::TableRow => self.start_table_row(),
            Tag::TableCell => self.start_table_cell(),
            Tag::Link {
                link_type,
                dest_url,
                title,
                ..
            } => {
                self.start_link(link_type, &dest_url, &title, range);
            }
            Tag::Emphasis => self.html.push_str("<em>"),
            Tag::Strong => self.html.push_str("<strong>"),
            Tag::Strikethrough => {
                let is_marked = is_highlight(&self.source[range]);
                self.highlights.push(is_marked);
                self.html
                    .push_str(if is_marked { "<mark>" } else { "<del>" });
            }
            // Extensions that are not enabled, and tags that were handled above.
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        if !self.raw.open.is_empty() {
            self.raw.open.close_all_at(&mut self.html, self.depth);
            self.drop_hidden_content();
        }
        // Not earlier: the depth of the author's elements inside this block includes it.
        self.depth -= 1;
        self.literals.end_deeper(self.depth);
        if is_span_end(tag) {
            self.end_hidden_with_span();
        } else {
            self.end_hidden();
        }
        match tag {
            TagEnd::Paragraph => self.end_paragraph(),
            TagEnd::Heading(level) => self.end_heading(level),
            TagEnd::BlockQuote(_) => self.end_quote(),
            TagEnd::List(true) => self.html.push_str("</ol>\n"),
            TagEnd::List(false) => self.html.push_str("</ul>\n"),
            TagEnd::Item => self.end_item(),
            TagEnd::FootnoteDefinition => self.end_note(),
            TagEnd::DefinitionList => self.html.push_str("</dl>\n"),
            TagEnd::DefinitionListTitle => self.html.push_str("</dt>\n"),
            TagEnd::DefinitionListDefinition => self.html.push_str("</dd>\n"),
            TagEnd::Table => self.end_table(),
            TagEnd::TableHead => self.html.push_str("</tr>\n</thead>\n"),
            TagEnd::TableRow => self.html.push_str("</tr>\n"),
            TagEnd::TableCell => self.end_table_cell(),
            TagEnd::Link => self.end_link(),
            TagEnd::Emphasis => self.html.push_str("</em>"),
            TagEnd::Strong => self.html.push_str("</strong>"),
            TagEnd::Strikethrough => {
                let is_marked = self.highlights.pop() == Some(true);
                self.html
                    .push_str(if is_marked { "</mark>" } else { "</del>" });
            }
            _ => {}
        }
    }

    /// Returns whether the HTML is for a feed, whose readers have neither the site's style sheet
    /// nor its ids.
    fn is_feed(&self) -> bool {
        self.options.feed
    }

    fn whole_html_block(&mut self, range: Range<usize>) {
        let mut html = String::new();
        for (event, _) in self.events.by_ref() {
            match event {
                Event::Html(part) | Event::Text(part) => html.push_str(&part),
                _ => break,
            }
        }
        self.literals.follow(&html, self.depth);
        self.html_block(&html, range.start);
    }

    /// Returns what to print for a destination, or `None` if it is not safe.
    pub(super) fn destination<'d>(
        &mut self,
        destination: &'d str,
        kind: DestinationKind,
        place: BodyPlace,
    ) -> Option<PrintedDestination<'d>> {
        match classify_destination(destination, kind) {
            AddressKind::Unsafe => None,
            AddressKind::Contact => Some(PrintedDestination::Final(destination)),
            AddressKind::Internal | AddressKind::External => {
                let number = self.links.len();
                self.links.push(BodyLink {
                    target: destination.to_owned(),
                    body_line: self.lines.line_of(place),
                    kind,
                });
                Some(PrintedDestination::Marked(number))
            }
        }
    }

    /// Writes a destination into an attribute in double quotes.
    pub(super) fn push_address(&mut self, destination: &PrintedDestination<'_>) {
        match destination {
            PrintedDestination::Final(address) => escape::escape_address(&mut self.html, address),
            PrintedDestination::Marked(number) => links::write_link_marker(&mut self.html, *number),
        }
    }
}

/// What to print for a destination.
pub(super) enum PrintedDestination<'d> {
    /// The destination itself.
    Final(&'d str),
    /// The marker of the link with this number.
    Marked(usize),
}

/// Returns whether the HTML of a body may contain characters that [`remove_hidden`] removes. Reading
/// a file leaves only overrides of direction, and those only beside right-to-left letters. A byte order
/// mark is a mark of a file, which the sanitiser drops too where it comes first.
fn may_bring_hidden(source: &str) -> bool {
    let has = |needle: &str| memmem::find(source.as_bytes(), needle.as_bytes()).is_some();
    memchr(b'&', source.as_bytes()).is_some()
        || (!source.is_ascii() && (has("\u{202D}") || has("\u{202E}") || has("\u{FEFF}")))
}

fn parser_extensions(
    prepared: &PreparedSource<'_>,
    options: &RenderOptions,
    with_math: bool,
) -> Extensions {
    let source = &*prepared.text;
    let mut extensions = Extensions::ENABLE_TABLES
        | Extensions::ENABLE_FOOTNOTES
        | Extensions::ENABLE_STRIKETHROUGH
        | Extensions::ENABLE_TASKLISTS
        | Extensions::ENABLE_GFM;
    // Extensions that a body cannot use are not enabled, which makes parsing faster.
    let has = |needle: &str| memmem::find(source.as_bytes(), needle.as_bytes()).is_some();
    extensions.set(Extensions::ENABLE_DEFINITION_LIST, prepared.has_definitions);
    // If the body contains no id and no class, braces after a heading are text.
    let has_braces = memchr(b'{', source.as_bytes()).is_some();
    extensions.set(
        Extensions::ENABLE_HEADING_ATTRIBUTES,
        has_braces && (has("{#") || has("{.")),
    );
    extensions.set(
        Extensions::ENABLE_SMART_PUNCTUATION,
        options.smart_punctuation,
    );
    let has_dollars = memchr(b'$', source.as_bytes()).is_some();
    extensions.set(Extensions::ENABLE_MATH, with_math && has_dollars);
    extensions
}

/// Reserves the ids that headings ask for by name, so that no earlier heading takes one.
fn reserve_heading_ids(source: &str, extensions: Extensions) -> PageIds {
    let mut ids = PageIds::default();
    if !extensions.contains(Extensions::ENABLE_HEADING_ATTRIBUTES) {
        return ids;
    }
    for event in Parser::new_ext(source, extensions) {
        if let Event::Start(Tag::Heading { id: Some(id), .. }) = event
            && headings::is_valid_id(&id)
        {
            ids.reserve(id.into_string());
        }
    }
    ids
}
