//! The file comes back.

use super::*;

/// Says of every row that it was updated.
fn report(bytes: &[u8], message: &str) -> String {
    let mut report = Report::new(probe(bytes).unwrap().charset);
    let mut out = Vec::new();
    for piece in bytes.chunks(11) {
        report.feed(piece);
        step(&mut report, message, &mut out);
    }
    report.end();
    step(&mut report, message, &mut out);
    String::from_utf8(out).unwrap()
}

fn step(report: &mut Report, message: &str, out: &mut Vec<u8>) {
    while let Some(row) = report.next_row(out).unwrap() {
        let action = if row.number.is_some() { "update" } else { "" };
        report.write(&row, action, message, out);
    }
}

#[test]
fn it_has_the_same_rows_and_two_columns_more() {
    let file = "external_id;email;name\n1;a@b.c;\"Ann; \"\"A\"\"\"\n;;\n2;b@b.c;Bob\n";
    let wanted = "\u{feff}external_id;email;name;stoa_action;stoa_message\r\n1;a@b.c;\"Ann; \"\"A\"\"\";update;ok\r\n\
        ;;;;ok\r\n2;b@b.c;Bob;update;ok\r\n";
    assert_eq!(report(file.as_bytes(), "ok"), wanted);
}

#[test]
fn nothing_in_it_is_run_by_a_spreadsheet() {
    let file = "email,name,=cmd\na@b.c,\"=HYPERLINK(\"\"x\"\")\",+1\n@b.c,-2,\"\tx\"\n";
    let report = report(file.as_bytes(), "=1+1");
    assert_eq!(
        report,
        "\u{feff}email,name,'=cmd,stoa_action,stoa_message\r\n\
         a@b.c,\"'=HYPERLINK(\"\"x\"\")\",'+1,update,'=1+1\r\n'@b.c,'-2,\"'\tx\",update,'=1+1\r\n"
    );
    let (_, entries) = read(&report);
    assert_eq!(entries[1].row.name, given("-2".to_owned()), "sent again it says the same");
}

#[test]
fn a_report_of_a_report_is_one_report() {
    let once = report("email,name\na@b.c,Ann\n".as_bytes(), "first");
    assert_eq!(report(once.as_bytes(), "second"), once.replace("first", "second"));
}

#[test]
fn whatever_the_encoding_it_comes_back_in_utf8() {
    let (bytes, _, _) = encoding_rs::WINDOWS_1251.encode("Почта;ФИО\r\na@b.c;Ольга Сергеевна\r\n");
    assert!(report(&bytes, "").contains("a@b.c;Ольга Сергеевна;update;"));
}

#[test]
fn rows_too_long_or_too_short_keep_the_columns_in_place() {
    let file = format!("email,name,bio\na@b.c,Ann,{}\nb@b.c\nc@b.c,C,x\n", "y".repeat(200_000));
    let report = report(file.as_bytes(), "m");
    let rows: Vec<&str> = report.lines().collect();
    assert!(rows[1].ends_with("…,update,m") && rows[1].len() < 140_000);
    assert_eq!(rows[2..], ["b@b.c,,,update,m", "c@b.c,C,x,update,m"]);
}
