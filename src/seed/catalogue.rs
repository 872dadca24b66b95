//! What the demo institution holds, written out. Addresses are under a domain that nobody can own (RFC 2606).

use stoa_core::content::Cefr;
use stoa_protocols::event::ItemKind::{self, Dialogue, Flashcard, Material, Quiz, Scorm, Task};

pub(super) struct PersonSeed {
    pub(super) key: &'static str,
    pub(super) name: &'static str,
    pub(super) email: &'static str,
    pub(super) locale: &'static str,
}

pub(super) struct CourseSeed {
    /// External id; those of its parts begin with it.
    pub(super) key: &'static str,
    pub(super) title: &'static str,
    pub(super) summary: &'static str,
    pub(super) language: &'static str,
    pub(super) cefr: (Cefr, Cefr),
    pub(super) lessons: &'static [LessonSeed],
}

pub(super) struct LessonSeed {
    pub(super) title: &'static str,
    pub(super) minutes: i32,
    pub(super) skills: &'static [&'static str],
    pub(super) trainings: &'static [TrainingSeed],
}

pub(super) struct TrainingSeed {
    pub(super) title: &'static str,
    /// Basis points.
    pub(super) pass_score: Option<i32>,
    pub(super) items: &'static [(ItemKind, &'static str)],
}

/// Highest raw score of an item of a kind.
pub(super) const fn max_score(kind: ItemKind) -> Option<f64> {
    match kind {
        Quiz | Task => Some(10.0),
        Scorm => Some(100.0),
        Material | Dialogue | Flashcard => None,
    }
}

const fn person(key: &'static str, name: &'static str, email: &'static str, locale: &'static str) -> PersonSeed {
    PersonSeed { key, name, email, locale }
}

pub(super) const OWNER: PersonSeed = person("owner", "Zénon de Citium", "owner@stoa.example", "en");
pub(super) const ADMIN: PersonSeed = person("admin", "Ada Lovelace", "admin@stoa.example", "en");

pub(super) const LEARNERS: [PersonSeed; 12] = [
    person("learner-1", "김민준", "minjun@stoa.example", "ko"),
    person("learner-2", "이서연", "seoyeon@stoa.example", "ko"),
    person("learner-3", "박지우", "jiwoo@stoa.example", "ko"),
    person("learner-4", "최하은", "haeun@stoa.example", "ko"),
    person("learner-5", "Ольга Иванова", "olga@stoa.example", "ru"),
    person("learner-6", "Дмитрий Соколов", "dmitri@stoa.example", "ru"),
    person("learner-7", "Екатерина Смирнова", "ekaterina@stoa.example", "ru"),
    person("learner-8", "Zoé Lefèvre", "zoe@stoa.example", "fr"),
    person("learner-9", "François Bâtard-Müller", "francois@stoa.example", "fr"),
    person("learner-10", "Hélène de la Tour", "helene@stoa.example", "fr"),
    person("learner-11", "נועה לוי", "noa@stoa.example", "he"),
    person("learner-12", "Grace O'Malley", "grace@stoa.example", "en"),
];

pub(super) const COURSES: [CourseSeed; 3] = [KOREAN, RUSSIAN, FRENCH];

const KOREAN: CourseSeed = CourseSeed {
    key: "korean-a1",
    title: "한국어 첫걸음",
    summary: "From the first letter to the first talk: Korean for absolute beginners.",
    language: "ko",
    cefr: (Cefr::PreA1, Cefr::A1),
    lessons: &[
        LessonSeed {
            title: "한글: the letters",
            minutes: 40,
            skills: &["reading"],
            trainings: &[
                TrainingSeed {
                    title: "Vowels and consonants",
                    pass_score: None,
                    items: &[
                        (Material, "How a syllable is built"),
                        (Flashcard, "아, 어, 오, 우"),
                        (Flashcard, "가, 나, 다, 라"),
                    ],
                },
                TrainingSeed {
                    title: "Reading aloud",
                    pass_score: Some(7_000),
                    items: &[(Quiz, "Which syllable do you hear?"), (Task, "Record yourself reading ten words")],
                },
            ],
        },
        LessonSeed {
            title: "안녕하세요: greetings",
            minutes: 30,
            skills: &["listening", "speaking"],
            trainings: &[TrainingSeed {
                title: "Meeting somebody",
                pass_score: Some(6_000),
                items: &[
                    (Material, "Formal and familiar"),
                    (Dialogue, "At the reception"),
                    (Quiz, "Who says what to whom?"),
                ],
            }],
        },
        LessonSeed {
            title: "숫자: numbers",
            minutes: 25,
            skills: &["listening"],
            trainings: &[TrainingSeed {
                title: "Two ways to count",
                pass_score: Some(8_000),
                items: &[(Scorm, "The market game"), (Quiz, "Prices")],
            }],
        },
    ],
};

const RUSSIAN: CourseSeed = CourseSeed {
    key: "russian-a2",
    title: "Русский для путешествий",
    summary: "Stations, hotels and tables for two: Russian for people on the way.",
    language: "ru",
    cefr: (Cefr::A1, Cefr::A2),
    lessons: &[
        LessonSeed {
            title: "На вокзале",
            minutes: 35,
            skills: &["listening", "speaking"],
            trainings: &[TrainingSeed {
                title: "Buying a ticket",
                pass_score: Some(7_000),
                items: &[(Material, "Words of the station"), (Dialogue, "Один билет до Казани"), (Quiz, "Departures")],
            }],
        },
        LessonSeed {
            title: "В гостинице",
            minutes: 30,
            skills: &["writing"],
            trainings: &[TrainingSeed {
                title: "Writing ahead",
                pass_score: None,
                items: &[
                    (Material, "The genitive without fear"),
                    (Task, "A letter to the hotel"),
                    (Flashcard, "Номер с видом"),
                ],
            }],
        },
    ],
};

const FRENCH: CourseSeed = CourseSeed {
    key: "french-b1",
    title: "Français : l'été à la campagne",
    summary: "Past tenses and long lunches: French for those who can already order one.",
    language: "fr",
    cefr: (Cefr::A2, Cefr::B1),
    lessons: &[
        LessonSeed {
            title: "Il était une fois",
            minutes: 45,
            skills: &["reading", "writing"],
            trainings: &[
                TrainingSeed {
                    title: "Imparfait ou passé composé ?",
                    pass_score: Some(7_500),
                    items: &[(Material, "Two pasts, one story"), (Quiz, "Choisissez"), (Quiz, "Racontez")],
                },
                TrainingSeed {
                    title: "Raconter",
                    pass_score: None,
                    items: &[(Task, "Your best summer, in 120 words")],
                },
            ],
        },
        LessonSeed {
            title: "À table",
            minutes: 50,
            skills: &["listening", "speaking"],
            trainings: &[TrainingSeed {
                title: "Un long déjeuner",
                pass_score: Some(6_000),
                items: &[
                    (Scorm, "Le marché de Saint-Rémy"),
                    (Dialogue, "Encore un peu de fromage ?"),
                    (Flashcard, "Les fromages"),
                ],
            }],
        },
    ],
};
