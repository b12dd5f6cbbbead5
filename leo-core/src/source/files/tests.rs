//! Files as people have them, and files that should not be.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::io::Write;
use std::path::PathBuf;

use super::*;
use crate::error::ErrorKind;

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

/// The rows of a table as text, read by the engine itself.
fn rows(source: &FilesSource, sql: &str) -> Vec<String> {
    match &source.inner {
        Engine::Sqlite(database) => database.read_for_test(sql),
        #[cfg(feature = "files")]
        Engine::DataFusion(_) => panic!("not in SQLite: {sql}"),
    }
}

fn open_text(name: &str, bytes: impl AsRef<[u8]>) -> Result<FilesSource> {
    let folder = Folder::new();
    let path = folder.write(name, bytes);
    FilesSource::open("x", &[path])
}

fn declared(source: &FilesSource) -> String {
    let columns = &source.report().tables[0].columns;
    columns.iter().map(|column| format!("{} {}", column.name, column.declared)).collect::<Vec<_>>().join(", ")
}

/// Faults as `kind column count [rows]`.
fn faults(source: &FilesSource) -> Vec<String> {
    let one = |fault: &RowFault| {
        format!("{:?} {} {} {:?}", fault.kind, fault.column.as_deref().unwrap_or("-"), fault.count, fault.rows)
    };
    source.report().tables[0].faults.iter().map(one).collect()
}

#[test]
fn a_german_export_is_read_with_its_types() {
    let text = "Kunde;Datum;Umsatz;Aktiv;PLZ\nMüller;31.12.2024;1.234,50;yes;01234\n\"Meier; Söhne\";01.02.2024;7;no;80331\n";
    let source = open_text("umsatz.csv", text).unwrap();
    assert_eq!(declared(&source), "Kunde TEXT, Datum DATE, Umsatz REAL, Aktiv BOOLEAN, PLZ TEXT");
    let expected = ["Müller|2024-12-31|1234.5|1|01234", "Meier; Söhne|2024-02-01|7.0|0|80331"];
    assert_eq!(rows(&source, "SELECT * FROM umsatz"), expected);
    assert_eq!(source.report().summary(), None);
    assert_eq!(source.report().tables[0].format, "CSV, UTF-8, semicolon, header");
}

#[test]
fn encodings_and_line_ends_are_read() {
    let wide: Vec<u8> =
        [0xff, 0xfe].into_iter().chain("name\tn\r\nGröße\t1\r\n".encode_utf16().flat_map(u16::to_le_bytes)).collect();
    for (name, bytes) in [
        ("a.csv", b"name,n\nGr\xf6\xdfe,1\n".to_vec()),
        ("a.tsv", wide),
        ("a.csv", "\u{feff}name,n\rGröße,1\r".as_bytes().to_vec()),
        ("a.csv", "sep=;\nname;n\n\n\"Größe\" ; 1\n".as_bytes().to_vec()),
    ] {
        let source = open_text(name, &bytes).unwrap();
        assert_eq!(declared(&source), "name TEXT, n INTEGER", "{bytes:?}");
        assert_eq!(rows(&source, "SELECT * FROM a"), ["Größe|1"], "{bytes:?}");
    }
}

#[test]
fn compressed_files_are_read() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(b"a,b\n1,2\n").unwrap();
    let bytes = encoder.finish().unwrap();
    let source = open_text("t.csv.gz", &bytes).unwrap();
    assert_eq!(rows(&source, "SELECT * FROM t"), ["1|2"]);
    assert_eq!(open_text("t.csv.gz", &bytes[..bytes.len() - 9]).unwrap_err().kind(), ErrorKind::Malformed);
}

#[test]
fn ragged_rows_keep_what_they_have() {
    let source = open_text("t.csv", "a,b,c\n1,2,3\n4,5\n6,7,8,9,x\n\n10,11,12,,\n").unwrap();
    assert_eq!(declared(&source), "a INTEGER, b INTEGER, c INTEGER, extra_fields TEXT");
    assert_eq!(rows(&source, "SELECT * FROM t"), ["1|2|3|NULL", "4|5|NULL|NULL", "6|7|8|9 | x", "10|11|12|NULL"]);
    assert_eq!(faults(&source), ["ShortRow - 1 [3]", "LongRow - 1 [4]"]);
    assert!(source.report().summary().unwrap().starts_with("t: 1 row with "));
}

