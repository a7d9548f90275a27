//! A small generator whose sequence will never change, so that a seed means the same data in every
//! release: SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).

/// A deterministic source of numbers.
#[derive(Debug, Clone)]
pub(crate) struct Rng(u64);

impl Rng {
    /// A source for `seed`; `stream` sets sources of one seed apart.
    pub(crate) const fn new(seed: u64, stream: u64) -> Self {
        Self(seed.wrapping_mul(0xA076_1D64_78BD_642F) ^ stream.wrapping_mul(0xE703_7ED1_A0B4_28DB))
    }

    /// The next number.
    pub(crate) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `bound`; 0 when `bound` is 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        let bound = u128::try_from(bound).unwrap_or(u128::MAX >> 64);
        usize::try_from((u128::from(self.next()) * bound) >> 64).unwrap_or(0)
    }

    /// Whether an event of so many percent happens.
    pub(crate) fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of `items`, or `otherwise` when there are none.
    pub(crate) fn pick<T: Copy>(&mut self, items: &[T], otherwise: T) -> T {
        items.get(self.below(items.len())).copied().unwrap_or(otherwise)
    }

    /// An identifier.
    pub(crate) fn id(&mut self) -> u128 {
        (u128::from(self.next()) << 64) | u128::from(self.next())
    }

    /// A number of milliseconds below `bound`.
    pub(crate) fn millis(&mut self, bound: i64) -> i64 {
        i64::try_from(self.below(usize::try_from(bound).unwrap_or(0))).unwrap_or(0)
    }
}
