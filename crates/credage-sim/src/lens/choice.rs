//! Which rows a lie is about.

use std::collections::HashSet;

use crate::collection::Collection;
use crate::config::Which;
use crate::data::Domain;
use crate::keys::AUDITOR;

/// Rows by their ids.
#[derive(Clone, Debug)]
pub(crate) enum Chosen {
    /// All, also those that come later.
    All,
    /// These.
    Only(HashSet<Box<str>>),
    /// All but these.
    AllBut(HashSet<Box<str>>),
}

impl Chosen {
    /// Chooses among the rows of a collection.
    pub(crate) fn new(domain: &Domain, collection: Collection, which: Which) -> Self {
        let (own, others) = split(domain, collection);
        let ids = |rows: &[(Box<str>, Box<str>)]| rows.iter().map(|(id, _)| id.clone()).collect();
        match which {
            Which::All => Self::All,
            Which::Own => Self::Only(own.into_iter().collect()),
            Which::NotOwn => Self::AllBut(own.into_iter().collect()),
            Which::First(count) => Self::Only(ids(others.get(..count.min(others.len())).unwrap_or_default())),
            Which::Last(count) => {
                Self::Only(ids(others.get(others.len().saturating_sub(count)..).unwrap_or_default()))
            }
            Which::Share { percent, salt } => {
                let ids = others.into_iter().map(|(id, _)| id);
                Self::Only(ids.filter(|id| drawn(id, "", salt) % 100 < u64::from(percent)).collect())
            }
            Which::OfFirstUsers(count) => {
                let (_, users) = split(domain, Collection::Users);
                let first: HashSet<Box<str>> = users.into_iter().take(count).map(|(id, _)| id).collect();
                let theirs = others.into_iter().filter(|(_, owner)| first.contains(owner));
                Self::Only(theirs.map(|(id, _)| id).collect())
            }
        }
    }

    /// Whether a row is among them.
    pub(crate) fn has(&self, id: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(ids) => ids.contains(id),
            Self::AllBut(ids) => !ids.contains(id),
        }
    }
}

/// The ids of the auditor's rows, and the ids and owners of all others, by id.
#[expect(clippy::type_complexity, reason = "two lists for one caller above")]
fn split(domain: &Domain, collection: Collection) -> (Vec<Box<str>>, Vec<(Box<str>, Box<str>)>) {
    let auditor = domain.owner_place(AUDITOR);
    let mut own = Vec::new();
    let mut others = Vec::new();
    if collection == Collection::Users {
        for (place, user) in domain.users.iter().enumerate().filter(|(_, user)| !user.ghost) {
            if Some(place) == auditor {
                own.push(user.id.clone());
            } else {
                others.push((user.id.clone(), user.id.clone()));
            }
        }
        return (own, others);
    }
    for row in domain.credentials(collection) {
        if Some(row.owner) == auditor {
            own.push(row.id.clone());
        } else {
            let owner = domain.users.get(row.owner).map(|user| user.id.clone()).unwrap_or_default();
            others.push((row.id.clone(), owner));
        }
    }
    (own, others)
}

/// A number that looks drawn and depends on these alone (FNV-1a, finished by the mixer of SplitMix64).
pub(crate) fn drawn(text: &str, more: &str, salt: u64) -> u64 {
    let bytes = text.bytes().chain([0]).chain(more.bytes()).chain(salt.to_le_bytes());
    let hash = bytes.fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    });
    let mixed = (hash ^ (hash >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::SimConfig;
    use crate::data::{Auditor, generate};

    fn domain() -> Domain {
        let config = SimConfig {
            users: 40,
            credentials: Some(120),
            ..SimConfig::new("2026-06-01T00:00:00Z".parse().unwrap())
        };
        generate(&config, &Auditor { ocid: AUDITOR, fingerprint: "aa" })
    }

    fn count(domain: &Domain, which: Which) -> usize {
        let chosen = Chosen::new(domain, Collection::ApiKeys, which);
        domain.credentials(Collection::ApiKeys).iter().filter(|row| chosen.has(&row.id)).count()
    }

    #[test]
    fn the_auditors_rows_are_chosen_by_name_alone() {
        let domain = domain();
        let all = domain.credentials(Collection::ApiKeys).len();
        assert_eq!((count(&domain, Which::All), count(&domain, Which::Own)), (all, 1));
        assert_eq!(count(&domain, Which::NotOwn), all - 1);
        assert_eq!(count(&domain, Which::First(3)), 3);
        assert_eq!(count(&domain, Which::Last(usize::MAX)), all - 1);
        assert_eq!(count(&domain, Which::Share { percent: 100, salt: 1 }), all - 1);
        assert_eq!(count(&domain, Which::OfFirstUsers(usize::MAX)), all - 1 - ghosts(&domain));
        let some = count(&domain, Which::Share { percent: 50, salt: 1 });
        assert!(some > all / 4 && some < all, "{some} of {all}");
    }

    fn ghosts(domain: &Domain) -> usize {
        let of_ghost = |owner: usize| domain.users.get(owner).is_some_and(|user| user.ghost);
        domain.credentials(Collection::ApiKeys).iter().filter(|row| of_ghost(row.owner)).count()
    }
}
