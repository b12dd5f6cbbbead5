//! T-SQL of the suite's kind as SQLite's, and the types of what it selects.

use std::collections::HashMap;
use std::ops::ControlFlow;

use sqlparser::ast::{
    Expr, Ident, LimitClause, Query, Select, SelectItem, SetExpr, Statement as Ast, TableFactor, TopQuantity, Value,
    ValueWithSpan, VisitMut, VisitorMut,
};
use sqlparser::dialect::MsSqlDialect;
use sqlparser::parser::{Parser, ParserOptions};

use super::database::Columns;
use super::token::Type;

/// A statement that SQLite can run.
pub(super) struct Statement {
    pub sql: String,
    pub columns: Columns,
}

type Tables = HashMap<String, Columns>;

/// Reads a query; the reason where it is none, or of a kind that is not known here.
pub(super) fn read(sql: &str, declared: &str, tables: &Tables) -> Result<Statement, String> {
    let mut statements = parser(sql)?.parse_statements().map_err(|error| error.to_string())?;
    let (Some(Ast::Query(mut query)), true) = (statements.pop(), statements.is_empty()) else {
        return Err(format!("not one query: {sql}"));
    };
    let mut types = tables.clone();
    let params = declared.split(',').filter_map(|one| one.trim().split_once(' '));
    types.insert(String::new(), params.filter_map(|(name, kind)| Some((name.to_owned(), named(kind)?))).collect());
    let columns = of_query(&query, &types)?;
    let _ = query.visit(&mut Translate);
    Ok(Statement { sql: query.to_string(), columns })
}

fn parser(sql: &str) -> Result<Parser<'static>, String> {
    let parser = Parser::new(&MsSqlDialect {}).with_options(ParserOptions::new().with_unescape(false));
    parser.try_with_sql(sql).map_err(|error| error.to_string())
}

fn lower(name: &Ident) -> String {
    name.value.to_lowercase()
}

fn of_query(query: &Query, tables: &Tables) -> Result<Columns, String> {
    let mut tables = tables.clone();
    for cte in query.with.iter().flat_map(|with| &with.cte_tables) {
        let columns = of_query(&cte.query, &tables)?;
        tables.insert(lower(&cte.alias.name), columns);
    }
    of_set(&query.body, &tables)
}

fn of_set(set: &SetExpr, tables: &Tables) -> Result<Columns, String> {
    match set {
        SetExpr::Select(select) => of_select(select, tables),
        SetExpr::Query(query) => of_query(query, tables),
        SetExpr::SetOperation { left, .. } => of_set(left, tables),
        SetExpr::Values(values) => {
            let first = values.rows.first().ok_or("no row")?;
            let kind = |value: &Expr| Ok((String::new(), of(value, &Tables::new())?));
            first.iter().map(kind).collect()
        }
        other => Err(format!("not known here: {other}")),
    }
}

fn of_select(select: &Select, tables: &Tables) -> Result<Columns, String> {
    // Placeholders are columns of the table without a name.
    let mut scope = Tables::from([(String::new(), tables.get("").cloned().unwrap_or_default())]);
    let factors =
        select.from.iter().flat_map(|from| std::iter::once(&from.relation).chain(from.joins.iter().map(|join| &join.relation)));
    for factor in factors {
        let (name, columns) = of_table(factor, tables)?;
        scope.insert(name, columns);
    }
    let column = |item: &SelectItem| match item {
        SelectItem::ExprWithAlias { expr, alias } => Ok((alias.value.clone(), of(expr, &scope)?)),
        SelectItem::UnnamedExpr(expr) => {
            let name = match expr {
                Expr::Identifier(name) => name.value.clone(),
                Expr::CompoundIdentifier(path) => path.last().map(|name| name.value.clone()).unwrap_or_default(),
                _ => String::new(),
            };
            Ok((name, of(expr, &scope)?))
        }
        other => Err(format!("not known here: {other}")),
    };
    select.projection.iter().map(column).collect()
}

fn of_table(factor: &TableFactor, tables: &Tables) -> Result<(String, Columns), String> {
    match factor {
        TableFactor::Table { name, alias, .. } => {
            let path: Vec<String> = name.0.iter().filter_map(|part| part.as_ident()).map(lower).collect();
            let own = path.last().cloned().unwrap_or_default();
            let columns = tables.get(&path.join(".")).or_else(|| tables.get(&format!("dbo.{own}")));
            let columns = columns.ok_or_else(|| format!("Invalid object name '{name}'."))?;
            Ok((alias.as_ref().map_or(own, |alias| lower(&alias.name)), columns.clone()))
        }
        TableFactor::Derived { subquery, alias: Some(alias), .. } => {
            let mut columns = of_query(subquery, tables)?;
            for (column, given) in columns.iter_mut().zip(&alias.columns) {
                column.0.clone_from(&given.name.value);
            }
            Ok((lower(&alias.name), columns))
        }
        other => Err(format!("not known here: {other}")),
    }
}

