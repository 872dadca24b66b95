//! A file that is stored as it arrives, and deleted again unless somebody wants it.
//!
//! Not here: which files there are, and what becomes of them.

use sha2::{Digest, Sha256};
use stoa_core::{
    Id, Result, Scope,
    db::Db,
    id,
    imports::files::{self, Arrived, PART_BYTES},
};
use stoa_protocols::roster::{FileFault, Probe};

use super::upload::{Sink, unreadable};

/// Where a language's letters are most at home, for whoever guesses an encoding.
pub(crate) fn country(locale: &str) -> Option<&'static str> {
    const HOMES: [(&str, &str); 5] = [("ko", "kr"), ("ru", "ru"), ("fr", "fr"), ("ja", "jp"), ("he", "il")];
    let language = locale.split('-').next().unwrap_or_default();
    HOMES.iter().find(|(known, _)| *known == language).map(|(_, home)| *home)
}

/// A stored file that is deleted again unless somebody wants it.
pub(crate) struct Stored {
    pub(crate) db: Db,
    pub(crate) scope: Scope,
    pub(crate) file: Id<id::Import>,
    pub(crate) is_wanted: bool,
}

impl Stored {
    pub(crate) async fn discard(mut self) -> Result<()> {
        self.is_wanted = true;
        discard(&self.db, &self.scope, self.file).await
    }
}

impl Drop for Stored {
    #[expect(clippy::disallowed_methods, reason = "what nobody waits for any more is deleted by itself")]
    fn drop(&mut self) {
        if self.is_wanted {
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
pub(crate) struct Storing {
    pub(crate) stored: Stored,
    probe: Probe,
    hash: Sha256,
    size: i64,
    parts: i32,
    part: Vec<u8>,
}

impl Storing {
    pub(crate) fn new(stored: Stored) -> Self {
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

    pub(crate) async fn finish(&mut self, country: Option<&'static str>) -> Result<Arrived> {
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
