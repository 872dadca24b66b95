//! Groups on courses and learning paths.
//!
//! # Rule
//! A group on a course is a standing promise: whoever joins the group later is put on the course too, and `everyone`
//! means also those who come later. Thousands are put on it a handful at a time, each handful in a transaction of its
//! own, and a handful that is done twice changes nothing.
//!
//! Not here: taking off again (`sweep`), and who promises the next handful (`stoa-jobs`).

use std::sync::Arc;

use diesel::{
    QueryableByName,
    sql_types::{BigInt, Bool, Nullable, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{
    Enrolling, Goal, Target,
    commands::{by_name, newcomers},
    enrol,
    goal::{goals, targets_of},
    sweep,
};
use crate::{
    audit::Entry,
    db::{TenantTx, failed, sql},
    error::Result,
    groups::{self, Group},
    id::{self, Id},
    members::{Member, member_columns},
    progress,
    scope::Scope,
};

/// Enrolments of one handful: learners times courses.
const HANDFUL: usize = 500;

const PUT: &str =
    "INSERT INTO group_enrolments (tenant_id, group_id, target_id, course_id, path_id, enrolled_by, created_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
/// Of somebody who joins a group and somebody who puts the group on a course, one waits here and then sees the other.
const JOIN_ALONE: &str = "SELECT FROM groups WHERE tenant_id = $1 AND id = $2 FOR SHARE";
const ENROL_ALONE: &str = "SELECT FROM groups WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE";

const TAKE_OFF: &str = "DELETE FROM group_enrolments WHERE tenant_id = $1 AND group_id = $2 AND target_id = $3";

/// Who is put on something, and whose next handful is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wave {
    /// A group on a course or a path.
    Group(Id<id::Group>, Target),
    /// All that are on a path, on the courses that it has now.
    Path(Id<id::LearningPath>),
}

/// Puts a group on a course or a learning path, and its first handful with it. Answers after whom to go on, if there
/// may be more.
///
/// # Errors
/// As the database says.
pub async fn enrol_group(tx: &mut TenantTx, scope: &Scope, goal: &Goal, group: &Group) -> Result<Option<Id<id::User>>> {
    hold(tx, ENROL_ALONE, group.id).await?;
    let enrolling = by_name(tx, scope, goal).await?;
    let (tenant, now) = (tx.tenant(), tx.now());
    let put = sql(PUT)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(group.id)
        .bind::<SqlUuid, _>(goal.target.uuid())
        .bind::<Nullable<SqlUuid>, _>(goal.target.course())
        .bind::<Nullable<SqlUuid>, _>(goal.target.path())
        .bind::<Nullable<SqlUuid>, _>(enrolling.enrolled_by.as_ref().map(|(person, _)| person.uuid()))
        .bind::<Timestamptz, _>(now);
    let is_new = put.execute(tx.connection()).await.map_err(failed)? > 0;
    if is_new {
        tx.audit(Entry::of("group_enrollment.created", group.id).is(goal.target.told()));
    }
    hand(tx, goal, (group, is_new), enrolling, None).await
}

/// Takes a group off again. Answers whether it was on it; whom nothing keeps there is left to `sweep`.
///
/// # Errors
/// As the database says.
pub async fn remove_group(tx: &mut TenantTx, target: Target, group: Id<id::Group>) -> Result<bool> {
    let tenant = tx.tenant();
    let taken = sql(TAKE_OFF).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(group).bind::<SqlUuid, _>(target.uuid());
    let was_on = taken.execute(tx.connection()).await.map_err(failed)? > 0;
    if was_on {
        tx.audit(Entry::of("group_enrollment.removed", group).was(target.told()));
    }
    Ok(was_on)
}

/// Puts the next handful of a wave on what it is for; nothing once the group was taken off. Answers after whom to go on,
/// if there may be more.
///
/// # Errors
/// As the database says.
pub async fn spread(tx: &mut TenantTx, wave: Wave, after: Option<Id<id::User>>) -> Result<Option<Id<id::User>>> {
    let scope = Scope::house(tx.tenant());
    match wave {
        Wave::Group(group, target) => {
            if !targets_of(tx, group).await?.contains(&target) {
                return Ok(None);
            }
            let (Some(group), Some(goal)) = (groups::find_by_id(tx, group).await?, goals(tx, &[target]).await?.pop())
            else {
                return Ok(None);
            };
            let enrolling = by_name(tx, &scope, &goal).await?;
            hand(tx, &goal, (&group, false), enrolling, after).await
        }
        Wave::Path(path) => {
            let Some(goal) = goals(tx, &[Target::Path(path)]).await?.pop() else { return Ok(None) };
            let learners = learners_of_path(tx, path, (after, size(&goal))).await?;
            let next = next(&learners, size(&goal));
            let enrolling =
                Enrolling { learners: facts(&learners), derived: true, ..by_name(tx, &scope, &goal).await? };
            enrol(tx, &enrolling).await?;
            Ok(next)
        }
    }
}

/// Puts people who have just joined a group on all that the group is on.
pub(crate) async fn joined(tx: &mut TenantTx, scope: &Scope, group: &Group, people: &[Member]) -> Result<()> {
    if people.is_empty() {
        return Ok(());
    }
    hold(tx, JOIN_ALONE, group.id).await?;
    let targets = targets_of(tx, group.id).await?;
    if targets.is_empty() {
        return Ok(());
    }
    let goals = goals(tx, &targets).await?;
    for goal in &goals {
        let by_name = by_name(tx, scope, goal).await?;
        let enrolling = Enrolling { learners: facts(people), derived: true, ..by_name };
        let enrolled = enrol(tx, &enrolling).await?;
        let users = newcomers(&enrolling, &enrolled);
        if !users.is_empty() {
            let by = enrolling.enrolled_by.as_ref().map(|(_, facts)| Arc::clone(facts));
            goal.act(vec![group.facts()], by, enrolling.at).announce(tx, &users);
        }
    }
    Ok(())
}

/// Takes somebody who has left a group off the courses that nothing else gives him.
pub(crate) async fn left(tx: &mut TenantTx, courses: &[Id<id::Course>], member: Id<id::User>) -> Result<()> {
    let tenant = tx.tenant();
    progress::lock_learners(tx, &[(tenant, member.uuid())]).await?;
    sweep::sweep_learner(tx, courses, member).await
}

async fn hold(tx: &mut TenantTx, text: &'static str, group: Id<id::Group>) -> Result<()> {
    let tenant = tx.tenant();
    let held = sql(text).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(group);
    held.execute(tx.connection()).await.map_err(failed)?;
    Ok(())
}

async fn hand(
    tx: &mut TenantTx,
    goal: &Goal,
    (group, is_new): (&Group, bool),
    enrolling: Enrolling,
    after: Option<Id<id::User>>,
) -> Result<Option<Id<id::User>>> {
    let learners = learners_of_group(tx, group, (after, size(goal))).await?;
    let next = next(&learners, size(goal));
    let enrolling = Enrolling { learners: facts(&learners), derived: true, ..enrolling };
    let enrolled = enrol(tx, &enrolling).await?;
    let users = newcomers(&enrolling, &enrolled);
    if is_new || !users.is_empty() {
        let by = enrolling.enrolled_by.as_ref().map(|(_, facts)| Arc::clone(facts));
        goal.act(vec![group.facts()], by, enrolling.at).announce(tx, &users);
    }
    Ok(next)
}

/// Learners of a handful on all courses of a goal.
fn size(goal: &Goal) -> usize {
    HANDFUL.checked_div(goal.courses.len()).unwrap_or(HANDFUL).max(10)
}

fn next(learners: &[Member], size: usize) -> Option<Id<id::User>> {
    learners.last().filter(|_| learners.len() == size).map(|last| last.id)
}

fn facts(learners: &[Member]) -> Vec<(Id<id::User>, Arc<stoa_protocols::event::UserFacts>)> {
    learners.iter().map(|member| (member.id, member.facts())).collect()
}

macro_rules! members_after {
    ($whose:literal) => {
        concat!(
            "SELECT ",
            member_columns!(),
            " FROM users u JOIN memberships m ON m.tenant_id = u.tenant_id AND m.user_id = u.id
              WHERE u.tenant_id = $1 AND m.status <> 'removed' AND ($3 IS NULL OR u.id > $3)",
            $whose,
            " ORDER BY u.id LIMIT $4"
        )
    };
}
const EVERYONE: &str = members_after!(" AND $2 IS NOT NULL");
const OF_GROUP: &str = members_after!(
    " AND u.id IN (SELECT gm.user_id FROM group_members gm WHERE gm.tenant_id = $1 AND gm.group_id = $2)"
);
const OF_PATH: &str = members_after!(
    " AND u.id IN (SELECT pe.user_id FROM path_enrolments pe WHERE pe.tenant_id = $1 AND pe.path_id = $2 UNION ALL
        SELECT gm.user_id FROM group_enrolments ge
        JOIN group_members gm ON gm.tenant_id = ge.tenant_id AND gm.group_id = ge.group_id
        WHERE ge.tenant_id = $1 AND ge.target_id = $2)"
);
const EVERYONE_ON_PATH: &str = "SELECT EXISTS (SELECT FROM group_enrolments ge
  JOIN groups g ON g.tenant_id = ge.tenant_id AND g.id = ge.group_id
  WHERE ge.tenant_id = $1 AND ge.target_id = $2 AND g.everyone) AS holds";

