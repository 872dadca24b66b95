//! What comes with a report's letter: its pictures, its file or the link to it, and the way to get no more.
//!
//! Not here: when it is sent (`report`), and a test of it (`report_test`).

use stoa_actors::mailer::Enclosure;
use stoa_core::{Result, TenantId, db::TenantTx};
use stoa_protocols::render::mail::ReportFile;
use stoa_record::reports::{
    CsvForm,
    runs::{self, Bulletin, FILE_LIFE},
};

use super::{
    ReportLetter,
    post::{Addressee, Extras},
};
use crate::{context::JobCtx, reports::Digest};

/// Largest file that comes with a letter; a larger one lies behind a link.
const ATTACHED_MAX: usize = 256 * 1024;

/// Notes which moment is told, puts the file where the reader finds it, and says how to get no more letters.
pub(super) async fn enclose(
    job: &ReportLetter,
    ctx: &JobCtx,
    tx: &mut TenantTx,
    (bulletin, digest): (&Bulletin, &mut Digest),
) -> Result<Extras> {
    let base_url = ctx.tools.post_room.base_url();
    let mut enclosures = std::mem::take(&mut digest.pictures);
    let mut linked = None;
    if bulletin.report.csv != CsvForm::None {
        let bytes = digest.csv(&ctx.tools.mail.renderer)?;
        let fits = bulletin.user.is_some() && bytes.len() <= ATTACHED_MAX;
        if bulletin.report.csv == CsvForm::Attached && fits {
            digest.words.file = ReportFile::Attached;
            let name = digest.file_name();
            enclosures.push(Enclosure { shown_as: None, name, media: "text/csv; charset=utf-8", bytes });
        } else {
            linked = bulletin.tokens.as_ref().map(|tokens| (bytes, tokens.file(job.run)));
        }
    }
    if let Some((_, token)) = &linked {
        // Behind the #, which a browser keeps to itself.
        let url = format!("{base_url}/report-file#token={}", token.expose());
        digest.words.file = ReportFile::Linked { url, until: tx.now() + FILE_LIFE };
    }
    let file = linked.as_ref().map(|(bytes, token)| (bytes.as_slice(), token));
    runs::note(tx, job.run, digest.told.as_of, file).await?;
    let leave = bulletin.tokens.as_ref().map(|tokens| format!("{base_url}/unsubscribe/{}", tokens.leave().expose()));
    digest.words.unsubscribe_url.clone_from(&leave);
    Ok(Extras { enclosures, unsubscribe: leave })
}

/// Whom it goes to.
pub(super) fn addressee(tenant: TenantId, bulletin: &Bulletin, digest: &Digest) -> Addressee {
    Addressee {
        tenant,
        user: bulletin.user,
        name: bulletin.name.clone(),
        email: bulletin.email.clone(),
        manner: digest.manner,
    }
}
