//! credage.
fn main() {}
