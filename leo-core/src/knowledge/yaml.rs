//! Knowledge as a file that people edit: `leo.yaml`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_saphyr::Spanned;

use super::check::Mistake;
use super::formula::{parse_formula, write_formula};
use super::model::{
    GlossaryTerm, Knowledge, KnownRelationship, MetricDefinition, Synonym, SynonymTarget, TableKnowledge, VerifiedQuery,
};
use crate::catalog::{Catalog, Table, TableName};
use crate::error::{Error, Result};
use crate::query::Measure;

/// Bytes of a file at most.
const MOST: usize = 4 << 20;
/// The form of the file.
const FORM: u32 = 1;

/// The file as it is read: entries know their lines.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct File {
    leo: Option<u32>,
    glossary: Vec<Spanned<GlossaryTerm>>,
    metrics: Vec<Spanned<Metric>>,
    synonyms: Vec<Spanned<Words>>,
    verified: Vec<Spanned<VerifiedQuery>>,
    tables: BTreeMap<String, Spanned<TableKnowledge>>,
    relationships: Vec<Spanned<KnownRelationship>>,
    fiscal_year_start: Option<i8>,
}

/// The file as it is written.
#[derive(Debug, Serialize)]
struct Written<'a> {
    leo: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    fiscal_year_start: Option<i8>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    glossary: &'a [GlossaryTerm],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    metrics: Vec<Metric>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    synonyms: Vec<Words>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    verified: &'a [VerifiedQuery],
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    tables: &'a BTreeMap<String, TableKnowledge>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    relationships: &'a [KnownRelationship],
}

/// A metric by its formula, or as data where it has none.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Metric {
    name: String,
    table: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    formula: Option<String>,
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    condition: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    measure: Option<Measure>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    synonyms: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
}

/// Other words for a table or a column.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    words: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    table: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    column: Option<String>,
}

/// What a `leo.yaml` says.
///
/// # Behavior
/// ```yaml
/// leo: 1
/// fiscal_year_start: 4
/// glossary:
///   - { term: churned, means: has not ordered for 90 days, synonyms: [lost] }
/// metrics:
///   - { name: net revenue, table: orders, formula: sum(amount - discount), where: status <> 'cancelled' }
/// synonyms:
///   - { words: buyers, table: customers }
///   - { words: turnover, column: orders.amount }
/// verified:
///   - { question: How many customers do we have?, sql: SELECT count(*) FROM customers }
/// tables:
///   orders:
///     description: One row per order.
///     owner: sales operations
///     tags: [finance]
///     fresh_within_hours: 24
///     columns:
///       email: { personal: email }
///       code: { personal: none, description: what the till prints }
/// relationships:
///   - { table: orders, columns: [buyer], references: customers, referenced_columns: [id] }
/// ```
/// Formulas are those of [`parse_formula`]. Names of tables and columns are not looked at; [`check_yaml`] does that.
///
/// # Errors
/// `Malformed` with the line and what is expected there; `LimitExceeded` above 4 MiB; `Config` for a later form.
pub fn read_yaml(text: &str) -> Result<Knowledge> {
    read(text, &TableName::parse).map(|(knowledge, _)| knowledge)
}

/// [`read_yaml`], and what in it is of no effect at a source, each with its line.
///
/// # Errors
/// As [`read_yaml`].
pub(crate) fn check_yaml(text: &str, catalog: &Catalog) -> Result<(Knowledge, Vec<Mistake>)> {
    let named = |text: &str| {
        let parsed = TableName::parse(text);
        let is_other = |table: &&Table| catalog.table(&parsed).is_none_or(|first| first.name != table.name);
        // The schema may end at another dot.
        catalog.table_called(text).filter(is_other).map(|table| table.name.clone()).unwrap_or(parsed)
    };
    let (knowledge, lines) = read(text, &named)?;
    let mut mistakes = knowledge.mistakes(catalog);
    for mistake in &mut mistakes {
        let within = |place: &&(String, u64)| mistake.at == place.0 || mistake.at.starts_with(&format!("{}.", place.0));
        mistake.line = lines.iter().find(within).map(|(_, line)| *line);
    }
    mistakes.sort_by_key(|mistake| mistake.line);
    Ok((knowledge, mistakes))
}

