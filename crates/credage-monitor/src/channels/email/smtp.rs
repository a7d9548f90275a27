//! From a message to an SMTP server: the conversation, in which one recipient who is refused costs the others nothing.

use std::time::{Duration, SystemTime};

use credage_oci::Clock;
use lettre::address::AddressError;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, Tls as SmtpTls, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::{Address, Executor, Tokio1Executor};
use secrecy::{ExposeSecret, SecretString};

use super::refusal::{Stage, explain, suppressed};
use super::{EmailSettings, Protection, address};
use crate::channels::error::DeliveryError;
use crate::channels::message::{Message, Receipt, Refusal};
use crate::channels::open::Means;
use crate::page::clean;

/// How long a server may take to say good-bye.
const PARTING: Duration = Duration::from_secs(1);

/// A server to send through, with a connection for each mail.
pub(super) struct Smtp {
    host: String,
    port: u16,
    tls: SmtpTls,
    login: Option<Credentials>,
    timeout: Duration,
    clock: Clock,
}

/// Whom a mail is for, as far as the server can take their addresses.
struct Letter {
    mail: Vec<u8>,
    to: Vec<Address>,
    refused: Vec<Refusal>,
}

impl Smtp {
    pub(super) fn new(
        settings: &EmailSettings,
        login: Option<(String, SecretString)>,
        timeout: Duration,
        means: &Means<'_>,
    ) -> Result<Self, Error> {
        let tls = match settings.tls {
            Protection::None => SmtpTls::None,
            Protection::Starttls => SmtpTls::Required(trusting(&settings.host, means)?),
            Protection::Tls => SmtpTls::Wrapper(trusting(&settings.host, means)?),
        };
        let login = login.map(|(name, password)| Credentials::new(name, password.expose_secret().to_owned()));
        let (host, port) = (settings.host.clone(), settings.port);
        Ok(Self { host, port, tls, login, timeout, clock: means.clock.clone() })
    }

