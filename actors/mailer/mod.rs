//! Letters out: to a mail server, or into a folder while there is none.
//!
//! Not here: what a letter says (`stoa_protocols::render`), who gets one, and trying again (`stoa_jobs`).
//!
//! It remembers nothing between letters but its open connections, which lettre pools and which may be used from any
//! thread. So it is a struct with a bound and not an actor.

mod mail;
mod server;
mod transport;

use std::{
    fmt,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use serde::Serialize;
use tokio::sync::Semaphore;

pub use mail::{Enclosure, Mail, Party};
use transport::Carrier;
#[cfg(any(test, feature = "testing"))]
pub use transport::Kept;

/// Letters that are on their way at once; the next waits.
const IN_FLIGHT: usize = 8;

/// How letters leave.
#[derive(Clone, PartialEq, Eq)]
pub enum Transport {
    /// Into a folder, one `.eml` file each.
    Folder(PathBuf),
    /// To a mail server.
    Smtp(Smtp),
}

/// A mail server.
#[derive(Clone, PartialEq, Eq)]
pub struct Smtp {
    /// `smtps://user:password@host` for TLS from the start, `smtp://host?tls=required` for STARTTLS,
    /// `smtp://host?tls=opportunistic` for STARTTLS where the server has it, `smtp://host` for neither.
    pub url: String,
    /// Authorities that are believed beside the public ones, as PEM.
    pub further_authorities: Option<Vec<u8>>,
    /// Longest time that a letter may take, from the connection to the server's yes.
    pub letter_within: Duration,
    /// Connections that are kept open between letters.
    pub connections: u32,
}

impl Smtp {
    /// A server with the usual settings.
    pub fn at(url: impl Into<String>) -> Self {
        // Longer than a server that checks letters before it takes them: one that is given up too early comes twice.
        Self { url: url.into(), further_authorities: None, letter_within: Duration::from_mins(1), connections: 4 }
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => f.debug_tuple("Folder").field(path).finish(),
            // The address holds the password.
            Self::Smtp(_) => f.debug_tuple("Smtp").finish_non_exhaustive(),
        }
    }
}

/// Why a letter did not leave.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// It never will: an address that is none, or a mail server that said so for good.
    #[error("the letter was refused: {0}")]
    Refused(String),
    /// It never will, and no other to this address: there is no such mailbox.
    #[error("there is no such mailbox: {0}")]
    NoSuchAddress(String),
    /// It may later: no connection, no answer, a mailbox that is full.
    #[error("the letter did not get through: {0}")]
    Deferred(String),
}

/// Sends letters. Cheap to clone.
#[derive(Clone)]
pub struct Mailer(Arc<Inner>);

struct Inner {
    carrier: Carrier,
    seats: Semaphore,
    sent: AtomicU64,
    refused: AtomicU64,
    deferred: AtomicU64,
}

/// What the mailer says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct MailerObservation {
    /// On their way.
    pub in_flight: usize,
    /// Left since the start.
    pub sent: u64,
    /// Will never leave.
    pub refused: u64,
    /// May leave later.
    pub deferred: u64,
}

impl Mailer {
    /// Opens the way; connects to nothing yet.
    ///
    /// # Errors
    /// [`MailError::Refused`] when the server's address or a further authority is none, or the folder cannot be made.
    pub fn new(transport: Transport) -> Result<Self, MailError> {
        Ok(Self::carried_by(Carrier::new(transport)?))
    }

    /// A mailer that keeps every letter, and the letters.
    #[cfg(any(test, feature = "testing"))]
    pub fn kept() -> (Self, Kept) {
        let kept = Kept::default();
        (Self::carried_by(Carrier::Kept(kept.clone())), kept)
    }

    fn carried_by(carrier: Carrier) -> Self {
        let [sent, refused, deferred] = [(); 3].map(|()| AtomicU64::new(0));
        Self(Arc::new(Inner { carrier, seats: Semaphore::new(IN_FLIGHT), sent, refused, deferred }))
    }

    /// Sends one letter.
    ///
    /// # Errors
    /// [`MailError`] says whether another try makes sense.
    pub async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        // Never closed; were it, a letter more at once would be no harm.
        let _seat = self.0.seats.acquire().await;
        let result = self.0.carrier.carry(mail).await;
        let counter = match &result {
            Ok(()) => &self.0.sent,
            Err(MailError::Refused(_) | MailError::NoSuchAddress(_)) => &self.0.refused,
            Err(MailError::Deferred(_)) => &self.0.deferred,
        };
        counter.fetch_add(1, Ordering::Relaxed);
        result
    }

    /// What there is to see.
    pub fn observe(&self) -> MailerObservation {
        MailerObservation {
            in_flight: IN_FLIGHT.saturating_sub(self.0.seats.available_permits()),
            sent: self.0.sent.load(Ordering::Relaxed),
            refused: self.0.refused.load(Ordering::Relaxed),
            deferred: self.0.deferred.load(Ordering::Relaxed),
        }
    }
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailer").finish_non_exhaustive()
    }
}
