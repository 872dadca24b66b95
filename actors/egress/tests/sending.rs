//! What goes out and what comes back.

use super::*;

#[actix_rt::test]
async fn sends_the_very_bytes_and_keeps_the_connection() {
    let receiver = receiver(|_, _, stream| ok(stream));
    let pool = EgressPool::start(options());
    let mut letter = post(receiver.url("/hook?a=b"));
    letter.headers = vec![("X-Signature-256".to_owned(), "sha256=00".to_owned())];
    letter.body = Bytes::from_static(br#"{"id":"evt_1"}"#);
    for _ in 0..2 {
        let answer = pool.post(letter.clone()).await;
        assert_eq!(
            answer.outcome,
            Outcome::Response { status: 200, excerpt: "ok".to_owned(), retry_after: None, location: None }
        );
        assert_eq!(answer.address, Some(receiver.address.to_string()));
    }
    let got = receiver.got();
    assert_eq!(got.iter().map(|(connection, _)| *connection).collect::<Vec<_>>(), [0, 0]);
    let request = &got[0].1;
    assert!(request.starts_with("POST /hook?a=b HTTP/1.1\r\n"), "{request}");
    assert!(request.ends_with("\r\n\r\n{\"id\":\"evt_1\"}"), "{request}");
    let host = format!("host: {}", receiver.address);
    for header in ["x-signature-256: sha256=00", "user-agent: Stoa", "accept-encoding: identity", &host] {
        assert!(request.lines().any(|line| line.eq_ignore_ascii_case(header)), "{header} in {request}");
    }
}

#[actix_rt::test]
async fn follows_no_redirect() {
    let elsewhere = receiver(|_, _, stream| ok(stream));
    let to = elsewhere.url("/");
    let receiver = receiver(move |_, _, stream| {
        say(stream, &format!("HTTP/1.1 307 Temporary Redirect\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n"))
    });
    let pool = EgressPool::start(options());
    let answer = pool.post(post(receiver.url("/"))).await;
    let Outcome::Response { status: 307, location, .. } = answer.outcome else { panic!("{answer:?}") };
    assert_eq!(location, Some(elsewhere.url("/")));
    assert_eq!((receiver.got().len(), elsewhere.got().len()), (1, 0));
}

#[actix_rt::test]
async fn cuts_a_body_without_end_and_keeps_its_start() {
    let (tell, cut) = mpsc::channel();
    let receiver = receiver(move |_, _, stream| {
        let mut sent = say(stream, "HTTP/1.1 200 OK\r\ncontent-length: 999999999\r\n\r\n");
        while sent == Next::Read {
            sent = say(stream, &"x".repeat(8192));
        }
        tell.send(()).unwrap();
        Next::HangUp
    });
    let pool = EgressPool::start(options());
    let answer = pool.post(post(receiver.url("/"))).await;
    let excerpt = "x".repeat(1024);
    assert_eq!(answer.outcome, Outcome::Response { status: 200, excerpt, retry_after: None, location: None });
    cut.recv_timeout(Duration::from_secs(10)).expect("the connection is closed");
}

#[actix_rt::test]
async fn time_ends_whatever_drips_or_is_silent() {
    let dripping = receiver(|_, _, stream| {
        say(stream, "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nx");
        fall_silent(stream)
    });
    let silent = receiver(|_, _, stream| fall_silent(stream));
    let pool = EgressPool::start(EgressOptions { total_within: Duration::from_millis(60), ..options() });
    for slow in [dripping, silent] {
        let answer = pool.post(post(slow.url("/"))).await;
        assert_eq!(failed(&answer), FailureClass::Timeout);
        assert_eq!(answer.address, Some(slow.address.to_string()));
        assert!(answer.duration_ms >= 60, "{answer:?}");
    }
}

#[actix_rt::test]
async fn sorts_what_is_no_answer() {
    let gibberish = receiver(|_, _, stream| {
        say(stream, "SSH-2.0-OpenSSH_9.2\r\n\r\n");
        Next::HangUp
    });
    let rude = receiver(|_, _, _| Next::HangUp);
    let endless = receiver(|_, _, stream| {
        say(stream, &format!("HTTP/1.1 200 OK\r\nx: {}", "y".repeat(300_000)));
        Next::HangUp
    });
    let no_tls = TcpListener::bind("127.0.0.1:0").unwrap();
    let no_tls_address = no_tls.local_addr().unwrap();
    thread::spawn(move || no_tls.accept().unwrap().0.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n"));
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let pool = EgressPool::start(options());
    for (url, class) in [
        (gibberish.url("/"), FailureClass::Protocol),
        (rude.url("/"), FailureClass::Reset),
        (endless.url("/"), FailureClass::Protocol),
        (format!("http://{nobody}/"), FailureClass::Connect),
        (format!("https://{no_tls_address}/"), FailureClass::Tls),
    ] {
        let answer = pool.post(post(url.clone())).await;
        assert_eq!(failed(&answer), class, "{url}: {answer:?}");
    }
}

#[actix_rt::test]
async fn a_body_that_breaks_off_leaves_its_status() {
    let receiver = receiver(|_, _, stream| {
        say(stream, "HTTP/1.1 202 Accepted\r\ncontent-length: 100\r\n\r\nthank \0you");
        Next::HangUp
    });
    let answer = EgressPool::start(options()).post(post(receiver.url("/"))).await;
    let excerpt = "thank \u{fffd}you".to_owned();
    assert_eq!(answer.outcome, Outcome::Response { status: 202, excerpt, retry_after: None, location: None });
}

#[actix_rt::test]
async fn a_kept_connection_that_closes_is_replaced_within_the_attempt() {
    let receiver = receiver(|connection, number, stream| match (connection, number) {
        (0, 1) => Next::HangUp,
        _ => ok(stream),
    });
    let pool = EgressPool::start(options());
    for _ in 0..2 {
        assert_eq!(status(&pool.post(post(receiver.url("/"))).await), 200);
    }
    assert_eq!(receiver.got().iter().map(|(connection, _)| *connection).collect::<Vec<_>>(), [0, 0, 1]);
}

#[actix_rt::test]
async fn reads_how_long_to_wait() {
    let receiver = receiver(|_, number, stream| {
        let wait = ["120", "Sat, 21 Nov 2026 09:01:30 GMT", "soon"][number % 3];
        say(stream, &format!("HTTP/1.1 429 Slow Down\r\nretry-after: {wait}\r\ncontent-length: 0\r\n\r\n"))
    });
    let pool = EgressPool::start(options());
    for wanted in [Some(120), Some(90), None] {
        let answer = pool.post(post(receiver.url("/"))).await;
        let Outcome::Response { retry_after, .. } = answer.outcome else { panic!("{answer:?}") };
        assert_eq!(retry_after, wanted);
    }
}

#[actix_rt::test]
async fn a_full_door_says_so_at_once() {
    let silent = receiver(|_, _, stream| fall_silent(stream));
    let limits = EgressOptions { in_flight: 1, total_within: Duration::from_millis(60), ..options() };
    let pool = EgressPool::start(limits);
    let answers = futures::join!(pool.post(post(silent.url("/"))), pool.post(post(silent.url("/"))));
    assert_eq!((failed(&answers.0), failed(&answers.1)), (FailureClass::Timeout, FailureClass::Busy));
    let seen = pool.inspect().await.egresses[0].clone().unwrap();
    assert_eq!((seen.posts, seen.busy, seen.in_flight), (1, 1, 0));
}

#[actix_rt::test]
async fn a_broken_egress_is_replaced() {
    let receiver = receiver(|_, _, stream| ok(stream));
    let pool = EgressPool::start(options());
    pool.break_down().await;
    assert_eq!(status(&pool.post(post(receiver.url("/"))).await), 200);
    assert_eq!(pool.inspect().await.respawned, 1);
}

#[actix_rt::test]
async fn an_idle_connection_is_not_kept_for_ever() {
    let (tell, closed) = mpsc::channel();
    let receiver = receiver(move |_, _, stream| {
        ok(stream);
        fall_silent(stream);
        tell.send(()).unwrap();
        Next::HangUp
    });
    let pool = EgressPool::start(EgressOptions { renew_every: Duration::from_millis(50), ..options() });
    assert_eq!(status(&pool.post(post(receiver.url("/"))).await), 200);
    closed.recv_timeout(Duration::from_secs(10)).expect("the connection is closed");
}

#[actix_rt::test]
async fn a_hot_receiver_has_every_egress() {
    let silent = receiver(|_, _, stream| fall_silent(stream));
    let pool = EgressPool::start(EgressOptions { arbiters: 2, total_within: Duration::from_millis(60), ..options() });
    futures::future::join_all((0..64).map(|_| pool.post(post(silent.url("/"))))).await;
    let posts: Vec<_> = pool.inspect().await.egresses.into_iter().map(|egress| egress.unwrap().posts).collect();
    assert!(posts.iter().all(|posts| *posts >= 28), "{posts:?}");
}

#[test]
fn anybody_may_hold_it() {
    fn sendable<T: Send>(_: &T) {}
    fn way_out(pool: &EgressPool) {
        sendable(&pool.post(post("https://example.com/")));
        let _: &dyn Outbound = pool;
    }
    let _ = way_out;
}
