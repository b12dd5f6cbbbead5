//! Conditions on rows.

use leo::Value;
use leo::query::{Aggregate, Dimension, Filter, Measure, Operator, Order, Scalar, SemanticQuery, TextMatch};

use super::Maker;
use super::scalar::{field, read};
use super::schema::Kind;

/// Every comparison.
pub(super) const OPERATORS: [Operator; 6] =
    [Operator::Equal, Operator::NotEqual, Operator::Less, Operator::LessOrEqual, Operator::Greater, Operator::GreaterOrEqual];
const ORDERING: &[Operator] = &[Operator::Less, Operator::LessOrEqual, Operator::Greater, Operator::GreaterOrEqual];
const MATCHES: &[TextMatch] = &[TextMatch::Equals, TextMatch::Contains, TextMatch::StartsWith, TextMatch::EndsWith];

impl Maker<'_> {
    /// A condition on a row of table `of`.
    pub(super) fn filter(&mut self, of: usize) -> Filter {
        self.deep += 1;
        let choice = if self.deep > 3 { 100 } else { self.rng.below(100) };
        let made = match choice {
            0..=9 => Filter::And(self.filters(of)),
            10..=19 => Filter::Or(self.filters(of)),
            20..=29 => Filter::Not(Box::new(self.filter(of))),
            30..=41 => self.of_children(of),
            _ => self.leaf(of),
        };
        self.deep -= 1;
        made
    }

    fn filters(&mut self, of: usize) -> Vec<Filter> {
        (0..2 + self.rng.below(2)).map(|_| self.filter(of)).collect()
    }

    /// A condition on rows that point to this one.
    fn of_children(&mut self, of: usize) -> Filter {
        let children = self.schema.tables[of].children.clone();
        if children.is_empty() {
            return self.leaf(of);
        }
        let child = self.rng.pick(&children);
        let table = self.schema.tables[child].name.clone();
        if self.rng.chance(35)
            && let Some(time) = self.column(&[child], |column| column.kind.is_time())
        {
            return Filter::FollowedBy { event: table, time: field(&time), within_days: self.rng.below(200) as u32 };
        }
        if self.rng.chance(25) {
            return self.leaf(child);
        }
        let filter = self.rng.chance(50).then(|| Box::new(self.filter(child)));
        let exists = Filter::Exists { table, filter, at_least: [1, 1, 2, 3][self.rng.below(4)] };
        if self.rng.chance(30) { Filter::Not(Box::new(exists)) } else { exists }
    }

    fn leaf(&mut self, of: usize) -> Filter {
        let near = self.schema.tables[of].near.clone();
        loop {
            if let Some(made) = self.leaf_over(of, &near) {
                return made;
            }
        }
    }

    fn leaf_over(&mut self, of: usize, near: &[usize]) -> Option<Filter> {
        Some(match self.rng.below(24) {
            0..=3 => self.compared(near)?,
            4 | 5 => {
                let op = self.rng.pick(ORDERING);
                let (left, right) = (self.number(near, 0)?, Scalar::Literal(self.odd_number()));
                if self.rng.chance(20) {
                    Filter::Compare { left: right, op, right: left }
                } else {
                    Filter::Compare { left, op, right }
                }
            }
            6 => {
                let (one, other) = (self.time(near)?, self.time(near)?);
                Filter::Compare { left: read(&one), op: self.rng.pick(&OPERATORS), right: read(&other) }
            }
            7 => {
                let one = self.any(near)?;
                let other = self.of_kind(near, one.kind)?;
                let op = if one.kind == Kind::Truth { Operator::Equal } else { self.rng.pick(&OPERATORS) };
                Filter::Compare { left: read(&one), op, right: read(&other) }
            }
            8 | 9 => {
                let column = self.any(near)?;
                let set = (0..self.rng.below(4)).map(|_| self.value_of(&column)).collect();
                Filter::In { value: read(&column), set }
            }
            10 | 11 => {
                let column = self.column(near, |column| matches!(column.kind, Kind::Number | Kind::Text | Kind::Time { .. }))?;
                let (low, high) = (self.value_of(&column), self.value_of(&column));
                Filter::Between { value: read(&column), low, high }
            }
            12 => {
                let value = self.number(near, 0)?;
                Filter::Between { value, low: Value::Float(-2.013_7), high: self.odd_number() }
            }
            13..=15 => {
                let column = self.of_kind(near, Kind::Text)?;
                let (kind, text) = (self.rng.pick(MATCHES), self.sought(&column));
                let value = if self.rng.chance(15) {
                    Scalar::Coalesce(vec![read(&column), Scalar::Literal("none".into())])
                } else {
                    read(&column)
                };
                Filter::Text { value, kind, text }
            }
            16 => Filter::IsNull(read(&self.any(near)?)),
            17 => Filter::IsNull(self.number(near, 0)?),
            18..=20 => Filter::During { value: field(&self.time(near)?), window: self.window() },
            21 => self.in_query(of)?,
            22 => self.than_query(near)?,
            _ => {
                let column = self.of_kind(near, Kind::Text)?;
                let value = Scalar::Coalesce(vec![read(&column), Scalar::Literal("none".into())]);
                Filter::In { value, set: vec!["none".into(), self.value_of(&column)] }
            }
        })
    }

    /// A column beside a value.
    fn compared(&mut self, near: &[usize]) -> Option<Filter> {
        let column = self.any(near)?;
        let value = self.value_of(&column);
        let op = match column.kind {
            Kind::Truth => self.rng.pick(&[Operator::Equal, Operator::NotEqual]),
            _ => self.rng.pick(&OPERATORS),
        };
        let (left, right) = (read(&column), Scalar::Literal(value));
        Some(if self.rng.chance(15) {
            Filter::Compare { left: right, op, right: left }
        } else {
            Filter::Compare { left, op, right }
        })
    }

    /// A key among those that another query finds.
    fn in_query(&mut self, of: usize) -> Option<Filter> {
        if self.deep > 2 {
            return None;
        }
        let table = &self.schema.tables[of];
        let key = table.columns.iter().find(|column| column.whole && !column.kind.is_time())?.clone();
        let mut query = SemanticQuery::new(table.name.clone());
        query.dimensions = vec![Dimension::new("chosen", read(&key))];
        query.filter = Some(self.filter(of));
        match self.rng.below(3) {
            0 => {
                query.order = vec![Order { by: "chosen".into(), descending: self.rng.chance(50) }];
                query.limit = Some(1 + self.rng.below(40) as u64);
            }
            1 => query.distinct = true,
            _ => {}
        }
        Some(Filter::InQuery { value: read(&key), query: Box::new(query) })
    }

    /// A number beside the only value of another query.
    fn than_query(&mut self, near: &[usize]) -> Option<Filter> {
        if self.deep > 2 {
            return None;
        }
        let column = self.of_kind(near, Kind::Number)?;
        let of = self.schema.tables.iter().position(|table| table.name == column.table)?;
        let (aggregate, op) = match self.rng.below(3) {
            0 => (Aggregate::Avg(read(&column)), self.rng.pick(ORDERING)),
            1 => (Aggregate::Max(read(&column)), self.rng.pick(&OPERATORS)),
            _ => (Aggregate::Min(read(&column)), self.rng.pick(&OPERATORS)),
        };
        let mut query = SemanticQuery::new(column.table.clone());
        query.measures = vec![Measure::new("value", aggregate)];
        query.filter = self.rng.chance(40).then(|| self.filter(of));
        Some(Filter::CompareQuery { left: read(&column), op, query: Box::new(query) })
    }
}
