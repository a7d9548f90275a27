//! Bodies, whole ones and one that breaks off.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::body::{Body, Bytes, Frame, SizeHint};
use serde_json::Value;

/// Pieces of an endless body, and how many there are: 100 MB, of blanks, which any parser of JSON would skip.
const PIECE: Bytes = Bytes::from_static(&[b' '; 64 * 1024]);
const PIECES: u64 = 1_600;
const PIECE_LENGTH: u64 = 64 * 1024;

/// A body that may promise more than it sends.
pub(crate) struct Sent {
    data: Option<Bytes>,
    promised: Option<u64>,
    /// Pieces still to come after the data.
    pieces: u64,
}

impl Sent {
    pub(crate) fn whole(data: Vec<u8>) -> Self {
        let promised = Some(u64::try_from(data.len()).unwrap_or(u64::MAX));
        Self { data: Some(data.into()), promised, pieces: 0 }
    }

    /// Far more than a page.
    pub(crate) fn endless(announced: bool) -> Self {
        let promised = announced.then_some(PIECES * PIECE_LENGTH);
        Self { data: None, promised, pieces: PIECES }
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

    /// The same page, of a listing that claims to be endless.
    pub(crate) fn with_inflated_total(self) -> Self {
        let mut page: Value = serde_json::from_slice(&self.bytes()).unwrap_or_default();
        if let Some(total) = page.get_mut("totalResults") {
            *total = Value::from(4_000_000_000_u64);
        }
        Self::whole(page.to_string().into_bytes())
    }

    /// What is in it, in a few words.
    pub(crate) fn gist(&self) -> String {
        let data = self.bytes();
        let Ok(page) = serde_json::from_slice::<Value>(&data) else {
            return format!("{} bytes that are no JSON", data.len());
        };
        if let Some(detail) = page.get("detail").and_then(Value::as_str) {
            return detail.to_owned();
        }
        if let Some(id) = page.get("id") {
            return format!("row {id}");
        }
        let total = page.get("totalResults").map_or("none".to_owned(), Value::to_string);
        let ids = page.get("Resources").and_then(Value::as_array).map(|rows| {
            let ids = rows.iter().map(|row| row.get("id").map_or("?".to_owned(), short));
            format!("{} rows {}", rows.len(), ids.take(12).collect::<Vec<_>>().join(" "))
        });
        format!("total {total}, {}", ids.unwrap_or_else(|| "no list of rows".to_owned()))
    }

    fn bytes(&self) -> Vec<u8> {
        self.data.as_deref().unwrap_or_default().to_vec()
    }
}

fn short(id: &Value) -> String {
    id.as_str().map_or_else(|| id.to_string(), |text| text.chars().take(8).collect())
}

impl Body for Sent {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let data = self.data.take().or_else(|| {
            self.pieces = self.pieces.checked_sub(1)?;
            Some(PIECE)
        });
        Poll::Ready(data.map(|data| Ok(Frame::data(data))))
    }

    fn is_end_stream(&self) -> bool {
        self.data.is_none() && self.pieces == 0
    }

    fn size_hint(&self) -> SizeHint {
        self.promised.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
