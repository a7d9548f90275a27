//! Which addresses a webhook may lead to, decided after the name was resolved.
//!
//! A name can lead anywhere, and to somewhere else a moment later. So the addresses are vetted between resolving and
//! connecting, and exactly the vetted ones are connected to. Addresses that stand in the URL itself are vetted when the
//! channel is configured. What goes through a proxy is resolved by the proxy.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// What is allowed beside public addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vetting {
    /// Private addresses and this machine.
    pub private: bool,
    /// These networks, whatever they are.
    pub networks: Vec<IpNet>,
}

/// Never public, and often the way to a cloud's metadata.
const LINK_LOCAL: &str = "link-local";

/// IPv4 that is not public (IANA's registry of special-purpose addresses), and what it is.
const SPECIAL_V4: [(Ipv4Addr, u8, &str); 14] = [
    (Ipv4Addr::UNSPECIFIED, 8, "of this network"),
    (Ipv4Addr::new(10, 0, 0, 0), 8, "private"),
    (Ipv4Addr::new(100, 64, 0, 0), 10, "private (shared)"),
    (Ipv4Addr::new(127, 0, 0, 0), 8, "this machine"),
    (Ipv4Addr::new(169, 254, 0, 0), 16, LINK_LOCAL),
    (Ipv4Addr::new(172, 16, 0, 0), 12, "private"),
    (Ipv4Addr::new(192, 0, 0, 0), 24, "reserved"),
    (Ipv4Addr::new(192, 0, 2, 0), 24, "for documentation"),
    (Ipv4Addr::new(192, 168, 0, 0), 16, "private"),
    (Ipv4Addr::new(198, 18, 0, 0), 15, "for measurements"),
    (Ipv4Addr::new(198, 51, 100, 0), 24, "for documentation"),
    (Ipv4Addr::new(203, 0, 113, 0), 24, "for documentation"),
    (Ipv4Addr::new(224, 0, 0, 0), 4, "multicast"),
    (Ipv4Addr::new(240, 0, 0, 0), 4, "reserved"),
];

/// IPv6 in the one block that is handed out for public use, and in it what is not public.
const PUBLIC_V6: (Ipv6Addr, u8) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);
const SPECIAL_V6: [(Ipv6Addr, u8, &str); 3] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23, "reserved"),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32, "for documentation"),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, "for documentation"),
];

impl Vetting {
    /// What is wrong with an address; nothing where it may be connected to.
    pub fn objection(&self, address: IpAddr) -> Option<&'static str> {
        let address = embedded(address);
        if self.networks.iter().any(|network| network.contains(&address)) {
            return None;
        }
        let what = special(address)?;
        let lenient = self.private && (what.starts_with("private") || what == "this machine");
        (!lenient).then_some(what)
    }
}

/// The IPv4 address inside an IPv6 one, where it stands for that: mapped, NAT64 and 6to4.
fn embedded(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    let segments = v6.segments();
    let v4 = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        IpAddr::V4(Ipv4Addr::new(a, b, c, d))
    };
    match segments {
        [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => v4(high, low),
        _ => address,
    }
}

/// What an address is, if it is not public.
fn special(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(v4) => {
            let net = |(network, length, what): &(Ipv4Addr, u8, &'static str)| {
                Ipv4Net::new_assert(*network, *length).contains(&v4).then_some(*what)
            };
            SPECIAL_V4.iter().find_map(net)
        }
        IpAddr::V6(v6) if v6.is_loopback() => Some("this machine"),
        IpAddr::V6(v6) if v6.is_unicast_link_local() => Some(LINK_LOCAL),
        IpAddr::V6(v6) if v6.is_unique_local() => Some("private"),
        IpAddr::V6(v6) if !Ipv6Net::new_assert(PUBLIC_V6.0, PUBLIC_V6.1).contains(&v6) => Some("reserved"),
        IpAddr::V6(v6) => {
            let net = |(network, length, what): &(Ipv6Addr, u8, &'static str)| {
                Ipv6Net::new_assert(*network, *length).contains(&v6).then_some(*what)
            };
            SPECIAL_V6.iter().find_map(net)
        }
    }
}

/// Resolves the webhook's host and gives only what may be connected to. Other names (a proxy's) are resolved as usual.
#[derive(Debug)]
pub(super) struct Resolver {
    host: String,
    vetting: Vetting,
    refusal: Arc<Mutex<Option<String>>>,
}

/// A name that leads to nothing that may be connected to.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Refused(String);

