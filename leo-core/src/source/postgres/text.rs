//! Values that Arrow has no type for, as the server prints them under the pinned settings: arrays, ranges, rows, intervals, addresses …

use std::fmt::Write as _;

use tokio_postgres::types::{Kind, Type};

use super::numeric::{self, Parsed};
use super::types::{EPOCH_DAYS, beneath};
use crate::value::to_hex;

/// Types printed by name rather than number: those of extensions have another number in each database.
const BY_NAME: &[&str] = &["citext", "geometry", "geography", "ltree", "lquery", "ltxtquery", "hstore"];

/// Whether values of the type can be printed.
pub(super) fn is_known(sql_type: &Type) -> bool {
    let sql_type = beneath(sql_type);
    match sql_type.kind() {
        Kind::Enum(_) => true,
        Kind::Array(inner) | Kind::Range(inner) | Kind::Multirange(inner) => is_known(inner),
        Kind::Composite(fields) => fields.iter().all(|field| is_known(field.type_())),
        Kind::Simple => is_simple(sql_type) || BY_NAME.contains(&sql_type.name()),
        _ => *sql_type == Type::UNKNOWN,
    }
}

fn is_simple(sql_type: &Type) -> bool {
    matches!(
        *sql_type,
        Type::BOOL
            | Type::INT2
            | Type::INT4
            | Type::INT8
            | Type::OID
            | Type::XID
            | Type::CID
            | Type::FLOAT4
            | Type::FLOAT8
            | Type::NUMERIC
            | Type::TEXT
            | Type::VARCHAR
            | Type::BPCHAR
            | Type::NAME
            | Type::CHAR
            | Type::XML
            | Type::JSON
            | Type::JSONB
            | Type::JSONPATH
            | Type::UUID
            | Type::BYTEA
            | Type::DATE
            | Type::TIME
            | Type::TIMETZ
            | Type::TIMESTAMP
            | Type::TIMESTAMPTZ
            | Type::INTERVAL
            | Type::BIT
            | Type::VARBIT
            | Type::INET
            | Type::CIDR
            | Type::MACADDR
            | Type::MACADDR8
            | Type::POINT
            | Type::LSEG
            | Type::BOX
            | Type::PATH
            | Type::POLYGON
            | Type::LINE
            | Type::CIRCLE
            | Type::TS_VECTOR
            | Type::PG_LSN
    )
}

