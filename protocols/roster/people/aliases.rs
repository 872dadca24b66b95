//! Titles of columns, as offices in four languages write them.
//!
//! Whatever the case, the accents, and what stands between the words (`file::fold`). What our own report adds is known
//! too, so that it can be sent again.

use std::{collections::HashMap, sync::LazyLock};

use crate::roster::{
    file::folded,
    report::{ACTION_COLUMN, MESSAGE_COLUMN},
};

macro_rules! fields {
    ($($(#[$doc:meta])* $variant:ident = $word:literal, [$($alias:literal),* $(,)?];)*) => {
        /// What a column tells of a person.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Field { $($(#[$doc])* $variant,)* }

        impl Field {
            /// All of them, each with the other titles that it goes by.
            pub const ALL: &'static [(Self, &'static [&'static str])] = &[$((Self::$variant, &[$($alias),*]),)*];

            /// The title on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }
    };
}

fields! {
    /// The institution's own key.
    ExternalId = "external_id", [
        "external key", "foreign id", "sis id", "sis user id", "student id", "student number", "student no", "employee id",
        "employee number", "employee no", "personnel number", "staff id", "member id", "user external id",
        "외부 ID", "외부 식별자", "외부 번호", "학번", "사번", "사원번호", "직원번호", "회원번호", "수강생 번호", "식별자",
        "внешний id", "внешний идентификатор", "внешний код", "идентификатор", "табельный номер", "номер студента",
        "номер студенческого билета", "id сотрудника", "id студента", "id ученика",
        "id externe", "identifiant", "identifiant externe", "matricule", "numéro étudiant", "n° étudiant",
        "numéro d'étudiant", "numéro employé", "numéro d'employé", "code externe",
    ];
    /// E-mail address.
    Email = "email", [
        "e-mail", "mail", "email address", "e-mail address", "mail address", "work email", "primary email",
        "이메일", "이메일 주소", "메일", "메일 주소", "전자우편", "전자메일",
        "электронная почта", "почта", "эл. почта", "адрес электронной почты", "адрес почты", "емейл", "имейл", "мейл",
        "courriel", "adresse courriel", "adresse e-mail", "adresse email", "adresse mail", "mél", "adresse électronique",
    ];
    /// Whole name.
    Name = "name", [
        "full name", "display name", "student name", "user name", "employee name",
        "이름", "성명", "성함", "학생 이름", "학생명", "전체 이름", "표시 이름",
        "фио", "ф.и.о.", "полное имя", "имя и фамилия", "фамилия и имя", "фамилия имя", "имя фамилия",
        "фамилия имя отчество", "отображаемое имя", "сотрудник", "ученик", "студент",
        "nom complet", "nom et prénom", "prénom et nom", "nom prénom", "prénom nom", "nom affiché",
    ];
    /// First name.
    FirstName = "first_name", [
        "given name", "forename", "first", "имя", "имя ученика", "prénom", "prénoms",
        "이름만", "명",
    ];
    /// Last name.
    LastName = "last_name", [
        "surname", "family name", "last", "성", "성씨", "фамилия", "фамилия ученика", "nom", "nom de famille",
    ];
    /// What the person is.
    Role = "role", [
        "user role", "user type", "account type", "역할", "권한", "사용자 유형", "구분", "роль", "тип пользователя",
        "права", "rôle", "profil", "type d'utilisateur",
    ];
    /// Is the person to be active.
    Status = "status", [
        "state", "account status", "active", "is active", "enabled", "상태", "계정 상태", "활성", "활성 여부", "재직 상태",
        "статус", "состояние", "активен", "statut", "état", "actif",
    ];
    /// Groups to be in.
    Groups = "groups", [
        "group", "group name", "class", "classes", "cohort", "cohorts", "team", "teams", "department", "section",
        "그룹", "그룹명", "반", "학급", "분반", "기수", "팀", "부서", "소속",
        "группа", "группы", "класс", "классы", "команда", "отдел", "подразделение", "поток",
        "groupe", "groupes", "classe", "équipe", "équipes", "cohorte", "cohortes", "service", "promotion",
    ];
    /// Courses to enrol on.
    Courses = "courses", [
        "course", "course id", "course ids", "course code", "enrol on", "enroll in", "enrolments", "enrollments",
        "과정", "강좌", "코스", "수강 과정", "수강 과목", "과목", "강의",
        "курс", "курсы", "назначить курсы", "обучение", "cours", "formation", "formations", "parcours",
    ];
    /// Language.
    Locale = "locale", [
        "language", "lang", "preferred language", "interface language", "언어", "사용 언어", "로캘", "로케일", "язык",
        "язык интерфейса", "локаль", "langue", "langue préférée", "langue d'interface",
    ];
    /// Time zone.
    TimeZone = "time_zone", [
        "timezone", "tz", "시간대", "표준 시간대", "часовой пояс", "таймзона", "fuseau horaire", "fuseau",
    ];
}

/// Titles that are the key where no other column is.
const VAGUE_KEYS: [&str; 8] = ["id", "user id", "userid", "아이디", "번호", "номер", "код", "numéro"];

static KNOWN: LazyLock<HashMap<String, Field>> = LazyLock::new(|| {
    let titles = Field::ALL.iter().flat_map(|(field, others)| {
        std::iter::once(field.as_str()).chain(others.iter().copied()).map(|title| (folded(title), *field))
    });
    titles.collect()
});

impl Field {
    /// Reads a title.
    pub fn named(title: &str) -> Option<Self> {
        KNOWN.get(&folded(title)).copied()
    }

    pub(in super::super) fn is_vague_key(title: &str) -> bool {
        let title = folded(title);
        VAGUE_KEYS.iter().any(|vague| folded(vague) == title)
    }

    /// Korean files have one word for a whole name and for a given one.
    pub(in super::super) fn is_given_name(title: &str) -> bool {
        folded(title) == folded("이름")
    }

    /// French files have one word for a whole name and for a family's.
    pub(in super::super) fn is_bare_name(title: &str) -> bool {
        folded(title) == folded("nom")
    }
}

/// Is this a column that a report of ours added.
pub(in super::super) fn is_own_column(title: &str) -> bool {
    title == ACTION_COLUMN || title == MESSAGE_COLUMN
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One title that means two fields would mean whichever comes last.
    #[test]
    fn every_title_means_one_field() {
        for (field, others) in Field::ALL {
            for title in std::iter::once(field.as_str()).chain(others.iter().copied()) {
                assert!(!folded(title).is_empty(), "{title}");
                assert_eq!(Field::named(title), Some(*field), "{title}");
                assert!(!Field::is_vague_key(title), "{title}");
            }
        }
    }
}
