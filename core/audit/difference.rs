//! What differs between two states of a thing.

use serde_json::{Map, Value};

/// The fields that differ, as they were and as they are. What is no object differs as a whole.
pub(super) fn of(before: &Value, after: &Value) -> (Value, Value) {
    let (Value::Object(was), Value::Object(is)) = (before, after) else { return (before.clone(), after.clone()) };
    (without_equals(was, is), without_equals(is, was))
}

fn without_equals(of: &Map<String, Value>, other: &Map<String, Value>) -> Value {
    let differing = of.iter().filter(|(name, value)| other.get(*name) != Some(value));
    differing.map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>().into()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_differs_is_told_also_what_came_and_went() {
        let (was, is) = of(&json!({ "a": 1, "b": [1], "gone": 0 }), &json!({ "a": 1, "b": [1, 2], "new": null }));
        assert_eq!((was, is), (json!({ "b": [1], "gone": 0 }), json!({ "b": [1, 2], "new": null })));
    }

    #[test]
    fn equal_states_differ_in_nothing() {
        assert_eq!(of(&json!({ "a": 1 }), &json!({ "a": 1 })), (json!({}), json!({})));
    }
}
