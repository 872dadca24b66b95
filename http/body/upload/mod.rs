//! Files, taken in as they come: never whole in memory, bounded in size, in time, and in what they unpack to.
//!
//! A file comes as the body itself or as the part `file` of a form, packed by gzip or not. Its bytes are handed to a
//! [`Sink`], piece by piece.
//!
//! Not here: what becomes of the bytes, and what they mean.
//!
//! # Source
//! RFC 7578 for forms; RFC 9110 section 8.4.1.3 for gzip as a content coding.

mod form;
mod gzip;
mod wire;

use std::time::Duration;

use actix_web::{HttpRequest, http::header, web};
use stoa_core::{Code, Error, FieldFault, Result};

pub(crate) use form::pointer as field_pointer;
use gzip::Unpacking;

use super::size;

/// Media types of a file that is the body itself.
const FILE_MEDIA: [&str; 3] = ["text/csv", "text/tab-separated-values", "application/gzip"];
/// Media type of a form with a file.
pub const FORM_MEDIA: &str = "multipart/form-data";
/// Name of the part that is the file, and the pointer to it.
pub const FILE_PART: &str = "file";
const FILE_POINTER: &str = "/file";

/// How much of a file is taken in, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct UploadBounds {
    /// Bytes of the body.
    pub sent_bytes_max: u64,
    /// Bytes of the file, unpacked.
    pub unpacked_bytes_max: u64,
    /// Times its packed size that a file may have.
    pub unpack_ratio_max: u64,
    /// Longest wait for the next bytes.
    pub pause: Duration,
    /// Longest wait for all of them.
    pub whole: Duration,
}

/// Where the bytes of a file go.
pub trait Sink {
    /// Takes the next bytes.
    ///
    /// # Errors
    /// Whatever ends the upload.
    fn take(&mut self, bytes: &[u8]) -> impl Future<Output = Result<()>>;
}

/// What came with a file.
#[derive(Debug, Default)]
pub struct Sent {
    /// As the sender calls the file.
    pub file_name: Option<String>,
    /// The other fields of the form, in order.
    pub fields: Vec<(String, String)>,
}

/// A file that is announced, and of which no byte was read.
#[derive(Debug)]
pub struct Announced {
    media: String,
    packing: Packing,
    bounds: UploadBounds,
}

impl Announced {
    /// Reads what the headers say of it.
    ///
    /// # Errors
    /// `unsupported_media_type`, `body_too_large`.
    pub fn of(request: &HttpRequest, bounds: &UploadBounds) -> Result<Self> {
        let media = media(request)?;
        let packing = packing(request, &media)?;
        let bytes = size::announced(request).map(|bytes| u64::try_from(bytes).unwrap_or(u64::MAX));
        if bytes.is_some_and(|bytes| bytes > bounds.sent_bytes_max) {
            return Err(too_large(bounds));
        }
        Ok(Self { media, packing, bounds: *bounds })
    }

    /// Do fields come with it.
    pub fn is_form(&self) -> bool {
        self.media == FORM_MEDIA
    }

    /// Takes it in.
    ///
    /// # Errors
    /// `body_too_large`, `body_timeout`, `malformed_body`, `unreadable_file`; and those of the sink.
    pub async fn receive(self, request: &HttpRequest, payload: web::Payload, sink: &mut impl Sink) -> Result<Sent> {
        let wire = wire::Wire::new(payload, &self.bounds);
        let unpacking = Unpacking::new(self.packing, &self.bounds);
        let arriving = async {
            if self.is_form() {
                form::receive(request, wire, unpacking, sink).await
            } else {
                whole(wire, unpacking, sink).await.map(|()| Sent::default())
            }
        };
        tokio::time::timeout(self.bounds.whole, arriving).await.unwrap_or_else(|_| Err(timed_out()))
    }
}

/// The body is the file.
async fn whole(mut wire: wire::Wire, mut unpacking: Unpacking, sink: &mut impl Sink) -> Result<()> {
    while let Some(piece) = wire.next().await? {
        unpacking.feed(&piece, sink).await?;
    }
    unpacking.end(sink).await
}

fn media(request: &HttpRequest) -> Result<String> {
    let mut types = request.headers().get_all(header::CONTENT_TYPE);
    let (Some(given), None) = (types.next(), types.next()) else { return Err(other_media()) };
    let media = given.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if media == FORM_MEDIA || FILE_MEDIA.contains(&media.as_str()) { Ok(media) } else { Err(other_media()) }
}

/// Whether the file says that it is packed; where it says nothing its first bytes do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Packing {
    Gzip,
    Unsaid,
}

fn packing(request: &HttpRequest, media: &str) -> Result<Packing> {
    let mut packing = Packing::Unsaid;
    for coding in request.headers().get_all(header::CONTENT_ENCODING) {
        let coding = coding.to_str().unwrap_or_default().trim().to_ascii_lowercase();
        packing = match (coding.as_str(), packing) {
            ("identity", packing) => packing,
            ("gzip" | "x-gzip", Packing::Unsaid) if media != FORM_MEDIA => Packing::Gzip,
            ("gzip" | "x-gzip", _) if media == FORM_MEDIA => {
                return Err(unsupported("pack the file in its part of the form, not the form"));
            }
            _ => return Err(unsupported("of content codings only gzip is understood, once")),
        };
    }
    Ok(packing)
}

fn other_media() -> Error {
    unsupported("send the file as text/csv, or as the part `file` of multipart/form-data")
}

fn unsupported(why: &'static str) -> Error {
    Error::new(Code::UnsupportedMediaType, why)
}

fn timed_out() -> Error {
    Error::new(Code::BodyTimeout, "the file did not arrive in time")
}

fn too_large(bounds: &UploadBounds) -> Error {
    Error::new(Code::BodyTooLarge, format!("an upload may have {} bytes", bounds.sent_bytes_max))
}

/// A file that is refused as a whole, with a stable word for why.
pub fn unreadable(code: &'static str, detail: impl Into<String>) -> Error {
    Error::new(Code::UnreadableFile, "the file cannot be read, and nothing of it was kept; `errors` says why")
        .with_fields(vec![FieldFault::new(FILE_POINTER, code, detail)])
}

#[cfg(test)]
mod tests;
