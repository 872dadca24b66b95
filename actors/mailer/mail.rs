//! A letter, and its form on the wire.
//!
//! Not here: carrying it (`transport`).
//!
//! # Rule
//! Names, addresses and subjects come from strangers. An address is one address or the letter is refused; a name
//! or a subject cannot begin another header, because control characters leave it here.
//!
//! # Source
//! RFC 5322 for the form, RFC 5321 section 4.5.3.1 for lengths, RFC 3282 for the language, RFC 3834 section 5 for letters
//! that nobody wrote by hand; RFC 2387 for pictures within a letter and RFC 2392 for how it names them; RFC 2369 section 3.2
//! and RFC 8058 for the way to get no more.

use std::time::SystemTime;

use chrono::{DateTime, Utc};
use lettre::{
    Address, Message,
    message::{
        Attachment, Mailbox, MultiPart, SinglePart,
        header::{ContentType, HeaderName, HeaderValue},
    },
};

use super::MailError;

const ADDRESS_BYTES: usize = 254;
const NAME_CHARS: usize = 128;
const SUBJECT_CHARS: usize = 250;
const ADDRESS_OF_PAGE: usize = 900;

/// Somebody with a mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// To be shown beside the address.
    pub name: Option<String>,
    /// `somebody@example.com`.
    pub address: String,
}

/// A letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Letters, digits and dots; the same at every attempt, so that a reader's program can tell a copy.
    pub id: String,
    /// When it was written.
    pub date: DateTime<Utc>,
    /// Who sends it.
    pub from: Party,
    /// Who gets it.
    pub to: Party,
    /// Tag of the language of all of it.
    pub language: &'static str,
    /// Its title.
    pub subject: String,
    /// Its body for every reader.
    pub text: String,
    /// Its body for most.
    pub html: String,
    /// What comes with it.
    pub enclosures: Vec<Enclosure>,
    /// Where whoever wants no more of them says so by one POST; none for a letter about somebody's own account.
    pub unsubscribe: Option<String>,
}

/// Something that comes with a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enclosure {
    /// What a picture is called by the letter that shows it, behind `cid:`; none for a file beside the letter.
    pub shown_as: Option<String>,
    /// Name of the file.
    pub name: String,
    /// Its media type.
    pub media: &'static str,
    /// What is in it.
    pub bytes: Vec<u8>,
}

impl Mail {
    /// The letter as it travels.
    ///
    /// # Errors
    /// [`MailError::Refused`] when an address or the id is none.
    pub(super) fn message(&self) -> Result<Message, MailError> {
        let from = mailbox(&self.from)?;
        let part =
            |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !self.id.split('.').all(part) {
            return Err(MailError::Refused("the id of the letter is none".to_owned()));
        }
        let mut message = Message::builder()
            .message_id(Some(format!("<{}@{}>", self.id, from.email.domain())))
            .date(SystemTime::from(self.date))
            .from(from)
            .to(mailbox(&self.to)?)
            .subject(plain(&self.subject, SUBJECT_CHARS))
            .multipart(self.body()?)
            .map_err(|error| MailError::Refused(error.to_string()))?;
        let header = |name, value: &str| HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned());
        message.headers_mut().insert_raw(header("Content-Language", self.language));
        // Nobody's answer of absence is wanted.
        message.headers_mut().insert_raw(header("Auto-Submitted", "auto-generated"));
        if let Some(address) = &self.unsubscribe {
            message
                .headers_mut()
                .insert_raw(header("List-Unsubscribe", &format!("<{}>", plain(address, ADDRESS_OF_PAGE))));
            // One click is for addresses that nobody on the way can read.
            if address.starts_with("https://") {
                message.headers_mut().insert_raw(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
            }
        }
        Ok(message)
    }

    /// The text; else the HTML with its pictures; beside them the files.
    fn body(&self) -> Result<MultiPart, MailError> {
        let (pictures, files): (Vec<_>, Vec<_>) = self.enclosures.iter().partition(|one| one.shown_as.is_some());
        let alternative = MultiPart::alternative().singlepart(SinglePart::plain(self.text.clone()));
        let html = SinglePart::html(self.html.clone());
        let letter = if pictures.is_empty() {
            alternative.singlepart(html)
        } else {
            let mut related = MultiPart::related().singlepart(html);
            for picture in pictures {
                related = related.singlepart(picture.part()?);
            }
            alternative.multipart(related)
        };
        if files.is_empty() {
            return Ok(letter);
        }
        let mut mixed = MultiPart::mixed().multipart(letter);
        for file in files {
            mixed = mixed.singlepart(file.part()?);
        }
        Ok(mixed)
    }
}

impl Enclosure {
    fn part(&self) -> Result<SinglePart, MailError> {
        let media = ContentType::parse(self.media).map_err(|error| MailError::Refused(error.to_string()))?;
        let name = plain(&self.name, NAME_CHARS);
        let kind = match &self.shown_as {
            Some(id) => Attachment::new_inline_with_name(id.clone(), name),
            None => Attachment::new(name),
        };
        Ok(kind.body(self.bytes.clone(), media))
    }
}

fn mailbox(party: &Party) -> Result<Mailbox, MailError> {
    let name = party.name.as_deref().map(|name| plain(name, NAME_CHARS)).filter(|name| !name.is_empty());
    Ok(Mailbox::new(name, address(&party.address)?))
}

