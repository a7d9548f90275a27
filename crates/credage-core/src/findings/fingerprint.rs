//! What a finding is called, from the run that finds it first to the one that finds it last.
//!
//! 16 bytes: four that say where to look ([`locator`] of the credential's or user's id), and twelve of a hash over rule and
//! thing. So a finding is found again without comparing every rule with everything.
//!
//! Of a credential the date that its age counts from is part of the hash: a password that is set again is due again, and
//! that is another finding. The domain is not part of it. It is not known equally well in every run (by OCID, by one of two
//! URLs), and SCIM ids are unique without it.

use sha2::{Digest, Sha256};

use crate::credential::{Credential, DateReading};
use crate::kind::Kind;
use crate::rules::Meta;

/// What a finding is about, as far as its fingerprint goes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Named<'a> {
    /// A credential, as it was when it was read.
    Credential(&'a Credential),
    /// A user or a waiver, by id.
    Other(&'a str),
}

/// Bytes of a locator.
pub const LOCATOR: usize = 4;

/// Where to look for an id or a name: FNV-1a of it in lower case (Fowler, Noll, Vo: 32 bits, offset basis 0x811c9dc5, prime
/// 0x01000193). Not every thing that has it is meant: what is found is to be compared.
pub fn locator(name: &str) -> [u8; LOCATOR] {
    let step = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    let hash = if name.is_ascii() {
        name.bytes().map(|byte| byte.to_ascii_lowercase()).fold(0x811c_9dc5, step)
    } else {
        name.to_lowercase().bytes().fold(0x811c_9dc5, step)
    };
    hash.to_be_bytes()
}

/// What a finding of a rule about something is called, whether there is such a finding or not.
pub(crate) fn fingerprint(rule: &Meta, subject: Named<'_>) -> [u8; 16] {
    let mut parts = vec![rule.id.to_owned(), rule.about.as_str().to_owned()];
    let id = match subject {
        Named::Other(id) => {
            parts.push(id.to_owned());
            id
        }
        Named::Credential(credential) => {
            parts.extend([credential.full_id(), written(credential.age_basis())]);
            // When the secret of an OAuth client is reset, `meta.created` stays (`isResetSecret`, which cannot be read);
            // its expiry, which never changes otherwise, is set again.
            if credential.kind == Kind::Oauth2ClientCredential {
                parts.push(written(&credential.expires_on));
            }
            credential.id.as_str()
        }
    };
    let hash = Sha256::new_with_prefix(parts.join("\0"));
    let mut fingerprint = [0; 16];
    for (to, from) in fingerprint.iter_mut().zip(locator(id).into_iter().chain(hash.finalize())) {
        *to = from;
    }
    fingerprint
}

/// A date, in one spelling whoever wrote it.
fn written(date: &DateReading) -> String {
    match date {
        DateReading::At(at) => at.to_string(),
        DateReading::Missing => "none".to_owned(),
        DateReading::Unreadable(text) => format!("unreadable {text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{CredentialId, UserId};
    use crate::rules::by_id;

    fn credential(kind: Kind) -> Credential {
        Credential::index_only(CredentialId::new("foobar"), kind, UserId::new("u"))
    }

    #[test]
    fn a_fingerprint_never_changes_and_begins_with_the_place_of_its_thing() {
        let hex = |bytes: &[u8]| bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
        assert_eq!(hex(&locator("")), "811c9dc5", "as the algorithm's authors give it");
        assert_eq!(hex(&locator("a")), "e40c292c");
        assert_eq!(hex(&locator("foobar")), "bf9cf968");
        assert_eq!(locator("FooBar"), locator("foobar"));
        let of = |rule: &str, kind| fingerprint(by_id(rule).unwrap(), Named::Credential(&credential(kind)));
        let overdue = of("rotation-overdue", Kind::ApiKey);
        let expired = of("credential-expired", Kind::ApiKey);
        assert_eq!(hex(&overdue).get(..8), Some("bf9cf968"));
        assert_eq!(overdue[..LOCATOR], expired[..LOCATOR]);
        assert_ne!(overdue, expired);
        assert_ne!(overdue, of("rotation-overdue", Kind::AuthToken));
        let dated =
            Credential { created: DateReading::parse("2026-01-01T00:00:00Z"), ..credential(Kind::ApiKey) };
        let dated = fingerprint(by_id("rotation-overdue").unwrap(), Named::Credential(&dated));
        assert_eq!(
            hex(&dated),
            "bf9cf968c2f127db0803ebc3ea44377d",
            "stored by others, so it must stay what it is"
        );
        let user = fingerprint(by_id("stale-owner").unwrap(), Named::Other("foobar"));
        assert_eq!(
            hex(&user),
            "bf9cf96839eea5dd34434bf36b3acb1d",
            "stored by others, so it must stay what it is"
        );
    }

    #[test]
    fn a_new_age_basis_is_a_new_episode_and_nothing_else_is() {
        let rule = by_id("rotation-overdue").unwrap();
        let of = |credential: &Credential| fingerprint(rule, Named::Credential(credential));
        let date = DateReading::parse;
        let made = |kind| Credential { created: date("2026-01-01T00:00:00Z"), ..credential(kind) };
        for kind in Kind::ALL {
            let first = made(kind);
            let again = Credential { created: date("2026-01-01T00:00:01Z"), ..first.clone() };
            assert_ne!(of(&first), of(&again), "{kind}: created again");
            let spelt = Credential { created: date("2026-01-01T01:00:00.000+01:00"), ..first.clone() };
            assert_eq!(of(&first), of(&spelt), "{kind}: the same instant");
            let other = Credential {
                description: Some("x".into()),
                fingerprint: Some("aa".into()),
                owner_name: Some("ada".into()),
                ..first.clone()
            };
            assert_eq!(of(&first), of(&other), "{kind}: the same credential");
        }
        let password = made(Kind::DbCredential);
        let set = |at: &str| of(&Credential { last_set: date(at), ..password.clone() });
        assert_ne!(of(&password), set("2026-02-01T00:00:00Z"), "set again");
        assert_ne!(set("2026-02-01T00:00:00Z"), set("2026-03-01T00:00:00Z"), "and again");
        let client = made(Kind::Oauth2ClientCredential);
        let ends = |at: &str| of(&Credential { expires_on: date(at), ..client.clone() });
        assert_ne!(ends("2026-06-01T00:00:00Z"), ends("2026-09-01T00:00:00Z"), "its secret was reset");
    }
}
