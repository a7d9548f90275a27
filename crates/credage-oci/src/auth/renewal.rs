//! Sessions that end and are renewed: early, once for all who wait, and never a key with another key's token.

use std::fmt;
use std::sync::Arc;

use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;

use super::error::AuthError;
use crate::region::Region;
use crate::scim::query::Request;
use crate::signer::SigningKey;

/// How long before its end a session is renewed; or half its life, where that is shorter.
const MARGIN: SignedDuration = SignedDuration::from_mins(5);
/// After a renewal that failed, how long to leave it.
const PATIENCE: SignedDuration = SignedDuration::from_secs(10);

/// What a request carries: a signature, or a token as it is.
#[derive(Clone, Debug)]
pub enum Authorization {
    /// Signed with this key, under the key id that belongs to it.
    Signature(SigningKey),
    /// `Authorization: Bearer`.
    Bearer(Arc<SecretString>),
}

/// A session, just begun.
#[derive(Clone, Debug)]
pub(super) struct Session {
    pub(super) authorization: Authorization,
    pub(super) expires: Option<Timestamp>,
    pub(super) tenancy: Option<String>,
    pub(super) region: Option<String>,
    /// The same, where the instance's metadata describes it with its realm.
    pub(super) described: Option<Region>,
}

/// Begins sessions.
pub(super) trait Source: fmt::Debug + Send + Sync {
    /// Begins one at `now`.
    fn begin(&self, now: Timestamp) -> BoxFuture<'_, Result<Session, AuthError>>;
}

/// The present session of a source.
#[derive(Debug)]
pub(super) struct Renewal {
    source: Box<dyn Source>,
    current: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    held: Option<Held>,
    /// The last failure to begin one, and when that was.
    failed: Option<(Timestamp, Arc<AuthError>)>,
}

#[derive(Debug)]
struct Held {
    session: Session,
    begun: Timestamp,
    not_before: Option<Timestamp>,
}

impl Renewal {
    pub(super) fn new(source: Box<dyn Source>) -> Self {
        Self { source, current: Mutex::default() }
    }

    /// A session that is good at `now`. Whoever comes while it is renewed waits for that one renewal, and shares its
    /// failure: many requests must not knock at a closed door one after the other.
    pub(super) async fn session(&self, now: Timestamp) -> Result<Session, AuthError> {
        let mut current = self.current.lock().await;
        match current.held.as_mut() {
            Some(held) if !held.is_due(now) => return Ok(held.session.clone()),
            Some(held) if held.lasts(now) => {
                // Early: if it cannot be renewed now, the old one still serves.
                match self.source.begin(now).await {
                    Ok(session) => *held = Held::new(session, now),
                    Err(error) => {
                        tracing::warn!(%error, "the session could not be renewed yet; the present one still lasts");
                        held.not_before = now.checked_add(PATIENCE).ok();
                    }
                }
                return Ok(held.session.clone());
            }
            _ => {}
        }
        if let Some((at, error)) = &current.failed
            && now.duration_since(*at) < PATIENCE
        {
            return Err(AuthError::Repeated(Arc::clone(error)));
        }
        let session = match self.source.begin(now).await {
            Ok(session) => session,
            Err(error) => {
                let error = Arc::new(error);
                current.failed = Some((now, Arc::clone(&error)));
                return Err(AuthError::Repeated(error));
            }
        };
        *current = State { held: Some(Held::new(session.clone(), now)), failed: None };
        tracing::info!(expires = ?session.expires.map(|at| at.to_string()), "a session began");
        Ok(session)
    }

    /// Gives up the session that `used` was of, because the service did. Another one that began since stays.
    pub(super) async fn give_up(&self, used: &Authorization) {
        let mut current = self.current.lock().await;
        if current.held.as_ref().is_some_and(|held| held.session.authorization.is(used)) {
            current.held = None;
        }
    }
}

impl Held {
    const fn new(session: Session, begun: Timestamp) -> Self {
        Self { session, begun, not_before: None }
    }

    fn lasts(&self, now: Timestamp) -> bool {
        self.session.expires.is_none_or(|end| now < end)
    }

    fn is_due(&self, now: Timestamp) -> bool {
        let Some(end) = self.session.expires else { return false };
        if self.not_before.is_some_and(|at| now < at) && self.lasts(now) {
            return false;
        }
        let half = SignedDuration::from_millis_i128(end.duration_since(self.begun).as_millis() / 2);
        end.checked_sub(MARGIN.min(half)).is_ok_and(|due| due <= now)
    }
}

