//! The demo institution: a language school with a catalogue and learners, made once, through the same commands that
//! callers use.
//!
//! Not here: who gets its password and its token, which are made anew wherever they are to be shown
//! ([`DemoInstitution::admin`] names whose).

mod catalogue;

use catalogue::{ADMIN, COURSES, CourseSeed, LEARNERS, LessonSeed, OWNER, TrainingSeed};
use stoa_core::{
    Id, Key, Result, Role, Scope,
    content::{
        CefrRange,
        courses::{self, CourseStatus, NewCourse},
        items::{self, NewItem},
        lessons::{self, NewLesson},
        trainings::{self, NewTraining},
    },
    db::{Db, TenantTx},
    id,
    institutions::{self, Institution, NewInstitution, Rules},
    members::{self, Member, NewMember},
};

/// The operator's key of the demo institution.
pub const EXTERNAL_ID: &str = "demo";

/// The demo institution and who runs it.
#[derive(Debug, Clone)]
pub struct DemoInstitution {
    /// The institution.
    pub institution: Institution,
    /// Its administrator.
    pub admin: Member,
}

/// Makes the demo institution, or finds it. The institution comes first; all that it holds comes in one transaction
/// after it, so that a start cut short is made good by the next.
///
/// # Errors
/// As the database says.
pub async fn seed_demo(db: &Db) -> Result<DemoInstitution> {
    let institution = found_institution(db).await?;
    let scope = Scope::house(institution.tenant_id);
    let mut tx = db.tenant(&scope).await?;
    let admin = Key::Word(ADMIN.email.to_owned());
    let admin = match members::find(&mut tx, &admin).await? {
        Some(admin) => admin,
        None => fill(&mut tx, &scope).await?,
    };
    tx.commit().await?;
    Ok(DemoInstitution { institution, admin })
}

async fn found_institution(db: &Db) -> Result<Institution> {
    let mut house = db.house().await?;
    let key: Key<id::Institution> = Key::ExternalId(EXTERNAL_ID.to_owned());
    let found = institutions::find(&mut house, &key).await?;
    let scope = Scope::house(house.new_id());
    house.commit().await?;
    if let Some(institution) = found {
        return Ok(institution);
    }
    let mut tx = db.tenant(&scope).await?;
    let institution = institutions::create(&mut tx, demo(), &Rules::default()).await?;
    members::add(&mut tx, &scope, OWNER.member(Role::Owner)).await?;
    tx.commit().await?;
    Ok(institution)
}

fn demo() -> NewInstitution {
    NewInstitution {
        name: "Stoa School of Languages".to_owned(),
        external_id: Some(EXTERNAL_ID.to_owned()),
        time_zone: Some("Europe/Berlin".to_owned()),
        trial_days: Some(0),
        ..NewInstitution::default()
    }
}

async fn fill(tx: &mut TenantTx, scope: &Scope) -> Result<Member> {
    let admin = members::add(tx, scope, ADMIN.member(Role::Admin)).await?;
    for learner in &LEARNERS {
        members::add(tx, scope, learner.member(Role::Learner)).await?;
    }
    for course in &COURSES {
        add_course(tx, scope, course, &admin).await?;
    }
    Ok(admin)
}

async fn add_course(tx: &mut TenantTx, scope: &Scope, seed: &CourseSeed, author: &Member) -> Result<()> {
    let (from, to) = seed.cefr;
    let course = NewCourse {
        title: seed.title.to_owned(),
        summary: Some(seed.summary.to_owned()),
        language: Some(seed.language.to_owned()),
        cefr: Some(CefrRange { from: Some(from), to: Some(to) }),
        category: Some("languages".to_owned()),
        status: Some(CourseStatus::Published),
        author_id: Some(author.id.into()),
        instructor_ids: vec![author.id.into()],
        external_id: Some(seed.key.to_owned()),
        ..NewCourse::default()
    };
    let course = courses::create(tx, scope, course).await?;
    for (seed, number) in seed.lessons.iter().zip(1..) {
        add_lesson(tx, course.id, seed, &format!("{}-{number}", course.external_id.as_deref().unwrap_or_default()))
            .await?;
    }
    Ok(())
}

async fn add_lesson(tx: &mut TenantTx, course: Id<id::Course>, seed: &LessonSeed, key: &str) -> Result<()> {
    let lesson = NewLesson {
        course_id: course.into(),
        title: seed.title.to_owned(),
        kind: None,
        position: None,
        required: None,
        weight: None,
        duration_minutes: Some(seed.minutes),
        skills: seed.skills.iter().map(|skill| (*skill).to_owned()).collect(),
        cefr: None,
        external_id: Some(key.to_owned()),
    };
    let lesson = lessons::create(tx, lesson).await?;
    for (seed, number) in seed.trainings.iter().zip(1..) {
        add_training(tx, lesson.id, seed, &format!("{key}-{number}")).await?;
    }
    Ok(())
}

async fn add_training(tx: &mut TenantTx, lesson: Id<id::Lesson>, seed: &TrainingSeed, key: &str) -> Result<()> {
    let training = NewTraining {
        lesson_id: lesson.into(),
        title: seed.title.to_owned(),
        kind: None,
        position: None,
        pass_score: seed.pass_score,
        external_id: Some(key.to_owned()),
    };
    let training = trainings::create(tx, training).await?;
    for ((kind, title), number) in seed.items.iter().zip(1..) {
        let item = NewItem {
            training_id: training.id.into(),
            kind: *kind,
            title: (*title).to_owned(),
            prompt: None,
            answer_key: None,
            position: None,
            required: None,
            max_score: catalogue::max_score(*kind),
            estimated_seconds: Some(120),
            skills: Vec::new(),
            cefr: None,
            external_id: Some(format!("{key}-{number}")),
        };
        items::create(tx, item).await?;
    }
    Ok(())
}

impl catalogue::PersonSeed {
    fn member(&self, role: Role) -> NewMember {
        NewMember {
            email: self.email.to_owned(),
            name: Some(self.name.to_owned()),
            role: Some(role),
            external_id: Some(self.key.to_owned()),
            locale: Some(self.locale.to_owned()),
            ..NewMember::default()
        }
    }
}
