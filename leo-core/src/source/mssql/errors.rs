//! The driver's and the server's errors as [`Error`]s.
//!
//! SQL Server quotes values in some messages (`Conversion failed when converting the varchar value 'x' …`), so its words are passed on only
//! for the numbers listed here, whose texts hold names of the statement and nothing else. Servers that do not number their errors as SQL
//! Server does get a fixed text.

use std::io;

use tiberius::error::{Error as Driver, TokenError};

use crate::error::{Error, ErrorKind};
use crate::source::SourceSpec;
use crate::source::net::problem::Problem;

/// Severity from which on the server closes the connection.
const FATAL: u8 = 20;

/// Numbers whose message names parts of the statement only: syntax, unknown and ambiguous names, types and grouping.
const ABOUT_THE_TEXT: &[u32] = &[
    102, 103, 104, 105, 107, 108, 109, 116, 119, 120, 121, 128, 130, 131, 134, 137, 139, 141, 144, 145, 147, 148, 155, 156, 157,
    164, 169, 170, 174, 189, 191, 195, 196, 201, 203, 205, 206, 207, 208, 209, 213, 214, 216, 243, 252, 257, 258, 260, 291, 306,
    308, 313, 317, 319, 321, 325, 334, 402, 403, 404, 408, 412, 413, 420, 421, 425, 446, 447, 448, 451, 453, 456, 457, 460, 461,
    462, 465, 467, 468, 487, 488, 493, 495, 497, 499, 501, 506, 512, 529, 530, 535, 537, 1001, 1004, 1011, 1013, 1015, 1016,
    1018, 1023, 1032, 1033, 1035, 1036, 1038, 1039, 1043, 1045, 1046, 1047, 1060, 1062, 1065, 1067, 1072, 4104, 4106, 4107, 4108,
    4109, 4110, 4112, 4113, 4114, 4121, 4127, 4129, 4145, 5309, 5308, 8116, 8117, 8118, 8119, 8120, 8121, 8124, 8127, 8133, 8134,
    8144, 8155, 8156, 8157, 8158, 8159, 8180, 8622, 8632, 10709, 10711, 10713, 10727, 10744, 10751, 10752, 10753, 10755, 10761,
    11309, 11750, 33440,
];

/// What went wrong while connecting or logging in.
pub(super) fn connecting(error: &Driver, spec: &SourceSpec) -> Error {
    match error {
        Driver::Server(token) => login(token).error(spec).with_context("number", token.code().to_string()),
        Driver::Io { kind, .. } => io_problem(*kind).error(spec),
        Driver::Tls(_) => Problem::TlsFailed.error(spec),
        _ => Problem::OtherServer.error(spec),
    }
}

fn login(token: &TokenError) -> Problem {
    match token.code() {
        // A trusted connection was wanted; Windows logins only; multi-factor.
        18_452 | 40_607 | 18_461 => Problem::LoginMethod,
        4_060 | 4_062 | 4_063 | 4_064 | 911 => Problem::NoDatabase,
        916 | 17_892 | 229 | 262 | 300 => Problem::NoPermission,
        // The address is not on the cloud's allow list.
        40_615 | 40_914 | 40_532 | 47_073 => Problem::Filtered,
        // A secondary that has no data, takes no readers or only readers, none that does, a group that has lost its way.
        976 | 978 | 979 | 982 | 983 => Problem::NoReplica,
        // Starting, stopping, recovering, restoring, moving, single user.
        913 | 921 | 922 | 924 | 927 | 945 | 946 | 984 | 6_005 | 17_142 | 17_187 | 18_401 | 18_451 | 40_143 | 40_197 | 40_501
        | 40_540 | 40_613 | 42_108 | 42_109 | 49_918 | 49_919 | 49_920 => Problem::NotReady,
        10_928 | 10_929 | 10_930 | 10_936 | 17_300 | 17_809 | 17_810 | 64_000 => Problem::TooManyConnections,
        // 18456 and its like; what else a server says instead of a login acknowledgement.
        _ => Problem::Login,
    }
}

fn io_problem(kind: io::ErrorKind) -> Problem {
    match kind {
        io::ErrorKind::ConnectionRefused => Problem::Refused,
        _ => Problem::Lost,
    }
}

/// What went wrong while a statement ran.
pub(super) fn running(error: &Driver, spec: &SourceSpec) -> Error {
    match error {
        Driver::Server(token) => refused(token),
        Driver::Io { kind, .. } => io_problem(*kind).error(spec),
        // Texts that are not UTF-16 or not of their code page arrive as errors of the protocol, too, and leave the stream unusable.
        Driver::Encoding(_) | Driver::Utf8 | Driver::Utf16 => undecodable(),
        Driver::Protocol(text) if text.starts_with("nvarchar: invalid UTF-16") => undecodable(),
        Driver::Protocol(_) | Driver::Conversion(_) => Error::unavailable(
            "the server's answer cannot be read and the connection was closed; try again, and report it when it happens again",
        ),
        _ => Problem::Lost.error(spec),
    }
}

fn undecodable() -> Error {
    Error::malformed("a text in the result is not valid in its encoding; read that column with `CAST(… AS varbinary(max))`")
}

/// Whether the connection cannot be used any more.
pub(super) fn is_fatal(error: &Driver) -> bool {
    match error {
        Driver::Server(token) => token.class() >= FATAL,
        _ => true,
    }
}

fn refused(token: &TokenError) -> Error {
    let number = token.code();
    let error = match number {
        229 | 230 | 297 | 300 | 371 | 916 => Error::denied(format!("SQL Server: {}", token.message())),
        1_205 => Error::unavailable("the server chose the statement as the victim of a deadlock; try again"),
        1_222 => Error::new(
            ErrorKind::Timeout,
            "the statement waited too long for locks that others hold; try again, or raise `connections.lock_timeout_ms`",
        ),
        701 | 802 | 8_628 | 8_645 | 8_651 => {
            Error::unavailable("the server has no memory left for the statement; try again later")
        }
        1_101 | 1_105 | 9_002 | 3_958 | 3_966 | 3_967 => {
            Error::unavailable("the server's temporary database is full; ask for less data, or tell its administrator")
        }
        8_623 | 8_621 | 8_631 => {
            Error::limit_exceeded("the statement is too complex for the server; split it, or use fewer terms")
        }
        8_115 | 220 | 232 | 234 | 244 | 248 | 8_729 => Error::rejected(
            "a number in the statement is too large for its type; cast to a wider one, for instance `CAST(… AS decimal(38, 4))`",
        ),
        241 | 242 | 295 | 296 | 517 | 9_807 => {
            Error::rejected("a text could not be read as a date; use `TRY_CONVERT` or select the rows that hold dates")
        }
        235 | 245 | 8_114 | 8_169 | 9_803 => Error::rejected(
            "a value could not be converted to the type the statement asks for; use `TRY_CAST` or select the rows that hold such values",
        ),
        976 | 978 | 979 | 982 | 983 => {
            Error::unavailable("this copy of the database cannot be read any more; try again in a moment, or connect to another")
        }
        3_960 | 3_961 => Error::unavailable("the data changed while the statement ran; try again"),
        number if ABOUT_THE_TEXT.contains(&number) => {
            Error::rejected(format!("SQL Server does not accept the statement: {}", token.message()))
        }
        _ if token.class() >= FATAL => {
            Error::unavailable("the server ended the connection because of an error of its own; try again")
        }
        _ => Error::rejected(format!(
            "the server refused the statement (error {number}, severity {}); check names, types and functions",
            token.class()
        )),
    };
    error.with_context("number", number.to_string())
}
