//! What a finding is called for ever.
//!
//! 16 bytes: four that say where to look ([`locator`] of the credential's or user's id), and twelve of a hash over rule and
//! thing. So a finding is found again without holding every rule against everything.

use sha2::{Digest, Sha256};

use crate::rules::{About, Meta};

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
pub(crate) fn fingerprint(rule: &Meta, subject_id: &str) -> [u8; 16] {
    let mut hash = Sha256::new();
    for part in [rule.id, "\0", rule.about.as_str(), "\0", subject_id] {
        hash.update(part.as_bytes());
    }
    // A credential's kind is no part of its id.
    let id = match rule.about {
        About::Credential => subject_id.split_once('/').map_or(subject_id, |(_, id)| id),
        About::User | About::Waiver => subject_id,
    };
    let mut fingerprint = [0; 16];
    for (to, from) in fingerprint.iter_mut().zip(locator(id).into_iter().chain(hash.finalize())) {
        *to = from;
    }
    fingerprint
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::by_id;

    #[test]
    fn a_fingerprint_never_changes_and_begins_with_the_place_of_its_thing() {
        let hex = |bytes: &[u8]| bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
        assert_eq!(hex(&locator("")), "811c9dc5", "as the algorithm's authors give it");
        assert_eq!(hex(&locator("a")), "e40c292c");
        assert_eq!(hex(&locator("foobar")), "bf9cf968");
        assert_eq!(locator("FooBar"), locator("foobar"));
        let overdue = fingerprint(by_id("rotation-overdue").unwrap(), "api_key/foobar");
        let expired = fingerprint(by_id("credential-expired").unwrap(), "api_key/foobar");
        assert_eq!(hex(&overdue).get(..8), Some("bf9cf968"));
        assert_eq!(overdue[..LOCATOR], expired[..LOCATOR]);
        assert_ne!(overdue, expired);
        assert_ne!(overdue, fingerprint(by_id("rotation-overdue").unwrap(), "auth_token/foobar"));
    }
}
