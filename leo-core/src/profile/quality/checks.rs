//! What is checked, and what the statistics say to it.

use std::collections::HashSet;

use sqlparser::ast::{Expr, Statement};

use super::{Counting, QualityOptions, statements};
use crate::catalog::{
    Catalog, CheckKind, Column, LogicalType, QualityCheck, Relationship, RelationshipOrigin, Severity, Table, TableKind,
    TableName, TimeEncoding, expand, split_words,
};
use crate::dialect::Dialect;
use crate::value::Value;

/// A check, decided or not.
#[derive(Debug, Clone)]
pub(super) struct Found {
    check: QualityCheck,
    decided: bool,
    /// Offending rows up to this share pass.
    tolerance: f64,
    /// What was found, with and without rows that offend.
    failing: String,
    passing: String,
    statement: Option<Statement>,
}

impl Found {
    fn new(kind: CheckKind, id: String, severity: Severity, columns: Vec<String>) -> Self {
        let check = QualityCheck {
            id,
            kind,
            severity,
            passed: true,
            message: String::new(),
            columns,
            offending: 0,
            examined: 0,
            sql: None,
        };
        Self { check, decided: false, tolerance: 0.0, failing: String::new(), passing: String::new(), statement: None }
    }

    fn says(mut self, failing: impl Into<String>, passing: impl Into<String>) -> Self {
        (self.failing, self.passing) = (failing.into(), passing.into());
        self
    }

    fn shown_by(mut self, statement: Option<Statement>) -> Self {
        self.statement = statement;
        self
    }

    fn of_rows(mut self, rows: u64) -> Self {
        self.check.examined = rows;
        self
    }

    /// Says how many rows offend, and of how many.
    pub(super) fn decide(&mut self, offending: u64, rows: Option<u64>) {
        self.check.examined = rows.unwrap_or(self.check.examined).max(offending);
        self.check.offending = offending;
        self.check.passed = offending as f64 <= self.tolerance * self.check.examined as f64;
        self.decided = true;
    }

    fn decided(mut self, offending: u64) -> Self {
        self.decide(offending, None);
        self
    }

    /// The check, if it is decided.
    pub(super) fn into_check(self) -> Option<QualityCheck> {
        let Self { mut check, decided, failing, passing, statement, .. } = self;
        if !decided {
            return None;
        }
        (check.message, check.sql) = match check.passed {
            true => (passing, None),
            false => (failing, statement.map(|statement| statement.to_string())),
        };
        Some(check)
    }
}

/// A table on the way to its plan.
struct Draft<'a> {
    dialect: Dialect,
    table: &'a Table,
    rows: u64,
    /// Whether its rows may be read for this.
    may_read: bool,
    checks: Vec<Found>,
    /// Conditions on single rows, with the places of their checks.
    conditions: Vec<(usize, Expr)>,
    statements: Vec<Counting>,
}

/// The checks of one table, and the statements that decide those that the statistics leave open.
pub(super) fn of_table(
    catalog: &Catalog,
    table: &Table,
    (references, before): (&[&Relationship], Option<&Catalog>),
    now: jiff::Timestamp,
    options: &QualityOptions,
) -> (Vec<Found>, Vec<Counting>) {
    // The rows of a view are other tables'; without a scan nothing is known.
    let Some(rows) = table.rows.filter(|_| table.kind == TableKind::Table && table.statistics.is_some()) else {
        return (Vec::new(), Vec::new());
    };
    let may_read = rows > 0 && rows <= options.max_rows;
    let (checks, conditions, statements) = (Vec::new(), Vec::new(), Vec::new());
    let mut draft = Draft { dialect: catalog.dialect, table, rows, may_read, checks, conditions, statements };
    draft.volume(before, options);
    draft.completeness(references, options);
    draft.uniqueness();
    draft.references(references);
    draft.validity(now);
    draft.freshness(now, options);
    draft.finish()
}

