//! Who acts, for which institution, with which abilities.

use std::{fmt, net::IpAddr, str::FromStr, sync::Arc};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::id::{Id, Staff, TenantId, Token, User};

macro_rules! abilities {
    ($($variant:ident = $name:literal,)*) => {
        /// Names what a token may do. Writing does not imply reading.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        pub enum Ability { $(#[serde(rename = $name)] #[doc = concat!("`", $name, "`")] $variant,)* }

        impl Ability {
            /// Every ability, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name, `noun:verb`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

abilities! {
    ContentRead = "content:read",
    ContentWrite = "content:write",
    ContentAnswers = "content:answers",
    ProgressRead = "progress:read",
    ProgressWrite = "progress:write",
    CefrRead = "cefr:read",
    CefrWrite = "cefr:write",
    InsightsRead = "insights:read",
    GamificationRead = "gamification:read",
    AnalyticsRead = "analytics:read",
    WebhooksRead = "webhooks:read",
    WebhooksWrite = "webhooks:write",
    WebhooksApprove = "webhooks:approve",
    ExportsRead = "exports:read",
    ExportsWrite = "exports:write",
    ReportsRead = "reports:read",
    ReportsWrite = "reports:write",
    LtiRead = "lti:read",
    LtiWrite = "lti:write",
    LtiGrade = "lti:grade",
    XapiRead = "xapi:read",
    XapiWrite = "xapi:write",
    MembersRead = "members:read",
    MembersWrite = "members:write",
    InstitutionsRead = "institutions:read",
    InstitutionsWrite = "institutions:write",
    SsoRead = "sso:read",
    SsoWrite = "sso:write",
    ScimManage = "scim:manage",
    ComplianceRead = "compliance:read",
    ComplianceWrite = "compliance:write",
    PrivacyManage = "privacy:manage",
    AuditRead = "audit:read",
    BillingRead = "billing:read",
    BillingWrite = "billing:write",
    TokensRead = "tokens:read",
    TokensWrite = "tokens:write",
}

impl fmt::Display for Ability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Ability {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.iter().copied().find(|known| known.as_str() == text).ok_or(())
    }
}

/// Names what a person is in an institution; decides the abilities of the person's sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Has everything, billing and tokens included.
    Owner,
    /// Has everything but billing.
    Admin,
    /// Pays.
    BillingAdmin,
    /// Leads learners.
    Manager,
    /// Helps, reads, approves subscriptions.
    Support,
    /// Connects systems.
    Integrator,
    /// Learns.
    Learner,
    /// Reads what happened.
    Auditor,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 8] = [
        Self::Owner,
        Self::Admin,
        Self::BillingAdmin,
        Self::Manager,
        Self::Support,
        Self::Integrator,
        Self::Learner,
        Self::Auditor,
    ];

    /// The word on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::BillingAdmin => "billing_admin",
            Self::Manager => "manager",
            Self::Support => "support",
            Self::Integrator => "integrator",
            Self::Learner => "learner",
            Self::Auditor => "auditor",
        }
    }

    /// Changes the institution itself, its people's rights, its tokens or its bills: what a stranger must not do in his
    /// name. A second factor can be demanded of him.
    pub const fn keeps_the_institution(self) -> bool {
        matches!(self, Self::Owner | Self::Admin | Self::BillingAdmin | Self::Integrator)
    }

    /// The abilities of a session of somebody with this role.
    pub fn abilities(self) -> Vec<Ability> {
        use Ability as A;
        match self {
            Self::Owner => A::ALL.to_vec(),
            Self::Admin => A::ALL.iter().copied().filter(|a| !matches!(a, A::BillingRead | A::BillingWrite)).collect(),
            Self::BillingAdmin => vec![A::BillingRead, A::BillingWrite, A::MembersRead, A::InstitutionsRead],
            Self::Manager => vec![
                A::ContentRead,
                A::ProgressRead,
                A::CefrRead,
                A::InsightsRead,
                A::GamificationRead,
                A::AnalyticsRead,
                A::MembersRead,
                A::MembersWrite,
                A::ReportsRead,
                A::ReportsWrite,
                A::ExportsRead,
                A::ExportsWrite,
            ],
            Self::Support => vec![
                A::ContentRead,
                A::ProgressRead,
                A::MembersRead,
                A::WebhooksRead,
                A::WebhooksApprove,
                A::InstitutionsRead,
            ],
            Self::Integrator => vec![
                A::ContentRead,
                A::ContentWrite,
                A::ProgressRead,
                A::ProgressWrite,
                A::WebhooksRead,
                A::WebhooksWrite,
                A::ExportsRead,
                A::ExportsWrite,
                A::LtiRead,
                A::LtiWrite,
                A::XapiRead,
                A::XapiWrite,
                A::MembersRead,
                A::MembersWrite,
                A::TokensRead,
                A::TokensWrite,
            ],
            Self::Learner => vec![A::ContentRead],
            Self::Auditor => vec![A::AuditRead, A::ComplianceRead, A::MembersRead, A::AnalyticsRead, A::WebhooksRead],
        }
    }
}

impl FromStr for Role {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or(())
    }
}

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// A person, by a session.
    Person(Id<User>),
    /// An integration, by its token.
    Integration(Id<Token>),
    /// Somebody of the platform's staff, on behalf of the institution.
    Staff(Id<Staff>),
    /// The house itself: a job, a command of an operator, a test.
    House,
}

/// Who acts, for which institution, with which abilities. Built by authentication, the job runner or a test.
#[derive(Debug, Clone)]
pub struct Scope {
    /// The institution.
    pub tenant: TenantId,
    /// Who acts.
    pub actor: Actor,
    /// What the actor may do.
    pub abilities: Arc<[Ability]>,
    /// Names the request from the edge to the outgoing call.
    pub request_id: Option<Arc<str>>,
    /// What the actor is called, where no row of the institution says so: of the staff.
    pub name: Option<Arc<str>>,
    /// Where the request comes from.
    pub address: Option<IpAddr>,
    /// The only courses that there are for the actor; none where nothing was said of courses. Kept by the wall.
    pub courses: Option<Arc<[uuid::Uuid]>>,
    /// The manager whose groups' people alone there are for the actor; none for whoever sees all. Kept by the wall.
    pub led_by: Option<Id<User>>,
}

impl Scope {
    /// Makes the scope of the house's own work for an institution.
    pub fn house(tenant: TenantId) -> Self {
        Self {
            tenant,
            actor: Actor::House,
            abilities: Ability::ALL.into(),
            request_id: None,
            name: None,
            address: None,
            courses: None,
            led_by: None,
        }
    }

    /// Is this course there for the actor.
    pub fn sees_course(&self, course: uuid::Uuid) -> bool {
        self.courses.as_ref().is_none_or(|courses| courses.contains(&course))
    }

    /// May the actor do this.
    pub fn may(&self, ability: Ability) -> bool {
        self.abilities.contains(&ability)
    }

    /// The person or the token; none for the house's own work.
    pub fn holder(&self) -> Option<uuid::Uuid> {
        match self.actor {
            Actor::Person(user) => Some(user.uuid()),
            Actor::Integration(token) => Some(token.uuid()),
            Actor::Staff(staff) => Some(staff.uuid()),
            Actor::House => None,
        }
    }

    /// The person behind the session, if it is one.
    pub fn person(&self) -> Option<Id<User>> {
        match self.actor {
            Actor::Person(user) => Some(user),
            Actor::Integration(_) | Actor::Staff(_) | Actor::House => None,
        }
    }
}
