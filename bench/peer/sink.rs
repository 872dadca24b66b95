//! The receivers: ten that answer at once, each on a port of its own, and one that never answers.

use std::{cell::RefCell, io, net::Ipv4Addr, rc::Rc};

use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use super::{
    ledger::{EventBits, Ledger},
    wire::Channel,
};

/// Receivers that answer.
pub const RECEIVERS: u8 = 10;
const THANKS: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
/// Letters of an id after its prefix, and what they mean.
const ID_LETTERS: usize = 26;
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The accounts, shared by senders and receivers of one thread.
pub type SharedLedger = Rc<RefCell<Ledger>>;

/// All receivers; they end with it.
#[derive(Debug)]
pub struct Sink {
    ledger: SharedLedger,
    ports: Vec<u16>,
    silent_port: u16,
    _listeners: JoinSet<()>,
}

impl Sink {
    /// Opens the receivers on free ports of the loopback address.
    pub async fn open() -> io::Result<Self> {
        let ledger = Rc::new(RefCell::new(Ledger::begin(1)));
        let mut listeners = JoinSet::new();
        let mut ports = Vec::new();
        for receiver in 0..RECEIVERS {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
            ports.push(listener.local_addr()?.port());
            let ledger = Rc::clone(&ledger);
            listeners.spawn_local(accept(listener, move |stream| answer(stream, receiver, Rc::clone(&ledger))));
        }
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let silent_port = listener.local_addr()?.port();
        let silent = Rc::clone(&ledger);
        listeners.spawn_local(accept(listener, move |stream| swallow(stream, Rc::clone(&silent))));
        Ok(Self { ledger, ports, silent_port, _listeners: listeners })
    }

    /// Address of a receiver that answers; a number beyond the last begins again with another path.
    pub fn url(&self, number: u64) -> String {
        let count = u64::from(RECEIVERS);
        let port = usize::try_from(number % count).ok().and_then(|place| self.ports.get(place)).copied();
        format!("http://127.0.0.1:{}/receivers/{number}", port.unwrap_or_default())
    }

    /// Address of the receiver that never answers.
    pub fn silent_url(&self) -> String {
        format!("http://127.0.0.1:{}/silent", self.silent_port)
    }

    /// The accounts.
    pub const fn ledger(&self) -> &SharedLedger {
        &self.ledger
    }
}

/// Serves every connection until the listener goes, and its connections with it.
async fn accept<F>(listener: TcpListener, serve: impl Fn(TcpStream) -> F)
where
    F: Future<Output = io::Result<()>> + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            Ok((stream, _)) = listener.accept() => { connections.spawn_local(serve(stream)); }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn answer(stream: TcpStream, receiver: u8, ledger: SharedLedger) -> io::Result<()> {
    let mut channel = Channel::over(stream)?;
    while let Some(message) = channel.receive().await? {
        if let Some(event) = event_ids(message.body).next() {
            ledger.borrow_mut().arrived(event, receiver);
        }
        channel.send(THANKS).await?;
    }
    Ok(())
}

async fn swallow(stream: TcpStream, ledger: SharedLedger) -> io::Result<()> {
    let mut channel = Channel::over(stream)?;
    while channel.receive().await?.is_some() {
        ledger.borrow_mut().swallowed();
    }
    Ok(())
}

/// Ids of events in a text, in order. The envelope of a webhook begins with its own.
pub fn event_ids(text: &[u8]) -> impl Iterator<Item = EventBits> + '_ {
    const MARK: &[u8] = b"\"evt_";
    text.windows(MARK.len() + ID_LETTERS).filter_map(|place| bits(place.strip_prefix(MARK)?))
}

fn bits(letters: &[u8]) -> Option<EventBits> {
    letters.iter().try_fold(0_u128, |bits, letter| {
        let value = ALPHABET.binary_search(letter).ok()?;
        Some((bits << 5) | u128::try_from(value).ok()?)
    })
}

#[cfg(test)]
mod tests {
    use stoa_core::{Id, id};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn ids_are_found_in_order() {
        let id = |bits: u128| Id::<id::Event>::from_uuid(Uuid::from_u128(bits));
        let text =
            format!(r#"{{"data":[{{"events":["{}","{}"]}},{{"events":["evt_short"]}}]}}"#, id(u128::MAX), id(42));
        assert_eq!(event_ids(text.as_bytes()).collect::<Vec<_>>(), [u128::MAX, 42]);
    }
}
