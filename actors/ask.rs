//! The only ways to send a message: with a limit of time, and an answer for every way it can go wrong; or as news.
//!
//! Not here: what to do when it goes wrong. The directory and the pool of egresses respawn; everybody else reports.

use std::{any::type_name, future::Future, time::Duration};

use actix::{Actor, Addr, Handler, MailboxError, Message, dev::ToEnvelope};
use tracing::Instrument;

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// The actor is gone, or its handler panicked. Whether it acted is unknown.
    #[error("the actor is gone")]
    Closed,
    /// It did not answer in time. It may still act.
    #[error("the actor did not answer in time")]
    TimedOut,
}

/// Puts a message into a mailbox and waits for the answer, at most for a given time.
///
/// The message is in the mailbox when this returns, unless the mailbox is full; the future only waits. So a
/// borrowed address need not outlive the call.
///
/// # Errors
/// [`AskError::Closed`] or [`AskError::TimedOut`].
#[expect(clippy::disallowed_methods, reason = "this is the home of sending")]
pub fn ask<A, M>(
    to: &Addr<A>,
    message: M,
    within: Duration,
) -> impl Future<Output = Result<M::Result, AskError>> + Send + use<A, M>
where
    A: Actor + Handler<M>,
    A::Context: ToEnvelope<A, M>,
    M: Message + Send + 'static,
    M::Result: Send,
{
    let request = to.send(message);
    let answer = async move {
        match tokio::time::timeout(within, request).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(MailboxError::Closed)) => Err(AskError::Closed),
            Ok(Err(MailboxError::Timeout)) | Err(_) => Err(AskError::TimedOut),
        }
    };
    answer.instrument(tracing::debug_span!("actor.ask", message = type_name::<M>()))
}

/// Puts word into a mailbox and waits for nothing; says whether there was anybody to hear it.
///
/// For news of changes alone: whoever brings it cannot wait, there is little of it, and none of it may be left out
/// because others ask much. An answer that nobody waits for would be a question that nobody has to answer.
#[expect(clippy::disallowed_methods, reason = "this is the home of sending")]
pub(crate) fn bring<A, M>(to: &Addr<A>, news: M) -> bool
where
    A: Actor + Handler<M>,
    A::Context: ToEnvelope<A, M>,
    M: Message + Send + 'static,
    M::Result: Send,
{
    let is_there = to.connected();
    if is_there {
        to.do_send(news);
    }
    is_there
}

#[cfg(test)]
mod tests {
    use actix::{ActorContext, Context};

    use super::*;

    struct Parrot;
    impl Actor for Parrot {
        type Context = Context<Self>;
    }

    #[derive(Message)]
    #[rtype(result = "u32")]
    enum Say {
        Back(u32),
        Leave,
    }

    impl Handler<Say> for Parrot {
        type Result = actix::ResponseFuture<u32>;
        fn handle(&mut self, message: Say, ctx: &mut Context<Self>) -> Self::Result {
            match message {
                Say::Back(number) => Box::pin(async move { number }),
                Say::Leave => {
                    ctx.stop();
                    Box::pin(std::future::pending())
                }
            }
        }
    }

    #[actix_rt::test]
    async fn answers_or_says_why_not() {
        let parrot = Parrot.start();
        assert_eq!(ask(&parrot, Say::Back(7), Duration::from_secs(5)).await, Ok(7));
        let limit = Duration::from_millis(20);
        assert_eq!(ask(&parrot, Say::Leave, limit).await, Err(AskError::TimedOut));
        assert_eq!(ask(&parrot, Say::Back(7), limit).await, Err(AskError::Closed));
    }
}
