//! A mail server, and what its refusals mean.
//!
//! Not here: the letter (`mail`).
//!
//! # Rule
//! A refusal is the letter's only if the server would take others: while it takes none, because our password is wrong or
//! it blocks this house, letters wait for an operator and are not lost.
//!
//! # Source
//! RFC 5321 section 4.2.1 for the first digit of an answer, RFC 3463 for enhanced status codes, RFC 4954 section 6 for
//! the codes of authentication.

use std::time::Duration;

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    transport::smtp::{
        self, PoolConfig,
        client::{Certificate, Tls, TlsParameters},
    },
};
use stoa_protocols::bounce;
use tokio::time::timeout;
use url::Url;

use super::{MailError, Smtp};

/// Codes that speak of us and not of the letter: who may send at all, and how.
const OF_US: [u16; 6] = [421, 454, 530, 534, 535, 538];

pub(super) struct Server {
    smtp: AsyncSmtpTransport<Tokio1Executor>,
    /// Lettre limits the making of a connection alone, and would wait for ever for an answer.
    letter_within: Duration,
}

impl Server {
    /// Reads the settings; connects to nothing yet.
    pub(super) fn new(settings: &Smtp) -> Result<Self, MailError> {
        let wrong = |what: &str, error: &dyn std::fmt::Display| MailError::Refused(format!("{what}: {error}"));
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(&settings.url)
            .map_err(|error| wrong("the mail server's address", &error))?;
        let tls = tls(settings).map_err(|error| wrong("the mail server's authorities", &error))?;
        let pool = PoolConfig::new().max_size(settings.connections);
        let builder = builder.tls(tls).timeout(Some(settings.letter_within)).pool_config(pool);
        Ok(Self { smtp: builder.build(), letter_within: settings.letter_within })
    }

    pub(super) async fn send(&self, message: Message) -> Result<(), MailError> {
        let plain = !message.envelope().to().iter().any(|address| !AsRef::<str>::as_ref(address).is_ascii());
        let Ok(answer) = timeout(self.letter_within, self.smtp.send(message)).await else {
            return Err(MailError::Deferred(format!("no answer within {} s", self.letter_within.as_secs())));
        };
        match answer {
            Ok(_) => Ok(()),
            Err(error) if error.is_permanent() => Err(self.refusal(&error).await),
            // The server lacks SMTPUTF8, which this address needs.
            Err(error) if error.is_client() && !plain => Err(MailError::Refused(told(&error))),
            // 4yz, no connection, no answer, no STARTTLS and a certificate that does not hold may pass.
            Err(error) => Err(MailError::Deferred(told(&error))),
        }
    }

    async fn refusal(&self, error: &smtp::Error) -> MailError {
        let said = told(error);
        let of_us = error.status().is_some_and(|code| OF_US.contains(&u16::from(code)));
        if of_us || !matches!(timeout(self.letter_within, self.smtp.test_connection()).await, Ok(Ok(true))) {
            return MailError::Deferred(said);
        }
        if bounce::is_hard(enhanced(&said)) { MailError::NoSuchAddress(said) } else { MailError::Refused(said) }
    }
}

fn tls(settings: &Smtp) -> Result<Tls, smtp::Error> {
    let url = Url::parse(&settings.url).ok();
    let wanted = url.as_ref().and_then(|url| url.query_pairs().find(|(name, _)| name == "tls"));
    let mut parameters = TlsParameters::builder(url.as_ref().and_then(Url::host_str).unwrap_or_default().to_owned());
    if let Some(pem) = &settings.further_authorities {
        parameters = parameters.add_root_certificate(Certificate::from_pem(pem)?);
    }
    let parameters = parameters.build_rustls()?;
    Ok(match (url.as_ref().map(Url::scheme), wanted.as_ref().map(|(_, value)| value.as_ref())) {
        (Some("smtps"), _) => Tls::Wrapper(parameters),
        (_, Some("required")) => Tls::Required(parameters),
        (_, Some("opportunistic")) => Tls::Opportunistic(parameters),
        _ => Tls::None,
    })
}

/// What went wrong, with what lies below it: the reason of a broken handshake stands there.
fn told(error: &smtp::Error) -> String {
    let mut said = error.to_string();
    let mut below = std::error::Error::source(error);
    while let Some(error) = below {
        let deeper = error.to_string();
        if !said.contains(&deeper) {
            said.push_str(": ");
            said.push_str(&deeper);
        }
        below = error.source();
    }
    said
}

