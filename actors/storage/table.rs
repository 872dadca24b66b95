//! A table, from a copy of the database to a file that lies in its place, in constant memory.
//!
//! Three walk in step: the copy is read, a thread writes it in its format, and what it wrote is kept. Between them wait two
//! pieces each, so whoever is slowest sets the pace, PostgreSQL last of all.

use std::io::{self, Write};

use bytes::Bytes;
use stoa_core::{Error, Result, db::Copy};
use stoa_protocols::table::{Table, TableError, Writer, Written};
use tokio::sync::mpsc;

use super::{Key, Storage, Upload};

/// Pieces that wait between two.
const WAITING: usize = 2;
/// Bytes of a piece of the file.
const PIECE_BYTES: usize = 256 * 1024;

impl Storage {
    /// Writes the rows of a copy as a file, and says so often how many there are so far. Dropped before it is done, it
    /// gives up the copy and takes the file back.
    ///
    /// # Errors
    /// As the database says; `upstream_unavailable` when the storage cannot be reached; `internal` when a row is not what
    /// the table says. The file is taken back.
    pub async fn put_table(
        &self,
        key: &Key,
        table: Table,
        mut copy: Copy,
        mut so_far: impl FnMut(u64) + Send,
    ) -> Result<Written> {
        let (rows, taken) = mpsc::channel::<Bytes>(WAITING);
        let (pieces, kept) = mpsc::channel::<Bytes>(WAITING);
        let writing = tokio::task::spawn_blocking(move || write(&table, taken, Pipe::new(pieces)));
        let reading = async {
            while let Some(piece) = copy.next().await? {
                so_far(copy.copied());
                if rows.send(piece.text).await.is_err() {
                    // The writer has given up, and says below why.
                    break;
                }
            }
            drop(rows);
            Ok(())
        };
        let ((), upload) = futures::try_join!(reading, keep(self.put(key), kept))?;
        let written = writing.await.map_err(Error::internal)?.map_err(Error::internal)?;
        upload.finish().await?;
        Ok(written)
    }
}

/// Writes what comes until no more comes.
fn write(table: &Table, mut rows: mpsc::Receiver<Bytes>, pipe: Pipe) -> Result<Written, TableError> {
    let mut writer = Writer::new(pipe, table)?;
    while let Some(piece) = rows.blocking_recv() {
        writer.copied(&piece)?;
    }
    Ok(writer.finish()?.1)
}

async fn keep(mut upload: Upload, mut pieces: mpsc::Receiver<Bytes>) -> Result<Upload> {
    while let Some(piece) = pieces.recv().await {
        upload.write(piece).await?;
    }
    Ok(upload)
}

/// Hands on what a thread writes.
struct Pipe {
    pieces: mpsc::Sender<Bytes>,
    gathered: Vec<u8>,
}

impl Pipe {
    fn new(pieces: mpsc::Sender<Bytes>) -> Self {
        Self { pieces, gathered: Vec::with_capacity(PIECE_BYTES) }
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = PIECE_BYTES.saturating_sub(self.gathered.len());
        let (fits, _) = bytes.split_at(bytes.len().min(room));
        self.gathered.extend_from_slice(fits);
        if self.gathered.len() >= PIECE_BYTES {
            self.flush()?;
        }
        Ok(fits.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.gathered.is_empty() {
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.gathered, Vec::with_capacity(PIECE_BYTES));
        self.pieces.blocking_send(piece.into()).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}
