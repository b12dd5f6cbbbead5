//! The format of a CSV text: delimiter, quote, escape and line end, found out from its first bytes.

use super::csv::Splitter;

/// Records looked at.
const RECORDS: usize = 300;

/// How a CSV text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Format {
    pub(super) delimiter: u8,
    pub(super) quote: u8,
    /// A quote inside quotes is written `\"`.
    pub(super) backslash: bool,
    pub(super) line_end: u8,
    /// The first line is `sep=;`, which Excel reads.
    pub(super) sep_line: bool,
}

impl Format {
    /// The delimiter, by name.
    pub(super) fn delimiter_name(self) -> &'static str {
        match self.delimiter {
            b'\t' => "tab",
            b';' => "semicolon",
            b'|' => "bar",
            _ => "comma",
        }
    }

    /// The most likely format of a text that begins with `head`; `tab` when the file's name says that tabs separate.
    pub(super) fn detect(head: &[u8], tab: bool) -> Self {
        let line_end = if !head.contains(&b'\n') && head.contains(&b'\r') { b'\r' } else { b'\n' };
        let count = |part: &[u8]| head.windows(part.len()).filter(|window| *window == part).count();
        let quote = if !head.contains(&b'"') && count(b"','") + count(b"';'") > 1 { b'\'' } else { b'"' };
        let backslash = count(&[b'\\', quote]) > 0;
        let mut format = Self { delimiter: b',', quote, backslash, line_end, sep_line: false };
        if let Some(&delimiter) =
            head.strip_prefix(b"sep=").and_then(|rest| rest.first()).filter(|byte| byte.is_ascii_punctuation() || **byte == b'\t')
        {
            (format.delimiter, format.sep_line) = (delimiter, true);
            return format;
        }
        let mut best = (-1.0, b',');
        // Where two are as good, the one that is rarer inside texts.
        for delimiter in [b'\t', b';', b'|', b','] {
            let score = format.with(delimiter).score(head) + if tab && delimiter == b'\t' { 0.5 } else { 0.0 };
            if score > best.0 {
                best = (score, delimiter);
            }
        }
        format.with(best.1)
    }

    fn with(self, delimiter: u8) -> Self {
        Self { delimiter, ..self }
    }

    /// Share of records that have the most frequent number of fields; 0 where that is one field.
    fn score(self, head: &[u8]) -> f64 {
        let mut splitter = Splitter::new(self);
        let mut counts: Vec<usize> = Vec::new();
        // The last line may be cut off.
        let whole = head.iter().rposition(|byte| *byte == self.line_end).map_or(head.len(), |at| at + 1);
        for line in head.get(..whole).unwrap_or_default().split_inclusive(|byte| *byte == self.line_end) {
            if splitter.is_new() && line.iter().all(u8::is_ascii_whitespace) && !line.contains(&self.delimiter) {
                continue;
            }
            if splitter.feed(line) {
                counts.push(splitter.fields().count());
                splitter.clear();
            }
            if counts.len() >= RECORDS {
                break;
            }
        }
        let modal = counts
            .iter()
            .copied()
            .filter(|count| *count > 1)
            .max_by_key(|count| (counts.iter().filter(|other| *other == count).count(), *count));
        modal.map_or(0.0, |modal| counts.iter().filter(|count| **count == modal).count() as f64 / counts.len() as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delimiters_are_found() {
        for (text, delimiter) in [
            ("a,b\n1,2\n", "comma"),
            ("a;b\n1,5;2,5\n3,5;4,5\n", "semicolon"),
            ("1,5;2,5\n3,5;4,5\n", "semicolon"),
            ("a\tb, c\n1\t2\n", "tab"),
            ("a|b\n1|2\n", "bar"),
            ("name,note\nx,\"a;b;c\"\ny,\"d;e;f\"\n", "comma"),
            ("a\n1\n2\n", "tab"),
            ("sep=;\na;b\n", "semicolon"),
            ("a,b\r1,2\r", "comma"),
        ] {
            assert_eq!(Format::detect(text.as_bytes(), false).delimiter_name(), delimiter, "{text:?}");
        }
        assert_eq!(Format::detect(b"a,b\r1,2\r", false).line_end, b'\r');
        assert!(Format::detect(b"a,b\n\"x \\\"y\\\"\",2\n", false).backslash);
        assert_eq!(Format::detect(b"'a','b'\n'x','y'\n", false).quote, b'\'');
    }
}
