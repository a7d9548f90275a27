//! Why a request has no usable answer, and whether another one would fare better.

use std::sync::Arc;
use std::time::Duration;

use crate::auth::AuthError;

/// A request without a usable answer.
#[derive(Clone, Debug, thiserror::Error)]
pub enum RequestError {
    /// The domain refused it.
    #[error("{status}: {message}")]
    Refused {
        /// The HTTP status: 300 to 499, 501, or 500 for a query that the domain may not support.
        status: u16,
        /// What the domain said.
        message: String,
        /// Oracle's id of the request.
        request_id: Option<String>,
    },
    /// No try brought a usable answer.
    #[error("{cause}{}", tried(*tries))]
    Unavailable {
        /// How the last try failed.
        cause: String,
        /// What the failure says about further requests.
        why: Unavailability,
        /// The HTTP status of the last try, if it had one.
        status: Option<u16>,
        /// Whether the domain was reached at all.
        reached: bool,
        /// How often it was tried; 0 where it was not even sent.
        tries: usize,
        /// How long the service wants us to wait, where it says so.
        after: Option<Duration>,
        /// Oracle's id of the last request.
        request_id: Option<String>,
        /// What to do about it, where that is known.
        remedy: Option<&'static str>,
    },
    /// There was nothing to sign with.
    #[error("{0}")]
    Auth(Arc<AuthError>),
}

/// What a failure says about further requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unavailability {
    /// Every try failed in a way that might have passed. Another request may succeed.
    Failing,
    /// The answer is complete, valid JSON of an unexpected shape. The same request brings the same again; one that asks
    /// for less may succeed.
    Shape,
    /// The service asks for a longer wait than credage accepts.
    Wait,
    /// The domain or collection stopped answering, and is not asked for now (`breaker.rs`).
    Silent,
    /// The deadline of the run has passed.
    Deadline,
    /// More requests were sent than the domain can need.
    Budget,
}

impl RequestError {
    /// The HTTP status, if there was one.
    pub const fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { status, .. } => Some(*status),
            Self::Unavailable { status, .. } => *status,
            Self::Auth(_) => None,
        }
    }

    /// What the failure says about further requests, where it is no refusal.
    pub const fn unavailability(&self) -> Option<Unavailability> {
        match self {
            Self::Unavailable { why, .. } => Some(*why),
            Self::Refused { .. } | Self::Auth(_) => None,
        }
    }

    /// Whether the answer was complete, valid JSON of an unexpected shape.
    pub const fn is_shape(&self) -> bool {
        matches!(self.unavailability(), Some(Unavailability::Shape))
    }

    /// Whether every further request to the domain would fail alike, so that no other listing needs to be tried.
    pub const fn ends_reading(&self) -> bool {
        matches!(self.unavailability(), Some(Unavailability::Deadline | Unavailability::Budget))
    }

    /// The same refusal, with a reason that the domain does not tell.
    #[must_use]
    pub(crate) fn because(self, reason: Option<String>) -> Self {
        match (self, reason) {
            (Self::Refused { status, message, request_id }, Some(reason)) => {
                Self::Refused { status, message: format!("{message}; {reason}"), request_id }
            }
            (error, _) => error,
        }
    }

    /// A request that was never sent.
    pub(crate) const fn unsent(cause: String, why: Unavailability, remedy: Option<&'static str>) -> Self {
        Self::Unavailable {
            cause,
            why,
            status: None,
            reached: true,
            tries: 0,
            after: None,
            request_id: None,
            remedy,
        }
    }
}

fn tried(times: usize) -> String {
    match times {
        0 => String::new(),
        1 => ", tried once".to_owned(),
        times => format!(", tried {times} times"),
    }
}