type Place = (Option<Id<id::User>>, usize);

async fn learners_of_group(tx: &mut TenantTx, group: &Group, place: Place) -> Result<Vec<Member>> {
    members_after(tx, if group.everyone { EVERYONE } else { OF_GROUP }, group.id.uuid(), place).await
}

async fn learners_of_path(tx: &mut TenantTx, path: Id<id::LearningPath>, place: Place) -> Result<Vec<Member>> {
    #[derive(QueryableByName)]
    struct Holds {
        #[diesel(sql_type = Bool)]
        holds: bool,
    }
    let tenant = tx.tenant();
    let asked = sql(EVERYONE_ON_PATH).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(path);
    let row: Holds = asked.get_result(tx.connection()).await.map_err(failed)?;
    members_after(tx, if row.holds { EVERYONE } else { OF_PATH }, path.uuid(), place).await
}

async fn members_after(
    tx: &mut TenantTx,
    text: &'static str,
    whose: Uuid,
    (after, limit): Place,
) -> Result<Vec<Member>> {
    let tenant = tx.tenant();
    sql(text)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(whose)
        .bind::<Nullable<SqlUuid>, _>(after.map(Id::uuid))
        .bind::<BigInt, _>(i64::try_from(limit).unwrap_or(i64::MAX))
        .load(tx.connection())
        .await
        .map_err(failed)
}
