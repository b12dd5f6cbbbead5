//! The tokens of an answer (MS-TDS 2.2.7).

/// A text with its length in units in two bytes (US_VARCHAR, 2.2.5.1.2).
fn us_varchar(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let mut bytes = (units.len() as u16).to_le_bytes().to_vec();
    bytes.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
    bytes
}

/// A text with its length in units in one byte (B_VARCHAR).
fn b_varchar(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let mut bytes = vec![units.len() as u8];
    bytes.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
    bytes
}

fn with_length(token: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![token];
    bytes.extend((body.len() as u16).to_le_bytes());
    bytes.extend_from_slice(body);
    bytes
}

/// LOGINACK (2.2.7.14) of version 7.4.
pub fn login_ack() -> Vec<u8> {
    let mut body = vec![1, 0x74, 0, 0, 4];
    body.extend(b_varchar("Peer"));
    body.extend_from_slice(&[15, 0, 0x07, 0xd0]);
    with_length(0xad, &body)
}

/// ENVCHANGE (2.2.7.9) of the size of packets.
pub fn packet_size() -> Vec<u8> {
    let mut body = vec![4];
    body.extend(b_varchar("4096"));
    body.extend(b_varchar("4096"));
    with_length(0xe3, &body)
}

/// ENVCHANGE of type 8, 9 or 10: a transaction began, was committed, was rolled back.
pub fn transaction(kind: u8, descriptor: u64) -> Vec<u8> {
    let mut body = vec![kind];
    let (new, old) = if kind == 8 { (8, 0) } else { (0, 8) };
    body.push(new);
    if new > 0 {
        body.extend(descriptor.to_le_bytes());
    }
    body.push(old);
    if old > 0 {
        body.extend(descriptor.to_le_bytes());
    }
    with_length(0xe3, &body)
}

/// ENVCHANGE of type 20: go to another server.
pub fn routing(host: &str, port: u16) -> Vec<u8> {
    let mut value = vec![0];
    value.extend(port.to_le_bytes());
    value.extend(us_varchar(host));
    let mut body = vec![20];
    body.extend((value.len() as u16).to_le_bytes());
    body.extend(value);
    body.extend_from_slice(&[0, 0]);
    with_length(0xe3, &body)
}

/// ERROR (2.2.7.10).
pub fn error(number: u32, class: u8, message: &str) -> Vec<u8> {
    message_token(0xaa, number, class, message)
}

/// INFO (2.2.7.13).
pub fn info(number: u32, message: &str) -> Vec<u8> {
    message_token(0xab, number, 0, message)
}

fn message_token(token: u8, number: u32, class: u8, message: &str) -> Vec<u8> {
    let mut body = number.to_le_bytes().to_vec();
    body.extend_from_slice(&[1, class]);
    body.extend(us_varchar(message));
    body.extend(b_varchar("peer"));
    body.extend(b_varchar(""));
    body.extend(1_u32.to_le_bytes());
    with_length(token, &body)
}

fn done_token(token: u8, status: u16, rows: u64) -> Vec<u8> {
    let mut bytes = vec![token];
    bytes.extend(status.to_le_bytes());
    bytes.extend(0xc1_u16.to_le_bytes());
    bytes.extend(rows.to_le_bytes());
    bytes
}

/// DONE (2.2.7.6): the end.
pub fn done() -> Vec<u8> {
    done_token(0xfd, 0, 0)
}

/// DONE with an error.
pub fn done_error() -> Vec<u8> {
    done_token(0xfd, 2, 0)
}

/// DONE that acknowledges an attention (2.2.1.7).
pub fn done_attention() -> Vec<u8> {
    done_token(0xfd, 0x20, 0)
}

/// DONEINPROC (2.2.7.7), RETURNSTATUS (2.2.7.18) and DONEPROC (2.2.7.8): how a call of a procedure ends.
pub fn done_procedure(rows: u64) -> Vec<u8> {
    let mut bytes = done_token(0xff, 0x11, rows);
    bytes.extend_from_slice(&[0x79, 0, 0, 0, 0]);
    bytes.extend(done_token(0xfe, 0, 0));
    bytes
}

