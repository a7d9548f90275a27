//! What an SMTP answer means, which depends on what was asked for.
//!
//! Facts of OCI Email Delivery ("Troubleshooting Email Delivery"): 535 after MAIL FROM means that the sender is not approved,
//! 254 that the mail was taken and is suppressed, 455 that more mails came in a minute than are allowed.

use lettre::transport::smtp::Error;
use lettre::transport::smtp::response::Response;

use crate::channels::error::DeliveryError;
use crate::page::clean;

/// What a server was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage<'a> {
    /// A connection, with TLS where that is wanted.
    Connection,
    /// Who logs in.
    Login,
    /// To send for this sender; whether somebody logged in.
    Sender { from: &'a str, logged_in: bool },
    /// To send to these.
    Recipients(&'a [String]),
    /// To take the mail from this sender to these.
    Content { from: &'a str, to: &'a [String] },
}

/// Taken, and never delivered (OCI Email Delivery).
const SUPPRESSED: u16 = 254;

/// The refusal that a positive answer may be: of an address that is on the suppression list.
pub(super) fn suppressed(answer: &Response, to: &[String]) -> Option<DeliveryError> {
    (u16::from(answer.code()) == SUPPRESSED).then(|| {
        let said: Vec<&str> = answer.message().collect();
        DeliveryError::lasting(format!(
            "the mail to {} was accepted but will not be delivered, because the address is on the suppression list: \
             {SUPPRESSED} {}",
            clean(&to.join(", ")),
            clean(&said.join(" "))
        ))
        .hint(
            "check the address; once its mailbox accepts email again, remove it from the suppression list of OCI Email \
             Delivery (Console: Developer Services, Email Delivery, Suppression List)",
        )
        .this_message_only()
    })
}

/// What an error means, and whether it may pass.
pub(super) fn explain(error: &Error, stage: Stage<'_>) -> DeliveryError {
    let cause = innermost(error);
    match error.status().map(u16::from) {
        Some(code) if is_limit(code, &cause) => {
            DeliveryError::too_fast(format!("the server limits how many emails it accepts: {code} {cause}"))
        }
        Some(code) if error.is_transient() => {
            let later =
                DeliveryError::passing(format!("the server wants us to come back later: {code} {cause}"));
            match stage {
                Stage::Recipients(_) | Stage::Content { .. } => later.this_message_only(),
                _ => later,
            }
        }
        Some(code) => refused(code, &cause, stage),
        None => broken(error, &cause),
    }
}

/// Whether an answer is about how many mails, and not about this one.
fn is_limit(code: u16, cause: &str) -> bool {
    const WORDS: [&str; 7] = ["rate", "limit", "too many", "too fast", "throttl", "per minute", "quota"];
    let said = cause.to_ascii_lowercase();
    // RFC 5321: 421 ends the connection, and the server may be asked again later.
    matches!(code, 421 | 455) || (matches!(code, 450..=454) && WORDS.iter().any(|word| said.contains(word)))
}

fn refused(code: u16, cause: &str, stage: Stage<'_>) -> DeliveryError {
    match (stage, code) {
        // RFC 4954: 530, 534, 535 and 538 are about logging in.
        (Stage::Login, _)
        | (_, 530 | 534 | 538)
        | (Stage::Connection | Stage::Sender { logged_in: false, .. }, 535) => {
            DeliveryError::lasting(format!("the server refuses the login: {code} {cause}"))
                .hint("check `username` and the password; some servers want a password for applications")
        }
        (Stage::Sender { from, .. }, _) | (Stage::Content { from, .. }, 535) => {
            DeliveryError::lasting(format!("the server does not accept the sender {from}: {code} {cause}")).hint(
                "check `from`: in OCI Email Delivery, the address must be an approved sender in the region of `host`, and the \
                 SMTP user needs a policy such as: allow group GROUP to use approved-senders in compartment NAME",
            )
        }
        (Stage::Recipients(to) | Stage::Content { to, .. }, _) => {
            let to = clean(&to.join(", "));
            DeliveryError::lasting(format!("the mail to {to} is refused: {code} {cause}")).this_message_only()
        }
        (Stage::Connection, _) => {
            DeliveryError::lasting(format!("the server refuses the connection: {code} {cause}"))
                .hint("check `host` and `port`")
        }
    }
}

/// What is no answer of the server.
fn broken(error: &Error, cause: &str) -> DeliveryError {
    if error.is_client() {
        DeliveryError::lasting(format!("the server cannot do what is needed: {cause}"))
            .hint("check `tls`, `port` and `username`")
    } else if error.is_timeout() {
        DeliveryError::passing("no answer in time")
    } else if error.is_tls() || is_about_tls(cause) {
        DeliveryError::lasting(format!("no TLS with the server: {cause}"))
            .hint("check `host`, `port` and `tls`; an authority of your own is trusted with --ca-bundle FILE")
    } else {
        DeliveryError::passing(format!("no connection: {cause}")).hint("check `host` and `port`")
    }
}

/// Whether a connection failed for what rustls says: of the certificate, or of a server that speaks no TLS.
fn is_about_tls(cause: &str) -> bool {
    ["certificate", "corrupt message", "received fatal alert", "peer is incompatible"]
        .iter()
        .any(|said| cause.contains(said))
}

/// The deepest cause, which is the one that says something.
fn innermost(error: &Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    clean(&cause.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_told_from_a_mailbox_that_is_busy() {
        for (code, said) in [
            (455, "4.7.1 whatever"),
            (421, "closing"),
            (451, "4.7.1 Rate exceeded"),
            (452, "Too many emails per minute"),
            (450, "sending quota"),
        ] {
            assert!(is_limit(code, said), "{code} {said}");
        }
        for (code, said) in [(451, "4.3.0 come back later"), (452, "4.2.2 mailbox full"), (550, "too many")] {
            assert!(!is_limit(code, said), "{code} {said}");
        }
    }

    #[test]
    fn the_same_code_means_another_thing_at_another_stage() {
        let from = "credage@example.com";
        let of = |stage| refused(535, "Authorization failed", stage).message;
        assert!(of(Stage::Login).contains("refuses the login"));
        assert!(of(Stage::Sender { from, logged_in: true }).contains("the sender credage@example.com"));
        assert!(of(Stage::Sender { from, logged_in: false }).contains("refuses the login"));
        assert!(of(Stage::Content { from, to: &[] }).contains("the sender credage@example.com"));
        assert!(of(Stage::Recipients(&["a@b.example".to_owned()])).contains("the mail to a@b.example"));
    }
}
