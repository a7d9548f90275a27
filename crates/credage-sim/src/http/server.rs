//! Connections: accepted, served, and broken where a fault says so.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::header::HeaderValue;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};

use super::answer::{Outcome, answer};
use super::body::Sent;
use crate::sim::Tenancy;

/// Serves until it is dropped.
pub(crate) async fn serve(listener: TcpListener, tenancy: Arc<Tenancy>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file handles, most likely: wait for some to come back.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        tokio::spawn(connection(stream, Arc::clone(&tenancy)));
    }
}

/// An end without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection is reset on purpose")]
struct Reset;

async fn connection(stream: TcpStream, tenancy: Arc<Tenancy>) {
    // Answers are small and latency is what we simulate, so nothing waits for more.
    let _ = stream.set_nodelay(true);
    // A second handle of the same connection: to have it end with a reset, it must linger for no time.
    let handle = second_handle(&stream);
    let service = service_fn(|request| {
        let (tenancy, handle) = (Arc::clone(&tenancy), handle.as_ref());
        async move {
            let response = respond(&tenancy, request).await;
            if response.is_err() {
                let _ = handle.map(|handle| handle.set_linger(Some(Duration::ZERO)));
            }
            response
        }
    });
    // An error is a client that went away, or a fault of ours.
    let _ =
        http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service).await;
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

async fn respond(tenancy: &Arc<Tenancy>, request: Request<Incoming>) -> Result<Response<Sent>, Reset> {
    let _busy = Busy::new(tenancy);
    let number = {
        let mut stats = tenancy.stats();
        stats.requests += 1;
        stats.requests
    };
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Reset)?.to_bytes();
    if !tenancy.config.latency.is_zero() {
        tokio::time::sleep(tenancy.config.latency).await;
    }
    match answer(tenancy, &parts, &body) {
        Outcome::Answer(mut response) => {
            *tenancy.stats().by_status.entry(response.status().as_u16()).or_default() += 1;
            let id = HeaderValue::try_from(format!("SIMULATED/{number:08}")).map_err(|_| Reset)?;
            response.headers_mut().insert("opc-request-id", id);
            Ok(response)
        }
        Outcome::Reset => Err(Reset),
        Outcome::Stall => {
            let never: Infallible = std::future::pending().await;
            match never {}
        }
    }
}

/// Counts requests that are being answered.
struct Busy<'a>(&'a AtomicU64);

impl<'a> Busy<'a> {
    fn new(tenancy: &'a Tenancy) -> Self {
        let now = tenancy.busy.fetch_add(1, Ordering::Relaxed) + 1;
        let mut stats = tenancy.stats();
        stats.max_concurrency = stats.max_concurrency.max(now);
        Self(&tenancy.busy)
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
