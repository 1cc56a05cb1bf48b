//! Finds which quotation marks of a paragraph belong together, and which are apostrophes.
//!
//! A mark opens if text follows it and none is before it, and closes if it is the other way round.
//! Between signs, and between letters of scripts without spaces, it may do both: it closes if
//! something is open. What is open is on a stack, so that each mark is looked at once.

use std::ops::Range;

use pressrun_text::characters::{is_mark as is_combining, is_unspaced};
use pressrun_text::quotation::QuotationMarks;

use super::super::marks::is_mark;

const APOSTROPHE: &str = "’";

/// A quotation mark of the run.
#[derive(Debug, Clone, Copy)]
struct FoundMark {
    /// The number of its event, if it is a straight mark.
    event: Option<usize>,
    /// The mark as it is written.
    written: char,
    role: MarkRole,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MarkRole {
    /// Opens a quotation; with the mark that closes it, if there is one.
    Opens(Option<usize>),
    /// Closes what the other mark opened, if there is one.
    Closes(Option<usize>),
    /// An apostrophe.
    Apostrophe,
    /// A sign of inches or feet, or part of a word.
    Stays,
}

/// A mark on the stack.
#[derive(Debug, Clone, Copy)]
enum OpenMark {
    Single(usize),
    Double {
        mark: usize,
        /// A mark behind a digit, which closes the quotation unless another one does: in
        /// `"a 27" screen"` it means inches.
        behind_digit: Option<usize>,
        /// Whether it stands between letters, and opens only if another mark closes it.
        in_word: bool,
    },
    /// Where an image begins. Its text is apart from what is around it.
    Image {
        open_doubles: usize,
    },
}

/// The quotation marks of a run, in order.
#[derive(Debug)]
pub(super) struct QuotePairs<'s> {
    source: &'s str,
    marks: &'s QuotationMarks,
    found: Vec<FoundMark>,
    open: Vec<OpenMark>,
    /// How many double marks are open in this run or image.
    open_doubles: usize,
}

impl<'s> QuotePairs<'s> {
    pub(super) fn new(source: &'s str, marks: &'s QuotationMarks) -> Self {
        Self {
            source,
            marks,
            found: Vec::new(),
            open: Vec::new(),
            open_doubles: 0,
        }
    }

    pub(super) fn start_image(&mut self) {
        let open_doubles = std::mem::take(&mut self.open_doubles);
        self.open.push(OpenMark::Image { open_doubles });
    }

    pub(super) fn end_image(&mut self) {
        while let Some(open) = self.open.pop() {
            if let OpenMark::Image { open_doubles } = open {
                self.open_doubles = open_doubles;
                return;
            }
            self.end_open(open);
        }
    }

    /// Adds the straight mark at an offset, which is the text of an event.
    pub(super) fn add_straight(&mut self, event: usize, written: char, at: usize) {
        let place = MarkPlace::find(self.source, at, written);
        if written == '"' {
            self.add_double(Some(event), written, &place);
        } else {
            self.add_single(event, &place);
        }
    }

    /// Adds the marks that the author typed in a part of the source. They never change, but a
    /// straight one may belong to one of them.
    pub(super) fn add_typed(&mut self, range: Range<usize>) {
        let text = &self.source[range.clone()];
        if text.is_ascii() {
            return;
        }
        for (offset, c) in text.char_indices() {
            if !matches!(c, '„' | '“' | '”' | '«' | '»' | '‚' | '‘' | '’' | '‹' | '›')
            {
                continue;
            }
            let place = MarkPlace::find(self.source, range.start + offset, c);
            match c {
                '„' | '“' | '”' | '«' | '»' => self.add_double(None, c, &place),
                '‚' | '‘' | '‹' if place.opens() => {
                    let mark = self.push_found(None, c, MarkRole::Opens(None));
                    self.open.push(OpenMark::Single(mark));
                }
                _ if place.closes() => self.close_typed_single(c),
                _ => {}
            }
        }
    }

    fn push_found(&mut self, event: Option<usize>, written: char, role: MarkRole) -> usize {
        self.found.push(FoundMark {
            event,
            written,
            role,
        });
        self.found.len() - 1
    }

