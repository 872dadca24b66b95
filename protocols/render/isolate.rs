//! Keeps what runs the other way from turning the words around it.
//!
//! In a Hebrew sentence a Latin name with a bracket or a number at its end drags these to the wrong side, and a Hebrew
//! name does the same to an English one. An isolate ends that: what is inside is ordered for itself. Only what needs it
//! gets one, because the marks stay in what people copy.
//!
//! Not here: the direction of the whole letter (`dir` in the frame).
//!
//! # Source
//! Unicode Standard Annex 9, sections 2.4 (explicit directional isolates) and 3.3.2 (levels).

use std::borrow::Cow;

use super::language::Direction;

const FIRST_STRONG_ISOLATE: char = '\u{2068}';
const POP_DIRECTIONAL_ISOLATE: char = '\u{2069}';

/// Isolates a text that holds letters of the other direction; any other stays as it is.
pub(super) fn isolated(text: &str, around: Direction) -> Cow<'_, str> {
    let foreign = match around {
        Direction::LeftToRight => text.chars().any(runs_left),
        Direction::RightToLeft => text.chars().any(runs_right),
    };
    if !foreign {
        return Cow::Borrowed(text);
    }
    // What comes inside must not end the isolate from within: isolates of its own are whole, or they go.
    let keep = has_whole_isolates(text);
    let inner = text.chars().filter(|letter| if is_isolate(*letter) { keep } else { !is_override(*letter) });
    Cow::Owned(std::iter::once(FIRST_STRONG_ISOLATE).chain(inner).chain([POP_DIRECTIONAL_ISOLATE]).collect())
}

/// Strong from right to left: Hebrew, Arabic and their neighbours, with their presentation forms.
fn runs_left(letter: char) -> bool {
    matches!(letter, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

/// Strong from left to right: every other letter.
fn runs_right(letter: char) -> bool {
    letter.is_alphabetic() && !runs_left(letter)
}

/// Every isolate that begins also ends, and none ends that did not begin.
fn has_whole_isolates(text: &str) -> bool {
    let mut open = 0_usize;
    for letter in text.chars().filter(|letter| is_isolate(*letter)) {
        if letter != POP_DIRECTIONAL_ISOLATE {
            open += 1;
        } else if open == 0 {
            return false;
        } else {
            open -= 1;
        }
    }
    open == 0
}

/// A mark that begins or ends an isolate.
const fn is_isolate(letter: char) -> bool {
    matches!(letter, '\u{2066}'..='\u{2069}')
}

/// A mark that embeds or overrides.
const fn is_override(letter: char) -> bool {
    matches!(letter, '\u{202a}'..='\u{202e}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_runs_the_other_way_is_isolated() {
        let rtl = |text| isolated(text, Direction::RightToLeft);
        assert_eq!(rtl("Seoul & Partners (2)"), "\u{2068}Seoul & Partners (2)\u{2069}");
        assert_eq!(rtl("박소라"), "\u{2068}박소라\u{2069}");
        assert_eq!(rtl("שרה לוי"), "שרה לוי");
        assert_eq!(rtl("12,345"), "12,345");
        let ltr = |text| isolated(text, Direction::LeftToRight);
        assert_eq!(ltr("שרה (לוי)"), "\u{2068}שרה (לוי)\u{2069}");
        assert_eq!(ltr("Ольга"), "Ольга");
    }

    #[test]
    fn nothing_ends_an_isolate_from_within() {
        let hostile = isolated("a\u{2069}\u{202e}b", Direction::RightToLeft);
        assert_eq!(hostile, "\u{2068}ab\u{2069}");
        let whole = isolated("a \u{2068}b (2)\u{2069} c", Direction::RightToLeft);
        assert_eq!(whole, "\u{2068}a \u{2068}b (2)\u{2069} c\u{2069}");
        assert_eq!(isolated("a\u{2068}b", Direction::RightToLeft), "\u{2068}ab\u{2069}");
    }
}
