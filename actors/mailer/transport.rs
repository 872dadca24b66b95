//! Ways for a letter to leave, and what their errors mean.
//!
//! Not here: the letter (`mail`).

use std::{path::Path, time::Duration};

use lettre::{
    AsyncFileTransport, AsyncSmtpTransport, AsyncTransport, Tokio1Executor,
    transport::{file, smtp},
};

use super::{MailError, Transport, mail::Mail};

/// Limit for each command and answer of the mail server.
const ANSWER_WITHIN: Duration = Duration::from_secs(15);

pub(super) enum Carrier {
    Folder(AsyncFileTransport<Tokio1Executor>),
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    #[cfg(any(test, feature = "testing"))]
    Kept(Kept),
}

impl Carrier {
    pub(super) fn new(transport: Transport) -> Result<Self, MailError> {
        match transport {
            Transport::Folder(path) => Self::folder(&path),
            Transport::Smtp(address) => {
                let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(&address)
                    .map_err(|error| MailError::Refused(format!("the mail server's address: {error}")))?;
                Ok(Self::Smtp(builder.timeout(Some(ANSWER_WITHIN)).build()))
            }
        }
    }

    fn folder(path: &Path) -> Result<Self, MailError> {
        std::fs::create_dir_all(path).map_err(|error| MailError::Refused(format!("the mail folder: {error}")))?;
        Ok(Self::Folder(AsyncFileTransport::new(path)))
    }

    pub(super) async fn carry(&self, mail: &Mail) -> Result<(), MailError> {
        let message = mail.message()?;
        match self {
            Self::Folder(folder) => folder.send(message).await.map(|_| ()).map_err(|error| filing(&error)),
            Self::Smtp(server) => server.send(message).await.map(|_| ()).map_err(|error| posting(&error)),
            #[cfg(any(test, feature = "testing"))]
            Self::Kept(kept) => {
                kept.keep(mail.clone());
                Ok(())
            }
        }
    }
}

fn filing(error: &file::Error) -> MailError {
    // A full disk may be emptied, a folder may come back.
    if error.is_io() { MailError::Deferred(error.to_string()) } else { MailError::Refused(error.to_string()) }
}

fn posting(error: &smtp::Error) -> MailError {
    // 5yz is for good; 4yz, no connection, no answer and a broken TLS handshake may pass.
    if error.is_permanent() { MailError::Refused(error.to_string()) } else { MailError::Deferred(error.to_string()) }
}

/// Letters that a test looks at.
#[cfg(any(test, feature = "testing"))]
#[derive(Debug, Clone, Default)]
pub struct Kept(std::sync::Arc<std::sync::Mutex<Vec<Mail>>>);

#[cfg(any(test, feature = "testing"))]
impl Kept {
    /// Takes the letters kept so far.
    pub fn take(&self) -> Vec<Mail> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    fn keep(&self, mail: Mail) {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(mail);
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
        net::TcpListener,
    };

    use super::*;
    use crate::mailer::{Mailer, mail::tests::sample};

    /// A mail server that answers every command with the same line after the greeting.
    async fn server(answer: &'static str) -> (Mailer, impl Future<Output = ()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mailer = Mailer::new(Transport::Smtp(format!("smtp://{}", listener.local_addr().unwrap()))).unwrap();
        let serving = async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let (read, mut write) = stream.split();
            write.write_all(b"220 hello\r\n").await.unwrap();
            let mut lines = BufReader::new(read).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                let reply = if line.starts_with("EHLO") { "250 hello" } else { answer };
                write.write_all(format!("{reply}\r\n").as_bytes()).await.unwrap();
            }
        };
        (mailer, serving)
    }

    async fn sent_to(answer: &'static str) -> Result<(), MailError> {
        let (mailer, serving) = server(answer).await;
        let letter = sample();
        tokio::select! {
            result = mailer.send(&letter) => result,
            () = serving => panic!("the server ended first"),
        }
    }

    #[tokio::test]
    async fn tells_for_good_from_for_now() {
        assert!(matches!(sent_to("550 no such mailbox").await, Err(MailError::Refused(_))));
        assert!(matches!(sent_to("452 mailbox full").await, Err(MailError::Deferred(_))));
        assert!(matches!(sent_to("gibberish").await, Err(MailError::Deferred(_))));
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_may_come() {
        let mailer = Mailer::new(Transport::Smtp("smtp://127.0.0.1:1".to_owned())).unwrap();
        assert!(matches!(mailer.send(&sample()).await, Err(MailError::Deferred(_))));
        assert_eq!((mailer.observe().deferred, mailer.observe().in_flight), (1, 0));
    }

    #[tokio::test]
    async fn writes_a_file_for_each_letter() {
        let folder = std::env::temp_dir().join(format!("stoa-mail-{}", std::process::id()));
        let mailer = Mailer::new(Transport::Folder(folder.clone())).unwrap();
        mailer.send(&sample()).await.unwrap();
        let files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()).collect();
        let letter = std::fs::read_to_string(&files[0]).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!((files.len(), files[0].extension().unwrap().to_str()), (1, Some("eml")));
        assert!(letter.contains("Subject: Webhook fails"));
    }

    #[test]
    fn a_password_is_not_shown() {
        let transport = Transport::Smtp("smtps://user:secret@example.com".to_owned());
        assert_eq!(format!("{transport:?}"), "Smtp(..)");
    }
}
