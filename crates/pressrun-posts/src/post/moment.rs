//! Places dates in time: the moment at which a date begins, in the zone of a site.
//!
//! A date with a time and a zone is a moment. Without a zone it is read in the zone of the site, and
//! without a time it begins at midnight there. The database of zones is part of the program, so that
//! a site is the same on every machine.
//!
//! Not here: reading a date (`stated_date`).

use std::fmt;
use std::time::SystemTime;

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::date::{Date, TimeOfDay, ZoneOffset};
use super::stated_date::StatedDate;

/// A moment, the same everywhere on earth, exact to the second.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Moment {
    /// Seconds since 1970 began in UTC.
    seconds: i64,
}

impl Moment {
    /// Returns the present moment.
    pub fn now() -> Self {
        Self {
            seconds: Timestamp::now().as_second(),
        }
    }

    /// Creates a moment from the seconds since 1970, if the calendar has it.
    pub fn from_unix_seconds(seconds: i64) -> Option<Self> {
        Timestamp::from_second(seconds).ok()?;
        Some(Self { seconds })
    }

    /// Creates a moment from the clock of the system, if the calendar has it.
    pub fn from_system_time(time: SystemTime) -> Option<Self> {
        let seconds = Timestamp::try_from(time).ok()?.as_second();
        Some(Self { seconds })
    }

    /// Returns the moment at which a day begins in UTC.
    pub fn start_of_day(date: Date) -> Self {
        Self {
            seconds: civil_seconds(date, 0),
        }
    }

    /// Returns whether a day begins in UTC.
    pub fn is_start_of_utc_day(self) -> bool {
        self.seconds % 86_400 == 0
    }

    /// Returns the seconds from this moment to another, 0 if that is earlier.
    pub fn seconds_until(self, later: Self) -> u64 {
        let seconds = later.seconds.saturating_sub(self.seconds);
        u64::try_from(seconds).unwrap_or(0)
    }
}

/// Returns the seconds from the start of 1970 to a time of day, on the clocks of one place.
fn civil_seconds(date: Date, minutes: u16) -> i64 {
    let days = date.duration_since(Date::constant(1970, 1, 1));
    days.as_secs() + i64::from(minutes) * 60
}

/// The zone of a site, for dates that state none.
#[derive(Clone, PartialEq, Eq)]
pub struct SiteZone {
    name: String,
    /// `None` for UTC, which needs no table.
    zone: Option<TimeZone>,
}

impl SiteZone {
    /// Finds a zone by its name in the IANA database, such as `Europe/Berlin`, in any case of
    /// letters.
    ///
    /// # Errors
    ///
    /// Returns the names of all zones, if none has this name.
    pub fn parse(name: &str) -> Result<Self, Vec<String>> {
        let zones = TimeZoneDatabase::bundled();
        match zones.get(name) {
            // A name that is no place, such as `Etc/Unknown`, has no time either.
            Ok(zone) if !zone.is_unknown() => {
                let name = zone.iana_name().unwrap_or(name).to_owned();
                let is_utc = matches!(&*name, "UTC" | "Etc/UTC");
                Ok(Self {
                    zone: (!is_utc).then_some(zone),
                    name,
                })
            }
            _ => Err(zones.available().map(|name| name.to_string()).collect()),
        }
    }

    /// Returns the name of the zone.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns whether the clocks of the zone are those of UTC.
    pub fn is_utc(&self) -> bool {
        self.zone.is_none()
    }

    /// Returns the day that it is at a moment.
    pub fn day_of(&self, moment: Moment) -> Date {
        let zone = self.zone.clone().unwrap_or(TimeZone::UTC);
        match Timestamp::from_second(moment.seconds) {
            Ok(stamp) => stamp.to_zoned(zone).date(),
            // The first and the last day of the calendar lie outside of it in some zones.
            Err(_) if moment.seconds < 0 => Date::MIN,
            Err(_) => Date::MAX,
        }
    }

