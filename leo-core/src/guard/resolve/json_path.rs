//! PostgreSQL's JSON paths, which hold regular expressions: `$ ? (@ like_regex "…")`.
//!
//! A literal takes the type that is asked of it, wherever it stands; so every literal of a statement is read as a path.

use sqlparser::ast::{DataType, Expr, Value};

use super::limits::literal_text;
use super::{Resolver, rules};
use crate::dialect::Dialect;
use crate::guard::lexer::TokenKind;

impl Resolver<'_> {
    /// Refuses literals that, read as a path, hold a pattern that can take forever.
    pub(super) fn check_json_path_literals(&mut self) {
        if self.dialect != Dialect::Postgres {
            return;
        }
        let mut strings = self.against.tokens.iter().filter(|token| token.kind == TokenKind::String);
        if strings.any(|token| is_dangerous(self.text_of(token))) {
            self.report(rules::regex_bomb::finding(true));
        }
    }

    /// The second argument of a function that takes a path.
    pub(super) fn check_json_path_argument(&mut self, function: &str, args: &[&Expr]) {
        let takes_path = function.starts_with("jsonb_path_") || matches!(function, "json_exists" | "json_value" | "json_query");
        if takes_path && let Some(path) = args.get(1) {
            self.check_json_path(path);
        }
    }

    /// A path must be a literal: what those may hold is checked for the whole statement.
    pub(super) fn check_json_path(&mut self, path: &Expr) {
        if self.dialect == Dialect::Postgres && literal_text(path).is_none() {
            self.report(rules::regex_bomb::finding(false));
        }
    }

    /// A text that is made at run time must not become a path.
    pub(super) fn check_cast_to_json_path(&mut self, expr: &Expr, kind: &DataType) {
        if kind.to_string().to_ascii_lowercase().contains("jsonpath") {
            self.check_json_path(expr);
        }
    }
}

/// Whether the value is sent beside the statement.
pub(super) fn is_placeholder(expr: &Expr) -> bool {
    match expr {
        Expr::Value(value) => matches!(value.value, Value::Placeholder(_)),
        Expr::Nested(inner) | Expr::Cast { expr: inner, .. } => is_placeholder(inner),
        _ => false,
    }
}

/// Whether a literal, as written, is a path with a dangerous pattern. Escapes hide neither the keyword nor the pattern; in a
/// literal with escapes of its own there are two layers of them.
fn is_dangerous(literal: &str) -> bool {
    let (mark, rest) = literal.split_at(literal.find(['\'', '$']).unwrap_or(0));
    let once = match mark.to_ascii_lowercase().as_str() {
        "e" => unescaped(rest, true),
        "u&" => {
            // `\XXXX` and `\+XXXXXX`, told the way that the others write it; a doubled backslash is one.
            let told = rest.replace("\\\\", "\\x5c").replace("\\+", "\\U00").replace('\\', "\\u");
            unescaped(&told.replace("\\uU", "\\U").replace("\\ux", "\\x"), false)
        }
        _ => rest.to_owned(),
    };
    let path = unescaped(&once, false);
    let Some(found) = path.to_ascii_lowercase().find("like_regex") else { return false };
    path.get(found..).is_none_or(rules::regex_bomb::is_dangerous)
}

/// Backslashes resolved: `\x41`, `\u0041`, `\u{41}`, `\U00000041`, with `octal` also `\101`; any other stands for what follows it.
fn unescaped(text: &str, octal: bool) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let Some(escaped) = (c == '\\').then(|| chars.next()).flatten() else {
            plain.push(c);
            continue;
        };
        let braced = escaped == 'u' && chars.next_if_eq(&'{').is_some();
        let (mut code, radix, most) = match escaped {
            'x' => (0, 16, 2),
            'u' if braced => (0, 16, 6),
            'u' => (0, 16, 4),
            'U' => (0, 16, 8),
            '0'..='7' if octal => (escaped.to_digit(8).unwrap_or(0), 8, 2),
            other => {
                plain.push(other);
                continue;
            }
        };
        for _ in 0..most {
            let Some(digit) = chars.peek().and_then(|c| c.to_digit(radix)) else { break };
            chars.next();
            code = code * radix + digit;
        }
        if braced {
            chars.next_if_eq(&'}');
        }
        plain.extend(char::from_u32(code));
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::is_dangerous;

    #[test]
    fn no_escape_hides_a_pattern() {
        for literal in [
            r#"'$ ? (@ like_regex "(a+)+$")'"#,
            r#"'$ ? (@ LIKE_REGEX "(a\u002b)\u{2b}$")'"#,
            r#"'$ ? (@ like\x5fregex "(a\+)+$")'"#,
            r#"E'$ ? (@ like\137regex "(a\053)+$")'"#,
            r#"E'$ ? (@ like_regex "(a\\u002b)+$")'"#,
            r#"U&'$ ? (@ like\005Fregex "(a+)\+00002B$")'"#,
            r#"U&'$ ? (@ like_regex "\\\\[(a+)+$")'"#,
            r#"$x$$ ? (@ like_regex "(a|b)*$")$x$"#,
        ] {
            assert!(is_dangerous(literal), "{literal}");
        }
        for literal in [
            r#"'$ ? (@ like_regex "^[a-z]+$" flag "i").*'"#,
            r#"'$ ? (@.a like_regex "^\\(a+\\)+$" || (@.b like_regex "b+"))'"#,
            r"'(a+)+ is no path'",
            "''",
        ] {
            assert!(!is_dangerous(literal), "{literal}");
        }
    }
}