/// A type of a column (TYPE_INFO, 2.2.5.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// BITNTYPE
    Bit,
    /// INTNTYPE of 1, 2, 4 or 8 bytes
    Int(u8),
    /// FLTNTYPE of 4 or 8 bytes
    Float(u8),
    /// NUMERICNTYPE
    Decimal(u8, u8),
    /// MONEYNTYPE of 4 or 8 bytes
    Money(u8),
    /// NVARCHARTYPE of so many bytes; 0xffff for `max`
    NVarchar(u16),
    /// BIGVARCHARTYPE with the collation Latin1_General_CI_AS
    Varchar(u16),
    /// BIGVARBINTYPE
    Varbinary(u16),
    /// GUIDTYPE
    Guid,
    /// DATENTYPE
    Date,
    /// TIMENTYPE
    Time(u8),
    /// DATETIMNTYPE of 4 or 8 bytes
    Datetime(u8),
    /// DATETIME2NTYPE
    Datetime2(u8),
    /// DATETIMEOFFSETNTYPE
    Offset(u8),
    /// XMLTYPE
    Xml,
}

const COLLATION: [u8; 5] = [0x09, 0x04, 0xd0, 0x00, 0x34];

impl Type {
    fn info(self) -> Vec<u8> {
        let sized = |kind: u8, size: u16, collation: &[u8]| {
            let mut bytes = vec![kind];
            bytes.extend(size.to_le_bytes());
            bytes.extend_from_slice(collation);
            bytes
        };
        match self {
            Self::Bit => vec![0x68, 1],
            Self::Int(size) => vec![0x26, size],
            Self::Float(size) => vec![0x6d, size],
            Self::Decimal(precision, scale) => vec![0x6c, 17, precision, scale],
            Self::Money(size) => vec![0x6e, size],
            Self::NVarchar(size) => sized(0xe7, size, &COLLATION),
            Self::Varchar(size) => sized(0xa7, size, &COLLATION),
            Self::Varbinary(size) => sized(0xa5, size, &[]),
            Self::Guid => vec![0x24, 16],
            Self::Date => vec![0x28],
            Self::Time(scale) => vec![0x29, scale],
            Self::Datetime(size) => vec![0x6f, size],
            Self::Datetime2(scale) => vec![0x2a, scale],
            Self::Offset(scale) => vec![0x2b, scale],
            Self::Xml => vec![0xf1, 0],
        }
    }
}

/// A value of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// NULL
    Null,
    /// Of bits and integers, and of `money` in ten-thousandths.
    Int(i64),
    /// Of floats.
    Float(f64),
    /// The digits of a decimal.
    Decimal(i128),
    /// Of text and XML.
    Text(String),
    /// Of binaries and GUIDs.
    Bytes(Vec<u8>),
    /// Of a `max` type or XML: the bytes in parts, their sum untold.
    Parts(Vec<Vec<u8>>),
    /// Days, then parts of the day as the type counts them, then minutes of the offset.
    Moment(i64, u64, i16),
}

/// COLMETADATA (2.2.7.4).
pub fn columns(columns: &[(&str, Type)]) -> Vec<u8> {
    let mut bytes = vec![0x81];
    bytes.extend((columns.len() as u16).to_le_bytes());
    for (name, kind) in columns {
        // UserType; Flags: nullable.
        bytes.extend_from_slice(&[0, 0, 0, 0, 1, 0]);
        bytes.extend(kind.info());
        bytes.extend(b_varchar(name));
    }
    bytes
}

/// ROW (2.2.7.19).
pub fn row(columns: &[(&str, Type)], cells: &[Cell]) -> Vec<u8> {
    let mut bytes = vec![0xd1];
    for ((_, kind), cell) in columns.iter().zip(cells) {
        bytes.extend(value(*kind, cell));
    }
    bytes
}

/// NBCROW (2.2.7.15): a bit for each NULL, and only the other values.
pub fn nbc_row(columns: &[(&str, Type)], cells: &[Cell]) -> Vec<u8> {
    let mut nulls = vec![0_u8; cells.len().div_ceil(8)];
    for (index, _) in cells.iter().enumerate().filter(|(_, cell)| **cell == Cell::Null) {
        nulls[index / 8] |= 1 << (index % 8);
    }
    let mut bytes = vec![0xd2];
    bytes.extend(nulls);
    for ((_, kind), cell) in columns.iter().zip(cells).filter(|(_, cell)| **cell != Cell::Null) {
        bytes.extend(value(*kind, cell));
    }
    bytes
}

