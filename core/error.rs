//! The one error of the house, free of any transport.
//!
//! Not here: how a surface writes it down (`stoa::http::problem`).
//!
//! An error has two texts. The *outside* one may be shown to a customer; the *inside* one, the chain of
//! causes, goes to the log and nowhere else.

use std::{borrow::Cow, fmt};

/// Shorthand of everything that can fail here.
pub type Result<T, E = Error> = std::result::Result<T, E>;

macro_rules! codes {
    ($($variant:ident = $slug:literal, $status:literal, $title:literal;)*) => {
        /// Names what went wrong; stable for ever, each with one status and one title.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $(#[doc = $title] $variant,)* }

        impl Code {
            /// Every code, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The slug on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $slug,)* }
            }

            /// HTTP status, as every surface answers it.
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)* }
            }

            /// Title of the problem type, the same for every occurrence.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }
        }
    };
}

codes! {
    MalformedBody = "malformed_body", 400, "The body is not what it says it is";
    InvalidApiVersion = "invalid_api_version", 400, "No such version of the API";
    InvalidStatement = "invalid_statement", 400, "The statement cannot be counted";
    InvalidGrant = "invalid_grant", 400, "The grant is not valid";
    UnsupportedGrantType = "unsupported_grant_type", 400, "No such type of grant here";
    InvalidScope = "invalid_scope", 400, "The application has not these scopes";
    InvalidClient = "invalid_client", 401, "Wrong client id or secret";
    InvalidIdempotencyKey = "invalid_idempotency_key", 400, "The Idempotency-Key cannot be read";
    Unauthenticated = "unauthenticated", 401, "Missing or invalid credentials";
    InvalidCredentials = "invalid_credentials", 401, "Wrong e-mail address or password";
    OtpRequired = "otp_required", 401, "A one-time password is wanted too";
    OtpInvalid = "otp_invalid", 401, "Wrong one-time password";
    TokenExpired = "token_expired", 401, "The token has expired";
    AbilityMissing = "ability_missing", 403, "The token lacks an ability";
    AddressNotAllowed = "address_not_allowed", 403, "The token may not be used from this address";
    WrongAccount = "wrong_account", 403, "The token is of another account";
    SecondFactorRequired = "second_factor_required", 403, "A second factor has to be set up first";
    TenantSuspended = "tenant_suspended", 403, "The institution is suspended or closed";
    SessionRequired = "session_required", 403, "Only a person who has signed in may do this";
    NotFound = "not_found", 404, "Not found";
    WebhookNotFound = "webhook_not_found", 404, "No such webhook";
    CourseNotFound = "course_not_found", 404, "No such course";
    UserNotFound = "user_not_found", 404, "No such user";
    GroupNotFound = "group_not_found", 404, "No such group";
    LearningPathNotFound = "learning_path_not_found", 404, "No such learning path";
    NotEnrolled = "not_enrolled", 404, "The learner is not enrolled";
    InvitationNotFound = "invitation_not_found", 404, "No such invitation";
    MethodNotAllowed = "method_not_allowed", 405, "Method not allowed here";
    NotAcceptable = "not_acceptable", 406, "No acceptable representation";
    BodyTimeout = "body_timeout", 408, "The body did not arrive in time";
    Conflict = "conflict", 409, "Conflict with the present state";
    UploadInProgress = "upload_in_progress", 409, "Another file of the institution is being uploaded";
    SeatsExceeded = "seats_exceeded", 409, "No seat is left";
    StalePlan = "stale_plan", 409, "People changed since the plan was made";
    AlreadyMember = "already_member", 409, "The person is a member already";
    DuplicateTargetUrl = "duplicate_target_url", 409, "Another webhook already uses this address";
    WebhookDisabled = "webhook_disabled", 409, "The webhook is disabled";
    ExportNotReady = "export_not_ready", 409, "The export has no file yet";
    ErasureBlocked = "erasure_blocked", 409, "The person may not be erased";
    IdempotencyInProgress = "idempotency_in_progress", 409, "A request with this Idempotency-Key is being served";
    ImportFileExpired = "import_file_expired", 410, "The file of the import is no longer kept";
    InvitationExpired = "invitation_expired", 410, "The invitation has expired";
    InvitationRevoked = "invitation_revoked", 410, "The invitation was taken back";
    InvitationAccepted = "invitation_accepted", 410, "The invitation was accepted already";
    PasswordResetInvalid = "password_reset_invalid", 410, "The way to a new password works no more";
    CursorExpired = "cursor_expired", 410, "The event is no longer kept";
    ExportExpired = "export_expired", 410, "The file of the export is no longer kept";
    PreconditionFailed = "precondition_failed", 412, "It has changed since";
    BodyTooLarge = "body_too_large", 413, "The body is too large";
    UnsupportedMediaType = "unsupported_media_type", 415, "The body's media type is not supported";
    RangeNotSatisfiable = "range_not_satisfiable", 416, "No such part of the file";
    ValidationFailed = "validation_failed", 422, "The request is not valid";
    IdempotencyMismatch = "idempotency_mismatch", 422, "The Idempotency-Key was used for another request";
    UnreadableFile = "unreadable_file", 422, "The file cannot be read";
    SubjectRequired = "subject_required", 422, "A learner has to be named";
    UnsafeUrl = "unsafe_url", 422, "The address may not be called";
    RateLimited = "rate_limited", 429, "Too many requests";
    Internal = "internal", 500, "Internal error";
    UpstreamUnavailable = "upstream_unavailable", 503, "Temporarily unavailable";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A fault of one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldFault {
    /// JSON Pointer into the body (RFC 6901), or `?name` for a query parameter.
    pub pointer: String,
    /// Stable word: `required`, `unknown`, `type`, `format`, `length`, `range`, `not_found`, `taken`, …
    pub code: &'static str,
    /// What is wanted.
    pub detail: String,
}

impl FieldFault {
    /// Makes a fault.
    pub fn new(pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code, detail: detail.into() }
    }
}

