//! What may stand in `FROM`: tables, subqueries, table functions.

use std::rc::Rc;

use sqlparser::ast::{
    Ident, JsonTableColumn, ObjectName, OpenJsonTableColumn, TableAlias, TableFactor, TableFunctionArgs, TableSampleKind,
};

use super::limits::JoinShape;
use super::name::Name;
use super::named::{Beside, Named};
use super::pivot::{Pivot, Unpivot};
use super::scope::{ColumnId, Columns, Ctes, Output, ROW_ID, Relation, Scope};
use super::table_function::TableCall;
use super::{Resolver, position, rules};
use crate::catalog::TableKind;
use crate::dialect::Dialect;

impl<'a> Resolver<'a> {
    /// Resolves one item of `FROM` and adds its relations to `scope`. With `lateral` it sees the relations before it.
    pub(super) fn factor<'s>(
        &mut self,
        factor: &TableFactor,
        scope: &mut Scope<'a, 's>,
        ctes: &Ctes<'_>,
        shape: &mut JoinShape,
        lateral: bool,
    ) {
        match factor {
            TableFactor::Table {
                name,
                alias,
                args,
                with_hints,
                version,
                with_ordinality,
                partitions,
                json_path,
                sample,
                index_hints,
            } => {
                if !partitions.is_empty() && self.dialect != Dialect::Mysql {
                    self.refuse_at("PARTITION", name);
                }
                if json_path.is_some() {
                    self.refuse_at("a path into a table", name);
                }
                self.sample(sample.as_ref());
                with_hints.iter().for_each(|hint| self.table_hint(hint));
                let old_hints = self.old_hints(alias.as_ref(), args.as_ref());
                let (alias, args) = old_hints.as_ref().map_or((alias, args), |alias| (alias, &None));
                let before = scope.relations.len();
                match args {
                    Some(TableFunctionArgs { args, settings }) => {
                        if settings.is_some() {
                            self.refuse_at("SETTINGS", name);
                        }
                        let call = TableCall { name, args, with_ordinality: *with_ordinality, alias: alias.as_ref() };
                        self.table_function(&call, scope, ctes, shape);
                    }
                    None => match self.named_relation(name, alias.as_ref(), ctes) {
                        Some(Named { relation, table }) => {
                            if let Some(index) = table {
                                self.found.tables.insert(index);
                                let is_plain =
                                    sample.is_none() && index_hints.is_empty() && old_hints.is_none() && partitions.is_empty();
                                if !partitions.is_empty() {
                                    self.check_partitions(index, name);
                                }
                                let beside =
                                    Beside { has_hints: !with_hints.is_empty(), has_version: version.is_some(), is_plain };
                                self.reference(index, name, alias.as_ref(), beside);
                            }
                            scope.relations.push(relation);
                        }
                        None => scope.incomplete = true,
                    },
                }
                if let Some(version) = version {
                    self.table_version(version, name, scope.relations.get(before), ctes);
                }
            }
            TableFactor::Derived { lateral: own, subquery, alias, sample } => {
                self.sample(sample.as_ref());
                if let Some(alias) = alias {
                    self.check_alias(alias);
                }
                self.depth += 1;
                let around = std::mem::replace(&mut self.in_parentheses, false);
                let sees = lateral || *own;
                let before = scope.touched.replace(0);
                let resolved =
                    if sees { self.query(subquery, Some(scope), ctes) } else { self.query(subquery, scope.parent, ctes) };
                let touched = scope.touched.replace(before);
                self.in_parentheses = around;
                self.depth -= 1;
                let columns = self.renamed(&resolved.columns, alias.as_ref());
                let name = alias.as_ref().map(|alias| Name::of(self.dialect, &alias.name).text.into_owned());
                let at = scope.relations.len();
                scope.relations.push(Relation::derived(name, columns, resolved.rows));
                // A lateral subquery that uses a relation before it is tied to it.
                if touched != 0 {
                    shape.tie(touched | 1u64.checked_shl(at as u32).unwrap_or(0));
                }
            }
            TableFactor::Function { lateral: _, name, args, with_ordinality, alias } => {
                let call = TableCall { name, args, with_ordinality: *with_ordinality, alias: alias.as_ref() };
                self.table_function(&call, scope, ctes, shape);
            }
            TableFactor::UNNEST { alias, array_exprs, with_offset, with_offset_alias, with_ordinality } => {
                if let Some(alias) = alias {
                    self.check_alias(alias);
                }
                self.found.functions.insert("unnest".to_owned());
                let mut sources = Vec::new();
                let before = scope.touched.replace(0);
                self.exprs(array_exprs, scope, ctes, &mut sources);
                let touched = scope.touched.replace(before);
                let mut names = vec![alias.as_ref().map_or("unnest".to_owned(), |alias| self.own_text(&alias.name))];
                names.extend((1..array_exprs.len()).map(|_| "unnest".to_owned()));
                if *with_offset {
                    names.push(with_offset_alias.as_ref().map_or("offset".to_owned(), |ident| self.own_text(ident)));
                }
                if *with_ordinality {
                    names.push("ordinality".to_owned());
                }
                let rows = array_exprs.iter().filter_map(|array| self.rows_of_array(array)).max();
                self.generated(names, sources, alias.as_ref(), (touched, rows), scope, shape);
            }
            TableFactor::NestedJoin { table_with_joins, alias } => {
                if let Some(alias) = alias {
                    self.refuse_name("an alias for a join in parentheses", &alias.name);
                }
                let around = std::mem::replace(&mut self.in_parentheses, true);
                self.table_with_joins(table_with_joins, scope, ctes, shape);
                self.in_parentheses = around;
            }
            TableFactor::JsonTable { json_expr, json_path: _, columns, alias } => {
                self.found.functions.insert("json_table".to_owned());
                let mut sources = Vec::new();
                let before = scope.touched.replace(0);
                self.expr(json_expr, scope, ctes, &mut sources);
                let touched = scope.touched.replace(before);
                let mut names = Vec::new();
                self.json_columns(columns, &mut names, 0);
                self.generated(names, sources, alias.as_ref(), (touched, None), scope, shape);
            }
            TableFactor::OpenJsonTable { json_expr, json_path: _, columns, alias } => {
                self.found.functions.insert("openjson".to_owned());
                let mut sources = Vec::new();
                let before = scope.touched.replace(0);
                self.expr(json_expr, scope, ctes, &mut sources);
                let touched = scope.touched.replace(before);
                let mut names: Vec<String> = Vec::new();
                for OpenJsonTableColumn { name, r#type, path: _, as_json: _ } in columns {
                    self.data_type(r#type);
                    names.push(self.own_text(name));
                }
                if names.is_empty() {
                    names = ["key", "value", "type"].map(str::to_owned).to_vec();
                }
                self.generated(names, sources, alias.as_ref(), (touched, None), scope, shape);
            }
            TableFactor::TableFunction { .. } => self.refuse_at("TABLE(…)", factor),
            TableFactor::Pivot {
                table,
                aggregate_functions: aggregates,
                value_column: columns,
                value_source: values,
                default_on_null,
                alias,
            } => {
                if default_on_null.is_some() {
                    self.refuse_at("DEFAULT ON NULL", factor);
                }
                self.pivot(&Pivot { table, aggregates, columns, values, alias: alias.as_ref() }, scope, ctes);
            }
            TableFactor::Unpivot { table, value, name, columns, null_inclusion: _, alias } => {
                self.unpivot(&Unpivot { table, value, name, columns, alias: alias.as_ref() }, scope, ctes);
            }
            TableFactor::UnpivotExpr { .. } => self.refuse_at("UNPIVOT of an expression", factor),
            TableFactor::MatchRecognize { .. } => self.refuse_at("MATCH_RECOGNIZE", factor),
            TableFactor::XmlTable { .. } => self.refuse_at("XMLTABLE", factor),
            TableFactor::SemanticView { .. } => self.refuse_at("SEMANTIC_VIEW", factor),
        }
    }

    /// Which partition a row is in tells of the value it is partitioned by.
    fn check_partitions(&mut self, index: u32, name: &ObjectName) {
        let visibility = self.against.visibility;
        if visibility.redacts() && visibility.holds_personal_data(index) {
            let why = "its partitions could tell of personal data";
            self.report(rules::policy::unsupported(&name.to_string(), why, position(name)));
        }
    }

    pub(super) fn own_text(&self, ident: &Ident) -> String {
        Name::of(self.dialect, ident).text.into_owned()
    }

    /// Columns under the names an alias gives them, `AS t(a, b)`.
    pub(super) fn renamed(&mut self, columns: &Rc<Vec<Output>>, alias: Option<&TableAlias>) -> Rc<Vec<Output>> {
        let Some(alias) = alias.filter(|alias| !alias.columns.is_empty()) else { return Rc::clone(columns) };
        if alias.columns.len() > columns.len() && !columns.is_empty() {
            self.report(rules::set_columns::finding(alias.columns.len(), columns.len()));
        }
        let mut renamed = columns.as_ref().clone();
        for (column, name) in renamed.iter_mut().zip(&alias.columns) {
            column.name = self.own_text(&name.name);
        }
        Rc::new(renamed)
    }

    fn json_columns(&mut self, columns: &[JsonTableColumn], names: &mut Vec<String>, depth: usize) {
        for column in columns {
            match column {
                JsonTableColumn::Named(column) => {
                    self.data_type(&column.r#type);
                    names.push(self.own_text(&column.name));
                }
                JsonTableColumn::ForOrdinality(ident) => names.push(self.own_text(ident)),
                JsonTableColumn::Nested(nested) if depth < 20 => self.json_columns(&nested.columns, names, depth + 1),
                JsonTableColumn::Nested(_) => self.refuse("JSON_TABLE nested this deep"),
            }
        }
    }

    fn sample(&mut self, sample: Option<&TableSampleKind>) {
        let Some(TableSampleKind::BeforeTableAlias(sample) | TableSampleKind::AfterTableAlias(sample)) = sample else { return };
        let quantity = sample.quantity.as_ref().is_none_or(|quantity| super::limits::literal(&quantity.value).is_some());
        if sample.bucket.is_some() || sample.offset.is_some() || !quantity {
            self.refuse("this kind of table sample");
        }
    }

    /// The column that SQLite's row id is in `relation`: the integer primary key, else a column of its own.
    pub(super) fn row_id_of(relation: &Relation<'a>) -> Option<ColumnId> {
        let Columns::Table { index, table, is_restricted, .. } = &relation.columns else { return None };
        if table.kind != TableKind::Table || *is_restricted {
            return None;
        }
        let column = match table.primary_key.as_slice() {
            [key] => table
                .columns
                .iter()
                .position(|column| column.name == *key && column.declared_type.eq_ignore_ascii_case("INTEGER"))
                .map_or(ROW_ID, |at| at as u32),
            _ => ROW_ID,
        };
        Some(ColumnId::new(*index, column))
    }
}
