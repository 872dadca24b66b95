//! What of an address is kept.

use sha2::{Digest, Sha256};

use crate::members::email_key;

const MASK: &str = "***";

/// What an address is found by: the same for `Ana@Example.com` and `ana@example.com`.
pub fn address_hash(email: &str) -> Vec<u8> {
    Sha256::digest(email_key(email)).to_vec()
}

/// `a***@example.com`: whose house it is, not who.
pub fn masked_address(email: &str) -> String {
    match email.trim().rsplit_once('@') {
        Some((local, domain)) => format!("{}{MASK}@{domain}", local.chars().take(1).collect::<String>()),
        None => MASK.to_owned(),
    }
}

/// What a mail server said, with every address in it masked and cut to what fits a row.
pub fn without_addresses(said: &str) -> String {
    const MOST: usize = 500;
    let edge = |letter: char| letter.is_whitespace() || letter.is_control() || "<>()[],;:\"'".contains(letter);
    let mut line = String::new();
    let mut word = String::new();
    for letter in said.chars().take(MOST).chain([' ']) {
        if edge(letter) {
            line.push_str(&if word.contains('@') { masked_address(&word) } else { std::mem::take(&mut word) });
            word.clear();
            line.push(if letter.is_control() { ' ' } else { letter });
        } else {
            word.push(letter);
        }
    }
    line.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_leave_what_a_server_said() {
        let said = "550 5.1.1 <ana.lee@example.com>: user unknown\r\n(ana.lee@example.com)";
        assert_eq!(without_addresses(said), "550 5.1.1 <a***@example.com>: user unknown  (a***@example.com)");
        assert_eq!(without_addresses("no address"), "no address");
        assert_eq!(without_addresses(&"x".repeat(9_000)).len(), 500);
    }

    #[test]
    fn an_address_is_found_in_whatever_case() {
        assert_eq!(address_hash(" Ana@Example.com"), address_hash("ana@example.com"));
        assert_ne!(address_hash("ana@example.com"), address_hash("ana@example.org"));
        assert_eq!(
            (masked_address("ana@example.com").as_str(), masked_address("ana").as_str()),
            ("a***@example.com", "***")
        );
    }
}
