//! The long form: how the question was read, what was assumed, where the figures come from, and the statement.

use super::page::{Page, Style};
use super::text::finding_line;
use crate::ask::answer::Answer;
use crate::ask::planner::{Evidence, Link, LinkTarget};
use crate::guard::OutputColumn;
use crate::query::{JoinKind, JoinNote};

/// Places of a label.
const LABEL: usize = 12;

/// Everything that is known about how the answer came about.
pub(super) fn write(page: &mut Page, answer: &Answer) {
    let explain = &answer.explain;
    page.gap();
    page.paragraph(Style::Bold, "", "How this was answered");
    facts(page, "Reading", std::slice::from_ref(&explain.reading));
    facts(page, "Words", &explain.links.iter().map(link).collect::<Vec<_>>());
    facts(page, "Assumed", &explain.assumptions);
    let windows: Vec<String> = explain
        .windows
        .iter()
        .enumerate()
        .map(|(at, window)| {
            let against = if at == 0 { "" } else { "against " };
            let open = if window.incomplete { " (not over yet)" } else { "" };
            format!("{against}{}{open}", window.label)
        })
        .collect();
    facts(page, "Window", &windows);
    if answer.provenance.query.is_some() {
        let set = if explain.as_of { ", a date that was set" } else { "" };
        facts(page, "Counted from", &[format!("{} {}{set}", explain.now, explain.time_zone)]);
    }
    facts(page, "Joins", &explain.joins.iter().map(join).collect::<Vec<_>>());
    facts(page, "Tables", &[explain.tables.join(", ")]);
    facts(page, "Columns", &explain.lineage.iter().map(column).collect::<Vec<_>>());
    let latest = |fresh: &crate::ask::answer::Freshness| format!("{} ({}.{})", fresh.latest, fresh.table, fresh.column);
    facts(page, "Data until", &answer.freshness.iter().map(latest).collect::<Vec<_>>());
    facts(page, "Could mean", &explain.alternatives);
    facts(page, "Guard", &explain.findings.iter().map(finding_line).collect::<Vec<_>>());
    facts(page, "Audit", answer.audit_id.as_slice());
    sql(page, answer);
}

/// The statement with its values, to be read and copied.
pub(super) fn sql(page: &mut Page, answer: &Answer) {
    if let Some(sql) = answer.sql_with_values.as_ref().or(answer.sql.as_ref()) {
        page.gap();
        page.paragraph(Style::Bold, "", "SQL");
        page.verbatim("  ", sql);
    }
}

fn facts(page: &mut Page, label: &str, texts: &[String]) {
    for (at, text) in texts.iter().filter(|text| !text.is_empty()).enumerate() {
        let label = if at == 0 { label } else { "" };
        page.paragraph(Style::Plain, &format!("  {label:<LABEL$}  "), text);
    }
}

fn link(link: &Link) -> String {
    let target = match &link.target {
        LinkTarget::Table(table) => format!("table {table}"),
        LinkTarget::Column { table, column } => format!("{table}.{column}"),
        LinkTarget::Value { table, column, value } => format!("{table}.{column} = \"{value}\""),
        LinkTarget::Measure(formula) => formula.clone(),
        LinkTarget::Time(time) => time.clone(),
        LinkTarget::Operation(operation) => operation.clone(),
    };
    let why = match link.evidence {
        Evidence::Knowledge => "defined by you",
        Evidence::Name => "its name",
        Evidence::PartOfName => "part of its name",
        Evidence::Comment => "its comment",
        Evidence::Abbreviation => "an abbreviation",
        Evidence::Synonym => "a synonym",
        Evidence::Value => "a value in the data",
        Evidence::Spelling => "nearly its name",
        Evidence::Structure => "the kind of column",
        Evidence::Grammar => "the wording",
    };
    if target.eq_ignore_ascii_case(&link.words) {
        return format!("{target} ({why})");
    }
    format!("{} → {target} ({why})", link.words)
}

fn join(note: &JoinNote) -> String {
    let kind = match note.kind {
        JoinKind::Inner => "",
        JoinKind::Left => ", rows without a partner kept",
        JoinKind::Exists => ", only whether there is one",
    };
    format!("{} → {} by {}{kind}", note.from, note.to, note.relationship.replace("->", " → "))
}

fn column(column: &OutputColumn) -> String {
    if column.sources.is_empty() {
        return format!("{} ← a count of rows, or no column", column.name);
    }
    let sources: Vec<String> = column.sources.iter().map(|source| format!("{}.{}", source.table, source.column)).collect();
    format!("{} ← {}", column.name, sources.join(", "))
}
