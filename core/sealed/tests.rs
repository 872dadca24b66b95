//! Keys that change, places that must fit, and what the first version sealed.

use std::sync::Mutex;

use super::*;

fn keys(texts: &[&str]) -> Vec<String> {
    texts.iter().map(ToString::to_string).collect()
}

fn secret() -> Secret {
    Secret::new(b"whsec".to_vec())
}

#[test]
fn opens_only_in_its_place_with_its_key() {
    let sealer = Sealer::new("a key");
    let locked = sealer.seal(&secret(), "webhook:1").unwrap();
    assert_eq!(sealer.open(&locked, "webhook:1").unwrap().expose(), b"whsec");
    assert!(sealer.open(&locked, "webhook:2").is_err());
    assert!(Sealer::new("another").open(&locked, "webhook:1").is_err());
    for cut in 0..locked.len() {
        assert!(sealer.open(&locked[..cut], "webhook:1").is_err(), "{cut}");
    }
    let mut bent = locked;
    *bent.last_mut().unwrap() ^= 1;
    assert!(sealer.open(&bent, "webhook:1").is_err());
}

#[test]
fn shows_nothing() {
    assert_eq!(format!("{:?} {:?}", secret(), Sealer::new("a key")), "Secret(…) Sealer(…)");
}

#[test]
fn the_newest_key_seals_and_every_known_one_opens() {
    let before = Sealer::new("old");
    let old = before.seal(&secret(), "p").unwrap();
    let both = Sealer::with_keys(&keys(&["new", "old"]));
    let new = both.seal(&secret(), "p").unwrap();
    assert_eq!((both.is_current(&new), both.is_current(&old)), (true, false));
    for sealed in [&old, &new] {
        assert_eq!(both.open(sealed, "p").unwrap(), secret());
    }
    assert_eq!(both.known(), [Sealer::new("new").current(), before.current()]);
    let error = before.open(&new, "p").unwrap_err();
    let said = error.inside().unwrap().to_string();
    assert!(said.contains(&format!("the key {}", both.current())) && said.contains("previous_sealing_keys"), "{said}");
    assert!(!error.outside().contains("key"), "{}", error.outside());
}

/// Sealed by the first version under "a key", for the place "webhook:1".
const FIRST_VERSION: &str =
    "01000102030405060708090a0b0c0d0e0f10111213141516175c322203b7b85eea545926046058a824046eac8a99";

#[test]
fn what_the_first_version_sealed_opens_with_any_known_key() {
    let sealed = hex(FIRST_VERSION);
    for texts in [&["a key"][..], &["new", "a key"], &["new", "newer", "a key"]] {
        assert_eq!(Sealer::with_keys(&keys(texts)).open(&sealed, "webhook:1").unwrap().expose(), b"whsec");
    }
    assert!(Sealer::new("new").open(&sealed, "webhook:1").is_err());
    assert!(!Sealer::new("a key").is_current(&sealed), "it is put under its own key's name once");
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

#[derive(Debug)]
struct Kept(Mutex<Vec<String>>);

impl KeySource for Kept {
    fn keys(&self) -> anyhow::Result<Vec<String>> {
        Ok(self.0.lock().unwrap().clone())
    }
}

#[test]
fn a_key_added_meanwhile_is_found_when_it_is_met() {
    let kept = Arc::new(Kept(Mutex::new(keys(&["old"]))));
    let running = Sealer::from_source(kept.clone()).unwrap();
    let old = running.seal(&secret(), "p").unwrap();
    *kept.0.lock().unwrap() = keys(&["new", "old"]);
    assert!(running.is_current(&running.seal(&secret(), "p").unwrap()));
    assert!(running.is_current(&old), "it has not met the new key yet");
    let by_another = Sealer::with_keys(&keys(&["new", "old"])).seal(&secret(), "p").unwrap();
    assert_eq!(running.open(&by_another, "p").unwrap(), secret());
    assert!(!running.is_current(&old), "from now on it seals with the new one");
    assert_eq!(running.open(&old, "p").unwrap(), secret());
    kept.0.lock().unwrap().clear();
    let stranger = Sealer::new("strange").seal(&secret(), "p").unwrap();
    assert!(running.open(&stranger, "p").is_err());
    assert_eq!(running.open(&by_another, "p").unwrap(), secret(), "an emptied source takes nothing away");
    assert!(Sealer::from_source(kept).is_err());
}
