//! Errors of the HTTP client, sorted into the few classes that people and breakers tell apart.
//!
//! Not here: answers with a status; those are no failures, whatever they say.

use std::io::{self, ErrorKind};

use awc::error::{ConnectError, SendRequestError};

use super::{
    guard::{Refused, Unresolved},
    messages::{FailureClass, Outcome},
    words::Scene,
};

/// Is what becomes of a request on a kept connection that the receiver was closing at that moment: nothing of an
/// answer was seen, and another connection may well work.
pub(super) fn is_hang_up(error: &SendRequestError) -> bool {
    classify(error) == FailureClass::Reset
}

/// Sorts an error and tells it in words.
pub(super) fn outcome(error: &SendRequestError, scene: &Scene<'_>) -> Outcome {
    Outcome::Failure { class: classify(error), detail: sentence(error, scene) }
}

fn classify(error: &SendRequestError) -> FailureClass {
    use actix_http::error::ParseError as E;
    match error {
        SendRequestError::Connect(error) => connecting(error),
        SendRequestError::Send(error) | SendRequestError::Response(E::Io(error)) => talking(error),
        SendRequestError::Response(E::Incomplete) => FailureClass::Reset,
        SendRequestError::Timeout => FailureClass::Timeout,
        _ => FailureClass::Protocol,
    }
}

fn connecting(error: &ConnectError) -> FailureClass {
    match error {
        ConnectError::Resolver(why) if why.is::<Refused>() => FailureClass::RefusedAddress,
        ConnectError::Resolver(why) if why.is::<Unresolved>() => FailureClass::Dns,
        ConnectError::Timeout => FailureClass::TimeoutConnect,
        // Awc's word for an end of the stream where the answer should begin.
        ConnectError::Disconnected => FailureClass::Reset,
        ConnectError::Io(error) if error.kind() == ErrorKind::TimedOut => FailureClass::TimeoutConnect,
        ConnectError::Io(error) if tls(error).is_some() => FailureClass::Tls,
        _ => FailureClass::Connect,
    }
}

fn talking(error: &io::Error) -> FailureClass {
    if tls(error).is_some() { FailureClass::Tls } else { FailureClass::Reset }
}

fn tls(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref()?.downcast_ref::<rustls::Error>()
}

fn sentence(error: &SendRequestError, scene: &Scene<'_>) -> String {
    use actix_http::error::ParseError as E;
    match error {
        SendRequestError::Connect(ConnectError::Resolver(why)) if why.is::<Unresolved>() => {
            scene.unresolved(&why.to_string())
        }
        SendRequestError::Connect(ConnectError::Resolver(why)) => scene.refused(&why.to_string()),
        SendRequestError::Connect(ConnectError::Timeout) | SendRequestError::Timeout => scene.timed_out(scene.within),
        SendRequestError::Connect(ConnectError::Disconnected) | SendRequestError::Response(E::Incomplete) => {
            scene.hung_up()
        }
        SendRequestError::Connect(ConnectError::Io(error)) if error.kind() == ErrorKind::TimedOut => {
            scene.timed_out(scene.within)
        }
        SendRequestError::Connect(ConnectError::Io(error))
        | SendRequestError::Send(error)
        | SendRequestError::Response(E::Io(error)) => {
            tls(error).map_or_else(|| scene.broken(error), |error| scene.distrusted(error))
        }
        other => scene.not_http(other),
    }
}
