//! The encoding of a file, and the way from its bytes to text.
//!
//! # Source
//! WHATWG Encoding: names, decoders, and that Korean `EUC-KR` is code page 949.

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// The encoding of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charset(&'static Encoding);

impl Charset {
    /// UTF-8, with a byte order mark or without.
    pub const UTF_8: Self = Self(UTF_8);
    pub(super) const UTF_16_LE: Self = Self(UTF_16LE);
    pub(super) const UTF_16_BE: Self = Self(UTF_16BE);

    pub(super) const fn of(encoding: &'static Encoding) -> Self {
        Self(encoding)
    }

    /// Finds an encoding by one of its names, such as `windows-1251` or `cp1251`.
    pub fn named(name: &str) -> Option<Self> {
        let name = name.trim();
        // Korean spreadsheets call it by Microsoft's number, which browsers do not know.
        let name =
            if ["cp949", "ms949", "uhc"].contains(&name.to_ascii_lowercase().as_str()) { "euc-kr" } else { name };
        // `replacement` is what browsers make of encodings that are dangerous; no file is in it.
        Encoding::for_label_no_replacement(name.as_bytes()).map(Self)
    }

    /// Its name, in lower case.
    pub fn as_str(self) -> String {
        self.0.name().to_ascii_lowercase()
    }
}

/// Turns the bytes of a file into text, piece by piece; a byte order mark is left out.
///
/// What is no text in the encoding becomes U+FFFD, so that it stands in its row and nowhere else.
pub(in super::super) struct Decoding(Decoder);

impl std::fmt::Debug for Decoding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Decoding").field(&self.0.encoding().name()).finish()
    }
}

impl Decoding {
    pub(in super::super) fn new(charset: Charset) -> Self {
        Self(charset.0.new_decoder_with_bom_removal())
    }

    /// Appends the text of the next bytes; `last` says that none follow.
    pub(in super::super) fn decode(&mut self, mut bytes: &[u8], last: Last, text: &mut String) {
        loop {
            let room = self.0.max_utf8_buffer_length(bytes.len()).unwrap_or(bytes.len() + 16);
            text.reserve(room);
            let (result, read, _) = self.0.decode_to_string(bytes, text, last == Last::Yes);
            bytes = bytes.get(read..).unwrap_or_default();
            if result == CoderResult::InputEmpty {
                return;
            }
        }
    }
}

/// Are these the last bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Last {
    /// More may come.
    No,
    /// The file ends with them.
    Yes,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_have_many_names() {
        for (name, wanted) in
            [("cp949", "euc-kr"), ("CP1251", "windows-1251"), ("latin1", "windows-1252"), ("utf8", "utf-8")]
        {
            assert_eq!(Charset::named(name).unwrap().as_str(), wanted);
        }
        assert_eq!(Charset::named("replacement"), None);
        assert_eq!(Charset::named("klingon"), None);
    }

    #[test]
    fn text_may_be_torn_anywhere() {
        let whole = "\u{feff}이름,Ольга\r\n";
        let bytes = whole.as_bytes();
        for cut in 0..=bytes.len() {
            let (mut decoding, mut text) = (Decoding::new(Charset::UTF_8), String::new());
            decoding.decode(&bytes[..cut], Last::No, &mut text);
            decoding.decode(&bytes[cut..], Last::Yes, &mut text);
            assert_eq!(text, "이름,Ольга\r\n");
        }
    }
}
