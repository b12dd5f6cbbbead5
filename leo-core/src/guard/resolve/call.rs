//! Function calls.

use sqlparser::ast::{
    DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgOperator as Arrow, FunctionArgumentClause,
    FunctionArgumentList, FunctionArguments, HavingBound, Ident, JsonReturningClause, ListAggOnOverflow, ObjectName, WindowFrame,
    WindowFrameBound, WindowSpec, WindowType,
};

use super::expr::Quoted;
use super::limits::{literal, literal_text};
use super::name::{Name, identifiers};
use super::scope::{Ctes, Scope, Sources};
use super::{Resolver, ident_position, position, rules};
use crate::dialect::Dialect;
use crate::guard::functions;

impl<'a> Resolver<'a> {
    /// The name a function is looked up by: lower case, quotes off, the engine's own schema off.
    pub(super) fn function_name(&self, name: &ObjectName) -> Option<String> {
        let parts: Vec<String> =
            identifiers(name)?.into_iter().map(|ident| Name::of(self.dialect, ident).text.to_lowercase()).collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        Some(match (self.dialect, parts.as_slice()) {
            (Dialect::Postgres, ["pg_catalog", name]) | (Dialect::Bigquery, ["safe", name]) => (*name).to_owned(),
            (Dialect::Bigquery, ["safe", space, name]) => format!("{space}.{name}"),
            (_, parts) => parts.join("."),
        })
    }

    /// Whether the host allowed this function.
    pub(super) fn is_host_function(&self, name: &str) -> bool {
        self.against.settings.functions.iter().any(|own| own.eq_ignore_ascii_case(name))
    }

    pub(super) fn function(&mut self, function: &Function, scope: &Scope<'a, '_>, ctes: &Ctes<'_>, out: &mut Sources) {
        let Function { name, uses_odbc_syntax, parameters, args, within_group, filter, null_treatment: _, over } = function;
        if self.xml_call(function, scope, out) {
            return;
        }
        let Some(lower) = self.function_name(name) else {
            self.refuse_at("a function call as a name", name);
            return;
        };
        if *uses_odbc_syntax || !matches!(parameters, FunctionArguments::None) {
            self.refuse_at("this form of call", name);
        }
        let is_mask = || crate::guard::mask::is_mask_function(self.dialect, &lower) && self.is_ours(position(name));
        if !functions::is_allowed(self.dialect, &lower) && !self.is_host_function(&lower) && !is_mask() {
            let near = functions::suggestions(self.dialect, &lower);
            self.report(rules::function_allowed::finding(self.dialect, &lower, &near, position(name)));
        }
        match args {
            FunctionArguments::None => {}
            FunctionArguments::Subquery(query) => {
                let rows = self.rows_of_subquery(query, scope, ctes, out);
                self.check_collected_rows(&lower, rows, 1);
            }
            FunctionArguments::List(list) => self.arguments(&lower, function, list, scope, ctes, out),
        }
        for item in within_group {
            self.order_by_expr(item, scope, ctes, out);
        }
        if let Some(filter) = filter {
            self.expr(filter, scope, ctes, out);
        }
        match over {
            None => {}
            Some(WindowType::NamedWindow(name)) => self.named_window(name, scope),
            Some(WindowType::WindowSpec(spec)) => self.window_spec(spec, scope, ctes, out),
        }
        self.found.functions.insert(lower);
    }

    fn arguments(
        &mut self,
        function: &str,
        call: &Function,
        list: &FunctionArgumentList,
        scope: &Scope<'a, '_>,
        ctes: &Ctes<'_>,
        out: &mut Sources,
    ) {
        let FunctionArgumentList { duplicate_treatment, args, clauses } = list;
        match duplicate_treatment {
            None | Some(DuplicateTreatment::Distinct | DuplicateTreatment::All) => {}
        }
        let date_part = functions::date_part_argument(self.dialect, function);
        for (at, argument) in args.iter().enumerate() {
            if date_part == Some(at) && is_date_part(argument) {
                continue;
            }
            self.function_argument(argument, scope, ctes, out);
        }
        for clause in clauses {
            match clause {
                FunctionArgumentClause::IgnoreOrRespectNulls(_) | FunctionArgumentClause::JsonNullClause(_) => {}
                FunctionArgumentClause::Separator(_) => {}
                FunctionArgumentClause::Where(expr)
                | FunctionArgumentClause::Limit(expr)
                | FunctionArgumentClause::Having(HavingBound(_, expr)) => self.expr(expr, scope, ctes, out),
                FunctionArgumentClause::OrderBy(items) => {
                    for item in items {
                        self.order_by_expr(item, scope, ctes, out);
                    }
                }
                FunctionArgumentClause::OnOverflow(overflow) => match overflow {
                    ListAggOnOverflow::Error | ListAggOnOverflow::Truncate { filler: None, with_count: _ } => {}
                    ListAggOnOverflow::Truncate { filler: Some(filler), with_count: _ } => self.expr(filler, scope, ctes, out),
                },
                FunctionArgumentClause::JsonReturningClause(JsonReturningClause { data_type }) => self.data_type(data_type),
            }
        }
        let plain = plain(args);
        self.check_text_growth(function, call, &plain);
        self.note_collecting(function, call);
        self.check_arguments(function, &plain);
    }