#[test]
fn mistakes_among_many_values_become_null_and_are_reported_without_the_value() {
    let mut text = String::from("id,amount\n");
    for id in 1..=200 {
        text.push_str(&format!("{id},{}\n", if id == 50 { "secret".to_owned() } else { format!("{id}.5") }));
    }
    let source = open_text("t.csv", text).unwrap();
    assert_eq!(declared(&source), "id INTEGER, amount REAL");
    assert_eq!(faults(&source), ["Misfit amount 1 [51]"]);
    assert_eq!(rows(&source, "SELECT count(*), count(amount) FROM t"), ["200|199"]);
    assert!(!format!("{:?}", source.report()).contains("secret"));
    assert!(source.report().tables[0].columns[1].confidence > 0.99);
}

#[test]
fn quotes_that_do_not_close_swallow_no_rows() {
    let source = open_text("t.csv", "a,b\n1,\"x\n2,y\n3,\"z\"\n4,\"q\n").unwrap();
    assert_eq!(rows(&source, "SELECT * FROM t"), ["1|\"x", "2|y", "3|z", "4|\"q"]);
    assert_eq!(faults(&source), ["Quote - 2 [2, 5]"]);
    let many = format!("a,b\n{}", "1,\"x\n".repeat(5_000));
    assert_eq!(rows(&open_text("t.csv", many).unwrap(), "SELECT count(*) FROM t"), ["5000"]);
    let lines = open_text("t.csv", "a,b\n1,\"two\nlines, \"\"quoted\"\"\"\n").unwrap();
    assert_eq!(rows(&lines, "SELECT * FROM t"), ["1|two\nlines, \"quoted\""]);
    assert_eq!(lines.report().summary(), None);
}

#[test]
fn nuls_and_mixed_encodings_are_reported() {
    let source = open_text("t.csv", b"a,b\nK\xc3\xb6ln \xc3\xa4,1\nK\xf6ln,2\nx\0y,3\n").unwrap();
    assert_eq!(rows(&source, "SELECT * FROM t"), ["Köln ä|1", "Köln|2", "xy|3"]);
    assert_eq!(faults(&source), ["Encoding - 1 [3]", "Nul - 1 [4]"]);
}

#[test]
fn headers_may_be_missing_doubled_or_empty() {
    assert_eq!(declared(&open_text("t.csv", "1,x\n2,y\n").unwrap()), "column_1 INTEGER, column_2 TEXT");
    assert_eq!(
        declared(&open_text("t.csv", "a,a,,A b\n1,2,3,4\n").unwrap()),
        "a INTEGER, a_2 INTEGER, column_3 INTEGER, A_b INTEGER"
    );
    let preamble = open_text("t.csv", "Report of today\nid,n,m\n1,2,3\n4,5,6\n").unwrap();
    assert_eq!(declared(&preamble), "id INTEGER, n INTEGER, m INTEGER");
    assert_eq!(faults(&preamble), ["Preamble - 1 [1]"]);
    let only = open_text("t.csv", "a,b\n").unwrap();
    assert_eq!((declared(&only), rows(&only, "SELECT count(*) FROM t")), ("a TEXT, b TEXT".into(), vec!["0".into()]));
}

#[test]
fn what_is_too_long_is_refused() {
    let folder = Folder::new();
    let path = folder.write("t.csv", "a,b\n");
    // A line of a gigabyte that takes no space on the disk.
    std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(1 << 30).unwrap();
    let error = FilesSource::open("x", &[&path]).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Malformed | ErrorKind::LimitExceeded), "{error}");
    let long = folder.write("u.csv", format!("a,b\n1,{}\n", "x".repeat(100_000)));
    let options = FilesOptions { max_row_bytes: 50_000, ..FilesOptions::default() };
    let error = FilesSource::open_options("x", &[&long], options).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LimitExceeded);
    assert!(error.message().contains("line 2"), "{error}");
    let options = FilesOptions { max_bytes: 50_000, ..FilesOptions::default() };
    assert_eq!(FilesSource::open_options("x", &[&long], options).unwrap_err().kind(), ErrorKind::LimitExceeded);
    let wide = folder.write("w.csv", format!("{}\n", vec!["x"; 3_000].join(",")));
    assert_eq!(FilesSource::open("x", &[&wide]).unwrap_err().kind(), ErrorKind::LimitExceeded);
}

