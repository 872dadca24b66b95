//! Which encoding a file is in, found out from all of its bytes as they pass.
//!
//! # Rule
//! A byte order mark is believed. Zeros in every other byte are UTF-16. What is UTF-8 to its end is UTF-8. Of the rest,
//! the lines that are not UTF-8 tell the encoding; if others of the same file cannot be anything but UTF-8, somebody put
//! two files together, and no reading of it is right.
//!
//! A header that is understood counts for more than statistics: a short file in Russian says little about letters, but
//! `Почта` under one encoding is a column, and nothing under another.
//!
//! # Source
//! `chardetng`, which is how Firefox guesses; RFC 3629 section 4 for the form of UTF-8.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{EUC_KR, Encoding, WINDOWS_1251, WINDOWS_1252};

use super::{Cells, Charset, Decoding, FileFault, FileFaultKind as Kind, Sheet, charset::Last, header};

mod utf8;

use utf8::{LineForm, Lines};

/// The beginning of a file, which is looked at more closely.
const HEAD_BYTES: usize = 72 * 1024;
/// Bytes of foreign lines that the statistics are made of; more do not change a guess.
const STATISTICS_BYTES: usize = 256 * 1024;
/// So many letters of two bytes in one line are not by chance.
const MANY_PAIRS: u32 = 5;
/// How files that are no text begin, and what they are.
const NOT_TEXT: [(&[u8], &str); 5] = [
    (b"PK\x03\x04", "an Excel or OpenDocument workbook, or a ZIP archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "a gzip file inside of a gzip file"),
    (b"{\\rtf", "a text document"),
];

/// Looks at the bytes of a file as they pass.
#[derive(Debug)]
pub struct Probe {
    head: Vec<u8>,
    lines: Lines,
    seen: Seen,
}

/// What the lines gave away.
struct Seen {
    detector: EncodingDetector,
    fed: usize,
    /// The first line that is not UTF-8.
    foreign: Option<u64>,
    /// The first line that is UTF-8 and nothing else.
    sure: Option<u64>,
    /// The first line that is UTF-8, unless the others have two bytes to a letter too.
    likely: Option<u64>,
}

impl Default for Probe {
    fn default() -> Self {
        Self::new()
    }
}

impl Probe {
    /// Starts a file.
    pub fn new() -> Self {
        let seen = Seen {
            detector: EncodingDetector::new(Iso2022JpDetection::Deny),
            fed: 0,
            foreign: None,
            sure: None,
            likely: None,
        };
        Self { head: Vec::new(), lines: Lines::new(), seen }
    }

    /// Takes the next bytes.
    pub fn feed(&mut self, bytes: &[u8]) {
        let room = HEAD_BYTES.saturating_sub(self.head.len());
        self.head.extend_from_slice(bytes.get(..room.min(bytes.len())).unwrap_or_default());
        let mut rest = bytes;
        while let Some(form) = self.lines.step(&mut rest) {
            self.seen.judge(&form);
        }
    }

    /// Ends the file. `country` is the top-level domain of where it comes from, such as `kr`, if that is known.
    ///
    /// # Errors
    /// It is empty, no text, or in several encodings; or its header cannot be read.
    pub fn finish(mut self, country: Option<&str>) -> Result<Sheet, FileFault> {
        if let Some(form) = self.lines.end() {
            self.seen.judge(&form);
        }
        if self.head.is_empty() {
            return Err(FileFault::new(Kind::Empty, None, "there is nothing in the file"));
        }
        if let Some((_, what)) = NOT_TEXT.iter().find(|(magic, _)| self.head.starts_with(magic)) {
            let message = format!("this is {what}; save it as CSV and send that");
            return Err(FileFault::new(Kind::NotText, None, message));
        }
        let charset = self.charset(country)?;
        self.sheet(charset)
    }

    fn charset(&self, country: Option<&str>) -> Result<Charset, FileFault> {
        if let Some((encoding, _)) = Encoding::for_bom(&self.head) {
            let charset = Charset::of(encoding);
            return if charset == Charset::UTF_8 { self.utf8_or_mixed() } else { Ok(charset) };
        }
        if let Some(charset) = utf16(&self.head) {
            return Ok(charset);
        }
        let Some(foreign) = self.seen.foreign else { return Ok(Charset::UTF_8) };
        let country = country.filter(|country| country.bytes().all(|byte| byte.is_ascii_lowercase()));
        let guess = self.seen.detector.guess(country.map(str::as_bytes), Utf8Detection::Deny);
        // Two bytes of a Korean file may by chance be a letter of UTF-8; three never are, nor are many pairs in a row.
        let likely = self.seen.likely.filter(|_| guess.is_single_byte());
        let sure = self.seen.sure.into_iter().chain(likely).min();
        match sure {
            Some(utf8) => Err(mixed(foreign, utf8)),
            None => Ok(Charset::of(self.by_header(guess))),
        }
    }

    fn utf8_or_mixed(&self) -> Result<Charset, FileFault> {
        match self.seen.foreign {
            None => Ok(Charset::UTF_8),
            Some(foreign) => Err(mixed(foreign, 1)),
        }
    }

    /// The encoding under which most columns are understood; the guess among those.
    fn by_header(&self, guess: &'static Encoding) -> &'static Encoding {
        let known = |encoding: &'static Encoding| {
            let text = self.decoded(Charset::of(encoding));
            let first = header::first(&text, true).ok().flatten();
            let sheet = first.and_then(|first| Sheet::read(Charset::of(encoding), 1, first.header, first.said).ok());
            sheet.map_or(0, |sheet| sheet.fields().count())
        };
        let of_guess = known(guess);
        let others = [WINDOWS_1251, WINDOWS_1252, EUC_KR].map(|encoding| (known(encoding), encoding));
        let best = others.into_iter().filter(|(fields, _)| *fields > of_guess).max_by_key(|(fields, _)| *fields);
        best.map_or(guess, |(_, encoding)| encoding)
    }

    /// Reads the header, and of a file that is all here whether anything stands below it.
    fn sheet(&self, charset: Charset) -> Result<Sheet, FileFault> {
        let mut cells = Cells::new(charset);
        cells.feed(&self.head);
        if self.head.len() < HEAD_BYTES {
            cells.end();
            while cells.next_row()?.is_some_and(|row| row.number.is_none()) {}
        }
        let sheet = cells.read_header()?.cloned();
        sheet.ok_or_else(|| FileFault::new(Kind::Empty, None, "there is nothing in the file"))
    }

    fn decoded(&self, charset: Charset) -> String {
        let mut text = String::new();
        Decoding::new(charset).decode(&self.head, Last::No, &mut text);
        text
    }
}

impl Seen {
    fn judge(&mut self, form: &LineForm<'_>) {
        match form {
            LineForm::Plain => {}
            LineForm::Foreign { line, bytes } => {
                self.foreign.get_or_insert(*line);
                if self.fed < STATISTICS_BYTES {
                    self.detector.feed(bytes, false);
                    self.detector.feed(b"\n", false);
                    self.fed += bytes.len();
                }
            }
            LineForm::Utf8 { line, pairs, wide } => {
                if *wide || *pairs >= MANY_PAIRS {
                    self.sure.get_or_insert(*line);
                }
                if *pairs > 1 {
                    self.likely.get_or_insert(*line);
                }
            }
        }
    }
}

impl std::fmt::Debug for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Seen").field("foreign", &self.foreign).field("sure", &self.sure).finish_non_exhaustive()
    }
}

/// Zeros at every other place, where letters of the Latin alphabet have them.
fn utf16(head: &[u8]) -> Option<Charset> {
    let zeros = |parity: usize| head.iter().skip(parity).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    // At least one letter in eight is of the Latin alphabet, be it only the separators and the addresses.
    let enough = head.len() / 16;
    if odd > enough && even * 20 <= odd {
        return Some(Charset::UTF_16_LE);
    }
    (even > enough && odd * 20 <= even).then_some(Charset::UTF_16_BE)
}

fn mixed(foreign: u64, utf8: u64) -> FileFault {
    let message = format!(
        "line {utf8} is in UTF-8 and line {foreign} is not: two files in different encodings were put together; save it anew in one"
    );
    FileFault::new(Kind::MixedEncodings, foreign.max(utf8), message)
}
