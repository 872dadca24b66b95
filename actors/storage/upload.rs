//! A file on its way in.
//!
//! One part is sent while the next is gathered, so an upload of any length needs the memory of two. A file that is smaller
//! than a part is put at once when it is finished. One that is not finished is taken back: nothing of it is ever seen.

use std::sync::Arc;

use bytes::Bytes;
use object_store::{MultipartUpload, ObjectStore, ObjectStoreExt, PutPayload, PutPayloadMut, path::Path};
use stoa_core::Result;
use tokio::task::JoinSet;

use super::{PART_BYTES, failed, unavailable};

/// A file on its way in. Dropped without [`Upload::finish`], it is taken back.
pub struct Upload {
    store: Arc<dyn ObjectStore>,
    path: Path,
    /// Begun with the first whole part.
    parts: Option<Box<dyn MultipartUpload>>,
    sending: JoinSet<object_store::Result<()>>,
    gathered: PutPayloadMut,
}

impl Upload {
    pub(super) fn new(store: Arc<dyn ObjectStore>, path: Path) -> Self {
        Self { store, path, parts: None, sending: JoinSet::new(), gathered: PutPayloadMut::new() }
    }

    /// Takes the next bytes, and waits for the place where it is slower than they come.
    ///
    /// # Errors
    /// `upstream_unavailable` when the place cannot be reached or does not take them.
    pub async fn write(&mut self, mut bytes: Bytes) -> Result<()> {
        loop {
            let room = PART_BYTES.saturating_sub(self.gathered.content_length());
            if bytes.len() < room {
                self.gathered.push(bytes);
                return Ok(());
            }
            self.gathered.push(bytes.split_to(room));
            let part = std::mem::take(&mut self.gathered).freeze();
            self.send(part).await?;
        }
    }

    /// Ends the file: from now on it is there.
    ///
    /// # Errors
    /// `upstream_unavailable` when the place cannot be reached or does not take it; then it is taken back.
    pub async fn finish(mut self) -> Result<()> {
        let rest = std::mem::take(&mut self.gathered).freeze();
        if self.parts.is_none() {
            self.store.put(&self.path, rest).await.map_err(failed)?;
            return Ok(());
        }
        if rest.content_length() > 0 {
            self.send(rest).await?;
        }
        self.sent().await?;
        if let Some(parts) = &mut self.parts {
            parts.complete().await.map_err(failed)?;
        }
        self.parts = None;
        Ok(())
    }

    /// Takes the file back.
    ///
    /// # Errors
    /// `upstream_unavailable` when the place cannot be told; then its own rule for such uploads removes it.
    pub async fn abort(mut self) -> Result<()> {
        match self.parts.take() {
            Some(parts) => take_back(parts, std::mem::take(&mut self.sending)).await,
            None => Ok(()),
        }
    }

    /// Waits until the part before has been taken, and sends the next one meanwhile.
    async fn send(&mut self, part: PutPayload) -> Result<()> {
        self.sent().await?;
        let mut parts = match self.parts.take() {
            Some(parts) => parts,
            None => self.store.put_multipart(&self.path).await.map_err(failed)?,
        };
        self.sending.spawn(parts.put_part(part));
        self.parts = Some(parts);
        Ok(())
    }

    async fn sent(&mut self) -> Result<()> {
        while let Some(sent) = self.sending.join_next().await {
            sent.map_err(unavailable)?.map_err(failed)?;
        }
        Ok(())
    }
}

impl Drop for Upload {
    #[expect(
        clippy::disallowed_methods,
        reason = "taking it back must outlive the task that gave up; it ends by itself"
    )]
    fn drop(&mut self) {
        if let (Some(parts), Ok(runtime)) = (self.parts.take(), tokio::runtime::Handle::try_current()) {
            let sending = std::mem::take(&mut self.sending);
            // Where that fails too, the place has a rule for uploads that were never completed.
            runtime.spawn(async move { take_back(parts, sending).await.ok() });
        }
    }
}

/// Takes back what was sent. A part that is still on its way is waited for: one that arrives behind the word that takes the
/// others back would stay (S3, `AbortMultipartUpload`).
async fn take_back(mut parts: Box<dyn MultipartUpload>, mut sending: JoinSet<object_store::Result<()>>) -> Result<()> {
    while sending.join_next().await.is_some() {}
    parts.abort().await.map_err(failed)
}
