//! What a letter says: the figures of the API for the same moment, all of it in its reader's language; and how it travels.

use actix_web::http::StatusCode;
use serde_json::{Value, json};
use stoa_actors::mailer::Mail;

use super::{KEYS, at, look, path, school, token, weekly};
use crate::{
    letters::sink::Sink,
    support::{TestHouse, callers::Caller},
};

/// The figures that the API answers now for the week of the letters.
async fn analytics(house: &TestHouse, caller: &Caller) -> Value {
    let query = "from=2026-11-16&to=2026-11-22&compare=previous_period&granularity=day";
    let path = format!("/api/institutions/{}/analytics?{query}", house.school.tenant);
    caller.get(&path).await.expect(StatusCode::OK).data()
}

async fn set_locale(house: &TestHouse, locale: &str) {
    let member = format!("/api/institutions/{}/members/{}", house.school.tenant, house.school.owner.id);
    house.owner().patch(&member, json!({ "locale": locale })).await.data();
    house.settle().await;
}

/// Forgets that the week was told, and tells it again.
async fn once_more(house: &TestHouse) {
    house.database.run("DELETE FROM report_runs");
    house.database.run("UPDATE report_recipients SET next_run_at = '2026-11-23T08:00:00Z'");
    look(house).await;
}

fn csv(letter: &Mail) -> Vec<String> {
    let file = letter.enclosures.iter().find(|one| one.shown_as.is_none()).expect("a file");
    let text = String::from_utf8(file.bytes.clone()).unwrap();
    assert!(text.starts_with('\u{feff}'), "Excel reads it");
    text.trim_start_matches('\u{feff}').lines().map(str::to_owned).collect()
}

