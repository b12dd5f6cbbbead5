//! Regular expressions that can take forever.

use super::*;

pub(in crate::guard) const RULE: Rule = Rule::block("regex_bomb")
    .what("Refuses patterns that repeat a repetition, and patterns that are not literals, where the engine backtracks.")
    .why("`(a+)+$` on forty characters takes longer than anybody waits.");

/// The pattern repeats a repetition, or is built at run time.
pub(in crate::guard) fn finding(literal: bool) -> Finding {
    let message = if literal {
        "the pattern repeats a repetition, which can take forever"
    } else {
        "the pattern is not a literal, so it cannot be checked"
    };
    RULE.finding(message, "use a literal pattern without a repetition inside a repetition, or LIKE", None)
}

/// Whether `pattern` repeats, without bound, a group that itself holds an unbounded repetition or alternatives.
pub(in crate::guard) fn is_dangerous(pattern: &str) -> bool {
    let mut groups: Vec<bool> = Vec::new();
    let mut chars = pattern.chars().peekable();
    let mut closed: Option<bool> = None;
    let mut class = false;
    while let Some(c) = chars.next() {
        let after_group = closed.take();
        match c {
            '\\' => {
                chars.next();
            }
            ']' => class = false,
            _ if class => {}
            '[' => class = true,
            '(' => groups.push(false),
            ')' => {
                let inner = groups.pop().unwrap_or(false);
                if let Some(outer) = groups.last_mut() {
                    *outer |= inner;
                }
                closed = Some(inner);
            }
            '|' => {
                if let Some(group) = groups.last_mut() {
                    *group = true;
                }
            }
            '*' | '+' | '{' => {
                if after_group == Some(true) {
                    return true;
                }
                if let Some(group) = groups.last_mut() {
                    *group = true;
                }
            }
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::is_dangerous;

    #[test]
    fn nested_repetitions_are_found() {
        for pattern in ["(a+)+$", "((a*))*", "(a|aa)+", "([a-z]+){5,}"] {
            assert!(is_dangerous(pattern), "{pattern}");
        }
        for pattern in ["^[a-z]+$", "(abc)+", r"\(a+\)+", "[(a+)+]", "^(foo|bar)$", "a{2,3}"] {
            assert!(!is_dangerous(pattern), "{pattern}");
        }
    }
}
