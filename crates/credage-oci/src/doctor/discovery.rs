//! Whether all domains of a tenancy can be found.

use credage_core::{Check, Gap};

use super::rights::missing;
use crate::auth::AuthMethod;
use crate::discovery::lacking;

/// What the search came to: `domains` found, and places where it was in vain.
pub fn checks(domains: usize, gaps: &[Gap], method: AuthMethod, clock_off: bool) -> Vec<Check> {
    let found = match domains {
        1 => "1 domain was found".to_owned(),
        many => format!("{many} domains were found"),
    };
    let mut checks = Vec::new();
    if domains > 0 {
        checks.push(Check::ok("domains", found));
    } else if gaps.is_empty() {
        let remedy =
            "check --domain, --exclude-domain and --compartment; `credage domains` lists what there is";
        checks.push(Check::misuse("domains", "there is no domain that was asked for", remedy));
    }
    checks.extend(gaps.iter().map(|gap| in_vain(gap, method, clock_off)));
    checks
}

fn in_vain(gap: &Gap, method: AuthMethod, clock_off: bool) -> Check {
    let remedy = match gap.why.status {
        Some(401) if clock_off => "set the clock first: as it is, every signature is refused",
        _ => gap.why.hint.as_str(),
    };
    let detail = format!("could not {}: {}; more domains may exist", gap.what, gap.why.reason);
    let check = Check { request_id: gap.why.request_id.clone(), ..Check::problem("search", detail, remedy) };
    match lacking(gap) {
        Some(right) => missing(check, &[right], method),
        None => check,
    }
}
