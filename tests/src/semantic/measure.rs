//! Aggregates.

use leo::Value;
use leo::query::{Aggregate, Dimension, Grain, Having, HavingValue, Measure, Operator, Scalar, Transform};

use super::Maker;
use super::filter::OPERATORS;
use super::scalar::read;
use super::schema::Kind;

impl Maker<'_> {
    /// A measure over rows of `from`, of a table it points to, or of one that points to it.
    pub(super) fn measure(&mut self, from: usize, name: &str) -> Measure {
        let mut measure = if self.rng.chance(15) {
            let (above, below) = (self.number_measure(from, "above"), self.number_measure(from, "below"));
            Measure::new(name, Aggregate::Ratio { numerator: Box::new(above), denominator: Box::new(below) })
        } else {
            self.plain(from, name)
        };
        if matches!(measure.aggregate, Aggregate::Ratio { .. }) && self.rng.chance(20) {
            measure.filter = Some(self.filter(from));
        }
        measure
    }

    /// A measure that can be reckoned with.
    pub(super) fn number_measure(&mut self, from: usize, name: &str) -> Measure {
        loop {
            let measure = self.plain(from, name);
            if !matches!(measure.aggregate, Aggregate::Min(_) | Aggregate::Max(_)) || self.is_number(&measure) {
                return measure;
            }
        }
    }

    /// Whether the measure is a number: the smallest date is none.
    pub(super) fn is_number(&self, measure: &Measure) -> bool {
        let (Aggregate::Min(Scalar::Field(field)) | Aggregate::Max(Scalar::Field(field))) = &measure.aggregate else {
            return true;
        };
        let mut columns = self.schema.tables.iter().flat_map(|table| &table.columns);
        columns.any(|column| column.table == field.table && column.name == field.column && column.kind == Kind::Number)
    }

    fn plain(&mut self, from: usize, name: &str) -> Measure {
        let children = &self.schema.tables[from].children;
        let of = if !children.is_empty() && self.rng.chance(30) { self.rng.pick(children) } else { from };
        let near = self.schema.tables[of].near.clone();
        let aggregate = self.aggregate(of, &near).unwrap_or_else(|| Aggregate::CountRows(self.schema.tables[of].name.clone()));
        let filter = self.rng.chance(20).then(|| self.filter(from));
        Measure { filter, ..Measure::new(name, aggregate) }
    }

    fn aggregate(&mut self, of: usize, near: &[usize]) -> Option<Aggregate> {
        Some(match self.rng.below(14) {
            0 | 1 => Aggregate::CountRows(self.schema.tables[of].name.clone()),
            2 => Aggregate::Count(read(&self.any(&[of])?)),
            3 | 4 => Aggregate::CountDistinct(read(&self.any(near)?)),
            5..=7 => Aggregate::Sum(self.number(&[of], 0)?),
            8 | 9 => Aggregate::Avg(self.number(&[of], 0)?),
            10 => Aggregate::Min(self.number(&[of], 0)?),
            11 => Aggregate::Max(self.number(&[of], 0)?),
            12 => Aggregate::Min(read(&self.any(near)?)),
            _ => Aggregate::Max(read(&self.any(near)?)),
        })
    }

    /// A share or a running total, where the measure can be added up.
    pub(super) fn transform(&mut self, measure: &mut Measure, dimensions: &[Dimension]) {
        if !matches!(
            measure.aggregate,
            Aggregate::CountRows(_) | Aggregate::Count(_) | Aggregate::CountDistinct(_) | Aggregate::Sum(_)
        ) {
            return;
        }
        measure.transform = match self.rng.below(8) {
            0 => Transform::ShareOfTotal { within: Vec::new() },
            1 => Transform::ShareOfTotal {
                within: dimensions.first().map(|dimension| dimension.name.clone()).into_iter().collect(),
            },
            2 | 3 if dimensions.iter().any(|dimension| dimension.grain.is_some_and(Grain::is_stretch)) => Transform::RunningTotal,
            _ => Transform::None,
        };
    }

    /// A grouping or listed column over rows of `from`.
    pub(super) fn dimension(&mut self, from: usize, name: &str) -> Dimension {
        let near = self.schema.tables[from].near.clone();
        loop {
            if let Some(dimension) = self.dimension_over(&near, name) {
                return dimension;
            }
        }
    }

    fn dimension_over(&mut self, near: &[usize], name: &str) -> Option<Dimension> {
        if self.rng.chance(45)
            && let Some(time) = self.time(near)
            && let Kind::Time { hours, days, months } = time.kind
        {
            let fits = |grain: Grain| match grain {
                Grain::Hour | Grain::HourOfDay => hours,
                Grain::Day | Grain::Week | Grain::IsoWeek | Grain::DayOfWeek => days,
                Grain::Year => true,
                _ => months,
            };
            let grains: Vec<Grain> = Grain::ALL.iter().copied().chain([Grain::Hour; 2]).filter(|grain| fits(*grain)).collect();
            return Some(Dimension { grain: Some(self.rng.pick(&grains)), ..Dimension::new(name, read(&time)) });
        }
        let value = match self.rng.below(10) {
            0 => Scalar::Coalesce(vec![read(&self.of_kind(near, Kind::Text)?), Scalar::Literal("(none)".into())]),
            1 => self.number(near, 0)?,
            2 => Scalar::Coalesce(vec![read(&self.of_kind(near, Kind::Number)?), Scalar::Literal(Value::Int(-1))]),
            _ => read(&self.any(near)?),
        };
        Some(Dimension::new(name, value))
    }

    /// A condition on groups.
    pub(super) fn having(&mut self, measure: &Measure, grouped: bool) -> Option<Having> {
        if let Aggregate::Min(Scalar::Field(field)) | Aggregate::Max(Scalar::Field(field)) = &measure.aggregate {
            let mut columns = self.schema.tables.iter().flat_map(|table| &table.columns);
            let column = columns.find(|column| column.table == field.table && column.name == field.column)?.clone();
            let op = if column.kind == Kind::Truth { Operator::Equal } else { self.rng.pick(&OPERATORS) };
            return Some(Having { measure: measure.name.clone(), op, value: HavingValue::Value(self.value_of(&column)) });
        }
        let counts = matches!(measure.aggregate, Aggregate::CountRows(_) | Aggregate::CountDistinct(_))
            && measure.transform == Transform::None;
        let value = match self.rng.below(4) {
            0 if grouped && !counts => HavingValue::AverageOfGroups,
            1 if counts => HavingValue::Value(Value::Int(self.rng.below(20) as i64)),
            _ => HavingValue::Value(self.odd_number()),
        };
        Some(Having { measure: measure.name.clone(), op: self.rng.pick(&OPERATORS), value })
    }
}
