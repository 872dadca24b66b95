//! Ids as the API spells them, of the UUIDs that rows hold.
//!
//! # Source
//! `TypeID` specification 0.3: a prefix, an underscore, and the 128 bits as 26 letters of Crockford's base 32.

const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Spells the id of a UUID; none for what is no UUID.
pub(super) fn spell(prefix: &str, uuid: &str, out: &mut String) -> Option<()> {
    let mut bits = 0_u128;
    let mut digits = 0;
    for letter in uuid.chars().filter(|letter| *letter != '-') {
        bits = bits << 4 | u128::from(letter.to_digit(16)?);
        digits += 1;
    }
    if digits != 32 {
        return None;
    }
    out.clear();
    out.push_str(prefix);
    out.push('_');
    for place in (0..26).rev() {
        let letter = usize::try_from(bits >> (place * 5) & 31).ok()?;
        out.push(char::from(*LETTERS.get(letter)?));
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_spelled_as_the_api_does() {
        let mut out = String::new();
        // The specification's own example.
        assert_eq!(spell("prefix", "0188bac7-4afa-78aa-bc3b-bd1eef28d881", &mut out), Some(()));
        assert_eq!(out, "prefix_01h2xcejqtf2nbrexx3vqjhp41");
        for bad in ["", "0188bac7", "0188bac7-4afa-78aa-bc3b-bd1eef28d88x", "0188bac7-4afa-78aa-bc3b-bd1eef28d8811"] {
            assert_eq!(spell("usr", bad, &mut out), None, "{bad}");
        }
    }
}
