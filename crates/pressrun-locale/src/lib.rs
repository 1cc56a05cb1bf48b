//! How each language writes dates, numbers, plurals and lists, and in which order it sorts: the data of CLDR by ICU4X.

pub mod names;
