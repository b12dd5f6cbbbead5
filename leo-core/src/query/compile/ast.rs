//! Small builders for SQL ASTs that print safely: operands are parenthesised where precedence asks for it, negative numbers always.

use sqlparser::ast::helpers::attached_token::AttachedToken;
use sqlparser::ast::{
    BinaryOperator, CaseWhen, CastKind, Cte, DataType, DateTimeField, Distinct, DuplicateTreatment, Expr, ExtractSyntax,
    Function, FunctionArg, FunctionArgExpr, FunctionArgumentList, FunctionArguments, GroupByExpr, Ident, Interval, Join,
    JoinConstraint, JoinOperator, LimitClause, ObjectName, OrderBy, OrderByExpr, OrderByKind, OrderByOptions, OrderBySort, Query,
    Select, SelectFlavor, SelectItem, SetExpr, TableAlias, TableFactor, TableWithJoins, Top, TopQuantity, UnaryOperator, Value,
    WindowFrame, WindowFrameBound, WindowFrameUnits, WindowSpec, WindowType, With,
};

pub(crate) fn value(value: Value) -> Expr {
    Expr::Value(value.with_empty_span())
}

/// A whole number of ours.
pub(crate) fn int(number: i64) -> Expr {
    let digits = value(Value::Number(number.unsigned_abs().to_string(), false));
    if number < 0 { nested(Expr::UnaryOp { op: UnaryOperator::Minus, expr: Box::new(digits) }) } else { digits }
}

/// A number written as `digits`, which hold no sign.
pub(crate) fn number(digits: &str) -> Expr {
    value(Value::Number(digits.to_owned(), false))
}

/// A text of ours: a format or an escape character, never a user's value. It must hold neither quotes nor backslashes.
pub(crate) fn text(constant: &str) -> Expr {
    debug_assert!(!constant.contains(['\'', '\\']));
    value(Value::SingleQuotedString(constant.to_owned()))
}

pub(crate) fn null() -> Expr {
    value(Value::Null)
}

pub(crate) fn nested(expr: Expr) -> Expr {
    Expr::Nested(Box::new(expr))
}

/// How tightly an expression binds; operands that bind less tightly than their operator are parenthesised.
fn binding(expr: &Expr) -> u8 {
    match expr {
        Expr::BinaryOp { op, .. } => operator_binding(op),
        Expr::UnaryOp { op: UnaryOperator::Not, .. } => 3,
        Expr::IsNull(_)
        | Expr::IsNotNull(_)
        | Expr::InList { .. }
        | Expr::InSubquery { .. }
        | Expr::Between { .. }
        | Expr::Like { .. }
        | Expr::ILike { .. } => 4,
        // Some parsers take what follows it, `AND` and all, for its right side.
        Expr::IsNotDistinctFrom(..) => 0,
        Expr::AtTimeZone { .. } | Expr::Interval(_) | Expr::Collate { .. } => 8,
        _ => 10,
    }
}

fn operator_binding(op: &BinaryOperator) -> u8 {
    match op {
        BinaryOperator::Or => 1,
        BinaryOperator::And => 2,
        BinaryOperator::Plus | BinaryOperator::Minus => 6,
        BinaryOperator::Multiply | BinaryOperator::Divide | BinaryOperator::Modulo | BinaryOperator::MyIntegerDivide => 7,
        // Dialects disagree about `||`, so it is never mixed with other operators without parentheses.
        BinaryOperator::StringConcat => 0,
        _ => 4,
    }
}

