//! What a prompt is made from, put together for one question and one user.

use std::collections::HashSet;

use crate::adapter::Access;
use crate::ask::pipeline::Call;
use crate::ask::planner::model::{Asked, LinkedValue, Literals, Said, Shown};
use crate::ask::planner::{Link, LinkTarget, SchemaIndex, linked, window};
use crate::catalog::{Catalog, HitKind, TableName};
use crate::error::Result;
use crate::query::{TimeWindow, describe};
use crate::settings::Disclosure;

/// Tables that are ranked, and columns.
const TABLES: usize = 60;
const COLUMNS: usize = 200;
/// Metrics and terms that are told whatever the question is; beyond, those that fit it.
const FEW: usize = 12;
/// Verified questions that are told as examples.
const EXAMPLES: usize = 3;
/// Tables whose names are told beside the question's words.
const HITS: usize = 40;

/// What a prompt is made from.
pub(super) struct Prepared {
    ranked: Vec<TableName>,
    columns: HashSet<(TableName, String)>,
    disclosed: HashSet<(TableName, String)>,
    hidden: HashSet<String>,
    question: String,
    literals: Literals,
    said: Vec<Said>,
    evidence: Vec<String>,
    history: Vec<(String, String)>,
    now: jiff::Zoned,
}

impl Prepared {
    pub(super) fn new(call: &Call<'_>, access: &Access, index: &SchemaIndex, question: &str) -> Result<Self> {
        let (catalog, now) = (index.catalog(), call.ctx.local_now());
        let links = linked(question, index, now.date(), &call.calendar());
        let mut literals = Literals::default();
        let values: Vec<LinkedValue> = match call.settings.privacy.disclosure {
            Disclosure::None => links.iter().filter_map(value).collect(),
            // Values may be seen, and those of the question are; what identifies people is not.
            Disclosure::Categories | Disclosure::Rows => Vec::new(),
        };
        let question = literals.hide(question, &values);
        let sees_all = *access == Access::full();
        Ok(Self {
            ranked: call.known.tables_for(access, &question, TABLES)?,
            columns: call.known.columns_for(access, &question, COLUMNS)?,
            disclosed: disclosed(call, catalog),
            hidden: if sees_all { HashSet::new() } else { hidden(&call.known.catalog, catalog) },
            said: said(call, access, catalog, &question)?,
            evidence: links.iter().filter_map(|link| evidence(link, &mut literals)).collect(),
            history: history(call, index, &now, &mut literals),
            question,
            literals,
            now,
        })
    }

    pub(super) fn asked<'a>(&'a self, call: &'a Call<'_>, index: &'a SchemaIndex) -> Asked<'a> {
        let settings = call.settings;
        let limit = call.max_rows.unwrap_or(settings.ask.max_rows);
        Asked {
            shown: Shown {
                catalog: index.catalog(),
                ranked: &self.ranked,
                columns: &self.columns,
                disclosure: settings.privacy.disclosure,
                disclosed: &self.disclosed,
                hidden: &self.hidden,
            },
            question: &self.question,
            literals: &self.literals,
            now: &self.now,
            fiscal_year_start: call.calendar().fiscal_year_start,
            said: &self.said,
            evidence: &self.evidence,
            history: &self.history,
            max_rows: settings.ask.row_ceiling.map_or(limit, |ceiling| limit.min(ceiling)),
            hides_personal: !settings.privacy.show_pii && index.catalog().has_personal_data(),
            max_tokens: usize::try_from(settings.model.max_prompt_tokens).unwrap_or(usize::MAX),
            timeout_ms: settings.model.timeout_ms,
        }
    }

    pub(super) fn literals(&self) -> &Literals {
        &self.literals
    }

    /// Windows by their words, at the moment of asking.
    pub(super) fn windows(&self, call: &Call<'_>) -> impl Fn(&str) -> Option<TimeWindow> + Send + Sync + use<> {
        let (today, calendar) = (self.now.date(), call.calendar());
        move |words| window(words, today, &calendar)
    }
}

