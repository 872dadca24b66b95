//! What each letter tells: one struct a letter, whose fields are all that its layouts see.
//!
//! Not here: the layouts and the words (`templates/mail`).
//!
//! # Source
//! `templates/README.md` of this project.

mod address_suspended;
mod amount;
mod exact;
mod import_finished;
mod invitation;
mod password_changed;
mod password_reset;
mod report;
mod report_confirmation;
mod report_undelivered;
mod subscription_request_decided;
mod token_expiring;
mod token_leaked;
mod trouble;
mod webhook_disabled;
mod webhook_failing;

use serde::Serialize;
#[cfg(test)]
use tera::Context;

pub use address_suspended::AddressSuspended;
pub use amount::Amount;
pub use import_finished::{ImportFinished, ImportOutcome};
pub use invitation::Invitation;
pub use password_changed::{PasswordChanged, PasswordWay};
pub use password_reset::{PasswordPlace, PasswordReset};
pub use report::{
    FigureName, FigureValue, Report, ReportChart, ReportCourse, ReportFigure, ReportFile, ReportPeriod, ReportPoint,
    ReportScope, ReportTier,
};
pub use report_confirmation::ReportConfirmation;
pub use report_undelivered::ReportUndelivered;
pub use subscription_request_decided::{DecidedItem, RequestVerdict, SubscriptionRequestDecided};
pub use token_expiring::{ExpiringStage, TokenExpiring};
pub use token_leaked::{LeakedKind, TokenLeaked};
pub use trouble::Trouble;
pub use webhook_disabled::{DisabledBecause, WebhookDisabled};
pub use webhook_failing::{FailingStage, WebhookFailing};

/// A letter's context. Times are `DateTime<Utc>` and numbers are numbers: the layout writes them in the reader's form.
pub trait Mail: Serialize + Sized {
    /// Folder in `templates/mail`.
    const NAME: &'static str;

    /// Examples that between them show every branch of the layouts; rendered in every language by a test.
    fn samples() -> Vec<Self>;
}

/// A letter's name with the contexts of its samples.
#[cfg(test)]
pub(super) type Samples = (&'static str, Vec<Context>);

/// Every letter's samples: one line a letter.
#[cfg(test)]
pub(super) fn samples() -> tera::TeraResult<Vec<Samples>> {
    Ok(vec![
        samples_of::<AddressSuspended>()?,
        samples_of::<ImportFinished>()?,
        samples_of::<Invitation>()?,
        samples_of::<PasswordChanged>()?,
        samples_of::<PasswordReset>()?,
        samples_of::<Report>()?,
        samples_of::<ReportConfirmation>()?,
        samples_of::<ReportUndelivered>()?,
        samples_of::<SubscriptionRequestDecided>()?,
        samples_of::<TokenExpiring>()?,
        samples_of::<TokenLeaked>()?,
        samples_of::<WebhookDisabled>()?,
        samples_of::<WebhookFailing>()?,
    ])
}

#[cfg(test)]
fn samples_of<M: Mail>() -> tera::TeraResult<Samples> {
    let contexts = M::samples().iter().map(Context::from_serialize).collect::<tera::TeraResult<_>>()?;
    Ok((M::NAME, contexts))
}
