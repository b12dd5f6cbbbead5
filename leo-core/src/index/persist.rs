//! An index as bytes: a mark, a version, a checksum, and lists of numbers.
//!
//! What holds words and values of a source is as secret as the source: seal it where it is stored. A list is its length and its numbers, little
//! endian. Bytes that are cut, changed, of another version of the format or of other lists of words are refused, and the index is made anew;
//! every number is then checked where it is used, so that no bytes make a search panic.

use sha2::{Digest, Sha256};

use super::postings::Postings;
use super::{Entry, Index, Kind, Neighbours, TextVectors, Vectors};
use crate::error::{Error, Result};

/// What the bytes begin with.
const MARK: &[u8; 6] = b"leoidx";
/// Of the format, and of how words are read.
const VERSION: u16 = 1;
/// Mark, version, what follows, and the checksum.
const HEAD: usize = MARK.len() + 2 + 1 + 32;

/// What the bytes hold.
#[derive(Clone, Copy)]
enum Content {
    Index = 1,
    Vectors = 2,
    Texts = 3,
}

impl Index {
    /// The index as bytes.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut list = Lists::default();
        let words = &self.postings;
        list.add(super::words::fingerprint().to_le_bytes());
        list.add(words.text.bytes());
        list.add(u32s(&words.ends));
        list.add(u32s(&words.vector_ends));
        list.add(words.places.iter().copied());
        list.add(words.values.iter().map(|value| value.cast_unsigned()));
        list.add(words.groups.iter().flat_map(|(group, _)| group.to_le_bytes()));
        list.add(words.groups.iter().flat_map(|(_, word)| word.to_le_bytes()));
        list.add(u32s(&words.posting_ends));
        list.add(u32s(&words.documents));
        list.add(words.marks.iter().flat_map(|(field, weight)| [*field, *weight]));
        list.add(words.hashed.iter().flat_map(|(hash, document)| [*hash, *document]).flat_map(u32::to_le_bytes));
        list.add(self.entries.iter().flat_map(|entry| entry.table.to_le_bytes()));
        list.add(self.entries.iter().flat_map(|entry| entry.column.to_le_bytes()));
        list.add(self.entries.iter().flat_map(|entry| [entry.kind as u8, entry.length]));
        list.add(self.hashes.iter().flat_map(|hash| hash.to_le_bytes()));
        list.add(serde_json::to_vec(&self.ids).unwrap_or_default());
        list.add(u32s(&self.tables));
        list.add(u32s(&self.schemas));
        let near = &self.neighbours;
        list.add(u32s(&near.ends));
        list.add(near.others.iter().flat_map(|(other, number)| [*other, *number]).flat_map(u32::to_le_bytes));
        list.add(u32s(&near.column_ends));
        list.add(u32s(&near.columns));
        list.closed(Content::Index)
    }

    /// The index that became `bytes`. Bring it up to date with the catalogue of now before it is searched.
    ///
    /// # Errors
    /// `Malformed`; make it anew.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let mut rest = opened(bytes, Content::Index)?;
        let mut next = || list(&mut rest);
        if numbers(next()?, u64::from_le_bytes) != [super::words::fingerprint()] {
            return Err(unreadable("of other lists of words"));
        }
        let text = String::from_utf8(next()?.to_vec()).map_err(|_| unreadable("not of text"))?;
        let (ends, vector_ends, places) = (u32_list(next()?), u32_list(next()?), next()?.to_vec());
        let values = next()?.iter().map(|value| value.cast_signed()).collect();
        let groups = numbers(next()?, u16::from_le_bytes).into_iter().zip(u32_list(next()?)).collect();
        let (posting_ends, documents) = (u32_list(next()?), u32_list(next()?));
        let (marks, hashed) = (numbers(next()?, |[field, weight]| (field, weight)), pairs(next()?));
        let postings = Postings { text, ends, vector_ends, places, values, groups, posting_ends, documents, marks, hashed };
        let (tables, columns) = (u32_list(next()?), numbers(next()?, u16::from_le_bytes));
        let kinds = numbers(next()?, |[kind, length]| (kind, length));
        let entry = |((table, column), (kind, length))| {
            let kind = Kind::ALL.get(usize::from(kind)).copied()?;
            Some(Entry { table, column, kind, length })
        };
        let entries: Option<Vec<Entry>> = tables.into_iter().zip(columns).zip(kinds).map(entry).collect();
        let entries = entries.ok_or_else(|| unreadable("of another kind of document"))?;
        let hashes = numbers(next()?, u64::from_le_bytes);
        let ids = serde_json::from_slice(next()?).map_err(|_| unreadable("not of text"))?;
        let (tables, schemas) = (u32_list(next()?), u32_list(next()?));
        let neighbours = Neighbours {
            ends: u32_list(next()?),
            others: pairs(next()?),
            column_ends: u32_list(next()?),
            columns: u32_list(next()?),
        };
        let counted = schemas.iter().all(|schema| (*schema as usize) < tables.len());
        if entries.len() != hashes.len() || schemas.len() != tables.len() || !counted {
            return Err(unreadable("of lists that do not fit each other"));
        }
        Ok(Self { postings, entries, hashes, ids, tables, schemas, neighbours })
    }
}

