//! Days in the words of a language, always of the Gregorian calendar.
//!
//! A post of 20 November 2026 has this date in its address and in feeds, so readers of all languages see this
//! day and this year, even where CLDR prefers another calendar.

use icu_calendar::{Date, Gregorian};
use icu_datetime::FixedCalendarDateTimeFormatter;
use icu_datetime::fieldsets::{M, MD, Y, YM, YMD};
use icu_datetime::options::YearStyle;
use icu_datetime::pattern::FixedCalendarDateTimeNames;
use icu_datetime::provider::Baked;
use icu_datetime::provider::names::DatetimeNamesMonthGregorianV1;
use icu_locale_core::LanguageIdentifier;
use icu_provider::prelude::*;
use jiff::civil;

/// How one language writes days and months.
pub(crate) struct DateFormats {
    /// `None` for a language of which CLDR knows no dates; they are then written as ISO 8601 does.
    spelled_out: Option<SpelledOutFormats>,
}

struct SpelledOutFormats {
    day: FixedCalendarDateTimeFormatter<Gregorian, YMD>,
    day_of_year: FixedCalendarDateTimeFormatter<Gregorian, MD>,
    month: FixedCalendarDateTimeFormatter<Gregorian, YM>,
    month_name: FixedCalendarDateTimeFormatter<Gregorian, M>,
    year: FixedCalendarDateTimeFormatter<Gregorian, Y>,
}

impl DateFormats {
    pub(crate) fn load(language: &LanguageIdentifier) -> Self {
        Self {
            spelled_out: has_dates(language).then(|| SpelledOutFormats::load(language)),
        }
    }

    pub(crate) fn format_day(&self, day: civil::Date) -> String {
        match &self.spelled_out {
            Some(formats) => formats.day.format(&to_gregorian(day)).to_string(),
            None => day.to_string(),
        }
    }

    pub(crate) fn format_day_of_year(&self, day: civil::Date) -> String {
        match &self.spelled_out {
            Some(formats) => formats.day_of_year.format(&to_gregorian(day)).to_string(),
            None => day.strftime("%m-%d").to_string(),
        }
    }

    pub(crate) fn format_month(&self, day: civil::Date) -> String {
        match &self.spelled_out {
            Some(formats) => formats.month.format(&to_gregorian(day)).to_string(),
            None => day.strftime("%Y-%m").to_string(),
        }
    }

    pub(crate) fn format_month_name(&self, day: civil::Date) -> String {
        match &self.spelled_out {
            Some(formats) => formats.month_name.format(&to_gregorian(day)).to_string(),
            None => day.strftime("%m").to_string(),
        }
    }

    pub(crate) fn format_year(&self, year: i16) -> String {
        let first_day = civil::Date::new(year, 1, 1);
        match (&self.spelled_out, first_day) {
            (Some(formats), Ok(day)) => formats.year.format(&to_gregorian(day)).to_string(),
            _ => year.to_string(),
        }
    }
}

impl SpelledOutFormats {
    fn load(language: &LanguageIdentifier) -> Self {
        const REASON: &str = "the data of ICU4X is compiled in and falls back to the root";
        let day = YMD::long().with_year_style(YearStyle::NoEra);
        let month = YM::long().with_year_style(YearStyle::NoEra);
        let year = Y::long().with_year_style(YearStyle::NoEra);
        Self {
            day: FixedCalendarDateTimeFormatter::try_new(language.into(), day).expect(REASON),
            day_of_year: FixedCalendarDateTimeFormatter::try_new(language.into(), MD::long())
                .expect(REASON),
            month: FixedCalendarDateTimeFormatter::try_new(language.into(), month)
                .and_then(|formatter| {
                    // ICU4X 2.4 loads what the pattern with an era needs, and in Portuguese of Brazil that
                    // pattern has no year.
                    let mut names =
                        FixedCalendarDateTimeNames::from_formatter(language.into(), formatter);
                    let _ = names.include_decimal_formatter();
                    names.try_into_formatter(month).map_err(|(error, _)| error)
                })
                .expect(REASON),
            month_name: FixedCalendarDateTimeFormatter::try_new(language.into(), M::long())
                .expect(REASON),
            year: FixedCalendarDateTimeFormatter::try_new(language.into(), year).expect(REASON),
        }
    }
}

/// Tells whether CLDR knows the months of a language, so that they do not fall back to the root (`2026 M11 20`).
fn has_dates(language: &LanguageIdentifier) -> bool {
    if language.language.is_unknown() {
        return false;
    }
    let locale = DatetimeNamesMonthGregorianV1::make_locale(language.into());
    let request = DataRequest {
        id: DataIdentifierBorrowed::for_marker_attributes_and_locale(
            DataMarkerAttributes::from_str_or_panic("5"),
            &locale,
        ),
        ..Default::default()
    };
    let response = DataProvider::<DatetimeNamesMonthGregorianV1>::load(&Baked, request);
    response.is_ok_and(|found| {
        found
            .metadata
            .locale
            .is_none_or(|found| !found.is_unknown())
    })
}