#[test]
fn what_is_no_table_is_refused_with_what_to_do() {
    let folder = Folder::new();
    let fails = |path: PathBuf, kind: ErrorKind, part: &str| {
        let error = FilesSource::open("x", &[path]).unwrap_err();
        assert!(error.kind() == kind && error.message().contains(part), "{error}");
    };
    fails(folder.write("a.csv", ""), ErrorKind::Malformed, "empty");
    fails(folder.write("a.csv", " \n\n"), ErrorKind::Malformed, "empty");
    fails(folder.write("a.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08"), ErrorKind::Malformed, "no text");
    fails(folder.write("a.xls", "<html><table>"), ErrorKind::Malformed, "web page");
    let parquet = if cfg!(feature = "files") { ErrorKind::Malformed } else { ErrorKind::Unsupported };
    fails(folder.write("a.csv", b"PAR1..."), parquet, "Parquet");
    fails(folder.write("a.csv", b"SQLite format 3\0"), ErrorKind::Malformed, "SQLite");
    fails(folder.write("a.jsonl", "[1]\n2\n"), ErrorKind::Malformed, "all in one array");
    fails(folder.0.path().join("none.csv"), ErrorKind::NotFound, "no file");
    let empty = folder.0.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    fails(empty, ErrorKind::Config, "folder");
    assert_eq!(FilesSource::open("x", &[] as &[&str]).unwrap_err().kind(), ErrorKind::Config);
}

#[cfg(unix)]
#[test]
fn files_without_permission_say_so() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let path = folder.write("a.csv", "a\n1\n");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::File::open(&path).is_ok() {
        println!("skipped: this user may read everything");
        return;
    }
    assert_eq!(FilesSource::open("x", &[path]).unwrap_err().kind(), ErrorKind::Config);
}

#[test]
fn folders_give_all_their_files() {
    let folder = Folder::new();
    folder.write("b.csv", "a\n1\n");
    folder.write("a.jsonl", "{\"x\": 1}\n");
    folder.write("broken.csv", "");
    folder.write("notes.md", "# no table");
    folder.write(".hidden.csv", "a\n1\n");
    let source = FilesSource::open("x", &[folder.0.path()]).unwrap();
    let tables: Vec<&str> = source.report().tables.iter().map(|table| table.table.as_str()).collect();
    assert_eq!(tables, ["a", "b"]);
    assert_eq!(source.report().skipped.len(), 1);
    assert!(source.report().summary().unwrap().contains("broken.csv was not read"));
    let twice = FilesSource::open("x", &[folder.0.path().join("b.csv"), folder.0.path().join("b.csv")]).unwrap();
    assert_eq!(twice.report().tables[1].table, "b_2");
}

#[test]
fn an_array_of_objects_is_read_like_lines_of_them() {
    let text = "\u{feff}\n[\n  {\"id\": 1, \"name\": \"a, ] \\\" }\", \"in\": {\"x\": [1, 2]}},\n  7,\n  {\"id\": 2}, {\"id\": }\n,\n {\"id\": 3}]\n";
    let source = open_text("t.json", text).unwrap();
    assert_eq!(declared(&source), "id INTEGER, name TEXT, in JSON");
    assert_eq!(rows(&source, "SELECT * FROM t"), ["1|a, ] \" }|{\"x\":[1,2]}", "2|NULL|NULL", "3|NULL|NULL"]);
    assert_eq!(faults(&source), ["BadLine - 2 [4, 5]"]);
    assert_eq!(source.report().tables[0].format, "JSON array, header");
    // Cut off, or followed by something else.
    for (text, line) in [("[{\"id\": 1}, {\"id\"", "1"), ("[{\"id\": 1},\n", "2"), ("[{\"id\": 1}]\n[{\"id\": 2}]", "2")] {
        let source = open_text("t.json", text).unwrap();
        assert_eq!(rows(&source, "SELECT * FROM t"), ["1"], "{text}");
        assert_eq!(faults(&source), [format!("BadLine - 1 [{line}]")], "{text}");
    }
    for empty in ["[]", "[ ]", "[[1], [2]]"] {
        assert_eq!(open_text("t.json", empty).unwrap_err().kind(), ErrorKind::Malformed, "{empty}");
    }
}

