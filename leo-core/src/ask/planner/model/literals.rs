//! Values that a model does not get to see: those of the question that the data holds, and what identifies people, each as a mark that stands for it.
//!
//! A mark is `⟨v1⟩`. The model writes it where the value belongs, and the value, in the data's own spelling, is put back before anything else looks at
//! what it wrote.

use std::ops::Range;

use serde_json::Value as Json;

use crate::audit::personal_spans;
use crate::catalog::TableName;
use crate::error::{Error, Result};
use crate::query::{Filter, HavingValue, Scalar, SemanticQuery};
use crate::value::Value;

/// A stretch of the question that is a value of the data.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::ask) struct LinkedValue {
    /// Bytes of the question.
    pub(in crate::ask) span: Range<usize>,
    /// The column that holds it.
    pub(in crate::ask) table: TableName,
    pub(in crate::ask) column: String,
    /// The value as stored.
    pub(in crate::ask) value: String,
}

/// What stands for what, by number. `Debug` shows how many.
#[derive(Clone, Default)]
pub(in crate::ask) struct Literals(Vec<Literal>);

#[derive(Clone)]
struct Literal {
    value: String,
    /// Where the data holds it; nothing for what identifies a person.
    column: Option<(TableName, String)>,
}

impl std::fmt::Debug for Literals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Literals({})", self.0.len())
    }
}

impl Literals {
    /// `text` with marks for `linked` values and for what identifies people.
    pub(in crate::ask) fn hide(&mut self, text: &str, linked: &[LinkedValue]) -> String {
        let personal = personal_spans(text).into_iter().map(|span| (span, None));
        let linked = linked.iter().map(|own| (own.span.clone(), Some(own)));
        let mut spans: Vec<(Range<usize>, Option<&LinkedValue>)> = linked.chain(personal).collect();
        spans.sort_by_key(|(span, own)| (span.start, std::cmp::Reverse(span.end), own.is_none()));
        let (mut hidden, mut at) = (String::with_capacity(text.len()), 0);
        for (span, own) in spans {
            let (Some(before), Some(words)) = (text.get(at..span.start), text.get(span.clone())) else { continue };
            hidden.push_str(before);
            at = span.end;
            let (value, column) = match own {
                Some(own) => (own.value.as_str(), Some((own.table.clone(), own.column.clone()))),
                None => (words, None),
            };
            hidden.push_str(&mark(self.number(value, column)));
        }
        hidden.push_str(text.get(at..).unwrap_or_default());
        hidden
    }

    /// The number of a value; the same value of the same column has one.
    fn number(&mut self, value: &str, column: Option<(TableName, String)>) -> usize {
        let known = self.0.iter().position(|own| own.value == value && own.column == column);
        known.unwrap_or_else(|| {
            self.0.push(Literal { value: value.to_owned(), column });
            self.0.len() - 1
        }) + 1
    }

    /// Each mark, and the column whose value it stands for.
    pub(in crate::ask) fn marks(&self) -> impl Iterator<Item = (usize, Option<&(TableName, String)>)> {
        self.0.iter().enumerate().map(|(at, own)| (at + 1, own.column.as_ref()))
    }

    /// The value that a mark stands for.
    pub(in crate::ask) fn value(&self, number: usize) -> Option<&str> {
        self.0.get(number.checked_sub(1)?).map(|own| own.value.as_str())
    }

    /// Whether a mark is in `text`.
    pub(super) fn is_in(&self, text: &str) -> bool {
        (1..=self.0.len()).any(|number| text.contains(&mark(number)))
    }

    /// `text` with the values in the place of their marks.
    pub(super) fn restored(&self, text: &str) -> String {
        if !text.contains('⟨') {
            return text.to_owned();
        }
        // Values are put in once: one that looks like a mark stays what it is.
        let (mut whole, mut rest) = (String::with_capacity(text.len()), text);
        while let Some(at) = rest.find('⟨') {
            let (before, from) = rest.split_at(at);
            whole.push_str(before);
            let end = from.find('⟩').map(|end| end + '⟩'.len_utf8());
            let number =
                end.and_then(|end| from.get('⟨'.len_utf8()..end - '⟩'.len_utf8())?.strip_prefix('v')?.parse::<usize>().ok());
            match number.and_then(|number| self.0.get(number.checked_sub(1)?)).zip(end) {
                Some((own, end)) => {
                    whole.push_str(&own.value);
                    rest = &from[end..];
                }
                None => {
                    whole.push('⟨');
                    rest = &from['⟨'.len_utf8()..];
                }
            }
        }
        whole + rest
    }

    /// `text`, which may hold values that were put back, with their marks again wherever they stand as words.
    pub(in crate::ask) fn hidden_again(&self, text: &str) -> String {
        let known = self.0.iter().enumerate().filter(|(_, own)| !own.value.is_empty());
        known.fold(text.to_owned(), |text, (at, own)| {
            let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
            let is_whole =
                |at: &usize| !is_word(text[..*at].chars().next_back()) && !is_word(text[*at + own.value.len()..].chars().next());
            let found: Vec<usize> = text.match_indices(&own.value).map(|(at, _)| at).filter(is_whole).collect();
            let mut hidden = text.clone();
            for from in found.into_iter().rev() {
                hidden.replace_range(from..from + own.value.len(), &mark(at + 1));
            }
            hidden
        })
    }

