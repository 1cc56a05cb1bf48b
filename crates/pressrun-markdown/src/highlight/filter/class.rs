//! Reads classes of characters: `[a-z_]`, `\w`, `[[:alpha:]&&[^x]]`.

use super::parse::read_escaped_character;
use super::{AsciiSet, WORD};

/// Deeper classes are not read.
const MOST_DEPTH: usize = 10;

/// The characters of ASCII in a class, or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CharacterClass {
    pub(super) set: AsciiSet,
    /// Whether no other character of ASCII is in it.
    pub(super) is_exact: bool,
    /// Whether characters beyond ASCII are named in it.
    pub(super) has_others: bool,
    /// Whether it or a class in it says what it does not contain.
    pub(super) is_negated: bool,
}

impl CharacterClass {
    fn of_set(set: AsciiSet) -> Self {
        Self {
            set,
            is_exact: true,
            has_others: false,
            is_negated: false,
        }
    }

    const NONE: Self = Self {
        set: 0,
        is_exact: true,
        has_others: false,
        is_negated: false,
    };

    const UNKNOWN: Self = Self {
        set: !0,
        is_exact: false,
        has_others: true,
        is_negated: false,
    };

    fn negate(self) -> Self {
        Self {
            // What may be in it may also be out of it.
            set: if self.is_exact { !self.set } else { !0 },
            is_negated: true,
            ..self
        }
    }

    fn add(&mut self, other: Self) {
        self.set |= other.set;
        self.is_exact &= other.is_exact;
        self.has_others |= other.has_others;
        self.is_negated |= other.is_negated;
    }

    fn add_range(&mut self, first: char, last: char) -> Option<()> {
        if first > last {
            return None;
        }
        for code in u32::from(first)..=u32::from(last).min(127) {
            self.set |= 1 << code;
        }
        self.has_others |= !last.is_ascii();
        Some(())
    }
}

/// Reads the escape of a class after its backslash, if it is one.
pub(super) fn parse_escaped_class(rest: &mut &str) -> Option<CharacterClass> {
    let letter = rest.chars().next()?;
    let after = &rest[letter.len_utf8()..];
    let class = match letter.to_ascii_lowercase() {
        'w' => CharacterClass::of_set(WORD),
        'd' => select(|byte| byte.is_ascii_digit()),
        's' => select(|byte| matches!(byte, b'\t'..=b'\r' | b' ')),
        'h' => select(|byte| byte.is_ascii_hexdigit()),
        'p' => {
            let (name, after) = after.strip_prefix('{')?.split_once('}')?;
            *rest = after;
            let (name, is_negated) = match name.strip_prefix('^') {
                Some(name) => (name, true),
                None => (name, false),
            };
            let class = property_class(name);
            return Some(if is_negated == (letter == 'P') {
                class
            } else {
                class.negate()
            });
        }
        _ => return None,
    };
    *rest = after;
    Some(if letter.is_ascii_uppercase() {
        class.negate()
    } else {
        class
    })
}

fn select(is_in: impl Fn(u8) -> bool) -> CharacterClass {
    let bytes = (0..128).filter(|&byte| is_in(byte));
    CharacterClass::of_set(bytes.fold(0, |set, byte| set | 1 << byte))
}

/// Reads a class after its bracket.
pub(super) fn parse_class(rest: &mut &str) -> Option<CharacterClass> {
    read_class(rest, 0)
}

fn read_class(rest: &mut &str, depth: usize) -> Option<CharacterClass> {
    if depth > MOST_DEPTH {
        return None;
    }
    let is_negated = take_prefix(rest, "^");
    // A bracket right here is perhaps a character.
    if rest.starts_with(']') {
        return None;
    }
    let mut whole: Option<CharacterClass> = None;
    let mut part = CharacterClass::NONE;
    loop {
        if take_prefix(rest, "]") {
            break;
        }
        if take_prefix(rest, "&&") {
            whole = Some(intersect(whole, part));
            part = CharacterClass::NONE;
            continue;
        }
        match read_item(rest, depth)? {
            ClassItem::Class(class) => {
                part.add(class);
                // Only a character: a range cannot begin with a class.
                if rest.starts_with('-') && !rest.starts_with("-]") {
                    *rest = &rest[1..];
                    part.add(CharacterClass::of_set(1 << b'-'));
                }
            }
            ClassItem::Character(first) => read_range(rest, first, depth, &mut part)?,
        }
    }
    let class = intersect(whole, part);
    Some(if is_negated { class.negate() } else { class })
}

