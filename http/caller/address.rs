//! Where a request comes from, and where it went: what proxies of ours say is believed, and nobody else.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::{
    HttpRequest,
    http::{
        header::{self, HeaderMap, HeaderName},
        uri::Authority,
    },
};
use ipnet::IpNet;

use crate::state::Settings;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// A set of networks.
#[derive(Debug, Clone, Default)]
pub struct Addresses(Vec<IpNet>);

impl Addresses {
    /// Takes the networks.
    pub fn new(networks: impl Into<Vec<IpNet>>) -> Self {
        Self(networks.into())
    }

    fn contain(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// The address of the client: the peer, or the nearest address that no proxy of ours has.
pub(crate) fn client(settings: &Settings, request: &HttpRequest) -> IpAddr {
    let peer = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip().to_canonical());
    nearest(&settings.trusted_proxies, peer, request.headers())
}

fn nearest(proxies: &Addresses, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let said: Vec<&str> = headers.get_all(FORWARDED_FOR).filter_map(|value| value.to_str().ok()).collect();
    let mut nearest = peer;
    // Each proxy adds at the end what it saw; beyond the first stranger anything may have been invented.
    for hop in said.iter().rev().flat_map(|value| value.rsplit(',')) {
        if !proxies.contain(nearest) {
            break;
        }
        let Ok(address) = hop.trim().parse::<IpAddr>() else { break };
        nearest = address.to_canonical();
    }
    nearest
}

/// The server's address as the client knows it, without a path.
pub(crate) fn public_base(settings: &Settings, request: &HttpRequest) -> String {
    if let Some(url) = &settings.public_url {
        return url.trim_end_matches('/').to_owned();
    }
    let scheme = by_proxy(settings, request, FORWARDED_PROTO).filter(|scheme| *scheme == "https").unwrap_or("http");
    match host(settings, request) {
        Some(host) => format!("{scheme}://{host}"),
        None => format!("{scheme}://{}", request.app_config().local_addr()),
    }
}

/// The part of the host before the server's own: `north` of `north.learn.example`. None where the server was not told its
/// own address, or the request was sent to just that.
pub(crate) fn subdomain(settings: &Settings, request: &HttpRequest) -> Option<String> {
    let own = settings.public_url.as_deref()?.split_once("://")?.1.trim_end_matches('/').to_lowercase();
    let below = host(settings, request)?.to_lowercase();
    let name = below.strip_suffix(&own)?.strip_suffix('.')?;
    Some(name.to_owned()).filter(|name| !name.is_empty() && !name.contains('.'))
}

/// The host that the client asked for.
fn host<'a>(settings: &Settings, request: &'a HttpRequest) -> Option<&'a str> {
    // HTTP/2 has the host in the address of the request.
    let host = by_proxy(settings, request, FORWARDED_HOST)
        .or_else(|| said(request, header::HOST))
        .or(request.uri().authority().map(Authority::as_str));
    host.filter(|host| is_host(host))
}

fn said(request: &HttpRequest, name: HeaderName) -> Option<&str> {
    request.headers().get(name).and_then(|value| value.to_str().ok())
}

/// What a proxy of ours says.
fn by_proxy<'a>(settings: &Settings, request: &'a HttpRequest, name: HeaderName) -> Option<&'a str> {
    let believed = request.peer_addr().is_some_and(|peer| settings.trusted_proxies.contain(peer.ip().to_canonical()));
    said(request, name).filter(|_| believed).and_then(|value| value.split(',').next()).map(str::trim)
}

/// Only what can stand in an address: a client may write anything into `Host`.
fn is_host(text: &str) -> bool {
    (1..=255).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'[' | b']'))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn seen(peer: &str, said: &[&str]) -> String {
        let proxies = Addresses::new(vec!["10.0.0.0/8".parse().unwrap()]);
        let request =
            said.iter().fold(TestRequest::default(), |request, value| request.append_header((FORWARDED_FOR, *value)));
        nearest(&proxies, peer.parse().unwrap(), request.to_http_request().headers()).to_string()
    }

    #[test]
    fn only_our_proxies_are_believed() {
        assert_eq!(seen("192.0.2.9", &["198.51.100.1"]), "192.0.2.9");
        assert_eq!(seen("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(seen("10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(seen("10.0.0.1", &["203.0.113.7, 198.51.100.1, 10.0.0.2"]), "198.51.100.1");
        assert_eq!(seen("10.0.0.1", &["203.0.113.7", "198.51.100.1"]), "198.51.100.1");
        assert_eq!(seen("10.0.0.1", &["nonsense"]), "10.0.0.1");
    }

    #[test]
    fn a_host_is_plain() {
        assert!(is_host("learn.example:8443") && is_host("[::1]:8080"));
        assert!(!is_host("") && !is_host("a/b") && !is_host("a\"b") && !is_host("a b"));
    }
}
