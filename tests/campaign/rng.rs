//! Numbers drawn from a seed, the same in every release: SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom
//! number generators, 2014).

/// A deterministic source of numbers.
#[derive(Clone, Debug)]
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0xA076_1D64_78BD_642F) ^ 0x5EED)
    }

    pub(crate) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: usize, high: usize) -> usize {
        let width = u64::try_from(high.saturating_sub(low)).unwrap_or_default() + 1;
        low + usize::try_from(self.next() % width).unwrap_or_default()
    }

    /// Whether an event of so many percent happens.
    pub(crate) const fn percent(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }

    /// One of `items`.
    pub(crate) fn pick<T: Copy, const N: usize>(&mut self, items: [T; N]) -> T {
        const { assert!(N > 0, "nothing to pick from") };
        let place = self.between(0, N - 1);
        items.get(place).copied().unwrap_or(items[0])
    }

    /// Some of `items`, at most `most`, at least one.
    pub(crate) fn some<T: Copy>(&mut self, items: &[T], most: usize) -> Vec<T> {
        let mut left = items.to_vec();
        let count = self.between(1, most.min(left.len()).max(1));
        let mut chosen = Vec::new();
        for _ in 0..count {
            if left.is_empty() {
                break;
            }
            let place = self.between(0, left.len() - 1);
            chosen.push(left.swap_remove(place));
        }
        chosen
    }
}
