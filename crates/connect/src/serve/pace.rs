//! Time: when the next request may go, and how long to wait after one that was not answered.
#![expect(clippy::disallowed_methods, reason = "an endpoint's owner permits a window of real time")]

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use vauban_domain::Timestamp;

/// Tries of one request.
pub(super) const TRIES: u32 = 6;
/// The longest wait between two tries; a server that wants more has refused.
pub(super) const LONGEST: Duration = Duration::from_secs(120);
/// The first wait; each further one is twice as long.
const FIRST: Duration = Duration::from_millis(500);

/// The present, and waiting.
pub trait Clock: Send + Sync {
    /// The present.
    fn now(&self) -> Timestamp;
    /// Time since some moment that stays the same.
    fn elapsed(&self) -> Duration;
    /// Returns after `time`.
    fn wait(&self, time: Duration);
}

/// The clock of this machine.
#[derive(Debug)]
pub struct WallClock(Instant);

impl Default for WallClock {
    fn default() -> Self {
        Self(Instant::now())
    }
}

impl Clock for WallClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
    }

    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    fn wait(&self, time: Duration) {
        std::thread::sleep(time);
    }
}

/// Keeps requests at least a fixed time apart.
#[derive(Debug)]
pub(super) struct Pace {
    apart: Duration,
    next: Duration,
}

impl Pace {
    pub(super) fn new(per_second: f64) -> Self {
        // A rate so low that a request would take more than a day is a typing error that must not panic.
        let apart = Duration::try_from_secs_f64(1.0 / per_second).unwrap_or(Duration::MAX);
        Self { apart: apart.min(Duration::from_secs(86_400)), next: Duration::ZERO }
    }

    /// Waits until the next request may go.
    pub(super) fn wait(&mut self, clock: &dyn Clock) {
        let now = clock.elapsed();
        if let Some(early) = self.next.checked_sub(now).filter(|early| !early.is_zero()) {
            clock.wait(early);
        }
        self.next = self.next.max(now) + self.apart;
    }
}

/// The wait after the try of this number, from 0: twice as long each time, and no shorter than the server asks for.
pub(super) fn back_off(tried: u32, asked: Option<Duration>) -> Duration {
    let usual = FIRST.saturating_mul(2_u32.saturating_pow(tried)).min(LONGEST);
    asked.map_or(usual, |asked| asked.max(usual))
}

/// Reads `Retry-After` (RFC 9110, 10.2.3): seconds, or a date as `Wed, 21 Oct 2015 07:28:00 GMT`.
pub(super) fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let value = value.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let (_, date) = value.split_once(", ")?;
    let mut words = date.split(' ');
    let day = words.next()?.parse().ok()?;
    let month = u32::try_from(MONTHS.find(words.next()?)?).ok()? / 3 + 1;
    let midnight = Timestamp::from_date(words.next()?.parse().ok()?, month, day)?;
    let mut clock = words.next()?.split(':').map(|part| part.parse::<i64>().ok());
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    if !(0..24).contains(&hour) || !(0..60).contains(&minute) || !(0..=60).contains(&second) {
        return None;
    }
    let then = midnight.0 + hour * 3600 + minute * 60 + second;
    Some(Duration::from_secs(u64::try_from(then - now.0).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_and_heed_the_server() {
        let seconds =
            |tried, asked: Option<u64>| back_off(tried, asked.map(Duration::from_secs)).as_secs_f64();
        assert_eq!([seconds(0, None), seconds(1, None), seconds(4, None)], [0.5, 1.0, 8.0]);
        assert_eq!([seconds(0, Some(7)), seconds(4, Some(7))], [7.0, 8.0]);
        assert_eq!(seconds(40, None), 120.0);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = Timestamp::parse("2015-10-21T07:27:30Z").unwrap();
        for (value, wanted) in [
            ("120", Some(120)),
            ("Wed, 21 Oct 2015 07:28:00 GMT", Some(30)),
            ("Wed, 21 Oct 2015 07:27:00 GMT", Some(0)),
            ("soon", None),
            ("-3", None),
            ("Wed, 21 Xyz 2015 07:28:00 GMT", None),
        ] {
            assert_eq!(retry_after(value, now), wanted.map(Duration::from_secs), "{value}");
        }
    }
}