/// Appends the value; `None` when the bytes do not have the form of the type.
pub(super) fn print(sql_type: &Type, raw: &[u8], out: &mut String) -> Option<()> {
    let sql_type = beneath(sql_type);
    let mut bytes = Bytes(raw);
    match sql_type.kind() {
        Kind::Array(inner) => return array(inner, &mut bytes, out),
        Kind::Range(inner) => return range(inner, &mut bytes, out),
        Kind::Multirange(inner) => return multirange(inner, &mut bytes, out),
        Kind::Composite(fields) => {
            let types: Vec<&Type> = fields.iter().map(|field| field.type_()).collect();
            return record(&types, &mut bytes, out);
        }
        _ => {}
    }
    match *sql_type {
        Type::BOOL => out.push(if bytes.u8()? != 0 { 't' } else { 'f' }),
        Type::INT2 => write!(out, "{}", bytes.i16()?).ok()?,
        Type::INT4 => write!(out, "{}", bytes.i32()?).ok()?,
        Type::INT8 => write!(out, "{}", bytes.i64()?).ok()?,
        Type::OID | Type::XID | Type::CID => write!(out, "{}", bytes.i32()? as u32).ok()?,
        Type::FLOAT4 => float(&format!("{:e}", f32::from_bits(bytes.i32()? as u32)), 6, out)?,
        Type::FLOAT8 => float(&format!("{:e}", f64::from_bits(bytes.i64()? as u64)), 15, out)?,
        Type::NUMERIC => match numeric::parse(raw)? {
            Parsed::Special(name) => out.push_str(name),
            Parsed::Number(number) => number.print(out),
        },
        Type::JSONB | Type::JSONPATH => out.push_str(std::str::from_utf8(raw.get(1..)?).ok()?),
        Type::UUID => write!(out, "{}", uuid::Uuid::from_slice(raw).ok()?).ok()?,
        Type::BYTEA => write!(out, "\\x{}", to_hex(raw)).ok()?,
        Type::DATE => match bytes.i32()? {
            i32::MAX => out.push_str("infinity"),
            i32::MIN => out.push_str("-infinity"),
            days => {
                let is_before = date(i64::from(days), out)?;
                out.push_str(is_before);
            }
        },
        Type::TIME => time(bytes.i64()?, out)?,
        Type::TIMETZ => {
            time(bytes.i64()?, out)?;
            zone(bytes.i32()?, out)?;
        }
        Type::TIMESTAMP => timestamp(bytes.i64()?, "", out)?,
        Type::TIMESTAMPTZ => timestamp(bytes.i64()?, "+00", out)?,
        Type::INTERVAL => {
            let (micros, days, months) = (bytes.i64()?, bytes.i32()?, bytes.i32()?);
            interval(months, days, micros, out)?;
        }
        Type::BIT | Type::VARBIT => {
            let count = usize::try_from(bytes.i32()?).ok()?;
            let bit = |index: usize| bytes.0.get(index / 8).map(|byte| byte >> (7 - index % 8) & 1);
            for index in 0..count {
                out.push(if bit(index)? == 1 { '1' } else { '0' });
            }
        }
        Type::INET | Type::CIDR => address(&mut bytes, *sql_type == Type::CIDR, out)?,
        Type::MACADDR | Type::MACADDR8 => {
            for (index, byte) in raw.iter().enumerate() {
                write!(out, "{}{byte:02x}", if index == 0 { "" } else { ":" }).ok()?;
            }
        }
        Type::POINT => point(&mut bytes, out)?,
        Type::LSEG => points(&mut bytes, 2, "[", "]", out)?,
        Type::BOX => points(&mut bytes, 2, "", "", out)?,
        Type::PATH => {
            let (open, close) = if bytes.u8()? == 1 { ("(", ")") } else { ("[", "]") };
            let count = bytes.i32()?;
            points(&mut bytes, count, open, close, out)?;
        }
        Type::POLYGON => {
            let count = bytes.i32()?;
            points(&mut bytes, count, "(", ")", out)?;
        }
        Type::LINE => {
            for (index, around) in ["{", ",", ","].into_iter().enumerate() {
                out.push_str(around);
                coordinate(&mut bytes, out)?;
                out.push_str(if index == 2 { "}" } else { "" });
            }
        }
        Type::CIRCLE => {
            out.push('<');
            point(&mut bytes, out)?;
            out.push(',');
            coordinate(&mut bytes, out)?;
            out.push('>');
        }
        Type::TS_VECTOR => lexemes(&mut bytes, out)?,
        Type::PG_LSN => write!(out, "{:X}/{:X}", bytes.i32()? as u32, bytes.i32()? as u32).ok()?,
        _ => match sql_type.name() {
            "geometry" | "geography" => out.push_str(&to_hex(raw).to_uppercase()),
            "ltree" | "lquery" | "ltxtquery" => out.push_str(std::str::from_utf8(raw.get(1..)?).ok()?),
            "hstore" => hstore(&mut bytes, out)?,
            _ => out.push_str(std::str::from_utf8(raw).ok()?),
        },
    }
    Some(())
}

/// What is left of a value's bytes.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn u8(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn i16(&mut self) -> Option<i16> {
        self.take(2)?.try_into().ok().map(i16::from_be_bytes)
    }

    fn i32(&mut self) -> Option<i32> {
        self.take(4)?.try_into().ok().map(i32::from_be_bytes)
    }

    fn i64(&mut self) -> Option<i64> {
        self.take(8)?.try_into().ok().map(i64::from_be_bytes)
    }

    /// A length and as many bytes; `Some(None)` for NULL.
    fn field(&mut self) -> Option<Option<&'a [u8]>> {
        match self.i32()? {
            -1 => Some(None),
            length => self.take(usize::try_from(length).ok()?).map(Some),
        }
    }
}

