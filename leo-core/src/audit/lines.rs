//! Reading a file line by line from its end, in bounded memory.

use std::io::{self, Read, Seek, SeekFrom};

const CHUNK: u64 = 64 << 10;

/// The lines of a file, last first. What follows the last newline comes first, when it is not empty.
pub(in crate::audit) struct BackwardLines<R> {
    file: R,
    /// Bytes before the buffer that were not read yet.
    unread: u64,
    buffer: Vec<u8>,
    max_line: usize,
    ended: bool,
}

/// A line without its newline.
pub(in crate::audit) struct BackwardLine {
    /// Where it starts in the file.
    pub(in crate::audit) start: u64,
    pub(in crate::audit) bytes: Vec<u8>,
    /// Whether a newline ends it.
    pub(in crate::audit) terminated: bool,
}

impl<R: Read + Seek> BackwardLines<R> {
    /// Lines longer than `max_line` end the reading with `InvalidData`.
    pub(in crate::audit) fn new(mut file: R, max_line: usize) -> io::Result<Self> {
        let unread = file.seek(SeekFrom::End(0))?;
        Ok(Self { file, unread, buffer: Vec::new(), max_line, ended: unread == 0 })
    }

    fn read_chunk(&mut self) -> io::Result<()> {
        let size = self.unread.min(CHUNK);
        self.unread -= size;
        self.file.seek(SeekFrom::Start(self.unread))?;
        let mut chunk = vec![0; usize::try_from(size).unwrap_or(0)];
        self.file.read_exact(&mut chunk)?;
        chunk.append(&mut self.buffer);
        self.buffer = chunk;
        Ok(())
    }

    fn line(&mut self) -> io::Result<BackwardLine> {
        if self.buffer.is_empty() {
            self.read_chunk()?;
        }
        let terminated = self.buffer.last() == Some(&b'\n');
        if terminated {
            self.buffer.pop();
        }
        // Searched from here down, so that a long line is not searched again after each chunk.
        let mut searched = self.buffer.len();
        loop {
            let unsearched = self.buffer.get(..searched).unwrap_or_default();
            if let Some(newline) = unsearched.iter().rposition(|byte| *byte == b'\n') {
                let bytes = self.buffer.split_off(newline + 1);
                return Ok(BackwardLine { start: self.unread + newline as u64 + 1, bytes, terminated });
            }
            if self.unread == 0 {
                self.ended = true;
                return Ok(BackwardLine { start: 0, bytes: std::mem::take(&mut self.buffer), terminated });
            }
            if self.buffer.len() > self.max_line {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "a line is longer than a record may be"));
            }
            let before = self.buffer.len();
            self.read_chunk()?;
            searched = self.buffer.len() - before;
        }
    }
}

impl<R: Read + Seek> Iterator for BackwardLines<R> {
    type Item = io::Result<BackwardLine>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let line = self.line();
        self.ended |= line.is_err();
        Some(line)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn backward(text: &[u8]) -> Vec<(u64, Vec<u8>, bool)> {
        BackwardLines::new(Cursor::new(text), 1 << 20)
            .unwrap()
            .map(|line| line.map(|line| (line.start, line.bytes, line.terminated)).unwrap())
            .collect()
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(48))]
        #[test]
        fn the_same_lines_as_forward(lines in proptest::collection::vec("[a-z]{0,12}|x{60000,140000}", 0..8), torn in "[a-z]{0,9}") {
            let text = lines.iter().map(|line| format!("{line}\n")).collect::<String>() + &torn;
            let mut expected = Vec::new();
            let mut start = 0;
            for line in text.split_inclusive('\n') {
                let bytes = line.trim_end_matches('\n').as_bytes().to_vec();
                expected.insert(0, (start, bytes, line.ends_with('\n')));
                start += line.len() as u64;
            }
            proptest::prop_assert!(backward(text.as_bytes()) == expected);
        }
    }

    #[test]
    fn a_line_without_end_is_not_read_into_memory() {
        let mut lines = BackwardLines::new(Cursor::new(vec![b'x'; 1 << 20]), 1000).unwrap();
        assert_eq!(lines.next().unwrap().err().unwrap().kind(), io::ErrorKind::InvalidData);
        assert!(lines.next().is_none());
    }
}
