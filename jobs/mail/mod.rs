//! Letters, each a job: a dead mail server delays letters and nothing else.
//!
//! Every letter goes through [`post`], which keeps its row and makes it one letter however often its job runs. A letter to
//! several people is a job that promises a job for each of them.
//!
//! Not here: the words (`stoa_protocols::render`), the transport (`stoa_actors::mailer`) and the rows
//! (`stoa_core::letters`).

mod about_token;
mod about_webhook;
mod address_suspended;
mod import_finished;
mod invitation;
mod password_changed;
mod password_reset;
mod password_reset_request;
pub(crate) mod post;
mod report;
mod report_confirmation;
mod report_extras;
mod report_test;
mod report_undelivered;
mod subscription_request;
mod token_expiring;
mod token_leaked;
mod webhook_disabled;
mod webhook_failing;

pub use address_suspended::AddressSuspendedLetter;
pub use import_finished::ImportFinishedLetter;
pub use invitation::{InvitationLetter, promise_invitations};
pub use password_changed::PasswordChangedLetter;
pub use password_reset::PasswordResetLetter;
pub use password_reset_request::PasswordResetRequest;
pub use report::ReportLetter;
pub use report_confirmation::{ReportConfirmationLetter, promise_questions};
pub use report_test::ReportTestLetter;
pub use report_undelivered::ReportUndeliveredLetter;
pub use subscription_request::SubscriptionRequestLetter;
pub use token_expiring::TokenExpiringLetter;
pub use token_leaked::TokenLeakedLetter;
pub use webhook_disabled::WebhookDisabledLetter;
pub use webhook_failing::WebhookFailingLetter;