    fn add_double(&mut self, event: Option<usize>, written: char, place: &MarkPlace<'_>) {
        let (mut opens, mut closes) = (place.opens(), place.closes());
        let mut in_word = false;
        if event.is_none() && !opens && !closes {
            // Between spaces, as in French, the mark itself shows what it does.
            opens = matches!(written, '„' | '«');
            closes = matches!(written, '”' | '»');
        } else if event.is_none() && opens && closes {
            // Between letters without spaces, the language shows it.
            let [opening, closing] = self.marks.double.map(|mark| mark.contains(written));
            (opens, closes) = (opening || !closing, closing || !opening);
        } else if place.is_in_word() {
            if self.is_in_hebrew(place) {
                self.push_found(event, written, MarkRole::Stays);
                return;
            }
            // An ending stands behind the mark, or a prefix before it.
            (opens, closes, in_word) = (true, true, true);
        }
        let is_inches = event.is_some() && place.is_behind_digit();
        if closes && self.open_doubles > 0 {
            self.close_double(event, written, is_inches);
        } else if opens {
            self.end_weak_double();
            let mark = self.push_found(event, written, MarkRole::Opens(None));
            self.open.push(OpenMark::Double {
                mark,
                behind_digit: None,
                in_word,
            });
            self.open_doubles += 1;
        } else if closes && !is_inches && !self.is_in_hebrew(place) {
            // What it closes began in an earlier paragraph.
            self.push_found(event, written, MarkRole::Closes(None));
        } else {
            self.push_found(event, written, MarkRole::Stays);
        }
    }

    /// Closes the innermost double mark. Single marks that are open in it are apostrophes.
    fn close_double(&mut self, event: Option<usize>, written: char, is_inches: bool) {
        let closer = self.push_found(event, written, MarkRole::Stays);
        while let Some(open) = self.open.last_mut() {
            match open {
                OpenMark::Double { behind_digit, .. } if is_inches => {
                    behind_digit.get_or_insert(closer);
                    return;
                }
                &mut OpenMark::Double { mark, .. } => {
                    self.open.pop();
                    self.open_doubles -= 1;
                    self.pair(mark, closer);
                    return;
                }
                &mut single => {
                    self.open.pop();
                    self.end_open(single);
                }
            }
        }
    }

    /// Ends the innermost double mark if a mark behind a digit closes it.
    fn end_weak_double(&mut self) {
        if let Some(&open) = self.open.last()
            && let OpenMark::Double {
                behind_digit: Some(_),
                ..
            } = open
        {
            self.open.pop();
            self.open_doubles -= 1;
            self.end_open(open);
        }
    }

    fn add_single(&mut self, event: usize, place: &MarkPlace<'_>) {
        let role = self.choose_single(place);
        let mark = self.push_found(Some(event), '\'', role);
        match role {
            MarkRole::Opens(_) => self.open.push(OpenMark::Single(mark)),
            MarkRole::Closes(Some(opener)) => {
                self.open.pop();
                self.pair(opener, mark);
            }
            _ => {}
        }
    }

    /// Returns what a straight single mark is: what closes has a partner.
    fn choose_single(&self, place: &MarkPlace<'_>) -> MarkRole {
        let stays = self.is_in_hebrew(place)
            || (place.is_behind_digit() && (!place.is_in_word() || place.is_before_digit()));
        if place.is_in_word() {
            return if stays {
                MarkRole::Stays
            } else {
                MarkRole::Apostrophe
            };
        }
        if place.is_elision() || place.is_clipped_word(self.marks.clipped_words) {
            return MarkRole::Apostrophe;
        }
        match self.open.last() {
            Some(&OpenMark::Single(opener)) if place.closes() => MarkRole::Closes(Some(opener)),
            _ if place.opens() && !place.is_behind_closed() => MarkRole::Opens(None),
            _ if stays => MarkRole::Stays,
            _ => MarkRole::Apostrophe,
        }
    }

    /// Closes the innermost single mark, if it is one that the author typed.
    fn close_typed_single(&mut self, written: char) {
        if let Some(&OpenMark::Single(opener)) = self.open.last()
            && self.found[opener].event.is_none()
        {
            self.open.pop();
            let closer = self.push_found(None, written, MarkRole::Stays);
            self.pair(opener, closer);
        }
    }

    /// Returns whether a mark belongs to the Hebrew word before it, and the text is Hebrew.
    fn is_in_hebrew(&self, place: &MarkPlace<'_>) -> bool {
        self.marks.in_words
            && matches!(
                place.before,
                Neighbour::Word('\u{0590}'..='\u{05FF}' | '\u{FB1D}'..='\u{FB4F}')
            )
    }