    /// What the arguments of a call ask for, in an expression or in `FROM`: rows, JSON paths, patterns.
    pub(super) fn check_arguments(&mut self, function: &str, args: &[&Expr]) {
        self.check_generated_rows(function, args);
        self.check_json_path_argument(function, args);
        if let Some(pattern) = args.get(1).filter(|_| is_regex(function)) {
            self.check_pattern(pattern);
        }
    }

    pub(super) fn function_argument(
        &mut self,
        argument: &FunctionArg,
        scope: &Scope<'a, '_>,
        ctes: &Ctes<'_>,
        out: &mut Sources,
    ) {
        let value = match argument {
            FunctionArg::Unnamed(value) => value,
            FunctionArg::Named { name: _, arg, operator: _ } => arg,
            // `days => 3` names a parameter; `'a' : x` and `a VALUE x` have two values.
            FunctionArg::ExprNamed { name: Expr::Identifier(_), arg, operator: Arrow::RightArrow | Arrow::Assignment } => arg,
            FunctionArg::ExprNamed { name, arg, operator: _ } => {
                self.expr(name, scope, ctes, out);
                arg
            }
        };
        match value {
            FunctionArgExpr::Expr(expr) => self.value(expr, Quoted::MayBeString, scope, ctes, out),
            // `count(*)` reads no column in particular; only counting functions take it.
            FunctionArgExpr::Wildcard => {}
            FunctionArgExpr::QualifiedWildcard(name) => self.refuse_at("`t.*` as an argument", name),
            FunctionArgExpr::WildcardWithOptions(options) => self.refuse_at("`*` with options as an argument", options),
        }
    }

    /// A window by its name. What is no window may be something else for the engine: SQLite reads `count(*) OVER FROM t` as a count
    /// of `t` with the alias `OVER`.
    pub(super) fn named_window(&mut self, name: &Ident, scope: &Scope<'a, '_>) {
        let own = Name::of(self.dialect, name);
        if !scope.windows.iter().any(|window| own.is(window)) {
            self.report(rules::supported_syntax::finding("a window that the query does not define", ident_position(name)));
        }
    }

    pub(super) fn window_spec(&mut self, spec: &WindowSpec, scope: &Scope<'a, '_>, ctes: &Ctes<'_>, out: &mut Sources) {
        let WindowSpec { window_name, partition_by, order_by, window_frame } = spec;
        if let Some(name) = window_name {
            self.named_window(name, scope);
        }
        for expr in partition_by {
            self.expr(expr, scope, ctes, out);
        }
        for item in order_by {
            self.order_by_expr(item, scope, ctes, out);
        }
        if let Some(WindowFrame { units: _, start_bound, end_bound }) = window_frame {
            for bound in std::iter::once(start_bound).chain(end_bound) {
                match bound {
                    WindowFrameBound::CurrentRow | WindowFrameBound::Preceding(None) | WindowFrameBound::Following(None) => {}
                    WindowFrameBound::Preceding(Some(expr)) | WindowFrameBound::Following(Some(expr)) => {
                        self.expr(expr, scope, ctes, out);
                    }
                }
            }
        }
    }

    /// `generate_series` and its kin: literal bounds, or a step of at least an hour.
    fn check_generated_rows(&mut self, function: &str, args: &[&Expr]) {
        let limit = self.against.settings.generated_rows;
        if is_generator(function) {
            let rows = generated_rows(function, args);
            if rows.is_none_or(|rows| rows > u128::from(limit)) {
                self.report(rules::generated_rows::finding(function, rows, limit));
            }
        }
    }

    /// Rows of the relation that a function makes, when they can be told from its arguments.
    pub(super) fn rows_of_call(&self, function: &str, args: &[&Expr]) -> Option<u64> {
        let rows = match function {
            // At most one for each character.
            "string_to_table" | "regexp_split_to_table" | "string_split" => Some(self.length(args.first()?, 64)),
            _ if is_generator(function) => generated_rows(function, args),
            _ => None,
        };
        rows.map(|rows| u64::try_from(rows).unwrap_or(u64::MAX))
    }

    /// Rows of an array that is made on the spot.
    pub(super) fn rows_of_array(&self, array: &Expr) -> Option<u64> {
        match array {
            Expr::Array(array) => Some(array.elem.len() as u64),
            Expr::Function(Function { name, args: FunctionArguments::List(list), .. }) => {
                self.rows_of_call(&self.function_name(name)?, &plain(&list.args))
            }
            _ => None,
        }
    }

