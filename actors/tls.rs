//! TLS towards the outside: ring, the public certificate authorities, HTTP/1.1.
//!
//! Not here: connecting (`egress`, `bell`).

use std::sync::Arc;

use rustls::{
    ClientConfig, RootCertStore,
    client::{WebPkiServerVerifier, danger::ServerCertVerifier},
    crypto::CryptoProvider,
    pki_types::CertificateDer,
};

/// Makes the settings for connections to receivers, or to PostgreSQL. A further root that is no certificate of an
/// authority is left out.
pub(crate) fn client_config(protocols: &[&[u8]], further_roots: &[CertificateDer<'static>]) -> ClientConfig {
    noting_config(protocols, further_roots, |verifier| verifier)
}

/// The same, with the check of certificates inside a listener: it hears of every certificate, and decides nothing.
pub(crate) fn noting_config(
    protocols: &[&[u8]],
    further_roots: &[CertificateDer<'static>],
    listener: impl FnOnce(Arc<WebPkiServerVerifier>) -> Arc<dyn ServerCertVerifier>,
) -> ClientConfig {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    roots.add_parsable_certificates(further_roots.iter().cloned());
    let provider = provider();
    let verifier = match WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build() {
        Ok(verifier) => verifier,
        Err(error) => unreachable!("there are public authorities: {error}"),
    };
    let builder = match ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions() {
        Ok(builder) => builder,
        Err(error) => unreachable!("ring speaks the default versions: {error}"),
    };
    let builder = builder.dangerous().with_custom_certificate_verifier(listener(verifier));
    let mut config = builder.with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    config
}

/// The provider of this process; ring, unless the binary has installed another before.
fn provider() -> Arc<CryptoProvider> {
    if CryptoProvider::get_default().is_none() {
        // Awc's connector asks for the process's default even when it is given settings of its own. An error
        // means that another thread was faster.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
    CryptoProvider::get_default().cloned().unwrap_or_else(|| Arc::new(rustls::crypto::ring::default_provider()))
}
