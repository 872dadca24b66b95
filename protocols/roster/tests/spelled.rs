//! Headers, words and cells, as people write them.

use super::*;

#[test]
fn a_file_from_each_country_is_understood() {
    let korean = "사번;이메일;성명;역할;소속;수강 과정;상태\r\n7;kim@example.kr;김영희;수강생;1반|2반;toeic;재직\r\n";
    let russian = "Табельный номер\tПочта\tФИО\tРоль\tГруппа\tКурсы\tСтатус\n7\tolga@example.ru\tОльга К\tСлушатель\tА1\tkurs\tактивна\n";
    let french = "Matricule,Adresse e-mail,Prénom,NOM DE FAMILLE,Rôle,Classe,État\n7,zoe@example.fr,Zoé,Ça,Élève,\"6e;5e\",actif\n";
    let english =
        "Student ID|E-Mail *|Full Name|Role|Groups|Courses|Status\n7|a@example.org|Ann B|Student|G|c1;c2|active\n";
    for (file, separator) in [(korean, b';'), (russian, b'\t'), (french, b','), (english, b'|')] {
        let (sheet, entries) = read(file);
        assert_eq!(sheet.separator, separator);
        assert_eq!(sheet.unknown().count(), 0, "{sheet:?}");
        let row = &entries[0].row;
        assert!(entries[0].faults.is_empty(), "{entries:?}");
        assert_eq!(row.external_id, given("7".to_owned()));
        assert_eq!((row.role, row.status), (given(RowRole::Learner), given(RowStatus::Active)));
    }
    assert_eq!(row(korean).groups, given(vec!["1반".to_owned(), "2반".to_owned()]));
    assert_eq!(row(french).groups, given(vec!["6e".to_owned(), "5e".to_owned()]));
    assert_eq!((row(french).first_name, row(french).last_name), (given("Zoé".to_owned()), given("Ça".to_owned())));
    assert_eq!(row(english).courses, given(vec!["c1".to_owned(), "c2".to_owned()]));
}

#[test]
fn what_nobody_reads_is_told() {
    let (sheet, _) = read("email,Shoe size,name,,stoa_action,stoa_message\na@b.c,42,A,,create,\n");
    assert_eq!(sheet.unknown().collect::<Vec<_>>(), ["Shoe size"]);
}

#[test]
fn a_vague_key_counts_only_alone() {
    assert_eq!(row("ID,email\n5,a@b.c\n").external_id, given("5".to_owned()));
    let both = row("id,external_id,email\n5,x-5,a@b.c\n");
    assert_eq!(both.external_id, given("x-5".to_owned()));
}

#[test]
fn a_word_for_two_things_means_what_its_neighbours_leave() {
    let two = row("이메일,성,이름\na@b.c,김,영희\n");
    assert_eq!((two.last_name, two.first_name, two.name), (given("김".into()), given("영희".into()), Value::Untouched));
    assert_eq!(row("이메일,이름\na@b.c,김영희\n").name, given("김영희".to_owned()));
    assert_eq!(row("courriel,nom\na@b.c,Zoé Ça\n").name, given("Zoé Ça".to_owned()));
    assert_eq!(row("courriel,nom,prénom\na@b.c,Ça,Zoé\n").last_name, given("Ça".to_owned()));
}

#[test]
fn a_cell_has_three_wishes() {
    let told = |rules| read_with(b"email,name,locale,role\na@b.c,,\\N,\n", rules).unwrap().1.remove(0);
    let entry = told(RULES);
    assert!(entry.faults.is_empty());
    assert_eq!(
        (entry.row.name, entry.row.locale, entry.row.role),
        (Value::Untouched, Value::Cleared, Value::Untouched)
    );
    assert_eq!(entry.row.time_zone, Value::Untouched, "no such column");
    let entry = told(Rules { empty: Empty::Clears, ..RULES });
    assert_eq!((entry.row.name, entry.row.locale, entry.row.role), (Value::Cleared, Value::Cleared, Value::Untouched));
    assert!(entry.faults.is_empty());
    assert_eq!(entry.row.external_id, Value::Untouched);
}

#[test]
fn values_are_brought_into_one_form() {
    let row = row(
        "email,name,locale,time_zone,external_id\n mailto:a@b.c\u{a0},\u{feff}Zoe\u{301} ,pt_BR,Europe/Paris,'-12\n",
    );
    assert_eq!(row.email, given("a@b.c".to_owned()));
    assert_eq!(row.name, given("Zoé".to_owned()));
    assert_eq!((row.locale, row.time_zone), (given("pt-BR".to_owned()), given("Europe/Paris".to_owned())));
    assert_eq!(row.external_id, given("-12".to_owned()));
    assert_eq!(super::row("email,язык\na@b.c,Русский\n").locale, given("ru".to_owned()));
}

#[test]
fn lines_are_those_of_the_file() {
    for end in ["\n", "\r\n", "\r"] {
        let file = ["sep=;", "", "email;name", "\"a@b.c\";\"two", "lines\"", "", "b@b.c;B", ";;", "c@b.c;C"].join(end);
        let (sheet, entries) = read(&file);
        assert_eq!((sheet.separator, sheet.line), (b';', 3), "{end:?}");
        let lines: Vec<_> = entries.iter().map(|entry| (entry.number, entry.line)).collect();
        // A row of separators alone is of another length, and nobody's; the quoted line end is a fault of its cell.
        assert_eq!(lines, [(1, 4), (2, 7), (3, 9)], "{end:?}");
        assert_eq!(faults(&file), ["4 name control_character"], "{end:?}");
    }
}

#[test]
fn a_file_may_arrive_in_pieces_of_any_size() {
    let file = "external_id,email,name\r\n1,\"a@b.c\",\"Ann \"\"A\"\" 김\"\r\n2,b@b.c,Zoé\r\n".as_bytes();
    let whole = read(file).1;
    for size in 1..file.len() {
        let mut rows = Rows::new(Charset::UTF_8, RULES);
        let mut entries = Vec::new();
        for piece in file.chunks(size) {
            rows.feed(piece);
            while let Some(entry) = rows.next_entry().unwrap() {
                entries.push(entry);
            }
        }
        rows.end();
        while let Some(entry) = rows.next_entry().unwrap() {
            entries.push(entry);
        }
        assert_eq!(entries, whole, "pieces of {size}");
    }
}
