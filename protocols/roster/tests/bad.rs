//! Bad files and bad rows: a clear answer to each, and nothing else of the file is touched.

use super::*;

fn refusal(bytes: &[u8]) -> (FileFaultKind, Option<u64>) {
    let fault = read_with(bytes, RULES).unwrap_err();
    (fault.kind, fault.line)
}

#[test]
fn files_that_are_none_are_refused() {
    use FileFaultKind as Kind;
    let cases: [(&[u8], Kind, Option<u64>); 15] = [
        (b"", Kind::Empty, None),
        (b"\n\r\n\n", Kind::Empty, None),
        (b"\xef\xbb\xbf", Kind::Empty, None),
        (b",,;\n", Kind::Empty, None),
        (b"PK\x03\x04....", Kind::NotText, None),
        (b"%PDF-1.7", Kind::NotText, None),
        (b"a@b.c,Ann\nb@b.c,Bob\n", Kind::HeaderMissing, Some(1)),
        (b"name,role\nAnn,learner\n", Kind::KeyColumnMissing, Some(1)),
        (b"email,name\n", Kind::HeaderOnly, None),
        (b"email,name", Kind::HeaderOnly, None),
        (b"email,name\n,\n\n", Kind::HeaderOnly, None),
        (b"\nemail,name,E-Mail\na@b.c,Ann,b@b.c\n", Kind::HeaderTwice, Some(2)),
        (b"email,name,name\na@b.c,Ann,Bob\n", Kind::HeaderTwice, Some(1)),
        (b"email,name\na@b.c,\"Ann\nb@b.c,Bob\nc@b.c,Cid\n", Kind::QuoteNeverClosed, Some(2)),
        (b"\"email,name\na@b.c,Ann\n", Kind::HeaderMissing, Some(1)),
    ];
    for (bytes, kind, line) in cases {
        assert_eq!(refusal(bytes), (kind, line), "{}", String::from_utf8_lossy(bytes));
    }
    let wide = format!("email{}\na@b.c\n", ",x".repeat(300));
    assert_eq!(refusal(wide.as_bytes()).0, Kind::TooManyColumns);
    let long = format!("email,{}\na@b.c,\n", "x".repeat(70_000));
    assert_eq!(refusal(long.as_bytes()).0, Kind::HeaderTooLong);
}

#[test]
fn each_bad_row_is_refused_with_its_line_and_the_others_are_read() {
    let long = "x".repeat(256);
    let rows: [(&str, &[&str]); 16] = [
        ("1,a@b.c,Ann,learner,,en", &[]),
        ("2,nobody,Ann,learner,,en", &["email format"]),
        ("3,a@b.c,A\0n,learner,,en", &["name nul"]),
        ("4,a@b.c,A\u{7}n,learner,,en", &["name control_character"]),
        ("5,a@b.c,\u{202e}nnA,learner,,en", &["name control_character"]),
        ("6,a@b.c,A\u{fffd}n,learner,,en", &["name damaged_text"]),
        ("7,a@b.c,LONG,learner,,en", &["name length"]),
        ("8,a@b.c,Ann,wizard,,en", &["role unknown_word"]),
        ("9,a@b.c,Ann,\\N,,en", &["role not_clearable"]),
        ("10,a@b.c,Ann,learner,,en,,x", &["row too_many_cells"]),
        ("11,a@b.c,Ann,learner,,en,,", &[]),
        ("12,a@b.c,Ann", &["row cells_missing"]),
        (",,Ann,learner,,en", &["row key_missing"]),
        ("external_id,email,name,role,groups,locale", &["row header_again"]),
        ("15,b@@c,Ann,wizard,,!", &["email format", "role unknown_word", "locale format"]),
        ("16,a@b.c,\"Ann", &["row quote_never_closed", "name control_character"]),
    ];
    let mut file = "external_id,email,name,role,groups,locale\n".to_owned();
    let mut wanted = Vec::new();
    for (line, (row, faults)) in (2..).zip(rows) {
        file.push_str(&row.replace("LONG", &long));
        file.push('\n');
        wanted.extend(faults.iter().map(|fault| format!("{line} {fault}")));
    }
    let told: Vec<String> = faults(&file);
    assert_eq!(
        told.iter().filter(|fault| !fault.starts_with("17 ")).collect::<Vec<_>>(),
        wanted.iter().filter(|fault| !fault.starts_with("17 ")).collect::<Vec<_>>()
    );
    assert_eq!(told.iter().filter(|fault| fault.starts_with("17 ")).collect::<Vec<_>>(), ["17 row quote_never_closed"]);
    let (_, entries) = read(&file);
    assert_eq!(entries.len(), 16);
    // Whoever can be told by a bad row is in the file.
    assert_eq!(entries[1].row.external_id, given("2".to_owned()));
}

#[test]
fn a_cell_of_ten_megabytes_is_one_bad_row() {
    let file = format!("email,name,bio\na@b.c,Ann,\"{}\nlast\"\nb@b.c,Bob,\n", "x\n".repeat(5_000_000));
    let (_, entries) = read(&file);
    assert_eq!(entries.len(), 2);
    let fault = &entries[0].faults[0];
    assert_eq!((fault.code, fault.column, fault.name.as_deref()), (FaultCode::TooLong, Some(3), Some("bio")));
    assert_eq!(entries[0].row.email, given("a@b.c".to_owned()));
    assert_eq!((entries[1].line, entries[1].faults.len()), (5_000_004, 0));
}

#[test]
fn a_row_of_a_million_cells_is_one_bad_row() {
    let file = format!("email,name\na@b.c,{}\nb@b.c,Bob\n", "x,".repeat(1_000_000));
    assert_eq!(faults(&file), ["2 email too_long"]);
}

#[test]
fn many_groups_are_too_many() {
    let groups = (0..200).map(|at| format!("g{at}")).collect::<Vec<_>>().join("|");
    assert_eq!(faults(format!("email,groups\na@b.c,{groups}\n")), ["2 groups too_many"]);
}

#[test]
fn nobody_learns_a_value_from_its_fault() {
    let (_, entries) = read("email,role,name\nann@@example.org,Hexenmeisterin,\u{1}Geheimnis\n");
    let masked: Vec<_> = entries[0].faults.iter().map(|fault| fault.value_masked.as_deref().unwrap()).collect();
    assert_eq!(masked, ["a***@example.org", "He***", "Ge***"]);
}
