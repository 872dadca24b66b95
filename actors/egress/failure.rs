//! Errors of the HTTP client, sorted into the few classes that people and breakers tell apart.
//!
//! Not here: answers with a status; those are no failures, whatever they say.

use std::io::{self, ErrorKind};

use awc::error::{ConnectError, SendRequestError};

use super::{
    guard::{Refused, Unresolved},
    messages::{FailureClass, Outcome},
};

/// Is what becomes of a request on a kept connection that the receiver was closing at that moment: nothing of an
/// answer was seen, and another connection may well work.
pub(super) fn is_hang_up(error: &SendRequestError) -> bool {
    classify(error).0 == FailureClass::Reset
}

pub(super) fn outcome(error: &SendRequestError) -> Outcome {
    let (class, detail) = classify(error);
    Outcome::Failure { class, detail }
}

fn classify(error: &SendRequestError) -> (FailureClass, String) {
    match error {
        SendRequestError::Connect(error) => connecting(error),
        SendRequestError::Send(error) => talking(error),
        SendRequestError::Response(error) => reading(error),
        SendRequestError::Timeout => (FailureClass::Timeout, "no answer in time".to_owned()),
        other => (FailureClass::Protocol, other.to_string()),
    }
}

fn connecting(error: &ConnectError) -> (FailureClass, String) {
    match error {
        ConnectError::Resolver(why) if why.is::<Refused>() => (FailureClass::RefusedAddress, why.to_string()),
        ConnectError::Resolver(why) if why.is::<Unresolved>() => (FailureClass::Dns, why.to_string()),
        ConnectError::Timeout => (FailureClass::TimeoutConnect, "no connection in time".to_owned()),
        // Awc's word for an end of the stream where the answer should begin.
        ConnectError::Disconnected => (FailureClass::Reset, "the receiver hung up without an answer".to_owned()),
        ConnectError::Io(error) if error.kind() == ErrorKind::TimedOut => {
            (FailureClass::TimeoutConnect, "no connection in time".to_owned())
        }
        ConnectError::Io(error) => tls(error).unwrap_or_else(|| (FailureClass::Connect, error.to_string())),
        other => (FailureClass::Connect, other.to_string()),
    }
}

fn talking(error: &io::Error) -> (FailureClass, String) {
    tls(error).unwrap_or_else(|| (FailureClass::Reset, format!("the receiver hung up: {error}")))
}

fn reading(error: &actix_http::error::ParseError) -> (FailureClass, String) {
    use actix_http::error::ParseError as E;
    match error {
        E::Io(error) => talking(error),
        E::Incomplete => (FailureClass::Reset, "the receiver hung up within its answer".to_owned()),
        other => (FailureClass::Protocol, format!("the answer is not HTTP: {other}")),
    }
}

fn tls(error: &io::Error) -> Option<(FailureClass, String)> {
    let inner = error.get_ref()?.downcast_ref::<rustls::Error>()?;
    Some((FailureClass::Tls, inner.to_string()))
}
