//! Values: columns, literals, operators, CASE, CAST, subqueries.

use leo::Value;

use super::{Generator, MARK};
use crate::property::schema::{Kind, REGIONS, STATES, WORDS};

/// Operators between two numbers.
const ARITHMETIC: &[&str] = &["+", "-", "*", "/", "%", "&", "|", "<<", ">>"];

impl Generator<'_> {
    /// A value of `kind` that is at most `depth` operators deep.
    pub(super) fn value(&mut self, kind: Kind, depth: usize) -> String {
        let kind = if self.rng.chance(8) {
            self.form("value of another kind");
            self.rng.pick(&[Kind::Int, Kind::Real, Kind::Text])
        } else {
            kind
        };
        if kind == Kind::Int
            && self.rng.chance(2)
            && let Some(row_id) = self.row_id()
        {
            return row_id;
        }
        if depth == 0 || self.rng.chance(45) {
            if self.rng.chance(80)
                && let Some(column) = self.column_of(kind, false)
            {
                return column;
            }
            return self.literal(kind);
        }
        if self.windows.is_some() && self.rng.chance(22) {
            return self.window(kind);
        }
        match self.rng.below(100) {
            0..8 => self.case(kind, depth - 1),
            8..15 => self.cast(kind, depth - 1),
            15..22 if self.depth < 3 => self.scalar_subquery(kind),
            22..26 => {
                self.form("parentheses");
                format!("({})", self.value(kind, depth - 1))
            }
            26..30 => {
                self.form("condition as a value");
                format!("({})", self.condition(depth - 1))
            }
            30..34 => self.oracle(),
            34..70 => self.call(kind, depth - 1),
            _ => self.operator(kind, depth - 1),
        }
    }

    fn operator(&mut self, kind: Kind, depth: usize) -> String {
        match kind {
            Kind::Text | Kind::Json => match self.rng.below(4) {
                0 => {
                    self.form("COLLATE");
                    let collation = self.rng.pick(&["NOCASE", "BINARY", "RTRIM"]);
                    format!("{} COLLATE {collation}", self.value(Kind::Text, 0))
                }
                1 => {
                    let Some(json) = self.column_of(Kind::Json, false) else { return self.value(kind, 0) };
                    let arrow = self.one_of(&["->", "->>"]);
                    let path = self.rng.pick(&["'a'", "'$.a'", "'$.b[1]'", "1"]);
                    // A malformed document is an error; some of these are wanted, many would say little.
                    if self.rng.chance(80) {
                        format!("(CASE WHEN json_valid({json}) THEN {json} END {arrow} {path})")
                    } else {
                        format!("({json} {arrow} {path})")
                    }
                }
                _ => {
                    self.form("||");
                    format!("({} || {})", self.value(Kind::Text, depth), self.value(Kind::Text, depth))
                }
            },
            Kind::Int | Kind::Real => match self.rng.below(5) {
                0 => {
                    let sign = self.one_of(&["unary -", "unary +", "unary ~"]);
                    format!("({} {})", sign.trim_start_matches("unary "), self.value(kind, depth))
                }
                1 => {
                    self.form("division by what may be zero");
                    format!("({} / ({} - 7))", self.value(Kind::Int, 0), self.value(Kind::Int, 0))
                }
                _ => {
                    let operator = self.one_of(ARITHMETIC);
                    format!("({} {operator} {})", self.value(kind, depth), self.value(Kind::Int, depth))
                }
            },
        }
    }

    fn case(&mut self, kind: Kind, depth: usize) -> String {
        let last = if self.rng.chance(70) { format!(" ELSE {}", self.value(kind, depth)) } else { String::new() };
        if self.rng.chance(40) {
            self.form("CASE of a value");
            let (of, when) = (self.value(kind, 0), self.value(kind, 0));
            return format!("CASE {of} WHEN {when} THEN {}{last} END", self.value(kind, depth));
        }
        self.form("CASE");
        format!("CASE WHEN {} THEN {}{last} END", self.condition(depth), self.value(kind, depth))
    }

    fn cast(&mut self, kind: Kind, depth: usize) -> String {
        self.form("CAST");
        match kind {
            Kind::Int => {
                let of = self.rng.pick(&[Kind::Text, Kind::Real, Kind::Int]);
                let target = self.rng.pick(&["INTEGER", "int", "NUMERIC"]);
                format!("CAST({} AS {target})", self.value(of, depth))
            }
            Kind::Real => {
                let of = self.rng.pick(&[Kind::Text, Kind::Int]);
                format!("CAST({} AS REAL)", self.value(of, depth))
            }
            Kind::Text | Kind::Json => {
                let of = self.rng.pick(&[Kind::Int, Kind::Real, Kind::Text]);
                let target = self.rng.pick(&["TEXT", "VARCHAR(10)"]);
                format!("CAST({} AS {target})", self.value(of, depth))
            }
        }
    }

    /// Something that fails for one value of a column, which may be in rows that are hidden.
    fn oracle(&mut self) -> String {
        let kind = self.rng.pick(&[Kind::Text, Kind::Int]);
        match self.column_of(kind, false) {
            Some(column) => self.oracle_of(&column),
            None => self.literal(Kind::Int),
        }
    }

    /// Something that fails for one value of `column`.
    pub(super) fn oracle_of(&mut self, column: &str) -> String {
        let value = if self.rng.chance(50) { self.literal(Kind::Text) } else { self.literal(Kind::Int) };
        match self.one_of(&["error oracle by abs", "error oracle by json", "error oracle by escape", "error oracle by json path"])
        {
            "error oracle by abs" => format!("abs(CASE WHEN {column} = {value} THEN -9223372036854775807 - 1 ELSE 1 END)"),
            "error oracle by json" => format!("json(CASE {column} WHEN {value} THEN 'bad' ELSE '[1]' END)"),
            "error oracle by escape" => format!("('a' LIKE 'b' ESCAPE iif({column} = {value}, 'ab', 'c'))"),
            _ => format!("json_extract('{{}}', CASE WHEN {column} > {value} THEN 'no path' ELSE '$.a' END)"),
        }
    }

    /// A query that gives one value: of an aggregate, or of one row by a unique column.
    fn scalar_subquery(&mut self, kind: Kind) -> String {
        self.form("scalar subquery");
        let around = !self.scopes.is_empty() && !self.inner_only;
        let (text, correlated) = self.deeper(|own| {
            let (from, relations) = own.from();
            let unique = match relations.as_slice() {
                [one] => one.unique.clone().map(|unique| (one.name.clone(), unique)),
                _ => None,
            };
            own.scopes.push(relations);
            let condition = if own.rng.chance(70) { format!(" WHERE {}", own.condition(1)) } else { String::new() };
            let text = match unique {
                Some((relation, unique)) if own.rng.chance(40) => {
                    own.form("first row of a subquery");
                    let value = own.value(kind, 1);
                    let (relation, unique) = (own.ident(&relation), own.ident(&unique));
                    format!("(SELECT {value} FROM {from}{condition} ORDER BY {relation}.{unique} LIMIT 1)")
                }
                _ => {
                    let value = own.aggregate(kind);
                    format!("(SELECT {value} FROM {from}{condition})")
                }
            };
            let inner = own.scopes.pop().unwrap_or_default();
            let correlated = around
                && own.scopes.iter().flatten().any(|outer| {
                    !outer.name.is_empty()
                        && !inner.iter().any(|own| own.name == outer.name)
                        && text.contains(&format!("{}.", outer.name))
                });
            (text, correlated)
        });
        if correlated {
            self.form("correlated scalar subquery");
        }
        text
    }

    /// The row id of a relation that has one.
    fn row_id(&mut self) -> Option<String> {
        let relations = self.scopes.last()?;
        let names: Vec<String> = relations.iter().filter(|own| own.has_row_ids).map(|own| own.name.clone()).collect();
        if names.is_empty() {
            return None;
        }
        self.form("row id");
        let relation = self.rng.pick(&names);
        Some(format!("{}.{}", self.ident(&relation), self.rng.pick(&["rowid", "_rowid_", "OID"])))
    }

    /// A literal of `kind`, or a placeholder for one.
    pub(super) fn literal(&mut self, kind: Kind) -> String {
        if self.rng.chance(4) {
            self.form("NULL");
            return "NULL".to_owned();
        }
        let word = |own: &mut Self| match own.rng.below(5) {
            0 => own.rng.pick(REGIONS),
            1 => own.rng.pick(STATES),
            _ => own.rng.pick(WORDS),
        };
        if let Some(numbered) = self.placeholders.filter(|_| self.rng.chance(40)) {
            self.form(if numbered { "placeholder with a number" } else { "placeholder" });
            let value = match kind {
                Kind::Int => Value::Int(self.rng.below(12) as i64),
                Kind::Real => Value::Float(self.rng.below(60) as f64 / 4.0),
                Kind::Text | Kind::Json => Value::Text(word(self).to_owned()),
            };
            self.params.push(value);
            return format!("{MARK}{}{MARK}", self.params.len() - 1);
        }
        match kind {
            Kind::Int => {
                if self.rng.chance(5) {
                    self.form("TRUE and FALSE");
                    return self.rng.pick(&["TRUE", "FALSE"]).to_owned();
                }
                self.form("whole number");
                self.rng.pick(&["0", "1", "2", "3", "7", "7", "18", "42", "-1", "99", "3000000000"]).to_owned()
            }
            Kind::Real => {
                self.form("number");
                self.rng.pick(&["0.5", "2.25", "-3.75", "1e2", "10.0", ".5"]).to_owned()
            }
            Kind::Text | Kind::Json => {
                if self.rng.chance(5) {
                    self.form("string in double quotes");
                    return self.rng.pick(&["\"no such name\"", "\"7\"", "\"O'Neil\"", "\"it is\""]).to_owned();
                }
                if self.rng.chance(4) {
                    self.form("bytes");
                    return self.rng.pick(&["x'37'", "X'416461'"]).to_owned();
                }
                self.form("string");
                format!("'{}'", word(self).replace('\'', "''"))
            }
        }
    }

    /// A column of `kind` in scope, written in one of the ways it may be.
    pub(super) fn column_of(&mut self, kind: Kind, qualified: bool) -> Option<String> {
        let fits = |own: Kind| match kind {
            Kind::Int => own == Kind::Int,
            Kind::Real => matches!(own, Kind::Int | Kind::Real),
            Kind::Text => matches!(own, Kind::Text | Kind::Json),
            Kind::Json => own == Kind::Json,
        };
        let innermost = self.scopes.len().checked_sub(1)?;
        let outside = innermost > 0 && !self.inner_only && self.rng.chance(25);
        let at = if outside { self.rng.below(innermost) } else { innermost };
        let mut found: Vec<(String, String, bool)> = Vec::new();
        for relation in &self.scopes[at] {
            let hidden = self.scopes[at + 1..].iter().flatten().any(|inner| inner.name == relation.name);
            for column in relation.columns.iter().filter(|column| fits(column.kind) && !hidden) {
                found.extend(std::iter::repeat_n((relation.name.clone(), column.name.clone(), relation.is_bare), column.weight));
            }
        }
        if found.is_empty() {
            return None;
        }
        let (relation, column, is_bare) = self.rng.pick(&found).clone();
        let count = self.scopes.iter().flatten().flat_map(|own| &own.columns).filter(|own| own.name == column).count();
        if relation.is_empty() && (count > 1 || qualified) {
            return None;
        }
        self.form(if at == innermost { "column" } else { "column of a query around" });
        let name = self.ident(&column);
        if relation.is_empty() || (count == 1 && !qualified && self.rng.chance(60)) {
            return Some(name);
        }
        self.form("column with its relation");
        let relation = self.ident(&relation);
        if is_bare && self.rng.chance(15) {
            self.form("column with its schema");
            return Some(format!("main.{relation}.{name}"));
        }
        Some(format!("{relation}.{name}"))
    }
}
