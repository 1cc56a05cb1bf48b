//! How many requests are open at once, and when the next one may start.
//!
//! Servers have limits that nobody states in advance. So the number of open requests starts small,
//! grows by one after as many answers as are allowed at once, and is halved when the server says
//! that it is too much. A wait that a server asks for holds for all requests.
//!
//! Not here: clocks. Every function is given the present, so tests need none.

use std::time::Duration;

use tokio::time::Instant;

use crate::client::{RateUnit, RateWindow};
use crate::failure::{FailureKind, RequestFailure};

/// The open requests at the start, if more are allowed.
const FIRST_LIMIT: usize = 4;

/// The shortest and the longest wait before a request is repeated.
const SHORTEST_RETRY: Duration = Duration::from_secs(1);
const LONGEST_RETRY: Duration = Duration::from_secs(60);

/// Decides when requests start.
#[derive(Debug)]
pub struct Pace {
    maximum: usize,
    limit: usize,
    open: usize,
    /// Answers since the limit last changed.
    clean: usize,
    /// When the limit was last halved: what was sent before does not halve it again.
    halved: Option<Instant>,
    blocked_until: Option<Instant>,
    windows: Vec<OpenWindow>,
}

/// A window of the server, counted down by what was sent since.
#[derive(Debug)]
struct OpenWindow {
    name: String,
    unit: RateUnit,
    remaining: u64,
    until: Instant,
}

/// When a request may start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaceStep {
    /// Now.
    Start,
    /// Not before this moment.
    WaitUntil(Instant),
    /// After one of the open requests has ended.
    WaitForAnswer,
}

impl Pace {
    /// Makes a pace with at most `maximum` open requests.
    pub fn new(maximum: usize) -> Self {
        let maximum = maximum.max(1);
        Self {
            maximum,
            limit: maximum.min(FIRST_LIMIT),
            open: 0,
            clean: 0,
            halved: None,
            blocked_until: None,
            windows: Vec::new(),
        }
    }

    /// Returns how many requests may be open now.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// Returns when the next request, of so many tokens, may start.
    pub fn next_step(&mut self, now: Instant, tokens: u64) -> PaceStep {
        if self.open >= self.limit {
            return PaceStep::WaitForAnswer;
        }
        if let Some(until) = self.blocked_until.filter(|until| *until > now) {
            return PaceStep::WaitUntil(until);
        }
        self.windows.retain(|window| window.until > now);
        let used_up = self.windows.iter().filter(|window| !window.allows(tokens));
        match used_up.map(|window| window.until).max() {
            Some(until) => PaceStep::WaitUntil(until),
            None => PaceStep::Start,
        }
    }

    /// Notes that a request of so many tokens starts.
    pub fn start_request(&mut self, tokens: u64) {
        self.open += 1;
        for window in &mut self.windows {
            let used = match window.unit {
                RateUnit::Requests => 1,
                RateUnit::Tokens => tokens,
            };
            window.remaining = window.remaining.saturating_sub(used);
        }
    }

    /// Notes that a request, which started at `started`, has ended.
    pub(crate) fn end_request(
        &mut self,
        (started, now): (Instant, Instant),
        failure: Option<&RequestFailure>,
        windows: &[RateWindow],
    ) {
        self.open = self.open.saturating_sub(1);
        for window in windows {
            self.windows.retain(|old| old.name != window.name);
            self.windows.push(OpenWindow {
                name: window.name.clone(),
                unit: window.unit,
                remaining: window.remaining,
                until: now + window.reset,
            });
        }
        match failure.map(|failure| failure.kind) {
            None => self.note_answer(),
            Some(FailureKind::Overload) if self.halved.is_none_or(|halved| started > halved) => {
                self.limit = (self.limit / 2).max(1);
                self.clean = 0;
                self.halved = Some(now);
            }
            Some(_) => self.clean = 0,
        }
    }

    fn note_answer(&mut self) {
        self.clean += 1;
        if self.clean >= self.limit {
            self.limit = (self.limit + 1).min(self.maximum);
            self.clean = 0;
        }
    }

    /// Starts nothing before this moment.
    pub fn wait_until(&mut self, until: Instant) {
        self.blocked_until = self.blocked_until.max(Some(until));
    }
}

impl OpenWindow {
    fn allows(&self, tokens: u64) -> bool {
        match self.unit {
            RateUnit::Requests => self.remaining > 0,
            RateUnit::Tokens => self.remaining >= tokens,
        }
    }
}

