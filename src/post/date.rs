//! Calendar days.

/// A day of the Gregorian calendar, without time or zone.
pub type Date = jiff::civil::Date;
