//! Roles and statuses, as offices in four languages write them.
//!
//! Whatever the case, the accents, and what stands between the words: they are folded as titles are.

use super::super::file::folded;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$on:meta])* $variant:ident = $word:literal, [$($alias:literal),* $(,)?];)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$on])* $variant,)* }

        impl $name {
            /// All of them, each with the other words for it.
            pub const ALL: &'static [(Self, &'static [&'static str])] = &[$((Self::$variant, &[$($alias),*]),)*];

            /// The word on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// Reads a word of any of the languages.
            pub fn read(text: &str) -> Option<Self> {
                use std::{collections::HashMap, sync::LazyLock};
                static KNOWN: LazyLock<HashMap<String, $name>> = LazyLock::new(|| {
                    $name::ALL
                        .iter()
                        .flat_map(|(word, others)| {
                            std::iter::once(word.as_str()).chain(others.iter().copied()).map(|text| (folded(text), *word))
                        })
                        .collect()
                });
                // What is written as on the wire, as most are, is found without folding it.
                let plain = Self::ALL.iter().find(|(word, _)| word.as_str() == text).map(|(word, _)| *word);
                plain.or_else(|| KNOWN.get(&folded(text)).copied())
            }
        }
    };
}

words! {
    /// What a person is.
    RowRole {
        /// Learns.
        Learner = "learner", [
            "student", "pupil", "participant", "trainee", "user", "member", "employee",
            "학생", "학습자", "수강생", "교육생", "회원", "사용자", "직원",
            "ученик", "ученица", "студент", "студентка", "учащийся", "слушатель", "обучающийся", "участник",
            "пользователь", "сотрудник",
            "apprenant", "apprenante", "élève", "étudiant", "étudiante", "stagiaire", "participante", "utilisateur",
        ];
        /// Leads learners.
        Manager = "manager", [
            "teacher", "instructor", "tutor", "coach", "trainer", "team lead", "group manager",
            "매니저", "강사", "교사", "선생님", "튜터", "팀장", "담당자",
            "менеджер", "преподаватель", "учитель", "тренер", "куратор", "руководитель", "наставник",
            "responsable", "enseignant", "enseignante", "professeur", "formateur", "formatrice", "tuteur", "tutrice",
            "gestionnaire",
        ];
        /// Has everything but billing.
        Admin = "admin", [
            "administrator", "관리자", "어드민", "운영자", "администратор", "админ", "administrateur", "administratrice",
        ];
        /// Has everything.
        Owner = "owner", ["소유자", "대표", "владелец", "владелица", "propriétaire"];
        /// Pays.
        BillingAdmin = "billing_admin", [
            "billing", "accountant", "결제 관리자", "회계 담당자", "회계", "бухгалтер", "администратор оплаты", "comptable",
            "facturation", "administrateur de facturation",
        ];
        /// Helps.
        Support = "support", ["helpdesk", "지원", "고객지원", "поддержка", "техподдержка", "assistance"];
        /// Connects systems.
        Integrator = "integrator", ["developer", "연동 담당자", "개발자", "интегратор", "разработчик", "intégrateur", "développeur"];
        /// Reads what happened.
        Auditor = "auditor", ["감사자", "감사", "аудитор", "auditeur", "auditrice"];
    }
}

words! {
    /// Is a person to be active.
    RowStatus {
        /// May sign in and learn.
        Active = "active", [
            "enabled", "yes", "true", "1", "current", "활성", "활성화", "재직", "재학", "사용", "예",
            "активен", "активна", "активный", "активная", "активно", "включен", "работает", "учится", "да",
            "actif", "activé", "activée", "oui",
        ];
        /// May not, and can be made active again.
        Deactivated = "deactivated", [
            "inactive", "disabled", "suspended", "blocked", "no", "false", "0", "left", "비활성", "비활성화", "퇴사", "휴학",
            "휴직", "졸업", "정지", "중지", "아니오", "неактивен", "неактивна", "неактивный", "отключен", "отключена",
            "заблокирован", "заблокирована", "уволен", "уволена", "нет", "inactif", "désactivé", "désactivée", "bloqué",
            "bloquée", "non",
        ];
        /// Is taken out.
        Removed = "removed", [
            "deleted", "삭제", "삭제됨", "탈퇴", "удален", "удалена", "удалён", "удалить", "supprimé", "supprimée",
        ];
    }
}
