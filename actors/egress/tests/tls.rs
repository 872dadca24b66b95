//! Receivers behind https. The authority and the certificate are fixtures that end in 2126.

use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};

use super::*;

const AUTHORITY: &[u8] = include_bytes!("fixtures/authority.pem");
const RECEIVER: &[u8] = include_bytes!("fixtures/receiver.pem");

/// A receiver called receiver.example that takes two requests on each connection.
fn secure_receiver() -> SocketAddr {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from_pem_slice(RECEIVER).unwrap()],
            PrivateKeyDer::from_pem_slice(RECEIVER).unwrap(),
        )
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = StreamOwned::new(connection, stream.unwrap());
            // A client that does not trust us hangs up within the first of these.
            let _ = (0..2).try_for_each(|_| answer(&mut stream));
        }
    });
    address
}

fn answer(stream: &mut StreamOwned<ServerConnection, TcpStream>) -> io::Result<()> {
    let mut seen = Vec::new();
    while !seen.ends_with(b"\r\n\r\n{}") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        seen.extend(byte);
    }
    let protocol = String::from_utf8_lossy(stream.conn.alpn_protocol().unwrap_or_default()).into_owned();
    write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{protocol}", protocol.len())
}

fn trusting(name: &str, roots: Vec<CertificateDer<'static>>) -> EgressPool {
    let resolver = Names::with(name, &[&["127.0.0.1"]]);
    EgressPool::start(EgressOptions { resolver, further_roots: roots, ..options() })
}

fn authority() -> Vec<CertificateDer<'static>> {
    vec![CertificateDer::from_pem_slice(AUTHORITY).unwrap()]
}

#[actix_rt::test]
async fn speaks_http_1_over_tls_to_the_address_that_was_checked() {
    let address = secure_receiver();
    let pool = trusting("receiver.example", authority());
    for _ in 0..2 {
        let answer = pool.post(post(format!("https://receiver.example:{}/", address.port()))).await;
        let excerpt = "http/1.1".to_owned();
        assert_eq!(answer.outcome, Outcome::Response { status: 200, excerpt, retry_after: None });
        assert_eq!(answer.address, Some(address.to_string()));
    }
}

#[actix_rt::test]
async fn trusts_no_stranger_and_no_other_name() {
    let port = secure_receiver().port();
    let stranger = trusting("receiver.example", Vec::new());
    let answer = stranger.post(post(format!("https://receiver.example:{port}/"))).await;
    assert_eq!(failed(&answer), FailureClass::Tls, "{answer:?}");
    let impostor = trusting("another.example", authority());
    let answer = impostor.post(post(format!("https://another.example:{port}/"))).await;
    assert_eq!(failed(&answer), FailureClass::Tls, "{answer:?}");
}
