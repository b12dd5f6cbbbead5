#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use arrow_array::{
    ArrayRef, Date32Array, Decimal128Array, Float32Array, RecordBatch, StringArray, TimestampMicrosecondArray, UInt64Array,
};
use arrow_schema::{Field, Schema};
use proptest::prelude::*;

use super::*;
use crate::error::ErrorKind;
use crate::table::Table;
use crate::value::Value;

/// A row of every type whose text is easily got wrong, and one of NULLs.
fn typed() -> Table {
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("amount", Arc::new(Decimal128Array::from(vec![Some(-5), None]).with_precision_and_scale(38, 2).unwrap())),
        ("big", Arc::new(UInt64Array::from(vec![Some(u64::MAX), None]))),
        ("single", Arc::new(Float32Array::from(vec![Some(0.1), None]))),
        ("day", Arc::new(Date32Array::from(vec![Some(20_269), None]))),
        ("moment", Arc::new(TimestampMicrosecondArray::from(vec![Some(1_500_000), None]).with_timezone("UTC"))),
        ("exact", Arc::new(StringArray::from(vec![Some("-12345678901234567890123456789012345678901.5"), None]))),
    ];
    let fields: Vec<Field> = columns
        .iter()
        .map(|(name, array)| {
            let field = Field::new(*name, array.data_type().clone(), true);
            if *name == "exact" { field.with_metadata([("leo.type".to_owned(), "decimal".to_owned())].into()) } else { field }
        })
        .collect();
    let schema = Arc::new(Schema::new(fields));
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    Table::new(Arc::clone(&schema), vec![RecordBatch::try_new(schema, arrays).unwrap()]).unwrap()
}

fn hostile() -> Table {
    let rows = vec![
        vec!["<script>alert(1)</script>".into(), 1.into()],
        vec!["\"><img src=x onerror=alert(1)>".into(), 2.into()],
        vec!["[x](javascript:alert(1)) ![y](http://z) `a` *b* a_b _c_".into(), Value::Null],
        vec!["line\nbreak | pipe \\".into(), 0.1.into()],
        vec!["abc\u{202e}fed\u{1b}[31m\u{0}".into(), (0.1 + 0.2).into()],
        vec![Value::Null, 1e300.into()],
    ];
    Table::from_rows(&["a<b>|\u{202e}", "value"], &rows).unwrap()
}

#[test]
fn types_come_out_exact() {
    let typed = typed();
    assert_eq!(
        csv(&typed, &CsvOptions::default()),
        "amount,big,single,day,moment,exact\r\n\
         -0.05,18446744073709551615,0.1,2025-06-30,1970-01-01 00:00:01.5+00:00,-12345678901234567890123456789012345678901.5\r\n\
         ,,,,,\r\n"
    );
    assert_eq!(
        json_lines(&typed).lines().next().unwrap(),
        r#"{"amount":"-0.05","big":"18446744073709551615","single":0.1,"day":"2025-06-30","moment":"1970-01-01 00:00:01.5+00:00","exact":"-12345678901234567890123456789012345678901.5"}"#
    );
    assert_eq!(
        markdown(&typed, &MarkdownOptions::default()).lines().nth(1).unwrap(),
        "| ---: | ---: | ---: | --- | --- | ---: |"
    );
}

#[test]
fn csv_does_not_run_in_a_spreadsheet() {
    let texts = ["=1+1", "+49", "-x", "@SUM(A1)", "\t=1", "\r=1", "a=1", "-5", "＝1"];
    let table = Table::from_rows(&["=cmd"], &texts.map(|text| vec![text.into()])).unwrap();
    assert_eq!(
        csv(&table, &CsvOptions { line_end: LineEnd::Lf, ..Default::default() }),
        "'=cmd\n'=1+1\n'+49\n'-x\n'@SUM(A1)\n\"'\t=1\"\n\"'\r=1\"\na=1\n'-5\n'＝1\n"
    );
    let raw = csv(&table, &CsvOptions { escape_formulas: false, header: false, ..Default::default() });
    assert!(raw.starts_with("=1+1\r\n+49\r\n-x\r\n"), "{raw}");
    let numbers = Table::from_rows(&["n"], &[vec![(-5).into()], vec![(-0.5).into()]]).unwrap();
    assert_eq!(csv(&numbers, &CsvOptions::default()), "n\r\n-5\r\n-0.5\r\n");
}

