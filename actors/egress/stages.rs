//! How far an attempt is, and how long each stage took.
//!
//! Not here: telling it (`guard` and `wire` do, as the attempt passes them).

use std::cell::Cell;

use actix_rt::time::Instant;

use super::messages::Timings;

/// A stage of an attempt, in the order in which they come. A kept connection begins with [`Waiting`](Self::Waiting).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Nothing was begun that takes time.
    Begun,
    /// The name is looked up.
    LookingUp,
    /// A connection is made.
    Connecting,
    /// TLS is agreed on.
    Agreeing,
    /// The request is written and its answer waited for.
    Waiting,
    /// The answer has begun.
    Reading,
}

/// A clock with a mark for each stage. Constant memory, one reading of the clock for each mark.
#[derive(Debug)]
pub(super) struct Stages {
    stage: Cell<Stage>,
    since: Cell<Instant>,
    spent: Cell<Timings>,
}

impl Default for Stages {
    fn default() -> Self {
        let (stage, spent) = (Cell::new(Stage::Begun), Cell::default());
        Self { stage, since: Cell::new(Instant::now()), spent }
    }
}

impl Stages {
    /// Ends a stage and begins another.
    pub(super) fn enter(&self, stage: Stage) {
        let (now, mut spent) = (Instant::now(), self.spent.get());
        let took = millis(now.duration_since(self.since.get()));
        match self.stage.get() {
            Stage::LookingUp => spent.dns_ms = Some(took),
            Stage::Connecting => spent.connect_ms = Some(took),
            Stage::Agreeing => spent.tls_ms = Some(took),
            // A time until the first byte is known only when there was one.
            Stage::Waiting if stage == Stage::Reading => spent.first_byte_ms = Some(took),
            Stage::Begun | Stage::Waiting | Stage::Reading => {}
        }
        self.spent.set(spent);
        self.stage.set(stage);
        self.since.set(now);
    }

    /// Forgets a connection that failed, because another is made.
    pub(super) fn again(&self) {
        self.spent.set(Timings::default());
        self.stage.set(Stage::Begun);
    }

    pub(super) fn stage(&self) -> Stage {
        self.stage.get()
    }

    /// Ends the last stage and gives what each took; the one that failed until it failed.
    pub(super) fn timings(&self) -> Timings {
        self.enter(Stage::Begun);
        self.spent.get()
    }
}

/// Whole milliseconds, as the log has them.
pub(super) fn millis(duration: std::time::Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}
