//! The encoding of a text, found out from its first bytes.

use std::io::Read;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::input::Transcoded;

/// How the bytes of a text become characters.
#[derive(Debug, Clone, Copy)]
pub(super) struct TextEncoding {
    /// The encoding of most of it.
    pub(super) main: &'static Encoding,
    /// The encoding of fields that are not in the main one.
    pub(super) other: &'static Encoding,
    /// Bytes of the mark at the beginning.
    pub(super) mark: usize,
}

impl TextEncoding {
    /// Whether every character takes two bytes or four, so that the text has to be turned into UTF-8 as a whole.
    pub(super) fn is_wide(self) -> bool {
        self.main == UTF_16LE || self.main == UTF_16BE
    }

    /// `bytes` as they are read on: a wide encoding is turned into UTF-8 first.
    pub(super) fn narrowed(self, bytes: Box<dyn Read>) -> Box<dyn Read> {
        match self.is_wide() {
            true => Box::new(Transcoded::new(bytes, self.main)),
            false => bytes,
        }
    }

    /// Finds out the encoding of a text that begins with `head`; `None` when it is no text.
    pub(super) fn detect(head: &[u8], complete: bool) -> Option<Self> {
        if let Some((main, mark)) = Encoding::for_bom(head) {
            return Some(Self { main, other: WINDOWS_1252, mark });
        }
        if let Some(main) = wide(head) {
            return Some(Self { main, other: WINDOWS_1252, mark: 0 });
        }
        let control = |byte: &&u8| **byte < 32 && !matches!(**byte, b'\n' | b'\r' | b'\t' | 0x0b | 0x0c | 0x1a | 0x1b);
        if head.iter().filter(control).count() * 100 > head.len().max(100) {
            return None;
        }
        let (mut valid, mut invalid) = (0, 0);
        let mut rest = head;
        loop {
            match std::str::from_utf8(rest) {
                Ok(text) => {
                    valid += text.chars().filter(|c| !c.is_ascii()).count();
                    break;
                }
                Err(error) => {
                    let (good, bad) = rest.split_at(error.valid_up_to());
                    valid += good.iter().filter(|byte| **byte >= 0xc0).count();
                    // A character cut off at the end of the head is none of the text's faults.
                    let Some(length) = error.error_len() else {
                        invalid += usize::from(complete);
                        break;
                    };
                    invalid += 1;
                    rest = bad.get(length..).unwrap_or_default();
                }
            }
        }
        let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
        detector.feed(head, complete);
        let guess = detector.guess(None, Utf8Detection::Deny);
        Some(match invalid {
            0 => Self { main: UTF_8, other: WINDOWS_1252, mark: 0 },
            _ if valid >= invalid => Self { main: UTF_8, other: guess, mark: 0 },
            _ => Self { main: guess, other: UTF_8, mark: 0 },
        })
    }

    /// The text of `bytes` where it is written the same in UTF-8; `None` where it is not, or may not be.
    pub(super) fn as_it_is(self, bytes: &[u8]) -> Option<&str> {
        match self.main == UTF_8 || self.is_wide() || bytes.is_ascii() {
            true => std::str::from_utf8(bytes).ok(),
            false => None,
        }
    }

    /// Adds `bytes` to `text`; whether some of them were not in the main encoding.
    pub(super) fn decode(self, bytes: &[u8], text: &mut String) -> bool {
        match std::str::from_utf8(bytes) {
            Ok(valid) => {
                // In a single-byte encoding, hardly any text looks like UTF-8 by accident.
                let foreign = self.main != UTF_8 && !self.is_wide() && !valid.is_ascii();
                if foreign && !self.main.is_single_byte() {
                    text.push_str(&self.main.decode_without_bom_handling(bytes).0);
                    return false;
                }
                text.push_str(valid);
                foreign
            }
            Err(_) => {
                let encoding = if self.main == UTF_8 || self.is_wide() { self.other } else { self.main };
                let (decoded, bad) = encoding.decode_without_bom_handling(bytes);
                text.push_str(&decoded);
                bad || self.main == UTF_8 || self.is_wide()
            }
        }
    }
}

/// UTF-16 without a mark: in most texts, every other byte is 0.
fn wide(head: &[u8]) -> Option<&'static Encoding> {
    let sample = head.get(..head.len().min(4_096) & !1)?;
    let zeros = |offset: usize| sample.iter().skip(offset).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd, half) = (zeros(0), zeros(1), sample.len() / 2);
    match half {
        0 | 1 => None,
        _ if odd * 10 > half * 6 && even * 10 < half => Some(UTF_16LE),
        _ if even * 10 > half * 6 && odd * 10 < half => Some(UTF_16BE),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn detect(bytes: &[u8]) -> &'static str {
        TextEncoding::detect(bytes, true).map_or("none", |encoding| encoding.main.name())
    }

    #[test]
    fn encodings_are_found() {
        let wide: Vec<u8> = "name;größe\nx;1\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let marked: Vec<u8> = [0xfe, 0xff].into_iter().chain("a,b".encode_utf16().flat_map(u16::to_be_bytes)).collect();
        assert_eq!(detect(b"a,b\n1,2\n"), "UTF-8");
        assert_eq!(detect("a,größe\n".as_bytes()), "UTF-8");
        assert_eq!(detect(b"\xef\xbb\xbfa,b\n"), "UTF-8");
        assert_eq!(detect(&wide), "UTF-16LE");
        assert_eq!(detect(&marked), "UTF-16BE");
        assert_eq!(detect(b"name,stra\xdfe\nM\xfcller,K\xf6ln\nJos\xe9,Stra\xdfe\n"), "windows-1252");
        assert_eq!(detect(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f"), "none");
    }

    #[test]
    fn fields_of_another_encoding_are_read_and_noted() {
        let encoding = TextEncoding::detect("größe,länge\n".as_bytes(), true).unwrap();
        let mut text = String::new();
        assert!(!encoding.decode("ü".as_bytes(), &mut text));
        assert!(encoding.decode(b"K\xf6ln", &mut text));
        assert_eq!(text, "üKöln");
    }
}