/// Adds a character, or the range that begins with it.
fn read_range(rest: &mut &str, first: char, depth: usize, part: &mut CharacterClass) -> Option<()> {
    if !rest.starts_with('-') || rest.starts_with("-]") {
        return part.add_range(first, first);
    }
    *rest = &rest[1..];
    if rest.starts_with(['-', '[']) || rest.starts_with("&&") {
        return None;
    }
    let ClassItem::Character(last) = read_item(rest, depth)? else {
        return None;
    };
    part.add_range(first, last)?;
    // `a-z-9`: a character, or again a range.
    if rest.starts_with('-') && !rest.starts_with("-]") {
        *rest = &rest[1..];
        part.add(CharacterClass::of_set(1 << b'-'));
    }
    Some(())
}

enum ClassItem {
    Character(char),
    Class(CharacterClass),
}

fn read_item(rest: &mut &str, depth: usize) -> Option<ClassItem> {
    if take_prefix(rest, "[:") {
        let (name, after) = rest.split_once(":]")?;
        *rest = after;
        return Some(ClassItem::Class(named_class(name)?));
    }
    if take_prefix(rest, "[") {
        return Some(ClassItem::Class(read_class(rest, depth + 1)?));
    }
    let character = take(rest)?;
    if character != '\\' {
        return Some(ClassItem::Character(character));
    }
    if let Some(class) = parse_escaped_class(rest) {
        return Some(ClassItem::Class(class));
    }
    let escaped = match take(rest)? {
        'b' => '\x08',
        first => read_escaped_character(first, rest)?,
    };
    Some(ClassItem::Character(escaped))
}

fn intersect(whole: Option<CharacterClass>, part: CharacterClass) -> CharacterClass {
    let Some(whole) = whole else {
        return part;
    };
    CharacterClass {
        set: whole.set & part.set,
        is_exact: whole.is_exact && part.is_exact,
        has_others: whole.has_others || part.has_others,
        is_negated: whole.is_negated || part.is_negated,
    }
}

/// Returns the class of a property of Unicode.
fn property_class(name: &str) -> CharacterClass {
    let class = match name {
        "L" | "Letter" | "Alpha" | "Alphabetic" => select(|byte| byte.is_ascii_alphabetic()),
        "Lu" | "Upper" | "Uppercase" => select(|byte| byte.is_ascii_uppercase()),
        "Ll" | "Lower" | "Lowercase" => select(|byte| byte.is_ascii_lowercase()),
        "N" | "Nd" | "Digit" => select(|byte| byte.is_ascii_digit()),
        "Alnum" => select(|byte| byte.is_ascii_alphanumeric()),
        "Lt" | "Lm" | "Lo" | "Nl" | "No" | "M" | "Mn" | "Mc" | "Me" | "Cf" => CharacterClass::NONE,
        "Pc" => CharacterClass::of_set(1 << b'_'),
        "Zs" => CharacterClass::of_set(1 << b' '),
        _ => CharacterClass::UNKNOWN,
    };
    CharacterClass {
        has_others: true,
        ..class
    }
}

/// Returns the class between `[:` and `:]`.
fn named_class(name: &str) -> Option<CharacterClass> {
    let (name, is_negated) = match name.strip_prefix('^') {
        Some(name) => (name, true),
        None => (name, false),
    };
    let class = match name {
        "alnum" => select(|byte| byte.is_ascii_alphanumeric()),
        "alpha" => select(|byte| byte.is_ascii_alphabetic()),
        "blank" => select(|byte| matches!(byte, b' ' | b'\t')),
        "digit" => select(|byte| byte.is_ascii_digit()),
        "lower" => select(|byte| byte.is_ascii_lowercase()),
        "space" => select(|byte| matches!(byte, b'\t'..=b'\r' | b' ')),
        "upper" => select(|byte| byte.is_ascii_uppercase()),
        "word" => CharacterClass::of_set(WORD),
        "xdigit" => select(|byte| byte.is_ascii_hexdigit()),
        "cntrl" => select(|byte| byte.is_ascii_control()),
        "graph" => select(|byte| byte.is_ascii_graphic()),
        "print" => select(|byte| byte.is_ascii_graphic() || byte == b' '),
        // Some versions of Oniguruma leave signs such as `+` out.
        "punct" => CharacterClass {
            is_exact: false,
            ..select(|byte| byte.is_ascii_punctuation())
        },
        "ascii" => CharacterClass::of_set(!0),
        _ => return None,
    };
    Some(if is_negated { class.negate() } else { class })
}

fn take(rest: &mut &str) -> Option<char> {
    let first = rest.chars().next()?;
    *rest = &rest[first.len_utf8()..];
    Some(first)
}

fn take_prefix(rest: &mut &str, prefix: &str) -> bool {
    let after = rest.strip_prefix(prefix);
    *rest = after.unwrap_or(rest);
    after.is_some()
}
