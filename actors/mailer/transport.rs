//! Ways for a letter to leave.
//!
//! Not here: the letter (`mail`), and mail servers (`server`).

use std::path::Path;

use lettre::{AsyncFileTransport, AsyncTransport, Tokio1Executor, transport::file};

use super::{MailError, Transport, mail::Mail, server::Server};

pub(super) enum Carrier {
    Folder(AsyncFileTransport<Tokio1Executor>),
    Smtp(Server),
    #[cfg(any(test, feature = "testing"))]
    Kept(Kept),
}

impl Carrier {
    pub(super) fn new(transport: Transport) -> Result<Self, MailError> {
        match transport {
            Transport::Folder(path) => Self::folder(&path),
            Transport::Smtp(smtp) => Ok(Self::Smtp(Server::new(&smtp)?)),
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
            Self::Smtp(server) => server.send(message).await,
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
    use super::*;
    use crate::mailer::{Mailer, mail::tests::sample};

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
}
