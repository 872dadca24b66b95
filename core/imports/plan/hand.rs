//! How the fields of somebody who is known change, and which stay because they were edited by hand.
//!
//! Not here: what is done with a row (`judge`).

use stoa_protocols::roster::Value;

use crate::{
    imports::RowFault,
    members::{Member, StickyField, email_key},
};

/// The hand that changes a person, and keeps off what another hand has changed.
pub(super) struct Hand<'a, 'b> {
    person: &'a Member,
    overrides: bool,
    says: &'b mut Vec<RowFault>,
}

impl<'a, 'b> Hand<'a, 'b> {
    /// Begins to change a person; `says` gathers what it kept off.
    pub(super) const fn of(person: &'a Member, overrides: bool, says: &'b mut Vec<RowFault>) -> Self {
        Self { person, overrides, says }
    }

    /// A field of what kind soever.
    pub(super) fn word<T: PartialEq>(&mut self, field: StickyField, wanted: Option<T>, before: T) -> T {
        let Some(wanted) = wanted.filter(|wanted| *wanted != before) else { return before };
        if self.overrides || !self.person.sticky.contains(&field) {
            return wanted;
        }
        self.says.push(RowFault::of(field.as_str(), "sticky", "was edited by hand and stays as it is"));
        before
    }

    /// A field that may be empty.
    pub(super) fn cell(&mut self, field: StickyField, cell: &Value<String>, before: Option<&String>) -> Option<String> {
        let wanted = cell.clone().into_change();
        self.word(field, wanted, before.cloned())
    }

    /// A field that is never taken away, only emptied.
    pub(super) fn text(&mut self, field: StickyField, cell: &Value<String>, before: &str) -> String {
        let wanted = cell.clone().into_change().map(Option::unwrap_or_default);
        self.word(field, wanted, before.to_owned())
    }

    /// An address of the same letters is the same, whatever their case.
    pub(super) fn email(&mut self, cell: &Value<String>) -> String {
        let same = |email: &&String| email_key(email) != email_key(&self.person.email);
        let wanted = cell.given().filter(same).cloned();
        self.word(StickyField::Email, wanted, self.person.email.clone())
    }

    /// What nobody named and what therefore follows says nothing where it stays.
    pub(super) fn follows(&self, field: StickyField, wanted: &str, before: String) -> String {
        if self.overrides || !self.person.sticky.contains(&field) { wanted.to_owned() } else { before }
    }
}
