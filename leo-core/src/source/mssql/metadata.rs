//! The exact types of a result's columns, read from the COLMETADATA token (MS-TDS 2.2.7.4) that the driver keeps to itself in part: it
//! tells neither precision nor scale of decimals, and nothing of a type's name.

/// Type of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Null,
    Bit,
    TinyInt,
    SmallInt,
    Int,
    BigInt,
    Real,
    Float,
    Decimal {
        precision: u8,
        scale: u8,
    },
    Money,
    SmallMoney,
    Guid,
    DateTime,
    SmallDateTime,
    Date,
    Time,
    DateTime2,
    DateTimeOffset,
    Text,
    Xml,
    Bytes,
    /// A type of the server's runtime: `geometry`, `geography`, `hierarchyid`, or a user's.
    Udt(String),
    Variant,
}

/// The types in the first COLMETADATA of an answer. `None` when there is none, or it is of a form that is not known.
pub(super) fn read(answer: &[u8]) -> Option<Vec<Kind>> {
    let mut reader = Reader(answer);
    loop {
        match reader.byte()? {
            0x81 => return columns(&mut reader),
            // RETURNSTATUS
            0x79 => reader.skip(4)?,
            // DONE, DONEPROC, DONEINPROC
            0xfd..=0xff => reader.skip(12)?,
            // ENVCHANGE, INFO, ERROR, ORDER, TABNAME, COLINFO
            0xe3 | 0xab | 0xaa | 0xa9 | 0xa4 | 0xa5 => {
                let length = usize::from(reader.short()?);
                reader.skip(length)?;
            }
            _ => return None,
        }
    }
}

fn columns(reader: &mut Reader<'_>) -> Option<Vec<Kind>> {
    let count = reader.short()?;
    if count == 0xffff {
        return None;
    }
    (0..count)
        .map(|_| {
            // UserType, Flags
            reader.skip(6)?;
            let (kind, has_table_name) = kind(reader)?;
            if has_table_name {
                for _ in 0..reader.byte()? {
                    reader.text16()?;
                }
            }
            reader.text8()?;
            Some(kind)
        })
        .collect()
}

/// TYPE_INFO (MS-TDS 2.2.5.6), and whether a table's name follows.
fn kind(reader: &mut Reader<'_>) -> Option<(Kind, bool)> {
    let kind = match reader.byte()? {
        0x1f => Kind::Null,
        0x30 => Kind::TinyInt,
        0x32 => Kind::Bit,
        0x34 => Kind::SmallInt,
        0x38 => Kind::Int,
        0x3a => Kind::SmallDateTime,
        0x3b => Kind::Real,
        0x3c => Kind::Money,
        0x3d => Kind::DateTime,
        0x3e => Kind::Float,
        0x7a => Kind::SmallMoney,
        0x7f => Kind::BigInt,
        0x24 => {
            reader.skip(1)?;
            Kind::Guid
        }
        0x26 => match reader.byte()? {
            1 => Kind::TinyInt,
            2 => Kind::SmallInt,
            4 => Kind::Int,
            8 => Kind::BigInt,
            _ => return None,
        },
        0x68 => {
            reader.skip(1)?;
            Kind::Bit
        }
        0x37 | 0x3f | 0x6a | 0x6c => {
            reader.skip(1)?;
            Kind::Decimal { precision: reader.byte()?, scale: reader.byte()? }
        }
        0x6d => match reader.byte()? {
            4 => Kind::Real,
            8 => Kind::Float,
            _ => return None,
        },
        0x6e => match reader.byte()? {
            4 => Kind::SmallMoney,
            8 => Kind::Money,
            _ => return None,
        },
        0x6f => match reader.byte()? {
            4 => Kind::SmallDateTime,
            8 => Kind::DateTime,
            _ => return None,
        },
        0x28 => Kind::Date,
        0x29 => {
            reader.skip(1)?;
            Kind::Time
        }
        0x2a => {
            reader.skip(1)?;
            Kind::DateTime2
        }
        0x2b => {
            reader.skip(1)?;
            Kind::DateTimeOffset
        }
        // Binary, then characters with their collation.
        0xa5 | 0xad => {
            reader.skip(2)?;
            Kind::Bytes
        }
        0xa7 | 0xaf | 0xe7 | 0xef => {
            reader.skip(2 + 5)?;
            Kind::Text
        }
        0x22 => {
            reader.skip(4)?;
            return Some((Kind::Bytes, true));
        }
        0x23 | 0x63 => {
            reader.skip(4 + 5)?;
            return Some((Kind::Text, true));
        }
        0x62 => {
            reader.skip(4)?;
            Kind::Variant
        }
        0xf1 => {
            if reader.byte()? == 1 {
                reader.text8()?;
                reader.text8()?;
                reader.text16()?;
            }
            Kind::Xml
        }
        0xf0 => {
            reader.skip(2)?;
            reader.text8()?;
            reader.text8()?;
            let name = reader.text8()?;
            reader.text16()?;
            Kind::Udt(name)
        }
        _ => return None,
    };
    Some((kind, false))
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn short(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes([self.byte()?, self.byte()?]))
    }

    fn skip(&mut self, bytes: usize) -> Option<()> {
        self.0 = self.0.get(bytes..)?;
        Some(())
    }

    fn text(&mut self, units: usize) -> Option<String> {
        let units: Option<Vec<u16>> = (0..units).map(|_| self.short()).collect();
        Some(String::from_utf16_lossy(&units?))
    }

    /// A text with its length in one byte.
    fn text8(&mut self) -> Option<String> {
        let units = usize::from(self.byte()?);
        self.text(units)
    }

    /// A text with its length in two bytes.
    fn text16(&mut self) -> Option<String> {
        let units = usize::from(self.short()?);
        self.text(units)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn types_are_read_with_all_that_belongs_to_them() {
        let mut answer = vec![];
        // INFO of three bytes, then COLMETADATA.
        answer.extend_from_slice(&[0xab, 3, 0, 1, 2, 3, 0x81, 5, 0]);
        let column = |info: &[u8]| {
            let mut bytes = vec![0; 6];
            bytes.extend_from_slice(info);
            bytes.extend_from_slice(&[1, b'c', 0]);
            bytes
        };
        answer.extend(column(&[0x6c, 17, 38, 10]));
        answer.extend(column(&[0xe7, 0xff, 0xff, 9, 4, 0xd0, 0, 0x34]));
        // text of the table `t`
        answer.extend(column(&[0x23, 0xff, 0xff, 0xff, 0x7f, 9, 4, 0xd0, 0, 0x34, 1, 1, 0, b't', 0]));
        answer.extend(column(&[0x6e, 8]));
        let mut udt = vec![0xf0, 0xff, 0xff, 0, 3, b's', 0, b'y', 0, b's', 0, 3, b'g', 0, b'e', 0, b'o', 0];
        udt.extend_from_slice(&[0, 0]);
        answer.extend(column(&udt));
        let kinds = read(&answer).unwrap();
        assert_eq!(
            kinds,
            [Kind::Decimal { precision: 38, scale: 10 }, Kind::Text, Kind::Text, Kind::Money, Kind::Udt("geo".into())]
        );
        for cut in 0..answer.len() {
            assert_eq!(read(&answer[..cut]), None);
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&bytes);
            let mut columns = vec![0x81];
            columns.extend(bytes);
            let _ = read(&columns);
        }
    }
}
