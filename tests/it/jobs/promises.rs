//! Promising, claiming and settling.

use stoa_jobs::drain::drain_due;

use super::*;

#[actix_rt::test]
async fn a_promise_is_kept_or_forgotten_with_its_transaction() {
    let floor = Floor::new().await;
    let mut tx = floor.tools.db.tenant(&house_scope(1)).await.unwrap();
    queue::enqueue(&mut tx, quiet(tenant(1))).await.unwrap();
    drop(tx);
    assert_eq!(floor.rows().await.len(), 0, "rolled back");

    let mut tx = floor.tools.db.tenant(&house_scope(1)).await.unwrap();
    let job = quiet(tenant(1)).at(seconds_after(tx.now(), 60)).caused_by(Some("req_1"));
    let id = queue::enqueue(&mut tx, job).await.unwrap();
    tx.commit().await.unwrap();

    let row = floor.row().await;
    assert_eq!((Some(row.id), row.state.as_str(), row.attempts), (id, "available", 0));
    assert_eq!(row.request_id.as_deref(), Some("req_1"));
    assert!(floor.claim(10).await.is_empty(), "not due yet");
    floor.clock.advance(TimeDelta::seconds(60));
    let jobs = floor.claim(10).await;
    assert_eq!(jobs.len(), 1);
    assert_eq!(jobs[0].request_id.as_deref(), Some("req_1"));
    let row = floor.row().await;
    assert_eq!((row.state.as_str(), row.attempts), ("running", 1));
    assert_eq!(row.lease_until, Some(floor.clock.now() + LEASE));
}

#[actix_rt::test]
async fn nobody_promises_for_another_institution() {
    let floor = Floor::new().await;
    let mut tx = floor.tools.db.tenant(&house_scope(1)).await.unwrap();
    assert!(queue::enqueue(&mut tx, quiet(tenant(2))).await.is_err());
}

#[actix_rt::test]
async fn claims_are_fair_between_institutions() {
    let floor = Floor::new().await;
    for _ in 0..10 {
        floor.promise(quiet(tenant(1))).await;
    }
    floor.clock.advance(TimeDelta::seconds(1));
    floor.promise(quiet(tenant(2))).await;
    floor.promise(quiet(tenant(3))).await;

    let of = |jobs: &[Claimed]| {
        let mut tenants: Vec<_> = jobs.iter().map(|job| job.key().tenant.uuid().as_u128()).collect();
        tenants.sort_unstable();
        tenants
    };
    let first = floor.claim(4).await;
    assert_eq!(of(&first), [1, 1, 2, 3], "the newest of a quiet one stands before the second of a busy one");

    let running = HashMap::from([(tenant(1), 2)]);
    let ask = |most, per_tenant| Claim { queue: Queue::Webhooks, most, per_tenant, running: running.clone() };
    assert_eq!(claim(&floor.tools, ask(100, 5)).await.len(), 3, "at most five of one at once");
    assert_eq!(claim(&floor.tools, ask(100, 2)).await.len(), 0, "its share is used up");
    assert_eq!(claim(&floor.tools, ask(100, 100)).await.len(), 5);
}

#[actix_rt::test]
async fn two_nodes_never_claim_the_same_job() {
    let floor = Floor::new().await;
    let other = floor.another_process();
    let mut tx = floor.tools.db.house().await.unwrap();
    let jobs = (0..100).map(|n| quiet(tenant(1 + n % 7))).collect();
    assert_eq!(queue::enqueue_many(&mut tx, jobs).await.unwrap().len(), 100);
    tx.commit().await.unwrap();

    let ask = || Claim { queue: Queue::Webhooks, most: 30, per_tenant: 100, running: HashMap::new() };
    let mut taken = Vec::new();
    loop {
        let (here, there) = tokio::join!(claim(&floor.tools, ask()), claim(&other, ask()));
        if here.is_empty() && there.is_empty() {
            break;
        }
        taken.extend(here.iter().chain(&there).map(Claimed::key));
    }
    let all: std::collections::HashSet<_> = taken.iter().collect();
    assert_eq!((taken.len(), all.len()), (100, 100));
}

#[actix_rt::test]
async fn one_job_of_a_key_waits() {
    let floor = Floor::new().await;
    assert!(floor.promise(keyed("course")).await.is_some());
    assert!(floor.promise(keyed("course")).await.is_none(), "it waits already");
    assert!(floor.promise(keyed("lesson")).await.is_some());

    let mut tx = floor.tools.db.house().await.unwrap();
    let jobs = vec![keyed("item"), keyed("item")];
    assert_eq!(queue::enqueue_many(&mut tx, jobs).await.unwrap().len(), 1, "also within one statement");
    tx.commit().await.unwrap();
}

