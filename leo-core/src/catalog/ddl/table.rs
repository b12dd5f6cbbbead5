//! The inside of `CREATE TABLE`, and what `ALTER TABLE` adds.

use sqlparser::tokenizer::Token;

use super::super::model::{Column, LogicalType, Table};
use super::super::relationship::ForeignKey;
use super::find;
use super::reader::Source;

/// Words that end a column's type.
const AFTER_TYPE: &[&str] = &[
    "NOT",
    "NULL",
    "PRIMARY",
    "UNIQUE",
    "DEFAULT",
    "REFERENCES",
    "CHECK",
    "CONSTRAINT",
    "COLLATE",
    "AUTO_INCREMENT",
    "AUTOINCREMENT",
    "IDENTITY",
    "GENERATED",
    "AS",
    "COMMENT",
    "ON",
    "KEY",
    "OPTIONS",
    "SPARSE",
    "ROWGUIDCOL",
    "CHARSET",
    "STORED",
    "VIRTUAL",
    "INVISIBLE",
    "VISIBLE",
    "HIDDEN",
    "MASKED",
    "ENCODE",
];

/// Words that start an element of a table that is no column.
const CONSTRAINTS: &[&str] = &["CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "EXCLUDE", "PERIOD", "LIKE"];

/// Reads the elements in the parentheses at `open` into `table`; the place behind them.
pub(super) fn elements(source: &Source<'_>, open: usize, table: &mut Table) -> usize {
    let end = source.closing(open);
    let mut at = open + 1;
    while at + 1 < end {
        let stop = end_of_element(source, at, end - 1);
        element(source, at, stop, table);
        at = stop + 1;
    }
    end
}

/// Place of the comma that ends the element at `at`, or `end`.
fn end_of_element(source: &Source<'_>, at: usize, end: usize) -> usize {
    let mut depth = 0usize;
    let mut angle = 0usize;
    for place in at..end {
        match source.token(place) {
            Some(Token::LParen) => depth += 1,
            Some(Token::RParen) => depth = depth.saturating_sub(1),
            // `STRUCT<a INT64, b STRING>`
            Some(Token::Lt) if angle > 0 || source.is_any(place.saturating_sub(1), &["ARRAY", "STRUCT", "RANGE", "MAP"]) => {
                angle += 1
            }
            Some(Token::Gt) => angle = angle.saturating_sub(1),
            Some(Token::ShiftRight) => angle = angle.saturating_sub(2),
            Some(Token::Comma) if depth == 0 && angle == 0 => return place,
            _ => {}
        }
    }
    end
}

/// One element: a constraint of the table or a column.
fn element(source: &Source<'_>, at: usize, end: usize, table: &mut Table) {
    let is_index = source.is_any(at, &["KEY", "INDEX", "FULLTEXT", "SPATIAL"])
        && (at..end).any(|place| source.token(place) == Some(&Token::LParen))
        && !matches!(source.word(at + 1), Some(word) if LogicalType::from_declared(source.dialect, &word.value) != LogicalType::Other);
    if source.is_any(at, CONSTRAINTS) {
        constraint(source, at, end, table);
    } else if is_index {
        if let Some(open) = (at..end).find(|place| source.token(*place) == Some(&Token::LParen)) {
            table.indexes.push(source.column_list(open).0);
        }
    } else {
        column(source, at, end, table);
    }
}

fn column(source: &Source<'_>, at: usize, end: usize, table: &mut Table) {
    let Some((parts, mut next)) = source.dotted(at) else { return };
    let Some(name) = parts.last().cloned() else { return };
    let start = next;
    while next < end
        && !(source.is_any(next, AFTER_TYPE) || (next > start && source.is(next, "CHARACTER") && source.is(next + 1, "SET")))
    {
        next = if source.token(next) == Some(&Token::LParen) { source.closing(next) } else { next + 1 };
    }
    let declared = source.slice(start, next.min(end)).split_whitespace().collect::<Vec<_>>().join(" ");
    let declared = declared
        .trim_end_matches(',')
        .replace(" (", "(")
        .replace(['"', '[', '`'], "")
        .replace(']', if declared.contains("[]") { "]" } else { "" });
    let declared = if declared.ends_with(']') && !declared.ends_with("[]") { declared.replace(']', "[]") } else { declared };
    let mut column = Column::new(name.clone(), declared.clone(), LogicalType::from_declared(source.dialect, &declared));
    while next < end {
        if source.is(next, "NOT") && source.is(next + 1, "NULL") {
            column.nullable = false;
            next += 2;
        } else if source.is(next, "PRIMARY") {
            column.nullable = false;
            table.primary_key = vec![name.clone()];
            next += 2;
        } else if source.is(next, "UNIQUE") {
            table.unique_keys.push(vec![name.clone()]);
            next += 1;
        } else if source.is(next, "REFERENCES") {
            let Some((references, behind)) = source.table_name(next + 1) else { break };
            next = behind;
            let mut referenced_columns = Vec::new();
            if source.token(next) == Some(&Token::LParen) {
                (referenced_columns, next) = source.column_list(next);
            }
            table.foreign_keys.push(ForeignKey { columns: vec![name.clone()], references, referenced_columns });
        } else if source.is(next, "DEFAULT") {
            let from = next + 1;
            next = from;
            while next < end && (next == from || !source.is_any(next, AFTER_TYPE)) {
                next = if source.token(next) == Some(&Token::LParen) { source.closing(next) } else { next + 1 };
            }
            let text = source.slice(from, next.min(end)).trim_end_matches([',', ')']).trim();
            let text = if next >= end { source.slice(from, end).trim() } else { text };
            column.default = (!text.is_empty()).then(|| text.to_owned());
        } else if source.is(next, "COMMENT")
            && let Some(Token::SingleQuotedString(text) | Token::DoubleQuotedString(text)) = source.token(next + 1)
        {
            column.comment = Some(text.clone());
            next += 2;
        } else if source.token(next) == Some(&Token::LParen) {
            next = source.closing(next);
        } else {
            next += 1;
        }
    }
    if !table.columns.iter().any(|own| own.name == column.name) {
        table.columns.push(column);
    }
}

/// A constraint of the table, its name in front or not.
fn constraint(source: &Source<'_>, at: usize, end: usize, table: &mut Table) {
    let mut at = at;
    if source.is(at, "CONSTRAINT") {
        at += if source.is_any(at + 1, &["PRIMARY", "UNIQUE", "FOREIGN", "CHECK"]) { 1 } else { 2 };
    }
    let Some(open) = (at..end).find(|place| source.token(*place) == Some(&Token::LParen)) else { return };
    let (columns, next) = source.column_list(open);
    let spelled = |table: &Table, columns: Vec<String>| -> Vec<String> {
        columns.into_iter().map(|name| table.column(&name).map_or(name.clone(), |column| column.name.clone())).collect()
    };
    if source.is(at, "PRIMARY") {
        table.primary_key = spelled(table, columns);
        for column in table.columns.iter_mut().filter(|column| table.primary_key.contains(&column.name)) {
            column.nullable = false;
        }
    } else if source.is(at, "UNIQUE") {
        let key = spelled(table, columns);
        table.unique_keys.push(key);
    } else if source.is(at, "FOREIGN") && source.is(next, "REFERENCES") {
        let Some((references, behind)) = source.table_name(next + 1) else { return };
        let referenced_columns =
            if source.token(behind) == Some(&Token::LParen) { source.column_list(behind).0 } else { Vec::new() };
        let columns = spelled(table, columns);
        table.foreign_keys.push(ForeignKey { columns, references, referenced_columns });
    }
}

/// `ALTER TABLE [ONLY] t [WITH CHECK] ADD …`; the place to go on at.
pub(super) fn alter(source: &Source<'_>, at: usize, tables: &mut [Table]) -> usize {
    let mut at = at;
    while source.is_any(at, &["ONLY", "IF", "EXISTS"]) {
        at += 1;
    }
    let Some((name, mut next)) = source.table_name(at) else { return at };
    while source.is_any(next, &["WITH", "CHECK", "NOCHECK"]) {
        next += 1;
    }
    let Some(table) = find(tables, &name) else { return next };
    while source.is(next, "ADD") {
        next += 1;
        if source.is(next, "COLUMN") {
            next = super::skip_if_not_exists(source, next + 1);
        }
        let end = end_of_element(source, next, end_of_statement(source, next));
        element(source, next, end, table);
        next = end;
        // T-SQL goes on without repeating ADD, MySQL and PostgreSQL repeat it.
        while source.token(next) == Some(&Token::Comma) && !source.is(next + 1, "ADD") && source.is_any(next + 1, CONSTRAINTS) {
            let end = end_of_element(source, next + 1, end_of_statement(source, next + 1));
            element(source, next + 1, end, table);
            next = end;
        }
        if source.token(next) == Some(&Token::Comma) && source.is(next + 1, "ADD") {
            next += 1;
        }
    }
    next
}

/// Where the statement at `at` ends: a semicolon, a batch end, or the next statement's first word at depth 0.
fn end_of_statement(source: &Source<'_>, at: usize) -> usize {
    (at..source.tokens.len())
        .find(|&place| {
            source.token(place) == Some(&Token::SemiColon)
                || source.is_batch_end(place)
                || (place > at
                    && source.is_any(place, &["ALTER", "CREATE", "INSERT"])
                    && source.line(place) > source.line(place - 1))
        })
        .unwrap_or(source.tokens.len())
}
