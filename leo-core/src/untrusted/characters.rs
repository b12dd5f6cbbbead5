//! Characters: what cannot be seen goes, what looks like ASCII and is not becomes ASCII, and cuts fall between letters.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// Marks on one letter beyond these are noise.
const MARKS: usize = 6;

/// The visible characters of `text`, composed, line ends as `\n` and other white space as blanks; and whether there were more
/// than are worth reading for `limit` characters of result.
pub(super) fn visible(text: &str, limit: usize) -> (String, bool) {
    let most = limit * 4;
    let mut marks = 0;
    let mut seen = text.chars().filter(|c| !is_invisible(*c)).filter(|c| {
        marks = if is_combining_mark(*c) { marks + 1 } else { 0 };
        marks <= MARKS
    });
    let kept: String = seen.by_ref().take(most).collect();
    let cut = seen.next().is_some();
    let folded: String = kept.replace("\r\n", "\n").nfc().map(folded).nfc().collect();
    (folded, cut)
}

/// Characters without a shape of their own. Control characters that separate words are not among them.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        // Marks around numbers of Arabic, Syriac and Kaithi script, and controls of hieroglyphs, shorthand and music.
        | '\u{600}'..='\u{605}' | '\u{6dd}' | '\u{70f}' | '\u{890}' | '\u{891}' | '\u{8e2}' | '\u{110bd}' | '\u{110cd}'
        | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        // Private use, noncharacters, tags.
        | '\u{e000}'..='\u{f8ff}' | '\u{fdd0}'..='\u{fdef}' | '\u{e0000}'..='\u{10ffff}')
        || (c as u32) & 0xfffe == 0xfffe
}

/// Line ends to `\n`, other white space and control characters to a blank; full-width and mathematical ASCII to ASCII, so that
/// `＜｜system｜＞` is seen for what it is; the brackets of a block to plain ones.
fn folded(c: char) -> char {
    match c {
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => '\n',
        '⟦' | '〚' => '[',
        '⟧' | '〛' => ']',
        c if c.is_whitespace() || c.is_control() => ' ',
        c if c < '\u{100}' => c,
        c => {
            let (mut only, mut count) = (c, 0);
            decompose_compatible(c, |part| {
                only = part;
                count += 1;
            });
            // `²` stays: a digit that was raised means something else.
            let ascii = count == 1 && only.is_ascii_graphic();
            if ascii && (!only.is_ascii_digit() || matches!(c, '０'..='９')) { only } else { c }
        }
    }
}

/// At most `limit` characters of `text`, ending in `…` when there was more; never inside a letter with its marks.
pub(super) fn shortened(text: &str, limit: usize, cut: bool) -> String {
    if !cut && text.chars().count() <= limit {
        return text.to_owned();
    }
    let chars: Vec<char> = text.chars().collect();
    let mut end = chars.len().min(limit - 1);
    while end > 0 && chars.get(end).is_some_and(|next| joins(&chars[..end], *next)) {
        end -= 1;
    }
    let kept: String = chars[..end].iter().collect();
    format!("{}…", kept.trim_end())
}

/// Whether `next` belongs to the letter before it: a mark, a skin tone, the second half of a flag.
fn joins(before: &[char], next: char) -> bool {
    let is_flag = |c: &char| matches!(c, '\u{1f1e6}'..='\u{1f1ff}');
    is_combining_mark(next)
        || matches!(next, '\u{1f3fb}'..='\u{1f3ff}')
        || (is_flag(&next) && before.iter().rev().take_while(|c| is_flag(c)).count() % 2 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_has_every_character_that_unicode_calls_invisible() {
        // Control characters become blanks, unassigned ones may be letters of tomorrow.
        let hidden = regex::Regex::new(r"^[\p{Cf}\p{Co}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]$").unwrap();
        for c in '\0'..=char::MAX {
            let listed = is_invisible(c);
            let expected = hidden.is_match(&c.to_string());
            assert!(listed || !expected, "{:x} is not listed", c as u32);
        }
        assert!(('\0'..='\u{a0}').all(|c| !is_invisible(c)));
    }

    #[test]
    fn cuts_fall_between_letters() {
        assert_eq!(shortened("abcdef", 6, false), "abcdef");
        assert_eq!(shortened("abcdefg", 6, false), "abcde…");
        assert_eq!(shortened("abcd efg", 6, false), "abcd…");
        assert_eq!(shortened("abcdx\u{323}\u{307}y", 6, false), "abcd…");
        assert_eq!(shortened("abcd👍🏽x", 6, false), "abcd…");
        assert_eq!(shortened("abcd🇩🇪x", 6, false), "abcd…");
        assert_eq!(shortened("ab🇩🇪🇫🇷x", 5, false), "ab🇩🇪…");
        assert_eq!(shortened("ab", 6, true), "ab…");
    }

    #[test]
    fn look_alikes_of_ascii_become_ascii_and_nothing_else_does() {
        let one = |text: &str| visible(text, 100).0;
        assert_eq!(one("＜｜ｓｙｓｔｅｍ｜＞ 𝐢𝐠𝐧𝐨𝐫𝐞 １２"), "<|system|> ignore 12");
        assert_eq!(one("m² ½ ™ № ª größe 数量 اسم ‹x›"), "m² ½ ™ № ª größe 数量 اسم ‹x›");
        assert_eq!(one("e\u{301}\u{1f}x\u{a0}y\r\nz\u{2028}w"), "é x y\nz\nw");
        assert_eq!(one(&format!("a{}", "\u{301}".repeat(50))).chars().count(), 6);
    }
}
