//! Long files, in constant memory; every tenth row broken in a way of its own.

use std::io::Read;

use super::*;

/// A file that is made while it is read: nobody holds it.
struct Long {
    at: u64,
    rows: u64,
    pending: Vec<u8>,
}

/// Ways to break a row.
const WAYS: u64 = 12;

impl Long {
    fn new(rows: u64) -> Self {
        Self { at: 0, rows, pending: b"external_id,email,first_name,last_name,role,groups,locale\n".to_vec() }
    }

    fn row(at: u64) -> String {
        if !at.is_multiple_of(10) {
            return format!("e{at},person{at}@school.example,Ольга,\"Kim, {at}\",learner,A1|B{},ko\n", at % 40);
        }
        match at / 10 % WAYS {
            0 => format!("e{at},person{at}.school.example,A,B,learner,,ko\n"),
            1 => format!("e{at},p{at}@school.example,A\0,B,learner,,ko\n"),
            2 => format!("e{at},p{at}@school.example,A,B,wizard,,ko\n"),
            3 => format!("e{at},p{at}@school.example,A,B,learner\n"),
            4 => format!("e{at},p{at}@school.example,A,B,learner,,ko,extra\n"),
            5 => ",,A,B,learner,,ko\n".to_owned(),
            6 => format!("e{at},p{at}@school.example,\"A\nA\",B,learner,,ko\n"),
            7 => format!("e{at},p{at}@school.example,{},B,learner,,ko\n", "x".repeat(300)),
            8 => format!("e{at},p{at}@school.example,A,B,\\N,,ko\n"),
            9 => "external_id,email,first_name,last_name,role,groups,locale\n".to_owned(),
            10 => format!("e{at},p{at}@school.example,A,B\u{fffd},learner,,ko\n"),
            _ => format!("e{at},p{at}@school.example,A,B,learner,,k!\n"),
        }
    }
}

impl Read for Long {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        while self.pending.len() < into.len() && self.at < self.rows {
            self.at += 1;
            self.pending.extend_from_slice(Self::row(self.at).as_bytes());
        }
        let taken = self.pending.len().min(into.len());
        into[..taken].copy_from_slice(&self.pending[..taken]);
        self.pending.drain(..taken);
        Ok(taken)
    }
}

#[test]
fn exactly_the_broken_rows_are_refused() {
    let rows = 24_000;
    let mut line = 2;
    for (at, entry) in (1..).zip(Reader::new(Long::new(rows), Charset::UTF_8, RULES)) {
        let entry = entry.unwrap();
        assert_eq!((entry.number, entry.line), (at, line));
        assert_eq!(entry.faults.is_empty(), at % 10 != 0, "{entry:?}");
        line += u64::try_from(Long::row(at).matches('\n').count()).unwrap();
    }
    assert_eq!(line, 2 + rows + rows / 10 / WAYS);
}

/// `cargo test --release -p stoa-protocols a_million_rows -- --nocapture` tells the rate.
#[test]
fn a_million_rows_are_read_in_little_memory() {
    let rows = if cfg!(debug_assertions) { 50_000 } else { 1_000_000 };
    let started = std::time::Instant::now();
    let mut reader = Reader::new(Long::new(rows), Charset::UTF_8, RULES);
    let refused = reader.by_ref().filter(|entry| !entry.as_ref().unwrap().faults.is_empty()).count();
    assert_eq!(u64::try_from(refused).unwrap(), rows / 10);
    println!("{rows} rows in {:?}", started.elapsed());
}