/// The type of an expression.
fn of(expr: &Expr, scope: &Tables) -> Result<Type, String> {
    let find = |table: Option<String>, name: &Ident| {
        let tables = scope.iter().filter(|(own, _)| table.as_ref().is_none_or(|table| table == *own));
        let column = tables.flat_map(|(_, columns)| columns).find(|(own, _)| own.eq_ignore_ascii_case(&name.value));
        column.map(|(_, kind)| *kind).ok_or_else(|| format!("Invalid column name '{name}'."))
    };
    let arguments = |arguments: &sqlparser::ast::FunctionArguments| -> Vec<Expr> {
        match arguments {
            sqlparser::ast::FunctionArguments::List(list) => list.args.iter().filter_map(argument).collect(),
            _ => vec![],
        }
    };
    match expr {
        Expr::Identifier(name) => find(None, name),
        Expr::CompoundIdentifier(path) => match path.as_slice() {
            [.., table, name] => find(Some(lower(table)), name),
            _ => Err(format!("not known here: {expr}")),
        },
        Expr::Nested(inner) => of(inner, scope),
        Expr::Cast { data_type, .. } => {
            named(&data_type.to_string()).ok_or_else(|| format!("Type {data_type} is not a defined system type."))
        }
        Expr::BinaryOp { left, right, .. } => Ok(match (of(left, scope)?, of(right, scope)?) {
            (Type::Int(left), Type::Int(right)) => Type::Int(left.max(right)),
            (Type::Int(_), other) | (other, _) => other,
        }),
        Expr::Value(value) => Ok(match &value.value {
            Value::Number(number, _) if number.contains('.') => Type::Decimal(38, 10),
            Value::Number(..) | Value::Null => Type::Int(4),
            Value::Placeholder(name) => find(Some(String::new()), &Ident::new(name.clone()))?,
            _ => Type::NVarchar(8_000),
        }),
        Expr::Function(function) => {
            let arguments = arguments(&function.args);
            let first = || arguments.first().ok_or("an argument is missing".to_owned()).and_then(|first| of(first, scope));
            match function.name.to_string().to_lowercase().as_str() {
                "count" => Ok(Type::Int(4)),
                "count_big" => Ok(Type::Int(8)),
                "concat" => Ok(Type::NVarchar(8_000)),
                "sum" => Ok(match first()? {
                    Type::Decimal(_, scale) => Type::Decimal(38, scale),
                    other => other,
                }),
                "min" | "max" | "abs" | "coalesce" | "nullif" => first(),
                other => Err(format!("'{other}' is not a recognized built-in function name.")),
            }
        }
        other => Err(format!("not known here: {other}")),
    }
}

fn argument(argument: &sqlparser::ast::FunctionArg) -> Option<Expr> {
    match argument {
        sqlparser::ast::FunctionArg::Unnamed(sqlparser::ast::FunctionArgExpr::Expr(expr)) => Some(expr.clone()),
        _ => None,
    }
}

/// A type by its name.
fn named(kind: &str) -> Option<Type> {
    let kind = kind.to_lowercase();
    let (name, sizes) = kind.trim_end_matches(')').split_once('(').unwrap_or((&kind, ""));
    let mut sizes = sizes.split(',').map(|size| size.trim().parse::<u16>().ok());
    let size = sizes.next().flatten();
    Some(match name.trim() {
        "bit" => Type::Bit,
        "smallint" => Type::Int(2),
        "int" => Type::Int(4),
        "bigint" => Type::Int(8),
        "float" => Type::Float(8),
        "decimal" => Type::Decimal(size.unwrap_or(18) as u8, sizes.next().flatten().unwrap_or(0) as u8),
        "nvarchar" => Type::NVarchar(size.map_or(0xffff, |size| size * 2)),
        "date" => Type::Date,
        "datetime2" => Type::Datetime2(size.unwrap_or(7) as u8),
        _ => return None,
    })
}

/// Writes what SQLite spells otherwise.
struct Translate;

impl VisitorMut for Translate {
    type Break = ();

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        let SetExpr::Select(select) = query.body.as_mut() else { return ControlFlow::Continue(()) };
        let limit = match select.top.take().and_then(|top| top.quantity) {
            Some(TopQuantity::Expr(limit)) => limit,
            Some(TopQuantity::Constant(limit)) => Expr::value(Value::Number(limit.to_string(), false)),
            None => return ControlFlow::Continue(()),
        };
        query.limit_clause = Some(LimitClause::LimitOffset { limit: Some(limit), offset: None, limit_by: vec![] });
        ControlFlow::Continue(())
    }

    /// A derived table's columns get their names inside it.
    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<()> {
        if let TableFactor::Derived { subquery, alias: Some(alias), .. } = factor {
            let names = alias.columns.iter().enumerate().map(|(at, column)| format!("column{} AS {}", at + 1, column.name));
            let names: Vec<String> = names.collect();
            if matches!(subquery.body.as_ref(), SetExpr::Values(_)) && !names.is_empty() {
                let named = format!("SELECT {} FROM ({subquery})", names.join(", "));
                **subquery = *parser(&named)
                    .and_then(|mut parser| parser.parse_query().map_err(|error| error.to_string()))
                    .expect("a query");
                alias.columns.clear();
            }
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Expr::Cast { expr: inner, data_type, .. } = expr {
            let call = match named(&data_type.to_string()) {
                Some(Type::Int(_)) => format!("to_int({inner})"),
                Some(Type::Float(_)) => format!("({inner}) * 1.0"),
                // SQLite keeps days and moments as text, and decimals are rounded on their way out.
                _ => inner.to_string(),
            };
            *expr = parser(&call)
                .and_then(|mut parser| parser.parse_expr().map_err(|error| error.to_string()))
                .expect("an expression");
        }
        ControlFlow::Continue(())
    }

    fn post_visit_value(&mut self, value: &mut ValueWithSpan) -> ControlFlow<()> {
        if let Value::NationalStringLiteral(text) = &mut value.value {
            value.value = Value::SingleQuotedString(std::mem::take(text));
        }
        ControlFlow::Continue(())
    }
}