/// A stretch of the question that is a value of the data.
fn value(link: &Link) -> Option<LinkedValue> {
    match &link.target {
        LinkTarget::Value { table, column, value } => {
            Some(LinkedValue { span: link.span.clone(), table: table.clone(), column: column.clone(), value: value.clone() })
        }
        _ => None,
    }
}

/// What a stretch of the question means, in a line; values are told by their marks.
fn evidence(link: &Link, literals: &mut Literals) -> Option<String> {
    let words = literals.hide(&link.words, &[]);
    Some(match &link.target {
        LinkTarget::Table(table) => format!("\"{words}\" is the table {table}"),
        LinkTarget::Column { table, column } => format!("\"{words}\" is the column {table}.{column}"),
        LinkTarget::Measure(formula) => format!("\"{words}\" is {formula}"),
        LinkTarget::Time(label) => format!("\"{words}\" is the period {label}"),
        LinkTarget::Value { .. } | LinkTarget::Operation(_) => return None,
    })
}

/// Earlier turns about this source, oldest first: what was asked, and what it was answered by. Values are marks, as in the question.
fn history(call: &Call<'_>, index: &SchemaIndex, now: &jiff::Zoned, literals: &mut Literals) -> Vec<(String, String)> {
    let Some(conversation) = &call.conversation else { return Vec::new() };
    let tells_values = call.settings.privacy.disclosure != Disclosure::None;
    let turns = conversation.condensed(call.target.id(), index.catalog().version());
    turns
        .into_iter()
        .map(|turn| {
            let links = if tells_values { Vec::new() } else { linked(&turn.question, index, now.date(), &call.calendar()) };
            let values: Vec<LinkedValue> = links.iter().filter_map(value).collect();
            let question = literals.hide(&turn.question, &values);
            let answered = match turn.sql {
                Some(sql) if tells_values => sql,
                Some(sql) => match without_values("", &sql) {
                    Said::Verified(_, blank) => blank,
                    _ => String::new(),
                },
                None => format!("nothing ({})", turn.status.as_str()),
            };
            (question, answered)
        })
        .collect()
}

/// Columns whose values the host lets models see.
fn disclosed(call: &Call<'_>, catalog: &Catalog) -> HashSet<(TableName, String)> {
    if call.settings.privacy.disclosure != Disclosure::Categories {
        return HashSet::new();
    }
    let named = |name: &str| catalog.table(&TableName::bare(name)).or_else(|| catalog.table(&TableName::parse(name)));
    let mut found = HashSet::new();
    for (name, known) in &call.known.knowledge.tables {
        let Some(table) = named(name) else { continue };
        for (column, _) in known.columns.iter().filter(|(_, known)| known.disclose) {
            found.extend(table.column(column).map(|column| (table.name.clone(), column.name.clone())));
        }
    }
    found
}

/// Names of tables and columns that the user does not see, unless something that he sees has the same name.
fn hidden(whole: &Catalog, visible: &Catalog) -> HashSet<String> {
    let names = |catalog: &Catalog| -> HashSet<String> {
        let of = |table: &crate::catalog::Table| {
            let columns = table.columns.iter().map(|column| column.name.to_lowercase());
            std::iter::once(table.name.name.to_lowercase()).chain(columns).collect::<Vec<_>>()
        };
        catalog.tables.iter().flat_map(of).collect()
    };
    let shown = names(visible);
    names(whole).into_iter().filter(|name| !shown.contains(name)).collect()
}

