//! What must hold of the document whatever doors there are.

use std::collections::HashSet;

use super::*;
use crate::body::Presence;

fn whole() -> Value {
    document(&crate::doors())
}

/// Every `$ref` in a tree. An example may show a schema with references of its own.
fn references(tree: &Value, into: &mut Vec<String>) {
    match tree {
        Value::Object(members) => {
            into.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
            let parts = members.iter().filter(|(name, _)| !matches!(name.as_str(), "example" | "examples"));
            parts.for_each(|(_, member)| references(member, into));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, into)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = whole();
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 50);
    for reference in found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

#[test]
fn operations_are_named_once_and_in_words() {
    let mut names = HashSet::new();
    for door in crate::doors().list() {
        assert!(names.insert(door.operation), "{} is there twice", door.operation);
        assert!(
            door.operation.chars().all(|c| c.is_ascii_alphanumeric()) && !door.operation.is_empty(),
            "{}",
            door.path
        );
        assert!(!door.tag.is_empty() && !door.summary.is_empty() && !door.summary.ends_with('.'), "{}", door.path);
    }
}

#[test]
fn chapters_are_introduced() {
    for door in crate::doors().list() {
        assert_ne!(chapter(door.tag), "", "{}", door.tag);
    }
}

#[test]
fn each_part_of_a_path_is_documented() {
    for door in crate::doors().list() {
        let mut schemas = SchemaGenerator::default();
        let schema = (door.takes.path)(&mut schemas);
        let properties = schema.get("properties").and_then(Value::as_object);
        let documented: Vec<_> = properties.into_iter().flatten().map(|(name, _)| name.clone()).collect();
        assert_eq!(documented, door.parts().map(str::to_owned).collect::<Vec<_>>(), "{} {}", door.method, door.path);
    }
}

#[test]
fn examples_of_bodies_are_accepted() {
    for door in
        crate::doors().list().iter().filter(|door| ![Presence::None, Presence::File].contains(&door.takes.presence))
    {
        let example = (door.takes.example)();
        (door.takes.accepts)(&example).unwrap_or_else(|error| panic!("{} {}: {error:?}", door.method, door.path));
    }
}

/// The generator numbers types of the same name, and a reader of the document wonders which is which.
#[test]
fn no_two_types_share_a_name() {
    let document = whole();
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        assert!(
            !name.ends_with(|c: char| c.is_ascii_digit()),
            "two types are called {}",
            name.trim_end_matches(char::is_numeric)
        );
    }
}

#[test]
fn both_forms_say_the_same() {
    let documents = Documents::of(&whole()).unwrap();
    assert!(documents.json.starts_with(b"{\n  \"openapi\""));
    assert!(documents.yaml.starts_with(b"openapi: "), "{:?}", &documents.yaml[..40]);
}
