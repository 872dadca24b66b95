//! What may be asked of an import.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{error::Result, fields::Fields, words};

/// People of a data set who may lose access by one file, in hundredths of all in the set, unless the sender says more.
const CHANGE_THRESHOLD_PERCENT: i32 = 10;

words! {
    /// Whether a plan is applied at once.
    ImportMode {
        /// Not before somebody says so.
        DryRun = "dry_run",
        /// At once, as far as nothing stands against it.
        Apply = "apply",
    }
}

words! {
    /// Which rows of a file count.
    ImportStrategy {
        /// All: who is known is changed, who is not is added.
        Upsert = "upsert",
        /// People who are not known yet; the others are skipped.
        CreateOnly = "create_only",
        /// People who are known; the others are skipped.
        UpdateOnly = "update_only",
    }
}

words! {
    /// What becomes of people of the data set whom the file does not name.
    OnMissing {
        /// Nothing.
        Ignore = "ignore",
        /// They are deactivated.
        Deactivate = "deactivate",
    }
}

words! {
    /// By what a row finds its person.
    MatchOn {
        /// The institution's own key; where that finds nobody, the address.
        ExternalIdThenEmail = "external_id_then_email",
        /// The institution's own key alone.
        ExternalId = "external_id",
        /// The address alone.
        Email = "email",
    }
}

/// What is asked of an import. Everything has a default that does the least.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option by a name of its own, said or not said")]
pub struct ImportOptions {
    /// `dry_run` makes a plan, which can be applied later; `apply` goes straight on.
    pub mode: ImportMode,
    /// Which rows count.
    pub strategy: ImportStrategy,
    /// By what a row finds its person.
    pub match_on: MatchOn,
    /// What becomes of people of the data set whom the file does not name.
    pub on_missing: OnMissing,
    /// The set of people that the file is an edition of: 1 to 100 characters.
    pub data_set: Option<String>,
    /// With `deactivate`: more than this part of the data set, in percent, may not go by one file.
    pub change_threshold: i32,
    /// New people are invited by a letter and stay `invited` until they accept.
    pub send_invites: bool,
    /// All rows or none: one invalid row, and nothing is applied.
    pub atomic: bool,
    /// Fields that were edited by hand are changed too.
    #[serde(rename = "override")]
    pub override_sticky: bool,
    /// An empty cell clears its field, instead of leaving it as it is.
    pub clear_empty: bool,
    /// Groups that do not exist are made, by the names in the file.
    pub create_groups: bool,
}

impl Default for ImportOptions {
    fn default() -> Self {
        Self {
            mode: ImportMode::DryRun,
            strategy: ImportStrategy::Upsert,
            match_on: MatchOn::ExternalIdThenEmail,
            on_missing: OnMissing::Ignore,
            data_set: None,
            change_threshold: CHANGE_THRESHOLD_PERCENT,
            send_invites: false,
            atomic: false,
            override_sticky: false,
            clear_empty: false,
            create_groups: false,
        }
    }
}

impl ImportOptions {
    /// Checks what is asked for, each fault under the name of its option.
    ///
    /// # Errors
    /// `validation_failed`.
    pub fn check(&self, pointer: impl Fn(&str) -> String) -> Result<()> {
        let mut fields = Fields::new();
        if let Some(set) = &self.data_set
            && (set.trim() != set || set.is_empty() || set.chars().count() > 100 || set.contains(char::is_control))
        {
            fields.fault(
                pointer("data_set"),
                "format",
                "wanted 1 to 100 characters on one line, no spaces around them",
            );
        }
        if self.on_missing == OnMissing::Deactivate && self.data_set.is_none() {
            let why = "wanted with on_missing=deactivate: only people of an earlier edition can be missing";
            fields.fault(pointer("data_set"), "required", why);
        }
        fields.within(&pointer("change_threshold"), &self.change_threshold, &(0..=100));
        fields.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(options: &ImportOptions) -> Vec<String> {
        let pointer = |name: &str| format!("?{name}");
        let error = options.check(pointer).err();
        error.map(|error| error.fields().iter().map(|fault| fault.pointer.clone()).collect()).unwrap_or_default()
    }

    #[test]
    fn the_least_is_the_default() {
        let options: ImportOptions = serde_json::from_str("{}").unwrap();
        assert_eq!(options, ImportOptions::default());
        assert_eq!((options.mode, options.change_threshold), (ImportMode::DryRun, 10));
        assert!(!options.send_invites && !options.atomic && !options.override_sticky);
        assert!(faults(&options).is_empty());
    }

    #[test]
    fn missing_people_need_a_data_set() {
        let options = ImportOptions { on_missing: OnMissing::Deactivate, ..ImportOptions::default() };
        assert_eq!(faults(&options), ["?data_set"]);
        let options = ImportOptions { data_set: Some("students".into()), ..options };
        assert!(faults(&options).is_empty());
        let options = ImportOptions { change_threshold: 101, data_set: Some(" x".into()), ..options };
        assert_eq!(faults(&options), ["?data_set", "?change_threshold"]);
    }
}
