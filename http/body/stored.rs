//! A file that is stored as it arrives, and deleted again unless somebody wants it.
//!
//! Not here: which files there are, and what becomes of them.
//!
//! # Rule
//! What was stored of an upload that broke off, or of one that nobody wants, is deleted. What only a crash can leave is
//! swept.

use actix_web::web;
use sha2::{Digest, Sha256};
use stoa_core::{
    Id, Result, Scope,
    db::{Db, TenantTx},
    id,
    imports::files::{self, Arrived, PART_BYTES},
};
use stoa_protocols::roster::{FileFault, Probe};

use super::upload::{Announced, Sink, unreadable};
use crate::doors::Arrival;

/// A file that has arrived whole.
pub(crate) struct SentFile {
    /// Where it lies.
    pub(crate) stored: Stored,
    /// What is known of it.
    pub(crate) arrived: Arrived,
    /// As the sender calls it.
    pub(crate) file_name: Option<String>,
}

impl SentFile {
    /// Opens a file in the transaction, which ends by that, and stores what comes; of what fails nothing is left when this
    /// answers. `beside` reads the other fields of the form, which may stand behind the file. The locale is the one in which
    /// the file was written, as far as anybody knows.
    ///
    /// # Errors
    /// `upload_in_progress`, `unreadable_file`; and those of [`Announced::receive`] and of `beside`.
    pub(crate) async fn take_in<T>(
        mut tx: TenantTx,
        (arrival, scope, locale): (&Arrival, &Scope, &str),
        announced: Announced,
        payload: web::Payload,
        beside: impl FnOnce(&[(String, String)]) -> Result<T>,
    ) -> Result<(Self, T)> {
        let file = files::open(&mut tx).await?;
        tx.commit().await?;
        let db = arrival.app.db.clone();
        let mut storing = Storing::new(Stored { db, scope: scope.clone(), file, is_settled: false });
        let arriving = async {
            let sent = announced.receive(&arrival.request, payload, &mut storing).await?;
            let beside = beside(&sent.fields)?;
            Ok((storing.finish(country(locale)).await?, sent.file_name, beside))
        };
        match arriving.await {
            Ok((arrived, file_name, beside)) => Ok((Self { stored: storing.stored, arrived, file_name }, beside)),
            Err(error) => {
                storing.stored.settle(false).await?;
                Err(error)
            }
        }
    }
}

/// Where a language's letters are most at home, for whoever guesses an encoding.
fn country(locale: &str) -> Option<&'static str> {
    const HOMES: [(&str, &str); 5] = [("ko", "kr"), ("ru", "ru"), ("fr", "fr"), ("ja", "jp"), ("he", "il")];
    let language = locale.split('-').next().unwrap_or_default();
    HOMES.iter().find(|(known, _)| *known == language).map(|(_, home)| *home)
}

/// A stored file that is deleted again unless somebody wants it.
pub(crate) struct Stored {
    db: Db,
    scope: Scope,
    /// Its id, and that of the import that it is for.
    pub(crate) file: Id<id::Import>,
    is_settled: bool,
}

impl Stored {
    /// Leaves it to whoever wants it, or deletes it.
    ///
    /// # Errors
    /// As the database says.
    pub(crate) async fn settle(mut self, is_wanted: bool) -> Result<()> {
        self.is_settled = true;
        if is_wanted { Ok(()) } else { discard(&self.db, &self.scope, self.file).await }
    }
}

impl Drop for Stored {
    #[expect(clippy::disallowed_methods, reason = "what nobody waits for any more is deleted by itself")]
    fn drop(&mut self) {
        if self.is_settled {
            return;
        }
        let (db, scope, file) = (self.db.clone(), self.scope.clone(), self.file);
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                if let Err(error) = discard(&db, &scope, file).await {
                    tracing::warn!(%error, %file, "an upload that broke off could not be deleted; it is swept later");
                }
            });
        }
    }
}

async fn discard(db: &Db, scope: &Scope, file: Id<id::Import>) -> Result<()> {
    let mut tx = db.tenant(scope).await?;
    files::discard(&mut tx, file).await?;
    tx.commit().await
}

/// Stores a file part by part, and looks at every byte once.
struct Storing {
    stored: Stored,
    probe: Probe,
    hash: Sha256,
    size: i64,
    parts: i32,
    part: Vec<u8>,
}

impl Storing {
    fn new(stored: Stored) -> Self {
        let part = Vec::with_capacity(PART_BYTES);
        Self { stored, probe: Probe::new(), hash: Sha256::new(), size: 0, parts: 0, part }
    }

    async fn put(&mut self) -> Result<()> {
        let mut tx = self.stored.db.tenant(&self.stored.scope).await?;
        files::put(&mut tx, self.stored.file, self.parts, &self.part).await?;
        tx.commit().await?;
        self.parts += 1;
        self.part.clear();
        Ok(())
    }

    async fn finish(&mut self, country: Option<&'static str>) -> Result<Arrived> {
        if !self.part.is_empty() {
            self.put().await?;
        }
        let sheet = std::mem::take(&mut self.probe).finish(country).map_err(|fault| refused(&fault))?;
        let sha256 = std::mem::take(&mut self.hash).finalize().into();
        Ok(Arrived { charset: sheet.charset, size_bytes: self.size, sha256 })
    }
}

impl Sink for Storing {
    async fn take(&mut self, mut bytes: &[u8]) -> Result<()> {
        self.probe.feed(bytes);
        self.hash.update(bytes);
        self.size = self.size.saturating_add(i64::try_from(bytes.len()).unwrap_or(i64::MAX));
        while !bytes.is_empty() {
            let room = PART_BYTES.saturating_sub(self.part.len());
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.part.extend_from_slice(now);
            bytes = later;
            if self.part.len() >= PART_BYTES {
                self.put().await?;
            }
        }
        Ok(())
    }
}

fn refused(fault: &FileFault) -> stoa_core::Error {
    unreadable(fault.kind.as_str(), fault.to_string())
}
