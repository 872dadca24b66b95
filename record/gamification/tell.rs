//! What is told of the game: one `xp.awarded` for a learner and step, whatever it is for, and an event for each turn of a
//! streak and each tier that was unlocked.
//!
//! # Rule
//! What happened more than a week ago gives points and unlocks tiers in silence, and a streak is told of only while its
//! dates are of these days: a file of last year's activity floods nobody.

use std::{collections::BTreeMap, sync::Arc};

use chrono::{NaiveDate, TimeDelta};
use stoa_core::{
    Id, Key, Result,
    db::TenantTx,
    events::NewEvent,
    members::{self, Member},
};
use stoa_protocols::event::{
    AchievementFacts, EventData, EventType, ObjectKind, StreakFacts, UserFacts, XpEntryFacts, XpFacts,
};
use uuid::Uuid;

use super::{
    players::{Change, Player, Players},
    step::learner,
    unlock::Unlocked,
    xp::Awarded,
};

/// Entries that an event shows.
const SHOWN: usize = 20;
/// Dates of these days.
const DAYS: i64 = 3;

/// What there is to tell of a learner.
#[derive(Debug, Clone, Default)]
pub(super) struct News {
    pub(super) change: Change,
    pub(super) awarded: Vec<Awarded>,
    pub(super) unlocked: Vec<Unlocked>,
}

/// Records the events.
pub(super) async fn tell(tx: &mut TenantTx, players: &mut Players, news: BTreeMap<Uuid, News>) -> Result<()> {
    let now = tx.now();
    let told: Vec<(Uuid, News)> = news
        .into_iter()
        .filter_map(|(user, mut news)| {
            let today = players.get(&user)?.zones.at(now).date(now);
            news.change = news.change.since(today - TimeDelta::days(DAYS));
            Some((user, news)).filter(|(_, news)| !news.is_nothing())
        })
        .collect();
    let keys: Vec<Key<_>> = told.iter().map(|(user, _)| Key::Id(learner(*user))).collect();
    let people = if keys.is_empty() { Vec::new() } else { members::find_all(tx, &keys).await? };
    for ((user, news), member) in told.into_iter().zip(people) {
        if let (Some(player), Some(member)) = (players.get_mut(&user), member) {
            of_one(tx, player, (&member, news));
        }
    }
    Ok(())
}

impl Change {
    /// Of these days alone.
    fn since(mut self, date: NaiveDate) -> Self {
        self.broken = self.broken.filter(|(_, missed)| *missed >= date);
        self.extended = self.extended.filter(|reached| *reached >= date);
        self.frozen.retain(|frozen| *frozen >= date);
        self
    }
}

impl News {
    fn is_nothing(&self) -> bool {
        let change = &self.change;
        let is_still = change.broken.is_none() && change.extended.is_none() && change.frozen.is_empty();
        is_still && self.awarded.is_empty() && self.unlocked.is_empty()
    }
}

fn of_one(tx: &mut TenantTx, player: &mut Player, (member, news): (&Member, News)) {
    let user = member.facts();
    let Change { before, broken, frozen, extended } = news.change;
    if !frozen.is_empty() {
        let data = streak(tx, player, (before.max(player.game.current), before), frozen);
        record(tx, player, (EventType::StreakFrozen, &user), data);
    }
    if let Some((previous, missed)) = broken {
        let data = streak(tx, player, (0, previous), vec![missed]);
        record(tx, player, (EventType::StreakBroken, &user), data);
    }
    if let Some(reached) = extended {
        let previous = if broken.is_some() { 0 } else { before };
        let data = streak(tx, player, (player.game.current, previous), vec![reached]);
        record(tx, player, (EventType::StreakExtended, &user), data);
    }
    if !news.awarded.is_empty() {
        let xp = Some(Box::new(points(player, &news.awarded)));
        record(tx, player, (EventType::XpAwarded, &user), EventData { xp, ..EventData::default() });
    }
    for one in news.unlocked {
        let achievement = Some(Box::new(AchievementFacts {
            key: one.key,
            tier: one.tier.as_str().to_owned(),
            target: one.target,
            unlocked_at: one.unlocked_at,
        }));
        let data = EventData { achievement, ..EventData::default() };
        record(tx, player, (EventType::AchievementUnlocked, &user), data);
    }
}

fn streak(tx: &TenantTx, player: &Player, (current, previous): (i32, i32), dates: Vec<NaiveDate>) -> EventData {
    let streak = Box::new(StreakFacts {
        current: current.into(),
        previous: previous.into(),
        longest: player.game.longest.into(),
        dates,
        tz: player.zones.at(tx.now()).name().to_owned(),
        expires_at: player.game.due_at.filter(|_| current > 0),
        freezes_available: player.game.freezes.into(),
    });
    EventData { streak: Some(streak), ..EventData::default() }
}

fn points(player: &Player, awarded: &[Awarded]) -> XpFacts {
    let entries = awarded.iter().take(SHOWN).map(|one| XpEntryFacts {
        rule: one.claim.rule.key.to_owned(),
        amount: one.amount.into(),
        source: one.claim.source.clone(),
        local_date: one.claim.date,
    });
    XpFacts {
        awarded: awarded.iter().map(|one| i64::from(one.amount)).sum(),
        total: player.game.xp,
        entries: entries.collect(),
        more: i64::try_from(awarded.len().saturating_sub(SHOWN)).unwrap_or(i64::MAX),
    }
}

/// Records an event of a learner's game.
pub(super) fn record(
    tx: &mut TenantTx,
    player: &mut Player,
    (event_type, user): (EventType, &Arc<UserFacts>),
    data: EventData,
) {
    player.game.revision += 1;
    tx.record(NewEvent {
        event_type,
        object_kind: ObjectKind::Game,
        object_id: Id::<stoa_core::id::Game>::from_uuid(player.game.id).uuid(),
        revision: player.game.revision,
        scope_ids: Vec::new(),
        data: Arc::new(EventData { user: Some(Arc::clone(user)), ..data }),
        occurred_at: tx.now(),
        concludes: false,
    });
}
