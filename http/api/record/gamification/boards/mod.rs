//! Leaderboards, and who does not want to stand on them.

mod views;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_core::{Ability, Code, Error, Id, Key, Result, Scope, db::TenantTx, groups, id, institutions, members};
use stoa_record::gamification::{
    self,
    boards::{self, Metric, Period},
};

pub(super) use views::{BoardView, OptOutView, OwnView, PageView, RowView};

use super::TAG;
use crate::{
    body::Body,
    doors::{Call, Data, Door, NoPath, NoQuery},
    page::{PageNumber, PerPage, asked},
};

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::get("/api/gamification/leaderboard", show)
            .named(
                "getLeaderboard",
                TAG,
                "Shows who has most points, time or lessons in a week, a month or all time, and the caller's own place; tokens \
                 of integrations need `gamification:read`",
            )
            .errors(&[Code::AbilityMissing]),
        Door::put("/api/gamification/leaderboard/opt-out", set_opt_out)
            .named(
                "setLeaderboardOptOut",
                TAG,
                "Takes the caller off the leaderboards, or lets him stand there again; for others it needs `members:write`",
            )
            .errors(&[Code::AbilityMissing, Code::SubjectRequired]),
    ]
}

/// Names who stands on a leaderboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "LeaderboardScope")]
pub(super) enum BoardScope {
    /// Everybody of the institution; for somebody who leads groups, the people of his groups.
    Institution,
    /// The people of a group.
    Group,
    /// Groups, by the mean of their people.
    Teams,
}

/// Which board.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// Who stands on it; `institution` if left out, and `group` if a group is named.
    #[serde(default)]
    scope: Option<BoardScope>,
    /// The group or cohort: its id, or `external_id:` and the institution's own key. Whoever may not read the game of
    /// others names a group of his own.
    #[serde(default)]
    group: Option<Key<id::Group>>,
    /// What it counts over; `week` if left out. A week begins on Monday, in the institution's zone.
    #[serde(default)]
    period: Option<Period>,
    /// A date in the period; the one that goes on if left out.
    #[serde(default)]
    date: Option<NaiveDate>,
    /// What it counts; `xp` if left out.
    #[serde(default)]
    metric: Option<Metric>,
    #[serde(default)]
    page: PageNumber,
    #[serde(default)]
    per_page: PerPage,
}

/// Whether somebody stands on leaderboards.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct OptOut {
    /// Id of the person, e-mail address, or `external_id:` and the institution's own key; the caller if left out.
    #[serde(default)]
    user: Option<Key<id::User>>,
    /// He does not want to stand there. He still sees his own rank.
    opted_out: bool,
}

impl Body for OptOut {
    fn example() -> Value {
        json!({ "opted_out": true })
    }
}

async fn show(call: Call<NoPath, Asked>) -> Result<Data<BoardView>> {
    let Asked { scope, group, period, date, metric, page, per_page } = call.query;
    let may_read = call.scope.may(Ability::GamificationRead);
    if call.scope.person().is_none() && !may_read {
        return Err(Error::new(Code::AbilityMissing, "the token lacks the ability gamification:read"));
    }
    let of = scope.unwrap_or(if group.is_some() { BoardScope::Group } else { BoardScope::Institution });
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let settings = gamification::settings(&mut tx).await?;
    if !(settings.enabled && settings.leaderboards) {
        return Err(Error::not_found("leaderboard"));
    }
    let group = match (of, group) {
        (BoardScope::Group, Some(key)) => Some(group_of(&mut tx, &call.scope, &key).await?),
        (BoardScope::Group, None) => {
            return Err(Error::invalid_field("?group", "required", "wanted the group whose board it is"));
        }
        (_, Some(_)) => return Err(Error::invalid_field("?group", "value", "a group belongs to `scope=group` alone")),
        (_, None) => None,
    };
    let institution = institutions::own(&mut tx, &Key::Id(call.scope.tenant)).await?;
    let asked = boards::Asked {
        period: period.unwrap_or(Period::Week),
        date,
        metric: metric.unwrap_or(Metric::Xp),
        group,
        own: call.scope.person(),
        page: asked(page, per_page),
        names: settings.names,
    };
    let view = if of == BoardScope::Teams {
        BoardView::of_teams(boards::teams(&mut tx, &institution, &asked).await?, &asked)
    } else {
        let board = boards::board(&mut tx, &institution, asked.clone()).await?;
        BoardView::of_people(board, (of, &asked), may_read)
    };
    Ok(Data(BoardView { as_of: tx.now(), ..view }))
}

/// The group of a key, of which whoever may not read the game of others has to be himself.
async fn group_of(tx: &mut TenantTx, scope: &Scope, key: &Key<id::Group>) -> Result<Id<id::Group>> {
    let group = groups::get(tx, key).await?.id;
    if let (Some(person), false) = (scope.person(), scope.may(Ability::GamificationRead)) {
        // His groups behind the bits right before the group's begin with that group, if he is in it.
        let before = uuid::Uuid::from_u128(group.uuid().as_u128().saturating_sub(1));
        let found = groups::of_member(tx, person, (Some(before), 1)).await?;
        if !found.iter().any(|one| one.id == group) {
            return Err(Error::not_found("group"));
        }
    }
    Ok(group)
}

async fn set_opt_out(call: Call<NoPath, NoQuery, OptOut>) -> Result<Data<OptOutView>> {
    let OptOut { user, opted_out } = call.body;
    let scope = &call.scope;
    let mut tx = call.app.db.tenant(scope).await?;
    let key = match (user, scope.person()) {
        (Some(key), _) => key,
        (None, Some(person)) => person.into(),
        (None, None) => {
            return Err(Error::new(Code::SubjectRequired, "a token of an integration has to name a user"));
        }
    };
    let found = members::find(&mut tx, &key).await?;
    let is_own = found.as_ref().is_some_and(|member| scope.person() == Some(member.id));
    if !is_own && !scope.may(Ability::MembersWrite) {
        return Err(Error::new(Code::AbilityMissing, "to take others off the leaderboards needs members:write"));
    }
    let member = found.ok_or_else(|| Error::not_found("member"))?;
    boards::set_opt_out(&mut tx, member.id, opted_out.into()).await?;
    tx.commit().await?;
    Ok(Data(OptOutView { user_id: member.id, opted_out }))
}
