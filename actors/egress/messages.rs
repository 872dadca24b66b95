//! What is asked of the door out, and what it answers.
//!
//! Not here: what an answer means for a delivery (`stoa_protocols::webhook`).

use std::{fmt, sync::Arc};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use stoa_protocols::webhook::masked_url;

/// One POST to one receiver. Its `Debug` names the headers and shows no value.
#[derive(Clone, PartialEq, Eq, actix::Message)]
#[rtype(result = "Answer")]
pub struct Post {
    /// Absolute address, as the target rules left it.
    pub url: Arc<str>,
    /// Header names and values, sent in this order.
    pub headers: Vec<(String, String)>,
    /// The body, byte for byte.
    pub body: Bytes,
    /// Goes over a connection of its own, for a diagnosis: everything happens, and what TLS agreed on is told.
    pub fresh: bool,
}

impl fmt::Debug for Post {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        let mut shown = f.debug_struct("Post");
        shown.field("url", &masked_url(&self.url)).field("headers", &headers).field("body_bytes", &self.body.len());
        shown.field("fresh", &self.fresh).finish()
    }
}

/// What became of a [`Post`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Milliseconds from the start until the outcome was known.
    pub duration_ms: u32,
    /// Address and port of the connection that was used, or of the one that was tried last.
    pub address: Option<String>,
    /// How long each part took.
    pub timings: Timings,
    /// What TLS agreed on, of a fresh connection.
    pub tls: Option<TlsFacts>,
    /// What happened.
    pub outcome: Outcome,
}

/// How long the parts of an attempt took, in milliseconds; none for one that did not happen, as all but the last on a
/// connection that was kept. Where an attempt failed, the part that failed took until it failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timings {
    /// Looking the name up.
    pub dns_ms: Option<u32>,
    /// Connecting.
    pub connect_ms: Option<u32>,
    /// Agreeing on TLS.
    pub tls_ms: Option<u32>,
    /// From the request to the head of its answer.
    pub first_byte_ms: Option<u32>,
}

/// What was agreed on with a receiver behind https.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TlsFacts {
    /// `TLS 1.2` or `TLS 1.3`; none when it did not come to that.
    pub version: Option<&'static str>,
    /// The receiver's certificate, also one that does not hold.
    pub certificate: Option<CertificateFacts>,
}

/// What a person wants to know of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFacts {
    /// Whose it is, as RFC 4514 writes names.
    pub subject: String,
    /// Who vouches for that.
    pub issuer: String,
    /// Until when.
    pub valid_until: DateTime<Utc>,
}

/// An answer of the receiver, or the lack of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver answered; whether well is for the caller to judge.
    Response {
        /// HTTP status.
        status: u16,
        /// Start of the body, at most 1 KiB, as text without control characters.
        excerpt: String,
        /// Seconds to wait, if the receiver asked for it.
        retry_after: Option<u64>,
        /// Where a redirect points, which is not followed.
        location: Option<String>,
    },
    /// There is no answer.
    Failure {
        /// Why, in a word.
        class: FailureClass,
        /// Why, in a sentence for the owner of the receiver, who should know what to do from it.
        detail: String,
    },
}

macro_rules! failure_classes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// Names why there is no answer.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum FailureClass { $($(#[$doc])* $variant,)* }

        impl FailureClass {
            /// Every class.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word in the log of attempts and in metrics.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

failure_classes! {
    /// The name does not resolve.
    Dns = "dns",
    /// The address may not be called, by the text or by what the name resolves to.
    RefusedAddress = "refused_address",
    /// No connection.
    Connect = "connect",
    /// No agreement on TLS, or a certificate that does not hold.
    Tls = "tls",
    /// No connection in time.
    TimeoutConnect = "timeout_connect",
    /// No complete answer in time.
    Timeout = "timeout",
    /// The receiver hung up before it had answered.
    Reset = "reset",
    /// What came back is not HTTP.
    Protocol = "protocol",
    /// The door was full; nothing was sent.
    Busy = "busy",
    /// The door broke down; whether anything was sent is unknown.
    Interrupted = "interrupted",
}

impl FailureClass {
    /// Was time what ran out: such failures hold a permit for long, so a breaker counts them apart.
    pub const fn is_timeout(self) -> bool {
        matches!(self, Self::Timeout | Self::TimeoutConnect)
    }

    /// Is it ours and not the receiver's: no breaker may learn from it, and no attempt was made.
    pub const fn is_ours(self) -> bool {
        matches!(self, Self::Busy | Self::Interrupted)
    }
}

impl fmt::Display for FailureClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Answer {
    pub(crate) fn unsent(class: FailureClass, detail: &str) -> Self {
        let outcome = Outcome::Failure { class, detail: detail.to_owned() };
        Self::of(outcome)
    }

    /// An answer of which nothing is known but what happened.
    pub fn of(outcome: Outcome) -> Self {
        Self { duration_ms: 0, address: None, timings: Timings::default(), tls: None, outcome }
    }
}

/// The way out, as its callers see it: the pool of egresses, or a script in a test.
pub trait Outbound: Send + Sync + fmt::Debug {
    /// Sends, and answers whatever happens, in bounded time.
    fn post(&self, post: Post) -> BoxFuture<'_, Answer>;

    /// Says whether an address may be called as its name resolves now. A name that does not resolve may be: it is
    /// asked again at every connection.
    fn permits(&self, url: Arc<str>) -> BoxFuture<'_, bool>;
}
