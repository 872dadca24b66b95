//! A way out that follows a script, for tests of whoever sends.
//!
//! Not here: a real receiver; the tests of `egress` and the flows have those.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use futures::{FutureExt, future::BoxFuture};

use crate::egress::{Answer, FailureClass, Outbound, Outcome, Post};
pub use crate::mailer::Kept;

type Script = dyn Fn(&Post) -> Outcome + Send + Sync;

/// Records every request and answers by script. Cheap to clone; the clones share everything.
#[derive(Clone)]
pub struct ScriptedEgress(Arc<Inner>);

struct Inner {
    posts: Mutex<Vec<Post>>,
    next: Mutex<VecDeque<Outcome>>,
    otherwise: Box<Script>,
}

impl ScriptedEgress {
    /// Answers every request with a status.
    pub fn answering(status: u16) -> Self {
        Self::deciding(move |_| response(status))
    }

    /// Answers each request as a function decides.
    pub fn deciding(script: impl Fn(&Post) -> Outcome + Send + Sync + 'static) -> Self {
        Self(Arc::new(Inner { posts: Mutex::default(), next: Mutex::default(), otherwise: Box::new(script) }))
    }

    /// Answers the next requests with these, in order, and the others as before.
    pub fn then(&self, outcomes: impl IntoIterator<Item = Outcome>) {
        self.0.next.lock().unwrap_or_else(PoisonError::into_inner).extend(outcomes);
    }

    /// Takes the requests recorded so far.
    pub fn take(&self) -> Vec<Post> {
        std::mem::take(&mut *self.0.posts.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn answer(&self, post: Post) -> Answer {
        let scripted = self.0.next.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let outcome = scripted.unwrap_or_else(|| (self.0.otherwise)(&post));
        self.0.posts.lock().unwrap_or_else(PoisonError::into_inner).push(post);
        Answer { duration_ms: 1, address: Some("192.0.2.1:443".to_owned()), ..Answer::of(outcome) }
    }
}

/// An answer with a status and nothing else.
pub fn response(status: u16) -> Outcome {
    Outcome::Response { status, excerpt: String::new(), retry_after: None, location: None }
}

/// No answer, for a reason.
pub fn failure(class: FailureClass) -> Outcome {
    Outcome::Failure { class, detail: format!("scripted: {class}") }
}

impl Outbound for ScriptedEgress {
    fn post(&self, post: Post) -> BoxFuture<'_, Answer> {
        async move { self.answer(post) }.boxed()
    }

    fn permits(&self, _: Arc<str>) -> BoxFuture<'_, bool> {
        async { true }.boxed()
    }
}

impl fmt::Debug for ScriptedEgress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScriptedEgress").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    #[tokio::test]
    async fn follows_its_script_then_its_habit() {
        let egress = ScriptedEgress::answering(200);
        egress.then([response(500), failure(FailureClass::Timeout)]);
        let outbound: &dyn Outbound = &egress;
        for wanted in [response(500), failure(FailureClass::Timeout), response(200)] {
            let url = "https://example.com/".into();
            let post = Post { url, headers: Vec::new(), body: Bytes::new(), fresh: false };
            assert_eq!(outbound.post(post).await.outcome, wanted);
        }
        assert_eq!((egress.take().len(), egress.take().len()), (3, 0));
    }
}
