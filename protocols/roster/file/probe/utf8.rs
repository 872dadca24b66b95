//! Lines of bytes, and whether each is UTF-8.
//!
//! # Source
//! RFC 3629 section 4: no surrogates, no longer forms than needed, nothing beyond U+10FFFF.

/// Bytes of a line that are kept for statistics.
const KEPT_BYTES: usize = 1024;

/// What a line looks like.
pub(super) enum LineForm<'a> {
    /// Nothing but ASCII.
    Plain,
    /// UTF-8 with letters of several bytes.
    Utf8 {
        /// Which line, from 1.
        line: u64,
        /// Letters of two bytes.
        pairs: u32,
        /// Has letters of three or four.
        wide: bool,
    },
    /// Not UTF-8.
    Foreign {
        /// Which line, from 1.
        line: u64,
        /// Its beginning.
        bytes: &'a [u8],
    },
}

/// Cuts bytes into lines, fed piece by piece.
#[derive(Debug)]
pub(super) struct Lines {
    line: u64,
    kept: Vec<u8>,
    letters: Letters,
    /// The line before was told; what is kept of it goes when the next one begins.
    told: bool,
    after_return: bool,
}

impl Lines {
    pub(super) const fn new() -> Self {
        Self { line: 1, kept: Vec::new(), letters: Letters::NONE, told: false, after_return: false }
    }

    /// Reads to the end of a line and says what it looks like; none when the bytes are used up.
    pub(super) fn step(&mut self, rest: &mut &[u8]) -> Option<LineForm<'_>> {
        self.begin();
        if self.after_return && !rest.is_empty() {
            self.after_return = false;
            *rest = rest.strip_prefix(b"\n").unwrap_or(rest);
        }
        let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
        let (line, next) = rest.split_at(end.unwrap_or(rest.len()));
        let room = KEPT_BYTES.saturating_sub(self.kept.len());
        self.kept.extend_from_slice(line.get(..room.min(line.len())).unwrap_or_default());
        self.letters.read(line);
        let Some((last, next)) = next.split_first() else {
            *rest = next;
            return None;
        };
        self.after_return = *last == b'\r';
        *rest = next;
        Some(self.form())
    }

    /// What the last line looks like, if it has no end.
    pub(super) fn end(&mut self) -> Option<LineForm<'_>> {
        self.begin();
        (self.letters.form != Form::Plain).then(|| self.form())
    }

    fn begin(&mut self) {
        if self.told {
            self.told = false;
            self.kept.clear();
            self.line += 1;
            self.letters = Letters::NONE;
        }
    }

    fn form(&mut self) -> LineForm<'_> {
        self.told = true;
        let Letters { form, wanted, pairs, .. } = self.letters;
        match form {
            Form::Plain => LineForm::Plain,
            Form::Pairs | Form::Wide if wanted == 0 => {
                LineForm::Utf8 { line: self.line, pairs, wide: form == Form::Wide }
            }
            Form::Pairs | Form::Wide | Form::Broken => LineForm::Foreign { line: self.line, bytes: &self.kept },
        }
    }
}

/// The best that can be said of a line so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    Plain,
    /// Has letters of two bytes.
    Pairs,
    /// Has letters of three or four.
    Wide,
    /// Is not UTF-8.
    Broken,
}

/// The letters of a line so far.
#[derive(Debug, Clone, Copy)]
struct Letters {
    form: Form,
    pairs: u32,
    /// Bytes still wanted by the letter that was begun, and what the next of them may be.
    wanted: u8,
    next: (u8, u8),
}

impl Letters {
    const NONE: Self = Self { form: Form::Plain, pairs: 0, wanted: 0, next: (0x80, 0xbf) };

    fn read(&mut self, bytes: &[u8]) {
        if self.wanted == 0 && bytes.is_ascii() {
            return;
        }
        for byte in bytes {
            self.read_byte(*byte);
        }
    }

    fn read_byte(&mut self, byte: u8) {
        if self.wanted > 0 {
            let (from, to) = self.next;
            self.next = (0x80, 0xbf);
            if (from..=to).contains(&byte) {
                self.wanted -= 1;
                return;
            }
            (self.form, self.wanted) = (Form::Broken, 0);
        }
        let (form, wanted) = match byte {
            0..=0x7f => return,
            0xc2..=0xdf => (Form::Pairs, 1),
            0xe0..=0xef => (Form::Wide, 2),
            0xf0..=0xf4 => (Form::Wide, 3),
            _ => (Form::Broken, 0),
        };
        self.form = self.form.max(form);
        self.wanted = wanted;
        self.pairs += u32::from(form == Form::Pairs);
        self.next = match byte {
            0xe0 => (0xa0, 0xbf),
            0xed => (0x80, 0x9f),
            0xf0 => (0x90, 0xbf),
            0xf4 => (0x80, 0x8f),
            _ => (0x80, 0xbf),
        };
    }
}