/// What the file says, and in which line each entry begins. `named` reads the names of tables.
fn read(text: &str, named: &dyn Fn(&str) -> TableName) -> Result<(Knowledge, Vec<(String, u64)>)> {
    if text.len() > MOST {
        return Err(Error::limit_exceeded("a file of knowledge is at most 4 MiB"));
    }
    let file: File = match text.trim().is_empty() {
        true => File::default(),
        false => serde_saphyr::from_str(text).map_err(|error| unreadable(&error))?,
    };
    if file.leo.is_some_and(|form| form > FORM) {
        return Err(Error::config("the file was written for a later version of Leo; update this one"));
    }
    let mut lines = Vec::new();
    let mut note = |at: String, line: u64| lines.push((at, line));
    for (name, table) in &file.tables {
        note(format!("tables.{name}"), table.referenced.line());
    }
    let metrics = entries("metrics", file.metrics, &mut note, |metric, line| {
        metric.read(named).map_err(|error| Error::malformed(format!("line {line}: {}", error.message())).with_source(error))
    })?;
    let synonyms = entries("synonyms", file.synonyms, &mut note, |words, line| words.read(line, named))?;
    let knowledge = Knowledge {
        metrics,
        synonyms,
        glossary: entries("glossary", file.glossary, &mut note, |term, _| Ok(term))?,
        verified: entries("verified", file.verified, &mut note, |pair, _| Ok(pair))?,
        tables: file.tables.into_iter().map(|(name, table)| (name, table.value)).collect(),
        relationships: entries("relationships", file.relationships, &mut note, |pair, _| Ok(pair))?,
        fiscal_year_start: file.fiscal_year_start,
    };
    Ok((knowledge, lines))
}

fn entries<T, U>(
    name: &str,
    entries: Vec<Spanned<T>>,
    note: &mut impl FnMut(String, u64),
    read: impl Fn(T, u64) -> Result<U>,
) -> Result<Vec<U>> {
    let entry = |(number, entry): (usize, Spanned<T>)| {
        let line = entry.referenced.line();
        note(format!("{name}[{number}]"), line);
        read(entry.value, line)
    };
    entries.into_iter().enumerate().map(entry).collect()
}

impl Metric {
    fn read(self, named: &dyn Fn(&str) -> TableName) -> Result<MetricDefinition> {
        let table = named(&self.table);
        let measure = match (self.formula, self.measure) {
            (Some(formula), None) => parse_formula(&self.name, &table, &formula, self.condition.as_deref())?,
            (None, Some(measure)) if self.condition.is_none() => measure,
            _ => {
                return Err(Error::malformed(format!(
                    "the metric `{}` has a `formula`, with a `where` if need be, or a `measure`; exactly one of them",
                    self.name
                )));
            }
        };
        let Self { name, synonyms, description, .. } = self;
        Ok(MetricDefinition { name, synonyms, measure, table, description })
    }

    fn of(metric: &MetricDefinition) -> Self {
        let written = write_formula(&metric.measure, &metric.table);
        let measure = written.is_none().then(|| metric.measure.clone());
        let (formula, condition) = written.unzip();
        Self {
            name: metric.name.clone(),
            table: metric.table.to_string(),
            formula,
            condition: condition.flatten(),
            measure,
            synonyms: metric.synonyms.clone(),
            description: metric.description.clone(),
        }
    }
}

impl Words {
    fn read(self, line: u64, named: &dyn Fn(&str) -> TableName) -> Result<Synonym> {
        let target = match (self.table, self.column) {
            (Some(table), None) => SynonymTarget::Table(named(&table)),
            (None, Some(column)) => match column.rsplit_once('.') {
                Some((table, column)) => SynonymTarget::Column { table: named(table), column: column.to_owned() },
                None => return Err(Error::malformed(format!("line {line}: a column is written as `table.column`"))),
            },
            _ => return Err(Error::malformed(format!("line {line}: words stand for a `table` or a `column`; say one of them"))),
        };
        Ok(Synonym { words: self.words, target })
    }

    fn of(synonym: &Synonym) -> Self {
        let (table, column) = match &synonym.target {
            SynonymTarget::Table(table) => (Some(table.to_string()), None),
            SynonymTarget::Column { table, column } => (None, Some(format!("{table}.{column}"))),
        };
        Self { words: synonym.words.clone(), table, column }
    }
}

/// What the reader of YAML says, without the text around: that may hold what nobody should see in a log.
fn unreadable(error: &serde_saphyr::Error) -> Error {
    let at = error.location().map(|at| format!("line {}: ", at.line())).unwrap_or_default();
    let said = error.without_snippet().to_string();
    // The line stands in front already.
    let said = said.lines().next().and_then(|said| said.split(" at line ").next()).unwrap_or_default();
    Error::malformed(format!("{at}the file cannot be read: {said}"))
}

