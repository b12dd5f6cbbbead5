//! Metrics in queries, by name.

use super::model::{Knowledge, MetricDefinition};
use crate::catalog::{Catalog, nearest};
use crate::error::{Error, Result};
use crate::query::{Aggregate, Filter, Measure, SemanticQuery};

impl Knowledge {
    /// The query with the definitions of the metrics that it names.
    ///
    /// # Behavior
    /// A measure keeps its own name, transform and condition; its condition narrows that of the definition. Names and other names of a metric are compared
    /// without regard to case. A metric that is made of what `catalog` does not have is not known: give it what the user may see.
    ///
    /// # Errors
    /// `NotFound` for a metric that is not known, with the nearest names.
    ///
    /// # Example
    /// ```
    /// use leo::Dialect;
    /// use leo::catalog::{Catalog, TableName};
    /// use leo::knowledge::read_yaml;
    /// use leo::query::{Aggregate, Measure, SemanticQuery};
    ///
    /// let catalog = Catalog::from_ddl(Dialect::Sqlite, "CREATE TABLE orders (amount int, status text)")?;
    /// let known = read_yaml("metrics: [ { name: turnover, table: orders, formula: sum(amount), where: status <> 'open' } ]")?;
    /// let mut query = SemanticQuery::new(TableName::bare("orders"));
    /// query.measures = vec![Measure::new("taken", Aggregate::Metric("Turnover".into()))];
    /// let resolved = known.resolve(query, &catalog)?;
    /// assert!(resolved.measures[0].name == "taken" && resolved.measures[0].filter.is_some());
    /// resolved.validate(&catalog)?;
    /// # Ok::<(), leo::Error>(())
    /// ```
    pub fn resolve(&self, mut query: SemanticQuery, catalog: &Catalog) -> Result<SemanticQuery> {
        for measure in &mut query.measures {
            self.resolve_measure(measure, catalog)?;
        }
        Ok(query)
    }

    fn resolve_measure(&self, measure: &mut Measure, catalog: &Catalog) -> Result<()> {
        match &mut measure.aggregate {
            Aggregate::Ratio { numerator, denominator } => {
                self.resolve_measure(numerator, catalog)?;
                self.resolve_measure(denominator, catalog)
            }
            Aggregate::Metric(name) => {
                let known = self.metric(name, catalog)?.measure.clone();
                measure.aggregate = known.aggregate;
                measure.filter = match (known.filter, measure.filter.take()) {
                    (Some(known), Some(own)) => Some(Filter::And(vec![known, own])),
                    (known, own) => known.or(own),
                };
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn metric(&self, name: &str, catalog: &Catalog) -> Result<&MetricDefinition> {
        let known = || self.metrics.iter().filter(|metric| metric.is_made_of(catalog));
        let is_called = |own: &str| own.trim().to_lowercase() == name.trim().to_lowercase();
        let found = known().find(|metric| is_called(&metric.name) || metric.synonyms.iter().any(|own| is_called(own)));
        found.ok_or_else(|| {
            let near = nearest(name, known().map(|metric| metric.name.as_str()), 3);
            Error::not_found(match near.as_slice() {
                [] => format!("no metric `{name}`; write out what it computes, or add it to what is known of the source"),
                near => format!("no metric `{name}`; did you mean `{}`?", near.join("`, `")),
            })
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::catalog::TableName;
    use crate::dialect::Dialect;
    use crate::error::ErrorKind;
    use crate::knowledge::read_yaml;

    #[test]
    fn metrics_are_known_by_any_of_their_names_where_they_can_be_seen() {
        let known = read_yaml(
            "metrics:\n  - { name: turnover, table: orders, formula: sum(amount), where: status <> 'open', synonyms: [takings] }\n\
             \x20 - { name: rate, table: orders, formula: count(status) / count(*) }",
        )
        .unwrap();
        let read = |text: &str| Catalog::from_ddl(Dialect::Sqlite, text).unwrap();
        let catalog = read("CREATE TABLE orders (amount int, status text)");
        let asked = |name: &str| {
            let mut query = SemanticQuery::new(TableName::bare("orders"));
            query.measures = vec![Measure::new("m", Aggregate::Metric(name.into()))];
            query
        };
        for name in ["turnover", "TAKINGS", "rate"] {
            known.resolve(asked(name), &catalog).unwrap().validate(&catalog).unwrap();
            assert_eq!(asked(name).validate(&catalog).unwrap_err().kind(), ErrorKind::NotFound);
        }
        let wrong = known.resolve(asked("turnovr"), &catalog).unwrap_err();
        assert!(wrong.kind() == ErrorKind::NotFound && wrong.message().contains("`turnover`"), "{wrong}");
        let part = read("CREATE TABLE orders (amount int)");
        assert!(!known.resolve(asked("turnover"), &part).unwrap_err().message().contains("did you mean"), "its column is hidden");
    }
}
