//! The keys of a sealer: the newest seals, all open, each known by its fingerprint.
//!
//! Not here: what is sealed, and where it lies (`columns`).

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

use chacha20poly1305::{
    Key, XChaCha20Poly1305, XNonce,
    aead::{Aead, KeyInit, Payload},
};
use sha2::{Digest, Sha256};

use super::fault;
use crate::error::{Error, Result};

const NONCE_LEN: usize = 24;
const FINGERPRINT_LEN: usize = 8;
/// First byte of what says which key sealed it.
const NAMES_ITS_KEY: u8 = 2;
/// First byte of what was sealed while there was one key and no question which.
const NAMELESS: u8 = 1;

/// Names a key and says nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint([u8; FINGERPRINT_LEN]);

impl Fingerprint {
    /// How everything that this key sealed begins.
    pub(super) fn head(self) -> Vec<u8> {
        [&[NAMES_ITS_KEY], &self.0[..]].concat()
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Reads which key sealed something; none where it does not say.
pub(super) fn fingerprint_of(sealed: &[u8]) -> Option<Fingerprint> {
    let (head, _) = sealed.split_at_checked(1 + FINGERPRINT_LEN)?;
    let (first, name) = head.split_first()?;
    (*first == NAMES_ITS_KEY).then(|| name.try_into().ok().map(Fingerprint)).flatten()
}

/// Where keys come from: texts of any length, the newest first.
pub trait KeySource: Send + Sync + fmt::Debug {
    /// Reads the keys.
    ///
    /// # Errors
    /// Whatever keeps them from being read.
    fn keys(&self) -> anyhow::Result<Vec<String>>;
}

struct SealingKey {
    fingerprint: Fingerprint,
    cipher: XChaCha20Poly1305,
}

impl SealingKey {
    fn new(text: &str) -> Self {
        let key: [u8; 32] = Sha256::digest(text.as_bytes()).into();
        let named = Sha256::digest([b"stoa sealing key fingerprint", &key[..]].concat());
        let mut fingerprint = [0; FINGERPRINT_LEN];
        fingerprint.iter_mut().zip(named).for_each(|(to, from)| *to = from);
        Self { fingerprint: Fingerprint(fingerprint), cipher: XChaCha20Poly1305::new(&Key::from(key)) }
    }

    /// Opens a nonce and what was sealed with it; none when it is another key's, or another place's.
    fn open(&self, sealed: &[u8], place: &str) -> Option<Vec<u8>> {
        let (nonce, ciphertext) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce: [u8; NONCE_LEN] = nonce.try_into().ok()?;
        let payload = Payload { msg: ciphertext, aad: place.as_bytes() };
        self.cipher.decrypt(&XNonce::from(nonce), payload).ok()
    }
}

/// The keys, the newest first.
pub(super) struct Ring {
    keys: RwLock<Arc<[SealingKey]>>,
    source: Option<Arc<dyn KeySource>>,
}

impl Ring {
    pub(super) fn fixed(keys: &[String]) -> Self {
        Self { keys: RwLock::new(read(keys)), source: None }
    }

    pub(super) fn from_source(source: Arc<dyn KeySource>) -> Result<Self> {
        let keys = source.keys().map_err(Error::internal)?;
        if keys.is_empty() {
            return Err(Error::internal(anyhow::anyhow!("there is no sealing key")));
        }
        Ok(Self { keys: RwLock::new(read(&keys)), source: Some(source) })
    }

    pub(super) fn known(&self) -> Vec<Fingerprint> {
        self.present().iter().map(|key| key.fingerprint).collect()
    }

    /// Never empty by construction; nothing is sealed with the name of no key.
    pub(super) fn current(&self) -> Fingerprint {
        self.present().first().map_or(Fingerprint([0; FINGERPRINT_LEN]), |key| key.fingerprint)
    }

    pub(super) fn seal(&self, secret: &[u8], place: &str) -> Result<Vec<u8>> {
        let keys = self.present();
        let key = keys.first().ok_or_else(|| fault("there is no sealing key"))?;
        let nonce: [u8; NONCE_LEN] = rand::random();
        let payload = Payload { msg: secret, aad: place.as_bytes() };
        let sealed =
            key.cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| fault("the cipher refuses to seal"))?;
        Ok([&key.fingerprint.head()[..], &nonce, &sealed].concat())
    }

    pub(super) fn open(&self, sealed: &[u8], place: &str) -> Result<Vec<u8>> {
        match (fingerprint_of(sealed), sealed.split_first()) {
            (Some(name), _) => {
                let key = self.find(name).ok_or_else(|| fault(unknown(name)))?;
                let rest = sealed.get(1 + FINGERPRINT_LEN..).unwrap_or_default();
                key.open(rest, place)
                    .ok_or_else(|| fault(format!("sealed with {name}, but not for {place}, or changed")))
            }
            (None, Some((&NAMELESS, rest))) => {
                let opened = self.present().iter().find_map(|key| key.open(rest, place));
                opened.ok_or_else(|| fault(format!("no sealing key that is known opens it as {place}")))
            }
            (None, _) => Err(fault("these bytes were not sealed by us")),
        }
    }

    /// The key of a name. One that is not known may have been added since, by hand or by `stoa secrets rotate`.
    fn find(&self, name: Fingerprint) -> Option<Found> {
        self.among(name).or_else(|| {
            self.refresh();
            self.among(name)
        })
    }

    fn among(&self, name: Fingerprint) -> Option<Found> {
        let keys = self.present();
        let place = keys.iter().position(|key| key.fingerprint == name)?;
        Some(Found { keys, place })
    }

    fn refresh(&self) {
        let Some(source) = &self.source else { return };
        match source.keys() {
            Ok(keys) if !keys.is_empty() => {
                *self.keys.write().unwrap_or_else(PoisonError::into_inner) = read(&keys);
                tracing::info!(current = %self.current(), known = keys.len(), "sealing keys were read again");
            }
            Ok(_) => tracing::error!("there is no sealing key any more; the known ones are kept"),
            Err(error) => tracing::error!(%error, "sealing keys cannot be read again; the known ones are kept"),
        }
    }

    fn present(&self) -> Arc<[SealingKey]> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A key that is held while the ring may change.
struct Found {
    keys: Arc<[SealingKey]>,
    place: usize,
}

impl Found {
    fn open(&self, sealed: &[u8], place: &str) -> Option<Vec<u8>> {
        self.keys.get(self.place)?.open(sealed, place)
    }
}

fn read(texts: &[String]) -> Arc<[SealingKey]> {
    texts.iter().map(|text| SealingKey::new(text)).collect()
}

fn unknown(name: Fingerprint) -> String {
    format!(
        "sealed with the key {name}, which this server does not know: add that key to secrets.previous_sealing_keys, or \
         make it secrets.sealing_key"
    )
}
