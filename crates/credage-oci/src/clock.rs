//! The clock, passed in: requests carry the date of their signature, so somebody has to say what time it is.

use std::sync::Arc;

use jiff::Timestamp;

/// Tells the present instant.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;
