//! The parser's dialects, with the gaps filled that people's SQL falls into.
//!
//! A wrapper answers `dialect()` with the type of the dialect it wraps, so that the parser's own dialect checks still hold, and
//! repeats that dialect's answers. Statements other than queries get no help: they are refused anyway.

use std::any::TypeId;

use sqlparser::ast::{BinaryOperator, Expr};
use sqlparser::dialect::{
    BigQueryDialect, Dialect as Grammar, GenericDialect, MsSqlDialect, MySqlDialect, PostgreSqlDialect, SQLiteDialect,
};
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::Token;

use crate::dialect::Dialect;

/// The grammar Leo reads `dialect` with.
pub(in crate::guard) fn grammar(dialect: Dialect) -> &'static dyn Grammar {
    match dialect {
        Dialect::Sqlite => &Sqlite,
        Dialect::Postgres => &PostgreSqlDialect {},
        Dialect::Mysql => &MySqlDialect {},
        Dialect::Tsql => &Tsql,
        Dialect::Bigquery => &Bigquery,
        Dialect::Datafusion => &GenericDialect {},
    }
}

/// Repeats the wrapped dialect's answers.
macro_rules! repeat {
    ($inner:expr; $($name:ident($($argument:ident: $kind:ty),*) -> $result:ty;)*) => {
        $(fn $name(&self $(, $argument: $kind)*) -> $result { $inner.$name($($argument),*) })*
    };
}

/// SQLite, with `x IS expression`.
#[derive(Debug)]
struct Sqlite;

impl Grammar for Sqlite {
    fn dialect(&self) -> TypeId {
        TypeId::of::<SQLiteDialect>()
    }

    repeat! { SQLiteDialect {};
        is_delimited_identifier_start(ch: char) -> bool;
        identifier_quote_style(identifier: &str) -> Option<char>;
        is_identifier_start(ch: char) -> bool;
        supports_filter_during_aggregation() -> bool;
        supports_in_empty_list() -> bool;
        supports_limit_comma() -> bool;
        supports_dollar_placeholder() -> bool;
        supports_notnull_operator() -> bool;
        supports_comma_separated_trim() -> bool;
        supports_numeric_literal_underscores() -> bool;
        supports_asc_desc_in_column_definition() -> bool;
    }

    fn is_identifier_part(&self, ch: char) -> bool {
        SQLiteDialect {}.is_identifier_part(ch)
    }

    fn supports_bitwise_shift_operators(&self) -> bool {
        true
    }

    fn parse_infix(&self, parser: &mut Parser<'_>, expr: &Expr, precedence: u8) -> Option<Result<Expr, ParserError>> {
        if let Some(op) = is_operator(parser) {
            let left = Box::new(expr.clone());
            return Some(parser.parse_subexpr(precedence).map(|right| Expr::BinaryOp { left, op, right: Box::new(right) }));
        }
        SQLiteDialect {}.parse_infix(parser, expr, precedence)
    }
}

/// Takes `IS` or `IS NOT` when an expression follows that the parser does not know after it; `IS` compares like `=` with NULLs
/// equal, so the operator's sides are what matters here.
fn is_operator(parser: &mut Parser<'_>) -> Option<BinaryOperator> {
    let known = |token: &Token| {
        matches!(token, Token::Word(word) if word.quote_style.is_none() && matches!(word.keyword,
            Keyword::NULL | Keyword::TRUE | Keyword::FALSE | Keyword::DISTINCT | Keyword::UNKNOWN | Keyword::JSON | Keyword::NORMALIZED))
    };
    let is_word =
        |token: &Token, keyword| matches!(token, Token::Word(word) if word.quote_style.is_none() && word.keyword == keyword);
    let first = parser.peek_nth_token_ref(0).token.clone();
    if !is_word(&first, Keyword::IS) {
        return None;
    }
    let negated = is_word(&parser.peek_nth_token_ref(1).token, Keyword::NOT);
    let operand = &parser.peek_nth_token_ref(1 + usize::from(negated)).token;
    if known(operand) || *operand == Token::EOF {
        return None;
    }
    for _ in 0..=usize::from(negated) {
        parser.advance_token();
    }
    Some(if negated { BinaryOperator::NotEq } else { BinaryOperator::Eq })
}

/// BigQuery, with `<<` and `>>`.
#[derive(Debug)]
struct Bigquery;

impl Grammar for Bigquery {
    fn dialect(&self) -> TypeId {
        TypeId::of::<BigQueryDialect>()
    }

    repeat! { BigQueryDialect;
        is_delimited_identifier_start(ch: char) -> bool;
        identifier_quote_style(identifier: &str) -> Option<char>;
        supports_projection_trailing_commas() -> bool;
        supports_column_definition_trailing_commas() -> bool;
        is_identifier_start(ch: char) -> bool;
        is_identifier_part(ch: char) -> bool;
        supports_triple_quoted_string() -> bool;
        supports_window_function_null_treatment_arg() -> bool;
        supports_string_literal_backslash_escape() -> bool;
        supports_window_clause_named_window_reference() -> bool;
        supports_parenthesized_set_variables() -> bool;
        supports_select_wildcard_except() -> bool;
        require_interval_qualifier() -> bool;
        supports_struct_literal() -> bool;
        supports_select_expr_star() -> bool;
        supports_from_first_select() -> bool;
        supports_execute_immediate() -> bool;
        supports_table_versioning() -> bool;
        supports_group_by_expr() -> bool;
        is_column_alias(kw: &Keyword, parser: &mut Parser<'_>) -> bool;
        supports_pipe_operator() -> bool;
        supports_create_table_multi_schema_info_sources() -> bool;
        supports_select_wildcard_replace() -> bool;
        supports_comma_separated_trim() -> bool;
    }

    fn supports_bitwise_shift_operators(&self) -> bool {
        true
    }
}

/// T-SQL, with expressions and modifiers in `GROUP BY`, `<<` and `>>`, and joins whose conditions follow one another.
#[derive(Debug)]
struct Tsql;

impl Grammar for Tsql {
    fn dialect(&self) -> TypeId {
        TypeId::of::<MsSqlDialect>()
    }

    repeat! { MsSqlDialect {};
        is_delimited_identifier_start(ch: char) -> bool;
        identifier_quote_style(identifier: &str) -> Option<char>;
        is_identifier_start(ch: char) -> bool;
        is_identifier_part(ch: char) -> bool;
        convert_type_before_value() -> bool;
        supports_outer_join_operator() -> bool;
        supports_dollar_as_money_prefix() -> bool;
        supports_eq_alias_assignment() -> bool;
        supports_try_convert() -> bool;
        supports_boolean_literals() -> bool;
        supports_named_fn_args_with_colon_operator() -> bool;
        supports_named_fn_args_with_expr_name() -> bool;
        supports_named_fn_args_with_rarrow_operator() -> bool;
        supports_table_versioning() -> bool;
        supports_nested_comments() -> bool;
        supports_object_name_double_dot_notation() -> bool;
        is_select_item_alias(explicit: bool, keyword: &Keyword, parser: &mut Parser<'_>) -> bool;
        is_table_factor_alias(explicit: bool, keyword: &Keyword, parser: &mut Parser<'_>) -> bool;
        get_next_precedence(parser: &Parser<'_>) -> Option<Result<u8, ParserError>>;
    }

    fn supports_bitwise_shift_operators(&self) -> bool {
        true
    }

    fn supports_left_associative_joins_without_parens(&self) -> bool {
        false
    }

    fn supports_group_by_expr(&self) -> bool {
        true
    }

    fn supports_group_by_with_modifier(&self) -> bool {
        true
    }
}