/// `left op right`.
pub(crate) fn binary(left: Expr, op: BinaryOperator, right: Expr) -> Expr {
    let own = operator_binding(&op);
    let concat = op == BinaryOperator::StringConcat;
    let same_concat = |expr: &Expr| matches!(expr, Expr::BinaryOp { op: BinaryOperator::StringConcat, .. });
    let left_fits = if concat {
        same_concat(&left) || binding(&left) >= 8
    } else {
        binding(&left) > own || (binding(&left) == own && own != 4)
    };
    let right_fits = if concat { binding(&right) >= 8 } else { binding(&right) > own };
    let left = if left_fits { left } else { nested(left) };
    let right = if right_fits { right } else { nested(right) };
    Expr::BinaryOp { left: Box::new(left), op, right: Box::new(right) }
}

pub(crate) fn eq(left: Expr, right: Expr) -> Expr {
    binary(left, BinaryOperator::Eq, right)
}

pub(crate) fn plus(left: Expr, right: Expr) -> Expr {
    binary(left, BinaryOperator::Plus, right)
}

pub(crate) fn minus(left: Expr, right: Expr) -> Expr {
    binary(left, BinaryOperator::Minus, right)
}

pub(crate) fn times(left: Expr, right: Expr) -> Expr {
    binary(left, BinaryOperator::Multiply, right)
}

pub(crate) fn divided(left: Expr, right: Expr) -> Expr {
    binary(left, BinaryOperator::Divide, right)
}

pub(crate) fn modulo(left: Expr, right: Expr) -> Expr {
    binary(left, BinaryOperator::Modulo, right)
}

/// `a || b || c`.
pub(crate) fn concat(parts: impl IntoIterator<Item = Expr>) -> Expr {
    let mut parts = parts.into_iter();
    let first = parts.next().unwrap_or_else(null);
    parts.fold(first, |left, right| binary(left, BinaryOperator::StringConcat, right))
}

/// All of `terms`; an empty list holds.
pub(crate) fn all_of(terms: Vec<Expr>) -> Expr {
    joined(terms, BinaryOperator::And).unwrap_or_else(|| eq(int(1), int(1)))
}

/// Any of `terms`; an empty list does not hold.
pub(crate) fn any_of(terms: Vec<Expr>) -> Expr {
    joined(terms, BinaryOperator::Or).unwrap_or_else(never)
}

/// A condition that never holds; T-SQL has no truth values to write it with.
pub(crate) fn never() -> Expr {
    eq(int(1), int(0))
}

fn joined(terms: Vec<Expr>, op: BinaryOperator) -> Option<Expr> {
    let mut flat = Vec::with_capacity(terms.len());
    for term in terms {
        flatten(term, &op, &mut flat);
    }
    // `a OR (b AND c)` needs no parentheses and is easier to read with them.
    let conjunction = |term: &Expr| matches!(term, Expr::BinaryOp { op: BinaryOperator::And, .. });
    if op == BinaryOperator::Or && flat.len() > 1 {
        flat = flat.into_iter().map(|term| if conjunction(&term) { nested(term) } else { term }).collect();
    }
    flat.into_iter().reduce(|left, right| binary(left, op.clone(), right))
}

fn flatten(term: Expr, op: &BinaryOperator, into: &mut Vec<Expr>) {
    match term {
        Expr::BinaryOp { left, op: own, right } if own == *op => {
            flatten(*left, op, into);
            flatten(*right, op, into);
        }
        other => into.push(other),
    }
}

pub(crate) fn not(expr: Expr) -> Expr {
    match expr {
        Expr::Exists { subquery, negated } => Expr::Exists { subquery, negated: !negated },
        Expr::InSubquery { expr, subquery, negated } => Expr::InSubquery { expr, subquery, negated: !negated },
        Expr::InList { expr, list, negated } => Expr::InList { expr, list, negated: !negated },
        Expr::Between { expr, negated, low, high } => Expr::Between { expr, negated: !negated, low, high },
        Expr::Like { negated, any, expr, pattern, escape_char } => {
            Expr::Like { negated: !negated, any, expr, pattern, escape_char }
        }
        Expr::ILike { negated, any, expr, pattern, escape_char } => {
            Expr::ILike { negated: !negated, any, expr, pattern, escape_char }
        }
        Expr::IsNull(inner) => Expr::IsNotNull(inner),
        Expr::IsNotNull(inner) => Expr::IsNull(inner),
        Expr::BinaryOp { left, op, right } if opposite(&op).is_some() => {
            Expr::BinaryOp { left, op: opposite(&op).unwrap_or(op), right }
        }
        other => {
            let operand = if binding(&other) >= 8 { other } else { nested(other) };
            Expr::UnaryOp { op: UnaryOperator::Not, expr: Box::new(operand) }
        }
    }
}