#[actix_rt::test]
async fn a_job_that_comes_back_gives_way_to_the_one_that_waits() {
    let floor = Floor::new().await;
    floor.promise(keyed("course")).await;
    let first = floor.claim(1).await.remove(0);
    let second = floor.promise(keyed("course")).await;
    assert!(second.is_some(), "what is running does not count: it may have looked already");
    floor.settle(first, Outcome::Again("busy".into())).await;
    assert_eq!(Some(floor.row().await.id), second);

    // Two that ran at once come back at once, and one of them is enough.
    let second = floor.claim(1).await.remove(0);
    floor.promise(keyed("course")).await;
    let third = floor.claim(1).await.remove(0);
    let verdict = || Verdict::Return { run_at: floor.clock.now(), error: None, counted: true };
    let both = [second, third].map(|job| Settlement { lease: job.lease, verdict: verdict() });
    let mut tx = floor.tools.db.house().await.unwrap();
    queue::settle(&mut tx, &both).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(floor.row().await.state, "available");
}

#[actix_rt::test]
async fn outcomes_become_rows() {
    let floor = Floor::new().await;
    floor.promise(quiet(tenant(1))).await;

    let job = floor.claim(1).await.remove(0);
    floor.settle(job, Outcome::Snooze(TimeDelta::seconds(7))).await;
    let row = floor.row().await;
    assert_eq!((row.attempts, row.run_at), (0, seconds_after(floor.clock.now(), 7)), "a snooze costs no attempt");
    floor.clock.advance(TimeDelta::seconds(7));

    for (attempt, pause) in [(1, 1), (2, 2)] {
        let job = floor.claim(1).await.remove(0);
        assert_eq!(job.lease.attempt(), attempt);
        floor.settle(job, Outcome::Again("busy".into())).await;
        let row = floor.row().await;
        assert_eq!((row.attempts, row.run_at), (attempt, seconds_after(floor.clock.now(), pause)));
        assert_eq!(row.last_error.as_deref(), Some("busy"));
        floor.clock.advance(TimeDelta::seconds(pause));
    }
    let job = floor.claim(1).await.remove(0);
    floor.settle(job, Outcome::Again("still busy".into())).await;
    let row = floor.row().await;
    assert_eq!(row.state, "discarded");
    assert_eq!(row.last_error.as_deref(), Some("no attempt is left: still busy"));
    assert_eq!(floor.tools.leases.count(), 0, "nothing is in hand any more");
}

#[actix_rt::test]
async fn what_is_held_is_kept_alive_and_what_is_dropped_comes_back() {
    let floor = Floor::new().await;
    floor.promise(quiet(tenant(1))).await;
    floor.promise(quiet(tenant(1))).await;
    let mut jobs = floor.claim(2).await;
    let lost = jobs.remove(1).key();

    floor.clock.advance(LEASE - TimeDelta::seconds(1));
    assert_eq!(queue::extend_leases(&floor.tools.db, &floor.tools.leases).await.unwrap(), 1);
    floor.clock.advance(TimeDelta::seconds(2));
    assert_eq!(floor.release_stale().await, 1);

    let rows = floor.rows().await;
    let (kept, back) = (&rows[0], &rows[1]);
    assert_eq!((kept.state.as_str(), kept.id), ("running", jobs[0].key().id));
    assert_eq!((back.state.as_str(), back.id, back.attempts), ("available", lost.id, 1));
    assert_eq!(back.last_error.as_deref(), Some("the lease of attempt 1 ran out: its process was lost"));
}

#[actix_rt::test]
async fn who_lost_the_lease_settles_nothing() {
    let floor = Floor::new().await;
    let other = floor.another_process();
    floor.promise(quiet(tenant(1))).await;
    let slow = floor.claim(1).await.remove(0);
    floor.clock.advance(LEASE + TimeDelta::seconds(1));
    floor.release_stale().await;
    let ask = Claim { queue: Queue::Webhooks, most: 1, per_tenant: 1, running: HashMap::new() };
    let fast = claim(&other, ask).await.remove(0);

    floor.settle(slow, Outcome::Done).await;
    let row = floor.row().await;
    assert_eq!((row.state.as_str(), row.attempts), ("running", 2), "the other one is at it");
    floor.settle(fast, Outcome::Done).await;
    assert_eq!(floor.rows().await.len(), 0);
}