/// What every fallible function of the house answers.
pub struct Error(Box<Inner>);

struct Inner {
    code: Code,
    outside: Cow<'static, str>,
    inside: Option<anyhow::Error>,
    fields: Vec<FieldFault>,
    violated: Vec<&'static str>,
    retry_after_secs: Option<u64>,
}

impl Error {
    /// Makes an error with a text that may be shown.
    pub fn new(code: Code, outside: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            code,
            outside: outside.into(),
            inside: None,
            fields: Vec::new(),
            violated: Vec::new(),
            retry_after_secs: None,
        }))
    }

    /// Makes an error that is our own fault: the cause is logged, never shown.
    pub fn internal(cause: impl Into<anyhow::Error>) -> Self {
        let mut error = Self::new(Code::Internal, "something failed on our side; the request id names it in our log");
        error.0.inside = Some(cause.into());
        error
    }

    /// Makes a `validation_failed` with its fields.
    pub fn invalid(fields: Vec<FieldFault>) -> Self {
        let mut error = Self::new(Code::ValidationFailed, "the request is not valid; `errors` names each field");
        error.0.fields = fields;
        error
    }

    /// Makes a `validation_failed` of one field.
    pub fn invalid_field(pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        Self::invalid(vec![FieldFault::new(pointer, code, detail)])
    }

    /// Makes the answer to an unknown id and to another institution's alike.
    pub fn not_found(what: &'static str) -> Self {
        Self::new(Code::NotFound, format!("no such {what}"))
    }

    /// Names the fields at fault.
    #[must_use]
    pub fn with_fields(mut self, fields: Vec<FieldFault>) -> Self {
        self.0.fields = fields;
        self
    }

    /// Says after how many seconds another try makes sense.
    #[must_use]
    pub fn retry_after_secs(mut self, secs: u64) -> Self {
        self.0.retry_after_secs = Some(secs);
        self
    }

    /// Names the limits that were passed.
    #[must_use]
    pub fn violating(mut self, policies: Vec<&'static str>) -> Self {
        self.0.violated = policies;
        self
    }

    /// Keeps the cause for the log.
    #[must_use]
    pub fn because(mut self, cause: impl Into<anyhow::Error>) -> Self {
        self.0.inside = Some(cause.into());
        self
    }

    /// What went wrong.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// The text that may be shown.
    pub fn outside(&self) -> &str {
        &self.0.outside
    }

    /// The cause, for the log.
    pub fn inside(&self) -> Option<&anyhow::Error> {
        self.0.inside.as_ref()
    }

    /// Fields at fault.
    pub fn fields(&self) -> &[FieldFault] {
        &self.0.fields
    }

    /// Names of the limits that were passed.
    pub fn violated(&self) -> &[&'static str] {
        &self.0.violated
    }

    /// Seconds to wait, if that helps.
    pub fn retry_after(&self) -> Option<u64> {
        self.0.retry_after_secs
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("code", &self.0.code.as_str())
            .field("outside", &self.0.outside)
            .field("inside", &self.0.inside)
            .field("fields", &self.0.fields)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.code, self.0.outside)?;
        if let Some(inside) = &self.0.inside {
            write!(f, " ({inside:#})")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
