//! Row filters: the host's text with its context attributes bound.

use std::borrow::Cow;

use super::bind::Binder;
use crate::context::{Attribute, Context};
use crate::dialect::Dialect;
use crate::guard::lexer::{self, TokenKind};
use crate::value::Value;

/// Why a row filter cannot be used.
#[derive(Debug, PartialEq)]
pub(in crate::guard) enum FilterError {
    /// The user lacks this attribute.
    Absent(String),
    /// The host's text is wrong.
    Wrong(String),
}

/// The filter's text with a placeholder for each `:attribute`; a list fills `IN (:attribute)` with one for each of its values.
pub(super) fn bound(
    dialect: Dialect,
    filter: &str,
    ctx: &Context,
    binder: &mut Binder,
    here: &mut Vec<Value>,
) -> Result<String, FilterError> {
    let wrong = |why: &str| FilterError::Wrong(why.to_owned());
    let tokens = lexer::lex(dialect, filter).map_err(|error| wrong(error.message))?;
    let text = |at: usize| tokens.get(at).and_then(|token| filter.get(token.range.clone())).unwrap_or("");
    let mut bound = String::with_capacity(filter.len());
    let mut end = 0;
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        match token.kind {
            TokenKind::Comment | TokenKind::ExecutableComment => return Err(wrong("it holds a comment")),
            TokenKind::Semicolon => return Err(wrong("it holds a semicolon")),
            TokenKind::Placeholder => return Err(wrong("it holds a placeholder; write attributes as `:name`")),
            _ => {}
        }
        let cast = text(at + 1) == ":" && tokens.get(at + 1).is_some_and(|next| next.range.start == token.range.end);
        if text(at) == ":" && cast {
            at += 2;
            continue;
        }
        let name = tokens.get(at + 1).filter(|next| next.kind == TokenKind::Word && next.range.start == token.range.end);
        let (":", Some(name)) = (text(at), name) else {
            at += 1;
            continue;
        };
        bound.push_str(filter.get(end..token.range.start).unwrap_or(""));
        end = name.range.end;
        let name = filter.get(name.range.clone()).unwrap_or("");
        let in_list = at >= 2 && text(at - 1) == "(" && text(at - 2).eq_ignore_ascii_case("in") && text(at + 2) == ")";
        let given = ctx.attributes.get(name).map(Cow::Borrowed).or_else(|| who(ctx, name).map(Cow::Owned));
        match given.as_deref() {
            None => return Err(FilterError::Absent(name.to_owned())),
            Some(Attribute::One(value)) => bound.push_str(&binder.placeholder(name, value, here)),
            Some(Attribute::Many(_)) if !in_list => {
                return Err(FilterError::Wrong(format!("`:{name}` is a list, which only `IN (:{name})` takes")));
            }
            // `x IN (NULL)` holds for no row, and neither does `x NOT IN (NULL)`.
            Some(Attribute::Many(values)) if values.is_empty() => bound.push_str("NULL"),
            Some(Attribute::Many(values)) => {
                for (place, value) in values.iter().enumerate() {
                    bound.push_str(if place > 0 { ", " } else { "" });
                    bound.push_str(&binder.placeholder(&format!("{name} {place}"), value, here));
                }
            }
        }
        at += 2;
    }
    bound.push_str(filter.get(end..).unwrap_or(""));
    Ok(bound)
}

/// What every context says of who asks, where the host has no attribute of that name.
fn who(ctx: &Context, name: &str) -> Option<Attribute> {
    match name {
        "tenant" => Some(Attribute::One(ctx.tenant.as_str().into())),
        "user" => Some(Attribute::One(ctx.user.as_str().into())),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn fill(dialect: Dialect, filter: &str) -> Result<(String, usize), FilterError> {
        let ctx = Context::new("t", "u")
            .unwrap()
            .with_attribute("region", Attribute::One("north".into()))
            .with_attribute("teams", Attribute::Many(vec![Value::from(1), Value::from(2)]))
            .with_attribute("none", Attribute::Many(vec![]));
        let mut binder = Binder::new(dialect, "", &[], &[]);
        let mut here = Vec::new();
        let text = bound(dialect, filter, &ctx, &mut binder, &mut here)?;
        Ok((text, binder.bind(&[], &[]).len() + here.len()))
    }

    #[test]
    fn attributes_become_placeholders() {
        let filled = |dialect, filter| fill(dialect, filter).unwrap();
        assert_eq!(filled(Dialect::Sqlite, "region = :region"), ("region = ?".into(), 1));
        assert_eq!(
            filled(Dialect::Postgres, "region = :region OR (team IN (:teams) AND boss = :region) AND at::date > '1:a'"),
            ("region = $1 OR (team IN ($2, $3) AND boss = $1) AND at::date > '1:a'".into(), 3)
        );
        assert_eq!(filled(Dialect::Tsql, "team NOT IN (:none)"), ("team NOT IN (NULL)".into(), 0));
    }

    #[test]
    fn who_asks_is_known_unless_the_host_says_otherwise() {
        let ctx = Context::new("acme", "ada").unwrap();
        let values = |ctx: &Context| {
            let mut here = Vec::new();
            let mut binder = Binder::new(Dialect::Sqlite, "", &[], &[]);
            bound(Dialect::Sqlite, "t = :tenant AND u = :user", ctx, &mut binder, &mut here).unwrap();
            here
        };
        assert_eq!(values(&ctx), [Value::from("acme"), "ada".into()]);
        let ctx = ctx.with_attribute("tenant", Attribute::One(7.into()));
        assert_eq!(values(&ctx), [Value::from(7), "ada".into()]);
    }

    #[test]
    fn what_is_missing_or_wrong_is_said() {
        assert_eq!(fill(Dialect::Sqlite, "a = :b"), Err(FilterError::Absent("b".into())));
        for filter in ["a = :teams", "a IN (1, :teams)", "a = ?", "a = 1; b", "a = 1 -- b", "a = 'b"] {
            assert!(matches!(fill(Dialect::Sqlite, filter), Err(FilterError::Wrong(_))), "{filter}");
        }
    }
}