#[test]
fn json_in_two_bytes_a_character_is_read() {
    for text in ["{\"id\": 1, \"name\": \"Zoë\"}\n", "[{\"id\": 1, \"name\": \"Zoë\"}]"] {
        for mark in ["", "\u{feff}"] {
            let bytes: Vec<u8> = format!("{mark}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
            assert_eq!(rows(&open_text("t.json", bytes).unwrap(), "SELECT * FROM t"), ["1|Zoë"], "{text}");
        }
    }
}

#[test]
fn json_lines_become_columns_by_key() {
    let text = "{\"id\": 1, \"name\": \"a\", \"on\": \"2024-12-31\", \"code\": \"12\"}\n\nnot json\n\
                {\"id\": 2, \"tags\": [1, 2], \"ok\": true, \"big\": 18446744073709551615, \"code\": \"13\"}\n";
    let source = open_text("t.jsonl", text).unwrap();
    assert_eq!(declared(&source), "id INTEGER, name TEXT, on DATE, code TEXT, tags JSON, ok BOOLEAN, big TEXT");
    let expected = ["1|a|2024-12-31|12|NULL|NULL|NULL", "2|NULL|NULL|13|[1,2]|1|18446744073709551615"];
    assert_eq!(rows(&source, "SELECT * FROM t"), expected);
    assert_eq!(faults(&source), ["BadLine - 1 [3]"]);
}

#[test]
fn large_files_go_to_a_file_that_goes_away() {
    let folder = Folder::new();
    let mut text = String::from("id,v\n");
    for id in 0..5_000 {
        // What comes late in the file is not what its beginning shows.
        text.push_str(&format!("{id},{}\n", if id > 4_000 { "text" } else { "1" }));
    }
    let path = folder.write("t.csv", text);
    let temp = folder.0.path().join("temp");
    std::fs::create_dir(&temp).unwrap();
    let options =
        FilesOptions { memory_bytes: 1_000, infer_bytes: 1_000, temp_dir: Some(temp.clone()), ..FilesOptions::default() };
    let source = FilesSource::open_options("x", &[path], options).unwrap();
    assert_eq!(declared(&source), "id INTEGER, v TEXT");
    assert_eq!(rows(&source, "SELECT count(*), count(DISTINCT v) FROM t"), ["5000|2"]);
    assert_eq!(std::fs::read_dir(&temp).unwrap().count(), 1);
    drop(source);
    assert_eq!(std::fs::read_dir(&temp).unwrap().count(), 0);
}

/// A workbook of one or more sheets, each given as the XML of its rows and what follows them.
fn workbook(sheets: &[(&str, &str, &str)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    let mut part = |name: &str, text: &str| {
        archive.start_file(name, options).unwrap();
        archive.write_all(format!("<?xml version=\"1.0\"?>{text}").as_bytes()).unwrap();
    };
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let (mut list, mut targets) = (String::new(), String::new());
    for (at, (name, rows, after)) in sheets.iter().enumerate() {
        let id = at + 1;
        list.push_str(&format!("<sheet name=\"{name}\" sheetId=\"{id}\" r:id=\"r{id}\"/>"));
        targets.push_str(&format!(
            "<Relationship Id=\"r{id}\" Type=\"{relations}/worksheet\" Target=\"worksheets/sheet{id}.xml\"/>"
        ));
        let sheet = format!("<worksheet xmlns=\"{main}\"><sheetData>{rows}</sheetData>{after}</worksheet>");
        part(&format!("xl/worksheets/sheet{id}.xml"), &sheet);
    }
    targets.push_str(&format!("<Relationship Id=\"s\" Type=\"{relations}/styles\" Target=\"styles.xml\"/>"));
    part("xl/workbook.xml", &format!("<workbook xmlns=\"{main}\" xmlns:r=\"{relations}\"><sheets>{list}</sheets></workbook>"));
    let root = format!("<Relationship Id=\"r1\" Type=\"{relations}/officeDocument\" Target=\"xl/workbook.xml\"/>");
    part("_rels/.rels", &format!("<Relationships xmlns=\"{package}\">{root}</Relationships>"));
    part("xl/_rels/workbook.xml.rels", &format!("<Relationships xmlns=\"{package}\">{targets}</Relationships>"));
    // Style 1 is a date, style 2 a moment, style 3 a time of day.
    let styles = "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"22\"/><xf numFmtId=\"20\"/></cellXfs>";
    part("xl/styles.xml", &format!("<styleSheet xmlns=\"{main}\">{styles}</styleSheet>"));
    archive.finish().unwrap().into_inner()
}

/// A cell of text.
fn text_cell(place: &str, text: &str) -> String {
    format!("<c r=\"{place}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
}

#[test]
fn sheets_become_tables_with_their_types() {
    let row = |cells: &[String], at: usize| format!("<row r=\"{at}\">{}</row>", cells.concat());
    let header = ["day", "moment", "n", "share", "ok", "code", "sum", "bad", "gone"];
    let header: Vec<String> = header.iter().zip('A'..).map(|(name, column)| text_cell(&format!("{column}3"), name)).collect();
    let cells = |at: usize| {
        vec![
            format!("<c r=\"A{at}\" s=\"1\"><v>45657</v></c>"),
            format!("<c r=\"B{at}\" s=\"2\"><v>45657.75</v></c>"),
            format!("<c r=\"C{at}\"><v>{at}</v></c>"),
            format!("<c r=\"D{at}\"><v>0.5</v></c>"),
            format!("<c r=\"E{at}\" t=\"b\"><v>1</v></c>"),
            text_cell(&format!("F{at}"), "12"),
            format!("<c r=\"G{at}\"><f>C{at}*2</f><v>{}</v></c>", at * 2),
            format!("<c r=\"H{at}\" t=\"e\"><f>1/0</f><v>#DIV/0!</v></c>"),
            format!("<c r=\"I{at}\"><f>1+1</f></c>"),
        ]
    };
    let rows_xml = [row(&header, 3), row(&cells(4), 4), row(&cells(5), 5)].concat();
    let other = [row(&[text_cell("A1", "a"), text_cell("B1", "b")], 1), "<row r=\"2\"><c r=\"A2\"><v>1</v></c></row>".to_owned()]
        .concat();
    let bytes = workbook(&[("Sales 2024", &rows_xml, ""), ("Sheet2", &other, ""), ("Empty", "", "")]);
    let source = open_text("book.xlsx", &bytes).unwrap();
    let tables: Vec<&str> = source.report().tables.iter().map(|table| table.table.as_str()).collect();
    assert_eq!(tables, ["Sales_2024", "book_Sheet2"]);
    let types = "day DATE, moment DATETIME, n INTEGER, share REAL, ok BOOLEAN, code TEXT, sum INTEGER, bad TEXT, gone TEXT";
    assert_eq!(declared(&source), types);
    assert_eq!(rows(&source, "SELECT * FROM Sales_2024 LIMIT 1"), ["2024-12-31|2024-12-31 18:00:00|4|0.5|1|12|8|NULL|NULL"]);
    assert_eq!(faults(&source), ["CellError bad 2 [4, 5]", "NoResult gone 2 [4, 5]"]);
}

#[test]
fn merged_headers_are_put_together() {
    let first = [text_cell("B2", "region"), text_cell("C2", "sales")].concat();
    let second = [text_cell("C3", "q1"), text_cell("D3", "q2")].concat();
    let data = [text_cell("B4", "north"), "<c r=\"C4\"><v>1</v></c><c r=\"D4\"><v>2.5</v></c>".to_owned()].concat();
    let rows_xml = format!("<row r=\"2\">{first}</row><row r=\"3\">{second}</row><row r=\"4\">{data}</row>");
    let merges = "<mergeCells count=\"2\"><mergeCell ref=\"C2:D2\"/><mergeCell ref=\"B2:B3\"/></mergeCells>";
    let source = open_text("book.xlsx", workbook(&[("Sheet1", &rows_xml, merges)])).unwrap();
    assert_eq!(declared(&source), "region TEXT, sales_q1 INTEGER, sales_q2 REAL");
    assert_eq!(rows(&source, "SELECT * FROM book"), ["north|1|2.5"]);
}

#[test]
fn workbooks_that_are_none_are_refused() {
    let folder = Folder::new();
    let fails = |path: PathBuf, kind: ErrorKind, part: &str| {
        let error = FilesSource::open("x", &[path]).unwrap_err();
        assert!(error.kind() == kind && error.message().contains(part), "{error}");
    };
    let good = workbook(&[("Sheet1", "<row r=\"1\"><c r=\"A1\"><v>1</v></c></row>", "")]);
    fails(folder.write("cut.xlsx", &good[..good.len() / 2]), ErrorKind::Malformed, "damaged");
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive.start_file("a.txt", zip::write::SimpleFileOptions::default()).unwrap();
    fails(folder.write("a.xlsx", archive.finish().unwrap().into_inner()), ErrorKind::Malformed, "without a workbook");
    let wide = workbook(&[("Sheet1", "<row r=\"1\"><c r=\"XFD1\"><v>1</v></c></row>", "")]);
    fails(folder.write("wide.xlsx", wide), ErrorKind::LimitExceeded, "columns");
    // A compound file as Excel writes it for an encrypted workbook: header, and a directory in sector 1.
    let mut compound = vec![0; 2_048];
    compound[..8].copy_from_slice(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
    compound[30] = 9;
    compound[48] = 1;
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    compound[1_024..1_024 + name.len()].copy_from_slice(&name);
    fails(folder.write("secret.xlsx", &compound), ErrorKind::Malformed, "encrypted");
    compound[1_024..1_056].fill(0);
    fails(folder.write("letter.doc", &compound), ErrorKind::Malformed, "another program");
}

#[test]
fn a_zip_bomb_is_not_read() {
    let folder = Folder::new();
    let bytes = workbook(&[("Sheet1", &"<row/>".repeat(200_000), "")]);
    assert!(bytes.len() < 50_000);
    let path = folder.write("bomb.xlsx", &bytes);
    let options = FilesOptions { max_workbook_bytes: 1_000_000, ..FilesOptions::default() };
    let error = FilesSource::open_options("x", &[&path], options.clone()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LimitExceeded);
    // An archive that lies about its sizes: the directory and the entries say ten bytes.
    let lie = 10_u32.to_le_bytes();
    let size = u32::try_from("<?xml version=\"1.0\"?>".len() + 1_200_000).unwrap();
    let mut bytes = bytes;
    let places: Vec<usize> = (0..bytes.len() - 4)
        .filter(|at| u32::from_le_bytes(bytes[*at..at + 4].try_into().unwrap()).abs_diff(size) < 500)
        .collect();
    assert!(!places.is_empty());
    places.into_iter().for_each(|at| bytes[at..at + 4].copy_from_slice(&lie));
    let path = folder.write("liar.xlsx", &bytes);
    let error = FilesSource::open_options("x", &[&path], options).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::LimitExceeded | ErrorKind::Malformed), "{error}");
}

/// A spreadsheet of OpenDocument with one sheet of these rows.
fn spreadsheet(rows: &str) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    let mut part = |name: &str, text: &str| {
        archive.start_file(name, options).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    };
    part("mimetype", "application/vnd.oasis.opendocument.spreadsheet");
    part("META-INF/manifest.xml", "<manifest:manifest xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\"/>");
    let sheet = format!("<table:table table:name=\"Orders\">{rows}</table:table>");
    part(
        "content.xml",
        &format!(
            "<?xml version=\"1.0\"?><office:document-content><office:body><office:spreadsheet>{sheet}</office:spreadsheet>\
             </office:body></office:document-content>"
        ),
    );
    archive.finish().unwrap().into_inner()
}

#[test]
fn sheets_of_opendocument_are_read_with_their_types() {
    let text = |text: &str| format!("<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>");
    let value = |kind: &str, attribute: &str, value: &str| {
        format!(
            "<table:table-cell office:value-type=\"{kind}\" office:{attribute}=\"{value}\"><text:p>shown</text:p></table:table-cell>"
        )
    };
    let row = |cells: &[String]| format!("<table:table-row>{}</table:table-row>", cells.concat());
    let header = row(&["day", "moment", "n", "price", "ok", "at", "name"].map(text));
    let first = row(&[
        value("date", "date-value", "2024-12-31"),
        value("date", "date-value", "2024-12-31T18:00:00"),
        value("float", "value", "3"),
        value("currency", "value", "2.5"),
        value("boolean", "boolean-value", "true"),
        value("time", "time-value", "PT07H05M00S"),
        text("Zo&#235; &amp; co"),
    ]);
    let gap = "<table:table-cell table:number-columns-repeated=\"2\"/>";
    let second = row(&[
        gap.to_owned(),
        value("float", "value", "4"),
        "<table:table-cell table:number-columns-repeated=\"16381\"/>".to_owned(),
    ]);
    let end = "<table:table-row table:number-rows-repeated=\"1048573\"><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row>";
    let source = open_text("book.ods", spreadsheet(&[header, first, second, end.to_owned()].concat())).unwrap();
    assert_eq!(declared(&source), "day DATE, moment DATETIME, n INTEGER, price REAL, ok BOOLEAN, at TIME, name TEXT");
    let expected = ["2024-12-31|2024-12-31 18:00:00|3|2.5|1|07:05:00|Zoë & co", "NULL|NULL|4|NULL|NULL|NULL|NULL"];
    assert_eq!(rows(&source, "SELECT * FROM book"), expected);
    assert_eq!(source.report().tables[0].format, "OpenDocument, header");

    let many = "<table:table-row table:number-rows-repeated=\"1048576\"><table:table-cell table:number-columns-repeated=\"16384\" \
                office:value-type=\"float\" office:value=\"1\"/></table:table-row>";
    let error = open_text("bomb.ods", spreadsheet(many)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LimitExceeded, "{error}");
}
