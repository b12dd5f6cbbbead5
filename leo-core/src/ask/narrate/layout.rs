//! Which columns of a result group, which measure, and which belong to a measure.

use super::NarrateInput;
use super::figure::Format;
use crate::chart::{ColumnHint, ColumnKind, Role, Shape, TimeShape, Unit, format};
use crate::query::Grain;
use crate::table::Table;

/// The parts the columns of a result play.
pub(in crate::ask) struct Layout {
    pub(in crate::ask) shape: Shape,
    /// Columns that group or list, masked ones left out.
    pub(in crate::ask) dimensions: Vec<usize>,
    /// Columns that measure, masked ones left out.
    pub(in crate::ask) measures: Vec<MeasureColumns>,
    /// Names for people, by column.
    pub(in crate::ask) labels: Vec<String>,
    /// Grains of time dimensions, by column.
    pub(in crate::ask) grains: Vec<Option<Grain>>,
}

/// A measure and the columns that belong to it.
pub(in crate::ask) struct MeasureColumns {
    pub(in crate::ask) column: usize,
    pub(in crate::ask) previous: Option<usize>,
    pub(in crate::ask) change: Option<usize>,
    pub(in crate::ask) change_pct: Option<usize>,
    pub(in crate::ask) unit: Unit,
    pub(in crate::ask) additive: bool,
}

impl Layout {
    pub(in crate::ask) fn of(table: &Table, input: &NarrateInput) -> Self {
        let shape = Shape::of(table, &input.hint(None));
        let mut layout = Self { dimensions: Vec::new(), measures: Vec::new(), labels: Vec::new(), grains: Vec::new(), shape };
        let mut attached: Vec<(usize, Role)> = Vec::new();
        for (index, column) in layout.shape.columns.iter().enumerate() {
            let known = input.column(&column.name);
            layout.labels.push(label(&column.name, known));
            layout.grains.push(known.and_then(|known| known.grain));
            if known.is_some_and(|known| known.masked) {
                continue;
            }
            let role = known.and_then(|known| known.role.clone());
            match role {
                Some(Role::Dimension) => layout.dimensions.push(index),
                Some(Role::Measure) => layout.measures.push(measure(index, known, column.is_number())),
                Some(role) => attached.push((index, role)),
                // A key beside other columns names a row rather than measures it.
                None if column.is_number() && !(column.identifier && layout.shape.columns.len() > 1) => {
                    layout.measures.push(measure(index, known, true));
                }
                None => layout.dimensions.push(index),
            }
        }
        for (index, role) in attached {
            let (Role::Previous { of } | Role::Change { of } | Role::ChangePct { of }) = &role else { continue };
            let owner = layout.measures.iter_mut().find(|measure| layout.shape.columns[measure.column].name == *of);
            let Some(owner) = owner else { continue };
            match role {
                Role::Previous { .. } => owner.previous = Some(index),
                Role::Change { .. } => owner.change = Some(index),
                _ => owner.change_pct = Some(index),
            }
        }
        layout
    }

    /// The dimension that goes forward in time, if there is one.
    pub(in crate::ask) fn timeline(&self) -> Option<usize> {
        self.dimensions.iter().copied().find(|&index| self.shape.columns[index].is_timeline())
    }

    /// The dimensions that are not the timeline, names before keys.
    pub(in crate::ask) fn names(&self) -> Vec<usize> {
        let timeline = self.timeline();
        let mut names: Vec<usize> = self.dimensions.iter().copied().filter(|index| Some(*index) != timeline).collect();
        names.sort_by_key(|&index| {
            let column = &self.shape.columns[index];
            (column.identifier || column.kind == ColumnKind::Number, column.kind != ColumnKind::Text)
        });
        names
    }

    /// The column that names the rows: the only dimension, or one beside which the others (keys, the rest of a person's name) tell
    /// no rows apart.
    pub(in crate::ask) fn row_name(&self) -> Option<usize> {
        let name = *self.names().first()?;
        let parts = self.name_parts(name);
        let distinct = |column: usize| self.shape.columns[column].distinct;
        let beside = |other: usize| {
            parts.contains(&other)
                || self.shape.columns[other].identifier
                || (distinct(name) == self.shape.rows && distinct(other) == self.shape.rows)
        };
        (self.timeline().is_none() && self.dimensions.iter().all(|&other| beside(other))).then_some(name)
    }

    /// The columns to quote for `name`: first and last name together, else the column alone.
    pub(in crate::ask) fn name_parts(&self, name: usize) -> Vec<usize> {
        let find = |wanted: &[&str]| {
            self.dimensions.iter().copied().find(|&index| {
                let words = crate::catalog::split_words(&self.shape.columns[index].name);
                wanted.contains(&words.join(" ").as_str())
            })
        };
        let first = find(&["first name", "firstname", "given name", "fname", "forename"]);
        let last = find(&["last name", "lastname", "family name", "lname", "surname"]);
        match (first, last) {
            (Some(first), Some(last)) if name == first || name == last => vec![first, last],
            _ => vec![name],
        }
    }

    /// Name of a column for people.
    pub(in crate::ask) fn label(&self, column: usize) -> &str {
        self.labels.get(column).map_or("", String::as_str)
    }

    /// How the values of a dimension are written.
    pub(in crate::ask) fn name_format(&self, column: usize) -> Format {
        self.grains.get(column).copied().flatten().map_or(Format::Label, Format::Calendar)
    }

    /// What the rows of a time column are, in the plural.
    pub(in crate::ask) fn periods(&self, column: usize) -> &'static str {
        match self.grains.get(column).copied().flatten() {
            Some(Grain::Hour) => "hours",
            Some(Grain::Day) => "days",
            Some(Grain::Week | Grain::IsoWeek) => "weeks",
            Some(Grain::Month) => "months",
            Some(Grain::Quarter) => "quarters",
            Some(Grain::FiscalQuarter) => "fiscal quarters",
            Some(Grain::Year) => "years",
            Some(Grain::FiscalYear) => "fiscal years",
            _ => match self.shape.columns.get(column).map(|column| column.kind) {
                Some(ColumnKind::Time(TimeShape::Month)) => "months",
                Some(ColumnKind::Time(TimeShape::Quarter)) => "quarters",
                Some(ColumnKind::Time(TimeShape::Week)) => "weeks",
                Some(ColumnKind::Time(TimeShape::Year)) => "years",
                _ => "periods",
            },
        }
    }
}

fn label(name: &str, known: Option<&ColumnHint>) -> String {
    match known.and_then(|known| known.label.as_deref()) {
        Some(label) => format::label(label, 60),
        None => format::column_label(name),
    }
}

fn measure(column: usize, known: Option<&ColumnHint>, numeric: bool) -> MeasureColumns {
    MeasureColumns {
        column,
        previous: None,
        change: None,
        change_pct: None,
        unit: known.map(|known| known.unit.clone()).unwrap_or_default(),
        // Nothing is added up that is not known to add up.
        additive: numeric && known.is_some_and(|known| known.additive),
    }
}
