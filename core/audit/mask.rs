//! What an entry does not keep: secrets, and what would tell of a person.

use serde_json::Value;

/// What stands where something is not kept.
const MASK: &str = "***";
/// Parts of names whose values are secrets.
const SECRET: [&str; 6] = ["secret", "password", "token", "authorization", "private_key", "hash"];
/// Names whose values are of a person.
const PERSONAL: [&str; 6] = ["first_name", "last_name", "full_name", "phone", "requester_name", "user_name"];
/// Kinds of things that are people: there the name is one of a person too.
const PEOPLE: [&str; 4] = ["user", "member", "invitation", "staff"];
/// Longest text that is kept, in characters.
const TEXT_MAX: usize = 500;

/// Masks what is said of a thing of a kind: of people, also their name.
pub(super) fn masked_of(kind: &str, value: Value) -> Value {
    let mut value = masked(value);
    if PEOPLE.contains(&kind)
        && let Some(Value::String(name)) = value.get_mut("name")
    {
        MASK.clone_into(name);
    }
    value
}

/// Masks a value: secrets and personal data by the names of their fields, and the query of every address, where
/// receivers like to have their keys.
pub fn masked(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            Value::Object(fields.into_iter().map(|(name, value)| (name.clone(), field(&name, value))).collect())
        }
        Value::Array(values) => Value::Array(values.into_iter().map(masked).collect()),
        Value::String(text) => Value::String(cut(without_query(text))),
        other => other,
    }
}

fn field(name: &str, value: Value) -> Value {
    let lower = name.to_ascii_lowercase();
    // A hint is what is shown anyway, so that secrets can be told apart.
    let secret = SECRET.iter().any(|part| lower.contains(part)) && !lower.ends_with("_hint") && !lower.ends_with("_id");
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => value,
        _ if secret || PERSONAL.contains(&lower.as_str()) || lower == "headers" => MASK.into(),
        Value::String(text) if lower == "email" || lower.ends_with("_email") => first_letter(&text).into(),
        other => masked(other),
    }
}

/// `a***@example.com`: whose house it is, not who.
fn first_letter(email: &str) -> String {
    match email.rsplit_once('@') {
        Some((local, domain)) => format!("{}{MASK}@{domain}", local.chars().take(1).collect::<String>()),
        None => MASK.to_owned(),
    }
}

/// A log is read by eyes: of a long text, its beginning.
fn cut(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(TEXT_MAX) {
        text.truncate(end);
        text.push('…');
    }
    text
}

fn without_query(text: String) -> String {
    let is_address = text.starts_with("https://") || text.starts_with("http://");
    match text.split_once('?') {
        Some((before, _)) if is_address => format!("{before}?{MASK}"),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_and_people_are_masked_at_any_depth() {
        let entry = json!({
            "url": "https://hooks.example.com/in?key=hidden", "secret": "whsec_abc", "secret_hint": "LaSw",
            "items": [{ "client_secret": "s", "email": "ana@example.com", "events": ["*"], "token_id": "tok_1" }],
            "headers": { "x-api-key": "k" }, "first_name": "Ana", "status": "enabled", "previous_secret": null,
        });
        assert_eq!(
            masked(entry),
            json!({
                "url": "https://hooks.example.com/in?***", "secret": "***", "secret_hint": "LaSw",
                "items": [{ "client_secret": "***", "email": "a***@example.com", "events": ["*"], "token_id": "tok_1" }],
                "headers": "***", "first_name": "***", "status": "enabled", "previous_secret": null,
            })
        );
    }

    #[test]
    fn the_name_of_a_person_is_masked_and_that_of_a_thing_is_not() {
        let named = || json!({ "name": "Ana Kim", "role": "learner" });
        assert_eq!(masked_of("user", named()), json!({ "name": "***", "role": "learner" }));
        assert_eq!(masked_of("group", named()), named());
    }

    #[test]
    fn of_a_long_text_the_beginning_is_kept() {
        let long = masked(json!({ "prompt": "가".repeat(501) }));
        assert_eq!(long["prompt"], format!("{}…", "가".repeat(500)));
    }

    #[test]
    fn a_question_is_no_query() {
        assert_eq!(masked(json!("why? because")), json!("why? because"));
    }
}
