//! The one statement of a file.

use stoa_core::{TenantId, time::Timestamp};
use stoa_protocols::table::Column;

use super::{
    ExportType, FilterName,
    copy::{CopyQuery, CopyValue},
    kinds::{Changes, Spec},
    wanted::{Filters, Wanted},
};

/// The statement of a file.
#[derive(Debug, Clone)]
pub struct Statement {
    /// Its rows.
    pub rows: CopyQuery,
    /// How many they are.
    pub count: CopyQuery,
    /// Its columns, in order.
    pub columns: Vec<Column>,
}

/// A text with its values, while it is put together.
#[derive(Debug, Default)]
struct Draft {
    text: String,
    values: Vec<CopyValue>,
}

impl Draft {
    /// Binds a value, and answers what stands for it.
    fn bind(&mut self, value: impl Into<CopyValue>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    fn query(&self, head: &str) -> CopyQuery {
        self.values.iter().cloned().fold(CopyQuery::new(format!("{head} {}", self.text)), CopyQuery::bind)
    }
}

impl Statement {
    /// Puts it together, of an institution and a moment.
    pub(super) fn of(export_type: ExportType, wanted: &Wanted, (tenant, as_of): (TenantId, Timestamp)) -> Self {
        let source = export_type.source();
        let specs = chosen(export_type, wanted);
        let mut draft = Draft::default();
        let tenant = draft.bind(tenant);
        let as_of = draft.bind(as_of.utc());
        let zone = draft.bind(wanted.zone.clone());
        let fill = |text: &str| text.replace("{tenant}", &tenant).replace("{as_of}", &as_of).replace("{zone}", &zone);
        let conditions = conditions(export_type, wanted, &mut draft);
        draft.text = format!("{}{conditions}", fill(source.from));
        let cells: Vec<String> = specs.iter().map(|spec| fill(spec.sql)).collect();
        Self {
            rows: draft.query(&format!("SELECT {}", cells.join(", "))),
            count: draft.query("SELECT count(*)"),
            columns: specs.iter().map(|spec| spec.column()).collect(),
        }
    }
}

/// The columns that are wanted, in the order in which they are.
pub(super) fn chosen(export_type: ExportType, wanted: &Wanted) -> Vec<&'static Spec> {
    let columns = export_type.source().columns;
    match &wanted.columns {
        None => columns.iter().collect(),
        Some(names) => {
            names.iter().filter_map(|name| columns.iter().find(|column| column.name == name.as_str())).collect()
        }
    }
}

/// What is left out.
fn conditions(export_type: ExportType, wanted: &Wanted, draft: &mut Draft) -> String {
    let source = export_type.source();
    let mut all = Vec::new();
    match (wanted.since, source.changes) {
        (Some(since), Changes::Written(tables, or_else)) => {
            let since = draft.bind(since);
            let written = tables.iter().map(|table| format!("stoa_written_since({table}.xmin, {since})"));
            let or_else = (!or_else.is_empty()).then(|| or_else.replace("{since}", &since));
            all.push(format!("({})", written.chain(or_else).collect::<Vec<_>>().join(" OR ")));
        }
        (Some(since), Changes::Placed(column)) => all.push(format!("{column} >= {}", draft.bind(since))),
        (None, _) if source.present_unless.is_some_and(|name| wanted.filters.value(name).is_some()) => {}
        (None, _) => all.push(format!("({})", source.present)),
    }
    for (name, condition) in source.filters {
        if let Some(value) = wanted.filters.value(*name) {
            all.push(condition.replace("{}", &draft.bind(value)));
        }
    }
    all.insert(0, String::new());
    all.join(" AND ")
}

impl Filters {
    /// The value of a filter; none where it lets everything through.
    pub(super) fn value(&self, name: FilterName) -> Option<CopyValue> {
        match name {
            FilterName::CourseIds => self.course_ids.clone().map(Into::into),
            FilterName::UserIds => self.user_ids.clone().map(Into::into),
            FilterName::GroupIds => self.group_ids.clone().map(Into::into),
            FilterName::WebhookIds => self.webhook_ids.clone().map(Into::into),
            FilterName::Status => self.status.clone().map(Into::into),
            FilterName::Roles => self.roles.clone().map(Into::into),
            FilterName::Verbs => self.verbs.clone().map(Into::into),
            FilterName::EventTypes => self.event_types.clone().map(Into::into),
            FilterName::Actions => self.actions.clone().map(Into::into),
            FilterName::Languages => self.languages.clone().map(Into::into),
            FilterName::Skills => self.skills.clone().map(Into::into),
            FilterName::From => self.from.map(|from| from.utc().into()),
            FilterName::To => self.to.map(|to| to.utc().into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use uuid::Uuid;

    use super::*;

    fn count(since: Option<i64>, status: Option<Vec<String>>) -> String {
        let filters = Filters { status, ..Filters::default() };
        let wanted = Wanted { filters, since, ..Wanted::default() };
        let moment = (TenantId::from_uuid(Uuid::nil()), DateTime::UNIX_EPOCH.into());
        format!("{:?}", Statement::of(ExportType::Members, &wanted, moment).count)
    }

    #[test]
    fn a_file_of_changes_has_what_is_no_more_and_a_file_of_all_has_not() {
        assert!(count(None, None).contains("AND (m.status <> 'removed')"));
        assert!(!count(None, Some(vec!["removed".to_owned()])).contains("<> 'removed'"));
        assert!(!count(Some(7), None).contains("<> 'removed'"));
        assert!(count(Some(7), None).contains("stoa_written_since(m.xmin, $4)"));
    }

    #[test]
    fn columns_come_in_the_order_in_which_they_were_asked_for() {
        let columns = Some(vec!["role".to_owned(), "email".to_owned()]);
        let moment = (TenantId::from_uuid(Uuid::nil()), DateTime::UNIX_EPOCH.into());
        let statement = Statement::of(ExportType::Members, &Wanted { columns, ..Wanted::default() }, moment);
        let names: Vec<_> = statement.columns.iter().map(|column| column.name.as_ref()).collect();
        assert_eq!(names, ["role", "email"]);
        assert!(format!("{:?}", statement.rows).contains("SELECT m.role, u.email FROM users u"));
    }
}
