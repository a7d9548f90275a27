//! What is said on standard error about unconfirmed kinds: the lines that settle them once somebody has checked, and
//! confirmations of the policy that have ended or are needed no longer.

use credage_core::coverage::Witness;
use credage_core::policy::ConfirmedEmpty;
use credage_core::{Domain, DomainInventory, Inventory, Kind, Policy};
use jiff::Timestamp;

use crate::cli::GlobalArgs;
use crate::terminal;

/// Domains that are told of one by one.
const MAX_DOMAINS: usize = 3;

/// Says it. The inventory is settled.
pub(crate) fn tell(inventory: &Inventory, policy: &Policy, as_of: Timestamp, global: &GlobalArgs) {
    let open: Vec<(&DomainInventory, Vec<Kind>)> =
        inventory.domains.iter().map(|domain| (domain, unconfirmed(domain))).collect();
    let open: Vec<_> = open.into_iter().filter(|(_, kinds)| !kinds.is_empty()).collect();
    for (domain, kinds) in open.iter().take(MAX_DOMAINS) {
        tell_of(domain, kinds, policy, as_of, global);
    }
    if let Some(more) = open.len().checked_sub(MAX_DOMAINS).filter(|more| *more > 0) {
        let domains =
            if more == 1 { "1 more domain has".to_owned() } else { format!("{more} more domains have") };
        terminal::note(&format!("{domains} unconfirmed kinds; see Coverage in the report"), global);
    }
    if !inventory.narrowed && inventory.gaps.is_empty() {
        tell_of_idle(inventory, policy, global);
    }
}

fn unconfirmed(domain: &DomainInventory) -> Vec<Kind> {
    let open = domain.readings.iter().filter(|(_, reading)| reading.coverage.is_unconfirmed());
    open.map(|(kind, _)| kind).collect()
}

fn tell_of(domain: &DomainInventory, kinds: &[Kind], policy: &Policy, as_of: Timestamp, global: &GlobalArgs) {
    let names: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
    let lapsed = kinds.iter().filter_map(|kind| policy.lapsed_confirmation(&domain.domain, *kind, as_of));
    let lapsed = lapsed.max_by_key(|each| each.ends);
    let lapsed = lapsed.map_or_else(String::new, |each| {
        format!(" The confirmation in line {} of the policy ended with {}.", each.line, each.until)
    });
    let message = format!(
        "{}: nothing distinguishes \"there are none\" from \"you may not see them\" for {}.{lapsed} Check the console; if \
         there are none, add this to the policy file:",
        domain.domain.label(),
        names.join(", ")
    );
    let tolerable = kinds.iter().all(|kind| domain.readings.get(*kind).coverage.is_tolerable());
    if tolerable && global.quiet {
        return;
    }
    if tolerable {
        terminal::note(&message, global);
    } else {
        terminal::warn(&message, global);
    }
    terminal::lines(&policy.propose_confirmation(&domain.domain, kinds, as_of));
}

/// Confirmations of what needs none.
fn tell_of_idle(inventory: &Inventory, policy: &Policy, global: &GlobalArgs) {
    let mut needed: Vec<(&Domain, Kind)> = Vec::new();
    for domain in &inventory.domains {
        let open = domain.readings.iter().filter(|(_, reading)| {
            reading.coverage.is_unconfirmed() || reading.witnesses.contains(&Witness::Policy)
        });
        needed.extend(open.map(|(kind, _)| (&domain.domain, kind)));
    }
    let file = policy.file().unwrap_or("the policy");
    for ConfirmedEmpty { line, .. } in policy.idle_confirmations(&needed) {
        let message =
            format!("{file} line {line}: nothing that was read needs this confirmation; check or remove it");
        terminal::note(&message, global);
    }
}
