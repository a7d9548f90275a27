//! A message, ready to be sent, kept or looked at.

use std::fmt::Write as _;

use aws_lc_rs::digest::{Context, SHA256};

use super::error::DeliveryError;

/// Characters of a message id.
const ID: usize = 32;

/// What a channel sends at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The same for the same content to the same people, and for every try: receivers know by it what they have already.
    pub id: String,
    /// Whom it is for; empty where the channel has one place alone.
    pub to: Vec<String>,
    /// Who else gets it.
    pub cc: Vec<String>,
    /// What it is about, in one line.
    pub subject: String,
    /// Its content, the simplest form first.
    pub parts: Vec<Part>,
    /// The addresses that are still to get it, where some have it already; nobody stands for everybody.
    pub only: Vec<String>,
}

/// A form of the content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// `text/plain`, `text/html` or `application/json`.
    pub content_type: &'static str,
    /// The content.
    pub body: String,
}

/// That a message arrived, at least with some of those whom it is for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// What the other side calls it, where it says.
    pub reference: Option<String>,
    /// How many got it; none where the channel has one place alone.
    pub reached: usize,
    /// With whom it did not arrive.
    pub refused: Vec<Refusal>,
}

/// Some of those whom a message is for, with whom it did not arrive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Their addresses.
    pub who: Vec<String>,
    /// Why.
    pub error: DeliveryError,
}

impl Receipt {
    /// That all of it arrived.
    pub const fn whole(reference: Option<String>) -> Self {
        Self { reference, reached: 0, refused: Vec::new() }
    }
}

impl Message {
    /// A message of this content; its id follows from it.
    pub fn new(to: Vec<String>, cc: Vec<String>, subject: String, parts: Vec<Part>) -> Self {
        let texts = to.iter().chain(&cc).chain([&subject]).map(String::as_str);
        let texts = texts.chain(parts.iter().flat_map(|part| [part.content_type, part.body.as_str()]));
        let id = id(texts);
        Self { id, to, cc, subject, parts, only: Vec::new() }
    }

    /// Who is still to get it.
    pub fn addressees(&self) -> Vec<String> {
        if self.only.is_empty() {
            self.to.iter().chain(&self.cc).cloned().collect()
        } else {
            self.only.clone()
        }
    }

    /// The content in its simplest form.
    pub fn body(&self) -> &str {
        self.parts.first().map_or("", |part| part.body.as_str())
    }
}

impl Part {
    /// Text.
    pub const fn text(body: String) -> Self {
        Self { content_type: "text/plain", body }
    }

    /// HTML.
    pub const fn html(body: String) -> Self {
        Self { content_type: "text/html", body }
    }

    /// JSON.
    pub const fn json(body: String) -> Self {
        Self { content_type: "application/json", body }
    }
}

fn id<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let mut context = Context::new(&SHA256);
    for text in texts {
        // The length keeps `ab`, `c` and `a`, `bc` apart.
        context.update(&text.len().to_be_bytes());
        context.update(text.as_bytes());
    }
    let mut hex = hex(context.finish().as_ref());
    hex.truncate(ID);
    hex
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_that_of_the_content() {
        let message = |to: &str, body: &str| {
            Message::new(vec![to.to_owned()], Vec::new(), "s".to_owned(), vec![Part::text(body.to_owned())])
        };
        assert_eq!(message("a", "x").id, message("a", "x").id);
        assert_ne!(message("a", "x").id, message("b", "x").id);
        assert_ne!(message("a", "x").id, message("a", "y").id);
        assert_eq!(message("a", "x").id.len(), ID);
    }
}
