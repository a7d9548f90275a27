//! Whether an audit will work, found out before the first one: checks of everything that it rests on, each with its remedy.
//!
//! One file a subject. Nothing here decides what is looked at next: whoever calls goes on with what still makes sense
//! (`credage/src/examine.rs`). Every question is cheap, and none is put in another way than the audit puts it.

pub mod clock;
pub mod discovery;
pub mod domain;
mod estimate;
pub mod network;
mod refusal;
pub mod rights;
pub mod sign_in;