/// The comparison that holds where this one does not; NULL satisfies neither.
fn opposite(op: &BinaryOperator) -> Option<BinaryOperator> {
    Some(match op {
        BinaryOperator::Eq => BinaryOperator::NotEq,
        BinaryOperator::NotEq => BinaryOperator::Eq,
        BinaryOperator::Lt => BinaryOperator::GtEq,
        BinaryOperator::LtEq => BinaryOperator::Gt,
        BinaryOperator::Gt => BinaryOperator::LtEq,
        BinaryOperator::GtEq => BinaryOperator::Lt,
        _ => return None,
    })
}

/// `expr` as an operand of a predicate written as a suffix (`IS NULL`, `IN`, `LIKE`, `BETWEEN`).
fn operand(expr: Expr) -> Box<Expr> {
    Box::new(if binding(&expr) >= 6 { expr } else { nested(expr) })
}

pub(crate) fn is_null(expr: Expr) -> Expr {
    Expr::IsNull(operand(expr))
}

pub(crate) fn is_not_null(expr: Expr) -> Expr {
    Expr::IsNotNull(operand(expr))
}

pub(crate) fn is_not_distinct(left: Expr, right: Expr) -> Expr {
    Expr::IsNotDistinctFrom(operand(left), operand(right))
}

pub(crate) fn in_list(expr: Expr, list: Vec<Expr>) -> Expr {
    Expr::InList { expr: operand(expr), list, negated: false }
}

pub(crate) fn in_subquery(expr: Expr, query: Query) -> Expr {
    Expr::InSubquery { expr: operand(expr), subquery: Box::new(query), negated: false }
}

pub(crate) fn between(expr: Expr, low: Expr, high: Expr) -> Expr {
    Expr::Between { expr: operand(expr), negated: false, low: operand(low), high: operand(high) }
}

pub(crate) fn like(expr: Expr, pattern: Expr, escape: Option<&str>) -> Expr {
    Expr::Like {
        negated: false,
        any: false,
        expr: operand(expr),
        pattern: operand(pattern),
        escape_char: escape.map(|escape| Box::new(text(escape))),
    }
}

pub(crate) fn ilike(expr: Expr, pattern: Expr) -> Expr {
    Expr::ILike { negated: false, any: false, expr: operand(expr), pattern: operand(pattern), escape_char: None }
}

pub(crate) fn exists(query: Query) -> Expr {
    Expr::Exists { subquery: Box::new(query), negated: false }
}

pub(crate) fn cast(expr: Expr, data_type: DataType) -> Expr {
    if matches!(&expr, Expr::Cast { data_type: own, .. } if *own == data_type) {
        return expr;
    }
    Expr::Cast { kind: CastKind::Cast, expr: Box::new(expr), data_type, format: None }
}

pub(crate) fn collate(expr: Expr, collation: &str) -> Expr {
    Expr::Collate { expr: operand(expr), collation: object(collation) }
}

pub(crate) fn extract(field: DateTimeField, expr: Expr) -> Expr {
    Expr::Extract { field, syntax: ExtractSyntax::From, expr: Box::new(expr) }
}

pub(crate) fn at_time_zone(expr: Expr, zone: Expr) -> Expr {
    let timestamp = if binding(&expr) >= 9 { expr } else { nested(expr) };
    nested(Expr::AtTimeZone { timestamp: Box::new(timestamp), time_zone: Box::new(zone) })
}

