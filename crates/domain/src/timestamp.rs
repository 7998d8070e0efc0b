//! Points in time, given from outside.

use std::fmt;

/// Seconds since 1970-01-01T00:00:00Z. Always passed in: nothing below the command line reads a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Whole days from `earlier` to `self`; negative if `earlier` is later.
    pub const fn days_since(self, earlier: Self) -> i64 {
        (self.0 - earlier.0).div_euclid(86_400)
    }

    /// Midnight UTC of a proleptic Gregorian date, or `None` if there is no such day.
    pub fn from_date(year: i32, month: u32, day: u32) -> Option<Self> {
        let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        let longest = match month {
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            1..=12 => 31,
            _ => return None,
        };
        if day == 0 || day > longest {
            return None;
        }
        // Days from civil, after Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
        let shifted = i64::from(year) - i64::from(month <= 2);
        let era = shifted.div_euclid(400);
        let year_of_era = shifted.rem_euclid(400);
        let month_from_march = (i64::from(month) + 9) % 12;
        let day_of_year = (153 * month_from_march + 2) / 5 + i64::from(day) - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Some(Self((era * 146_097 + day_of_era - 719_468) * 86_400))
    }

    /// Parses `2026-11-20` or `2026-11-20T08:30:00Z` (fractions of a second are cut, offsets `+hh:mm` applied).
    pub fn parse(text: &str) -> Option<Self> {
        let number = |range: std::ops::Range<usize>| -> Option<i64> {
            let digits = text.get(range)?;
            digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
        };
        let bytes = text.as_bytes();
        if bytes.get(4) != Some(&b'-') || bytes.get(7) != Some(&b'-') {
            return None;
        }
        let day = Self::from_date(
            i32::try_from(number(0..4)?).ok()?,
            u32::try_from(number(5..7)?).ok()?,
            u32::try_from(number(8..10)?).ok()?,
        )?;
        if bytes.len() == 10 {
            return Some(day);
        }
        if !matches!(bytes[10], b'T' | b't' | b' ')
            || bytes.get(13) != Some(&b':')
            || bytes.get(16) != Some(&b':')
        {
            return None;
        }
        let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
        if hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        let zone = text.get(19..)?.trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
        let offset = match zone.as_bytes() {
            [] | [b'Z' | b'z'] => 0,
            [sign @ (b'+' | b'-'), ..] if zone.len() == 6 => {
                let hours: i64 = zone.get(1..3)?.parse().ok()?;
                let minutes: i64 = zone.get(4..6)?.parse().ok()?;
                (hours * 3600 + minutes * 60) * if *sign == b'-' { -1 } else { 1 }
            }
            _ => return None,
        };
        Some(Self(day.0 + hour * 3600 + minute * 60 + second - offset))
    }

    /// Year, month and day in UTC.
    pub fn date(self) -> (i64, u32, u32) {
        let days = self.0.div_euclid(86_400) + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = u32::try_from(day_of_year - (153 * month_from_march + 2) / 5 + 1).unwrap_or(1);
        let month =
            u32::try_from(if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 })
                .unwrap_or(1);
        (year_of_era + era * 400 + i64::from(month <= 2), month, day)
    }

    /// The date in UTC as text, `2026-11-20`.
    pub fn day(self) -> String {
        let (year, month, day) = self.date();
        format!("{year:04}-{month:02}-{day:02}")
    }
}

/// The date of a time that is text already, `2026-11-20` of `2026-11-20T08:30:00Z`; text that is too short for one stays
/// as it is.
pub fn day(time: &str) -> &str {
    time.get(..10).unwrap_or(time)
}

/// RFC 3339 in UTC, to the second.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.date();
        let second = self.0.rem_euclid(86_400);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z",
            second / 3600,
            second / 60 % 60,
            second % 60
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_survives_a_round_trip() {
        for text in
            ["1970-01-01T00:00:00Z", "2000-02-29T23:59:59Z", "2026-11-20T08:30:00Z", "1969-12-31T23:59:59Z"]
        {
            assert_eq!(Timestamp::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn the_day_of_a_time_is_its_date() {
        let time = "2026-11-20T23:59:59Z";
        assert_eq!(day(time), "2026-11-20");
        assert_eq!(Timestamp::parse(time).unwrap().day(), "2026-11-20");
        assert_eq!(day("soon"), "soon");
    }

    #[test]
    fn offsets_and_fractions_are_applied() {
        let utc = Timestamp::parse("2026-11-20T08:30:00Z");
        assert_eq!(Timestamp::parse("2026-11-20T10:30:00.123+02:00"), utc);
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        for text in ["2026-02-29", "2026-13-01", "2026-00-10", "yesterday", "2026-11-20T25:00:00Z", ""] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }
}
