//! What a query is made of, by name, so that a suite can tell what it has covered. A form that is added to the model does not compile
//! here until it has a name, and a suite that lacks it fails.

use std::collections::BTreeSet;

use leo::Value;
use leo::catalog::TableName;
use leo::query::{
    Aggregate, Arithmetic, ComparisonBase, Filter, Grain, HavingValue, Measure, Operator, Scalar, SemanticQuery, SetOperator,
    TextMatch, TimeUnit, TimeWindow, Transform,
};

/// Every form there is.
pub const ALL: &[&str] = &[
    "query listing",
    "query groups",
    "query single row",
    "query distinct",
    "query limit",
    "query limit 0",
    "query no limit",
    "order ascending",
    "order descending",
    "order by hidden",
    "hidden dimension",
    "hidden measure",
    "several grains of measures",
    "dimension column",
    "dimension formula",
    "scalar field",
    "scalar literal",
    "scalar add",
    "scalar subtract",
    "scalar multiply",
    "scalar divide",
    "scalar days between",
    "scalar coalesce",
    "literal bool",
    "literal int",
    "literal float",
    "literal decimal",
    "literal text",
    "literal empty text",
    "literal odd text",
    "literal day",
    "literal moment",
    "grain hour",
    "grain day",
    "grain week",
    "grain iso week",
    "grain month",
    "grain quarter",
    "grain year",
    "grain fiscal quarter",
    "grain fiscal year",
    "grain hour of day",
    "grain day of week",
    "grain month of year",
    "grain quarter of year",
    "aggregate count rows",
    "aggregate count",
    "aggregate count distinct",
    "aggregate sum",
    "aggregate avg",
    "aggregate min",
    "aggregate max",
    "aggregate ratio",
    "measure with filter",
    "transform share of total",
    "transform share within",
    "transform running total",
    "filter and",
    "filter or",
    "filter not",
    "filter compare",
    "filter in",
    "filter in nothing",
    "filter between",
    "filter text",
    "filter is null",
    "filter during",
    "filter exists",
    "filter exists several",
    "filter in query",
    "filter compare query",
    "filter followed by",
    "filter absence",
    "operator equal",
    "operator not equal",
    "operator less",
    "operator less or equal",
    "operator greater",
    "operator greater or equal",
    "match equals",
    "match contains",
    "match starts with",
    "match ends with",
    "window absolute",
    "window open",
    "window current",
    "window last",
    "window rolling",
    "window to date",
    "window next",
    "unit day",
    "unit week",
    "unit month",
    "unit quarter",
    "unit year",
    "unit fiscal quarter",
    "unit fiscal year",
    "having value",
    "having average of groups",
    "top per group",
    "top overall",
    "compare previous period",
    "compare previous year",
    "compare window",
    "compare by buckets",
    "set union",
    "set intersect",
    "set except",
];

/// The forms in `query` and in the queries within it.
pub fn forms(query: &SemanticQuery) -> BTreeSet<&'static str> {
    let mut forms = Forms(BTreeSet::new());
    forms.query(query);
    forms.0
}

