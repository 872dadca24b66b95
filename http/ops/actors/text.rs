//! The cast as a page of text: a line for each, and a table of the institutions.

use std::fmt::Write as _;

use serde_json::Value;

/// Columns of the table: what stands above, how wide it is, where it is found.
const COLUMNS: [(&str, usize, &str); 12] = [
    ("INSTITUTION", 32, "/institution_id"),
    ("LIFE", 6, "/life"),
    ("KNOWS", 12, "/knows/state"),
    ("AGE", 9, "/knows/age_ms"),
    ("STATUS", 11, "/settings/status"),
    ("MEMBERS", 9, "/counts/active"),
    ("SEATS", 9, "/counts/seats_in_use"),
    ("IMPORT", 32, "/import/id"),
    ("ROWS", 16, "/import"),
    ("UNDER WAY", 11, "/in_flight"),
    ("BREAKERS", 10, "/breakers"),
    ("ANSWERED", 0, "/answered"),
];

/// Writes it.
pub(super) fn of<'a>(cast: impl Iterator<Item = (&'static str, &'a Value)>) -> String {
    let mut text = String::new();
    for (name, state) in cast {
        let facts =
            state.as_object().into_iter().flatten().filter(|(_, value)| !value.is_array() && !value.is_object());
        let facts: Vec<String> = facts.map(|(name, value)| format!("{name} {}", plain(value))).collect();
        // Writing into a text does not fail.
        let _ = writeln!(text, "{name}: {}", facts.join(", "));
        if let Some(busiest) = state.get("busiest").and_then(Value::as_array).filter(|busiest| !busiest.is_empty()) {
            text.push('\n');
            row(&mut text, |(head, ..)| (*head).to_owned());
            for one in busiest {
                row(&mut text, |(_, _, place)| cell(place, one.pointer(place)));
            }
            text.push('\n');
        }
    }
    text
}

fn row(text: &mut String, cell: impl Fn(&(&str, usize, &str)) -> String) {
    let cells = COLUMNS.iter().map(|column| {
        let (_, width, _) = column;
        format!("{:<width$}", cell(column), width = *width)
    });
    let line: String = cells.collect();
    text.push_str(line.trim_end());
    text.push('\n');
}

fn cell(place: &str, value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "-".to_owned(),
        Some(Value::Number(millis)) if place.ends_with("_ms") => {
            format!("{:.1} s", millis.as_f64().unwrap_or_default() / 1_000.0)
        }
        Some(Value::Array(values)) => values.len().to_string(),
        Some(import @ Value::Object(_)) => {
            let of = |name: &str| import.get(name).map_or_else(|| "-".to_owned(), plain);
            let stops = if import.get("cancelled") == Some(&Value::Bool(true)) { " stops" } else { "" };
            format!("{}/{}{stops}", of("rows_done"), of("rows_total"))
        }
        Some(value) => plain(value),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_line_for_each_and_a_table_of_institutions() {
        let tenants = json!({ "tenants": 2, "hears": true, "busiest": [
            { "institution_id": "inst_a", "life": 3, "knows": { "state": "warm", "age_ms": 1_250 }, "in_flight": 2,
              "settings": { "status": "active" }, "counts": { "active": 7, "seats_in_use": 9 }, "breakers": [[]],
              "import": { "id": "imp_a", "rows_done": 5, "rows_total": null, "cancelled": true }, "answered": 11 },
            { "institution_id": "inst_b", "life": 1, "knows": { "state": "cold", "age_ms": null }, "settings": null },
        ] });
        let bell = json!({ "listening": true, "rung": 4 });
        let shown = of([("tenants", &tenants), ("bell", &bell)].into_iter());
        insta::assert_snapshot!(shown, @r"
        tenants: tenants 2, hears true

        INSTITUTION                     LIFE  KNOWS       AGE      STATUS     MEMBERS  SEATS    IMPORT                          ROWS            UNDER WAY  BREAKERS  ANSWERED
        inst_a                          3     warm        1.2 s    active     7        9        imp_a                           5/- stops       2          1         11
        inst_b                          1     cold        -        -          -        -        -                               -               -          -         -

        bell: listening true, rung 4
        ");
    }
}
