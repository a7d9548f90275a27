//! Rights: which one stands behind which question, and the IAM policy statement that grants it.
//!
//! Oracle's policy reference gives `USER_READ` for listing API keys, auth tokens, customer secret keys and OAuth 2.0
//! clients, and `CREDENTIAL_INSPECT` for SMTP credentials; it does not list database passwords. That `read domains` is
//! enough to list domains is what tools in use rest on. Nobody documents whether a domain wants a role inside it too.

use credage_core::{Check, Kind};

use crate::auth::AuthMethod;

/// Something that an auditor must be allowed to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// List compartments.
    InspectCompartments,
    /// List domains.
    ReadDomains,
    /// List users, and most of their credentials.
    ReadUsers,
    /// List SMTP credentials.
    InspectCredentials,
}

const OF_DOMAIN: &str = "whether a domain also wants a role inside it differs by what people report; if the statements \
                         do not help, give the auditor the domain's role Audit Administrator or, failing that, Identity \
                         Domain Administrator";
const OF_DISCOVERY: &str = "the verb for `domains` follows tools in use, since Oracle's policy reference does not say which one lists them";
const OF_CLIENT: &str = "Oracle's table of roles and endpoints does not list the collections of credentials, so which \
                         role is enough is not known";

impl Right {
    /// The rights that listing a kind takes.
    pub const fn of(kind: Kind) -> &'static [Self] {
        match kind {
            Kind::SmtpCredential => &[Self::InspectCredentials],
            Kind::DbCredential => &[Self::ReadUsers, Self::InspectCredentials],
            Kind::ApiKey | Kind::AuthToken | Kind::CustomerSecretKey | Kind::Oauth2ClientCredential => {
                &[Self::ReadUsers]
            }
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::InspectCompartments => "inspect compartments",
            Self::ReadDomains => "read domains",
            Self::ReadUsers => "read users",
            Self::InspectCredentials => "inspect credentials",
        }
    }

    const fn is_of_discovery(self) -> bool {
        matches!(self, Self::InspectCompartments | Self::ReadDomains)
    }

    /// The statement that grants it to whoever signs in this way.
    pub fn statement(self, method: AuthMethod) -> String {
        let what = self.words();
        match method {
            AuthMethod::InstancePrincipal | AuthMethod::ResourcePrincipal => {
                format!("allow dynamic-group 'Default'/'CredAudit' to {what} in tenancy")
            }
            AuthMethod::OkeWorkloadIdentity => format!(
                "allow any-user to {what} in tenancy where all {{request.principal.type = 'workload', \
                 request.principal.namespace = 'NAMESPACE', request.principal.service_account = 'ACCOUNT', \
                 request.principal.cluster_id = 'CLUSTER_OCID'}}"
            ),
            AuthMethod::ApiKey
            | AuthMethod::SecurityToken
            | AuthMethod::InstanceOboUser
            | AuthMethod::TokenExchange
            | AuthMethod::OauthClient => {
                format!("allow group 'Default'/'CredAudit' to {what} in tenancy")
            }
        }
    }
}

/// A problem that missing rights most likely are the reason of, with what grants them.
pub(super) fn missing(check: Check, rights: &[Right], method: AuthMethod) -> Check {
    if method == AuthMethod::OauthClient {
        let remedy = "grant the application, in the domain's console, the role Audit Administrator or, failing that, \
                      Identity Domain Administrator";
        return Check { remedy: Some(remedy.to_owned()), uncertain: Some(OF_CLIENT.to_owned()), ..check };
    }
    let whom = match method {
        AuthMethod::InstancePrincipal | AuthMethod::ResourcePrincipal => {
            ", with the dynamic group that this resource is in"
        }
        AuthMethod::OkeWorkloadIdentity => ", with what is written in capitals filled in",
        _ => ", with the name of your auditors' group",
    };
    let in_domain = rights.iter().any(|right| !right.is_of_discovery());
    let uncertain = match rights {
        _ if in_domain => Some(OF_DOMAIN),
        rights if rights.contains(&Right::ReadDomains) => Some(OF_DISCOVERY),
        _ => None,
    };
    Check {
        remedy: Some(format!("add what is missing to a policy of the root compartment{whom}")),
        statements: rights.iter().map(|right| right.statement(method)).collect(),
        uncertain: uncertain.map(str::to_owned),
        ..check
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_name_whoever_signs_in() {
        let statement = |method| Right::ReadUsers.statement(method);
        assert_eq!(
            statement(AuthMethod::ApiKey),
            "allow group 'Default'/'CredAudit' to read users in tenancy"
        );
        assert!(statement(AuthMethod::InstancePrincipal).starts_with("allow dynamic-group"));
        assert!(statement(AuthMethod::OkeWorkloadIdentity).contains("service_account = 'ACCOUNT'"));
    }

    #[test]
    fn what_is_uncertain_is_said() {
        let asked = |rights: &[Right], method| missing(Check::problem("x", "", ""), rights, method);
        let kind = asked(Right::of(Kind::DbCredential), AuthMethod::ApiKey);
        assert_eq!(kind.statements.len(), 2);
        assert!(kind.uncertain.unwrap().contains("role inside it"));
        let search = asked(&[Right::InspectCompartments], AuthMethod::ApiKey);
        assert_eq!(search.uncertain, None);
        let client = asked(Right::of(Kind::ApiKey), AuthMethod::OauthClient);
        assert!(client.statements.is_empty() && client.remedy.unwrap().contains("Audit Administrator"));
    }
}
