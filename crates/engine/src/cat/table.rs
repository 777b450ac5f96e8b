//! How every `_cat` table is printed: `v`, `h`, `s`, `help`, `format=json`.
//! Source: "cat APIs" of Elasticsearch 7.10 (`RestTable`).

use crate::cluster::names;
use crate::engine::Answer;
use crate::exception::Exception;
use crate::response::Response;
use crate::rest::QueryParameters;
use crate::rest::execute::Task;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// One column: its name, its short names, what it says, whether it is shown unasked, whether it stands right.
#[derive(Clone)]
pub(super) struct CatColumn {
    pub(super) name: Cow<'static, str>,
    pub(super) aliases: &'static str,
    pub(super) about: &'static str,
    pub(super) shown: bool,
    pub(super) right: bool,
}

/// Prints `rows` (one text a column) as `query` asks.
pub(super) fn print(task: &Task<'_>, columns: &[CatColumn], rows: Vec<Vec<String>>) -> Answer {
    let (query, mut rows) = (&task.parsed.route.query, rows);
    if query.flag("help", false)? {
        return Ok(Response::text(200, help(columns)));
    }
    if let Some(keys) = query.list("s") {
        rows = sorted(task, columns, rows, &keys)?;
    }
    let chosen = chosen(columns, query)?;
    if query.get("format").is_some_and(|format| format.contains("json")) {
        let rows = rows.iter().map(|row| {
            let cells = chosen.iter().map(|(head, column)| {
                let cell = row.get(*column).map_or("", String::as_str);
                // An absent value is null, as Elasticsearch prints it.
                (head.clone(), if cell == NULL { Value::Null } else { cell.into() })
            });
            Value::Object(cells.collect::<Map<_, _>>())
        });
        return task.json(200, &rows.collect());
    }
    let printed = text(task, columns, &chosen, &rows, query.flag("v", false)?)?;
    let body = task.work.body(printed.into_bytes())?;
    Ok(Response { body, ..Response::text(200, String::new()) })
}

/// A cell without a value.
pub(super) const NULL: &str = "\0";

fn text(
    task: &Task<'_>,
    columns: &[CatColumn],
    chosen: &[(String, usize)],
    rows: &[Vec<String>],
    heads: bool,
) -> Result<String, Exception> {
    let head: Vec<&str> = chosen.iter().map(|(head, _)| head.as_str()).collect();
    let cells = |row: &'_ Vec<String>| -> Vec<String> {
        chosen
            .iter()
            .map(|(_, column)| {
                row.get(*column).filter(|cell| *cell != NULL).cloned().unwrap_or_default()
            })
            .collect()
    };
    let mut lines: Vec<Vec<String>> = Vec::new();
    if heads {
        lines.push(head.iter().map(|head| (*head).to_owned()).collect());
    }
    lines.extend(rows.iter().map(cells));
    let widths: Vec<usize> = (0..chosen.len())
        .map(|n| {
            lines
                .iter()
                .filter_map(|line| line.get(n))
                .map(|cell| cell.chars().count())
                .max()
                .unwrap_or(0)
        })
        .collect();
    let mut out = String::new();
    for line in &lines {
        task.work.check()?;
        let last = line.len().saturating_sub(1);
        for (n, ((cell, width), (_, column))) in line.iter().zip(&widths).zip(chosen).enumerate() {
            let padding = " ".repeat(width.saturating_sub(cell.chars().count()));
            let right = columns.get(*column).is_some_and(|column| column.right);
            if n > 0 {
                out.push(' ');
            }
            match (right, n == last) {
                (true, _) => out.extend([padding.as_str(), cell]),
                (false, true) => out.push_str(cell),
                (false, false) => out.extend([cell.as_str(), &padding]),
            }
        }
        out.push('\n');
    }
    Ok(out)
}

/// The columns that `h` names (by name, short name or pattern), or those shown unasked; each with its heading.
fn chosen(
    columns: &[CatColumn],
    query: &QueryParameters,
) -> Result<Vec<(String, usize)>, Exception> {
    let Some(wanted) = query.list("h") else {
        return Ok(columns
            .iter()
            .enumerate()
            .filter(|(_, column)| column.shown)
            .map(|(n, column)| (column.name.to_string(), n))
            .collect());
    };
    let mut chosen: Vec<(String, usize)> = Vec::new();
    for want in wanted {
        if want.contains('*') {
            let matched = columns.iter().enumerate().filter(|(_, c)| names::matches(want, &c.name));
            chosen.extend(matched.map(|(n, column)| (column.name.to_string(), n)));
        } else if let Some(n) = position(columns, want) {
            chosen.push((want.to_owned(), n));
        }
        // A heading is shown once, as in Elasticsearch (`RestTable.expandHeadersFromRequest`): `*,*` is as long as `*`.
        let mut there = BTreeSet::new();
        chosen.retain(|(head, _)| there.insert(head.clone()));
    }
    Ok(chosen)
}

fn position(columns: &[CatColumn], name: &str) -> Option<usize> {
    columns.iter().position(|column| {
        column.name == name || column.aliases.split(',').any(|alias| alias == name)
    })
}

fn sorted(
    task: &Task<'_>,
    columns: &[CatColumn],
    rows: Vec<Vec<String>>,
    keys: &[&str],
) -> Result<Vec<Vec<String>>, Exception> {
    let mut order = Vec::new();
    for key in keys {
        let (name, descending) = match key.rsplit_once(':') {
            Some((name, "desc")) => (name, true),
            Some((name, "asc")) => (name, false),
            _ => (*key, false),
        };
        let column = position(columns, name).ok_or_else(|| {
            Exception::new(
                crate::exception::ExceptionKind::UnsupportedOperation,
                format!("Unable to sort by unknown sort key `{name}`"),
            )
        })?;
        // Sorted by a column already, the rows that are left are equal in it.
        if !order.iter().any(|(known, _)| *known == column) {
            order.push((column, descending));
        }
    }
    task.work.sorted_by(rows, |left, right| {
        order.iter().fold(Ordering::Equal, |so_far, (column, descending)| {
            let cells = left.get(*column).zip(right.get(*column));
            let ordering = cells.map_or(Ordering::Equal, |(a, b)| compare(a, b));
            so_far.then(if *descending { ordering.reverse() } else { ordering })
        })
    })
}

/// Numbers as numbers, everything else as text.
fn compare(left: &str, right: &str) -> Ordering {
    match (left.parse::<f64>(), right.parse::<f64>()) {
        (Ok(left), Ok(right)) => left.total_cmp(&right),
        _ => left.cmp(right),
    }
}

fn help(columns: &[CatColumn]) -> String {
    let width =
        |pick: fn(&CatColumn) -> &str| columns.iter().map(|c| pick(c).len()).max().unwrap_or(0);
    let (names, aliases, about) = (
        width(|column| &column.name),
        width(|column| column.aliases),
        width(|column| column.about),
    );
    columns
        .iter()
        .map(|c| format!("{:<names$} | {:<aliases$} | {:<about$}\n", c.name, c.aliases, c.about))
        .collect()
}
