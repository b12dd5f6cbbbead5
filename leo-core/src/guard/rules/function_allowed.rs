//! Functions by allow-list.

use super::*;

pub(in crate::guard) const RULE: Rule = Rule::block("function_not_allowed")
    .what("Refuses functions that are not on the dialect's list, however their name is written.")
    .why(
        "Functions read files, sleep, change settings and run SQL from text; nobody can list all that do, but those \
         known to do none of it can be listed.",
    );

/// The function `name` is not on the list; `near` are allowed ones that may have been meant.
pub(in crate::guard) fn finding(
    dialect: crate::dialect::Dialect,
    name: &str,
    near: &[String],
    position: Option<Position>,
) -> Finding {
    let name = short(name);
    let hint = match near {
        [] => format!("use another way to compute it in {dialect}"),
        near => format!("use one of {}, or another way to compute it in {dialect}", listed(near)),
    };
    RULE.finding(format!("the function `{name}` may not be called"), hint, position)
}
