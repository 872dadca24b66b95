//! `stoa config check`: the settings in effect. That they are valid was decided when they were loaded.

use super::say;
use crate::config::Loaded;

pub(super) fn check(loaded: &Loaded) {
    let rows = loaded.rows();
    let width = rows.iter().map(|row| row.key.len() + row.value.len() + 3).max().unwrap_or_default();
    say::line(format_args!("# environment: {}", loaded.environment.as_str()));
    for row in rows {
        let setting = format!("{} = {}", row.key, row.value);
        say::line(format_args!("{setting:width$}  # {}", row.layer));
    }
    for notice in loaded.notices() {
        say::line(format_args!("# note: {notice}"));
    }
}
