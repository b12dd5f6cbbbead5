//! Expressions: every variant is named here, and what is not known to be harmless is refused.

use sqlparser::ast::{
    AccessExpr, BinaryOperator, CaseWhen, CastFormat, CeilFloorKind, DateTimeField, Expr, Ident, Interval, Query, Subscript,
    TypedString, UnaryOperator, Value,
};

use super::name::Name;
use super::query::is_constant;
use super::scope::{Ctes, Scope, Sources};
use super::{Resolver, rules};
use crate::catalog::nearest;
use crate::dialect::Dialect;

/// Whether a double-quoted word that is no column may be a string where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quoted {
    /// A value is expected: SQLite reads it as a string.
    MayBeString,
    /// A name is expected.
    IsName,
}

impl<'a> Resolver<'a> {
    pub(super) fn exprs(&mut self, exprs: &[Expr], scope: &Scope<'a, '_>, ctes: &Ctes<'_>, out: &mut Sources) {
        for expr in exprs {
            self.value(expr, Quoted::MayBeString, scope, ctes, out);
        }
    }

    /// An expression where a name is more likely than a string.
    pub(super) fn expr(&mut self, expr: &Expr, scope: &Scope<'a, '_>, ctes: &Ctes<'_>, out: &mut Sources) {
        self.value(expr, Quoted::IsName, scope, ctes, out);
    }

    /// An item of a select list with an alias: `"total" AS kind` is a string when nothing looks like that name.
    pub(super) fn aliased_expr(&mut self, expr: &Expr, scope: &Scope<'a, '_>, ctes: &Ctes<'_>, out: &mut Sources) {
        let quoted = match expr {
            Expr::Identifier(ident) if ident.quote_style == Some('"') => {
                let names = scope.relations.iter().flat_map(|relation| relation.column_names());
                if nearest(&ident.value, names, 1).is_empty() { Quoted::MayBeString } else { Quoted::IsName }
            }
            _ => Quoted::IsName,
        };
        self.value(expr, quoted, scope, ctes, out);
    }

    /// Resolves an expression; the columns it derives from are added to `out`.
    pub(super) fn value(&mut self, expr: &Expr, quoted: Quoted, scope: &Scope<'a, '_>, ctes: &Ctes<'_>, out: &mut Sources) {
        let start = out.len();
        self.resolve_value(expr, quoted, scope, ctes, out);
        if let Some(sources) = out.get_mut(start..)
            && self.watches_personal_data
        {
            self.judge(expr, sources);
        }
    }