#[test]
fn csv_tells_null_from_text() {
    let table = Table::from_rows(&["a", "b"], &[vec![Value::Null, "".into()], vec!["NULL".into(), Value::Null]]).unwrap();
    let plain = CsvOptions { header: false, line_end: LineEnd::Lf, ..Default::default() };
    assert_eq!(csv(&table, &plain), ",\"\"\nNULL,\n");
    assert_eq!(csv(&table, &CsvOptions { null: "NULL".into(), ..plain.clone() }), "NULL,\n\"NULL\",NULL\n");
    let one = Table::from_rows(&["a"], &[vec![Value::Null]]).unwrap();
    // An empty line is no row to most readers.
    assert_eq!(csv(&one, &plain), "\"\"\n");
    assert_eq!(csv(&Table::empty(), &CsvOptions::default()), "");
    let tabs = CsvOptions { delimiter: Delimiter::Tab, byte_order_mark: true, ..plain };
    assert_eq!(csv(&table, &tabs), "\u{feff}\t\"\"\nNULL\t\n");
}

#[test]
fn options_are_plain_data() {
    let options: CsvOptions = serde_json::from_str(r#"{"delimiter": ";", "line_end": "\n"}"#).unwrap();
    assert_eq!(options, CsvOptions { delimiter: Delimiter::Semicolon, line_end: LineEnd::Lf, ..Default::default() });
    assert!(serde_json::from_str::<CsvOptions>(r#"{"delimiter": "x"}"#).is_err());
    assert!(serde_json::from_str::<MarkdownOptions>(r#"{"max_row": 1}"#).is_err());
}

#[test]
fn hostile_cells_in_markdown() {
    insta::assert_snapshot!(markdown(&hostile(), &MarkdownOptions { max_rows: 5, ..Default::default() }));
}

#[test]
fn hostile_cells_in_html() {
    let caption = Some("<b>Sales</b>".to_owned());
    insta::assert_snapshot!(html(&hostile(), &HtmlTableOptions { max_rows: 5, caption, ..Default::default() }));
    let page = html(&typed(), &HtmlTableOptions { page: true, ..Default::default() });
    assert!(page.starts_with("<!doctype html>") && page.trim_end().ends_with("</html>"));
    assert!(!page.contains("http") && !page.contains("<script") && !page.contains("url("));
}

#[test]
fn columns_of_one_name_are_kept_apart_in_json() {
    let table = Table::from_rows(&["id", "id", "id_2", "id"], &[vec![1.into(), 2.into(), 3.into(), 4.into()]]).unwrap();
    assert_eq!(json_lines(&table), "{\"id\":1,\"id_3\":2,\"id_2\":3,\"id_4\":4}\n");
}

#[test]
fn arrow_comes_back_as_it_went() {
    let typed = typed();
    let bytes = arrow_stream(&typed).unwrap();
    let stream = arrow_ipc::reader::StreamReader::try_new(bytes.as_slice(), None).unwrap();
    assert_eq!(stream.schema(), *typed.schema());
    assert_eq!(stream.collect::<Result<Vec<_>, _>>().unwrap(), typed.batches());
    let file = arrow_ipc::reader::FileReader::try_new(std::io::Cursor::new(arrow_file(&typed).unwrap()), None).unwrap();
    assert_eq!(file.collect::<Result<Vec<_>, _>>().unwrap(), typed.batches());
    let empty = arrow_stream(&Table::empty()).unwrap();
    assert_eq!(arrow_ipc::reader::StreamReader::try_new(empty.as_slice(), None).unwrap().count(), 0);
}

#[test]
fn what_is_written_is_what_is_returned_and_a_full_disk_says_so() {
    let table = hostile();
    let (mut written, options) = (Vec::new(), CsvOptions::default());
    write_csv(&mut written, &table, &options).unwrap();
    assert_eq!(String::from_utf8(written).unwrap(), csv(&table, &options));
    let mut full: &mut [u8] = &mut [0; 10];
    assert_eq!(write_csv(&mut full, &table, &options).unwrap_err().kind(), ErrorKind::Adapter);
    let mut full: &mut [u8] = &mut [0; 10];
    assert_eq!(write_json_lines(&mut full, &table).unwrap_err().kind(), ErrorKind::Adapter);
    let mut full: &mut [u8] = &mut [0; 10];
    assert_eq!(write_arrow_stream(&mut full, &table).unwrap_err().kind(), ErrorKind::Adapter);
}

fn cells() -> impl Strategy<Value = Value> {
    prop_oneof![
        "[\\PC\\r\\n\\t\"'=+@,;|<>&`\\\\-]{0,12}".prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        Just(Value::Null),
    ]
}

proptest! {
    #[test]
    fn a_reader_of_csv_reads_what_was_written(
        rows in prop::collection::vec(prop::collection::vec(cells(), 3), 0..12),
        names in prop::collection::vec(any::<String>(), 3),
        delimiter in prop_oneof![Just(Delimiter::Comma), Just(Delimiter::Semicolon), Just(Delimiter::Tab), Just(Delimiter::Pipe)],
        line_end in prop_oneof![Just(LineEnd::CrLf), Just(LineEnd::Lf)],
    ) {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let table = Table::from_rows(&names, &rows).unwrap();
        let options = CsvOptions { delimiter, line_end, escape_formulas: false, ..Default::default() };
        let sign = match delimiter { Delimiter::Comma => b',', Delimiter::Semicolon => b';', Delimiter::Tab => b'\t', Delimiter::Pipe => b'|' };
        let text = csv(&table, &options);
        let mut reader = ::csv::ReaderBuilder::new().delimiter(sign).has_headers(false).from_reader(text.as_bytes());
        let read: Vec<Vec<String>> = reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect();
        let expected: Vec<Vec<String>> = std::iter::once(names.iter().map(|name| (*name).to_owned()).collect())
            .chain(table.rows().map(|row| row.iter().map(super::cell::exact).collect()))
            .collect();
        prop_assert_eq!(&read, &expected);
        // Numbers come back as the same numbers.
        for (row, line) in table.rows().zip(read.iter().skip(1)) {
            for (value, text) in row.iter().zip(line) {
                if let Value::Float(value) = value {
                    prop_assert!(text.parse::<f64>().unwrap() == *value || value.is_nan());
                }
            }
        }
    }

    #[test]
    fn no_cell_of_csv_is_a_formula(rows in prop::collection::vec(prop::collection::vec("[=+@a\\t\\r-].{0,5}".prop_map(Value::from), 2), 1..6)) {
        let text = csv(&Table::from_rows(&["a", "b"], &rows).unwrap(), &CsvOptions::default());
        let mut reader = ::csv::Reader::from_reader(text.as_bytes());
        for record in reader.records() {
            prop_assert!(record.unwrap().iter().all(|cell| !cell.starts_with(['=', '+', '-', '@', '\t', '\r'])));
        }
    }

    #[test]
    fn every_line_of_markdown_has_every_column(
        rows in prop::collection::vec(prop::collection::vec(cells(), 3), 0..12), names in prop::collection::vec(any::<String>(), 3),
    ) {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let text = markdown(&Table::from_rows(&names, &rows).unwrap(), &MarkdownOptions::default());
        prop_assert_eq!(text.lines().count(), rows.len() + 2);
        for line in text.lines() {
            // A backslash makes the next character no mark.
            let (mut pipes, mut escaped) = (0, false);
            for c in line.chars() {
                pipes += usize::from(c == '|' && !escaped);
                escaped = c == '\\' && !escaped;
            }
            prop_assert_eq!(pipes, 4, "{}", line);
            prop_assert!(!line.replace("<br>", "").contains(['<', '>']));
        }
    }

    #[test]
    fn html_holds_no_mark_of_a_cell(
        rows in prop::collection::vec(prop::collection::vec(cells(), 2), 0..12), names in prop::collection::vec(any::<String>(), 2),
    ) {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let text = html(&Table::from_rows(&names, &rows).unwrap(), &HtmlTableOptions::default());
        let known = ["<table class=\"leo-table\">", "</table>", "<thead>", "</thead>", "<tbody>", "</tbody>", "<tr>", "</tr>",
            "<th scope=\"col\">", "<th scope=\"col\" class=\"leo-number\">", "</th>", "<td>", "<td class=\"leo-number\">",
            "<td class=\"leo-null\">", "<td class=\"leo-number leo-null\">", "</td>"];
        let left = known.iter().fold(text.clone(), |text, mark| text.replace(mark, ""));
        prop_assert!(!left.contains(['<', '>', '"', '\'']), "{}", left);
        prop_assert_eq!(text.matches("<td").count(), rows.len() * 2);
        prop_assert!(!text.contains(|c: char| c.is_control() && c != '\n'));
    }

    #[test]
    fn lines_of_json_are_objects_with_every_column(rows in prop::collection::vec(prop::collection::vec(cells(), 3), 0..12)) {
        let table = Table::from_rows(&["a", "a", "b"], &rows).unwrap();
        let text = json_lines(&table);
        prop_assert_eq!(text.lines().count(), rows.len());
        for (line, row) in text.lines().zip(table.rows()) {
            let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(line).unwrap();
            prop_assert_eq!(object.into_iter().map(|(_, value)| value).collect::<Vec<_>>(), row.into_iter().map(Into::into).collect::<Vec<serde_json::Value>>());
        }
    }
}
