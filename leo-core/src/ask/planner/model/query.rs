//! A query as a model writes it: flat, in words of the schema, and made a [`SemanticQuery`] here.

use serde::Deserialize;
use serde_json::Value as Json;

use crate::catalog::{Catalog, Table, TableName};
use crate::error::{Error, Result};
use crate::query::{
    Aggregate, Arithmetic, Dimension, Field, Filter, Grain, Measure, Operator, Order, Scalar, SemanticQuery, TextMatch,
    TimeWindow,
};
use crate::value::Value;

/// Comparisons; `during` takes words such as `last quarter`.
pub(super) const OPERATORS: [&str; 16] = [
    "equal",
    "not_equal",
    "less",
    "less_or_equal",
    "greater",
    "greater_or_equal",
    "in",
    "not_in",
    "between",
    "contains",
    "not_contains",
    "starts_with",
    "ends_with",
    "is_null",
    "is_not_null",
    "during",
];
/// Aggregates; `metric` takes the name of one that people defined.
pub(super) const AGGREGATES: [&str; 8] = ["count_rows", "count", "count_distinct", "sum", "avg", "min", "max", "metric"];
/// Grains of dates and times.
pub(super) const GRAINS: [&str; 14] = [
    "none",
    "hour",
    "day",
    "week",
    "iso_week",
    "month",
    "quarter",
    "year",
    "fiscal_quarter",
    "fiscal_year",
    "hour_of_day",
    "day_of_week",
    "month_of_year",
    "quarter_of_year",
];
/// Parts of each kind.
const MANY: usize = 40;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Form {
    #[serde(default)]
    from: String,
    #[serde(default)]
    measures: Vec<MeasureForm>,
    #[serde(default)]
    dimensions: Vec<DimensionForm>,
    #[serde(default)]
    filters: Vec<FilterForm>,
    #[serde(default)]
    order: Vec<OrderForm>,
    #[serde(default)]
    limit: Option<u64>,
    #[serde(default)]
    distinct: bool,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct MeasureForm {
    name: String,
    aggregate: String,
    #[serde(default)]
    table: String,
    #[serde(default)]
    column: String,
    #[serde(default)]
    times: String,
    #[serde(default)]
    filters: Vec<FilterForm>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct DimensionForm {
    name: String,
    table: String,
    column: String,
    #[serde(default)]
    grain: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct FilterForm {
    table: String,
    column: String,
    op: String,
    #[serde(default)]
    values: Vec<Json>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct OrderForm {
    by: String,
    #[serde(default)]
    descending: bool,
}

/// What is needed to understand it.
#[derive(Clone, Copy)]
pub(in crate::ask) struct Reading<'a> {
    pub(in crate::ask) catalog: &'a Catalog,
    /// The window that words such as `last quarter` mean.
    pub(in crate::ask) window: &'a (dyn Fn(&str) -> Option<TimeWindow> + Send + Sync),
}

impl Form {
    /// The query that it means. Whether it can be compiled is not known yet.
    ///
    /// # Errors
    /// `NotFound` for names, proposing near ones; `Malformed` for parts that do not fit together; `LimitExceeded` for too many.
    pub(super) fn read(self, reading: &Reading<'_>) -> Result<SemanticQuery> {
        let parts = [self.measures.len(), self.dimensions.len(), self.filters.len(), self.order.len()];
        if parts.into_iter().any(|many| many > MANY) {
            return Err(Error::limit_exceeded(format!(
                "a query has at most {MANY} measures, dimensions, filters and orders each"
            )));
        }
        let first = [
            Some(self.from.as_str()),
            self.measures.first().map(|own| own.table.as_str()),
            self.dimensions.first().map(|own| own.table.as_str()),
        ];
        let from = first.into_iter().flatten().find(|name| !name.trim().is_empty());
        let from = from.ok_or_else(|| Error::malformed("the query names no table; say which in `from`"))?;
        let mut query = SemanticQuery::new(reading.table(from)?.name.clone());
        for own in self.measures {
            query.measures.push(own.read(reading)?);
        }
        for own in self.dimensions {
            let value = Scalar::Field(reading.field(&own.table, &own.column)?);
            query.dimensions.push(Dimension { grain: grain(own.grain.as_deref())?, ..Dimension::new(own.name, value) });
        }
        for filter in reading.filters(self.filters)? {
            query = query.and(filter);
        }
        query.order = self.order.into_iter().map(|own| Order { by: own.by, descending: own.descending }).collect();
        query.limit = self.limit;
        query.distinct = self.distinct;
        query.validate(reading.catalog)?;
        Ok(query)
    }
}

impl MeasureForm {
    fn read(self, reading: &Reading<'_>) -> Result<Measure> {
        let value = || -> Result<Scalar> {
            let own = Scalar::Field(reading.field(&self.table, &self.column)?);
            if self.times.is_empty() {
                return Ok(own);
            }
            let times = Scalar::Field(reading.field(&self.table, &self.times)?);
            Ok(Scalar::Arithmetic { op: Arithmetic::Multiply, left: Box::new(own), right: Box::new(times) })
        };
        let aggregate = match self.aggregate.as_str() {
            "count_rows" => Aggregate::CountRows(reading.table(&self.table)?.name.clone()),
            "count" => Aggregate::Count(value()?),
            "count_distinct" => Aggregate::CountDistinct(value()?),
            "sum" => Aggregate::Sum(value()?),
            "avg" => Aggregate::Avg(value()?),
            "min" => Aggregate::Min(value()?),
            "max" => Aggregate::Max(value()?),
            "metric" => Aggregate::Metric(self.name.clone()),
            _ => return Err(unknown("aggregate", &AGGREGATES)),
        };
        let mut filters = reading.filters(self.filters)?;
        let filter = match filters.len() {
            0 | 1 => filters.pop(),
            _ => Some(Filter::And(filters)),
        };
        Ok(Measure { filter, ..Measure::new(self.name, aggregate) })
    }
}

impl Reading<'_> {
    fn table(&self, name: &str) -> Result<&Table> {
        let names = |table: &&Table| {
            let whole = table.name.to_string();
            same(&table.name.name, name) || same(&whole, name)
        };
        let bare = unquoted(name);
        let found = self.catalog.table(&TableName::bare(&bare)).or_else(|| self.catalog.table(&TableName::parse(&bare)));
        found.or_else(|| self.catalog.tables.iter().find(names)).ok_or_else(|| self.unknown_table(&bare))
    }

    fn unknown_table(&self, name: &str) -> Error {
        let near = |table: &&Table| (strsim::jaro_winkler(&table.name.name.to_lowercase(), &name.to_lowercase()) * 1e6) as u64;
        let near = self
            .catalog
            .tables
            .iter()
            .max_by_key(near)
            .map_or_else(String::new, |table| format!("; did you mean `{}`?", table.name));
        Error::not_found(format!("there is no table `{name}`{near}"))
    }

    fn field(&self, table: &str, column: &str) -> Result<Field> {
        let table = self.table(table)?;
        let bare = unquoted(column);
        // Some write the table before the column once more.
        let last = bare.rsplit('.').next().unwrap_or(&bare);
        let found = table.column(&bare).or_else(|| table.column(last));
        match found {
            Some(found) => Ok(Field::new(table.name.clone(), &found.name)),
            None => {
                let near = table
                    .columns
                    .iter()
                    .max_by_key(|own| (strsim::jaro_winkler(&own.name.to_lowercase(), &bare.to_lowercase()) * 1e6) as u64);
                let near = near.map_or_else(String::new, |own| format!("; did you mean `{}`?", own.name));
                Err(Error::not_found(format!("`{}` has no column `{bare}`{near}", table.name)))
            }
        }
    }

    fn filters(&self, forms: Vec<FilterForm>) -> Result<Vec<Filter>> {
        forms.into_iter().map(|form| self.filter(form)).collect()
    }

    fn filter(&self, form: FilterForm) -> Result<Filter> {
        let field = self.field(&form.table, &form.column)?;
        let value = Scalar::Field(field.clone());
        let values: Vec<Value> = form.values.iter().map(literal).collect::<Result<_>>()?;
        let one = || match values.as_slice() {
            [one] => Ok(one.clone()),
            _ => Err(Error::malformed(format!("the filter `{}` takes one value, not {}", form.op, values.len()))),
        };
        let text = || match one()? {
            Value::Text(text) => Ok(text),
            other => Ok(other.to_string()),
        };
        let compare = |op: Operator| Ok(Filter::Compare { left: value.clone(), op, right: Scalar::Literal(one()?) });
        let matched = |kind: TextMatch| Ok(Filter::Text { value: value.clone(), kind, text: text()? });
        let among = || match values.is_empty() {
            true => Err(Error::malformed("the filter `in` takes at least one value")),
            false => Ok(Filter::In { value: value.clone(), set: values.clone() }),
        };
        let not = |filter: Filter| Filter::Not(Box::new(filter));
        match form.op.as_str() {
            "equal" if values.first().is_some_and(|own| *own == Value::Null) => Ok(Filter::IsNull(value)),
            "equal" => compare(Operator::Equal),
            "not_equal" => compare(Operator::NotEqual),
            "less" => compare(Operator::Less),
            "less_or_equal" => compare(Operator::LessOrEqual),
            "greater" => compare(Operator::Greater),
            "greater_or_equal" => compare(Operator::GreaterOrEqual),
            "in" => among(),
            "not_in" => among().map(not),
            "between" => match values.as_slice() {
                [low, high] => Ok(Filter::Between { value, low: low.clone(), high: high.clone() }),
                _ => Err(Error::malformed("the filter `between` takes two values")),
            },
            "contains" => matched(TextMatch::Contains),
            "not_contains" => matched(TextMatch::Contains).map(not),
            "starts_with" => matched(TextMatch::StartsWith),
            "ends_with" => matched(TextMatch::EndsWith),
            "is_null" => Ok(Filter::IsNull(value)),
            "is_not_null" => Ok(not(Filter::IsNull(value))),
            "during" => {
                let words = text()?;
                let window = (self.window)(&words).ok_or_else(|| {
                    Error::malformed("`during` takes a period in words, such as `last quarter`, `2024` or `since 2024-03-01`")
                })?;
                Ok(Filter::During { value: field, window })
            }
            _ => Err(unknown("op", &OPERATORS)),
        }
    }
}

fn grain(name: Option<&str>) -> Result<Option<Grain>> {
    match name {
        None | Some("" | "none") => Ok(None),
        Some(name) => {
            let read = serde_json::from_value(name.into());
            read.map(Some).map_err(|_| unknown("grain", &GRAINS))
        }
    }
}

fn unknown(what: &str, known: &[&str]) -> Error {
    Error::malformed(format!("there is no such `{what}`; it is one of {}", known.join(", ")))
}

fn literal(value: &Json) -> Result<Value> {
    match value {
        Json::Array(_) | Json::Object(_) => Err(Error::malformed("values of filters are texts, numbers, true, false or null")),
        plain => serde_json::from_value(plain.clone()).map_err(|_| Error::malformed("a value of a filter cannot be read")),
    }
}

/// The name without the quotes of any dialect around it or its parts.
fn unquoted(name: &str) -> String {
    name.trim().chars().filter(|c| !matches!(c, '"' | '`' | '[' | ']')).collect()
}

fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(&unquoted(b)) || a.eq_ignore_ascii_case(b)
}
