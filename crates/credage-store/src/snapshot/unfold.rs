//! Unfolding with a bound: a file of a few kilobytes must not become gigabytes in memory.

use std::cell::Cell;
use std::io::{self, Read};

/// What any file may unfold to.
const FLOOR: u64 = 16 * 1024 * 1024;
/// What it may unfold to for each of its bytes. Inventories come to some 20: names and ids do not repeat.
const RATIO: u64 = 200;
/// The most that any file may unfold to: a million credentials are some 500 MB.
const MOST: u64 = 4 * 1024 * 1024 * 1024;
/// The window that frames may ask for, as a power of two: 32 MiB, of which ours need a fraction.
const WINDOW: u32 = 25;
const STEP: usize = 128 * 1024;

/// All of what is folded.
///
/// # Errors
/// It is damaged, or unfolds to more than an inventory of its size can.
pub(super) fn unfolded(folded: impl Read) -> io::Result<Vec<u8>> {
    let read = Cell::new(0);
    let mut unfolding = zstd::Decoder::new(Counted { inner: folded, read: &read })?;
    unfolding.window_log_max(WINDOW)?;
    let (mut text, mut step) = (Vec::new(), vec![0; STEP]);
    loop {
        let length = match unfolding.read(&mut step) {
            Ok(0) => return Ok(text),
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        text.extend_from_slice(step.get(..length).unwrap_or_default());
        check(text.len(), read.get())?;
    }
}

/// Whether so many bytes may hold so much text.
pub(super) fn check(text: usize, folded: u64) -> io::Result<()> {
    let most = folded.saturating_mul(RATIO).saturating_add(FLOOR).min(MOST);
    if u64::try_from(text).is_ok_and(|text| text <= most) {
        return Ok(());
    }
    Err(io::Error::other("it unfolds to more than an inventory of its size can hold"))
}

/// Counts what is read.
struct Counted<'c, R> {
    inner: R,
    read: &'c Cell<u64>,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.read.set(self.read.get().saturating_add(u64::try_from(length).unwrap_or(u64::MAX)));
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn folded(text: &[u8]) -> Vec<u8> {
        zstd::bulk::compress(text, 3).unwrap()
    }

    #[test]
    fn a_bomb_is_not_unfolded() {
        for byte in [0, b'{'] {
            let bomb = folded(&vec![byte; 200 << 20]);
            assert!(bomb.len() < 100_000, "{}", bomb.len());
            let error = unfolded(bomb.as_slice()).unwrap_err();
            assert!(error.to_string().contains("more than an inventory"), "{error}");
        }
        // Frame by frame, each of them harmless.
        let frames = folded(&vec![b' '; 4 << 20]).repeat(40);
        assert!(unfolded(frames.as_slice()).is_err());
    }

    #[test]
    fn a_window_that_no_inventory_needs_is_refused() {
        let mut folding = zstd::Encoder::new(Vec::new(), 3).unwrap();
        folding.window_log(27).unwrap();
        folding.write_all(b"{}").unwrap();
        assert!(unfolded(folding.finish().unwrap().as_slice()).is_err());
    }

    #[test]
    fn what_repeats_a_lot_is_unfolded_all_the_same() {
        let text = vec![b'x'; 15 << 20];
        assert_eq!(unfolded(folded(&text).as_slice()).unwrap(), text);
    }
}
