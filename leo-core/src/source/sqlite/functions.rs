//! The mathematical functions, for engines built without them, and the keyed hash of masks.
//!
//! Whether SQLite has `sqrt`, `floor`, `power` and their kin is a choice made when it is compiled, and the build that comes with
//! this crate has only some of them. What a connection lacks is added here with the meaning SQLite gives it: NULL for what is not
//! a number or outside the function's domain, text that spells a number counts as one, rounding keeps integers.

use std::collections::HashSet;
use std::f64::consts::PI;

use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::{Value, ValueRef};
use sha2::{Digest, Sha256};

use crate::guard::SQLITE_HASH;
use crate::value::to_hex;

type OfOne = (&'static str, fn(f64) -> f64);
type OfTwo = (&'static str, fn(f64, f64) -> f64);

/// Functions of one number.
const OF_ONE: &[OfOne] = &[
    ("acos", f64::acos),
    ("acosh", f64::acosh),
    ("asin", f64::asin),
    ("asinh", f64::asinh),
    ("atan", f64::atan),
    ("atanh", f64::atanh),
    ("cos", f64::cos),
    ("cosh", f64::cosh),
    ("degrees", f64::to_degrees),
    ("exp", f64::exp),
    ("ln", |x| positive(x).ln()),
    ("log", |x| positive(x).log10()),
    ("log10", |x| positive(x).log10()),
    ("log2", |x| positive(x).log2()),
    ("radians", f64::to_radians),
    ("sin", f64::sin),
    ("sinh", f64::sinh),
    ("sqrt", f64::sqrt),
    ("tan", f64::tan),
    ("tanh", f64::tanh),
];

/// Functions of two numbers.
const OF_TWO: &[OfTwo] = &[
    ("atan2", f64::atan2),
    ("log", |base, x| if base > 1.0 { positive(x).ln() / base.ln() } else { f64::NAN }),
    ("mod", |x, y| x % y),
    ("pow", f64::powf),
    ("power", f64::powf),
];

/// Roundings: an integer stays what it is.
const ROUNDINGS: &[OfOne] = &[("ceil", f64::ceil), ("ceiling", f64::ceil), ("floor", f64::floor), ("trunc", f64::trunc)];

/// Adds to `connection` the functions that it lacks. They depend on nothing but their arguments and touch nothing, so views may
/// call them in databases whose schema is not trusted.
pub(super) fn add_missing(connection: &Connection) -> rusqlite::Result<()> {
    let present: HashSet<(String, i32)> = {
        let mut statement = connection.prepare("SELECT lower(name), narg FROM pragma_function_list")?;
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?
    };
    let lacks = |name: &str, arguments: i32| {
        !present.contains(&(name.to_owned(), arguments)) && !present.contains(&(name.to_owned(), -1))
    };
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    for &(name, function) in OF_ONE.iter().filter(|(name, _)| lacks(name, 1)) {
        connection.create_scalar_function(name, 1, flags, move |context| Ok(number(context, 0).map(|x| function(x.value()))))?;
    }
    for &(name, function) in OF_TWO.iter().filter(|(name, _)| lacks(name, 2)) {
        connection.create_scalar_function(name, 2, flags, move |context| {
            Ok(number(context, 0).zip(number(context, 1)).map(|(x, y)| function(x.value(), y.value())))
        })?;
    }
    for &(name, function) in ROUNDINGS.iter().filter(|(name, _)| lacks(name, 1)) {
        connection.create_scalar_function(name, 1, flags, move |context| {
            Ok(match number(context, 0) {
                Some(Number::Integer(value)) => Value::Integer(value),
                Some(Number::Real(value)) => Value::Real(function(value)),
                None => Value::Null,
            })
        })?;
    }
    if lacks("pi", 0) {
        connection.create_scalar_function("pi", 0, flags, |_| Ok(PI))?;
    }
    // Not for views: only what the guard writes may call it.
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_DIRECTONLY;
    connection.create_scalar_function(SQLITE_HASH, 2, flags, |context| Ok(mask_hash(context)))?;
    Ok(())
}

/// Whether the function `name` (lower case) gives a float or NULL, whatever it is given.
pub(super) fn is_real(name: &str) -> bool {
    name == "pi" || OF_ONE.iter().any(|(own, _)| *own == name) || OF_TWO.iter().any(|(own, _)| *own == name)
}

/// SHA-256 of the key and the SHA-256 of key and value, in hexadecimal; NULL for NULL. The same as other engines compute.
fn mask_hash(context: &Context<'_>) -> Option<String> {
    let text = |at: usize| match context.get_raw(at) {
        ValueRef::Null => None,
        ValueRef::Integer(value) => Some(value.to_string().into_bytes()),
        ValueRef::Real(value) => Some(value.to_string().into_bytes()),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(bytes.to_vec()),
    };
    let (key, value) = (text(0)?, text(1)?);
    let digest = |value: &[u8]| to_hex(&Sha256::new().chain_update(&key).chain_update(value).finalize());
    Some(digest(digest(&value).as_bytes()))
}

/// `x`, or what SQLite turns into NULL: the logarithm of nothing is not minus infinity.
fn positive(x: f64) -> f64 {
    if x > 0.0 { x } else { f64::NAN }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Number {
    Integer(i64),
    Real(f64),
}

impl Number {
    fn value(self) -> f64 {
        match self {
            Self::Integer(value) => value as f64,
            Self::Real(value) => value,
        }
    }
}

/// An argument as SQLite's numeric affinity sees it; blobs and other text are no numbers.
fn number(context: &Context<'_>, at: usize) -> Option<Number> {
    match context.get_raw(at) {
        ValueRef::Integer(value) => Some(Number::Integer(value)),
        ValueRef::Real(value) => Some(Number::Real(value)),
        ValueRef::Text(bytes) => spelled(std::str::from_utf8(bytes).ok()?),
        ValueRef::Null | ValueRef::Blob(_) => None,
    }
}

fn spelled(text: &str) -> Option<Number> {
    let text = text.trim_matches([' ', '\t', '\n', '\x0b', '\x0c', '\r']);
    if let Ok(value) = text.parse() {
        return Some(Number::Integer(value));
    }
    // Rust reads `inf` and `nan` too; SQLite does not.
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    text.parse().ok().filter(|_| plain).map(Number::Real)
}

#[cfg(test)]
mod tests;