/// Knowledge as the text of a `leo.yaml`, which [`read_yaml`] reads as the same.
///
/// # Errors
/// `Internal` for what has no such form; nothing that was read has none.
pub fn write_yaml(knowledge: &Knowledge) -> Result<String> {
    let written = Written {
        leo: FORM,
        fiscal_year_start: knowledge.fiscal_year_start,
        glossary: &knowledge.glossary,
        metrics: knowledge.metrics.iter().map(Metric::of).collect(),
        synonyms: knowledge.synonyms.iter().map(Words::of).collect(),
        verified: &knowledge.verified,
        tables: &knowledge.tables,
        relationships: &knowledge.relationships,
    };
    serde_saphyr::to_string(&written).map_err(|error| Error::internal("knowledge could not be written").with_source(error))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::dialect::Dialect;

    const FILE: &str = "leo: 1
fiscal_year_start: 4
glossary:
  - { term: churned, means: has not ordered for 90 days, synonyms: [lost] }
metrics:
  - name: net revenue
    table: orders
    formula: sum(amount - discount)
    where: status <> 'cancelled'
  - { name: orders, table: orders, formula: count(*) }
synonyms:
  - { words: buyers, table: customers }
  - { words: turnover, column: orders.amount }
verified:
  - question: How many customers do we have?
    sql: |
      SELECT count(*)
      FROM customers
tables:
  orders:
    owner: sales operations
    tags: [finance]
    columns:
      amount: { description: \"before tax: always\" }
  custmers:
    favourite: true
relationships:
  - { table: orders, columns: [buyer], references: customers, referenced_columns: [id] }
";

    fn shop() -> Catalog {
        let ddl =
            "CREATE TABLE customers (id int primary key); CREATE TABLE orders (amount int, discount int, status text, buyer int)";
        Catalog::from_ddl(Dialect::Sqlite, ddl).unwrap()
    }

    #[test]
    fn a_file_is_read_and_written() {
        let knowledge = read_yaml(FILE).unwrap();
        assert_eq!((knowledge.metrics.len(), knowledge.synonyms.len(), knowledge.tables.len()), (2, 2, 2));
        let written = write_yaml(&knowledge).unwrap();
        assert_eq!(read_yaml(&written).unwrap(), knowledge);
        insta::assert_snapshot!(written);
        assert_eq!(read_yaml("").unwrap(), Knowledge::default());
    }

    #[test]
    fn mistakes_come_with_their_lines() {
        let (_, mistakes) = check_yaml(FILE, &shop()).unwrap();
        let told: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        insta::assert_snapshot!(told.join("\n"));
        let wrong = |text: &str| read_yaml(text).unwrap_err().to_string();
        let told = [
            "metrcs: []",
            "metrics:\n  - name: a\n",
            "metrics:\n  - { name: a, table: t, formula: median(x) }",
            "metrics:\n  - { name: a, table: t }",
            "synonyms:\n\n  - { words: a, column: b }",
            "tables: [",
            "tables: { t: { tags: 3 } }",
            "leo: 2",
            "fiscal_year_start: 400",
        ]
        .map(wrong);
        insta::assert_snapshot!(told.join("\n"));
    }

    #[test]
    fn a_table_with_a_dot_in_its_name_is_found_where_the_catalogue_is_at_hand() {
        let ddl = "CREATE TABLE \"a.b\" (amount int)";
        let text = "metrics:\n  - { name: turnover, table: a.b, formula: sum(amount) }\nsynonyms:\n  - { words: takings, column: a.b.amount }\n";
        for dialect in [Dialect::Sqlite, Dialect::Postgres] {
            let catalog = Catalog::from_ddl(dialect, ddl).unwrap();
            let (knowledge, mistakes) = check_yaml(text, &catalog).unwrap();
            assert!(mistakes.is_empty(), "{mistakes:?}");
            assert!(knowledge.metrics[0].is_made_of(&catalog));
            let written = write_yaml(&knowledge).unwrap();
            assert_eq!(check_yaml(&written, &catalog).unwrap().0, knowledge);
        }
        // A schema of that name is still a schema.
        let both = Catalog::from_ddl(Dialect::Postgres, "CREATE TABLE a.b (amount int)").unwrap();
        assert_eq!(check_yaml(text, &both).unwrap().0.metrics[0].table, TableName::qualified("a", "b"));
    }

    #[test]
    fn a_file_that_grows_is_refused() {
        let mut bomb = String::from("a: &a [x,x,x,x,x,x,x,x,x,x]\n");
        for at in 1..12 {
            bomb.push_str(&format!(
                "{0}: &{0} [{1}]\n",
                char::from(b'a' + at),
                vec![format!("*{}", char::from(b'a' + at - 1)); 10].join(",")
            ));
        }
        assert!(read_yaml(&bomb).is_err());
        assert!(read_yaml(&"[".repeat(100_000)).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,80}", description in "\\PC{0,40}", tag in "\\PC{1,10}") {
            let _ = read_yaml(&text);
            let table = TableKnowledge { description: Some(description), tags: [tag].into(), ..TableKnowledge::default() };
            let knowledge = Knowledge { tables: [("orders".to_owned(), table)].into(), ..Knowledge::default() };
            prop_assert_eq!(read_yaml(&write_yaml(&knowledge).unwrap()).unwrap(), knowledge);
        }
    }
}
