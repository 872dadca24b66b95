//! Learners as they stand in the game: read together, changed in memory, written together.
//!
//! Not here: points (`xp`), and what is told of a change (`tell`).

mod rows;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use stoa_core::{Result, db::TenantTx, institutions::Institution, words};
use uuid::Uuid;

pub(super) use rows::Game;

use super::{
    rules::Counts,
    settings::Settings,
    streak::{ActiveDay, Folded, Present, Streak, TOLD_WITHIN, Terms},
    zones::{self, Zones},
};
use crate::history::Zone;

words! {
    /// What a date was to a learner.
    DayKind {
        /// There was activity.
        Active = "active",
        /// There was activity, and it was told too late to count for a streak.
        Late = "late",
        /// A freeze covered it.
        Frozen = "frozen",
        /// It was skipped by travelling.
        Travel = "travel",
    }
}

/// A date of a learner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Day {
    pub(super) zone: Zone,
    pub(super) kind: DayKind,
    pub(super) activities: i32,
    /// The first and the last activity; none where a freeze or a travel is all there was.
    pub(super) span: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

/// A learner.
#[derive(Debug, Clone)]
pub(super) struct Player {
    pub(super) user: Uuid,
    pub(super) game: Game,
    pub(super) zones: Zones,
    /// The streak after the last date that changes no more.
    pub(super) settled: Streak,
    /// Dates since then, as they are stored.
    days: BTreeMap<NaiveDate, Day>,
    /// What is to be added to the stored dates.
    new_days: BTreeMap<NaiveDate, Day>,
    /// Freezes that came and went: why, and of which date.
    freezes: Vec<(&'static str, i32, NaiveDate)>,
}

/// What a fold changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Change {
    /// The streak before.
    pub(super) before: i32,
    /// The run before it, where it ended.
    pub(super) broken: Option<(i32, NaiveDate)>,
    /// Dates that freezes cover since.
    pub(super) frozen: Vec<NaiveDate>,
    /// The newest date that was reached, if it or the length is new.
    pub(super) extended: Option<NaiveDate>,
}

impl Player {
    pub(super) const fn new(user: Uuid, game: Game, zones: Zones, settled: Streak) -> Self {
        let freezes = Vec::new();
        Self { user, game, zones, settled, days: BTreeMap::new(), new_days: BTreeMap::new(), freezes }
    }

    /// Counts an activity on its date, and answers the date with its zone.
    pub(super) fn act(&mut self, at: DateTime<Utc>, told_at: DateTime<Utc>) -> (NaiveDate, Zone) {
        let zone = self.zones.at(at);
        let date = zone.date(at);
        let ends = zone.starts(date.succ_opt().unwrap_or(date));
        let kind = if told_at <= ends + TOLD_WITHIN { DayKind::Active } else { DayKind::Late };
        let day = self.new_days.entry(date).or_insert(Day { zone, kind, activities: 0, span: None });
        day.activities += 1;
        day.span = Some(day.span.map_or((at, at), |(first, last)| (first.min(at), last.max(at))));
        if kind == DayKind::Active {
            day.kind = kind;
        }
        (date, zone)
    }