    /// Returns the moment at which a stated date begins.
    ///
    /// A time that clocks skip, when they are put forward, is read on the clock before, and a time
    /// that they show twice is the first of the two.
    pub fn place_date(&self, stated: StatedDate) -> SiteDate {
        let StatedDate { date, time, zone } = stated;
        let minutes = time.map_or(0, TimeOfDay::minutes);
        // A zone without a time says nothing about the day.
        let given = zone.filter(|_| time.is_some());
        let (read, shown) = match (given, &self.zone) {
            (Some(given), _) => (offset_seconds(given), given),
            (None, None) => (0, ZoneOffset::UTC),
            (None, Some(zone)) => read_offsets(zone, date, minutes),
        };
        SiteDate {
            day: date,
            time,
            zone: shown,
            moment: Moment {
                seconds: civil_seconds(date, minutes) - read,
            },
        }
    }

    /// Returns whether the clocks of the zone skip a time of day.
    pub fn skips(&self, date: Date, time: TimeOfDay) -> bool {
        self.zone.as_ref().is_some_and(|zone| {
            let local = local_time(date, time.minutes());
            let offset = zone.to_ambiguous_timestamp(local).offset();
            matches!(offset, AmbiguousOffset::Gap { .. })
        })
    }
}

impl Default for SiteZone {
    fn default() -> Self {
        Self {
            name: "UTC".to_owned(),
            zone: None,
        }
    }
}

impl std::hash::Hash for SiteZone {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl fmt::Debug for SiteZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

fn offset_seconds(zone: ZoneOffset) -> i64 {
    i64::from(zone.minutes()) * 60
}

fn local_time(date: Date, minutes: u16) -> DateTime {
    // Both are below 60 and 24, because a time of day has fewer than 1440 minutes.
    let (hour, minute) = ((minutes / 60) as i8, (minutes % 60) as i8);
    date.at(hour, minute, 0, 0)
}

/// Returns the seconds east of UTC by which a local time is read, and the distance from UTC on the
/// clocks at that moment.
fn read_offsets(zone: &TimeZone, date: Date, minutes: u16) -> (i64, ZoneOffset) {
    let (read, shown) = match zone
        .to_ambiguous_timestamp(local_time(date, minutes))
        .offset()
    {
        AmbiguousOffset::Unambiguous { offset } => (offset, offset),
        AmbiguousOffset::Gap { before, after } => (before, after),
        AmbiguousOffset::Fold { before, .. } => (before, before),
    };
    // Until about 1930 many clocks differed from UTC by seconds too.
    let minutes = shown.seconds() / 60;
    let shown = i16::try_from(minutes)
        .ok()
        .and_then(ZoneOffset::from_minutes);
    (i64::from(read.seconds()), shown.unwrap_or(ZoneOffset::UTC))
}

/// A date in the time of a site: what was stated, and the moment at which it begins.
///
/// Dates are compared by their [`moment`](SiteDate::moment). A page shows the [`day`](SiteDate::day)
/// that the author wrote, whatever day it is elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SiteDate {
    /// The day as it was stated.
    pub day: Date,
    /// The time of day, if it was stated.
    pub time: Option<TimeOfDay>,
    /// The stated zone, or that of the site at the moment.
    pub zone: ZoneOffset,
    /// When it begins.
    pub moment: Moment,
}

impl From<Date> for SiteDate {
    /// Places a day in UTC.
    fn from(day: Date) -> Self {
        SiteZone::default().place_date(day.into())
    }
}

impl SiteDate {
    /// Returns the later of two dates, as far as there are any.
    pub fn later(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        one.into_iter().chain(other).max_by_key(|date| date.moment)
    }

    /// Writes the moment as RFC 3339: `2026-05-01T18:00:00Z`, `2026-05-01T20:00:00+02:00`.
    pub fn to_rfc3339(self) -> String {
        let local = self.local();
        if self.zone == ZoneOffset::UTC {
            format!("{local}Z")
        } else {
            format!("{local}{}", self.zone)
        }
    }