struct Forms(BTreeSet<&'static str>);

impl Forms {
    fn add(&mut self, form: &'static str) {
        debug_assert!(ALL.contains(&form), "{form}");
        self.0.insert(form);
    }

    fn when(&mut self, holds: bool, form: &'static str) {
        if holds {
            self.add(form);
        }
    }

    fn query(&mut self, query: &SemanticQuery) {
        self.add(match (query.measures.is_empty(), query.dimensions.is_empty()) {
            (true, _) => "query listing",
            (false, false) => "query groups",
            (false, true) => "query single row",
        });
        self.when(query.distinct, "query distinct");
        self.add(match query.limit {
            None => "query no limit",
            Some(0) => "query limit 0",
            Some(_) => "query limit",
        });
        for order in &query.order {
            self.add(if order.descending { "order descending" } else { "order ascending" });
            let hidden = query.dimensions.iter().any(|dimension| dimension.hidden && dimension.name == order.by)
                || query.measures.iter().any(|measure| measure.hidden && measure.name == order.by);
            self.when(hidden, "order by hidden");
        }
        for dimension in &query.dimensions {
            self.when(dimension.hidden, "hidden dimension");
            self.add(if matches!(dimension.value, Scalar::Field(_)) { "dimension column" } else { "dimension formula" });
            self.scalar(&dimension.value);
            if let Some(grain) = dimension.grain {
                self.add(named_grain(grain));
            }
        }
        let tables: BTreeSet<&TableName> = query.measures.iter().filter_map(|measure| table_of(&measure.aggregate)).collect();
        self.when(tables.len() > 1, "several grains of measures");
        query.measures.iter().for_each(|measure| self.measure(measure));
        query.filter.iter().for_each(|filter| self.filter(filter, false));
        for having in &query.having {
            self.operator(having.op);
            match &having.value {
                HavingValue::Value(value) => {
                    self.add("having value");
                    self.literal(value);
                }
                HavingValue::AverageOfGroups => self.add("having average of groups"),
            }
        }
        if let Some(top) = &query.top_per {
            self.add(if top.within.is_empty() { "top overall" } else { "top per group" });
        }
        if let Some(compare) = &query.compare {
            self.window(&compare.window);
            match &compare.base {
                ComparisonBase::PreviousPeriod => self.add("compare previous period"),
                ComparisonBase::PreviousYear => self.add("compare previous year"),
                ComparisonBase::Window(window) => {
                    self.add("compare window");
                    self.window(window);
                }
            }
            let same = |value: &Scalar| matches!(value, Scalar::Field(field) if *field == compare.time);
            let buckets =
                query.dimensions.iter().any(|dimension| same(&dimension.value) && dimension.grain.is_some_and(Grain::is_stretch));
            self.when(buckets, "compare by buckets");
        }
        if let Some((operator, other)) = &query.set {
            self.add(match operator {
                SetOperator::Union => "set union",
                SetOperator::Intersect => "set intersect",
                SetOperator::Except => "set except",
            });
            self.query(other);
        }
    }

    fn measure(&mut self, measure: &Measure) {
        self.when(measure.hidden, "hidden measure");
        self.when(measure.filter.is_some(), "measure with filter");
        measure.filter.iter().for_each(|filter| self.filter(filter, false));
        let (form, scalar) = match &measure.aggregate {
            Aggregate::CountRows(_) => ("aggregate count rows", None),
            Aggregate::Count(scalar) => ("aggregate count", Some(scalar)),
            Aggregate::CountDistinct(scalar) => ("aggregate count distinct", Some(scalar)),
            Aggregate::Sum(scalar) => ("aggregate sum", Some(scalar)),
            Aggregate::Avg(scalar) => ("aggregate avg", Some(scalar)),
            Aggregate::Min(scalar) => ("aggregate min", Some(scalar)),
            Aggregate::Max(scalar) => ("aggregate max", Some(scalar)),
            Aggregate::Ratio { numerator, denominator } => {
                self.measure(numerator);
                self.measure(denominator);
                ("aggregate ratio", None)
            }
            Aggregate::Metric(_) => ("aggregate metric", None),
        };
        self.add(form);
        scalar.into_iter().for_each(|scalar| self.scalar(scalar));
        match &measure.transform {
            Transform::None => {}
            Transform::ShareOfTotal { within } if within.is_empty() => self.add("transform share of total"),
            Transform::ShareOfTotal { .. } => self.add("transform share within"),
            Transform::RunningTotal => self.add("transform running total"),
        }
    }

    fn scalar(&mut self, scalar: &Scalar) {
        match scalar {
            Scalar::Field(_) => self.add("scalar field"),
            Scalar::Literal(value) => {
                self.add("scalar literal");
                self.literal(value);
            }
            Scalar::Arithmetic { op, left, right } => {
                self.add(match op {
                    Arithmetic::Add => "scalar add",
                    Arithmetic::Subtract => "scalar subtract",
                    Arithmetic::Multiply => "scalar multiply",
                    Arithmetic::Divide => "scalar divide",
                });
                self.scalar(left);
                self.scalar(right);
            }
            Scalar::DaysBetween { from, to } => {
                self.add("scalar days between");
                self.scalar(from);
                self.scalar(to);
            }
            Scalar::Coalesce(items) => {
                self.add("scalar coalesce");
                items.iter().for_each(|item| self.scalar(item));
            }
        }
    }

    fn literal(&mut self, value: &Value) {
        let digits = |text: &str| text.get(..10).is_some_and(|day| day.parse::<jiff::civil::Date>().is_ok());
        match value {
            Value::Null | Value::Bytes(_) => {}
            Value::Bool(_) => self.add("literal bool"),
            Value::Int(_) => self.add("literal int"),
            Value::Float(_) => self.add("literal float"),
            Value::Decimal(_) => self.add("literal decimal"),
            Value::Text(text) if text.is_empty() => self.add("literal empty text"),
            Value::Text(text) if digits(text) => self.add(if text.len() == 10 { "literal day" } else { "literal moment" }),
            Value::Text(text) if text.contains(|c: char| !c.is_alphanumeric() && c != ' ') => self.add("literal odd text"),
            Value::Text(_) => self.add("literal text"),
        }
    }

    fn operator(&mut self, operator: Operator) {
        self.add(match operator {
            Operator::Equal => "operator equal",
            Operator::NotEqual => "operator not equal",
            Operator::Less => "operator less",
            Operator::LessOrEqual => "operator less or equal",
            Operator::Greater => "operator greater",
            Operator::GreaterOrEqual => "operator greater or equal",
        });
    }

    fn filter(&mut self, filter: &Filter, negated: bool) {
        match filter {
            Filter::And(parts) | Filter::Or(parts) => {
                self.add(if matches!(filter, Filter::And(_)) { "filter and" } else { "filter or" });
                parts.iter().for_each(|part| self.filter(part, false));
            }
            Filter::Not(part) => {
                self.add("filter not");
                self.filter(part, true);
            }
            Filter::Compare { left, op, right } => {
                self.add("filter compare");
                self.operator(*op);
                self.scalar(left);
                self.scalar(right);
            }
            Filter::In { value, set } => {
                self.add(if set.is_empty() { "filter in nothing" } else { "filter in" });
                self.scalar(value);
                set.iter().for_each(|value| self.literal(value));
            }
            Filter::Between { value, low, high } => {
                self.add("filter between");
                self.scalar(value);
                self.literal(low);
                self.literal(high);
            }
            Filter::Text { value, kind, text } => {
                self.add("filter text");
                self.add(match kind {
                    TextMatch::Equals => "match equals",
                    TextMatch::Contains => "match contains",
                    TextMatch::StartsWith => "match starts with",
                    TextMatch::EndsWith => "match ends with",
                });
                self.scalar(value);
                self.literal(&Value::from(text.as_str()));
            }
            Filter::IsNull(value) => {
                self.add("filter is null");
                self.scalar(value);
            }
            Filter::During { window, .. } => {
                self.add("filter during");
                self.window(window);
            }
            Filter::Exists { filter, at_least, .. } => {
                self.add(if *at_least > 1 { "filter exists several" } else { "filter exists" });
                self.when(negated, "filter absence");
                filter.iter().for_each(|filter| self.filter(filter, false));
            }
            Filter::InQuery { value, query } => {
                self.add("filter in query");
                self.scalar(value);
                self.query(query);
            }
            Filter::CompareQuery { left, op, query } => {
                self.add("filter compare query");
                self.operator(*op);
                self.scalar(left);
                self.query(query);
            }
            Filter::FollowedBy { .. } => self.add("filter followed by"),
        }
    }

    fn window(&mut self, window: &TimeWindow) {
        let (form, unit) = match window {
            TimeWindow::Absolute { start: Some(_), end: Some(_) } => ("window absolute", None),
            TimeWindow::Absolute { .. } => ("window open", None),
            TimeWindow::Current(unit) => ("window current", Some(unit)),
            TimeWindow::Last { unit, .. } => ("window last", Some(unit)),
            TimeWindow::Rolling { unit, .. } => ("window rolling", Some(unit)),
            TimeWindow::ToDate(unit) => ("window to date", Some(unit)),
            TimeWindow::Next { unit, .. } => ("window next", Some(unit)),
        };
        self.add(form);
        if let Some(unit) = unit {
            self.add(match unit {
                TimeUnit::Day => "unit day",
                TimeUnit::Week => "unit week",
                TimeUnit::Month => "unit month",
                TimeUnit::Quarter => "unit quarter",
                TimeUnit::Year => "unit year",
                TimeUnit::FiscalQuarter => "unit fiscal quarter",
                TimeUnit::FiscalYear => "unit fiscal year",
            });
        }
    }
}

/// The table whose rows an aggregate is over, or seems to be.
fn table_of(aggregate: &Aggregate) -> Option<&TableName> {
    fn first(scalar: &Scalar) -> Option<&TableName> {
        match scalar {
            Scalar::Field(field) => Some(&field.table),
            Scalar::Literal(_) => None,
            Scalar::Arithmetic { left, right, .. } | Scalar::DaysBetween { from: left, to: right } => {
                first(left).or_else(|| first(right))
            }
            Scalar::Coalesce(items) => items.iter().find_map(first),
        }
    }
    match aggregate {
        Aggregate::CountRows(table) => Some(table),
        Aggregate::Sum(scalar) | Aggregate::Avg(scalar) | Aggregate::Count(scalar) => first(scalar),
        _ => None,
    }
}

fn named_grain(grain: Grain) -> &'static str {
    match grain {
        Grain::Hour => "grain hour",
        Grain::Day => "grain day",
        Grain::Week => "grain week",
        Grain::IsoWeek => "grain iso week",
        Grain::Month => "grain month",
        Grain::Quarter => "grain quarter",
        Grain::Year => "grain year",
        Grain::FiscalQuarter => "grain fiscal quarter",
        Grain::FiscalYear => "grain fiscal year",
        Grain::HourOfDay => "grain hour of day",
        Grain::DayOfWeek => "grain day of week",
        Grain::MonthOfYear => "grain month of year",
        Grain::QuarterOfYear => "grain quarter of year",
    }
}
