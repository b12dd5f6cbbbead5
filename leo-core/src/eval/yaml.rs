//! A host's own suite as YAML: a list of rows, or a mapping with defaults and `questions`.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use serde_saphyr::Spanned;

use super::row::{self, DEFAULTS, Form};
use super::suite::Item;
use crate::error::{Error, Result};

/// The key of the list.
const QUESTIONS: &str = "questions";

/// The file as it is written; rows know their lines.
#[derive(Debug, Default)]
struct Document {
    defaults: Map<String, Value>,
    rows: Vec<Spanned<Value>>,
}

/// The items that `text` lists.
///
/// # Errors
/// `Malformed` naming row, line and key.
pub(super) fn items(text: &str) -> Result<Vec<Item>> {
    let document: Document = match text.trim().is_empty() {
        true => Document::default(),
        // `no`, `on` and `y` are texts: a country, a state, a name.
        false => {
            let options = serde_saphyr::options! { strict_booleans: true };
            serde_saphyr::from_str_with_options(text, options).map_err(|error| unreadable(&error))?
        }
    };
    let rows = document.rows.iter().map(|row| (format!(" (line {})", row.referenced.line()), &row.value));
    own(&document.defaults, rows)
}

/// The items of a suite that is data already.
///
/// # Errors
/// `Malformed` naming row and key.
pub(super) fn items_of(suite: Value) -> Result<Vec<Item>> {
    let (defaults, rows) = match suite {
        Value::Array(rows) => (Map::new(), rows),
        Value::Object(mut fields) => match fields.remove(QUESTIONS) {
            Some(Value::Array(rows)) => (fields, rows),
            _ => return Err(Error::malformed(format!("the suite has no `{QUESTIONS}`, a list of rows"))),
        },
        _ => return Err(Error::malformed(format!("the suite is neither a list of rows nor an object with `{QUESTIONS}`"))),
    };
    own(&defaults, rows.iter().map(|row| (String::new(), row)))
}

/// A host's own rows, each with where it stands, under what holds for all that do not say it themselves.
fn own<'a>(defaults: &Map<String, Value>, rows: impl Iterator<Item = (String, &'a Value)>) -> Result<Vec<Item>> {
    let head = |what: String| Error::malformed(format!("the head of the suite {what}"));
    row::only_known(defaults, DEFAULTS.iter().chain(&[QUESTIONS])).map_err(head)?;
    row::common(defaults).map_err(head)?;
    let item = |(index, (place, entry)): (usize, (String, &Value))| {
        let malformed = |what: &str| Error::malformed(format!("row {} of the suite{place} {what}", index + 1));
        let Value::Object(own) = entry else { return Err(malformed("is not a mapping")) };
        let mut row = own.clone();
        for (key, value) in defaults {
            // A row that brings its own database is not asked of another one.
            if key != "db" || !own.contains_key("database_sql") {
                row.entry(key).or_insert_with(|| value.clone());
            }
        }
        row::item(index, &row, Form::Own).map_err(|what| malformed(&what))
    };
    rows.enumerate().map(item).collect()
}

/// What the reader of YAML says, without the text around it.
fn unreadable(error: &serde_saphyr::Error) -> Error {
    let at = error.location().map(|at| format!(", in line {}", at.line())).unwrap_or_default();
    let said = error.without_snippet().to_string();
    // The line stands in front already.
    let said = said.lines().next().and_then(|said| said.split(" at line ").next()).unwrap_or_default();
    Error::malformed(format!("the suite cannot be read as YAML{at}: {said}"))
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_any(Either)
    }
}

/// Takes a list or a mapping.
struct Either;

