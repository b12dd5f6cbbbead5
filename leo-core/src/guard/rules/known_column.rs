//! Every column exists, and there is only one it can mean.

use super::*;

pub(in crate::guard) const UNKNOWN: Rule = Rule::block("unknown_column")
    .what("Refuses columns that none of the relations in scope has, and those the user may not see.")
    .why(
        "A column that does not resolve is a mistake, a hidden column or an engine's own, such as `xmin`; the nearest \
         names are suggested.",
    );
pub(in crate::guard) const AMBIGUOUS: Rule = Rule::block("ambiguous_column")
    .what("Refuses bare names that several relations in scope have.")
    .why("The guard would have to guess which column is read, and its guess could differ from the engine's.");

/// No column `name` in scope; `near` are names that may have been meant.
pub(in crate::guard) fn unknown(name: &str, near: &[String], position: Option<Position>) -> Finding {
    let name = short(name);
    let (message, hint) = match near {
        [] => (format!("there is no column `{name}` here"), "use only columns of the tables in FROM".to_owned()),
        near => (
            format!("there is no column `{name}` here; did you mean {}?", listed(near)),
            format!("replace `{name}` by one of {}", listed(near)),
        ),
    };
    UNKNOWN.finding(message, hint, position)
}

/// Several relations have a column `name`.
pub(in crate::guard) fn ambiguous(name: &str, position: Option<Position>) -> Finding {
    let name = short(name);
    AMBIGUOUS.finding(
        format!("`{name}` could be a column of more than one table"),
        format!("write the table's alias before `{name}`"),
        position,
    )
}

/// `name` in double quotes is a string to the server or a column, depending on how it is set up.
pub(in crate::guard) fn quoted(name: &str, position: Position) -> Finding {
    let name = short(name);
    AMBIGUOUS.finding(
        format!("`{name}` in double quotes could be the column or a string"),
        format!("write `{name}` in back quotes for the column, in single quotes for the string"),
        Some(position),
    )
}
