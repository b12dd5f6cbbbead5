//! What knowledge says of tables and columns that the source does not have.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::model::{Knowledge, SynonymTarget};
use crate::catalog::{Catalog, Table, TableName};
use crate::error::Result;
use crate::query::{Aggregate, Field, Filter, Measure, Scalar};

/// Characters of a text in knowledge at most; prompts and pages have little room.
const LONGEST: usize = 4_000;

/// Something that knowledge says and that is of no effect as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Mistake {
    /// Line of the file, from 1, where it was read from one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// Where, as `metrics[2]` or `tables.orders.columns.email`.
    pub at: String,
    /// What is wrong, with the nearest names.
    pub message: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        write!(f, "{}: {}", self.at, self.message)
    }
}

impl Knowledge {
    /// What is said of tables and columns that `catalog` does not have, and texts that are too long, in the order of the fields.
    pub fn mistakes(&self, catalog: &Catalog) -> Vec<Mistake> {
        let mut checked = Checked { catalog, found: Vec::new() };
        for (number, metric) in self.metrics.iter().enumerate() {
            let at = format!("metrics[{number}]");
            checked.text(&at, &metric.name);
            if checked.table(&at, &metric.table).is_some() {
                checked.measure(&at, &metric.measure);
            }
        }
        for (number, synonym) in self.synonyms.iter().enumerate() {
            let at = format!("synonyms[{number}]");
            match &synonym.target {
                SynonymTarget::Table(table) => _ = checked.table(&at, table),
                SynonymTarget::Column { table, column } => checked.column(&at, table, column),
            }
        }
        for (number, term) in self.glossary.iter().enumerate() {
            let at = format!("glossary[{number}]");
            checked.text(&at, &term.term);
            checked.text(&at, &term.means);
        }
        for (number, pair) in self.verified.iter().enumerate() {
            let at = format!("verified[{number}]");
            if pair.question.trim().is_empty() || pair.sql.trim().is_empty() {
                checked.wrong(&at, "a verified query is a question and its statement; one of them is empty".into());
            }
        }
        for (name, known) in &self.tables {
            let at = format!("tables.{name}");
            for text in [&known.term, &known.description, &known.owner, &known.note].into_iter().flatten() {
                checked.text(&at, text);
            }
            let Some(table) = checked.called(&at, name) else { continue };
            for (name, known) in &known.columns {
                let at = format!("{at}.columns.{name}");
                checked.column_of(&at, table, name);
                known.description.iter().chain(&known.personal).for_each(|text| checked.text(&at, text));
            }
        }
        for (number, said) in self.relationships.iter().enumerate() {
            let at = format!("relationships[{number}]");
            for (table, columns) in [(&said.table, &said.columns), (&said.references, &said.referenced_columns)] {
                let Some(table) = checked.called(&at, table) else { continue };
                columns.iter().for_each(|column| checked.column_of(&at, table, column));
            }
            if said.columns.is_empty() || said.columns.len() != said.referenced_columns.len() {
                checked.wrong(&at, "a relationship has as many columns on the one side as on the other".into());
            }
        }
        if self.fiscal_year_start.is_some_and(|month| !(1..=12).contains(&month)) {
            checked.wrong("fiscal_year_start", "a month is 1 to 12".into());
        }
        checked.found
    }
}

struct Checked<'a> {
    catalog: &'a Catalog,
    found: Vec<Mistake>,
}

impl<'a> Checked<'a> {
    fn wrong(&mut self, at: &str, message: String) {
        self.found.push(Mistake { line: None, at: at.to_owned(), message });
    }

    fn text(&mut self, at: &str, text: &str) {
        if text.trim().is_empty() {
            self.wrong(at, "the text is empty".into());
        } else if text.chars().count() > LONGEST {
            self.wrong(at, format!("the text is longer than {LONGEST} characters"));
        }
    }

    fn table(&mut self, at: &str, name: &TableName) -> Option<&'a Table> {
        let found = self.catalog.require_table(name);
        self.told(at, found)
    }

    fn told<T>(&mut self, at: &str, found: Result<T>) -> Option<T> {
        found.map_err(|error| self.wrong(at, error.message().to_owned())).ok()
    }

    fn called(&mut self, at: &str, text: &str) -> Option<&'a Table> {
        let found = self.catalog.require_called(text);
        self.told(at, found)
    }

    fn column(&mut self, at: &str, table: &TableName, column: &str) {
        if let Some(table) = self.table(at, table) {
            self.column_of(at, table, column);
        }
    }

    fn column_of(&mut self, at: &str, table: &Table, column: &str) {
        if let Err(error) = self.catalog.require_column(table, column) {
            self.wrong(at, error.message().to_owned());
        }
    }

    fn measure(&mut self, at: &str, measure: &Measure) {
        match &measure.aggregate {
            Aggregate::CountRows(table) => _ = self.table(at, table),
            Aggregate::Ratio { numerator, denominator } => {
                self.measure(at, numerator);
                self.measure(at, denominator);
            }
            Aggregate::Metric(name) => self.wrong(at, format!("`{name}` is another metric; write out what it computes")),
            Aggregate::Count(value)
            | Aggregate::CountDistinct(value)
            | Aggregate::Sum(value)
            | Aggregate::Avg(value)
            | Aggregate::Min(value)
            | Aggregate::Max(value) => self.scalar(at, value),
        }
        if let Some(filter) = &measure.filter {
            self.filter(at, filter);
        }
    }

    fn scalar(&mut self, at: &str, scalar: &Scalar) {
        match scalar {
            Scalar::Field(field) => self.field(at, field),
            Scalar::Literal(_) => {}
            Scalar::Arithmetic { left, right, .. } | Scalar::DaysBetween { from: left, to: right } => {
                self.scalar(at, left);
                self.scalar(at, right);
            }
            Scalar::Coalesce(all) => all.iter().for_each(|one| self.scalar(at, one)),
        }
    }

    fn field(&mut self, at: &str, field: &Field) {
        self.column(at, &field.table, &field.column);
    }

    fn filter(&mut self, at: &str, filter: &Filter) {
        match filter {
            Filter::And(all) | Filter::Or(all) => all.iter().for_each(|one| self.filter(at, one)),
            Filter::Not(inner) => self.filter(at, inner),
            Filter::Compare { left, right, .. } => {
                self.scalar(at, left);
                self.scalar(at, right);
            }
            Filter::In { value, .. } | Filter::Between { value, .. } | Filter::Text { value, .. } | Filter::IsNull(value) => {
                self.scalar(at, value);
            }
            Filter::During { value, .. } => self.field(at, value),
            // Queries within conditions are checked when they are asked.
            Filter::Exists { .. } | Filter::InQuery { .. } | Filter::CompareQuery { .. } | Filter::FollowedBy { .. } => {}
        }
    }
}
