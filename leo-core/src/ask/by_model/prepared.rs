//! What a prompt is made from, put together for one question and one user.

use std::collections::HashSet;
use std::sync::Arc;

use super::blank::without_values;
use crate::adapter::Access;
use crate::ask::pipeline::Call;
use crate::ask::planner::model::{Asked, LinkedValue, Literals, Said, Shown, may_tell};
use crate::ask::planner::{Link, LinkTarget, SchemaIndex, linked, window};
use crate::audit::{mask_sql, mask_text};
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
    /// What the user may see, with the values that a planner's index leaves out.
    catalog: Arc<Catalog>,
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
        let (catalog, now) = (call.known.visible(access)?, call.ctx.local_now());
        let links = linked(question, index, now.date(), &call.calendar());
        let mut literals = Literals::default();
        let told = Told::of(call, &catalog);
        let question = literals.hide(question, &told.kept_back(&links));
        let sees_all = *access == Access::full();
        Ok(Self {
            ranked: call.known.tables_for(access, &question, TABLES)?,
            columns: call.known.columns_for(access, &question, COLUMNS)?,
            hidden: if sees_all { HashSet::new() } else { hidden(&call.known.catalog, &catalog) },
            said: said(call, access, &told, &question)?,
            evidence: links.iter().filter_map(|link| evidence(link, &mut literals, &told)).collect(),
            history: history(call, index, &now, &mut literals, &told),
            disclosed: told.disclosed,
            catalog,
            question,
            literals,
            now,
        })
    }

    pub(super) fn asked<'a>(&'a self, call: &'a Call<'_>) -> Asked<'a> {
        let settings = call.settings;
        let limit = call.max_rows.unwrap_or(settings.ask.max_rows);
        Asked {
            shown: Shown {
                catalog: &self.catalog,
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
            hides_personal: !settings.privacy.show_pii && self.catalog.has_personal_data(),
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

/// What of the data's values a model may be told.
pub(in crate::ask) struct Told<'a> {
    disclosure: Disclosure,
    disclosed: HashSet<(TableName, String)>,
    catalog: &'a Catalog,
}

impl<'a> Told<'a> {
    /// What the settings and the knowledge let a model be told of `catalog`, which is what the user may see.
    pub(in crate::ask) fn of(call: &Call<'_>, catalog: &'a Catalog) -> Self {
        Self { disclosure: call.settings.privacy.disclosure, disclosed: disclosed(call, catalog), catalog }
    }

    /// Whether it may be told values of the column.
    pub(in crate::ask) fn may_tell(&self, table: &TableName, column: &str) -> bool {
        let table = self.catalog.table(table);
        let found = table.and_then(|table| table.column(column).map(|column| (table, column)));
        found.is_some_and(|(table, column)| may_tell(self.disclosure, &self.disclosed, table, column))
    }

    /// Values among the links that it may not be told.
    pub(in crate::ask) fn kept_back(&self, links: &[Link]) -> Vec<LinkedValue> {
        links.iter().filter_map(value).filter(|own| !self.may_tell(&own.table, &own.column)).collect()
    }

    /// A question and its statement, as far as they may be told. Nobody knows whose column a value in it is of, so that each has to be
    /// one that may be told.
    fn example(&self, question: &str, sql: &str) -> (String, String) {
        if self.disclosure == Disclosure::Rows && !self.catalog.has_personal_data() {
            return (mask_text(question).into_owned(), mask_sql(sql));
        }
        let is_name = |name: &str| {
            let names = |table: &crate::catalog::Table| table.name.name == name || table.column(name).is_some();
            self.catalog.tables.iter().any(names)
        };
        let (question, sql) = without_values(question, sql, &is_name);
        (mask_text(&question).into_owned(), sql)
    }

    /// A formula, whose values are written as in a statement.
    fn formula(&self, formula: &str) -> String {
        self.example("", formula).1
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
fn evidence(link: &Link, literals: &mut Literals, told: &Told<'_>) -> Option<String> {
    let words = literals.hide(&link.words, &[]);
    Some(match &link.target {
        LinkTarget::Table(table) => format!("\"{words}\" is the table {table}"),
        LinkTarget::Column { table, column } => format!("\"{words}\" is the column {table}.{column}"),
        LinkTarget::Measure(formula) => format!("\"{words}\" is {}", told.formula(formula)),
        LinkTarget::Time(label) => format!("\"{words}\" is the period {label}"),
        LinkTarget::Value { .. } | LinkTarget::Operation(_) => return None,
    })
}

/// Earlier turns about this source, oldest first: what was asked, and what it was answered by. Values are marks, as in the question.
fn history(
    call: &Call<'_>,
    index: &SchemaIndex,
    now: &jiff::Zoned,
    literals: &mut Literals,
    told: &Told<'_>,
) -> Vec<(String, String)> {
    let Some(conversation) = &call.conversation else { return Vec::new() };
    let turns = conversation.condensed(call.target.id(), index.catalog().version());
    turns
        .into_iter()
        .map(|turn| {
            let links = linked(&turn.question, index, now.date(), &call.calendar());
            let question = literals.hide(&turn.question, &told.kept_back(&links));
            let answered = match turn.sql {
                Some(sql) => told.example("", &sql).1,
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
fn said(call: &Call<'_>, access: &Access, told: &Told<'_>, question: &str) -> Result<Vec<Said>> {
    let catalog = told.catalog;
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
        let formula = told.formula(&describe(&query));
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
        said.extend(examples.into_iter().take(EXAMPLES).map(|(_, pair)| {
            let (question, sql) = told.example(&pair.question, &pair.sql);
            Said::Verified(question, sql)
        }));
    }
    Ok(said)
}
