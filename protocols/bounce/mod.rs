//! Reads what mail servers tell of letters that came back.
//!
//! Not here: what follows from it (`stoa_core::letters`).
//!
//! # Rule
//! A report is a stranger's text: anybody may send one to the address that letters come from. What it says is believed of
//! a letter of ours alone, which it must name by its Message-ID; nobody can guess one that he was not sent.
//!
//! # Source
//! RFC 3464 for `message/delivery-status`, RFC 3462 for `multipart/report`, RFC 3463 for status codes.

use mail_parser::{Message, MessageParser, MimeHeaders, PartType};

/// Longest reason that is kept, in characters.
const REASON_CHARS: usize = 500;

/// What became of a letter, says a mail server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Returned {
    /// `Message-ID` of the letter, without the brackets.
    pub message_id: String,
    /// It will never arrive.
    pub failed: bool,
    /// Enhanced status code, such as `5.1.1`; empty if there is none.
    pub status: String,
    /// What the server said.
    pub reason: String,
}

impl Returned {
    /// Nothing will ever reach the address.
    pub fn is_hard(&self) -> bool {
        self.failed && is_hard(&self.status)
    }
}

/// Whether a status says that nothing will ever reach the address, and not only that this letter did not.
pub fn is_hard(status: &str) -> bool {
    matches!(status, "5.1.1" | "5.1.2" | "5.1.3" | "5.1.6" | "5.1.10" | "5.2.1")
}

/// Why a report cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReportFault {
    /// It has no part that says what became of a letter.
    #[error("it is no report of a mail server: it has no part message/delivery-status")]
    NoReport,
    /// It does not say which letter it is about.
    #[error("it does not name a letter: neither the letter's headers nor a reference to it are in it")]
    NoLetter,
}

/// Reads a report: one answer for each recipient of the letter, none of those whom it reached.
///
/// # Errors
/// [`ReportFault`].
pub fn read_report(text: &str) -> Result<Vec<Returned>, ReportFault> {
    let report = MessageParser::default().parse(text).ok_or(ReportFault::NoReport)?;
    let statuses: Vec<String> = report.parts.iter().filter(|part| is_status(*part)).filter_map(words).collect();
    if statuses.is_empty() {
        return Err(ReportFault::NoReport);
    }
    let message_id = letter_of(&report).ok_or(ReportFault::NoLetter)?;
    let recipients = statuses.iter().flat_map(|status| groups(status)).filter(|group| group.has("final-recipient"));
    Ok(recipients.filter_map(|group| returned(&group, &message_id)).collect())
}

fn returned(group: &Group, message_id: &str) -> Option<Returned> {
    let failed = match group.get("action").unwrap_or_default().to_ascii_lowercase().as_str() {
        "failed" => true,
        "delayed" => false,
        _ => return None,
    };
    let status = group.get("status").unwrap_or_default().split_whitespace().next().unwrap_or_default().to_owned();
    // `smtp; 550 5.1.1 …`: the kind of the code, which nobody needs.
    let said = group.get("diagnostic-code").unwrap_or_default();
    let said = said.split_once(';').map_or(said, |(_, said)| said).trim();
    let reason = if said.is_empty() { &status } else { said };
    Some(Returned {
        message_id: message_id.to_owned(),
        failed,
        reason: reason.chars().take(REASON_CHARS).collect(),
        status,
    })
}

fn is_status<'a>(part: &impl MimeHeaders<'a>) -> bool {
    let Some(kind) = part.content_type() else { return false };
    let wanted = ["delivery-status", "global-delivery-status"];
    kind.ctype().eq_ignore_ascii_case("message")
        && kind.subtype().is_some_and(|subtype| wanted.iter().any(|one| subtype.eq_ignore_ascii_case(one)))
}

fn words(part: &mail_parser::MessagePart<'_>) -> Option<String> {
    match &part.body {
        PartType::Text(text) | PartType::Html(text) => Some(text.to_string()),
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        PartType::Message(_) | PartType::Multipart(_) => None,
    }
}

/// The letter's own headers, which most servers send back; else what the report answers to.
fn letter_of(report: &Message<'_>) -> Option<String> {
    let inside = report.parts.iter().find_map(|part| match &part.body {
        PartType::Message(letter) => letter.message_id().map(str::to_owned),
        _ if is_headers(part) => {
            let headers = words(part)?;
            MessageParser::default().parse(headers.as_str()).and_then(|letter| letter.message_id().map(str::to_owned))
        }
        _ => None,
    });
    let answered = || report.in_reply_to().as_text_list().and_then(|ids| ids.last().map(ToString::to_string));
    let referred = || report.references().as_text_list().and_then(|ids| ids.last().map(ToString::to_string));
    inside.or_else(answered).or_else(referred).map(|id| id.trim().trim_matches(['<', '>']).to_owned())
}

fn is_headers<'a>(part: &impl MimeHeaders<'a>) -> bool {
    let Some(kind) = part.content_type() else { return false };
    kind.subtype().is_some_and(|subtype| {
        subtype.eq_ignore_ascii_case("rfc822-headers") || subtype.eq_ignore_ascii_case("global-headers")
    })
}

/// Fields of one recipient, or of the whole report.
struct Group(Vec<(String, String)>);

impl Group {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }
}

/// Groups of fields with blank lines between them; a line that begins with a space goes on with the one before.
fn groups(text: &str) -> Vec<Group> {
    let mut groups = vec![Group(Vec::new())];
    for line in text.lines() {
        let Some(group) = groups.last_mut() else { continue };
        if line.trim().is_empty() {
            groups.push(Group(Vec::new()));
        } else if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = group.0.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            group.0.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    groups
}

#[cfg(test)]
mod tests;
