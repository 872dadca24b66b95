//! Receivers of every temper, each a thread on loopback with a script, and names that lead where a test says.

mod guarding;
mod sending;
mod telling;
mod tls;

use std::{
    collections::HashMap,
    io::{self, Read, Write},
    net::{IpAddr, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, mpsc},
    thread,
    time::Duration,
};

use bytes::Bytes;
use futures::{FutureExt, future::BoxFuture};
use stoa_core::clock::MockClock;
use stoa_webhooks::target::TargetPolicy;

use super::*;

/// What a receiver got, connection by connection.
pub struct Receiver {
    pub address: SocketAddr,
    got: mpsc::Receiver<(usize, String)>,
}

impl Receiver {
    /// Everything so far: the number of the connection and the request.
    pub fn got(&self) -> Vec<(usize, String)> {
        self.got.try_iter().collect()
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

/// Starts a receiver that does with each request what a script says, which also says whether to read another.
pub fn receiver(script: impl Fn(usize, usize, &mut TcpStream) -> Next + Send + Sync + 'static) -> Receiver {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, got) = mpsc::channel();
    let script = Arc::new(script);
    thread::spawn(move || {
        for (connection, stream) in listener.incoming().enumerate() {
            let (script, tell) = (Arc::clone(&script), tell.clone());
            thread::spawn(move || serve(connection, &mut stream.unwrap(), &*script, &tell));
        }
    });
    Receiver { address, got }
}

/// What a receiver does after an answer.
#[derive(PartialEq, Eq)]
pub enum Next {
    Read,
    HangUp,
}

fn serve(
    connection: usize,
    stream: &mut TcpStream,
    script: &(dyn Fn(usize, usize, &mut TcpStream) -> Next + Send + Sync),
    tell: &mpsc::Sender<(usize, String)>,
) {
    for number in 0.. {
        let Ok(request) = read_request(stream) else { return };
        // The test may be over.
        let _ = tell.send((connection, request));
        if script(connection, number, stream) == Next::HangUp {
            return;
        }
    }
}

fn read_request(stream: &mut TcpStream) -> io::Result<String> {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        bytes.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&bytes).to_lowercase();
    let length = head.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next());
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body)?;
    bytes.extend(body);
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Answers and reads on.
pub fn say(stream: &mut TcpStream, answer: &str) -> Next {
    stream.write_all(answer.as_bytes()).map_or(Next::HangUp, |()| Next::Read)
}

pub fn ok(stream: &mut TcpStream) -> Next {
    say(stream, "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
}

/// Waits until the other side hangs up.
pub fn fall_silent(stream: &mut TcpStream) -> Next {
    let _ = stream.read(&mut [0]);
    Next::HangUp
}

/// Names that lead where a test says: each to one answer after another, the last for ever.
#[derive(Debug, Default)]
pub struct Names(Mutex<HashMap<String, Vec<Vec<IpAddr>>>>);

impl Names {
    pub fn with(name: &str, answers: &[&[&str]]) -> Arc<Self> {
        let parsed = answers.iter().map(|answer| answer.iter().map(|ip| ip.parse().unwrap()).collect()).collect();
        Arc::new(Self(Mutex::new([(name.to_owned(), parsed)].into())))
    }
}

impl Resolver for Names {
    fn lookup(&self, host: &str, port: u16) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> {
        let mut names = self.0.lock().unwrap();
        let answer = match names.get_mut(host) {
            Some(answers) if answers.len() > 1 => Ok(answers.remove(0)),
            Some(answers) => Ok(answers[0].clone()),
            None => Err(io::Error::other("no such name")),
        };
        async move { Ok(answer?.into_iter().map(|ip| (ip, port).into()).collect()) }.boxed()
    }
}

/// Loopback is allowed, one egress, limits that a test can wait for.
pub fn options() -> EgressOptions {
    let clock = MockClock::at("2026-11-21T09:00:00Z".parse().unwrap());
    let policy = TargetPolicy { allow_http: true, allow_private: vec!["127.0.0.0/8".parse().unwrap()] };
    EgressOptions {
        arbiters: 1,
        connect_within: Duration::from_secs(5),
        total_within: Duration::from_secs(10),
        policy,
        ..EgressOptions::new(Arc::new(clock))
    }
}

pub fn post(url: impl Into<Arc<str>>) -> Post {
    Post { url: url.into(), headers: Vec::new(), body: Bytes::from_static(b"{}"), fresh: false }
}

pub fn status(answer: &Answer) -> u16 {
    match &answer.outcome {
        Outcome::Response { status, .. } => *status,
        Outcome::Failure { class, detail } => panic!("{class}: {detail}"),
    }
}

pub fn failed(answer: &Answer) -> FailureClass {
    match &answer.outcome {
        Outcome::Response { status, .. } => panic!("answered {status}"),
        Outcome::Failure { class, .. } => *class,
    }
}

pub fn detail(answer: &Answer) -> &str {
    match &answer.outcome {
        Outcome::Response { status, .. } => panic!("answered {status}"),
        Outcome::Failure { detail, .. } => detail,
    }
}