fn to_gregorian(day: civil::Date) -> Date<Gregorian> {
    let year = i32::from(day.year());
    Date::try_new_gregorian(year, day.month().unsigned_abs(), day.day().unsigned_abs())
        .expect("a date of jiff exists")
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use crate::locale::Locale;

    /// Checks a day, the same without its year, and its month.
    fn check(tag: &str, day: &str, day_of_year: &str, month: &str) {
        let locale = Locale::for_tag(tag);
        let date = date(2026, 11, 20);
        assert_eq!(locale.format_day(date), day, "{tag}");
        assert_eq!(locale.format_day_of_year(date), day_of_year, "{tag}");
        assert_eq!(locale.format_month(date), month, "{tag}");
    }

    #[test]
    fn name_of_a_month_stands_alone() {
        for (tag, name) in [
            ("en", "November"),
            ("de", "November"),
            ("pl", "listopad"),
            ("ru", "ноябрь"),
            ("ja", "11月"),
            ("ar", "نوفمبر"),
        ] {
            let locale = Locale::for_tag(tag);
            assert_eq!(locale.format_month_name(date(2026, 11, 20)), name, "{tag}");
        }
    }

    #[test]
    fn english_without_a_region_writes_the_day_first() {
        check("en", "20 November 2026", "20 November", "November 2026");
        check("en-GB", "20 November 2026", "20 November", "November 2026");
        check("en-US", "November 20, 2026", "November 20", "November 2026");
    }

    #[test]
    fn dates_are_those_of_the_language() {
        check("de", "20. November 2026", "20. November", "November 2026");
        check("fr", "20 novembre 2026", "20 novembre", "novembre 2026");
        check("sv", "20 november 2026", "20 november", "november 2026");
        check("cs", "20. listopadu 2026", "20. listopadu", "listopad 2026");
        check("pl", "20 listopada 2026", "20 listopada", "listopad 2026");
        check(
            "ru",
            "20 ноября 2026\u{202F}г.",
            "20 ноября",
            "ноябрь 2026\u{202F}г.",
        );
        check(
            "pt-BR",
            "20 de novembro de 2026",
            "20 de novembro",
            "novembro de 2026",
        );
        check("he", "20 בנובמבר 2026", "20 בנובמבר", "נובמבר 2026");
        check("hi", "20 नवंबर, 2026", "20 नवंबर", "नवंबर 2026");
        check("zh-Hans", "2026年11月20日", "11月20日", "2026年11月");
        check("zh-TW", "2026年11月20日", "11月20日", "2026年11月");
        check("ja", "2026年11月20日", "11月20日", "2026年11月");
        check("ko", "2026년 11월 20일", "11월 20일", "2026년 11월");
    }

    #[test]
    fn years_are_those_of_the_language() {
        let check = |tag, expected| {
            assert_eq!(Locale::for_tag(tag).format_year(2026), expected, "{tag}");
        };
        for tag in [
            "en", "en-US", "de", "fr", "sv", "cs", "pl", "ar", "he", "hi", "tlh",
        ] {
            check(tag, "2026");
        }
        check("fa", "۲۰۲۶");
        check("ru", "2026");
        check("th", "ค.ศ. 2026");
        check("zh-Hans", "2026年");
        check("zh-Hant", "2026年");
        check("ja", "2026年");
        check("ko", "2026년");
    }

    #[test]
    fn calendar_is_always_gregorian() {
        check("ar", "20 نوفمبر 2026", "20 نوفمبر", "نوفمبر 2026");
        check("fa", "۲۰ نوامبر ۲۰۲۶", "۲۰ نوامبر", "نوامبر ۲۰۲۶");
        // Thai names the era, because its readers expect another one.
        check(
            "th",
            "20 พฤศจิกายน ค.ศ. 2026",
            "20 พฤศจิกายน",
            "พฤศจิกายน ค.ศ. 2026",
        );
        check(
            "fa-u-ca-persian-nu-latn",
            "۲۰ نوامبر ۲۰۲۶",
            "۲۰ نوامبر",
            "نوامبر ۲۰۲۶",
        );
    }

    #[test]
    fn languages_without_dates_in_cldr_have_those_of_iso() {
        check("tlh", "2026-11-20", "11-20", "2026-11");
        check("und", "2026-11-20", "11-20", "2026-11");
    }

    #[test]
    fn no_era_is_shown_but_where_the_language_always_has_one() {
        let english = Locale::for_tag("en");
        assert_eq!(english.format_day(date(77, 3, 9)), "9 March 77");
        assert_eq!(english.format_day(date(9999, 12, 31)), "31 December 9999");
    }

    #[test]
    fn every_language_has_all_formats() {
        let letters = || b'a'..=b'z';
        for tag in letters().flat_map(|a| letters().map(move |b| [a, b])) {
            let tag = std::str::from_utf8(&tag).unwrap();
            for tag in [tag, &format!("{tag}-US"), &format!("{tag}-Cyrl")] {
                let formats = super::DateFormats::load(&crate::tag::parse_tag(tag));
                let day = date(2026, 11, 20);
                assert!(!formats.format_day(day).is_empty());
                assert!(!formats.format_day_of_year(day).is_empty());
                assert!(!formats.format_month(day).is_empty());
                assert!(!formats.format_year(2026).is_empty());
            }
        }
    }
}
