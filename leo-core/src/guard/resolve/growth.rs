//! How long a text can get: `repeat`, `replace` and their kin, inside each other and through common table expressions.

use sqlparser::ast::{Expr, Function, FunctionArguments, SelectItem};

use super::call::plain;
use super::collect::collects;
use super::limits::{literal, literal_text};
use super::{Resolver, rules};

/// Characters of a value in a column, as far as nothing is known.
pub(super) const COLUMN: u128 = 32;
/// Expressions inside expressions that are looked at.
pub(super) const DEPTH: usize = 64;
/// What may be put together, in pieces of the largest size that one call may make.
const PIECES: u64 = 1_000;

impl Resolver<'_> {
    /// `repeat('x', 1000000)` and its kin: a literal count under the cap, or a count over a short text.
    pub(super) fn check_text_growth(&mut self, function: &str, call: &Function, args: &[&Expr]) {
        let limit = self.against.settings.generated_characters;
        let too_many = |count: i128, length: usize| count.saturating_mul(length as i128) > i128::from(limit);
        let grows = match function {
            "repeat" | "replicate" => match (args.first(), args.get(1)) {
                (Some(text), Some(count)) => match (literal_text(text), literal(count)) {
                    (Some(text), Some(count)) => too_many(count, text.len().max(1)),
                    (None, Some(count)) => too_many(count, if is_growing(text) { limit as usize } else { 64 }),
                    (Some(text), None) => text.chars().count() > 8,
                    (None, None) => true,
                },
                _ => false,
            },
            "lpad" | "rpad" => args.get(1).is_some_and(|count| literal(count).is_none_or(|count| too_many(count, 1))),
            "space" => args.first().is_some_and(|count| literal(count).is_some_and(|count| too_many(count, 1))),
            "printf" | "format" | "formatmessage" => {
                args.first().and_then(|text| literal_text(text)).is_some_and(|text| wide_format(text, limit))
            }
            "array_fill" => true,
            "concat" | "concat_ws" | "insert" | "stuff" => self.is_too_long(self.length_of_call(call, DEPTH)),
            _ if widens(function) => self.is_too_long(self.length_of_call(call, DEPTH)),
            _ => false,
        };
        if grows {
            self.report(rules::string_bomb::finding(function, limit));
        }
    }

    /// Notes how long a column of a query may be: what reads it later starts from there.
    pub(super) fn note_length(&mut self, item: &SelectItem) {
        let (SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }) = item else { return };
        let length = self.length(expr, DEPTH);
        if self.is_too_long(length) {
            self.report(rules::string_bomb::finding("a chain of texts", self.against.settings.generated_characters));
        }
        self.longest_text = self.longest_text.max(length);
    }

    fn is_too_long(&self, length: u128) -> bool {
        length > self.longest_allowed()
    }

    /// Characters that a value may have at most.
    pub(super) fn longest_allowed(&self) -> u128 {
        u128::from(self.against.settings.generated_characters.saturating_mul(PIECES))
    }

    /// Characters that a text has at most, roughly.
    pub(super) fn length(&self, expr: &Expr, depth: usize) -> u128 {
        if depth == 0 {
            return 0;
        }
        if let Some(text) = literal_text(expr) {
            return text.len() as u128;
        }
        let of = |expr: &Expr| self.length(expr, depth - 1);
        match expr {
            Expr::Value(_) => COLUMN,
            Expr::Identifier(_) | Expr::CompoundIdentifier(_) => self.around.column_length,
            Expr::BinaryOp { .. } => {
                // A chain of operators leans to the left.
                let (mut at, mut sum) = (expr, 0u128);
                while let Expr::BinaryOp { left, right, .. } = at {
                    sum = sum.saturating_add(of(right));
                    at = left;
                }
                sum.saturating_add(of(at))
            }
            Expr::Nested(inner) | Expr::Collate { expr: inner, .. } | Expr::Cast { expr: inner, .. } => of(inner),
            Expr::Convert { expr: inner, .. } | Expr::Trim { expr: inner, .. } | Expr::Substring { expr: inner, .. } => of(inner),
            Expr::Case { conditions, else_result, .. } => {
                let results = conditions.iter().map(|when| &when.result).chain(else_result.as_deref());
                results.map(of).max().unwrap_or(0)
            }
            Expr::Array(array) => array.elem.iter().map(of).fold(0, u128::saturating_add),
            Expr::Struct { values, .. } | Expr::Tuple(values) => values.iter().map(of).fold(0, u128::saturating_add),
            Expr::Overlay { expr, overlay_what, .. } => of(expr).saturating_add(of(overlay_what)),
            Expr::Function(function) => self.length_of_call(function, depth),
            _ => self.longest_text.max(COLUMN),
        }
    }

    pub(super) fn length_of_call(&self, function: &Function, depth: usize) -> u128 {
        let FunctionArguments::List(list) = &function.args else { return self.longest_text.max(COLUMN) };
        let args = plain(&list.args);
        let lengths: Vec<u128> = args.iter().map(|arg| self.length(arg, depth.saturating_sub(1))).collect();
        let at = |index: usize| lengths.get(index).copied().unwrap_or(0);
        let count = |index: usize| args.get(index).and_then(|arg| literal(arg)).map_or(COLUMN, i128::unsigned_abs);
        let sum = || lengths.iter().fold(0, |sum: u128, length| sum.saturating_add(*length));
        match self.function_name(&function.name).as_deref().unwrap_or("") {
            name if collects(name) => self.length_of_rows(list, sum(), self.around.rows).min(self.longest_allowed()),
            "repeat" | "replicate" => at(0).saturating_mul(count(1)),
            "lpad" | "rpad" => count(1),
            "space" => count(0),
            "replace" | "regexp_replace" => {
                // Each place that is found grows; a pattern may find every single character.
                let found = args.get(1).and_then(|arg| literal_text(arg)).filter(|_| args.len() == 3);
                at(0).saturating_mul(at(2).div_ceil(found.map_or(1, |text| text.len().max(1) as u128)).max(1))
            }
            "concat" | "concat_ws" | "format" | "printf" | "struct" | "row" | "named_struct" | "make_array" => sum(),
            "insert" | "stuff" => sum(),
            name if name.starts_with("json_") || name.starts_with("jsonb_") => sum(),
            "count" | "length" | "md5" => COLUMN,
            name if widens(name) => at(0).saturating_mul(2),
            _ => lengths.iter().copied().max().unwrap_or(COLUMN),
        }
    }
}

