//! What two spellings of the same word have in common.
//!
//! # Source
//! Unicode Standard Annex 15 (compatibility decomposition), from which the marks are left out.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Folds a word: no case, no accents, nothing between its letters and digits, nothing in brackets behind it.
///
/// `E-Mail *`, `e_mail` and `EMAIL (required)` are one; so are `Prénom` and `prenom`.
pub(in super::super) fn folded(text: &str) -> String {
    let bare = match text.split_once(['(', '[', '（']) {
        Some((before, _)) if !before.trim().is_empty() => before,
        _ => text,
    };
    let letters = bare.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
    letters.filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn spellings_of_one_word_are_one() {
        for spelling in ["email", "E-Mail *", "e_mail", " EMAIL (required)", "ｅｍａｉｌ", "É-mail"] {
            assert_eq!(folded(spelling), "email", "{spelling}");
        }
        assert_eq!(folded("이메일 (필수)"), folded("이메일"));
        // The same letters, taken apart by a file system of Apple's.
        assert_eq!(folded("이메일"), folded("\u{110b}\u{1175}\u{1106}\u{1166}\u{110b}\u{1175}\u{11af}"));
        assert_ne!(folded("prénom"), folded("nom"));
        assert_eq!(folded("(a)"), "a");
        assert_eq!(folded("***"), "");
    }
}
