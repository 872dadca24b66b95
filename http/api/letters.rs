//! Letters: what was sent to whom, what became of it, and addresses that nothing is sent to.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stoa_core::{
    Ability, Code, Id, Result, id,
    letters::{self, Letter, LetterStatus},
};

use crate::{
    body::NoBody,
    doors::{Call, Data, Door, NoPath, NoQuery, Sample, Stretch, sample},
    page::{PageNumber, PerPage, asked},
};

const TAG: &str = "Letters";

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::get("/api/letters", list).needs(Ability::AuditRead).named(
            "listLetters",
            TAG,
            "Lists letters, the newest first; `links.next` leads to what is older",
        ),
        Door::get("/api/letters/{letter}", show).needs(Ability::AuditRead).named(
            "getLetter",
            TAG,
            "Shows a letter and what became of it",
        ),
        Door::post("/api/letters/{letter}/readmit", readmit)
            .needs(Ability::MembersWrite)
            .named("readmitAddress", TAG, "Lets letters go to the suspended address of this letter again")
            .errors(&[Code::Conflict]),
    ]
}

/// Which letters.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Listing {
    /// Only those with this outcome.
    status: Option<LetterStatus>,
    /// Only this letter, such as `invitation`.
    kind: Option<String>,
    /// Only those to this member.
    member: Option<Id<id::User>>,
    /// Only what is older than this letter: where the page before ended.
    cursor: Option<Id<id::Letter>>,
    per_page: PerPage,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OneLetter {
    /// Id of the letter.
    letter: Id<id::Letter>,
}

/// A letter. Its words are not kept.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Letter")]
struct LetterView {
    /// Id; its `Message-ID` begins with it.
    id: Id<id::Letter>,
    /// Which letter, such as `invitation`.
    kind: String,
    /// The member that it goes to; null for somebody who is none.
    member_id: Option<Id<id::User>>,
    /// The address, masked.
    recipient: String,
    /// Language of the whole letter.
    language: String,
    /// What became of it.
    status: LetterStatus,
    /// How often it was tried.
    attempts: i32,
    /// What a mail server said last against it, addresses masked.
    last_error: Option<String>,
    /// When it was promised.
    created_at: DateTime<Utc>,
    /// When the mail server took it.
    sent_at: Option<DateTime<Utc>>,
    /// When it came back.
    bounced_at: Option<DateTime<Utc>>,
    /// Since when nothing is sent to its address; null where letters go there.
    address_suspended_at: Option<DateTime<Utc>>,
}

impl From<Letter> for LetterView {
    fn from(letter: Letter) -> Self {
        Self {
            id: letter.id,
            kind: letter.kind,
            member_id: letter.user_id,
            recipient: letter.recipient,
            language: letter.language,
            status: letter.status,
            attempts: letter.attempts,
            last_error: letter.last_error,
            created_at: letter.created_at,
            sent_at: letter.sent_at,
            bounced_at: letter.bounced_at,
            address_suspended_at: letter.suspended_at,
        }
    }
}

async fn list(call: Call<NoPath, Listing>) -> Result<Stretch<LetterView>> {
    let query = call.query;
    let most = asked(PageNumber::default(), query.per_page).per_page;
    let listing = letters::Listing { user: query.member, kind: query.kind, status: query.status, before: query.cursor };
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let (rows, more) = letters::list(&mut tx, &listing, most).await?;
    let next = rows.last().filter(|_| more).map(|last| ("cursor", last.id.to_string()));
    Ok(Stretch { rows: rows.into_iter().map(LetterView::from).collect(), next })
}

async fn show(call: Call<OneLetter>) -> Result<Data<LetterView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    Ok(Data(letters::get(&mut tx, call.path.letter).await?.into()))
}

async fn readmit(call: Call<OneLetter, NoQuery, NoBody>) -> Result<Data<LetterView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let letter = letters::readmit(&mut tx, call.path.letter).await?;
    tx.commit().await?;
    Ok(Data(letter.into()))
}

impl Sample for LetterView {
    fn sample() -> Self {
        Self {
            id: sample::id(),
            kind: "invitation".into(),
            member_id: Some(sample::id()),
            recipient: "a***@example.com".into(),
            language: "ko".into(),
            status: LetterStatus::Sent,
            attempts: 1,
            last_error: None,
            created_at: sample::time(),
            sent_at: Some(sample::time()),
            bounced_at: None,
            address_suspended_at: None,
        }
    }
}
