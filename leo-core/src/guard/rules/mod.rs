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
pub(in crate::guard) mod personal_data;
pub(in crate::guard) mod policy;
pub(in crate::guard) mod read_only;
pub(in crate::guard) mod recursion;
pub(in crate::guard) mod regex_bomb;
pub(in crate::guard) mod reserved_alias;
pub(in crate::guard) mod rewritten;
pub(in crate::guard) mod set_columns;
pub(in crate::guard) mod single_statement;
pub(in crate::guard) mod small_groups;
pub(in crate::guard) mod string_bomb;
pub(in crate::guard) mod string_quotes;
pub(in crate::guard) mod supported_syntax;
pub(in crate::guard) mod syntax;
pub(in crate::guard) mod time_filter;
pub(in crate::guard) mod type_allowed;

use crate::finding::{Finding, Position, Verdict};

/// A rule: its id, what a finding of it leads to, and what it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Stable id, for instance `unknown_table`; [`Finding::rule`] holds it.
    pub id: &'static str,
    /// What a finding of it leads to; `generated_rows` and `string_bomb` may also ask for approval only.
    pub verdict: Verdict,
    /// What it does, in a sentence.
    pub what: &'static str,
    /// Why it does.
    pub why: &'static str,
}

/// Every rule, by id.
///
/// # Example
/// ```
/// let rules = leo::guard::rules();
/// let rule = rules.iter().find(|rule| rule.id == "unknown_table").unwrap();
/// assert_eq!(rule.verdict.as_str(), "block");
/// ```
pub fn rules() -> Vec<Rule> {
    let mut rules = ALL.to_vec();
    rules.sort_by_key(|rule| rule.id);
    rules
}

/// The registry. A rule that is not in it fails the tests.
const ALL: &[Rule] = &[
    bounds::RULE,
    cross_join::RULE,
    executable_comment::RULE,
    function_allowed::RULE,
    generated_rows::RULE,
    join_limit::RULE,
    known_column::UNKNOWN,
    known_column::AMBIGUOUS,
    known_table::UNKNOWN,
    known_table::OUTSIDE,
    locking::RULE,
    nesting_limit::RULE,
    parameters::RULE,
    personal_data::RULE,
    policy::UNSUPPORTED,
    policy::APPLIED,
    policy::ABSENT,
    rewritten::RULE,
    read_only::RULE,
    recursion::RULE,
    regex_bomb::RULE,
    reserved_alias::RULE,
    set_columns::RULE,
    single_statement::RULE,
    small_groups::RULE,
    string_bomb::RULE,
    string_quotes::RULE,
    supported_syntax::RULE,
    syntax::RULE,
    syntax::MALFORMED,
    time_filter::RULE,
    type_allowed::RULE,
];

impl Rule {
    const fn block(id: &'static str) -> Self {
        Self { id, verdict: Verdict::Block, what: "", why: "" }
    }

    const fn approval(id: &'static str) -> Self {
        Self { verdict: Verdict::NeedsApproval, ..Self::block(id) }
    }

    const fn rewrite(id: &'static str) -> Self {
        Self { verdict: Verdict::Rewrite, ..Self::block(id) }
    }

    const fn what(self, what: &'static str) -> Self {
        Self { what, ..self }
    }

    const fn why(self, why: &'static str) -> Self {
        Self { why, ..self }
    }

    fn finding(&self, message: impl Into<String>, hint: impl Into<String>, position: Option<Position>) -> Finding {
        Finding { rule: self.id.to_owned(), verdict: self.verdict, message: message.into(), hint: hint.into(), position }
    }
}

/// Whether a rule has spoken about the statement as it was written: rewriting makes it larger and lets policies use what they
/// protect, which is nobody's fault.
pub(in crate::guard) fn is_settled(id: &str) -> bool {
    [nesting_limit::RULE.id, join_limit::RULE.id, cross_join::RULE.id, personal_data::RULE.id, time_filter::RULE.id].contains(&id)
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
    fn every_rule_is_registered_once_and_says_what_it_is_for() {
        let rules = rules();
        let ids: std::collections::BTreeSet<_> = rules.iter().map(|rule| rule.id).collect();
        assert_eq!(ids.len(), rules.len());
        for Rule { id, what, why, verdict: _ } in rules {
            assert!(id.chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{id}");
            for sentence in [what, why] {
                assert!(sentence.len() > 20 && sentence.ends_with('.'), "{id} does not say what it does and why: {sentence:?}");
            }
        }
    }

    #[test]
    fn every_rule_of_the_files_is_in_the_registry() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/guard/rules");
        let mut count = 0;
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            if !path.ends_with("mod.rs") {
                let text = std::fs::read_to_string(path).unwrap();
                let words: Vec<&str> = text.split_whitespace().collect();
                count += words.join(" ").matches(": Rule = Rule::").count();
            }
        }
        assert_eq!(count, ALL.len(), "list every rule in ALL");
    }
}