    /// A parameter with the values in the place of their marks.
    ///
    /// # Errors
    /// `Malformed` for lists and objects.
    pub(super) fn restored_json(&self, param: Json) -> Result<Value> {
        match param {
            Json::Array(_) | Json::Object(_) => Err(Error::malformed("`params` are texts, numbers, true, false or null")),
            Json::String(text) => Ok(Value::Text(self.restored(&text))),
            plain => serde_json::from_value(plain).map_err(|_| Error::malformed("a value of `params` cannot be read")),
        }
    }

    /// The query with the values in the place of their marks.
    pub(super) fn restored_query(&self, mut query: SemanticQuery) -> SemanticQuery {
        if self.0.is_empty() {
            return query;
        }
        query.filter = query.filter.map(|filter| self.restored_filter(filter));
        for measure in &mut query.measures {
            measure.filter = measure.filter.take().map(|filter| self.restored_filter(filter));
        }
        for having in &mut query.having {
            if let HavingValue::Value(value) = &mut having.value {
                self.restore(value);
            }
        }
        query
    }

    /// Filters as a model's form makes them.
    fn restored_filter(&self, filter: Filter) -> Filter {
        let all = |filters: Vec<Filter>| filters.into_iter().map(|own| self.restored_filter(own)).collect();
        match filter {
            Filter::And(filters) => Filter::And(all(filters)),
            Filter::Or(filters) => Filter::Or(all(filters)),
            Filter::Not(own) => Filter::Not(Box::new(self.restored_filter(*own))),
            Filter::Compare { left, op, mut right } => {
                if let Scalar::Literal(value) = &mut right {
                    self.restore(value);
                }
                Filter::Compare { left, op, right }
            }
            Filter::In { value, mut set } => {
                set.iter_mut().for_each(|own| self.restore(own));
                Filter::In { value, set }
            }
            Filter::Between { value, mut low, mut high } => {
                self.restore(&mut low);
                self.restore(&mut high);
                Filter::Between { value, low, high }
            }
            Filter::Text { value, kind, text } => Filter::Text { value, kind, text: self.restored(&text) },
            other => other,
        }
    }

    fn restore(&self, value: &mut Value) {
        if let Value::Text(text) = value {
            *text = self.restored(text);
        }
    }
}

/// How a value is written.
pub(in crate::ask) fn mark(number: usize) -> String {
    format!("⟨v{number}⟩")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn linked(text: &str, words: &str, value: &str) -> LinkedValue {
        let start = text.find(words).unwrap();
        LinkedValue {
            span: start..start + words.len(),
            table: TableName::bare("customers"),
            column: "region".into(),
            value: value.into(),
        }
    }

    #[test]
    fn values_leave_and_come_back_in_the_datas_spelling() {
        let text = "orders from bavaria and of ann@example.org, bavaria first";
        let mut literals = Literals::default();
        let hidden = literals.hide(text, &[linked(text, "bavaria", "Bavaria")]);
        assert_eq!(hidden, "orders from ⟨v1⟩ and of ⟨v2⟩, bavaria first");
        assert_eq!(literals.restored("%⟨v1⟩% ⟨v2⟩ ⟨v3⟩ ⟨v⟩ ⟨"), "%Bavaria% ann@example.org ⟨v3⟩ ⟨v⟩ ⟨");
        assert!(literals.is_in("SELECT '⟨v2⟩'") && !literals.is_in("SELECT '⟨v3⟩'"));
        let columns: Vec<_> = literals.marks().map(|(number, column)| (number, column.is_some())).collect();
        assert_eq!(columns, [(1, true), (2, false)]);
    }

    #[test]
    fn a_value_that_looks_like_a_mark_stays_what_it_is() {
        let mut literals = Literals::default();
        let text = "a b";
        literals.hide(text, &[linked(text, "a", "⟨v2⟩"), linked(text, "b", "secret")]);
        assert_eq!(literals.restored("⟨v1⟩"), "⟨v2⟩");
        assert_eq!(format!("{literals:?}"), "Literals(2)");
        assert_eq!(literals.hidden_again("`secret` is no number, secretly"), "`⟨v2⟩` is no number, secretly");
    }

    proptest! {
        #[test]
        fn what_is_hidden_comes_back(text in "\\PC{0,60}", from in 0usize..60, length in 0usize..20) {
            let at = |n: usize| text.char_indices().map(|(at, _)| at).chain([text.len()]).nth(n.min(text.chars().count())).unwrap();
            let span = at(from)..at(from + length);
            let own = LinkedValue { value: text[span.clone()].to_owned(), span, table: TableName::bare("t"), column: "c".into() };
            let mut literals = Literals::default();
            let hidden = literals.hide(&text, &[own]);
            if !text.contains('⟨') {
                prop_assert_eq!(literals.restored(&hidden), text);
            }
        }
    }
}
