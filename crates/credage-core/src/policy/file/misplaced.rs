//! Keys that exist, but elsewhere: TOML's tables make it easy to write one below the wrong heading.

use crate::config::ConfigError;

/// Where keys belong, for those who wrote them elsewhere.
const PLACES: [(&[&str], &str); 3] = [
    (
        &["max_age", "warn_before", "exempt"],
        "limits belong below `[rotation]`, a kind of it such as `[rotation.api_key]`, or a `[[class]]`",
    ),
    (
        &["boundary", "time_zone", "max_waiver", "strict"],
        "write it at the beginning of the file, above the first heading in brackets",
    ),
    (
        &["user", "group", "user_type", "service_user", "tag", "domain"],
        "whom a class means belongs into its `match`, such as match = { user = \"svc-*\" }",
    ),
];

/// The same mistake; of a key that belongs elsewhere, with where that is.
pub(super) fn with_place(mistake: ConfigError) -> ConfigError {
    let key = mistake.message.strip_prefix("unknown key `").and_then(|rest| rest.strip_suffix('`'));
    let place = key.and_then(|key| PLACES.iter().find(|(keys, _)| keys.contains(&key)));
    match place {
        Some((_, place)) => mistake.hint(*place),
        None => mistake,
    }
}
