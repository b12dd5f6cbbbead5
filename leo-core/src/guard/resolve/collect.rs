//! Values that are collected from many rows: `string_agg`, `array_agg`, `json_agg` and their kin, `FOR JSON`, `ARRAY(SELECT …)`.
//!
//! A cap on the rows of a result does not bound one value of it. What is collected is taken for as long as all rows that go in,
//! whatever groups they fall into, each as long as its column is assumed to be.

use sqlparser::ast::{Function, FunctionArgumentClause, FunctionArgumentList, FunctionArguments, ValueWithSpan};

use super::growth::{COLUMN, DEPTH};
use super::limits::{UNKNOWN_ROWS, literal};
use super::scope::{Columns, Scope};
use super::{Resolver, rules};

/// What the calls of one select are measured by.
#[derive(Debug)]
pub(super) struct Around {
    /// Rows that go in; until its conditions are known those of the largest relation.
    pub(super) rows: u128,
    /// Characters of a column in scope.
    pub(super) column_length: u128,
    /// Calls that collect, with the characters that they take from each row.
    calls: Vec<Collected>,
}

impl Default for Around {
    fn default() -> Self {
        Self { rows: 1, column_length: COLUMN, calls: Vec::new() }
    }
}

#[derive(Debug)]
struct Collected {
    function: String,
    /// Characters when a given number of rows goes in.
    length: u128,
    rows: Option<u128>,
    /// Whether each row gets a value of its own.
    is_window: bool,
}

impl Resolver<'_> {
    /// What is in scope of a select, once its `FROM` is known.
    pub(super) fn around(&self, scope: &Scope<'_, '_>) -> Around {
        let rows = scope.relations.iter().map(|relation| relation.rows.unwrap_or(UNKNOWN_ROWS)).max();
        let made = |scope: &Scope<'_, '_>| scope.relations.iter().any(|relation| matches!(relation.columns, Columns::Derived(_)));
        let column_length = if scope.chain().any(made) { self.longest_text.max(COLUMN) } else { COLUMN };
        Around { rows: u128::from(rows.unwrap_or(1)), column_length, calls: Vec::new() }
    }

    /// Notes a call that collects.
    pub(super) fn note_collecting(&mut self, name: &str, function: &Function) {
        let FunctionArguments::List(list) = &function.args else { return };
        if collects(name) {
            let of_row = self.length_of_arguments(list);
            let rows = literal_limit(list);
            let length = self.length_of_rows(list, of_row, 1);
            self.around.calls.push(Collected { function: name.to_owned(), length, rows, is_window: function.over.is_some() });
        }
    }

    fn length_of_arguments(&self, list: &FunctionArgumentList) -> u128 {
        let args = super::call::plain(&list.args);
        let length = args.iter().map(|arg| self.length(arg, DEPTH)).fold(0, u128::saturating_add);
        // Arguments by name are not looked at: a key and a value.
        if args.len() == list.args.len() { length } else { length.saturating_add(self.around.column_length * 2) }
    }

    /// Characters that a call makes of so many rows when it takes `of_row` from each.
    pub(super) fn length_of_rows(&self, list: &FunctionArgumentList, of_row: u128, rows: u128) -> u128 {
        let separator = list.clauses.iter().map(|clause| match clause {
            FunctionArgumentClause::Separator(ValueWithSpan { value, .. }) => value.to_string().len() as u128,
            _ => 0,
        });
        let of_row = separator.fold(of_row.max(1), u128::saturating_add);
        literal_limit(list).map_or(rows, |limit| rows.min(limit)).saturating_mul(of_row)
    }

    /// Reports calls of a select that could collect too much from the rows that go in.
    pub(super) fn check_collected(&mut self) {
        let (rows, most) = (self.around.rows, self.longest_allowed());
        for Collected { function, length, rows: limit, is_window } in std::mem::take(&mut self.around.calls) {
            let value = limit.map_or(rows, |limit| rows.min(limit)).saturating_mul(length);
            // Windows of some size are common; the values of all rows together must stay in hand too.
            let all = if is_window { value.saturating_mul(rows) / 100 } else { value };
            if value.max(all) > most {
                self.report(rules::string_bomb::collected(&function, value.max(all), most));
            }
        }
    }

    /// A query whose rows become one value.
    pub(super) fn check_collected_rows(&mut self, what: &str, rows: Option<u64>, columns: usize) {
        let of_row = self.longest_text.max(COLUMN).saturating_mul(columns.max(1) as u128);
        let length = u128::from(rows.unwrap_or(UNKNOWN_ROWS)).saturating_mul(of_row);
        let most = self.longest_allowed();
        if length > most {
            self.report(rules::string_bomb::collected(what, length, most));
        }
        self.longest_text = self.longest_text.max(length.min(most));
    }
}

/// Rows that the call itself takes at most.
fn literal_limit(list: &FunctionArgumentList) -> Option<u128> {
    list.clauses.iter().find_map(|clause| match clause {
        FunctionArgumentClause::Limit(limit) => literal(limit).and_then(|limit| u128::try_from(limit).ok()),
        _ => None,
    })
}

/// Whether a call of the function (lower case) makes one value out of all of its rows.
pub(super) fn collects(function: &str) -> bool {
    #[rustfmt::skip]
    const COLLECTING: &[&str] = &[
        "array_agg", "array_concat_agg", "group_concat", "json_agg", "json_arrayagg", "json_group_array", "json_group_object",
        "json_object_agg", "json_objectagg", "jsonb_agg", "jsonb_group_array", "jsonb_group_object", "jsonb_object_agg",
        "listagg", "range_agg", "string_agg", "xmlagg",
    ];
    COLLECTING.binary_search(&function).is_ok()
}
