//! Failed sign-ins, counted for an account and for an address, on every node the same.
//!
//! A try is counted before the password is looked at and forgiven when it was right, so that a thousand tries at
//! once are a thousand and not one. Where a secret cannot be guessed, failures alone are counted: programs ask many
//! times at once, and rightly.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, Binary, Integer, Timestamptz},
};
use diesel_async::RunQueryDsl;
use sha2::{Digest, Sha256};

use super::{Limits, SignInRules};
use crate::{
    db::{HouseTx, failed, sql},
    error::{Code, Error, Result},
    members::email_key,
};

/// Keys come sorted, so that two tries lock them in the same order.
const COUNT: &str = "INSERT INTO sign_in_failures AS f (key, failures, started_at)
  SELECT key, 1, $2 FROM unnest($1) AS k(key)
  ON CONFLICT (key) DO UPDATE SET
    failures = CASE WHEN f.started_at <= $3 THEN 1 ELSE least(f.failures, 1000000) + 1 END,
    started_at = CASE WHEN f.started_at <= $3 THEN $2 ELSE f.started_at END
  RETURNING key, failures, started_at";

const LOOK: &str = "SELECT key, failures, started_at FROM sign_in_failures WHERE key = ANY ($1) AND started_at > $2";
const FORGET_ACCOUNT: &str = "DELETE FROM sign_in_failures WHERE key = $1";
const FORGET_OLD: &str = "DELETE FROM sign_in_failures WHERE started_at < $1";
const FORGIVE_ADDRESS: &str = "UPDATE sign_in_failures SET failures = failures - 1 WHERE key = $1 AND failures > 0";

const TOO_MANY: &str = "too many failed sign-ins; wait before the next";

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = Binary)]
    key: Vec<u8>,
    #[diesel(sql_type = Integer)]
    failures: i32,
    #[diesel(sql_type = Timestamptz)]
    started_at: DateTime<Utc>,
}

/// Counts a try. Commit it before the password is looked at.
///
/// # Errors
/// `rate_limited`, with the time until the window ends; the same for an account that does not exist.
pub async fn attempt(house: &mut HouseTx, email: &str, from: IpAddr, rules: &SignInRules) -> Result<()> {
    let keys = Keys { account: account_key(email), address: address_key(from) };
    count(house, keys, &rules.limits(), TOO_MANY).await
}

/// Counts a request for a letter to an address: the same whether anybody has it, and apart from failed sign-ins.
///
/// # Errors
/// `rate_limited`, with the time until the window ends.
pub async fn count_letter(house: &mut HouseTx, email: &str, from: IpAddr, limits: &Limits) -> Result<()> {
    let apart = |key: Vec<u8>| Sha256::digest([b"letter:", &key[..]].concat()).to_vec();
    let keys = Keys { account: apart(account_key(email)), address: apart(address_key(from)) };
    count(house, keys, limits, "too many letters were asked for; look into the mailbox, or wait before the next").await
}

/// Refuses who has failed too often, and counts nothing.
///
/// # Errors
/// `rate_limited`, with the time until the window ends.
pub async fn look(house: &mut HouseTx, account: &str, from: IpAddr, rules: &SignInRules) -> Result<()> {
    let (keys, limits, now) =
        (Keys { account: account_key(account), address: address_key(from) }, rules.limits(), house.now());
    let mut counts: Vec<Count> = sql(LOOK)
        .bind::<Array<Binary>, _>(keys.sorted())
        .bind::<Timestamptz, _>(now - window(&limits))
        .load(house.connection())
        .await
        .map_err(failed)?;
    for count in &mut counts {
        // The try that is about to be made.
        count.failures = count.failures.saturating_add(1);
    }
    judge(&counts, (&keys.account, &limits), now, TOO_MANY)
}

/// What a try is counted for.
struct Keys {
    account: Vec<u8>,
    address: Vec<u8>,
}

impl Keys {
    fn sorted(&self) -> Vec<Vec<u8>> {
        let mut keys = vec![self.account.clone(), self.address.clone()];
        keys.sort_unstable();
        keys
    }
}

async fn count(house: &mut HouseTx, keys: Keys, limits: &Limits, refusal: &'static str) -> Result<()> {
    let now = house.now();
    let counts: Vec<Count> = sql(COUNT)
        .bind::<Array<Binary>, _>(keys.sorted())
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(now - window(limits))
        .load(house.connection())
        .await
        .map_err(failed)?;
    judge(&counts, (&keys.account, limits), now, refusal)
}

fn judge(
    counts: &[Count],
    (account, limits): (&[u8], &Limits),
    now: DateTime<Utc>,
    refusal: &'static str,
) -> Result<()> {
    let wait = counts.iter().filter_map(|count| {
        let most = if count.key == account { limits.per_account } else { limits.per_address };
        let is_over = i64::from(count.failures) > i64::from(most);
        is_over.then(|| (count.started_at + window(limits) - now).num_seconds().max(0).unsigned_abs() + 1)
    });
    match wait.max() {
        None => Ok(()),
        Some(secs) => Err(Error::new(Code::RateLimited, refusal).retry_after_secs(secs)),
    }
}

fn window(limits: &Limits) -> TimeDelta {
    TimeDelta::from_std(limits.window).unwrap_or(TimeDelta::MAX)
}

/// Takes a try back that was none: the account begins anew, the address loses this one.
///
/// # Errors
/// As the database says.
pub async fn forgive(house: &mut HouseTx, email: &str, from: IpAddr) -> Result<()> {
    let forget = sql(FORGET_ACCOUNT).bind::<Binary, _>(account_key(email));
    forget.execute(house.connection()).await.map_err(failed)?;
    let forgive = sql(FORGIVE_ADDRESS).bind::<Binary, _>(address_key(from));
    forgive.execute(house.connection()).await.map_err(failed)?;
    Ok(())
}

/// Forgets windows that began before a time; answers how many.
///
/// # Errors
/// As the database says.
pub async fn forget_failures(house: &mut HouseTx, before: DateTime<Utc>) -> Result<usize> {
    let forget = sql(FORGET_OLD).bind::<Timestamptz, _>(before);
    forget.execute(house.connection()).await.map_err(failed)
}

fn account_key(email: &str) -> Vec<u8> {
    Sha256::digest(format!("account:{}", email_key(email))).to_vec()
}

/// A household has an IPv4 address or a /64 of IPv6.
fn address_key(from: IpAddr) -> Vec<u8> {
    let network = match from.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    };
    Sha256::digest(format!("address:{network}")).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_one_whatever_its_case() {
        assert_eq!(account_key(" Ada@School.example"), account_key("ada@school.example"));
    }

    #[test]
    fn a_household_is_one_address() {
        let key = |text: &str| address_key(text.parse().unwrap());
        assert_eq!(key("2001:db8::1"), key("2001:db8::ffff:2"));
        assert_ne!(key("2001:db8::1"), key("2001:db8:0:1::1"));
        assert_eq!(key("::ffff:192.0.2.1"), key("192.0.2.1"));
        assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
    }
}
