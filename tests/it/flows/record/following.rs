//! Followers of activity: each activity is taken once, in the order of arrival, whatever happens between.

use std::sync::{Arc, Mutex};

use stoa_core::{Code, Error, Result, db::TenantTx};
use stoa_record::following::{self, Activity, Followed, Follower, Step, Taken};

use crate::{
    flows::steps::{accept, course, event, item, small_class},
    support::{TestHouse, builders::BuiltLearner},
};

/// Keeps what it is given, and refuses to when told.
#[derive(Clone, Default)]
struct Keeper(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    given: Vec<Activity>,
    refuses: bool,
}

impl Follower for Keeper {
    const NAME: &'static str = "keeper";

    async fn take(&self, _: &mut TenantTx, activities: &[Activity]) -> Result<()> {
        let mut kept = self.0.lock().unwrap();
        if kept.refuses {
            return Err(Error::new(Code::Internal, "it was told to refuse"));
        }
        kept.given.extend_from_slice(activities);
        Ok(())
    }
}

impl Keeper {
    fn given(&self) -> Vec<String> {
        self.0.lock().unwrap().given.iter().map(|activity| activity.client_id.clone()).collect()
    }
}

async fn due(house: &TestHouse, followed: &Followed) -> usize {
    house.past().await;
    let mut tx = house.db().house().await.unwrap();
    let due = following::due(&mut tx, std::slice::from_ref(followed)).await.unwrap().concat();
    assert!(due.iter().all(|due| due.tenant == house.school.tenant), "{due:?}");
    due.len()
}

/// Makes a step; one that failed is still being undone for a moment.
async fn step(house: &TestHouse, followed: &Followed) -> Result<Taken> {
    loop {
        if let Step::Made(taken) = followed.step(house.db(), house.school.tenant).await? {
            return Ok(taken);
        }
    }
}

async fn did(house: &TestHouse, id: &str, ana: &BuiltLearner, what: serde_json::Value) {
    accept(house, vec![event(house, id, ana, what, "progressed")]).await;
}

#[actix_web::test]
async fn activity_is_given_once_and_in_order() {
    let house = TestHouse::new().await;
    let (built, ana) = small_class(&house).await;
    let keeper = Keeper::default();
    let followed = Followed::by(keeper.clone());
    assert_eq!(due(&house, &followed).await, 0);
    for id in ["b", "a", "c"] {
        did(&house, id, &ana, item(&built, (0, 0))).await;
    }
    assert_eq!(due(&house, &followed).await, 1);
    let step = followed.step(house.db(), house.school.tenant).await.unwrap();
    assert_eq!(step, Step::Made(Taken { rows: 0, has_more: true }), "there is nothing from before there were places");
    let step = followed.step(house.db(), house.school.tenant).await.unwrap();
    assert_eq!(step, Step::Made(Taken { rows: 3, has_more: false }));
    assert_eq!((due(&house, &followed).await, keeper.given()), (0, ["b", "a", "c"].map(str::to_owned).to_vec()));
    did(&house, "d", &ana, course(&built)).await;
    house.past().await;
    followed.step(house.db(), house.school.tenant).await.unwrap();
    assert_eq!(keeper.given(), ["b", "a", "c", "d"]);
    let given = keeper.0.lock().unwrap().given.clone();
    assert!(given.iter().all(|activity| activity.course_id == Some(built.id)));
    assert_eq!((given[0].lesson_id, given[3].lesson_id), (Some(built.lessons[0].id), None));
    house.settle().await;
}

#[actix_web::test]
async fn what_was_refused_is_given_again() {
    let house = TestHouse::new().await;
    let (built, ana) = small_class(&house).await;
    let keeper = Keeper::default();
    let followed = Followed::by(keeper.clone());
    did(&house, "a", &ana, course(&built)).await;
    house.past().await;
    followed.step(house.db(), house.school.tenant).await.unwrap();
    keeper.0.lock().unwrap().refuses = true;
    step(&house, &followed).await.unwrap_err();
    step(&house, &followed).await.unwrap_err();
    keeper.0.lock().unwrap().refuses = false;
    step(&house, &followed).await.unwrap();
    assert_eq!(keeper.given(), ["a"]);
    house.settle().await;
}

/// What is still being written is not passed over: it may come to stand below what is there.
#[actix_web::test]
async fn what_commits_late_is_given_late() {
    let house = TestHouse::new().await;
    let (built, ana) = small_class(&house).await;
    let keeper = Keeper::default();
    let followed = Followed::by(keeper.clone());
    followed.step(house.db(), house.school.tenant).await.unwrap();
    let mut slow = house.tx().await;
    stoa_core::progress::lock_learners(&mut slow, &[(house.school.tenant, uuid::Uuid::nil())]).await.unwrap();
    super::sums::write_something(&mut slow).await;
    did(&house, "quick", &ana, course(&built)).await;
    let mut tx = house.db().house().await.unwrap();
    let due = following::due(&mut tx, std::slice::from_ref(&followed)).await.unwrap().concat();
    assert_eq!(due, [], "something below it may still be written");
    tx.commit().await.unwrap();
    followed.step(house.db(), house.school.tenant).await.unwrap();
    assert_eq!(keeper.given(), [""; 0]);
    slow.commit().await.unwrap();
    house.past().await;
    followed.step(house.db(), house.school.tenant).await.unwrap();
    assert_eq!(keeper.given(), ["quick"]);
    house.settle().await;
}

#[actix_web::test]
async fn two_nodes_make_no_step_at_once() {
    let house = TestHouse::new().await;
    let (built, ana) = small_class(&house).await;
    let followed = Followed::by(Keeper::default());
    did(&house, "a", &ana, course(&built)).await;
    house.past().await;
    followed.step(house.db(), house.school.tenant).await.unwrap();
    let mut other = house.tx().await;
    super::sums::hold_followers(&mut other).await;
    assert_eq!(followed.step(house.db(), house.school.tenant).await.unwrap(), Step::Busy);
    other.commit().await.unwrap();
    let step = followed.step(house.db(), house.school.tenant).await.unwrap();
    assert_eq!(step, Step::Made(Taken { rows: 1, has_more: false }));
    house.settle().await;
}

/// An institution that was there before there were places.
#[actix_web::test]
async fn rows_of_before_come_first_learner_by_learner() {
    let house = TestHouse::new().await;
    let (built, learners) = house.class(&[&[stoa_protocols::event::ItemKind::Quiz]], &["ana", "ben"]).await;
    for (id, who) in [("b1", 1), ("a1", 0), ("b2", 1), ("a2", 0)] {
        did(&house, id, &learners[who], course(&built)).await;
        house.clock.advance(chrono::TimeDelta::seconds(1));
    }
    house.database.run("UPDATE progress_events SET position = NULL");
    did(&house, "new", &learners[1], course(&built)).await;
    let keeper = Keeper::default();
    let followed = Followed::by(keeper.clone());
    assert_eq!(due(&house, &followed).await, 1);
    followed.step(house.db(), house.school.tenant).await.unwrap();
    assert_eq!(keeper.given(), ["a1", "a2", "b1", "b2"]);
    assert!(keeper.0.lock().unwrap().given.iter().all(|activity| activity.position == 0));
    followed.step(house.db(), house.school.tenant).await.unwrap();
    assert_eq!(keeper.given(), ["a1", "a2", "b1", "b2", "new"]);
    assert_eq!(due(&house, &followed).await, 0);
    house.settle().await;
}
