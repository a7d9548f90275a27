//! The attributes that odd values are put into.

use credage_sim::Collection;

use crate::rng::Rng;

macro_rules! urn {
    ($tail:literal) => {
        concat!("urn:ietf:params:scim:schemas:oracle:idcs:extension:", $tail)
    };
}

const OF_CREDENTIALS: [&str; 14] = [
    "id",
    "ocid",
    "user",
    "user.value",
    "user.ocid",
    "user.name",
    "user.display",
    "description",
    "displayName",
    "fingerprint",
    "meta",
    "meta.created",
    "expiresOn",
    "lastSetDate",
];

const OF_USERS: [&str; 19] = [
    "id",
    "ocid",
    "userName",
    "displayName",
    "active",
    "emails",
    "groups",
    "meta",
    "meta.created",
    urn!("capabilities:User"),
    urn!("capabilities:User:canUseApiKeys"),
    urn!("user:User:serviceUser"),
    urn!("user:User:isFederatedUser"),
    urn!("user:User:appRoles"),
    urn!("userState:User:lastSuccessfulLoginDate"),
    urn!("mfa:User:mfaStatus"),
    urn!("OCITags:freeformTags"),
    urn!("userCredentials:User"),
    urn!("userCredentials:User:apiKeys"),
];

/// Attributes of users, each with a rule that rests on it.
pub(crate) const WITH_RULES: [(&str, &str); 3] = [
    ("emails", "owner-without-email"),
    (urn!("userState:User:lastSuccessfulLoginDate"), "stale-owner"),
    (urn!("mfa:User:mfaStatus"), "owner-without-mfa"),
];

/// Any attribute.
pub(crate) fn any(rng: &mut Rng) -> (Collection, &'static str) {
    if rng.percent(40) {
        (Collection::Users, rng.pick(OF_USERS))
    } else {
        (rng.pick(Collection::CREDENTIALS), rng.pick(OF_CREDENTIALS))
    }
}

/// An attribute that a domain may do without.
pub(crate) fn optional(rng: &mut Rng) -> (Collection, &'static str) {
    if rng.percent(70) {
        let of_users = rng.pick(OF_USERS);
        (Collection::Users, if of_users == "id" { "emails" } else { of_users })
    } else {
        (
            rng.pick(Collection::CREDENTIALS),
            rng.pick(["meta.created", "description", "user.name", "ocid", "meta"]),
        )
    }
}
