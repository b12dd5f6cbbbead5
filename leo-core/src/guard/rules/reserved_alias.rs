//! Unquoted reserved words as aliases: the server may read them as the next statement.

use super::*;

use sqlparser::ast::Ident;

pub(in crate::guard) const RULE: Rule = Rule::block("reserved_alias")
    .what("Refuses aliases without quotes that begin a T-SQL statement, and variables as aliases.")
    .why("T-SQL needs no semicolon: what one reader takes for an alias is the next statement to the server.");

/// Words that begin a T-SQL statement, where no semicolon is needed between two of them.
#[rustfmt::skip]
const STARTERS: &[&str] = &[
    "add", "alter", "backup", "begin", "break", "bulk", "checkpoint", "close", "commit", "continue", "conversation", "create",
    "dbcc", "deallocate", "declare", "delete", "deny", "disable", "drop", "dump", "else", "enable", "end", "exec", "execute",
    "exit", "fetch", "get", "goto", "grant", "if", "insert", "kill", "lineno", "load", "merge", "move", "open", "over", "print",
    "raiserror", "read", "readtext", "receive", "reconfigure", "restore", "return", "revert", "revoke", "rollback", "save",
    "select", "send", "set", "setuser", "shutdown", "throw", "truncate", "try", "update", "updatetext", "use", "waitfor",
    "while", "with", "writetext",
];

/// The finding for the alias `ident`, when it is such a word or a variable.
pub(in crate::guard) fn check(dialect: crate::dialect::Dialect, ident: &Ident) -> Option<Finding> {
    use crate::dialect::Dialect;
    if ident.quote_style.is_some() {
        return None;
    }
    let lower = ident.value.to_ascii_lowercase();
    let starts = dialect == Dialect::Tsql && STARTERS.binary_search(&lower.as_str()).is_ok();
    let variable = lower.starts_with('@');
    (starts || variable).then(|| {
        let start = ident.span.start;
        RULE.finding(
            format!("`{}` may not be used as a name without quotes", short(&ident.value)),
            "use another alias, or quote it",
            (start.line > 0).then_some(Position { line: start.line, column: start.column }),
        )
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn starters_are_sorted() {
        assert!(super::STARTERS.is_sorted());
    }
}
