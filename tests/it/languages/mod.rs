//! Tests sites in other languages: the words of the theme.

mod words;
