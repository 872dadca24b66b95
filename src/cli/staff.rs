//! `stoa staff`: who may pass the doors of support. Only on the command line, so that nobody becomes one over the network.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, SecondsFormat, Utc};
use stoa_core::{
    clock::SystemClock,
    db::{Db, DbOptions, HouseTx},
    events::Handoff,
    staff::{self, LogLine, Member, NewStaff},
    tokens::TokenStatus,
};
use tokio::task::spawn_blocking;

use super::{args::StaffVerb, jobs::migrated, say};
use crate::config::Config;

pub(super) async fn run(config: &Config, verb: StaffVerb) -> anyhow::Result<()> {
    let config = config.clone();
    // Kept to the end: a private cluster runs as long as this lives.
    let database = spawn_blocking(move || migrated(&config)).await??;
    let options = DbOptions { app_connections: 1, relay_connections: 1, wait: Duration::from_secs(10) };
    let db = Db::new(database.endpoint(), &options, Arc::new(SystemClock), Handoff::none())?;
    let mut tx = db.house().await?;
    let said = perform(&mut tx, verb).await?;
    tx.commit().await?;
    // Said behind the commit: a token that is shown works.
    said.iter().for_each(say::line);
    db.close();
    spawn_blocking(move || drop(database)).await?;
    Ok(())
}

/// Does it, and answers the lines to be printed.
async fn perform(tx: &mut HouseTx, verb: StaffVerb) -> anyhow::Result<Vec<String>> {
    match verb {
        StaffVerb::Add { email, name, role, expires_days } => {
            let hired = staff::hire(tx, NewStaff { email, name, role, expires_days })
                .await
                .map_err(|error| in_words(&error))?;
            let Member { id, name, role, .. } = &hired.member;
            let until = hired.member.expires_at.map(|end| format!(" until {}", time(end))).unwrap_or_default();
            // Beside the token and not before it, so that a script can take the token alone.
            say::complain(format_args!("{id} {name}, {}{until}. The token is shown this once:", role.as_str()));
            Ok(vec![hired.token.expose().to_owned()])
        }
        StaffVerb::List => {
            let now = tx.now();
            let head = format!("{:<32}{:<10}{:<9}{:<22}EMAIL", "STAFF", "ROLE", "STATUS", "LAST USED");
            let members = staff::list(tx).await?;
            Ok(std::iter::once(head).chain(members.iter().map(|member| line(member, now))).collect())
        }
        StaffVerb::Revoke { id } => {
            staff::revoke(tx, id).await.map_err(|error| in_words(&error))?;
            Ok(vec![format!("{id} is revoked")])
        }
        StaffVerb::ResetSecondFactor { id } => {
            staff::reset_second_factor(tx, id).await.map_err(|error| in_words(&error))?;
            Ok(vec![format!("{id} has no second factor any more, and no session")])
        }
        StaffVerb::Log { id } => {
            let head = format!("{:<22}{:<32}{:<36}FROM", "AT", "STAFF", "ACTION");
            let lines = staff::log(tx, id).await?;
            Ok(std::iter::once(head).chain(lines.iter().map(log_line)).collect())
        }
    }
}

fn line(member: &Member, now: DateTime<Utc>) -> String {
    let Member { id, email, role, last_used_at, .. } = member;
    let status = word(member.status(now));
    let used = last_used_at.map_or_else(|| "never".to_owned(), time);
    format!("{:<32}{:<10}{status:<9}{used:<22}{email}", id.to_string(), role.as_str())
}

fn log_line(line: &LogLine) -> String {
    let from = line.address.as_deref().unwrap_or("the command line");
    format!("{:<22}{:<32}{:<36}{from}", time(line.at), line.staff.to_string(), line.action)
}

const fn word(status: TokenStatus) -> &'static str {
    match status {
        TokenStatus::Active => "active",
        TokenStatus::Expiring => "expiring",
        TokenStatus::Expired => "expired",
        TokenStatus::Revoked => "revoked",
    }
}

/// The faults, for a person who has no body to look a pointer up in.
pub(super) fn in_words(error: &stoa_core::Error) -> anyhow::Error {
    if error.fields().is_empty() {
        return anyhow::anyhow!("{}", error.outside());
    }
    let faults =
        error.fields().iter().map(|fault| format!("{}: {}", fault.pointer.trim_start_matches('/'), fault.detail));
    anyhow::anyhow!("{}", faults.collect::<Vec<_>>().join("; "))
}

fn time(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Secs, true)
}