impl Draft<'_> {
    fn finish(self) -> (Vec<Found>, Vec<Counting>) {
        let Self { dialect, table, checks, conditions, mut statements, .. } = self;
        if !conditions.is_empty() {
            let (places, conditions): (Vec<usize>, Vec<Expr>) = conditions.into_iter().unzip();
            let statement = statements::rowwise(dialect, &table.name, &conditions);
            statements.insert(0, Counting { statement, counts_rows: true, checks: places });
        }
        (checks, statements)
    }

    /// A check of single rows, to be counted together with the others.
    fn rowwise(&mut self, check: Found, condition: Expr) {
        if self.may_read {
            let shown = statements::count(self.dialect, &self.table.name, condition.clone());
            self.conditions.push((self.checks.len(), condition));
            self.checks.push(check.shown_by(Some(shown)));
        }
    }

    /// A check with a statement of its own.
    fn counted(&mut self, check: Found, statement: Statement) {
        if self.may_read {
            self.statements.push(Counting { statement: statement.clone(), counts_rows: false, checks: vec![self.checks.len()] });
            self.checks.push(check.shown_by(Some(statement)));
        }
    }

    fn volume(&mut self, before: Option<&Catalog>, options: &QualityOptions) {
        let known = before.and_then(|catalog| catalog.table(&self.table.name)).and_then(|table| table.rows).unwrap_or(0);
        let lost = known.saturating_sub(self.rows);
        let too_many = lost as f64 > options.loss_tolerance * known as f64;
        let check = Found::new(CheckKind::Volume, "volume".into(), Severity::Warning, Vec::new())
            .of_rows(known.max(1))
            .says(
                if self.rows == 0 { "The table has no rows." } else { "The table has far fewer rows than at the sync before." },
                "The table has about as many rows as before, or more.",
            )
            .shown_by(Some(statements::rows(self.dialect, &self.table.name)));
        self.checks.push(check.decided(if too_many { lost } else { u64::from(self.rows == 0) }));
    }

    fn completeness(&mut self, references: &[&Relationship], options: &QualityOptions) {
        let is_named = |list: &[(TableName, String)], column: &Column| {
            list.iter().any(|(table, name)| *table == self.table.name && name.eq_ignore_ascii_case(&column.name))
        };
        let in_key = |column: &Column| self.table.primary_key.iter().any(|part| part.eq_ignore_ascii_case(&column.name));
        let refers = |column: &Column| references.iter().any(|relationship| relationship.child_columns.contains(&column.name));
        let time = self.table.statistics.as_ref().and_then(|statistics| statistics.time_column.as_deref());
        let mut found = Vec::new();
        for column in &self.table.columns {
            let Some(nulls) = column.statistics.as_ref().map(|statistics| statistics.null_share).filter(|_| self.rows > 0) else {
                continue;
            };
            let required = in_key(column) || is_named(&options.required, column);
            // A column that is filled in mostly is meant to be; one that refers to others may be, for instance, a manager.
            let expected =
                time == Some(column.name.as_str()) || is_label(column) || nulls <= 0.5 && refers(column) || nulls <= 0.1;
            let (severity, tolerance) = match (required, expected) {
                (true, _) => (Severity::Error, 0.0),
                (_, true) => (Severity::Warning, options.null_tolerance),
                _ if nulls >= 1.0 => (Severity::Info, 0.0),
                _ => continue,
            };
            let name = &column.name;
            let failing = if nulls >= 1.0 {
                format!("`{name}` is never filled in.")
            } else {
                format!("`{name}` is expected to be filled in, and is not in some rows.")
            };
            let mut check = Found::new(CheckKind::Completeness, format!("completeness({name})"), severity, vec![name.clone()])
                .of_rows(self.rows)
                .says(failing, format!("`{name}` is filled in."))
                .shown_by(Some(statements::count(
                    self.dialect,
                    &self.table.name,
                    crate::query::ast::is_null(statements::column(self.dialect, name)),
                )));
            check.tolerance = tolerance;
            found.push(check.decided((nulls * self.rows as f64).round() as u64));
        }
        self.checks.extend(found);
    }

    /// Keys that the engine does not enforce.
    fn uniqueness(&mut self) {
        let whole = self.table.statistics.as_ref().is_some_and(|statistics| statistics.sampled >= 1.0);
        let enforced = !matches!(self.dialect, Dialect::Bigquery | Dialect::Datafusion);
        let keys: Vec<Vec<String>> = std::iter::once(&self.table.primary_key)
            .chain(&self.table.unique_keys)
            .filter(|key| !key.is_empty())
            .cloned()
            .collect();
        for key in keys {
            let names = key.join(", ");
            let check = Found::new(CheckKind::Uniqueness, format!("uniqueness({})", key.join(",")), Severity::Error, key.clone())
                .of_rows(self.rows)
                .says(
                    format!("Some values of the key `{names}` occur more than once."),
                    format!("`{names}` has each value once."),
                );
            let alone = match key.as_slice() {
                [only] => self.table.column(only).and_then(|column| column.statistics.as_ref()),
                _ => None,
            };
            // A single row is unique without being seen to be.
            let seen_unique = whole && (self.rows <= 1 || alone.is_some_and(|statistics| statistics.is_unique));
            if enforced || seen_unique {
                self.checks.push(check.decided(0));
            } else {
                let statement = statements::repeated(self.dialect, &self.table.name, &key);
                self.counted(check, statement);
            }
        }
    }

    fn references(&mut self, references: &[&Relationship]) {
        for relationship in references {
            let columns = &relationship.child_columns;
            let severity = if relationship.origin == RelationshipOrigin::Inferred { Severity::Warning } else { Severity::Error };
            let filled = columns
                .iter()
                .filter_map(|name| self.table.column(name)?.statistics.as_ref())
                .map(|statistics| ((1.0 - statistics.null_share) * self.rows as f64).round() as u64)
                .min();
            let (names, parent) = (columns.join(", "), &relationship.parent);
            let id = format!("references({}->{parent})", columns.join(","));
            let check =
                Found::new(CheckKind::References, id, severity, columns.clone()).of_rows(filled.unwrap_or(self.rows)).says(
                    format!("Some rows refer by `{names}` to rows of `{parent}` that are not there."),
                    format!("Every `{names}` is found in `{parent}`."),
                );
            // Declared ones too: each engine has ways around its foreign keys, such as keys that were never validated.
            self.counted(check, statements::orphans(self.dialect, relationship));
        }
    }

    fn validity(&mut self, now: jiff::Timestamp) {
        // A day more, for zones.
        let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
        let tomorrow = today.tomorrow().unwrap_or(today);
        let time = self.table.statistics.as_ref().and_then(|statistics| statistics.time_column.clone());
        let (table, rows) = (self.table, self.rows);
        for column in &table.columns {
            let Some(statistics) = &column.statistics else { continue };
            let (name, words) = (&column.name, words(&column.name));
            let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
            let check = |what: &str, severity, failing: &str, passing: &str| {
                Found::new(CheckKind::Validity, format!("validity.{what}({name})"), severity, vec![name.clone()])
                    .of_rows(rows)
                    .says(format!("Some values of `{name}` {failing}."), format!("No value of `{name}` {passing}."))
            };
            if column.is_numeric() && has(COUNTED) && !has(SIGNED) {
                let check = check("negative", Severity::Warning, "are negative", "is negative");
                if statistics.min.as_ref().and_then(Value::as_f64).is_some_and(|least| least < 0.0) {
                    self.rowwise(check, statements::below_zero(self.dialect, name));
                } else {
                    self.checks.push(check.decided(0));
                }
            }
            if column.is_temporal() && (has(PAST) || time.as_ref() == Some(name)) && !has(PLANNED) {
                let check = check("future", Severity::Warning, "lie in the future", "lies in the future");
                match statements::after(self.dialect, column, tomorrow) {
                    Some(condition) if self.may_be_after(column, &tomorrow.to_string()) => self.rowwise(check, condition),
                    Some(_) => self.checks.push(check.decided(0)),
                    None => {}
                }
            }
            if column.data_type == LogicalType::Text && is_email(column, &words) && statistics.null_share < 1.0 {
                let check =
                    check("email", Severity::Warning, "have not the form of an address", "has another form than an address");
                self.rowwise(check, statements::no_email(self.dialect, name));
            }
            if self.dialect == Dialect::Sqlite
                && column.data_type == LogicalType::Text
                && declares_number(&column.declared_type)
                && column.time_encoding.is_none()
                && let Some(condition) = statements::no_number(table, name)
            {
                let check = check("type", Severity::Warning, "are text, and the column is declared for numbers", "is text");
                self.rowwise(check, condition);
            }
        }
    }

    /// Whether the statistics leave it open that a value is after `day`: a part of the rows does not tell.
    fn may_be_after(&self, column: &Column, day: &str) -> bool {
        let whole = self.table.statistics.as_ref().is_some_and(|statistics| statistics.sampled >= 1.0);
        let latest = column.statistics.as_ref().and_then(|statistics| column.point_in_time(statistics.max.as_ref()?));
        match (latest, column.time_encoding) {
            (Some(latest), Some(TimeEncoding::CompactDate)) => !whole || latest.as_str() > day.replace('-', "").as_str(),
            (Some(latest), _) => !whole || latest.as_str() > day,
            (None, _) => !whole,
        }
    }

    fn freshness(&mut self, now: jiff::Timestamp, options: &QualityOptions) {
        let agreed = options.freshness_hours.iter().find(|(table, _)| *table == self.table.name);
        let statistics = self.table.statistics.as_ref();
        let (Some((_, hours)), Some(name)) = (agreed, statistics.and_then(|statistics| statistics.time_column.clone())) else {
            return;
        };
        let Some(latest) = self.table.latest_at() else { return };
        let age = now.as_second().saturating_sub(latest.as_second()) / 3_600;
        let check = Found::new(CheckKind::Freshness, format!("freshness({name})"), Severity::Error, vec![name.clone()])
            .of_rows(1)
            .says(
                format!("The latest `{name}` is older than the {hours} hours that were agreed on."),
                format!("The latest `{name}` is within the {hours} hours that were agreed on."),
            )
            .shown_by(Some(statements::latest(self.dialect, &self.table.name, &name)));
        self.checks.push(check.decided(u64::from(age > i64::from(*hours))));
    }
}

