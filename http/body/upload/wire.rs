//! The bytes of a body as they arrive, counted and timed.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use actix_web::{error::PayloadError, web};
use futures::{Stream, StreamExt};
use stoa_core::{Code, Error, Result};

use super::{UploadBounds, timed_out, too_large};

/// A body on its way.
pub(super) struct Wire {
    payload: web::Payload,
    left: u64,
    pub(super) bounds: UploadBounds,
}

impl Wire {
    pub(super) fn new(payload: web::Payload, bounds: &UploadBounds) -> Self {
        Self { payload, left: bounds.sent_bytes_max, bounds: *bounds }
    }

    /// The next bytes; none at the end.
    pub(super) async fn next(&mut self) -> Result<Option<web::Bytes>> {
        let pause = self.bounds.pause;
        match in_time(pause, StreamExt::next(self)).await? {
            Some(Ok(piece)) => Ok(Some(piece)),
            Some(Err(error)) => Err(self.refusal(&error)),
            None => Ok(None),
        }
    }

    fn refusal(&self, error: &PayloadError) -> Error {
        broken(matches!(error, PayloadError::Overflow), &self.bounds)
    }
}

/// For whoever reads the body himself.
impl Stream for Wire {
    type Item = Result<web::Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = self.payload.poll_next_unpin(context);
        polled.map(|next| {
            next.map(|piece| {
                let piece = piece?;
                let bytes = u64::try_from(piece.len()).unwrap_or(u64::MAX);
                self.left = self.left.checked_sub(bytes).ok_or(PayloadError::Overflow)?;
                Ok(piece)
            })
        })
    }
}

/// Waits, but not for ever.
pub(super) async fn in_time<T>(pause: Duration, next: impl Future<Output = T>) -> Result<T> {
    tokio::time::timeout(pause, next).await.map_err(|_| timed_out())
}

/// What a body that broke off is refused with.
pub(super) fn broken(is_too_large: bool, bounds: &UploadBounds) -> Error {
    if is_too_large { too_large(bounds) } else { Error::new(Code::MalformedBody, "the body broke off") }
}