    /// A date as it will stand.
    fn day(&self, date: NaiveDate) -> Option<Day> {
        let (Some(known), Some(new)) = (self.days.get(&date), self.new_days.get(&date)) else {
            return self.new_days.get(&date).or_else(|| self.days.get(&date)).cloned();
        };
        let both = [known.kind, new.kind];
        let kind = if both.contains(&DayKind::Active) { DayKind::Active } else { known.kind };
        let span = match (known.span, new.span) {
            (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
            (a, b) => a.or(b),
        };
        let zone = if known.span.is_some() { known.zone } else { new.zone };
        Some(Day { zone, kind, activities: known.activities + new.activities, span })
    }

    /// The streak at a moment, from what is known.
    pub(super) fn fold(&self, settings: &Settings, now: DateTime<Utc>) -> Folded {
        let since = self.settled.newest.as_ref().map(|newest| newest.date);
        let dates: BTreeSet<NaiveDate> = self
            .days
            .keys()
            .chain(self.new_days.keys())
            .copied()
            .filter(|date| since.is_none_or(|s| *date > s))
            .collect();
        let active = dates.iter().filter_map(|date| {
            let day = self.day(*date).filter(|day| day.kind == DayKind::Active)?;
            let (first_at, last_at) = day.span?;
            Some(ActiveDay { date: *date, zone: day.zone, first_at, last_at })
        });
        let active: Vec<ActiveDay> = active.collect();
        let terms = Terms { freezes_max: settings.freezes_max, frozen: self.frozen() };
        self.settled.clone().fold(&active, &terms, Present { now, zone: self.zones.at(now) })
    }

    /// Dates that freezes covered so far, of those that may change.
    fn frozen(&self) -> BTreeSet<NaiveDate> {
        let frozen = self.days.iter().filter(|(_, day)| day.kind == DayKind::Frozen);
        frozen.map(|(date, _)| *date).collect()
    }

    /// Folds, and takes over what came of it.
    pub(super) fn refold(&mut self, settings: &Settings, now: DateTime<Utc>) -> Change {
        let folded = self.fold(settings, now);
        let zone = self.zones.at(now);
        let covered = self.frozen();
        let used: Vec<NaiveDate> = folded.frozen.iter().copied().filter(|date| !covered.contains(date)).collect();
        let spent: Vec<NaiveDate> = covered.into_iter().filter(|date| !folded.frozen.contains(date)).collect();
        self.note_freezes(&folded, &used, &spent);
        let travelled = folded.travelled.iter().map(|date| (*date, DayKind::Travel));
        for (date, kind) in used.iter().map(|date| (*date, DayKind::Frozen)).chain(travelled) {
            if self.day(date).is_none_or(|day| day.kind != kind) {
                self.new_days.entry(date).or_insert(Day { zone, kind, activities: 0, span: None }).kind = kind;
            }
        }
        let change = self.change(&folded, used);
        self.take_over(folded);
        change
    }

    fn note_freezes(&mut self, folded: &Folded, used: &[NaiveDate], spent: &[NaiveDate]) {
        let newest = folded.streak.newest.as_ref().map(|newest| newest.date);
        self.freezes.extend(used.iter().map(|date| ("used", -1, *date)));
        self.freezes.extend(spent.iter().map(|date| ("refunded", 1, *date)));
        let moved: i32 = self.freezes.iter().map(|(_, delta, _)| delta).sum();
        let granted = folded.streak.freezes - self.game.freezes - moved;
        if let (Some(date), true) = (newest, granted != 0) {
            self.freezes.push((if granted > 0 { "granted" } else { "lapsed" }, granted, date));
        }
    }

    fn change(&self, folded: &Folded, frozen: Vec<NaiveDate>) -> Change {
        let (game, streak) = (&self.game, &folded.streak);
        let newest = streak.newest.as_ref().map(|newest| newest.date);
        let ended =
            game.current > 0 && streak.started_on.is_none_or(|from| game.reached_on.is_some_and(|on| from > on));
        let broken = folded.missed.filter(|_| ended).map(|date| (game.current, date));
        let is_longer = newest > game.reached_on || streak.current > game.current;
        let extended = newest.filter(|_| streak.current > 0 && is_longer);
        Change { before: game.current, broken, frozen, extended }
    }

    fn take_over(&mut self, folded: Folded) {
        let Folded { streak, settled, due_at, .. } = folded;
        self.game.current = streak.current;
        self.game.started_on = streak.started_on;
        self.game.reached_on = streak.newest.as_ref().map(|newest| newest.date);
        self.game.longest = self.game.longest.max(streak.longest);
        self.game.freezes = streak.freezes;
        self.game.due_at = due_at;
        if let Some(settled) = settled {
            self.game.settled_on = settled.newest.as_ref().map(|newest| newest.date);
            self.settled = settled;
        }
    }

    /// What the learner has counted.
    pub(super) fn counts(&self) -> Counts {
        let game = &self.game;
        Counts {
            longest: game.longest.into(),
            items: game.items.into(),
            lessons: game.lessons.into(),
            courses: game.courses.into(),
            perfect: game.perfect.into(),
            xp: game.xp,
        }
    }
}

/// Learners who play, by their ids.
pub(super) type Players = BTreeMap<Uuid, Player>;

/// Reads learners to change them, and begins the game of those who have none. Call under the lock.
pub(super) async fn load(tx: &mut TenantTx, users: &[Uuid], institution: &Institution) -> Result<Players> {
    let zones = zones::read(tx, (users, institution)).await?;
    zones.write(tx).await?;
    rows::begin(tx, users).await?;
    rows::read(tx, users, zones.zones).await
}

/// Reads a learner to show him; none where he has no game.
pub(super) async fn look(tx: &mut TenantTx, user: Uuid, institution: &Institution) -> Result<(Option<Player>, Zones)> {
    let mut zones = zones::read(tx, (&[user], institution)).await?.zones;
    let own = zones.get(&user).cloned().unwrap_or_default();
    zones.entry(user).or_default();
    let mut players = rows::read(tx, &[user], zones).await?;
    Ok((players.remove(&user), own))
}

/// Writes learners that were changed.
pub(super) async fn save(tx: &mut TenantTx, players: &Players) -> Result<()> {
    rows::write_days(tx, players).await?;
    rows::write_freezes(tx, players).await?;
    rows::write_games(tx, players).await
}