/// TYPE_VARBYTE (2.2.5.2.3).
fn value(kind: Type, cell: &Cell) -> Vec<u8> {
    let short = |bytes: &[u8]| {
        let mut whole = vec![bytes.len() as u8];
        whole.extend_from_slice(bytes);
        whole
    };
    let long = |size: u16, bytes: &[u8]| {
        let mut whole = Vec::new();
        if size == 0xffff {
            // PLP_BODY: the length, one chunk, the end.
            whole.extend((bytes.len() as u64).to_le_bytes());
            if !bytes.is_empty() {
                whole.extend((bytes.len() as u32).to_le_bytes());
                whole.extend_from_slice(bytes);
            }
            whole.extend(0_u32.to_le_bytes());
        } else {
            whole.extend((bytes.len() as u16).to_le_bytes());
            whole.extend_from_slice(bytes);
        }
        whole
    };
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    match (kind, cell) {
        (Type::NVarchar(0xffff) | Type::Varchar(0xffff) | Type::Varbinary(0xffff) | Type::Xml, Cell::Null) => vec![0xff; 8],
        (Type::NVarchar(_) | Type::Varchar(_) | Type::Varbinary(_), Cell::Null) => vec![0xff, 0xff],
        (_, Cell::Null) => vec![0],
        (Type::Bit, Cell::Int(value)) => short(&[*value as u8]),
        (Type::Int(size), Cell::Int(value)) => short(&value.to_le_bytes()[..usize::from(size)]),
        (Type::Float(4), Cell::Float(value)) => short(&(*value as f32).to_le_bytes()),
        (Type::Float(_), Cell::Float(value)) => short(&value.to_le_bytes()),
        // The high half first (2.2.5.5.1.2).
        (Type::Money(8), Cell::Int(value)) => {
            let (high, low) = ((value >> 32) as i32, *value as u32);
            short(&[high.to_le_bytes(), low.to_le_bytes()].concat())
        }
        (Type::Money(_), Cell::Int(value)) => short(&(*value as i32).to_le_bytes()),
        // A sign and the digits (2.2.5.5.1.6).
        (Type::Decimal(..), Cell::Decimal(value)) => {
            let mut bytes = vec![u8::from(*value >= 0)];
            bytes.extend(value.unsigned_abs().to_le_bytes());
            short(&bytes)
        }
        // PLP_BODY of an unknown length.
        (_, Cell::Parts(parts)) => {
            let mut whole = 0xffff_ffff_ffff_fffe_u64.to_le_bytes().to_vec();
            for part in parts {
                whole.extend((part.len() as u32).to_le_bytes());
                whole.extend_from_slice(part);
            }
            whole.extend(0_u32.to_le_bytes());
            whole
        }
        (Type::NVarchar(size), Cell::Text(text)) => long(size, &utf16(text)),
        (Type::Varchar(size), Cell::Text(text)) => long(size, text.as_bytes()),
        (Type::Xml, Cell::Text(text)) => long(0xffff, &utf16(text)),
        (Type::Varbinary(size), Cell::Bytes(bytes)) => long(size, bytes),
        (Type::Guid, Cell::Bytes(bytes)) => short(bytes),
        (Type::Date, Cell::Moment(days, ..)) => short(&days.to_le_bytes()[..3]),
        (Type::Time(scale), Cell::Moment(_, parts, _)) => short(&parts.to_le_bytes()[..time_bytes(scale)]),
        (Type::Datetime(8), Cell::Moment(days, parts, _)) => {
            short(&[(*days as i32).to_le_bytes(), (*parts as u32).to_le_bytes()].concat())
        }
        (Type::Datetime(_), Cell::Moment(days, parts, _)) => {
            short(&[(*days as u16).to_le_bytes(), (*parts as u16).to_le_bytes()].concat())
        }
        (Type::Datetime2(scale), Cell::Moment(days, parts, _)) => {
            short(&[&parts.to_le_bytes()[..time_bytes(scale)], &days.to_le_bytes()[..3]].concat())
        }
        (Type::Offset(scale), Cell::Moment(days, parts, offset)) => {
            short(&[&parts.to_le_bytes()[..time_bytes(scale)], &days.to_le_bytes()[..3], &offset.to_le_bytes()].concat())
        }
        (kind, cell) => panic!("{cell:?} is no value of {kind:?}"),
    }
}

fn time_bytes(scale: u8) -> usize {
    match scale {
        0..=2 => 3,
        3..=4 => 4,
        _ => 5,
    }
}
