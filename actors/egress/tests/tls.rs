//! Receivers behind https. The authority and the certificate are fixtures that end in 2126.

use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};

use super::*;

const AUTHORITY: &[u8] = include_bytes!("fixtures/authority.pem");
const RECEIVER: &[u8] = include_bytes!("fixtures/receiver.pem");
/// Ended on 2025-03-31.
const EXPIRED: &[u8] = include_bytes!("fixtures/expired_receiver.pem");
const AUTHORITY_OF_EXPIRED: &[u8] = include_bytes!("fixtures/expired_authority.pem");

/// A receiver called receiver.example that takes two requests on each connection.
fn secure_receiver() -> SocketAddr {
    receiver_with(RECEIVER)
}

fn receiver_with(identity: &[u8]) -> SocketAddr {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from_pem_slice(identity).unwrap()],
            PrivateKeyDer::from_pem_slice(identity).unwrap(),
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
            thread::spawn(move || (0..2).try_for_each(|_| answer(&mut stream)));
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

fn to(host: &str, address: SocketAddr) -> Post {
    post(format!("https://{host}:{}/", address.port()))
}

#[actix_rt::test]
async fn speaks_http_1_over_tls_to_the_address_that_was_checked() {
    let address = secure_receiver();
    let pool = trusting("receiver.example", authority());
    for _ in 0..2 {
        let answer = pool.post(post(format!("https://receiver.example:{}/", address.port()))).await;
        let excerpt = "http/1.1".to_owned();
        assert_eq!(answer.outcome, Outcome::Response { status: 200, excerpt, retry_after: None, location: None });
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

#[actix_rt::test]
async fn tells_what_is_wrong_with_a_certificate() {
    let (good, expired) = (secure_receiver(), receiver_with(EXPIRED));
    let of_expired = vec![CertificateDer::from_pem_slice(AUTHORITY_OF_EXPIRED).unwrap()];
    for (name, roots, address, told) in [
        ("receiver.example", of_expired, expired, "expired on 2025-03-31 ("),
        ("receiver.example", Vec::new(), good, "is signed by nobody we trust"),
        ("another.example", authority(), good, "is not for another.example:PORT but for receiver.example"),
    ] {
        let answer = trusting(name, roots).post(to(name, address)).await;
        let told = told.replace("PORT", &address.port().to_string());
        assert_eq!(failed(&answer), FailureClass::Tls);
        assert!(detail(&answer).contains(&told), "{told:?} in {:?}", detail(&answer));
        assert!(answer.timings.tls_ms.is_some() && answer.timings.first_byte_ms.is_none(), "{answer:?}");
    }
}

#[actix_rt::test]
async fn times_every_part_of_a_fresh_connection_and_of_a_kept_one_the_answer_alone() {
    let address = secure_receiver();
    let pool = trusting("receiver.example", authority());
    let fresh = pool.post(to("receiver.example", address)).await;
    let Timings { dns_ms, connect_ms, tls_ms, first_byte_ms } = fresh.timings;
    let parts = [dns_ms, connect_ms, tls_ms, first_byte_ms].map(|part| part.expect("it happened"));
    assert!(parts.iter().sum::<u32>() <= fresh.duration_ms, "{fresh:?}");
    let kept = pool.post(to("receiver.example", address)).await;
    assert!(kept.timings.first_byte_ms.is_some(), "{kept:?}");
    assert_eq!(kept.timings, Timings { first_byte_ms: kept.timings.first_byte_ms, ..Timings::default() });
    assert_eq!((fresh.tls, kept.tls), (None, None), "a certificate is kept for a diagnosis alone");
}

#[actix_rt::test]
async fn a_diagnosis_goes_over_a_connection_of_its_own_and_tells_what_tls_agreed_on() {
    let address = secure_receiver();
    let pool = trusting("receiver.example", authority());
    assert_eq!(status(&pool.post(to("receiver.example", address)).await), 200);
    for _ in 0..2 {
        let answer = pool.post(Post { fresh: true, ..to("receiver.example", address) }).await;
        assert_eq!(status(&answer), 200);
        let Timings { dns_ms, connect_ms, tls_ms, .. } = answer.timings;
        assert!(dns_ms.is_some() && connect_ms.is_some() && tls_ms.is_some(), "{answer:?}");
        let tls = answer.tls.expect("it was agreed on");
        let certificate = tls.certificate.expect("there is one");
        assert_eq!(tls.version, Some("TLS 1.3"));
        assert_eq!(
            (&*certificate.subject, &*certificate.issuer),
            ("CN=receiver.example", "CN=A school's own authority")
        );
        assert_eq!(certificate.valid_until.to_rfc3339(), "2126-10-28T22:04:55+00:00");
    }
    let stranger = trusting("receiver.example", Vec::new());
    let answer = stranger.post(Post { fresh: true, ..to("receiver.example", address) }).await;
    assert!(answer.tls.is_some_and(|tls| tls.certificate.is_some()), "also what does not hold is shown");
}
