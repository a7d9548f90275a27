//! Why a simulation could not start or write its files.

use std::{io, net::SocketAddr, path::PathBuf};

/// Why a simulation could not start or write its files.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// The simulation has no secrets worth guarding and must not be reachable from elsewhere.
    #[error("refusing to listen on {0}: the simulated tenancy serves loopback addresses only; use 127.0.0.1")]
    NotLoopback(SocketAddr),
    /// The address is taken or not allowed.
    #[error("cannot listen on {address}: {source}; pick another port, or 0 for a free one")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// No key pair could be made.
    #[error("cannot make a key pair for the simulated auditor; the system's random source may be missing")]
    Key,
    /// A file of the profile exists already and was not written by a simulation.
    #[error(
        "{0} exists and was not written by a simulation; choose an empty directory, or move the file away"
    )]
    WouldOverwrite(PathBuf),
    /// A file of the profile cannot be written.
    #[error("cannot write {path}: {source}; check that the directory exists and is yours")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// More rows than the simulation numbers.
    #[error("{0} users or credentials are too many for the simulation; stay below 50,000,000")]
    TooMany(usize),
}