/// The enhanced status code in what a server said; empty if there is none.
fn enhanced(said: &str) -> &str {
    let is_one = |word: &&str| {
        let parts: Vec<&str> = word.split('.').collect();
        parts.len() == 3 && parts.iter().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
    };
    said.split(|letter: char| letter.is_whitespace() || letter == ':').find(is_one).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
        net::{TcpListener, TcpStream},
    };

    use super::*;
    use crate::mailer::{Mailer, Transport, mail::tests::sample};

    /// What a server says at its door and to a recipient.
    #[derive(Clone, Copy)]
    struct Script {
        greeting: &'static str,
        recipient: &'static str,
    }

    async fn speak(mut stream: TcpStream, script: Script) {
        let (read, mut write) = stream.split();
        write.write_all(format!("{}\r\n", script.greeting).as_bytes()).await.unwrap();
        let mut lines = BufReader::new(read).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            let reply = match line.get(..4) {
                Some("RCPT") => script.recipient,
                Some("DATA") => "354 go on",
                Some("QUIT") => return,
                _ => "250 fine",
            };
            if write.write_all(format!("{reply}\r\n").as_bytes()).await.is_err() {
                return;
            }
        }
    }

    async fn sent_to(greeting: &'static str, recipient: &'static str) -> Result<(), MailError> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mailer = Mailer::new(Transport::Smtp(Smtp::at(format!("smtp://{address}")))).unwrap();
        let serving = async move {
            let mut open = futures::stream::FuturesUnordered::new();
            loop {
                tokio::select! {
                    Ok((stream, _)) = listener.accept() => open.push(speak(stream, Script { greeting, recipient })),
                    Some(()) = futures::StreamExt::next(&mut open) => {}
                }
            }
        };
        let letter = sample();
        tokio::select! {
            result = mailer.send(&letter) => result,
            () = serving => Ok(()),
        }
    }

    #[tokio::test]
    async fn tells_for_good_from_for_now() {
        let hello = "220 hello";
        let gone = sent_to(hello, "550 5.1.1 <ana@example.com>: no such mailbox").await;
        assert!(matches!(gone, Err(MailError::NoSuchAddress(_))), "{gone:?}");
        let refused = sent_to(hello, "550 5.7.1 we do not like it").await;
        assert!(matches!(refused, Err(MailError::Refused(_))), "{refused:?}");
        let unclear = sent_to(hello, "550 no").await;
        assert!(matches!(unclear, Err(MailError::Refused(_))), "only what is said clearly closes an address");
        assert!(matches!(sent_to(hello, "452 mailbox full").await, Err(MailError::Deferred(_))));
        assert!(matches!(sent_to(hello, "gibberish").await, Err(MailError::Deferred(_))));
    }

    #[tokio::test]
    async fn a_server_that_takes_nothing_at_all_loses_no_letter() {
        let blocked = sent_to("554 5.7.1 your host is blocked", "250 fine").await;
        assert!(matches!(blocked, Err(MailError::Deferred(_))), "{blocked:?}");
        let unknown = sent_to("220 hello", "530 5.7.0 authentication required").await;
        assert!(matches!(unknown, Err(MailError::Deferred(_))), "{unknown:?}");
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_may_come() {
        let mailer = Mailer::new(Transport::Smtp(Smtp::at("smtp://127.0.0.1:1"))).unwrap();
        assert!(matches!(mailer.send(&sample()).await, Err(MailError::Deferred(_))));
        assert_eq!((mailer.observe().deferred, mailer.observe().in_flight), (1, 0));
    }

    #[test]
    fn enhanced_codes_are_found() {
        assert_eq!(enhanced("permanent error (550): 5.1.1 no such user"), "5.1.1");
        assert_eq!(enhanced("permanent error (550): 1.2.3.4 is blocked"), "");
        assert_eq!(enhanced(""), "");
    }

    #[test]
    fn a_password_is_not_shown() {
        let transport = Transport::Smtp(Smtp::at("smtps://user:secret@example.com"));
        assert_eq!(format!("{transport:?}"), "Smtp(..)");
    }
}
