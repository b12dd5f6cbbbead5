//! Values on their way from the wire into Arrow.

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal128Type, Float32Type, Float64Type, Int16Type, Int32Type, Int64Type, Time64MicrosecondType,
    TimestampMicrosecondType,
};
use leo::ErrorKind;
use leo_tests::tds::Step;
use leo_tests::tds::token::{self, Cell, Type};
use proptest::prelude::*;

use crate::shop::{self, protected};

const SQL: &str = "SELECT id, label, price FROM things WHERE id > 77";
pub const DAY: i64 = 86_400_000_000;

const COLUMNS: [(&str, Type); 22] = [
    ("bit", Type::Bit),
    ("tiny", Type::Int(1)),
    ("small", Type::Int(2)),
    ("int", Type::Int(4)),
    ("big", Type::Int(8)),
    ("real", Type::Float(4)),
    ("float", Type::Float(8)),
    ("dec", Type::Decimal(38, 10)),
    ("money", Type::Money(8)),
    ("smallmoney", Type::Money(4)),
    ("nv", Type::NVarchar(80)),
    ("nvmax", Type::NVarchar(0xffff)),
    ("v", Type::Varchar(80)),
    ("bin", Type::Varbinary(80)),
    ("guid", Type::Guid),
    ("date", Type::Date),
    ("time", Type::Time(7)),
    ("datetime", Type::Datetime(8)),
    ("smalldatetime", Type::Datetime(4)),
    ("datetime2", Type::Datetime2(7)),
    ("offset", Type::Offset(3)),
    ("xml", Type::Xml),
];

/// The result of `rows` as Arrow.
pub async fn read(columns: &'static [(&'static str, Type)], rows: Vec<Vec<Cell>>) -> leo::Result<leo::Table> {
    let (_peer, _folder, spec) = protected(move |request| {
        (request.is_call && request.sql.contains("77")).then(|| {
            let mut tokens = token::columns(columns);
            for (index, row) in rows.iter().enumerate() {
                tokens.extend(if index % 2 == 0 { token::row(columns, row) } else { token::nbc_row(columns, row) });
            }
            tokens.extend(token::done_procedure(rows.len() as u64));
            vec![Step::Send(tokens)]
        })
    })
    .await;
    shop::asked(spec).await?.table(SQL).await
}

fn text(text: &str) -> Cell {
    Cell::Text(text.into())
}

#[tokio::test]
async fn every_type_arrives_with_every_digit_and_null_in_every_column() {
    let most = 10_i128.pow(38) - 1;
    let large = "𝄞é\u{202e}".repeat(120_000);
    let full = vec![
        Cell::Int(1),
        Cell::Int(255),
        Cell::Int(-32_768),
        Cell::Int(i64::from(i32::MIN)),
        Cell::Int(i64::MAX),
        Cell::Float(-0.25),
        Cell::Float(f64::MAX),
        Cell::Decimal(-most),
        Cell::Int(-12_345_678_901_234),
        Cell::Int(-2_147_483_648),
        text("Zoë 🦀"),
        Cell::Text(large.clone()),
        text("plain"),
        Cell::Bytes(vec![0, 255]),
        // The first three groups of a GUID are in the machine's order (2.2.5.5.4.2).
        Cell::Bytes(vec![0xff, 0x19, 0x96, 0x6f, 0x86, 0x8b, 0x11, 0xd0, 0xb4, 0x2d, 0, 0xc0, 0x4f, 0xc9, 0x64, 0xff]),
        Cell::Moment(0, 0, 0),
        Cell::Moment(0, 863_999_999_999, 0),
        // 2024-02-29 23:59:59.997, counted in 300ths of a second from 1900-01-01.
        Cell::Moment(45_349, 25_919_999, 0),
        Cell::Moment(45_349, 1_439, 0),
        Cell::Moment(3_652_058, 863_999_999_999, 0),
        // 2024-03-31 01:30:00 UTC, shown at +02:00.
        Cell::Moment(738_975, 5_400_000, 120),
        text("<a>é</a>"),
    ];
    let nulls = vec![Cell::Null; COLUMNS.len()];
    let table = read(&COLUMNS, vec![full.clone(), nulls.clone(), nulls, full]).await.unwrap();
    assert_eq!((table.num_rows(), table.num_columns()), (4, COLUMNS.len()));
    let types: Vec<String> = table.schema().fields().iter().map(|field| field.data_type().to_string()).collect();
    assert_eq!(types[7..10], ["Decimal128(38, 10)", "Decimal128(19, 4)", "Decimal128(10, 4)"]);
    assert_eq!((table.column_type(14), table.column_type(21)), ("uuid".into(), "xml".into()));
    let batch = &table.batches()[0];
    for column in batch.columns() {
        assert_eq!([0, 1, 2, 3].map(|row| column.is_null(row)), [false, true, true, false]);
    }
    let column = |name: &str| batch.column_by_name(name).unwrap();
    for row in [0, 3] {
        assert!(column("bit").as_boolean().value(row));
        assert_eq!(column("tiny").as_primitive::<Int16Type>().value(row), 255);
        assert_eq!(column("small").as_primitive::<Int16Type>().value(row), i16::MIN);
        assert_eq!(column("int").as_primitive::<Int32Type>().value(row), i32::MIN);
        assert_eq!(column("big").as_primitive::<Int64Type>().value(row), i64::MAX);
        assert_eq!(column("real").as_primitive::<Float32Type>().value(row), -0.25);
        assert_eq!(column("float").as_primitive::<Float64Type>().value(row), f64::MAX);
        assert_eq!(column("dec").as_primitive::<Decimal128Type>().value(row), -most);
        assert_eq!(column("money").as_primitive::<Decimal128Type>().value(row), -12_345_678_901_234);
        assert_eq!(column("smallmoney").as_primitive::<Decimal128Type>().value(row), -2_147_483_648);
        assert_eq!(column("nv").as_string::<i32>().value(row), "Zoë 🦀");
        assert_eq!(column("nvmax").as_string::<i32>().value(row), large);
        assert_eq!(column("v").as_string::<i32>().value(row), "plain");
        assert_eq!(column("bin").as_binary::<i32>().value(row), [0, 255]);
        assert_eq!(column("guid").as_string::<i32>().value(row), "6f9619ff-8b86-d011-b42d-00c04fc964ff");
        assert_eq!(column("date").as_primitive::<Date32Type>().value(row), -719_162);
        assert_eq!(column("time").as_primitive::<Time64MicrosecondType>().value(row), DAY - 1);
        let moment = |name: &str| column(name).as_primitive::<TimestampMicrosecondType>().value(row);
        assert_eq!(moment("datetime"), 1_709_251_199_997_000);
        assert_eq!(moment("smalldatetime"), 1_709_251_140_000_000);
        assert_eq!(moment("datetime2"), 253_402_300_799_999_999);
        assert_eq!(moment("offset"), 1_711_848_600_000_000);
        assert_eq!(column("xml").as_string::<i32>().value(row), "<a>é</a>");
    }
}