/// Returns how long to wait before a request is repeated for the `count`-th time: twice as long each
/// time, with jitter, and at least as long as the server asks.
///
/// The jitter comes from the name of the request, so that many requests that failed at once are not
/// repeated at once.
pub fn retry_delay(count: u32, name: &str, asked: Option<Duration>) -> Duration {
    let doubled = SHORTEST_RETRY * 2_u32.pow(count.saturating_sub(1).min(6));
    let hash = blake3::hash(format!("{name} {count}").as_bytes());
    let share = f64::from(hash.as_bytes()[0]) / 255.0;
    let delay = doubled.min(LONGEST_RETRY).mul_f64(0.5 + share / 2.0);
    let asked = asked.map(|asked| asked.max(SHORTEST_RETRY) + delay.mul_f64(0.1));
    delay
        .clamp(SHORTEST_RETRY, LONGEST_RETRY)
        .max(asked.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn overload() -> RequestFailure {
        RequestFailure::local(FailureKind::Overload, "too much")
    }

    /// Starts and ends as many requests as are allowed at once.
    fn clean_window(pace: &mut Pace, now: Instant) {
        for _ in 0..pace.limit() {
            pace.start_request(1);
        }
        for _ in 0..pace.limit() {
            pace.end_request((now, now), None, &[]);
        }
    }

    #[test]
    fn open_requests_start_at_four_and_grow_by_one_after_a_clean_window() {
        let now = Instant::now();
        assert_eq!(Pace::new(2).limit(), 2);
        assert_eq!(Pace::new(0).limit(), 1);
        let mut pace = Pace::new(6);
        for expected in [4, 5, 6, 6] {
            assert_eq!(pace.limit(), expected);
            clean_window(&mut pace, now);
        }
    }

    #[test]
    fn limit_is_halved_once_for_requests_of_the_same_time() {
        let start = Instant::now();
        let mut pace = Pace::new(8);
        for second in 1..=4 {
            pace.start_request(1);
            pace.end_request((start, start + SECOND * second), Some(&overload()), &[]);
        }
        assert_eq!(pace.limit(), 2);
        for second in 5..=8 {
            pace.start_request(1);
            let now = start + SECOND * second;
            pace.end_request((now, now), Some(&overload()), &[]);
        }
        assert_eq!(pace.limit(), 1, "never below one");
    }

    #[test]
    fn no_more_requests_are_open_than_allowed() {
        let now = Instant::now();
        let mut pace = Pace::new(2);
        pace.start_request(1);
        assert_eq!(pace.next_step(now, 1), PaceStep::Start);
        pace.start_request(1);
        assert_eq!(pace.next_step(now, 1), PaceStep::WaitForAnswer);
        pace.end_request((now, now), None, &[]);
        assert_eq!(pace.next_step(now, 1), PaceStep::Start);
    }

    #[test]
    fn wait_holds_for_all_and_the_longest_counts() {
        let now = Instant::now();
        let mut pace = Pace::new(4);
        pace.wait_until(now + SECOND * 5);
        pace.wait_until(now + SECOND * 2);
        assert_eq!(
            pace.next_step(now, 1),
            PaceStep::WaitUntil(now + SECOND * 5)
        );
        assert_eq!(pace.next_step(now + SECOND * 5, 1), PaceStep::Start);
    }

    #[test]
    fn windows_of_the_server_are_counted_down() {
        let now = Instant::now();
        let window = |unit, remaining| RateWindow {
            name: format!("{unit:?}"),
            unit,
            remaining,
            reset: SECOND * 10,
        };
        let mut pace = Pace::new(9);
        pace.start_request(1);
        let windows = [window(RateUnit::Requests, 2), window(RateUnit::Tokens, 100)];
        pace.end_request((now, now), None, &windows);
        assert_eq!(
            pace.next_step(now, 101),
            PaceStep::WaitUntil(now + SECOND * 10)
        );
        assert_eq!(pace.next_step(now, 60), PaceStep::Start);
        pace.start_request(60);
        assert_eq!(
            pace.next_step(now, 60),
            PaceStep::WaitUntil(now + SECOND * 10)
        );
        pace.start_request(40);
        assert_eq!(
            pace.next_step(now, 0),
            PaceStep::WaitUntil(now + SECOND * 10)
        );
        assert_eq!(pace.next_step(now + SECOND * 10, 999), PaceStep::Start);
    }

    #[test]
    fn delay_doubles_between_one_and_sixty_seconds() {
        for (count, from, to) in [
            (1, 1.0, 1.0),
            (2, 1.0, 2.0),
            (3, 2.0, 4.0),
            (5, 8.0, 16.0),
            (7, 30.0, 60.0),
            (99, 30.0, 60.0),
        ] {
            for name in ["a", "b", "c"] {
                let delay = retry_delay(count, name, None).as_secs_f64();
                assert!((from..=to).contains(&delay), "{count} {name}: {delay}");
            }
        }
        assert_ne!(retry_delay(5, "a", None), retry_delay(5, "b", None));
    }

    #[test]
    fn delay_is_at_least_what_the_server_asks() {
        for asked in [0.02, 1.0, 30.0, 300.0] {
            let delay = retry_delay(1, "a", Some(Duration::from_secs_f64(asked)));
            assert!(delay.as_secs_f64() >= asked.max(1.0));
            assert!(delay.as_secs_f64() <= asked.max(1.0) + 6.0);
        }
    }
}
