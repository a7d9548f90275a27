//! Why no connection came about: the one part of a chain of errors that tells what to mend.

use std::error::Error;
use std::io::{self, ErrorKind};

use rustls::CertificateError;

/// Why no connection came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoConnection {
    /// The host's name does not resolve.
    Name,
    /// The host is there, and nothing listens at the port.
    Refused,
    /// There is no way to the host.
    Unreachable,
    /// Nothing came in time.
    Timeout,
    /// No authority that is trusted vouches for the certificate.
    Untrusted,
    /// The certificate's time is over, or has not begun.
    Expired,
    /// The certificate is for another host.
    OtherHost,
    /// The certificate is not good for another reason.
    BadCertificate,
    /// What answers does not speak TLS.
    NoTls,
    /// The proxy wants a user name and password (407).
    ProxyPassword,
    /// The proxy does not let this host through (most often 403).
    ProxyRefused,
    /// This process has no file descriptor left for it.
    NoDescriptor,
    /// Something else.
    Other,
}

/// The reason that a chain of errors holds.
pub(crate) fn reason(error: &(dyn Error + 'static)) -> NoConnection {
    look(error).unwrap_or(NoConnection::Other)
}

fn look(error: &(dyn Error + 'static)) -> Option<NoConnection> {
    if let Some(error) = error.downcast_ref::<rustls::Error>() {
        return Some(of_tls(error));
    }
    if let Some(error) = error.downcast_ref::<io::Error>() {
        // What an I/O error carries is not its source, but in it.
        let inside = error.get_ref().and_then(|inner| look(inner));
        return inside.or_else(|| of_system(error)).or_else(|| of_io(error.kind()));
    }
    // The two errors of the HTTP client whose types are not public.
    let text = error.to_string();
    match text.as_str() {
        "dns error" => return Some(NoConnection::Name),
        "tunnel error: proxy authorization required" => return Some(NoConnection::ProxyPassword),
        "tunnel error: unsuccessful" => return Some(NoConnection::ProxyRefused),
        _ => {}
    }
    error.source().and_then(look)
}

/// EMFILE and ENFILE, which the standard library has no name for.
fn of_system(error: &io::Error) -> Option<NoConnection> {
    let code = error.raw_os_error().filter(|_| cfg!(unix))?;
    matches!(code, 23 | 24).then_some(NoConnection::NoDescriptor)
}

const fn of_io(kind: ErrorKind) -> Option<NoConnection> {
    Some(match kind {
        ErrorKind::ConnectionRefused => NoConnection::Refused,
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => NoConnection::Unreachable,
        ErrorKind::TimedOut => NoConnection::Timeout,
        _ => return None,
    })
}

const fn of_tls(error: &rustls::Error) -> NoConnection {
    use CertificateError as Bad;
    match error {
        rustls::Error::InvalidCertificate(bad) => match bad {
            Bad::UnknownIssuer => NoConnection::Untrusted,
            Bad::Expired | Bad::ExpiredContext { .. } | Bad::NotValidYet | Bad::NotValidYetContext { .. } => {
                NoConnection::Expired
            }
            Bad::NotValidForName | Bad::NotValidForNameContext { .. } => NoConnection::OtherHost,
            _ => NoConnection::BadCertificate,
        },
        rustls::Error::InvalidMessage(_) => NoConnection::NoTls,
        _ => NoConnection::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_found_however_deep_it_is() {
        let tls = |bad| io::Error::other(rustls::Error::InvalidCertificate(bad));
        let nested = io::Error::new(ErrorKind::InvalidData, tls(CertificateError::UnknownIssuer));
        assert_eq!(reason(&nested), NoConnection::Untrusted);
        assert_eq!(reason(&tls(CertificateError::Expired)), NoConnection::Expired);
        assert_eq!(reason(&tls(CertificateError::NotValidForName)), NoConnection::OtherHost);
        assert_eq!(reason(&tls(CertificateError::Revoked)), NoConnection::BadCertificate);
        assert_eq!(reason(&io::Error::from(ErrorKind::ConnectionRefused)), NoConnection::Refused);
        assert_eq!(reason(&io::Error::other("dns error")), NoConnection::Name);
        assert_eq!(reason(&io::Error::other("something")), NoConnection::Other);
        #[cfg(unix)]
        assert_eq!(reason(&io::Error::from_raw_os_error(24)), NoConnection::NoDescriptor);
    }
}
