//! The readable part of a course's public address.
//!
//! # Shape
//! Letters and digits of any script, lower case, joined by single hyphens, at most 80 characters. It holds
//! neither `_` nor `:`, so it is never taken for an id or an external id.

use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use super::Course;
use crate::{
    db::{TenantTx, failed, sql},
    error::Result,
    fields::Fields,
};

/// A slug that several courses had leads to the last one.
const RETIRE: &str = "INSERT INTO course_slugs (tenant_id, slug, course_id, retired_at) VALUES ($1, $2, $3, $4)
  ON CONFLICT (tenant_id, slug) DO UPDATE SET course_id = excluded.course_id, retired_at = excluded.retired_at";
const RETIRED: &str = "SELECT c.slug FROM course_slugs s
  JOIN courses c ON c.tenant_id = s.tenant_id AND c.id = s.course_id AND c.deleted_at IS NULL AND c.status = 'published'
  WHERE s.tenant_id = $1 AND s.slug = $2";

const MAX: usize = 80;
/// What is left of the longest slug beside any number.
pub(super) const STEM: usize = 60;
/// What a title without letters becomes.
const NAMELESS: &str = "course";

/// Makes a slug of a title.
pub(super) fn of_title(title: &str) -> String {
    let mut slug = String::new();
    for word in title.split(|c: char| !is_part(c)).filter(|word| word.contains(char::is_alphanumeric)) {
        let word = word.to_lowercase();
        let room = MAX.saturating_sub(slug.chars().count() + usize::from(!slug.is_empty()));
        if room == 0 {
            break;
        }
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.extend(word.chars().filter(|c| c.is_alphanumeric()).take(room));
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { NAMELESS.to_owned() } else { slug.to_owned() }
}

/// Makes the slug with a number behind it, within the length.
pub(super) fn numbered(slug: &str, number: u32) -> String {
    let suffix = format!("-{number}");
    let kept: String = slug.chars().take(MAX - suffix.len()).collect();
    format!("{}{suffix}", kept.trim_end_matches('-'))
}

/// Checks a slug that was given.
pub(super) fn check(fields: &mut Fields, slug: &str) {
    let parts_are_sound = slug.split('-').all(|part| !part.is_empty() && part.chars().all(char::is_alphanumeric));
    if slug.chars().count() > MAX || !parts_are_sound || slug.to_lowercase() != slug {
        fields.fault("/slug", "format", "wanted lower-case letters and digits joined by single hyphens, at most 80");
    }
}

/// Remembers the slug that a course had.
pub(super) async fn retire(tx: &mut TenantTx, course: &Course) -> Result<()> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let retire = sql(RETIRE).bind::<SqlUuid, _>(tenant).bind::<Text, _>(&course.slug);
    let retire = retire.bind::<SqlUuid, _>(course.id).bind::<Timestamptz, _>(now);
    retire.execute(tx.connection()).await.map_err(failed)?;
    Ok(())
}

/// The present slug of the published course that had this one last.
///
/// # Errors
/// As the database says.
pub async fn retired(tx: &mut TenantTx, slug: &str) -> Result<Option<String>> {
    #[derive(QueryableByName)]
    struct Present {
        #[diesel(sql_type = Text)]
        slug: String,
    }
    let tenant = tx.tenant();
    let present = sql(RETIRED).bind::<SqlUuid, _>(tenant).bind::<Text, _>(slug);
    let present: Option<Present> = present.get_result(tx.connection()).await.optional().map_err(failed)?;
    Ok(present.map(|course| course.slug))
}

/// Letters, digits, and the accents that some systems write as characters of their own.
fn is_part(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '\u{300}'..='\u{36f}' | '\'' | '’')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is_sound(slug: &str) -> bool {
        let mut fields = Fields::new();
        check(&mut fields, slug);
        fields.finish().is_ok()
    }

    #[test]
    fn titles_of_any_script_become_readable() {
        for (title, slug) in [
            ("Korean for Beginners (A1)", "korean-for-beginners-a1"),
            ("Корейский  — для начинающих!", "корейский-для-начинающих"),
            ("한국어 첫걸음", "한국어-첫걸음"),
            ("L'été à Paris", "lété-à-paris"),
            ("e\u{301}te\u{301}", "ete"),
            ("!!!", "course"),
            ("", "course"),
        ] {
            assert_eq!(of_title(title), slug);
        }
    }

    #[test]
    fn a_number_fits_behind_a_long_slug() {
        let long = of_title(&"x".repeat(300));
        assert_eq!((long.len(), numbered(&long, 12).len()), (80, 80));
        assert_eq!(numbered("abc", 2), "abc-2");
    }

    #[test]
    fn given_slugs_are_checked() {
        for bad in ["", "-a", "a-", "a--b", "A", "a b", "a_b", "external_id:a", "a/b", &"x".repeat(81)] {
            assert!(!is_sound(bad), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn every_title_gives_a_sound_slug(title in "\\PC{0,200}") {
            let slug = of_title(&title);
            prop_assert!(is_sound(&slug), "{slug}");
            prop_assert!(is_sound(&numbered(&slug, 1_000)));
        }
    }
}