    /// Sends it to everybody who is still to get it. Who did not is in the receipt; an error is about all of them.
    pub(super) async fn send(&self, from: &Mailbox, message: &Message) -> Result<Receipt, DeliveryError> {
        let mut connection = self.connect().await?;
        let sent = self.converse(&mut connection, from, message).await;
        // What was taken is taken, whether the server says good-bye or not.
        let _ = tokio::time::timeout(PARTING, connection.abort()).await;
        sent
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, DeliveryError> {
        let (hello, timeout) = (ClientId::default(), Some(self.timeout));
        let connected = Tokio1Executor::connect(&self.host, self.port, timeout, &hello, &self.tls).await;
        let mut connection = connected.map_err(|error| explain(&error, Stage::Connection))?;
        if let Some(login) = &self.login {
            let logged_in = connection.auth(DEFAULT_MECHANISMS, login).await;
            logged_in.map_err(|error| explain(&error, Stage::Login))?;
        }
        Ok(connection)
    }

    async fn converse(
        &self,
        connection: &mut AsyncSmtpConnection,
        from: &Mailbox,
        message: &Message,
    ) -> Result<Receipt, DeliveryError> {
        let knows_utf8 = connection.server_info().supports_feature(Extension::SmtpUtfEight);
        let Letter { mail, to, mut refused } = self.letter(from, message, knows_utf8)?;
        if to.is_empty() {
            return Ok(Receipt { refused, ..Receipt::default() });
        }
        let sender = from.email.to_string();
        let stage = Stage::Sender { from: &sender, logged_in: self.login.is_some() };
        let options = options(connection, from, &to, &mail)?;
        let taken = connection.command(Mail::new(Some(from.email.clone()), options)).await;
        taken.map_err(|error| explain(&error, stage))?;
        let taken = name_recipients(connection, to, &mut refused).await?;
        if taken.is_empty() {
            return Ok(Receipt { refused, ..Receipt::default() });
        }
        hand_over(connection, &sender, &mail, taken, refused).await
    }

    /// The mail, without the addresses that the server cannot take; those are refused.
    fn letter(&self, from: &Mailbox, message: &Message, knows_utf8: bool) -> Result<Letter, DeliveryError> {
        let unwritable = |error: AssembleError| {
            DeliveryError::lasting(format!("the mail cannot be written: {error}")).this_message_only()
        };
        if !knows_utf8 && !from.email.to_string().is_ascii() {
            return Err(no_utf8(&format!("from {}", from.email)));
        }
        let since_1970 = u64::try_from((self.clock)().as_second()).unwrap_or_default();
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(since_1970);
        let mut letter = Letter { mail: Vec::new(), to: Vec::new(), refused: Vec::new() };
        let mut heads = [Vec::new(), Vec::new()];
        for (texts, head) in [&message.to, &message.cc].into_iter().zip(&mut heads) {
            for text in texts {
                let mailbox: Mailbox =
                    text.parse().map_err(|error| unwritable(AssembleError::Address(error)))?;
                let shown = mailbox.email.to_string();
                if !knows_utf8 && !shown.is_ascii() {
                    let error = no_utf8(&format!("to {shown}")).this_message_only();
                    letter.refused.push(Refusal { who: vec![shown], error });
                    continue;
                }
                let is = |other: &Address| address::is_same(other.as_ref(), &shown);
                if is_wanted(message, &shown) && !letter.to.iter().any(is) {
                    letter.to.push(mailbox.email.clone());
                }
                head.push(mailbox);
            }
        }
        letter.refused.retain(|refusal| refusal.who.iter().all(|who| is_wanted(message, who)));
        if !letter.to.is_empty() {
            letter.mail = assemble(from, message, heads, now).map_err(unwritable)?.formatted();
        }
        Ok(letter)
    }
}

/// Whether an address is among those that are still to get a message.
fn is_wanted(message: &Message, shown: &str) -> bool {
    message.only.is_empty() || message.only.iter().any(|only| address::is_same(only, shown))
}

fn no_utf8(who: &str) -> DeliveryError {
    DeliveryError::lasting(format!(
        "the mail {} cannot be sent: the server takes addresses in ASCII alone (no SMTPUTF8)",
        clean(who)
    ))
    .hint("send through a server that knows SMTPUTF8, or give the user an address in ASCII")
}

/// What the server must be told of a mail beforehand.
fn options(
    connection: &AsyncSmtpConnection,
    from: &Mailbox,
    to: &[Address],
    mail: &[u8],
) -> Result<Vec<MailParameter>, DeliveryError> {
    let mut options = Vec::new();
    if !std::iter::once(&from.email).chain(to).all(|each| each.to_string().is_ascii()) {
        options.push(MailParameter::SmtpUtfEight);
    }
    if !mail.is_ascii() {
        if !connection.server_info().supports_feature(Extension::EightBitMime) {
            return Err(DeliveryError::lasting("the server does not accept 8-bit text (no 8BITMIME)")
                .this_message_only());
        }
        options.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    Ok(options)
}

/// Names them one by one; yields those whom the server takes.
async fn name_recipients(
    connection: &mut AsyncSmtpConnection,
    to: Vec<Address>,
    refused: &mut Vec<Refusal>,
) -> Result<Vec<String>, DeliveryError> {
    let mut taken = Vec::new();
    for recipient in to {
        let who = vec![recipient.to_string()];
        let answer = connection.command(Rcpt::new(recipient, Vec::new())).await;
        let error = match &answer {
            Ok(answer) => suppressed(answer, &who),
            Err(error) => Some(explain(error, Stage::Recipients(&who))),
        };
        match (error, answer) {
            (None, _) => taken.extend(who),
            // 421 ends the connection, and so does whatever is no answer: nobody got anything.
            (Some(error), Err(raw)) if raw.status().is_none_or(|code| u16::from(code) == 421) => {
                return Err(error);
            }
            (Some(error), _) => refused.push(Refusal { who, error }),
        }
    }
    Ok(taken)
}

/// Hands the mail over for those whom the server took.
async fn hand_over(
    connection: &mut AsyncSmtpConnection,
    from: &str,
    mail: &[u8],
    taken: Vec<String>,
    mut refused: Vec<Refusal>,
) -> Result<Receipt, DeliveryError> {
    let answered = match connection.command(Data).await {
        Ok(_) => connection.message(mail).await,
        Err(error) => Err(error),
    };
    let answer = match answered {
        Ok(answer) => answer,
        Err(error) if error.status().is_none() => {
            return Err(explain(&error, Stage::Content { from, to: &taken }));
        }
        Err(error) => {
            let error = explain(&error, Stage::Content { from, to: &taken });
            // What is about all mails, and not about this one, is no matter of its recipients.
            if !error.this_message_only {
                return Err(error);
            }
            refused.push(Refusal { who: taken, error });
            return Ok(Receipt { refused, ..Receipt::default() });
        }
    };
    let said = answer.message().collect::<Vec<_>>().join(" ");
    let named: Vec<String> = taken.iter().filter(|who| names(&said, who)).cloned().collect();
    let lost = if named.is_empty() { taken.clone() } else { named };
    let (reference, count) = (answer.message().next().map(clean), taken.len());
    let Some(error) = suppressed(&answer, &lost) else {
        return Ok(Receipt { reference, reached: count, refused });
    };
    let reached = count.saturating_sub(lost.len());
    refused.push(Refusal { who: lost, error });
    Ok(Receipt { reference, reached, refused })
}

/// Whether an answer speaks of an address.
fn names(said: &str, who: &str) -> bool {
    said.split(|c: char| c.is_whitespace() || "<>,;:()'\"".contains(c))
        .any(|word| address::is_same(word.trim_end_matches('.'), who))
}

/// The platform's own roots, and those of the bundle that the whole run trusts.
fn trusting(host: &str, means: &Means<'_>) -> Result<TlsParameters, Error> {
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
fn assemble(
    from: &Mailbox,
    message: &Message,
    [to, cc]: [Vec<Mailbox>; 2],
    now: SystemTime,
) -> Result<lettre::Message, AssembleError> {
    let mut builder = lettre::Message::builder()
        .from(from.clone())
        .date(now)
        .subject(message.subject.clone())
        .message_id(Some(format!("<{}@{}>", message.id, from.email.domain())));
    builder = to.into_iter().fold(builder, lettre::message::MessageBuilder::to);
    builder = cc.into_iter().fold(builder, lettre::message::MessageBuilder::cc);
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
