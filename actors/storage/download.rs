//! A file on its way out.

use std::{
    ops::Range,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures::{Stream, StreamExt, stream::BoxStream};
use object_store::GetResult;
use stoa_core::Result;

use super::failed;

/// A file, or a part of one: a stream of its bytes, read as fast as they are taken.
pub struct Download {
    /// Bytes of the whole file.
    pub size: u64,
    /// Which of them come.
    pub range: Range<u64>,
    bytes: BoxStream<'static, Result<Bytes>>,
}

impl Download {
    pub(super) fn of(found: GetResult) -> Self {
        let (size, range) = (found.meta.size, found.range.clone());
        let bytes = found.into_stream().map(|bytes| bytes.map_err(failed)).boxed();
        Self { size, range, bytes }
    }
}

impl Stream for Download {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.bytes.poll_next_unpin(context)
    }
}
