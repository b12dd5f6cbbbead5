//! DataFusion's errors as [`Error`]s. What it says while a statement runs may quote values, so only what kind of thing went wrong
//! is passed on; what it says about a text that has not run yet is passed on as it is.

use std::error::Error as _;

use datafusion::arrow::error::ArrowError;
use datafusion::common::DataFusionError;
use datafusion::object_store;
use datafusion::parquet::errors::ParquetError;

use super::store::Unreadable;
use crate::error::Error;

/// An error of parsing and planning: it concerns the text only.
pub(super) fn planning(error: &DataFusionError) -> Error {
    match error.find_root() {
        DataFusionError::SQL(..)
        | DataFusionError::Plan(_)
        | DataFusionError::SchemaError(..)
        | DataFusionError::NotImplemented(_)
        | DataFusionError::Configuration(_) => {
            // Advice and long lists of signatures follow on more lines.
            let message = error.find_root().message();
            let line = message.lines().next().unwrap_or_default();
            Error::rejected(format!("DataFusion does not accept the statement: {line}"))
        }
        _ => running(error),
    }
}

/// An error of a statement that runs.
pub(super) fn running(error: &DataFusionError) -> Error {
    match error.find_root() {
        DataFusionError::ResourcesExhausted(_) => Error::limit_exceeded(
            "the statement needs more memory than it may use (`query_memory_bytes`); ask for less data or fewer groups, or raise the limit",
        ),
        DataFusionError::ObjectStore(error) => reading(error),
        DataFusionError::ParquetError(error) => parquet(error),
        DataFusionError::IoError(error) => Error::unavailable("reading or writing a temporary file failed; check the disk")
            .with_context("engine", error.kind().to_string()),
        DataFusionError::ArrowError(error, _) => arrow(error),
        DataFusionError::Execution(message) if message.contains("Scalar subquery") || message.contains("one row") => {
            Error::rejected("a subquery that must give one row gives several; add LIMIT 1 or an aggregate")
        }
        DataFusionError::NotImplemented(_) => {
            Error::rejected("the engine has no way to run this part of the statement; write it with simpler functions")
        }
        DataFusionError::Internal(_) | DataFusionError::ExecutionJoin(_) => {
            Error::internal("the engine failed in an unexpected way; write the statement differently")
        }
        other => match other.source().and_then(known) {
            Some(error) => error,
            None => failed(),
        },
    }
}

/// A value was at fault; which, nobody is told.
fn failed() -> Error {
    Error::rejected(
        "the statement failed while running, for instance on a value a function does not accept; check casts and function arguments",
    )
}

fn arrow(error: &ArrowError) -> Error {
    match error {
        ArrowError::DivideByZero => Error::rejected("the statement divides by zero; write NULLIF(…, 0) for the divisor"),
        ArrowError::ArithmeticOverflow(_) => {
            Error::rejected("a number became too large for its type; cast it to DOUBLE or to a wider DECIMAL first")
        }
        ArrowError::CastError(_) | ArrowError::ParseError(_) => {
            Error::rejected("a value cannot be cast to the type asked for; write TRY_CAST, or leave out such rows")
        }
        ArrowError::ParquetError(_) => damaged(),
        ArrowError::MemoryError(_) => Error::limit_exceeded("the statement needs more memory than there is; ask for less data"),
        ArrowError::ExternalError(error) => known(error.as_ref()).unwrap_or_else(failed),
        _ => failed(),
    }
}

fn parquet(error: &ParquetError) -> Error {
    match error {
        ParquetError::External(error) => known(error.as_ref()).unwrap_or_else(damaged),
        _ => damaged(),
    }
}

fn damaged() -> Error {
    Error::malformed("a Parquet file of this source is damaged; get it again and open the source anew")
}

fn reading(error: &object_store::Error) -> Error {
    match error {
        object_store::Error::Generic { source, .. } => known(source.as_ref()).unwrap_or_else(damaged),
        object_store::Error::NotSupported { .. } | object_store::Error::NotFound { .. } => {
            Error::rejected("the statement reads something that is no table of this source")
        }
        _ => Error::unavailable("reading a file of this source failed; check the disk or the network share"),
    }
}

/// What is known about an error inside an error.
fn known(error: &(dyn std::error::Error + 'static)) -> Option<Error> {
    if let Some(Unreadable(error)) = error.downcast_ref() {
        return Some(error.clone());
    }
    if let Some(error) = error.downcast_ref::<DataFusionError>() {
        return Some(running(error));
    }
    if let Some(error) = error.downcast_ref::<object_store::Error>() {
        return Some(reading(error));
    }
    if let Some(error) = error.downcast_ref::<ParquetError>() {
        return Some(parquet(error));
    }
    if let Some(error) = error.downcast_ref::<ArrowError>() {
        return Some(arrow(error));
    }
    error.source().and_then(known)
}
