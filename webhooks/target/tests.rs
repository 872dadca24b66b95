//! The rules, spelling by spelling.

use std::net::{IpAddr, Ipv4Addr};

use proptest::prelude::*;

use super::*;

fn strict() -> TargetPolicy {
    TargetPolicy::default()
}

fn demo() -> TargetPolicy {
    TargetPolicy { allow_http: true, allow_private: vec!["127.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()] }
}

fn refused(text: &str) -> &'static str {
    match strict().check(text) {
        Ok(target) => panic!("{text} passed as {target}"),
        Err(fault) => fault.rule,
    }
}

#[test]
fn takes_public_addresses_and_normalises_them() {
    for (given, kept) in [
        ("https://example.com/hook", "https://example.com/hook"),
        ("https://EXAMPLE.com:443/hook?a=b", "https://example.com/hook?a=b"),
        ("https://example.com.", "https://example.com/"),
        ("https://example.com:8443/a/../b", "https://example.com:8443/b"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        // A Cyrillic а: shown as what it is, another name.
        ("https://ex\u{430}mple.com/", "https://xn--exmple-4nf.com/"),
        ("https://ｅｘａｍｐｌｅ.com/", "https://example.com/"),
        ("https://93.184.216.34/", "https://93.184.216.34/"),
        ("https://0x5db8d822/", "https://93.184.216.34/"),
        ("https://[2606:2800:220:1::1]/", "https://[2606:2800:220:1::1]/"),
        ("https://[64:ff9b::5db8:d822]/", "https://[64:ff9b::5db8:d822]/"),
    ] {
        assert_eq!(strict().check(given).unwrap().as_str(), kept, "{given}");
    }
}

#[test]
fn refuses_by_rule() {
    for (text, rule) in [
        ("", "format"),
        ("hello", "format"),
        ("//example.com/", "format"),
        ("https://", "format"),
        ("https://exa mple.com/", "format"),
        ("https://example.com/\n", "format"),
        ("https:\\\\example.com", "format"),
        ("https://example.com:99999/", "format"),
        ("https://example\u{0}.com/", "format"),
        ("https://[::1", "format"),
        ("http://example.com/", "scheme"),
        ("ftp://example.com/", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("javascript:alert(1)", "scheme"),
        ("https://user@example.com/", "userinfo"),
        ("https://:secret@example.com/", "userinfo"),
        ("https://example.com#127.0.0.1@evil.example", "fragment"),
        ("https://example.com/#", "fragment"),
        ("https://example.com:22/", "port"),
        ("https://example.com:25/", "port"),
        ("https://example.com:0/", "port"),
        ("https://example.com:6379/", "port"),
        ("https://example.com:11211/", "port"),
        ("https://localhost/", "host"),
        ("https://LOCALHOST./", "host"),
        ("https://a.b.localhost/", "host"),
        ("https://%6c%6fcalhost/", "host"),
        ("https://printer.local/", "host"),
        ("https://metadata.google.internal/", "host"),
        ("https://metadata.google.internal./", "host"),
        ("https://router.home.arpa/", "host"),
        ("https://database/", "host"),
        ("https://example.com../", "host"),
        ("https://a..example.com/", "host"),
    ] {
        assert_eq!(refused(text), rule, "{text}");
    }
    assert_eq!(refused(&format!("https://example.com/{}", "a".repeat(MAX_LEN))), "length");
    // Grows past the limit only when it is normalised.
    assert_eq!(refused(&format!("https://example.com/{}", "é".repeat(1000))), "length");
}

#[test]
fn refuses_every_spelling_of_an_inward_literal() {
    let hosts = "127.0.0.1 127.1 127.0.1 2130706433 017700000001 0x7f000001 0x7f.1 0177.0.0.1 127.0.0.1. １２７.0.0.1 \
        127%2e0%2e0%2e1 ①②⑦.0.0.1 0 0.0.0.0 10.0.0.1 0xa.1 100.64.0.1 100.100.100.200 168.63.129.16 \
        169.254.169.254 0xa9fea9fe 2852039166 172.16.0.1 172.31.255.255 192.0.0.192 192.0.2.1 192.88.99.1 \
        192.168.1.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 \
        255.255.255.255 [::] [::1] [0:0:0:0:0:0:0:1] [::127.0.0.1] [::ffff:127.0.0.1] [::ffff:7f00:1] \
        [0:0:0:0:0:ffff:a9fe:a9fe] [64:ff9b::127.0.0.1] [64:ff9b::a9fe:a9fe] [64:ff9b:1::5db8:d822] \
        [2002:7f00:1::] [2002:5db8:d822::] [2001::1] [2001:0:4136:e378:8000:63bf:3fff:fdd2] [2001:db8::1] \
        [2001:10::1] [3fff::1] [100::1] [fc00::1] [fd00:ec2::254] [fe80::1] [febf::1] [fec0::1] [ff02::1] \
        [5f00::1] [4000::1]";
    for host in hosts.split(' ') {
        let rule = refused(&format!("https://{host}/"));
        assert_eq!(rule, "address", "{host}");
    }
}

#[test]
fn the_operator_may_allow_more() {
    for text in
        ["http://127.0.0.1:9000/", "http://localhost:9000/", "https://[::1]:9000/", "http://[::ffff:127.0.0.1]:9000/"]
    {
        assert!(demo().check(text).is_ok(), "{text}");
    }
    for text in ["http://10.0.0.1/", "http://169.254.169.254/", "http://[::ffff:10.0.0.1]/"] {
        assert_eq!(demo().check(text).unwrap_err().rule, "address", "{text}");
    }
    assert!(demo().allows("127.0.0.1".parse().unwrap()) && !strict().allows("127.0.0.1".parse().unwrap()));
}

#[test]
fn the_error_names_the_field_and_the_rule() {
    let error = Target::parse("https://127.1/", &strict()).unwrap_err();
    assert_eq!(error.code(), Code::UnsafeUrl);
    assert_eq!(error.outside(), "the address may not be called: 127.0.0.1 is not public: loopback");
    let field = &error.fields()[0];
    assert_eq!((field.pointer.as_str(), field.code), ("/url", "address"));
}

#[test]
fn the_edges_of_ranges() {
    for (address, public) in [
        ("9.255.255.255", true),
        ("11.0.0.0", true),
        ("100.63.255.255", true),
        ("100.128.0.0", true),
        ("126.255.255.255", true),
        ("128.0.0.0", true),
        ("172.15.255.255", true),
        ("172.32.0.0", true),
        ("192.0.1.0", true),
        ("198.17.255.255", true),
        ("198.20.0.0", true),
        ("223.255.255.255", true),
        ("2000::", true),
        ("2001:200::", true),
        ("2003::", true),
        ("3ffe::", true),
        ("3fff:1000::", true),
        ("1fff::", false),
        ("::2", false),
        ("fbff::", false),
        ("::ffff:8.8.8.8", true),
        ("64:ff9b::8.8.8.8", true),
    ] {
        assert_eq!(is_public(address.parse().unwrap()), public, "{address}");
    }
}

proptest! {
    #[test]
    fn any_text_is_checked_without_panic(text in "\\PC*") {
        let _ = strict().check(&text);
        let _ = demo().check(&format!("http://{text}/"));
    }

    #[test]
    fn what_passes_is_not_a_literal_of_an_inward_machine(host in "[0-9a-fx.:\\[\\]%]{1,24}") {
        if let Ok(target) = strict().check(&format!("https://{host}/")) {
            let literal = target.host().trim_matches(['[', ']']).parse::<IpAddr>();
            prop_assert!(literal.is_ok_and(is_public) || target.host().contains('.'), "{}", target);
            if let Ok(literal) = target.host().parse::<IpAddr>() {
                prop_assert!(is_public(literal));
            }
        }
    }

    #[test]
    fn any_ipv4_is_judged_alike_in_every_spelling(bits: u32) {
        let address = Ipv4Addr::from_bits(bits);
        let public = is_public(address.into());
        let [a, b, c, d] = address.octets();
        for host in [address.to_string(), format!("{bits}"), format!("{bits:#x}"), format!("{bits:#o}").replace("0o", "0"),
            format!("{a}.{}", bits & 0xff_ffff), format!("{a:#x}.{b}.{c}.{d}"), format!("[::ffff:{address}]"),
            format!("[64:ff9b::{address}]")] {
            prop_assert_eq!(strict().check(&format!("https://{host}/")).is_ok(), public, "{}", host);
        }
    }

    #[test]
    fn normalising_twice_changes_nothing(path in "[a-zA-Z0-9/._~%-]{0,40}") {
        if let Ok(target) = strict().check(&format!("https://Example.com/{path}")) {
            prop_assert_eq!(strict().check(target.as_str()).unwrap(), target);
        }
    }
}
