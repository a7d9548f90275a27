//! From a message to an SMTP server.

use std::time::{Duration, SystemTime};

use credage_oci::Clock;
use lettre::address::AddressError;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls as SmtpTls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use secrecy::{ExposeSecret, SecretString};

use super::{EmailSettings, Protection};
use crate::channels::error::DeliveryError;
use crate::channels::message::{Message, Receipt};
use crate::channels::open::Means;
use crate::page::clean;

/// A server to send through, with a connection for each mail.
pub(super) struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    clock: Clock,
}

impl Smtp {
    pub(super) fn new(
        settings: &EmailSettings,
        login: Option<(String, SecretString)>,
        timeout: Duration,
        means: &Means<'_>,
    ) -> Result<Self, lettre::transport::smtp::Error> {
        let tls = match settings.tls {
            Protection::None => SmtpTls::None,
            Protection::Starttls => SmtpTls::Required(trusting(&settings.host, means)?),
            Protection::Tls => SmtpTls::Wrapper(trusting(&settings.host, means)?),
        };
        let builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(settings.host.clone())
            .port(settings.port)
            .timeout(Some(timeout))
            .tls(tls);
        let builder = match login {
            Some((username, password)) => {
                builder.credentials(Credentials::new(username, password.expose_secret().to_owned()))
            }
            None => builder,
        };
        Ok(Self { transport: builder.build(), clock: means.clock.clone() })
    }

    pub(super) async fn send(&self, from: &Mailbox, message: &Message) -> Result<Receipt, DeliveryError> {
        let since_1970 = u64::try_from((self.clock)().as_second()).unwrap_or_default();
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(since_1970);
        let mail = assemble(from, message, now).map_err(|error| {
            DeliveryError::lasting(format!("the mail cannot be written: {error}")).this_message_only()
        })?;
        let answer = self.transport.send(mail).await.map_err(|error| explain(&error, message))?;
        Ok(Receipt { reference: answer.message().next().map(clean) })
    }
}

/// The platform's own roots, and those of the bundle that the whole run trusts.
fn trusting(host: &str, means: &Means<'_>) -> Result<TlsParameters, lettre::transport::smtp::Error> {
    let mut builder = TlsParameters::builder(host.to_owned());
    if let Some(pem) = means.network.bundle_pem() {
        builder = builder.add_root_certificate(Certificate::from_pem(pem)?);
    }
    builder.build()
}

/// Why a message cannot be a mail.
#[derive(Debug, thiserror::Error)]
enum AssembleError {
    #[error(transparent)]
    Address(#[from] AddressError),
    #[error(transparent)]
    Mail(#[from] lettre::error::Error),
}

/// Every header is made of parsed values, and encoded: none can bring another one along.
fn assemble(from: &Mailbox, message: &Message, now: SystemTime) -> Result<lettre::Message, AssembleError> {
    let mut builder = lettre::Message::builder()
        .from(from.clone())
        .date(now)
        .subject(message.subject.clone())
        .message_id(Some(format!("<{}@{}>", message.id, from.email.domain())));
    for address in &message.to {
        builder = builder.to(address.parse()?);
    }
    for address in &message.cc {
        builder = builder.cc(address.parse()?);
    }
    // RFC 3834: keeps those who are on holiday from answering.
    let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
    builder = builder.raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()));
    let mut parts = message.parts.iter();
    let mut body = MultiPart::alternative().boundary(&message.id).build();
    for part in parts.by_ref() {
        body = body.singlepart(match part.content_type {
            "text/html" => SinglePart::html(part.body.clone()),
            _ => SinglePart::plain(part.body.clone()),
        });
    }
    Ok(builder.multipart(body)?)
}

/// What an SMTP error means, and whether it may pass.
fn explain(error: &lettre::transport::smtp::Error, message: &Message) -> DeliveryError {
    let cause = innermost(error);
    let to = clean(&message.to.join(", "));
    let status = error.status().map(|code| code.to_string());
    match status.as_deref() {
        // RFC 4954: 530, 534, 535 and 538 are about logging in.
        Some(code @ ("530" | "534" | "535" | "538")) => {
            DeliveryError::lasting(format!("the server refuses the login: {code} {cause}"))
                .hint("check `username` and the password; some servers want a password for applications")
        }
        Some(code) if error.is_transient() => {
            DeliveryError::passing(format!("the server wants us to come back later: {code} {cause}"))
        }
        Some(code) => {
            DeliveryError::lasting(format!("the mail to {to} is refused: {code} {cause}")).this_message_only()
        }
        None if error.is_client() && cause.contains("SMTPUTF8") => DeliveryError::lasting(format!(
            "the mail to {to} cannot be sent: the server takes addresses in ASCII alone (no SMTPUTF8)"
        ))
        .hint("send through a server that knows SMTPUTF8, or give the user an address in ASCII")
        .this_message_only(),
        None if error.is_client() => {
            DeliveryError::lasting(format!("the server cannot do what is needed: {cause}"))
                .hint("check `tls`, `port` and `username`")
        }
        None if error.is_timeout() => DeliveryError::passing("no answer in time"),
        None if error.is_tls() || is_about_tls(&cause) => DeliveryError::lasting(format!(
            "no TLS with the server: {cause}"
        ))
        .hint("check `host`, `port` and `tls`; an authority of your own is trusted with --ca-bundle FILE"),
        None => DeliveryError::passing(format!("no connection: {cause}")).hint("check `host` and `port`"),
    }
}

/// Whether a connection failed for what rustls says: of the certificate, or of a server that speaks no TLS.
fn is_about_tls(cause: &str) -> bool {
    ["certificate", "corrupt message", "received fatal alert", "peer is incompatible"]
        .iter()
        .any(|said| cause.contains(said))
}

/// The deepest cause, which is the one that says something.
fn innermost(error: &lettre::transport::smtp::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    clean(&cause.to_string())
}
