//! Shapes as text: MySQL sends four bytes of a reference system and then WKB; people and charts read WKT.

use std::fmt::Write as _;

/// Collections in collections that are followed.
const DEPTH: usize = 32;

/// The WKT of a shape; `None` when the bytes are none.
pub(super) fn to_wkt(bytes: &[u8]) -> Option<String> {
    let mut reader = Reader { bytes: bytes.get(4..)?, little: true };
    let mut text = String::new();
    shape(&mut reader, &mut text, DEPTH)?;
    reader.bytes.is_empty().then_some(text)
}

struct Reader<'a> {
    bytes: &'a [u8],
    little: bool,
}

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.bytes.split_first_chunk::<N>()?;
        self.bytes = rest;
        Some(*taken)
    }

    fn number(&mut self) -> Option<u32> {
        let bytes = self.take()?;
        Some(if self.little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }

    fn coordinate(&mut self) -> Option<f64> {
        let bytes = self.take()?;
        Some(if self.little { f64::from_le_bytes(bytes) } else { f64::from_be_bytes(bytes) })
    }
}

fn shape(reader: &mut Reader<'_>, text: &mut String, depth: usize) -> Option<()> {
    reader.little = reader.take::<1>()? != [0];
    let depth = depth.checked_sub(1)?;
    match reader.number()? {
        1 => {
            text.push_str("POINT(");
            point(reader, text)?;
            text.push(')');
        }
        2 => {
            text.push_str("LINESTRING");
            list(reader, text, point)?;
        }
        3 => {
            text.push_str("POLYGON");
            list(reader, text, |reader, text| list(reader, text, point))?;
        }
        4 => {
            text.push_str("MULTIPOINT");
            list(reader, text, |reader, text| member(reader, text, depth))?;
        }
        5 => {
            text.push_str("MULTILINESTRING");
            list(reader, text, |reader, text| member(reader, text, depth))?;
        }
        6 => {
            text.push_str("MULTIPOLYGON");
            list(reader, text, |reader, text| member(reader, text, depth))?;
        }
        7 => {
            text.push_str("GEOMETRYCOLLECTION");
            list(reader, text, |reader, text| shape(reader, text, depth))?;
        }
        _ => return None,
    }
    Some(())
}

/// A shape inside a shape of its kind, whose name is left out.
fn member(reader: &mut Reader<'_>, text: &mut String, depth: usize) -> Option<()> {
    let mut whole = String::new();
    shape(reader, &mut whole, depth)?;
    text.push_str(whole.get(whole.find('(')?..)?);
    Some(())
}

fn point(reader: &mut Reader<'_>, text: &mut String) -> Option<()> {
    let (x, y) = (reader.coordinate()?, reader.coordinate()?);
    write!(text, "{x} {y}").ok()
}

fn list(
    reader: &mut Reader<'_>,
    text: &mut String,
    mut one: impl FnMut(&mut Reader<'_>, &mut String) -> Option<()>,
) -> Option<()> {
    text.push('(');
    for index in 0..reader.number()? {
        if index > 0 {
            text.push(',');
        }
        one(reader, text)?;
    }
    text.push(')');
    Some(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bytes(kind: u32, rest: &[u8]) -> Vec<u8> {
        [&[0, 0, 0, 0, 1][..], &kind.to_le_bytes(), rest].concat()
    }

    #[test]
    fn shapes_are_written_as_text() {
        let point = [1.5_f64.to_le_bytes(), (-2.0_f64).to_le_bytes()].concat();
        assert_eq!(to_wkt(&bytes(1, &point)).unwrap(), "POINT(1.5 -2)");
        let line = [&2_u32.to_le_bytes()[..], &point, &point].concat();
        assert_eq!(to_wkt(&bytes(2, &line)).unwrap(), "LINESTRING(1.5 -2,1.5 -2)");
        let inner = &bytes(1, &point)[4..];
        let many = [&1_u32.to_le_bytes()[..], inner].concat();
        assert_eq!(to_wkt(&bytes(4, &many)).unwrap(), "MULTIPOINT((1.5 -2))");
        assert_eq!(to_wkt(&bytes(7, &many)).unwrap(), "GEOMETRYCOLLECTION(POINT(1.5 -2))");
    }

    proptest! {
        #[test]
        fn bytes_that_are_no_shape_are_none(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = to_wkt(&bytes);
        }
    }

    #[test]
    fn collections_in_collections_end() {
        let mut nested = Vec::new();
        for _ in 0..10_000 {
            nested.extend([1, 7, 0, 0, 0, 1, 0, 0, 0]);
        }
        assert!(to_wkt(&[&[0, 0, 0, 0][..], &nested].concat()).is_none());
    }
}
