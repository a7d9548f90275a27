//! File descriptors: how many there may be, and what follows for the domains that are read at the same time.

/// Descriptors for everything that is no connection to a domain: files, pipes, the runtime, name resolution.
const OTHERS: usize = 128;
/// More than this is of no use.
const ENOUGH: u64 = 65_536;
/// Where the system does not say.
const USUAL: usize = 1024;
/// The most domains that are read at the same time, however many descriptors there are.
const MOST_DOMAINS: usize = 256;

/// How the descriptors are shared out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Share {
    /// Domains that are read at the same time.
    pub(crate) domains: usize,
    /// Whether connections may be kept open between requests.
    pub(crate) keep_alive: bool,
}

/// What `domains` domains may use, each with so many requests at the same time.
pub(crate) fn share(domains: usize, concurrency: usize) -> Share {
    shared(limit(), domains, concurrency)
}

fn shared(limit: usize, domains: usize, concurrency: usize) -> Share {
    let connections = limit.saturating_sub(OTHERS).max(limit / 4).max(1);
    let concurrency = concurrency.max(1);
    // A connection that is kept stays open for a while after its domain was read.
    let keep_alive = domains.saturating_mul(concurrency) <= connections;
    let at_once = (connections / concurrency).clamp(1, MOST_DOMAINS);
    Share { domains: at_once.min(domains.max(1)), keep_alive }
}

/// Raises the limit as far as this process may, once.
pub(crate) fn raise() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        let wanted = maximum.map_or(ENOUGH, |maximum| maximum.min(ENOUGH));
        if current.is_some_and(|current| current < wanted) {
            // Where this is refused, fewer domains are read at the same time.
            let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum });
        }
    }
}

/// How many descriptors this process may have.
fn limit() -> usize {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, getrlimit};
        let current = getrlimit(Resource::Nofile).current.unwrap_or(ENOUGH);
        usize::try_from(current.min(ENOUGH)).unwrap_or(USUAL)
    }
    #[cfg(not(unix))]
    {
        USUAL
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_domains_are_all_read_at_once() {
        assert_eq!(shared(1024, 60, 8), Share { domains: 60, keep_alive: true });
        assert_eq!(shared(1024, 0, 8), Share { domains: 1, keep_alive: true });
    }

    #[test]
    fn connections_never_exceed_the_limit() {
        for limit in [16, 64, 256, 1024, 4096, 65_536] {
            for concurrency in [1, 8, 64] {
                for domains in [1, 10, 100, 1000, 100_000] {
                    let share = shared(limit, domains, concurrency);
                    let connections = if share.keep_alive { domains } else { share.domains } * concurrency;
                    assert!(share.domains >= 1);
                    assert!(
                        connections < limit || share.domains == 1,
                        "{limit} {domains} {concurrency} {share:?}"
                    );
                }
            }
        }
        assert_eq!(shared(1024, 1000, 8), Share { domains: 112, keep_alive: false });
    }
}
