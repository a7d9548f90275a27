//! One inventory in one file: JSON under Zstandard, `credage.inventory/v1`. No secret is in it, since none is ever read.
//!
//! [`read`] takes all of it. [`Archive`] takes what has to do with one user or credential, which an index behind the
//! document points at.

mod attributes_v1;
mod frames;
mod part;
mod reading_v1;
mod records;
mod unfold;
mod user_v1;
mod v1;

use std::io::{self, Read, Write};

use credage_core::Inventory;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use self::frames::{Framed, Log};
pub use self::part::Archive;
use self::unfold::unfolded;
use self::v1::InventoryV1;

/// What every version begins with.
const FAMILY: &str = "credage.inventory/";
const V1: &str = "credage.inventory/v1";
/// Zstandard's own default.
const LEVEL: i32 = 3;
/// What every file of Zstandard begins with (RFC 8878, section 3.1.1).
const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
const MAGIC_LENGTH: u64 = 4;

/// Why a file could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The file system failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// Not what `--save` writes.
    #[error("it is no inventory that credage saved: {0}")]
    Foreign(String),
    /// Written by a later credage.
    #[error(
        "it has the format {found}, and this version of credage knows {V1} at most; use the credage that wrote it ({writer}) or a later one"
    )]
    Newer {
        /// The format.
        found: String,
        /// Who wrote it.
        writer: String,
    },
    /// Begun right, and then damaged.
    #[error("it is damaged: {0}")]
    Damaged(String),
}

#[derive(Serialize)]
struct Document<T> {
    schema: &'static str,
    written_by: String,
    collected_at: String,
    inventory: T,
}

/// What is looked at first, so that a later version is told from a damaged file.
#[derive(Deserialize)]
struct Header {
    schema: Option<String>,
    #[serde(default)]
    written_by: String,
}

#[derive(Deserialize)]
struct ReadBack {
    collected_at: String,
    inventory: v1::ReadInventoryV1,
}

/// Writes an inventory that was collected at `collected_at`.
pub fn write(
    inventory: &Inventory,
    collected_at: Timestamp,
    out: &mut dyn Write,
) -> Result<(), SnapshotError> {
    let log = Log::default();
    let mut folded = Framed::new(out, LEVEL, &log)?;
    let written = Document {
        schema: V1,
        written_by: concat!("credage ", env!("CARGO_PKG_VERSION")).to_owned(),
        collected_at: collected_at.to_string(),
        inventory: InventoryV1::recorded(inventory, &log),
    };
    serde_json::to_writer(&mut folded, &written).map_err(io::Error::from)?;
    Ok(folded.finish()?)
}

/// Reads an inventory; it carries when it was collected.
pub fn read(mut input: impl Read) -> Result<Inventory, SnapshotError> {
    let mut head = Vec::new();
    input.by_ref().take(MAGIC_LENGTH).read_to_end(&mut head)?;
    if head.is_empty() {
        return Err(SnapshotError::Foreign("it is empty".to_owned()));
    }
    if head != MAGIC {
        return Err(SnapshotError::Foreign("it is not packed with Zstandard".to_owned()));
    }
    let text = unfolded(head.as_slice().chain(input));
    decode(&text.map_err(|error| SnapshotError::Damaged(error.to_string()))?)
}

/// The inventory of a document.
fn decode(text: &[u8]) -> Result<Inventory, SnapshotError> {
    let header: Header =
        serde_json::from_slice(text).map_err(|error| SnapshotError::Foreign(error.to_string()))?;
    match header.schema.as_deref() {
        Some(V1) => {}
        Some(found) if found.starts_with(FAMILY) => {
            return Err(SnapshotError::Newer { found: found.to_owned(), writer: header.written_by });
        }
        _ => return Err(SnapshotError::Foreign("it does not name its format".to_owned())),
    }
    let read: ReadBack =
        serde_json::from_slice(text).map_err(|error| SnapshotError::Damaged(error.to_string()))?;
    let collected_at = read
        .collected_at
        .parse()
        .map_err(|_| SnapshotError::Damaged(format!("`{}` is no instant", read.collected_at)))?;
    let inventory = Inventory::try_from(read.inventory).map_err(SnapshotError::Damaged)?;
    Ok(Inventory { collected_at: Some(collected_at), ..inventory })
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
