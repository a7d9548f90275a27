//! Values of a profile that have a known form, and what is too much in one that has not.

use super::error::AuthError;
use crate::profile::Setting;
use crate::profile::surplus::Surplus;

/// The OCID of a user.
pub(super) fn user(setting: Setting) -> Result<String, AuthError> {
    checked(setting, "user", "it starts with ocid1.user.", is_ocid)
}

/// The OCID of a tenancy.
pub(super) fn tenancy(setting: Setting) -> Result<String, AuthError> {
    checked(setting, "tenancy", "it starts with ocid1.tenancy.", is_ocid)
}

/// The fingerprint of a key, in lower case.
pub(super) fn fingerprint(setting: Setting) -> Result<String, AuthError> {
    let expected = "it has 16 pairs of hexadecimal digits with colons between them";
    checked(setting, "fingerprint", expected, is_fingerprint).map(|value| value.to_ascii_lowercase())
}

/// Federated users have longer names than `ocid1.user.…`, so no more than the shape is asked for.
fn is_ocid(value: &str) -> bool {
    let plain = value.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"'`#;,<>\\".contains(&byte));
    value.starts_with("ocid1.") && value.split(['.', ':']).count() >= 5 && plain
}

fn is_fingerprint(value: &str) -> bool {
    let pair = |pair: &str| pair.len() == 2 && pair.bytes().all(|byte| byte.is_ascii_hexdigit());
    value.split(':').count() == 16 && value.split(':').all(pair)
}

fn checked(
    setting: Setting,
    key: &'static str,
    expected: &'static str,
    is_right: fn(&str) -> bool,
) -> Result<String, AuthError> {
    let Setting { value, origin } = setting;
    if is_right(&value) {
        return Ok(value);
    }
    Err(match Surplus::of_strict(&value, is_right) {
        Some(surplus) => AuthError::Surplus { key, origin, surplus },
        None => AuthError::MalformedValue { key, value, origin, expected },
    })
}
