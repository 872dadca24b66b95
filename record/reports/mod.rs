//! Reports by letter: digests of an institution, or of a manager's groups, week by week or month by month.
//!
//! Not here: the figures (`analytics`), the words and pictures (`stoa_protocols::render`, `stoa_protocols::chart`), the
//! letters (`stoa_jobs::reports`).
//!
//! The players: a [`Report`] says what is told and when; a [`Recipient`] is a member, or an address that said yes; a
//! [`Run`](runs) is one period told to one recipient, and its row is there before the letter is promised; [`calendar`]
//! knows when.
//!
//! # Rule
//! Whoever gets a report could read the same figures himself: members with the role for it, and addresses that an
//! institution's own people vouch for and that said yes. A manager's report is of his groups and for himself.

pub mod calendar;
mod commands;
mod input;
mod people;
mod queries;
mod rows;
pub mod runs;
mod tokens;
mod values;

pub use commands::{change, create, may_read, pause, remove, resume};
pub use input::{NewRecipient, NewReport, ReportChange};
pub use people::{Asked, Question, add_recipient, ask_again, confirm, confirmation, leave, remove_recipient};
pub use queries::{get, list, recipients};
pub use rows::{LastRun, Recipient, Report};
pub use tokens::Tokens;
pub use values::{At, CsvForm, QuietHours, Weekday, ZoneOf};

use stoa_core::{Ability, Role, words};

/// Most recipients of a report.
pub const RECIPIENTS_MAX: usize = 50;

words! {
    /// Names what a report tells of.
    ReportKind {
        /// The whole institution.
        Institution = "institution",
        /// The groups of each recipient, who is a manager.
        Groups = "groups",
    }
}

words! {
    /// Names how long a report's periods are.
    ReportEvery {
        /// From Monday to Sunday.
        Week = "week",
        /// From the first to the last.
        Month = "month",
    }
}

words! {
    /// Names whether a report is sent.
    ReportStatus {
        /// It is.
        Active = "active",
        /// Not until somebody resumes it.
        Paused = "paused",
    }
}

words! {
    /// Names whether a recipient gets a report.
    RecipientStatus {
        /// Not until the person says yes.
        Unconfirmed = "unconfirmed",
        /// Yes.
        Active = "active",
        /// No more: the person said so.
        Unsubscribed = "unsubscribed",
    }
}

words! {
    /// Names what became of a report for one recipient and one period.
    RunStatus {
        /// Its letter is about to be sent.
        Promised = "promised",
        /// The mail server took the letter.
        Sent = "sent",
        /// The mail server refused it for good.
        Refused = "refused",
        /// It was sent and came back.
        Bounced = "bounced",
        /// Its address is suspended.
        Suspended = "suspended",
        /// It was given up.
        Failed = "failed",
        /// Nothing happened in the period, so nothing was sent.
        Empty = "empty",
        /// It was not sent, for a reason.
        Skipped = "skipped",
    }
}

words! {
    /// Names why a report was not sent to somebody.
    #[schemars(rename = "ReportSkipReason")]
    SkipReason {
        /// The person is no active member any more.
        Left = "left",
        /// The person's role does not let the figures be read any more.
        RoleLost = "role_lost",
        /// Nothing is sent to the address.
        AddressSuspended = "address_suspended",
        /// The person wanted no more.
        Unsubscribed = "unsubscribed",
        /// The report was paused meanwhile.
        Paused = "paused",
    }
}

impl ReportKind {
    /// May somebody with this role get it.
    pub fn suits(self, role: Role) -> bool {
        match self {
            Self::Institution => role != Role::Manager && role.abilities().contains(&Ability::AnalyticsRead),
            Self::Groups => role == Role::Manager,
        }
    }
}
