//! A file that may be packed, unpacked in steps so small that no bomb goes off between two of them.
//!
//! # Source
//! RFC 1952: members one after the other are one file, and each ends with its checksum and its length.

use std::io::{self, Write};

use flate2::write::MultiGzDecoder;
use stoa_core::{Code, Error, FieldFault, Result};

use super::{FILE_POINTER, Packing, Sink, UploadBounds, unreadable};

/// Packed bytes that are unpacked at once: at most a thousand times as many come out.
const STEP_BYTES: usize = 1024;
/// What a packed file begins with.
const MAGIC: [u8; 2] = [0x1f, 0x8b];
/// A small file may be packed however well.
const RATIO_COUNTS_FROM_BYTES: u64 = 1024 * 1024;

/// The way from the bytes of the wire to those of the file.
pub(super) struct Unpacking {
    form: Form,
    bounds: UploadBounds,
    packed: u64,
    unpacked: u64,
}

enum Form {
    /// Too little was seen to tell.
    Unknown {
        first: Vec<u8>,
        said: Packing,
    },
    Plain,
    Gzip(Box<MultiGzDecoder<Vec<u8>>>),
}

impl Unpacking {
    pub(super) fn new(said: Packing, bounds: &UploadBounds) -> Self {
        Self { form: Form::Unknown { first: Vec::new(), said }, bounds: *bounds, packed: 0, unpacked: 0 }
    }

    /// Takes the next bytes of the wire, and hands on what they are.
    pub(super) async fn feed(&mut self, bytes: &[u8], sink: &mut impl Sink) -> Result<()> {
        match self.tell(bytes, false)? {
            Some(first) => {
                self.go_on(&first, sink).await?;
                self.go_on(bytes, sink).await
            }
            None => Ok(()),
        }
    }

    /// Says that no more bytes come.
    pub(super) async fn end(&mut self, sink: &mut impl Sink) -> Result<()> {
        if let Some(first) = self.tell(&[], true)? {
            self.go_on(&first, sink).await?;
        }
        let Form::Gzip(decoder) = &mut self.form else { return Ok(()) };
        decoder.try_finish().map_err(|error| damaged(&error))?;
        let rest = std::mem::take(decoder.get_mut());
        self.hand_on(&rest, sink).await
    }

    /// Finds out whether the file is packed. Answers the bytes that were held back for it; none while that is not known.
    fn tell(&mut self, bytes: &[u8], is_end: bool) -> Result<Option<Vec<u8>>> {
        let Form::Unknown { first, said } = &mut self.form else { return Ok(Some(Vec::new())) };
        let seen: Vec<u8> = first.iter().chain(bytes).copied().take(MAGIC.len()).collect();
        if seen.len() < MAGIC.len() && !is_end {
            *first = seen;
            return Ok(None);
        }
        let (first, said) = (std::mem::take(first), *said);
        self.form = if seen == MAGIC {
            Form::Gzip(Box::new(MultiGzDecoder::new(Vec::new())))
        } else if said == Packing::Gzip {
            return Err(unreadable("gzip_damaged", "the file is said to be packed by gzip and is not"));
        } else {
            Form::Plain
        };
        Ok(Some(first))
    }

    async fn go_on(&mut self, bytes: &[u8], sink: &mut impl Sink) -> Result<()> {
        if matches!(self.form, Form::Plain) {
            return self.hand_on(bytes, sink).await;
        }
        for step in bytes.chunks(STEP_BYTES) {
            let Form::Gzip(decoder) = &mut self.form else { return Ok(()) };
            decoder.write_all(step).map_err(|error| damaged(&error))?;
            let out = std::mem::take(decoder.get_mut());
            self.packed += u64::try_from(step.len()).unwrap_or_default();
            self.hand_on(&out, sink).await?;
        }
        Ok(())
    }

    async fn hand_on(&mut self, bytes: &[u8], sink: &mut impl Sink) -> Result<()> {
        self.unpacked += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if self.unpacked > self.bounds.unpacked_bytes_max {
            return Err(bomb(
                "unpacked_too_large",
                format!("a file may have {} bytes", self.bounds.unpacked_bytes_max),
            ));
        }
        let ratio = self.bounds.unpack_ratio_max;
        if self.packed > 0
            && self.unpacked > RATIO_COUNTS_FROM_BYTES
            && self.unpacked > self.packed.saturating_mul(ratio)
        {
            return Err(bomb("unpack_ratio", format!("a file may unpack to {ratio} times its size, and no more")));
        }
        sink.take(bytes).await
    }
}

fn bomb(code: &'static str, detail: String) -> Error {
    Error::new(Code::BodyTooLarge, "the file unpacks to more than is taken, and nothing of it was kept")
        .with_fields(vec![FieldFault::new(FILE_POINTER, code, detail)])
}

fn damaged(error: &io::Error) -> Error {
    if error.kind() == io::ErrorKind::UnexpectedEof {
        return unreadable("gzip_truncated", "the gzip file is cut off; send it whole");
    }
    unreadable("gzip_damaged", "the gzip file is damaged or cut off, or something stands behind it")
}
