//! The ends of each type, and its empty values, from the wire into Arrow.

use std::sync::LazyLock;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal128Type, Time64MicrosecondType, TimestampMicrosecondType};
use arrow_array::{Array, RecordBatch};
use leo_tests::tds::token::{Cell, Type};
use proptest::prelude::*;

use crate::values::{DAY, read};

/// Days from the first one of the calendar to 1970.
const EPOCH: i64 = 719_162;
/// The last day of the calendar.
const LAST: i64 = 3_652_058;
/// So many ten-millionths has a day.
const PARTS: u64 = 864_000_000_000;

/// `time`, `datetime2` and `datetimeoffset` of each scale.
static MOMENTS: LazyLock<Vec<(&'static str, Type)>> = LazyLock::new(|| {
    let of = |scale| [("time", Type::Time(scale)), ("datetime2", Type::Datetime2(scale)), ("offset", Type::Offset(scale))];
    (0..=7).flat_map(of).collect()
});

fn moments(day: i64, part: u64, offset: i16) -> Vec<Cell> {
    let of = |scale: u32| {
        let part = part / 10_u64.pow(7 - scale);
        [Cell::Moment(0, part, 0), Cell::Moment(day, part, 0), Cell::Moment(day, part, offset)]
    };
    (0..=7).flat_map(of).collect()
}

/// What must arrive: whole microseconds, the seventh digit cut.
fn expected(day: i64, part: u64) -> Vec<i64> {
    let of = |scale: u32| {
        let unit = 10_u64.pow(7 - scale);
        let micros = i64::try_from(part / unit * unit / 10).unwrap();
        [micros, (day - EPOCH) * DAY + micros, (day - EPOCH) * DAY + micros]
    };
    (0..=7).flat_map(of).collect()
}

fn micros(batch: &RecordBatch, row: usize) -> Vec<i64> {
    let of = |(index, (name, _)): (usize, &(&str, Type))| match *name {
        "time" => batch.column(index).as_primitive::<Time64MicrosecondType>().value(row),
        _ => batch.column(index).as_primitive::<TimestampMicrosecondType>().value(row),
    };
    MOMENTS.iter().enumerate().map(of).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn moments_of_every_scale_arrive(
        rows in proptest::collection::vec(
            // The ends, the day before 1970, a night in which clocks are changed, and any other.
            (prop_oneof![Just(0), Just(LAST), Just(EPOCH - 1), Just(738_975), 0..=LAST],
             prop_oneof![Just(0), Just(PARTS - 1), 0..PARTS],
             prop_oneof![Just(-840_i16), Just(840), -840..=840_i16]),
            1..30,
        )
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let cells = rows.iter().map(|(day, part, offset)| moments(*day, *part, *offset)).collect();
        let table = runtime.block_on(read(&MOMENTS, cells)).unwrap();
        for (row, (day, part, _)) in rows.iter().enumerate() {
            prop_assert_eq!(micros(&table.batches()[0], row), expected(*day, *part));
        }
    }

    #[test]
    fn decimals_of_38_digits_arrive(
        values in proptest::collection::vec(
            prop_oneof![Just(10_i128.pow(38) - 1), Just(1 - 10_i128.pow(38)), Just(0), Just(1), Just(-1), -(10_i128.pow(38)) + 1..10_i128.pow(38)],
            1..40,
        )
    ) {
        const DECIMALS: [(&str, Type); 4] = [
            ("whole", Type::Decimal(38, 0)), ("some", Type::Decimal(38, 10)), ("most", Type::Decimal(38, 37)), ("all", Type::Decimal(38, 38)),
        ];
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let cells = values.iter().map(|value| vec![Cell::Decimal(*value); 4]).collect();
        let table = runtime.block_on(read(&DECIMALS, cells)).unwrap();
        let batch = &table.batches()[0];
        for (row, value) in values.iter().enumerate() {
            for column in batch.columns() {
                prop_assert_eq!(column.as_primitive::<Decimal128Type>().value(row), *value);
            }
        }
    }
}

