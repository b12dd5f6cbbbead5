//! Every relation exists in the catalogue and may be seen.

use super::*;

pub(in crate::guard) const UNKNOWN: Rule = Rule::block("unknown_table")
    .what("Refuses relations that the catalogue does not have or the user may not see.")
    .why("A hidden table is refused in the same words as one that does not exist, so that asking reveals nothing.");
pub(in crate::guard) const OUTSIDE: Rule = Rule::block("outside_source")
    .what("Refuses other schemas, databases and servers, temporary tables and the engine's own catalogues.")
    .why("The grant is for the tables of this source; system catalogues tell about users, settings and other tenants.");

/// No table `name`; `near` are names that may have been meant.
pub(in crate::guard) fn unknown(name: &str, near: &[String], position: Option<Position>) -> Finding {
    let name = short(name);
    let (message, hint) = match near {
        [] => (format!("there is no table `{name}`"), "use only the tables of the schema".to_owned()),
        near => (
            format!("there is no table `{name}`; did you mean {}?", listed(near)),
            format!("replace `{name}` by one of {}", listed(near)),
        ),
    };
    UNKNOWN.finding(message, hint, position)
}

/// `name` lies in another schema, database or server, or in the engine's own catalogue.
pub(in crate::guard) fn outside(name: &str, position: Option<Position>) -> Finding {
    OUTSIDE.finding(
        format!("`{}` lies outside the tables that may be read", short(name)),
        "use only the tables of the schema; no system catalogues, other databases or servers",
        position,
    )
}