#[actix_rt::test]
async fn a_promise_begun_at_once_is_running_and_comes_back_if_it_is_lost() {
    let floor = Floor::new().await;
    let mut tx = floor.tools.db.house().await.unwrap();
    let jobs = vec![quiet(tenant(1)), quiet(tenant(2))];
    let mut leases = queue::enqueue_running(&mut tx, &floor.tools.leases, jobs).await.unwrap();
    tx.commit().await.unwrap();
    assert!(floor.claim(10).await.is_empty(), "no worker may have them");

    let mut tx = floor.tools.db.house().await.unwrap();
    let done = Settlement { lease: leases.remove(0), verdict: Verdict::Keep };
    queue::settle(&mut tx, &[done]).await.unwrap();
    tx.commit().await.unwrap();
    drop(leases);
    floor.clock.advance(LEASE + TimeDelta::seconds(1));
    assert_eq!(floor.release_stale().await, 1);
    let job = floor.claim(10).await.remove(0);
    assert_eq!((job.key().tenant, job.lease.attempt()), (tenant(2), 2));
}

#[actix_rt::test]
async fn a_paused_queue_rests_on_every_node() {
    let floor = Floor::new().await;
    floor.promise(quiet(tenant(1))).await;
    let mut tx = floor.tools.db.house().await.unwrap();
    assert!(operate::pause(&mut tx, Queue::Webhooks, "the receivers' provider is down").await.unwrap());
    assert!(!operate::pause(&mut tx, Queue::Webhooks, "again").await.unwrap());
    tx.commit().await.unwrap();
    assert!(floor.claim(1).await.is_empty());

    let mut tx = floor.tools.db.house().await.unwrap();
    let stats = operate::stats(&mut tx).await.unwrap();
    assert_eq!(stats[0].paused_reason.as_deref(), Some("the receivers' provider is down"));
    assert!(operate::resume(&mut tx, Queue::Webhooks).await.unwrap());
    assert!(!operate::resume(&mut tx, Queue::Webhooks).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(floor.claim(1).await.len(), 1);
}

#[actix_rt::test]
async fn the_operator_sees_and_acts() {
    let floor = Floor::new().await;
    let start = floor.clock.now();
    for _ in 0..3 {
        floor.promise(quiet(tenant(1))).await;
    }
    floor.promise(quiet(tenant(2)).at(seconds_after(start, 60))).await;
    let mut jobs = floor.claim(2).await;
    floor.settle(jobs.remove(0), Outcome::Stop("told to".into())).await;
    floor.clock.advance(TimeDelta::seconds(5));

    let mut tx = floor.tools.db.house().await.unwrap();
    let stats = &operate::stats(&mut tx).await.unwrap()[0];
    assert_eq!((stats.due, stats.scheduled, stats.running, stats.discarded), (1, 1, 1, 1));
    assert_eq!(stats.oldest_due_at, Some(start));

    let discarded = JobFilter { state: Some(operate::JobState::Discarded), ..JobFilter::default() };
    let page = operate::list(&mut tx, &discarded, PageRequest::default()).await.unwrap();
    assert_eq!((page.total, page.rows[0].last_error.as_deref()), (1, Some("told to")));
    let one = JobFilter { ids: vec![page.rows[0].id], ..JobFilter::default() };
    assert_eq!(operate::retry(&mut tx, &one).await.unwrap(), 1);
    let row = &operate::list(&mut tx, &one, PageRequest::default()).await.unwrap().rows[0];
    assert_eq!((row.state.as_str(), row.attempts, row.run_at), ("available", 0, tx.now()), "all its attempts anew");

    let second = JobFilter { tenant: Some(tenant(2)), ..JobFilter::default() };
    assert_eq!(operate::discard(&mut tx, &second, "the institution asked").await.unwrap(), 1);
    let all = JobFilter { queue: Some(Queue::Webhooks), ..JobFilter::default() };
    assert_eq!(operate::discard(&mut tx, &all, "enough").await.unwrap(), 2, "what runs is left to who runs it");
}

#[actix_rt::test]
async fn a_timed_job_is_promised_once_by_all_nodes_and_old_failures_are_forgotten() {
    let floor = Floor::new().await;
    let other = floor.another_process();
    floor.promise(quiet(tenant(1))).await;
    let job = floor.claim(1).await.remove(0);
    floor.settle(job, Outcome::Stop("for good".into())).await;

    let calendar = stoa_jobs::schedule::house();
    let entry = calendar.iter().find(|entry| entry.name == "housekeeping/forget_old").unwrap();
    for node in [&floor.tools, &other, &floor.tools] {
        entry.turn(node).await.unwrap();
    }
    assert_eq!(floor.rows().await.len(), 2, "the failure and one promise");

    floor.clock.advance(TimeDelta::days(1));
    assert_eq!(drain_due(&floor.tools, &Registry::house()).await.unwrap(), 1);
    assert_eq!(floor.row().await.state, "discarded", "a young failure stays");
    floor.clock.advance(TimeDelta::days(30));
    entry.turn(&floor.tools).await.unwrap();
    floor.clock.advance(TimeDelta::days(1));
    assert_eq!(drain_due(&floor.tools, &Registry::house()).await.unwrap(), 1);
    assert_eq!(floor.rows().await.len(), 0);
}
