//! Files as they come: from spreadsheets of four countries, and broken in every way that was thought of.

mod bad;
mod encodings;
mod fuzz;
mod reports;
mod spelled;
mod volume;

use super::*;

/// Rules of a file that is told nothing.
const RULES: Rules = Rules { empty: Empty::Untouched, forms: Forms { is_email, language } };

/// About what the facts hold an address to.
fn is_email(text: &str) -> bool {
    let domain = text.split_once('@').map(|(_, domain)| domain).unwrap_or_default();
    !text.starts_with('@') && !text.contains(' ') && domain.contains('.') && !domain.contains('@')
}

fn language(tag: &str) -> Option<String> {
    (tag.len() >= 2
        && tag
            .split('-')
            .all(|part| (2..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())))
    .then(|| tag.to_owned())
}

fn probe(bytes: &[u8]) -> Result<Sheet, FileFault> {
    let mut probe = Probe::new();
    bytes.chunks(7).for_each(|piece| probe.feed(piece));
    probe.finish(None)
}

fn read_with(bytes: &[u8], rules: Rules) -> Result<(Sheet, Vec<Entry>), FileFault> {
    let sheet = probe(bytes)?;
    let mut entries = Vec::new();
    for entry in Reader::new(bytes, sheet.charset, rules) {
        match entry {
            Ok(entry) => entries.push(entry),
            Err(ReadError::File(fault)) => return Err(fault),
            Err(ReadError::Io(error)) => panic!("{error}"),
        }
    }
    Ok((sheet, entries))
}

fn read(bytes: impl AsRef<[u8]>) -> (Sheet, Vec<Entry>) {
    read_with(bytes.as_ref(), RULES).unwrap()
}

/// The one row of a file.
fn row(text: &str) -> Row {
    let (_, entries) = read(text);
    assert_eq!(entries.len(), 1, "{entries:?}");
    assert!(entries[0].faults.is_empty(), "{entries:?}");
    entries[0].row.clone()
}

fn given<T>(value: T) -> Value<T> {
    Value::Given(value)
}

/// Faults as `line column code`.
fn faults(bytes: impl AsRef<[u8]>) -> Vec<String> {
    let (_, entries) = read(bytes);
    let told = |entry: &Entry| {
        let line = entry.line;
        let place = |fault: &Fault| fault.name.as_deref().unwrap_or("row").to_owned();
        entry
            .faults
            .iter()
            .map(move |fault| format!("{line} {} {}", place(fault), fault.code.as_str()))
            .collect::<Vec<_>>()
    };
    entries.iter().flat_map(told).collect()
}
