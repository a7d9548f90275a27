//! The file in frames: Zstandard lets a file consist of several (RFC 8878, section 3), and every one is unfolded by
//! itself. A frame holds records of one list of one domain, or what stands around them, and never a part of a record.
//!
//! Which is which says an index behind them, in a skippable frame that other readers pass over: the file stays what it is,
//! JSON under Zstandard.

use std::cell::{Cell, RefCell};
use std::io::{self, Write};

use credage_core::findings::{LOCATOR, locator};
use serde::{Deserialize, Serialize};

/// Text from which on a frame ends with its record.
const FULL: usize = 128 * 1024;
/// The skippable frame of the index (RFC 8878, section 3.1.2: any of 0x184D2A50 to 0x184D2A5F).
const SKIPPABLE: [u8; 4] = 0x184D_2A5C_u32.to_le_bytes();
/// The last bytes of the file.
pub(super) const MARK: [u8; 8] = *b"credage\x01";
/// The length of the folded index and the mark.
pub(super) const TAIL: usize = 4 + MARK.len();
pub(super) const INDEX: &str = "credage.inventory-index/v1";

/// What a frame holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Section {
    /// What stands around the records: with all other frames left out, the document with empty lists.
    Frame,
    /// Users of the domain at this place, each followed by a comma but the last of the list.
    Users(usize),
    /// The same with credentials.
    Credentials(usize),
}

/// The index: a line of JSON, then the locators of all keys ([`locator`]), frame by frame.
#[derive(Serialize, Deserialize)]
pub(super) struct Index {
    pub(super) schema: String,
    pub(super) frames: Vec<Frame>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Frame {
    pub(super) section: Section,
    /// Bytes in the file.
    pub(super) folded: u64,
    /// Keys of its records.
    pub(super) keys: usize,
}

/// What serialisation tells the writer below it.
#[derive(Default)]
pub(super) struct Log {
    /// What comes next.
    section: Cell<Option<Section>>,
    /// Whether a record begins here, so that a full frame may end.
    at_record: Cell<bool>,
    keys: RefCell<Vec<u8>>,
}

impl Log {
    /// A record begins with the next byte.
    pub(super) fn record(&self, section: Section) {
        self.section.set(Some(section));
        self.at_record.set(true);
    }

    /// The last record of a list was written.
    pub(super) fn end(&self) {
        self.section.set(Some(Section::Frame));
    }

    /// The record that was just written is looked for by this.
    pub(super) fn key(&self, key: &str) {
        self.keys.borrow_mut().extend(locator(key));
    }
}

/// Folds what is written, frame by frame.
pub(super) struct Framed<'l, W> {
    out: W,
    log: &'l Log,
    folder: zstd::bulk::Compressor<'static>,
    section: Section,
    text: Vec<u8>,
    frames: Vec<Frame>,
    keys: usize,
}

impl<'l, W: Write> Framed<'l, W> {
    pub(super) fn new(out: W, level: i32, log: &'l Log) -> io::Result<Self> {
        let mut folder = zstd::bulk::Compressor::new(level)?;
        folder.include_checksum(true)?;
        let (text, frames) = (Vec::new(), Vec::new());
        Ok(Self { out, log, folder, section: Section::Frame, text, frames, keys: 0 })
    }

    /// Ends the last frame and writes the index.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.end_frame()?;
        let index = Index { schema: INDEX.to_owned(), frames: std::mem::take(&mut self.frames) };
        let mut text = serde_json::to_vec(&index)?;
        text.push(b'\n');
        text.extend(self.log.keys.take());
        let folded = self.folder.compress(&text)?;
        let length = |bytes: usize| u32::try_from(bytes).map(u32::to_le_bytes).map_err(io::Error::other);
        self.out.write_all(&SKIPPABLE)?;
        self.out.write_all(&length(folded.len() + TAIL)?)?;
        self.out.write_all(&folded)?;
        self.out.write_all(&length(folded.len())?)?;
        self.out.write_all(&MARK)?;
        self.out.flush()
    }

    fn end_frame(&mut self) -> io::Result<()> {
        if self.text.is_empty() {
            return Ok(());
        }
        let folded = self.folder.compress(&self.text)?;
        self.out.write_all(&folded)?;
        self.text.clear();
        let all = self.log.keys.borrow().len() / LOCATOR;
        let keys = all - std::mem::replace(&mut self.keys, all);
        let folded = u64::try_from(folded.len()).map_err(io::Error::other)?;
        self.frames.push(Frame { section: self.section, folded, keys });
        Ok(())
    }
}

impl<W: Write> Write for Framed<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let section = self.log.section.take().unwrap_or(self.section);
        let full = self.log.at_record.take() && self.text.len() >= FULL;
        if full || section != self.section {
            self.end_frame()?;
            self.section = section;
        }
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
