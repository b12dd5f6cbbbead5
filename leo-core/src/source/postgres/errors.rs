//! PostgreSQL's errors as [`Error`]s, by SQLSTATE.
//!
//! | SQLSTATE | when | error |
//! |---|---|---|
//! | `28P01`, `28000` | connecting | login; TLS required or no permission where the server's rules of access said no |
//! | `3D000` · `42501` · `53300` · `57P03` | connecting | no database · no permission · too many connections · not ready |
//! | `42…`, `22…`, `0A…` | preparing | `Rejected` with the server's words: they are about the text |
//! | `42501` | running | `Denied` |
//! | `57014` · `55P03` · `25P03`, `25P04` | running | `Timeout` · `Unavailable` (locked by others) · `Timeout` |
//! | `40…` | running | `Unavailable`: in conflict with other transactions, or with a standby's recovery |
//! | `53…`, `54…`, `57P…`, `58…`, `08…` | running | `LimitExceeded` or `Unavailable` |
//! | `25006` | running | `Rejected`: it would have changed something |
//! | anything else | running | `Rejected` with a text of our own: the server's may hold a value of a row |

use std::error::Error as _;
use std::io;

use tokio_postgres::error::DbError;

use super::wire;
use crate::error::{Error, ErrorKind};
use crate::source::net::problem::Problem;
use crate::source::{Login, SourceSpec};

type PgError = tokio_postgres::Error;

/// An error of logging in.
pub(super) async fn connecting(error: PgError, spec: &SourceSpec, is_protected: bool) -> Error {
    let problem = match error.as_db_error() {
        Some(refusal) => refused(refusal, spec, is_protected).await,
        None => match io_error(&error) {
            Some(error) if error.kind() == io::ErrorKind::InvalidInput || error.kind() == io::ErrorKind::InvalidData => {
                Problem::OtherServer
            }
            Some(error) => Problem::of_io(error),
            None if error.is_closed() => Problem::Lost,
            // What is left is the driver's own: it was asked for a password it does not have, or for something it does not know.
            None if !has_secret(spec) => Problem::LoginMissing,
            None => Problem::LoginMethod,
        },
    };
    problem.error(spec)
}

async fn refused(refusal: &DbError, spec: &SourceSpec, is_protected: bool) -> Problem {
    match refusal.code().code() {
        // The rules of access let nobody in like this; without TLS, that may be why.
        "28000" if refusal.routine() == Some("ClientAuthentication") => {
            if !is_protected && wire::tls_is_offered(spec).await {
                Problem::TlsRequired
            } else {
                Problem::NoPermission
            }
        }
        code if code.starts_with("28") => Problem::Login,
        "3D000" => Problem::NoDatabase,
        "42501" => Problem::NoPermission,
        code if code.starts_with("53") => Problem::TooManyConnections,
        code if code.starts_with("57") => Problem::NotReady,
        _ => Problem::OtherServer,
    }
}

fn has_secret(spec: &SourceSpec) -> bool {
    use secrecy::ExposeSecret;
    match &spec.login {
        Login::None | Login::Provided => false,
        Login::Password { password: secret, .. } | Login::Token { token: secret, .. } => !secret.expose_secret().is_empty(),
    }
}

fn io_error(error: &PgError) -> Option<&io::Error> {
    error.source().and_then(|source| source.downcast_ref::<io::Error>())
}

/// Whether the connection is of no use any more, rather than the statement.
pub(super) fn is_broken(error: &PgError) -> bool {
    match error.as_db_error() {
        Some(error) => {
            matches!(error.code().code(), "57P01" | "57P02" | "57P03" | "57P05") || error.code().code().starts_with("08")
        }
        None => error.is_closed() || io_error(error).is_some(),
    }
}

/// What may be logged of an error: its class.
pub(super) fn class(error: &PgError) -> String {
    match error.as_db_error() {
        Some(error) => format!("SQLSTATE {}", error.code().code()),
        None if error.is_closed() => "closed".to_owned(),
        None => "network".to_owned(),
    }
}

/// An error of preparing a statement: it concerns the text, so the server's message is passed on for repair.
pub(super) fn preparing(error: PgError, spec: &SourceSpec) -> Error {
    match error.as_db_error() {
        Some(said) if matches!(said.code().code().get(..2), Some("42" | "22" | "0A")) && said.code().code() != "42501" => {
            let hint = said.hint().map_or_else(String::new, |hint| format!(" ({hint})"));
            Error::rejected(format!("PostgreSQL does not accept the statement: {}{hint}", said.message()))
                .with_context("sqlstate", said.code().code())
        }
        _ => running(error, spec),
    }
}

/// An error of a running statement.
pub(super) fn running(error: PgError, spec: &SourceSpec) -> Error {
    let Some(said) = error.as_db_error() else {
        return match is_broken(&error) {
            true => Problem::Lost.error(spec),
            false => Error::internal("the driver of PostgreSQL failed in an unexpected way"),
        };
    };
    let code = said.code().code();
    let rejected = |message: &str| Error::rejected(message);
    let error = match code {
        "57014" | "25P03" | "25P04" => Error::timeout(
            "the server stopped the statement because it took longer than it may; ask for less data, or raise the timeout",
        ),
        "55P03" => Error::unavailable("a table of the statement is locked by somebody who changes it; try again in a moment"),
        "25006" => rejected("the statement would have changed something; only statements that read run here"),
        // These words are the engine's own and name the object alone; anybody else's may say anything.
        "42501" if said.routine() == Some("aclcheck_error") => {
            Error::denied(format!("the login of the source may not read everything that the statement needs: {}", said.message()))
        }
        "42501" => Error::denied("the login of the source may not read everything that the statement needs; grant it SELECT"),
        "57P01" | "57P02" | "57P05" => Problem::Lost.error(spec),
        "57P03" => Problem::NotReady.error(spec),
        "53300" => Problem::TooManyConnections.error(spec),
        "53200" => Error::limit_exceeded("the statement needs more memory than the server has; ask for fewer rows or columns"),
        "53100" => Error::unavailable("the disk of the server is full; free some space there"),
        "22012" => rejected("the statement failed while running: division by zero; guard the divisor with NULLIF(…, 0)"),
        "22003" => rejected("the statement failed while running: a number is out of range; cast to a wider type such as numeric"),
        "22P02" | "22007" | "22008" | "22018" => rejected(
            "the statement failed while running: a value cannot be read as the type it is cast to; check casts and compared types",
        ),
        "21000" => rejected("the statement failed while running: a subquery used as a value returned more than one row"),
        "0A000" => rejected("the statement failed while running: it uses something this server does not support"),
        "2201B" | "2201F" | "2201E" | "22004" | "22011" | "22023" => {
            rejected("the statement failed while running: a function was given a value it does not accept; check its arguments")
        }
        _ => match code.get(..2) {
            Some("40") => Error::unavailable("the statement was in conflict with other work of the server; try again"),
            Some("08") => Problem::Lost.error(spec),
            Some("53") => Error::unavailable("the server is out of a resource it needs for the statement; try again later"),
            Some("54") => Error::limit_exceeded("the statement is larger or deeper than the server accepts; make it simpler"),
            Some("57" | "58" | "XX" | "F0") => {
                Error::new(ErrorKind::Unavailable, "the server failed while it ran the statement; its log says why")
            }
            _ => rejected(
                "the statement failed while running, for instance on a value a function does not accept; check casts and function arguments",
            ),
        },
    };
    error.with_context("sqlstate", code)
}
