//! Which addresses are of the public internet.
//!
//! Not here: the operator's exceptions ([`TargetPolicy`](super::TargetPolicy)).
//!
//! # Rule
//! An address is public unless a registry says otherwise. Of IPv6, only `2000::/3` is given to anybody, so all else
//! is refused without a table. An address that carries an IPv4 address inside (mapped, NAT64) is judged by the one
//! inside; carriers that are retired (IPv4-compatible, 6to4, Teredo) are refused whatever they carry.
//!
//! # Source
//! IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890, RFC 8190); each line names its own.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const V4: [(Ipv4Addr, u32, &str); 17] = [
    (Ipv4Addr::UNSPECIFIED, 8, "this network"),                  // RFC 791
    (Ipv4Addr::new(10, 0, 0, 0), 8, "a private network"),        // RFC 1918
    (Ipv4Addr::new(100, 64, 0, 0), 10, "carrier-grade NAT"),     // RFC 6598; 100.100.100.200 is Alibaba's metadata
    (Ipv4Addr::new(127, 0, 0, 0), 8, "loopback"),                // RFC 1122
    (Ipv4Addr::new(168, 63, 129, 16), 32, "a metadata service"), // Azure's, in public space
    (Ipv4Addr::new(169, 254, 0, 0), 16, "link-local"), // RFC 3927; 169.254.169.254 is metadata nearly everywhere
    (Ipv4Addr::new(172, 16, 0, 0), 12, "a private network"), // RFC 1918
    (Ipv4Addr::new(192, 0, 0, 0), 24, "protocol assignments"), // RFC 6890; 192.0.0.192 is Oracle's metadata
    (Ipv4Addr::new(192, 0, 2, 0), 24, "documentation"), // RFC 5737
    (Ipv4Addr::new(192, 88, 99, 0), 24, "retired 6to4 relays"), // RFC 7526
    (Ipv4Addr::new(192, 168, 0, 0), 16, "a private network"), // RFC 1918
    (Ipv4Addr::new(198, 18, 0, 0), 15, "benchmarking"), // RFC 2544
    (Ipv4Addr::new(198, 51, 100, 0), 24, "documentation"), // RFC 5737
    (Ipv4Addr::new(203, 0, 113, 0), 24, "documentation"), // RFC 5737
    (Ipv4Addr::new(224, 0, 0, 0), 4, "multicast"),     // RFC 5771
    (Ipv4Addr::BROADCAST, 32, "broadcast"),            // RFC 919
    (Ipv4Addr::new(240, 0, 0, 0), 4, "reserved"),      // RFC 1112
];

const V6: [(Ipv6Addr, u32, &str); 13] = [
    (Ipv6Addr::UNSPECIFIED, 128, "unspecified"),            // RFC 4291
    (Ipv6Addr::LOCALHOST, 128, "loopback"),                 // RFC 4291
    (Ipv6Addr::UNSPECIFIED, 96, "retired IPv4-compatible"), // RFC 4291
    (Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, 0, 0), 48, "local NAT64"), // RFC 8215
    (Ipv6Addr::new(0x100, 0, 0, 0, 0, 0, 0, 0), 64, "discard-only"), // RFC 6666
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 32, "retired Teredo"), // RFC 4380
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23, "protocol assignments"), // RFC 2928
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32, "documentation"), // RFC 3849
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16, "retired 6to4"), // RFC 7526
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, "documentation"), // RFC 9637
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7, "a private network"), // RFC 4193; fd00:ec2::254 is Amazon's metadata
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 9, "link-local or site-local"), // RFC 4291, RFC 3879
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8, "multicast"),         // RFC 4291
];

/// Is an address of the public internet.
pub fn is_public(address: IpAddr) -> bool {
    special_range(address).is_none()
}

/// The range that makes an address not public, in words.
pub fn special_range(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => special_v4(address),
        IpAddr::V6(address) => special_v6(address),
    }
}

fn special_v4(address: Ipv4Addr) -> Option<&'static str> {
    let bits = address.to_bits();
    V4.iter().find(|(network, len, _)| (bits ^ network.to_bits()) >> (32 - len) == 0).map(|(_, _, name)| *name)
}

fn special_v6(address: Ipv6Addr) -> Option<&'static str> {
    if let Some(inside) = carried_v4(address) {
        return special_v4(inside);
    }
    let bits = address.to_bits();
    let named = V6.iter().find(|(network, len, _)| (bits ^ network.to_bits()) >> (128 - len) == 0);
    match named {
        Some((_, _, name)) => Some(name),
        None if bits >> 125 == 1 => None,
        None => Some("not given to anybody"),
    }
}

/// The IPv4 address in `::ffff:0:0/96` (RFC 4291) or in the well-known NAT64 prefix `64:ff9b::/96` (RFC 6052),
/// which is how a machine without IPv4 sees every receiver that has nothing else.
fn carried_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let nat64 = Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0).to_bits() >> 32;
    let low = u32::try_from(address.to_bits() & u128::from(u32::MAX)).ok()?;
    (address.to_bits() >> 32 == nat64).then(|| Ipv4Addr::from_bits(low)).or_else(|| address.to_ipv4_mapped())
}
