//! Two receivers: one that always thanks, one that sometimes fails and sometimes hangs. Both remember every call.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard},
};

use serde_json::Value;
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use super::wire::{Channel, Message};

const STEADY: &str = "/steady";
const FLAKY: &str = "/flaky";
/// Paths of all receivers.
pub(crate) const ALL: [&str; 2] = [STEADY, FLAKY];
/// Of its calls the flaky one refuses each of this number, and leaves each of that number without an answer; the same
/// event never twice, so that a retry is the end of it.
const REFUSES: usize = 19;
const HANGS: usize = 101;

/// A webhook that arrived.
#[derive(Debug, Clone)]
pub(crate) struct Arrival {
    /// Path of the receiver.
    pub(crate) at: String,
    /// Id of the event, from the header.
    pub(crate) event: String,
    /// Its type.
    pub(crate) event_type: String,
    /// Id of what it is about.
    pub(crate) object: String,
}

/// The receivers; they listen as long as this lives.
pub(crate) struct Receivers {
    address: SocketAddr,
    arrivals: Arrivals,
    _listening: JoinSet<()>,
}

type Arrivals = Arc<Mutex<Vec<Arrival>>>;

impl Receivers {
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let arrivals = Arrivals::default();
        let mut listening = JoinSet::new();
        listening.spawn(listen(listener, Arc::clone(&arrivals)));
        Self { address, arrivals, _listening: listening }
    }

    pub(crate) fn urls(&self) -> impl Iterator<Item = String> {
        let address = self.address;
        ALL.iter().map(move |path| format!("http://{address}{path}"))
    }

    /// All calls so far, in the order in which they came.
    pub(crate) fn arrivals(&self) -> MutexGuard<'_, Vec<Arrival>> {
        self.arrivals.lock().expect("no receiver failed")
    }
}

async fn listen(listener: TcpListener, arrivals: Arrivals) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            Ok((stream, _)) = listener.accept() => { connections.spawn(receive(stream, Arc::clone(&arrivals))); }
            Some(ended) = connections.join_next() => {
                // A sender that was killed breaks its connections off.
                let _: io::Result<()> = ended.expect("a receiver that found nothing wrong");
            }
        }
    }
}

async fn receive(stream: TcpStream, arrivals: Arrivals) -> io::Result<()> {
    let mut channel = Channel::over(stream);
    while let Some(call) = channel.receive().await? {
        let arrival = read(&call);
        let (number, is_new) = {
            let mut all = arrivals.lock().expect("no receiver failed");
            let known = all.iter().any(|one| one.at == arrival.at && one.event == arrival.event);
            all.push(arrival.clone());
            (all.iter().filter(|one| one.at == arrival.at).count(), !known)
        };
        let fails = arrival.at == FLAKY && is_new;
        if fails && number.is_multiple_of(HANGS) {
            continue;
        }
        let status = if fails && number.is_multiple_of(REFUSES) { "500 Not today" } else { "200 OK" };
        channel.send(format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n").as_bytes()).await?;
    }
    Ok(())
}

fn read(call: &Message) -> Arrival {
    let body: Value = call.json();
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let event = call.header("webhook-id").expect("the event's id").to_owned();
    assert_eq!(text(&body["id"]), event);
    Arrival { at: call.path().to_owned(), event, event_type: text(&body["type"]), object: text(&body["object"]["id"]) }
}
