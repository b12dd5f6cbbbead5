//! Syntax that the engine reads and the parser does not, put into words of the parser that mean the same for what a statement
//! reads. Only the parser sees them: the text that is sent keeps what was written.
//!
//! A shim knows every token it replaces. It never leaves a hole where something could stand that the engine reads: what cannot be
//! taken out without one becomes a construct that the parser places and the resolver looks at.

mod bigquery;
mod mysql;
mod postgres;
mod sqlite;
mod stream;
mod tsql;

use sqlparser::tokenizer::TokenWithSpan;

use crate::dialect::Dialect;
use stream::Stream;

/// The tokens with such syntax replaced.
pub(super) fn apply(dialect: Dialect, tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let shim: fn(&mut Stream, usize) = match dialect {
        Dialect::Sqlite => sqlite::apply,
        Dialect::Postgres => postgres::apply,
        Dialect::Mysql => mysql::apply,
        Dialect::Tsql => tsql::apply,
        Dialect::Bigquery => bigquery::apply,
        Dialect::Datafusion => return tokens,
    };
    let mut stream = Stream::new(tokens);
    for place in 0..stream.len() {
        shim(&mut stream, place);
    }
    stream.finish()
}
