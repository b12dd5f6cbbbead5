//! Texts that a recursion puts together with themselves: forty such steps fill any memory.

use sqlparser::ast::{BinaryOperator, Expr, Function, FunctionArguments, SelectItem, SetExpr};

use super::Resolver;
use super::call::plain;
use super::limits::{literal, literal_text};
use super::recursion::{DEPTH, Step};
use super::scope::Output;
use crate::catalog::LogicalType;
use crate::dialect::Dialect;

/// Steps that are counted, for each column that texts can go around by.
const STEPS: usize = 64;
/// How many times a text may be in itself after those steps: what grows steadily stays far below.
const MOST: u64 = 1 << 20;

impl Resolver<'_> {
    /// Which columns of a recursion may be texts, from the term that it starts with: there `+` puts together. Where `+` only
    /// adds, any column may become one.
    pub(super) fn texts(&self, anchor: &SetExpr, columns: &[Output]) -> Vec<bool> {
        let items = match anchor {
            SetExpr::Select(select) if self.dialect == Dialect::Tsql && select.projection.len() == columns.len() => {
                select.projection.as_slice()
            }
            _ => return vec![true; columns.len()],
        };
        let is_text = |(item, column): (&SelectItem, &Output)| match item {
            SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => !self.is_number(expr, column, DEPTH),
            _ => true,
        };
        items.iter().zip(columns).map(is_text).collect()
    }

    /// Whether the expression, the column's first value, is plainly a number or a time.
    fn is_number(&self, expr: &Expr, column: &Output, depth: usize) -> bool {
        let text =
            |kind: LogicalType| matches!(kind, LogicalType::Text | LogicalType::Binary | LogicalType::Json | LogicalType::Other);
        match expr {
            _ if depth == 0 => false,
            Expr::Nested(inner) | Expr::UnaryOp { expr: inner, .. } => self.is_number(inner, column, depth - 1),
            Expr::Cast { data_type, .. } | Expr::Convert { data_type: Some(data_type), .. } => {
                !text(LogicalType::from_declared(self.dialect, &data_type.to_string()))
            }
            Expr::BinaryOp { left, op, right } if is_arithmetic(op) => {
                self.is_number(left, column, depth - 1) || self.is_number(right, column, depth - 1)
            }
            Expr::Identifier(_) | Expr::CompoundIdentifier(_) => {
                let kind = |table: u32, column: u32| {
                    let table = self.against.catalog.tables.get(table as usize)?;
                    table.columns.get(column as usize).map(|column| column.data_type)
                };
                let kinds = || column.sources.iter().map(|source| kind(source.table, source.column));
                kinds().next().is_some() && kinds().all(|kind| kind.is_some_and(|kind| !text(kind)))
            }
            Expr::Function(function) => {
                let name = self.function_name(&function.name);
                let counts = ["count", "sum", "avg", "abs", "len", "length", "row_number", "year", "month", "day", "datediff"];
                name.is_some_and(|name| counts.contains(&name.as_str()))
            }
            other => literal(other).is_some(),
        }
    }
}

fn is_arithmetic(op: &BinaryOperator) -> bool {
    use BinaryOperator as Op;
    matches!(op, Op::Plus | Op::Minus | Op::Multiply | Op::Divide | Op::Modulo)
}

/// Whether a function's result holds all of its arguments.
fn puts_together(function: &str) -> bool {
    function.starts_with("concat")
        || function.starts_with("json")
        || function.ends_with("_concat")
        || matches!(
            function,
            "array_cat" | "format" | "formatmessage" | "printf" | "row" | "struct" | "named_struct" | "make_array"
        )
}

