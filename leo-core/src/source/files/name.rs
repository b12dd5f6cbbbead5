//! Names of tables and columns: from files, sheets and headers to words that SQL takes, each once.

use std::collections::HashSet;

/// Characters of a name at most.
const LONGEST: usize = 60;

/// Names that are taken, without regard to case.
#[derive(Debug, Default)]
pub(super) struct Names(HashSet<String>);

impl Names {
    /// `wanted` as a word, with a number behind it when it is taken; `otherwise` where nothing of it can be a name.
    pub(super) fn unique(&mut self, wanted: &str, otherwise: &str) -> String {
        let base = word(wanted).unwrap_or_else(|| otherwise.to_owned());
        let mut name = base.clone();
        let mut number = 1;
        while !self.0.insert(name.to_lowercase()) {
            number += 1;
            name = format!("{base}_{number}");
        }
        name
    }

    /// Whether the name that `wanted` becomes is taken.
    pub(super) fn taken(&self, wanted: &str) -> bool {
        word(wanted).is_some_and(|name| self.0.contains(&name.to_lowercase()))
    }
}

/// Letters and digits of any script with one underscore between words; a letter or an underscore comes first.
fn word(text: &str) -> Option<String> {
    let mut name = String::new();
    for c in text.trim().chars() {
        if name.chars().count() >= LONGEST {
            break;
        }
        if c.is_alphanumeric() {
            if name.is_empty() && c.is_numeric() {
                name.push('_');
            }
            name.push(c);
        } else if !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
    }
    let name = name.trim_end_matches('_').to_owned();
    match name.is_empty() {
        true => None,
        // The engine keeps these to itself.
        false if name.to_lowercase().starts_with("sqlite_") => Some(format!("t_{name}")),
        false => Some(name),
    }
}

/// A name as SQL quotes it.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Whether a sheet has the name that programs give to sheets.
pub(super) fn is_generic(sheet: &str) -> bool {
    let lower = sheet.trim().to_lowercase();
    let stem = lower.trim_end_matches(|c: char| c.is_ascii_digit() || c == ' ');
    matches!(stem, "sheet" | "tabelle" | "feuil" | "hoja" | "foglio" | "blad" | "planilha" | "лист" | "arkusz")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_words_and_each_comes_once() {
        let mut names = Names::default();
        let given: Vec<String> = ["Order ID", "order-id", "Umsatz (€)", "2024", "", "   ", "sqlite_x", "a\"b", "名前"]
            .iter()
            .enumerate()
            .map(|(at, wanted)| names.unique(wanted, &format!("column_{}", at + 1)))
            .collect();
        let expected = ["Order_ID", "order_id_2", "Umsatz", "_2024", "column_5", "column_6", "t_sqlite_x", "a_b", "名前"];
        assert_eq!(given, expected);
        assert!(is_generic("Tabelle1") && is_generic("Sheet 2") && !is_generic("Sales"));
    }
}