#[actix_web::test]
async fn a_letter_its_file_and_the_api_tell_the_same() {
    let house = TestHouse::new().await;
    school(&house).await;
    weekly(&house, json!({ "csv": "attached" })).await;
    let letter = at(&house, "2026-11-23T08:00:00Z").await.remove(0);
    let told = analytics(&house, &house.owner()).await;
    assert_eq!(told["as_of"], "2026-11-23T08:00:00Z");
    assert_eq!(told["active_learners"]["period"], KEYS.len());
    let text = &letter.text;
    for line in [
        "6 learners were active, and no course was completed.",
        "Active learners: 6 (0)",
        "Time spent: 1h 0m (0h 0m)",
        "Time of the learner in the middle: 0h 10m (–)",
        "Enrolled: 6 (0)",
        "Started: 6 (0)",
        "Completed, of those enrolled: 0% (0 of 6) (–)",
        "20 November 2026: 6",
        "Course spanish: Enrolled 6, Completed 0% (0 of 6)",
        "Read 23 November 2026 at 08:00 (UTC). Days are those of",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert_eq!(told["time"], json!({ "total_seconds": 3600, "median_per_active": 600, "estimated": false }));
    assert_eq!((&told["enrollments"]["enrolled"], &told["enrollments"]["started"]), (&json!(6), &json!(6)));

    let lines = csv(&letter);
    assert_eq!(lines[0], "Figure,Day,The week,The week before");
    for line in [
        "Active learners,,6,0",
        "Time spent (s),,3600,0",
        "Active learners,20/11/2026,6,",
        "Course spanish: Enrolled,,6,",
    ] {
        assert!(lines.iter().any(|one| one == line), "{line} in {lines:#?}");
    }

    let pictures: Vec<_> = letter.enclosures.iter().filter_map(|one| one.shown_as.clone()).collect();
    assert_eq!(pictures.len(), 2);
    for picture in pictures {
        assert!(letter.html.contains(&format!("src=\"cid:{picture}\"")), "{picture}");
    }
    assert!(letter.html.contains("20 November 2026: 6"), "who sees no pictures reads their numbers");
}

#[actix_web::test]
async fn all_of_a_letter_is_in_its_readers_language() {
    let house = TestHouse::new().await;
    school(&house).await;
    weekly(&house, json!({ "csv": "attached" })).await;
    set_locale(&house, "ko-KR").await;
    let korean = at(&house, "2026-11-23T08:00:00Z").await.remove(0);
    assert_eq!((korean.language, korean.subject.as_str()), ("ko", "Digest (2026년 11월 16일 – 2026년 11월 22일)"));
    assert!(
        korean.text.contains("활동한 학습자 6명, 수료 0건.") && !korean.text.contains("Unsubscribe"),
        "{}",
        korean.text
    );
    assert_eq!(csv(&korean)[0], "항목,날짜,해당 주,전주");

    set_locale(&house, "he").await;
    once_more(&house).await;
    let hebrew = house.take_letters().remove(0);
    assert!(hebrew.html.contains(r#"<html lang="he" dir="rtl">"#) && hebrew.html.contains("text-align:left"));
    assert_eq!(csv(&hebrew)[0], "מדד,יום,השבוע,השבוע שלפניו");
    let [left, right] = [&korean, &hebrew].map(|letter| &letter.enclosures[0].bytes);
    assert_ne!(left, right, "what is read from right to left is drawn so");

    set_locale(&house, "fr").await;
    once_more(&house).await;
    let french = house.take_letters().remove(0);
    assert_eq!(csv(&french)[0], "Indicateur;Jour;La semaine;La semaine précédente");

    // A language that we lack falls back to the institution's, then to English, and never fails.
    set_locale(&house, "it-IT").await;
    once_more(&house).await;
    assert_eq!(house.take_letters().remove(0).language, "en");
}

#[actix_web::test]
async fn too_few_people_are_not_told_of() {
    let house = TestHouse::new().await;
    school(&house).await;
    led(&house, &KEYS[..2]).await;
    let body = json!({ "name": "My groups", "kind": "groups", "every": "week", "send_when_empty": true });
    house.manager().post("/api/reports", body).await.expect(StatusCode::CREATED);
    let letter = at(&house, "2026-11-23T08:00:00Z").await.remove(0);
    assert!(letter.text.contains("too few people"), "{}", letter.text);
    assert!(letter.enclosures.is_empty() && !letter.text.contains("Active learners"), "{}", letter.text);
}

/// Has the manager lead a group of these learners.
async fn led(house: &TestHouse, keys: &[&str]) {
    let admin = house.admin();
    let group = admin.post("/api/groups", json!({ "name": "Mine" })).await.data();
    let group = format!("/api/groups/{}", group["id"].as_str().unwrap());
    for key in keys {
        admin.put(&format!("{group}/members/external_id:{key}"), json!({})).await;
    }
    admin.put(&format!("{group}/managers/{}", house.school.manager.id), json!({})).await;
    house.settle().await;
}

#[actix_web::test]
async fn a_manager_is_told_of_his_groups() {
    let house = TestHouse::new().await;
    school(&house).await;
    let manager = house.manager();
    led(&house, &KEYS[..5]).await;
    let body = json!({ "name": "My groups", "kind": "groups", "every": "week" });
    manager.post("/api/reports", body).await.expect(StatusCode::CREATED);
    let letters = at(&house, "2026-11-23T08:00:00Z").await;
    assert_eq!(letters.len(), 1, "{letters:?}");
    assert_eq!(letters[0].to.address, "manager@home.example");
    let told = analytics(&house, &manager).await;
    let active = format!("Active learners: {} (0)", told["active_learners"]["period"]);
    assert!(letters[0].text.contains(&active), "{active}\n{}", letters[0].text);
    assert!(letters[0].text.contains("Your groups at"), "{}", letters[0].text);
}

#[actix_web::test]
async fn a_preview_sends_nothing_and_a_test_counts_as_nothing() {
    let house = TestHouse::new().await;
    school(&house).await;
    let report = weekly(&house, json!({ "csv": "linked" })).await;
    at(&house, "2026-11-23T07:00:00Z").await;
    let preview =
        house.owner().post(&format!("{}/preview", path(&report)), json!({})).await.expect(StatusCode::OK).data();
    assert_eq!((&preview["from"], &preview["as_of"]), (&json!("2026-11-09"), &json!("2026-11-23T07:00:00Z")));
    assert_eq!(house.take_letters(), []);
    house.clock.advance(chrono::TimeDelta::hours(1));
    let preview = house.owner().post(&format!("{}/preview", path(&report)), json!({})).await.data();
    let html = preview["html"].as_str().unwrap();
    assert!(html.contains("src=\"data:image/png;base64,") && !html.contains("cid:"), "{html}");
    assert!(preview["text"].as_str().unwrap().contains("Active learners: 6 (0)"));

    let test = format!("{}/test", path(&report));
    for _ in 0..2 {
        house.admin().post(&test, json!({})).await.expect(StatusCode::ACCEPTED);
        house.settle().await;
        let letters = house.take_letters();
        assert_eq!(letters.len(), 1, "to whoever asks, and to nobody else: {letters:?}");
        assert_eq!(letters[0].to.address, "admin@home.example");
        assert!(letters[0].subject.starts_with("Test: Digest, 16"), "{}", letters[0].subject);
        assert_eq!((letters[0].unsubscribe.as_deref(), letters[0].enclosures.len()), (None, 3));
    }
    assert_eq!(house.database.number("SELECT count(*) FROM report_runs"), 0);
    look(&house).await;
    let letters = house.take_letters();
    assert_eq!(letters.len(), 1, "the run is still to come");
    assert!(letters[0].subject.starts_with("Digest"), "{}", letters[0].subject);
}

#[actix_web::test]
async fn a_mail_program_reads_it() {
    let sink = Sink::start("starttls");
    let house = TestHouse::posting_by(sink.mailer("smtp://app:secret@{}?tls=required")).await;
    school(&house).await;
    house.database.run("UPDATE users SET locale = 'he' WHERE email = 'owner@home.example'");
    weekly(&house, json!({ "csv": "attached", "name": "סיכום שבועי" })).await;
    at(&house, "2026-11-23T08:00:00Z").await;
    let came = sink.next();
    assert_eq!(came["defects"], json!([]), "{came}");
    let order = [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "image/png",
        "text/csv",
    ];
    assert_eq!(came["order"], json!(order));
    let [headers, enclosures] = [&came["headers"], &came["enclosures"]];
    assert_eq!(headers["Content-Language"], "he");
    assert!(headers["Subject"].as_str().unwrap().starts_with("סיכום שבועי: 16 בנובמבר"), "{came}");
    let leave = headers["List-Unsubscribe"].as_str().unwrap();
    assert!(leave.contains("/unsubscribe/stoa_u_"), "{leave}");
    let html = came["parts"]["text/html"].as_str().unwrap();
    for picture in &enclosures.as_array().unwrap()[..2] {
        let id = picture["id"].as_str().unwrap().trim_matches(['<', '>']).to_owned();
        assert!(html.contains(&format!("cid:{id}")), "{id}");
        assert_eq!((&picture["disposition"], &picture["begins"]), (&json!("inline"), &json!("89504e470d0a1a0a")));
    }
    assert_eq!(enclosures[2]["name"], "report-2026-11-16-2026-11-22.csv");
    assert_eq!(enclosures[2]["disposition"], "attachment");
    assert!(came["parts"]["text/csv"].as_str().unwrap().contains("לומדים פעילים"));
}

#[actix_web::test]
async fn a_link_leads_to_the_same_figures_for_a_week() {
    let house = TestHouse::new().await;
    school(&house).await;
    weekly(&house, json!({ "csv": "linked" })).await;
    let letter = at(&house, "2026-11-23T08:00:00Z").await.remove(0);
    assert!(letter.enclosures.iter().all(|one| one.shown_as.is_some()), "no file beside it");
    let token = token(&letter, "/report-file#token=");
    let fetch = json!({ "token": token });
    let file = house.anonymous().post("/api/report-files", fetch.clone()).await.expect(StatusCode::OK);
    assert_eq!(file.header("content-type"), Some("text/csv; charset=utf-8"));
    assert!(file.header("content-disposition").unwrap().contains("report-2026-11-16-2026-11-22.csv"));
    assert!(file.text().contains("Active learners,,6,0"), "{}", file.text());
    let other = json!({ "token": token.replace("stoa_f_", "stoa_c_") });
    assert_eq!(house.anonymous().post("/api/report-files", other).await.status, 404);
    house.clock.advance(chrono::TimeDelta::days(7));
    assert_eq!(house.anonymous().post("/api/report-files", fetch).await.status, 404);
}
