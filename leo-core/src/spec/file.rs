//! Files by their names: which are read as tables, and what they are called.

use std::path::Path;

/// Endings of files that are read as tables, without a `.gz` behind them.
pub(crate) const TEXT: &[&str] = &["csv", "tsv", "tab", "psv"];
pub(crate) const LINES: &[&str] = &["jsonl", "ndjson", "json"];
pub(crate) const WORKBOOK: &[&str] = &["xlsx", "xlsm", "xlsb", "xls", "ods"];
pub(crate) const PARQUET: &[&str] = &["parquet", "parq", "pq"];

/// Whether the name is one of a file that is read as a table.
pub(crate) fn is_table(path: &Path) -> bool {
    let ending = ending(path);
    [TEXT, LINES, WORKBOOK, PARQUET].iter().any(|endings| endings.contains(&ending.as_str()))
}

/// Whether the name says that the file is compressed.
pub(crate) fn is_compressed(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("gz"))
}

/// The ending of a name, in lower case, without `.gz`.
pub(crate) fn ending(path: &Path) -> String {
    let name = unpacked(path).to_lowercase();
    name.rsplit_once('.').map_or_else(String::new, |(_, ending)| ending.to_owned())
}

/// The name of a file without its endings; empty where the path ends in no name.
pub(crate) fn stem(path: &Path) -> String {
    let name = unpacked(path);
    name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map_or_else(|| name.clone(), |(stem, _)| stem.to_owned())
}

/// The name of a file without `.gz`.
fn unpacked(path: &Path) -> String {
    let name = if is_compressed(path) { path.file_stem() } else { path.file_name() };
    name.unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_their_endings() {
        assert_eq!(stem(Path::new("/a/sales.2024.csv.gz")), "sales.2024");
        assert_eq!(stem(Path::new("sales.CSV.Gz")), "sales");
        assert_eq!((stem(Path::new("sales")), stem(Path::new("/data/"))), ("sales".to_owned(), "data".to_owned()));
        assert_eq!((stem(Path::new(".csv")), stem(Path::new(".."))), (".csv".to_owned(), String::new()));
    }

    #[test]
    fn tables_are_known_by_their_endings() {
        assert!(is_table(Path::new("A.CSV")) && is_table(Path::new("a.jsonl.gz")) && !is_table(Path::new("a.db")));
    }
}