    /// A regular expression must be a literal that cannot take forever; engines with linear-time matching need no check.
    pub(super) fn check_pattern(&mut self, pattern: &Expr) {
        if matches!(self.dialect, Dialect::Bigquery | Dialect::Datafusion) {
            return;
        }
        match pattern {
            // `~ ANY (ARRAY['a', 'b'])`
            Expr::Array(array) => return array.elem.iter().for_each(|pattern| self.check_pattern(pattern)),
            Expr::Nested(inner) => return self.check_pattern(inner),
            _ => {}
        }
        match literal_text(pattern) {
            Some(text) if !rules::regex_bomb::is_dangerous(text) => {}
            Some(_) => self.report(rules::regex_bomb::finding(true)),
            None => self.report(rules::regex_bomb::finding(false)),
        }
    }
}

/// Arguments without names and stars.
pub(super) fn plain(args: &[FunctionArg]) -> Vec<&Expr> {
    let expr = |argument| match argument {
        &FunctionArg::Unnamed(FunctionArgExpr::Expr(ref expr)) => Some(expr),
        _ => None,
    };
    args.iter().filter_map(expr).collect()
}

fn is_generator(function: &str) -> bool {
    matches!(function, "generate_series" | "range" | "generate_array" | "generate_date_array" | "generate_timestamp_array")
}

/// How many rows a generator of rows makes, when that can be told.
fn generated_rows(function: &str, args: &[&Expr]) -> Option<u128> {
    let (start, stop, step) = (args.first(), args.get(1), args.get(2));
    let number = |expr: Option<&&Expr>| expr.and_then(|expr| literal(expr));
    match (number(start), number(stop), step) {
        (Some(start), Some(stop), step) => {
            let step = step.map_or(Some(1), |step| literal(step)).map(i128::abs).filter(|step| *step > 0);
            step.map(|step| (stop.saturating_sub(start).unsigned_abs() / step.unsigned_abs()).saturating_add(1))
        }
        (Some(count), None, _) if args.len() == 1 && function == "range" => Some(count.unsigned_abs()),
        _ => match (start.and_then(|e| literal_text(e)), stop.and_then(|e| literal_text(e)), step) {
            (Some(start), Some(stop), step) => days(start).zip(days(stop)).and_then(|(start, stop)| {
                let seconds = step.map_or(Some(86_400), |step| step_seconds(step))?;
                Some(u128::from(stop.abs_diff(start)).saturating_mul(86_400) / u128::from(seconds.max(1)) + 1)
            }),
            // Bounds that come from the data: a coarse step keeps the number of rows in hand.
            _ => step
                .map_or((function == "generate_date_array").then_some(86_400), |step| step_seconds(step))
                .filter(|seconds| *seconds >= 3_600)
                .map(|_| 1_000),
        },
    }
}

fn is_regex(function: &str) -> bool {
    function.starts_with("regexp_") && function != "regexp_substr_all"
}

/// Whether an argument is a part of a date: `year`, `'year'` is not needed, `WEEK(MONDAY)` is.
fn is_date_part(argument: &FunctionArg) -> bool {
    match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Identifier(ident))) => {
            ident.quote_style.is_none() && functions::is_date_part(&ident.value)
        }
        FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Function(function))) => {
            function.name.to_string().eq_ignore_ascii_case("week")
                && matches!(&function.args, FunctionArguments::List(list) if matches!(list.args.as_slice(),
                    [FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Identifier(day)))] if day.value.to_ascii_lowercase().ends_with("day")))
        }
        _ => false,
    }
}

/// Days of an ISO date literal, near enough to count rows by.
fn days(text: &str) -> Option<u64> {
    let mut parts = text.get(..10)?.split('-').map(|part| part.parse::<u64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    Some(year * 365 + month * 30 + day)
}

/// Seconds of a step such as `'1 day'` or `INTERVAL '1' MONTH`.
fn step_seconds(step: &Expr) -> Option<u64> {
    let (text, unit) = match step {
        Expr::Interval(interval) => {
            let count = literal(&interval.value).map(|count| count.to_string());
            let text = count.or_else(|| literal_text(&interval.value).map(str::to_owned))?;
            (text, interval.leading_field.as_ref().map(|field| field.to_string()))
        }
        other => (literal_text(other)?.to_owned(), None),
    };
    let mut words = text.split_whitespace();
    let count: u64 = words.next()?.parse().ok()?;
    let unit = unit.or_else(|| words.next().map(str::to_owned))?.to_ascii_lowercase();
    let seconds: u64 = match unit.trim_end_matches('s') {
        "second" => 1,
        "minute" => 60,
        "hour" => 3_600,
        "day" => 86_400,
        "week" => 604_800,
        "month" | "mon" => 2_592_000,
        "quarter" => 7_776_000,
        "year" => 31_536_000,
        _ => return None,
    };
    Some(count.saturating_mul(seconds))
}

#[cfg(test)]
mod tests {
    use sqlparser::ast::{Expr, Value};

    use super::step_seconds;

    #[test]
    fn steps_are_seconds_however_long_they_are() {
        let step = |text: &str| step_seconds(&Expr::value(Value::SingleQuotedString(text.to_owned())));
        assert_eq!([step("1 day"), step("15 minutes"), step("soon")], [Some(86_400), Some(900), None]);
        assert_eq!(step("18446744073709551615 days"), Some(u64::MAX));
    }
}
