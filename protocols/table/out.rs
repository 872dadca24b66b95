//! Where the bytes of a file go: packed where asked, counted, and their SHA-256 taken on the way.
//!
//! # Source
//! RFC 1952 for gzip; FIPS 180-4 for SHA-256.

use std::io::{self, Write};

use flate2::{Compression, write::GzEncoder};
use sha2::{Digest, Sha256};

/// Counts bytes and takes their digest before they go on.
pub(super) struct Tally<W> {
    out: W,
    bytes: u64,
    digest: Sha256,
}

impl<W> Tally<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out, bytes: 0, digest: Sha256::new() }
    }

    /// Where the bytes went, how many they were, and their digest.
    pub(super) fn end(self) -> (W, u64, [u8; 32]) {
        (self.out, self.bytes, self.digest.finalize().into())
    }
}

impl<W: Write> Write for Tally<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)?;
        self.digest.update(bytes);
        self.bytes = self.bytes.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// A file of lines, packed or not.
pub(super) enum Out<W: Write> {
    Plain(Tally<W>),
    Gzip(Box<GzEncoder<Tally<W>>>),
}

impl<W: Write> Out<W> {
    pub(super) fn new(out: W, gzipped: bool) -> Self {
        let out = Tally::new(out);
        // Rows of a table are alike, so the quick way already finds most of it.
        if gzipped { Self::Gzip(Box::new(GzEncoder::new(out, Compression::fast()))) } else { Self::Plain(out) }
    }

    pub(super) fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(out) => out.write_all(bytes),
            Self::Gzip(out) => out.write_all(bytes),
        }
    }

    pub(super) fn end(self) -> io::Result<Tally<W>> {
        match self {
            Self::Plain(out) => Ok(out),
            Self::Gzip(out) => out.finish(),
        }
    }
}
