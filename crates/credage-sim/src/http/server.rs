//! Connections: accepted, served, and broken where a fault says so.

use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, MutexGuard};
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::header::{DATE, HeaderValue};
use hyper::http::request::Parts;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::answer::Outcome;
use super::body::Sent;
use super::stats::Stats;

/// Whatever answers requests.
pub(crate) trait Service: Send + Sync + 'static {
    /// Answers one.
    fn answer(&self, parts: &Parts, body: &[u8]) -> Outcome;
    /// How long it takes at least.
    fn latency(&self) -> Duration;
    /// What it takes for the present instant.
    fn clock(&self) -> Timestamp;
    /// What it says in `Date`; nothing stands for nonsense.
    fn date(&self) -> Option<Timestamp> {
        Some(self.clock())
    }
    /// What was asked so far.
    fn stats(&self) -> MutexGuard<'_, Stats>;
    /// Requests that are being answered.
    fn busy(&self) -> &AtomicU64;
}

/// Serves until it is dropped; over TLS where there is an acceptor.
pub(crate) async fn serve<S: Service>(listener: TcpListener, tls: Option<TlsAcceptor>, service: Arc<S>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file handles, most likely: wait for some to come back.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let service = Arc::clone(&service);
        match tls.clone() {
            None => tokio::spawn(connection(stream, service)),
            Some(tls) => tokio::spawn(async move {
                // Who does not trust us goes away.
                if let Ok(stream) = tls.accept(stream).await {
                    talk(stream, None, service).await;
                }
            }),
        };
    }
}

/// An end without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection is reset on purpose")]
struct Reset;

async fn connection<S: Service>(stream: TcpStream, service: Arc<S>) {
    // Answers are small and latency is what we simulate, so nothing waits for more.
    let _ = stream.set_nodelay(true);
    // A second handle of the same connection: to have it end with a reset, it must linger for no time.
    let handle = second_handle(&stream);
    talk(stream, handle, service).await;
}

async fn talk<S: Service>(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    handle: Option<socket2::Socket>,
    service: Arc<S>,
) {
    let answers = service_fn(|request| {
        let (service, handle) = (Arc::clone(&service), handle.as_ref());
        async move {
            let response = respond(&*service, request).await;
            if response.is_err() {
                let _ = handle.map(|handle| handle.set_linger(Some(Duration::ZERO)));
            }
            response
        }
    });
    // An error is a client that went away, or a fault of ours.
    let _ =
        http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), answers).await;
}

#[cfg(unix)]
fn second_handle(stream: &TcpStream) -> Option<socket2::Socket> {
    use std::os::fd::AsFd;
    stream.as_fd().try_clone_to_owned().map(socket2::Socket::from).ok()
}

/// Elsewhere a reset is an end without an answer.
#[cfg(not(unix))]
fn second_handle(_stream: &TcpStream) -> Option<socket2::Socket> {
    None
}

async fn respond<S: Service>(service: &S, request: Request<Incoming>) -> Result<Response<Sent>, Reset> {
    let _busy = Busy::new(service);
    let number = {
        let mut stats = service.stats();
        stats.requests += 1;
        stats.requests
    };
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Reset)?.to_bytes();
    if !service.latency().is_zero() {
        tokio::time::sleep(service.latency()).await;
    }
    match service.answer(&parts, &body) {
        Outcome::Answer(mut response) => {
            *service.stats().by_status.entry(response.status().as_u16()).or_default() += 1;
            let id = HeaderValue::try_from(format!("SIMULATED/{number:08}")).map_err(|_| Reset)?;
            response.headers_mut().insert("opc-request-id", id);
            let date = service.date().map_or(Ok(HeaderValue::from_static("yesterday")), http_date)?;
            response.headers_mut().insert(DATE, date);
            Ok(response)
        }
        Outcome::Reset => Err(Reset),
        Outcome::Stall => {
            let never: Infallible = std::future::pending().await;
            match never {}
        }
    }
}

fn http_date(at: Timestamp) -> Result<HeaderValue, Reset> {
    let text = rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&at).map_err(|_| Reset)?;
    HeaderValue::try_from(text).map_err(|_| Reset)
}

/// Counts requests that are being answered.
struct Busy<'a>(&'a AtomicU64);

impl<'a> Busy<'a> {
    fn new(service: &'a impl Service) -> Self {
        let now = service.busy().fetch_add(1, Ordering::Relaxed) + 1;
        let mut stats = service.stats();
        stats.max_concurrency = stats.max_concurrency.max(now);
        Self(service.busy())
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
