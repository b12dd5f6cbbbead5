//! Whole queries.

use leo::query::{
    Aggregate, Comparison, ComparisonBase, Dimension, Grain, Measure, Order, SemanticQuery, SetOperator, TopPer, Transform,
};

use super::Maker;
use super::scalar::field;
use super::schema::Kind;

/// Every way to combine results.
pub(super) const SETS: [SetOperator; 3] = [SetOperator::Union, SetOperator::Intersect, SetOperator::Except];

impl Maker<'_> {
    pub(super) fn query(&mut self) -> SemanticQuery {
        let usable: Vec<usize> =
            (0..self.schema.tables.len()).filter(|table| !self.schema.tables[*table].columns.is_empty()).collect();
        // Times of day, and rows that point to others, are rarer in catalogues than in questions.
        let hours = |table: &usize| {
            self.schema.tables[*table].columns.iter().any(|column| matches!(column.kind, Kind::Time { hours: true, .. }))
        };
        let (timed, parents): (Vec<usize>, Vec<usize>) = (
            usable.iter().copied().filter(hours).collect(),
            usable.iter().copied().filter(|table| !self.schema.tables[*table].children.is_empty()).collect(),
        );
        let from = match self.rng.below(4) {
            0 if !timed.is_empty() => self.rng.pick(&timed),
            1 if !parents.is_empty() => self.rng.pick(&parents),
            _ => self.rng.pick(&usable),
        };
        let mut query = SemanticQuery::new(self.schema.tables[from].name.clone());
        if self.rng.chance(65) {
            query.filter = Some(self.filter(from));
        }
        match self.rng.below(10) {
            0 | 1 => self.listing(&mut query, from),
            2 => self.combined(&mut query, from),
            3 => self.single(&mut query, from),
            4 | 5 => self.compared_periods(&mut query, from),
            _ => self.grouped(&mut query, from),
        }
        query
    }

    fn dimensions(&mut self, from: usize, count: usize) -> Vec<Dimension> {
        (0..count).map(|at| self.dimension(from, &format!("d{at}"))).collect()
    }

    /// Rows as they are.
    fn listing(&mut self, query: &mut SemanticQuery, from: usize) {
        let count = 1 + self.rng.below(4);
        query.dimensions = self.dimensions(from, count);
        query.distinct = self.rng.chance(35);
        if query.dimensions.len() > 1 && self.rng.chance(25) {
            query.dimensions[1].hidden = true;
        }
        self.order(query);
        if query.order.is_empty() || self.rng.chance(60) {
            query.limit = Some([0, 1, 3, 10, 200][self.rng.below(5)]);
            let first = query.dimensions[0].name.clone();
            if query.order.is_empty() {
                query.order.push(Order { by: first, descending: self.rng.chance(50) });
            }
        }
        if self.rng.chance(25) {
            self.top_per(query);
        }
    }

    /// Measures without groups.
    fn single(&mut self, query: &mut SemanticQuery, from: usize) {
        self.measures(query, from);
        if self.rng.chance(20) {
            self.having_of(query);
        }
    }

    fn measures(&mut self, query: &mut SemanticQuery, from: usize) {
        let count = 1 + self.rng.below(3);
        query.measures = (0..count).map(|at| self.measure(from, &format!("m{at}"))).collect();
        let dimensions = query.dimensions.clone();
        for measure in &mut query.measures {
            self.transform(measure, &dimensions);
        }
        if count > 1 && self.rng.chance(25) {
            query.measures[1].hidden = true;
        }
    }

    fn having_of(&mut self, query: &mut SemanticQuery) {
        let measure = self.rng.pick(&query.measures);
        query.having.extend(self.having(&measure, !query.dimensions.is_empty()));
    }

    fn grouped(&mut self, query: &mut SemanticQuery, from: usize) {
        let count = 1 + self.rng.below(3);
        query.dimensions = self.dimensions(from, count);
        if count > 1 && self.rng.chance(20) {
            query.dimensions[1].hidden = true;
        }
        self.measures(query, from);
        if self.rng.chance(40) {
            self.having_of(query);
        }
        self.order(query);
        match self.rng.below(4) {
            0 => query.limit = Some([0, 1, 3, 10, 200][self.rng.below(5)]),
            1 => self.top_per(query),
            _ => {}
        }
    }

    fn compared_periods(&mut self, query: &mut SemanticQuery, from: usize) {
        let near = self.schema.tables[from].near.clone();
        let Some(time) = self.time(&near) else { return self.grouped(query, from) };
        let count = self.rng.below(3);
        query.dimensions = self.dimensions(from, count);
        if self.rng.chance(40) {
            let grain = self.rng.pick(Grain::ALL);
            query.dimensions.push(Dimension { grain: Some(grain), ..Dimension::new("when", super::scalar::read(&time)) });
        }
        self.measures(query, from);
        for at in 0..query.measures.len() {
            if !self.is_number(&query.measures[at]) {
                query.measures[at] = self.number_measure(from, &format!("m{at}"));
            }
        }
        let base = match self.rng.below(3) {
            0 => ComparisonBase::PreviousPeriod,
            1 => ComparisonBase::PreviousYear,
            _ => ComparisonBase::Window(self.closed_window()),
        };
        query.compare = Some(Comparison { time: field(&time), window: self.compared_window(), base });
        self.order(query);
        if let Some(measure) = query.measures.first().filter(|_| self.rng.chance(30)) {
            query.order = vec![Order { by: format!("{}_change", measure.name), descending: self.rng.chance(50) }];
            query.limit = (!query.dimensions.is_empty()).then_some(10);
        }
    }

    /// Two results of the same columns.
    fn combined(&mut self, query: &mut SemanticQuery, from: usize) {
        let count = 1 + self.rng.below(2);
        query.dimensions = self.dimensions(from, count);
        if self.rng.chance(40) {
            query.measures = vec![Measure::new("m0", Aggregate::CountRows(query.from.clone()))];
        }
        let mut other = query.clone();
        other.filter = self.rng.chance(70).then(|| self.filter(from));
        if self.rng.chance(30) {
            other.order = vec![Order { by: "d0".into(), descending: true }];
            other.limit = Some(5);
            other.distinct = other.measures.is_empty();
        }
        query.set = Some((self.rng.pick(&SETS), Box::new(other)));
        if self.rng.chance(50) {
            query.order = vec![Order { by: "d0".into(), descending: self.rng.chance(50) }];
            query.distinct = query.measures.is_empty();
            query.limit = self.rng.chance(30).then_some(7);
        }
    }

    fn order(&mut self, query: &mut SemanticQuery) {
        let mut names: Vec<String> = query.dimensions.iter().map(|dimension| dimension.name.clone()).collect();
        names.extend(query.measures.iter().map(|measure| measure.name.clone()));
        for _ in 0..self.rng.below(3) {
            let by = self.rng.pick(&names);
            if !query.order.iter().any(|order| order.by == by) {
                query.order.push(Order { by, descending: self.rng.chance(50) });
            }
        }
    }

    fn top_per(&mut self, query: &mut SemanticQuery) {
        let Some(first) = query.dimensions.first() else { return };
        let mut by: Vec<String> = query.measures.iter().map(|measure| measure.name.clone()).collect();
        by.extend(query.dimensions.iter().skip(1).map(|dimension| dimension.name.clone()));
        if by.is_empty() {
            return;
        }
        let by = Order { by: self.rng.pick(&by), descending: self.rng.chance(70) };
        let within = if self.rng.chance(15) { Vec::new() } else { vec![first.name.clone()] };
        query.top_per = Some(TopPer { within, n: 1 + self.rng.below(3) as u64, by });
        query.measures.iter_mut().filter(|_| query.distinct).for_each(|measure| measure.transform = Transform::None);
    }
}
