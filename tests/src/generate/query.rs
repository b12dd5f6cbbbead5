//! Whole queries: WITH, set operations, grouping, order, limits.

use super::{Column, Generator, Relation};
use crate::property::schema::Kind;

const KINDS: &[Kind] = &[Kind::Int, Kind::Text, Kind::Real, Kind::Text, Kind::Int];

/// A select in the making.
struct Select {
    text: String,
    columns: Vec<Column>,
    /// What `ORDER BY` may sort by beside the columns.
    terms: Vec<String>,
}

impl Generator<'_> {
    /// A statement, and the `LIMIT` at its end.
    pub(super) fn top(&mut self) -> (String, String) {
        let with = if self.rng.chance(22) { self.with() } else { String::new() };
        let (body, columns, terms) = if self.rng.chance(18) {
            let (body, columns) = self.set_operation(None, false);
            (body, columns, None)
        } else {
            let Select { text, columns, terms } = self.select(None, false);
            (text, columns, Some(terms))
        };
        let order = if self.rng.chance(35) { self.order_by(&columns, terms.as_deref()) } else { String::new() };
        let limit = match self.rng.below(100) {
            0..8 => {
                self.form("LIMIT");
                format!(" LIMIT {}", self.rng.below(8))
            }
            8..12 => {
                self.form("LIMIT with OFFSET");
                format!(" LIMIT {} OFFSET {}", 1 + self.rng.below(6), self.rng.below(4))
            }
            12..14 => {
                self.form("LIMIT with a comma");
                format!(" LIMIT {}, {}", self.rng.below(3), 1 + self.rng.below(6))
            }
            _ => String::new(),
        };
        (format!("{with}{body}{order}"), limit)
    }

    /// A query inside of another; all its columns have names.
    pub(super) fn query(&mut self, want: Option<&[Kind]>) -> (String, Vec<Column>) {
        match self.rng.below(100) {
            0..14 => {
                self.form("set operation inside another query");
                self.set_operation(want, true)
            }
            14..20 if self.depth < 3 => {
                self.form("WITH inside another query");
                let (ctes, shadowed) = (self.ctes.clone(), self.shadowed.clone());
                let with = self.with();
                let Select { text, columns, .. } = self.select(want, true);
                (self.ctes, self.shadowed) = (ctes, shadowed);
                (format!("{with}{text}"), columns)
            }
            20..28 if want.is_none() => self.first_rows(),
            _ => {
                let Select { text, columns, .. } = self.select(want, true);
                (text, columns)
            }
        }
    }

    /// The first rows of one relation by its unique column.
    fn first_rows(&mut self) -> (String, Vec<Column>) {
        let (from, relations) = self.from();
        let unique = match relations.as_slice() {
            [one] => one.unique.clone().map(|unique| (one.name.clone(), unique)),
            _ => None,
        };
        self.scopes.push(relations);
        let (name, value) = (self.fresh("c"), self.value(Kind::Text, 1));
        self.scopes.pop();
        let columns = vec![Column::new(name.clone(), Kind::Text)];
        let text = format!("SELECT {value} AS {name} FROM {from}");
        let Some((relation, unique)) = unique else { return (text, columns) };
        self.form("LIMIT in a subquery");
        let (relation, unique, rows) = (self.ident(&relation), self.ident(&unique), 1 + self.rng.below(4));
        (format!("{text} ORDER BY {relation}.{unique} DESC LIMIT {rows}"), columns)
    }

    /// A query with columns of these kinds, as `IN` and its kin take it.
    pub(super) fn select_of(&mut self, kinds: &[Kind]) -> String {
        self.query(Some(kinds)).0
    }

    /// A query whose columns do not matter.
    pub(super) fn exists_query(&mut self) -> String {
        let (from, relations) = self.from();
        self.scopes.push(relations);
        let condition = self.condition(1);
        self.scopes.pop();
        let what = self.rng.pick(&["1", "*", "NULL"]);
        format!("SELECT {what} FROM {from} WHERE {condition}")
    }

    /// `WITH …`; its names stay in scope.
    fn with(&mut self) -> String {
        let mut definitions = Vec::new();
        let count = 1 + self.rng.below(2);
        let mut recursive = false;
        for _ in 0..count {
            let shadow = self.rng.chance(20);
            let name = if shadow {
                self.form("cte with the name of a table");
                let tables: Vec<String> =
                    self.schema.iter().map(|own| own.name.clone()).filter(|own| !own.contains(' ')).collect();
                self.rng.pick(&tables).clone()
            } else {
                self.fresh("cte")
            };
            if self.shadowed.contains(&name) || self.ctes.iter().any(|own| own.name == name) {
                continue;
            }
            self.shadowed.push(name.clone());
            if self.rng.chance(20) {
                recursive = true;
                let (text, columns) = self.recursion(&name);
                definitions.push(text);
                self.ctes.push(Relation::derived(name, columns));
                continue;
            }
            let (query, mut columns) = self.apart(|own| own.deeper(|own| own.query(None)));
            let names = if self.rng.chance(35) {
                self.form("cte with column names");
                for column in &mut columns {
                    column.name = self.fresh("k");
                }
                format!(" ({})", columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", "))
            } else {
                self.form("cte");
                String::new()
            };
            definitions.push(format!("{name}{names} AS ({query})"));
            self.ctes.push(Relation::derived(name, columns));
        }
        if definitions.is_empty() {
            return String::new();
        }
        format!("WITH {}{} ", if recursive { "RECURSIVE " } else { "" }, definitions.join(", "))
    }

    fn recursion(&mut self, name: &str) -> (String, Vec<Column>) {
        let columns = ["n", "m"].map(|name| Column::new(name, Kind::Int)).to_vec();
        let text = if self.rng.chance(40) {
            self.form("counting recursion");
            format!(
                "{name} (n, m) AS (SELECT 1, 2 UNION ALL SELECT n + 1, m * 2 FROM {name} WHERE n < {})",
                2 + self.rng.below(5)
            )
        } else {
            self.form("recursion over a table");
            format!(
                "{name} (n, m) AS (SELECT p.id, 0 FROM main.people AS p WHERE p.boss IS NULL OR p.boss = 7 UNION \
                 SELECT p.id, m + 1 FROM main.people AS p JOIN {name} ON p.boss = n WHERE m < 4)"
            )
        };
        (text, columns)
    }

    fn set_operation(&mut self, want: Option<&[Kind]>, named: bool) -> (String, Vec<Column>) {
        let kinds: Vec<Kind> = match want {
            Some(kinds) => kinds.to_vec(),
            None => (0..1 + self.rng.below(2)).map(|_| self.rng.pick(KINDS)).collect(),
        };
        let first = self.select(Some(&kinds), named);
        let mut text = first.text;
        let count = if self.rng.chance(30) {
            self.form("chain of set operations");
            2
        } else {
            1
        };
        for _ in 0..count {
            let operator = self.one_of(&["UNION", "UNION ALL", "INTERSECT", "EXCEPT"]);
            let next = if self.rng.chance(6) {
                self.form("VALUES in a set operation");
                let row: Vec<String> = kinds.iter().map(|kind| self.literal(*kind)).collect();
                format!("VALUES ({})", row.join(", "))
            } else {
                self.select(Some(&kinds), named).text
            };
            text = format!("{text} {operator} {next}");
        }
        (text, first.columns)
    }

    fn select(&mut self, want: Option<&[Kind]>, named: bool) -> Select {
        let (from, relations) = self.from();
        self.scopes.push(relations.clone());
        let condition = if self.rng.chance(60) {
            self.form("WHERE");
            let condition = self.condition(2);
            if condition.contains("(SELECT ") {
                self.form("subquery in WHERE");
            }
            format!(" WHERE {condition}")
        } else {
            String::new()
        };
        // The columns of a table function are not all listed here.
        let is_plain = matches!(relations.as_slice(), [one] if !from.starts_with("json"));
        let mut select = match self.rng.below(100) {
            0..12 if want.is_none() && (!named || is_plain) => self.star(&relations),
            12..30 => self.grouped(want, named),
            30..40 => {
                self.form("aggregates of all rows");
                let kinds = self.kinds(want);
                let items = kinds.into_iter().map(|kind| (kind, self.aggregate(kind))).collect();
                self.list(items, named)
            }
            _ => self.plain(want, named),
        };
        // Grouping brings its own clauses; a mark says where FROM and WHERE go.
        let tail = select.text.split_once('\u{2}').map(|(list, tail)| (list.to_owned(), tail.to_owned()));
        let (list, tail) = tail.unwrap_or((std::mem::take(&mut select.text), String::new()));
        select.text = format!("SELECT {list} FROM {from}{condition}{tail}");
        self.scopes.pop();
        select
    }

    fn kinds(&mut self, want: Option<&[Kind]>) -> Vec<Kind> {
        match want {
            Some(kinds) => kinds.to_vec(),
            None => (0..1 + self.rng.below(3)).map(|_| self.rng.pick(KINDS)).collect(),
        }
    }

    fn star(&mut self, relations: &[Relation]) -> Select {
        let only = relations.iter().find(|relation| !relation.name.is_empty() && self.rng.chance(30));
        match only {
            Some(relation) => {
                self.form("columns of one relation by *");
                let name = self.ident(&relation.name);
                Select { text: format!("{name}.*"), columns: relation.columns.clone(), terms: Vec::new() }
            }
            None => {
                self.form("*");
                let columns = relations.iter().flat_map(|relation| relation.columns.clone()).collect();
                Select { text: "*".to_owned(), columns, terms: Vec::new() }
            }
        }
    }

    fn plain(&mut self, want: Option<&[Kind]>, named: bool) -> Select {
        let kinds = self.kinds(want);
        let distinct = self.rng.chance(12);
        self.windows = Some(Vec::new());
        let items: Vec<_> = kinds.into_iter().map(|kind| (kind, self.value(kind, 2))).collect();
        let windows = self.windows.take().unwrap_or_default();
        let mut select = self.list(items, named);
        if distinct {
            self.form("DISTINCT");
            select.text = format!("DISTINCT {}", select.text);
        } else {
            let kind = self.rng.pick(KINDS);
            select.terms.push(self.value(kind, 1));
        }
        if !windows.is_empty() {
            select.text = format!("{}\u{2} WINDOW {}", select.text, windows.join(", "));
        }
        select
    }

    fn grouped(&mut self, want: Option<&[Kind]>, named: bool) -> Select {
        let kinds = self.kinds(want);
        let mut items = Vec::new();
        let mut keys = Vec::new();
        for (at, kind) in kinds.into_iter().enumerate() {
            if self.rng.chance(50) {
                let around = std::mem::replace(&mut self.inner_only, true);
                let key = self.column_of(kind, false).unwrap_or_else(|| format!("lower({})", self.value(kind, 0)));
                self.inner_only = around;
                let written = if self.rng.chance(20) {
                    self.form("GROUP BY a number of a column");
                    (at + 1).to_string()
                } else {
                    key.clone()
                };
                keys.push(written);
                items.push((kind, key));
            } else {
                items.push((kind, self.aggregate(kind)));
            }
        }
        if keys.is_empty() {
            let kind = self.rng.pick(KINDS);
            let around = std::mem::replace(&mut self.inner_only, true);
            keys.push(format!("coalesce({}, 0)", self.value(kind, 1)));
            self.inner_only = around;
        }
        self.form("GROUP BY");
        let having = if self.rng.chance(35) {
            self.form("HAVING");
            let kind = self.rng.pick(&[Kind::Int, Kind::Text]);
            let (left, right) = (self.aggregate(kind), self.apart(|own| own.deeper(|own| own.value(kind, 1))));
            if right.contains("(SELECT ") || left.contains("(SELECT ") {
                self.form("subquery in HAVING");
            }
            format!(" HAVING {left} {} {right}", self.rng.pick(&["=", "<", ">=", "<>"]))
        } else {
            String::new()
        };
        let term = if self.rng.chance(50) { vec![self.aggregate(Kind::Int)] } else { Vec::new() };
        let mut select = self.list(items, named);
        select.terms = term;
        select.text = format!("{}\u{2} GROUP BY {}{having}", select.text, keys.join(", "));
        select
    }

    /// The items of a select list, some with aliases.
    fn list(&mut self, items: Vec<(Kind, String)>, named: bool) -> Select {
        let mut texts = Vec::new();
        let mut columns = Vec::new();
        for (kind, text) in items {
            if named || self.rng.chance(40) {
                self.form("alias of a column");
                let name = self.fresh("c");
                texts.push(format!("{text} AS {name}"));
                columns.push(Column::new(name, kind));
            } else {
                texts.push(text);
                columns.push(Column::new("", kind));
            }
        }
        Select { text: texts.join(", "), columns, terms: Vec::new() }
    }

    fn order_by(&mut self, columns: &[Column], terms: Option<&[String]>) -> String {
        let mut items = Vec::new();
        for (at, column) in columns.iter().enumerate() {
            let named = columns.iter().filter(|own| own.name == column.name).count() == 1 && !column.name.is_empty();
            let what = if named && self.rng.chance(50) {
                self.form("ORDER BY a name");
                self.ident(&column.name)
            } else {
                self.form("ORDER BY a number of a column");
                (at + 1).to_string()
            };
            let direction = self.one_of(&["ASC", "DESC", "ASC NULLS LAST", "DESC NULLS FIRST"]);
            // SQLite loses names in the last of several combined queries when a collation follows the number of a column.
            let collation = if terms.is_some() && self.rng.chance(10) { " COLLATE NOCASE" } else { "" };
            items.push(format!("{what}{collation} {direction}"));
        }
        if let Some([term, ..]) = terms
            && self.rng.chance(40)
        {
            self.form("ORDER BY an expression");
            if term.contains("(SELECT ") {
                self.form("subquery in ORDER BY");
            }
            items.insert(0, format!("({term})"));
        }
        format!(" ORDER BY {}", items.join(", "))
    }
}
