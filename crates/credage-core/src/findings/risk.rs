//! How much is at stake with a finding: what five hundred findings of one level are ordered by.
//!
//! One point for each day overdue (at most 730), 200 where the owner is an administrator, 100 where the owner is inactive
//! or gone, and 50 for each further living credential of the same owner and kind (at most 150).

use crate::assessment::Assessed;
use crate::due::Standing;
use crate::inventory::OwnerState;
use crate::rules::Holdings;

const MOST_DAYS: i64 = 730;
const ADMINISTRATOR: u32 = 200;
const UNWATCHED: u32 = 100;
const COPY: u32 = 50;
const MOST_COPIES: u32 = 3;

/// The risk of a credential.
pub(super) fn of_credential(assessed: &Assessed<'_>, holdings: &Holdings<'_>) -> u32 {
    let judgement = &assessed.judgement;
    let late = judgement.is(Standing::Overdue) || judgement.is(Standing::Expired);
    let days = if late { judgement.days_left.map_or(0, |left| (-left).clamp(0, MOST_DAYS)) } else { 0 };
    let copies = holdings.of(assessed.credential.kind).alive.saturating_sub(1).min(MOST_COPIES);
    let unwatched = assessed.owner_state() == OwnerState::Gone || assessed.owner_active() == Some(false);
    u32::try_from(days).unwrap_or_default()
        + of_owner(holdings)
        + if unwatched { UNWATCHED } else { 0 }
        + copies * COPY
}

/// The risk that an owner brings.
pub(super) fn of_owner(holdings: &Holdings<'_>) -> u32 {
    if holdings.administrator == Some(true) { ADMINISTRATOR } else { 0 }
}
