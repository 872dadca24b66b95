//! Rows of files of history, good and bad.

use proptest::prelude::*;
use stoa_protocols::roster::{Cells as File, Charset};

use super::*;

fn rows(text: &str) -> Vec<Result<Read, HistoryFault>> {
    let mut file = File::new(Charset::UTF_8);
    file.feed(text.as_bytes());
    file.end();
    let mut columns = None;
    let mut rows = Vec::new();
    let zone = Zone::of(Some("Asia/Seoul"), &[]).unwrap();
    while let Ok(Some(row)) = file.next_row() {
        let sheet = file.sheet().expect("a header");
        let columns = columns.get_or_insert_with(|| Columns::of(sheet).expect("columns"));
        rows.push(read(columns, &row, zone));
    }
    rows
}

fn one(text: &str) -> ProgressEvent {
    rows(text).remove(0).expect("a row").event
}

fn fault(text: &str) -> (Option<String>, String) {
    let fault = rows(text).remove(0).expect_err("it has a fault");
    (fault.column, fault.code)
}

#[test]
fn a_row_is_read_whole_whatever_its_columns_are_called() {
    let event = one("E-mail;Object ID;Timestamp;Verb;Score;Max Score;Duration (seconds);Attempt\n\
        ana@school.example;en-b1/1;2025-03-01 09:30;passed;17,5;20;900;2\n");
    assert_eq!((event.user.email.as_deref(), event.verb), (Some("ana@school.example"), Verb::Passed));
    assert_eq!(event.occurred_at.utc().to_rfc3339(), "2025-03-01T00:30:00+00:00", "in the zone of the file");
    let result = event.result.unwrap();
    assert_eq!(result.score, Some(ActivityScore { raw: 17.5, min: None, max: Some(20.0) }));
    assert_eq!((result.duration_seconds, result.attempt), (Some(900.0), Some(2)));
}

#[test]
fn without_a_verb_the_result_says_what_was_done() {
    let verb = |rest: &str| one(&format!("external_id,object,date,progress,success\na,b,2025-03-01,{rest}\n")).verb;
    assert_eq!(
        [verb(","), verb("50%,"), verb("1,"), verb(",yes"), verb("0.2,failed")],
        [Verb::Completed, Verb::Progressed, Verb::Completed, Verb::Passed, Verb::Failed]
    );
}

#[test]
fn a_row_has_an_id_of_its_own_and_else_of_what_it_says() {
    let text = "event_id,external_id,object,date\ne-1,a,b,2025-03-01\n,a,b,2025-03-01\n,a,b,2025-03-01\n,ab,,2025-03-01\n,a,b,2025-03-02\n";
    let ids: Vec<_> = rows(text).into_iter().filter_map(|row| Some(row.ok()?.event.id)).collect();
    assert_eq!(ids[0], "csv:e-1");
    assert_eq!(ids[1], ids[2], "the same row is the same");
    assert_ne!(ids[1], ids[3]);
    assert!(ids.iter().all(|id| id.len() <= 128));
}

#[test]
fn times_that_the_clocks_skip_or_show_twice_have_one_meaning() {
    let zone = Zone::of(Some("Europe/Berlin"), &[]).unwrap();
    let at = |text| instant(text, zone).map(|at| at.to_rfc3339());
    assert_eq!(at("2026-03-29 02:30").as_deref(), Some("2026-03-29T01:00:00+00:00"), "skipped");
    assert_eq!(at("2026-10-25 02:30").as_deref(), Some("2026-10-25T00:30:00+00:00"), "the first of two");
    assert_eq!(at("2024-02-29").as_deref(), Some("2024-02-29T11:00:00+00:00"));
    assert_eq!(at("2026-01-01T00:00:00+09:00").as_deref(), Some("2025-12-31T15:00:00+00:00"));
    for none in ["", "2025-02-29", "29.02.2024", "2025-01-01 25:00", "yesterday"] {
        assert_eq!(at(none), None, "{none}");
    }
}

#[test]
fn what_is_wrong_is_told_with_its_column() {
    let of = |row: &str| fault(&format!("external_id,object,kind,date,verb,score,success,attempt\n{row}\n"));
    let told = |column: &str, code: &str| (Some(column.to_owned()), code.to_owned());
    assert_eq!(of(",b,,2025-03-01,,,,"), told("external_id", "required"));
    assert_eq!(of("a,,,2025-03-01,,,,"), told("object", "required"));
    assert_eq!(of("a,b,poem,2025-03-01,,,,"), told("kind", "value"));
    assert_eq!(of("a,b,,01.03.2025,,,,"), told("occurred_at", "format"));
    assert_eq!(of("a,b,,2025-03-01,liked,,,"), told("verb", "value"));
    assert_eq!(of("a,b,,2025-03-01,,much,,"), told("score", "type"));
    assert_eq!(of("a,b,,2025-03-01,,NaN,,"), told("score", "type"));
    assert_eq!(of("a,b,,2025-03-01,,,maybe,"), told("success", "value"));
    assert_eq!(of("a,b,,2025-03-01,,,,1.5"), told("attempt", "type"));
}

proptest! {
    #[test]
    fn nothing_hostile_breaks_it(cells in proptest::collection::vec(".{0,20}", 8)) {
        let quoted: Vec<String> = cells.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
        drop(rows(&format!("external_id,object,kind,date,verb,score,success,attempt\n{}\n", quoted.join(","))));
    }
}