#[tokio::test]
async fn the_ends_of_the_older_types_arrive() {
    const OLDER: [(&str, Type); 4] = [
        ("date", Type::Date),
        ("datetime", Type::Datetime(8)),
        ("smalldatetime", Type::Datetime(4)),
        ("smallmoney", Type::Money(4)),
    ];
    // 1753-01-01 and 9999-12-31 23:59:59.997; 1900-01-01 and 2079-06-06 23:59.
    let first = vec![Cell::Moment(0, 0, 0), Cell::Moment(-53_690, 0, 0), Cell::Moment(0, 0, 0), Cell::Int(i64::from(i32::MIN))];
    let last = vec![
        Cell::Moment(LAST, 0, 0),
        Cell::Moment(2_958_463, 25_919_999, 0),
        Cell::Moment(65_535, 1_439, 0),
        Cell::Int(i64::from(i32::MAX)),
    ];
    let table = read(&OLDER, vec![first, last]).await.unwrap();
    let batch = &table.batches()[0];
    let dates = batch.column(0).as_primitive::<Date32Type>();
    assert_eq!((dates.value(0), i64::from(dates.value(1))), (-719_162, LAST - EPOCH));
    let moments = |column: usize| batch.column(column).as_primitive::<TimestampMicrosecondType>();
    assert_eq!((moments(1).value(0), moments(1).value(1)), (-6_847_804_800_000_000, 253_402_300_799_997_000));
    assert_eq!((moments(2).value(0), moments(2).value(1)), (-25_567 * DAY, (65_535 - 25_567) * DAY + DAY - 60_000_000));
    let money = batch.column(3).as_primitive::<Decimal128Type>();
    assert_eq!((money.value(0), money.value(1)), (i128::from(i32::MIN), i128::from(i32::MAX)));
}

#[tokio::test]
async fn money_is_exact_up_to_where_the_docs_say() {
    const MONEY: [(&str, Type); 1] = [("price", Type::Money(8))];
    // ±549,755,813,888 in ten-thousandths.
    let most = 5_497_558_138_880_000_i64;
    let amounts = [most, -most, most - 1, 1 - most, 1, -1, 0];
    let table = read(&MONEY, amounts.iter().map(|amount| vec![Cell::Int(*amount)]).collect()).await.unwrap();
    let found = table.batches()[0].column(0).as_primitive::<Decimal128Type>().values().to_vec();
    assert_eq!(found, amounts.map(i128::from));
}

#[tokio::test]
async fn values_in_many_parts_and_empty_ones_arrive() {
    const LONG: [(&str, Type); 5] = [
        ("nv", Type::NVarchar(80)),
        ("nvmax", Type::NVarchar(0xffff)),
        ("binmax", Type::Varbinary(0xffff)),
        ("bin", Type::Varbinary(80)),
        ("xml", Type::Xml),
    ];
    let large = "🦀é\u{202e}a".repeat(110_000);
    let bytes: Vec<u8> = (0..1_048_577_u32).map(|at| (at % 251) as u8).collect();
    let utf16: Vec<u8> = large.encode_utf16().flat_map(u16::to_le_bytes).collect();
    // Parts of an odd length end within a character.
    let parts = |bytes: &[u8], size: usize| Cell::Parts(bytes.chunks(size).map(<[u8]>::to_vec).collect());
    let empty = vec![
        Cell::Text(String::new()),
        Cell::Text(String::new()),
        Cell::Bytes(vec![]),
        Cell::Bytes(vec![]),
        Cell::Text(String::new()),
    ];
    let full =
        vec![Cell::Text("🦀".into()), parts(&utf16, 4_001), parts(&bytes, 7_919), Cell::Bytes(vec![0]), parts(&utf16[..8], 3)];
    let nulls = vec![Cell::Null; LONG.len()];
    let table = read(&LONG, vec![empty, full, nulls]).await.unwrap();
    let batch = &table.batches()[0];
    let text = |column: usize, row: usize| batch.column(column).as_string::<i32>().value(row).to_owned();
    let binary = |column: usize, row: usize| batch.column(column).as_binary::<i32>().value(row).to_vec();
    assert!(text(0, 0).is_empty() && text(1, 0).is_empty() && text(4, 0).is_empty());
    assert!(binary(2, 0).is_empty() && binary(3, 0).is_empty());
    assert_eq!((text(0, 1).as_str(), text(4, 1).as_str()), ("🦀", "🦀é\u{202e}"));
    assert!(text(1, 1) == large && binary(2, 1) == bytes, "a megabyte of each");
    for column in batch.columns() {
        assert_eq!([0, 1, 2].map(|row| column.is_null(row)), [false, false, true]);
    }
}
