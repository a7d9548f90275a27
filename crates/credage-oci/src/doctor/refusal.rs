//! From errors to checks: what happened, and what to do about it.

use credage_core::Check;

use crate::auth::AuthError;
use crate::client::RequestError;
use crate::collect::incomplete;

const UNKNOWN_CALLER: &str = "compare the profile with the console: the public key must be among the user's API keys, \
                              user and tenancy must be those of this region's realm, and the user's domain must be \
                              replicated to this region";
const CLOCK_FIRST: &str = "set the clock first: as it is, every signature is refused";
const ELSEWHERE: &str = "give the domain's own URL, as its page in the console shows it; credage sends no signed request \
                         to where somebody else points";

/// What happened, and what to do about it. Errors of signing in say both, with a semicolon between them.
pub(super) fn of_auth(error: &AuthError) -> (String, String) {
    let text = error.to_string();
    let own = match error {
        AuthError::NoSuchProfile { names, .. } if !names.is_empty() => {
            let what = text.rsplit_once("; ").map_or(text.as_str(), |(what, _)| what).to_owned();
            return (what, format!("give --profile with one that it has: {}", names.join(", ")));
        }
        AuthError::MissingVariable { .. } => Some("set it, or choose another way to sign in with --auth"),
        AuthError::UnreadableFile { .. } => Some("make the file readable for you, such as with `chmod u+r`"),
        AuthError::MalformedFile { .. } => Some("correct that line; `oci setup config` writes a fresh file"),
        AuthError::NoFile { surplus: None, .. } => Some("correct the path, or put the file there"),
        AuthError::TokenUnavailable { remedy: None, .. } => {
            Some("check name resolution, proxy and firewall for that URL, then try again")
        }
        AuthError::NoTenancyInCertificate => Some("use another way to sign in with --auth elsewhere"),
        AuthError::BasicCluster { .. } => {
            Some("make it an enhanced cluster, or use another way to sign in with --auth")
        }
        AuthError::Region(error) => Some(error.remedy()),
        AuthError::Sign(_) => Some("correct what it names"),
        _ => error.remedy(),
    };
    match (own, text.rsplit_once("; ")) {
        (Some(remedy), _) => (text, remedy.to_owned()),
        (None, Some((what, remedy))) => (what.to_owned(), remedy.to_owned()),
        (None, None) => (text, "correct the profile or the environment as it says".to_owned()),
    }
}

/// A question that was refused, as a problem; `clock_off` says whether the clock alone is reason enough for a 401.
pub(super) fn of_request(subject: &'static str, error: &RequestError, clock_off: bool) -> Check {
    let why = incomplete(error);
    let (detail, remedy) = match error {
        RequestError::Auth(error) => of_auth(error),
        RequestError::Refused { status: 401, .. } if clock_off => (why.reason, CLOCK_FIRST.to_owned()),
        RequestError::Refused { status: 401, .. } => (why.reason, UNKNOWN_CALLER.to_owned()),
        RequestError::Refused { status: 300..=399, .. } => (why.reason, ELSEWHERE.to_owned()),
        _ => (why.reason, why.hint),
    };
    Check { request_id: why.request_id, ..Check::problem(subject, detail, remedy) }
}

/// Whether a refusal most likely means missing rights.
pub(super) const fn wants_rights(error: &RequestError) -> bool {
    matches!(error, RequestError::Refused { status: 403 | 404, .. })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happened_and_what_to_do_are_told_apart() {
        let (what, remedy) = of_auth(&AuthError::NoHome);
        assert_eq!(remedy, "give --config-file PATH");
        assert!(!what.contains(';'));
        let error = AuthError::TokenRefused {
            what: "the federation endpoint",
            url: "https://auth.example/v1/x509".to_owned(),
            status: 401,
            message: "no; not you".to_owned(),
        };
        let (what, remedy) = of_auth(&error);
        assert!(what.ends_with("no; not you"), "{what}");
        assert_eq!(remedy, "check the client, its rights and the clock");
        let changed = AuthError::TenancyChanged { before: "a".to_owned(), after: "b".to_owned() };
        assert!(of_auth(&changed).1.contains("OCI_METADATA_BASE_URL"));
    }

    #[test]
    fn a_refused_signature_is_blamed_on_the_clock_where_that_is_off() {
        let error =
            RequestError::Refused { status: 401, message: "NotAuthenticated".to_owned(), request_id: None };
        assert_eq!(of_request("users", &error, true).remedy.as_deref(), Some(CLOCK_FIRST));
        assert_eq!(of_request("users", &error, false).remedy.as_deref(), Some(UNKNOWN_CALLER));
    }
}
