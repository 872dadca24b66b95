//! What the command line may say.

use std::path::PathBuf;

use clap::{
    Args, Parser, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser},
};
use stoa_core::{
    Id, TenantId,
    id::{Job, Staff},
    institutions::InstitutionStatus,
    staff::StaffRole,
};
use stoa_jobs::{Queue, queue::operate::JobState};

use crate::config::Environment;

/// Stoa: learners' activity goes in, signed webhooks come out.
#[derive(Debug, Parser)]
#[command(name = "stoa", version, about)]
pub struct Cli {
    // Text for the terminal, so without the marks of Markdown.
    #[arg(
        long,
        global = true,
        help = "development, test or production; also STOA__ENVIRONMENT. Without either, a debug build is for \
                development and a release build for production"
    )]
    pub(super) environment: Option<Environment>,
    /// A TOML file with settings that differ from the defaults
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    #[command(subcommand)]
    pub(super) verb: Verb,
}

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Serve the API and do the work behind it, in one process
    All,
    /// Serve the API only; some other process must work
    Serve,
    /// Work only: relay events, deliver webhooks, run jobs
    Work,
    /// Bring the schema up to date; the other roles do it too, at their start
    Migrate {
        /// Run every migration up, down and up again on a throw-away cluster instead
        #[arg(long)]
        rehearse: bool,
    },
    /// Look at the settings
    #[command(subcommand)]
    Config(ConfigVerb),
    /// Look at the queue and mend it
    #[command(subcommand)]
    Jobs(JobsVerb),
    /// Look at the keys that seal secrets at rest, and put everything under a new one
    #[command(subcommand)]
    Secrets(SecretsVerb),
    /// Make institutions, find them, and let them work or not
    #[command(subcommand)]
    Institutions(InstitutionsVerb),
    /// Make the sums of the learning record anew, or prove that they are right
    #[command(subcommand)]
    Record(RecordVerb),
    /// Take people on the platform's staff, who decide on requests of institutions, and let them go
    #[command(subcommand)]
    Staff(StaffVerb),
    /// Play a day of a small school against a running server, receive its webhooks and verify them
    Demo(Demo),
    /// Run a command beside a throw-away, migrated database, which its environment names (PGHOST and others)
    Scratch {
        /// The command and its arguments
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<String>,
    },
}