/// What people say: all of it where it is little, and what fits the question where it is much.
fn said(call: &Call<'_>, access: &Access, catalog: &Catalog, question: &str) -> Result<Vec<Said>> {
    let knowledge = &call.known.knowledge;
    let hits = call.known.search(access, question, HITS)?;
    let rank = |kind: HitKind, name: &str| hits.iter().position(|hit| hit.kind == kind && hit.name.as_deref() == Some(name));
    let fits = |kind: HitKind, name: &str, many: usize| many <= FEW || rank(kind, name).is_some();
    let metrics = knowledge.metrics.iter().filter(|metric| metric.is_made_of(catalog));
    let metrics = metrics.filter(|metric| fits(HitKind::Metric, &metric.name, knowledge.metrics.len())).map(|metric| {
        let query = crate::query::SemanticQuery {
            measures: vec![metric.measure.clone()],
            ..crate::query::SemanticQuery::new(metric.table.clone())
        };
        let formula = describe(&query);
        let what = metric.description.as_ref().map_or_else(|| formula.clone(), |said| format!("{said} ({formula})"));
        Said::Metric(metric.name.clone(), format!("{what}, on table {}", metric.table))
    });
    let glossary = knowledge.glossary.iter().filter(|entry| fits(HitKind::Glossary, &entry.term, knowledge.glossary.len()));
    let glossary = glossary.map(|entry| Said::Term(entry.term.clone(), entry.means.clone()));
    let mut said: Vec<Said> = metrics.chain(glossary).collect();
    // Who sees a part only may learn from a verified question of values that he does not see.
    if *access == Access::full() {
        let mut examples: Vec<_> =
            knowledge.verified.iter().filter_map(|pair| Some((rank(HitKind::Question, &pair.question)?, pair))).collect();
        examples.sort_by_key(|(rank, _)| *rank);
        let tells_values = call.settings.privacy.disclosure != Disclosure::None;
        said.extend(examples.into_iter().take(EXAMPLES).map(|(_, pair)| match tells_values {
            true => Said::Verified(pair.question.clone(), pair.sql.clone()),
            false => without_values(&pair.question, &pair.sql),
        }));
    }
    Ok(said)
}

/// An example whose texts are dots: what is in them is a value of the data.
fn without_values(question: &str, sql: &str) -> Said {
    let (mut blank, mut values, mut rest) = (String::with_capacity(sql.len()), Vec::new(), sql);
    while let Some(at) = rest.find('\'') {
        let (before, from) = rest.split_at(at);
        let mut end = 1;
        // A doubled quote belongs to the text.
        while let Some(next) = from.get(end..).and_then(|rest| rest.find('\'')) {
            end += next + 1;
            if from[end..].starts_with('\'') {
                end += 1;
            } else {
                break;
            }
        }
        let end = if from[..end].ends_with('\'') && end > 1 { end } else { from.len() };
        values.push(from[1..end.saturating_sub(1).max(1)].replace("''", "'"));
        blank.push_str(before);
        blank.push_str("'…'");
        rest = &from[end..];
    }
    blank.push_str(rest);
    let mut question = question.to_owned();
    for value in values.iter().map(|value| value.trim_matches('%')).filter(|value| !value.is_empty()) {
        // By letters of any case, from behind, so that places stay right.
        let (lower, wanted) = (question.to_lowercase(), value.to_lowercase());
        if lower.len() != question.len() {
            question = "…".to_owned();
            break;
        }
        let found: Vec<usize> = lower.match_indices(&wanted).map(|(at, _)| at).collect();
        for at in found.into_iter().rev() {
            question.replace_range(at..at + wanted.len(), "…");
        }
    }
    Said::Verified(question, blank)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_keeps_its_form_and_loses_its_values() {
        let told = |question: &str, sql: &str| match without_values(question, sql) {
            Said::Verified(question, sql) => (question, sql),
            other => panic!("{other:?}"),
        };
        let (question, sql) = told("orders of O'Neil in BAVARIA?", "SELECT 1 FROM o WHERE n = 'O''Neil' AND r LIKE '%Bavaria%'");
        assert_eq!((question.as_str(), sql.as_str()), ("orders of … in …?", "SELECT 1 FROM o WHERE n = '…' AND r LIKE '…'"));
        assert_eq!(told("x", "SELECT 'cut off").1, "SELECT '…'");
        assert_eq!(told("İstanbul orders", "SELECT 'İstanbul'").0, "…");
        assert_eq!(told("x", "SELECT ''"), ("x".into(), "SELECT '…'".into()));
    }
}
