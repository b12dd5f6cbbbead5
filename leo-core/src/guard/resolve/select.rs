//! One `SELECT`.

use std::rc::Rc;

use sqlparser::ast::{
    BinaryOperator, Distinct, ExceptSelectItem, ExcludeSelectItem, Expr, GroupByExpr, GroupByWithModifier, NamedWindowDefinition,
    NamedWindowExpr, ObjectName, OrderBy, ReplaceSelectItem, Select, SelectFlavor, SelectItem, SelectItemQualifiedWildcardKind,
    SelectModifiers, Top, TopQuantity, ValueTableMode, WildcardAdditionalOptions,
};

use super::limits::JoinShape;
use super::name::{Name, identifiers};
use super::scope::{Aliases, Ctes, Output, Relation, Scope};
use super::{Resolved, Resolver, ident_position, position, rules};
use crate::dialect::Dialect;
use crate::finding::Position;
use crate::guard::edit::{Change, Edit};
use crate::guard::lexer::TokenKind;

impl<'a> Resolver<'a> {
    pub(super) fn select(
        &mut self,
        select: &Select,
        outer: Option<&Scope<'a, '_>>,
        ctes: &Ctes<'_>,
        order_by: Option<&OrderBy>,
    ) -> Resolved {
        let Select {
            select_token: _,
            optimizer_hints: _,
            distinct,
            select_modifiers,
            top,
            top_before_distinct: _,
            projection,
            exclude,
            into,
            from,
            lateral_views,
            prewhere,
            selection,
            connect_by,
            group_by,
            cluster_by,
            distribute_by,
            sort_by,
            having,
            named_window,
            qualify,
            window_before_qualify: _,
            value_table_mode,
            flavor,
        } = select;
        self.spell_out_table(select);
        if into.is_some() {
            self.report(rules::read_only::finding("a SELECT … INTO", None));
        }
        let foreign = exclude.is_some()
            || !lateral_views.is_empty()
            || prewhere.is_some()
            || !connect_by.is_empty()
            || !cluster_by.is_empty()
            || !distribute_by.is_empty()
            || !sort_by.is_empty()
            || matches!(value_table_mode, Some(ValueTableMode::AsValue | ValueTableMode::DistinctAsValue));
        if foreign {
            self.refuse_at("a clause of another database", select);
        }
        match flavor {
            SelectFlavor::Standard => {}
            SelectFlavor::FromFirst | SelectFlavor::FromFirstNoSelect => self.refuse_at("FROM before SELECT", select),
        }
        if let Some(modifiers) = select_modifiers {
            self.select_modifiers(modifiers, select);
        }

        let mut scope = Scope::new(outer);
        scope.windows = named_window.iter().map(|NamedWindowDefinition(name, _)| self.own_text(name)).collect();
        let mut shape = JoinShape::default();
        self.from(from, &mut scope, ctes, &mut shape);

        let here = self.around(&scope);
        let around = std::mem::replace(&mut self.around, here);
        let outputs = self.projection(select, projection, &scope, ctes);
        scope.outputs = Rc::new(outputs);
        let mut counted = false;

        match distinct {
            None | Some(Distinct::Distinct | Distinct::All) => {}
            Some(Distinct::On(expressions)) => {
                scope.aliases.set(Aliases::Last);
                expressions.iter().for_each(|expr| self.used(expr, &scope, ctes));
            }
        }
        if let Some(Top { with_ties: _, percent, quantity }) = top
            && let Some(TopQuantity::Expr(quantity)) = quantity
        {
            let _ = percent;
            self.expr(quantity, &Scope::new(outer), ctes, &mut Vec::new());
        }

        scope.aliases.set(if self.dialect == Dialect::Sqlite { Aliases::Last } else { Aliases::Hidden });
        if let Some(selection) = selection {
            self.condition(selection, &scope, ctes, &mut shape);
        }
        self.named_windows(named_window, &scope, ctes);
        scope.aliases.set(if self.dialect == Dialect::Tsql { Aliases::Hidden } else { Aliases::Last });
        let grouped = self.group_by(group_by, &scope, ctes);
        scope.aliases.set(match self.dialect {
            Dialect::Postgres | Dialect::Tsql => Aliases::Hidden,
            Dialect::Sqlite | Dialect::Mysql | Dialect::Bigquery | Dialect::Datafusion => Aliases::Last,
        });
        if let Some(having) = having {
            counted = true;
            self.used(having, &scope, ctes);
        }
        if let Some(qualify) = qualify {
            if !matches!(self.dialect, Dialect::Bigquery | Dialect::Datafusion) {
                self.refuse_at("QUALIFY", qualify);
            }
            self.used(qualify, &scope, ctes);
        }
        if let Some(order_by) = order_by {
            scope.aliases.set(Aliases::First);
            self.order_by(order_by, &scope, ctes);
        }
        let rows_in = self.check_joins(&scope, &shape);
        self.around.rows = rows_in;
        projection.iter().for_each(|item| self.note_length(item));
        self.check_collected();
        self.around = around;
        self.check_time_filters(select, &scope);

        let aggregates = counted || projection.iter().any(super::limits::aggregates);
        let start = select.select_token.0.span.start;
        if (aggregates || grouped) && self.watches_personal_data {
            self.found.groups.push(Position { line: start.line, column: start.column });
        }
        let rows = match from.as_slice() {
            [] => Some(1),
            _ if aggregates && !grouped => Some(1),
            // What nothing ties together multiplies; groups are at most as many as the largest relation has rows.
            _ if grouped => super::limits::estimated_rows(&scope),
            _ => super::limits::estimated_rows(&scope).map(|_| u64::try_from(rows_in).unwrap_or(u64::MAX)),
        };
        Resolved { columns: Rc::clone(&scope.outputs), rows: super::limits::at_most(rows, top.as_ref().and_then(top_rows)) }
    }

