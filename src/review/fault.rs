//! Why an action was not carried out.

use std::fmt;
use std::sync::Arc;

use pressrun_posts::diagnostic::Diagnostic;
use pressrun_site::error::SystemError;
use pressrun_site::review::FILE;

/// Why an action was not carried out. Nothing was changed then.
#[derive(Debug)]
pub enum ReviewFault {
    /// The file has no longer the text that the person saw.
    TextChanged {
        /// The file.
        file: Arc<str>,
    },
    /// The file does not exist.
    Missing {
        /// The file.
        file: Arc<str>,
    },
    /// The path leads to a file outside of the site, or to one that has no posts.
    Outside {
        /// The path.
        file: Arc<str>,
    },
    /// The mark cannot be written in a way that is read back.
    Unmarkable {
        /// The file.
        file: Arc<str>,
        /// What stands in the way.
        why: &'static str,
        /// What the person can do.
        help: &'static str,
    },
    /// The name of the reviewer is missing, or too long.
    Name,
    /// `reviews.toml` is broken.
    Book(Vec<Diagnostic>),
    /// The machine refused.
    System(SystemError),
}

impl ReviewFault {
    /// Returns what the person can do about it, if that is known.
    pub fn help(&self) -> Option<String> {
        Some(match self {
            Self::TextChanged { .. } => "read it again, then decide".to_owned(),
            Self::Missing { .. } => "it may have been moved or removed".to_owned(),
            Self::Outside { .. } => {
                "move the file into the folder of the site instead of linking to it".to_owned()
            }
            Self::Unmarkable { help, .. } => (*help).to_owned(),
            Self::Name => "add --by NAME".to_owned(),
            Self::Book(wrong) => wrong.first()?.help.clone()?,
            Self::System(error) => error.help()?.to_owned(),
        })
    }
}

impl fmt::Display for ReviewFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TextChanged { file } => {
                write!(f, "`{file}` was changed after it was shown")
            }
            Self::Missing { file } => write!(f, "`{file}` does not exist"),
            Self::Outside { file } => {
                write!(
                    f,
                    "`{file}` is no content file inside the folder of the site"
                )
            }
            Self::Unmarkable { file, why, .. } => write!(f, "`{file}`: {why}"),
            Self::Name => write!(
                f,
                "an approval needs the name of the person who read the text"
            ),
            Self::Book(wrong) => match wrong.first() {
                Some(first) => write!(f, "{}: {}", first.place, first.message),
                None => write!(f, "`{FILE}` is broken"),
            },
            Self::System(error) => f.write_str(&error.with_cause()),
        }
    }
}

impl std::error::Error for ReviewFault {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::System(error) => Some(error),
            _ => None,
        }
    }
}

impl From<SystemError> for ReviewFault {
    fn from(error: SystemError) -> Self {
        Self::System(error)
    }
}