/// A float in the shortest form that reads back as the same, with an exponent from `digits` digits on.
fn float(scientific: &str, digits: i32, out: &mut String) -> Option<()> {
    let Some((mantissa, exponent)) = scientific.split_once('e') else {
        out.push_str(match scientific {
            "inf" => "Infinity",
            "-inf" => "-Infinity",
            _ => "NaN",
        });
        return Some(());
    };
    let exponent: i32 = exponent.parse().ok()?;
    if exponent < -4 || exponent >= digits {
        return write!(out, "{mantissa}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs()).ok();
    }
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |mantissa| ("-", mantissa));
    let all: String = mantissa.chars().filter(|c| *c != '.').collect();
    out.push_str(sign);
    if exponent < 0 {
        let zeros = "0".repeat(usize::try_from(-exponent - 1).ok()?);
        return write!(out, "0.{zeros}{all}").ok();
    }
    let whole = usize::try_from(exponent).ok()? + 1;
    match all.split_at_checked(whole) {
        Some((whole, "")) => out.push_str(whole),
        Some((whole, fraction)) => write!(out, "{whole}.{fraction}").ok()?,
        None => write!(out, "{all:0<whole$}").ok()?,
    }
    Some(())
}

/// A day counted from 2000-01-01; what is written behind it for years before 1.
fn date(days: i64, out: &mut String) -> Option<&'static str> {
    // Days from 0000-03-01 on, in eras of 400 years.
    let days = days + i64::from(EPOCH_DAYS) + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (year, behind) = if year > 0 { (year, "") } else { (1 - year, " BC") };
    write!(out, "{year:04}-{month:02}-{day:02}").ok()?;
    Some(behind)
}

