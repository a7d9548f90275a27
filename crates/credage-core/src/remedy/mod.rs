//! What to do about a finding: steps in the console or with Oracle's CLI, filled in with the finding's own ids.

mod commands;
pub mod general;

use self::commands::Shell;
use crate::assessment::{Assessed, Assessment};
use crate::findings::{Finding, Subject};
use crate::inventory::OwnerState;
use crate::kind::Kind;
use crate::rules::{Evidence, Remedy};
use crate::user::{Capability, User};

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// In words, with the path in the console where there is one.
    pub text: String,
    /// The command that does it, for a shell.
    pub command: Option<String>,
}

impl Step {
    fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), command: None }
    }

    fn with(text: impl Into<String>, command: String) -> Self {
        Self { text: text.into(), command: Some(command) }
    }
}

impl Finding<'_> {
    /// The steps that mend it.
    pub fn steps(&self, assessment: &Assessment<'_>) -> Vec<Step> {
        match (self.subject, self.credential(assessment)) {
            (_, Some(assessed)) => match self.rule.remedy {
                Remedy::Rotate => rotation(assessed),
                Remedy::Date => dating(assessed),
                _ => deletion(self, assessed),
            },
            (Subject::User(domain, user), _) => of_user(self, user, &Shell::new(&domain.url)),
            (Subject::Waiver(place), _) => {
                let waiver = assessment.policy.waivers().get(place);
                let line = waiver.map_or_else(String::new, |waiver| format!(" line {}", waiver.line));
                let file = assessment.policy.file().unwrap_or("credage.toml");
                vec![Step::new(format!("{file}{line}: {}", self.rule.fix))]
            }
            (Subject::Credential(_), None) => Vec::new(),
        }
    }
}

/// How to rotate a credential: create, switch, test, delete; with the places that its owner has taken into account.
pub fn rotation(assessed: &Assessed<'_>) -> Vec<Step> {
    let shell = Shell::new(&assessed.domain.url);
    let kind = assessed.credential.kind;
    let label = kind.label();
    let mut steps = Vec::new();
    if assessed.owner.is_none() {
        steps.push(Step::new(match assessed.owner_state() {
            OwnerState::Gone => {
                "Find out what uses it: its owner no longer exists, so a new one needs another user."
            }
            _ => "Find its owner: they are not among the users that could be read.",
        }));
        steps.push(delete(assessed, &shell, "Delete it once nothing uses it."));
        return steps;
    }
    if assessed.capability() == Capability::Disabled {
        steps.push(Step::new(format!(
            "The owner may not create this kind (any more): switch the capability on for as long as it takes ({} › Edit user \
             capabilities), or let another user have the new one.",
            console(assessed)
        )));
    }
    if assessed.copies >= kind.slots() {
        steps.push(Step::new(format!(
            "All {} places that a user has for this kind are taken: delete one that nobody needs first (one that has \
             expired, say), or a new one is refused.",
            kind.slots()
        )));
    }
    let create = format!("Create a new one: {} › {}.", console(assessed), page(kind));
    steps.push(Step::with(create, shell.create(assessed)));
    steps.push(Step::new(switch(kind)));
    steps.push(Step::new("Test what uses it with the new one."));
    steps.push(delete(assessed, &shell, &format!("Delete the old {label}.")));
    steps
}

fn dating(assessed: &Assessed<'_>) -> Vec<Step> {
    let look = format!(
        "Look at its date in the console: {} › {}.",
        console(assessed),
        page(assessed.credential.kind)
    );
    let mut steps = vec![Step::new(look)];
    steps.extend(rotation(assessed));
    steps
}

fn deletion(finding: &Finding<'_>, assessed: &Assessed<'_>) -> Vec<Step> {
    let shell = Shell::new(&assessed.domain.url);
    let first = match finding.evidence {
        Evidence::Newer { credential, .. } => {
            format!("Make sure that everything uses the younger one ({}).", credential.id)
        }
        Evidence::Administrator(_) => {
            "Give what uses it a user of its own, with no more rights than it needs.".to_owned()
        }
        _ => "Make sure that nothing uses it any more.".to_owned(),
    };
    vec![Step::new(first), delete(assessed, &shell, "Delete it.")]
}

fn of_user(finding: &Finding<'_>, user: &User, shell: &Shell<'_>) -> Vec<Step> {
    let place = format!("Domains › Users › {}", user.name);
    match (finding.rule.remedy, finding.evidence) {
        (Remedy::TakeCapability, Evidence::Unused(kinds)) => vec![Step::with(
            format!("{place} › Edit user capabilities: switch off what is not needed."),
            shell.take_capabilities(user, kinds.iter()),
        )],
        (Remedy::DeleteSurplus, Evidence::Count { allowed, .. }) => vec![
            Step::with(
                format!("{place} › API keys: find out which are in use; {allowed} may stay."),
                shell.list_api_keys(user),
            ),
            Step::with(
                "Delete each of the others.".to_owned(),
                shell.delete_by_id(Kind::ApiKey, "API_KEY_ID"),
            ),
        ],
        (Remedy::Deactivate, _) => vec![
            Step::new("Ask whether the account is still needed."),
            Step::with(format!("{place} › Deactivate, if it is not."), shell.deactivate(user)),
        ],
        (Remedy::EnrolMfa, _) => vec![Step::new(format!(
            "Ask the user to enrol a second factor (My profile › Security), or require one: Domains › Sign-on policies. \
             A machine's account needs no console password: {place} › Edit user capabilities."
        ))],
        (Remedy::SetEmail, _) => {
            vec![Step::new(format!("{place} › Edit user: enter a current mail address."))]
        }
        _ => vec![Step::new(finding.rule.fix)],
    }
}

fn delete(assessed: &Assessed<'_>, shell: &Shell<'_>, text: &str) -> Step {
    Step::with(text, shell.delete_by_id(assessed.credential.kind, assessed.credential.id.as_str()))
}

/// Where the owner is found in the console.
fn console(assessed: &Assessed<'_>) -> String {
    let owner = match assessed.owner_name() {
        "" => assessed.credential.owner.as_str(),
        name => name,
    };
    format!("Identity & Security › Domains › {} › Users › {owner}", assessed.domain.name)
}

/// The console's name for the list of a kind.
const fn page(kind: Kind) -> &'static str {
    match kind {
        Kind::ApiKey => "API keys",
        Kind::AuthToken => "Auth tokens",
        Kind::CustomerSecretKey => "Customer secret keys",
        Kind::DbCredential => "Database passwords",
        Kind::Oauth2ClientCredential => "OAuth 2.0 client credentials",
        Kind::SmtpCredential => "SMTP credentials",
    }
}

const fn switch(kind: Kind) -> &'static str {
    match kind {
        Kind::ApiKey => {
            "Put the new key and its fingerprint into the OCI configuration of everything that signs with it."
        }
        Kind::AuthToken => {
            "Log in anew wherever the token is used: docker login, git, the database's Swift URL."
        }
        Kind::CustomerSecretKey => {
            "Put the new access key and secret into every client of the S3 API that uses it."
        }
        Kind::DbCredential => {
            "Put the new password into every connection that signs in to the database with it."
        }
        Kind::Oauth2ClientCredential => {
            "Put the new client secret into every application that asks for tokens with it."
        }
        Kind::SmtpCredential => "Put the new user name and password into everything that sends mail with it.",
    }
}
