//! Makes a new cluster, whole or not at all.

use std::{fs, io::Write, path::Path, process::Stdio};

use anyhow::Context;

use super::{DATABASE, OWNER, binaries::Binaries, place::Place, process};

/// Makes the cluster under another name and gives it its own at the end, so that a crash leaves no half of one.
pub(super) fn create(place: &Place, binaries: &Binaries, durable: bool) -> anyhow::Result<()> {
    let draft = place.home().join("data.new");
    if draft.exists() {
        fs::remove_dir_all(&draft).with_context(|| format!("cannot remove {}", draft.display()))?;
    }
    tracing::info!("making a private PostgreSQL {} cluster in {}", binaries.major, place.home().display());
    initdb(place, binaries, &draft, durable)?;
    create_database(place, binaries, &draft)?;
    fs::rename(&draft, place.data())?;
    fs::File::open(place.home())?.sync_all()?;
    Ok(())
}

fn initdb(place: &Place, binaries: &Binaries, draft: &Path, durable: bool) -> anyhow::Result<()> {
    let mut command = process::command(place, &binaries.path("initdb"));
    command.arg("-D").arg(draft);
    // Whoever reaches the socket is believed: its folder is closed to everybody but the owner.
    command.args([
        "-U",
        OWNER,
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
        "--no-instructions",
        "--data-checksums",
    ]);
    if !durable {
        command.arg("--no-sync");
    }
    finish(&mut command, "initdb", None)
}

/// Makes the database in PostgreSQL's single-user mode, which needs no server and no client.
fn create_database(place: &Place, binaries: &Binaries, draft: &Path) -> anyhow::Result<()> {
    let mut command = process::command(place, &binaries.path("postgres"));
    command.arg("--single").arg("-D").arg(draft).args(["-c", "log_min_messages=error", "postgres"]);
    finish(&mut command, "postgres --single", Some(&format!("CREATE DATABASE {DATABASE}\n")))
}

fn finish(command: &mut std::process::Command, name: &str, input: Option<&str>) -> anyhow::Result<()> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot run {name}"))?;
    if let (Some(mut stdin), Some(input)) = (child.stdin.take(), input) {
        stdin.write_all(input.as_bytes())?;
    }
    let output = child.wait_with_output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "{name} failed ({}): {}", output.status, said.trim());
    Ok(())
}
