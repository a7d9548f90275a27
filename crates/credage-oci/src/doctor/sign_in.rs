//! Who signs in, and with what: profile, key, session, tenancy, region.

use std::path::Path;

use credage_core::Check;
use jiff::{SignedDuration, Timestamp};

use super::refusal::of_auth;
use crate::auth::{AuthError, AuthMethod, Principal, Setting};
use crate::clock::spoken;
use crate::region::Region;

/// A session that ends sooner may end in the middle of an audit.
const SOON: SignedDuration = SignedDuration::from_mins(10);

/// Why nobody can sign in.
pub fn failed(error: &AuthError) -> Check {
    let (detail, remedy) = of_auth(error);
    Check::misuse(subject(error), detail, remedy)
}

/// What the error is about.
const fn subject(error: &AuthError) -> &'static str {
    match error {
        AuthError::NoHome
        | AuthError::NoConfigFile { .. }
        | AuthError::NotText { .. }
        | AuthError::MalformedFile { .. }
        | AuthError::NoSuchProfile { .. }
        | AuthError::MissingKey { .. }
        | AuthError::MalformedValue { .. }
        | AuthError::MissingVariable { .. }
        | AuthError::UnsupportedMethod { .. } => "profile",
        AuthError::UnreadableFile { what, .. } | AuthError::NoFile { what, .. } => match what.as_bytes() {
            b"private key" => "key",
            b"session token" => "session",
            _ => "profile",
        },
        AuthError::KeyContent { .. } | AuthError::Key { .. } | AuthError::FingerprintMismatch { .. } => "key",
        AuthError::NoTenancy => "tenancy",
        AuthError::Region(_) => "region",
        _ => "session",
    }
}

/// What can be said of somebody who could be loaded.
pub fn loaded(principal: &Principal) -> Vec<Check> {
    let method = principal.method().as_str();
    let mut checks = vec![Check::ok("profile", format!("{method}: {}", principal.because()))];
    if let (Some(fingerprint), Some(user)) = (principal.fingerprint(), principal.user_ocid()) {
        checks.push(Check::ok(
            "key",
            format!("it has the fingerprint {fingerprint} that is configured for {user}"),
        ));
    }
    if let Some(warning) = principal.warnings().first() {
        let text = warning.to_string();
        let (detail, remedy) = text.rsplit_once("; ").unwrap_or((&text, ""));
        checks.push(Check::warning("key_file", detail, remedy));
    } else if let Some(path) = principal.key_file()
        && let Some(mode) = private_mode(path)
    {
        checks.push(Check::ok("key_file", format!("{} is for you alone (mode {mode:o})", path.display())));
    }
    checks
}

/// The permissions of a file that is its owner's alone.
#[cfg(unix)]
fn private_mode(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).ok()?.permissions().mode() & 0o777;
    let open = mode & 0o077 != 0;
    (!open).then_some(mode)
}

#[cfg(not(unix))]
fn private_mode(_path: &Path) -> Option<u32> {
    None
}

/// Whether the session lasts, after `checked` was tried at `now`; nothing for those who sign without one.
pub fn session(principal: &Principal, checked: &Result<(), AuthError>, now: Timestamp) -> Option<Check> {
    if let Err(error) = checked {
        return Some(failed(error));
    }
    if let Some(ends) = principal.session_ends() {
        let left = ends.duration_since(now);
        let detail = format!("it ends in {}, at {}", spoken(left), ends.strftime("%Y-%m-%d %H:%M UTC"));
        let remedy = "run `oci session refresh` with the profile's name before a long audit";
        return Some(if left < SOON {
            Check::warning("session", detail, remedy)
        } else {
            Check::ok("session", detail)
        });
    }
    match principal.method() {
        AuthMethod::ApiKey | AuthMethod::SecurityToken => None,
        AuthMethod::OauthClient => {
            Some(Check::skipped("session", "each domain is asked for a token of its own, see there"))
        }
        AuthMethod::InstancePrincipal
        | AuthMethod::ResourcePrincipal
        | AuthMethod::OkeWorkloadIdentity
        | AuthMethod::TokenExchange => {
            Some(Check::ok("session", "one was begun, and is renewed before it ends"))
        }
    }
}

/// The tenancy that is signed in to.
pub fn tenancy(found: &Result<String, AuthError>) -> Check {
    match found {
        Ok(ocid) => Check::ok("tenancy", ocid.as_str()),
        Err(error) => failed(error),
    }
}

/// The region whose Identity service is asked, and whether the tenancy can be of its realm.
pub fn region(region: &Region, said: &Setting, tenancy: Option<&str>) -> Check {
    let Region { id, realm, known, .. } = region;
    match (realm, tenancy.and_then(|tenancy| region.is_foreign_to(tenancy))) {
        _ if !known => Check::warning(
            "region",
            format!("{id} ({}) is in no table of regions", said.origin),
            "correct it if it is misspelt; a new region can be told in ~/.oci/regions-config.json or OCI_REGION_METADATA",
        ),
        (Some(realm), Some(other)) => Check::misuse(
            "region",
            format!("{id} ({}) is of the realm {realm}, and the tenancy is of {other}", said.origin),
            "give a region of the tenancy's own realm, in the profile or with --region",
        ),
        _ => Check::ok("region", format!("{id} ({})", said.origin)),
    }
}

#[cfg(test)]
mod tests {
    use credage_core::Verdict;

    use super::*;

    #[test]
    fn a_region_is_held_against_the_tenancy_s_realm() {
        let said = Setting { value: String::new(), origin: "--region".to_owned() };
        let verdict = |name: &str, tenancy: Option<&str>| {
            let found = Region::find(name, &crate::profile::Environment::empty()).unwrap();
            region(&found, &said, tenancy)
        };
        let tenancy = Some("ocid1.tenancy.oc1..aaaa");
        assert_eq!(verdict("us-ashburn-1", tenancy).verdict, Verdict::Ok);
        assert_eq!(verdict("us-ashburn-1", None).verdict, Verdict::Ok);
        assert_eq!(verdict("us-ashbrun-1", tenancy).verdict, Verdict::Warning);
        let other = verdict("us-gov-phoenix-1", tenancy);
        assert!(other.misuse && other.detail.contains("realm oc3"), "{other:?}");
    }
}
