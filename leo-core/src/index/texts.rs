//! Vectors by the texts they were made of, so that an embedder is asked once for each.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::{Quantised, Vectors};

/// A text by its hash.
pub(super) type Key = [u8; 16];

/// Vectors of one length, found by their texts.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct TextVectors {
    numbers: HashMap<Key, u32>,
    vectors: Vectors,
}

fn key(text: &str) -> Key {
    let mut key = [0; 16];
    key.iter_mut().zip(Sha256::digest(text.as_bytes())).for_each(|(own, byte)| *own = byte);
    key
}

impl TextVectors {
    /// Texts there are.
    pub(crate) fn len(&self) -> usize {
        self.vectors.len()
    }

    /// The number of a text's vector.
    pub(crate) fn number(&self, text: &str) -> Option<u32> {
        self.numbers.get(&key(text)).copied()
    }

    /// The vectors by their numbers.
    pub(crate) fn vectors(&self) -> &Vectors {
        &self.vectors
    }

    /// Adds the vector of a text that has none; `None` when it has another length than those that are there.
    pub(crate) fn push(&mut self, text: &str, vector: &Quantised) -> Option<()> {
        let number = self.vectors.push(vector)?;
        self.numbers.insert(key(text), number);
        Some(())
    }

    /// The keys in the order of their vectors, and these.
    pub(super) fn raw(&self) -> (Vec<Key>, &Vectors) {
        let mut numbered: Vec<(u32, Key)> = self.numbers.iter().map(|(key, number)| (*number, *key)).collect();
        numbered.sort_unstable();
        (numbered.into_iter().map(|(_, key)| key).collect(), &self.vectors)
    }

    /// Made of such lists; `None` when they do not fit each other.
    pub(super) fn of_raw(keys: Vec<Key>, vectors: Vectors) -> Option<Self> {
        let numbers: HashMap<Key, u32> = keys.into_iter().zip(0..).collect();
        (numbers.len() == vectors.len()).then_some(Self { numbers, vectors })
    }
}
