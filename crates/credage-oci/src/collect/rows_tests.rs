use credage_core::Capability;

use super::*;

fn credential(json: &str) -> Credential {
    serde_json::from_str::<CredentialRow>(json).unwrap().into_credential(Kind::ApiKey, &Interner::default())
}

fn record(json: &str) -> UserRecord {
    let row = serde_json::from_str::<UserRow>(json).unwrap_or_else(|error| panic!("{json}: {error}"));
    row.into_record(&Interner::default(), &Names::default())
}

#[test]
fn an_odd_row_is_read_as_far_as_it_goes() {
    let bare = credential(r#"{"id":"c"}"#);
    assert_eq!((bare.created, bare.owner.as_str()), (DateReading::Missing, ""));
    let odd = credential(
        r#"{"id":"c","meta":{"created":17},"expiresOn":"soon","user":{"ocid":"o"},"description":" ","name":"n"}"#,
    );
    assert_eq!(odd.created, DateReading::Unreadable("(not a text)".into()));
    assert_eq!(odd.expires_on, DateReading::Unreadable("soon".into()));
    assert_eq!((odd.owner.as_str(), odd.description.as_deref()), ("o", Some("n")));
}

#[test]
fn a_capability_that_is_not_said_is_unknown() {
    let json = r#"{"id":"u","userName":"ada","active":"yes",
        "urn:ietf:params:scim:schemas:oracle:idcs:extension:capabilities:User":
            {"canUseApiKeys":true,"canUseOAuth2ClientCredentials":false,"canUseAuthTokens":null},
        "urn:ietf:params:scim:schemas:oracle:idcs:extension:userCredentials:User":
            {"apiKeys":[{"value":"k1","key":"…"}],"authTokens":null}}"#;
    let found = record(json);
    assert_eq!(found.user.capability(Kind::ApiKey), Capability::Enabled);
    assert_eq!(found.user.capability(Kind::Oauth2ClientCredential), Capability::Disabled);
    assert_eq!(found.user.capability(Kind::AuthToken), Capability::Unknown);
    assert_eq!(found.user.capability(Kind::SmtpCredential), Capability::Unknown);
    assert_eq!((found.user.active, found.user.unreadable.has(UserAttribute::Active)), (Known::NotRead, true));
    assert_eq!(found.refs.as_deref(), Some([(Kind::ApiKey, CredentialId::new("k1"))].as_slice()));
    assert!(found.unreadable.is_empty(), "a list that is null is none");
    let odd = r#"{"id":"u","urn:ietf:params:scim:schemas:oracle:idcs:extension:userCredentials:User":
        {"apiKeys":[{"value":7},{"value":"k2"}],"authTokens":["t"],"smtpCredentials":"s"}}"#;
    let found = record(odd);
    assert_eq!(found.refs.as_deref(), Some([(Kind::ApiKey, CredentialId::new("k2"))].as_slice()));
    let kinds = [Kind::ApiKey, Kind::AuthToken, Kind::SmtpCredential];
    assert_eq!(found.unreadable.iter().collect::<Vec<_>>(), kinds, "what it names there is not known");
    assert!(record(r#"{"id":"u"}"#).refs.is_none());
}

const SHAPES: [&str; 8] = ["null", "7", "-1.5", "true", r#""a text""#, "[null]", r#"{"x":[{}]}"#, "[]"];

/// Every member of a row in every shape: never an error, and never a value that was not there.
#[test]
fn no_shape_of_a_value_costs_a_row() {
    let extension = |name: &str| format!("urn:ietf:params:scim:schemas:oracle:idcs:extension:{name}");
    let within = |name: &str, member: &str, shape: &str| {
        format!(r#"{{"id":"u","userName":"ada","{}":{{"{member}":{shape}}}}}"#, extension(name))
    };
    for shape in SHAPES {
        for member in ["userName", "ocid", "emails", "active", "meta", "userType", "groups"] {
            let user = record(&format!(r#"{{"id":"u","{member}":{shape}}}"#)).user;
            assert_eq!(user.id.as_str(), "u", "{member} {shape}");
        }
        for name in [
            "capabilities:User",
            "userCredentials:User",
            "user:User",
            "userState:User",
            "mfa:User",
            "OCITags",
        ] {
            let row = format!(r#"{{"id":"u","userName":"ada","{}":{shape}}}"#, extension(name));
            assert_eq!(&*record(&row).user.name, "ada", "{name} {shape}");
        }
        for (name, member) in [
            ("capabilities:User", "canUseApiKeys"),
            ("userCredentials:User", "apiKeys"),
            ("user:User", "serviceUser"),
            ("user:User", "appRoles"),
            ("userState:User", "lastSuccessfulLoginDate"),
            ("mfa:User", "mfaStatus"),
            ("OCITags", "freeformTags"),
        ] {
            assert_eq!(&*record(&within(name, member, shape)).user.name, "ada", "{member} {shape}");
        }
        for member in
            ["meta", "user", "displayName", "name", "description", "fingerprint", "lastSetDate", "expiresOn"]
        {
            let row = credential(&format!(r#"{{"id":"c","{member}":{shape}}}"#));
            assert_eq!(row.id.as_str(), "c", "{member} {shape}");
        }
        for member in ["value", "ocid", "name", "display"] {
            let row = credential(&format!(r#"{{"id":"c","user":{{"{member}":{shape}}}}}"#));
            assert_eq!(row.id.as_str(), "c", "{member} {shape}");
        }
    }
}

#[test]
fn what_has_another_shape_was_not_read_and_is_counted() {
    let unreadable =
        |json: &str| record(json).user.unreadable.iter().map(UserAttribute::as_str).collect::<Vec<_>>();
    let user = |rest: &str| format!(r#"{{"id":"u","userName":"ada",{rest}}}"#);
    assert_eq!(unreadable(&user(r#""emails":["ada@example.com"]"#)), ["emails"]);
    assert_eq!(unreadable(&user(r#""emails":null"#)), ["emails"]);
    assert_eq!(unreadable(&user(r#""emails":[{"value":7}]"#)), ["emails"]);
    assert_eq!(unreadable(&user(r#""groups":[{"display":"A"},null]"#)), ["groups"]);
    assert_eq!(unreadable(&user(r#""userType":[]"#)), ["userType"]);
    assert_eq!(unreadable(&user(r#""meta":"2026-01-01T00:00:00Z""#)), ["meta.created"]);
    assert_eq!(unreadable(&user(r#""active":"true""#)), ["active"]);
    assert_eq!(unreadable(r#"{"id":"u","userName":null}"#), ["userName"]);
    assert!(unreadable(&user(r#""emails":[],"active":null"#)).is_empty(), "none, and not said");
    let of_row =
        |json: &str| credential(json).unreadable.iter().map(CredentialField::as_str).collect::<Vec<_>>();
    let row = |rest: &str| format!(r#"{{"id":"c","user":{{"value":"u"}},{rest}}}"#);
    assert_eq!(of_row(&row(r#""description":7"#)), ["description"]);
    assert_eq!(of_row(&row(r#""description":null"#)), ["description"]);
    assert_eq!(of_row(&row(r#""fingerprint":[]"#)), ["fingerprint"]);
    assert_eq!(of_row(&row(r#""meta":{"created":7}"#)), ["meta.created"]);
    assert_eq!(of_row(&row(r#""meta":[]"#)), ["meta.created"]);
    assert_eq!(of_row(r#"{"id":"c","user":"u"}"#), ["user"]);
    assert_eq!(of_row(r#"{"id":"c","user":{"value":7}}"#), ["user"]);
    assert!(of_row(&row(r#""expiresOn":null,"lastSetDate":null"#)).is_empty(), "no expiry");
}

#[test]
fn a_list_is_read_as_far_as_it_goes() {
    let user = record(
        r#"{"id":"u","userName":"ada","groups":[7,{"display":"A"},{"display":null}],
            "emails":["x@example.com",{"value":"ada@example.com","primary":true}]}"#,
    )
    .user;
    assert_eq!(user.groups.as_deref().unwrap().len(), 1);
    assert_eq!(user.email.as_deref(), Some("ada@example.com"));
    let recovery = r#"{"id":"u","userName":"ada","emails":[{"value":"r@example.com","type":"recovery"}]}"#;
    assert_eq!(record(recovery).user.email, Known::Nothing, "an address to recover with is none to write to");
    let unknown = r#"{"id":"u","userName":"ada","emails":[{"value":"r@example.com","type":7}]}"#;
    assert_eq!(record(unknown).user.email, Known::NotRead, "it may be one to recover with");
}
