//! About how many requests an audit of a domain takes, and how long at the domain's pace.

use credage_core::{Estimate, Listing};

use crate::collect::FIRST_BATCH;
use crate::collect::probe::{Answer, KindSeen, UsersSeen};
use crate::scim::query::MAX_COUNT;

/// What an audit takes; nothing where a kind cannot be listed.
pub(super) fn estimate(
    users: &UsersSeen,
    kinds: &[KindSeen],
    budget: Option<(u32, u32)>,
) -> Option<Estimate> {
    let of_kinds = kinds.iter().map(|seen| of_kind(users, seen)).sum::<Option<u64>>()?;
    let requests = pages(users.total) + of_kinds;
    Some(Estimate { requests, seconds: seconds(requests, budget) })
}

fn of_kind(users: &UsersSeen, seen: &KindSeen) -> Option<u64> {
    let cost = match &seen.answer {
        Answer::Rows(Listing::Whole | Listing::Filtered, rows) => pages(rows.unwrap_or(1)),
        Answer::Empty(_) => 1,
        Answer::Rows(Listing::Batched, _) => {
            owners(users, seen).div_ceil(u64::try_from(FIRST_BATCH).unwrap_or(u64::MAX))
        }
        Answer::Rows(Listing::Single, _) => owners(users, seen),
        Answer::Hides { .. } | Answer::Refused(_) | Answer::NobodyToAsk(_) => return None,
    };
    Some(cost + seen.left)
}

/// About how many users own a credential of a kind: everybody may where no index tells.
pub(super) fn owners(users: &UsersSeen, seen: &KindSeen) -> u64 {
    if !users.index || users.sampled == 0 {
        return users.total;
    }
    let named = *users.owners.get(seen.kind);
    (named * users.total.max(users.sampled)).div_ceil(users.sampled)
}

fn pages(rows: u64) -> u64 {
    rows.div_ceil(MAX_COUNT).max(1)
}

/// The last request leaves after all full minutes, and then after all full seconds.
fn seconds(requests: u64, budget: Option<(u32, u32)>) -> u64 {
    let Some((second, minute)) = budget else { return 0 };
    let (second, minute) = (u64::from(second.max(1)), u64::from(minute.max(1)));
    let before = requests.saturating_sub(1);
    before / minute * 60 + before % minute / second
}

#[cfg(test)]
mod tests {
    use credage_core::Kind;
    use credage_core::kind::PerKind;

    use super::*;

    fn users(total: u64, index: bool) -> UsersSeen {
        UsersSeen { total, sampled: total.min(100), index, owners: PerKind::from_fn(|_| 30) }
    }

    fn kind(answer: Answer, left: u64) -> KindSeen {
        KindSeen { kind: Kind::ApiKey, answer, left }
    }

    #[test]
    fn every_listing_has_its_price() {
        let whole = kind(Answer::Rows(Listing::Whole, Some(2_001)), 0);
        let batched = kind(Answer::Rows(Listing::Batched, None), 3);
        let single = kind(Answer::Rows(Listing::Single, None), 4);
        let requests = |users: &UsersSeen, seen| estimate(users, &[seen], None).unwrap().requests;
        assert_eq!(requests(&users(1_000, true), whole), 1 + 3);
        assert_eq!(requests(&users(1_000, true), batched), 1 + 5 + 3, "300 owners in batches of 64");
        let seen = kind(Answer::Rows(Listing::Single, None), 4);
        assert_eq!(requests(&users(1_000, true), single), 1 + 300 + 4);
        assert_eq!(requests(&users(1_000, false), seen), 1 + 1_000 + 4);
        let hides = kind(Answer::Hides { listing: Listing::Whole, rows: 1, named: 9 }, 0);
        assert_eq!(estimate(&users(10, true), &[hides], None), None);
    }

    #[test]
    fn the_pace_gives_the_time() {
        assert_eq!(seconds(16, Some((16, 120))), 0);
        assert_eq!(seconds(17, Some((16, 120))), 1);
        assert_eq!(seconds(121, Some((16, 120))), 60);
        assert_eq!(seconds(250, Some((16, 120))), 120);
        assert_eq!(seconds(1_000, None), 0);
    }
}
