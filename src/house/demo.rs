//! Fills a new house with a small school, so that there is something to look at and to write scripts against.
//!
//! How to come in stands in `demo.json` in the data folder. The file is the only place that knows: what is lost with
//! it is made anew, and what was made before stops working.

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use anyhow::Context;
use serde::{Deserialize, Serialize};
use stoa_core::{
    Role, Scope, auth,
    tokens::{self, NewToken, TokenText},
};
use stoa_http::App;
use stoa_protocols::webhook::signature;

use super::parts;
use crate::{
    cli::say,
    cluster::Database,
    config::{Environment, Loaded},
    seed::{DemoInstitution, seed_demo},
};

/// How scripts come in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DemoFile {
    /// Address of the server.
    pub address: String,
    /// Who signs in.
    pub admin: DemoAdmin,
    /// An integration token with all of an admin's abilities.
    pub token: String,
    /// Whose it is.
    pub institution: DemoNames,
}

/// Who signs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DemoAdmin {
    /// Address.
    pub email: String,
    /// Password.
    pub password: String,
}

/// Both ids of the institution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DemoNames {
    /// `inst_…`
    pub id: String,
    /// Integer id.
    pub number: i64,
}

/// Only in a development house with its own database: nobody's real one is ever written to.
pub(super) fn is_wanted(loaded: &Loaded, database: &Database) -> bool {
    loaded.environment == Environment::Development && matches!(database, Database::Private(_))
}

/// Makes the school the first time, and each time makes sure that the file says how to come in.
///
/// # Errors
/// As the database says, or when the file cannot be written.
pub(super) async fn prepare(loaded: &Loaded, app: &App) -> anyhow::Result<DemoFile> {
    let path = parts::demo_file(&loaded.config);
    let address = parts::base_url(&loaded.config);
    let demo = seed_demo(&app.db).await?;
    let known = read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let file = match known {
        Some(file) if still_opens(app, &demo, &file).await? => DemoFile { address, ..file },
        _ => make(app, &demo, address).await?,
    };
    write(&path, &file).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(file)
}

/// Says how to come in.
pub(super) fn show(file: &DemoFile, path: &Path) {
    say::line(format_args!("\n  Stoa is on     {}", file.address));
    say::line(format_args!("  sign in as     {}  {}", file.admin.email, file.admin.password));
    say::line(format_args!("  token          {}", file.token));
    say::line(format_args!("  all of it in   {}\n", path.display()));
}

/// Reads how scripts come in; none when the file is missing or of another make.
///
/// # Errors
/// When the file is there and cannot be read.
pub(super) fn read(path: &Path) -> io::Result<Option<DemoFile>> {
    match fs::read(path) {
        Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Does the file belong to this database, and does its token work.
async fn still_opens(app: &App, demo: &DemoInstitution, file: &DemoFile) -> anyhow::Result<bool> {
    let Some(text) = TokenText::read(&file.token) else { return Ok(false) };
    let verified = app.tokens.verify(&app.db, &text).await?;
    Ok(verified.is_some() && file.institution.id == demo.institution.tenant_id.to_string())
}

async fn make(app: &App, demo: &DemoInstitution, address: String) -> anyhow::Result<DemoFile> {
    let password = signature::secret_text(rand::random()).split_off("whsec_".len());
    let password: String = password.chars().filter(char::is_ascii_alphanumeric).take(20).collect();
    let scope = Scope::house(demo.institution.tenant_id);
    let mut tx = app.db.tenant(&scope).await?;
    auth::set_password(&mut tx, app.passwords.hasher(), demo.admin.id, &password).await?;
    let abilities = Role::Admin.abilities();
    let new = NewToken { name: "Demo scripts".to_owned(), abilities, ..NewToken::default() };
    let issued = tokens::create(&mut tx, &scope, new).await?;
    tx.commit().await?;
    Ok(DemoFile {
        address,
        admin: DemoAdmin { email: demo.admin.email.clone(), password },
        token: issued.text.expose().to_owned(),
        institution: DemoNames { id: demo.institution.tenant_id.to_string(), number: demo.institution.number },
    })
}

/// Whole or not at all, and for its owner's eyes alone.
fn write(path: &Path, file: &DemoFile) -> anyhow::Result<()> {
    let draft = path.with_extension("json.new");
    let mut out = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    serde_json::to_writer_pretty(&mut out, file)?;
    out.write_all(b"\n")?;
    out.sync_all()?;
    fs::rename(&draft, path)?;
    Ok(())
}
