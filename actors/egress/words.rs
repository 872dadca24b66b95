//! Failures told to the owner of a receiver: what happened, where, and what to look at.
//!
//! Not here: sorting them (`failure`), and answers with a status (`stoa_protocols::webhook`).

use std::{
    fmt,
    io::{self, ErrorKind},
    net::SocketAddr,
    time::Duration,
};

use chrono::{DateTime, Utc};
use rustls::{AlertDescription, CertificateError, Error as TlsError, pki_types::UnixTime};

use super::stages::{Stage, millis};

/// Where an attempt was when it failed.
#[derive(Debug)]
pub(super) struct Scene<'a> {
    host: &'a str,
    address: Option<SocketAddr>,
    stage: Stage,
    /// Limit for looking up and connecting, and once more for TLS.
    pub(super) within: Duration,
}

impl<'a> Scene<'a> {
    pub(super) fn new(url: &'a str, (address, stage): (Option<SocketAddr>, Stage), within: Duration) -> Self {
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        Self { host, address, stage, within }
    }

    pub(super) fn unresolved(&self, why: &str) -> String {
        let why = why.trim_start_matches("failed to lookup address information: ");
        format!("the name {} does not resolve ({why}): check its spelling and its DNS records", self.host)
    }

    pub(super) fn refused(&self, why: &str) -> String {
        format!("{} is not called: {why}", self.host)
    }

    pub(super) fn timed_out(&self, limit: Duration) -> String {
        let (doing, advice) = match self.stage {
            Stage::Begun | Stage::LookingUp => ("looking the name up", "its name servers do not answer"),
            Stage::Connecting => ("connecting", "a firewall that drops our packets looks like this"),
            Stage::Agreeing => ("agreeing on TLS", "the machine takes connections and does not speak"),
            Stage::Waiting => ("waiting for the answer", "answer 2xx at once and do the work afterwards"),
            Stage::Reading => ("reading the answer", "it began and did not end; a short one is enough"),
        };
        format!("timed out after {} ms while {doing} ({}): {advice}", millis(limit), self.place())
    }

    pub(super) fn hung_up(&self) -> String {
        format!("{} hung up without a whole answer: look into its log, it may have crashed", self.place())
    }

    pub(super) fn broken(&self, error: &io::Error) -> String {
        let place = self.place();
        match (self.stage, error.kind()) {
            (_, ErrorKind::ConnectionRefused) => {
                format!("connection refused at {place}: nothing listens there, or a firewall says so")
            }
            (_, ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::AddrNotAvailable) => {
                format!("there is no way to {place}: check the address in its DNS records")
            }
            (Stage::Begun | Stage::LookingUp | Stage::Connecting, _) => format!("no connection to {place}: {error}"),
            (Stage::Agreeing, _) => format!("{place} hung up while agreeing on TLS: does it speak https on this port?"),
            (Stage::Waiting | Stage::Reading, _) => {
                format!("{place} hung up ({error}): look into its log, it may have crashed")
            }
        }
    }

    pub(super) fn not_http(&self, error: &dyn fmt::Display) -> String {
        format!("what {} answers is not HTTP: {error}", self.place())
    }

    pub(super) fn distrusted(&self, error: &TlsError) -> String {
        match error {
            TlsError::InvalidCertificate(why) => self.certificate(why),
            TlsError::InvalidMessage(_) => {
                format!("what {} answers is not TLS: is it plain http on this port?", self.place())
            }
            TlsError::AlertReceived(AlertDescription::ProtocolVersion) | TlsError::PeerIncompatible(_) => {
                format!("no TLS that both sides speak with {}: it must offer TLS 1.2 or 1.3", self.place())
            }
            TlsError::AlertReceived(alert) => {
                format!("{} refused TLS ({alert:?}): does it know the name {}?", self.place(), self.host)
            }
            other => format!("TLS with {} failed: {other}", self.place()),
        }
    }

    fn certificate(&self, error: &CertificateError) -> String {
        use CertificateError as E;
        let host = self.host;
        match error {
            E::ExpiredContext { time, not_after } => {
                let days = time.as_secs().saturating_sub(not_after.as_secs()) / 86_400;
                format!("the certificate of {host} expired on {} ({days} days ago): renew it", day(*not_after))
            }
            E::Expired => format!("the certificate of {host} has expired: renew it"),
            E::NotValidYetContext { not_before, .. } => {
                format!(
                    "the certificate of {host} is valid only from {}: check the clock of who made it",
                    day(*not_before)
                )
            }
            E::NotValidForNameContext { presented, .. } => {
                let names = presented.iter().map(|name| plain(name)).collect::<Vec<_>>().join(", ");
                format!("the certificate is not for {host} but for {names}: the machine needs one with this name")
            }
            E::UnknownIssuer => format!(
                "the certificate of {host} is signed by nobody we trust: it is self-signed, of a private authority, or \
                 the machine does not send the intermediate certificates"
            ),
            other => format!("the certificate of {host} does not hold: {other}"),
        }
    }

    /// Machine and port, as exactly as they are known.
    fn place(&self) -> String {
        self.address.map_or_else(|| self.host.to_owned(), |address| address.to_string())
    }
}

/// Rustls names what a certificate presents by its own types: `DnsName("a.example")`.
fn plain(presented: &str) -> &str {
    presented.split_once('"').and_then(|(_, rest)| rest.split_once('"')).map_or(presented, |(name, _)| name)
}

fn day(time: UnixTime) -> String {
    let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    DateTime::<Utc>::from_timestamp(seconds, 0).map_or_else(String::new, |at| at.format("%Y-%m-%d").to_string())
}
