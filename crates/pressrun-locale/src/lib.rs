//! How each language writes dates, numbers, plurals and lists, and in which order it sorts: the data of CLDR by ICU4X.
//!
//! [`locale::Locale`] is made from the tag of a language and offers all of it. Only this crate knows ICU4X.
//!
//! ```
//! use pressrun_locale::locale::Locale;
//!
//! let german = Locale::for_tag("de");
//! let day = jiff::civil::date(2026, 11, 20);
//! assert_eq!(german.format_day(day), "20. November 2026");
//! assert_eq!(german.format_number(12_345), "12.345");
//! assert_eq!(german.find_joint(2, 3, "Cy"), " und ");
//! ```

pub mod names;
pub mod tag;
pub mod plurals;
pub mod numbers;
pub mod dates;
pub mod lists;
pub mod order;
pub mod index_letters;
pub mod locale;
pub mod messages;
