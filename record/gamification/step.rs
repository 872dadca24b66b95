//! A step behind learners' activity: dates, points, scores, streaks and achievements of all of it at once.
//!
//! The step of an institution is the only one that counts there ([`super::lock`]), so what it reads holds until it
//! writes. However many learners it is of, it takes some fifteen statements.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use stoa_core::{
    Id, Key, Result,
    db::TenantTx,
    institutions::{self, Institution},
};
use uuid::Uuid;

use super::{
    boards::{ALL_TIME, Calendar, Gain, LATE, Period, Scores},
    completed::completed,
    lock,
    players::{self, Change, Player, Players},
    rules::Deed,
    settings::{Settings, settings},
    tell::{self, News},
    unlock,
    xp::{self, Claim},
};
use crate::following::{Activity, Follower, Object};

/// Follows learners' activity for the game.
#[derive(Debug, Clone, Copy, Default)]
pub struct GameFollower;

impl Follower for GameFollower {
    const NAME: &'static str = "gamification";

    async fn take(&self, tx: &mut TenantTx, activities: &[Activity]) -> Result<()> {
        lock(tx).await?;
        let settings = settings(tx).await?;
        if !settings.enabled {
            return Ok(());
        }
        let learned: Vec<Activity> = activities.iter().filter(|activity| activity.is_learning()).cloned().collect();
        let learners: BTreeSet<Uuid> = learned.iter().map(|activity| activity.user_id.uuid()).collect();
        if learners.is_empty() {
            return Ok(());
        }
        let tenant = tx.tenant();
        let institution = institutions::own(tx, &Key::Id(tenant)).await?;
        let learners: Vec<Uuid> = learners.into_iter().collect();
        let mut players = players::load(tx, &learners, &institution).await?;
        count(tx, (&learned, &settings, &institution), &mut players).await
    }
}

async fn count(
    tx: &mut TenantTx,
    (learned, settings, institution): (&[Activity], &Settings, &Institution),
    players: &mut Players,
) -> Result<()> {
    let now = tx.now();
    let mut calendar = Calendar::read(tx, institution).await?;
    let mut scores = Scores::default();
    let done = completed(tx, learned).await?;
    let claims = claims(learned, &done, players);
    for activity in learned {
        spend(activity, (now, &mut calendar), &mut scores);
    }
    let awarded = xp::award(tx, (claims, settings), players, (&mut calendar, &mut scores)).await?;
    let mut news: BTreeMap<Uuid, News> = refold(players, settings, now);
    for one in awarded {
        let is_told = now - one.claim.at <= LATE && one.amount != 0;
        if let Some(of) = news.get_mut(&one.claim.user).filter(|_| is_told) {
            of.awarded.push(one);
        }
    }
    let active: BTreeSet<Uuid> = learned
        .iter()
        .filter(|activity| now - when(activity) <= LATE)
        .map(|activity| activity.user_id.uuid())
        .collect();
    let sources: BTreeMap<Uuid, &str> =
        learned.iter().map(|activity| (activity.user_id.uuid(), activity.client_id.as_str())).collect();
    for (user, tier) in unlock::unlock(tx, players, &sources).await? {
        // What a file of last year's activity unlocks is there to be seen, and told to nobody.
        if let Some(of) = news.get_mut(&user).filter(|_| active.contains(&user)) {
            of.unlocked.push(tier);
        }
    }
    calendar.write(tx).await?;
    scores.write(tx).await?;
    tell::tell(tx, players, news).await?;
    players::save(tx, players).await
}

/// When an activity counts as done: nobody did it later than it was told.
fn when(activity: &Activity) -> DateTime<Utc> {
    activity.occurred_at.min(activity.received_at)
}

/// Takes each activity down on its date, and names what rules may give points for.
fn claims(learned: &[Activity], done: &[(usize, Deed, Uuid)], players: &mut Players) -> Vec<Claim> {
    let mut claims = Vec::new();
    let mut done = done.iter().peekable();
    for (place, activity) in learned.iter().enumerate() {
        let Some(player) = players.get_mut(&activity.user_id.uuid()) else { continue };
        let at = when(activity);
        let (date, zone) = player.act(at, activity.received_at);
        let mut claim = |deed: Deed, once: String| {
            if let Some(rule) = deed.rule() {
                let (user, source) = (activity.user_id.uuid(), activity.client_id.clone());
                claims.push(Claim { user, rule, source, once, at, date, zone });
            }
        };
        claim(Deed::ActiveDay, date.to_string());
        if let (Object::Item(item), true) = (activity.object, activity.score.is_some_and(|score| score >= 1.0)) {
            claim(Deed::PerfectScore, item.uuid().to_string());
        }
        while let Some((_, deed, object)) = done.next_if(|(of, ..)| *of <= place) {
            claim(*deed, object.to_string());
        }
    }
    claims
}

/// Reported time counts for the scores.
fn spend(activity: &Activity, (now, calendar): (DateTime<Utc>, &mut Calendar), scores: &mut Scores) {
    if activity.seconds <= 0 {
        return;
    }
    let (at, user) = (when(activity).min(now), activity.user_id.uuid());
    let gain = (Gain::Seconds(activity.seconds), at);
    for period in [Period::Week, Period::Month] {
        if let Some(starts_on) = calendar.place(period, at) {
            scores.add((period, starts_on), user, gain);
        }
    }
    scores.add((Period::All, ALL_TIME), user, gain);
}

/// Folds the streaks of learners anew.
pub(super) fn refold(players: &mut Players, settings: &Settings, now: DateTime<Utc>) -> BTreeMap<Uuid, News> {
    let fold = |player: &mut Player| -> (Uuid, News) {
        let change: Change = player.refold(settings, now);
        (player.user, News { change, ..News::default() })
    };
    players.values_mut().map(fold).collect()
}

/// The id of a learner.
pub(super) const fn learner(user: Uuid) -> Id<stoa_core::id::User> {
    Id::from_uuid(user)
}
