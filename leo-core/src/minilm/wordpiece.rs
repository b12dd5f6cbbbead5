//! Texts as numbers of words and pieces of words: WordPiece, the longest piece first.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::words::{Reading, words};

/// What stands before the pieces of a word behind its first.
const CONTINUED: &str = "##";

/// The words that a model knows, and how texts are cut into them.
#[derive(Debug)]
pub(super) struct WordPiece {
    /// Whole words and first pieces.
    first: HashMap<Box<str>, u32>,
    /// Later pieces, without the mark before them.
    later: HashMap<Box<str>, u32>,
    begin: u32,
    end: u32,
    unknown: u32,
    /// Characters of a word; longer ones are unknown.
    longest: usize,
    reading: Reading,
    max_pieces: usize,
}

impl WordPiece {
    /// `None` where words are missing that every text needs.
    pub(super) fn new(
        vocabulary: HashMap<String, u32>,
        unknown: &str,
        longest: usize,
        reading: Reading,
        max_pieces: usize,
    ) -> Option<Self> {
        let [begin, end, unknown] = ["[CLS]", "[SEP]", unknown].map(|word| vocabulary.get(word).copied());
        let (begin, end, unknown) = (begin?, end?, unknown?);
        let (mut first, mut later) = (HashMap::with_capacity(vocabulary.len()), HashMap::new());
        for (word, id) in vocabulary {
            match word.strip_prefix(CONTINUED) {
                Some(piece) if !piece.is_empty() => _ = later.insert(piece.into(), id),
                _ => _ = first.insert(word.into_boxed_str(), id),
            }
        }
        Some(Self { first, later, begin, end, unknown, longest: longest.min(200), reading, max_pieces })
    }

    /// Numbers of the pieces of a text, between that of its beginning and that of its end.
    pub(super) fn pieces(&self, text: &str) -> Vec<u32> {
        let room = self.max_pieces.saturating_sub(2);
        // Every piece has a character: what is far behind the room is not looked at, however long the text is.
        let seen = text.char_indices().nth(room.saturating_mul(self.longest + 1)).map_or(text.len(), |(end, _)| end);
        let text = self.reading.normalised(text.get(..seen).unwrap_or_default());
        let mut pieces = vec![self.begin];
        for word in words(&text) {
            if pieces.len() > room {
                break;
            }
            self.cut(word, &mut pieces);
        }
        pieces.truncate(room + 1);
        pieces.push(self.end);
        pieces
    }

    /// Adds the pieces of a word: none of them unknown, or one that says that the word is.
    fn cut(&self, word: &str, pieces: &mut Vec<u32>) {
        let start = pieces.len();
        let mut rest = if word.chars().nth(self.longest).is_none() { word } else { "" };
        let mut known = &self.first;
        while !rest.is_empty() {
            let ends = rest.char_indices().map(|(at, sign)| at + sign.len_utf8()).rev();
            let longest = ends.filter_map(|end| rest.split_at_checked(end));
            let Some((id, behind)) = longest.filter_map(|(piece, behind)| Some((*known.get(piece)?, behind))).next() else {
                pieces.truncate(start);
                break;
            };
            pieces.push(id);
            (rest, known) = (behind, &self.later);
        }
        if pieces.len() == start {
            pieces.push(self.unknown);
        }
    }

    /// SHA-256 over everything that decides about pieces.
    pub(super) fn hash(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(format!("{:?} {:?} {}", [self.begin, self.end, self.unknown], self.reading, self.longest));
        for (mark, known) in [("", &self.first), (CONTINUED, &self.later)] {
            let mut words: Vec<(u32, &str)> = known.iter().map(|(word, id)| (*id, &**word)).collect();
            words.sort_unstable();
            for (id, word) in words {
                hash.update(format!("{id} {mark}{word}\0"));
            }
        }
        hash.finalize().into()
    }
}
