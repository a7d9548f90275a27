//! Why a message did not arrive, and whether it is worth another try.

use std::time::Duration;

use credage_oci::transport::TransportError;

/// A message that did not arrive.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct DeliveryError {
    /// What happened.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Whether to try again.
    pub retry: Retry,
    /// Whether it is about this message alone, so that the next one may fare better.
    pub this_message_only: bool,
}

/// Whether to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// It would end the same way.
    Never,
    /// It may pass; the other side may have said when.
    After(Option<Duration>),
    /// The other side limits how many messages it takes in a while. Whoever waits gets through.
    SlowDown,
}

impl DeliveryError {
    /// Something that will not pass by itself.
    pub fn lasting(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, retry: Retry::Never, this_message_only: false }
    }

    /// Something that may pass.
    pub fn passing(message: impl Into<String>) -> Self {
        Self { retry: Retry::After(None), ..Self::lasting(message) }
    }

    /// More than the other side takes in a while.
    pub fn too_fast(message: impl Into<String>) -> Self {
        Self { retry: Retry::SlowDown, ..Self::lasting(message) }
    }

    /// The same, with what to do about it.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// The same, but not before `pause` has gone by.
    #[must_use]
    pub fn not_before(self, pause: Option<Duration>) -> Self {
        Self { retry: Retry::After(pause), ..self }
    }

    /// The same, about this message alone.
    #[must_use]
    pub fn this_message_only(self) -> Self {
        Self { this_message_only: true, ..self }
    }
}

impl From<TransportError> for DeliveryError {
    fn from(error: TransportError) -> Self {
        let made = match &error {
            TransportError::Connect { .. }
            | TransportError::Timeout(_)
            | TransportError::Broken(_)
            | TransportError::Proxy { .. } => Self::passing(error.to_string()),
            TransportError::Certificate { .. } | TransportError::Setup(_) | TransportError::TooLarge => {
                Self::lasting(error.to_string())
            }
        };
        let nowhere = matches!(error, TransportError::Connect { .. })
            .then_some("check the address, and that nothing on the way blocks it");
        match error.remedy().or(nowhere) {
            Some(remedy) => made.hint(remedy),
            None => made,
        }
    }
}
