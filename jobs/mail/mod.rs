//! Letters, each a job: a dead mail server delays letters and nothing else.
//!
//! Not here: the words (`stoa_protocols::render`) and the transport (`stoa_actors::mailer`).

mod about_webhook;
mod subscription_request;
mod webhook_disabled;
mod webhook_failing;

pub use subscription_request::SubscriptionRequestLetter;
pub use webhook_disabled::WebhookDisabledLetter;
pub use webhook_failing::WebhookFailingLetter;
