//! The long form: how the question was read, what was assumed, where the figures come from, and the statement.

use super::page::{Page, Style};
use super::text::finding_line;
use crate::ask::answer::{Answer, Freshness};
use crate::ask::planner::{Evidence, Link, LinkTarget};
use crate::guard::OutputColumn;
use crate::query::{JoinKind, JoinNote};

/// Places of a label.
const LABEL: usize = 12;

/// Everything that is known about how the answer came about.
pub(super) fn write(page: &mut Page, answer: &Answer) {
    page.gap();
    page.paragraph(Style::Bold, "", "How this was answered");
    for (label, texts) in facts(answer) {
        for (at, text) in texts.iter().enumerate() {
            let label = if at == 0 { label } else { "" };
            page.paragraph(Style::Plain, &format!("  {label:<LABEL$}  "), text);
        }
    }
    sql(page, answer);
}

/// The same as labels with their texts; labels without any are left out.
pub(super) fn facts(answer: &Answer) -> Vec<(&'static str, Vec<String>)> {
    let explain = &answer.explain;
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
    let set = if explain.as_of { ", a date that was set" } else { "" };
    let counted = answer.provenance.query.as_ref().map(|_| format!("{} {}{set}", explain.now, explain.time_zone));
    let latest = |fresh: &Freshness| format!("{} ({}.{})", fresh.latest, fresh.table, fresh.column);
    let mut facts = vec![
        ("Reading", vec![explain.reading.clone()]),
        ("Words", explain.links.iter().map(link).collect()),
        ("Assumed", explain.assumptions.clone()),
        ("Window", windows),
        ("Counted from", counted.into_iter().collect()),
        ("Joins", explain.joins.iter().map(join).collect()),
        ("Tables", vec![explain.tables.join(", ")]),
        ("Columns", explain.lineage.iter().map(column).collect()),
        ("Data until", answer.freshness.iter().map(latest).collect()),
        ("Could mean", explain.alternatives.clone()),
        ("Guard", explain.findings.iter().map(finding_line).collect()),
        ("Audit", answer.audit_id.iter().cloned().collect()),
    ];
    facts.iter_mut().for_each(|(_, texts)| texts.retain(|text| !text.is_empty()));
    facts.retain(|(_, texts)| !texts.is_empty());
    facts
}

/// The statement with its values, to be read and copied.
pub(super) fn sql(page: &mut Page, answer: &Answer) {
    if let Some(sql) = answer.sql_with_values.as_ref().or(answer.sql.as_ref()) {
        page.gap();
        page.paragraph(Style::Bold, "", "SQL");
        page.verbatim("  ", sql);
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