/// Functions whose result can be several times their argument.
fn widens(function: &str) -> bool {
    matches!(function, "replace" | "regexp_replace" | "hex" | "to_hex" | "encode" | "to_base64" | "quote" | "quote_literal")
        || matches!(function, "quote_ident" | "quotename" | "json_quote" | "to_json" | "to_jsonb" | "to_json_string")
}

fn is_growing(expr: &Expr) -> bool {
    match expr {
        Expr::Function(function) => function.name.0.last().and_then(|part| part.as_ident()).is_some_and(|name| {
            ["repeat", "replicate", "lpad", "rpad", "space"].iter().any(|own| name.value.eq_ignore_ascii_case(own))
                || collects(&name.value.to_ascii_lowercase())
        }),
        _ => false,
    }
}

/// Whether a format asks for a width or precision beyond the limit, or for one that is an argument.
fn wide_format(format: &str, limit: u64) -> bool {
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            continue;
        }
        let mut width: u64 = 0;
        while let Some(next) = chars.peek().copied().filter(|c| c.is_ascii_digit() || "-+ #0.,'*$!".contains(*c)) {
            chars.next();
            match next.to_digit(10) {
                Some(digit) => width = width.saturating_mul(10).saturating_add(u64::from(digit)),
                None if next == '*' => return true,
                None => width = 0,
            }
            if width > limit {
                return true;
            }
        }
    }
    false
}
