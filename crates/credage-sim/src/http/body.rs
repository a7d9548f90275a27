//! Bodies, whole ones and one that breaks off.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::body::{Body, Bytes, Frame, SizeHint};
use serde_json::Value;

/// A body that may promise more than it sends.
pub(crate) struct Sent {
    data: Option<Bytes>,
    promised: u64,
}

impl Sent {
    pub(crate) fn whole(data: Vec<u8>) -> Self {
        let promised = u64::try_from(data.len()).unwrap_or(u64::MAX);
        Self { data: Some(data.into()), promised }
    }

    /// Half of it, although all of it is announced.
    pub(crate) fn into_cut(self) -> Self {
        let mut data = self.bytes();
        data.truncate(data.len() / 2);
        Self { data: Some(data.into()), ..self }
    }

    /// Half of it, announced as such.
    pub(crate) fn into_malformed(self) -> Self {
        let mut data = self.bytes();
        data.truncate(data.len() / 2);
        Self::whole(data)
    }

    /// With the first of its rows repeated.
    pub(crate) fn with_first_row_twice(self) -> Self {
        let data = self.bytes();
        let mut page: Value = serde_json::from_slice(&data).unwrap_or_default();
        if let Some(rows) = page.get_mut("Resources").and_then(Value::as_array_mut) {
            rows.extend(rows.first().cloned());
        }
        Self::whole(page.to_string().into_bytes())
    }

    fn bytes(&self) -> Vec<u8> {
        self.data.as_deref().unwrap_or_default().to_vec()
    }
}

impl Body for Sent {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.data.take().map(|data| Ok(Frame::data(data))))
    }

    fn is_end_stream(&self) -> bool {
        self.data.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.promised)
    }
}
