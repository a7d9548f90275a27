//! Tells people in time: what an assessment found becomes a [`Digest`], and channels carry it.
//!
//! Guarantees:
//! - A channel is told the most urgent first, with dates and the next steps; what does not fit is counted, never dropped
//!   in silence.
//! - Delivery is at least once: a message that may have arrived is sent again rather than lost, under the same message id.
//! - A channel that fails stops no other one, and is named.
//! - Names and descriptions are hostile and secrets are secret: see [`page`] and [`channels::secret`].

pub mod channels;
pub mod digest;
pub mod page;
mod text;

pub use channels::{Channel, ChannelKind, DeliveryError, Message, Receipt};
pub use digest::{Counts, Digest, Item, Problem, Step};
