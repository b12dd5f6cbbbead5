//! Values computed for each row.

use leo::Value;
use leo::query::{Arithmetic, Field, Scalar};
use leo::value::Decimal;

use super::Maker;
use super::schema::{Column, Kind};

/// Every operator of arithmetic.
pub(super) const ARITHMETIC: [Arithmetic; 4] = [Arithmetic::Add, Arithmetic::Subtract, Arithmetic::Multiply, Arithmetic::Divide];

/// Text that means something to one engine or another.
const ODD_TEXTS: &[&str] = &[
    "", " ", "%", "_", "a_c", "100%", "'", "''", "\"", "\\", "\\%", "!", "!_", "[a-z]", "^", "`", "$1", "?", "@p1", ":x", "--",
    "/*", ";", "NULL", "web ", "🦀", "日本", "\t", "\n",
];

pub(super) fn field(column: &Column) -> Field {
    Field::new(column.table.clone(), column.name.clone())
}

pub(super) fn read(column: &Column) -> Scalar {
    Scalar::Field(field(column))
}

impl Maker<'_> {
    /// A column of one of `tables` that `fits`.
    pub(super) fn column(&mut self, tables: &[usize], fits: impl Fn(&Column) -> bool) -> Option<Column> {
        let found: Vec<&Column> = tables
            .iter()
            .filter_map(|table| self.schema.tables.get(*table))
            .flat_map(|table| &table.columns)
            .filter(|column| fits(column))
            .collect();
        if found.is_empty() { None } else { Some(self.rng.pick(&found).clone()) }
    }

    pub(super) fn of_kind(&mut self, tables: &[usize], kind: Kind) -> Option<Column> {
        self.column(tables, |column| column.kind == kind)
    }

    /// A point in time; one with times of day more often than there are such columns.
    pub(super) fn time(&mut self, tables: &[usize]) -> Option<Column> {
        let hours = |column: &Column| matches!(column.kind, Kind::Time { hours: true, .. });
        if self.rng.chance(50)
            && let Some(column) = self.column(tables, hours)
        {
            return Some(column);
        }
        self.column(tables, |column| column.kind.is_time())
    }

    /// A column of any kind, each kind as often as any other.
    pub(super) fn any(&mut self, tables: &[usize]) -> Option<Column> {
        match self.rng.below(4) {
            0 => self.of_kind(tables, Kind::Number),
            1 => self.of_kind(tables, Kind::Text),
            2 => self.time(tables),
            _ => self.of_kind(tables, Kind::Truth),
        }
    }

    /// A number: a column, a formula, the days between two dates.
    pub(super) fn number(&mut self, tables: &[usize], deep: usize) -> Option<Scalar> {
        let choice = if deep > 1 { 0 } else { self.rng.below(12) };
        Some(match choice {
            0..=5 => read(&self.of_kind(tables, Kind::Number)?),
            6..=8 => {
                let left = self.number(tables, deep + 1)?;
                let right = match self.rng.below(5) {
                    0 => Scalar::Literal(Value::Int(self.rng.below(9) as i64 + 1)),
                    1 => Scalar::Literal(Value::Float([0.25, 2.5, -1.5, 0.125][self.rng.below(4)])),
                    _ => self.number(tables, deep + 1)?,
                };
                let op = self.rng.pick(&ARITHMETIC);
                let (left, right) = if self.rng.chance(20) { (right, left) } else { (left, right) };
                Scalar::Arithmetic { op, left: Box::new(left), right: Box::new(right) }
            }
            9 => {
                let mut items = vec![self.number(tables, deep + 1)?];
                if self.rng.chance(40) {
                    items.push(self.number(tables, deep + 1)?);
                }
                items.push(Scalar::Literal(self.odd_number()));
                Scalar::Coalesce(items)
            }
            _ => self.days(tables)?,
        })
    }

    /// Days between two points in time.
    fn days(&mut self, tables: &[usize]) -> Option<Scalar> {
        let own = read(&self.time(tables)?);
        let other = match self.rng.below(4) {
            0 => Scalar::Literal(self.day().to_string().into()),
            1 => Scalar::Literal(format!("{} 09:30:00", self.day()).into()),
            _ => read(&self.time(tables)?),
        };
        let (from, to) = if self.rng.chance(50) { (own, other) } else { (other, own) };
        Some(Scalar::DaysBetween { from: Box::new(from), to: Box::new(to) })
    }

    /// A number that hardly any formula gives.
    pub(super) fn odd_number(&mut self) -> Value {
        let whole = [0, 1, 2, 5, 12, 40, 120, 1_000, -3][self.rng.below(9)];
        match self.rng.below(3) {
            0 => Value::Decimal(Decimal { unscaled: i128::from(whole) * 10_000 + 137, scale: 4 }),
            _ => Value::Float(whole as f64 + 0.013_7),
        }
    }

    /// A value that a column may have, or nearly.
    pub(super) fn value_of(&mut self, column: &Column) -> Value {
        match column.kind {
            Kind::Truth => Value::Bool(self.rng.chance(50)),
            Kind::Time { hours, .. } => {
                let day = self.day();
                match self.rng.below(4) {
                    0 if hours => format!("{day} 14:30:00").into(),
                    1 if hours => format!("{day}T08:00:00").into(),
                    2 => format!("{day} 00:00:00").into(),
                    _ => day.to_string().into(),
                }
            }
            Kind::Number if column.values.is_empty() || self.rng.chance(25) => {
                if self.rng.chance(50) {
                    Value::Int(self.rng.below(200) as i64)
                } else {
                    self.odd_number()
                }
            }
            Kind::Text if column.values.is_empty() || self.rng.chance(25) => {
                if self.rng.chance(20) {
                    "".into()
                } else {
                    Value::from(self.rng.pick(ODD_TEXTS))
                }
            }
            _ => {
                let value = self.rng.pick(&column.values);
                match value {
                    // A number may stand as text, and text in another case.
                    Value::Int(number) if self.rng.chance(10) => number.to_string().into(),
                    Value::Float(number) if self.rng.chance(25) => decimal(number),
                    other => other,
                }
            }
        }
    }

    /// A text to look for in a column.
    pub(super) fn sought(&mut self, column: &Column) -> String {
        if column.values.is_empty() || self.rng.chance(40) {
            return (*self.rng.pick(ODD_TEXTS)).to_owned();
        }
        let whole = self.rng.pick(&column.values).to_string();
        let letters: Vec<char> = whole.chars().collect();
        // Case is folded by each engine's own rules beyond ASCII: such letters are sought as they are, with the whole text.
        if !whole.is_ascii() || letters.is_empty() {
            return whole;
        }
        let start = self.rng.below(letters.len());
        let part: String = letters.into_iter().skip(start).take(1 + self.rng.below(5)).collect();
        match self.rng.below(3) {
            0 => part.to_uppercase(),
            1 => part.to_lowercase(),
            _ => {
                if self.rng.chance(30) {
                    whole
                } else {
                    part
                }
            }
        }
    }
}

/// The decimal that a double with few digits stands for.
fn decimal(number: f64) -> Value {
    let scaled = number * 10_000.0;
    if scaled.fract() == 0.0 && scaled.abs() < 1e15 {
        Value::Decimal(Decimal { unscaled: scaled as i128, scale: 4 })
    } else {
        Value::Float(number)
    }
}
