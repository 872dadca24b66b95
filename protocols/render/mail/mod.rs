//! What each letter tells: one struct a letter, whose fields are all that its templates see.
//!
//! Not here: the words (`templates/mail`).
//!
//! # Source
//! `templates/README.md` of this project.

mod amount;
mod instant;
mod subscription_request_decided;
mod webhook_disabled;
mod webhook_failing;

use serde::Serialize;

pub use amount::Amount;
pub use subscription_request_decided::{DecidedItem, RequestVerdict, SubscriptionRequestDecided};
pub use webhook_disabled::{DisabledBecause, WebhookDisabled};
pub use webhook_failing::{FailingStage, WebhookFailing};

/// A letter's context.
pub trait Mail: Serialize + Sized {
    /// Folder in `templates/mail`.
    const NAME: &'static str;

    /// Examples that between them show every branch of the templates; rendered when the server starts.
    fn samples() -> Vec<Self>;
}