    fn resolve_value(&mut self, expr: &Expr, quoted: Quoted, scope: &Scope<'a, '_>, ctes: &Ctes<'_>, out: &mut Sources) {
        const STRING: Quoted = Quoted::MayBeString;
        match expr {
            Expr::Identifier(ident) => self.identifier(ident, quoted, scope, out),
            Expr::CompoundIdentifier(parts) => self.compound(parts, scope, out),
            Expr::Value(value) => {
                self.double_quoted(value, scope);
                self.literal(&value.value);
            }
            Expr::Nested(inner) => self.value(inner, quoted, scope, ctes, out),

            Expr::BinaryOp { .. } => self.binary(expr, scope, ctes, out),
            Expr::UnaryOp { op, expr } => {
                match op {
                    UnaryOperator::Plus
                    | UnaryOperator::Minus
                    | UnaryOperator::Not
                    | UnaryOperator::BitwiseNot
                    | UnaryOperator::BangNot
                    | UnaryOperator::PGAbs
                    | UnaryOperator::PGCubeRoot
                    | UnaryOperator::PGSquareRoot
                    | UnaryOperator::AtDashAt
                    | UnaryOperator::DoubleAt
                    | UnaryOperator::Hash
                    | UnaryOperator::QuestionDash
                    | UnaryOperator::QuestionPipe => {}
                    // A factorial of a large number runs for hours.
                    UnaryOperator::PGPostfixFactorial | UnaryOperator::PGPrefixFactorial => {
                        self.refuse_at("the factorial operator", expr.as_ref());
                    }
                }
                self.value(expr, quoted, scope, ctes, out);
            }

            Expr::IsFalse(expr)
            | Expr::IsNotFalse(expr)
            | Expr::IsTrue(expr)
            | Expr::IsNotTrue(expr)
            | Expr::IsNull(expr)
            | Expr::IsNotNull(expr)
            | Expr::IsUnknown(expr)
            | Expr::IsNotUnknown(expr)
            | Expr::IsJson { expr, kind: _, unique_keys: _, negated: _ }
            | Expr::IsNormalized { expr, form: _, negated: _ } => self.value(expr, Quoted::IsName, scope, ctes, out),
            Expr::IsDistinctFrom(left, right) | Expr::IsNotDistinctFrom(left, right) => self.pair(left, right, scope, ctes, out),

            Expr::InList { expr, list, negated: _ } => {
                self.value(expr, Quoted::IsName, scope, ctes, out);
                let quoted = if is_constant(expr) { Quoted::IsName } else { STRING };
                for item in list {
                    self.value(item, quoted, scope, ctes, out);
                }
            }
            Expr::InSubquery { expr, subquery, negated: _ } => {
                self.value(expr, STRING, scope, ctes, out);
                self.subquery(subquery, scope, ctes, out);
            }
            Expr::InUnnest { expr, array_expr, negated: _ } => {
                self.value(expr, STRING, scope, ctes, out);
                self.value(array_expr, Quoted::IsName, scope, ctes, out);
            }
            Expr::Between { expr, negated: _, low, high } => {
                self.value(expr, Quoted::IsName, scope, ctes, out);
                let quoted = if is_constant(expr) { Quoted::IsName } else { STRING };
                self.value(low, quoted, scope, ctes, out);
                self.value(high, quoted, scope, ctes, out);
            }
            Expr::Like { negated: _, any, expr, pattern, escape_char }
            | Expr::ILike { negated: _, any, expr, pattern, escape_char } => {
                if *any && !matches!(self.dialect, Dialect::Postgres | Dialect::Bigquery) {
                    self.refuse_at("LIKE ANY", pattern.as_ref());
                }
                if self.dialect == Dialect::Sqlite {
                    // The operator calls a function, which the engine reports by this name.
                    self.found.functions.insert("like".to_owned());
                }
                self.pair(expr, pattern, scope, ctes, out);
                if let Some(escape) = escape_char {
                    self.value(escape, STRING, scope, ctes, out);
                }
            }
            Expr::SimilarTo { negated: _, expr, pattern, escape_char } => {
                self.check_pattern(pattern);
                self.pair(expr, pattern, scope, ctes, out);
                if let Some(escape) = escape_char {
                    self.value(escape, STRING, scope, ctes, out);
                }
            }
            Expr::RLike { negated: _, expr, pattern, regexp: _ } => {
                self.check_pattern(pattern);
                self.pair(expr, pattern, scope, ctes, out);
            }
            Expr::AnyOp { left, compare_op, right, is_some: _ } | Expr::AllOp { left, compare_op, right } => {
                self.operator(compare_op, right);
                self.value(left, Quoted::IsName, scope, ctes, out);
                self.value(right, Quoted::IsName, scope, ctes, out);
            }

            Expr::Case { case_token: _, end_token: _, operand, conditions, else_result } => {
                if let Some(operand) = operand {
                    self.value(operand, Quoted::IsName, scope, ctes, out);
                }
                let compared = operand.as_deref().is_some_and(|operand| !is_constant(operand));
                for CaseWhen { condition, result } in conditions {
                    self.value(condition, if compared { STRING } else { Quoted::IsName }, scope, ctes, out);
                    self.value(result, STRING, scope, ctes, out);
                }
                if let Some(result) = else_result {
                    self.value(result, STRING, scope, ctes, out);
                }
            }
            Expr::Cast { kind: _, expr, data_type, format } => {
                match format {
                    None | Some(CastFormat::Value(_) | CastFormat::ValueAtTimeZone(_, _)) => {}
                }
                self.data_type(data_type);
                self.check_cast_to_json_path(expr, data_type);
                self.value(expr, STRING, scope, ctes, out);
            }
            Expr::Convert { is_try: _, expr, data_type, charset, target_before_value: _, styles } => {
                if let Some(kind) = data_type {
                    self.data_type(kind);
                }
                if charset.as_ref().is_some_and(|name| name.0.len() != 1) {
                    self.refuse_at("this character set", expr.as_ref());
                }
                self.value(expr, STRING, scope, ctes, out);
                self.exprs(styles, scope, ctes, out);
            }
            Expr::TypedString(TypedString { data_type, value, uses_odbc_syntax: _ }) => {
                self.data_type(data_type);
                self.double_quoted(value, scope);
                self.literal(&value.value);
            }
            Expr::Interval(Interval {
                value,
                leading_field,
                leading_precision: _,
                last_field,
                fractional_seconds_precision: _,
            }) => {
                leading_field.iter().chain(last_field).for_each(|field| self.date_field(field));
                self.value(value, STRING, scope, ctes, out);
            }
            Expr::AtTimeZone { timestamp, time_zone } => {
                self.value(timestamp, STRING, scope, ctes, out);
                self.value(time_zone, STRING, scope, ctes, out);
            }
            Expr::Extract { field, syntax: _, expr } => {
                self.date_field(field);
                self.value(expr, STRING, scope, ctes, out);
            }
            Expr::Ceil { expr: of, field } | Expr::Floor { expr: of, field } => {
                match field {
                    CeilFloorKind::DateTimeField(field) => self.date_field(field),
                    CeilFloorKind::Scale(value) => self.literal(&value.value),
                }
                self.call_of(if matches!(expr, Expr::Ceil { .. }) { "ceil" } else { "floor" });
                self.value(of, STRING, scope, ctes, out);
            }
            Expr::Position { expr, r#in } => {
                self.call_of("position");
                self.value(expr, STRING, scope, ctes, out);
                self.value(r#in, STRING, scope, ctes, out);
            }
            Expr::Substring { expr, substring_from, substring_for, special: _, shorthand } => {
                self.call_of(if *shorthand { "substr" } else { "substring" });
                self.value(expr, STRING, scope, ctes, out);
                for part in substring_from.iter().chain(substring_for) {
                    self.value(part, STRING, scope, ctes, out);
                }
            }
            Expr::Trim { trim_where: _, trim_what, expr, trim_characters } => {
                self.call_of("trim");
                self.value(expr, STRING, scope, ctes, out);
                if let Some(what) = trim_what {
                    self.value(what, STRING, scope, ctes, out);
                }
                self.exprs(trim_characters.as_deref().unwrap_or_default(), scope, ctes, out);
            }
            Expr::Overlay { expr, overlay_what, overlay_from, overlay_for } => {
                for part in [expr, overlay_what, overlay_from].into_iter().chain(overlay_for) {
                    self.value(part, STRING, scope, ctes, out);
                }
            }
            Expr::Collate { expr, collation } => {
                if collation.0.len() > 2 {
                    self.refuse_at("this collation", collation);
                }
                self.value(expr, quoted, scope, ctes, out);
            }
            Expr::Prefixed { prefix, value } => {
                if self.dialect != Dialect::Mysql || !prefix.value.starts_with('_') {
                    self.refuse_name("a prefixed literal", prefix);
                }
                self.value(value, STRING, scope, ctes, out);
            }

            Expr::Function(function) => self.function(function, scope, ctes, out),
            Expr::Exists { subquery, negated: _ } => self.subquery(subquery, scope, ctes, &mut Vec::new()),
            Expr::Subquery(subquery) => self.subquery(subquery, scope, ctes, out),
            Expr::Tuple(items) => self.exprs(items, scope, ctes, out),
            Expr::Array(array) => self.exprs(&array.elem, scope, ctes, out),
            Expr::Struct { values, fields } => {
                for field in fields {
                    self.data_type(&field.field_type);
                }
                self.exprs(values, scope, ctes, out);
            }
            Expr::Named { expr, name: _ } => self.value(expr, STRING, scope, ctes, out),
            Expr::CompoundFieldAccess { root, access_chain } => {
                if let Some(column) = self.field_of_row(root, access_chain, scope) {
                    return self.compound(&column, scope, out);
                }
                if self.xml_chain(root, access_chain, scope, out) {
                    return;
                }
                self.value(root, Quoted::IsName, scope, ctes, out);
                for access in access_chain {
                    match access {
                        AccessExpr::Subscript(Subscript::Index { index }) => self.value(index, STRING, scope, ctes, out),
                        AccessExpr::Subscript(Subscript::Slice { lower_bound, upper_bound, stride }) => {
                            for part in [lower_bound, upper_bound, stride].into_iter().flatten() {
                                self.value(part, STRING, scope, ctes, out);
                            }
                        }
                        // In PostgreSQL `(x).f` calls the function f.
                        AccessExpr::Dot(Expr::Identifier(_))
                            if matches!(self.dialect, Dialect::Bigquery | Dialect::Datafusion) => {}
                        AccessExpr::Dot(Expr::Function(method)) if self.dialect == Dialect::Tsql && super::xml::is_xml(root) => {
                            self.xml_method(method);
                        }
                        AccessExpr::Dot(field) => self.refuse_at("a field of a value", field),
                    }
                }
            }
            Expr::MatchAgainst { columns, match_value, opt_search_modifier: _ } => {
                for column in columns {
                    let parts: Option<Vec<Ident>> =
                        super::name::identifiers(column).map(|parts| parts.into_iter().cloned().collect());
                    match parts.as_deref() {
                        Some([one]) => self.identifier(one, Quoted::IsName, scope, out),
                        Some(parts) => self.compound(parts, scope, out),
                        None => self.refuse_at("MATCH of something that is not a column", column),
                    }
                }
                self.literal(&match_value.value);
            }
            Expr::MemberOf(member) => {
                self.value(&member.value, STRING, scope, ctes, out);
                self.value(&member.array, STRING, scope, ctes, out);
            }

            Expr::GroupingSets(_) | Expr::Cube(_) | Expr::Rollup(_) => self.refuse_at("grouping sets outside GROUP BY", expr),
            Expr::Wildcard(_) | Expr::QualifiedWildcard(_, _) => self.refuse_at("`*` inside an expression", expr),
            Expr::JsonAccess { .. } => self.refuse_at("`:` paths", expr),
            Expr::Dictionary(_) | Expr::Map(_) => self.refuse_at("map literals", expr),
            Expr::OuterJoin(_) => self.refuse_at("(+) joins", expr),
            Expr::Prior(_) => self.refuse_at("PRIOR", expr),
            Expr::Lambda(_) => self.refuse_at("lambda functions", expr),
        }
    }

    /// A query inside an expression; its output columns count as sources.
    pub(super) fn subquery(&mut self, query: &Query, scope: &Scope<'a, '_>, ctes: &Ctes<'_>, out: &mut Sources) {
        self.rows_of_subquery(query, scope, ctes, out);
    }

    /// The same; how many rows it has, as far as that is known.
    pub(super) fn rows_of_subquery(
        &mut self,
        query: &Query,
        scope: &Scope<'a, '_>,
        ctes: &Ctes<'_>,
        out: &mut Sources,
    ) -> Option<u64> {
        self.depth += 1;
        let around = std::mem::replace(&mut self.in_parentheses, false);
        let resolved = self.query(query, Some(scope), ctes);
        self.in_parentheses = around;
        self.depth -= 1;
        for column in resolved.columns.iter() {
            out.extend_from_slice(&column.sources);
        }
        resolved.rows
    }

    /// Two operands that are compared or combined: a quoted word beside something that is not a constant may be a string.
    fn pair(&mut self, left: &Expr, right: &Expr, scope: &Scope<'a, '_>, ctes: &Ctes<'_>, out: &mut Sources) {
        let beside = |other: &Expr| if is_constant(other) { Quoted::IsName } else { Quoted::MayBeString };
        self.value(left, beside(right), scope, ctes, out);
        // A quoted word on the left that is a column makes a quoted word on the right a value.
        let left_is_column = matches!(left, Expr::Identifier(ident) if self.is_column(&Name::of(self.dialect, ident), scope));
        self.value(right, if left_is_column { Quoted::MayBeString } else { beside(left) }, scope, ctes, out);
    }

    /// A chain of operators leans to the left: that side is followed in a loop.
    fn binary(&mut self, expr: &Expr, scope: &Scope<'a, '_>, ctes: &Ctes<'_>, out: &mut Sources) {
        let mut at = expr;
        while let Expr::BinaryOp { left, op, right } = at {
            self.operator(op, right);
            if let Expr::BinaryOp { op: inner, .. } = left.as_ref()
                && super::personal::family(inner) == super::personal::family(op)
            {
                self.value(right, Quoted::MayBeString, scope, ctes, out);
                at = left;
            } else {
                match op {
                    BinaryOperator::And | BinaryOperator::Or | BinaryOperator::Xor => {
                        self.value(left, Quoted::IsName, scope, ctes, out);
                        self.value(right, Quoted::IsName, scope, ctes, out);
                    }
                    BinaryOperator::StringConcat => {
                        self.value(left, Quoted::MayBeString, scope, ctes, out);
                        self.value(right, Quoted::MayBeString, scope, ctes, out);
                    }
                    _ => self.pair(left, right, scope, ctes, out),
                }
                break;
            }
        }
    }

    /// A construct that the engine carries out by a function of this name.
    pub(super) fn call_of(&mut self, name: &str) {
        self.found.functions.insert(name.to_owned());
    }

    fn date_field(&mut self, field: &DateTimeField) {
        if let DateTimeField::Custom(ident) = field
            && !crate::guard::functions::is_date_part(&ident.value)
            && !["year_month", "day_hour", "day_minute", "day_second", "hour_minute", "hour_second", "minute_second"]
                .contains(&ident.value.to_ascii_lowercase().as_str())
        {
            self.refuse_name("this part of a date", ident);
        }
    }

    fn literal(&mut self, value: &Value) {
        match value {
            Value::Placeholder(text) => self.placeholder(text),
            Value::Number(_, _)
            | Value::SingleQuotedString(_)
            | Value::DollarQuotedString(_)
            | Value::TripleSingleQuotedString(_)
            | Value::TripleDoubleQuotedString(_)
            | Value::EscapedStringLiteral(_)
            | Value::UnicodeStringLiteral(_)
            | Value::SingleQuotedByteStringLiteral(_)
            | Value::DoubleQuotedByteStringLiteral(_)
            | Value::TripleSingleQuotedByteStringLiteral(_)
            | Value::TripleDoubleQuotedByteStringLiteral(_)
            | Value::SingleQuotedRawStringLiteral(_)
            | Value::DoubleQuotedRawStringLiteral(_)
            | Value::TripleSingleQuotedRawStringLiteral(_)
            | Value::TripleDoubleQuotedRawStringLiteral(_)
            | Value::NationalStringLiteral(_)
            | Value::HexStringLiteral(_)
            | Value::DoubleQuotedString(_)
            | Value::Boolean(_)
            | Value::Null => {}
            Value::QuoteDelimitedStringLiteral(_) | Value::NationalQuoteDelimitedStringLiteral(_) => self.refuse("q'…' strings"),
        }
    }

    /// `?`, `?1`, `$1`, `@p1`: counted, so that each has its value.
    pub(super) fn placeholder(&mut self, text: &str) {
        let number = match (self.dialect, text) {
            (Dialect::Sqlite | Dialect::Mysql | Dialect::Bigquery, "?") => None,
            (Dialect::Sqlite, _) if text.starts_with('?') => text.get(1..).and_then(|digits| digits.parse::<usize>().ok()),
            (Dialect::Postgres | Dialect::Datafusion, _) if text.starts_with('$') => {
                text.get(1..).and_then(|digits| digits.parse::<usize>().ok())
            }
            // An amount of money: `$99.50`.
            (Dialect::Tsql, _) if is_money(text) => return,
            (Dialect::Tsql, _) => {
                text.get(..2).filter(|start| start.eq_ignore_ascii_case("@p")).and_then(|_| text.get(2..)?.parse().ok())
            }
            _ => Some(0),
        };
        match number {
            None if text == "?" => self.placeholders.unnumbered += 1,
            Some(number @ 1..=9_999) => self.placeholders.highest = self.placeholders.highest.max(number),
            _ => self.report(rules::parameters::form(text)),
        }
    }
}

/// Whether a text is `$5.25`.
fn is_money(text: &str) -> bool {
    let Some(amount) = text.strip_prefix('$') else { return false };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    amount.starts_with(|first: char| first.is_ascii_digit())
        && amount.split_once('.').map_or_else(|| digits(amount), |(whole, cents)| digits(whole) && digits(cents))
}
