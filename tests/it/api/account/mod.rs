//! People's own accounts: joining, signing in, passwords, second factors; and the staff's.

mod auth;
mod invitations;
mod joining;
mod pages;
mod password_reset;
mod policy;
mod second_factor;
mod sessions;
mod staff;

use stoa_actors::mailer::Mail;
use stoa_core::clock::Clock;
use totp_rs::{Builder, Secret};

use crate::support::TestHouse;

/// What a person carries.
struct Authenticator(totp_rs::Totp);

impl Authenticator {
    fn of(secret: &str) -> Self {
        Self(Builder::new().with_secret(Secret::try_from_base32(secret).unwrap()).build().unwrap())
    }

    fn shows(&self, house: &TestHouse) -> String {
        self.shows_at(house, 0)
    }

    /// What it shows when its clock differs from ours by so many seconds.
    fn shows_at(&self, house: &TestHouse, differs_secs: i64) -> String {
        let now = house.clock.now().timestamp() + differs_secs;
        self.0.generate(now.try_into().unwrap()).to_string()
    }
}

/// The token in a letter's only link, and that its other form has the same.
fn token_in(letter: &Mail) -> String {
    let tokens = tokens_in(letter);
    assert_eq!(tokens.len(), 1, "{}", letter.text);
    tokens[0].clone()
}

/// The tokens in a letter's links. They stand in fragments, which no server is sent.
fn tokens_in(letter: &Mail) -> Vec<String> {
    let ends = |rest: &str| rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap().to_owned();
    let found: Vec<String> = letter.text.split("#token=").skip(1).map(ends).collect();
    assert!(!letter.text.contains("?token") && !letter.html.contains("?token"));
    for token in &found {
        assert!(letter.html.contains(&format!("#token={token}\"")), "{}", letter.html);
    }
    found
}
