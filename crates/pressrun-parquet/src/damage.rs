//! What can be wrong with a Parquet file, in words.

use std::io;

use parquet::errors::ParquetError;

/// Why a file, or some rows of it, cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParquetDamage {
    /// What is wrong, without a full stop.
    pub reason: String,
    /// What the user can do.
    pub help: &'static str,
}

const MAKE_ANEW: &str = "make the file anew, or save its rows as JSON Lines";

pub(crate) fn not_parquet() -> ParquetDamage {
    ParquetDamage {
        reason: "the file is not Parquet: it does not begin and end with the mark `PAR1`"
            .to_owned(),
        help: "give the file the ending of what it is, such as `.jsonl`",
    }
}

pub(crate) fn cut_off() -> ParquetDamage {
    ParquetDamage {
        reason: "the file is cut off: its footer is missing".to_owned(),
        help: "copy or download it once more",
    }
}

pub(crate) fn encrypted() -> ParquetDamage {
    ParquetDamage {
        reason: "the file is encrypted".to_owned(),
        help: "save its rows without encryption",
    }
}

pub(crate) fn unreadable(error: io::Error) -> ParquetDamage {
    damaged(error.to_string())
}

pub(crate) fn damaged(reason: impl Into<String>) -> ParquetDamage {
    ParquetDamage {
        reason: reason.into(),
        help: MAKE_ANEW,
    }
}

/// Puts an error of the `parquet` crate into words.
pub(crate) fn faulty(error: &ParquetError) -> ParquetDamage {
    let text = match error {
        ParquetError::General(text) | ParquetError::NYI(text) | ParquetError::EOF(text) => {
            text.clone()
        }
        ParquetError::External(cause) => cause.to_string(),
        other => other.to_string(),
    };
    let line: Vec<&str> = text.split_whitespace().collect();
    let mut reason: String = line.join(" ").chars().take(200).collect();
    // Messages begin with a capital letter, unless that is a name.
    if reason
        .chars()
        .nth(1)
        .is_some_and(|second| second.is_lowercase() || second == ' ')
    {
        reason[..1].make_ascii_lowercase();
    }
    reason.truncate(reason.trim_end_matches('.').len());
    damaged(reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_the_crate_are_ours() {
        let check = |text: &str, expected: &str| {
            assert_eq!(
                faulty(&ParquetError::General(text.to_owned())).reason,
                expected
            );
        };
        check("Invalid page header.", "invalid page header");
        check("DELTA_BYTE_ARRAY\nis wrong", "DELTA_BYTE_ARRAY is wrong");
        check("", "");
        check("É", "É");
    }
}
