//! Commands of Oracle's CLI (`oci identity-domains`, release 3.8x), quoted for a POSIX shell.

use crate::assessment::Assessed;
use crate::kind::Kind;
use crate::user::User;

/// The fingerprint of the new key, as OCI writes it.
const FINGERPRINT: &str =
    "openssl rsa -in new_key.pem -pubout -outform DER 2>/dev/null | openssl md5 -c | sed 's/.*= *//'";
const CAPABILITIES: &str = "urn:ietf:params:scim:schemas:oracle:idcs:extension:capabilities:User";

/// Writes commands for one domain.
pub(super) struct Shell<'a> {
    endpoint: &'a str,
}

impl<'a> Shell<'a> {
    pub(super) const fn new(endpoint: &'a str) -> Self {
        Self { endpoint }
    }

    /// Creates another credential of the same kind for the same owner.
    pub(super) fn create(&self, assessed: &Assessed<'_>) -> String {
        let kind = assessed.credential.kind;
        let user = format!("{{\"value\":\"{}\"}}", assessed.credential.owner);
        let name = assessed.credential.description.as_deref().unwrap_or_else(|| kind.label());
        let schemas = format!("[\"{}\"]", schema(kind));
        let mut arguments = vec![("--schemas", quoted(&schemas)), ("--user", quoted(&user))];
        match kind {
            Kind::ApiKey => {
                arguments.push(("--key", "\"$(cat new_key_public.pem)\"".to_owned()));
                // The service works it out; the CLI insists on it all the same.
                arguments.push(("--fingerprint", format!("\"$({FINGERPRINT})\"")));
                arguments.push(("--description", quoted(name)));
            }
            Kind::CustomerSecretKey => arguments.push(("--display-name", quoted(name))),
            Kind::Oauth2ClientCredential => {
                arguments.push(("--name", quoted(name)));
                arguments.push(("--scopes", "file://scopes.json".to_owned()));
            }
            Kind::DbCredential => {
                arguments.push(("--db-password", "\"$NEW_DB_PASSWORD\"".to_owned()));
                arguments.push(("--description", quoted(name)));
            }
            Kind::SmtpCredential => {
                // The service makes the name; the CLI insists on one all the same.
                arguments.push(("--user-name", "generated".to_owned()));
                arguments.push(("--description", quoted(name)));
            }
            Kind::AuthToken => arguments.push(("--description", quoted(name))),
        }
        let command = self.command(&format!("{} create", resource(kind)), &arguments);
        if kind == Kind::ApiKey {
            return format!(
                "openssl genrsa -out new_key.pem 2048 && openssl rsa -in new_key.pem -pubout -out new_key_public.pem && {command}"
            );
        }
        command
    }

    /// Deletes a credential.
    pub(super) fn delete_by_id(&self, kind: Kind, id: &str) -> String {
        let option = format!("--{}-id", resource(kind));
        self.command(&format!("{} delete", resource(kind)), &[(&option, quoted(id))])
    }

    pub(super) fn list_api_keys(&self, user: &User) -> String {
        let filter = format!("user.value eq \"{}\"", user.id);
        self.command(
            "api-keys list",
            &[("--filter", quoted(&filter)), ("--attributes", quoted("fingerprint,description,meta"))],
        )
    }

    pub(super) fn deactivate(&self, user: &User) -> String {
        let schemas = "[\"urn:ietf:params:scim:schemas:oracle:idcs:UserStatusChanger\"]";
        let arguments = [
            ("--user-status-changer-id", quoted(user.id.as_str())),
            ("--schemas", quoted(schemas)),
            ("--active", "false".to_owned()),
        ];
        self.command("user-status-changer put", &arguments)
    }

    pub(super) fn take_capabilities(&self, user: &User, kinds: impl Iterator<Item = Kind>) -> String {
        let operation = |kind: Kind| {
            format!("{{\"op\":\"REPLACE\",\"path\":\"{CAPABILITIES}:{}\",\"value\":false}}", flag(kind))
        };
        let operations = kinds.map(operation).collect::<Vec<_>>().join(",");
        let arguments = [
            ("--user-id", quoted(user.id.as_str())),
            ("--schemas", quoted("[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"]")),
            ("--operations", quoted(&format!("[{operations}]"))),
        ];
        self.command("user patch", &arguments)
    }

    fn command(&self, what: &str, arguments: &[(&str, String)]) -> String {
        let arguments: Vec<String> =
            arguments.iter().map(|(name, value)| format!("{name} {value}")).collect();
        format!("oci identity-domains {what} --endpoint {} {}", quoted(self.endpoint), arguments.join(" "))
    }
}

/// The CLI's name for a kind.
const fn resource(kind: Kind) -> &'static str {
    match kind {
        Kind::ApiKey => "api-key",
        Kind::AuthToken => "auth-token",
        Kind::CustomerSecretKey => "customer-secret-key",
        Kind::DbCredential => "user-db-credential",
        Kind::Oauth2ClientCredential => "o-auth2-client-credential",
        Kind::SmtpCredential => "smtp-credential",
    }
}

/// The schema of a kind (Terraform provider for OCI, tests of the identity domains' resources).
const fn schema(kind: Kind) -> &'static str {
    match kind {
        Kind::ApiKey => "urn:ietf:params:scim:schemas:oracle:idcs:apikey",
        Kind::AuthToken => "urn:ietf:params:scim:schemas:oracle:idcs:authToken",
        Kind::CustomerSecretKey => "urn:ietf:params:scim:schemas:oracle:idcs:customerSecretKey",
        Kind::DbCredential => "urn:ietf:params:scim:schemas:oracle:idcs:UserDbCredentials",
        Kind::Oauth2ClientCredential => "urn:ietf:params:scim:schemas:oracle:idcs:oauth2ClientCredential",
        Kind::SmtpCredential => "urn:ietf:params:scim:schemas:oracle:idcs:smtpCredential",
    }
}

/// The flag of a capability (`extension_capabilities_user.py` of Oracle's Python SDK).
const fn flag(kind: Kind) -> &'static str {
    match kind {
        Kind::ApiKey => "canUseApiKeys",
        Kind::AuthToken => "canUseAuthTokens",
        Kind::CustomerSecretKey => "canUseCustomerSecretKeys",
        Kind::DbCredential => "canUseDbCredentials",
        Kind::Oauth2ClientCredential => "canUseOAuth2ClientCredentials",
        Kind::SmtpCredential => "canUseSmtpCredentials",
    }
}

/// One word for a POSIX shell, whatever it holds. What would be no text there (control characters) is left out.
fn quoted(text: &str) -> String {
    let clean: String = text.chars().filter(|c| !c.is_control()).collect();
    let plain =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':' | '@' | '%' | '+');
    if !clean.is_empty() && clean.chars().all(plain) {
        return clean;
    }
    format!("'{}'", clean.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_breaks_out_of_its_quotes() {
        assert_eq!(quoted("https://idcs-1.example:443"), "https://idcs-1.example:443");
        assert_eq!(quoted("ci key"), "'ci key'");
        assert_eq!(quoted("'; rm -rf ~ #"), r"''\''; rm -rf ~ #'");
        assert_eq!(quoted("$(id)`id`"), "'$(id)`id`'");
        assert_eq!(quoted("a\n\u{1b}b"), "ab");
        assert_eq!(quoted(""), "''");
    }
}
