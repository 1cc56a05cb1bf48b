//! Checks which dates, times and zones are read.

use super::*;

/// Checks how a date is read: as `date time zone`, with what is missing left out.
#[track_caller]
fn check(text: &str, expected: &str) {
    let read = match parse_stated_date(text) {
        Ok(stated) => {
            let mut parts = vec![stated.date.to_string()];
            parts.extend(stated.time.map(|time| time.to_string()));
            parts.extend(stated.zone.map(|zone| zone.to_string()));
            parts.join(" ")
        }
        Err(DateError::Invalid) => "invalid".to_owned(),
        Err(DateError::Ambiguous) => "ambiguous".to_owned(),
    };
    assert_eq!(read, expected, "{text}");
}

#[test]
fn year_first_is_never_ambiguous() {
    for text in [
        "2023-08-02",
        "2023/08/02",
        "2023.8.2",
        " 2023-08-02 ",
        "Wednesday, 2023-08-02",
    ] {
        check(text, "2023-08-02");
    }
}

#[test]
fn english_months_are_read() {
    for text in [
        "August 2, 2023",
        "Aug 2nd 2023",
        "2 August 2023",
        "Wednesday, August 2, 2023",
        "aug. 2, 2023",
        "2nd of AUGUST, 2023",
        "2. August 2023",
        "Wed Aug 02 2023",
    ] {
        check(text, "2023-08-02");
    }
    check("Sept 30, 2020", "2020-09-30");
}

#[test]
fn months_of_other_languages_are_read() {
    for (text, expected) in [
        ("5.März 2026", "2026-03-05"),
        ("Mo., 3. Juni 2024", "2024-06-03"),
        ("Lundi 1er Août 2025", "2025-08-01"),
        ("lunes, 12 de octubre de 2024", "2024-10-12"),
        ("segunda-feira, 1º de maio de 2024", "2024-05-01"),
        ("Вт, 9 мая 2024 г.", "2024-05-09"),
        ("1 Mayıs 2024", "2024-05-01"),
        ("3 ŞUBAT 2024", "2024-02-03"),
        ("१५ मार्च २०२४", "2024-03-15"),
        ("١ مايو ٢٠٢٤", "2024-05-01"),
        ("7 تشرين الأول 2024", "2024-10-07"),
        ("2 września 2024", "2024-09-02"),
        ("17 agustus 2024", "2024-08-17"),
    ] {
        check(text, expected);
    }
    for text in [
        "Montag, 3 June 2024",
        "Lundi 3 Juni 2024",
        "3 Brumaire 2024",
    ] {
        check(text, "invalid");
    }
}

#[test]
fn signs_of_chinese_japanese_and_korean_are_read() {
    for text in [
        "2024年5月1日",
        "2024 年 5 月 1 日",
        "２０２４年５月１日",
        "星期三, 2024年05月01日",
        "2024년 5월 1일",
        "2024년5월1일",
    ] {
        check(text, "2024-05-01");
    }
    check("2024年5月1日 10:30", "2024-05-01 10:30");
    check("2024年13月1日", "invalid");
    check("2024年5月", "invalid");
}

#[test]
fn every_name_of_a_month_is_that_of_one_month() {
    for (form, number, _) in month_names() {
        let others = month_names()
            .iter()
            .filter(|(other, of, _)| other == form && of != number);
        assert_eq!(others.count(), 0, "{form}");
    }
}

#[test]
fn times_are_read_as_written() {
    for (text, expected) in [
        ("2024-05-01T10:00:00.000Z", "2024-05-01 10:00 +00:00"),
        ("2024-05-01 7:08", "2024-05-01 07:08"),
        ("2024-05-01, 23:59:60", "2024-05-01 23:59"),
        ("May 1, 2024 at 9:05 pm", "2024-05-01 21:05"),
        ("May 1, 2024, 12:05 AM", "2024-05-01 00:05"),
        ("1 May 2024 12:05 p.m.", "2024-05-01 12:05"),
        ("1 May 2024 10h30", "2024-05-01 10:30"),
        ("1 May 2024 9 PM", "2024-05-01 21:00"),
    ] {
        check(text, expected);
    }
    for text in [
        "2024-05-01 24:00",
        "2024-05-01 9:5",
        "2024-05-01 13:05 PM",
        "2024-05-01 0:05 am",
        "2024-05-01 10:61",
        "2024-05-01 10:00:99",
        "2024-05-01 10",
        "2024-05-01T",
        "2024-05-0110:00",
    ] {
        check(text, "invalid");
    }
}

#[test]
fn zones_are_distances_from_utc() {
    for (zone, expected) in [
        ("Z", " +00:00"),
        (" UTC", " +00:00"),
        (" GMT", " +00:00"),
        ("+0800", " +08:00"),
        (" -08:30", " -08:30"),
        ("+02", " +02:00"),
        (" GMT+0800", " +08:00"),
        (" GMT+0000 (Coordinated Universal Time)", " +00:00"),
        ("+02:00[Europe/Paris]", " +02:00"),
        // A zone by another name is not known.
        (" EST", ""),
        (" America/New_York", ""),
        (" Pacific Time", ""),
    ] {
        check(
            &format!("2024-05-01T10:00:00{zone}"),
            &format!("2024-05-01 10:00{expected}"),
        );
    }
    check("Wed, 01 May 2024 23:30:00 +0800", "2024-05-01 23:30 +08:00");
    check("2024-05-01Z", "2024-05-01");
    for text in [
        "2024-05-01T10:00:00+25:00",
        "2024-05-01T10:00+0860",
        "2024-05-01 10:00 or so, perhaps",
        "May 1, 2024 EST",
    ] {
        check(text, "invalid");
    }
}

#[test]
fn dots_put_the_day_first() {
    check("2.8.2023", "2023-08-02");
    check("02.08.2023", "2023-08-02");
    check("8.13.2023", "invalid");
}

#[test]
fn slashes_are_read_where_the_numbers_leave_no_choice() {
    check("25/12/2023", "2023-12-25");
    check("12-25-2023", "2023-12-25");
    check("05/05/2023", "2023-05-05");
    check("02/08/2023", "ambiguous");
    check("2-8-2023", "ambiguous");
    check("02/08/2023 10:00", "ambiguous");
    check("02/08/2023 maybe", "invalid");
    check("13/13/2023", "invalid");
}

#[test]
fn what_no_calendar_has_is_invalid() {
    for text in [
        "2023-02-29",
        "February 30, 2024",
        "soon",
        "",
        "2023",
        "August 2023",
        "8/2/23",
        "2023-08",
        "2023-08/02",
        "20230802",
        "2023-08-02 maybe",
        "0 May 2020",
        "May2 2020",
        "Monday",
        "2000, Bahnhofstrasse 7",
    ] {
        check(text, "invalid");
    }
    check("2024-02-29", "2024-02-29");
}

#[test]
fn a_stated_date_is_written_so_that_it_is_read() {
    for text in [
        "2024-05-01",
        "2024-05-01T09:30:00",
        "2024-05-01T09:30:00-05:30",
    ] {
        assert_eq!(parse_stated_date(text).unwrap().to_string(), text);
    }
}

#[test]
fn hostile_dates_are_rejected_quickly() {
    for unit in ["de ", ",", "г.", "9", "monday ", "(", "+"] {
        check(&format!("2 {}", unit.repeat(100_000)), "invalid");
        check(&format!("2 {}", unit.repeat(20)), "invalid");
    }
}
