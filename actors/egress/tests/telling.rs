//! Each failure in a sentence, with the time that its stage took.

use super::*;

/// A receiver that takes connections and says nothing.
fn mute() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || listener.incoming().flatten().collect::<Vec<_>>());
    address
}

#[test]
fn a_request_shows_no_secret() {
    let headers = vec![("x-signature-256".to_owned(), "sha256=hidden".to_owned())];
    let post = Post { headers, body: Bytes::from_static(b"hidden"), ..post("https://a.example/?token=hidden") };
    let shown = format!("{post:?}");
    assert!(!shown.contains("hidden") && shown.contains("x-signature-256"), "{shown}");
}

#[actix_rt::test]
async fn a_name_without_an_address_is_named() {
    let pool =
        EgressPool::start(EgressOptions { resolver: Names::with("known.example", &[&["127.0.0.1"]]), ..options() });
    let answer = pool.post(post("http://unknown.example:8080/hook?token=hidden")).await;
    let said = "the name unknown.example:8080 does not resolve (no such name): check its spelling and its DNS records";
    assert_eq!((failed(&answer), detail(&answer)), (FailureClass::Dns, said));
    let Timings { dns_ms, connect_ms, tls_ms, first_byte_ms } = answer.timings;
    assert!(dns_ms.is_some(), "{answer:?}");
    assert_eq!((connect_ms, tls_ms, first_byte_ms), (None, None, None));
}

#[actix_rt::test]
async fn a_machine_where_nothing_listens_is_named() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let answer = EgressPool::start(options()).post(post(format!("http://{nobody}/"))).await;
    let said = format!("connection refused at {nobody}: nothing listens there, or a firewall says so");
    assert_eq!((failed(&answer), detail(&answer)), (FailureClass::Connect, &*said));
    let Timings { dns_ms, connect_ms, first_byte_ms, .. } = answer.timings;
    assert!(connect_ms.is_some(), "{answer:?}");
    assert_eq!((dns_ms, first_byte_ms), (None, None), "a literal is not looked up");
}

#[actix_rt::test]
async fn time_that_ran_out_names_what_was_waited_for() {
    let silent = receiver(|_, _, stream| fall_silent(stream));
    let dripping = receiver(|_, _, stream| {
        say(stream, "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nx");
        fall_silent(stream)
    });
    let short = Duration::from_millis(50);
    let pool = EgressPool::start(EgressOptions { total_within: short, ..options() });
    let waited = pool.post(post(silent.url("/"))).await;
    let said = format!("timed out after 50 ms while waiting for the answer ({})", silent.address);
    assert!(detail(&waited).starts_with(&said), "{waited:?}");
    assert_eq!(waited.timings.first_byte_ms, None);
    let read = pool.post(post(dripping.url("/"))).await;
    assert!(detail(&read).contains("while reading the answer"), "{read:?}");
    assert!(read.timings.first_byte_ms.is_some());
}

#[actix_rt::test]
async fn a_machine_that_takes_connections_and_does_not_speak_is_told_from_a_slow_one() {
    let short = Duration::from_millis(50);
    let pool = EgressPool::start(EgressOptions { connect_within: short, ..options() });
    let answer = pool.post(post(format!("https://{}/", mute()))).await;
    assert_eq!(failed(&answer), FailureClass::TimeoutConnect);
    assert!(detail(&answer).contains("while agreeing on TLS"), "{answer:?}");
    assert!(answer.timings.tls_ms.is_some_and(|took| took >= 50), "{answer:?}");
    assert!(answer.timings.connect_ms.is_some());
}

#[actix_rt::test]
async fn what_is_no_https_and_what_is_no_http_are_told_apart() {
    let no_tls = TcpListener::bind("127.0.0.1:0").unwrap();
    let no_tls_address = no_tls.local_addr().unwrap();
    thread::spawn(move || no_tls.accept().unwrap().0.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n"));
    let gibberish = receiver(|_, _, stream| {
        say(stream, "SSH-2.0-OpenSSH_9.2\r\n\r\n");
        Next::HangUp
    });
    let rude = receiver(|_, _, _| Next::HangUp);
    let pool = EgressPool::start(options());
    for (url, told) in [
        (format!("https://{no_tls_address}/"), "is not TLS: is it plain http on this port?"),
        (gibberish.url("/"), "is not HTTP"),
        (rude.url("/"), "hung up without a whole answer"),
    ] {
        let answer = pool.post(post(url.clone())).await;
        assert!(detail(&answer).contains(told), "{url}: {answer:?}");
    }
}
