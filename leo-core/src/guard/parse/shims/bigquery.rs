//! BigQuery: arrays that say their type, `ARRAY<INT64>[1, 2]`.

use sqlparser::tokenizer::Token;

use super::stream::Stream;

/// Types of one word.
#[rustfmt::skip]
const TYPES: &[&str] = &[
    "BIGDECIMAL", "BIGINT", "BIGNUMERIC", "BOOL", "BOOLEAN", "BYTEINT", "BYTES", "DATE", "DATETIME", "DECIMAL", "FLOAT64", "INT",
    "INT64", "INTEGER", "JSON", "NUMERIC", "SMALLINT", "STRING", "TIME", "TIMESTAMP", "TINYINT",
];

/// The brackets alone make the same array.
pub(super) fn apply(stream: &mut Stream, place: usize) {
    if stream.is(place, "ARRAY")
        && stream.token(place + 1) == Some(&Token::Lt)
        && stream.is_any(place + 2, TYPES)
        && stream.token(place + 3) == Some(&Token::Gt)
        && stream.token(place + 4) == Some(&Token::LBracket)
    {
        stream.replace(place..place + 4, []);
    }
}
