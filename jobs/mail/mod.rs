//! Letters, each a job: a dead mail server delays letters and nothing else.
//!
//! Not here: the words (`stoa_protocols::render`) and the transport (`stoa_actors::mailer`).

mod webhook_disabled;

pub use webhook_disabled::WebhookDisabledLetter;