/// `INTERVAL 'text'`.
pub(crate) fn interval_text(constant: &str) -> Expr {
    interval(text(constant), None)
}

/// `INTERVAL n UNIT`.
pub(crate) fn interval_unit(count: Expr, unit: DateTimeField) -> Expr {
    interval(count, Some(unit))
}

fn interval(value: Expr, leading_field: Option<DateTimeField>) -> Expr {
    Expr::Interval(Interval {
        value: Box::new(value),
        leading_field,
        leading_precision: None,
        last_field: None,
        fractional_seconds_precision: None,
    })
}

/// `CASE WHEN condition THEN result END`, with `ELSE` when given.
pub(crate) fn case(branches: Vec<(Expr, Expr)>, otherwise: Option<Expr>) -> Expr {
    Expr::Case {
        case_token: AttachedToken::empty(),
        end_token: AttachedToken::empty(),
        operand: None,
        conditions: branches.into_iter().map(|(condition, result)| CaseWhen { condition, result }).collect(),
        else_result: otherwise.map(Box::new),
    }
}

fn object(name: &str) -> ObjectName {
    ObjectName::from(Ident::new(name))
}

fn function(name: &str, duplicate_treatment: Option<DuplicateTreatment>, args: Vec<FunctionArgExpr>) -> Function {
    Function {
        name: object(name),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList {
            duplicate_treatment,
            args: args.into_iter().map(FunctionArg::Unnamed).collect(),
            clauses: Vec::new(),
        }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: Vec::new(),
    }
}

/// `name(args)`.
pub(crate) fn call(name: &str, args: Vec<Expr>) -> Expr {
    Expr::Function(function(name, None, args.into_iter().map(FunctionArgExpr::Expr).collect()))
}

/// `COUNT(DISTINCT arg)`.
pub(crate) fn count_distinct(arg: Expr) -> Expr {
    Expr::Function(function("COUNT", Some(DuplicateTreatment::Distinct), vec![FunctionArgExpr::Expr(arg)]))
}

/// `COUNT(*)`.
pub(crate) fn count_star() -> Expr {
    Expr::Function(function("COUNT", None, vec![FunctionArgExpr::Wildcard]))
}

/// A bare word as an argument: the unit in `DATEPART(quarter, x)`.
pub(crate) fn word(name: &str) -> Expr {
    Expr::Identifier(Ident::new(name))
}

/// `name(args) OVER (PARTITION BY … ORDER BY … [ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW])`.
pub(crate) fn over(name: &str, args: Vec<Expr>, partition_by: Vec<Expr>, order_by: Vec<OrderByExpr>, cumulative: bool) -> Expr {
    let mut function = function(name, None, args.into_iter().map(FunctionArgExpr::Expr).collect());
    let window_frame = cumulative.then_some(WindowFrame {
        units: WindowFrameUnits::Rows,
        start_bound: WindowFrameBound::Preceding(None),
        end_bound: Some(WindowFrameBound::CurrentRow),
    });
    function.over = Some(WindowType::WindowSpec(WindowSpec { window_name: None, partition_by, order_by, window_frame }));
    Expr::Function(function)
}

pub(crate) fn order_by(expr: Expr, descending: bool, nulls_last: bool) -> OrderByExpr {
    OrderByExpr {
        expr,
        options: OrderByOptions { sort: descending.then_some(OrderBySort::Desc), nulls_first: nulls_last.then_some(false) },
        with_fill: None,
    }
}

pub(crate) fn item(expr: Expr, alias: Ident) -> SelectItem {
    SelectItem::ExprWithAlias { expr, alias }
}

