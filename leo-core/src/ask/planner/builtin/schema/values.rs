//! The value index: which columns hold a value, from the top values of the profile.
//!
//! Bounded: at most [`MAX_VALUES`] values of at most [`MAX_LENGTH`] characters each, so at most about 40 MB however large the
//! catalogue; columns whose top values are complete come first.

use std::collections::HashMap;

use crate::catalog::{Catalog, Column, LogicalType};
use crate::value::Value;

/// Most values kept.
pub(super) const MAX_VALUES: usize = 250_000;
/// Longest value kept, in characters.
const MAX_LENGTH: usize = 60;
/// Most places kept for one value.
const MAX_PLACES: usize = 24;

/// A value in a column.
#[derive(Debug, Clone)]
pub(in super::super) struct ValuePlace {
    pub(in super::super) table: u32,
    pub(in super::super) column: u32,
    /// As stored.
    pub(in super::super) value: Box<str>,
}

/// Values by their normal form.
#[derive(Default)]
pub(in super::super) struct ValueIndex {
    exact: HashMap<Box<str>, Vec<ValuePlace>>,
    /// Values of several words by their first word.
    leading: HashMap<Box<str>, Vec<ValuePlace>>,
    count: usize,
}

/// Says how much is in it, never what.
impl std::fmt::Debug for ValueIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ValueIndex({} values)", self.count)
    }
}

impl ValueIndex {
    pub(super) fn build(catalog: &Catalog) -> Self {
        let mut index = Self::default();
        for complete in [true, false] {
            for (table, description) in catalog.tables.iter().enumerate() {
                for (column, description) in description.columns.iter().enumerate() {
                    index.add_column(table as u32, column as u32, description, complete);
                }
            }
        }
        index
    }

    fn add_column(&mut self, table: u32, column: u32, description: &Column, complete: bool) {
        let Some(statistics) = &description.statistics else { return };
        if (statistics.distinct as usize <= statistics.top.len()) != complete || description.data_type == LogicalType::Binary {
            return;
        }
        for (value, _) in &statistics.top {
            let Value::Text(text) = value else { continue };
            if self.count >= MAX_VALUES || text.len() > MAX_LENGTH * 4 || text.chars().count() > MAX_LENGTH {
                continue;
            }
            let normal = normalize(text);
            if normal.is_empty() || normal.bytes().all(|b| b.is_ascii_digit() || b == b' ') {
                continue;
            }
            let place = ValuePlace { table, column, value: text.as_str().into() };
            if let Some((first, _)) = normal.split_once(' ')
                && first.chars().count() >= 3
            {
                let places = self.leading.entry(first.into()).or_default();
                if places.len() < MAX_PLACES {
                    places.push(place.clone());
                }
            }
            let places = self.exact.entry(normal.into()).or_default();
            if places.len() < MAX_PLACES {
                places.push(place);
                self.count += 1;
            }
        }
    }

    /// Places whose value has this normal form.
    pub(in super::super) fn exact(&self, normal: &str) -> &[ValuePlace] {
        self.exact.get(normal).map_or(&[], Vec::as_slice)
    }

    /// Places whose value has several words and begins with this one.
    pub(in super::super) fn leading(&self, normal: &str) -> &[ValuePlace] {
        self.leading.get(normal).map_or(&[], Vec::as_slice)
    }

    pub(in super::super) fn is_empty(&self) -> bool {
        self.count == 0
    }
}

/// Whether the profile lists every value of a column.
pub(super) fn is_complete(column: &Column) -> bool {
    column
        .statistics
        .as_ref()
        .is_some_and(|statistics| !statistics.top.is_empty() && statistics.distinct as usize <= statistics.top.len())
}

/// Lowercase words separated by one blank, plural endings dropped; what question and data are compared by.
pub(in super::super) fn normalize(text: &str) -> String {
    let mut normal = String::with_capacity(text.len());
    let mut word = String::new();
    for c in text.chars().chain(std::iter::once(' ')) {
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        } else if !word.is_empty() {
            if !normal.is_empty() {
                normal.push(' ');
            }
            normal.push_str(singular(&word));
            word.clear();
        }
    }
    normal
}

fn singular(word: &str) -> &str {
    if word.len() > 3 && word.ends_with('s') && !word.ends_with("ss") && !word.ends_with("us") && !word.ends_with("is") {
        &word[..word.len() - 1]
    } else {
        word
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normal_forms_meet() {
        assert_eq!(normalize("New  York-City"), "new york city");
        assert_eq!(normalize("Dogs"), normalize("dog"));
        assert_eq!(normalize("Größe"), "größe");
        assert_eq!(normalize("--"), "");
    }
}
