//! The check of a receiver's certificate, which also notes what it saw for whoever asks why.
//!
//! Not here: the check itself; it is rustls's own, against the authorities of `crate::tls`, and every word of it
//! counts.

use std::sync::Arc;

use chrono::DateTime;
use rustls::{
    DigitallySignedStruct, Error, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use x509_cert::der::Decode;

use super::{messages::CertificateFacts, wire::Footprint};

/// Rustls's verifier with a notebook.
#[derive(Debug)]
pub(super) struct Noting(pub(super) Arc<WebPkiServerVerifier>);

impl ServerCertVerifier for Noting {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Footprint::note_certificate(certificate);
        self.0.verify_server_cert(certificate, intermediates, name, ocsp, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Footprint::note_tls("TLS 1.2");
        self.0.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Footprint::note_tls("TLS 1.3");
        self.0.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

/// Reads what a person wants to know of a certificate; none of one that cannot be read.
pub(super) fn facts(der: &[u8]) -> Option<CertificateFacts> {
    let read = x509_cert::Certificate::from_der(der).ok()?.tbs_certificate;
    let seconds = read.validity.not_after.to_unix_duration().as_secs();
    Some(CertificateFacts {
        subject: read.subject.to_string(),
        issuer: read.issuer.to_string(),
        valid_until: DateTime::from_timestamp(i64::try_from(seconds).ok()?, 0)?,
    })
}