/// `name AS alias`, or `name` alone when the alias is its last part.
pub(crate) fn table(name: Vec<Ident>, alias: Option<Ident>) -> TableFactor {
    TableFactor::Table {
        name: ObjectName::from(name),
        alias: alias.map(table_alias),
        args: None,
        with_hints: Vec::new(),
        version: None,
        with_ordinality: false,
        partitions: Vec::new(),
        json_path: None,
        sample: None,
        index_hints: Vec::new(),
    }
}

/// `(query) AS alias`.
pub(crate) fn derived(query: Query, alias: Ident) -> TableFactor {
    TableFactor::Derived { lateral: false, subquery: Box::new(query), alias: Some(table_alias(alias)), sample: None }
}

fn table_alias(name: Ident) -> TableAlias {
    TableAlias { explicit: true, name, columns: Vec::new(), at: None }
}

pub(crate) fn inner_join(relation: TableFactor, on: Expr) -> Join {
    Join { relation, global: false, join_operator: JoinOperator::Join(JoinConstraint::On(on)) }
}

pub(crate) fn left_join(relation: TableFactor, on: Expr) -> Join {
    Join { relation, global: false, join_operator: JoinOperator::Left(JoinConstraint::On(on)) }
}

pub(crate) fn cross_join(relation: TableFactor) -> Join {
    Join { relation, global: false, join_operator: JoinOperator::CrossJoin(JoinConstraint::None) }
}

/// The parts of a SELECT that Leo uses.
#[derive(Default)]
pub(crate) struct Parts {
    pub(crate) distinct: bool,
    pub(crate) top: Option<u64>,
    pub(crate) items: Vec<SelectItem>,
    pub(crate) from: Option<TableWithJoins>,
    pub(crate) filter: Option<Expr>,
    pub(crate) group_by: Vec<Expr>,
    pub(crate) having: Option<Expr>,
}

pub(crate) fn select(parts: Parts) -> SetExpr {
    SetExpr::Select(Box::new(Select {
        select_token: AttachedToken::empty(),
        optimizer_hints: Vec::new(),
        distinct: parts.distinct.then_some(Distinct::Distinct),
        select_modifiers: None,
        top: parts.top.map(|rows| Top { with_ties: false, percent: false, quantity: Some(TopQuantity::Constant(rows)) }),
        top_before_distinct: false,
        projection: parts.items,
        exclude: None,
        into: None,
        from: parts.from.into_iter().collect(),
        lateral_views: Vec::new(),
        prewhere: None,
        selection: parts.filter,
        connect_by: Vec::new(),
        group_by: GroupByExpr::Expressions(parts.group_by, Vec::new()),
        cluster_by: Vec::new(),
        distribute_by: Vec::new(),
        sort_by: Vec::new(),
        having: parts.having,
        named_window: Vec::new(),
        qualify: None,
        window_before_qualify: false,
        value_table_mode: None,
        flavor: SelectFlavor::Standard,
    }))
}

pub(crate) fn query(body: SetExpr, order: Vec<OrderByExpr>, limit: Option<u64>) -> Query {
    Query {
        with: None,
        body: Box::new(body),
        order_by: (!order.is_empty()).then_some(OrderBy { kind: OrderByKind::Expressions(order), interpolate: None }),
        limit_clause: limit.map(|rows| LimitClause::LimitOffset {
            limit: Some(number(&rows.to_string())),
            offset: None,
            limit_by: Vec::new(),
        }),
        fetch: None,
        locks: Vec::new(),
        for_clause: None,
        settings: None,
        format_clause: None,
        pipe_operators: Vec::new(),
    }
}

pub(crate) fn with(ctes: Vec<Cte>) -> Option<With> {
    (!ctes.is_empty()).then(|| With { with_token: AttachedToken::empty(), recursive: false, cte_tables: ctes })
}

pub(crate) fn cte(name: Ident, query: Query) -> Cte {
    Cte {
        alias: TableAlias { explicit: false, ..table_alias(name) },
        query: Box::new(query),
        from: None,
        materialized: None,
        closing_paren_token: AttachedToken::empty(),
    }
}