fn time(micros: i64, out: &mut String) -> Option<()> {
    let (seconds, fraction) = (micros / 1_000_000, micros % 1_000_000);
    write!(out, "{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60).ok()?;
    part(fraction, out)
}

/// Microseconds behind a point, without zeros at the end.
fn part(micros: i64, out: &mut String) -> Option<()> {
    if micros != 0 {
        let digits = format!("{micros:06}");
        write!(out, ".{}", digits.trim_end_matches('0')).ok()?;
    }
    Some(())
}

/// A zone, which is sent in seconds west of Greenwich.
fn zone(west: i32, out: &mut String) -> Option<()> {
    let seconds = west.checked_neg()?;
    let (sign, seconds) = (if seconds < 0 { '-' } else { '+' }, seconds.abs());
    write!(out, "{sign}{:02}", seconds / 3_600).ok()?;
    if seconds % 3_600 != 0 {
        write!(out, ":{:02}", seconds / 60 % 60).ok()?;
    }
    if seconds % 60 != 0 {
        write!(out, ":{:02}", seconds % 60).ok()?;
    }
    Some(())
}

fn timestamp(micros: i64, zone: &str, out: &mut String) -> Option<()> {
    match micros {
        i64::MAX => out.push_str("infinity"),
        i64::MIN => out.push_str("-infinity"),
        micros => {
            let behind = date(micros.div_euclid(86_400_000_000), out)?;
            out.push(' ');
            time(micros.rem_euclid(86_400_000_000), out)?;
            write!(out, "{zone}{behind}").ok()?;
        }
    }
    Some(())
}

/// `P1Y2M3DT4H5M6.7S`, each part with its own sign.
fn interval(months: i32, days: i32, micros: i64, out: &mut String) -> Option<()> {
    match (months, days, micros) {
        (i32::MAX, i32::MAX, i64::MAX) => out.push_str("infinity"),
        (i32::MIN, i32::MIN, i64::MIN) => out.push_str("-infinity"),
        (0, 0, 0) => out.push_str("PT0S"),
        _ => {
            out.push('P');
            for (count, unit) in [(months / 12, 'Y'), (months % 12, 'M'), (days, 'D')] {
                if count != 0 {
                    write!(out, "{count}{unit}").ok()?;
                }
            }
            if micros == 0 {
                return Some(());
            }
            out.push('T');
            let (seconds, fraction) = (micros / 1_000_000, micros % 1_000_000);
            for (count, unit) in [(seconds / 3_600, 'H'), (seconds / 60 % 60, 'M')] {
                if count != 0 {
                    write!(out, "{count}{unit}").ok()?;
                }
            }
            if seconds % 60 != 0 || fraction != 0 {
                let sign = if micros < 0 { "-" } else { "" };
                write!(out, "{sign}{}", (seconds % 60).abs()).ok()?;
                part(fraction.abs(), out)?;
                out.push('S');
            }
        }
    }
    Some(())
}

fn address(bytes: &mut Bytes<'_>, always_masked: bool, out: &mut String) -> Option<()> {
    let (_family, mask, _is_cidr, length) = (bytes.u8()?, bytes.u8()?, bytes.u8()?, bytes.u8()?);
    let raw = bytes.take(usize::from(length))?;
    let (address, full) = match raw.len() {
        4 => (std::net::IpAddr::from(<[u8; 4]>::try_from(raw).ok()?), 32),
        16 => (std::net::IpAddr::from(<[u8; 16]>::try_from(raw).ok()?), 128),
        _ => return None,
    };
    write!(out, "{address}").ok()?;
    if always_masked || mask != full {
        write!(out, "/{mask}").ok()?;
    }
    Some(())
}

fn coordinate(bytes: &mut Bytes<'_>, out: &mut String) -> Option<()> {
    float(&format!("{:e}", f64::from_bits(bytes.i64()? as u64)), 15, out)
}

fn point(bytes: &mut Bytes<'_>, out: &mut String) -> Option<()> {
    out.push('(');
    coordinate(bytes, out)?;
    out.push(',');
    coordinate(bytes, out)?;
    out.push(')');
    Some(())
}

fn points(bytes: &mut Bytes<'_>, count: i32, open: &str, close: &str, out: &mut String) -> Option<()> {
    out.push_str(open);
    for index in 0..count {
        if index > 0 {
            out.push(',');
        }
        point(bytes, out)?;
    }
    out.push_str(close);
    Some(())
}

/// `'word':1A,2 'other':3`
fn lexemes(bytes: &mut Bytes<'_>, out: &mut String) -> Option<()> {
    for index in 0..bytes.i32()? {
        let end = bytes.0.iter().position(|byte| *byte == 0)?;
        let word = std::str::from_utf8(bytes.take(end)?).ok()?;
        bytes.u8()?;
        let space = if index == 0 { "" } else { " " };
        write!(out, "{space}'{}'", word.replace('\'', "''").replace('\\', "\\\\")).ok()?;
        for place in 0..bytes.i16()? {
            let packed = bytes.i16()? as u16;
            write!(out, "{}{}", if place == 0 { ':' } else { ',' }, packed & 0x3fff).ok()?;
            out.push_str(["", "C", "B", "A"].get(usize::from(packed >> 14))?);
        }
    }
    Some(())
}

fn hstore(bytes: &mut Bytes<'_>, out: &mut String) -> Option<()> {
    let quote = |text: &[u8], out: &mut String| -> Option<()> {
        let text = std::str::from_utf8(text).ok()?;
        write!(out, "\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")).ok()
    };
    for index in 0..bytes.i32()? {
        if index > 0 {
            out.push_str(", ");
        }
        quote(bytes.field()??, out)?;
        out.push_str("=>");
        match bytes.field()? {
            None => out.push_str("NULL"),
            Some(value) => quote(value, out)?,
        }
    }
    Some(())
}

