//! From what stood in the way to what is said about it: reason, likely cause, next step.

use credage_core::Incomplete;

use crate::client::RequestError;

const RIGHTS: &str = "grant the auditor's group `read users` and `inspect credentials` in the tenancy (README, \
                      \"The rights it needs\")";
const RIGHTS_OR_URL: &str = "grant the auditor's group `read users` and `inspect credentials` in the tenancy (README, \
                             \"The rights it needs\"); if it has these, check that this is the domain's URL";
const SIGNATURE: &str = "check that the profile's key belongs to a user who may sign in to this domain, that the clock is right to \
                         5 minutes, and that the domain is replicated to the region of this URL";
const SERVICE: &str =
    "run the audit again; if it persists, quote the opc-request-id in a service request to Oracle";
const NETWORK: &str = "check the domain URL, name resolution, proxy and firewall, then run the audit again";
const REDIRECT: &str = "give the URL that the console shows as the domain's own; if something between here and there redirects, such as a \
                        proxy's sign-in page, ask whoever runs it";
const SLOWER: &str = "give the domain's own licence with --rate-limit, or a lower rate such as `5/s,60/min`";
const PROFILE: &str = "mend the profile as the message says, then run the audit again";
const OTHER: &str = "run again with -v to see each request; the domain's answer may name what it wants";

/// What a failed question means for coverage.
pub fn incomplete(error: &RequestError) -> Incomplete {
    let (request_id, hint, rights) = match error {
        RequestError::Refused { status, request_id, .. } => {
            let (hint, rights) = match status {
                401 => (SIGNATURE, true),
                403 => (RIGHTS, true),
                404 => (RIGHTS_OR_URL, true),
                300..=399 => (REDIRECT, false),
                _ => (OTHER, false),
            };
            (request_id.clone(), hint, rights)
        }
        RequestError::Unavailable { status, request_id, remedy, .. } => {
            let hint = match (remedy, status) {
                (Some(remedy), _) => remedy,
                (None, Some(429)) => SLOWER,
                (None, Some(_)) => SERVICE,
                (None, None) => NETWORK,
            };
            (request_id.clone(), hint, false)
        }
        RequestError::Auth(error) => (None, error.remedy().unwrap_or(PROFILE), false),
    };
    Incomplete {
        status: error.status(),
        rights,
        reason: error.to_string(),
        hint: hint.to_owned(),
        request_id,
    }
}

/// An empty answer that nothing proves: most likely the rows are hidden for want of rights.
pub(crate) fn unproven_empty(named: usize) -> Incomplete {
    let reason = if named == 0 {
        "the domain answered with an empty list, and nothing proves that it is one".to_owned()
    } else {
        format!("the domain answered with an empty list, although its users' index names {named}")
    };
    Incomplete { status: None, rights: true, reason, hint: RIGHTS.to_owned(), request_id: None }
}

/// Rows that the index names and that no question brought.
pub(crate) fn missing_rows(missing: usize) -> Incomplete {
    let reason = format!("{missing} that the users' index names could not be read");
    Incomplete { status: None, rights: true, reason, hint: RIGHTS.to_owned(), request_id: None }
}

/// Pages whose numbers never added up.
pub(crate) fn moving_rows() -> Incomplete {
    Incomplete::new("rows came and went while they were read, twice", "run the audit again at a quieter time")
}

/// Whether a refusal may mean "not in this way" rather than "not you".
pub(crate) const fn may_answer_another_listing(error: &RequestError) -> bool {
    matches!(error, RequestError::Refused { status: 400 | 403 | 404 | 405 | 413 | 414 | 500 | 501, .. })
}
