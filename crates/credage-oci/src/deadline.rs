//! The end of a run's patience: an instant after which nothing more is read.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::request_error::{RequestError, Unavailability};

const REMEDY: &str = "run again with a longer --deadline, or read less at once (--domain, --kind)";

/// When reading ends, if ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deadline(Option<(Instant, Duration)>);

impl Deadline {
    /// Reading may take as long as it takes.
    pub const NONE: Self = Self(None);

    /// Reading ends this long from now.
    pub fn after(duration: Duration) -> Self {
        let now = Instant::now();
        // What is too far away to be counted never comes.
        Self(now.checked_add(duration).map(|at| (at, duration)))
    }

    /// Whether it has passed.
    pub fn has_passed(self) -> bool {
        self.0.is_some_and(|(at, _)| at <= Instant::now())
    }

    /// Whether it passes before a wait of this length ends.
    pub fn cuts(self, wait: Duration) -> bool {
        self.0.is_some_and(|(at, _)| at.saturating_duration_since(Instant::now()) <= wait)
    }

    /// Does something until it passes.
    ///
    /// # Errors
    /// It passed first.
    pub async fn run<T>(self, work: impl Future<Output = T>) -> Result<T, RequestError> {
        match self.0 {
            None => Ok(work.await),
            Some(_) if self.has_passed() => Err(self.error()),
            Some((at, _)) => timeout_at(at, work).await.map_err(|_| self.error()),
        }
    }

    /// What a request says that comes too late.
    pub(crate) fn error(self) -> RequestError {
        RequestError::unsent(self.message(), Unavailability::Deadline, Some(REMEDY))
    }

    /// The same as a sentence.
    pub fn message(self) -> String {
        let length = self.0.map_or_else(String::new, |(_, length)| format!(" of {}", spoken(length)));
        format!("the deadline{length} passed before this was read")
    }
}

/// A length of time in its units: `90 s`, `10 min`, `1 h 30 min`.
fn spoken(length: Duration) -> String {
    let seconds = length.as_secs();
    if seconds == 0 {
        return format!("{} ms", length.as_millis());
    }
    let parts = [(seconds / 3600, "h"), (seconds / 60 % 60, "min"), (seconds % 60, "s")];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, unit)| format!("{count} {unit}"))
        .collect();
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn work_ends_with_it_and_nothing_begins_after_it() {
        let deadline = Deadline::after(Duration::from_secs(90));
        assert!(deadline.run(tokio::time::sleep(Duration::from_mins(1))).await.is_ok());
        assert!(!deadline.cuts(Duration::from_secs(29)) && deadline.cuts(Duration::from_secs(30)));
        let error = deadline.run(std::future::pending::<()>()).await.unwrap_err();
        assert_eq!(error.unavailability(), Some(Unavailability::Deadline));
        assert_eq!(error.to_string(), "the deadline of 1 min 30 s passed before this was read");
        assert!(deadline.has_passed());
        let begun = std::cell::Cell::new(false);
        assert!(deadline.run(async { begun.set(true) }).await.is_err());
        assert!(!begun.get());
    }

    #[tokio::test(start_paused = true)]
    async fn without_one_nothing_is_cut() {
        assert!(Deadline::NONE.run(tokio::time::sleep(Duration::from_hours(9))).await.is_ok());
        assert!(!Deadline::NONE.cuts(Duration::MAX) && !Deadline::NONE.has_passed());
        assert_eq!(Deadline::after(Duration::MAX), Deadline::NONE);
    }

    #[test]
    fn lengths_are_told_in_their_units() {
        let lengths = [500, 45_000, 600_000, 5_400_000, 3_661_000].map(Duration::from_millis);
        assert_eq!(lengths.map(spoken), ["500 ms", "45 s", "10 min", "1 h 30 min", "1 h 1 min 1 s"]);
    }
}