/// One address and nothing else. Lettre's parser of mailboxes would take the first of several and drop the rest.
fn address(text: &str) -> Result<Address, MailError> {
    let refused = |why: &str| MailError::Refused(format!("not an e-mail address: {why}"));
    if text.len() > ADDRESS_BYTES {
        return Err(refused("it is too long"));
    }
    let foreign = |letter: char| letter.is_control() || letter.is_whitespace() || "<>()[],;:\\\"".contains(letter);
    if text.contains(foreign) {
        return Err(refused("it contains a character that no address has"));
    }
    text.parse().map_err(|error: lettre::address::AddressError| refused(&error.to_string()))
}

fn plain(text: &str, most: usize) -> String {
    let line: String = text.chars().take(most).map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    line.trim().to_owned()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub fn sample() -> Mail {
        Mail {
            id: "job_01h455vb4pex5vsknk084sn02q".to_owned(),
            date: "2026-11-21T09:00:00Z".parse().unwrap(),
            from: Party { name: Some("Stoa".to_owned()), address: "stoa@school.example".to_owned() },
            to: Party { name: Some("Ana Ødegård".to_owned()), address: "ana@example.com".to_owned() },
            language: "en",
            subject: "Webhook fails".to_owned(),
            text: "It fails.".to_owned(),
            html: "<p>It fails.</p>".to_owned(),
            enclosures: Vec::new(),
            unsubscribe: None,
        }
    }

    #[test]
    fn has_the_headers_of_a_letter() {
        let wire = String::from_utf8(sample().message().unwrap().formatted()).unwrap();
        for header in [
            "Message-ID: <job_01h455vb4pex5vsknk084sn02q@school.example>\r\n",
            "Date: Sat, 21 Nov 2026 09:00:00 +0000\r\n",
            "From: Stoa <stoa@school.example>\r\n",
            "Subject: Webhook fails\r\n",
            "Content-Language: en\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "Content-Type: multipart/alternative;",
        ] {
            assert!(wire.contains(header), "{header} in\n{wire}");
        }
    }

    #[test]
    fn pictures_belong_to_the_html_and_files_to_the_letter() {
        let enclosure = |shown_as: Option<&str>, name: &str, media| Enclosure {
            shown_as: shown_as.map(str::to_owned),
            name: name.to_owned(),
            media,
            bytes: vec![1, 2, 3],
        };
        let mail = Mail {
            enclosures: vec![enclosure(Some("a@x"), "a.png", "image/png"), enclosure(None, "Zahlen é.csv", "text/csv")],
            ..sample()
        };
        let wire = String::from_utf8(mail.message().unwrap().formatted()).unwrap();
        let at = |text: &str| wire.find(text).unwrap_or_else(|| panic!("{text} in\n{wire}"));
        let order = [
            "multipart/mixed",
            "multipart/alternative",
            "text/plain",
            "multipart/related",
            "text/html",
            "image/png",
            "text/csv",
        ];
        assert!(order.windows(2).all(|pair| at(pair[0]) < at(pair[1])), "{wire}");
        assert!(wire.contains("Content-ID: <a@x>") && wire.contains("Content-Disposition: inline"), "{wire}");
        assert!(wire.contains("Content-Disposition: attachment"), "{wire}");
    }

    #[test]
    fn one_click_is_promised_where_it_is_safe() {
        let wire = |address: &str| {
            let mail = Mail { unsubscribe: Some(address.to_owned()), ..sample() };
            String::from_utf8(mail.message().unwrap().formatted()).unwrap()
        };
        let safe = wire("https://learn.example/unsubscribe/stoa_u_x");
        assert!(safe.contains("List-Unsubscribe: <https://learn.example/unsubscribe/stoa_u_x>\r\n"), "{safe}");
        assert!(safe.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"), "{safe}");
        let open = wire("http://127.0.0.1:8080/unsubscribe/stoa_u_x");
        assert!(open.contains("List-Unsubscribe: <http://") && !open.contains("List-Unsubscribe-Post"), "{open}");
    }

    #[test]
    fn no_name_and_no_subject_begins_another_header() {
        let mut mail = sample();
        mail.subject = "Hello\r\nBcc: all@example.com".to_owned();
        mail.to.name = Some("Ana\nBcc: all@example.com".to_owned());
        let wire = String::from_utf8(mail.message().unwrap().formatted()).unwrap();
        assert!(!wire.lines().any(|line| line.starts_with("Bcc")), "{wire}");
    }

    #[test]
    fn an_address_is_one_address() {
        for hostile in [
            "",
            "ana",
            "@example.com",
            "ana@",
            "a@b@c.example",
            "ana@example.com, bob@example.com",
            "Ana <ana@example.com>",
            "ana@example.com\r\nBcc: all@example.com",
            "ana@example.com\0",
            "\"a b\"@example.com",
            "ana@[127.0.0.1]",
            &format!("{}@example.com", "a".repeat(250)),
        ] {
            let mut mail = sample();
            mail.to.address = hostile.to_owned();
            assert!(matches!(mail.message(), Err(MailError::Refused(_))), "{hostile}");
        }
    }

    #[test]
    fn an_id_is_letters_and_digits() {
        for hostile in ["", "a>b", "a b", "a\r\nb", ".a", "a..b", "a."] {
            let mail = Mail { id: hostile.to_owned(), ..sample() };
            assert!(matches!(mail.message(), Err(MailError::Refused(_))), "{hostile}");
        }
    }
}