impl TextVectors {
    /// The vectors and the hashes of their texts as bytes, bound to the model they were made by.
    pub(crate) fn to_bytes(&self, model: &str) -> Vec<u8> {
        let (keys, vectors) = self.raw();
        let mut list = Lists::default();
        list.add(model.bytes());
        list.add(keys.into_iter().flatten());
        list.add(vectors.to_bytes());
        list.closed(Content::Texts)
    }

    /// What became `bytes`; nothing where another model made it.
    ///
    /// # Errors
    /// `Malformed`; make it anew.
    pub(crate) fn from_bytes(bytes: &[u8], model: &str) -> Result<Option<Self>> {
        let mut rest = opened(bytes, Content::Texts)?;
        let mut next = || list(&mut rest);
        if next()? != model.as_bytes() {
            return Ok(None);
        }
        let (keys, vectors) = (next()?.as_chunks().0.to_vec(), Vectors::from_bytes(next()?)?);
        Self::of_raw(keys, vectors).map(Some).ok_or_else(|| unreadable("of lists that do not fit each other"))
    }
}

impl Vectors {
    /// The vectors as bytes.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let (dimensions, parts, scales) = self.raw();
        let mut list = Lists::default();
        list.add(super::postings::size(dimensions).to_le_bytes());
        list.add(parts.iter().map(|part| part.cast_unsigned()));
        list.add(scales.iter().flat_map(|scale| scale.to_le_bytes()));
        list.closed(Content::Vectors)
    }

    /// The vectors that became `bytes`.
    ///
    /// # Errors
    /// `Malformed`; make them anew.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let mut rest = opened(bytes, Content::Vectors)?;
        let mut next = || list(&mut rest);
        let dimensions = u32_list(next()?).first().map_or(0, |first| *first as usize);
        let parts = next()?.iter().map(|part| part.cast_signed()).collect();
        let scales = numbers(next()?, f32::from_le_bytes);
        Self::of_raw(dimensions, parts, scales).ok_or_else(|| unreadable("of lists that do not fit each other"))
    }
}

/// Lists being written.
#[derive(Default)]
struct Lists(Vec<u8>);

impl Lists {
    fn add(&mut self, bytes: impl IntoIterator<Item = u8>) {
        let start = self.0.len();
        self.0.extend([0; 8]);
        self.0.extend(bytes);
        let length = (self.0.len() - start - 8) as u64;
        if let Some(place) = self.0.get_mut(start..start + 8) {
            place.copy_from_slice(&length.to_le_bytes());
        }
    }

    fn closed(self, content: Content) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEAD + self.0.len());
        bytes.extend(MARK);
        bytes.extend(VERSION.to_le_bytes());
        bytes.push(content as u8);
        bytes.extend(Sha256::digest(&self.0));
        bytes.extend(self.0);
        bytes
    }
}

fn u32s(numbers: &[u32]) -> impl Iterator<Item = u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes())
}

/// What follows the head, if it is what was written.
fn opened(bytes: &[u8], content: Content) -> Result<&[u8]> {
    let (head, body) = bytes.split_at_checked(HEAD).ok_or_else(|| unreadable("cut short"))?;
    let (mark, rest) = head.split_at(MARK.len());
    let (about, sum) = rest.split_at(3);
    if mark != MARK {
        return Err(unreadable("something else"));
    }
    let [low, high] = VERSION.to_le_bytes();
    if about != [low, high, content as u8] {
        return Err(unreadable("of another version"));
    }
    if Sha256::digest(body).as_slice() != sum {
        return Err(unreadable("damaged"));
    }
    Ok(body)
}

/// The next list.
fn list<'b>(rest: &mut &'b [u8]) -> Result<&'b [u8]> {
    let cut = || unreadable("cut short");
    let (length, after) = rest.split_first_chunk().ok_or_else(cut)?;
    let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| cut())?;
    let (own, after) = after.split_at_checked(length).ok_or_else(cut)?;
    *rest = after;
    Ok(own)
}

