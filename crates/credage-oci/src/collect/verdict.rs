//! From what stood in the way to what is said about it: reason, likely cause, next step.

use credage_core::kind::Right;
use credage_core::{Incomplete, Kind};

use super::listing::{Listed, Totals, Trouble};
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
const PROFILE: &str = "fix the profile as the message says, then run the audit again";
const AGAIN: &str = "run the audit again; if it persists, run it with -v and report the answers to Oracle";
const CONFIRM: &str =
    "confirm in the console that there are none and say so in the policy file (`[[confirmed_empty]]`)";
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

/// What is doubtful about the numbers of a listing; nothing where they add up.
pub(crate) fn doubt<R>(listed: &Listed<R>) -> Option<Incomplete> {
    if let Some(error) = &listed.failure {
        return Some(incomplete(error));
    }
    let (came, announced) = (listed.len(), listed.total.unwrap_or_default());
    let reason = match (listed.trouble, listed.totals) {
        (Some(Trouble::Repeats), _) => "the domain returned the same rows page after page".to_owned(),
        (Some(Trouble::Endless), _) => {
            format!("the domain announced {announced} rows and went on returning more than twice as many")
        }
        (_, Totals::MoreAnnounced) => format!("the domain announced {announced} rows and returned {came}"),
        (_, Totals::FewerAnnounced) => {
            format!("the domain announced fewer rows than it returned ({came}), so its totals prove nothing")
        }
        (_, Totals::LeftOut) => "the domain did not say how many rows there are".to_owned(),
        (Some(Trouble::Moved), Totals::Agree) => "rows changed their places while they were read".to_owned(),
        (None, Totals::Agree) if listed.unusable > 0 => {
            format!("{} of the rows had no usable id", listed.unusable)
        }
        (None, Totals::Agree) => return None,
    };
    Some(Incomplete::new(reason, AGAIN))
}

/// An empty list of users.
pub(crate) fn no_users() -> Incomplete {
    rights("the domain returned an empty list of users".to_owned())
}

/// A list of users that holds the caller alone.
pub(crate) fn only_caller() -> Incomplete {
    let reason = "the domain shows no user but you: either there are no others, or you may not see them";
    rights(reason.to_owned())
}

/// Owners of credentials that the listing of users does not have, although they exist.
pub(crate) fn unlisted_owners(found: u64) -> Incomplete {
    let reason = match found {
        1 => "1 user who owns a credential is missing from the list of users".to_owned(),
        _ => format!("{found} users who own credentials are missing from the list of users"),
    };
    Incomplete::new(reason, AGAIN)
}

/// Owners of credentials who are not listed, and of whom nobody can say whether they exist.
pub(crate) fn unknown_owners(unknown: u64) -> Incomplete {
    let reason = match unknown {
        1 => "1 owner of a credential is not among the users, and could not be looked up".to_owned(),
        _ => format!("{unknown} owners of credentials are not among the users, and could not be looked up"),
    };
    rights(reason)
}

/// An empty answer although the index names credentials: most likely the rows are hidden for lack of permission.
pub(crate) fn hidden(named: usize) -> Incomplete {
    rights(format!("the domain returned an empty list, although its users' index names {named}"))
}

/// Rows that the index names and that no request returned; `both` of them were answered 404 together with their owner.
pub(crate) fn missing_rows(missing: usize, both: usize) -> Incomplete {
    let them = match missing {
        1 => "1 credential that the users' index names could not be read".to_owned(),
        _ => format!("{missing} credentials that the users' index names could not be read"),
    };
    let reason = match both {
        0 => them,
        _ => format!(
            "{them}; for {both} of them the domain answered 404 for the credential and for its owner, which means that \
             they were deleted or that you may not see them"
        ),
    };
    rights(reason)
}

/// A listing that lacked rows which were found in other ways, so that it may lack more.
pub(crate) fn omitting() -> Incomplete {
    Incomplete::new("the list lacks credentials that the domain returns when asked for them by id", AGAIN)
}

/// A listing whose end nothing but its own total tells, where that total could not be checked.
pub(crate) fn unseen_end(error: &RequestError) -> Incomplete {
    let why = incomplete(error);
    Incomplete { reason: format!("the end of the list could not be checked: {}", why.reason), ..why }
}

/// A filtered listing that may have lost rows which lack what the filter looks at.
pub(crate) fn lossy_filter() -> Incomplete {
    let reason = "the list was only returned with a filter on the creation date, and nothing shows whether there are \
                  credentials without one";
    Incomplete::new(reason, OTHER)
}

/// A listing that seems complete and lacks rows that another listing returned.
pub(crate) fn contradiction() -> Incomplete {
    Incomplete::new("two ways of listing it returned different credentials", AGAIN)
}

/// Credentials without an owner.
pub(crate) fn nameless(credentials: u64) -> Incomplete {
    let reason = match credentials {
        1 => "1 credential does not say who owns it".to_owned(),
        _ => format!("{credentials} credentials do not say who owns them"),
    };
    Incomplete::new(reason, AGAIN)
}

/// Owners whose own lists do not add up.
pub(crate) fn doubtful_owners(owners: usize) -> Incomplete {
    let reason = match owners {
        1 => "the list of 1 owner does not add up".to_owned(),
        _ => format!("the lists of {owners} owners do not add up"),
    };
    Incomplete::new(reason, AGAIN)
}

/// Owners who were not asked, since nothing names them.
pub(crate) fn not_everybody_asked(asked: usize, users: usize) -> Incomplete {
    let reason = format!(
        "the users' index names nobody, and {asked} of {users} users, asked one by one, have none; the others were not \
         asked"
    );
    Incomplete::new(reason, CONFIRM)
}

/// A kind that was read owner by owner while the users were not read completely.
pub(crate) fn owners_incomplete() -> Incomplete {
    Incomplete::new(
        "it was read owner by owner, and the users were not read completely",
        "fix what is said about the users, then run the audit again",
    )
}

/// An empty list that no other user's credential supports.
pub(crate) fn unconfirmed_empty(kind: Kind) -> Incomplete {
    let label = kind.label();
    let reason = format!(
        "the domain returned no {label}, and nothing distinguishes \"there are none\" from \"you may not see them\""
    );
    rights_to_confirm(kind, reason)
}

/// A list that holds the caller's own credentials alone.
pub(crate) fn unconfirmed_own(kind: Kind) -> Incomplete {
    let label = kind.label();
    let reason = format!(
        "the domain returned no {label} but your own, and nothing shows that you may see those of other users"
    );
    rights_to_confirm(kind, reason)
}

fn rights_to_confirm(kind: Kind, reason: String) -> Incomplete {
    let right = match kind.right() {
        Right::ReadUsers => "has `read users`",
        Right::InspectCredentials => "has `inspect credentials`",
        Right::Undocumented => "may read other users' database passwords",
    };
    let hint = format!("make sure that the auditor's group {right} in the tenancy, then {CONFIRM}");
    Incomplete { rights: true, ..Incomplete::new(reason, hint) }
}

fn rights(reason: String) -> Incomplete {
    Incomplete { rights: true, ..Incomplete::new(reason, RIGHTS) }
}

/// Whether a refusal may mean "not in this way" rather than "not you". A service that fails at a query that it does not know
/// answers 500 or 501 as well.
pub(crate) const fn may_answer_another_listing(error: &RequestError) -> bool {
    matches!(error, RequestError::Refused { status: 400 | 403 | 404 | 405 | 413 | 414 | 500 | 501, .. })
}
