//! Readable names in addresses.
//!
//! # Shape
//! `academy-of-seoul`: 1 to 63 lower-case letters of ASCII, digits and single hyphens, neither first nor last. So it
//! could be part of a host's name. Never only digits, which would be a number.

use crate::{fields::Fields, id::TenantId};

/// Longest one: that of a label (RFC 1035 section 2.3.4).
const LEN_MAX: usize = 63;
/// Letters of the id that tell two of the same name apart.
const TAIL: usize = 6;

/// Makes one of a text; none where nothing of it can stand in one.
pub fn of(text: &str) -> Option<String> {
    let mut slug = String::new();
    for letter in text.chars().flat_map(char::to_lowercase) {
        match letter {
            'a'..='z' | '0'..='9' => slug.push(letter),
            '\'' | '’' => {}
            _ if slug.is_empty() || slug.ends_with('-') => {}
            _ => slug.push('-'),
        }
    }
    slug.truncate(LEN_MAX - TAIL - 1);
    let slug = slug.trim_end_matches('-').to_owned();
    (!slug.is_empty() && !is_number(&slug)).then_some(slug)
}

/// One that nobody else has: with the last letters of the institution's id.
pub fn with_id(slug: Option<&str>, id: TenantId) -> String {
    let text = id.to_string();
    let tail = text.get(text.len().saturating_sub(TAIL)..).unwrap_or_default();
    format!("{}-{tail}", slug.unwrap_or("institution"))
}

/// Checks one that somebody chose.
pub(super) fn check(fields: &mut Fields, pointer: &str, slug: &str) {
    let letters = slug.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    let hyphens = slug.starts_with('-') || slug.ends_with('-') || slug.contains("--");
    if slug.is_empty() || slug.len() > LEN_MAX || !letters || hyphens || is_number(slug) {
        fields.fault(
            pointer,
            "format",
            "wanted 1 to 63 letters a to z, digits and single hyphens, such as seoul-academy",
        );
    }
}

fn is_number(slug: &str) -> bool {
    slug.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn is_made_of_what_is_latin() {
        for (name, slug) in [
            ("St. Mary's  School", Some("st-marys-school")),
            ("  Académie – Paris ", Some("acad-mie-paris")),
            ("서울 Academy", Some("academy")),
            ("서울 학원", None),
            ("2026", None),
            ("", None),
        ] {
            assert_eq!(of(name).as_deref(), slug, "{name}");
        }
    }

    proptest! {
        #[test]
        fn what_is_made_is_one(name in "\\PC{0,200}") {
            if let Some(slug) = of(&name) {
                let mut fields = Fields::new();
                check(&mut fields, "/slug", &slug);
                check(&mut fields, "/slug", &with_id(Some(&slug), crate::id::Id::from_uuid(uuid::Uuid::max())));
                prop_assert!(fields.finish().is_ok(), "{slug}");
            }
        }
    }
}
