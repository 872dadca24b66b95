//! scratch
#![allow(warnings, clippy::all)]
use std::{sync::Arc, time::{Duration, Instant}};
use stoa_core::{*, clock::*, db::*, events::Handoff, content::{*, courses::*, lessons::*, trainings::*, items::*}, members::*, enrolments::*, institutions::*};
#[path = "../../src/seed/mod.rs"]
mod seed;

fn mk() -> Db {
    let endpoint = Endpoint { url: "postgres:///x_content?host=/tmp/w/pg&user=stoa".into(), app_url: None, relay_url: None, trusts_names: false };
    Db::new(endpoint, &DbOptions { app_connections: 4, relay_connections: 2, wait: Duration::from_secs(5) }, Arc::new(SystemClock), Handoff::none()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn all() {
    let db = mk();
    let t = Instant::now();
    let demo = seed::seed_demo(&db).await.unwrap();
    println!("seed {:?} {:?}", t.elapsed(), demo.admin.email);
    let t = Instant::now();
    let again = seed::seed_demo(&db).await.unwrap();
    println!("again {:?}", t.elapsed());
    assert_eq!(again.institution, demo.institution);
    let scope = Scope::house(demo.institution.tenant_id);
    let mut tx = db.tenant(&scope).await.unwrap();
    let n: NewCourse = serde_json::from_str(r#"{"title":"Русский для путешествий","cefr":{"to":"B1+"},"author_id":"external_id:admin","instructor_ids":["olga@stoa.example","external_id:admin","external_id:admin"],"prerequisite_ids":["external_id:korean-a1","한국어-첫걸음"],"status":"submitted","reviewer_id":"grace@STOA.example"}"#).unwrap();
    let c = courses::create(&mut tx, &scope, n).await.unwrap();
    println!("{c:#?}");
    assert!(c.slug.ends_with("-2"));
    let bad: NewCourse = serde_json::from_str(r#"{"title":" ","author_id":"external_id:nobody","instructor_ids":["x@y.z"]}"#).unwrap();
    println!("{:?}", courses::create(&mut tx, &scope, bad).await.unwrap_err());
    let bad: NewCourse = serde_json::from_str(r#"{"title":" ","slug":"A b","language":"xx_","cefr":{"from":"C1","to":"A1"},"cover_url":"x","external_id":""}"#).unwrap();
    println!("{:?}", courses::create(&mut tx, &scope, bad).await.unwrap_err());
    let ch: CourseChange = serde_json::from_str(r#"{"title":"X","author_id":null,"instructor_ids":[],"status":"published","cefr":null}"#).unwrap();
    let c2 = courses::change(&mut tx, &scope, &c.id.into(), ch.clone()).await.unwrap();
    assert_eq!((c2.version, c2.author_id, c2.cefr_to, c2.instructor_ids.len(), c2.reviewer_id), (2, None, None, 0, c.reviewer_id));
    let c3 = courses::change(&mut tx, &scope, &c.id.into(), ch).await.unwrap();
    assert_eq!(c3, c2);
    for f in [r#"{"title":null}"#, r#"{"nope":1}"#] { assert!(serde_json::from_str::<CourseChange>(f).is_err()); }
    for sort in [CourseSort::Created, CourseSort::NewestFirst, CourseSort::Updated, CourseSort::LastUpdatedFirst, CourseSort::Title, CourseSort::TitleBackwards] {
        let f = CourseFilter { sort, ..Default::default() };
        let p = courses::list(&mut tx, &f, PageRequest::default()).await.unwrap();
        println!("{sort:?} {:?} {}", p.rows.iter().map(|c| c.title.as_str()).collect::<Vec<_>>(), p.total);
    }
    let count = async |tx: &mut TenantTx, f: CourseFilter| courses::list(tx, &f, PageRequest::default()).await.unwrap().total;
    assert_eq!(count(&mut tx, CourseFilter { q: Some("ПУТЕШ".into()), ..Default::default() }).await, 2);
    assert_eq!(count(&mut tx, CourseFilter { q: Some("x%".into()), ..Default::default() }).await, 0);
    assert_eq!(count(&mut tx, CourseFilter { cefr: Some(Cefr::A2), ..Default::default() }).await, 2);
    assert_eq!(count(&mut tx, CourseFilter { language: Some("KO".into()), ..Default::default() }).await, 1);
    assert_eq!(count(&mut tx, CourseFilter { category: Some("languages".into()), status: Some(CourseStatus::Published), ..Default::default() }).await, 3);
    assert_eq!(count(&mut tx, CourseFilter { ids: Some(vec![c.id.uuid()]), external_ids: Some(vec!["korean-a1".into()]), ..Default::default() }).await, 2);
    assert_eq!(count(&mut tx, CourseFilter { ids: Some(vec![]), external_ids: Some(vec![]), ..Default::default() }).await, 0);
    let o = outline(&mut tx, courses::get(&mut tx, &Key::read("external_id:korean-a1")).await.unwrap().id).await.unwrap();
    for l in &o { println!("{} {} {}", l.lesson.position, l.lesson.title, l.lesson.completable); for t in &l.trainings { println!("   {} {} {:?}", t.training.title, t.training.item_count, t.items.iter().map(|i| (i.position, i.kind)).collect::<Vec<_>>()); } }
    // taken
    let dup: NewLesson = serde_json::from_str(r#"{"course_id":"external_id:korean-a1","title":"x","external_id":"korean-a1-1"}"#).unwrap();
    println!("{:?}", lessons::create(&mut tx, dup).await.unwrap_err());
    drop(tx);
    // members
    let mut tx = db.tenant(&scope).await.unwrap();
    let m: NewMember = serde_json::from_str(r#"{"email":"New@Example.org","name":"N N","time_zone":"Asia/Seoul","external_id":"n"}"#).unwrap();
    let m1 = members::add(&mut tx, &scope, m.clone()).await.unwrap();
    assert_eq!(m1, members::get(&mut tx, &Key::read("new@EXAMPLE.org")).await.unwrap());
    let zone = NewMember { email: "z@e.org".into(), time_zone: Some("Mars/Olympus".into()), ..m.clone() };
    println!("{:?}", members::add(&mut tx, &scope, zone).await.unwrap_err());
    let ch: MemberChange = serde_json::from_str(r#"{"name":"A B C","role":"owner","locale":"de-at"}"#).unwrap();
    let m2 = members::change(&mut tx, &scope, &Key::read("external_id:n"), ch).await.unwrap();
    assert_eq!((m2.last_name.as_str(), m2.role, m2.locale.as_deref()), ("B C", Role::Owner, Some("de-AT")));
    members::remove(&mut tx, &scope, &Key::read("external_id:n")).await.unwrap();
    assert!(members::remove(&mut tx, &scope, &Key::read("external_id:n")).await.is_err());
    println!("{:?}", members::remove(&mut tx, &scope, &Key::read("external_id:owner")).await.unwrap_err());
    assert_eq!(members::list(&mut tx, &MemberFilter::default(), PageRequest::default()).await.unwrap().total, 14);
    assert_eq!(members::list(&mut tx, &MemberFilter { q: Some("ИВАН".into()), ..Default::default() }, PageRequest::default()).await.unwrap().total, 1);
    assert_eq!(members::list(&mut tx, &MemberFilter { status: Some(MemberStatus::Removed), ..Default::default() }, PageRequest::default()).await.unwrap().total, 1);
    assert_eq!(members::list(&mut tx, &MemberFilter { updated_since: Some(tx.now()), ..Default::default() }, PageRequest::default()).await.unwrap().total, 1);
    assert_eq!(members::list(&mut tx, &MemberFilter { role: Some(Role::Learner), ..Default::default() }, PageRequest { page: 2, per_page: 10 }).await.unwrap().rows.len(), 2);
    println!("{:?}", members::add(&mut tx, &scope, m.clone()).await.unwrap_err());
    drop(tx);
    let mut tx = db.tenant(&scope).await.unwrap();
    println!("{:?}", members::add(&mut tx, &scope, NewMember { email: "q@e.org".into(), external_id: Some("learner-1".into()), ..m }).await.unwrap_err());
    drop(tx);
    // enrol
    let mut tx = db.tenant(&scope).await.unwrap();
    let key = Key::read("external_id:korean-a1");
    let n: NewEnrolments = serde_json::from_str(r#"{"users":[{"external_id":"learner-1"},{"email":"OLGA@stoa.example"},{"email":"olga@stoa.example"}],"due_at":"2030-01-01T00:00:00Z"}"#).unwrap();
    let e = enrolments::enrol_named(&mut tx, &scope, &key, n.clone()).await.unwrap();
    println!("{:?}", e.iter().map(|(e, m)| (e.is_new, e.enrolment.status, m.name.as_str())).collect::<Vec<_>>());
    let e = enrolments::enrol_named(&mut tx, &scope, &key, n.clone()).await.unwrap();
    assert!(e.len() == 2 && e.iter().all(|(e, _)| !e.is_new));
    enrolments::remove(&mut tx, &key, &Key::read("external_id:learner-1")).await.unwrap();
    println!("{:?}", enrolments::remove(&mut tx, &key, &Key::read("external_id:learner-1")).await.unwrap_err());
    let course = courses::get(&mut tx, &key).await.unwrap();
    assert_eq!(enrolments::list(&mut tx, course.id, &EnrolmentFilter::default(), PageRequest::default()).await.unwrap().total, 1);
    let all = enrolments::list(&mut tx, course.id, &EnrolmentFilter { status: Some(EnrolmentStatus::Removed), ..Default::default() }, PageRequest::default()).await.unwrap();
    println!("{:?}", all.rows);
    let e = enrolments::enrol_named(&mut tx, &scope, &key, n).await.unwrap();
    println!("{:?}", e.iter().map(|(e, m)| (e.is_new, e.enrolment.status, m.name.as_str())).collect::<Vec<_>>());
    let n: NewEnrolments = serde_json::from_str(r#"{"users":[{"external_id":"nobody"},{"external_id":"learner-2"}]}"#).unwrap();
    println!("{:?}", enrolments::enrol_named(&mut tx, &scope, &key, n).await.unwrap_err());
    tx.commit().await.unwrap();
    // remove cascade
    let mut tx = db.tenant(&scope).await.unwrap();
    let since = tx.now();
    courses::remove(&mut tx, &key).await.unwrap();
    assert_eq!(courses::remove(&mut tx, &key).await.unwrap_err().code(), Code::NotFound);
    assert!(lessons::find(&mut tx, &Key::read("external_id:korean-a1-1")).await.unwrap().is_none());
    assert!(items::find(&mut tx, &Key::read("external_id:korean-a1-1-1-1")).await.unwrap().is_none());
    let gone = lessons::list(&mut tx, &LessonFilter { updated_since: Some(since), ..Default::default() }, PageRequest::default()).await.unwrap();
    let gi = items::list(&mut tx, &ItemFilter { updated_since: Some(since), ..Default::default() }, PageRequest::default()).await.unwrap();
    let gt = trainings::list(&mut tx, &TrainingFilter { updated_since: Some(since), ..Default::default() }, PageRequest::default()).await.unwrap();
    let gc = courses::list(&mut tx, &CourseFilter { updated_since: Some(since), ..Default::default() }, PageRequest::default()).await.unwrap();
    println!("gone {} {} {} {}", gc.total, gone.total, gt.total, gi.total);
    let n: NewCourse = serde_json::from_str(r#"{"title":"한국어 첫걸음","external_id":"korean-a1"}"#).unwrap();
    let c = courses::create(&mut tx, &scope, n).await.unwrap();
    println!("{}", c.slug);
    for i in 0..3 {
        let l = lessons::create(&mut tx, serde_json::from_str(r#"{"course_id":"external_id:korean-a1","title":"x"}"#).unwrap()).await.unwrap();
        assert_eq!(l.position, i + 1);
        let l = lessons::change(&mut tx, &l.id.into(), serde_json::from_str(r#"{"weight":3,"skills":["a"],"type":"exam","duration_minutes":4}"#).unwrap()).await.unwrap();
        assert_eq!((l.version, l.weight, l.kind.as_str()), (2, 3, "exam"));
        let t = trainings::create(&mut tx, NewTraining { lesson_id: l.id.into(), title: "t".into(), kind: None, position: None, pass_score: None, external_id: None }).await.unwrap();
        let t = trainings::change(&mut tx, &t.id.into(), serde_json::from_str(r#"{"pass_score":10000}"#).unwrap()).await.unwrap();
        let it = items::create(&mut tx, serde_json::from_value(serde_json::json!({"training_id": t.id, "type": "quiz", "title": "q", "answer_key": {"a": [1]}, "max_score": 5})).unwrap()).await.unwrap();
        let it2 = items::change(&mut tx, &it.id.into(), serde_json::from_str(r#"{"answer_key":null,"prompt":"p"}"#).unwrap()).await.unwrap();
        assert_eq!((it.answer_key.is_some(), it2.answer_key.is_some(), it2.version), (true, false, 2));
        items::remove(&mut tx, &it.id.into()).await.unwrap();
        trainings::remove(&mut tx, &t.id.into()).await.unwrap();
    }
    assert_eq!(courses::get(&mut tx, &c.id.into()).await.unwrap().lesson_count, 3);
    // strangers
    drop(tx);
}