fn array(inner: &Type, bytes: &mut Bytes<'_>, out: &mut String) -> Option<()> {
    let (dimensions, _has_null, _oid) = (bytes.i32()?, bytes.i32()?, bytes.i32()?);
    let mut lengths = Vec::new();
    let mut bounds = String::new();
    let mut is_shifted = false;
    for _ in 0..dimensions {
        let (length, lower) = (bytes.i32()?, bytes.i32()?);
        is_shifted |= lower != 1;
        write!(bounds, "[{lower}:{}]", i64::from(lower) + i64::from(length) - 1).ok()?;
        lengths.push(length);
    }
    if lengths.is_empty() {
        out.push_str("{}");
        return Some(());
    }
    if is_shifted {
        write!(out, "{bounds}=").ok()?;
    }
    elements(inner, &lengths, bytes, out)
}

fn elements(inner: &Type, lengths: &[i32], bytes: &mut Bytes<'_>, out: &mut String) -> Option<()> {
    let (&length, rest) = lengths.split_first()?;
    // Boxes have commas of their own.
    let between = if *inner == Type::BOX { ';' } else { ',' };
    out.push('{');
    for index in 0..length {
        if index > 0 {
            out.push(between);
        }
        if !rest.is_empty() {
            elements(inner, rest, bytes, out)?;
            continue;
        }
        match bytes.field()? {
            None => out.push_str("NULL"),
            Some(raw) => {
                let mut text = String::new();
                print(inner, raw, &mut text)?;
                let is_plain = !text.is_empty()
                    && !text.eq_ignore_ascii_case("null")
                    && !text.contains(|c: char| matches!(c, '{' | '}' | '"' | '\\') || c == between || is_space(c));
                match is_plain {
                    true => out.push_str(&text),
                    false => write!(out, "\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")).ok()?,
                }
            }
        }
    }
    out.push('}');
    Some(())
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}')
}

/// A value inside parentheses or a range, in quotes where it needs them; these are doubled inside.
fn member(inner: &Type, raw: &[u8], out: &mut String) -> Option<()> {
    let mut text = String::new();
    print(inner, raw, &mut text)?;
    let special = |c: char| matches!(c, '(' | ')' | '[' | ']' | ',' | '"' | '\\') || is_space(c);
    match text.is_empty() || text.contains(special) {
        true => write!(out, "\"{}\"", text.replace('\\', "\\\\").replace('"', "\"\"")).ok(),
        false => {
            out.push_str(&text);
            Some(())
        }
    }
}

fn range(inner: &Type, bytes: &mut Bytes<'_>, out: &mut String) -> Option<()> {
    let flags = bytes.u8()?;
    if flags & 0x01 != 0 {
        out.push_str("empty");
        return Some(());
    }
    out.push(if flags & 0x02 != 0 { '[' } else { '(' });
    if flags & 0x08 == 0 {
        member(inner, bytes.field()??, out)?;
    }
    out.push(',');
    if flags & 0x10 == 0 {
        member(inner, bytes.field()??, out)?;
    }
    out.push(if flags & 0x04 != 0 { ']' } else { ')' });
    Some(())
}

fn multirange(inner: &Type, bytes: &mut Bytes<'_>, out: &mut String) -> Option<()> {
    out.push('{');
    for index in 0..bytes.i32()? {
        if index > 0 {
            out.push(',');
        }
        range(inner, &mut Bytes(bytes.field()??), out)?;
    }
    out.push('}');
    Some(())
}

fn record(types: &[&Type], bytes: &mut Bytes<'_>, out: &mut String) -> Option<()> {
    let count = usize::try_from(bytes.i32()?).ok()?;
    if count != types.len() {
        return None;
    }
    out.push('(');
    for (index, inner) in types.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        bytes.i32()?;
        if let Some(raw) = bytes.field()? {
            member(inner, raw, out)?;
        }
    }
    out.push(')');
    Some(())
}
