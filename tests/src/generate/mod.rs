//! Statements made up at random from a grammar, for properties of the guard. The same seed makes the same statement.

mod call;
mod condition;
mod expr;
pub mod forms;
mod from;
mod query;
pub mod rng;

use std::collections::BTreeSet;

use leo::Value;

use crate::property::schema::Kind;
pub use rng::Rng;

/// A column that expressions may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Name.
    pub name: String,
    /// What is in it.
    pub kind: Kind,
    /// How often it is used beside others.
    pub weight: usize,
}

impl Column {
    /// A column like any other.
    pub fn new(name: impl Into<String>, kind: Kind) -> Self {
        Self { name: name.into(), kind, weight: 1 }
    }
}

/// A table or view, or what stands for one in a statement.
#[derive(Debug, Clone)]
pub struct Relation {
    /// Name, or empty for a derived table without one.
    pub name: String,
    /// The columns that may be used.
    pub columns: Vec<Column>,
    /// A column that differs in every row.
    pub unique: Option<String>,
    /// Whether it is a table with row ids that statements may read.
    pub has_row_ids: bool,
    /// Whether it stands in a statement under its own name, so that its schema may stand before it.
    pub is_bare: bool,
    /// Whether it is a view, and whether that view reads another one.
    pub view: Option<bool>,
    /// How often it is used beside others.
    pub weight: usize,
}

impl Relation {
    /// A relation that only a statement has.
    fn derived(name: impl Into<String>, columns: Vec<Column>) -> Self {
        Self { name: name.into(), columns, unique: None, has_row_ids: false, is_bare: false, view: None, weight: 1 }
    }
}

/// A statement and what is in it.
#[derive(Debug)]
pub struct Statement {
    /// The text.
    pub sql: String,
    /// The text without the `LIMIT` at its end.
    pub unlimited: Option<String>,
    /// Values of its placeholders.
    pub params: Vec<Value>,
    /// The forms of relations, set operations and expressions in it.
    pub forms: BTreeSet<&'static str>,
}

/// Makes one statement over `schema` from `seed`.
pub fn statement(schema: &[Relation], seed: u64) -> Statement {
    let mut rng = Rng::new(seed);
    let placeholders = if rng.chance(12) { Some(rng.chance(50)) } else { None };
    let mut generator = Generator {
        rng,
        schema,
        scopes: Vec::new(),
        ctes: Vec::new(),
        shadowed: Vec::new(),
        bare: Vec::new(),
        forms: BTreeSet::new(),
        params: Vec::new(),
        placeholders,
        next: 0,
        depth: 0,
        inner_only: false,
        windows: None,
    };
    let (body, limit) = generator.top();
    let numbered = placeholders == Some(true);
    let Generator { forms, params, .. } = generator;
    let unlimited = (!limit.is_empty()).then(|| with_placeholders(&body, &params, numbered).0);
    let (sql, params) = with_placeholders(&format!("{body}{limit}"), &params, numbered);
    Statement { sql, unlimited, params, forms }
}

/// Where a placeholder goes in a text under construction: parts of a statement are not made in their order in the text.
const MARK: char = '\u{1}';

/// Turns marks into placeholders; the values come out in their order in the text.
fn with_placeholders(text: &str, values: &[Value], numbered: bool) -> (String, Vec<Value>) {
    let mut out = String::with_capacity(text.len());
    let mut order = Vec::new();
    let mut parts = text.split(MARK);
    out.push_str(parts.next().unwrap_or(""));
    while let (Some(at), Some(rest)) = (parts.next(), parts.next()) {
        let at: usize = at.parse().expect("a number between marks");
        order.push(values.get(at).cloned().unwrap_or_default());
        out.push('?');
        if numbered {
            out.push_str(&order.len().to_string());
        }
        out.push_str(rest);
    }
    (out, order)
}

/// A statement in the making.
struct Generator<'a> {
    rng: Rng,
    schema: &'a [Relation],
    /// Relations of the queries around, innermost last.
    scopes: Vec<Vec<Relation>>,
    /// Common table expressions in scope.
    ctes: Vec<Relation>,
    /// Names of common table expressions that hide tables.
    shadowed: Vec<String>,
    /// Relations that stand somewhere without alias.
    bare: Vec<String>,
    forms: BTreeSet<&'static str>,
    params: Vec<Value>,
    /// Whether values may be placeholders, and then whether with numbers.
    placeholders: Option<bool>,
    next: usize,
    /// Queries around the one being made.
    depth: usize,
    /// Whether columns of queries around are out of bounds.
    inner_only: bool,
    /// Named windows of the select being made, where windows may stand.
    windows: Option<Vec<String>>,
}

impl Generator<'_> {
    fn form(&mut self, form: &'static str) {
        self.forms.insert(form);
    }

    /// One of several forms by chance.
    fn one_of(&mut self, forms: &[&'static str]) -> &'static str {
        let form = self.rng.pick(forms);
        self.form(form);
        form
    }

    /// A name that nothing else has.
    fn fresh(&mut self, letter: &str) -> String {
        self.next += 1;
        format!("{letter}{}", self.next)
    }

    /// A name as some people write it.
    fn ident(&mut self, name: &str) -> String {
        let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') && !["key", "select"].contains(&name);
        match self.rng.below(if plain { 20 } else { 3 }) {
            0 => {
                self.form("name in double quotes");
                format!("\"{name}\"")
            }
            1 => {
                self.form("name in backticks");
                format!("`{name}`")
            }
            2 => {
                self.form("name in brackets");
                format!("[{name}]")
            }
            3 => {
                self.form("name in another case");
                name.to_uppercase()
            }
            _ => name.to_owned(),
        }
    }

    /// Does something one query deeper, with windows and restrictions of its own.
    fn deeper<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> T {
        self.depth += 1;
        let around = (self.windows.take(), std::mem::replace(&mut self.inner_only, false));
        let made = make(self);
        (self.windows, self.inner_only) = around;
        self.depth -= 1;
        made
    }

    /// Does something without the columns of the queries around.
    fn apart<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> T {
        let scopes = std::mem::take(&mut self.scopes);
        let made = make(self);
        self.scopes = scopes;
        made
    }
}