    /// `TABLE t` is sent as the select that the parser was told about, which a derived table can stand in.
    fn spell_out_table(&mut self, select: &Select) {
        let start = select.select_token.0.span.start;
        let token = self.token_at(Position { line: start.line, column: start.column });
        if let Some((_, token)) = token.filter(|(_, token)| self.text_of(token).eq_ignore_ascii_case("TABLE")) {
            self.edit(Edit::new(token.range.clone(), "SELECT * FROM", Change::Nothing));
        }
    }

    fn select_modifiers(&mut self, modifiers: &SelectModifiers, select: &Select) {
        let SelectModifiers {
            high_priority,
            straight_join: _,
            sql_small_result: _,
            sql_big_result: _,
            sql_buffer_result: _,
            sql_no_cache: _,
            sql_calc_found_rows,
        } = modifiers;
        if *high_priority || *sql_calc_found_rows {
            self.refuse_at("HIGH_PRIORITY or SQL_CALC_FOUND_ROWS", select);
        }
    }

    /// A boolean expression taken apart at its ANDs, so that each part tells which relations it ties together.
    pub(super) fn condition(&mut self, condition: &Expr, scope: &Scope<'a, '_>, ctes: &Ctes<'_>, shape: &mut JoinShape) {
        let mut pending = vec![condition];
        while let Some(expr) = pending.pop() {
            match expr {
                Expr::BinaryOp { left, op: BinaryOperator::And, right } => pending.extend([right.as_ref(), left.as_ref()]),
                Expr::Nested(inner) => pending.push(inner),
                other => {
                    let touched = self.alternatives(other, scope, ctes);
                    shape.tie(touched);
                }
            }
        }
    }

    /// Resolves a condition; the relations that it ties together, as bits: those that each of its alternatives names.
    fn alternatives(&mut self, condition: &Expr, scope: &Scope<'a, '_>, ctes: &Ctes<'_>) -> u64 {
        let before = scope.touched.get();
        let mut tied = u64::MAX;
        let mut touched = before;
        let mut pending = vec![condition];
        while let Some(expr) = pending.pop() {
            match expr {
                Expr::BinaryOp { left, op: BinaryOperator::Or, right } => pending.extend([right.as_ref(), left.as_ref()]),
                Expr::Nested(inner) => pending.push(inner),
                other => {
                    scope.touched.set(0);
                    self.used(other, scope, ctes);
                    touched |= scope.touched.get();
                    // `a.x <> b.x` holds for nearly every pair.
                    let differs = matches!(other, Expr::BinaryOp { op: BinaryOperator::NotEq, .. });
                    tied &= if differs { 0 } else { scope.touched.get() };
                }
            }
        }
        scope.touched.set(touched);
        tied
    }

