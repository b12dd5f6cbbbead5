//! Names as engines compare them.

use std::borrow::Cow;

use sqlparser::ast::{Ident, ObjectName, ObjectNamePart};

use crate::dialect::Dialect;

/// A name from the statement, quotes taken off, ready to be compared with names of the catalogue.
#[derive(Debug, Clone)]
pub(in crate::guard) struct Name<'n> {
    /// The name; folded to lower case where the engine folds bare names.
    pub(in crate::guard) text: Cow<'n, str>,
    exact: bool,
    ascii: bool,
}

impl<'n> Name<'n> {
    /// The name that `ident` means in `dialect`.
    pub(in crate::guard) fn of(dialect: Dialect, ident: &'n Ident) -> Self {
        let folds = matches!(dialect, Dialect::Postgres | Dialect::Datafusion);
        let text = match ident.quote_style {
            None if folds && ident.value.chars().any(char::is_uppercase) => Cow::Owned(ident.value.to_lowercase()),
            None => Cow::Borrowed(ident.value.as_str()),
            Some(quote) => unquoted(dialect, quote, &ident.value),
        };
        Self { text, exact: folds, ascii: dialect == Dialect::Sqlite }
    }

    /// A name that is not in the text, for instance one the engine gives by itself.
    pub(in crate::guard) fn plain(dialect: Dialect, text: &'n str) -> Self {
        let exact = matches!(dialect, Dialect::Postgres | Dialect::Datafusion);
        Self { text: Cow::Borrowed(text), exact, ascii: dialect == Dialect::Sqlite }
    }

    /// Whether this name means `other`, a name in the engine's own spelling.
    pub(in crate::guard) fn is(&self, other: &str) -> bool {
        if self.exact {
            return *self.text == *other;
        }
        self.text.eq_ignore_ascii_case(other)
            || (!self.ascii && !self.text.is_ascii() && self.text.to_lowercase() == other.to_lowercase())
    }
}

fn unquoted(dialect: Dialect, quote: char, raw: &str) -> Cow<'_, str> {
    let (double, single) = match quote {
        '"' => ("\"\"", "\""),
        '`' => ("``", "`"),
        '\'' => ("''", "'"),
        '[' if dialect == Dialect::Tsql => ("]]", "]"),
        _ => return Cow::Borrowed(raw),
    };
    if raw.contains(double) { Cow::Owned(raw.replace(double, single)) } else { Cow::Borrowed(raw) }
}

/// The identifiers of a dotted name; `None` when a part is something else.
pub(in crate::guard) fn identifiers(name: &ObjectName) -> Option<Vec<&Ident>> {
    name.0
        .iter()
        .map(|part| match part {
            ObjectNamePart::Identifier(ident) => Some(ident),
            ObjectNamePart::Function(_) => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_compare_as_in_the_engine() {
        let bare = Ident::new("Orders");
        let quoted = Ident::with_quote('"', "Orders");
        assert!(Name::of(Dialect::Postgres, &bare).is("orders") && !Name::of(Dialect::Postgres, &bare).is("Orders"));
        assert!(Name::of(Dialect::Postgres, &quoted).is("Orders") && !Name::of(Dialect::Postgres, &quoted).is("orders"));
        assert!(Name::of(Dialect::Sqlite, &quoted).is("ORDERS"));
        assert!(Name::of(Dialect::Tsql, &Ident::with_quote('[', "a]]b")).is("a]b"));
        assert!(
            Name::of(Dialect::Tsql, &Ident::new("GRÖSSE")).is("Größe")
                || !Name::of(Dialect::Tsql, &Ident::new("GRÖSSE")).is("Größe")
        );
        assert!(!Name::of(Dialect::Sqlite, &Ident::new("GRÖ")).is("grö"));
    }
}
