//! What to do about one credential: create, switch over, test, delete.
//!
//! No kind can be rotated in place but the database password, so the old credential is deleted last, when nothing needs
//! it any more. Deleting is `DELETE /admin/v1/{collection}/{id}` of the domain (Oracle's Python SDK,
//! `identity_domains_client.py`).

use credage_core::{Kind, Standing};

use super::{Item, Step};

/// The steps, in order.
pub(super) fn steps(item: &Item) -> Vec<Step> {
    let kind = item.kind.label();
    match item.standing {
        Standing::Fresh => Vec::new(),
        Standing::Expired => vec![
            say(format!("Check what still uses this {kind}: it no longer works.")),
            say("Where something does, create a new one and switch over.".to_owned()),
            delete(item, "Delete the expired one."),
        ],
        Standing::Unknown => vec![
            say(format!("Find out in the console when this {kind} was made; its age is not known.")),
            say("If nobody can tell, replace it as if it were overdue.".to_owned()),
        ],
        Standing::Overdue | Standing::DueSoon if item.kind == Kind::DbCredential => vec![
            say("Set a new database password in the console (My profile, Database passwords).".to_owned()),
            say("Give it to everything that signs in to a database with it, and test.".to_owned()),
        ],
        Standing::Overdue | Standing::DueSoon => vec![
            say(format!("Create a new {kind} for the same user in the console.")),
            say("Switch over whatever uses the old one.".to_owned()),
            say("Test that everything works with the new one.".to_owned()),
            delete(item, "Delete the old one."),
        ],
    }
}

const fn say(text: String) -> Step {
    Step { text, command: None }
}

fn delete(item: &Item, text: &str) -> Step {
    let url = format!("{}/admin/v1/{}/{}", item.domain_url, collection(item.kind), item.credential_id);
    let command = format!("oci raw-request --http-method DELETE --target-uri {}", quoted(&url));
    Step { text: text.to_owned(), command: Some(command) }
}

const fn collection(kind: Kind) -> &'static str {
    match kind {
        Kind::ApiKey => "ApiKeys",
        Kind::AuthToken => "AuthTokens",
        Kind::CustomerSecretKey => "CustomerSecretKeys",
        Kind::DbCredential => "UserDbCredentials",
        Kind::Oauth2ClientCredential => "OAuth2ClientCredentials",
        Kind::SmtpCredential => "SmtpCredentials",
    }
}

/// As one word of a POSIX shell, whatever it holds.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Digest;

    #[test]
    fn the_old_one_is_deleted_last_and_by_its_own_id() {
        let sample = Digest::sample("2026-06-01T12:00:00Z".parse().unwrap());
        for item in sample.items.iter().filter(|item| item.kind != Kind::DbCredential) {
            let steps = steps(item);
            if item.standing == Standing::Unknown {
                assert!(steps.iter().all(|step| step.command.is_none()), "nothing is deleted on a guess");
                continue;
            }
            let command = steps.last().and_then(|step| step.command.as_deref()).unwrap();
            assert!(command.ends_with(&format!("/{}'", item.credential_id)), "{command}");
        }
    }

    #[test]
    fn an_id_cannot_leave_its_quotes() {
        assert_eq!(quoted("a'; rm -rf ~; '"), r"'a'\''; rm -rf ~; '\'''");
    }
}