    fn named_windows(&mut self, windows: &[NamedWindowDefinition], scope: &Scope<'a, '_>, ctes: &Ctes<'_>) {
        for NamedWindowDefinition(_, window) in windows {
            match window {
                NamedWindowExpr::NamedWindow(name) => self.named_window(name, scope),
                NamedWindowExpr::WindowSpec(spec) => {
                    let mut sources = Vec::new();
                    self.window_spec(spec, scope, ctes, &mut sources);
                    self.check_use(&sources, None);
                }
            }
        }
    }

    /// Resolves `GROUP BY`; whether there is one.
    fn group_by(&mut self, group_by: &GroupByExpr, scope: &Scope<'a, '_>, ctes: &Ctes<'_>) -> bool {
        let (expressions, modifiers) = match group_by {
            GroupByExpr::All(modifiers) => {
                if self.dialect != Dialect::Bigquery {
                    self.refuse_at("GROUP BY ALL", group_by);
                }
                (&[][..], modifiers)
            }
            GroupByExpr::Expressions(expressions, modifiers) => (expressions.as_slice(), modifiers),
        };
        for expr in expressions {
            self.grouping(expr, scope, ctes);
        }
        for modifier in modifiers {
            match modifier {
                GroupByWithModifier::Rollup | GroupByWithModifier::Cube => {}
                GroupByWithModifier::Totals => self.refuse_at("WITH TOTALS", group_by),
                GroupByWithModifier::GroupingSets(sets) => self.grouping(sets, scope, ctes),
            }
        }
        !expressions.is_empty() || matches!(group_by, GroupByExpr::All(_))
    }

    fn grouping(&mut self, expr: &Expr, scope: &Scope<'a, '_>, ctes: &Ctes<'_>) {
        match expr {
            Expr::GroupingSets(sets) | Expr::Cube(sets) | Expr::Rollup(sets) => {
                for expr in sets.iter().flatten() {
                    self.grouping(expr, scope, ctes);
                }
            }
            // Some dialects parse these as calls.
            Expr::Function(function) if is_grouping_call(function) => {
                if let sqlparser::ast::FunctionArguments::List(list) = &function.args {
                    for argument in &list.args {
                        let mut sources = Vec::new();
                        self.function_argument(argument, scope, ctes, &mut sources);
                        self.check_use(&sources, position(function));
                    }
                }
            }
            other => {
                self.used(other, scope, ctes);
                self.check_ordinal(other, &scope.outputs);
            }
        }
    }