impl Authorization {
    /// Puts it on a request that is sent at `now`.
    pub(crate) fn apply(
        &self,
        request: &Request,
        now: Timestamp,
        headers: &mut HeaderMap,
    ) -> Result<(), AuthError> {
        match self {
            Self::Signature(key) => {
                key.sign(&request.method, &request.url, request.body.as_deref(), now)?.apply(headers);
            }
            Self::Bearer(token) => {
                let text = format!("Bearer {}", token.expose_secret());
                let mut value = HeaderValue::try_from(text).map_err(|_| AuthError::BadToken {
                    what: "the access token",
                    problem: "is not a token",
                })?;
                value.set_sensitive(true);
                headers.insert(AUTHORIZATION, value);
                if request.body.is_some() {
                    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                }
            }
        }
        Ok(())
    }

    /// Whether the two are of one session.
    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Signature(one), Self::Signature(two)) => one.is(two),
            (Self::Bearer(one), Self::Bearer(two)) => Arc::ptr_eq(one, two),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[derive(Debug)]
    struct Counted {
        begun: Arc<AtomicU32>,
        fails_from: u32,
    }

    impl Source for Counted {
        fn begin(&self, now: Timestamp) -> BoxFuture<'_, Result<Session, AuthError>> {
            Box::pin(async move {
                let number = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
                tokio::task::yield_now().await;
                if number >= self.fails_from {
                    return Err(AuthError::SessionKey);
                }
                Ok(Session {
                    authorization: Authorization::Bearer(Arc::new(format!("{number}").into())),
                    expires: Some(now + SignedDuration::from_mins(60)),
                    tenancy: None,
                    region: None,
                    described: None,
                })
            })
        }
    }

    fn at(minutes: i64) -> Timestamp {
        "2026-01-01T00:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minutes)
    }

    fn counted(fails_from: u32) -> (Renewal, Arc<AtomicU32>) {
        let begun = Arc::new(AtomicU32::new(0));
        (Renewal::new(Box::new(Counted { begun: Arc::clone(&begun), fails_from })), begun)
    }

    #[tokio::test]
    async fn many_who_come_at_once_share_one_session_and_one_renewal() {
        let (renewal, begun) = counted(u32::MAX);
        let all = futures::future::join_all((0..50).map(|_| renewal.session(at(0)))).await;
        assert!(all.iter().all(Result::is_ok));
        assert_eq!(begun.load(Ordering::SeqCst), 1);
        assert!(renewal.session(at(54)).await.is_ok());
        assert_eq!(begun.load(Ordering::SeqCst), 1, "not before its time");
        let all = futures::future::join_all((0..50).map(|_| renewal.session(at(55)))).await;
        assert!(all.iter().all(Result::is_ok));
        assert_eq!(begun.load(Ordering::SeqCst), 2, "five minutes before its end");
    }

    #[tokio::test]
    async fn an_early_renewal_that_fails_costs_nothing_until_the_end() {
        let (renewal, begun) = counted(2);
        let first = renewal.session(at(0)).await.unwrap();
        let still = renewal.session(at(56)).await.unwrap();
        assert!(first.authorization.is(&still.authorization));
        assert!(renewal.session(at(56)).await.is_ok());
        assert_eq!(begun.load(Ordering::SeqCst), 2, "left alone for a while");
        assert!(renewal.session(at(61)).await.is_err(), "a session that has ended is not used");
    }

    #[tokio::test]
    async fn many_who_come_at_once_share_one_failure() {
        let (renewal, begun) = counted(1);
        let all = futures::future::join_all((0..50).map(|_| renewal.session(at(0)))).await;
        assert!(all.iter().all(Result::is_err));
        assert_eq!(begun.load(Ordering::SeqCst), 1);
        assert!(renewal.session(at(1)).await.is_err());
        assert_eq!(begun.load(Ordering::SeqCst), 2, "after a while it is tried again");
    }

    #[tokio::test]
    async fn only_the_session_that_was_refused_is_given_up() {
        let (renewal, begun) = counted(u32::MAX);
        let first = renewal.session(at(0)).await.unwrap().authorization;
        renewal.give_up(&first).await;
        let second = renewal.session(at(0)).await.unwrap();
        renewal.give_up(&first).await;
        assert!(renewal.session(at(0)).await.unwrap().authorization.is(&second.authorization));
        assert_eq!(begun.load(Ordering::SeqCst), 2);
    }
}
