//! Who signs in, and with what: profile, key, session, tenancy, region.

use std::path::Path;

use credage_core::Check;
use jiff::{SignedDuration, Timestamp};

use super::refusal::of_auth;
use crate::auth::{AuthError, AuthMethod, Principal, Setting};
use crate::clock::spoken;
use crate::region::{Region, RegionError};

/// A session that ends sooner may end in the middle of an audit.
const SOON: SignedDuration = SignedDuration::from_mins(10);

/// Why nobody can sign in.
pub fn failed(error: &AuthError) -> Check {
    let (detail, remedy) = match error {
        AuthError::Region(error @ RegionError::Foreign { realm, region, own, origin, .. }) => (
            format!("{region} ({origin}) is of the realm {own}, and the tenancy is of {realm}"),
            error.remedy().to_owned(),
        ),
        _ => of_auth(error),
    };
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
        | AuthError::Surplus { .. }
        | AuthError::MissingVariable { .. }
        | AuthError::UnsupportedMethod { .. } => "profile",
        AuthError::UnreadableFile { what, .. } | AuthError::NoFile { what, .. } => match what.as_bytes() {
            b"private key" => "key",
            b"session token" => "session",
            _ => "profile",
        },
        AuthError::KeyContent { .. }
        | AuthError::Key { .. }
        | AuthError::PassphraseSurplus { .. }
        | AuthError::FingerprintMismatch { .. } => "key",
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
    for warning in principal.warnings() {
        let text = warning.to_string();
        let (detail, remedy) = text.rsplit_once("; ").unwrap_or((&text, ""));
        checks.push(Check::warning(warning.subject(), detail, remedy));
    }
    let closed = principal.warnings().iter().all(|warning| warning.subject() != "key_file");
    if closed
        && let Some(path) = principal.key_file()
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
        | AuthMethod::InstanceOboUser
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

/// The region whose Identity service is asked.
pub fn region(region: &Region, said: &Setting) -> Check {
    let Region { id, domain, known, .. } = region;
    if *known {
        return Check::ok("region", format!("{id} ({})", said.origin));
    }
    Check::warning(
        "region",
        format!("{id} ({}) is in no table of regions and taken to be of {domain}", said.origin),
        "correct it if it is misspelt; a new region can be told in ~/.oci/regions-config.json or OCI_REGION_METADATA",
    )
}

#[cfg(test)]
mod tests {
    use credage_core::Verdict;

    use super::*;
    use crate::profile::Environment;

    #[test]
    fn a_region_is_held_against_the_tenancy_s_realm() {
        let verdict = |name: &str, tenancy: Option<&str>| {
            let said = Setting { value: name.to_owned(), origin: "--region".to_owned() };
            match Region::find(&said, tenancy, &Environment::empty()) {
                Ok(found) => region(&found, &said),
                Err(error) => failed(&error.into()),
            }
        };
        let tenancy = Some("ocid1.tenancy.oc1..aaaa");
        assert_eq!(verdict("us-ashburn-1", tenancy).verdict, Verdict::Ok);
        assert_eq!(verdict("us-ashburn-1", None).verdict, Verdict::Ok);
        assert_eq!(verdict("us-ashbrun-1", tenancy).verdict, Verdict::Warning);
        let other = verdict("us-gov-phoenix-1", tenancy);
        assert!(other.misuse && other.detail.contains("oc3") && other.subject == "region", "{other:?}");
        let sovereign = verdict("us-dcc-phoenix-1", Some("ocid1.tenancy.oc17..aaaa"));
        assert!(sovereign.misuse && sovereign.detail.contains("oc17"), "{sovereign:?}");
    }
}
