//! The guard's rules, one per file: a stable id, the verdict it leads to, and the words for the person and for the model.

pub(in crate::guard) mod bounds;
pub(in crate::guard) mod cross_join;
pub(in crate::guard) mod executable_comment;
pub(in crate::guard) mod function_allowed;
pub(in crate::guard) mod generated_rows;
pub(in crate::guard) mod join_limit;
pub(in crate::guard) mod known_column;
pub(in crate::guard) mod known_table;
pub(in crate::guard) mod locking;
pub(in crate::guard) mod nesting_limit;
pub(in crate::guard) mod parameters;
pub(in crate::guard) mod policy;
pub(in crate::guard) mod read_only;
pub(in crate::guard) mod recursion;
pub(in crate::guard) mod regex_bomb;
pub(in crate::guard) mod reserved_alias;
pub(in crate::guard) mod set_columns;
pub(in crate::guard) mod single_statement;
pub(in crate::guard) mod string_bomb;
pub(in crate::guard) mod string_quotes;
pub(in crate::guard) mod supported_syntax;
pub(in crate::guard) mod syntax;
pub(in crate::guard) mod type_allowed;

use crate::finding::{Finding, Position, Verdict};

/// A rule: its id and what a finding of it leads to.
#[derive(Debug)]
pub(in crate::guard) struct Rule {
    pub(in crate::guard) id: &'static str,
    pub(in crate::guard) verdict: Verdict,
}

impl Rule {
    const fn block(id: &'static str) -> Self {
        Self { id, verdict: Verdict::Block }
    }

    const fn approval(id: &'static str) -> Self {
        Self { id, verdict: Verdict::NeedsApproval }
    }

    const fn rewrite(id: &'static str) -> Self {
        Self { id, verdict: Verdict::Rewrite }
    }

    fn finding(&self, message: impl Into<String>, hint: impl Into<String>, position: Option<Position>) -> Finding {
        Finding { rule: self.id.to_owned(), verdict: self.verdict, message: message.into(), hint: hint.into(), position }
    }
}

/// Names in back quotes, for messages: `` `a`, `b` ``.
fn listed(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// A name from the statement, short enough for a message.
fn short(name: &str) -> String {
    if name.chars().count() <= 80 { name.to_owned() } else { name.chars().take(77).chain("...".chars()).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_distinct_snake_case() {
        let rules = [
            &bounds::RULE,
            &cross_join::RULE,
            &executable_comment::RULE,
            &function_allowed::RULE,
            &generated_rows::RULE,
            &join_limit::RULE,
            &known_column::UNKNOWN,
            &known_column::AMBIGUOUS,
            &known_table::UNKNOWN,
            &known_table::OUTSIDE,
            &locking::RULE,
            &nesting_limit::RULE,
            &parameters::RULE,
            &policy::UNSUPPORTED,
            &policy::EXPANDED,
            &read_only::RULE,
            &recursion::RULE,
            &regex_bomb::RULE,
            &reserved_alias::RULE,
            &set_columns::RULE,
            &single_statement::RULE,
            &string_bomb::RULE,
            &string_quotes::RULE,
            &supported_syntax::RULE,
            &syntax::RULE,
            &syntax::MALFORMED,
            &type_allowed::RULE,
        ];
        let ids: std::collections::BTreeSet<_> = rules.iter().map(|rule| rule.id).collect();
        assert_eq!(ids.len(), rules.len());
        assert!(ids.iter().all(|id| id.chars().all(|c| c.is_ascii_lowercase() || c == '_')));
    }
}