impl Resolver {
    pub(super) fn new(host: &str, vetting: Vetting) -> Self {
        Self { host: host.to_owned(), vetting, refusal: Arc::default() }
    }

    /// Why the last name was refused, if it was.
    pub(super) fn take_refusal(&self) -> Option<String> {
        self.refusal.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let name = name.as_str().to_owned();
        let vetting = name.eq_ignore_ascii_case(&self.host).then(|| self.vetting.clone());
        let refusal = Arc::clone(&self.refusal);
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let good = match vetting {
                None => found,
                Some(vetting) => vetted(&name, found, &vetting).map_err(|why| {
                    *refusal.lock().unwrap_or_else(PoisonError::into_inner) = Some(why.clone());
                    Refused(why)
                })?,
            };
            let addresses: Addrs = Box::new(good.into_iter());
            Ok(addresses)
        })
    }
}

/// The addresses that may be connected to; or why there are none.
fn vetted(name: &str, found: Vec<SocketAddr>, vetting: &Vetting) -> Result<Vec<SocketAddr>, String> {
    let objections: Vec<String> = found
        .iter()
        .filter_map(|address| Some(format!("{} ({})", address.ip(), vetting.objection(address.ip())?)))
        .collect();
    let good: Vec<SocketAddr> =
        found.into_iter().filter(|address| vetting.objection(address.ip()).is_none()).collect();
    if good.is_empty() && !objections.is_empty() {
        return Err(format!(
            "{name} leads to {}, and such addresses are not posted to",
            objections.join(", ")
        ));
    }
    Ok(good)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objection(vetting: &Vetting, text: &str) -> Option<&'static str> {
        vetting.objection(text.parse().unwrap())
    }

    #[test]
    fn only_public_addresses_are_posted_to() {
        let strict = Vetting::default();
        for public in
            ["1.1.1.1", "172.15.255.255", "172.32.0.0", "100.63.255.255", "192.169.0.1", "2606:4700::1111"]
        {
            assert_eq!(objection(&strict, public), None, "{public}");
        }
        for (special, what) in [
            ("127.0.0.1", "this machine"),
            ("127.255.255.254", "this machine"),
            ("0.0.0.0", "of this network"),
            ("10.0.0.1", "private"),
            ("172.16.0.1", "private"),
            ("192.168.255.255", "private"),
            ("100.64.0.1", "private (shared)"),
            ("169.254.169.254", "link-local"),
            ("224.0.0.1", "multicast"),
            ("255.255.255.255", "reserved"),
            ("::1", "this machine"),
            ("::", "reserved"),
            ("fe80::1", "link-local"),
            ("fd00::1", "private"),
            ("ff02::1", "reserved"),
            ("2001:db8::1", "for documentation"),
            ("::ffff:10.0.0.1", "private"),
            ("::ffff:169.254.169.254", "link-local"),
            ("64:ff9b::a9fe:a9fe", "link-local"),
            ("2002:7f00:1::", "this machine"),
            ("2001::1", "reserved"),
        ] {
            assert_eq!(objection(&strict, special), Some(what), "{special}");
        }
    }

    #[test]
    fn what_is_allowed_is_what_is_said() {
        let private = Vetting { private: true, networks: Vec::new() };
        for allowed in ["10.0.0.1", "127.0.0.1", "::1", "fd00::1", "100.64.0.1"] {
            assert_eq!(objection(&private, allowed), None, "{allowed}");
        }
        for never in ["169.254.169.254", "fe80::1", "0.0.0.0", "224.0.0.1"] {
            assert!(objection(&private, never).is_some(), "{never}");
        }
        let one = Vetting { private: false, networks: vec!["10.1.0.0/16".parse().unwrap()] };
        assert_eq!(objection(&one, "10.1.2.3"), None);
        assert_eq!(objection(&one, "::ffff:10.1.2.3"), None);
        assert_eq!(objection(&one, "10.2.0.1"), Some("private"));
    }

    #[test]
    fn of_several_addresses_only_the_good_ones_are_connected_to() {
        let found = || vec!["10.0.0.1:443".parse().unwrap(), "1.1.1.1:443".parse().unwrap()];
        assert_eq!(vetted("x", found(), &Vetting::default()).unwrap(), ["1.1.1.1:443".parse().unwrap()]);
        let refused = vetted("rebind.example", found()[..1].to_vec(), &Vetting::default()).unwrap_err();
        assert_eq!(
            refused,
            "rebind.example leads to 10.0.0.1 (private), and such addresses are not posted to"
        );
    }
}