/// Which server; the one whose demo.json lies in the data folder, if left out.
#[derive(Debug, Args)]
pub(super) struct Demo {
    /// Address of the server, which must be allowed to call loopback
    #[arg(long, value_name = "URL")]
    pub(super) address: Option<String>,
    /// Integration token with an admin's abilities
    #[arg(long)]
    pub(super) token: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(super) enum ConfigVerb {
    /// Print every setting with its value and where it came from; fail if they are not valid
    Check,
}

#[derive(Debug, Subcommand)]
pub(super) enum SecretsVerb {
    /// Put everything sealed under the newest key, while the servers run. A key kept in the data folder is made anew
    /// first; one from the settings is taken as it is
    Rotate,
    /// Count what is sealed by the key that it lies under; fail if a key is missing
    Check,
}

#[derive(Debug, Subcommand)]
pub(super) enum InstitutionsVerb {
    /// Print institutions, the newest first
    List(Found),
    /// Make an institution and invite its first owner; print its id
    Create(NewInstitutionArgs),
    /// Refuse an institution at every door; its jobs and webhooks wait
    Suspend(Step),
    /// Let a suspended institution work again
    Resume(Step),
    /// Begin to close an institution: it is exported, and erased after the usual wait
    Close(Step),
    /// Call the closing of an institution off
    Reopen(Step),
}

/// Which institutions.
#[derive(Debug, Args)]
pub(super) struct Found {
    /// Words, or beginnings of words, of the name, the slug or the external id
    pub(super) q: Option<String>,
    /// Of this status
    #[arg(long, value_parser = statuses())]
    pub(super) status: Option<InstitutionStatus>,
}

/// An institution to be made.
#[derive(Debug, Args)]
pub(super) struct NewInstitutionArgs {
    /// Name, as its people see it
    #[arg(long)]
    pub(super) name: String,
    /// Address of its first owner, who is invited
    #[arg(long)]
    pub(super) admin_email: String,
    /// The operator's own key of it
    #[arg(long)]
    pub(super) external_id: Option<String>,
    /// Language tag; that of the settings if left out
    #[arg(long)]
    pub(super) locale: Option<String>,
    /// IANA time zone; that of the settings if left out
    #[arg(long)]
    pub(super) time_zone: Option<String>,
    /// What it has bought
    #[arg(long)]
    pub(super) plan: Option<String>,
    /// Length of its trial in days, 0 for none; that of the settings if left out
    #[arg(long, value_name = "DAYS")]
    pub(super) trial_days: Option<u32>,
}

/// Which institution, and why.
#[derive(Debug, Args)]
pub(super) struct Step {
    /// Id, number, slug, or `external_id:` and the operator's key
    pub(super) institution: String,
    /// Why, in words that the institution is shown
    #[arg(long)]
    pub(super) reason: String,
}

#[derive(Debug, Subcommand)]
pub(super) enum RecordVerb {
    /// Make a new edition beside the one that is read, while the servers run, and read that from then on
    Rebuild(OfWhich),
    /// Compare what is kept with what the rows come to; print what differs, and fail if anything does
    Verify(OfWhich),
}

/// Of which institutions.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct OfWhich {
    /// Id, number, slug, or `external_id:` and the operator's key
    #[arg(long)]
    pub(super) institution: Option<String>,
    /// One after the other
    #[arg(long)]
    pub(super) all: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum StaffVerb {
    /// Make somebody's token and print it, this once
    Add {
        /// Address, which tells people apart and is never shown to an institution
        #[arg(long)]
        email: String,
        /// Name that institutions are shown; what stands before the @ if left out
        #[arg(long)]
        name: Option<String>,
        /// What the person may do
        #[arg(long, default_value = "support", value_parser = roles())]
        role: StaffRole,
        /// Life of the token in days; no end if left out
        #[arg(long, value_name = "DAYS")]
        expires_days: Option<i64>,
    },
    /// Print who is on the staff, and when each was last here
    List,
    /// Revoke a token; it stops at once, on every server, and its sessions with it
    Revoke {
        /// Whose, stf_… of the list
        #[arg(value_name = "STAFF")]
        id: Id<Staff>,
    },
    /// Take the second factor from somebody who lost it and its recovery codes, and end the sessions
    ResetSecondFactor {
        /// Whose, stf_… of the list
        #[arg(value_name = "STAFF")]
        id: Id<Staff>,
    },
    /// Print what the staff did to their own accounts, newest first
    Log {
        /// Of this person alone, stf_… of the list
        #[arg(value_name = "STAFF")]
        id: Option<Id<Staff>>,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum JobsVerb {
    /// Print how every queue stands, and jobs, newest first
    List {
        #[command(flatten)]
        which: Which,
        /// In this state
        #[arg(long, default_value = "discarded", value_parser = states())]
        state: JobState,
    },
    /// Give discarded jobs their attempts back and make waiting ones due
    Retry {
        #[command(flatten)]
        which: Which,
    },
    /// Give waiting jobs up; they stay in the list of the discarded
    Discard {
        #[command(flatten)]
        which: Which,
        /// Why, for whoever finds them
        #[arg(long, default_value = "from the command line")]
        reason: String,
    },
    /// Stop a queue on every node; jobs that run are finished
    Pause {
        /// The queue
        #[arg(value_parser = queues())]
        queue: Queue,
        /// Why, for whoever finds it paused
        #[arg(long, default_value = "from the command line")]
        reason: String,
    },
    /// Let a paused queue go on
    Resume {
        /// The queue
        #[arg(value_parser = queues())]
        queue: Queue,
    },
}

/// Which jobs; several words narrow it down.
#[derive(Debug, Args)]
pub(super) struct Which {
    /// These jobs, job_…
    #[arg(value_name = "JOB")]
    pub(super) ids: Vec<Id<Job>>,
    /// Those of a queue
    #[arg(long, value_parser = queues())]
    pub(super) queue: Option<Queue>,
    /// Those of a name, such as webhooks/deliver
    #[arg(long)]
    pub(super) name: Option<String>,
    /// Those of an institution, inst_…
    #[arg(long)]
    pub(super) institution: Option<TenantId>,
}

fn queues() -> impl TypedValueParser<Value = Queue> {
    PossibleValuesParser::new(Queue::ALL.iter().map(|queue| queue.as_str())).try_map(|name| name.parse::<Queue>())
}

fn statuses() -> impl TypedValueParser<Value = InstitutionStatus> {
    let known = |name: String| name.parse::<InstitutionStatus>().map_err(|()| "no such status");
    PossibleValuesParser::new(InstitutionStatus::ALL.iter().map(|status| status.as_str())).try_map(known)
}

fn roles() -> impl TypedValueParser<Value = StaffRole> {
    let known = |name: String| name.parse::<StaffRole>().map_err(|()| "no such role");
    PossibleValuesParser::new(StaffRole::ALL.map(StaffRole::as_str)).try_map(known)
}

fn states() -> impl TypedValueParser<Value = JobState> {
    let known = |name: String| JobState::ALL.into_iter().find(|state| state.as_str() == name).ok_or("no such state");
    PossibleValuesParser::new(JobState::ALL.map(JobState::as_str)).try_map(known)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_scratch_command_keeps_its_own_flags() {
        let cli = Cli::parse_from(["stoa", "scratch", "psql", "-c", "SELECT 1"]);
        assert!(matches!(cli.verb, Verb::Scratch { command } if command == ["psql", "-c", "SELECT 1"]));
    }
}
