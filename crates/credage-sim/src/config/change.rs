//! What changes in a domain while it is being read.

use crate::collection::Collection;

/// Something that changes at a moment. The index follows, as far as it does not lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// The collection whose requests are counted; nothing means all.
    pub counted: Option<Collection>,
    /// Just before which request, counted from 1.
    pub at: u64,
    /// What.
    pub what: What,
}

/// What changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// The first so many rows of a collection by id are deleted, users with everything they own. The auditor and what
    /// the auditor owns stay.
    DeleteFirst(Collection, usize),
    /// The same with the last.
    DeleteLast(Collection, usize),
    /// So many rows come in, which are the first by id. Users come without credentials.
    InsertFirst(Collection, usize),
    /// The same, and they are the last.
    InsertLast(Collection, usize),
    /// The first so many rows are deleted and as many come in at the end: all others move, and totals stay.
    Slip(Collection, usize),
    /// So many users are deleted, and their credentials stay.
    Orphan(usize),
}
