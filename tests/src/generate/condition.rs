//! Conditions: comparisons, logic, LIKE, IN, EXISTS.

use super::Generator;
use crate::property::schema::Kind;

const COMPARISONS: &[&str] = &["=", "==", "<>", "!=", "<", "<=", ">", ">="];

impl Generator<'_> {
    /// A condition that is at most `depth` operators deep.
    pub(super) fn condition(&mut self, depth: usize) -> String {
        let kind = self.rng.pick(&[Kind::Int, Kind::Int, Kind::Text, Kind::Text, Kind::Real]);
        if depth > 0 && self.rng.chance(30) {
            return match self.one_of(&["AND", "OR", "NOT"]) {
                "NOT" => format!("NOT ({})", self.condition(depth - 1)),
                word => {
                    let (left, right) = (self.condition(depth - 1), self.condition(depth - 1));
                    format!("({left} {word} {right})")
                }
            };
        }
        let depth = depth.saturating_sub(1);
        match self.rng.below(100) {
            0..5 => {
                // The affinity of a column decides what such a comparison means.
                self.form("column compared with a literal of another kind");
                let column = self.column_of(kind, false).unwrap_or_else(|| self.literal(kind));
                let other = if kind == Kind::Text { Kind::Int } else { Kind::Text };
                format!("{column} {} {}", self.rng.pick(COMPARISONS), self.literal(other))
            }
            5..11 => {
                // An index on the column lets the engine try the second half before it looks at anything else of the row.
                let kind = self.rng.pick(&[Kind::Text, Kind::Int]);
                let Some(column) = self.column_of(kind, false) else { return self.literal(Kind::Int) };
                self.form("error oracle behind a comparison");
                let low = if kind == Kind::Int { "-99" } else { "''" };
                format!("({column} >= {low} AND {})", self.oracle_of(&column))
            }
            11..35 => {
                let operator = self.one_of(COMPARISONS);
                let other = if self.rng.chance(12) { self.rng.pick(&[Kind::Int, Kind::Real, Kind::Text]) } else { kind };
                format!("{} {operator} {}", self.value(kind, depth), self.value(other, depth))
            }
            35..43 => {
                let test = self.one_of(&[
                    "IS NULL",
                    "IS NOT NULL",
                    "ISNULL",
                    "NOTNULL",
                    "IS TRUE",
                    "IS NOT TRUE",
                    "IS FALSE",
                    "IS NOT FALSE",
                ]);
                // These bind tighter than comparisons.
                format!("({}) {test}", self.value(kind, depth))
            }
            43..49 => {
                let operator = self.one_of(&["IS", "IS NOT", "IS DISTINCT FROM", "IS NOT DISTINCT FROM"]);
                let (left, right) = (self.value(kind, depth), self.value(kind, 0));
                if operator.len() < 7 { format!("({left}) {operator} ({right})") } else { format!("{left} {operator} {right}") }
            }
            49..57 => {
                let negated = self.one_of(&["BETWEEN", "NOT BETWEEN"]);
                format!("{} {negated} {} AND {}", self.value(kind, depth), self.value(kind, 0), self.value(kind, 0))
            }
            57..67 => self.pattern(depth),
            67..76 => {
                let negated = self.one_of(&["IN list", "NOT IN list"]).trim_end_matches(" list");
                let count = 1 + self.rng.below(3);
                let items: Vec<String> = (0..count).map(|_| self.value(kind, 0)).collect();
                format!("{} {negated} ({})", self.value(kind, depth), items.join(", "))
            }
            76..80 => self.rows(),
            80..90 if self.depth < 3 => self.in_subquery(kind, depth),
            90..98 if self.depth < 3 => {
                let negated = self.one_of(&["EXISTS", "NOT EXISTS"]);
                let query = self.deeper(|own| own.exists_query());
                format!("{negated} ({query})")
            }
            _ => {
                self.form("value as a condition");
                self.value(Kind::Int, depth)
            }
        }
    }

    fn pattern(&mut self, depth: usize) -> String {
        let operator = self.one_of(&["LIKE", "NOT LIKE", "GLOB", "LIKE with ESCAPE"]);
        let value = self.value(Kind::Text, depth);
        match operator {
            "GLOB" => {
                let pattern = self.rng.pick(&["'*a*'", "'[A-G]*'", "'?o'", "'*'"]);
                format!("{value} {operator} {pattern}")
            }
            "LIKE with ESCAPE" => format!("{value} LIKE '%!_%' ESCAPE '!'"),
            _ if self.rng.chance(15) => format!("{value} {operator} {}", self.value(Kind::Text, 0)),
            _ => {
                let pattern = self.rng.pick(&["'%o%'", "'A%'", "'%example%'", "'****%'", "'[RED%'", "'_'", "'%7'"]);
                format!("{value} {operator} {pattern}")
            }
        }
    }

    /// Comparisons of row values.
    fn rows(&mut self) -> String {
        let left = (self.value(Kind::Int, 0), self.value(Kind::Text, 0));
        let (a, b) = left;
        match self.one_of(&["row value", "row value BETWEEN", "row value IN subquery"]) {
            "row value IN subquery" if self.depth < 3 => {
                let query = self.deeper(|own| own.select_of(&[Kind::Int, Kind::Text]));
                format!("({a}, {b}) IN ({query})")
            }
            "row value BETWEEN" => {
                let (c, d, e, f) =
                    (self.literal(Kind::Int), self.literal(Kind::Text), self.literal(Kind::Int), self.literal(Kind::Text));
                format!("({a}, {b}) BETWEEN ({c}, {d}) AND ({e}, {f})")
            }
            _ => {
                let operator = self.rng.pick(COMPARISONS);
                format!("({a}, {b}) {operator} ({}, {})", self.value(Kind::Int, 0), self.value(Kind::Text, 0))
            }
        }
    }

    fn in_subquery(&mut self, kind: Kind, depth: usize) -> String {
        let negated = self.one_of(&["IN subquery", "NOT IN subquery"]).trim_end_matches(" subquery");
        let value = self.value(kind, depth);
        let query = self.deeper(|own| own.select_of(&[kind]));
        format!("{value} {negated} ({query})")
    }
}
