//! Leaderboards as they are shown.

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use stoa_core::{Id, db::PageRequest, id};
use stoa_record::gamification::{
    Names,
    boards::{Asked, Board, LEAST, Metric, Own, Period, Span, Standing, Team, Teams},
};

use super::BoardScope;

/// A page of a leaderboard.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Leaderboard")]
pub(in super::super) struct BoardView {
    /// When it was read.
    pub(in super::super) as_of: DateTime<Utc>,
    /// Who stands on it.
    pub(in super::super) scope: BoardScope,
    /// The group, where it is of one.
    pub(in super::super) group_id: Option<Id<id::Group>>,
    /// What it counts; `time` is in seconds.
    pub(in super::super) metric: Metric,
    /// What it counts over.
    pub(in super::super) period: PeriodView,
    /// How people are named on it.
    pub(in super::super) names: Names,
    /// How many stand on it; null where they are too few to be shown.
    pub(in super::super) participants: Option<i64>,
    /// Fewer than five stand on it, so nobody is shown.
    pub(in super::super) suppressed: bool,
    /// People, the first first; equal scores by the time at which they were reached, then by id.
    pub(in super::super) rows: Vec<RowView>,
    /// Groups, by the mean of their active learners; those of fewer than five are left out.
    pub(in super::super) teams: Vec<TeamView>,
    /// Which page it is.
    pub(in super::super) page: PageView,
    /// The caller, whatever the page; null for an integration and for teams.
    pub(in super::super) me: Option<OwnView>,
}

/// What a leaderboard counts over.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "LeaderboardPeriod")]
pub(in super::super) struct PeriodView {
    /// What kind of period.
    kind: Period,
    /// First date; null for all time. A week begins on Monday.
    starts_on: Option<NaiveDate>,
    /// Last date, itself within; null for all time.
    ends_on: Option<NaiveDate>,
    /// First instant after it; null for all time.
    ends_at: Option<DateTime<Utc>>,
    /// IANA zone of the dates: the institution's, one for all.
    time_zone: String,
    /// When it was frozen; null while things may still count in it, until six hours after its end.
    frozen_at: Option<DateTime<Utc>>,
}

/// Somebody's place.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "LeaderboardRow")]
pub(in super::super) struct RowView {
    /// From 1; equal scores have equal ranks, and the next rank counts all before it.
    rank: i64,
    /// Somebody else has the same score.
    tied: bool,
    /// The learner; null for whoever may not read the game of others.
    user_id: Option<Id<id::User>>,
    /// As the institution wants people to be named; null for not at all.
    name: Option<String>,
    /// The score.
    value: i64,
    /// When it was reached.
    reached_at: DateTime<Utc>,
    /// It is the caller.
    is_me: bool,
}

/// A group's place.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "LeaderboardTeam")]
pub(in super::super) struct TeamView {
    /// From 1; equal means have equal ranks.
    rank: i64,
    /// Another group has the same mean.
    tied: bool,
    /// The group.
    group_id: Id<id::Group>,
    /// What it is called.
    name: String,
    /// Active learners in it, those who did nothing too.
    members: i64,
    /// Sum of what they reached.
    total: i64,
    /// The sum over the members, to a hundredth.
    mean_per_member: f64,
}

/// A page.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "LeaderboardPage")]
pub(in super::super) struct PageView {
    /// Which one, from 1.
    current: i64,
    /// Rows on a page.
    per_page: i64,
    /// Rows of all pages.
    total: i64,
}

/// The caller's own place.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "LeaderboardMe")]
pub(in super::super) struct OwnView {
    /// The score.
    value: i64,
    /// The rank that it has, or would have for who opted out; null without a score, for staff, and where too few stand there.
    rank: Option<i64>,
    /// Somebody else has the same score.
    tied: bool,
    /// The caller does not want to stand on leaderboards.
    opted_out: bool,
    /// The two before and the two after, and the caller among them.
    neighbours: Vec<RowView>,
}

/// Whether somebody stands on leaderboards.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "LeaderboardOptOut")]
pub(in super::super) struct OptOutView {
    /// The person.
    pub(in super::super) user_id: Id<id::User>,
    /// He does not.
    pub(in super::super) opted_out: bool,
}

impl BoardView {
    pub(super) fn of_people(board: Board, (scope, asked): (BoardScope, &Asked), may_read: bool) -> Self {
        let suppressed = board.is_suppressed();
        let row = |one: Standing| RowView::of(one, (asked.own, may_read));
        let total = if suppressed { 0 } else { board.participants };
        Self {
            scope,
            group_id: asked.group,
            participants: (!suppressed).then_some(board.participants),
            suppressed,
            rows: board.rows.into_iter().map(row).collect(),
            page: PageView::of(asked.page, total),
            me: board.own.map(|own| OwnView::of(own, row)),
            ..Self::empty(&board.span, asked)
        }
    }

    pub(super) fn of_teams(teams: Teams, asked: &Asked) -> Self {
        let total = teams.paged.total;
        Self {
            participants: Some(total),
            teams: teams.paged.rows.into_iter().map(TeamView::of).collect(),
            page: PageView::of(asked.page, total),
            ..Self::empty(&teams.span, asked)
        }
    }

    pub(in super::super) fn empty(span: &Span, asked: &Asked) -> Self {
        Self {
            as_of: DateTime::UNIX_EPOCH,
            scope: BoardScope::Teams,
            group_id: None,
            metric: asked.metric,
            period: PeriodView::of(span),
            names: asked.names,
            participants: None,
            suppressed: false,
            rows: Vec::new(),
            teams: Vec::new(),
            page: PageView::of(asked.page, 0),
            me: None,
        }
    }
}

impl PeriodView {
    fn of(span: &Span) -> Self {
        let ends_on = span.ends_at.map(|end| span.zone.date(end - chrono::TimeDelta::microseconds(1)));
        Self {
            kind: span.period,
            starts_on: span.ends_at.map(|_| span.starts_on),
            ends_on,
            ends_at: span.ends_at,
            time_zone: span.zone.name().to_owned(),
            frozen_at: span.closed_at,
        }
    }
}

impl RowView {
    pub(in super::super) fn of(one: Standing, (own, may_read): (Option<Id<id::User>>, bool)) -> Self {
        let is_me = own == Some(one.user_id);
        Self {
            rank: one.rank,
            tied: one.tied,
            user_id: (may_read || is_me).then_some(one.user_id),
            name: one.name,
            value: one.value,
            reached_at: one.reached_at,
            is_me,
        }
    }
}

impl TeamView {
    pub(in super::super) fn of(team: Team) -> Self {
        Self {
            rank: team.rank,
            tied: team.tied,
            group_id: team.group_id,
            name: team.name,
            members: team.members,
            total: team.total,
            mean_per_member: team.mean,
        }
    }
}

impl PageView {
    pub(in super::super) const fn of(request: PageRequest, total: i64) -> Self {
        Self { current: request.page, per_page: request.per_page, total }
    }
}

impl OwnView {
    pub(in super::super) fn of(own: Own, row: impl Fn(Standing) -> RowView) -> Self {
        Self {
            value: own.value,
            rank: own.rank.map(|(rank, _)| rank),
            tied: own.rank.is_some_and(|(_, tied)| tied),
            opted_out: own.opted_out,
            neighbours: own.neighbours.into_iter().map(row).collect(),
        }
    }
}

/// With fewer than this nothing is shown; the words of the documentation say so.
const _: () = assert!(LEAST == 5, "`suppressed` and `teams` speak of five");
