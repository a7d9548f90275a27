//! What a finding rests on, as values; words are made of it only where they are shown.

use jiff::Timestamp;

use crate::credential::Credential;
use crate::days::Days;
use crate::kind::Kind;

/// What a finding rests on beside its credential's own dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence<'a> {
    /// The credential's judgement says it all.
    Judgement,
    /// A younger credential of the same owner and kind.
    Newer {
        /// It.
        credential: &'a Credential,
        /// Its age basis.
        made: Timestamp,
    },
    /// Kinds that a user may create and has none of.
    Unused(KindSet),
    /// More than allowed.
    Count {
        /// How many there are.
        have: u32,
        /// How many are allowed.
        allowed: u32,
    },
    /// No login for so long.
    LastLogin {
        /// The last one; `None` for never.
        at: Option<Timestamp>,
        /// How long is allowed.
        allowed: Days,
    },
    /// The state of something of the user.
    State(&'static str),
    /// What makes the owner an administrator: a group or a role.
    Administrator(&'a str),
    /// When a waiver ends or ended.
    WaiverEnds(Timestamp),
}

/// A set of kinds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KindSet(u8);

impl KindSet {
    /// The kinds that pass.
    pub fn of(mut passes: impl FnMut(Kind) -> bool) -> Self {
        let bits = Kind::ALL.into_iter().filter(|&kind| passes(kind)).map(|kind| 1 << kind.index());
        Self(bits.fold(0, |all, bit| all | bit))
    }

    /// Adds a kind.
    pub const fn insert(&mut self, kind: Kind) {
        self.0 |= 1 << kind.index();
    }

    /// Whether it has a kind.
    pub const fn has(self, kind: Kind) -> bool {
        self.0 & (1 << kind.index()) != 0
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The kinds, in the usual order.
    pub fn iter(self) -> impl Iterator<Item = Kind> {
        Kind::ALL.into_iter().filter(move |kind| self.0 & (1 << kind.index()) != 0)
    }
}
