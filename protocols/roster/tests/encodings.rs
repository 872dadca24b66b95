//! Encodings, found out from the bytes.

use encoding_rs::{EUC_KR, Encoding, WINDOWS_1251, WINDOWS_1252, WINDOWS_1257};

use super::*;

fn in_encoding(encoding: &'static Encoding, text: &str) -> Vec<u8> {
    let (bytes, _, lost) = encoding.encode(text);
    assert!(!lost);
    bytes.into_owned()
}

fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(order).collect()
}

const KOREAN: &str = "사번,이메일,성명\r\n1,kim@example.kr,김영희\r\n2,lee@example.kr,이순신\r\n";
const RUSSIAN: &str = "Номер студента;Почта;ФИО\r\n1;o@example.ru;Ольга Ким\r\n2;p@example.ru;Пётр Цой\r\n";
const FRENCH: &str = "matricule;courriel;prénom\r\n1;z@example.fr;Zoé\r\n2;f@example.fr;François\r\n";

#[test]
fn what_spreadsheets_write_is_read() {
    let files: [(Vec<u8>, &str, &str); 9] = [
        (KOREAN.into(), "utf-8", "김영희"),
        (format!("\u{feff}{KOREAN}").into(), "utf-8", "김영희"),
        (in_encoding(EUC_KR, KOREAN), "euc-kr", "김영희"),
        (in_encoding(WINDOWS_1251, RUSSIAN), "windows-1251", "Ольга Ким"),
        (in_encoding(WINDOWS_1252, FRENCH), "windows-1252", "Zoé"),
        (utf16(&format!("\u{feff}{KOREAN}"), u16::to_le_bytes), "utf-16le", "김영희"),
        (utf16(&format!("\u{feff}{RUSSIAN}"), u16::to_be_bytes), "utf-16be", "Ольга Ким"),
        (utf16(RUSSIAN, u16::to_le_bytes), "utf-16le", "Ольга Ким"),
        (utf16(FRENCH, u16::to_be_bytes), "utf-16be", "Zoé"),
    ];
    for (bytes, charset, name) in files {
        let (sheet, entries) = read(&bytes);
        assert_eq!(sheet.charset.as_str(), charset);
        assert_eq!(sheet.unknown().count(), 0, "{sheet:?}");
        let row = &entries[0].row;
        let told = row.name.given().or(row.first_name.given());
        assert_eq!(told.map(String::as_str), Some(name), "{charset}");
        assert_eq!(entries.len(), 2);
    }
}

/// A header in English says nothing of the encoding; the letters do.
#[test]
fn names_alone_give_an_encoding_away() {
    let people = "email,name\na@b.c,Александр Сергеевич\nb@b.c,Екатерина Великая\n";
    assert_eq!(probe(&in_encoding(WINDOWS_1251, people)).unwrap().charset.as_str(), "windows-1251");
    let people = "email,name\na@b.c,François Lefèvre\nb@b.c,Hélène Müller\n";
    assert_eq!(probe(&in_encoding(WINDOWS_1252, people)).unwrap().charset.as_str(), "windows-1252");
    let people = "email,name\na@b.c,홍길동\nb@b.c,뷁쉟펲\n";
    assert_eq!(probe(&in_encoding(EUC_KR, people)).unwrap().charset.as_str(), "euc-kr");
    let people = "email,name\na@b.c,Jānis Bērziņš\nb@b.c,Žydrūnas Šarūnas\n";
    assert_eq!(probe(&in_encoding(WINDOWS_1257, people)).unwrap().charset.as_str(), "windows-1257");
}

/// Syllables of a large Korean file look like UTF-8 by chance; that does not make it a mixture.
#[test]
fn a_large_korean_file_is_one_file() {
    let syllables: Vec<char> = ('가'..='힣').step_by(29).collect();
    let rows = (0..30_000).map(|at| {
        let syllable = |step: usize| syllables[at * step % syllables.len()];
        format!("a{at}@b.c,{}{}\n", syllable(1), syllable(7))
    });
    let file = ["email,name\n".to_owned()].into_iter().chain(rows).collect::<String>();
    let bytes = in_encoding(EUC_KR, &file);
    assert_eq!(probe(&bytes).unwrap().charset.as_str(), "euc-kr");
    assert_eq!(read(&bytes).1.len(), 30_000);
}

#[test]
fn two_encodings_in_one_file_are_refused_with_a_line() {
    let utf8 = "email,name\na@b.c,Ольга Ким\nb@b.c,Zoé\n";
    for (encoding, name) in [(WINDOWS_1251, "Пётр"), (WINDOWS_1252, "François"), (EUC_KR, "김영희")] {
        let mixed = [utf8.as_bytes(), &in_encoding(encoding, &format!("c@b.c,{name}\n"))].concat();
        let fault = probe(&mixed).unwrap_err();
        assert_eq!((fault.kind, fault.line), (FileFaultKind::MixedEncodings, Some(4)), "{name}: {fault}");
        let turned =
            [&in_encoding(encoding, &format!("email,name\nc@b.c,{name}\n"))[..], "d@b.c,Ольга Ким\n".as_bytes()]
                .concat();
        let fault = probe(&turned).unwrap_err();
        assert_eq!((fault.kind, fault.line), (FileFaultKind::MixedEncodings, Some(3)), "{name}: {fault}");
    }
    let marked = [b"\xef\xbb\xbf", utf8.as_bytes(), b"c@b.c,Fran\xe7ois\n"].concat();
    assert_eq!(probe(&marked).unwrap_err().line, Some(4));
}

#[test]
fn the_country_decides_where_letters_do_not() {
    let file = in_encoding(WINDOWS_1251, "email,name\na@b.c,Яя\n");
    let mut probe = Probe::new();
    probe.feed(&file);
    assert_eq!(probe.finish(Some("ru")).unwrap().charset.as_str(), "windows-1251");
}

#[test]
fn half_a_letter_is_a_fault_of_its_row() {
    let mut bytes = utf16("\u{feff}email,name\na@b.c,A\nb@b.c,B\n", u16::to_le_bytes);
    let at = bytes.windows(2).position(|pair| pair == [b'A', 0]).unwrap();
    bytes[at..at + 2].copy_from_slice(&0xd800_u16.to_le_bytes());
    assert_eq!(faults(&bytes), ["2 name damaged_text"]);
}