    /// Writes what is known: the day, or with a time the moment as RFC 3339.
    pub fn to_machine_text(self) -> String {
        match self.time {
            None => self.day.to_string(),
            Some(_) => self.to_rfc3339(),
        }
    }

    /// Writes the moment as RFC 822, with the four-digit year of RSS 2.0.
    pub fn to_rfc822(self) -> String {
        let local = self.local().strftime("%a, %d %b %Y %H:%M:%S");
        if self.zone == ZoneOffset::UTC {
            return format!("{local} GMT");
        }
        format!("{local} {}", self.zone.to_string().replace(':', ""))
    }

    /// Returns what its own clock shows at the moment. This is not the stated time if the clock
    /// skipped that.
    fn local(self) -> DateTime {
        let stated = local_time(self.day, self.time.map_or(0, TimeOfDay::minutes));
        if self.zone == ZoneOffset::UTC {
            return stated;
        }
        let seconds = self
            .moment
            .seconds
            .saturating_add(offset_seconds(self.zone));
        // Clocks that differ from UTC by seconds give the stated time too.
        let seconds = (seconds + 30).div_euclid(60) * 60;
        let start = Date::constant(1970, 1, 1).at(0, 0, 0, 0);
        start
            .checked_add(SignedDuration::from_secs(seconds))
            .unwrap_or(stated)
    }
}

