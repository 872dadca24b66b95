//! Networks that a token may be used from.
//!
//! # Source
//! RFC 4632 section 3.1 and RFC 4291 section 2.3 for the notation; an address alone is the network of that address.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::fields::Fields;

/// Most networks of one token.
const NETWORKS_MAX: usize = 100;

/// Networks that a token may be used from; anywhere, where none is named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowList(Option<Vec<IpNet>>);

impl AllowList {
    /// Reads what a request names; each once, in its shortest form.
    pub(super) fn read(given: &[String], fields: &mut Fields) -> Self {
        if given.len() > NETWORKS_MAX {
            fields.fault("/ip_allowlist", "length", format!("wanted at most {NETWORKS_MAX} networks"));
        }
        let mut networks = Vec::new();
        for (at, text) in given.iter().take(NETWORKS_MAX).enumerate() {
            match network(text) {
                Some(network) if networks.contains(&network) => {}
                Some(network) => networks.push(network),
                None => fields.fault(
                    format!("/ip_allowlist/{at}"),
                    "format",
                    "wanted an address or a network such as 203.0.113.0/24 or 2001:db8::/32",
                ),
            }
        }
        Self((!given.is_empty()).then_some(networks))
    }

    /// Reads a row. One that names something and cannot be read lets nobody through.
    pub(super) fn of_row(texts: &[String]) -> Self {
        Self((!texts.is_empty()).then(|| texts.iter().filter_map(|text| network(text)).collect()))
    }

    /// May it be used from this address.
    pub fn admits(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.as_ref().is_none_or(|networks| networks.iter().any(|network| network.contains(&address)))
    }

    /// Lets nobody through whom another would not.
    pub(super) fn is_within(&self, other: &Self) -> bool {
        let Some(wide) = &other.0 else { return true };
        self.0.as_ref().is_some_and(|own| own.iter().all(|network| wide.iter().any(|one| one.contains(network))))
    }

    /// The networks, as rows and answers have them.
    pub fn texts(&self) -> Vec<String> {
        self.0.iter().flatten().map(ToString::to_string).collect()
    }
}

/// A network, without what an address has beyond it; an IPv4 address written as IPv6 is the IPv4 address.
fn network(text: &str) -> Option<IpNet> {
    let text = text.trim();
    match text.parse::<IpAddr>() {
        Ok(address) => Some(IpNet::from(address.to_canonical())),
        Err(_) => text.parse::<IpNet>().ok().map(|network| network.trunc()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(texts: &[&str]) -> AllowList {
        let texts: Vec<String> = texts.iter().map(ToString::to_string).collect();
        let mut fields = Fields::new();
        let list = AllowList::read(&texts, &mut fields);
        fields.finish().unwrap();
        list
    }

    fn admits(list: &AllowList, address: &str) -> bool {
        list.admits(address.parse().unwrap())
    }

    #[test]
    fn lets_through_who_is_inside() {
        let office = list(&["203.0.113.0/24", "2001:db8::/32", "198.51.100.7"]);
        for inside in ["203.0.113.9", "2001:db8:1::1", "198.51.100.7", "::ffff:203.0.113.9"] {
            assert!(admits(&office, inside), "{inside}");
        }
        for outside in ["203.0.114.9", "2001:db9::1", "198.51.100.8", "127.0.0.1", "::1"] {
            assert!(!admits(&office, outside), "{outside}");
        }
        assert!(admits(&AllowList::default(), "192.0.2.1"));
    }

    #[test]
    fn is_kept_in_its_shortest_form() {
        assert_eq!(
            list(&["203.0.113.77/24", "203.0.113.0/24", " 198.51.100.7 "]).texts(),
            ["203.0.113.0/24", "198.51.100.7/32"]
        );
    }

    #[test]
    fn what_is_no_network_is_a_fault() {
        for wrong in ["", "office", "203.0.113.0/33", "203.0.113/24", "1.2.3.4/", "::/129", "10.0.0.0/8, 11.0.0.0/8"] {
            let mut fields = Fields::new();
            AllowList::read(&[wrong.to_owned()], &mut fields);
            assert!(fields.finish().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_row_that_cannot_be_read_lets_nobody_through() {
        assert!(!admits(&AllowList::of_row(&["nonsense".to_owned()]), "192.0.2.1"));
    }

    #[test]
    fn is_never_wider_than_its_makers() {
        let (office, desk) = (list(&["203.0.113.0/24"]), list(&["203.0.113.7"]));
        assert!(desk.is_within(&office) && office.is_within(&office) && office.is_within(&AllowList::default()));
        assert!(!office.is_within(&desk) && !AllowList::default().is_within(&office));
    }
}