#[tokio::test]
async fn money_that_a_double_cannot_tell_is_an_error_that_names_the_cast() {
    const MONEY: [(&str, Type); 1] = [("price", Type::Money(8))];
    let error = read(&MONEY, vec![vec![Cell::Int(i64::MAX)]]).await.map(drop).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Malformed);
    assert!(error.message().contains("price") && error.message().contains("CAST(… AS decimal(19, 4))"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn what_the_server_has_is_what_arrives(
        rows in proptest::collection::vec(
            (any::<i64>(), -(10_i128.pow(20))..10_i128.pow(20), -5_000_000_000_000_000_i64..5_000_000_000_000_000, ".{0,20}", 0..3_652_059_i64,
             0..864_000_000_000_u64, any::<bool>()),
            1..60,
        )
    ) {
        const MIXED: [(&str, Type); 5] = [
            ("n", Type::Int(8)), ("d", Type::Decimal(20, 4)), ("m", Type::Money(8)), ("t", Type::NVarchar(200)), ("w", Type::Datetime2(7)),
        ];
        let cells = rows.iter().map(|(n, d, m, t, day, part, null)| {
            let cells = vec![Cell::Int(*n), Cell::Decimal(*d), Cell::Int(*m), Cell::Text(t.clone()), Cell::Moment(*day, *part, 0)];
            if *null { vec![Cell::Null; 5] } else { cells }
        }).collect();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let table = runtime.block_on(read(&MIXED, cells)).unwrap();
        prop_assert_eq!(table.num_rows(), rows.len());
        let batch = &table.batches()[0];
        for (row, (n, d, m, t, day, part, null)) in rows.iter().enumerate() {
            prop_assert_eq!(batch.column(0).is_null(row), *null);
            if !null {
                prop_assert_eq!(batch.column(0).as_primitive::<Int64Type>().value(row), *n);
                prop_assert_eq!(batch.column(1).as_primitive::<Decimal128Type>().value(row), *d);
                prop_assert_eq!(batch.column(2).as_primitive::<Decimal128Type>().value(row), i128::from(*m));
                prop_assert_eq!(batch.column(3).as_string::<i32>().value(row), t.as_str());
                let micros = (day - 719_162) * DAY + i64::try_from(part / 10).unwrap();
                prop_assert_eq!(batch.column(4).as_primitive::<TimestampMicrosecondType>().value(row), micros);
            }
        }
    }
}
