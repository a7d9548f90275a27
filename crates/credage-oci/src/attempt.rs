//! One try of a request: what came of it, and whether another one makes sense.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::auth::{AuthError, Authorization};
use crate::request_error::{RequestError, Unavailability};
use crate::scim::error;
use crate::scim::query::Request;
use crate::transport::{Reply, TransportError};

/// One try that was not the answer.
pub(crate) enum Miss {
    /// No other try would fare better.
    Final(RequestError),
    /// 401 under this authorization.
    Stale(Authorization, RequestError),
    /// Another try may fare better.
    Again(Failure),
}

/// A try that failed in a way that may pass.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) how: How,
    pub(crate) cause: String,
    pub(crate) status: Option<u16>,
    pub(crate) reached: bool,
    pub(crate) request_id: Option<String>,
    /// `Retry-After`.
    pub(crate) after: Option<Duration>,
    pub(crate) remedy: Option<&'static str>,
}

/// In which way it failed, and so how often it is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// As often as the options say.
    Passing,
    /// 429: as often as the options say for that.
    TooFast,
    /// Valid JSON of an unexpected shape: once.
    Shape,
    /// 500 for a query that the domain may not support: once.
    Unsupported,
}

impl Failure {
    /// What it comes to after the last of `tries`.
    pub(crate) fn end(self, tries: usize) -> RequestError {
        let why = match self.how {
            How::Passing | How::TooFast => Unavailability::Failing,
            How::Shape => Unavailability::Shape,
            How::Unsupported => {
                let (message, request_id) = (self.cause, self.request_id);
                return RequestError::Refused { status: self.status.unwrap_or(500), message, request_id };
            }
        };
        let Self { cause, status, reached, request_id, after, remedy, .. } = self;
        RequestError::Unavailable { cause, why, status, reached, tries, after, request_id, remedy }
    }

    /// What it comes to where the service asks for too long a wait.
    pub(crate) fn end_of_waiting(self, tries: usize, asked: Duration) -> RequestError {
        let cause = self.cause_of_waiting(asked);
        let Self { status, reached, request_id, after, remedy, .. } = self;
        let why = Unavailability::Wait;
        RequestError::Unavailable { cause, why, status, reached, tries, after, request_id, remedy }
    }

    /// The same in words.
    pub(crate) fn cause_of_waiting(&self, asked: Duration) -> String {
        let (cause, seconds) = (&self.cause, asked.as_secs());
        format!("{cause}; the service asks to retry in {seconds} s, which exceeds the limit")
    }
}

/// A try that was not sent, for want of an authorization.
pub(crate) fn unauthorized(error: AuthError) -> Miss {
    Miss::Final(RequestError::Auth(Arc::new(error)))
}

/// A try that brought no answer.
pub(crate) fn unanswered(error: &TransportError) -> Miss {
    let failure = Failure {
        how: How::Passing,
        cause: error.to_string(),
        status: None,
        reached: error.reached(),
        request_id: None,
        after: None,
        remedy: error.remedy(),
    };
    if error.is_lasting() { Miss::Final(failure.end(1)) } else { Miss::Again(failure) }
}

/// What an answer that came at `now` holds.
pub(crate) fn read<T: DeserializeOwned>(request: &Request, reply: Reply, now: Timestamp) -> Result<T, Miss> {
    let after = reply.wait(Some(now));
    let Reply { status, request_id, location, body, .. } = reply;
    let again = |how, cause, status, request_id, after| {
        Miss::Again(Failure { how, cause, status, reached: true, request_id, after, remedy: None })
    };
    match status {
        200..=299 => crate::scim::body::read(&body).map_err(|error| {
            let how = if is_json(&body) { How::Shape } else { How::Passing };
            let cause = format!("the answer is not what an OCI service sends ({error})");
            again(how, cause, None, request_id, None)
        }),
        429 => {
            let cause = "the service keeps answering that requests come too fast".to_owned();
            Err(again(How::TooFast, cause, Some(429), request_id, after))
        }
        // Oracle's SDK does not retry 501 either (`retry/retry_checkers.py`): what is not implemented stays so.
        300..=499 | 501 => {
            let message = location.map_or_else(|| error::message(&body), |to| redirected(&to));
            Err(Miss::Final(RequestError::Refused { status, message, request_id }))
        }
        _ => {
            let unsupported = status == 500 && request.speculative;
            let message = error::message(&body);
            let (how, cause) = if unsupported {
                (How::Unsupported, message)
            } else {
                (How::Passing, format!("{status}: {message}"))
            };
            Err(again(how, cause, Some(status), request_id, after))
        }
    }
}

/// Whether a body is JSON from its first byte to its last, whatever it says: then it is complete, and will be the same the
/// next time.
fn is_json(body: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(body).is_ok()
}

fn redirected(to: &str) -> String {
    format!("redirects to {to}; a signed request never follows to another place, so check the domain URL")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    struct Text {
        #[expect(dead_code, reason = "only its shape matters")]
        text: String,
    }

    fn miss(status: u16, body: &str, speculative: bool) -> Miss {
        let request = Request::get("https://domain.example/admin/v1/Users/a?b=c".parse().unwrap());
        assert_eq!(request.place(), "/admin/v1/Users");
        let request = if speculative { request.speculative() } else { request };
        let reply = Reply {
            status,
            request_id: Some("id".to_owned()),
            retry_after: None,
            next_page: None,
            date: None,
            location: None,
            body: body.as_bytes().to_vec(),
        };
        read::<Text>(&request, reply, Timestamp::UNIX_EPOCH).unwrap_err()
    }

    fn how(status: u16, body: &str, speculative: bool) -> Option<How> {
        match miss(status, body, speculative) {
            Miss::Again(failure) => Some(failure.how),
            Miss::Final(_) | Miss::Stale(..) => None,
        }
    }

    #[test]
    fn json_of_another_shape_is_told_from_what_was_cut_or_is_no_json() {
        for shape in ["[]", r#"{"text":1}"#, r#"{"text":null}"#, "{}", r#"{"text":"\ud800"}"#] {
            assert_eq!(how(200, shape, false), Some(How::Shape), "{shape}");
        }
        for passing in ["", r#"{"text":1"#, r#"{"text":"#, "<html>sign in</html>", r#"{"text":1} {"#] {
            assert_eq!(how(200, passing, false), Some(How::Passing), "{passing}");
        }
    }

    #[test]
    fn what_is_not_implemented_is_not_tried_again() {
        for speculative in [true, false] {
            let Miss::Final(error) = miss(501, "{}", speculative) else { panic!("tried again") };
            assert!(matches!(error, RequestError::Refused { status: 501, .. }), "{error}");
        }
    }

    #[test]
    fn an_error_is_a_refusal_only_of_a_query_that_may_not_be_supported() {
        assert_eq!(how(500, "{}", true), Some(How::Unsupported));
        assert_eq!(how(500, "{}", false), Some(How::Passing));
        assert_eq!(how(503, "{}", true), Some(How::Passing));
        let Miss::Again(failure) = miss(500, r#"{"detail":"no sortBy"}"#, true) else { panic!("final") };
        let error = failure.end(2);
        assert!(matches!(error, RequestError::Refused { status: 500, .. }));
        assert_eq!(error.to_string(), "500: no sortBy");
    }
}
