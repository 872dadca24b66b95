//! How a session and its holder look.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use stoa_core::{
    Ability, Actor, Id, Role, TenantId,
    auth::Candidate,
    id::{self, User},
    institutions::{Institution, InstitutionStatus},
    members::Member,
    tokens::{Token, TokenText, Verified},
};

use crate::doors::{Sample, sample};

/// A session just opened.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Session")]
pub(super) struct SessionView {
    /// The token. Keep it: it is not shown again.
    token: String,
    /// How to send it: `Authorization: Bearer` and the token.
    token_type: &'static str,
    /// When the session ends.
    expires_at: Option<DateTime<Utc>>,
    /// What it can do.
    abilities: Vec<String>,
    /// Whose it is.
    user: UserView,
    /// Every institution that knows the address and this password; the session is in the first.
    memberships: Vec<MembershipView>,
}

/// Who holds the token, and what the token can do.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Me")]
pub(super) struct MeView {
    /// Who acts.
    actor: ActorView,
    /// The person; null for an integration.
    user: Option<UserView>,
    /// The person's role; null for an integration.
    role: Option<Role>,
    /// The institution that the token belongs to.
    institution: InstitutionView,
    /// The person's memberships, as far as this token can see: its own institution.
    memberships: Vec<MembershipView>,
    /// The token.
    token: TokenSummary,
}

/// Who acts.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schemars(rename = "Actor")]
enum ActorView {
    /// A person, by a session.
    User {
        /// The person.
        id: Id<User>,
    },
    /// An integration, by its token.
    Service {
        /// The token.
        id: Id<id::Token>,
    },
}

/// A person.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SignedInUser")]
struct UserView {
    /// Id.
    id: Id<User>,
    /// Integer id.
    number: i64,
    /// The institution's own key.
    external_id: Option<String>,
    /// Address as it was given.
    email: String,
    /// Whole name.
    name: String,
    /// Language tag; null means the institution's.
    locale: Option<String>,
    /// IANA zone; null means the institution's.
    time_zone: Option<String>,
}

/// A role in an institution.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Membership")]
struct MembershipView {
    /// Where.
    institution: InstitutionName,
    /// The role there.
    role: Role,
}

/// An institution, by name.
#[derive(Debug, Serialize, JsonSchema)]
struct InstitutionName {
    /// Id.
    id: TenantId,
    /// Integer id.
    number: i64,
    /// Name.
    name: String,
}

/// An institution.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "OwnInstitution")]
struct InstitutionView {
    /// Id.
    id: TenantId,
    /// Integer id.
    number: i64,
    /// Name.
    name: String,
    /// The operator's own key.
    external_id: Option<String>,
    /// Language tag.
    locale: String,
    /// IANA zone.
    time_zone: String,
    /// Life of the contract.
    status: InstitutionStatus,
}

/// The token that was shown.
#[derive(Debug, Serialize, JsonSchema)]
struct TokenSummary {
    /// Id.
    id: Id<id::Token>,
    /// Given by its maker.
    name: String,
    /// What it can do now.
    abilities: Vec<Ability>,
    /// When it stops working; null means never.
    expires_at: Option<DateTime<Utc>>,
}

impl SessionView {
    pub(super) fn of(text: &TokenText, token: Token, member: &Member, proven: &[Candidate]) -> Self {
        Self {
            token: text.expose().to_owned(),
            token_type: "Bearer",
            expires_at: token.expires_at,
            abilities: token.abilities,
            user: UserView::of(member),
            memberships: proven.iter().map(MembershipView::proven).collect(),
        }
    }
}

impl MeView {
    pub(super) fn of(token: &Verified, institution: &Institution, member: Option<&Member>) -> Self {
        let name = || InstitutionName {
            id: institution.tenant_id,
            number: institution.number,
            name: institution.name.clone(),
        };
        Self {
            actor: match token.actor {
                Actor::Person(id) => ActorView::User { id },
                Actor::Integration(_) | Actor::Staff(_) | Actor::House => ActorView::Service { id: token.id },
            },
            user: member.map(UserView::of),
            role: member.map(|member| member.role),
            institution: InstitutionView::of(institution),
            memberships: member
                .map(|member| MembershipView { institution: name(), role: member.role })
                .into_iter()
                .collect(),
            token: TokenSummary {
                id: token.id,
                name: token.name.clone(),
                abilities: token.abilities.to_vec(),
                expires_at: token.expires_at,
            },
        }
    }
}

impl UserView {
    fn of(member: &Member) -> Self {
        Self {
            id: member.id,
            number: member.number,
            external_id: member.external_id.clone(),
            email: member.email.clone(),
            name: member.name.clone(),
            locale: member.locale.clone(),
            time_zone: member.time_zone.clone(),
        }
    }

    fn sample() -> Self {
        Self {
            id: sample::id(),
            number: 42,
            external_id: Some("s-1815".into()),
            email: "ada@school.example".into(),
            name: "Ada Lovelace".into(),
            locale: None,
            time_zone: None,
        }
    }
}

impl MembershipView {
    fn proven(candidate: &Candidate) -> Self {
        let institution = InstitutionName {
            id: candidate.tenant,
            number: candidate.institution_number,
            name: candidate.institution_name.clone(),
        };
        Self { institution, role: candidate.role }
    }

    fn sample() -> Self {
        let institution = InstitutionName { id: sample::id(), number: 7, name: "School of Examples".into() };
        Self { institution, role: Role::Admin }
    }
}

impl InstitutionView {
    fn of(institution: &Institution) -> Self {
        Self {
            id: institution.tenant_id,
            number: institution.number,
            name: institution.name.clone(),
            external_id: institution.external_id.clone(),
            locale: institution.locale.clone(),
            time_zone: institution.time_zone.clone(),
            status: institution.status,
        }
    }
}

impl Sample for SessionView {
    fn sample() -> Self {
        Self {
            token: sample::TOKEN.into(),
            token_type: "Bearer",
            expires_at: Some(sample::time()),
            abilities: vec![Ability::ContentRead.to_string()],
            user: UserView::sample(),
            memberships: vec![MembershipView::sample()],
        }
    }
}

impl Sample for MeView {
    fn sample() -> Self {
        Self {
            actor: ActorView::User { id: sample::id() },
            user: Some(UserView::sample()),
            role: Some(Role::Admin),
            institution: InstitutionView {
                id: sample::id(),
                number: 7,
                name: "School of Examples".into(),
                external_id: None,
                locale: "en".into(),
                time_zone: "Europe/London".into(),
                status: InstitutionStatus::Active,
            },
            memberships: vec![MembershipView::sample()],
            token: TokenSummary {
                id: sample::id(),
                name: "sign-in".into(),
                abilities: vec![Ability::ContentRead, Ability::TokensRead],
                expires_at: Some(sample::time()),
            },
        }
    }
}
