//! The thread that owns PostgreSQL: starts it, starts it again when it dies, stops it when told.
//!
//! A thread and no task: the kernel ties the process to the thread that started it (see [`process`]), and a thread
//! of its own lives exactly as long as the cluster shall.
//!
//! [`process`]: super::process

use std::{
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError},
    time::Duration,
};

use super::{
    binaries::Binaries,
    creation,
    place::Place,
    postmaster,
    process::{Process, Settings},
};

/// How soon a death is noticed.
const LOOK: Duration = Duration::from_millis(100);
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Keeps PostgreSQL running until the sending end of `stop` is dropped. Tells once how the first start went.
pub(super) fn keep(
    place: &Place,
    binaries: &Binaries,
    settings: Settings,
    stop: &Receiver<()>,
    tell: &Sender<anyhow::Result<()>>,
) {
    let first = first_start(place, binaries, settings, stop);
    let mut running = match first {
        Ok(Some(process)) => process,
        Ok(None) => return,
        Err(error) => {
            let _ = tell.send(Err(error.context(format!("see {}", place.log().display()))));
            return;
        }
    };
    let _ = tell.send(Ok(()));
    while let Err(RecvTimeoutError::Timeout) = stop.recv_timeout(LOOK) {
        match running.ended() {
            Ok(None) => {}
            Ok(Some(status)) => {
                tracing::error!("PostgreSQL ended ({status}); starting it again");
                let Some(next) = start_again(place, binaries, settings, stop) else { return };
                running = next;
            }
            Err(error) => tracing::error!("cannot watch PostgreSQL: {error}"),
        }
    }
    if let Err(error) = running.stop() {
        tracing::error!("cannot stop PostgreSQL: {error}");
    }
}

fn first_start(
    place: &Place,
    binaries: &Binaries,
    settings: Settings,
    stop: &Receiver<()>,
) -> anyhow::Result<Option<Process>> {
    if !place.data().exists() {
        creation::create(place, binaries, settings.durable)?;
    }
    start(place, binaries, settings, stop)
}

/// Starts it once; none if told to stop meanwhile.
fn start(
    place: &Place,
    binaries: &Binaries,
    settings: Settings,
    stop: &Receiver<()>,
) -> anyhow::Result<Option<Process>> {
    postmaster::clear_up(&place.data(), place.socket_dir())?;
    let mut process = Process::spawn(place, binaries, settings)?;
    if process.wait_ready(|| is_told(stop))? {
        return Ok(Some(process));
    }
    process.stop()?;
    Ok(None)
}

/// Starts it until it runs, with growing pauses; none if told to stop meanwhile.
fn start_again(place: &Place, binaries: &Binaries, settings: Settings, stop: &Receiver<()>) -> Option<Process> {
    let mut pause = FIRST_PAUSE;
    loop {
        match start(place, binaries, settings, stop) {
            Ok(process) => {
                if process.is_some() {
                    tracing::info!("PostgreSQL runs again");
                }
                return process;
            }
            Err(error) => tracing::warn!("PostgreSQL does not start yet: {error:#}"),
        }
        if !matches!(stop.recv_timeout(pause), Err(RecvTimeoutError::Timeout)) {
            return None;
        }
        pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
    }
}

fn is_told(stop: &Receiver<()>) -> bool {
    !matches!(stop.try_recv(), Err(TryRecvError::Empty))
}
