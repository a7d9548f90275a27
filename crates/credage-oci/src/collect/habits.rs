//! What the pages of one listing teach for all others of the domain.

use std::sync::atomic::{AtomicU64, Ordering};

/// After so many pages that only a smaller size brought, listings begin with that size.
const LESSONS: u64 = 3;
/// What a domain's pages have shown.
#[derive(Debug, Default)]
pub(crate) struct Habits {
    /// The size at which it has been seen to cut its pages; 0 as long as it has not.
    cut: AtomicU64,
    /// How often only a smaller page was answered.
    shrunk: AtomicU64,
    /// The smallest of these; 0 as long as there was none.
    fits: AtomicU64,
}

impl Habits {
    /// The size at which pages are cut, where they are.
    pub(crate) fn cut(&self) -> Option<u64> {
        Some(self.cut.load(Ordering::Relaxed)).filter(|cut| *cut > 0)
    }

    /// Notes that a page was cut.
    pub(crate) fn note_cut(&self, rows: u64) {
        self.cut.fetch_max(rows, Ordering::Relaxed);
    }

    /// Notes that only a smaller page was answered.
    pub(crate) fn note_shrunk(&self, rows: u64) {
        self.shrunk.fetch_add(1, Ordering::Relaxed);
        let smaller = |fits: u64| (fits == 0 || rows < fits).then_some(rows);
        let _ = self.fits.fetch_update(Ordering::Relaxed, Ordering::Relaxed, smaller);
    }

    /// With how many rows a listing begins. One failure may be chance; several are a lesson.
    pub(crate) fn first_size(&self, count: u64) -> u64 {
        if self.shrunk.load(Ordering::Relaxed) < LESSONS {
            return count;
        }
        count.min(self.fits.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_small_page_is_chance_and_several_are_a_lesson() {
        let habits = Habits::default();
        assert_eq!((habits.cut(), habits.first_size(1000)), (None, 1000));
        for _ in 0..LESSONS {
            assert_eq!(habits.first_size(1000), 1000);
            habits.note_shrunk(400);
        }
        assert_eq!((habits.first_size(1000), habits.first_size(50)), (400, 50));
        habits.note_shrunk(50);
        assert_eq!(habits.first_size(1000), 50);
        habits.note_cut(3);
        habits.note_cut(2);
        assert_eq!(habits.cut(), Some(3), "the last page of a listing is shorter");
    }
}