impl fmt::Display for SiteDate {
    /// Writes the date for people: `2026-05-01`, `2026-05-01 18:00 UTC`, `2026-05-01 20:00 +02:00`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.time.is_none() {
            return write!(f, "{}", self.day);
        }
        let local = self.local();
        write!(
            f,
            "{} {:02}:{:02}",
            local.date(),
            local.hour(),
            local.minute()
        )?;
        if self.zone == ZoneOffset::UTC {
            f.write_str(" UTC")
        } else {
            write!(f, " {}", self.zone)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::stated_date::parse_stated_date;

    fn zone(name: &str) -> SiteZone {
        SiteZone::parse(name).unwrap()
    }

    #[track_caller]
    fn check(name: &str, stated: &str, rfc3339: &str) {
        let placed = zone(name).place_date(parse_stated_date(stated).unwrap());
        assert_eq!(placed.to_rfc3339(), rfc3339);
        // Its day is the stated one, and the moment is the one that was written.
        assert_eq!(placed.day.to_string(), stated[..10]);
        let written: Timestamp = rfc3339.parse().unwrap();
        assert_eq!(written.as_second(), placed.moment.seconds, "{rfc3339}");
    }

    #[test]
    fn without_a_zone_a_date_is_in_utc_or_in_the_zone_of_the_site() {
        check("UTC", "2026-05-01", "2026-05-01T00:00:00Z");
        check("UTC", "2026-05-01 18:00", "2026-05-01T18:00:00Z");
        check("Europe/Berlin", "2026-05-01", "2026-05-01T00:00:00+02:00");
        check(
            "europe/berlin",
            "2026-01-01 8:30",
            "2026-01-01T08:30:00+01:00",
        );
    }

    #[test]
    fn stated_zone_counts_whatever_the_zone_of_the_site() {
        for name in ["UTC", "Europe/Berlin"] {
            check(
                name,
                "2026-05-01T20:00:00+08:00",
                "2026-05-01T20:00:00+08:00",
            );
            check(name, "2026-05-01T20:00:00Z", "2026-05-01T20:00:00Z");
            check(
                name,
                "2026-05-01T20:00:00-09:30",
                "2026-05-01T20:00:00-09:30",
            );
        }
    }

    #[test]
    fn skipped_time_is_read_on_the_clock_before_and_a_repeated_one_is_the_first() {
        check(
            "Europe/Berlin",
            "2026-03-29T02:30:00",
            "2026-03-29T03:30:00+02:00",
        );
        check(
            "Europe/Berlin",
            "2026-10-25T02:30:00",
            "2026-10-25T02:30:00+02:00",
        );
        let [two, three] = [2, 3].map(|hour| TimeOfDay::new(hour, 0).unwrap());
        let day = Date::constant(2026, 3, 29);
        assert!(zone("Europe/Berlin").skips(day, two));
        assert!(!zone("Europe/Berlin").skips(day, three));
        assert!(!zone("UTC").skips(day, two));
        // Here the clocks skipped midnight, and there a whole day.
        check(
            "America/Sao_Paulo",
            "2018-11-04",
            "2018-11-04T01:00:00-02:00",
        );
        check("Pacific/Apia", "2011-12-30", "2011-12-31T00:00:00+14:00");
    }

    #[test]
    fn clocks_that_differ_from_utc_by_seconds_show_the_stated_time() {
        let day = Date::constant(1800, 1, 1);
        for (name, expected) in [
            ("America/New_York", "1800-01-01T00:00:00-04:56"),
            ("Europe/Brussels", "1800-01-01T00:00:00+00:17"),
        ] {
            assert_eq!(zone(name).place_date(day.into()).to_rfc3339(), expected);
        }
    }

    #[test]
    fn first_and_last_day_of_the_calendar_have_moments() {
        for name in ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"] {
            let [first, last] = [Date::MIN, Date::MAX].map(|day| zone(name).place_date(day.into()));
            assert!(first.moment < last.moment);
            let _ = (first.to_rfc822(), last.to_rfc3339());
            let _ = [first, last].map(|date| zone(name).day_of(date.moment));
        }
        let day = |year, month, day| Moment::start_of_day(Date::constant(year, month, day)).seconds;
        assert_eq!(day(1970, 1, 1), 0);
        assert_eq!(day(2000, 2, 29), 951_782_400);
        assert_eq!(day(-1, 12, 31) + 86_400, day(0, 1, 1));
    }

    #[test]
    fn feeds_and_people_see_time_and_zone() {
        let placed = |name: &str, text: &str| {
            let placed = zone(name).place_date(parse_stated_date(text).unwrap());
            (
                placed.to_rfc822(),
                placed.to_machine_text(),
                placed.to_string(),
            )
        };
        let check = |found: (String, String, String), expected: [&str; 3]| {
            assert_eq!([&*found.0, &*found.1, &*found.2], expected);
        };
        check(
            placed("UTC", "2026-03-09"),
            ["Mon, 09 Mar 2026 00:00:00 GMT", "2026-03-09", "2026-03-09"],
        );
        check(
            placed("UTC", "2026-03-09 18:05"),
            [
                "Mon, 09 Mar 2026 18:05:00 GMT",
                "2026-03-09T18:05:00Z",
                "2026-03-09 18:05 UTC",
            ],
        );
        check(
            placed("Asia/Kolkata", "2026-03-09 18:05"),
            [
                "Mon, 09 Mar 2026 18:05:00 +0530",
                "2026-03-09T18:05:00+05:30",
                "2026-03-09 18:05 +05:30",
            ],
        );
    }

    #[test]
    fn unknown_zone_gives_the_names_of_all() {
        let names = SiteZone::parse("Europe/Berlln").unwrap_err();
        assert!(names.iter().any(|name| name == "Europe/Berlin"));
        assert!(SiteZone::parse("").is_err());
        assert!(SiteZone::parse("Etc/Unknown").is_err());
        assert!(zone("utc").is_utc() && zone("Etc/UTC").is_utc());
        assert!(!zone("Europe/London").is_utc());
    }

    #[test]
    fn day_of_a_moment_depends_on_the_zone() {
        let evening = SiteDate::from(Date::constant(2026, 5, 1)).moment;
        assert_eq!(zone("UTC").day_of(evening), Date::constant(2026, 5, 1));
        let west = zone("America/New_York").day_of(evening);
        assert_eq!(west, Date::constant(2026, 4, 30));
    }
}