impl<'de> Visitor<'de> for Either {
    type Value = Document;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of questions, or a mapping with `questions`")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> std::result::Result<Document, A::Error> {
        let mut document = Document::default();
        while let Some(row) = list.next_element()? {
            document.rows.push(row);
        }
        Ok(document)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Document, A::Error> {
        let mut document = Document::default();
        while let Some(key) = map.next_key::<String>()? {
            if key == QUESTIONS {
                document.rows = map.next_value()?;
            } else {
                document.defaults.insert(key, map.next_value()?);
            }
        }
        Ok(document)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::dialect::Dialect;
    use crate::eval::{ColumnMatch, RowMatch, Suite};
    use crate::value::Value as Cell;

    #[test]
    fn defaults_hold_for_rows_that_do_not_say() {
        let items = items(
            "db: shop
dialect: postgres
match: set
columns: subset
float_digits: 9
tags: [all]
questions:
  # What everybody asks first.
  - question: How many crates are in stock?
    gold: |
      SELECT count(*) FROM crates;
      SELECT sum(n) FROM stock
  - { id: two, question: Which?, rows: [[a, 1, 2.5, null, true], ['2024-01-31', 2, 3.5, x, false]], ordered: true, match: auto, tags: own, tables: [crates] }
  - { question: And here?, database_sql: CREATE TABLE t(a), value: 7 }
  - turns:
      - { question: One?, value: 1 }
      - { question: And then?, gold: [SELECT 2, SELECT 3] }
",
        )
        .unwrap();
        let shop = &items[0];
        assert_eq!((shop.db.as_str(), shop.dialect, shop.float_digits), ("shop", Some(Dialect::Postgres), Some(9)));
        assert_eq!(
            (shop.rows, shop.columns, shop.tags.as_slice()),
            (Some(RowMatch::Set), Some(ColumnMatch::Subset), &["all".to_owned()][..])
        );
        assert_eq!(shop.turns[0].gold.len(), 2);
        assert_eq!(
            (items[1].id.clone(), items[1].rows, items[1].tags.as_slice()),
            ("two".into(), Some(RowMatch::Auto), &["own".to_owned()][..])
        );
        let gold = items[1].turns[0].rows.as_ref().unwrap();
        assert!(gold.ordered && items[1].turns[0].is_answerable());
        assert_eq!(gold.rows[0], [Cell::Text("a".into()), Cell::Int(1), Cell::Float(2.5), Cell::Null, Cell::Bool(true)]);
        assert_eq!(gold.rows[1][0], Cell::Text("2024-01-31".into()));
        assert_eq!(format!("{gold:?}"), "GoldRows { rows: 2, ordered: true }");
        assert_eq!((items[2].db.as_str(), items[2].database_sql.is_some()), ("", true));
        assert_eq!(items[3].turns.iter().map(|turn| turn.gold.len()).collect::<Vec<_>>(), [0, 2]);
    }

    #[test]
    fn a_list_alone_is_a_suite_and_no_database_is_the_only_source() {
        let suite = Suite::parse_yaml("- question: How many crates?\n  value: 3\n- question: Who is the tallest?\n").unwrap();
        assert_eq!((suite.items[0].db.as_str(), suite.items[0].turns[0].is_answerable()), ("", true));
        assert!(!suite.items[1].turns[0].is_answerable());
        assert_eq!(Suite::parse_yaml(" \n").unwrap().questions(), 0);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("own.yml");
        std::fs::write(&path, "- { question: How many crates?, value: 3 }").unwrap();
        assert_eq!(Suite::read(&path).unwrap().questions(), 1);
    }

    #[test]
    fn short_texts_are_no_truth_values() {
        let items = items("- { question: Where to?, rows: [[no, on, y, off, Yes, true, '1', 1]] }").unwrap();
        let cells = &items[0].turns[0].rows.as_ref().unwrap().rows[0];
        let texts: Vec<Cell> = ["no", "on", "y", "off", "Yes"].map(|text| Cell::Text(text.into())).into();
        assert_eq!(cells[..5], texts);
        assert_eq!(cells[5..], [Cell::Bool(true), Cell::Text("1".into()), Cell::Int(1)]);
    }

    #[test]
    fn data_is_read_as_strictly_as_text() {
        use serde_json::json;
        let row = json!({"question": "How many crates?", "value": 3});
        let suite =
            Suite::from_json(json!({"match": "set", "questions": [row, {"question": "q", "database_sql": "", "db": ""}]}));
        let suite = suite.unwrap().with_source("depot");
        assert_eq!((suite.items[0].rows, suite.items[0].db.as_str()), (Some(RowMatch::Set), "depot"));
        assert_eq!(suite.items[1].db, "");
        for (data, said) in [
            (json!([{"qestion": "q"}]), "row 1 of the suite has the unknown key `qestion`; do you mean `question`?"),
            (json!([7]), "row 1 of the suite is not a mapping"),
            (
                json!({"dialekt": "mysql", "questions": []}),
                "the head of the suite has the unknown key `dialekt`; do you mean `dialect`?",
            ),
            (json!({"question": "q"}), "the suite has no `questions`, a list of rows"),
            (json!(7), "the suite is neither a list of rows nor an object with `questions`"),
        ] {
            assert_eq!(Suite::from_json(data).unwrap_err().message(), said);
        }
    }

    #[test]
    fn slips_are_named_with_row_and_line() {
        for (text, said) in [
            (
                "- question: a\n- { question: b, gold: SELECT 1, tag: x }",
                "row 2 of the suite (line 2) has the unknown key `tag`; do you mean `tags`?",
            ),
            ("- { question: b, sql: SELECT 1 }", "row 1 of the suite (line 1) has the unknown key `sql`; do you mean `gold`?"),
            ("- { gold: SELECT 1 }", "row 1 of the suite (line 1) has no `question`"),
            (
                "\n- { question: q, match: bags }",
                "row 1 of the suite (line 2) has a `match` that is none of `auto`, `bag`, `set` and `list`",
            ),
            (
                "- { question: q, columns: some }",
                "row 1 of the suite (line 1) has `columns` that are neither `exact` nor `subset`",
            ),
            ("- { question: q, rows: [[1], [1, 2]] }", "row 1 of the suite (line 1) has `rows` of different lengths"),
            ("- { question: q, rows: [1] }", "row 1 of the suite (line 1) has `rows` that are not lists of cells"),
            (
                "- { question: q, rows: [[[1]]] }",
                "row 1 of the suite (line 1) has a cell that is neither a number, text, truth value nor null",
            ),
            ("- { question: q, rows: [], value: 1 }", "row 1 of the suite (line 1) has `rows` and a `value`; give one of them"),
            (
                "- { question: q, gold: SELECT 1, ordered: true }",
                "row 1 of the suite (line 1) has `ordered` without `rows`; for statements give `match: list`",
            ),
            ("- { question: q, tables: [1] }", "row 1 of the suite (line 1) has `tables` that are not a list of texts"),
            (
                "- { turns: [{ question: q, db: x }] }",
                "row 1 of the suite (line 1) has the unknown key `db`; known are `question`, `gold`, `rows`, `value`, `ordered`, `tables`",
            ),
            ("- 3", "row 1 of the suite (line 1) is not a mapping"),
            ("dialekt: mysql\nquestions: []", "the head of the suite has the unknown key `dialekt`; do you mean `dialect`?"),
            ("dialect: cobol\nquestions: []", "the head of the suite has the unknown dialect `cobol`"),
        ] {
            assert_eq!(Suite::parse_yaml(text).unwrap_err().message(), said, "{text}");
        }
        for text in ["three", "questions: 3", "- question: q\n  question: r", "- [", "- &a { question: q, tags: *b }"] {
            let error = Suite::parse_yaml(text).unwrap_err();
            assert!(error.message().starts_with("the suite cannot be read as YAML"), "{text}: {}", error.message());
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_taken(text in "[-{}:,a-z\\[\\]\n \"'&*!|>]{0,80}") {
            let _ = Suite::parse_yaml(&text);
        }
    }
}