    fn projection(&mut self, select: &Select, items: &[SelectItem], scope: &Scope<'a, '_>, ctes: &Ctes<'_>) -> Vec<Output> {
        let texts = std::cell::OnceCell::new();
        let mut outputs = Vec::with_capacity(items.len());
        let mut at = 0;
        for item in items {
            match item {
                SelectItem::UnnamedExpr(expr) => {
                    let mut sources = Vec::new();
                    let changes = self.changes();
                    self.expr(expr, scope, ctes, &mut sources);
                    let range = || texts.get_or_init(|| self.item_ranges(select, items.len())).get(at).cloned();
                    let name = self.output_name(expr, scope, outputs.len(), || self.against.text.get(range()?));
                    if self.changes() != changes && self.is_named_by_text(expr) {
                        self.keep_name(select, at, range(), &name);
                    }
                    outputs.push(Output { name, sources });
                }
                SelectItem::ExprWithAlias { expr, alias } => {
                    if let Some(finding) = rules::reserved_alias::check(self.dialect, alias) {
                        self.report(finding);
                    }
                    let mut sources = Vec::new();
                    self.aliased_expr(expr, scope, ctes, &mut sources);
                    outputs.push(Output { name: Name::of(self.dialect, alias).text.into_owned(), sources });
                }
                SelectItem::ExprWithAliases { .. } => self.refuse_at("several aliases for one expression", item),
                SelectItem::QualifiedWildcard(kind, options) => match kind {
                    SelectItemQualifiedWildcardKind::ObjectName(name) => {
                        let Some(qualifier) = identifiers(name) else {
                            self.refuse_at("a function call as a table name", name);
                            continue;
                        };
                        let idents = qualifier;
                        let qualifier: Vec<Name<'_>> = idents.iter().map(|ident| Name::of(self.dialect, ident)).collect();
                        self.unqualify(&idents, &qualifier, scope);
                        let schema = self.default_schema();
                        let owner =
                            scope.chain().find(|scope| scope.relations.iter().any(|own| own.answers_to(&qualifier, schema)));
                        let relations: Vec<Relation<'a>> = owner
                            .map(|scope| {
                                scope.relations.iter().filter(|own| own.answers_to(&qualifier, schema)).cloned().collect()
                            })
                            .unwrap_or_default();
                        if relations.is_empty() && !scope.incomplete {
                            let names: Vec<&str> = scope.relations.iter().filter_map(|own| own.name.as_deref()).collect();
                            let near = crate::catalog::nearest(&name.to_string(), names.into_iter(), 3);
                            self.report(rules::known_table::unknown(&name.to_string(), &near, position(name)));
                        }
                        self.wildcard(&relations, options, true, scope, ctes, &mut outputs);
                    }
                    SelectItemQualifiedWildcardKind::Expr(expr) => self.refuse_at("the fields of an expression", expr),
                },
                SelectItem::Wildcard(options) => {
                    if scope.relations.is_empty() && !select.from.is_empty() {
                        // What stands in FROM was refused.
                    } else if scope.relations.is_empty() {
                        self.refuse_at("* without FROM", options);
                    }
                    let relations = scope.relations.clone();
                    self.wildcard(&relations, options, false, scope, ctes, &mut outputs);
                }
            }
            at += 1;
        }
        for output in &mut outputs {
            output.sources.sort_unstable();
            output.sources.dedup();
        }
        outputs
    }