/// Words of columns that count things: never below zero.
const COUNTED: &[&str] = &["age", "count", "height", "length", "price", "quantity", "stock", "weight", "width"];
/// Words with which they may be.
const SIGNED: &[&str] = &["adjustment", "balance", "change", "delta", "diff", "difference", "movement", "net", "variance"];
/// Words of points in time that are over.
const PAST: &[&str] =
    &["birth", "birthday", "born", "created", "hired", "joined", "logged", "ordered", "paid", "placed", "signup", "updated"];
/// Words of points in time that may be ahead.
const PLANNED: &[&str] = &[
    "delivery",
    "due",
    "effective",
    "end",
    "ends",
    "estimated",
    "event",
    "expected",
    "expires",
    "expiry",
    "next",
    "planned",
    "release",
    "required",
    "schedule",
    "scheduled",
    "start",
    "starts",
    "to",
    "until",
    "valid",
];

fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    for word in split_words(name) {
        words.extend(expand(&word).unwrap_or(&word).split(' ').map(str::to_owned));
    }
    words
}

/// Whether the column holds what a row is called.
fn is_label(column: &Column) -> bool {
    words(&column.name).last().is_some_and(|word| matches!(word.as_str(), "name" | "title"))
}

fn is_email(column: &Column, words: &[String]) -> bool {
    let said: HashSet<&str> = words.iter().map(String::as_str).collect();
    column.personal.as_ref().is_some_and(|personal| personal.kind == "email")
        || said.contains("email")
        || said.contains("e") && said.contains("mail")
}

fn declares_number(declared: &str) -> bool {
    let declared = declared.to_ascii_lowercase();
    ["int", "real", "floa", "doub", "num", "dec"].iter().any(|part| declared.contains(part))
}
