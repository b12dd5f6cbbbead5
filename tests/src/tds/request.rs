//! What a client asks: SQL batches (MS-TDS 2.2.6.7) and remote procedure calls (2.2.6.6).

use super::packet::{BATCH, RPC};

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Whether it is a call of a procedure; else a batch.
    pub is_call: bool,
    /// The procedure's name, or `#10` where it was called by number (10 is `sp_executesql`).
    pub procedure: String,
    /// The text of the batch, or of the statement that `sp_executesql` is to run.
    pub sql: String,
    /// What the call declares of its placeholders.
    pub declared: String,
    /// The placeholders.
    pub params: Vec<Param>,
}

/// A parameter of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Param {
    /// Its name.
    pub name: String,
    /// The first byte of its TYPE_INFO (2.2.5.6): 0x26 an integer, 0xe7 text, 0x1f NULL without a type.
    pub type_byte: u8,
    /// Its bytes; `None` for NULL.
    pub value: Option<Vec<u8>>,
}

impl Param {
    /// The value as text.
    pub fn text(&self) -> Option<String> {
        Some(utf16(self.value.as_ref()?))
    }
}

pub(super) fn utf16(bytes: &[u8]) -> String {
    let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    String::from_utf16_lossy(&units)
}

impl Request {
    pub(super) fn parse(kind: u8, payload: &[u8]) -> Option<Self> {
        // ALL_HEADERS (2.2.5.3) come first, with their length.
        let headers = usize::try_from(u32::from_le_bytes(payload.get(..4)?.try_into().ok()?)).ok()?;
        let body = payload.get(headers..)?;
        let empty =
            Self { is_call: false, procedure: String::new(), sql: String::new(), declared: String::new(), params: vec![] };
        match kind {
            BATCH => Some(Self { sql: utf16(body), ..empty }),
            RPC => Self::call(body, empty),
            _ => None,
        }
    }

    fn call(body: &[u8], empty: Self) -> Option<Self> {
        let mut reader = Reader(body);
        let length = reader.short()?;
        let procedure =
            if length == 0xffff { format!("#{}", reader.short()?) } else { utf16(reader.bytes(usize::from(length) * 2)?) };
        reader.short()?;
        let mut params = Vec::new();
        while !reader.0.is_empty() {
            let units = usize::from(reader.byte()?);
            let name = utf16(reader.bytes(units * 2)?);
            reader.byte()?;
            let (type_byte, value) = reader.value()?;
            params.push(Param { name, type_byte, value });
        }
        let is_executesql = procedure == "#10" || procedure == "sp_executesql";
        if !is_executesql {
            return Some(Self { is_call: true, procedure, params, ..empty });
        }
        let mut params = params.into_iter();
        let sql = params.next()?.text()?;
        let declared = params.next().and_then(|param| param.text()).unwrap_or_default();
        Some(Self { is_call: true, procedure, sql, declared, params: params.collect() })
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(head)
    }

    fn byte(&mut self) -> Option<u8> {
        Some(self.bytes(1)?[0])
    }

    fn short(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes(self.bytes(2)?.try_into().ok()?))
    }

    /// TYPE_INFO and TYPE_VARBYTE of the types that clients send here.
    fn value(&mut self) -> Option<(u8, Option<Vec<u8>>)> {
        let kind = self.byte()?;
        let value = match kind {
            // NULLTYPE: a NULL of no type.
            0x1f => None,
            // INTNTYPE, BITNTYPE, FLTNTYPE, GUIDTYPE
            0x26 | 0x68 | 0x6d | 0x24 => {
                self.byte()?;
                let length = usize::from(self.byte()?);
                (length > 0).then_some(self.bytes(length)?)
            }
            // DECIMALNTYPE, NUMERICNTYPE
            0x6a | 0x6c => {
                self.bytes(3)?;
                let length = usize::from(self.byte()?);
                (length > 0).then_some(self.bytes(length)?)
            }
            // BIGVARBINTYPE; NVARCHARTYPE with its collation
            0xa5 | 0xe7 => {
                let most = self.short()?;
                if kind == 0xe7 {
                    self.bytes(5)?;
                }
                if most == 0xffff {
                    return Some((kind, self.parts()?));
                }
                let length = self.short()?;
                if length == 0xffff { None } else { Some(self.bytes(usize::from(length))?) }
            }
            other => panic!("no client sends the type {other:#x} here"),
        };
        Some((kind, value.map(<[u8]>::to_vec)))
    }

    /// PLP_BODY (2.2.5.2.3).
    fn parts(&mut self) -> Option<Option<Vec<u8>>> {
        let total = u64::from_le_bytes(self.bytes(8)?.try_into().ok()?);
        if total == u64::MAX {
            return Some(None);
        }
        let mut whole = Vec::new();
        loop {
            let length = usize::try_from(u32::from_le_bytes(self.bytes(4)?.try_into().ok()?)).ok()?;
            if length == 0 {
                return Some(Some(whole));
            }
            whole.extend_from_slice(self.bytes(length)?);
        }
    }
}
