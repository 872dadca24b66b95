//! The rules for a receiver's address: what may be saved, and which machines may be called.
//!
//! Not here: looking names up and connecting (`stoa_actors::egress`, which asks [`TargetPolicy::allows`] about every
//! address that a name has, each time it connects), and any row.
//!
//! An address is checked twice because a name may point elsewhere tomorrow. What can be told from the text alone
//! is told when it is saved: the scheme, the port, names that are never public, and literals in every spelling.
//!
//! # Source
//! WHATWG URL Standard for parsing and normalising (decimal, octal and hexadecimal IPv4, full-width digits,
//! punycode); WHATWG Fetch Standard section 2.9 for ports; OWASP "Server-Side Request Forgery Prevention".

mod ranges;
#[cfg(test)]
mod tests;

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

pub use ipnet::IpNet;
pub use ranges::{is_public, special_range};
use url::{Host, Url};

use stoa_core::error::{Code, Error, FieldFault, Result};

/// Longest address, in bytes, after normalising.
pub const MAX_LEN: usize = 2048;

/// Ports from 1024 that speak other protocols, in which a request's text may be taken for a command: the bad ports
/// of the Fetch Standard, and stores and printers that obey whoever connects (6379, 9100, 11211, 27017).
const OTHER_PROTOCOLS: [u16; 23] = [
    1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6379, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697,
    9100, 10080, 11211, 27017,
];

/// Names that never lead to the public internet: RFC 6762, ICANN resolution 2024.07.29.06, RFC 8375, RFC 7686.
const INWARD_NAMES: [(&str, &str); 4] = [
    (".local", "names under .local are of the local network"),
    (".internal", "names under .internal are private"),
    (".home.arpa", "names under .home.arpa are of a home network"),
    (".onion", "names under .onion cannot be reached"),
];

/// What the operator allows beyond the public internet by https.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TargetPolicy {
    /// Also plain http, which shows every body to the network between.
    pub allow_http: bool,
    /// Ranges that may be called though they are not public, such as loopback for a demonstration.
    pub allow_private: Vec<IpNet>,
}

impl TargetPolicy {
    /// May this machine be called. Asked of a literal when it is saved and of every address before connecting.
    pub fn allows(&self, address: IpAddr) -> bool {
        is_public(address) || self.excepts(address)
    }

    /// Normalises an address and checks it by every rule that needs no network.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn check(&self, text: &str) -> std::result::Result<Target, TargetFault> {
        if text.len() > MAX_LEN {
            return Err(too_long());
        }
        // The URL standard repairs these silently; here they are a slip of the pen or an attempt to deceive.
        if text.bytes().any(|byte| byte <= b' ' || byte == 0x7f || byte == b'\\') {
            return Err(TargetFault::new("format", "it contains a space, a control character or a backslash"));
        }
        let url =
            Url::parse(text).map_err(|error| TargetFault::new("format", format!("it is not an address: {error}")))?;
        self.check_scheme(&url)?;
        check_parts(&url)?;
        let url = self.check_host(url)?;
        if url.as_str().len() > MAX_LEN {
            return Err(too_long());
        }
        Ok(Target(url))
    }

    fn check_scheme(&self, url: &Url) -> std::result::Result<(), TargetFault> {
        match url.scheme() {
            "https" => Ok(()),
            "http" if self.allow_http => Ok(()),
            other => Err(TargetFault::new("scheme", format!("it must begin with https://, not {other}:"))),
        }
    }

    fn check_host(&self, mut url: Url) -> std::result::Result<Url, TargetFault> {
        match url.host() {
            None => Err(TargetFault::new("host", "it names no host")),
            Some(Host::Ipv4(address)) => self.check_literal(address.into()).map(|()| url),
            Some(Host::Ipv6(address)) => self.check_literal(address.into()).map(|()| url),
            Some(Host::Domain(name)) => {
                // `example.com.` is `example.com`; with the dot it would be a second address of the same receiver.
                let plain = name.strip_suffix('.').unwrap_or(name).to_owned();
                self.check_name(&plain)?;
                url.set_host(Some(&plain)).map_err(|error| TargetFault::new("host", format!("its host: {error}")))?;
                Ok(url)
            }
        }
    }

    fn check_literal(&self, address: IpAddr) -> std::result::Result<(), TargetFault> {
        match special_range(address) {
            Some(range) if !self.excepts(address) => {
                Err(TargetFault::new("address", format!("{address} is not public: {range}")))
            }
            _ => Ok(()),
        }
    }

    fn check_name(&self, name: &str) -> std::result::Result<(), TargetFault> {
        if name.is_empty() || name.len() > 253 || name.split('.').any(|label| label.is_empty() || label.len() > 63) {
            return Err(TargetFault::new("host", "its host name is not one"));
        }
        if name == "localhost" || name.ends_with(".localhost") {
            let loopback = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
            let allowed = loopback.into_iter().any(|address| self.excepts(address));
            return if allowed { Ok(()) } else { Err(TargetFault::new("host", "localhost is this machine")) };
        }
        // With private ranges allowed, such a name may be meant; what it resolves to is still checked.
        if !self.allow_private.is_empty() {
            return Ok(());
        }
        if let Some((_, why)) = INWARD_NAMES.iter().find(|(suffix, _)| name.ends_with(suffix)) {
            return Err(TargetFault::new("host", *why));
        }
        if name.contains('.') {
            Ok(())
        } else {
            Err(TargetFault::new("host", "a name without a dot is of the local network"))
        }
    }

    fn excepts(&self, address: IpAddr) -> bool {
        let plain = address.to_canonical();
        self.allow_private.iter().any(|range| range.contains(&address) || range.contains(&plain))
    }
}

fn check_parts(url: &Url) -> std::result::Result<(), TargetFault> {
    if !url.username().is_empty() || url.password().is_some() {
        return Err(TargetFault::new("userinfo", "it contains a user name or a password"));
    }
    if url.fragment().is_some() {
        return Err(TargetFault::new("fragment", "it contains a #fragment, which is never sent"));
    }
    let port = url.port_or_known_default().unwrap_or_default();
    let usual = matches!(port, 80 | 443) || port >= 1024;
    if !usual || OTHER_PROTOCOLS.contains(&port) {
        return Err(TargetFault::new(
            "port",
            format!("port {port} is not for webhooks; 443, 80 and most from 1024 are"),
        ));
    }
    Ok(())
}

fn too_long() -> TargetFault {
    TargetFault::new("length", format!("it is longer than {MAX_LEN} bytes"))
}

/// A receiver's address that the rules allow, normalised.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Target(Url);

impl Target {
    /// Checks the address of a body's `/url`.
    ///
    /// # Errors
    /// `unsafe_url` with the rule that it breaks.
    pub fn parse(text: &str, policy: &TargetPolicy) -> Result<Self> {
        policy.check(text).map_err(|fault| fault.at("/url"))
    }

    /// The normalised text: two spellings of one address are the same here.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Host, for messages.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The rule that an address breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the address may not be called: {words}")]
pub struct TargetFault {
    /// Stable word: `format`, `length`, `scheme`, `userinfo`, `fragment`, `port`, `host` or `address`.
    pub rule: &'static str,
    /// The rule in words, to be shown.
    pub words: String,
}

impl TargetFault {
    fn new(rule: &'static str, words: impl Into<String>) -> Self {
        Self { rule, words: words.into() }
    }

    /// The error of the field that holds the address.
    pub fn at(self, pointer: &str) -> Error {
        let text = self.to_string();
        Error::new(Code::UnsafeUrl, text).with_fields(vec![FieldFault::new(pointer, self.rule, self.words)])
    }
}
