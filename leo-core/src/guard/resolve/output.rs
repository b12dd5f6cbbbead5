//! Names of output columns, as each engine makes them up.

use sqlparser::ast::{CastKind, Expr, Ident, Value};

use super::Resolver;
use super::name::Name;
use super::scope::ROW_ID;
use super::scope::{Columns, Scope};
use crate::dialect::Dialect;

impl<'a> Resolver<'a> {
    /// The name of the column `expr` when it has no alias; `at` is its place from 0 and `text` its text in the statement.
    pub(super) fn output_name(
        &self,
        expr: &Expr,
        scope: &Scope<'a, '_>,
        at: usize,
        text: impl FnOnce() -> Option<&'a str>,
    ) -> String {
        if let Some((qualifier, ident)) = column_of(expr) {
            let name = Name::of(self.dialect, ident);
            let qualifier: Vec<Name<'_>> = qualifier.iter().map(|ident| Name::of(self.dialect, ident)).collect();
            // SQLite spells a column like its table in the result, and like the statement inside of it.
            if self.dialect == Dialect::Sqlite && (self.depth > 0 || self.definitions > 0) {
                return name.text.into_owned();
            }
            let spelled = self.spelled(&qualifier, &name, scope).or_else(|| self.row_id_name(&qualifier, &name, scope));
            return spelled.unwrap_or_else(|| name.text.into_owned());
        }
        let written = |text: Option<&'a str>| text.map_or_else(|| expr.to_string(), str::to_owned);
        match self.dialect {
            Dialect::Mysql if string_of(expr).is_some() => string_of(expr).unwrap_or_default().to_owned(),
            Dialect::Sqlite | Dialect::Mysql => written(text()),
            Dialect::Datafusion => written(text()).to_lowercase(),
            Dialect::Tsql => String::new(),
            Dialect::Bigquery => format!("f{at}_"),
            Dialect::Postgres => postgres_name(expr),
        }
    }

    /// Whether the engine names the column `expr` after its text.
    pub(super) fn is_named_by_text(&self, expr: &Expr) -> bool {
        match self.dialect {
            Dialect::Mysql => column_of(expr).is_none() && string_of(expr).is_none(),
            Dialect::Sqlite | Dialect::Datafusion => column_of(expr).is_none(),
            Dialect::Postgres | Dialect::Tsql | Dialect::Bigquery => false,
        }
    }

    /// The catalogue's spelling of a column: SQLite, MySQL and BigQuery return it, whatever the statement's.
    fn spelled(&self, qualifier: &[Name<'_>], name: &Name<'_>, scope: &Scope<'a, '_>) -> Option<String> {
        let schema = self.default_schema();
        let relations =
            scope.chain().flat_map(|scope| &scope.relations).filter(|relation| relation.answers_to(qualifier, schema));
        relations.into_iter().find_map(|relation| match &relation.columns {
            Columns::Table { table, denied, .. } => {
                let mut visible = (0u32..).zip(&table.columns).filter(|(at, _)| !denied.contains(at));
                visible.find(|(_, column)| name.is(&column.name)).map(|(_, column)| column.name.clone())
            }
            Columns::Derived(outputs) => outputs.iter().find(|output| name.is(&output.name)).map(|output| output.name.clone()),
        })
    }

    /// SQLite returns the row id under the name of the integer primary key, or as `rowid`.
    fn row_id_name(&self, qualifier: &[Name<'_>], name: &Name<'_>, scope: &Scope<'a, '_>) -> Option<String> {
        if !self.is_row_id(name) {
            return None;
        }
        let schema = self.default_schema();
        let relation = scope.relations.iter().find(|own| own.answers_to(qualifier, schema) && Self::row_id_of(own).is_some())?;
        match (Self::row_id_of(relation)?.column, &relation.columns) {
            (ROW_ID, _) => Some("rowid".to_owned()),
            (at, Columns::Table { table, .. }) => table.columns.get(at as usize).map(|column| column.name.clone()),
            _ => None,
        }
    }

    /// Whether `name` is one of the names of SQLite's row id.
    pub(super) fn is_row_id(&self, name: &Name<'_>) -> bool {
        self.dialect == Dialect::Sqlite && ["rowid", "_rowid_", "oid"].iter().any(|own| name.is(own))
    }
}

/// The text of a string literal, after which MySQL names its column.
fn string_of(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) | Value::DoubleQuotedString(text) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

fn column_of(expr: &Expr) -> Option<(&[Ident], &Ident)> {
    match expr {
        Expr::Identifier(ident) => Some((&[], ident)),
        Expr::CompoundIdentifier(parts) => parts.split_last().map(|(last, qualifier)| (qualifier, last)),
        Expr::Nested(inner) => column_of(inner),
        _ => None,
    }
}

/// PostgreSQL names a column after the function, the cast or the construct it comes from.
fn postgres_name(expr: &Expr) -> String {
    match expr {
        Expr::Function(function) => {
            function.name.0.last().and_then(|part| part.as_ident()).map_or("?column?".into(), |name| name.value.to_lowercase())
        }
        Expr::Nested(inner) | Expr::Collate { expr: inner, .. } => postgres_name(inner),
        Expr::Identifier(ident) => ident.value.to_lowercase(),
        Expr::CompoundIdentifier(parts) => parts.last().map_or("?column?".into(), |ident| ident.value.to_lowercase()),
        Expr::Cast { kind: CastKind::Cast | CastKind::DoubleColon, expr, data_type, .. } => match postgres_name(expr).as_str() {
            "?column?" => data_type.to_string().to_lowercase(),
            name => name.to_owned(),
        },
        Expr::Case { else_result, .. } => match else_result.as_deref().map(postgres_name) {
            Some(name) if name != "?column?" => name,
            _ => "case".into(),
        },
        Expr::Exists { .. } => "exists".into(),
        Expr::Extract { .. } => "extract".into(),
        Expr::Trim { .. } => "btrim".into(),
        Expr::Substring { .. } => "substring".into(),
        Expr::Position { .. } => "position".into(),
        Expr::Overlay { .. } => "overlay".into(),
        Expr::Ceil { .. } => "ceil".into(),
        Expr::Floor { .. } => "floor".into(),
        Expr::Array(_) => "array".into(),
        Expr::Tuple(_) => "row".into(),
        _ => "?column?".into(),
    }
}
