//! A page of plain text: paragraphs wrapped to the width, a few styles, and nothing in it that controls the terminal.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::chart::format::printable;

/// Narrowest a paragraph is made, whatever its indentation.
const MIN_ROOM: usize = 16;

/// How text looks where styles are allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Bold,
    Dim,
    Warning,
}

impl Style {
    fn sequence(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Bold => Some("\u{1b}[1m"),
            Self::Dim => Some("\u{1b}[2m"),
            Self::Warning => Some("\u{1b}[33m"),
        }
    }
}

/// The text so far.
pub(super) struct Page {
    out: String,
    width: Option<usize>,
    colour: bool,
}

impl Page {
    pub(super) fn new(width: Option<usize>, colour: bool) -> Self {
        Self { out: String::new(), width, colour }
    }

    /// A paragraph behind `lead`; its further lines are indented by as much.
    pub(super) fn paragraph(&mut self, style: Style, lead: &str, text: &str) {
        let text = printable(text);
        let indent = " ".repeat(lead.width());
        let room = self.width.map(|width| width.saturating_sub(indent.len()).max(MIN_ROOM));
        let lines = text.lines().flat_map(|line| wrap(line, room));
        for (at, line) in lines.enumerate() {
            let start = if at == 0 { lead } else { &indent };
            self.line(style, &format!("{start}{line}"));
        }
    }

    /// Lines as they are, indented.
    pub(super) fn verbatim(&mut self, indent: &str, text: &str) {
        for line in printable(text).lines() {
            self.line(Style::Plain, &format!("{indent}{line}"));
        }
    }

    /// Lines that are laid out, styled and safe already.
    pub(super) fn block(&mut self, text: &str) {
        self.out.push_str(text);
    }

    /// Sets what follows apart.
    pub(super) fn gap(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    pub(super) fn finish(mut self) -> String {
        self.out.truncate(self.out.trim_end().len());
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        self.out
    }

    fn line(&mut self, style: Style, line: &str) {
        // What must not be broken was held together until here.
        let line = line.trim_end().replace('\u{a0}', " ");
        match style.sequence().filter(|_| self.colour && !line.is_empty()) {
            Some(sequence) => self.out.extend([sequence, &line, "\u{1b}[0m"]),
            None => self.out.push_str(&line),
        }
        self.out.push('\n');
    }
}

/// `line` in pieces of at most `room` places, broken between words where there are any.
fn wrap(line: &str, room: Option<usize>) -> Vec<String> {
    let Some(room) = room else { return vec![line.to_owned()] };
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in line.split(' ').filter(|word| !word.is_empty()) {
        let width = word.width();
        if used > 0 && used + 1 + width > room {
            lines.push(String::new());
            used = 0;
        }
        let Some(current) = lines.last_mut() else { break };
        if used > 0 {
            current.push(' ');
            used += 1;
        }
        if width <= room {
            current.push_str(word);
            used += width;
            continue;
        }
        // Longer than a line: scripts without spaces, paths.
        for c in word.chars() {
            let wide = c.width().unwrap_or(0);
            if used + wide > room {
                lines.push(String::new());
                used = 0;
            }
            if let Some(current) = lines.last_mut() {
                current.push(c);
            }
            used += wide;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_are_wrapped_and_hang() {
        let mut page = Page::new(Some(24), false);
        page.paragraph(Style::Plain, "1. ", "orders of the year before, by region");
        assert_eq!(page.finish(), "1. orders of the year\n   before, by region\n");
    }

    #[test]
    fn long_words_and_wide_letters_break_anywhere() {
        assert_eq!(wrap("日本語の名前です", Some(6)), ["日本語", "の名前", "です"]);
        assert_eq!(wrap("a abcdefgh", Some(5)), ["a", "abcde", "fgh"]);
        assert_eq!(wrap("", Some(5)), [""]);
    }

    #[test]
    fn styles_are_for_those_who_want_them() {
        let mut page = Page::new(None, true);
        page.paragraph(Style::Dim, "", "a\u{1b}[31mb");
        assert_eq!(page.finish(), "\u{1b}[2ma\u{fffd}[31mb\u{1b}[0m\n");
        let mut page = Page::new(None, false);
        page.gap();
        page.paragraph(Style::Bold, "", "a");
        page.gap();
        page.gap();
        page.verbatim("  ", "x\ny");
        assert_eq!(page.finish(), "a\n\n  x\n  y\n");
    }
}
