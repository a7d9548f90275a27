//! The built binary against the simulated tenancy: every listing, every fault, every format.

mod faults;
mod formats;
mod harness;
mod ladder;
mod options;
mod pace;
mod profiles;