impl Step<'_> {
    /// Whether texts are in themselves ever more often: counted step by step, since they may go around by other columns.
    pub(super) fn multiplies_text(&self, texts: &[bool]) -> bool {
        let copies: Vec<Vec<(usize, u64)>> = (0..self.columns.len())
            .map(|column| {
                let next = self.next(column).filter(|_| texts.get(column) == Some(&true));
                let of = |other: usize| next.map_or(0, |next| self.copies(next, other, DEPTH));
                (0..self.columns.len()).map(|other| (other, of(other))).filter(|(_, times)| *times > 0).collect()
            })
            .collect();
        let mut held = vec![1u64; copies.len()];
        for _ in 0..STEPS * copies.len().min(8) {
            let times = |(other, times): &(usize, u64)| held.get(*other).map_or(0, |held| held.saturating_mul(*times));
            held = copies.iter().map(|row| row.iter().map(times).fold(0, u64::saturating_add)).collect();
            if held.iter().any(|held| *held > MOST) {
                return true;
            }
        }
        false
    }

    /// How many times the text of a column is in that of an expression.
    fn copies(&self, expr: &Expr, column: usize, depth: usize) -> u64 {
        if depth == 0 {
            return 0;
        }
        if let Some(own) = self.column(expr) {
            return u64::from(own == column);
        }
        let of = |expr: &Expr| self.copies(expr, column, depth - 1);
        match expr {
            Expr::Nested(inner) | Expr::Collate { expr: inner, .. } | Expr::Cast { expr: inner, .. } => of(inner),
            Expr::Convert { expr: inner, .. } | Expr::Trim { expr: inner, .. } => of(inner),
            Expr::Substring { expr, substring_for, .. } => {
                let ends = substring_for.as_deref().is_some_and(|length| literal(length).is_some());
                if ends { 0 } else { of(expr) }
            }
            Expr::BinaryOp { left, op: BinaryOperator::StringConcat, right } => of(left).saturating_add(of(right)),
            Expr::BinaryOp { left, op: BinaryOperator::Plus, right } if self.dialect == Dialect::Tsql => {
                of(left).saturating_add(of(right))
            }
            Expr::Case { conditions, else_result, .. } => {
                conditions.iter().map(|when| &when.result).chain(else_result.as_deref()).map(of).max().unwrap_or(0)
            }
            Expr::Overlay { expr, overlay_what, .. } => of(expr).saturating_add(of(overlay_what)),
            Expr::Array(array) => array.elem.iter().map(of).fold(0, u64::saturating_add),
            Expr::Struct { values, .. } | Expr::Tuple(values) => values.iter().map(of).fold(0, u64::saturating_add),
            Expr::Function(function) => self.copies_of_call(function, column, depth - 1),
            _ => 0,
        }
    }

    fn copies_of_call(&self, function: &Function, column: usize, depth: usize) -> u64 {
        let FunctionArguments::List(list) = &function.args else { return 0 };
        let args = plain(&list.args);
        let copies: Vec<u64> = args.iter().map(|arg| self.copies(arg, column, depth)).collect();
        let at = |index: usize| copies.get(index).copied().unwrap_or(0);
        let number = |index: usize| args.get(index).and_then(|arg| literal(arg)).and_then(|number| u64::try_from(number).ok());
        let length = |index: usize| args.get(index).and_then(|arg| literal_text(arg)).map(|text| text.chars().count() as u64);
        match function.name.to_string().to_ascii_lowercase().as_str() {
            name if puts_together(name) => copies.iter().fold(0, |sum, copies| sum.saturating_add(*copies)),
            "repeat" | "replicate" => at(0).saturating_mul(number(1).unwrap_or(2)),
            // A fixed length is an end to all growth.
            "left" | "right" | "lpad" | "rpad" if number(1).is_some() => 0,
            "substr" | "substring" if number(2).is_some() => 0,
            "replace" => {
                let times = match (length(1), length(2)) {
                    (Some(found), Some(put)) => put.div_ceil(found.max(1)).max(1),
                    _ => 2,
                };
                at(0).saturating_mul(times).saturating_add(at(2).saturating_mul(2))
            }
            "stuff" | "insert" | "overlay" => at(0).saturating_add(at(3)),
            "hex" | "quotename" | "quote" | "to_base64" | "json_quote" => at(0).saturating_mul(2),
            "len" | "length" | "char_length" | "instr" | "charindex" | "position" | "strpos" | "datalength" | "md5" => 0,
            _ => copies.iter().copied().max().unwrap_or(0),
        }
    }
}
