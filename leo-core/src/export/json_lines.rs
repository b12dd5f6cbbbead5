//! One JSON object per row.

use std::collections::HashSet;
use std::io::Write;

use serde_json::{Map, Value as Json};

use crate::error::Result;
use crate::table::Table;

/// The table as JSON lines: an object per row, values as [`Value`](crate::Value) is written.
///
/// # Behavior
/// Objects have one key per column; of columns with one name the second is `name_2`, the third `name_3`. Decimals are text with all
/// their digits, because most readers of JSON round numbers.
pub fn json_lines(table: &Table) -> String {
    lines(table).collect()
}

/// Writes the table as [`json_lines`] does.
///
/// # Errors
/// `Adapter` when `out` does not take it.
pub fn write_json_lines(out: &mut impl Write, table: &Table) -> Result<()> {
    super::write_lines(out, lines(table))
}

fn lines(table: &Table) -> impl Iterator<Item = String> + '_ {
    let keys = keys(table);
    table.rows().map(move |row| {
        let object: Map<String, Json> = keys.iter().cloned().zip(row.into_iter().map(Json::from)).collect();
        format!("{}\n", Json::Object(object))
    })
}

/// Names of the columns, none of them twice.
fn keys(table: &Table) -> Vec<String> {
    let names: Vec<&str> = (0..table.num_columns()).map(|column| table.column_name(column)).collect();
    let mut taken: HashSet<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut seen = HashSet::new();
    names
        .iter()
        .map(|name| {
            if seen.insert(*name) {
                return (*name).to_owned();
            }
            let mut number = 2_usize;
            loop {
                let key = format!("{name}_{number}");
                if taken.insert(key.clone()) {
                    return key;
                }
                number += 1;
            }
        })
        .collect()
}