    fn pair(&mut self, opener: usize, closer: usize) {
        self.found[opener].role = MarkRole::Opens(Some(closer));
        self.found[closer].role = MarkRole::Closes(Some(opener));
    }

    /// Decides about a mark that nothing has closed.
    fn end_open(&mut self, open: OpenMark) {
        match open {
            OpenMark::Single(mark) => self.found[mark].role = MarkRole::Apostrophe,
            OpenMark::Double {
                mark,
                behind_digit: Some(closer),
                ..
            } => self.pair(mark, closer),
            OpenMark::Double {
                mark,
                in_word: true,
                ..
            } => self.found[mark].role = MarkRole::Stays,
            OpenMark::Double { .. } | OpenMark::Image { .. } => {}
        }
    }

    /// Returns the form of each straight mark, with the number of its event.
    pub(super) fn into_marks(mut self) -> Vec<(usize, &'static str)> {
        while let Some(open) = self.open.pop() {
            self.end_open(open);
        }
        let mut depth = 0_usize;
        let mut forms = Vec::with_capacity(self.found.len());
        for (number, mark) in self.found.iter().enumerate() {
            let is_double = !is_single(mark.written);
            if is_double && matches!(mark.role, MarkRole::Closes(Some(_))) {
                depth = depth.saturating_sub(1);
            }
            // A quotation inside another has the other marks.
            let own = if is_double && depth.is_multiple_of(2) {
                &self.marks.double
            } else {
                &self.marks.single
            };
            if is_double && matches!(mark.role, MarkRole::Opens(Some(_))) {
                depth += 1;
            }
            if let Some(event) = mark.event {
                forms.push((event, self.form_of(number, own)));
            }
        }
        forms
    }

    fn form_of(&self, number: usize, own: &[&'static str; 2]) -> &'static str {
        let mark = &self.found[number];
        let typed = |partner: Option<usize>| {
            let partner = self.found[partner?];
            partner.event.is_none().then_some(partner.written)
        };
        match mark.role {
            MarkRole::Opens(closer) => match typed(closer) {
                Some(closer) => self.partner_of(closer, [1, 0], OPENERS),
                None => own[0],
            },
            MarkRole::Closes(opener) => match typed(opener) {
                Some(opener) => self.partner_of(opener, [0, 1], CLOSERS),
                None => own[1],
            },
            MarkRole::Apostrophe => APOSTROPHE,
            MarkRole::Stays if is_single(mark.written) => "'",
            MarkRole::Stays => "\"",
        }
    }

    /// Returns what belongs to a mark that the author typed: what the language has, if it has the
    /// mark, and otherwise what usually does.
    fn partner_of(
        &self,
        typed: char,
        [from, to]: [usize; 2],
        usual: &[(char, &'static str)],
    ) -> &'static str {
        let own = [&self.marks.double, &self.marks.single];
        own.into_iter()
            .find(|pair| pair[from].trim() == typed.encode_utf8(&mut [0; 4]))
            .map(|pair| pair[to])
            .or_else(|| {
                usual
                    .iter()
                    .find(|(mark, _)| *mark == typed)
                    .map(|(_, to)| *to)
            })
            .unwrap_or(self.marks.double[to])
    }
}

/// What usually closes a mark.
const CLOSERS: &[(char, &str)] = &[
    ('„', "“"),
    ('“', "”"),
    ('”', "”"),
    ('«', "»"),
    ('»', "«"),
    ('‚', "‘"),
    ('‘', "’"),
    ('‹', "›"),
];

/// What usually opens before a mark.
const OPENERS: &[(char, &str)] = &[('“', "„"), ('”', "“"), ('»', "«"), ('«', "»")];

fn is_single(mark: char) -> bool {
    matches!(mark, '\'' | '‚' | '‘' | '’' | '‹' | '›')
}

/// What stands beside a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Neighbour {
    /// White space, or the edge of the text.
    Space,
    /// A letter or digit of a script with spaces between words.
    Word(char),
    /// A letter of a script without, or of Korean, whose endings follow a mark at once.
    Unspaced,
    Sign(char),
}

impl Neighbour {
    fn of(c: Option<char>) -> Self {
        match c {
            None => Self::Space,
            Some(c) if c.is_whitespace() => Self::Space,
            Some(c) if is_unspaced(c) || is_hangul(c) => {
                if c.is_alphanumeric() || is_combining(c) {
                    Self::Unspaced
                } else {
                    Self::Sign(c)
                }
            }
            Some(c) if c.is_alphanumeric() || is_combining(c) => Self::Word(c),
            Some(c) => Self::Sign(c),
        }
    }

    fn is_digit(self) -> bool {
        matches!(self, Self::Word(c) if c.is_ascii_digit())
    }
}

fn is_hangul(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11FF}' | '\u{3130}'..='\u{318F}' | '\u{AC00}'..='\u{D7FF}')
}

/// A mark with what is around it.
struct MarkPlace<'s> {
    source_before: &'s str,
    source_after: &'s str,
    before: Neighbour,
    after: Neighbour,
}

