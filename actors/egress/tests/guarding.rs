//! Where nothing goes.

use super::*;

/// What the public internet is to a test: 127.0.0.1 and no more.
fn narrow(names: Arc<Names>) -> EgressOptions {
    let policy = TargetPolicy { allow_http: true, allow_private: vec!["127.0.0.1/32".parse().unwrap()] };
    EgressOptions { policy, resolver: names, ..options() }
}

#[actix_rt::test]
async fn no_spelling_of_an_inward_machine_is_called() {
    let receiver = receiver(|_, _, stream| ok(stream));
    let port = receiver.address.port();
    let strict = EgressOptions { policy: TargetPolicy { allow_http: true, allow_private: Vec::new() }, ..options() };
    let pool = EgressPool::start(strict);
    let hosts = "127.0.0.1 127.1 2130706433 0x7f.1 017700000001 localhost localhost. 0.0.0.0 0 [::1] [::] \
        [::ffff:127.0.0.1] [::127.0.0.1] [64:ff9b::7f00:1] [2002:7f00:1::] 169.254.169.254 10.0.0.1 \
        [fe80::1] [fd00:ec2::254]";
    for host in hosts.split(' ') {
        let answer = pool.post(post(format!("http://{host}:{port}/"))).await;
        assert_eq!(failed(&answer), FailureClass::RefusedAddress, "{host}: {answer:?}");
        assert_eq!(answer.address, None, "{host}");
    }
    assert!(receiver.got().is_empty());
}

#[actix_rt::test]
async fn a_name_with_one_inward_address_is_not_called_at_all() {
    let receiver = receiver(|_, _, stream| ok(stream));
    for inward in ["10.0.0.1", "::1", "::ffff:10.0.0.1", "169.254.169.254", "64:ff9b::a00:1"] {
        let pool = EgressPool::start(narrow(Names::with("two.example", &[&["127.0.0.1", inward]])));
        let url = format!("http://two.example:{}/", receiver.address.port());
        let answer = pool.post(post(url.clone())).await;
        assert_eq!(failed(&answer), FailureClass::RefusedAddress, "{inward}");
        assert!(!format!("{answer:?}").contains(inward), "our network is not shown: {answer:?}");
        assert!(!pool.permits(url.into()).await);
    }
    assert!(receiver.got().is_empty());
}

#[actix_rt::test]
async fn a_name_that_changes_its_mind_is_asked_once_for_a_connection() {
    let receiver = receiver(|_, number, stream| {
        ok(stream);
        if number == 0 { Next::Read } else { Next::HangUp }
    });
    let pool = EgressPool::start(narrow(Names::with("turncoat.example", &[&["127.0.0.1"], &["10.0.0.1"]])));
    let url = format!("http://turncoat.example:{}/", receiver.address.port());
    // The first two go to the address that was checked, though the name has long turned.
    for _ in 0..2 {
        let answer = pool.post(post(url.clone())).await;
        assert_eq!((status(&answer), answer.address), (200, Some(receiver.address.to_string())));
    }
    // A new connection asks again.
    pool.break_down().await;
    assert_eq!(failed(&pool.post(post(url)).await), FailureClass::RefusedAddress);
    assert_eq!(receiver.got().len(), 2);
}

#[actix_rt::test]
async fn a_rule_that_was_tightened_holds_for_addresses_saved_before() {
    let receiver = receiver(|_, _, stream| ok(stream));
    let https_only = TargetPolicy { allow_http: false, allow_private: vec!["127.0.0.0/8".parse().unwrap()] };
    let pool = EgressPool::start(EgressOptions { policy: https_only, ..options() });
    assert_eq!(failed(&pool.post(post(receiver.url("/"))).await), FailureClass::RefusedAddress);
    assert!(receiver.got().is_empty());
}

#[actix_rt::test]
async fn an_address_that_does_not_answer_leaves_the_next_a_chance() {
    let receiver = receiver(|_, _, stream| ok(stream));
    let names = Names::with("two.example", &[&["127.0.0.2", "127.0.0.1"]]);
    let pool = EgressPool::start(EgressOptions { resolver: names, ..options() });
    let answer = pool.post(post(format!("http://two.example:{}/", receiver.address.port()))).await;
    assert_eq!((status(&answer), answer.address), (200, Some(receiver.address.to_string())));
}

#[actix_rt::test]
async fn an_unknown_name_fails_but_may_be_saved() {
    let pool = EgressPool::start(narrow(Names::with("known.example", &[&["127.0.0.1"]])));
    let url: Arc<str> = "http://unknown.example/".into();
    assert_eq!(failed(&pool.post(post(Arc::clone(&url))).await), FailureClass::Dns);
    assert!(pool.permits(url).await);
    assert!(pool.permits("http://known.example/".into()).await);
}

#[derive(Debug)]
struct Deaf;

impl Resolver for Deaf {
    fn lookup(&self, _: &str, _: u16) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> {
        std::future::pending().boxed()
    }
}

#[actix_rt::test]
async fn a_name_server_that_is_silent_is_left() {
    let limits = EgressOptions { resolver: Arc::new(Deaf), connect_within: Duration::from_millis(50), ..options() };
    let pool = EgressPool::start(limits);
    assert_eq!(failed(&pool.post(post("https://example.com/")).await), FailureClass::TimeoutConnect);
}
