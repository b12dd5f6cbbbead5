//! The driver's and the server's errors as [`Error`]s.
//!
//! What the server says while it prepares a statement concerns the text alone and is passed on for repair. While it runs, messages
//! quote values of rows (`Incorrect date value: '…'`), so only their number is told.

use mysql_async::{DriverError, Error as Driver, IoError, ServerError, TlsError};

use crate::error::{Error, ErrorKind};
use crate::source::net::problem::Problem;
use crate::source::{Login, SourceSpec};

/// An error of connecting.
pub(super) fn connecting(error: &Driver, spec: &SourceSpec) -> Error {
    let problem = match error {
        Driver::Server(error) => match of_code(error.code) {
            Some(Problem::Login) if matches!(spec.login, Login::None) => Problem::LoginMissing,
            Some(problem) => problem,
            None => return Error::unavailable(format!("the server refused the connection with its error {}", error.code)),
        },
        Driver::Io(IoError::Tls(error)) => match error {
            TlsError::Tls(error) => Problem::of_tls(error),
            _ => Problem::TlsFailed,
        },
        Driver::Io(IoError::Io(error)) => Problem::of_io(error),
        Driver::Driver(DriverError::LocalInfile(_)) => return running(error, spec),
        Driver::Driver(error) => match error {
            DriverError::NoClientSslFlagFromServer => Problem::NoTls,
            DriverError::UnknownAuthPlugin { .. }
            | DriverError::MysqlOldPasswordDisabled
            | DriverError::CleartextPluginDisabled
            | DriverError::InvalidParsecSalt => Problem::LoginMethod,
            DriverError::ConnectionClosed => Problem::Lost,
            _ => Problem::OtherServer,
        },
        Driver::Url(_) | Driver::Other(_) => Problem::OtherServer,
    };
    problem.error(spec)
}

/// What a number of the server means about the connection.
pub(super) fn of_code(code: u16) -> Option<Problem> {
    Some(match code {
        1040 | 1203 | 1226 => Problem::TooManyConnections,
        1044 | 1129 | 1130 | 1142 => Problem::NoPermission,
        1045 | 1396 | 1698 | 1820 | 1862 | 3118 | 3955 | 4151 => Problem::Login,
        1049 => Problem::NoDatabase,
        1053 | 1077 | 1078 | 1079 | 1080 => Problem::NotReady,
        1152..=1161 | 1184 | 1927 => Problem::Lost,
        1251 | 1524 | 1873 => Problem::LoginMethod,
        3159 => Problem::TlsRequired,
        _ => return None,
    })
}

/// An error of preparing a statement: it concerns the text alone.
pub(super) fn preparing(error: &Driver, spec: &SourceSpec) -> Error {
    match error {
        Driver::Server(server) if is_about_text(server) => {
            Error::rejected(format!("{} does not accept the statement: {}", spec.engine.name(), server.message))
        }
        Driver::Driver(DriverError::MixedParams) => named_parameters(),
        other => running(other, spec),
    }
}

/// The driver would read `:name` as a placeholder.
pub(super) fn named_parameters() -> Error {
    Error::rejected("the driver would take a `:name` in the statement for a placeholder; write the part before it with spaces")
}

/// Whether a message speaks of the statement's own words: its SQLSTATE is of the class of syntax and names.
fn is_about_text(error: &ServerError) -> bool {
    (error.state.starts_with("42") && !matches!(error.code, 1142 | 1143 | 1227 | 1370))
        || matches!(error.code, 1111 | 1221 | 1222 | 1235 | 1241 | 1247 | 1248 | 1295 | 1582 | 3579..=3600 | 4015..=4022)
}

/// An error of a running statement, of a catalogue query or of setting the session up.
pub(super) fn running(error: &Driver, spec: &SourceSpec) -> Error {
    match error {
        Driver::Server(error) => of_server(error, spec),
        Driver::Driver(DriverError::PacketTooLarge) => {
            Error::limit_exceeded("a row of the result is larger than 256 MiB; select less of it, for instance with LEFT()")
        }
        Driver::Driver(DriverError::LocalInfile(_)) => {
            Error::denied("the server asked for a file of this machine, which it never gets; look into what that server is")
        }
        Driver::Io(_) | Driver::Driver(DriverError::ConnectionClosed | DriverError::PacketOutOfOrder) => {
            Problem::Lost.error(spec)
        }
        _ => Error::malformed("the server's answer cannot be understood; it may be no MySQL, or a newer protocol"),
    }
}

fn of_server(error: &ServerError, spec: &SourceSpec) -> Error {
    let product = spec.engine.name();
    match error.code {
        1317 => Error::cancelled("the statement was cancelled on the server"),
        1969 | 3024 => Error::timeout(
            "the statement took longer than it may; ask for less data (a shorter period, fewer tables) or raise the timeout",
        ),
        1205 | 1213 | 3572 => {
            Error::unavailable("the statement waited too long for rows that others are changing; try again in a moment")
        }
        1142 | 1143 | 1227 | 1370 | 1044 | 1356 => Error::denied(format!(
            "{} may not read what the statement asks for; let somebody grant it SELECT there",
            spec.login.user().map_or_else(|| "the login".to_owned(), |user| format!("`{user}`"))
        )),
        1021 | 1041 | 1037 | 1038 | 3 | 28 => {
            Error::unavailable("the server has not enough memory or disk for the statement; try again later")
        }
        1615 => Error::unavailable("a table changed while the statement was prepared; try again"),
        1153 | 1301 => Error::limit_exceeded("a value is larger than `max_allowed_packet` of the server; select less of it"),
        1242 => Error::rejected("a subquery that stands for one value returns several rows"),
        1690 => Error::rejected("a number in the statement is out of the range of its type; cast its parts to DECIMAL or DOUBLE"),
        1365 => Error::rejected("the statement divides by zero"),
        code if of_code(code).is_some() => of_code(code).map_or_else(|| Problem::Lost.error(spec), |problem| problem.error(spec)),
        _ if is_about_text(error) => Error::rejected(format!(
            "{product} does not accept the statement (its error {}); check names, types and function arguments",
            error.code
        )),
        code => Error::new(
            ErrorKind::Rejected,
            format!(
                "the statement failed while running (error {code} of {product}), for instance on a value that a function does not accept; \
                 check casts and function arguments"
            ),
        ),
    }
}