impl<'s> MarkPlace<'s> {
    fn find(source: &'s str, at: usize, mark: char) -> Self {
        let source_before = &source[..at];
        let source_after = &source[at + mark.len_utf8()..];
        let before = source_before.chars().rev().find(|&c| !is_mark(c));
        let after = source_after.chars().find(|&c| !is_mark(c));
        Self {
            source_before,
            source_after,
            before: Neighbour::of(before),
            after: Neighbour::of(after),
        }
    }

    fn opens(&self) -> bool {
        self.after != Neighbour::Space && !matches!(self.before, Neighbour::Word(_))
    }

    fn closes(&self) -> bool {
        self.before != Neighbour::Space && !matches!(self.after, Neighbour::Word(_))
    }

    fn is_in_word(&self) -> bool {
        matches!(
            (self.before, self.after),
            (Neighbour::Word(_), Neighbour::Word(_))
        )
    }

    fn is_behind_digit(&self) -> bool {
        self.before.is_digit()
    }

    fn is_before_digit(&self) -> bool {
        self.after.is_digit()
    }

    fn is_behind_letter(&self) -> bool {
        matches!(self.before, Neighbour::Word(c) if !c.is_ascii_digit())
    }

    /// Returns whether a letter is before the mark, and signs and then a letter behind it, as in
    /// `l'*Odyssée*` and `l'"ami"`.
    fn is_elision(&self) -> bool {
        let is_opening = |c: &char| {
            matches!(c, '*' | '_' | '[' | '"' | '«' | '“' | '„' | '\u{202f}') || is_mark(*c)
        };
        let mut after = self.source_after.chars().take(MAX_SIGNS);
        self.is_behind_letter()
            && after
                .find(|c| !is_opening(c))
                .is_some_and(char::is_alphanumeric)
    }

    /// Returns whether a letter stands alone behind or between apostrophes (`'t`, `rock 'n' roll`),
    /// or the mark stands for the century of a year (`'90s`).
    fn is_clipped_word(&self, words: &str) -> bool {
        let mut after = self.source_after.chars();
        let next = [after.next(), after.next(), after.next()];
        if matches!(self.before, Neighbour::Word(_) | Neighbour::Unspaced) {
            // The second mark of `'n'`.
            let mut before = self.source_before.chars().rev();
            return matches!(before.next(), Some('n' | 'N'))
                && before.next() == Some('\'')
                && Neighbour::of(before.next()) == Neighbour::Space
                && self.after == Neighbour::Space;
        }
        match next {
            [Some('n' | 'N'), Some('\''), third] => {
                self.before == Neighbour::Space && Neighbour::of(third) == Neighbour::Space
            }
            [Some(first), second, _]
                if words.contains(first.to_ascii_lowercase())
                    && Neighbour::of(second) == Neighbour::Space =>
            {
                true
            }
            [Some(tens), Some(ones), Some(third)] => {
                tens.is_ascii_digit() && ones.is_ascii_digit() && third.is_alphabetic()
            }
            _ => false,
        }
    }

    /// Returns whether code or a bracket ends right before the mark. A word that goes on there
    /// begins with an apostrophe.
    fn is_behind_closed(&self) -> bool {
        matches!(self.before, Neighbour::Sign('`' | ')' | ']'))
            && matches!(self.after, Neighbour::Word(_))
    }
}

/// How many signs behind a mark are looked at.
const MAX_SIGNS: usize = 8;
