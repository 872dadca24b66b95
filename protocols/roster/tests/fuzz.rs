//! Whatever the bytes: never a panic, never more rows than lines, never more memory than a piece and a row.

use proptest::prelude::*;

use super::*;

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % below.max(1)
    }
}

/// Reads to the end, whatever comes, and holds what every file must hold.
fn survive(bytes: &[u8]) {
    let Ok(sheet) = probe(bytes) else { return };
    let mut rows = Rows::new(sheet.charset, RULES);
    let mut report = Report::new(sheet.charset);
    let (mut before, mut out) = ((0, 0), Vec::new());
    let pieces = bytes.chunks(13).map(Some).chain([None]);
    for piece in pieces {
        match piece {
            Some(piece) => (rows.feed(piece), report.feed(piece)),
            None => (rows.end(), report.end()),
        };
        loop {
            match rows.next_entry() {
                Ok(Some(entry)) => {
                    assert!(entry.number == before.0 + 1 && entry.line > before.1, "{entry:?} after {before:?}");
                    before = (entry.number, entry.line);
                }
                Ok(None) => break,
                Err(_) => return,
            }
        }
        while let Ok(Some(row)) = report.next_row(&mut out) {
            report.write(&row, "update", "", &mut out);
        }
        assert!(String::from_utf8(std::mem::take(&mut out)).is_ok());
    }
}

proptest! {
    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        survive(&bytes);
        survive(&[b"email,name\n", &bytes[..]].concat());
    }

    #[test]
    fn any_text_is_survived(text in "[\"',;\t|\r\n a@.\u{e9}김\\\\N\u{0}]{0,300}") {
        survive(format!("email,name,groups\n{text}").as_bytes());
    }

    /// What a writer of CSV writes is read as it was meant.
    #[test]
    fn quoted_cells_come_back(names in proptest::collection::vec("[ -~é김]{1,40}", 1..8)) {
        let rows: String = names.iter().map(|name| ["a@b.c,\"", &name.replace('"', "\"\""), "\"\n"].concat()).collect();
        let file = format!("email,name\n{rows}");
        let (_, entries) = read(&file);
        prop_assert_eq!(entries.len(), names.len());
        for (entry, name) in entries.iter().zip(&names) {
            let name = name.trim();
            let plain = !name.starts_with('\'') && name != "\\N" && !name.is_empty();
            prop_assert!(!plain || entry.row.name == given(name.to_owned()), "{:?}", entry);
        }
    }
}

/// Real files, each damaged in a few thousand ways: bytes changed, cut out, doubled, put elsewhere, and cut off.
#[test]
fn damaged_files_are_survived() {
    let files: [Vec<u8>; 5] = [
        "external_id,email,name,role,groups\r\n1,ann@example.org,\"Ann \"\"A\"\"\",learner,\"a;b\"\r\n2,b@example.org,B,,\r\n".into(),
        "사번;이메일;성명\n1;kim@example.kr;\"김\n영희\"\n2;lee@example.kr;이\n".into(),
        encoding_rs::WINDOWS_1251.encode("Почта\tФИО\tРоль\r\no@example.ru\tОльга\tСтудент\r\n").0.into_owned(),
        encoding_rs::EUC_KR.encode("이메일,성명\r\nk@example.kr,김영희\r\nl@example.kr,이순신\r\n").0.into_owned(),
        "\u{feff}email,name\nz@example.fr,Zoé\n".encode_utf16().flat_map(u16::to_le_bytes).collect(),
    ];
    let mut dice = Dice(20_261_122);
    for file in &files {
        survive(file);
        for _ in 0..1_000 {
            let mut bytes = file.clone();
            for _ in 0..=dice.throw(4) {
                damage(&mut bytes, &mut dice);
            }
            survive(&bytes);
        }
    }
}

fn damage(bytes: &mut Vec<u8>, dice: &mut Dice) {
    const SHARP: [u8; 14] = [0, b'"', b',', b';', b'\t', b'\r', b'\n', b'\'', b'\\', 0xff, 0xfe, 0xc3, 0xed, 0x1f];
    let (at, to) = (dice.throw(bytes.len()), dice.throw(bytes.len()));
    match dice.throw(6) {
        0 => bytes.truncate(at),
        1 if at < bytes.len() => bytes[at] = SHARP[dice.throw(SHARP.len())],
        2 if at < bytes.len() => bytes[at] ^= 1 << dice.throw(8),
        3 => bytes.insert(at, SHARP[dice.throw(SHARP.len())]),
        4 if at < to => {
            bytes.drain(at..to);
        }
        5 if at < to => bytes.extend_from_within(at..to),
        _ => {}
    }
}