fn numbers<T, const N: usize>(bytes: &[u8], number: impl Fn([u8; N]) -> T) -> Vec<T> {
    bytes.as_chunks().0.iter().map(|chunk| number(*chunk)).collect()
}

fn u32_list(bytes: &[u8]) -> Vec<u32> {
    numbers(bytes, u32::from_le_bytes)
}

fn pairs(bytes: &[u8]) -> Vec<(u32, u32)> {
    numbers(bytes, |[a, b, c, d, e, f, g, h]| (u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h])))
}

fn unreadable(how: &str) -> Error {
    Error::malformed(format!("the stored index is {how}; it is made anew from the catalogue"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Quantised, Visible, documents};
    use super::*;
    use crate::catalog::Catalog;
    use crate::dialect::Dialect;
    use crate::error::ErrorKind;

    fn index() -> Index {
        let script = "CREATE TABLE customers (id int primary key, fullName text);
            CREATE TABLE orders (id int, customer_id int references customers (id), \"Größe\" text);";
        let catalog = Catalog::from_ddl(Dialect::Sqlite, script).unwrap();
        Index::build(&catalog, &documents(&catalog, &[], &[]))
    }

    #[test]
    fn bytes_become_the_same_index() {
        let index = index();
        let bytes = index.to_bytes();
        assert!(Index::from_bytes(&bytes).unwrap() == index);
        assert_eq!(Index::from_bytes(&Vectors::default().to_bytes()).unwrap_err().kind(), ErrorKind::Malformed);
        let mut vectors = Vectors::default();
        for vector in [[1.0, 2.0, -3.0], [0.5, 0.0, 0.1]] {
            vectors.push(&Quantised::of(&vector).unwrap());
        }
        assert_eq!(Vectors::from_bytes(&vectors.to_bytes()).unwrap(), vectors);
    }

    fn texts() -> TextVectors {
        let mut texts = TextVectors::default();
        for (text, vector) in [("customers", [1.0, 2.0]), ("orders", [-1.0, 0.5]), ("", [0.1, 0.1])] {
            texts.push(text, &Quantised::of(&vector).unwrap()).unwrap();
        }
        texts
    }

    #[test]
    fn vectors_of_texts_are_bound_to_their_model() {
        let (texts, empty) = (texts(), TextVectors::default());
        assert_eq!(TextVectors::from_bytes(&texts.to_bytes("mini 1"), "mini 1").unwrap(), Some(texts.clone()));
        assert_eq!(TextVectors::from_bytes(&empty.to_bytes("mini 1"), "mini 1").unwrap(), Some(empty));
        assert_eq!(TextVectors::from_bytes(&texts.to_bytes("mini 1"), "mini 2").unwrap(), None);
        assert!(TextVectors::from_bytes(&index().to_bytes(), "mini 1").is_err());
        let bytes = texts.to_bytes("mini 1");
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 0x20;
            assert!(
                TextVectors::from_bytes(&changed, "mini 1").is_err() && TextVectors::from_bytes(&bytes[..at], "mini 1").is_err()
            );
        }
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let bytes = index().to_bytes();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 0x20;
            assert_eq!(Index::from_bytes(&changed).unwrap_err().kind(), ErrorKind::Malformed, "{at}");
        }
        for length in 0..bytes.len() {
            assert!(Index::from_bytes(&bytes[..length]).is_err(), "{length}");
        }
    }

    proptest! {
        /// Who can write the checksum, too, does not make a search panic.
        #[test]
        fn forged_bytes_are_refused_or_searched(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
            let bytes = index().to_bytes();
            let mut body = bytes[HEAD..].to_vec();
            for (at, byte) in changes {
                let at = at.index(body.len());
                body[at] = byte;
            }
            let forged = Lists(body).closed(Content::Index);
            if let Ok(index) = Index::from_bytes(&forged) {
                index.search("customer order names", &Visible::all(), 5);
                index.tables("customer order names", &Visible::all(), 5);
                index.columns("customer order names", &Visible::all(), 5);
            }
        }

        #[test]
        fn forged_vectors_are_refused_or_compared(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
            let bytes = texts().to_bytes("m");
            let mut body = bytes[HEAD..].to_vec();
            for (at, byte) in changes {
                let at = at.index(body.len());
                body[at] = byte;
            }
            if let Ok(Some(texts)) = TextVectors::from_bytes(&Lists(body).closed(Content::Texts), "m") {
                texts.vectors().nearest(&Quantised::of(&[1.0, 0.0]).unwrap(), 0..9, 5);
            }
        }
    }
}
