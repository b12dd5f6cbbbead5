//! A text as words and signs, as BERT reads it: cleaned, in small letters without accents, every ideograph and every sign alone.

use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization;

/// What is done with a text before its words are looked up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Reading {
    /// Leave out what cannot be seen.
    pub(super) clean: bool,
    /// Take every Chinese character for a word.
    pub(super) separate_ideographs: bool,
    pub(super) strip_accents: bool,
    pub(super) lowercase: bool,
}

/// A pattern of characters. All are written here, and the tests use each.
fn pattern(text: &str) -> Option<Regex> {
    Regex::new(text).ok()
}

/// Control and format characters, and those of private use; tabs and ends of lines are blanks.
static UNSEEN: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(r"[[\u{FFFD}\p{Cc}\p{Cf}\p{Co}]--[\t\n\r]]"));
static ACCENTS: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(r"\p{Mn}"));
/// A sign, which stands alone, or a run of what is neither sign nor blank.
static WORDS: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(r"[\p{P}$+<=>^`|~]|[^\s\p{P}$+<=>^`|~]+"));
/// Chinese characters as BERT counts them: not the letters of Japanese and Korean.
static IDEOGRAPHS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"[\u{4E00}-\u{9FFF}\u{3400}-\u{4DBF}\u{20000}-\u{2A6DF}\u{2A700}-\u{2B73F}\u{2B740}-\u{2B81F}\u{2B920}-\u{2CEAF}\u{F900}-\u{FAFF}\u{2F800}-\u{2FA1F}]",
    )
});

fn replaced(pattern: &LazyLock<Option<Regex>>, text: String, with: &str) -> String {
    match pattern.as_ref() {
        Some(pattern) if pattern.is_match(&text) => pattern.replace_all(&text, with).into_owned(),
        _ => text,
    }
}

impl Reading {
    /// The text as its words are written in the vocabulary.
    pub(super) fn normalised(self, text: &str) -> String {
        let mut text = text.to_owned();
        if self.clean {
            text = replaced(&UNSEEN, text, "");
        }
        if self.separate_ideographs {
            text = replaced(&IDEOGRAPHS, text, " $0 ");
        }
        if self.strip_accents {
            text = replaced(&ACCENTS, text.nfd().collect(), "");
        }
        if self.lowercase {
            // Letter by letter: a sigma at the end of a word is one like any other.
            text = text.chars().flat_map(char::to_lowercase).collect();
        }
        text
    }
}

/// Words and signs of a normalised text.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    WORDS.iter().flat_map(move |pattern| pattern.find_iter(text)).map(|found| found.as_str())
}