    /// `*` or `t.*`, with what some dialects let follow it.
    fn wildcard(
        &mut self,
        relations: &[Relation<'a>],
        options: &WildcardAdditionalOptions,
        qualified: bool,
        scope: &Scope<'a, '_>,
        ctes: &Ctes<'_>,
        outputs: &mut Vec<Output>,
    ) {
        let WildcardAdditionalOptions {
            wildcard_token: _,
            opt_ilike,
            opt_exclude,
            opt_except,
            opt_replace,
            opt_rename,
            opt_alias,
        } = options;
        if opt_ilike.is_some() || opt_rename.is_some() || opt_alias.is_some() {
            self.refuse_at("options of `*`", options);
        }
        let mut except: Vec<Name<'_>> = Vec::new();
        let excluded: &[ObjectName] = match opt_exclude {
            Some(ExcludeSelectItem::Single(name)) => std::slice::from_ref(name),
            Some(ExcludeSelectItem::Multiple(names)) => names,
            None => &[],
        };
        for name in excluded {
            match identifiers(name).as_deref() {
                Some([ident]) => except.push(Name::of(self.dialect, ident)),
                _ => self.refuse_at("a qualified name in EXCLUDE", name),
            }
        }
        if let Some(ExceptSelectItem { first_element, additional_elements }) = opt_except {
            except.push(Name::of(self.dialect, first_element));
            except.extend(additional_elements.iter().map(|ident| Name::of(self.dialect, ident)));
        }
        let mut replaced: Vec<(Name<'_>, super::Sources)> = Vec::new();
        if let Some(ReplaceSelectItem { items }) = opt_replace {
            for item in items {
                let mut sources = Vec::new();
                self.expr(&item.expr, scope, ctes, &mut sources);
                replaced.push((Name::of(self.dialect, &item.column_name), sources));
            }
        }
        for relation in relations {
            for mut output in relation.outputs() {
                let name = Name::plain(self.dialect, &output.name);
                if !qualified && relation.is_merged(&name) {
                    if let Some(earlier) = outputs.iter_mut().find(|earlier| name.is(&earlier.name)) {
                        earlier.sources.extend_from_slice(&output.sources);
                    }
                    self.read(&output.sources);
                    continue;
                }
                if except.iter().any(|name| name.is(&output.name)) {
                    continue;
                }
                if let Some((_, sources)) = replaced.iter().find(|(name, _)| name.is(&output.name)) {
                    output.sources.clone_from(sources);
                }
                self.read(&output.sources);
                outputs.push(output);
            }
        }
    }

    /// How much there is to rewrite so far.
    fn changes(&self) -> usize {
        self.found.edits.len() + self.found.references.len()
    }

    /// Gives the item an alias, so that rewriting it does not change the column's name.
    fn keep_name(&mut self, select: &Select, at: usize, range: Option<std::ops::Range<usize>>, name: &str) {
        let Some(range) = range else { return };
        let start = select.select_token.0.span.start;
        let alias = crate::query::ident(self.dialect, name);
        self.edit(Edit::new(
            range.end..range.end,
            format!(" AS {alias}"),
            Change::Alias(Position { line: start.line, column: start.column }, at, alias),
        ));
    }

    /// The bytes of the items of a select list, when the tokens can be split into exactly `count` of them.
    fn item_ranges(&self, select: &Select, count: usize) -> Vec<std::ops::Range<usize>> {
        let start = select.select_token.0.span.start;
        let Some((first, _)) = self.token_at(Position { line: start.line, column: start.column }) else { return Vec::new() };
        let mut ranges = Vec::with_capacity(count);
        let (mut depth, mut cases, mut item): (usize, usize, Option<std::ops::Range<usize>>) = (0, 0, None);
        for token in self.against.tokens.get(first + 1..).unwrap_or_default() {
            let text = self.text_of(token);
            let word = |word: &str| token.kind == TokenKind::Word && text.eq_ignore_ascii_case(word);
            match token.kind {
                TokenKind::Open => depth += 1,
                TokenKind::Close if depth == 0 => break,
                TokenKind::Close => depth -= 1,
                TokenKind::Semicolon => break,
                TokenKind::Comma if depth == 0 && cases == 0 => {
                    ranges.extend(item.take());
                    continue;
                }
                TokenKind::Comment => continue,
                _ if word("CASE") => cases += 1,
                _ if word("END") => cases = cases.saturating_sub(1),
                _ if depth == 0 && item.is_none() && (word("DISTINCT") || word("ALL")) => continue,
                _ if depth == 0 && ENDS.iter().any(|end| word(end)) => break,
                _ => {}
            }
            item = Some(item.map_or(token.range.clone(), |range| range.start..token.range.end));
        }
        ranges.extend(item);
        if ranges.len() == count { ranges } else { Vec::new() }
    }
}

/// Words that end a select list.
#[rustfmt::skip]
const ENDS: &[&str] = &[
    "FROM", "WHERE", "GROUP", "HAVING", "WINDOW", "ORDER", "LIMIT", "OFFSET", "FETCH", "UNION", "EXCEPT", "INTERSECT",
    "QUALIFY", "FOR", "INTO",
];

fn is_grouping_call(function: &sqlparser::ast::Function) -> bool {
    matches!(function.name.0.as_slice(), [part] if part.as_ident().is_some_and(|ident| {
        ["rollup", "cube"].iter().any(|name| ident.value.eq_ignore_ascii_case(name))
    })) && function.over.is_none()
}

fn top_rows(top: &Top) -> Option<u64> {
    match (&top.quantity, top.percent) {
        (Some(TopQuantity::Constant(rows)), false) => Some(*rows),
        (Some(TopQuantity::Expr(expr)), false) => super::limits::literal(expr).and_then(|rows| u64::try_from(rows).ok()),
        _ => None,
    }
}

impl Resolver<'_> {
    /// Reports an alias of a relation that may not be one.
    pub(super) fn check_alias(&mut self, alias: &sqlparser::ast::TableAlias) {
        let sqlparser::ast::TableAlias { explicit: _, name, columns, at } = alias;
        if let Some(at) = at {
            self.refuse_name("AT in an alias", at);
        }
        for ident in std::iter::once(name).chain(columns.iter().map(|column| &column.name)) {
            if let Some(finding) = rules::reserved_alias::check(self.dialect, ident) {
                self.report(finding);
            }
        }
        if columns.iter().any(|column| column.data_type.is_some()) && ident_position(name).is_some() {
            for column in columns {
                if let Some(kind) = &column.data_type {
                    self.data_type(kind);
                }
            }
        }
    }
}
